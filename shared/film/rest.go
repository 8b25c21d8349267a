package film

import (
	"handrail/shared/frame"
	"handrail/shared/odds"
)

// rest is what is learnt about the difference between a photograph and what
// was told of it.
type rest struct {
	size [3][restClasses][8]odds.Prob // unary: 0, 1, … 7 or more
	much [3]odds.Number
	up   [3][Block + 2]uint8 // sizes in the row above, and left of it in this one
}

const restClasses = 16

func (t *rest) init() {
	for c := range 3 {
		for i := range t.size[c] {
			odds.Init(t.size[c][i][:])
		}
		t.much[c].Init()
	}
}

// EncodeRest makes the rectangle r of dst equal to src.
func (p *Photo) EncodeRest(e *odds.Encoder, src, dst frame.Image, r frame.Rect) {
	t := &p.rest
	t.up = [3][Block + 2]uint8{}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		a, b := src.Row(y, r.Min.X, r.Max.X), dst.Row(y, r.Min.X, r.Max.X)
		var left [3]uint8
		for x := 0; x < r.Dx(); x++ {
			s, o := a[4*x:4*x+4], b[4*x:4*x+4]
			dg := s[1] - o[1]
			dr, db := s[2]-o[2]-dg, s[0]-o[0]-dg
			g := t.write(e, 0, t.class(0, x, left[0], 0), dg)
			rr := t.write(e, 1, t.class(1, x, left[1], g), dr)
			bb := t.write(e, 2, t.class(2, x, left[2], rr), db)
			left = [3]uint8{g, rr, bb}
			t.up[0][x+1], t.up[1][x+1], t.up[2][x+1] = g, rr, bb
			o[0], o[1], o[2], o[3] = s[0], s[1], s[2], 0
		}
	}
}

// DecodeRest reads what EncodeRest wrote.
func (p *Photo) DecodeRest(d *odds.Decoder, dst frame.Image, r frame.Rect) {
	t := &p.rest
	t.up = [3][Block + 2]uint8{}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		b := dst.Row(y, r.Min.X, r.Max.X)
		var left [3]uint8
		for x := 0; x < r.Dx(); x++ {
			o := b[4*x : 4*x+4]
			dg, g := t.read(d, 0, t.class(0, x, left[0], 0))
			dr, rr := t.read(d, 1, t.class(1, x, left[1], g))
			db, bb := t.read(d, 2, t.class(2, x, left[2], rr))
			left = [3]uint8{g, rr, bb}
			t.up[0][x+1], t.up[1][x+1], t.up[2][x+1] = g, rr, bb
			o[0], o[1], o[2], o[3] = o[0]+dg+db, o[1]+dg, o[2]+dg+dr, 0
		}
	}
}

// class is how large a difference may be expected at x, from the sizes around
// it and that of another colour at the same place.
func (t *rest) class(c, x int, left, other uint8) *[8]odds.Prob {
	s := 2*left + 2*t.up[c][x+1] + t.up[c][x] + t.up[c][x+2] + other
	return &t.size[c][min(s>>1, restClasses-1)]
}

func (t *rest) write(e *odds.Encoder, c int, size *[8]odds.Prob, d uint8) uint8 {
	a := d
	if d > 127 {
		a = -d
	}
	for i := range uint8(7) {
		e.Bit(&size[i&7], a > i)
		if a <= i {
			break
		}
	}
	if a >= 7 {
		e.Number(&t.much[c], uint32(a-7))
	}
	if a > 0 {
		e.Raw(uint32(d>>7), 1)
	}
	return min(a, 12)
}

func (t *rest) read(d *odds.Decoder, c int, size *[8]odds.Prob) (v, a uint8) {
	for a < 7 && d.Bit(&size[a&7]) {
		a++
	}
	if a == 7 {
		a = uint8(min(7+d.Number(&t.much[c]), 128))
	}
	v = a
	if a > 0 && d.Raw(1) != 0 {
		v = -a
	}
	return v, min(a, 12)
}
