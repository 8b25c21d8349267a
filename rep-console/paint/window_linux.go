package paint

import (
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/jezek/xgb/xproto"

	"handrail/rep-console/remote"
	"handrail/shared/frame"
	"handrail/shared/x11"
)

const (
	depth    = 24       // bits of a pixel that count: BGRX
	backdrop = 0x1b1f24 // round a picture that is smaller than the view
	band     = 1 << 16  // pixels scaled before the decoder may get its turn
)

// Window is the child window. One goroutine of its own paints, from Open to
// Close; a second reads what the server says.
type Window struct {
	canvas
	visual   pointers
	sharing  bool // of memory with the server
	bare     bool // shows nothing
	wake     chan struct{}
	quit     chan struct{}
	stop     sync.Once
	painting sync.WaitGroup

	mu      sync.Mutex // guards the following
	picture store      // the customer's, at its own size
	dirty   spots      // of picture, not yet painted
	exposed spots      // of the window, to be painted again
	want    remote.Scene
	pointer frame.Cursor
	shaped  bool          // pointer has changed
	ended   bool          // nothing is kept any more
	drawn   time.Time     // when dirty became no longer empty
	painted time.Duration // from then until it was on the screen, in all turns
	paints  int           // turns that painted something drawn

	// The following belong to run.
	is     remote.Scene
	size   image.Point // of the picture that is on screen
	scaled store       // the picture as large as it is shown, unless that is its own size
	scaler *remote.Scaler
	cursor xproto.Cursor
	shape  frame.Cursor
	ghost  frame.Rect // where a ghost is painted now
}

// Open makes a child of an X window of this program, given by its id, on the
// display of the environment. It is not shown before Set says so. Errors:
// ErrNotHere if the display's pixels are not BGRX, or whatever the connection
// said.
func Open(parent uint32) (*Window, error) { return open(parent, false) }

// Bare is Open for a window that can't be seen.
func Bare(parent uint32) (*Window, error) { return open(parent, true) }

func open(parent uint32, bare bool) (*Window, error) {
	w, err := connect(parent, bare)
	if err != nil {
		return nil, err
	}
	w.painting.Go(w.run)
	w.painting.Go(w.listen)
	return w, nil
}

// connect makes the window, which nobody paints yet.
func connect(parent uint32, bare bool) (*Window, error) {
	x, err := x11.Dial("")
	if err != nil {
		return nil, err
	}
	w := &Window{
		canvas: canvas{x: x},
		bare:   bare,
		wake:   make(chan struct{}, 1),
		quit:   make(chan struct{}),
	}
	if err := w.create(xproto.Window(parent)); err != nil {
		x.Close()
		return nil, err
	}
	return w, nil
}

// create makes the window. It takes the root's visual and not its parent's: a
// parent with an alpha channel would show the undefined fourth byte as
// transparency.
func (w *Window) create(parent xproto.Window) error {
	setup := xproto.Setup(w.x)
	screen := setup.DefaultScreen(w.x)
	if !w.bare && !bgrx(setup, screen) {
		return ErrNotHere
	}
	w.visual = newPointers(w.x, screen.Root)
	var err error
	if w.id, err = xproto.NewWindowId(w.x); err != nil {
		return fmt.Errorf("naming a window: %w", err)
	}
	if w.bare {
		err = xproto.CreateWindowChecked(w.x, 0, w.id, parent, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0, 0, nil).Check()
		if err != nil {
			return fmt.Errorf("making the child window: %w", err)
		}
		return nil
	}
	w.max = int(setup.MaximumRequestLength) * 4
	w.sharing = shares(w.x)
	if w.gc, err = xproto.NewGcontextId(w.x); err != nil {
		return fmt.Errorf("naming a graphics context: %w", err)
	}
	err = xproto.CreateWindowChecked(w.x, depth, w.id, parent, 0, 0, 1, 1, 0,
		xproto.WindowClassInputOutput, screen.RootVisual,
		xproto.CwBackPixel|xproto.CwBorderPixel|xproto.CwBitGravity|xproto.CwEventMask|xproto.CwColormap,
		[]uint32{backdrop, 0, xproto.GravityNorthWest, xproto.EventMaskExposure, uint32(screen.DefaultColormap)}).Check()
	if err != nil {
		return fmt.Errorf("making the child window: %w", err)
	}
	xproto.CreateGC(w.x, w.gc, xproto.Drawable(w.id), xproto.GcGraphicsExposures, []uint32{0})
	return nil
}

// bgrx says whether a pixel of the screen is blue, green, red and a fourth
// byte in this machine's memory.
func bgrx(setup *xproto.SetupInfo, screen *xproto.ScreenInfo) bool {
	if setup.ImageByteOrder != xproto.ImageOrderLSBFirst || screen.RootDepth != depth {
		return false
	}
	for _, f := range setup.PixmapFormats {
		if f.Depth == depth && f.BitsPerPixel != 32 {
			return false
		}
	}
	for _, d := range screen.AllowedDepths {
		for _, v := range d.Visuals {
			if v.VisualId == screen.RootVisual {
				return v.RedMask == 0xff0000 && v.GreenMask == 0xff00 && v.BlueMask == 0xff
			}
		}
	}
	return false
}

// ID is the X window, for a grab of the pointer inside it.
func (w *Window) ID() uint32 { return uint32(w.id) }

// Set says where and what to show.
func (w *Window) Set(s remote.Scene) {
	w.mu.Lock()
	w.want = s
	w.mu.Unlock()
	w.nudge()
}

// Cursor gives the pointer the customer's shape. ID 0 is a hidden pointer.
func (w *Window) Cursor(c frame.Cursor) {
	if !whole(c) {
		c = frame.Cursor{}
	}
	w.mu.Lock()
	w.pointer, w.shaped = c, true
	w.mu.Unlock()
	w.nudge()
}

// Draw takes over the damaged parts of a picture. It returns as soon as they
// are copied. An empty picture forgets the one before.
//
// The X server may be reading the parts that are copied. What it reads of them
// is newer than what was meant, and is painted again in the next turn. So the
// decoder never waits for the server.
func (w *Window) Draw(m frame.Image, damage []frame.Rect) {
	if w.bare || m.W > MaxSide || m.H > MaxSide {
		return
	}
	w.mu.Lock()
	defer w.nudge()
	defer w.mu.Unlock()
	if w.ended {
		return
	}
	if m.W <= 0 || m.H <= 0 {
		w.picture.free(w.x)
		return
	}
	if w.picture.W != m.W || w.picture.H != m.H {
		w.picture.free(w.x)
		w.picture = newStore(w.x, m.W, m.H, w.sharing)
		damage = []frame.Rect{m.Bounds()}
		w.dirty = w.dirty[:0]
	}
	if len(w.dirty) == 0 {
		w.drawn = time.Now()
	}
	for _, r := range damage {
		r = r.Intersect(m.Bounds())
		for y := r.Min.Y; y < r.Max.Y; y++ {
			copy(w.picture.Row(y, r.Min.X, r.Max.X), m.Row(y, r.Min.X, r.Max.X))
		}
		w.dirty.add(r)
	}
}

// Snapshot is a copy of the picture as it is now; empty before the first.
func (w *Window) Snapshot() frame.Image {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := frame.New(w.picture.W, w.picture.H)
	copy(m.Pix, w.picture.Pix)
	return m
}

// Painted says how long the pictures took from Draw until they were on the
// screen: the sum of times since Open, and how many there were.
func (w *Window) Painted() (time.Duration, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.painted, w.paints
}

// Pointer is where the rep's pointer is, counted from the corner of the
// window; ok is false if it is on another screen. It waits for the server's
// answer.
func (w *Window) Pointer() (at image.Point, ok bool) {
	r, err := xproto.QueryPointer(w.x, w.id).Reply()
	if err != nil || !r.SameScreen {
		return image.Point{}, false
	}
	return image.Pt(int(r.WinX), int(r.WinY)), true
}

// Close ends the window and waits for its goroutines.
func (w *Window) Close() {
	w.stop.Do(func() { close(w.quit) })
	w.painting.Wait()
}

// end gives everything back, before the connection ends.
func (w *Window) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	w.picture.free(w.x)
	w.scaled.free(w.x)
	xproto.DestroyWindow(w.x, w.id)
	w.x.Sync() // the requests before it have been read
	w.x.Close()
}

// nudge tells run that something is to do.
func (w *Window) nudge() {
	select {
	case w.wake <- struct{}{}:
	default: // it has been told
	}
}

// listen reads what the server says until the connection ends. Errors of
// single requests follow from a parent that closed first; nothing is to be
// done about them.
func (w *Window) listen() {
	for {
		e, err := w.x.WaitForEvent()
		if e == nil && err == nil {
			return
		}
		if e, ok := e.(xproto.ExposeEvent); ok {
			w.mu.Lock()
			w.exposed.add(image.Rect(int(e.X), int(e.Y), int(e.X)+int(e.Width), int(e.Y)+int(e.Height)))
			w.mu.Unlock()
			w.nudge()
		}
	}
}

// run paints until Close.
func (w *Window) run() {
	defer w.end()
	for {
		select {
		case <-w.quit:
			return
		case <-w.wake:
		}
		since := w.turn()
		// Never more than one turn ahead of the server: what comes meanwhile
		// is joined and painted at once.
		if _, err := xproto.GetInputFocus(w.x).Reply(); err != nil {
			return
		}
		if !since.IsZero() {
			w.mu.Lock()
			w.painted += time.Since(since)
			w.paints++
			w.mu.Unlock()
		}
	}
}
