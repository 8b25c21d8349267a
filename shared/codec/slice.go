package codec

import (
	"encoding/binary"
	"time"

	"handrail/shared/frame"
)

// Encode adds to dst one slice with a part of the pending damage as it looks
// in pic, of about limit bytes at most, and returns the longer dst; or dst as
// it was when nothing changed. One tile goes in whatever the limit. A pic of
// another size than before starts a key frame. now is the time for everything
// that depends on how long a part of the picture has been still.
func (e *Encoder) Encode(dst []byte, pic frame.Image, limit int, now time.Time) []byte {
	if pic.W != e.w || pic.H != e.h {
		e.Resize(pic.W, pic.H)
	}
	e.pic, e.now = pic, now
	sure, urgent := e.compare()
	if sure == 0 && !e.key {
		return dst
	}
	e.only = urgent > 0 && sure > urgent+urgentOnly
	var moves []move
	e.keep = e.keep[:0]
	if !e.only {
		moves = e.findMoves()
		e.chooseKept()
	}
	e.plan(e.measure(moves), limit)
	e.prelude(e.strands[0], moves)
	e.run(e.stripes, func(i int) { e.strands[i].tiles(e, i) })
	return e.assemble(dst)
}

// compare looks at tiles that may have changed, and counts those that have.
func (e *Encoder) compare() (sure, urgent int) {
	i := 0
	e.spans = e.spans[:0]
	for ty := range e.down {
		var open frame.Rect
		for tx := range e.across {
			t := &e.state[i]
			if t.unsure && t.dirty {
				t.unsure, t.boxed = false, false
				if !differs(e.pic, e.shown, e.rect(tx, ty)) {
					e.clean(i)
					e.left--
				} else {
					e.newly = true
				}
			}
			if t.dirty {
				sure++
				if t.urgent {
					urgent++
				}
				open = open.Union(e.rect(tx, ty))
			} else if !open.Empty() {
				e.spans = append(e.spans, open)
				open = frame.Rect{}
			}
			i++
		}
		if !open.Empty() {
			e.spans = append(e.spans, open)
		}
	}
	return sure, urgent
}

// findMoves looks for moves where something is new, and carries them out.
func (e *Encoder) findMoves() []move {
	if !e.newly || e.key || e.left < fewTiles {
		return nil
	}
	e.newly = false
	return e.search.find(e.pic, e.shown, e.spans)
}

// chooseKept lists the tiles that are worth remembering before this slice
// changes them.
func (e *Encoder) chooseKept() {
	if e.key {
		return
	}
	for i := range e.state {
		if e.state[i].dirty {
			e.chooseIf(i)
		}
	}
}

func (e *Encoder) chooseIf(i int) {
	t := &e.state[i]
	if t.shelved || e.now.Sub(t.changed) < settled {
		return
	}
	r := e.rect(i%e.across, i/e.across)
	if d := difference(e.pic, e.shown, r); d.Dx()*d.Dy() < bigChange {
		return
	}
	t.shelved = true
	key := keyOf(e.shown, r)
	if e.shelf.find(e.shown, r, key) >= 0 {
		return
	}
	e.shelf.put(e.shown, r, key)
	e.keep = append(e.keep, i)
}

// measure finds where tiles differ once the moves are done, and how many
// pixels that are.
func (e *Encoder) measure(moves []move) (pixels int) {
	if len(moves) > 0 {
		e.carry(moves)
	}
	for i := range e.state {
		t := &e.state[i]
		if !t.dirty || e.only && !t.urgent {
			continue
		}
		if !t.boxed {
			t.box, t.boxed = difference(e.pic, e.shown, e.rect(i%e.across, i/e.across)), true
		}
		if t.box.Empty() {
			e.clean(i)
			e.left--
			continue
		}
		pixels += t.box.Dx() * t.box.Dy()
	}
	return pixels
}

// plan says how the slice is divided.
func (e *Encoder) plan(pixels, limit int) {
	e.stripes = 1
	for e.stripes < maxStripes && pixels >= splitFrom*e.stripes*e.stripes && e.across >= 2*e.stripes {
		e.stripes *= 2
	}
	e.limit = limit / e.stripes
	for i := range e.stripes {
		if e.strands[i] == nil {
			e.strands[i] = newScribe()
		}
		e.strands[i].begin()
	}
}

// prelude writes what comes before the tiles.
func (e *Encoder) prelude(s *scribe, moves []move) {
	c := &e.control
	s.w.Bit(&c.any[0], len(moves) > 0)
	if len(moves) > 0 {
		c.moves.write(&s.w.Encoder, moves)
	}
	s.w.Bit(&c.any[1], len(e.keep) > 0)
	if len(e.keep) > 0 {
		last := -1
		s.w.Number(&c.gap, uint32(len(e.keep)-1))
		for _, i := range e.keep {
			s.w.Number(&c.gap, uint32(i-last-1))
			last = i
		}
	}
}

// carry does the moves on what the decoder shows.
func (e *Encoder) carry(moves []move) {
	e.mover.move(e.shown, moves)
	for _, m := range moves {
		tx0, ty0, tx1, ty1 := touched(m.to)
		for ty := ty0; ty < ty1; ty++ {
			for i := ty*e.across + tx0; i < ty*e.across+tx1; i++ {
				t := &e.state[i]
				if !t.dirty { // what came may reach over the edges of what had changed
					t.dirty = true
					e.left++
				}
				t.shelved, t.boxed, t.changed = false, false, e.now
			}
		}
	}
}

// assemble puts the parts of the slice together.
func (e *Encoder) assemble(dst []byte) []byte {
	flags := byte(log2(e.stripes) << stripesShift)
	next := e.down
	for _, s := range e.strands[:e.stripes] {
		for _, p := range s.puts {
			e.shelf.put(e.shown, e.rect(p.tile%e.across, p.tile/e.across), p.key)
		}
		s.buf = s.w.Close()
		e.left -= s.done
		next = min(next, s.next)
	}
	if e.from = next; next == e.down {
		e.from = 0
	}
	e.since++
	checked := e.since >= checkEvery
	if checked {
		flags |= flagCheck
	}
	if e.key {
		flags |= flagKey
	}
	start := len(dst)
	dst = append(dst, flags)
	if e.key {
		e.key = false
		dst = append(dst, version)
		dst = binary.AppendUvarint(dst, uint64(e.w))
		dst = binary.AppendUvarint(dst, uint64(e.h))
	}
	if checked {
		e.since = 0
		e.check = (e.check + 1) % e.down
		dst = binary.LittleEndian.AppendUint32(dst, sum(e.shown, e.check))
	}
	for _, s := range e.strands[:e.stripes-1] {
		dst = binary.AppendUvarint(dst, uint64(s.w.Len()))
	}
	for _, s := range e.strands[:e.stripes] {
		dst = append(dst, s.w.Bytes()...)
	}
	if dst[start] == 0 && len(dst) == start+1 {
		dst = append(dst, 0) // alone, that byte means nothing at all
	}
	return dst
}
