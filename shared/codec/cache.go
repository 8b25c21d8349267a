package codec

import (
	"encoding/binary"

	"handrail/shared/frame"
)

// cacheSize is how many tiles both ends remember: 32 MB.
const cacheSize = 2048

const (
	tileBytes   = 4 * side * side
	tilesAtOnce = 64
)

// shelf is a ring of tiles that were on the screen, the same at both ends: the
// newest takes the place of the oldest. What is worth remembering the encoder
// says.
type shelf struct {
	tiles  [cacheSize]frame.Image
	memory [cacheSize / tilesAtOnce][]byte // taken when it is needed
	next   int
}

// worthKeeping says whether a tile of which such a box changed goes on the
// shelf by that alone.
func worthKeeping(box frame.Rect) bool { return box.Dx()*box.Dy() >= 64 }

// put remembers the tile r of pic.
func (s *shelf) put(pic frame.Image, r frame.Rect) (slot int) {
	block, at := s.next/tilesAtOnce, s.next%tilesAtOnce
	if s.memory[block] == nil {
		s.memory[block] = make([]byte, tilesAtOnce*tileBytes)
	}
	t := &s.tiles[s.next]
	t.W, t.H, t.Stride = r.Dx(), r.Dy(), 4*r.Dx()
	t.Pix = s.memory[block][at*tileBytes:][:t.Stride*t.H]
	for y := range t.H {
		copy(t.Pix[y*t.Stride:], pic.Row(r.Min.Y+y, r.Min.X, r.Max.X))
	}
	slot = s.next
	s.next = (s.next + 1) % cacheSize
	return slot
}

// slot is where the tile is that was put age puts ago, 0 the newest.
func (s *shelf) slot(age int) int { return (s.next + 2*cacheSize - 1 - age) % cacheSize }

// age undoes slot.
func (s *shelf) age(slot int) int { return (s.next + cacheSize - 1 - slot) % cacheSize }

// fits says whether there is a tile of r's size at that age.
func (s *shelf) fits(age int, r frame.Rect) bool {
	if age < 0 || age >= cacheSize {
		return false
	}
	t := &s.tiles[s.slot(age)]
	return t.W == r.Dx() && t.H == r.Dy()
}

// get paints the tile of that age over r.
func (s *shelf) get(pic frame.Image, r frame.Rect, age int) {
	t := &s.tiles[s.slot(age)]
	for y := range t.H {
		copy(pic.Row(r.Min.Y+y, r.Min.X, r.Max.X), t.Pix[y*t.Stride:][:t.Stride])
	}
}

// reset forgets everything; the memory stays.
func (s *shelf) reset() {
	for i := range s.tiles {
		s.tiles[i].W, s.tiles[i].H = 0, 0
	}
	s.next = 0
}

// finder is the encoder's way from a tile's pixels to its place on the shelf.
type finder struct {
	shelf
	keys    [cacheSize]uint64
	buckets [cacheSize][ways4]int16 // slots plus one, newest first
}

const ways4 = 4

func (f *finder) reset() {
	f.shelf.reset()
	clear(f.buckets[:])
}

// put remembers a tile whose key is known.
func (f *finder) put(pic frame.Image, r frame.Rect, key uint64) {
	slot := f.shelf.put(pic, r)
	f.keys[slot] = key
	b := &f.buckets[key%cacheSize]
	copy(b[1:], b[:])
	b[0] = int16(slot + 1)
}

// find returns the age of a tile that looks like r of pic, or -1.
func (f *finder) find(pic frame.Image, r frame.Rect, key uint64) (age int) {
	for _, s := range f.buckets[key%cacheSize] {
		if s == 0 || f.keys[s-1] != key {
			continue
		}
		if t := &f.tiles[s-1]; t.W == r.Dx() && t.H == r.Dy() && looksLike(t, pic, r) {
			return f.age(int(s - 1))
		}
	}
	return -1
}

func looksLike(t *frame.Image, pic frame.Image, r frame.Rect) bool {
	for y := range t.H {
		if !frame.SameRow(t.Row(y, 0, t.W), pic.Row(r.Min.Y+y, r.Min.X, r.Max.X)) {
			return false
		}
	}
	return true
}

// keyOf is a hash of a tile's pixels, of every other row: who finds a tile by
// it compares them all.
func keyOf(pic frame.Image, r frame.Rect) uint64 {
	h := [4]uint64{uint64(r.Dx()), uint64(r.Dy()), 3, 4}
	for y := r.Min.Y; y < r.Max.Y; y += 2 {
		row := pic.Row(y, r.Min.X, r.Max.X)
		for len(row) >= 32 {
			h[0] = mix(h[0], binary.LittleEndian.Uint64(row), mulA)
			h[1] = mix(h[1], binary.LittleEndian.Uint64(row[8:]), mulB)
			h[2] = mix(h[2], binary.LittleEndian.Uint64(row[16:]), mulA)
			h[3] = mix(h[3], binary.LittleEndian.Uint64(row[24:]), mulB)
			row = row[32:]
		}
		for ; len(row) >= 4; row = row[4:] {
			h[0] = mix(h[0], uint64(binary.LittleEndian.Uint32(row)), mulC)
		}
	}
	k := mix(mix(mix(h[0], h[1], mulC), h[2], mulC), h[3], mulC)
	return k ^ k>>32
}

func mix(h, pixels, mul uint64) uint64 {
	h = (h ^ pixels&frame.Colours) * mul
	return h ^ h>>29
}
