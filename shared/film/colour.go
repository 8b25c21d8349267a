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

// show writes macroblock (mx, my) of the rectangle r of m.
func (p *patch) show(m frame.Image, r frame.Rect, mx, my int) {
	if inside(r, mx, my) {
		p.toPixels(m.Pix[(r.Min.Y+16*my)*m.Stride+4*(r.Min.X+16*mx):], m.Stride)
		return
	}
	var t raw
	p.toPixels(t[:], 64)
	t.drop(m, r, mx, my)
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

// toPixels writes 16 rows of 16 pixels.
func (p *patch) toPixels(pix []byte, stride int) {
	for i := range 8 {
		top, low := (*[64]byte)(pix[2*i*stride:]), (*[64]byte)(pix[(2*i+1)*stride:])
		for h := range 2 {
			cb := binary.LittleEndian.Uint32(p[256+8*i+4*h:])
			cr := binary.LittleEndian.Uint32(p[320+8*i+4*h:])
			if cb == 0x80808080 && cr == 0x80808080 {
				grey((*[32]byte)(top[32*h:]), binary.LittleEndian.Uint64(p[32*i+8*h:]))
				grey((*[32]byte)(low[32*h:]), binary.LittleEndian.Uint64(p[32*i+16+8*h:]))
				continue
			}
			r, g, b := tints(cb, cr)
			paint((*[32]byte)(top[32*h:]), binary.LittleEndian.Uint64(p[32*i+8*h:]), r, g, b)
			paint((*[32]byte)(low[32*h:]), binary.LittleEndian.Uint64(p[32*i+16+8*h:]), r, g, b)
		}
	}
}

// tints are what four colour samples add to red, green and blue, in four lanes
// each, plus 256 so that no lane is negative.
func tints(cb, cr uint32) (r, g, b uint64) {
	for i := range 4 {
		u, v := int32(cb>>(8*i)&255)-128, int32(cr>>(8*i)&255)-128
		r |= uint64((91881*v+32768)>>16+256) << (16 * i)
		g |= uint64((32768-22554*u-46802*v)>>16+256) << (16 * i)
		b |= uint64((116130*u+32768)>>16+256) << (16 * i)
	}
	return r, g, b
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

// paint writes 8 pixels: pairs of brightness y with a lane of r, g, b each.
func paint(out *[32]byte, y, r, g, b uint64) {
	even, odd := y&four, y>>8&four
	bg0 := clamp(even+b) | clamp(even+g)<<8
	bg1 := clamp(odd+b) | clamp(odd+g)<<8
	r0, r1 := clamp(even+r), clamp(odd+r)
	for i := range 4 {
		v := bg0&0xffff | r0&0xff<<16 | bg1&0xffff<<32 | r1&0xff<<48
		binary.LittleEndian.PutUint64(out[8*i:8*i+8], v)
		bg0, bg1, r0, r1 = bg0>>16, bg1>>16, r0>>16, r1>>16
	}
}

// grey writes 8 pixels without colour.
func grey(out *[32]byte, y uint64) {
	for i := range 4 {
		a, b := y&255, y>>8&255
		binary.LittleEndian.PutUint64(out[8*i:8*i+8], a*0x010101|b*0x01010100000000)
		y >>= 16
	}
}
