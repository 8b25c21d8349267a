package visit

import (
	"context"
	"errors"
	"image"
	"slices"
	"sync"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/flow"
	"handrail/shared/frame"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/share"
	"handrail/shared/wire"
)

// pulse is how often somebody looks whether the rep's side is still there,
// while something is shared: as often as its heartbeats come.
const pulse = 500 * time.Millisecond

// host carries out on the customer's machine what the session decides. The
// room calls it from one goroutine.
type host struct {
	w    *way
	room *room.Room
	why  wire.EndWhy

	peer   Peer
	flow   *flow.Shared       // of the peer
	cut    context.CancelFunc // of what listens to the peer
	group  sync.WaitGroup
	share  *share.Share // while something is shared
	screen Screen
	rest   context.CancelFunc // of the share's pulse
	mark   Mark
	shut   bool // the gate, for a prompt
	look   wire.Profile

	mu       sync.Mutex
	injector *share.Share // where input goes: share while control is allowed, or nil
}

func newHost(w *way) *host { return &host{w: w, cut: func() {}, rest: func() {}} }

// Connected takes a new connection in.
func (h *host) Connected(p room.Peer) {
	h.peer = p.(Peer)
	peer := h.peer
	h.flow = flow.New(peer)
	ctx, cancel := context.WithCancel(context.Background())
	h.cut = cancel
	h.group.Go(func() { h.listen(ctx, peer) })
	h.w.nowMet()
	h.w.tell(chat.Linked{})
}

// listen passes the rep's input on. What arrives while control is not allowed
// goes nowhere.
func (h *host) listen(ctx context.Context, p Peer) {
	for {
		in, err := p.ReceiveInput(ctx)
		if err != nil {
			return
		}
		h.mu.Lock()
		to := h.injector
		h.mu.Unlock()
		if to != nil {
			_ = to.Inject(in) // hands that fail are seen to fail by both
		}
	}
}

// Disconnected ends everything that needed the connection.
func (h *host) Disconnected() {
	h.stopSharing()
	h.cut()
	h.peer, h.flow = nil, nil
}

// Share makes what the rep may see and do so, no more and no less.
func (h *host) Share(f session.Share) {
	if !f.What.Has(wire.View) || h.peer == nil {
		h.stopSharing()
		return
	}
	if h.share == nil && !h.startSharing() {
		return
	}
	h.share.Pick(f.Monitor)
	if !f.What.Has(wire.Control) {
		h.handsOff(func() { h.share.AllowControl(false) })
		return
	}
	h.share.AllowControl(true)
	h.aim(h.share)
}

func (h *host) startSharing() bool {
	screen, err := h.w.v.doors.OpenScreen()
	if err != nil {
		h.room.Do(session.NoScreen{})
		return false
	}
	peer := h.peer
	s := share.New(share.Config{
		Screen: screen, Pictures: peer, Hands: h.w.v.doors.Hands, Layout: h.layout,
		Pace: func(p wire.Pace) {
			_ = peer.Send(wire.Packet{Body: &p}) // figures: a connection that is going needs none
		},
	})
	s.Look(h.look)
	ctx, rest := context.WithCancel(context.Background())
	h.screen, h.share, h.rest = screen, s, rest
	h.group.Go(func() {
		switch err := s.Run(ctx); {
		case errors.Is(err, share.ErrScreen):
			h.room.Do(session.NoScreen{})
		case errors.Is(err, share.ErrSend):
			peer.Close(0) // a connection that takes no pictures is no good: the next one may
		}
	})
	h.group.Go(func() { feel(ctx, peer, s) })
	return true
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

// stopSharing returns when nothing more is sent and nothing more injected.
func (h *host) stopSharing() {
	if h.share == nil {
		return
	}
	h.handsOff(h.share.Stop)
	h.rest()
	h.screen.Close()
	h.share, h.screen = nil, nil
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
	if m, ok := m.(*wire.Taken); ok && h.flow != nil {
		h.flow.Taken(m.Pictures, m.Bulk)
	}
}

// Move is for what moves files and clipboards.
func (*host) Move(session.Effect) {}

// Nudged and Notice make the window heard.
func (h *host) Nudged() { h.w.v.doors.Nudge() }
func (h *host) Notice() { h.w.v.doors.Notice() }

// Changed shows the session's new state, in the window and on the screen. Until
// the two have met there is no session to show: why not is told by Failed.
func (h *host) Changed(s session.State) {
	h.why = s.Why
	if h.w.hasMet() {
		h.w.tellState(s)
	}
	m := Mark{}
	if h.share != nil {
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
	h.group.Wait()
	if h.mark.On {
		h.mark = Mark{}
		h.w.v.doors.Mark(h.mark)
	}
}
