package codec

import (
	"bytes"
	"encoding/binary"
	"image"

	"handrail/shared/frame"
)

// try adds the rectangles of area that came by that way. They are put together
// from blocks that are equal as a whole, and then grow to their real edges.
func (s *search) try(now, old frame.Image, area frame.Rect, by image.Point) {
	across := (s.w + block - 1) / block
	x0, y0 := area.Min.X/block, area.Min.Y/block
	x1, y1 := (area.Max.X+block-1)/block, (area.Max.Y+block-1)/block
	for y := y0; y < y1; y++ {
		s.compare(now, old, y, x0, x1, by)
	}
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			if !s.same[y*across+x] {
				continue
			}
			right, down := s.extent(x, y, x1, y1)
			for v := y; v < down; v++ {
				clear(s.same[v*across+x : v*across+right])
			}
			r := s.blockAt(x, y).Union(s.blockAt(right-1, down-1))
			if len(s.moves) == maxMoves || !worth(now, old, r) {
				continue
			}
			s.take(r)
			s.moves = append(s.moves, move{s.grow(now, old, r, by), by})
		}
	}
}

// take keeps other moves off r, which is made of whole blocks.
func (s *search) take(r frame.Rect) {
	across := (s.w + block - 1) / block
	for y := r.Min.Y / block; y <= (r.Max.Y-1)/block; y++ {
		for x := r.Min.X / block; x <= (r.Max.X-1)/block; x++ {
			s.taken[y*across+x] = true
		}
	}
}

// compare finds which blocks x0 to x1 of a row of blocks came that way. Runs of
// blocks that have been equal so far are compared at once, which is what most
// of a scrolled page takes.
func (s *search) compare(now, old frame.Image, y, x0, x1 int, by image.Point) {
	across := (s.w + block - 1) / block
	same, taken := s.same[y*across:][:across], s.taken[y*across:][:across]
	left := 0
	for x := x0; x < x1; x++ {
		same[x] = !taken[x] && s.blockAt(x, y).Sub(by).In(old.Bounds())
		if same[x] {
			left++
		}
	}
	for v := y * block; v < min(y*block+block, s.h) && left > 0; v++ {
		for x := x0; x < x1; {
			if !same[x] {
				x++
				continue
			}
			end := x
			for end < x1 && same[end] {
				end++
			}
			if !s.rowCame(now, old, v, x, end, by) {
				left -= s.sift(now, old, v, x, end, by)
			}
			x = end
		}
	}
}

// rowCame compares row v of blocks from to to.
func (s *search) rowCame(now, old frame.Image, v, from, to int, by image.Point) bool {
	a, b := from*block, min(to*block, s.w)
	return frame.SameRow(now.Row(v, a, b), old.Row(v-by.Y, a-by.X, b-by.X))
}

// sift takes out the blocks from to to that differ in row v, and counts them.
func (s *search) sift(now, old frame.Image, v, from, to int, by image.Point) (n int) {
	same := s.same[v/block*((s.w+block-1)/block):]
	for x := from; x < to; x++ {
		if !s.rowCame(now, old, v, x, x+1, by) {
			same[x] = false
			n++
		}
	}
	return n
}

func (s *search) blockAt(x, y int) frame.Rect {
	return image.Rect(x*block, y*block, min(x*block+block, s.w), min(y*block+block, s.h))
}

// extent is how far a rectangle of equal blocks goes from its upper left one.
func (s *search) extent(x, y, x1, y1 int) (right, down int) {
	across := (s.w + block - 1) / block
	right = x
	for right < x1 && s.same[y*across+right] {
		right++
	}
	for down = y + 1; down < y1; down++ {
		for u := x; u < right; u++ {
			if !s.same[down*across+u] {
				return right, down
			}
		}
	}
	return right, down
}

// came says whether r of now is what old shows that way back.
func (s *search) came(now, old frame.Image, r frame.Rect, by image.Point) bool {
	from := r.Sub(by)
	if !from.In(old.Bounds()) {
		return false
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if !frame.SameRow(now.Row(y, r.Min.X, r.Max.X), old.Row(y-by.Y, from.Min.X, from.Max.X)) {
			return false
		}
	}
	return true
}

// grow moves the edges of r out, by less than a block each, as long as what is
// there came the same way.
func (s *search) grow(now, old frame.Image, r frame.Rect, by image.Point) frame.Rect {
	row := func(y int) bool {
		q := image.Rect(r.Min.X, y, r.Max.X, y+1)
		return q.In(now.Bounds()) && s.came(now, old, q, by)
	}
	for n := 1; n < block && row(r.Min.Y-1); n++ {
		r.Min.Y--
	}
	for n := 1; n < block && row(r.Max.Y); n++ {
		r.Max.Y++
	}
	column := func(x int) bool {
		if x < 0 || x >= s.w || x-by.X < 0 || x-by.X >= s.w {
			return false
		}
		p := now.Pix[r.Min.Y*now.Stride+4*x:]
		q := old.Pix[(r.Min.Y-by.Y)*old.Stride+4*(x-by.X):]
		for n := range r.Dy() {
			if (binary.LittleEndian.Uint32(p[n*now.Stride:])^binary.LittleEndian.Uint32(q[n*old.Stride:]))&colours != 0 {
				return false
			}
		}
		return true
	}
	for n := 1; n < block && column(r.Min.X-1); n++ {
		r.Min.X--
	}
	for n := 1; n < block && column(r.Max.X); n++ {
		r.Max.X++
	}
	return r
}

// worth says whether a move to r would put right enough pixels.
func worth(now, old frame.Image, r frame.Rect) bool {
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		a, b := now.Row(y, r.Min.X, r.Max.X), old.Row(y, r.Min.X, r.Max.X)
		if bytes.Equal(a, b) {
			continue
		}
		b = b[:len(a)]
		for ; len(a) >= 4; a, b = a[4:], b[4:] {
			if (binary.LittleEndian.Uint32(a)^binary.LittleEndian.Uint32(b))&colours != 0 {
				n++
			}
		}
		if n >= lightTouch {
			return true
		}
	}
	return false
}
