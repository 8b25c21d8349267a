package codec

import (
	"encoding/binary"

	"handrail/shared/odds"
)

// writer puts the pixels of boxes into a message.
type writer struct {
	*model
	odds.Encoder
	patch patch
}

// box writes the box of w by h pixels that stands in patch. before are its
// pixels as they were, row by row of stride bytes: what a pixel was foretells a
// little what it is.
func (w *writer) box(width, height int, before []byte, stride int) {
	for y := range height {
		w.row(y, width, before[y*stride:])
	}
}

// row writes one row: where everything around has one colour, how far that
// colour goes; else pixel by pixel.
func (w *writer) row(y, width int, before []byte) {
	c := &w.odds
	l := w.patch.lines(y)
	for x := 0; x < width; {
		i := x + margin
		a := l.around(i)
		stops := false
		if a.flat() {
			most := flat(l.up[i:i+width-x+1], a.w())
			n := same(l.row[i:i+most], a.w())
			k := log2(most)
			w.Bit(&c.run[k], n == most)
			x += n
			if n == most {
				continue
			}
			w.runEnd(k, n)
			i = x + margin
			a = l.around(i)
			stops = true
		}
		old := binary.LittleEndian.Uint32(before[4*x:]) & colours
		w.pixel(l.row[i], &a, old, stops)
		x++
	}
}

// flat is how far a run of the colour c can go under the row up: to where the
// pixel above right is another. At least 1.
func flat(up []uint32, c uint32) int {
	n := 1
	for n < len(up)-1 && up[n+1] == c {
		n++
	}
	return n
}

// same is how many pixels at the front of row have colour c.
func same(row []uint32, c uint32) int {
	n := 0
	for n < len(row) && row[n] == c {
		n++
	}
	return n
}

// runEnd writes where a run that could be from 2^k pixels long ends.
func (w *writer) runEnd(k, n int) {
	tree := &w.odds.runEnd[k&7]
	node := 1
	for i := k; i >= 0; i-- {
		b := n >> i & 1
		w.Bit(&tree[node&(2*side-1)], b != 0)
		node = node<<1 | b
	}
}

// pixel writes the colour c of one pixel. stops says that it is the end of a
// run, so that it cannot be the colour on its left.
func (w *writer) pixel(c uint32, a *around, old uint32, stops bool) {
	not := uint32(none)
	if stops {
		not = a.w()
	}
	e, check := w.wideAt(a.hash())
	luck := w.lucks()
	if e.second>>24 == check {
		first, second, sure := e.first&colours, e.second&colours, int(e.first>>24)
		if first != not {
			i := sure*8 + luck*2
			if first == old {
				i++
			}
			w.Bit(&w.odds.wide[i&127], first == c)
			if first == c {
				w.luck = w.luck<<1 | 1
				if sure < certain {
					e.first += 1 << 24
				}
				return
			}
		}
		if second != first && second != not {
			w.Bit(&w.odds.wide2[(sure*4+luck)&63], second == c)
			if second == c {
				w.luck = w.luck<<1 | 1
				e.learn(c, check)
				return
			}
		}
		w.luck <<= 1
		w.rare(c, a, old, not, first, second)
	} else {
		w.luck <<= 1
		w.rare(c, a, old, not, none, none)
	}
	e.learn(c, check)
}

// rare writes a colour that the entry in wide did not have: it is none of
// not, no1 and no2.
func (w *writer) rare(c uint32, a *around, old, not, no1, no2 uint32) {
	luck := int(w.luck >> 1 & 3)
	e, check := w.closeAt(a)
	no3, no4 := uint32(none), uint32(none)
	if e.second>>24 == check {
		sure := int(e.first >> 24)
		if v := e.first & colours; v != not && v != no1 && v != no2 {
			w.Bit(&w.odds.close[(sure*4+luck)&63], v == c)
			if v == c {
				e.learn(c, check)
				return
			}
			no3 = v
		}
		if v := e.second & colours; v != not && v != no1 && v != no2 && v != no3 {
			w.Bit(&w.odds.close2[(sure*4+luck)&63], v == c)
			if v == c {
				e.learn(c, check)
				return
			}
			no4 = v
		}
	}
	e.learn(c, check)
	tried := [9]uint32{not, no1, no2, no3, no4, none, none, none, none}
	for i, v := range [4]uint32{old, a.w(), a.n(), a.ne()} {
		if among(v, &tried) {
			continue
		}
		w.Bit(&w.odds.near[i*4+luck], v == c)
		if v == c {
			return
		}
		tried[5+i] = v
	}
	w.colour(c, a, luck)
}

// among says whether a colour was tried already.
func among(v uint32, tried *[9]uint32) bool {
	for _, t := range tried {
		if t == v {
			return true
		}
	}
	return false
}

// colour writes a colour that stands nowhere near: its place among those used
// lately, or how far it is from what the gradient foretells.
func (w *writer) colour(c uint32, a *around, luck int) {
	at := usedAt(c)
	w.Bit(&w.odds.known[luck], w.used[at] == c)
	if w.used[at] == c {
		w.Tree(&w.odds.which, at)
		return
	}
	w.used[at] = c
	g := int8(int32(c>>8&255) - foretell(a, 8))
	r := int8(int32(c>>16&255) - foretell(a, 16) - int32(g))
	b := int8(int32(c&255) - foretell(a, 0) - int32(g))
	w.channel(0, a.roughness(), g)
	w.channel(1, rough(int32(g)), r)
	w.channel(2, rough(int32(r)), b)
}

// channel writes one channel's difference to what was foretold.
func (w *writer) channel(ch, rough int, d int8) {
	c := &w.odds
	w.Bit(&c.zero[ch][rough], d == 0)
	if d == 0 {
		return
	}
	w.Bit(&c.sign[ch][rough], d < 0)
	v := int32(d)
	if v < 0 {
		v = -v
	}
	w.Number(&c.channel[ch][rough], uint32(v-1))
}
