package codec

import (
	"bytes"
	"encoding/binary"

	"handrail/shared/frame"
)

// mask keeps the three defined bytes of a pixel.
const mask = 0x00ff_ffff

// tileCoder codes one tile at a time; its tables are kept for the next.
type tileCoder struct {
	w, h    int
	now     [tile * tile]uint32
	stays   [tile * tile]bool // the pixel is as it was
	changed int               // how many pixels are not
	index   [tile * tile]byte

	colours [maxColours]uint32
	count   int
	// slots finds a colour's place in colours; a slot is of use only if its
	// stamp is the present one, so that nothing has to be cleared.
	slots [1024]struct {
		stamp  uint32
		colour uint32
		place  byte
	}
	stamp uint32
}

// load reads tile r of pic, compares it with kept, brings kept up to date,
// and says whether anything changed. It keeps the undefined fourth bytes too:
// they are the same the next time, and equal bytes are found equal many times
// faster than equal colours.
func (t *tileCoder) load(pic, kept frame.Image, r frame.Rect) bool {
	top := r.Min.Y
	for top < r.Max.Y && keepRow(pic.Row(top, r.Min.X, r.Max.X), kept.Row(top, r.Min.X, r.Max.X)) {
		top++
	}
	if top == r.Max.Y {
		return false
	}
	t.w, t.h, t.changed = r.Dx(), r.Dy(), 0
	i := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		from, old := pic.Row(y, r.Min.X, r.Max.X), kept.Row(y, r.Min.X, r.Max.X)
		now, stays := t.now[i:i+t.w], t.stays[i:i+t.w]
		i += t.w
		if y < top || bytes.Equal(from, old) {
			for x := range now {
				now[x], stays[x] = binary.LittleEndian.Uint32(from)&mask, true
				from = from[4:]
			}
			continue
		}
		t.changed += compare(now, stays, from, old)
		copy(old, from)
	}
	return true
}

// compare reads a row and says how many of its pixels are not as they were. It
// is most of the work of a picture that changes as a whole: no branch in it
// depends on a pixel.
func compare(now []uint32, stays []bool, from, old []byte) (changed int) {
	stays = stays[:len(now)]
	for x := range now {
		p := binary.LittleEndian.Uint32(from) & mask
		diff := p ^ binary.LittleEndian.Uint32(old)&mask
		now[x], stays[x] = p, diff == 0
		changed += int((diff | -diff) >> 31)
		from, old = from[4:], old[4:]
	}
	return changed
}

// keepRow says whether a row has the colours it had, and if so takes its
// fourth bytes over.
func keepRow(from, old []byte) bool {
	if bytes.Equal(from, old) {
		return true
	}
	if !frame.SameRow(from, old) {
		return false
	}
	copy(old, from)
	return true
}

// append adds the tile's op to b.
func (t *tileCoder) append(b []byte) []byte {
	n := t.w * t.h
	// Where little changed, the rest is said to stay. Where much did, pixels
	// that happen to be equal would only break the runs.
	mayStay := t.changed < n/4
	if !t.sort(n, mayStay) {
		return t.appendRaw(append(b, opRaw), n)
	}
	if t.count == 1 && !mayStay {
		return appendColour(append(b, opSolid), t.colours[0])
	}
	b = append(b, opPalette, byte(t.count))
	for _, c := range t.colours[:t.count] {
		b = appendColour(b, c)
	}
	for i := 0; i < n; {
		c, run := t.index[i], i+1
		for run < n && t.index[run] == c {
			run++
		}
		if run -= i; run == 1 {
			b = append(b, c)
		} else {
			b = binary.AppendUvarint(append(b, c|0x80), uint64(run-2))
		}
		i += run
	}
	return b
}

// sort gives each of n pixels its place in a palette, from 1; 0 is a pixel
// that stays, if they may. It says false if there are too many colours.
func (t *tileCoder) sort(n int, mayStay bool) bool {
	t.stamp++
	t.count = 0
	var last uint32 = 1 << 31 // no colour
	var place byte
	for i, p := range t.now[:n] {
		if mayStay && t.stays[i] {
			t.index[i] = 0
			continue
		}
		if p != last {
			at, ok := t.place(p)
			if !ok {
				return false
			}
			last, place = p, at
		}
		t.index[i] = place
	}
	return true
}

func (t *tileCoder) place(p uint32) (byte, bool) {
	for i := p * 2654435761 >> 22; ; i = (i + 1) % uint32(len(t.slots)) {
		s := &t.slots[i]
		if s.stamp == t.stamp {
			if s.colour == p {
				return s.place, true
			}
			continue
		}
		if t.count == maxColours {
			return 0, false
		}
		t.colours[t.count] = p
		t.count++
		s.stamp, s.colour, s.place = t.stamp, p, byte(t.count)
		return s.place, true
	}
}

// appendRaw adds all pixels, one colour after the other, each as the
// difference to its left neighbour, or the upper one in the first column.
func (t *tileCoder) appendRaw(b []byte, n int) []byte {
	for shift := 0; shift < 24; shift += 8 {
		var left, first byte
		for i, p := range t.now[:n] {
			v := byte(p >> shift)
			if i%t.w == 0 {
				left, first = first, v
			}
			b = append(b, v-left)
			left = v
		}
	}
	return b
}

func appendColour(b []byte, c uint32) []byte {
	return append(b, byte(c), byte(c>>8), byte(c>>16))
}
