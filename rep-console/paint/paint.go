// Package paint shows the customer's screen in a native child window of the
// rep's window. Fyne repaints its whole window for each change, which without
// a graphics card costs ten times as much as handing the changed pixels to the
// X server. The child asks for no mouse or keyboard events, so they reach the
// window below as if it were not there.
//
//	w, err := paint.Open(id) // of Fyne's window
//	w.Set(state.Scene(at, false))
//	w.Draw(picture, damage)  // from the decoder, whenever something changed
//
// With a graphics card Fyne itself paints quickly. The child is Bare then: it
// can't be seen, and gives the pointer its shape and the keyboard its window.
//
// Every method may be called from any goroutine. None waits for the X server
// except Open, Close, Pointer and a Draw that changes the picture's size.
package paint

import (
	"errors"
	"image"

	"handrail/shared/frame"
)

// ErrNotHere says that this system, or this display, has no native painting.
var ErrNotHere = errors.New("paint: no native painting here")

// MaxSide is the longest side of a picture in pixels: X counts in 16 bits.
const MaxSide = 32767

// maxSpots bounds how finely damage is kept; beyond it, what is painted is the
// rectangle around all of it.
const maxSpots = 64

// spots is a set of rectangles that must be painted.
type spots []frame.Rect

// add puts a rectangle in, joining it with another where that paints hardly
// more than the two.
func (s *spots) add(r frame.Rect) {
	if r.Empty() {
		return
	}
	for i, o := range *s {
		u := o.Union(r)
		if area(u)*4 <= (area(o)+area(r))*5 {
			(*s)[i] = u
			return
		}
	}
	if len(*s) < maxSpots {
		*s = append(*s, r)
		return
	}
	for _, o := range *s {
		r = r.Union(o)
	}
	*s = append((*s)[:0], r)
}

func area(r frame.Rect) int { return r.Dx() * r.Dy() }

// without is what is left of r when o is taken away: at most four rectangles.
func without(r, o frame.Rect) []frame.Rect {
	if r.Empty() {
		return nil
	}
	o = o.Intersect(r)
	if o.Empty() {
		return []frame.Rect{r}
	}
	var rest []frame.Rect
	for _, p := range [4]frame.Rect{
		image.Rect(r.Min.X, r.Min.Y, r.Max.X, o.Min.Y), // above
		image.Rect(r.Min.X, o.Max.Y, r.Max.X, r.Max.Y), // below
		image.Rect(r.Min.X, o.Min.Y, o.Min.X, o.Max.Y), // left
		image.Rect(o.Max.X, o.Min.Y, r.Max.X, o.Max.Y), // right
	} {
		if !p.Empty() {
			rest = append(rest, p)
		}
	}
	return rest
}

// blend paints a pointer of premultiplied RGBA over a BGRX picture, its top
// left corner at at.
func blend(dst frame.Image, c frame.Cursor, at image.Point) {
	part := image.Rect(0, 0, c.W, c.H).Add(at).Intersect(dst.Bounds())
	for y := part.Min.Y; y < part.Max.Y; y++ {
		row := dst.Row(y, part.Min.X, part.Max.X)
		pix := c.Pix[4*((y-at.Y)*c.W+part.Min.X-at.X):]
		for i := 0; i < len(row); i += 4 {
			rest := 255 - uint32(pix[i+3])
			row[i] = over(pix[i+2], row[i], rest)
			row[i+1] = over(pix[i+1], row[i+1], rest)
			row[i+2] = over(pix[i], row[i+2], rest)
		}
	}
}

// over puts one premultiplied channel over another, of which rest/255 shows.
// A sender that did not premultiply must not make it run over.
func over(top, below byte, rest uint32) byte {
	return byte(min(uint32(top)+(uint32(below)*rest+127)/255, 255))
}

// whole says whether a pointer's picture is as long as it claims.
func whole(c frame.Cursor) bool {
	return c.W > 0 && c.H > 0 && c.W <= maxPointer && c.H <= maxPointer && len(c.Pix) >= 4*c.W*c.H
}

// maxPointer is wire.MaxSide: a pointer larger than that is not shown.
const maxPointer = 256
