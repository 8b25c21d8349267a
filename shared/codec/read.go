package codec

import (
	"encoding/binary"

	"handrail/shared/odds"
)

// reader takes the pixels of boxes out of a message. It mirrors writer step by
// step.
type reader struct {
	*model
	odds.Decoder
	patch patch
}

func (r *reader) box(width, height int, before []byte, stride int) {
	for y := range height {
		r.row(y, width, before[y*stride:])
	}
}

func (r *reader) row(y, width int, before []byte) {
	c := &r.odds
	l := r.patch.lines(y)
	for x := 0; x < width; {
		i := x + margin
		a := l.around(i)
		stops := false
		if a.flat() {
			most := flat(l.up[i:i+width-x+1], a.w())
			k, n := log2(most), most
			full := r.Bit(&c.run[k])
			if !full {
				n = min(r.runEnd(k), most-1)
			}
			for j := range l.row[i : i+n] {
				l.row[i+j] = a.w()
			}
			x += n
			if full {
				continue
			}
			i = x + margin
			a = l.around(i)
			stops = true
		}
		old := binary.LittleEndian.Uint32(before[4*x:]) & colours
		l.row[i] = r.pixel(&a, old, stops)
		x++
	}
}

func (r *reader) runEnd(k int) (n int) {
	tree := &r.odds.runEnd[k&7]
	node := 1
	for range k + 1 {
		b := 0
		if r.Bit(&tree[node&(2*side-1)]) {
			b = 1
		}
		n = n<<1 | b
		node = node<<1 | b
	}
	return n
}

func (r *reader) pixel(a *around, old uint32, stops bool) (c uint32) {
	not := uint32(none)
	if stops {
		not = a.w()
	}
	e, check := r.wideAt(a.hash())
	luck := r.lucks()
	if e.second>>24 == check {
		first, second, sure := e.first&colours, e.second&colours, int(e.first>>24)
		if first != not {
			i := sure*8 + luck*2
			if first == old {
				i++
			}
			if r.Bit(&r.odds.wide[i&127]) {
				r.luck = r.luck<<1 | 1
				if sure < certain {
					e.first += 1 << 24
				}
				return first
			}
		}
		if second != first && second != not && r.Bit(&r.odds.wide2[(sure*4+luck)&63]) {
			r.luck = r.luck<<1 | 1
			e.learn(second, check)
			return second
		}
		r.luck <<= 1
		c = r.rare(a, old, not, first, second)
	} else {
		r.luck <<= 1
		c = r.rare(a, old, not, none, none)
	}
	e.learn(c, check)
	return c
}

func (r *reader) rare(a *around, old, not, no1, no2 uint32) uint32 {
	luck := int(r.luck >> 1 & 3)
	e, check := r.closeAt(a)
	no3, no4 := uint32(none), uint32(none)
	if e.second>>24 == check {
		sure := int(e.first >> 24)
		if v := e.first & colours; v != not && v != no1 && v != no2 {
			if r.Bit(&r.odds.close[(sure*4+luck)&63]) {
				e.learn(v, check)
				return v
			}
			no3 = v
		}
		if v := e.second & colours; v != not && v != no1 && v != no2 && v != no3 {
			if r.Bit(&r.odds.close2[(sure*4+luck)&63]) {
				e.learn(v, check)
				return v
			}
			no4 = v
		}
	}
	c := r.far(a, old, luck, &[9]uint32{not, no1, no2, no3, no4, none, none, none, none})
	e.learn(c, check)
	return c
}

func (r *reader) far(a *around, old uint32, luck int, tried *[9]uint32) uint32 {
	for i, v := range [4]uint32{old, a.w(), a.n(), a.ne()} {
		if among(v, tried) {
			continue
		}
		if r.Bit(&r.odds.near[i*4+luck]) {
			return v
		}
		tried[5+i] = v
	}
	if r.Bit(&r.odds.known[luck]) {
		return r.used[r.Tree(&r.odds.which)&255]
	}
	g := r.channel(0, a.roughness())
	d := r.channel(1, rough(int32(g)))
	b := r.channel(2, rough(int32(d)))
	c := uint32(uint8(foretell(a, 16)+int32(g)+int32(d)))<<16 |
		uint32(uint8(foretell(a, 8)+int32(g)))<<8 |
		uint32(uint8(foretell(a, 0)+int32(g)+int32(b)))
	r.used[usedAt(c)] = c
	return c
}

func (r *reader) channel(ch, rough int) int8 {
	c := &r.odds
	if r.Bit(&c.zero[ch][rough]) {
		return 0
	}
	negative := r.Bit(&c.sign[ch][rough])
	v := int32(r.Number(&c.channel[ch][rough])&255) + 1
	if negative {
		v = -v
	}
	return int8(v)
}
