package frame

import "image"

// Input travels in 1/65536 of a monitor's width and height (wire.Button and
// others), so that neither side needs the other's resolution. These two are
// the only places where such numbers are made and read.

// Point is the pixel of r that x and y, in 1/65536 of its sides, lie in.
func Point(r Rect, x, y uint16) image.Point {
	return r.Min.Add(image.Pt(int(x)*r.Dx()>>16, int(y)*r.Dy()>>16))
}

// Units is the middle of pixel p of r, in 1/65536 of its sides; a point
// outside goes to the nearest edge. Point undoes it for sides up to 32768.
func Units(r Rect, p image.Point) (x, y uint16) {
	return unit(p.X-r.Min.X, r.Dx()), unit(p.Y-r.Min.Y, r.Dy())
}

func unit(p, side int) uint16 {
	if side <= 0 {
		return 0
	}
	p = min(max(p, 0), side-1)
	return uint16((2*p + 1) << 16 / (2 * side))
}

// Find is the monitor of a layout with this ID, or false.
func Find(layout []Monitor, id uint8) (Monitor, bool) {
	for _, m := range layout {
		if m.ID == id {
			return m, true
		}
	}
	return Monitor{}, false
}

// Desktop is the rectangle around all monitors of a layout.
func Desktop(layout []Monitor) Rect {
	var u Rect
	for _, m := range layout {
		u = u.Union(m.Bounds)
	}
	return u
}
