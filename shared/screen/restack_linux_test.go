package screen

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/jezek/xgb/xproto"

	"handrail/shared/frame"
	"handrail/shared/xdisplay"
)

// desktop are windows of programs under a window manager, that are moved about
// as people and programs do.
type desktop struct {
	*painter
	rng     *rand.Rand
	windows []xproto.Window
}

func newDesktop(t *testing.T, display string, seed uint64) *desktop {
	t.Helper()
	d := &desktop{painter: newPainter(t, display), rng: rand.New(rand.NewPCG(seed, seed))}
	screen := xproto.Setup(d.c).DefaultScreen(d.c)
	for range 7 {
		id, err := xproto.NewWindowId(d.c)
		if err != nil {
			t.Fatal(err)
		}
		err = xproto.CreateWindowChecked(d.c, screen.RootDepth, id, d.root, 10, 10, 160, 120, 0, xproto.WindowClassInputOutput,
			screen.RootVisual, xproto.CwBackPixel|xproto.CwEventMask, []uint32{d.rng.Uint32(), xproto.EventMaskExposure}).Check()
		if err != nil {
			t.Fatal(err)
		}
		d.windows = append(d.windows, id)
	}
	go d.repaint()
	return d
}

// repaint draws what a program would, wherever the server asks for it, until
// the connection ends.
func (d *desktop) repaint() {
	gc, _ := xproto.NewGcontextId(d.c)
	xproto.CreateGC(d.c, gc, xproto.Drawable(d.root), 0, nil)
	for {
		e, err := d.c.WaitForEvent()
		if e == nil && err == nil {
			return
		}
		if e, ok := e.(xproto.ExposeEvent); ok {
			xproto.ChangeGC(d.c, gc, xproto.GcForeground, []uint32{uint32(e.Window)*2654435761 ^ uint32(e.X+e.Width)})
			xproto.PolyFillRectangle(d.c, xproto.Drawable(e.Window), gc, []xproto.Rectangle{
				{X: int16(e.X) + 3, Y: int16(e.Y) + 3, Width: e.Width / 2, Height: e.Height / 2},
			})
		}
	}
}

// shuffle does something to one of the windows.
func (d *desktop) shuffle() {
	w := d.windows[d.rng.IntN(len(d.windows))]
	switch d.rng.IntN(9) {
	case 0, 1:
		xproto.MapWindow(d.c, w)
	case 2:
		xproto.UnmapWindow(d.c, w)
	case 3, 4:
		xproto.ConfigureWindow(d.c, w, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
	case 5:
		xproto.ConfigureWindow(d.c, w, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeBelow})
	case 6:
		xproto.ConfigureWindow(d.c, w, xproto.ConfigWindowX|xproto.ConfigWindowY, []uint32{d.rng.Uint32N(500), d.rng.Uint32N(380)})
	case 7:
		xproto.ConfigureWindow(d.c, w, xproto.ConfigWindowWidth|xproto.ConfigWindowHeight, []uint32{40 + d.rng.Uint32N(300), 40 + d.rng.Uint32N(200)})
	case 8:
		xproto.ClearArea(d.c, true, w, int16(d.rng.IntN(50)), int16(d.rng.IntN(50)), uint16(d.rng.IntN(60)), uint16(d.rng.IntN(60)))
	}
}

// whole is the screen as it is now, read without a Source.
func (d *desktop) whole(w, h int) frame.Image {
	d.t.Helper()
	m, err := xproto.GetImage(d.c, xproto.ImageFormatZPixmap, xproto.Drawable(d.root), 0, 0, uint16(w), uint16(h), 0xffffffff).Reply()
	if err != nil {
		d.t.Fatal(err)
	}
	return frame.Image{Pix: m.Data, Stride: 4 * w, W: w, H: h}
}

// TestNoDamageIsLostWhileWindowsAreMovedAbout puts a picture together from
// Updates alone, while a desktop is busy. When it comes to rest, the picture
// is the screen.
func TestNoDamageIsLostWhileWindowsAreMovedAbout(t *testing.T) {
	const w, h = 640, 480
	x := xdisplay.Start(t, "640x480")
	x.Openbox()
	d := newDesktop(t, x.Name(), 20)
	s := openHere(t, x.Name())

	var mu sync.Mutex
	seen := frame.New(w, h)
	ctx, cancel := context.WithCancel(t.Context())
	var follow sync.WaitGroup
	defer follow.Wait()
	defer cancel()
	follow.Go(func() {
		for {
			u, err := s.Next(ctx)
			if err != nil {
				return
			}
			mu.Lock()
			for _, r := range u.Damage {
				frame.Copy(seen, u.Image, r)
			}
			mu.Unlock()
		}
	})
	for range 60 {
		for range d.rng.IntN(30) {
			d.shuffle()
		}
		xdisplay.WaitFor(t, "the picture to be the screen", func() bool {
			now := d.whole(w, h)
			mu.Lock()
			defer mu.Unlock()
			return frame.Equal(seen, now)
		})
	}
}
