package codec

import (
	"bytes"
	"encoding/binary"
	"image"

	"handrail/shared/frame"
)

// The search for moves looks at places that tell themselves apart from others
// wherever they are: the end of a stretch of one colour, and pixels of certain
// colours in what has no such stretch. What follows such a place is hashed;
// where a hash stands once in the old picture and again in the new one, it
// votes for the way between them. The ways with most votes are tried.
const (
	landmark    = 16               // pixels that are hashed
	stretch     = 4                // pixels of one colour before a place
	tableBits   = 14               // places remembered: 2^tableBits
	largeArea   = 12 * side * side // pixels up to which every row is read
	block       = 16               // a move is put together from squares of this side
	voteBits    = 9                // ways counted: 2^voteBits
	fewVotes    = 6                // fewer are chance
	minority    = 16               // a way with fewer than so many times less votes than the first is chance too
	maxWays     = 4                // ways tried a frame
	lightTouch  = 3 * 64           // pixels that a move must put right to be worth its bytes
	aroundVotes = 2 * side         // how far beyond the votes for it a way is tried
	fewTiles    = 3                // in fewer changed tiles nobody looks
	seldom      = 1 << 26          // a colour whose hash is below is one in 64
)

// place is where a landmark was last seen.
type place struct {
	hash  uint32
	x, y  int16
	stamp uint16 // of the search; others are forgotten
	twice bool
}

type way struct {
	by    image.Point
	votes int
	stamp uint16
	area  frame.Rect // around the places that voted for it
}

// search finds what only changed its place. Its tables are kept.
type search struct {
	grid
	stamp  uint16
	places [1 << tableBits]place
	votes  [1 << voteBits]way
	ways   []way
	same   []bool // by block: equal to what the way at hand brings there
	taken  []bool // by block: part of a move already
	moves  []move
}

func (s *search) resize(g grid) {
	s.grid = g
	n := ((g.w + block - 1) / block) * ((g.h + block - 1) / block)
	s.same, s.taken = make([]bool, n), make([]bool, n)
}

// find returns moves that turn old into more of now, inside spans. The result
// is valid until the next call.
func (s *search) find(now, old frame.Image, spans []frame.Rect) []move {
	s.moves = s.moves[:0]
	if s.stamp++; s.stamp == 0 {
		clear(s.places[:])
		clear(s.votes[:])
		s.stamp = 1
	}
	s.look(now, old, spans)
	s.elect()
	if len(s.ways) == 0 {
		return nil
	}
	area := frame.Rect{}
	for _, r := range spans {
		area = area.Union(r)
	}
	clear(s.taken)
	for _, w := range s.ways {
		s.try(now, old, area.Intersect(w.area.Inset(-aroundVotes)), w.by)
	}
	return s.moves
}

// next finds the next landmark in row at or after pixel x, which is at least
// 1: its hash and where it begins, or -1.
func next(row []byte, x int) (at int, hash uint32) {
	last := len(row)/4 - landmark
	for x <= last {
		d := steps(row, x)
		if d == 0 {
			from := x
			for x += 2; x <= last; x += 2 {
				if d = steps(row, x); d != 0 {
					break
				}
			}
			if uint32(d) == 0 {
				x++
			}
			if x <= last && x-from >= stretch-1 {
				return x, hashOf(row[4*x-4:])
			}
			continue
		}
		if uint32(d) != 0 && (binary.LittleEndian.Uint32(row[4*x:])&colours)*mulU < seldom {
			return x, hashOf(row[4*x-4:])
		}
		x++
	}
	return -1, 0
}

// steps is where pixel x is another than the one before (in the lower half),
// and pixel x+1 than x (in the upper).
func steps(row []byte, x int) uint64 {
	r := row[4*x-4 : 4*x+8]
	return (binary.LittleEndian.Uint64(r) ^ binary.LittleEndian.Uint64(r[4:])) & frame.Colours
}

// hashOf is the hash of the landmark that begins at row.
func hashOf(row []byte) uint32 {
	h := uint64(0)
	for i := 0; i < landmark; i += 2 {
		h = (h ^ binary.LittleEndian.Uint64(row[4*i:])&frame.Colours) * mulA
		h ^= h >> 29
	}
	return uint32(h >> 32)
}

// look finds landmarks in the spans. In large ones it reads one row in k of
// the old picture, and k rows in k times k of the new one: whatever way
// something went up or down, one of k such rows lies on one that was read.
func (s *search) look(now, old frame.Image, spans []frame.Rect) {
	area := 0
	for _, r := range spans {
		area += r.Dx() * r.Dy()
	}
	k := 1
	for k < 4 && area > largeArea*k*k {
		k++
	}
	for _, r := range spans {
		for y := (r.Min.Y + k - 1) / k * k; y < r.Max.Y; y += k {
			if from, to := changed(now, old, r, y); from < to {
				s.remember(old.Row(y, from, to), from, y)
			}
		}
	}
	for _, r := range spans {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			if y%(k*k) >= k {
				continue
			}
			if from, to := changed(now, old, r, y); from < to {
				s.vote(now.Row(y, from, to), from, y)
			}
		}
	}
}

// changed is the part of row y of a span that is not as it was, with some
// pixels more so that landmarks at its edges can be told.
func changed(now, old frame.Image, r frame.Rect, y int) (from, to int) {
	p, q := now.Row(y, r.Min.X, r.Max.X), old.Row(y, r.Min.X, r.Max.X)
	if bytes.Equal(p, q) {
		return 0, 0
	}
	first := firstDifference(p, q)
	if first == r.Dx() {
		return 0, 0
	}
	last := lastDifference(p, q, first)
	return r.Min.X + max(first-landmark, 0), r.Min.X + min(last+landmark, r.Dx())
}

func (s *search) remember(row []byte, x0, y int) {
	for x, h := next(row, 1); x >= 0; x, h = next(row, x+1) {
		p := &s.places[h>>(32-tableBits)]
		switch {
		case p.stamp != s.stamp:
			*p = place{hash: h, x: int16(x0 + x), y: int16(y), stamp: s.stamp}
		case p.hash == h:
			p.twice = true
		}
	}
}

func (s *search) vote(row []byte, x0, y int) {
	for x, h := next(row, 1); x >= 0; x, h = next(row, x+1) {
		p := &s.places[h>>(32-tableBits)]
		if p.stamp != s.stamp || p.hash != h || p.twice {
			continue
		}
		at := image.Pt(x0+x, y)
		by := at.Sub(image.Pt(int(p.x), int(p.y)))
		if by == (image.Point{}) {
			continue
		}
		v := &s.votes[(uint32(by.X)*mulU^uint32(by.Y)*0x85EB_CA6B)>>(32-voteBits)]
		switch {
		case v.stamp != s.stamp:
			*v = way{by, 1, s.stamp, spot(at)}
		case v.by == by:
			v.votes++
			v.area = v.area.Union(spot(at))
		case v.votes > 0:
			v.votes-- // the more frequent of two that share a place stays
		default:
			*v = way{by, 1, s.stamp, spot(at)}
		}
	}
}

// spot is the pixel at a place as a rectangle.
func spot(at image.Point) frame.Rect { return frame.Rect{Min: at, Max: at.Add(image.Pt(1, 1))} }

// elect puts the ways with most votes in ways.
func (s *search) elect() {
	s.ways = s.ways[:0]
	for i := range s.votes {
		v := s.votes[i]
		if v.stamp != s.stamp || v.votes < fewVotes {
			continue
		}
		at := len(s.ways)
		for at > 0 && s.ways[at-1].votes < v.votes {
			at--
		}
		if at == maxWays {
			continue
		}
		if len(s.ways) < maxWays {
			s.ways = append(s.ways, way{})
		}
		copy(s.ways[at+1:], s.ways[at:])
		s.ways[at] = v
	}
	for n := len(s.ways); n > 1 && s.ways[n-1].votes*minority < s.ways[0].votes; n-- {
		s.ways = s.ways[:n-1]
	}
}
