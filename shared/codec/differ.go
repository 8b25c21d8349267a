package codec

import (
	"bytes"
	"encoding/binary"

	"handrail/shared/frame"
)

// differs says whether a and b differ inside r.
func differs(a, b frame.Image, r frame.Rect) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if !frame.SameRow(a.Row(y, r.Min.X, r.Max.X), b.Row(y, r.Min.X, r.Max.X)) {
			return true
		}
	}
	return false
}

// difference is the smallest box inside r that holds all pixels in which a and
// b differ; empty if there are none.
func difference(a, b frame.Image, r frame.Rect) (box frame.Rect) {
	left, right := r.Dx(), 0
	top, bottom := -1, 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		p, q := a.Row(y, r.Min.X, r.Max.X), b.Row(y, r.Min.X, r.Max.X)
		if bytes.Equal(p, q) {
			continue
		}
		first := firstDifference(p, q)
		if first == r.Dx() {
			continue // only fourth bytes
		}
		if top < 0 {
			top = y
		}
		bottom = y + 1
		left = min(left, first)
		right = max(right, lastDifference(p, q, right))
	}
	if top < 0 {
		return frame.Rect{}
	}
	box.Min.X, box.Max.X = r.Min.X+left, r.Min.X+right
	box.Min.Y, box.Max.Y = top, bottom
	return box
}

// firstDifference is the first pixel in which two rows differ, or their
// length.
func firstDifference(p, q []byte) int {
	q = q[:len(p)]
	i := 0
	for ; i+8 <= len(p); i += 8 {
		if d := (binary.LittleEndian.Uint64(p[i:]) ^ binary.LittleEndian.Uint64(q[i:])) & frame.Colours; d != 0 {
			if uint32(d) != 0 {
				return i / 4
			}
			return i/4 + 1
		}
	}
	if i < len(p) && (binary.LittleEndian.Uint32(p[i:])^binary.LittleEndian.Uint32(q[i:]))&colours != 0 {
		return i / 4
	}
	return len(p) / 4
}

// lastDifference is one more than the last pixel in which two rows differ, if
// that is more than least.
func lastDifference(p, q []byte, least int) int {
	q = q[:len(p)]
	n := len(p)
	for ; n >= 8 && n > 4*least; n -= 8 {
		if d := (binary.LittleEndian.Uint64(p[n-8:]) ^ binary.LittleEndian.Uint64(q[n-8:])) & frame.Colours; d != 0 {
			if d>>32 != 0 {
				return max(n/4, least)
			}
			return max(n/4-1, least)
		}
	}
	if n == 4 && least == 0 && (binary.LittleEndian.Uint32(p)^binary.LittleEndian.Uint32(q))&colours != 0 {
		return 1
	}
	return least
}
