package film

import "encoding/binary"

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

// low is the lowest bit of each byte.
const low = 0x0101010101010101

// mean is the mean of each of eight bytes, rounded up.
func mean(a, b uint64) uint64 { return (a | b) - (a^b)>>1&^(low<<7) }

// square is part of a plane of brightness: rows of 24 pixels, of which the
// first 16 count.
type square [18 * 24]byte

// move makes the prediction of the macroblock (mx, my) from ref.
func (p *patch) move(ref *picture, mx, my int, v vector) {
	p.moveBrightness(&ref[0], mx, my, v)
	p.moveColours(ref, mx, my, v)
}

// moveColours is move for the lower 128 bytes.
func (p *patch) moveColours(ref *picture, mx, my int, v vector) {
	for c := 1; c < 3; c++ {
		l := &ref[c]
		x, y := 64*mx+int(v.x), 64*my+int(v.y) // in eighths
		p.moveColour(64*(c+3), l.pix[l.at(x>>3, y>>3):], l.stride, x&7, y&7)
	}
}

// moveBrightness is move for the upper 256 bytes.
//
// Halves of pixels are made by a filter of four taps, quarters are the mean of
// the two nearest of those:
//
//	G a b c H      G H M N are pixels, b h j and the rest of their kind halves;
//	d e f g        a = G·b  c = H·b  d = G·h  n = M·h  f = b·j  i = h·j
//	h i j k m      k = j·m  q = j·s  e = b·h  g = b·m  p = h·s  r = m·s
//	n p q r        where m is h one pixel to the right, s is b one below
//	M   s   N
func (p *patch) moveBrightness(l *plane, mx, my int, v vector) {
	x, y := 64*mx+int(v.x), 64*my+int(v.y)
	o := l.at(x>>2, y>>2)
	fx, fy := x&3, y&3
	out := (*[256]byte)(p[:256])
	if fx|fy == 0 {
		for i := range 16 {
			*(*[16]byte)(out[16*i:]) = *(*[16]byte)(l.pix[o:])
			o += l.stride
		}
		return
	}
	var a, b square
	switch {
	case fy == 0:
		l.halfX(&a, o, 16)
		if fx == 2 {
			a.copyTo(out)
			return
		}
		l.meanOf(out, &a, o+fx>>1)
	case fx == 0:
		l.halfY(&a, o, 16)
		if fy == 2 {
			a.copyTo(out)
			return
		}
		l.meanOf(out, &a, o+fy>>1*l.stride)
	case fx&fy&1 != 0: // e g p r
		l.halfX(&a, o+fy>>1*l.stride, 16)
		l.halfY(&b, o+fx>>1, 16)
		meanOf(out, &a, &b)
	default:
		l.halfXY(&a, o)
		switch {
		case fx&fy == 2: // j
			a.copyTo(out)
			return
		case fx == 2: // f q
			l.halfX(&b, o+fy>>1*l.stride, 16)
		default: // i k
			l.halfY(&b, o+fx>>1, 16)
		}
		meanOf(out, &a, &b)
	}
}

func (a *square) copyTo(out *[256]byte) {
	for i := range 16 {
		*(*[16]byte)(out[16*i:]) = *(*[16]byte)(a[24*i:])
	}
}

func meanOf(out *[256]byte, a, b *square) {
	for i := range 16 {
		r, s, t := (*[16]byte)(out[16*i:]), (*[16]byte)(a[24*i:]), (*[16]byte)(b[24*i:])
		put8(r[:8], mean(get8(s[:8]), get8(t[:8])))
		put8(r[8:], mean(get8(s[8:]), get8(t[8:])))
	}
}

// meanOf is the mean of a and the pixels from o.
func (l *plane) meanOf(out *[256]byte, a *square, o int) {
	for i := range 16 {
		r, s, t := (*[16]byte)(out[16*i:]), (*[16]byte)(a[24*i:]), (*[16]byte)(l.pix[o:])
		put8(r[:8], mean(get8(s[:8]), get8(t[:8])))
		put8(r[8:], mean(get8(s[8:]), get8(t[8:])))
		o += l.stride
	}
}

func get8(b []byte) uint64    { return binary.LittleEndian.Uint64(b) }
func put8(b []byte, v uint64) { binary.LittleEndian.PutUint64(b, v) }

// between is the pixel halfway between the middle two of four, for eight at
// once: (−a + 5b + 5c − d + 4) / 8.
func between(a, b, c, d uint64) uint64 {
	return between4(a&four, b&four, c&four, d&four) |
		between4(a>>8&four, b>>8&four, c>>8&four, d>>8&four)<<8
}

// between4 does four lanes of 16 bits. 256·8 keeps them positive.
func between4(a, b, c, d uint64) uint64 {
	v := 5*(b+c) - (a + d) + 0x0804080408040804
	v = v >> 3 & 0x03ff03ff03ff03ff
	if v&0x0300030003000300 == 0x0100010001000100 {
		return v & four
	}
	return clip(v)
}

// halfX makes n rows of pixels halfway to the right of those from o.
func (l *plane) halfX(out *square, o, n int) {
	for i := range n {
		s, r := (*[26]byte)(l.pix[o-1:]), (*[16]byte)(out[24*i:])
		put8(r[:8], between(get8(s[0:8]), get8(s[1:9]), get8(s[2:10]), get8(s[3:11])))
		put8(r[8:], between(get8(s[8:16]), get8(s[9:17]), get8(s[10:18]), get8(s[11:19])))
		o += l.stride
	}
}

// halfY makes n rows of pixels halfway below those from o.
func (l *plane) halfY(out *square, o, n int) {
	o -= l.stride
	for h := 0; h < 16; h += 8 {
		at := o + h
		a, b, c := get8(l.pix[at:]), get8(l.pix[at+l.stride:]), get8(l.pix[at+2*l.stride:])
		at += 3 * l.stride
		for i := range n {
			d := get8(l.pix[at:])
			at += l.stride
			put8(out[24*i+h:], between(a, b, c, d))
			a, b, c = b, c, d
		}
	}
}

// halfXY makes 16 rows of pixels halfway to the right and below: between rows
// that are halfway to the right.
func (l *plane) halfXY(out *square, o int) {
	o -= l.stride + 1
	for h := 0; h < 16; h += 8 {
		var a, b, c uint64
		at := o + h
		for i := range 19 {
			s := (*[11]byte)(l.pix[at:])
			d := between(get8(s[0:8]), get8(s[1:9]), get8(s[2:10]), get8(s[3:11]))
			at += l.stride
			if i >= 3 {
				put8(out[24*(i-3)+h:], between(a, b, c, d))
			}
			a, b, c = b, c, d
		}
	}
}

// moveColour makes an 8×8 block at p[to:] of the pixels from pix moved by fx
// and fy eighths of a pixel.
func (p *patch) moveColour(to int, pix []byte, stride, fx, fy int) {
	out := (*[64]byte)(p[to:])
	if fx|fy == 0 {
		for i := range 8 {
			*(*[8]byte)(out[8*i:]) = *(*[8]byte)(pix[i*stride:])
		}
		return
	}
	// The four weights are eighths times eighths, 64 in all.
	w0, w1, w2, w3 := uint64((8-fx)*(8-fy)), uint64(fx*(8-fy)), uint64((8-fx)*fy), uint64(fx*fy)
	a, b := get8(pix), get8(pix[1:])
	for i := range 8 {
		s := pix[(i+1)*stride:]
		c, d := get8(s), get8(s[1:])
		const half = 0x0020002000200020
		even := (a&four*w0 + b&four*w1 + c&four*w2 + d&four*w3 + half) >> 6 & four
		odd := (a>>8&four*w0 + b>>8&four*w1 + c>>8&four*w2 + d>>8&four*w3 + half) >> 6 & four
		put8(out[8*i:], even|odd<<8)
		a, b = c, d
	}
}

// apart is the sum of the differences of eight bytes and eight others, in four
// lanes of 16 bits.
func apart(a, b uint64) uint64 {
	const top = low << 7
	// a−b in each byte, without borrowing from the next one.
	d := (a | top) - b&^top ^ (a^^b)&top
	less := (^a&b | ^(a^b)&d) & top >> 7 // where a is less than b
	d = d ^ (less<<8 - less)
	return d&four + d>>8&four + (less&four + less>>8&four)
}

// sum adds four lanes of 16 bits.
func sum(v uint64) int { return int(v * 0x0001000100010001 >> 48) }

// sad is how far the brightness of p is from the pixels from pix. It stops
// when it is more than best.
func (p *patch) sad(pix []byte, stride, best int) int {
	s := 0
	for i := range 4 {
		v := uint64(0)
		for j := range 4 {
			a := (*[16]byte)(p[64*i+16*j:])
			b := (*[16]byte)(pix[(4*i+j)*stride:])
			v += apart(get8(a[:8]), get8(b[:8])) + apart(get8(a[8:]), get8(b[8:]))
		}
		s += sum(v)
		if s >= best {
			return s
		}
	}
	return s
}

// sadBlock is how far block b of p is from block b of o.
func (p *patch) sadBlock(o *patch, b int) int {
	at, step := place(b)
	v := uint64(0)
	for range 8 {
		v += apart(get8(p[at:at+8]), get8(o[at:at+8]))
		at += step
	}
	return sum(v)
}

// spread is how far the brightness of p is from the mean of each quarter.
func (p *patch) spread() int {
	s := 0
	for b := range 4 {
		at, _ := place(b)
		t := uint64(0)
		for i := range 8 {
			v := get8(p[at+16*i : at+16*i+8])
			t += v&four + v>>8&four
		}
		mean := low * uint64((sum(t)+32)>>6)
		t = 0
		for i := range 8 {
			t += apart(get8(p[at+16*i:at+16*i+8]), mean)
		}
		s += sum(t)
	}
	return s
}
