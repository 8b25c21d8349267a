package guard

import (
	"fmt"
	"image"
	"os"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/frame"
	"handrail/shared/x11"
)

// raiseRest is the least time between two returns to the top, so that two
// windows that both want to be there don't fight as fast as they can.
const raiseRest = 300 * time.Millisecond

// Guard marks the screen of one X display over a connection of its own.
type Guard struct {
	x       *xgb.Conn
	screen  *xproto.ScreenInfo
	faces   faces
	stopped func()
	group   sync.WaitGroup

	mu      sync.Mutex
	bar     xproto.Window
	gc      xproto.Gcontext
	frames  []xproto.Window
	shown   Showing
	on      bool
	pic     bar
	at      image.Point  // of the bar on the desktop
	moved   bool         // the customer has put the bar somewhere
	pressed bool         // Stop is held down
	grip    *image.Point // where in the bar the customer holds it
	raised  time.Time
	later   *time.Timer // raises when raiseRest is over
}

// Open connects to a display (the environment's if empty). plain and bold are
// the TrueType fonts of the bar; stopped is called, on a goroutine of the
// Guard's, when the customer presses Stop. It must not block.
func Open(display string, plain, bold []byte, stopped func()) (*Guard, error) {
	faces, err := parseFonts(plain, bold)
	if err != nil {
		return nil, err
	}
	x, err := x11.Dial(display)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	g := &Guard{x: x, screen: xproto.Setup(x).DefaultScreen(x), faces: faces, stopped: stopped}
	if err := g.prepare(); err != nil {
		x.Close()
		return nil, err
	}
	g.group.Go(g.listen)
	return g, nil
}

func (g *Guard) prepare() error {
	if err := x11.Use(g.x, "SHAPE"); err != nil {
		return fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	if d := g.screen.RootDepth; d != 24 && d != 32 {
		return fmt.Errorf("%w: a display of depth %d", ErrNotHere, d)
	}
	var err error
	if g.bar, err = g.window(xproto.EventMaskExposure | xproto.EventMaskButtonPress | xproto.EventMaskButtonRelease |
		xproto.EventMaskButton1Motion | xproto.EventMaskVisibilityChange); err != nil {
		return err
	}
	if g.gc, err = xproto.NewGcontextId(g.x); err != nil {
		return fmt.Errorf("preparing the bar: %w", err)
	}
	xproto.CreateGC(g.x, g.gc, xproto.Drawable(g.bar), 0, nil)
	return nil
}

// window makes a window that no window manager touches.
func (g *Guard) window(events uint32) (xproto.Window, error) {
	id, err := xproto.NewWindowId(g.x)
	if err != nil {
		return 0, fmt.Errorf("making a window on the shared screen: %w", err)
	}
	const values = xproto.CwBackPixel | xproto.CwBorderPixel | xproto.CwOverrideRedirect | xproto.CwEventMask
	err = xproto.CreateWindowChecked(g.x, g.screen.RootDepth, id, g.screen.Root, 0, 0, 1, 1, 0,
		xproto.WindowClassInputOutput, g.screen.RootVisual, values, []uint32{0, 0, 1, events}).Check()
	if err != nil {
		return 0, fmt.Errorf("making a window on the shared screen: %w", err)
	}
	pid := uint32(os.Getpid())
	if name, err := x11.Atom(g.x, "_NET_WM_PID"); err == nil {
		xproto.ChangeProperty(g.x, xproto.PropModeReplace, id, name, xproto.AtomCardinal, 32, 1,
			[]byte{byte(pid), byte(pid >> 8), byte(pid >> 16), byte(pid >> 24)})
	}
	return id, nil
}

// Windows are the ids of the windows that take clicks; others of the same X
// client follow.
func (g *Guard) Windows() []uint32 { return []uint32{uint32(g.bar)} }

// Show puts the marks on the screen, or changes them.
func (g *Guard) Show(s Showing) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shown, g.on = s, true
	g.frameLocked()
	g.drawLocked()
	g.placeLocked()
	xproto.MapWindow(g.x, g.bar)
	g.raiseLocked()
}

// Hide takes the marks away.
func (g *Guard) Hide() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.on, g.pressed, g.grip = false, false, nil
	xproto.UnmapWindow(g.x, g.bar)
	g.dropFramesLocked()
	g.x.Sync() // the display has done what it was told
}

// Close takes everything away and ends the connection.
func (g *Guard) Close() {
	g.mu.Lock()
	if g.later != nil {
		g.later.Stop()
	}
	g.mu.Unlock()
	g.x.Close()
	g.group.Wait()
}

func (g *Guard) dropFramesLocked() {
	for _, w := range g.frames {
		xproto.DestroyWindow(g.x, w)
	}
	g.frames = g.frames[:0]
}

// frameLocked puts a frame round each shared monitor: one window of four bars
// that has no place where a click could end.
func (g *Guard) frameLocked() {
	g.dropFramesLocked()
	for _, m := range g.shown.Monitors {
		w, err := g.window(xproto.EventMaskVisibilityChange)
		if err != nil {
			continue // the bar still stands
		}
		b := m.Bounds
		xproto.ChangeWindowAttributes(g.x, w, xproto.CwBackPixel, []uint32{pixel(g.shown)})
		xproto.ConfigureWindow(g.x, w, xproto.ConfigWindowX|xproto.ConfigWindowY|xproto.ConfigWindowWidth|xproto.ConfigWindowHeight,
			[]uint32{uint32(b.Min.X), uint32(b.Min.Y), uint32(b.Dx()), uint32(b.Dy())})
		shape.Rectangles(g.x, shape.SoSet, shape.SkBounding, 0, w, 0, 0, bars(b))
		shape.Rectangles(g.x, shape.SoSet, shape.SkInput, 0, w, 0, 0, nil)
		xproto.MapWindow(g.x, w)
		g.frames = append(g.frames, w)
	}
}

// bars are the four sides of a frame, in the window's coordinates.
func bars(b frame.Rect) []xproto.Rectangle {
	w, h := uint16(b.Dx()), uint16(b.Dy())
	return []xproto.Rectangle{
		{Width: w, Height: frameWide},
		{Y: int16(h - frameWide), Width: w, Height: frameWide},
		{Width: frameWide, Height: h},
		{X: int16(w - frameWide), Width: frameWide, Height: h},
	}
}

func pixel(s Showing) uint32 {
	c := s.colour()
	return uint32(c.R)<<16 | uint32(c.G)<<8 | uint32(c.B)
}

// home is the monitor the bar belongs to.
func (g *Guard) home() frame.Rect {
	home := image.Rect(0, 0, int(g.screen.WidthInPixels), int(g.screen.HeightInPixels))
	for i, m := range g.shown.Monitors {
		if i == 0 || m.Primary {
			home = m.Bounds
		}
	}
	return home
}

// drawLocked draws the bar.
func (g *Guard) drawLocked() {
	g.pic = drawBar(g.faces, g.shown, g.pressed, g.home().Dx()-2*frameWide)
	m := g.pic.img
	row, high := 4*m.Rect.Dx(), m.Rect.Dy()
	data := make([]byte, row*high)
	for i := 0; i < len(data); i += 4 {
		data[i], data[i+1], data[i+2] = m.Pix[i+2], m.Pix[i+1], m.Pix[i] // RGBA to BGRX
	}
	strip := max((maxRequest-64)/row, 1)
	for y := 0; y < high; y += strip {
		n := min(strip, high-y)
		xproto.PutImage(g.x, xproto.ImageFormatZPixmap, xproto.Drawable(g.bar), g.gc, uint16(m.Rect.Dx()), uint16(n),
			0, int16(y), 0, g.screen.RootDepth, data[y*row:(y+n)*row])
	}
}

// maxRequest is the longest request every X server takes, in bytes.
const maxRequest = 65535 * 4 / 2

// placeLocked puts the bar at the top of its monitor, or leaves it where the
// customer put it, inside the monitors.
func (g *Guard) placeLocked() {
	size := g.pic.img.Rect.Size()
	home := g.home().Inset(frameWide) // bar and frame never cover each other
	if !g.moved {
		g.at = image.Pt(home.Min.X+(home.Dx()-size.X)/2, home.Min.Y)
	}
	g.at.X = min(max(g.at.X, home.Min.X), max(home.Max.X-size.X, home.Min.X))
	g.at.Y = min(max(g.at.Y, home.Min.Y), max(home.Max.Y-size.Y, home.Min.Y))
	xproto.ConfigureWindow(g.x, g.bar, xproto.ConfigWindowX|xproto.ConfigWindowY|xproto.ConfigWindowWidth|xproto.ConfigWindowHeight,
		[]uint32{uint32(g.at.X), uint32(g.at.Y), uint32(size.X), uint32(size.Y)})
	var round []xproto.Rectangle
	for _, r := range edges(size, g.at.Y == home.Min.Y) {
		round = append(round, xproto.Rectangle{X: int16(r.Min.X), Y: int16(r.Min.Y), Width: uint16(r.Dx()), Height: uint16(r.Dy())})
	}
	shape.Rectangles(g.x, shape.SoSet, shape.SkBounding, 0, g.bar, 0, 0, round)
}

// raiseLocked brings everything to the top, the bar last.
func (g *Guard) raiseLocked() {
	g.raised = time.Now()
	for _, w := range append(g.frames[:len(g.frames):len(g.frames)], g.bar) {
		xproto.ConfigureWindow(g.x, w, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
	}
	g.x.Sync() // the display has done what it was told
}

// listen takes what happens to the bar until the connection ends.
func (g *Guard) listen() {
	for {
		e, err := g.x.WaitForEvent()
		if e == nil && err == nil {
			return
		}
		if g.happened(e) {
			g.stopped()
		}
	}
}

// happened says whether Stop was pressed.
func (g *Guard) happened(e xgb.Event) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch e := e.(type) {
	case xproto.ExposeEvent:
		if g.on {
			g.drawLocked()
		}
	case xproto.VisibilityNotifyEvent:
		if g.on && e.State != xproto.VisibilityUnobscured {
			g.coveredLocked()
		}
	case xproto.ButtonPressEvent:
		g.pressLocked(e)
	case xproto.MotionNotifyEvent:
		if g.grip != nil {
			g.at = image.Pt(int(e.RootX), int(e.RootY)).Sub(*g.grip)
			g.moved = true
			g.placeLocked()
		}
	case xproto.ButtonReleaseEvent:
		return g.releaseLocked(e)
	}
	return false
}

func (g *Guard) pressLocked(e xproto.ButtonPressEvent) {
	at := image.Pt(int(e.EventX), int(e.EventY))
	switch {
	case e.Detail != 1:
	case at.In(g.pic.stop):
		g.pressed = true
		g.drawLocked()
	default:
		g.grip = &at
	}
}

func (g *Guard) releaseLocked(e xproto.ButtonReleaseEvent) bool {
	if e.Detail != 1 {
		return false
	}
	was := g.pressed
	g.pressed, g.grip = false, nil
	if was {
		g.drawLocked()
	}
	return was && g.on && image.Pt(int(e.EventX), int(e.EventY)).In(g.pic.stop)
}

// coveredLocked comes back to the top, now or when raiseRest is over.
func (g *Guard) coveredLocked() {
	if rest := raiseRest - time.Since(g.raised); rest > 0 {
		if g.later == nil {
			g.later = time.AfterFunc(rest, g.comeBack)
		}
		return
	}
	g.raiseLocked()
}

func (g *Guard) comeBack() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.later = nil
	if g.on {
		g.raiseLocked()
	}
}
