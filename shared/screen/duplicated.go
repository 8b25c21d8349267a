package screen

import (
	"encoding/binary"
	"image"

	"handrail/shared/frame"
)

// What desktop duplication tells, as dxgi1_2.h lays it out: numbers of four
// bytes, the lowest first.
const (
	rectSize = 16 // RECT: left, top, right, bottom
	moveSize = 24 // DXGI_OUTDUPL_MOVE_RECT: POINT from where, RECT to where
)

// dirtyRects reads RECTs and appends what of them is inside bounds.
func dirtyRects(rs []frame.Rect, b []byte, bounds frame.Rect) []frame.Rect {
	for ; len(b) >= rectSize; b = b[rectSize:] {
		rs = appendRect(rs, b, bounds)
	}
	return rs
}

// moveRects appends the places that something was moved to. What became free
// is among the dirty rectangles.
func moveRects(rs []frame.Rect, b []byte, bounds frame.Rect) []frame.Rect {
	for ; len(b) >= moveSize; b = b[moveSize:] {
		rs = appendRect(rs, b[moveSize-rectSize:], bounds)
	}
	return rs
}

func appendRect(rs []frame.Rect, b []byte, bounds frame.Rect) []frame.Rect {
	at := func(i int) int { return int(int32(binary.LittleEndian.Uint32(b[4*i:]))) }
	r := frame.Rect{Min: image.Pt(at(0), at(1)), Max: image.Pt(at(2), at(3))}.Intersect(bounds)
	if r.Empty() {
		return rs
	}
	return append(rs, r)
}

// turn is how a monitor is turned against the surface that is duplicated: the
// values of DXGI_MODE_ROTATION.
type turn uint32

const (
	upright  turn = 1
	right    turn = 2 // by 90°, clockwise
	overhead turn = 3
	left     turn = 4
)

// point is where pixel p of a surface of w by h is on the monitor.
func (t turn) point(p image.Point, w, h int) image.Point {
	switch t {
	case right:
		return image.Pt(h-1-p.Y, p.X)
	case overhead:
		return image.Pt(w-1-p.X, h-1-p.Y)
	case left:
		return image.Pt(p.Y, w-1-p.X)
	}
	return p
}

// rect is where r, which is not empty, is on the monitor.
func (t turn) rect(r frame.Rect, w, h int) frame.Rect {
	a, b := t.point(r.Min, w, h), t.point(r.Max.Sub(image.Pt(1, 1)), w, h)
	return frame.Rect{
		Min: image.Pt(min(a.X, b.X), min(a.Y, b.Y)),
		Max: image.Pt(max(a.X, b.X)+1, max(a.Y, b.Y)+1),
	}
}

// copy puts the part r of a surface in its place on the monitor, whose picture
// to is. What lies outside it is left out.
func (t turn) copy(to, surface frame.Image, r frame.Rect) {
	r = r.Intersect(surface.Bounds())
	if t < right || t > left {
		frame.Copy(to, surface, r)
		return
	}
	w, h := surface.W, surface.H
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if p := t.point(image.Pt(x, y), w, h); p.In(to.Bounds()) {
				copy(to.Row(p.Y, p.X, p.X+1), surface.Row(y, x, x+1))
			}
		}
	}
}
