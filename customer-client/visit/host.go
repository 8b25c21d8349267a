package visit

import (
	"context"
	"errors"
	"image"
	"sync"

	"handrail/customer-client/chat"
	"handrail/shared/frame"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/share"
	"handrail/shared/wire"
)

// host carries out on the customer's machine what the session decides. The
// room calls it from one goroutine.
type host struct {
	w    *way
	room *room.Room
	why  wire.EndWhy

	peer   Peer
	cut    context.CancelFunc // of the peer's input
	group  sync.WaitGroup
	share  *share.Share // while something is shared
	screen Screen
	mark   Mark

	mu       sync.Mutex
	injector *share.Share // where input goes: share, or nil
}

func newHost(w *way) *host { return &host{w: w, cut: func() {}} }

// Connected takes a new connection in.
func (h *host) Connected(p room.Peer) {
	h.peer = p.(Peer)
	peer := h.peer
	ctx, cancel := context.WithCancel(context.Background())
	h.cut = cancel
	h.group.Go(func() { h.listen(ctx, peer) })
	h.w.v.Do(chat.Linked{})
}

// listen passes the rep's input on. What arrives while nothing is shared goes
// nowhere.
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
			to.Inject(in)
		}
	}
}

// Disconnected ends everything that needed the connection.
func (h *host) Disconnected() {
	h.stopSharing()
	h.cut()
	h.peer = nil
}

// Share makes what the rep may see and do so, no more and no less.
func (h *host) Share(what wire.Permission, monitor uint8) {
	if !what.Has(wire.View) || h.peer == nil {
		h.stopSharing()
		return
	}
	if h.share == nil && !h.startSharing() {
		return
	}
	h.share.Pick(monitor)
	h.share.AllowControl(what.Has(wire.Control))
}

func (h *host) startSharing() bool {
	screen, err := h.w.v.doors.OpenScreen()
	if err != nil {
		h.room.Do(session.NoScreen{})
		return false
	}
	s := share.New(share.Config{
		Screen: screen, Pictures: h.peer, Hands: h.w.v.doors.Hands, Layout: h.layout,
	})
	h.screen, h.share = screen, s
	h.aim(s)
	h.group.Go(func() {
		if err := s.Run(context.Background()); errors.Is(err, share.ErrScreen) {
			h.room.Do(session.NoScreen{})
		}
	})
	return true
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
	h.aim(nil)
	h.share.Stop()
	h.screen.Close()
	h.share, h.screen = nil, nil
}

// layout hears the monitors from the running share.
func (h *host) layout(monitors []frame.Monitor, _ uint8) {
	var m []wire.Monitor
	for _, x := range monitors {
		m = append(m, wire.Monitor{
			ID: x.ID, Name: x.Name, X: int32(x.Bounds.Min.X), Y: int32(x.Bounds.Min.Y),
			W: int32(x.Bounds.Dx()), H: int32(x.Bounds.Dy()), Primary: x.Primary,
		})
	}
	h.room.Do(session.Screens{Monitors: m})
}

// Gate shuts the way to this machine's own windows while a prompt is open.
func (h *host) Gate(shut bool) {
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

// Nudged and Notice make the window heard.
func (h *host) Nudged() { h.w.v.doors.Nudge() }
func (h *host) Notice() { h.w.v.doors.Notice() }

// Changed shows the session's new state, in the window and on the screen.
func (h *host) Changed(s session.State) {
	h.why = s.Why
	h.w.v.Do(chat.Session{State: s})
	m := Mark{On: s.Granted != 0 && s.Linked && s.Stage != session.Over, Rep: s.Peer, Since: s.SharedAt, What: s.Granted}
	if m.On {
		m.Monitors = shown(s)
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
	if m.On != o.On || m.Rep != o.Rep || !m.Since.Equal(o.Since) || m.What != o.What || len(m.Monitors) != len(o.Monitors) {
		return false
	}
	for i := range m.Monitors {
		if m.Monitors[i] != o.Monitors[i] {
			return false
		}
	}
	return true
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
