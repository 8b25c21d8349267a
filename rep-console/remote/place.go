package remote

import "image"

// fit is the largest rectangle of pic's shape in the middle of view.
func fit(view, pic image.Point) image.Rectangle {
	if pic.X <= 0 || pic.Y <= 0 || view.X <= 0 || view.Y <= 0 {
		return image.Rectangle{}
	}
	size := view
	if pic.X*view.Y > pic.Y*view.X {
		size.Y = max(1, (pic.Y*view.X+pic.X/2)/pic.X)
	} else {
		size.X = max(1, (pic.X*view.Y+pic.Y/2)/pic.Y)
	}
	at := view.Sub(size).Div(2)
	return image.Rectangle{Min: at, Max: at.Add(size)}
}

// actual is pic at its own size: in the middle of view where it is smaller,
// shifted by pan where it is larger.
func actual(pan, view, pic image.Point) image.Rectangle {
	if pic.X <= 0 || pic.Y <= 0 || view.X <= 0 || view.Y <= 0 {
		return image.Rectangle{}
	}
	at := image.Pt(-pan.X, -pan.Y)
	if pic.X < view.X {
		at.X = (view.X - pic.X) / 2
	}
	if pic.Y < view.Y {
		at.Y = (view.Y - pic.Y) / 2
	}
	return image.Rectangle{Min: at, Max: at.Add(pic)}
}

// clampPan keeps the view inside the picture.
func clampPan(pan, view, pic image.Point) image.Point {
	return image.Pt(
		min(max(pan.X, 0), max(pic.X-view.X, 0)),
		min(max(pan.Y, 0), max(pic.Y-view.Y, 0)),
	)
}

// toWire is the place on the customer's desktop under a point of the view, in
// 1/65536 of the shown monitor. Points outside the picture count as its edge.
func (s State) toWire(p image.Point) (x, y uint16) {
	size := s.Out.Size()
	return fraction(p.X-s.Out.Min.X, size.X, s.Picture.X), fraction(p.Y-s.Out.Min.Y, size.Y, s.Picture.Y)
}

// toView is the point of the view that shows a place on the customer's desktop.
func (s State) toView(x, y uint16) image.Point {
	size := s.Out.Size()
	return s.Out.Min.Add(image.Pt(point(x, size.X, s.Picture.X), point(y, size.Y, s.Picture.Y)))
}

// fraction finds the pixel of a picture pic pixels long that lies at at of out
// pixels on screen, and gives its middle in 1/65536 of the picture. When the
// picture is shrunk, the first and last pixels on screen are the picture's
// first and last: a pointer pushed into a corner must reach it.
func fraction(at, out, pic int) uint16 {
	if out <= 0 || pic <= 0 {
		return 0
	}
	at = min(max(at, 0), out-1)
	pixel := at * pic / out
	if out < pic && out > 1 {
		pixel = (at*(pic-1) + (out-1)/2) / (out - 1)
	}
	return uint16((2*pixel + 1) * 65536 / (2 * pic))
}

// point is the way back from fraction.
func point(x uint16, out, pic int) int {
	if out <= 0 || pic <= 0 {
		return 0
	}
	pixel := int(x) * pic >> 16
	if out < pic && pic > 1 {
		return (pixel*(out-1) + (pic-1)/2) / (pic - 1)
	}
	return (2*pixel + 1) * out / (2 * pic)
}
