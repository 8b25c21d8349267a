package film

// A block that is told without the picture before is predicted from the pixels
// around it that are already known.
const (
	flat   = iota // the mean of the pixels above and to the left
	down          // each column goes on
	across        // each row goes on
	smooth        // a mixture of both, and of the ends
	slope         // above + left − corner
	fallL         // from above on the right, downwards to the left
	fallR         // from above on the left, downwards to the right
	modes
)

// rim is the pixels around a block of 8×8, as they lie on the way from the
// lower left corner over the upper left one to the upper right one: 8 of the
// column on the left from below, the corner, 16 of the row above, and the last
// of those again.
type rim struct {
	pix      [8 + 1 + 16 + 7]byte
	left, up bool // whether they are known
}

// look fills the rim of the 8×8 block at (x, y). What isn't known repeats what
// is.
func (m *rim) look(l *plane, x, y int, left, up, right bool) {
	m.left, m.up = left, up
	p := &m.pix
	o := l.at(x, y)
	if left {
		for i := range 8 {
			p[7-i] = l.pix[o+i*l.stride-1]
		}
	}
	if up {
		row := (*[16]byte)(l.pix[o-l.stride:])
		if right {
			*(*[16]byte)(p[9:]) = *row
		} else {
			*(*[8]byte)(p[9:]) = *(*[8]byte)(row[:])
			put8(p[17:], low*uint64(row[7]))
		}
	}
	switch {
	case up && left:
		p[8] = l.pix[o-l.stride-1]
	case up:
		fill(p[:9], p[9])
	case left:
		fill(p[8:], p[7])
	default:
		fill(p[:], 128)
	}
	fill(p[25:], p[24])
}

// mid is the middle one of three in a row, made smoother, for eight at once:
// (a + 2b + c + 2) / 4.
func mid(a, b, c uint64) uint64 { return mean(a&c+(a^c)>>1&^(low<<7), b) }

// mid is the pixels 1 to 8 of the rim after the one at i, made smoother.
func (m *rim) mid(i int) uint64 {
	s := (*[10]byte)(m.pix[i:])
	return mid(get8(s[:8]), get8(s[1:9]), get8(s[2:]))
}

// mean is the mean of what is known.
func (m *rim) mean() uint64 {
	left, top := get8(m.pix[:8]), get8(m.pix[9:])
	if !m.left {
		left = top
	}
	if !m.up {
		top = left
	}
	return uint64(sum(left&four+left>>8&four+top&four+top>>8&four)+8) >> 4
}

// predict makes block b of p from the rim.
func (m *rim) predict(p *patch, b, mode int) {
	o, step := place(b)
	out := p[o : o+7*step+8]
	switch mode {
	case down:
		top := get8(m.pix[9:])
		for i := range 8 {
			put8(out[i*step:], top)
		}
	case across:
		for i := range 8 {
			put8(out[i*step:], low*uint64(m.pix[7-i]))
		}
	case smooth:
		m.smooth(out, step)
	case slope:
		m.slope(out, step)
	case fallL:
		var t [16]byte
		put8(t[:], m.mid(9))
		put8(t[8:], m.mid(17))
		for i := range 8 {
			put8(out[i*step:], get8(t[i:]))
		}
	case fallR:
		var t [16]byte
		put8(t[:], m.mid(0))
		put8(t[8:], m.mid(8))
		for i := range 8 {
			put8(out[i*step:], get8(t[7-i:]))
		}
	default:
		v := low * m.mean()
		for i := range 8 {
			put8(out[i*step:], v)
		}
	}
}

// smooth goes from the row above to the lower left pixel, from the column on
// the left to the upper right pixel, and takes the mean of both ways.
func (m *rim) smooth(out []byte, step int) {
	ur, ll := int(m.pix[16]), int(m.pix[0])
	for i := range 8 {
		r := (*[8]byte)(out[i*step:])
		left := int(m.pix[7-i])
		for j := range 8 {
			r[j] = byte(((7-j)*left + (j+1)*ur + (7-i)*int(m.pix[9+j]) + (i+1)*ll + 8) >> 4)
		}
	}
}

// slope adds to each pixel of the row above what the column on the left goes
// up or down.
func (m *rim) slope(out []byte, step int) {
	top := get8(m.pix[9:])
	even, odd := top&four+0x0100010001000100, top>>8&four+0x0100010001000100
	for i := range 8 {
		d := uint64(int(m.pix[7-i])-int(m.pix[8])) * 0x0001000100010001
		put8(out[i*step:], clamp(even+d)|clamp(odd+d)<<8)
	}
}
