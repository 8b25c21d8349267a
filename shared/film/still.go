package film

import (
	"handrail/shared/frame"
	"handrail/shared/odds"
)

// beside is what a macroblock leaves behind for those to its right and below:
// how many levels its blocks at that edge have, and their modes.
type beside struct {
	levels [4]uint8 // two of brightness, and the colours
	modes  [2]uint8 // two of brightness
}

// learnt is what is learnt about macroblocks predicted within their picture.
type learnt struct {
	waves waves
	mode  [modes][modes][8]odds.Prob // a tree of three decisions, by the neighbours' modes
	tint  [modes][8]odds.Prob        // the same for the colours, by the brightness' mode
}

func (t *learnt) init() {
	t.waves.init()
	for i := range modes {
		for j := range modes {
			odds.Init(t.mode[i][j][:])
		}
		odds.Init(t.tint[i][:])
	}
}

// job is one run over macroblocks, either way: everything that is the same for
// all of them.
type job struct {
	scale  [2]scale // of brightness and of the colours
	learnt *learnt
	enc    *odds.Encoder // one of these two
	dec    *odds.Decoder
	cur    *picture
	r      frame.Rect
	from   int // the first row of macroblocks that may be looked at
	above  []beside
	left   beside
	src    patch
	out    patch
	t      [64]int32
	l      levels
}

// set sets the quantiser. The colours are told more finely than brightness, as
// each of their numbers counts for four pixels: 5/8 gives the most faithful
// pixels for the bytes.
func (j *job) set(q int) {
	j.scale[0].set(q)
	j.scale[1].set((5*q + 4) / 8)
}

// within says whether any of block b of macroblock (mx, my) lies inside the
// rectangle; else nothing is said about it.
func (j *job) within(b, mx, my int) bool {
	return b >= 4 || 16*mx+b&1*8 < j.r.Dx() && 16*my+b>>1*8 < j.r.Dy()
}

// still codes macroblock (mx, my) out of its own picture, and leaves it in
// j.out and j.cur.
func (j *job) still(mx, my int) {
	var m rim
	side, up := &j.left, &j.above[mx]
	known := my > j.from
	light := flat
	for b := range 4 {
		x, y := b&1, b>>1
		right := y == 0 && known && (x == 0 || 16*mx+16 < j.r.Dx()) || b == 2
		m.look(&j.cur[0], 16*mx+8*x, 16*my+8*y, mx > 0 || x > 0, known || y > 0, right)
		if !j.within(b, mx, my) {
			// Others look at it, so it must be something.
			l, u := j.sides(b, mx)
			*l, *u = 0, 0
			side.modes[y], up.modes[x] = flat, flat
			m.predict(&j.out, b, flat)
			j.cur.putBlock(&j.out, b, mx, my)
			continue
		}
		mode := j.mode(&m, b, &j.learnt.mode[side.modes[y]%modes][up.modes[x]%modes])
		if b == 0 {
			light = mode
		}
		side.modes[y], up.modes[x] = uint8(mode), uint8(mode)
		j.block(b, mx, stillLight)
		j.cur.putBlock(&j.out, b, mx, my)
	}
	mode := 0
	for b := 4; b < 6; b++ {
		m.look(&j.cur[b-3], 8*mx, 8*my, mx > 0, known, known && 16*mx+16 < j.r.Dx())
		if b == 4 {
			mode = j.mode(&m, b, &j.learnt.tint[light%modes])
		} else {
			m.predict(&j.out, b, mode)
		}
		j.block(b, mx, stillColour)
		j.cur.putBlock(&j.out, b, mx, my)
	}
}

// mode tells how block b is predicted, and predicts it.
func (j *job) mode(m *rim, b int, tree *[8]odds.Prob) int {
	if j.dec != nil {
		node := 1
		for range 3 {
			node <<= 1
			if j.dec.Bit(&tree[node>>1&7]) {
				node |= 1
			}
		}
		mode := min(node&7, modes-1)
		m.predict(&j.out, b, mode)
		return mode
	}
	mode := j.choose(m, b, tree)
	node := 1
	for i := 2; i >= 0; i-- {
		bit := mode >> i & 1
		j.enc.Bit(&tree[node&7], bit != 0)
		node = node<<1 | bit
	}
	return mode
}

// choose finds the mode that predicts block b best.
func (j *job) choose(m *rim, b int, tree *[8]odds.Prob) int {
	best, cost := 0, 1<<30
	for mode := range modes {
		m.predict(&j.out, b, mode)
		c := j.src.rough(&j.out, b)/8 + j.price(tree, mode)
		if c < cost {
			best, cost = mode, c
		}
	}
	if best != modes-1 {
		m.predict(&j.out, b, best)
	}
	return best
}

// price is what it costs to tell a mode, as a difference of pixels that would
// cost as much.
func (j *job) price(tree *[8]odds.Prob, mode int) int {
	c, node := 0, 1
	for i := 2; i >= 0; i-- {
		bit := mode >> i & 1
		yes := int(tree[node&7] >> 28)
		if bit == 0 {
			yes = 15 - yes
		}
		c += int(bitPrice[yes])
		node = node<<1 | bit
	}
	return c * j.scale[0].q >> 4
}

// bitPrice is what a decision of chance (i+½)/16 costs, in eighths of a bit.
var bitPrice = [16]uint8{40, 27, 21, 18, 15, 12, 10, 9, 7, 6, 5, 4, 3, 2, 1, 0}

// block codes the levels of block b of macroblock column mx and adds them to
// its prediction.
func (j *job) block(b, mx int, k kind) {
	side, up := j.sides(b, mx)
	n := 0
	if j.dec != nil {
		n = j.learnt.waves.read(j.dec, k, &j.l, *side, *up)
	} else {
		subtract(&j.t, &j.src, &j.out, b)
		forward(&j.t)
		n = j.scale[b>>2].quantise(&j.l, &j.t, roundStill)
		j.learnt.waves.write(j.enc, k, &j.l, n, *side, *up)
	}
	*side, *up = uint8(n), uint8(n)
	if n > 0 {
		j.scale[b>>2].rebuild(&j.out, b, &j.l, n)
	}
}

// sides are where the numbers of levels of block b's neighbours are noted, to
// the left and above, and then its own.
func (j *job) sides(b, mx int) (side, up *uint8) {
	x, y := b&1, b>>1
	if b >= 4 {
		x, y = b-2, b-2
	}
	return &j.left.levels[y&3], &j.above[mx].levels[x&3]
}
