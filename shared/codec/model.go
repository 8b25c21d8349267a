package codec

import (
	"math/bits"

	"handrail/shared/odds"
)

// Sizes of what is learnt, fixed by the format.
const (
	wideBits  = 17 // of the index into model.wide
	closeBits = 16 // of the index into model.close
	certain   = 15 // the most an entry can be sure
)

// none is no colour: its upper byte is never that of a pixel.
const none = 0xff00_0000

// entry remembers the two colours that came last in one surrounding. The upper
// byte of first is how sure that colour is, that of second tells surroundings
// apart that share the entry.
type entry struct{ first, second uint32 }

// learn notes that colour c came in the surrounding with that check.
func (e *entry) learn(c, check uint32) {
	if e.second>>24 != check {
		e.first, e.second = c, check<<24|c
		return
	}
	first, sure := e.first&colours, e.first>>24
	switch {
	case first == c:
		if sure < certain {
			e.first += 1 << 24
		}
	case e.second&colours == c && sure >= 2:
		e.first -= sure >> 1 << 24
	case e.second&colours == c:
		e.second = check<<24 | first
		e.first = c | 1<<24
	case sure < 2:
		e.second = check<<24 | first
		e.first = c
	default:
		e.second = check<<24 | c
		e.first -= sure >> 1 << 24
	}
}

// model is what both ends have learnt about the pixels of text and drawings.
// There is one for each stripe.
type model struct {
	wide  [1 << wideBits]entry  // by six neighbours
	close [1 << closeBits]entry // by two
	odds  chances
	used  [256]uint32 // colours, by a hash of themselves
	luck  uint32      // one bit a pixel, the newest lowest: the entry in wide had it
}

// chances are the probabilities of everything that is decided about a pixel.
type chances struct {
	run     [8]odds.Prob                 // a run of one colour is as long as it can be; by log2 of that
	runEnd  [8][2 * side]odds.Prob       // where it ends if not; binary tree
	wide    [(certain + 1) * 8]odds.Prob // the first colour of an entry in wide is it
	wide2   [(certain + 1) * 4]odds.Prob // the second
	close   [(certain + 1) * 4]odds.Prob
	close2  [(certain + 1) * 4]odds.Prob
	near    [4 * 4]odds.Prob // a neighbour's colour, or the old one
	known   [4]odds.Prob     // a colour in used
	which   odds.Tree
	zero    [3][8]odds.Prob // a channel is as foretold; by channel and surrounding
	sign    [3][8]odds.Prob
	channel [3][8]odds.Number
}

func newModel() *model {
	m := &model{}
	m.reset()
	return m
}

func (m *model) reset() {
	clear(m.wide[:])
	clear(m.close[:])
	clear(m.used[:])
	m.luck = 0
	c := &m.odds
	for i := range c.runEnd {
		odds.Init(c.runEnd[i][:])
	}
	for _, ps := range [][]odds.Prob{
		c.run[:], c.wide[:], c.wide2[:], c.close[:], c.close2[:], c.near[:], c.known[:], c.which[:],
	} {
		odds.Init(ps)
	}
	for i := range 3 {
		odds.Init(c.zero[i][:])
		odds.Init(c.sign[i][:])
		for j := range c.channel[i] {
			c.channel[i][j].Init()
		}
	}
}

// Multipliers of the hashes: odd, and otherwise arbitrary.
const (
	mulA = 0x9E37_79B9_7F4A_7C15
	mulB = 0xC2B2_AE3D_27D4_EB4F
	mulC = 0x1656_67B1_9E37_79F9
	mulU = 0x9E37_79B1
)

// around is the surrounding of a pixel: the colours that come before it, named
// by compass, two to a word as they lie beside each other.
type around struct {
	left  uint64 // two to the left (upper half), left
	above uint64 // above left (upper half), above
	far   uint64 // two above (upper half), above right
}

func (a *around) w() uint32  { return uint32(a.left) }
func (a *around) n() uint32  { return uint32(a.above) }
func (a *around) nw() uint32 { return uint32(a.above >> 32) }
func (a *around) ne() uint32 { return uint32(a.far) }

// flat says whether the four nearest neighbours have one colour.
func (a *around) flat() bool {
	n := a.above & (1<<32 - 1)
	return a.above == n<<32|n && uint32(a.left) == uint32(n) && uint32(a.far) == uint32(n)
}

// hash is where in wide a surrounding is looked for; see wideAt.
func (a *around) hash() uint64 { return a.left*mulA ^ a.above*mulB ^ a.far*mulC }

// wideAt is the entry for a surrounding of that hash, and what tells it from
// others there.
func (m *model) wideAt(hash uint64) (e *entry, check uint32) {
	return &m.wide[hash>>(64-wideBits)], uint32(hash>>(56-wideBits)) & 255
}

// closeAt is the same for the two nearest neighbours.
func (m *model) closeAt(a *around) (e *entry, check uint32) {
	h := (a.above<<32 | a.left&(1<<32-1)) * mulA
	return &m.close[h>>(64-closeBits)], uint32(h>>(56-closeBits)) & 255
}

// usedAt is where a colour is in used.
func usedAt(c uint32) uint32 { return c * mulU >> 24 }

// lines are the row of a patch at hand, and the two above it.
type lines struct{ row, up, top []uint32 }

func (p *patch) lines(y int) lines {
	at := (y + margin) * patchRow
	return lines{p[at:][:patchRow], p[at-patchRow:][:patchRow], p[at-2*patchRow:][:patchRow]}
}

// around is the surrounding of pixel i of the row, counted with the margin.
func (l *lines) around(i int) around {
	return around{
		left:  uint64(l.row[i-2])<<32 | uint64(l.row[i-1]),
		above: uint64(l.up[i-1])<<32 | uint64(l.up[i]),
		far:   uint64(l.top[i])<<32 | uint64(l.up[i+1]),
	}
}

// lucks are the last two bits of luck, as an index.
func (m *model) lucks() int { return int(m.luck & 3) }

// foretell is the gradient prediction of LOCO-I (JPEG-LS) for one channel.
func foretell(a *around, shift uint) int32 {
	w, n, nw := int32(a.w()>>shift&255), int32(a.n()>>shift&255), int32(a.nw()>>shift&255)
	low, high := min(w, n), max(w, n)
	switch {
	case nw >= high:
		return low
	case nw <= low:
		return high
	}
	return w + n - nw
}

// rough tells how much a channel changes around a pixel, 0 to 6.
func rough(d int32) int {
	if d < 0 {
		d = -d
	}
	switch {
	case d == 0:
		return 0
	case d < 3:
		return 1
	case d < 8:
		return 2
	case d < 20:
		return 3
	case d < 48:
		return 4
	case d < 96:
		return 5
	}
	return 6
}

// roughness is rough of the green around a pixel.
func (a *around) roughness() int {
	w, n, nw := int32(a.w()>>8&255), int32(a.n()>>8&255), int32(a.nw()>>8&255)
	return min((rough(n-nw)+rough(w-nw))/2, 6)
}

// log2 is the place of the highest bit of n, which is not 0.
func log2(n int) int { return bits.Len(uint(n)) - 1 }
