package shift

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"handrail/rep-console/console"
	"handrail/rep-console/record"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// ErrNoOrganisation: this console doesn't know the organisation's key.
var ErrNoOrganisation = errors.New("shift: no key of the organisation")

// Seal seals a part of a session's log under this console's certificate.
type Seal func(certificate []byte, log wire.Log) ([]byte, error)

const (
	busyLog   = 5 * time.Second // how long a broker is left in peace that can't keep more just now
	maxAnew   = 3               // how often a record is counted anew because the broker misses a part
	maxLogged = 4 * maxVisitors // records that are remembered
)

// records are what the broker is told of this console's sessions.
type records struct {
	wake chan struct{} // something may be due
	kept chan struct{} // the broker has kept something
	skew atomic.Int64  // this machine's clock is so much before the broker's
	read sync.Mutex    // one transcript is read at a time

	mu     sync.Mutex // guards the following
	byID   map[wire.SessionID]*logged
	keep   wire.Keep // what the organisation wants now
	seal   Seal      // nil where nothing can be sealed
	grants [][]byte
	before map[wire.SessionID]uint32 // parts the broker has of sessions that are yet to begin here
}

// logged is one of them.
type logged struct {
	*record.Record
	until time.Time // then the broker takes no more; zero while the session goes on
	rest  time.Time // until then it is busy
	anew  int
}

func newRecords() records {
	return records{
		wake: make(chan struct{}, 1), kept: make(chan struct{}, 1),
		byID: map[wire.SessionID]*logged{}, before: map[wire.SessionID]uint32{},
	}
}

// clock notes how much this machine's clock is before the broker's.
func (rs *records) clock(skew time.Duration) { rs.skew.Store(int64(skew)) }

func (rs *records) ahead() time.Duration { return time.Duration(rs.skew.Load()) }

// open says whether something of a session is still to be kept.
func (rs *records) open(id wire.SessionID) bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	l := rs.byID[id]
	return l != nil && !l.Done()
}

// anyOpen says so of all of them.
func (rs *records) anyOpen() bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, l := range rs.byID {
		if !l.Done() {
			return true
		}
	}
	return false
}

// has says whether more may be told of a session.
func (rs *records) has(id wire.SessionID) bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.byID[id] != nil
}

// unkept is what of a session the broker may not have heard.
func (rs *records) unkept(id wire.SessionID) []wire.Message {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	var all []wire.Message
	if l := rs.byID[id]; l != nil {
		for _, log := range l.Unkept() {
			all = append(all, log)
		}
	}
	return all
}

// happened enters what is new in a session, from when the rep has taken it.
func (s *Shift) happened(start *wire.Start, st session.State) {
	if st.Began.IsZero() {
		return
	}
	rs, now := &s.records, time.Now()
	rs.mu.Lock()
	defer rs.mu.Unlock()
	l := rs.byID[start.Session]
	if l == nil || !l.until.IsZero() && st.Stage != session.Over { // it was handed on, and is back
		l = &logged{Record: rs.begin(start.Session, l, st.Keep)}
		rs.byID[start.Session] = l
	}
	l.Changed(now, rs.ahead(), st)
	if l.Over() && l.until.IsZero() {
		l.until = now.Add(record.Life)
	}
	rs.forget()
	poke(rs.wake)
}

// begin makes the record of a session. The parts of one that was here before
// count on.
func (rs *records) begin(id wire.SessionID, before *logged, keep wire.Keep) *record.Record {
	r := record.New(id, keep)
	if before != nil {
		r.After(before.Record)
	}
	r.Behind(rs.before[id])
	delete(rs.before, id)
	return r
}

// forget drops the oldest of too many that are over.
func (rs *records) forget() {
	for len(rs.byID) > maxLogged {
		var oldest wire.SessionID
		for id, l := range rs.byID {
			if !l.until.IsZero() && (rs.byID[oldest] == nil || l.until.Before(rs.byID[oldest].until)) {
				oldest = id
			}
		}
		if rs.byID[oldest] == nil {
			return
		}
		delete(rs.byID, oldest)
	}
}

// keepRecords says what happens, part by part, until ctx ends.
func (s *Shift) keepRecords(ctx context.Context) {
	for {
		logs, events, next := s.records.cut(time.Now(), s.certified())
		for _, log := range logs {
			_ = s.sayAbout(log.Session, log) // what does not arrive is said again: see backAt
		}
		for _, e := range events {
			s.must(e)
		}
		var due <-chan time.Time
		if !next.IsZero() {
			due = time.After(time.Until(next))
		}
		select {
		case <-s.records.wake:
		case <-due:
		case <-ctx.Done():
			return
		}
	}
}

// cut makes the parts that are due, and says when more are.
func (rs *records) cut(now time.Time, certificate []byte) (logs []*wire.Log, events []console.Event, next time.Time) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	until := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	for id, l := range rs.byID {
		if !l.until.IsZero() && !now.Before(l.until) {
			if delete(rs.byID, id); !l.Done() {
				events = append(events, console.LogRefused{ID: id})
			}
			continue
		}
		if now.Before(l.rest) {
			until(l.rest)
			continue
		}
		if !l.rest.IsZero() {
			l.rest = time.Time{}
			logs = append(logs, l.Unkept()...)
		}
		more, err := l.cut(now, rs.keep, rs.sealer(certificate))
		if logs = append(logs, more...); err != nil {
			events = append(events, console.NotSealed{ID: id})
		}
		if at, ok := l.Due(); ok {
			until(at)
		}
		if !l.until.IsZero() {
			until(l.until)
		}
	}
	return logs, events, next
}

func (l *logged) cut(now time.Time, keep wire.Keep, seal record.Seal) (logs []*wire.Log, failed error) {
	for {
		log, err := l.Cut(now, keep, seal)
		failed = errors.Join(failed, err)
		if log == nil {
			return logs, failed
		}
		logs = append(logs, log)
	}
}

// sealer seals with what the organisation has given this console.
func (rs *records) sealer(certificate []byte) record.Seal {
	seal := rs.seal
	return func(log *wire.Log) ([]byte, error) {
		if seal == nil {
			return nil, ErrNoOrganisation
		}
		return seal(certificate, *log)
	}
}

// backAt hears that the broker that has a session has its rep back: what was
// said last may be lost.
func (s *Shift) backAt(id wire.SessionID) {
	for _, m := range s.records.unkept(id) {
		_ = s.sayAbout(id, m)
	}
}

// heardRecord takes what the broker says about records and invitations.
func (s *Shift) heardRecord(m wire.Message) {
	switch m := m.(type) {
	case *wire.Logged:
		s.records.logged(m, s.must)
	case *wire.Keeping:
		s.must(s.records.wants(m, s.doors.Seal))
	case *wire.Portal:
		s.must(console.PortalIs{Portal: *m})
	}
}

// logged hears which parts the broker has kept.
func (rs *records) logged(m *wire.Logged, tell func(console.Event)) {
	rs.mu.Lock()
	l, note := rs.byID[m.Session], uint64(0)
	switch {
	case l != nil:
		note = l.Logged(m.Part)
	case len(rs.before) < maxVisitors: // the session was here before this program
		rs.before[m.Session] = m.Part
	}
	rs.mu.Unlock()
	poke(rs.kept)
	if note != 0 {
		tell(console.NoteLogged{ID: m.Session, Serial: note})
	}
	poke(rs.wake)
}

// wants takes in what the organisation wants to be kept. A key that it has not
// signed is none.
func (rs *records) wants(m *wire.Keeping, check func(key []byte) (Seal, error)) console.Keeping {
	k := console.Keeping{Keep: m.Keep}
	var seal Seal
	if m.Keep == wire.KeepSealed {
		err := ErrNoOrganisation
		if check != nil {
			seal, err = check(m.Key)
		}
		switch {
		case errors.Is(err, ErrNoOrganisation):
			k.Trouble, seal = console.NoOrganisation, nil
		case err != nil:
			k.Trouble, seal = console.WrongKey, nil
		}
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.keep, rs.seal, rs.grants = m.Keep, seal, m.Grants
	return k
}

// refusedLog hears that the broker doesn't keep what was said about a session.
func (s *Shift) refusedLog(p *wire.Problem) {
	rs := &s.records
	rs.mu.Lock()
	l := rs.byID[p.Key]
	gone := false
	switch {
	case l == nil:
	case p.Code == wire.CodeGone, p.Code == wire.CodeMalformed && l.anew >= maxAnew:
		delete(rs.byID, p.Key)
		gone = true
	case p.Code == wire.CodeMalformed: // it misses a part: it says how far it has come, and all goes on from there
		l.anew++
		l.Anew()
	default:
		l.rest = time.Now().Add(busyLog)
	}
	rs.mu.Unlock()
	if gone {
		s.must(console.LogRefused{ID: p.Key})
	}
	poke(rs.wake)
}

// doRecord carries out what concerns records.
func (s *Shift) doRecord(f console.Effect) {
	switch f := f.(type) {
	case console.KeepNote:
		rs := &s.records
		rs.mu.Lock()
		l := rs.byID[f.ID]
		if l != nil {
			l.Note(time.Now(), rs.ahead(), f.Serial, f.Text, f.Outcome)
		}
		rs.mu.Unlock()
		if l == nil { // too late, or the broker doesn't want to hear of it
			s.follow = append(s.follow, console.LogRefused{ID: f.ID})
		} else if at := s.lineOf(f.ID); at == nil || !at.hot.Up() {
			s.reach(f.ID)
		}
		poke(rs.wake)
	case console.ReadTranscript:
		s.control.Go(func() { s.readTranscript(f.Path) })
	}
}

// readTranscript opens a file with what this console was granted.
func (s *Shift) readTranscript(path string) {
	rs := &s.records
	rs.read.Lock() // it may take a lot of memory
	defer rs.read.Unlock()
	rs.mu.Lock()
	grants := rs.grants
	rs.mu.Unlock()
	s.must(s.doors.Transcript(path, grants))
}

// lastWords says what there is to say when the program ends, and waits a moment
// for it to be kept.
func (s *Shift) lastWords() {
	poke(s.records.wake)
	late := time.NewTimer(farewell)
	defer late.Stop()
	for s.records.anyOpen() {
		select {
		case <-s.records.kept:
		case <-late.C:
			return
		}
	}
}
