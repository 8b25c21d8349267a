package shift

import (
	"context"
	"image"
	"sync"
	"time"

	"handrail/rep-console/remote"
	"handrail/shared/frame"
	"handrail/shared/session"
	"handrail/shared/watch"
	"handrail/shared/wire"
)

// Viewer is the window part that shows a customer's screen. Its methods may be
// called from any goroutine and must not block for longer than a copy.
type Viewer interface {
	Draw(m frame.Image, damage []frame.Rect)
	Cursor(frame.Cursor)
	Show(remote.State)
	// Hold takes the keyboard from the rep's window manager or gives it back.
	Hold(on bool)
	// Painted says how long the pictures took to get from Draw to the screen:
	// the sum of times since the beginning, and of how many.
	Painted() (time.Duration, int)
	Close()
}

// Watched is one customer's screen at the rep's: it receives and has painted
// what the customer shares, and sends what the rep's hands do. It is a Screen.
type Watched struct {
	viewer Viewer
	watch  *watch.Watch
	stop   context.CancelFunc // of the painter
	group  sync.WaitGroup     // the painter's
	read   sync.WaitGroup     // the readers of the newest connection
	closed sync.Once

	mu    sync.Mutex
	model *remote.Model
	peer  Peer
	hand  Peer               // where the rep's input goes: the peer, or what is about to be it
	cut   context.CancelFunc // of the peer's readers
	// pointed counts what the watch let through: it has sorted out old news,
	// over all connections.
	pointed uint64
	done    done // when the customer's side last told its Pace
}

// NewWatched makes a screen that is shown by viewer, until Close. What the rep
// does comes in through Do.
func NewWatched(viewer Viewer) *Watched {
	ctx, cancel := context.WithCancel(context.Background())
	w := &Watched{viewer: viewer, model: remote.New(), stop: cancel, cut: func() {}}
	w.watch = watch.New(watch.Config{Painter: painter{w}, Sender: sender{w}})
	w.group.Go(func() {
		for w.watch.Run(ctx) != nil && ctx.Err() == nil {
			// A frame could not be confirmed because its connection is gone.
		}
	})
	return w
}

// Do takes what the rep did with the screen, from any goroutine.
func (w *Watched) Do(e remote.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stepLocked(e)
}

func (w *Watched) stepLocked(e remote.Event) {
	for _, f := range w.model.Step(time.Now(), e) {
		switch f := f.(type) {
		case remote.Send:
			if w.hand != nil {
				// An error means that the connection is going; the room notices.
				_ = w.hand.SendInput(f.Input)
			}
		case remote.Hold:
			w.viewer.Hold(f.On)
		}
	}
	w.viewer.Show(w.model.State())
}

// Changed takes the session's newest state in.
func (w *Watched) Changed(s session.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := remote.Session{Granted: s.Granted, Monitors: s.Monitors, Monitor: s.Monitor, Profile: s.Profile}
	if s.Request != nil {
		e.Asked = s.Request.What
	}
	if s.Stage == session.Over {
		e.Granted = 0
	}
	w.stepLocked(e)
	w.linkLocked(s.Stage == session.Talking && !s.Linked)
}

// Pace takes in how the customer's part of the way goes, and shows how fast the
// whole way is.
func (w *Watched) Pace(p wire.Pace) {
	w.watch.Pace(p)
	now := done{Stats: w.watch.Stats()}
	now.painted, now.paints = w.viewer.Painted()
	w.mu.Lock()
	defer w.mu.Unlock()
	var rtt time.Duration
	if w.peer != nil {
		_, rtt = w.peer.Travels()
	}
	w.stepLocked(remote.Pace(now.speed(p, w.done, rtt)))
	w.done = now
}

func (w *Watched) linkLocked(away bool) {
	l := remote.Link{Away: away}
	if w.peer != nil {
		l.Direct, l.RTT = w.peer.Travels()
	}
	w.stepLocked(l)
}

// Path shows how bytes travel now.
func (w *Watched) Path(direct bool, rtt time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stepLocked(remote.Link{Away: w.model.State().Away, Direct: direct, RTT: rtt})
}

// Connected reads pictures from a new connection.
func (w *Watched) Connected(p Peer) {
	w.mu.Lock()
	w.cut()
	w.peer, w.hand = nil, p // no key may be lost while the readers end
	w.mu.Unlock()
	w.read.Wait() // or the last slice of the old one would come after Seen
	w.watch.Linked()
	ctx, cancel := context.WithCancel(context.Background())
	w.mu.Lock()
	w.peer, w.cut = p, cancel
	w.mu.Unlock()
	w.read.Go(func() { w.pictures(ctx, p) })
	w.read.Go(func() { w.cursors(ctx, p) })
	w.read.Go(func() { w.pointers(ctx, p) })
}

// Disconnected lets go of the connection. The last picture stays.
func (w *Watched) Disconnected() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut()
	w.peer, w.hand = nil, nil
}

// Close ends the screen. It may be called more than once.
func (w *Watched) Close() {
	w.Disconnected()
	w.stop()
	w.read.Wait()
	w.group.Wait()
	w.closed.Do(w.viewer.Close)
}

func (w *Watched) pictures(ctx context.Context, p Peer) {
	for {
		s, err := p.ReceiveSlice(ctx)
		if err != nil || ctx.Err() != nil {
			return
		}
		// A lost picture has been reported to the sender, who begins anew.
		_ = w.watch.Receive(s)
	}
}

func (w *Watched) cursors(ctx context.Context, p Peer) {
	for {
		c, err := p.ReceiveCursor(ctx)
		if err != nil {
			return
		}
		w.watch.Cursor(c)
	}
}

func (w *Watched) pointers(ctx context.Context, p Peer) {
	for {
		at, err := p.ReceivePointer(ctx)
		if err != nil {
			return
		}
		w.watch.Pointer(at)
	}
}

// Seen is the newest slice of the picture that was decoded, 0 without one.
func (w *Watched) Seen() uint64 { return w.watch.Seen() }

// Snapshot is a copy of the picture as it is shown.
func (w *Watched) Snapshot() frame.Image { return w.watch.Snapshot() }

// painter is what the watch paints with.
type painter struct{ w *Watched }

func (p painter) Size(wide, high int) { p.w.Do(remote.Picture{Size: image.Pt(wide, high)}) }

// Damage says the size again where the model has forgotten it: it does when
// sharing stops, and the next picture may well have the size of the last.
func (p painter) Damage(m frame.Image, rects []frame.Rect) {
	size := image.Pt(m.W, m.H)
	p.w.mu.Lock()
	if s := p.w.model.State(); s.Granted.Has(wire.View) && s.Picture != size {
		p.w.stepLocked(remote.Picture{Size: size})
	}
	p.w.mu.Unlock()
	p.w.viewer.Draw(m, rects)
}

func (p painter) Cursor(c frame.Cursor) { p.w.viewer.Cursor(c) }

func (p painter) Pointer(monitor uint8, x, y uint16) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.w.pointed++
	p.w.stepLocked(remote.Pointer{Seq: p.w.pointed, Monitor: monitor, X: x, Y: y})
}

// sender is the watch's way to the customer.
type sender struct{ w *Watched }

func (s sender) say(m wire.Message) error {
	s.w.mu.Lock()
	p := s.w.peer
	s.w.mu.Unlock()
	if p == nil {
		return nil
	}
	return p.Send(wire.Packet{Body: m})
}

func (s sender) Presented(frame uint64) error { return s.say(&wire.Presented{Frame: frame}) }
func (s sender) Taken(bytes uint64) error     { return s.say(&wire.Taken{Pictures: bytes}) }
func (s sender) AskKeyFrame() error           { return s.say(&wire.Refresh{}) }
