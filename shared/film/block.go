package film

import "handrail/shared/odds"

// kind is what a block is, for what is learnt about it.
type kind int

const (
	stillLight  kind = iota // brightness, predicted from the same picture
	stillColour             // one of the colours
	movedLight              // brightness, predicted from the picture before
	movedColour
	kinds
)

// waves is what was learnt about the levels of blocks.
type waves struct {
	any  [kinds][3]odds.Prob                 // by how many neighbours have any
	last [kinds][5][64]odds.Prob             // a tree of six decisions
	some [kinds][64][nearClasses]odds.Prob   // by place, and the levels near
	more [kinds][3][nearClasses][2]odds.Prob // more than 1, more than 2
	much [kinds][nearClasses]odds.Number
}

func (w *waves) init() {
	for k := range kinds {
		odds.Init(w.any[k][:])
		for i := range w.last[k] {
			odds.Init(w.last[k][i][:])
		}
		for i := range w.some[k] {
			odds.Init(w.some[k][i][:])
		}
		for i := range w.more[k] {
			for j := range w.more[k][i] {
				odds.Init(w.more[k][i][j][:])
			}
		}
		for i := range w.much[k] {
			w.much[k][i].Init()
		}
	}
}

// near gathers for each place of a block how large the levels are that come
// one or two waves faster, across or down: they are told first. Its rows are
// 10 long, and two rows and columns come before the block.
type near [128]uint8

const nearClasses = 8

// nearPlace is where in near the places of zigzag lie.
var nearPlace = func() (t [64]uint8) {
	for i, z := range zigzag {
		t[i] = 10*(z>>3+2) + z&7 + 2
	}
	return t
}()

// note adds a level of size a at i.
func (n *near) note(p uint8, a uint8) {
	a = min(a, 9)
	n[(p-1)&127] += 2 * a
	n[(p-10)&127] += 2 * a
	n[(p-11)&127] += a
	n[(p-2)&127] += a
	n[(p-20)&127] += a
}

// nearClass makes few classes of the sums of near.
var nearClass = func() (t [64]uint8) {
	for i := range t {
		switch {
		case i < 1:
			t[i] = 0
		case i < 3:
			t[i] = 1
		case i < 5:
			t[i] = 2
		case i < 8:
			t[i] = 3
		case i < 12:
			t[i] = 4
		case i < 19:
			t[i] = 5
		case i < 31:
			t[i] = 6
		default:
			t[i] = 7
		}
	}
	return t
}()

// zone is where a level lies, for how large it is.
func zone(i int) int {
	if i < 3 {
		return (i + 1) >> 1
	}
	return 2
}

// lastClass is what two neighbours' numbers of levels say about this one's.
func lastClass(a, b uint8) int {
	switch s := int(a) + int(b); {
	case s < 4:
		return 0
	case s < 11:
		return 1
	case s < 24:
		return 2
	case s < 48:
		return 3
	}
	return 4
}

// anyClass is how many of the two neighbours have levels.
func anyClass(a, b uint8) int { return int((a+63)>>6 + (b+63)>>6) }

// write tells a block of n levels; a and b are the numbers of levels of the
// neighbours.
func (w *waves) write(e *odds.Encoder, k kind, l *levels, n int, a, b uint8) {
	e.Bit(&w.any[k][anyClass(a, b)], n > 0)
	if n == 0 {
		return
	}
	tree := &w.last[k][lastClass(a, b)]
	node := 1
	for i := 5; i >= 0; i-- {
		bit := (n - 1) >> i & 1
		e.Bit(&tree[node&63], bit != 0)
		node = node<<1 | bit
	}
	var near near
	some := &w.some[k]
	for i := n - 1; i >= 0; i-- {
		v := int32(l[i&63])
		p := nearPlace[i&63]
		c := nearClass[near[p&127]&63]
		if i != n-1 {
			e.Bit(&some[i&63][c], v != 0)
			if v == 0 {
				continue
			}
		}
		sign := uint32(v) >> 31
		if v < 0 {
			v = -v
		}
		more := &w.more[k][zone(i)][c]
		e.Bit(&more[0], v > 1)
		if v > 1 {
			e.Bit(&more[1], v > 2)
			if v > 2 {
				e.Number(&w.much[k][c], uint32(v-3))
			}
		}
		e.Raw(sign, 1)
		near.note(p, uint8(min(v, 9)))
	}
}

// read reads what write wrote into l, which is all 0 before, and returns n.
func (w *waves) read(d *odds.Decoder, k kind, l *levels, a, b uint8) (n int) {
	if !d.Bit(&w.any[k][anyClass(a, b)]) {
		return 0
	}
	tree := &w.last[k][lastClass(a, b)]
	node := 1
	for range 6 {
		node <<= 1
		if d.Bit(&tree[node>>1&63]) {
			node |= 1
		}
	}
	n = node&63 + 1
	var near near
	some := &w.some[k]
	for i := n - 1; i >= 0; i-- {
		p := nearPlace[i&63]
		c := nearClass[near[p&127]&63]
		if i != n-1 && !d.Bit(&some[i&63][c]) {
			continue
		}
		more := &w.more[k][zone(i)][c]
		v := uint32(1)
		if d.Bit(&more[0]) {
			v = 2
			if d.Bit(&more[1]) {
				v = min(3+d.Number(&w.much[k][c]), maxLevel)
			}
		}
		l[i&63] = int16(v)
		if d.Raw(1) != 0 {
			l[i&63] = -int16(v)
		}
		near.note(p, uint8(min(v, 9)))
	}
	return n
}
