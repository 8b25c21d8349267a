package odds

import "math/bits"

// Number is what was learnt about a number that is small more often than
// large. It is written as Elias-gamma: how many bits, then the bits, of which
// the upper three are learnt too.
type Number struct {
	length [32]Prob
	upper  [16][8]Prob // by length: which of the upper bits, after which others
}

// Init makes it know nothing.
func (n *Number) Init() {
	Init(n.length[:])
	for i := range n.upper {
		Init(n.upper[i][:])
	}
}

// MaxNumber is the largest number that can be written.
const MaxNumber = 1<<31 - 2

// Number writes v, which is at most MaxNumber.
func (e *Encoder) Number(n *Number, v uint32) {
	v++
	k := bits.Len32(v) - 1
	for i := range k {
		e.Bit(&n.length[i], true)
	}
	e.Bit(&n.length[k], false)
	up := &n.upper[k&15]
	node := 1
	for i := k - 1; i >= 0; i-- {
		if node >= 8 {
			e.Raw(v, i+1)
			return
		}
		b := v >> i & 1
		e.Bit(&up[node], b != 0)
		node = node<<1 | int(b)
	}
}

// Number reads what Encoder.Number wrote; at most MaxNumber, whatever there is
// to read.
func (d *Decoder) Number(n *Number) uint32 {
	k := 0
	for d.Bit(&n.length[k]) {
		k++
		if k > 30 {
			return MaxNumber
		}
	}
	v := uint32(1)
	up := &n.upper[k&15]
	node := 1
	for i := k - 1; i >= 0; i-- {
		if node >= 8 {
			return (v<<(i+1) | d.Raw(i+1)) - 1
		}
		b := uint32(0)
		if d.Bit(&up[node]) {
			b = 1
		}
		v = v<<1 | b
		node = node<<1 | int(b)
	}
	return v - 1
}

// Tree is what was learnt about a number of 8 bits, any of which may be as
// likely as another.
type Tree [256]Prob

// Tree writes the lower 8 bits of v.
func (e *Encoder) Tree(t *Tree, v uint32) {
	node := uint32(1)
	for i := 7; i >= 0; i-- {
		b := v >> i & 1
		e.Bit(&t[node&255], b != 0)
		node = node<<1 | b
	}
}

// Tree reads what Encoder.Tree wrote.
func (d *Decoder) Tree(t *Tree) uint32 {
	node := uint32(1)
	for range 8 {
		b := uint32(0)
		if d.Bit(&t[node&255]) {
			b = 1
		}
		node = node<<1 | b
	}
	return node & 255
}

// Signed makes of a number one that Number can write: 0 −1 1 −2 2 …
func Signed(v int) uint32 { return uint32(v<<1 ^ v>>31) }

// Unsigned undoes Signed.
func Unsigned(v uint32) int { return int(v>>1) ^ -int(v&1) }
