package paste

import (
	"context"
	"slices"
	"sync"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// Session is one session's part in a desk. Run moves things, the other methods
// only note what happened and return at once.
type Session struct {
	desk       *Desk
	role       wire.Role
	tell, take wire.Permission // what it needs to tell what is copied here, and to take what is copied there
	deliver    Deliver
	sends      chan struct{} // one place: something is to be said
	moves      chan struct{} // one place: something is to be done with the board

	// The following are guarded by desk.mu.
	may    wire.Permission
	line   Sender // nil while there is no connection
	linked bool   // this side has said Attach on it

	serial uint64          // of what was told last
	forms  []wire.ClipForm // of it
	unsaid bool            // it is to be told

	seen    uint64     // the serial of what was heard last
	theirs  *wire.Clip // what is copied there and may be pasted here
	kept    map[wire.ClipFormat][]byte
	lastID  uint32
	pending map[uint32]*fetching
	unasked []uint32                              // of pending
	reading map[*wire.ClipWant]context.CancelFunc // for the other side

	readers sync.WaitGroup // Run waits for them
}

// fetching is one form on its way from the other side.
type fetching struct {
	serial uint64
	format wire.ClipFormat
	data   []byte
	more   chan struct{} // one place: bytes have come
	done   chan struct{} // closed when all is there, or err is set
	err    error
}

func (s *Session) mayTellLocked() bool { return s.may.Has(s.tell) }
func (s *Session) mayTakeLocked() bool { return s.may.Has(s.take) }

// By says who sends the bytes of what the other side pastes. It is called before
// Connected.
func (s *Session) By(d Deliver) {
	if s == nil {
		return
	}
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	s.deliver = d
}

// Connected is a new connection. What was on its way on the one before is lost.
func (s *Session) Connected(line Sender) {
	if s == nil {
		return
	}
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	s.line, s.linked = line, false
}

// Disconnected is the loss of the connection. What is offered here stays: a
// program that pastes meanwhile waits for the next connection.
func (s *Session) Disconnected() {
	if s == nil {
		return
	}
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	s.line, s.linked = nil, false
}

// Changed takes in the session's newest state. Permissions that are gone take
// everything along that needed them, at once.
func (s *Session) Changed(st session.State) {
	if s == nil {
		return
	}
	d := s.desk
	d.mu.Lock()
	before := s.may
	s.may = st.Clips()
	if before&^s.may != 0 {
		s.forgetLocked()
	}
	if linked := st.Linked && s.line != nil; linked && !s.linked {
		s.linked = true
		s.anewLocked()
	}
	if s.may&^before != 0 && s.mayTellLocked() {
		if d.holder == s { // it was told so, and had to forget it
			s.tellLocked(d.forms)
		}
		d.offerLocked()
	}
	d.mu.Unlock()
	d.watch()
}

// forgetLocked drops what the permissions that are left don't cover.
func (s *Session) forgetLocked() {
	if !s.mayTellLocked() {
		for _, quit := range s.reading {
			quit()
		}
		s.forms, s.unsaid = nil, false
	}
	if !s.mayTakeLocked() {
		s.dropLocked()
	}
}

// dropLocked lets go of what is copied there.
func (s *Session) dropLocked() {
	s.theirs, s.kept = nil, nil
	for id, f := range s.pending {
		s.endLocked(id, f, errGone)
	}
	poke(s.moves)
}

// anewLocked says on a new connection what was said on the one before.
func (s *Session) anewLocked() {
	s.unsaid = s.unsaid || s.serial > 0 && s.mayTellLocked() // that nothing is copied any more, too
	waiting := s.pending
	s.pending, s.unasked, s.lastID = map[uint32]*fetching{}, nil, 0
	for _, f := range waiting {
		f.data = nil
		s.askLocked(f)
	}
	poke(s.sends)
}

// tellLocked has the other side told of what is copied here, nothing for nil.
func (s *Session) tellLocked(forms []wire.ClipForm) {
	s.serial++
	s.forms, s.unsaid = forms, true
	poke(s.sends)
}

// Heard takes a message from the other side: a Clip or a ClipWant.
func (s *Session) Heard(m wire.Message) {
	if s == nil {
		return
	}
	switch m := m.(type) {
	case *wire.Clip:
		s.heardClip(m)
	case *wire.ClipWant:
		s.heardWant(m)
	}
}

// heardClip takes in what is copied there. One that was heard before, on an
// earlier connection, changes nothing: something else may have been copied
// here since.
func (s *Session) heardClip(m *wire.Clip) {
	d := s.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	if !s.mayTakeLocked() || m.Serial <= s.seen {
		return
	}
	s.seen = m.Serial
	s.dropLocked()
	known := *m
	known.Forms = slices.DeleteFunc(slices.Clone(m.Forms), func(f wire.ClipForm) bool { return f.Format > wire.ClipPNG })
	if d.front == s && len(known.Forms) > 0 {
		s.theirs = &known
	}
}

// heardWant begins to answer who wants to paste what is copied here.
func (s *Session) heardWant(m *wire.ClipWant) {
	d := s.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	if !s.mayTellLocked() || s.line == nil {
		return
	}
	here := slices.ContainsFunc(s.forms, func(f wire.ClipForm) bool { return f.Format == m.Format })
	if d.holder != s || m.Serial != s.serial || !here || len(s.reading) >= readings {
		s.deliver(m.ID, nil, true)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	s.reading[m] = cancel
	line := s.line
	s.readers.Go(func() {
		defer cancel()
		s.answer(ctx, line, m)
	})
}

// answer reads what is wanted and delivers it, if it may still be had by then.
func (s *Session) answer(ctx context.Context, line Sender, m *wire.ClipWant) {
	d := s.desk
	data, err := d.board.Read(ctx, m.Format)
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(s.reading, m)
	if !s.mayTellLocked() || s.line != line {
		return
	}
	if d.holder != s || m.Serial != s.serial || err != nil || len(data) > wire.MaxClip {
		s.deliver(m.ID, nil, true)
		return
	}
	s.deliver(m.ID, data, false)
}

// Piece takes bytes from the other side. Data may be used again afterwards.
func (s *Session) Piece(p wire.ClipPiece) {
	if s == nil {
		return
	}
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	f := s.pending[p.ID]
	switch {
	case f == nil:
	case p.Failed || len(f.data)+len(p.Data) > wire.MaxClip:
		s.endLocked(p.ID, f, errGone)
	default:
		f.data = append(f.data, p.Data...)
		poke(f.more)
		if p.Last {
			s.endLocked(p.ID, f, nil)
		}
	}
}

func (s *Session) endLocked(id uint32, f *fetching, err error) {
	delete(s.pending, id)
	s.unasked = slices.DeleteFunc(s.unasked, func(x uint32) bool { return x == id })
	f.err = err
	close(f.done)
}

// fetch gets one form of what is copied there, for a program that pastes.
func (s *Session) fetch(ctx context.Context, c *wire.Clip, format wire.ClipFormat) ([]byte, error) {
	f, data := s.ask(c, format)
	if f == nil {
		if data == nil {
			return nil, errGone
		}
		return data, nil
	}
	late := time.NewTimer(idle)
	defer late.Stop()
	for {
		select {
		case <-f.done:
			return s.keep(c, f)
		case <-f.more:
			late.Reset(idle)
		case <-late.C:
			s.callOff(f, errSlow)
		case <-ctx.Done():
			s.callOff(f, context.Cause(ctx))
		}
	}
}

// ask begins a fetch, or finds what was fetched before.
func (s *Session) ask(c *wire.Clip, format wire.ClipFormat) (*fetching, []byte) {
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	if s.theirs != c || !s.mayTakeLocked() || len(s.pending) >= fetchings {
		return nil, nil
	}
	if data := s.kept[format]; data != nil {
		return nil, data
	}
	f := &fetching{serial: c.Serial, format: format, more: make(chan struct{}, 1), done: make(chan struct{})}
	s.askLocked(f)
	return f, nil
}

func (s *Session) askLocked(f *fetching) {
	s.lastID++
	s.pending[s.lastID] = f
	s.unasked = append(s.unasked, s.lastID)
	poke(s.sends)
}

// callOff ends a fetch from this side.
func (s *Session) callOff(f *fetching, err error) {
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	for id, x := range s.pending {
		if x == f {
			s.endLocked(id, f, err)
		}
	}
}

func (s *Session) keep(c *wire.Clip, f *fetching) ([]byte, error) {
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	switch {
	case f.err != nil:
		return nil, f.err
	case s.theirs != c: // the permission, or what is copied there, is another one now
		return nil, errGone
	case len(f.data) <= keepSize:
		if s.kept == nil {
			s.kept = map[wire.ClipFormat][]byte{}
		}
		s.kept[f.format] = f.data
	}
	return f.data, nil
}

// Run moves things until ctx ends, and leaves nothing of the other side's on
// the clipboard.
func (s *Session) Run(ctx context.Context) {
	if s == nil {
		return
	}
	var group sync.WaitGroup
	group.Go(func() { s.talk(ctx) })
	s.move(ctx)
	s.desk.leave(s)
	group.Wait()
	s.readers.Wait()
}

// talk says what is to be said. It may wait for the connection; nobody waits
// for it.
func (s *Session) talk(ctx context.Context) {
	for {
		select {
		case <-s.sends:
		case <-ctx.Done():
			return
		}
		line, say := s.gather()
		for _, m := range say {
			if line.Send(wire.Packet{Body: m}) != nil {
				break // the connection is going: it is said again on the next
			}
		}
	}
}

// gather takes what is to be said now.
func (s *Session) gather() (line Sender, say []wire.Message) {
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	if !s.linked {
		return nil, nil
	}
	if s.unsaid && s.mayTellLocked() {
		s.unsaid = false
		say = append(say, &wire.Clip{Serial: s.serial, Forms: s.forms})
	}
	for _, id := range s.unasked {
		f := s.pending[id]
		say = append(say, &wire.ClipWant{ID: id, Serial: f.serial, Format: f.format})
	}
	s.unasked = nil
	return s.line, say
}

// move keeps what is copied there on this computer's clipboard, as long as it
// may be.
func (s *Session) move(ctx context.Context) {
	var here *wire.Clip
	giveUp := func() {}
	defer func() { giveUp() }()
	for {
		select {
		case <-s.moves:
		case <-ctx.Done():
			return
		}
		s.desk.mu.Lock()
		there := s.theirs
		s.desk.mu.Unlock()
		if there == here {
			continue
		}
		giveUp()
		here, giveUp = there, func() {}
		if there == nil {
			continue
		}
		end, err := s.desk.board.Offer(there.Forms, func(ctx context.Context, f wire.ClipFormat) ([]byte, error) {
			return s.fetch(ctx, there, f)
		})
		if err == nil { // else somebody here copied something at that moment
			giveUp = end
		}
	}
}
