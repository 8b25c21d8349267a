package film

// vector says where in the picture before a macroblock came from, in quarters
// of a pixel.
type vector struct{ x, y int16 }

// far is how many pixels a macroblock may come from outside the picture.
const far = 20

// hold keeps the macroblock (mx, my) moved by v near the picture p.
func (v vector) hold(p *plane, mx, my int) vector {
	x, y := 64*mx, 64*my
	return vector{
		x: int16(min(max(x+int(v.x), -4*far), 4*(p.w-16+far)) - x),
		y: int16(min(max(y+int(v.y), -4*far), 4*(p.h-16+far)) - y),
	}
}

// turn is what is added before dividing by 64 in blend, in four lanes: by turns
// 32 and 31, or a picture that is moved again and again would get brighter.
type turn uint64

const firstTurn = 32 * 0x0001000100010001

func (t turn) next() turn { return t ^ 63*0x0001000100010001 }

// move makes the prediction of the macroblock (mx, my) from ref.
func (p *patch) move(ref *picture, mx, my int, v vector, half turn) {
	p.moveBrightness(&ref[0], mx, my, v, half)
	p.moveColours(ref, mx, my, v, half)
}

// moveBrightness is move for the upper 256 bytes.
func (p *patch) moveBrightness(l *plane, mx, my int, v vector, half turn) {
	x, y := 64*mx+int(v.x), 64*my+int(v.y)
	pix := l.pix[l.at(x>>2, y>>2):]
	if x&3|y&3 == 0 {
		for i := range 16 {
			*(*[16]byte)(p[16*i:]) = *(*[16]byte)(pix[i*l.stride:])
		}
		return
	}
	blend(p[:], 16, 16, pix, l.stride, x&3*2, y&3*2, half)
	blend(p[8:], 16, 16, pix[8:], l.stride, x&3*2, y&3*2, half)
}

// moveColours is move for the lower 128 bytes.
func (p *patch) moveColours(ref *picture, mx, my int, v vector, half turn) {
	x, y := 64*mx+int(v.x), 64*my+int(v.y) // in eighths
	for c := 1; c < 3; c++ {
		l := &ref[c]
		pix := l.pix[l.at(x>>3, y>>3):]
		if x&7|y&7 == 0 {
			for i := range 8 {
				*(*[8]byte)(p[192+64*c+8*i:]) = *(*[8]byte)(pix[i*l.stride:])
			}
			continue
		}
		blend(p[192+64*c:], 8, 8, pix, l.stride, x&7, y&7, half)
	}
}

// blend makes n rows of eight pixels that lie fx and fy eighths of a pixel to
// the right of and below those of pix.
func blend(out []byte, step, n int, pix []byte, stride, fx, fy int, half turn) {
	// The four weights are eighths times eighths, 64 in all.
	w0, w1, w2, w3 := uint64((8-fx)*(8-fy)), uint64(fx*(8-fy)), uint64((8-fx)*fy), uint64(fx*fy)
	a, b := get8(pix), get8(pix[1:])
	for i := range n {
		s := pix[(i+1)*stride:]
		c, d := get8(s), get8(s[1:])
		even := (a&four*w0 + b&four*w1 + c&four*w2 + d&four*w3 + uint64(half)) >> 6 & four
		odd := (a>>8&four*w0 + b>>8&four*w1 + c>>8&four*w2 + d>>8&four*w3 + uint64(half)) >> 6 & four
		put8(out[i*step:], even|odd<<8)
		a, b = c, d
	}
}

// apart is how far each of eight bytes is from another, less one where it is
// smaller; there smaller is 1.
func apart(a, b uint64) (d, smaller uint64) {
	const top = low << 7
	// a−b in each byte, without borrowing from the next one.
	d = (a | top) - b&^top ^ (a^^b)&top
	smaller = (^a&b | ^(a^b)&d) & top >> 7
	return d ^ (smaller<<8 - smaller), smaller
}

// pairs adds eight bytes to four lanes of 16 bits.
func pairs(v uint64) uint64 { return v&four + v>>8&four }

// sum adds four lanes of 16 bits.
func sum(v uint64) int { return int(v * 0x0001000100010001 >> 48) }

// sadPlain is sad for any machine.
func (p *patch) sadPlain(pix []byte, stride, best int) int {
	s := 0
	for i := range 4 {
		v, n := uint64(0), uint64(0)
		for j := range 4 {
			a := (*[16]byte)(p[64*i+16*j:])
			b := (*[16]byte)(pix[(4*i+j)*stride:])
			d0, n0 := apart(get8(a[:8]), get8(b[:8]))
			d1, n1 := apart(get8(a[8:]), get8(b[8:]))
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

// sadBlock is how far block b of p is from block b of o.
func (p *patch) sadBlock(o *patch, b int) int {
	at, step := place(b)
	v, n := uint64(0), uint64(0)
	for range 8 {
		d, m := apart(get8(p[at:at+8]), get8(o[at:at+8]))
		v += pairs(d)
		n += m
		at += step
	}
	return sum(v + pairs(n))
}

// spread is how far the brightness of p is from the mean of each quarter.
func (p *patch) spread() int {
	s := 0
	for b := range 4 {
		at, _ := place(b)
		t := uint64(0)
		for i := range 8 {
			v := get8(p[at+16*i : at+16*i+8])
			t += pairs(v)
		}
		mean := low * uint64((sum(t)+32)>>6)
		t = 0
		for i := range 8 {
			d, n := apart(get8(p[at+16*i:at+16*i+8]), mean)
			t += pairs(d) + pairs(n)
		}
		s += sum(t)
	}
	return s
}

// rough is how much there is to tell of block b of p when o foretells it: the
// sum of its waves, of a simple kind (Walsh and Hadamard's, eight down and two
// across).
func (p *patch) rough(o *patch, b int) int {
	at, step := place(b)
	var s, d [8]uint64
	for i := range 8 {
		x, y := get8(p[at:at+8]), get8(o[at:at+8])
		at += step
		e, f := x&four-y&four, x>>8&four-y>>8&four
		s[i], d[i] = e+f, e-f
	}
	return swing(&s) + swing(&d)
}

// swing is the sum of the sizes of the waves down four columns, of differences up to
// 510.
func swing(v *[8]uint64) int {
	const one = 0x0001000100010001
	s := uint64(0)
	a0, a1, a2, a3 := v[0]+v[4], v[1]+v[5], v[2]+v[6], v[3]+v[7]
	a4, a5, a6, a7 := v[0]-v[4], v[1]-v[5], v[2]-v[6], v[3]-v[7]
	b0, b1, b2, b3 := a0+a2, a1+a3, a0-a2, a1-a3
	b4, b5, b6, b7 := a4+a6, a5+a7, a4-a6, a5-a7
	for _, u := range [8]uint64{b0 + b1, b0 - b1, b2 + b3, b2 - b3, b4 + b5, b4 - b5, b6 + b7, b6 - b7} {
		u += 0x4000400040004000
		n := ^u >> 14 & one // where it is negative
		s += (u&0x3fff3fff3fff3fff ^ (n<<14 - n)) + n
	}
	s = s&0x0000ffff_0000ffff + s>>16&0x0000ffff_0000ffff
	return int(s&0xffffffff + s>>32)
}
