// Package screen delivers what is on this machine's screen, as it changes: the
// picture, what changed in it, the pointer and the layout of monitors.
//
//	s, err := screen.Open("")
//	defer s.Close()
//	for {
//		u, err := s.Next(ctx)
//		…
//	}
//
// Where the system tells what changed, it waits for that and reads nothing
// else: on X11 by the server's reports of damage and through shared memory, on
// Windows by the desktop duplication of DXGI. Elsewhere it looks at regular
// times and compares: on Windows by GDI, as in sessions without a graphics
// card; on macOS, and on an X server without the extensions, through
// github.com/kbinani/screenshot, which knows no pointer.
package screen

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"handrail/shared/frame"
)

// Errors of Open and Next.
var (
	ErrNoScreen = errors.New("screen: no screen to capture here")
	ErrWayland  = errors.New("screen: a Wayland session shows its windows to no X client")
	ErrPixels   = errors.New("screen: pixels of a kind that can't be read")
	ErrLost     = errors.New("screen: the display went away")
	ErrClosed   = errors.New("screen: closed")
)

// MaxMonitors is how many monitors a layout can have; further ones are left
// out. It is the limit of the messages that name monitors.
const MaxMonitors = 16

// Update is what Next delivers.
type Update = frame.Update

// Source captures one desktop. Next is for one goroutine at a time; the other
// methods may be called by any at any time.
type Source struct {
	using sync.Mutex // held while Next or Close use back
	back  backend

	// The following are owned by Next.
	u       Update          // the one being made
	shown   []frame.Monitor // the layout last delivered
	stale   bool            // the layout must be read again
	started bool

	poke chan struct{} // one place; ends the wait of a Next

	mu       sync.Mutex
	monitors []frame.Monitor
	want     uint8
	name     string // of the wanted monitor: numbers change with the layout
	again    bool   // Refresh was called
	closed   bool
}

// backend is one way of capturing. All calls come from one goroutine at a
// time.
type backend interface {
	// layout reads the monitors and forgets what was delivered: the next
	// Update holds everything. IDs count from 1.
	layout() ([]frame.Monitor, error)
	// next waits until something inside area changed, or the pointer, and
	// fills that into u: Image, Damage, Cursor, Pointer, PointerMoved, At. Only
	// when there is nothing does it look whether ctx has ended, or something
	// came by poke: then its error is errPoked. The first time for an area it
	// fills in everything. errLayout means: call layout first.
	next(ctx context.Context, poke <-chan struct{}, area frame.Rect, u *Update) error
	close()
}

// errLayout is how a backend says that monitors changed.
var errLayout = errors.New("screen: the layout changed")

// errPoked ends a wait because something else shall be shown, or nothing more.
var errPoked = errors.New("screen: something else was asked for")

// Open connects to a desktop: on X11 the display of that name, or of the
// environment if it is empty; elsewhere to the one this process runs on.
// Errors: ErrNoScreen, ErrWayland, ErrPixels.
func Open(display string) (*Source, error) {
	back, err := open(display)
	if err != nil {
		return nil, err
	}
	s := newSource(back)
	if s.monitors, err = back.layout(); err != nil {
		back.close()
		return nil, err
	}
	return s, nil
}

func newSource(back backend) *Source { return &Source{back: back, poke: make(chan struct{}, 1)} }

// Monitors is the present layout.
func (s *Source) Monitors() []frame.Monitor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.monitors)
}

// Pick chooses the monitor to capture, 0 for the whole desktop, from the next
// Update on. One that doesn't exist, or goes away, means the whole desktop.
func (s *Source) Pick(monitor uint8) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, _ := frame.Find(s.monitors, monitor)
	s.want, s.name = m.ID, m.Name
	s.interrupt()
}

// Refresh makes the next Update hold everything, as the first one does: for a
// new viewer.
func (s *Source) Refresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.again = true
	s.interrupt()
}

// Close ends a waiting Next and gives everything back. Images of earlier
// Updates must not be touched any more.
func (s *Source) Close() {
	s.mu.Lock()
	was := s.closed
	s.closed = true
	s.mu.Unlock()
	s.interrupt()
	if was {
		return
	}
	s.using.Lock()
	defer s.using.Unlock()
	s.back.close()
}

// interrupt ends the wait of Next, or of the next Next.
func (s *Source) interrupt() {
	select {
	case s.poke <- struct{}{}:
	default:
	}
}

// Next waits until something changed, and delivers it; the first time, and
// after a change of layout or another Pick, at once and everything. If ctx has
// ended already, it delivers what there is without waiting. Errors: ErrLost,
// ErrClosed, and the context's.
func (s *Source) Next(ctx context.Context) (Update, error) {
	s.using.Lock()
	defer s.using.Unlock()
	for tries := 0; tries < retries; {
		u, err := s.try(ctx)
		switch {
		case err == nil:
			return u, nil
		case errors.Is(err, errLayout):
			s.stale = true
			tries++
		case !errors.Is(err, errPoked):
			return Update{}, err
		}
	}
	return Update{}, fmt.Errorf("%w: its layout does not settle", ErrLost)
}

// retries bounds how often the layout may change while it is being captured.
const retries = 20

func (s *Source) try(ctx context.Context) (Update, error) {
	s.mu.Lock()
	if s.again {
		s.again, s.stale, s.started = false, true, false
	}
	s.mu.Unlock()
	if s.stale {
		monitors, err := s.back.layout()
		if err != nil {
			return Update{}, err
		}
		s.settle(monitors)
		s.stale = false
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return Update{}, ErrClosed
	}
	u, monitors := &s.u, s.monitors
	*u = Update{Monitor: s.want}
	s.mu.Unlock()

	u.Area = frame.Desktop(monitors)
	if m, ok := frame.Find(monitors, u.Monitor); ok {
		u.Area = m.Bounds
	}
	if err := s.back.next(ctx, s.poke, u.Area, u); err != nil {
		return Update{}, err
	}
	if !s.started || !slices.Equal(s.shown, monitors) {
		s.started, s.shown = true, monitors
		u.Layout = slices.Clone(monitors)
	}
	return *u, nil
}

// settle takes a new layout and finds the wanted monitor in it again.
func (s *Source) settle(monitors []frame.Monitor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	want := uint8(0)
	for _, m := range monitors {
		if s.want != 0 && m.Name == s.name {
			want = m.ID
			break
		}
	}
	s.monitors, s.want = monitors, want
}
