//go:build linux

package e2e

import (
	"bytes"
	"context"
	"image"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/jezek/xgb/xproto"

	"handrail/rep-console/paint"
	"handrail/rep-console/remote"
	"handrail/shared/flow"
	"handrail/shared/frame"
	"handrail/shared/screen"
	"handrail/shared/share"
	"handrail/shared/watch"
	"handrail/shared/wire"
	"handrail/shared/xdisplay"
)

// chain is a picture's way from one display to another without windows, rooms
// and connections: capture, encode, decode, paint.
type chain struct {
	t           testing.TB
	there, here *eye // at the customer's display and at the rep's
	window      *paint.Window
	size        image.Point // of the customer's desktop

	slices chan wire.Slice
	share  *share.Share
	watch  *watch.Watch
	flow   *flow.Shared
}

// link begins a chain that ends with the test. The customer's desktop has a
// window manager.
func link(t testing.TB, w, h int, size string) *chain {
	t.Helper()
	customer, rep := xdisplay.Start(t, size), xdisplay.Start(t, "2000x1200")
	customer.Openbox()
	source, err := screen.Open(customer.Name())
	if err != nil {
		t.Fatal(err)
	}
	c := &chain{t: t, there: openEye(t, customer), here: openEye(t, rep), size: image.Pt(w, h), slices: make(chan wire.Slice, 4)}
	c.here.canvas(image.Rect(0, 0, 2000, 1200))
	t.Setenv("DISPLAY", rep.Name())
	if c.window, err = paint.Open(uint32(c.here.window)); err != nil {
		t.Fatal(err)
	}
	c.share = share.New(share.Config{Screen: source})
	c.watch = watch.New(watch.Config{Painter: c, Sender: c})
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	c.flow = flow.New(nil)
	all.Go(func() { _ = c.share.Run(ctx, share.Viewer{Pictures: c, Lane: c.flow.Pictures()}) })
	all.Go(func() { _ = c.watch.Run(ctx) })
	all.Go(func() {
		for {
			select {
			case s := <-c.slices:
				_ = c.watch.Receive(s) // what is lost is asked for
			case <-ctx.Done():
				return
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		all.Wait()
		source.Close()
		c.window.Close()
	})
	return c
}

// SendSlice is for share.
func (c *chain) SendSlice(ctx context.Context, s wire.Slice) error {
	s.Data = bytes.Clone(s.Data)
	select {
	case c.slices <- s:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// The rest of what share and watch need of a connection and a painter.
func (c *chain) SendCursor(context.Context, wire.Cursor) error { return nil }
func (c *chain) SendPointer(wire.Pointer) error                { return nil }
func (c *chain) Presented(frame uint64) error                  { c.share.Presented(frame); return nil }
func (c *chain) Taken(bytes uint64) error                      { c.flow.Taken(bytes, 0); return nil }
func (c *chain) AskKeyFrame() error                            { c.share.KeyFrame(); return nil }
func (c *chain) Size(int, int)                                 {}
func (c *chain) Damage(m frame.Image, rs []frame.Rect)         { c.window.Draw(m, rs) }
func (c *chain) Cursor(frame.Cursor)                           {}
func (c *chain) Pointer(uint8, uint16, uint16)                 {}

// at shows the picture in a part of the rep's display.
func (c *chain) at(out image.Rectangle) {
	c.window.Set(remote.Scene{Place: out, Out: image.Rectangle{Max: out.Size()}, Shown: true})
}

// whole is a part of a display as a picture.
func (e *eye) whole(r image.Rectangle) frame.Image {
	return frame.Image{Pix: e.part(r), Stride: 4 * r.Dx(), W: r.Dx(), H: r.Dy()}
}

// arrived says whether the rep sees what the customer's display shows, exactly.
func (c *chain) arrived(out image.Rectangle) bool {
	m := c.there.whole(image.Rectangle{Max: c.size})
	want := m
	if out.Size() != c.size {
		want = frame.New(out.Dx(), out.Dy())
		remote.NewScaler(c.size, out.Size()).Scale(want, m, want.Bounds())
	}
	return frame.Equal(c.here.whole(out), want)
}

// block makes a window of one colour; who is nobody's has no frame.
func (e *eye) block(nobodys bool, rgb uint32) xproto.Window {
	id, err := xproto.NewWindowId(e.conn)
	if err != nil {
		e.t.Fatal(err)
	}
	free := uint32(0)
	if nobodys {
		free = 1
	}
	s := xproto.Setup(e.conn).DefaultScreen(e.conn)
	xproto.CreateWindow(e.conn, s.RootDepth, id, e.root, 10, 10, 200, 150, 0, xproto.WindowClassInputOutput, s.RootVisual,
		xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{rgb, free})
	return id
}

// shuffle moves, raises, shows or hides one of the windows.
func (e *eye) shuffle(rng *rand.Rand, windows []xproto.Window) {
	w := windows[rng.IntN(len(windows))]
	switch rng.IntN(7) {
	case 0, 1:
		xproto.MapWindow(e.conn, w)
	case 2:
		xproto.UnmapWindow(e.conn, w)
	case 3, 4:
		xproto.ConfigureWindow(e.conn, w, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
	case 5:
		xproto.ConfigureWindow(e.conn, w, xproto.ConfigWindowX|xproto.ConfigWindowY, []uint32{rng.Uint32N(600), rng.Uint32N(400)})
	case 6:
		xproto.ConfigureWindow(e.conn, w, xproto.ConfigWindowWidth|xproto.ConfigWindowHeight, []uint32{40 + rng.Uint32N(400), 40 + rng.Uint32N(300)})
	}
}

// TestWhatTheRepSeesIsWhatTheCustomerSees moves windows about on the
// customer's desktop, and windows over the picture at the rep's, changes the
// size at which it is shown, and loses it now and then. When all comes to rest,
// the two displays show the same.
func TestWhatTheRepSeesIsWhatTheCustomerSees(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	c := link(t, 800, 600, "800x600")
	var theirs, ours []xproto.Window
	for range 6 {
		theirs = append(theirs, c.there.block(false, rng.Uint32()))
		ours = append(ours, c.here.block(true, rng.Uint32()))
	}
	outs := []image.Rectangle{
		image.Rect(20, 30, 820, 630), image.Rect(20, 30, 420, 330), image.Rect(5, 5, 1205, 905), image.Rect(40, 0, 713, 505),
	}
	for range 50 {
		for range rng.IntN(40) {
			switch rng.IntN(12) {
			case 0:
				c.at(outs[rng.IntN(len(outs))])
			case 1:
				c.window.Set(remote.Scene{})
			case 2:
				c.share.KeyFrame()
			case 3, 4:
				c.here.shuffle(rng, ours)
			default:
				c.there.shuffle(rng, theirs)
			}
		}
		for _, w := range ours {
			xproto.UnmapWindow(c.here.conn, w)
		}
		out := outs[rng.IntN(len(outs))]
		c.at(out)
		xdisplay.WaitFor(t, "the rep to see it", func() bool { return c.arrived(out) })
	}
}

// BenchmarkChain is the time from a drawing on the customer's display until
// its last corner is on the rep's, at actual size.
func BenchmarkChain(b *testing.B) {
	c := link(b, 1920, 1080, "1920x1080")
	c.at(image.Rect(0, 0, 1920, 1080))
	for _, r := range []image.Rectangle{image.Rect(900, 500, 932, 532), image.Rect(900, 500, 1100, 700), image.Rect(0, 0, 1920, 1080)} {
		b.Run(r.Size().String(), func(b *testing.B) {
			c.there.canvas(r)
			defer xproto.DestroyWindow(c.there.conn, c.there.window)
			at := r.Max.Sub(image.Pt(1, 1))
			c.here.until("the canvas", func() bool { return c.here.colour(at) == [3]int{} })
			var all delays
			for i := 1; b.Loop(); i++ {
				want := [3]int{i * 37 % 256, i * 101 % 256, i*59%255 + 1}
				c.there.fill(uint32(want[0] | want[1]<<8 | want[2]<<16))
				all = append(all, c.here.until("what was drawn", func() bool { return c.here.colour(at) == want }))
			}
			all.report(b, "drawn-to-sight")
		})
	}
}
