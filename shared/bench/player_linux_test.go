package bench

import (
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"testing"

	"github.com/gen2brain/shm"
	"github.com/jezek/xgb"
	xshm "github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/frame"
	"handrail/shared/x11"
)

// player shows frames on an X display, in a window above everything. Only what
// changed is drawn, out of shared memory, as a program would that draws fast.
type player struct {
	t      testing.TB
	conn   *xgb.Conn
	window xproto.Window
	gc     xproto.Gcontext
	seg    xshm.Seg
	depth  byte
	pic    frame.Image // in shared memory
}

func openPlayer(t testing.TB, display string, w, h int) *player {
	t.Helper()
	conn, err := x11.Dial(display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	p := &player{t: t, conn: conn}
	screen := xproto.Setup(conn).DefaultScreen(conn)
	p.depth = screen.RootDepth
	id, err := shm.Get(shm.IPC_PRIVATE, 4*w*h, shm.IPC_CREAT|0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = shm.Rm(id) }() // it goes when both sides have left it
	b, err := shm.At(id, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shm.Dt(b) })
	p.pic = frame.Image{Pix: b[:4*w*h], Stride: 4 * w, W: w, H: h}
	err = x11.Use(conn, "MIT-SHM")
	for _, get := range []func() error{
		func() (err error) { p.window, err = xproto.NewWindowId(conn); return err },
		func() (err error) { p.gc, err = xproto.NewGcontextId(conn); return err },
		func() (err error) { p.seg, err = xshm.NewSegId(conn); return err },
	} {
		err = errors.Join(err, get())
	}
	err = errors.Join(err,
		xshm.AttachChecked(conn, p.seg, uint32(id), true).Check(),
		xproto.CreateWindowChecked(conn, p.depth, p.window, screen.Root, 0, 0, uint16(w), uint16(h), 0,
			xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwOverrideRedirect, []uint32{1}).Check(),
		xproto.CreateGCChecked(conn, p.gc, xproto.Drawable(p.window), 0, nil).Check(),
		xproto.MapWindowChecked(conn, p.window).Check())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// show draws what f changes and returns when the server has done it.
func (p *player) show(f Frame) {
	p.prepare(f)
	p.draw(f.Damage)
}

// prepare puts what f changes where the server will read it.
func (p *player) prepare(f Frame) {
	for _, r := range f.Damage {
		frame.Copy(p.pic, f.Image, r)
	}
}

func (p *player) draw(damage []frame.Rect) {
	for _, r := range damage {
		xshm.PutImage(p.conn, xproto.Drawable(p.window), p.gc, uint16(p.pic.W), uint16(p.pic.H),
			uint16(r.Min.X), uint16(r.Min.Y), uint16(r.Dx()), uint16(r.Dy()), int16(r.Min.X), int16(r.Min.Y),
			p.depth, xproto.ImageFormatZPixmap, 0, p.seg, 0)
	}
	if _, err := xproto.GetInputFocus(p.conn).Reply(); err != nil { // answered when all before is done
		p.t.Fatalf("drawing: %v", err)
	}
}

// whole is f with everything as damage.
func whole(f Frame) Frame {
	f.Damage = []frame.Rect{f.Image.Bounds()}
	return f
}

// sameIn says whether two pictures have the same colours in all of rs.
func sameIn(a, b frame.Image, rs []frame.Rect) bool {
	for _, r := range rs {
		if !frame.Equal(a.Sub(r), b.Sub(r)) {
			return false
		}
	}
	return true
}

// each plays the recording in a file. do returns false to end it.
func each(t testing.TB, file string, do func(i int, f Frame) bool) {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r, err := NewReader(in, MaxPixels)
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", file, err))
	}
	defer r.Close()
	for i := 0; ; i++ {
		f, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", file, err))
		}
		if !do(i, f) {
			return
		}
	}
}

// sizeOf is the size of a recording's desktop.
func sizeOf(t testing.TB, file string) (size image.Point) {
	each(t, file, func(_ int, f Frame) bool {
		size = f.Image.Bounds().Max
		return false
	})
	return size
}
