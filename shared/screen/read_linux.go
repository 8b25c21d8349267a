package screen

import (
	"fmt"
	"image"

	xshm "github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/frame"
)

// The server writes what it is asked for densely into the segment: rows of the
// picture only if they are asked for in full. So the segment begins with the
// picture, into which wide parts are read where they belong, and ends with a
// scratch, from which narrow parts are copied.
const (
	// scratchSize holds a window of 1000×1000 pixels: each time it is full, we
	// wait for the server.
	scratchSize = 4 << 20
	// bytesAtOnce bounds the replies of GetImage, which are copied twice.
	bytesAtOnce = 1 << 20
)

// asked is a part of the screen on its way into the segment.
type asked struct {
	cookie xshm.GetImageCookie
	part   frame.Rect // in pixels of the picture; empty if it is read in place
	offset int        // in the segment
}

// point aims at another area. The old picture is given up.
func (x *xserver) point(area frame.Rect) error {
	if area.Empty() {
		return errLayout
	}
	w, h := area.Dx(), area.Dy()
	x.scratch = 0
	if x.pixels.bgrx() {
		x.scratch = 4 * w * h
	}
	x.memory.get(x.conn, x.scratch+scratchSize)
	if x.memory.b != nil && x.pixels.bgrx() {
		x.pic = frame.Image{Pix: x.memory.b[:4*w*h], Stride: 4 * w, W: w, H: h}
	} else {
		x.pic = frame.New(w, h)
	}
	x.area, x.full = area, true
	return nil
}

// capture reads what damage covers into the picture.
func (x *xserver) capture() error {
	x.damage = gather(x.damage, readSlack, readMost)
	x.asked, x.used = x.asked[:0], 0
	for _, r := range x.damage {
		var err error
		switch {
		case x.memory.b == nil:
			err = x.readPlain(r)
		case x.pixels.bgrx() && wide(r, x.pic.W):
			x.askInPlace(r)
		default:
			err = x.ask(r)
		}
		if err != nil {
			return err
		}
	}
	return x.collect()
}

// wide says whether reading the full width is cheaper than copying: it is from
// a third of it on (BenchmarkCapture).
func wide(r frame.Rect, w int) bool { return 3*r.Dx() >= w }

// askInPlace has the server write whole rows into the picture.
func (x *xserver) askInPlace(r frame.Rect) {
	r.Min.X, r.Max.X = 0, x.pic.W
	x.asked = append(x.asked, asked{cookie: x.getImage(r, r.Min.Y*x.pic.Stride)})
}

// ask has the server write r into the scratch, as many rows at a time as fit.
func (x *xserver) ask(r frame.Rect) error {
	stride := x.pixels.stride(r.Dx())
	for r.Min.Y < r.Max.Y {
		rows := min(r.Dy(), (scratchSize-x.used)/stride)
		if rows == 0 {
			if err := x.collect(); err != nil {
				return err
			}
			continue
		}
		part := r
		part.Max.Y = r.Min.Y + rows
		at := x.scratch + x.used
		x.asked = append(x.asked, asked{cookie: x.getImage(part, at), part: part, offset: at})
		x.used += rows * stride
		r.Min.Y = part.Max.Y
	}
	return nil
}

func (x *xserver) getImage(r frame.Rect, offset int) xshm.GetImageCookie {
	at := x.area.Min.Add(r.Min)
	return xshm.GetImage(x.conn, xproto.Drawable(x.root), int16(at.X), int16(at.Y), uint16(r.Dx()), uint16(r.Dy()),
		0xffffffff, xproto.ImageFormatZPixmap, x.memory.seg, uint32(offset))
}

// collect waits for all that was asked for, and empties the scratch.
func (x *xserver) collect() error {
	for _, a := range x.asked {
		if _, err := a.cookie.Reply(); err != nil {
			return x.failed(err)
		}
		if !a.part.Empty() {
			x.put(a.part, x.memory.b[a.offset:])
		}
	}
	x.asked, x.used = x.asked[:0], 0
	return nil
}

// readPlain reads r over the connection.
func (x *xserver) readPlain(r frame.Rect) error {
	stride := x.pixels.stride(r.Dx())
	for top := r.Min.Y; top < r.Max.Y; {
		part := image.Rect(r.Min.X, top, r.Max.X, min(r.Max.Y, top+max(bytesAtOnce/stride, 1)))
		at := x.area.Min.Add(part.Min)
		reply, err := xproto.GetImage(x.conn, xproto.ImageFormatZPixmap, xproto.Drawable(x.root),
			int16(at.X), int16(at.Y), uint16(part.Dx()), uint16(part.Dy()), 0xffffffff).Reply()
		if err != nil {
			return x.failed(err)
		}
		if len(reply.Data) < stride*part.Dy() {
			return fmt.Errorf("%w: a picture of %d bytes", ErrLost, len(reply.Data))
		}
		x.put(part, reply.Data)
		top = part.Max.Y
	}
	return nil
}

// put writes rows of the server's pixels into the part r of the picture.
func (x *xserver) put(r frame.Rect, rows []byte) {
	stride := x.pixels.stride(r.Dx())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if to := x.pic.Row(y, r.Min.X, r.Max.X); x.pixels.bgrx() {
			copy(to, rows[:stride])
		} else {
			x.pixels.convert(to, rows[:stride])
		}
		rows = rows[stride:]
	}
}

// failed tells a screen that became smaller from one that is gone.
func (x *xserver) failed(err error) error {
	switch err.(type) {
	case xproto.MatchError, xproto.ValueError:
		return errLayout
	}
	return fmt.Errorf("%w: reading pixels: %w", ErrLost, err)
}
