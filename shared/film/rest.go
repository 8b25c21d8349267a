package film

import (
	"handrail/shared/frame"
	"handrail/shared/odds"
)

// rest is what is learnt about the difference between a photograph and what
// was told of it, for green, red and blue.
type rest struct {
	wide [3][restClasses][8]odds.Prob // how many times 2^k it is, see narrow
	fine [3][restClasses][4]odds.Prob // which of the 2^k it is, when 0 times
	much [3]odds.Number
	row  [Block + 2]trace // of the row above, from one pixel left of it
}

// trace is what a pixel leaves for those around it, for green, red and blue.
type trace struct {
	d    [3]int32 // the difference; of red and blue what green's is not
	size [3]int32 // how far the prediction of it was off
}

const (
	restClasses = 24
	maxWide     = 7
	maxSize     = 32
)

func (t *rest) init() {
	for c := range 3 {
		for i := range restClasses {
			odds.Init(t.wide[c][i][:])
			odds.Init(t.fine[c][i][:])
		}
		t.much[c].Init()
	}
}

// EncodeRest makes the rectangle r of dst equal to src.
func (p *Photo) EncodeRest(e *odds.Encoder, src, dst frame.Image, r frame.Rect) {
	t := &p.rest
	t.row = [Block + 2]trace{}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		a, b := src.Row(y, r.Min.X, r.Max.X), dst.Row(y, r.Min.X, r.Max.X)
		var left, corner trace
		for i := 1; len(a) > 0 && i <= Block; i++ {
			s, o := (*[4]byte)(a), (*[4]byte)(b)
			a, b = a[4:], b[4:]
			var now trace
			now.d[0] = int32(s[1]) - int32(o[1])
			now.d[1] = int32(s[2]) - int32(o[2]) - now.d[0]
			now.d[2] = int32(s[0]) - int32(o[0]) - now.d[0]
			up, right := &t.row[i], &t.row[i+1]
			other := int32(0)
			for c := range 3 {
				guess, class := expect(c, &left, up, &corner, right, other)
				v := int32(int8(now.d[c] - guess))
				other = min(max(v, -v), maxSize)
				now.size[c] = other
				t.write(e, c, class, v)
			}
			corner, left, *up = *up, now, now
			*o = [4]byte{s[0], s[1], s[2], 0}
		}
	}
}

// DecodeRest reads what EncodeRest wrote.
func (p *Photo) DecodeRest(d *odds.Decoder, dst frame.Image, r frame.Rect) {
	t := &p.rest
	t.row = [Block + 2]trace{}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		b := dst.Row(y, r.Min.X, r.Max.X)
		var left, corner trace
		for i := 1; len(b) > 0 && i <= Block; i++ {
			o := (*[4]byte)(b)
			b = b[4:]
			var now trace
			up, right := &t.row[i], &t.row[i+1]
			// Green, red, blue lie at 1, 2, 0.
			was := [3]int32{int32(o[1]), int32(o[2]), int32(o[0])}
			other, green := int32(0), int32(0)
			for c := range 3 {
				guess, class := expect(c, &left, up, &corner, right, other)
				v := t.read(d, c, class)
				other = min(max(v, -v), maxSize)
				now.size[c] = other
				s := (was[c] + green + guess + v) & 255
				now.d[c] = s - was[c] - green
				if c == 0 {
					green = now.d[0]
				}
				was[c] = s
			}
			corner, left, *up = *up, now, now
			*o = [4]byte{byte(was[2]), byte(was[0]), byte(was[1]), 0}
		}
	}
}

// expect is what a difference may be expected to be, and how far off that may
// be expected to be, both from the pixels around and the colour before.
func expect(c int, left, up, corner, right *trace, other int32) (guess, class int32) {
	class = (2*(left.size[c]+up.size[c]) + corner.size[c] + right.size[c] + other) >> 1
	if class >= 12 {
		class = min(9+class>>2, restClasses-1)
	}
	if c == 0 {
		return (5*(left.d[0]+up.d[0]) - 2*corner.d[0] + right.d[0] + 8) >> 4, class
	}
	return (12*left.d[c] + 10*up.d[c] - 8*corner.d[c] + 2*right.d[c] + 8) >> 4, class
}

// narrow is how many of the lower bits of a size are told without learning.
func narrow(class int32) int32 {
	switch {
	case class < 10:
		return 0
	case class < 16:
		return 1
	}
	return 2
}

func (t *rest) write(e *odds.Encoder, c int, class, v int32) {
	wide, k := &t.wide[c][class], narrow(class)
	sign := uint32(v) >> 31
	a := max(v, -v)
	w := a >> k
	for i := range int32(maxWide) {
		e.Bit(&wide[i], w > i)
		if w <= i {
			break
		}
	}
	switch {
	case w >= maxWide:
		e.Number(&t.much[c], uint32(w-maxWide))
		fallthrough
	case w > 0:
		e.Raw(uint32(a)&(1<<k-1)<<1|sign, int(k+1))
		return
	}
	node := int32(1)
	for i := k - 1; i >= 0; i-- {
		bit := a >> i & 1
		e.Bit(&t.fine[c][class][node&3], bit != 0)
		node = node<<1 | bit
	}
	if a > 0 {
		e.Raw(sign, 1)
	}
}

func (t *rest) read(d *odds.Decoder, c int, class int32) (v int32) {
	wide, k := &t.wide[c][class], narrow(class)
	w := int32(0)
	for w < maxWide && d.Bit(&wide[w]) {
		w++
	}
	if w > 0 {
		if w == maxWide {
			w += int32(min(d.Number(&t.much[c]), 128))
		}
		low := int32(d.Raw(int(k + 1)))
		v = w<<k | low>>1
		return (v ^ -(low & 1)) + low&1
	}
	node := int32(1)
	for range k {
		node <<= 1
		if d.Bit(&t.fine[c][class][node>>1&3]) {
			node |= 1
		}
	}
	v = node - 1<<k
	if v > 0 && d.Raw(1) != 0 {
		v = -v
	}
	return v
}
