package film

// The transform is the discrete cosine transform of 8×8 in integers: the
// cosines times 64·√2 (64 for the first). Between picture and numbers lies a
// factor of 16.

// zigzag is the order of the 64 numbers, from slow waves to fast ones.
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// forward makes waves of differences, rows first.
func forward(t *[64]int32) {
	for i := range 8 {
		r := (*[8]int32)(t[8*i:])
		s0, s1, s2, s3 := r[0]+r[7], r[1]+r[6], r[2]+r[5], r[3]+r[4]
		d0, d1, d2, d3 := r[0]-r[7], r[1]-r[6], r[2]-r[5], r[3]-r[4]
		e0, e1, e2, e3 := s0+s3, s1+s2, s0-s3, s1-s2
		r[0] = 16 * (e0 + e1)
		r[4] = 16 * (e0 - e1)
		r[2] = (83*e2 + 36*e3 + 2) >> 2
		r[6] = (36*e2 - 83*e3 + 2) >> 2
		r[1] = (89*d0 + 75*d1 + 50*d2 + 18*d3 + 2) >> 2
		r[3] = (75*d0 - 18*d1 - 89*d2 - 50*d3 + 2) >> 2
		r[5] = (50*d0 - 89*d1 + 18*d2 + 75*d3 + 2) >> 2
		r[7] = (18*d0 - 50*d1 + 75*d2 - 89*d3 + 2) >> 2
	}
	for i := range 8 {
		c := (*[57]int32)(t[i:])
		s0, s1, s2, s3 := c[0]+c[56], c[8]+c[48], c[16]+c[40], c[24]+c[32]
		d0, d1, d2, d3 := c[0]-c[56], c[8]-c[48], c[16]-c[40], c[24]-c[32]
		e0, e1, e2, e3 := s0+s3, s1+s2, s0-s3, s1-s2
		c[0] = (64*(e0+e1) + 256) >> 9
		c[32] = (64*(e0-e1) + 256) >> 9
		c[16] = (83*e2 + 36*e3 + 256) >> 9
		c[48] = (36*e2 - 83*e3 + 256) >> 9
		c[8] = (89*d0 + 75*d1 + 50*d2 + 18*d3 + 256) >> 9
		c[24] = (75*d0 - 18*d1 - 89*d2 - 50*d3 + 256) >> 9
		c[40] = (50*d0 - 89*d1 + 18*d2 + 75*d3 + 256) >> 9
		c[56] = (18*d0 - 50*d1 + 75*d2 - 89*d3 + 256) >> 9
	}
}

// backward makes differences of waves, columns first. columns has a bit for
// each column in which anything is not 0: a picture has mostly few waves.
func backward(t *[64]int32, columns uint32) {
	for i := range 8 {
		if columns>>i&1 == 0 {
			continue
		}
		c := (*[57]int32)(t[i:])
		a, b := 64*(c[0]+c[32])+64, 64*(c[0]-c[32])+64
		e0, e1 := 83*c[16]+36*c[48], 36*c[16]-83*c[48]
		s0, s1, s2, s3 := a+e0, b+e1, b-e1, a-e0
		d0 := 89*c[8] + 75*c[24] + 50*c[40] + 18*c[56]
		d1 := 75*c[8] - 18*c[24] - 89*c[40] - 50*c[56]
		d2 := 50*c[8] - 89*c[24] + 18*c[40] + 75*c[56]
		d3 := 18*c[8] - 50*c[24] + 75*c[40] - 89*c[56]
		c[0], c[56] = (s0+d0)>>7, (s0-d0)>>7
		c[8], c[48] = (s1+d1)>>7, (s1-d1)>>7
		c[16], c[40] = (s2+d2)>>7, (s2-d2)>>7
		c[24], c[32] = (s3+d3)>>7, (s3-d3)>>7
	}
	for i := range 8 {
		r := (*[8]int32)(t[8*i:])
		a, b := 64*(r[0]+r[4])+2048, 64*(r[0]-r[4])+2048
		e0, e1 := 83*r[2]+36*r[6], 36*r[2]-83*r[6]
		s0, s1, s2, s3 := a+e0, b+e1, b-e1, a-e0
		d0 := 89*r[1] + 75*r[3] + 50*r[5] + 18*r[7]
		d1 := 75*r[1] - 18*r[3] - 89*r[5] - 50*r[7]
		d2 := 50*r[1] - 89*r[3] + 18*r[5] + 75*r[7]
		d3 := 18*r[1] - 50*r[3] + 75*r[5] - 89*r[7]
		r[0], r[7] = (s0+d0)>>12, (s0-d0)>>12
		r[1], r[6] = (s1+d1)>>12, (s1-d1)>>12
		r[2], r[5] = (s2+d2)>>12, (s2-d2)>>12
		r[3], r[4] = (s3+d3)>>12, (s3-d3)>>12
	}
}

// subtract makes the differences of block b of two patches.
func subtract(t *[64]int32, a, p *patch, b int) {
	o, step := place(b)
	for i := range 8 {
		x, y, r := (*[8]byte)(a[o:]), (*[8]byte)(p[o:]), (*[8]int32)(t[8*i:])
		for j := range 8 {
			r[j] = int32(x[j]) - int32(y[j])
		}
		o += step
	}
}

// add adds differences to block b of p.
func add(p *patch, b int, t *[64]int32) {
	o, step := place(b)
	for i := range 8 {
		x, r := (*[8]byte)(p[o:]), (*[8]int32)(t[8*i:])
		for j := range 8 {
			v := int32(x[j]) + r[j]
			if uint32(v) > 255 {
				v = ^v >> 31 & 255
			}
			x[j] = byte(v)
		}
		o += step
	}
}

// addFlat adds the same to all of block b of p.
func addFlat(p *patch, b int, d int32) {
	o, step := place(b)
	for range 8 {
		x := (*[8]byte)(p[o:])
		for j := range 8 {
			v := int32(x[j]) + d
			if uint32(v) > 255 {
				v = ^v >> 31 & 255
			}
			x[j] = byte(v)
		}
		o += step
	}
}

// scale is a quantiser: how coarsely the 64 numbers are told, in the order of
// zigzag. A step is 1/16 of the picture's values.
type scale struct {
	q    int
	step [64]int32
	part [64]uint32 // 2^20 / step
}

// MaxStep is the coarsest quantiser.
const MaxStep = 64

// set makes the steps for q: fast waves may be coarser, nobody sees them well.
func (s *scale) set(q int) {
	q = min(max(q, 1), MaxStep)
	if s.q == q {
		return
	}
	s.q = q
	for i, z := range zigzag {
		s.step[i] = int32(q) * int32(16+2*(z&7+z>>3))
		s.part[i] = 1 << 20 / uint32(s.step[i])
	}
}

// maxLevel bounds a level; no picture needs a larger one.
const maxLevel = 2047

// levels are the numbers of a block after quantising, in the order of zigzag.
type levels [64]int16

// rounding is how the sender rounds waves to levels, in 2^-20 of a step: what
// is added before rounding down. It is less than half, as a smaller level costs
// less, and least where the level may become 0.
type rounding struct{ one, more uint32 }

// The numbers are the best of those tried, in bytes at the same faithfulness.
var (
	roundStill = rounding{one: 5 << 16, more: 6 << 16}
	roundMoved = rounding{one: 1 << 16, more: 4 << 16}
)

// quantise makes levels of waves and tells how many there are up to the last
// that is not 0.
func (s *scale) quantise(l *levels, t *[64]int32, r rounding) (n int) {
	for i, z := range zigzag {
		c := t[z&63]
		sign := c >> 31
		v := uint32(c^sign-sign) * s.part[i]
		if v+r.one < 1<<20 {
			l[i] = 0
			continue
		}
		l[i] = int16(int32((v+r.more)>>20) ^ sign - sign)
		n = i + 1
	}
	return n
}

// rebuild adds to block b of p what the n levels say, and clears them.
func (s *scale) rebuild(p *patch, b int, l *levels, n int) {
	if n == 1 { // what backward would come to
		addFlat(p, b, (wave(l[0], s.step[0])+65)>>7)
		l[0] = 0
		return
	}
	var t [64]int32
	columns := uint32(0)
	for i := range n {
		v := l[i&63]
		if v != 0 {
			z := zigzag[i&63] & 63
			t[z] = wave(v, s.step[i&63])
			columns |= 1 << (z & 7)
			l[i&63] = 0
		}
	}
	backward(&t, columns)
	add(p, b, &t)
}

// wave undoes quantising; it fits 16 bits like every wave of a picture.
func wave(level int16, step int32) int32 {
	return min(max(int32(level)*step, -32768), 32767)
}
