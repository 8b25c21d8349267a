package grab

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/keys"
	"handrail/shared/x11"
)

// patience is how long Hold tries while another program has the keyboard; a
// window manager lets go of it when its Alt+Tab list closes.
const (
	patience = 3 * time.Second
	retry    = 30 * time.Millisecond
)

// queue is how many events may wait. Merged motions and a fast caller keep it
// near empty; when it is full, the X server keeps them.
const queue = 256

// Grab reads the input of one window.
type Grab struct {
	c, news *xgb.Conn // events and requests; notices of a changed keyboard map
	window  xproto.Window
	root    xproto.Window
	xkb     byte
	tell    func(Event)
	cancel  context.CancelFunc
	done    sync.WaitGroup
	stale   atomic.Bool   // the keyboard map has changed
	called  chan struct{} // there are orders

	mu     sync.Mutex
	orders []func() // for run, from any goroutine; guarded by mu

	// the following are owned by run
	cover    xproto.Window // the input-only window
	placed   bool          // by Place; else it is as big as the window
	held     bool
	since    time.Time // when Hold began to try; zero when it doesn't
	out      wayOut
	keyboard keyboard
}

// Open prepares to read the input of a window of $DISPLAY and tells events of
// it, from one goroutine of its own. Events come after Hold. ErrNotHere means
// that there is no X display, or one without the X Keyboard Extension.
func Open(window uint32, events func(Event)) (*Grab, error) { return open("", window, events) }

func open(display string, window uint32, events func(Event)) (*Grab, error) {
	c, err := x11.Dial(display)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	news, err := x11.Dial(display)
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	g := &Grab{
		c: c, news: news, window: xproto.Window(window), tell: events,
		called: make(chan struct{}, 1), cancel: cancel,
		out: wayOut{usage: keys.RightCtrl},
	}
	if err := g.start(); err != nil {
		cancel()
		c.Close()
		news.Close()
		return nil, err
	}
	in := make(chan xgb.Event, queue)
	g.done.Go(func() { g.read(ctx, in) })
	g.done.Go(g.listen)
	g.done.Go(func() { g.run(ctx, in) })
	return g, nil
}

func (g *Grab) start() error {
	g.root = xproto.Setup(g.c).DefaultScreen(g.c).Root
	var err error
	if g.xkb, err = x11.UseKeyboard(g.c); err != nil {
		return fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	if _, err := x11.Ask(g.c, keys.XkbListen(g.xkb)).Reply(); err != nil {
		return fmt.Errorf("grab: listening to the keyboard: %w", err)
	}
	if err := g.readMap(); err != nil {
		return err
	}
	size, err := xproto.GetGeometry(g.c, xproto.Drawable(g.window)).Reply()
	if err != nil {
		return fmt.Errorf("grab: looking at the window: %w", err)
	}
	g.cover, err = xproto.NewWindowId(g.c)
	if err != nil {
		return fmt.Errorf("grab: naming a window: %w", err)
	}
	const mask = xproto.EventMaskButtonPress | xproto.EventMaskButtonRelease | xproto.EventMaskPointerMotion
	err = xproto.CreateWindowChecked(g.c, 0, g.cover, g.window, 0, 0, size.Width, size.Height, 0,
		xproto.WindowClassInputOnly, 0, xproto.CwEventMask, []uint32{mask}).Check()
	if err != nil {
		return fmt.Errorf("grab: covering the window: %w", err)
	}
	return nil
}

// read hands the server's events to run.
func (g *Grab) read(ctx context.Context, in chan<- xgb.Event) {
	defer close(in)
	for {
		event, xerr := g.c.WaitForEvent()
		if event == nil && xerr == nil {
			return
		}
		if event == nil { // an error of a request nobody waits for
			continue
		}
		select {
		case in <- event:
		case <-ctx.Done():
			return
		}
	}
}

// listen waits for changes of the keyboard map. The server tells them in the
// core protocol's words only to a client that doesn't use the extension.
func (g *Grab) listen() {
	for {
		event, xerr := g.news.WaitForEvent()
		if event == nil && xerr == nil {
			return
		}
		if _, ok := event.(xproto.MappingNotifyEvent); ok {
			g.stale.Store(true)
		}
	}
}

// Hold begins or ends reading. It returns at once; Held follows when keyboard
// and pointer are there, Lost if they can't be had. Ending it doesn't tell Lost.
func (g *Grab) Hold(hold bool) {
	g.order(func() {
		switch {
		case hold && !g.held && g.since.IsZero():
			g.since = time.Now()
			g.try()
		case !hold:
			g.letGo()
		}
	})
}

// Place makes the pointer be read in a part of the window, in its pixels, and
// places count from there. Without it that is the whole window.
func (g *Grab) Place(x, y, w, h int) {
	g.order(func() {
		g.placed = true
		xproto.ConfigureWindow(g.c, g.cover, xproto.ConfigWindowX|xproto.ConfigWindowY|
			xproto.ConfigWindowWidth|xproto.ConfigWindowHeight,
			[]uint32{uint32(int32(x)), uint32(int32(y)), uint32(max(w, 1)), uint32(max(h, 1))})
	})
}

// WayOut sets the key whose double tap gives the keyboard back. It is the right
// Ctrl key at first; keys.None means no key.
func (g *Grab) WayOut(usage uint16) { g.order(func() { g.out = wayOut{usage: usage} }) }

// order has f run by run. It never waits, so that events may order too.
func (g *Grab) order(f func()) {
	g.mu.Lock()
	g.orders = append(g.orders, f)
	g.mu.Unlock()
	select {
	case g.called <- struct{}{}:
	default: // called already
	}
}

// Close ends everything. No event comes after it. It must not be called from
// within one.
func (g *Grab) Close() {
	g.cancel()
	g.c.Close()
	g.news.Close()
	g.done.Wait()
}
