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

// run looks at the candidates and from the best one ever closer around it.
func (s *search) run(candidates []vector, enough int) {
	s.cost = 1 << 30
	s.try(vector{})
	for _, v := range candidates {
		v = vector{(v.x + 2) &^ 3, (v.y + 2) &^ 3}
		if v != s.best {
			s.try(v)
		}
	}
	if s.cost < enough {
		return
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

// cell is what lies between four pixels: the halves from which all quarters
// are made. Its places go from (0, 0) to (3, 3).
type cell struct {
	o       int
	b, h, j square
}

func (c *cell) fill(l *plane, o int) {
	c.o = o
	l.halfX(&c.b, o, 17)
	l.halfY(&c.h, o, 16)
	for i := range 16 { // the 17th column is all that is needed of the next 8
		c.h[24*i+16] = byte(between(
			uint64(l.pix[o+(i-1)*l.stride+16]), uint64(l.pix[o+i*l.stride+16]),
			uint64(l.pix[o+(i+1)*l.stride+16]), uint64(l.pix[o+(i+2)*l.stride+16])))
	}
	l.halfXY(&c.j, o)
}

// pick is the two rows of pixels whose means are the place (fx, fy).
func (c *cell) pick(l *plane, fx, fy int) (a, b []byte, sa, sb int) {
	sa, sb = 24, 24
	switch {
	case fx == 2:
		a = c.b[24*(fy>>1&fy):]
		if fy == 0 {
			return a, a, sa, sb
		}
		if fy == 2 {
			a = c.j[:]
		}
		return a, c.j[:], sa, sb
	case fy == 2:
		a = c.h[fx>>1&fx:]
		if fx == 0 {
			return a, a, sa, sb
		}
		return a, c.j[:], sa, sb
	case fx == 0:
		a, sa = l.pix[c.o+fy>>1*l.stride:], l.stride
		if fy == 0 {
			return a, a, sa, sa
		}
		return a, c.h[:], sa, sb
	case fy == 0:
		return l.pix[c.o+fx>>1:], c.b[:], l.stride, sb
	}
	return c.b[24*(fy>>1):], c.h[fx>>1:], sa, sb
}

// sadMean is how far the brightness of p is from the means of a and b.
func (p *patch) sadMean(a, b []byte, sa, sb, best int) int {
	s := 0
	for i := range 4 {
		v := uint64(0)
		for j := range 4 {
			x := (*[16]byte)(p[64*i+16*j:])
			y, z := (*[16]byte)(a[(4*i+j)*sa:]), (*[16]byte)(b[(4*i+j)*sb:])
			v += apart(get8(x[:8]), mean(get8(y[:8]), get8(z[:8])))
			v += apart(get8(x[8:]), mean(get8(y[8:]), get8(z[8:])))
		}
		s += sum(v)
		if s >= best {
			return s
		}
	}
	return s
}

// finer looks between the pixels around the best place, on the side where the
// next pixels are better. It leaves the prediction of brightness in out.
func (s *search) finer(out *patch) {
	x, y := 16*s.mx+int(s.best.x>>2), 16*s.my+int(s.best.y>>2)
	l := s.ref
	side := func(dx, dy int) int { return s.src.sad(l.pix[l.at(x+dx, y+dy):], l.stride, 1<<30) }
	base := s.best
	if base != (vector{base.x + 4, base.y + 4}).hold(l, s.mx, s.my).less(4) ||
		base != (vector{base.x - 4, base.y - 4}).hold(l, s.mx, s.my).less(-4) {
		out.moveBrightness(l, s.mx, s.my, s.best)
		return
	}
	if side(-1, 0) < side(1, 0) {
		base.x -= 4
		x--
	}
	if side(0, -1) < side(0, 1) {
		base.y -= 4
		y--
	}
	s.cell.fill(l, l.at(x, y))
	for _, d := range [2]int16{2, 1} {
		c := s.best
		for _, o := range [8]vector{{-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {1, -1}, {-1, 1}, {1, 1}} {
			v := vector{c.x + o.x*d, c.y + o.y*d}
			fx, fy := int(v.x-base.x), int(v.y-base.y)
			if uint(fx) > 4 || uint(fy) > 4 || fx|fy == 0 || (fx|fy)&4 != 0 {
				continue
			}
			a, b, sa, sb := s.cell.pick(l, fx, fy)
			cost := s.bits(v) * s.price >> 3
			cost += s.src.sadMean(a, b, sa, sb, s.cost-cost)
			if cost < s.cost {
				s.cost, s.best = cost, v
			}
		}
	}
	out.moveBrightness(l, s.mx, s.my, s.best)
}

func (v vector) less(d int16) vector { return vector{v.x - d, v.y - d} }
