package visit

import (
	"context"
	"errors"
	"image"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/courier"
	"handrail/shared/flow"
	"handrail/shared/frame"
	"handrail/shared/paste"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/share"
	"handrail/shared/wire"
)

// pulse is how often somebody looks whether the rep's side is still there,
// while something is shared: as often as its heartbeats come.
const pulse = 500 * time.Millisecond

// handOver is how long the rep's last keys on a connection that was replaced
// are waited for, as in package room.
const handOver = time.Second

// host carries out on the customer's machine what the session decides. The
// room calls it from one goroutine.
type host struct {
	w    *way
	room *room.Room
	why  wire.EndWhy

	peer   Peer
	flow   *flow.Shared       // of the peer
	cut    context.CancelFunc // of what listens to the peer and those before it
	ears   context.Context    // that cut ends
	deafen context.CancelFunc // of what listens to the peer alone
	end    <-chan bool        // of what listens to the peer: whether it heard everything
	group  sync.WaitGroup
	ready  chan struct{} // closed when it is known where the peer's input goes
	share  *share.Share  // while something is shared, connected or not
	screen sight
	live   chan struct{}      // while the share runs; closes when it has ended
	rest   context.CancelFunc // ends it
	count  share.Numbers      // of the shares that are over
	mark   Mark
	shut   bool // the gate, for a prompt
	look   wire.Profile

	clip     *paste.Session
	endClip  context.CancelFunc
	files    *courier.Courier
	endFiles context.CancelFunc

	edge atomic.Uint64 // the last of the rep's

	mu       sync.Mutex
	injector *share.Share // where input goes: share while control is allowed, or nil
}

func newHost(w *way) *host {
	h := &host{w: w, cut: func() {}, rest: func() {}}
	h.beginClip()
	h.beginFiles()
	return h
}

// Connected takes a new connection in, in place of the last if that one is
// still there. What is shared goes on when Share says so; what the rep's hands
// did goes on as if nothing had happened.
func (h *host) Connected(p room.Peer) {
	var before <-chan bool
	if h.peer != nil {
		before = h.end
		h.move()
	} else {
		h.ears, h.cut = context.WithCancel(context.Background())
	}
	h.peer = p.(Peer)
	h.flow, h.ready = flow.New(h.peer), make(chan struct{})
	peer, ready, end := h.peer, h.ready, make(chan bool, 1)
	if h.share == nil {
		h.settle()
	}
	ctx, cancel := context.WithCancel(h.ears)
	h.deafen, h.end = cancel, end
	h.group.Go(func() { end <- h.listen(ctx, peer, before, ready) })
	h.clip.Connected(peer)
	h.files.Connected(peer, h.flow.Bulk())
	h.w.nowMet()
	h.w.tell(chat.Linked{})
}

// move lets go of the connection, except for what the rep's hands did on it.
// One that is silent will bring no more of that.
func (h *host) move() {
	wait := handOver
	if h.peer.Silent(time.Now()) >= pulse+pulse {
		wait = 0
	}
	ctx, deafen := h.ears, h.deafen
	h.group.Go(func() {
		late := time.NewTimer(wait)
		defer late.Stop()
		select {
		case <-late.C:
			deafen()
		case <-ctx.Done():
		}
	})
	if h.share != nil {
		h.share.Keep(true)
	}
	h.rested()
	h.clip.Disconnected()
	h.files.Disconnected()
}

// listen passes the rep's input on. It begins after the last of the connection
// before, if there was one. What arrives while control is not allowed goes
// nowhere; what arrives before it is known again what is allowed waits. True
// means that all of it has come.
func (h *host) listen(ctx context.Context, p Peer, before <-chan bool, ready <-chan struct{}) bool {
	if before != nil && !<-before { // it ends soon
		h.inject(func(s *share.Share) { s.LetGo() })
	}
	edge := h.edge.Load()
	select {
	case <-ready:
	case <-ctx.Done():
		return false
	}
	for {
		in, err := p.ReceiveInput(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return true
		case err != nil:
			h.inject(func(s *share.Share) { s.LetGo() }) // something may be missing
			return false
		}
		if m, ok := in.(wire.Move); ok {
			m.After = max(m.After, edge) // the edges before this connection's first are those of the last
			in = m
		} else {
			edge = wire.Edge(in)
			h.edge.Store(edge)
		}
		h.inject(func(s *share.Share) { _ = s.Inject(in) }) // hands that fail are seen to fail by both
	}
}

// inject does something with the hands, while control is allowed.
func (h *host) inject(do func(*share.Share)) {
	h.mu.Lock()
	to := h.injector
	h.mu.Unlock()
	if to != nil {
		do(to)
	}
}

// settle has the peer's input go where it belongs from now on.
func (h *host) settle() {
	if h.ready != nil {
		close(h.ready)
		h.ready = nil
	}
}

// Disconnected ends everything that needed the connection.
func (h *host) Disconnected() { h.part() }

// part lets go of the connection, if there is one.
func (h *host) part() {
	h.pause()
	h.cut()
	h.clip.Disconnected()
	h.files.Disconnected()
	h.peer, h.flow, h.ready, h.end = nil, nil, nil, nil
}

// Share makes what the rep may see and do so, no more and no less.
func (h *host) Share(f session.Share) {
	switch {
	case f.Pause:
		h.pause()
		return
	case !f.What.Has(wire.View):
		h.stopSharing()
		return
	case h.peer == nil: // it is said again when there is one
		return
	}
	if h.live != nil {
		h.share.Pick(f.Monitor)
	} else if !h.startSharing(f) {
		return
	}
	if !f.What.Has(wire.Control) {
		h.handsOff(func() { h.share.AllowControl(false) })
	} else {
		h.share.AllowControl(true)
		h.aim(h.share)
	}
	h.settle()
}

// sight is what a share sees, over all its connections: open only while there
// is one, so that nobody looks for nobody.
type sight struct{ Screen }

// startSharing begins to share over the connection there is, or goes on.
func (h *host) startSharing(f session.Share) bool {
	open, err := h.w.v.doors.OpenScreen()
	if err != nil {
		h.settle()
		h.room.Do(session.NoScreen{})
		return false
	}
	h.screen.Screen = open
	if h.share == nil {
		h.share = share.New(share.Config{Screen: &h.screen, Hands: h.w.v.doors.Hands, Layout: h.layout, After: h.count})
		h.share.Look(h.look)
	}
	h.share.Pick(f.Monitor)
	h.run(f.From)
	return true
}

// run has the share go on for a viewer who has the slices up to from.
func (h *host) run(from uint64) {
	peer, s, live := h.peer, h.share, make(chan struct{})
	to := share.Viewer{
		Pictures: peer, Lane: h.flow.Pictures(), From: from,
		Pace: func(p wire.Pace) {
			_ = peer.Send(wire.Packet{Body: &p}) // figures: a connection that is going needs none
		},
	}
	ctx, rest := context.WithCancel(context.Background())
	h.live, h.rest = live, rest
	h.group.Go(func() {
		err := s.Run(ctx, to)
		close(live)
		switch {
		case errors.Is(err, share.ErrScreen):
			h.room.Do(session.NoScreen{})
		case errors.Is(err, share.ErrSend):
			peer.Close(0) // a connection that takes no pictures is no good: the next one may
		}
	})
	h.group.Go(func() { feel(ctx, peer, s) })
}

// feel tells the share of the rep's heartbeats, so that a button or a key that
// is held still is not let go.
func feel(ctx context.Context, p Peer, s *share.Share) {
	t := time.NewTicker(pulse)
	defer t.Stop()
	for {
		select {
		case now := <-t.C:
			if p.Silent(now) < pulse {
				s.Heard()
			}
		case <-ctx.Done():
			return
		}
	}
}

// aim says where input goes from now on.
func (h *host) aim(s *share.Share) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.injector = s
}

// pause returns when nothing more is sent and nothing more injected. The share
// keeps what the viewer may not have.
func (h *host) pause() {
	if h.share == nil {
		return
	}
	h.handsOff(func() { h.share.AllowControl(false) })
	h.share.Keep(false)
	h.rested()
}

// rested returns when nothing more is sent.
func (h *host) rested() {
	if h.live == nil {
		return
	}
	h.rest()
	<-h.live
	h.live = nil
	h.screen.Close()
}

// stopSharing ends what is shared, for good.
func (h *host) stopSharing() {
	h.pause()
	h.settle()
	if h.share == nil {
		return
	}
	h.share.Stop()
	h.count = h.share.Numbers()
	h.share = nil
}

// handsOff ends input at once, in the middle of a long text, too: the shut gate
// stops hands that are at work, for which end would otherwise wait.
func (h *host) handsOff(end func()) {
	h.mu.Lock()
	active := h.injector != nil
	h.injector = nil
	h.mu.Unlock()
	hands := h.w.v.doors.Hands
	if hands == nil || !active || h.shut {
		end()
		return
	}
	hands.ShutGate(true)
	end()
	hands.ShutGate(false)
}

// layout hears the monitors from the running share.
func (h *host) layout(monitors []frame.Monitor, _ uint8) {
	h.room.Do(session.Screens{Monitors: told(monitors)})
}

// told are the monitors as they are told to the rep. What no message can carry
// is left out: a counted message that can't be sent would end this connection
// and all that come after it.
func told(monitors []frame.Monitor) []wire.Monitor {
	const far = wire.MaxOffset
	var list []wire.Monitor
	for _, m := range monitors {
		b := m.Bounds
		if m.ID == 0 || m.ID > wire.MaxMonitors || b.Empty() || b.Dx() > wire.MaxPixels || b.Dy() > wire.MaxPixels ||
			!b.Min.In(image.Rect(-far, -far, far+1, far+1)) ||
			slices.ContainsFunc(list, func(o wire.Monitor) bool { return o.ID == m.ID }) {
			continue
		}
		list = append(list, wire.Monitor{
			ID: m.ID, Name: wire.Name(m.Name), X: int32(b.Min.X), Y: int32(b.Min.Y),
			W: int32(b.Dx()), H: int32(b.Dy()), Primary: m.Primary,
		})
	}
	return list
}

// Look makes pictures look as the rep wants them, now and whenever something
// is shared again.
func (h *host) Look(p wire.Profile) {
	h.look = p
	if h.share != nil {
		h.share.Look(p)
	}
}

// Gate shuts the way to this machine's own windows while a prompt is open.
func (h *host) Gate(shut bool) {
	h.shut = shut
	if hands := h.w.v.doors.Hands; hands != nil {
		hands.ShutGate(shut)
	}
}

// Presented is the viewer's word that it has shown a frame.
func (h *host) Presented(frame uint64) {
	if h.share != nil {
		h.share.Presented(frame)
	}
}

// Refresh begins the picture anew.
func (h *host) Refresh() {
	if h.share != nil {
		h.share.KeyFrame()
	}
}

// Pace never comes: the customer's side sends it.
func (*host) Pace(wire.Pace) {}

// Seen is for those who watch.
func (*host) Seen() uint64 { return 0 }

// Heard takes what the rep's side says about bytes that are moved.
func (h *host) Heard(m wire.Message) {
	h.flow.Heard(m)
	h.files.Heard(m)
	h.clip.Heard(m)
}

// Move begins and ends the moving of a file's bytes.
func (h *host) Move(f session.Effect) { h.files.Move(f) }

// Nudged and Notice make the window heard.
func (h *host) Nudged() { h.w.v.doors.Nudge() }
func (h *host) Notice() { h.w.v.doors.Notice() }

// Changed shows the session's new state, in the window and on the screen. Until
// the two have met there is no session to show: why not is told by Failed.
func (h *host) Changed(s session.State) {
	h.why = s.Why
	h.clip.Changed(s)
	h.files.Changed(s)
	h.w.follows(s)
	m := Mark{}
	if h.live != nil {
		m = Mark{On: true, Rep: s.Peer, Since: s.SharedAt, What: s.Granted, Monitors: shown(s)}
	}
	if !m.same(h.mark) {
		h.mark = m
		h.w.v.doors.Mark(m)
	}
}

// shown are the monitors the rep sees.
func shown(s session.State) []frame.Monitor {
	var list []frame.Monitor
	for _, m := range s.Monitors {
		if s.Monitor == 0 || m.ID == s.Monitor {
			x, y := int(m.X), int(m.Y)
			list = append(list, frame.Monitor{
				ID: m.ID, Name: m.Name, Primary: m.Primary, Bounds: image.Rect(x, y, x+int(m.W), y+int(m.H)),
			})
		}
	}
	return list
}

func (m Mark) same(o Mark) bool {
	return m.On == o.On && m.Rep == o.Rep && m.Since.Equal(o.Since) && m.What == o.What &&
		slices.Equal(m.Monitors, o.Monitors)
}

// close ends what is left when the room is over.
func (h *host) close() {
	h.Disconnected()
	h.stopSharing()
	h.endFiles()
	h.endClip()
	h.group.Wait()
	if h.mark.On {
		h.mark = Mark{}
		h.w.v.doors.Mark(h.mark)
	}
}
