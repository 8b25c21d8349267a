package codec

import (
	"encoding/binary"

	"handrail/shared/frame"
)

// What makes a box a photograph; see isPhoto.
const (
	photoSide  = 32  // pixels of a side that are looked at, at least
	photoLeast = 200 // pixels in all
	manyHues   = 100
)

// isPhoto tells photographs from text and drawings. In a photograph most
// pixels are like neither the one on their left nor the one above, or there are
// very many colours; and what was learnt does not foretell them. Without the
// last, dense text would be taken for a photograph.
func (m *model) isPhoto(pic frame.Image, r frame.Rect) bool {
	if r.Dx()*r.Dy() < photoLeast {
		return false
	}
	r = widen(r, pic.Bounds())
	unlike, hues, looked := variety(pic, r)
	if unlike*5 <= looked*2 && (hues <= manyHues || unlike*4 <= looked) {
		return false
	}
	missed, all := m.surprise(pic, r)
	return missed*4 > all
}

// widen makes r at least photoSide pixels wide and high, so that a narrow strip
// of a photograph that is scrolled in is known by what it belongs to.
func widen(r, within frame.Rect) frame.Rect {
	if n := photoSide - r.Dx(); n > 0 {
		r.Min.X -= n / 2
		r.Max.X += n - n/2
	}
	if n := photoSide - r.Dy(); n > 0 {
		r.Min.Y -= n / 2
		r.Max.Y += n - n/2
	}
	return r.Intersect(within)
}

// variety looks at one row in four: how many pixels are like neither neighbour,
// and about how many colours those have.
func variety(pic frame.Image, r frame.Rect) (unlike, hues, looked int) {
	var seen [64]uint64
	for y := r.Min.Y + 1; y < r.Max.Y; y += 4 {
		row, up := pic.Row(y, r.Min.X, r.Max.X), pic.Row(y-1, r.Min.X, r.Max.X)
		up = up[:len(row)]
		left := binary.LittleEndian.Uint32(row) & colours
		for x := 4; x+4 <= len(row); x += 4 {
			c := binary.LittleEndian.Uint32(row[x:]) & colours
			if c != left && c != binary.LittleEndian.Uint32(up[x:])&colours {
				unlike++
				h := c * mulU >> 20
				if bit := uint64(1) << (h & 63); seen[h>>6]&bit == 0 {
					seen[h>>6] |= bit
					hues++
				}
			}
			left = c
		}
		looked += r.Dx()
	}
	return unlike, hues, looked
}

// surprise tries how many of a few rows' pixels the entries in wide miss.
func (m *model) surprise(pic frame.Image, r frame.Rect) (missed, all int) {
	for y := r.Min.Y + 2; y < r.Max.Y; y += 5 {
		row, up, top := pic.Row(y, r.Min.X, r.Max.X), pic.Row(y-1, r.Min.X, r.Max.X), pic.Row(y-2, r.Min.X, r.Max.X)
		for x := 2; x+1 < r.Dx(); x++ {
			all++
			c := at(row, x)
			a := around{
				left:  uint64(at(row, x-2))<<32 | uint64(at(row, x-1)),
				above: uint64(at(up, x-1))<<32 | uint64(at(up, x)),
				far:   uint64(at(top, x))<<32 | uint64(at(up, x+1)),
			}
			if c == a.w() || c == a.n() {
				continue
			}
			if e, check := m.wideAt(a.hash()); e.second>>24 == check && (e.first&colours == c || e.second&colours == c) {
				continue
			}
			missed++
		}
	}
	return missed, all
}

func at(row []byte, x int) uint32 { return binary.LittleEndian.Uint32(row[4*x:]) & colours }

// smooth says whether the gradient foretells pic better than shown does, tried
// in a few rows: a shade that was drawn.
func smooth(pic, shown frame.Image, r frame.Rect) bool {
	gradient, seen := int32(0), int32(0)
	for y := r.Min.Y + 1; y < r.Max.Y; y += 5 {
		row, up, now := pic.Row(y, r.Min.X, r.Max.X), pic.Row(y-1, r.Min.X, r.Max.X), shown.Row(y, r.Min.X, r.Max.X)
		for x := 1; x < r.Dx(); x++ {
			c, s := at(row, x), at(now, x)
			a := around{left: uint64(at(row, x-1)), above: uint64(at(up, x-1))<<32 | uint64(at(up, x))}
			for shift := uint(0); shift < 24; shift += 8 {
				v := int32(c >> shift & 255)
				gradient += distance(v, foretell(&a, shift))
				seen += distance(v, int32(s>>shift&255))
			}
		}
	}
	return gradient < seen
}

func distance(a, b int32) int32 { return max(a-b, b-a) }
