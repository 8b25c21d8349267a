package paint

import (
	"fmt"

	"github.com/gen2brain/shm"
	"github.com/jezek/xgb"
	xshm "github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/frame"
	"handrail/shared/x11"
)

// store is a picture that the X server can read. With MIT-SHM it lies in
// memory shared with the server; otherwise the pixels are sent.
type store struct {
	frame.Image
	seg xshm.Seg // 0: not shared
}

// shares says whether the server takes pictures from shared memory.
func shares(x *xgb.Conn) bool {
	if x11.Use(x, "MIT-SHM") != nil {
		return false
	}
	s, err := newShared(x, 1, 1)
	if err != nil {
		return false // another machine's display, or another user's
	}
	s.free(x)
	return true
}

// newStore makes a black picture, in shared memory if that works.
func newStore(x *xgb.Conn, w, h int, shared bool) store {
	if shared {
		if s, err := newShared(x, w, h); err == nil {
			return s
		}
	}
	return store{Image: frame.New(w, h)}
}

// newShared makes a segment that only this user can read (the usual 0777 would
// show the customer's screen to everybody on this machine) and that vanishes
// with the last of the two processes.
func newShared(x *xgb.Conn, w, h int) (store, error) {
	id, err := shm.Get(shm.IPC_PRIVATE, 4*w*h, shm.IPC_CREAT|0o600)
	if err != nil {
		return store{}, fmt.Errorf("making shared memory: %w", err)
	}
	defer func() { _ = shm.Rm(id) }() // takes effect when both have detached
	pix, err := shm.At(id, 0, 0)
	if err != nil {
		return store{}, fmt.Errorf("attaching shared memory: %w", err)
	}
	seg, err := xshm.NewSegId(x)
	if err == nil {
		err = xshm.AttachChecked(x, seg, uint32(id), true).Check()
	}
	if err != nil {
		_ = shm.Dt(pix)
		return store{}, fmt.Errorf("sharing memory with the X server: %w", err)
	}
	return store{Image: frame.Image{Pix: pix, Stride: 4 * w, W: w, H: h}, seg: seg}, nil
}

// free gives the memory back. The server reads it in the order of requests, so
// what was put before is still painted.
func (s *store) free(x *xgb.Conn) {
	if s.seg != 0 {
		xshm.Detach(x, s.seg)
		_ = shm.Dt(s.Pix)
	}
	*s = store{}
}

// put paints part of the picture on a window at x, y.
func (s *store) put(c canvas, part frame.Rect, x, y int) {
	if s.seg == 0 {
		c.send(s.Image, part, x, y)
		return
	}
	xshm.PutImage(c.x, xproto.Drawable(c.id), c.gc, uint16(s.W), uint16(s.H),
		uint16(part.Min.X), uint16(part.Min.Y), uint16(part.Dx()), uint16(part.Dy()),
		int16(x), int16(y), depth, xproto.ImageFormatZPixmap, 0, s.seg, 0)
}

// canvas is what is painted on.
type canvas struct {
	x   *xgb.Conn
	id  xproto.Window
	gc  xproto.Gcontext
	max int // bytes of one request
}

// send paints part of a picture by sending its pixels in strips that fit a
// request.
func (c canvas) send(m frame.Image, part frame.Rect, x, y int) {
	const header = 24 // of PutImage
	row := 4 * part.Dx()
	rows := max(1, (c.max-header)/row)
	buf := make([]byte, 0, row*min(rows, part.Dy()))
	for top := part.Min.Y; top < part.Max.Y; top += rows {
		buf = buf[:0]
		end := min(top+rows, part.Max.Y)
		for line := top; line < end; line++ {
			buf = append(buf, m.Row(line, part.Min.X, part.Max.X)...)
		}
		xproto.PutImage(c.x, xproto.ImageFormatZPixmap, xproto.Drawable(c.id), c.gc,
			uint16(part.Dx()), uint16(end-top), int16(x), int16(y+top-part.Min.Y), 0, depth, buf)
	}
}
