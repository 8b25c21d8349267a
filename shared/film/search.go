package film

import "math/bits"

// search finds where a macroblock came from.
type search struct {
	src    *patch
	ref    *plane
	mx, my int
	guess  vector
	price  int // of a bit, as a difference of pixels, times 8
	best   vector
	cost   int
	cell   cell
}

// bits is how many bits it takes to tell v, roughly.
func (s *search) bits(v vector) int {
	x, y := int(v.x)-int(s.guess.x), int(v.y)-int(s.guess.y)
	if x|y == 0 {
		return 0
	}
	return 2*bits.Len32(uint32(x^x>>31)) + 2*bits.Len32(uint32(y^y>>31)) + 3
}

// try looks at v, in whole pixels, and says whether it is better.
func (s *search) try(v vector) bool {
	if v != v.hold(s.ref, s.mx, s.my) {
		return false
	}
	c := s.bits(v) * s.price >> 3
	if c >= s.cost {
		return false
	}
	o := s.ref.at(16*s.mx+int(v.x>>2), 16*s.my+int(v.y>>2))
	c += s.src.sad(s.ref.pix[o:], s.ref.stride, s.cost-c)
	if c >= s.cost {
		return false
	}
	s.best, s.cost = v, c
	return true
}

// run looks at the candidates, and from the best one ever closer around it
// unless that is good enough. It says whether it wasn't.
func (s *search) run(candidates []vector, enough int) bool {
	s.cost = 1 << 30
	s.try(vector{})
	for _, v := range candidates {
		v = vector{(v.x + 2) &^ 3, (v.y + 2) &^ 3}
		if v != s.best {
			s.try(v)
		}
	}
	if s.cost < enough {
		return false
	}
	if s.cost > 256*6 {
		for step := int16(64); step > 8; step >>= 1 {
			for n := 0; n < 6 && s.around(step); n++ {
			}
		}
	}
	for n := 0; n < 16 && s.around(8); n++ {
	}
	for n := 0; n < 4 && s.around(4); n++ {
	}
	return true
}

// around looks at four places around the best one.
func (s *search) around(d int16) bool {
	v := s.best
	a := s.try(vector{v.x + d, v.y})
	b := s.try(vector{v.x - d, v.y})
	c := s.try(vector{v.x, v.y + d})
	e := s.try(vector{v.x, v.y - d})
	return a || b || c || e
}

// square is part of a plane of brightness: rows of 24 pixels.
type square [18 * 24]byte

// cell is what lies between the pixels of 16 rows and the next ones to the
// right and below: the halves, from which the quarters are made. That differs
// from blend in the last bit, but is quick, and here only the best is sought:
//
//	G . b . H     G and H are pixels, b, h and j lie halfway; what is between
//	. . . . .     two of them is their mean, and what is between b and h too
//	h . j . .
type cell struct {
	o       int
	b, h, j square
}

func (c *cell) fill(l *plane, o int) {
	c.o = o
	for i := range 18 {
		s, t := l.pix[o:o+32:o+32], l.pix[o+l.stride:]
		b, h := (*[24]byte)(c.b[24*i:]), (*[24]byte)(c.h[24*i:])
		for k := 0; k < 24; k += 8 {
			v := get8(s[k:])
			put8(b[k:], mean(v, get8(s[k+1:])))
			put8(h[k:], mean(v, get8(t[k:])))
		}
		o += l.stride
	}
	for i := range 16 {
		r, s, t := (*[16]byte)(c.j[24*i:]), (*[16]byte)(c.b[24*i:]), (*[16]byte)(c.b[24*i+24:])
		put8(r[:8], mean(get8(s[:8]), get8(t[:8])))
		put8(r[8:], mean(get8(s[8:]), get8(t[8:])))
	}
}

// pick is the two rows of pixels, and how far apart theirs are, whose mean is
// the place fx and fy quarters to the right of and below the first pixel, up to
// 4 each.
func (c *cell) pick(l *plane, fx, fy int) (a, b []byte, sa, sb int) {
	nx, ny := (fx+1)>>2, (fy+1)>>2 // the nearest pixel, or halfway before it
	pixel, beside, below := l.pix[c.o+ny*l.stride+nx:], c.b[24*ny:], c.h[nx:]
	switch {
	case fx == 2 && fy == 2:
		return c.j[:], c.j[:], 24, 24
	case fx&3 == 0 && fy == 2:
		return below, below, 24, 24
	case fx == 2 && fy&3 == 0:
		return beside, beside, 24, 24
	case fx&3 == 0:
		return pixel, below, l.stride, 24
	case fy&3 == 0:
		return pixel, beside, l.stride, 24
	case fx == 2:
		return beside, c.j[:], 24, 24
	case fy == 2:
		return below, c.j[:], 24, 24
	}
	return beside, below, 24, 24
}

// sadMeanPlain is sadMean for any machine.
func (p *patch) sadMeanPlain(a, b []byte, sa, sb, best int) int {
	s := 0
	for i := range 4 {
		v, n := uint64(0), uint64(0)
		for j := range 4 {
			x := (*[16]byte)(p[64*i+16*j:])
			y, z := (*[16]byte)(a[(4*i+j)*sa:]), (*[16]byte)(b[(4*i+j)*sb:])
			d0, n0 := apart(get8(x[:8]), mean(get8(y[:8]), get8(z[:8])))
			d1, n1 := apart(get8(x[8:]), mean(get8(y[8:]), get8(z[8:])))
			v += pairs(d0) + pairs(d1)
			n += n0 + n1
		}
		s += sum(v + pairs(n))
		if s >= best {
			return s
		}
	}
	return s
}

// finer looks between the pixels around the best place, on the side where the
// next pixels are better.
func (s *search) finer() {
	l, base := s.ref, s.best
	for _, d := range [2]int16{-4, 4} {
		v := vector{base.x + d, base.y + d}
		if v != v.hold(l, s.mx, s.my) {
			return
		}
	}
	o := l.at(16*s.mx+int(base.x>>2), 16*s.my+int(base.y>>2))
	sad := func(o int) int { return s.src.sad(l.pix[o:], l.stride, 1<<30) }
	if sad(o-1) < sad(o+1) {
		base.x -= 4
		o--
	}
	if sad(o-l.stride) < sad(o+l.stride) {
		base.y -= 4
		o -= l.stride
	}
	s.cell.fill(l, o)
	for _, d := range [2]int16{2, 1} {
		c := s.best
		for _, to := range [8]vector{{-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {1, -1}, {-1, 1}, {1, 1}} {
			v := vector{c.x + to.x*d, c.y + to.y*d}
			fx, fy := int(v.x-base.x), int(v.y-base.y)
			if uint(fx) > 4 || uint(fy) > 4 || (fx|fy)&3 == 0 {
				continue
			}
			cost := s.bits(v) * s.price >> 3
			if cost >= s.cost {
				continue
			}
			a, b, sa, sb := s.cell.pick(l, fx, fy)
			cost += s.src.sadMean(a, b, sa, sb, s.cost-cost)
			if cost < s.cost {
				s.cost, s.best = cost, v
			}
		}
	}
}
