//go:build linux

package e2e

import (
	"image"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"handrail/shared/x11"
	"handrail/shared/xdisplay"
)

// eye looks at single places of a display, hundreds of times a second, and has
// a brush and a finger there.
type eye struct {
	t      testing.TB
	conn   *xgb.Conn
	root   xproto.Window
	window xproto.Window // the brush's
	gc     xproto.Gcontext
}

func openEye(t testing.TB, d *xdisplay.Display) *eye {
	t.Helper()
	c, err := x11.Dial(d.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := x11.Use(c, "XTEST"); err != nil {
		t.Fatal(err)
	}
	return &eye{t: t, conn: c, root: xproto.Setup(c).DefaultScreen(c).Root}
}

// part is what stands in a part of the display now.
func (e *eye) part(r image.Rectangle) []byte {
	e.t.Helper()
	m, err := xproto.GetImage(e.conn, xproto.ImageFormatZPixmap, xproto.Drawable(e.root),
		int16(r.Min.X), int16(r.Min.Y), uint16(r.Dx()), uint16(r.Dy()), 0xffffffff).Reply()
	if err != nil {
		e.t.Fatal(err)
	}
	return m.Data
}

// colour is one pixel: blue, green, red.
func (e *eye) colour(at image.Point) [3]int {
	e.t.Helper()
	d := e.part(image.Rectangle{Min: at, Max: at.Add(image.Pt(1, 1))})
	return [3]int{int(d[0]), int(d[1]), int(d[2])}
}

// canvas puts a window over everything else, to paint on.
func (e *eye) canvas(r image.Rectangle) {
	e.t.Helper()
	screen := xproto.Setup(e.conn).DefaultScreen(e.conn)
	e.window, _ = xproto.NewWindowId(e.conn)
	e.gc, _ = xproto.NewGcontextId(e.conn)
	err := xproto.CreateWindowChecked(e.conn, screen.RootDepth, e.window, e.root, int16(r.Min.X), int16(r.Min.Y),
		uint16(r.Dx()), uint16(r.Dy()), 0, xproto.WindowClassInputOutput, screen.RootVisual,
		xproto.CwOverrideRedirect, []uint32{1}).Check()
	if err != nil {
		e.t.Fatal(err)
	}
	xproto.CreateGC(e.conn, e.gc, xproto.Drawable(e.window), 0, nil)
	xproto.MapWindow(e.conn, e.window)
	e.fill(0)
}

// fill paints the canvas, and has returned when that is done.
func (e *eye) fill(rgb uint32) {
	e.t.Helper()
	xproto.ChangeGC(e.conn, e.gc, xproto.GcForeground, []uint32{rgb})
	xproto.PolyFillRectangle(e.conn, xproto.Drawable(e.window), e.gc, []xproto.Rectangle{{Width: 4000, Height: 4000}})
	e.sync()
}

func (e *eye) sync() {
	e.t.Helper()
	if _, err := xproto.GetInputFocus(e.conn).Reply(); err != nil {
		e.t.Fatal(err)
	}
}

// tap presses a key, by its number, and lets go of it.
func (e *eye) tap(code byte) {
	for _, kind := range []byte{xproto.KeyPress, xproto.KeyRelease} {
		xtest.FakeInput(e.conn, kind, code, 0, e.root, 0, 0, 0)
	}
	e.sync()
}

// until looks every half a millisecond until ok says yes, and says how long
// that took; what has not come after 20 s never will.
func (e *eye) until(what string, ok func() bool) time.Duration {
	e.t.Helper()
	start := time.Now()
	tick := time.NewTicker(500 * time.Microsecond)
	defer tick.Stop()
	for !ok() {
		<-tick.C
		if time.Since(start) > 20*time.Second {
			e.t.Fatalf("waited in vain for %s", what)
		}
	}
	return time.Since(start)
}

// turn turns the wheel by a notch 60 times a second, up after a while, until
// stop closes.
func (e *eye) turn(stop chan struct{}) {
	tick := time.NewTicker(time.Second / 60)
	defer tick.Stop()
	for i := 0; ; i++ {
		button := byte(5 - i/600%2) // down, up
		xtest.FakeInput(e.conn, xproto.ButtonPress, button, 0, e.root, 0, 0, 0)
		xtest.FakeInput(e.conn, xproto.ButtonRelease, button, 0, e.root, 0, 0, 0)
		select {
		case <-tick.C:
		case <-stop:
			return
		}
	}
}
