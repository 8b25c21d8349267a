package film

import (
	"encoding/binary"

	"handrail/shared/frame"
)

// Brightness and colour are those of JFIF (BT.601, all 256 values used), the
// colour halved both ways. The numbers are the fractions times 65536.
//
// Pixels are worked on several at a time, as lanes of one 64-bit number.
const (
	two  = 0x000000ff_000000ff // two lanes of 32 bits, a byte in each
	four = 0x00ff00ff_00ff00ff // four lanes of 16 bits, a byte in each
)

// patch is one macroblock on its own: 16×16 of brightness, then 8×8 of blue
// and 8×8 of red difference. It is six blocks of 8×8, see place.
type patch [384]byte

// place is where in a patch block b begins, and how far apart its rows are.
func place(b int) (at, stride int) {
	if b < 4 {
		return b&1*8 + b>>1*128, 16
	}
	return 64 * b, 8
}

// raw is one macroblock of pixels.
type raw [16 * 64]byte

// lift copies the pixels of macroblock (mx, my) of the rectangle r; what lies
// outside r repeats its edge.
func (t *raw) lift(m frame.Image, r frame.Rect, mx, my int) {
	x, y := r.Min.X+16*mx, r.Min.Y+16*my
	w, h := min(16, r.Max.X-x), min(16, r.Max.Y-y)
	for i := range 16 {
		row := t[64*i : 64*i+64]
		copy(row, m.Row(y+min(i, h-1), x, x+w))
		for j := w; j < 16; j++ {
			copy(row[4*j:4*j+4], row[4*w-4:4*w])
		}
	}
}

// drop writes the part of t that lies inside r.
func (t *raw) drop(m frame.Image, r frame.Rect, mx, my int) {
	x, y := r.Min.X+16*mx, r.Min.Y+16*my
	w, h := min(16, r.Max.X-x), min(16, r.Max.Y-y)
	for i := range h {
		copy(m.Row(y+i, x, x+w), t[64*i:])
	}
}

// inside says whether all of the macroblock lies in r.
func inside(r frame.Rect, mx, my int) bool {
	return 16*mx+16 <= r.Dx() && 16*my+16 <= r.Dy()
}

// take reads macroblock (mx, my) of the rectangle r of m.
func (p *patch) take(m frame.Image, r frame.Rect, mx, my int) {
	if inside(r, mx, my) {
		p.fromPixels(m.Pix[(r.Min.Y+16*my)*m.Stride+4*(r.Min.X+16*mx):], m.Stride)
		return
	}
	var t raw
	t.lift(m, r, mx, my)
	p.fromPixels(t[:], 64)
}

// fromPixels reads 16 rows of 16 pixels.
func (p *patch) fromPixels(pix []byte, stride int) {
	for i := range 8 {
		a := (*[64]byte)(pix[2*i*stride:])
		b := (*[64]byte)(pix[(2*i+1)*stride:])
		y0, y1 := (*[16]byte)(p[32*i:]), (*[16]byte)(p[32*i+16:])
		cb, cr := (*[8]byte)(p[256+8*i:]), (*[8]byte)(p[320+8*i:])
		for x := range 8 {
			u := binary.LittleEndian.Uint64(a[8*x : 8*x+8])
			v := binary.LittleEndian.Uint64(b[8*x : 8*x+8])
			ub, ug, ur := u&two, u>>8&two, u>>16&two
			vb, vg, vr := v&two, v>>8&two, v>>16&two
			const half = 0x00008000_00008000
			u = (19595*ur + 38470*ug + 7471*ub + half) >> 16
			v = (19595*vr + 38470*vg + 7471*vb + half) >> 16
			y0[2*x], y0[2*x+1] = byte(u), byte(u>>32)
			y1[2*x], y1[2*x+1] = byte(v), byte(v>>32)
			ur, ug, ub = ur+vr, ug+vg, ub+vb
			sr, sg, sb := int32(ur+ur>>32), int32(ug+ug>>32), int32(ub+ub>>32)
			// 128, and not quite a half so that 255.5 stays below 256.
			const middle = 128<<18 + 1<<17 - 1
			cb[x] = byte((32768*sb - 11059*sr - 21709*sg + middle) >> 18)
			cr[x] = byte((32768*sr - 27439*sg - 5329*sb + middle) >> 18)
		}
	}
}

// show writes macroblock (mx, my) of p to the rectangle r of m. The colours
// between the told ones are mixed of the four around, of rows from top to end.
func (p *picture) show(m frame.Image, r frame.Rect, mx, my, top, end int) {
	if inside(r, mx, my) {
		p.toPixels(m.Pix[(r.Min.Y+16*my)*m.Stride+4*(r.Min.X+16*mx):], m.Stride, mx, my, 8*top, 8*end)
		return
	}
	var t raw
	p.toPixels(t[:], 64, mx, my, 8*top, 8*end)
	t.drop(m, r, mx, my)
}

// toPixels writes 16 rows of 16 pixels.
func (p *picture) toPixels(pix []byte, stride, mx, my, top, end int) {
	l, cb, cr := &p[0], &p[1], &p[2]
	for i := range 8 {
		y := 8*my + i
		o := cb.at(8*mx-1, y)
		b, r := (*[16]byte)(cb.pix[o:]), (*[16]byte)(cr.pix[o:])
		for k := range 2 {
			// A row of pixels lies a quarter above or below its row of colour.
			o = cb.at(8*mx-1, min(max(y+2*k-1, top), end-1))
			b2, r2 := (*[16]byte)(cb.pix[o:]), (*[16]byte)(cr.pix[o:])
			light := (*[16]byte)(l.pix[l.at(16*mx, 2*y+k):])
			out := (*[64]byte)(pix[(2*i+k)*stride:])
			for h := range 2 {
				u0, u1 := mix((*[6]byte)(b[4*h:]), (*[6]byte)(b2[4*h:]))
				v0, v1 := mix((*[6]byte)(r[4*h:]), (*[6]byte)(r2[4*h:]))
				paint((*[32]byte)(out[32*h:]), get8(light[8*h:]), u0, v0, u1, v1)
			}
		}
	}
}

// spread puts four bytes into four lanes.
func spread(b []byte) uint64 {
	v := uint64(binary.LittleEndian.Uint32(b))
	v = (v | v<<16) & 0x0000ffff_0000ffff
	return (v | v<<8) & four
}

// mix makes of six colours of the row that is nearer, and of the one that is
// less near, those of four even and of four odd pixels: 9, 3, 3 and 1 parts in
// 16, the nearest most.
func mix(a, b *[6]byte) (even, odd uint64) {
	const half = 0x0008000800080008
	left := 3*spread(a[0:]) + spread(b[0:])
	mid := 3*(3*spread(a[1:])+spread(b[1:])) + half
	right := 3*spread(a[2:]) + spread(b[2:])
	return (mid + left) >> 4 & four, (mid + right) >> 4 & four
}

// clamp takes four lanes, each plus 256 and less than 1024 in all, to 0…255.
func clamp(v uint64) uint64 {
	if v&0x0300030003000300 == 0x0100010001000100 {
		return v & four
	}
	return clip(v)
}

func clip(v uint64) uint64 {
	const one = 0x0001000100010001
	over, right := v>>9&one, (v>>8|v>>9)&one
	return (v | (over<<8 - over)) & (right<<8 - right)
}

// tints are what four colours add to red, green and blue, plus 256 so that no
// lane is negative:
//
//	red   = (359·v) / 256 = v + (103·v) / 256        (1.402)
//	green = −(88·u + 183·v) / 256 = (73·v − 88·u) / 256 − v  (0.344, 0.714)
//	blue  = (454·u) / 256 = u + (198·u) / 256        (1.772)
//
// where u and v are cb − 128 and cr − 128, and /256 rounds to the nearest.
func tints(cb, cr uint64) (r, g, b uint64) {
	const one = 0x0001000100010001
	r = cr + (103*cr+256*one)>>8&four + 76*one
	g = (73*cr-88*cb+24576*one)>>8&four + 296*one - cr
	b = cb + (198*cb+128*one)>>8&four + 29*one
	return r, g, b
}

// paint writes 8 pixels of the brightness y and the colours cb and cr of the
// even and of the odd ones.
func paint(out *[32]byte, y, cb0, cr0, cb1, cr1 uint64) {
	r0, g0, b0 := tints(cb0, cr0)
	r1, g1, b1 := tints(cb1, cr1)
	even, odd := y&four, y>>8&four
	bg0 := clamp(even+b0) | clamp(even+g0)<<8
	bg1 := clamp(odd+b1) | clamp(odd+g1)<<8
	r0, r1 = clamp(even+r0), clamp(odd+r1)
	put8(out[0:8], bg0&0xffff|r0&0xff<<16|bg1&0xffff<<32|r1&0xff<<48)
	put8(out[8:16], bg0>>16&0xffff|r0&0xff0000|(bg1&0xffff0000|r1&0xff0000<<16)<<16)
	put8(out[16:24], bg0>>32&0xffff|r0>>16&0xff0000|bg1&0xffff00000000|r1&0xff00000000<<16)
	put8(out[24:32], bg0>>48|r0>>32&0xff0000|(bg1>>48<<32)|r1&0xff000000000000)
}

func get8(b []byte) uint64    { return binary.LittleEndian.Uint64(b) }
func put8(b []byte, v uint64) { binary.LittleEndian.PutUint64(b, v) }

// low is the lowest bit of each byte.
const low = 0x0101010101010101

// mean is the mean of each of eight bytes, rounded up.
func mean(a, b uint64) uint64 { return (a | b) - (a^b)>>1&^(low<<7) }
