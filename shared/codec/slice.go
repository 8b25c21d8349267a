package codec

import (
	"encoding/binary"
	"slices"
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
	e.keep, e.events, e.count = e.keep[:0], e.events[:0], 0
	e.rejoin()
	e.tellFilms()
	sure, urgent := e.compare()
	e.refine = sure == 0 && !e.key && !e.filming()
	e.turn = everything
	var moves []move
	switch {
	case e.refine:
		e.chooseRough()
	case urgent > 0 && sure > urgent+urgentOnly:
		e.turn = urgentTiles
	default:
		moves = e.findMoves()
		e.endScrolled(moves)
		moves = slices.DeleteFunc(moves, func(m move) bool { return e.overFilm(m.to) })
	}
	if len(moves) > 0 {
		e.chooseKept()
	}
	n := e.measure(moves)
	if e.turn == everything && !e.refine {
		n = e.order(n, len(moves) > 0)
	}
	if len(moves) == 0 {
		e.chooseKept() // the boxes are known now
	}
	if n.pixels(e.turn) == 0 && len(moves) == 0 && e.count == 0 && !e.key {
		return dst
	}
	e.plan(n.pixels(e.turn), limit)
	e.prelude(e.strands[0], moves)
	e.run(e.stripes, e.write)
	return e.assemble(dst)
}

// turn is whose it is: what may go into a slice.
type turn int

const (
	everything turn = iota
	urgentTiles
	drawings // all but photographs and films
)

// wanted says whether a tile may go into this slice.
func (e *Encoder) wanted(t *tileState) bool {
	return t.dirty && (e.turn == everything || e.turn == urgentTiles && t.urgent || e.turn == drawings && !t.photo)
}

// amount is how many pixels there are to send.
type amount struct{ drawings, photos int }

func (a amount) pixels(t turn) int {
	if t == drawings {
		return a.drawings
	}
	return a.drawings + a.photos
}

// order lets moves and drawings go first, then films, then photographs; but
// those that have waited for maxHeld wait no longer. It returns what is left
// to send by tiles.
func (e *Encoder) order(n amount, moved bool) amount {
	if !moved && e.taste.film > 0 && e.openFilms() {
		n = e.measure(nil)
	}
	if (n.drawings > 0 || moved) && (n.photos > fewPhotos || e.filming()) {
		if e.held.IsZero() {
			e.held = e.now
		}
		if moved || e.now.Sub(e.held) < maxHeld {
			e.turn = drawings
			return n
		}
	}
	e.held = time.Time{}
	e.roll()
	return n
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
				if !differs(e.pic, e.seen, e.rect(tx, ty)) {
					e.clean(i)
					e.left--
				} else {
					e.newly = true
				}
			}
			if !t.dirty {
				t.urgent = false
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
	if !e.newly || e.key || e.left < fewTiles && !e.filming() {
		return nil
	}
	e.newly = false
	for i := range e.films {
		if f := &e.films[i]; f.dirty {
			e.spans = append(e.spans, f.r)
		}
	}
	return e.search.find(e.pic, e.seen, e.spans)
}

// chooseKept lists the tiles that are worth remembering before this slice
// changes them.
func (e *Encoder) chooseKept() {
	if e.key || e.refine {
		return
	}
	for i := range e.state {
		if t := &e.state[i]; t.dirty && !t.lossy {
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
	box := t.box
	if !t.boxed {
		box = difference(e.pic, e.seen, r)
	}
	if box.Dx()*box.Dy() < bigChange {
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

// chooseRough marks the photographs that have rested, to be made exact.
func (e *Encoder) chooseRough() {
	if !e.taste.exact || e.rough == 0 {
		return
	}
	for i := range e.state {
		t := &e.state[i]
		if !t.lossy || e.now.Sub(t.changed) < quiet {
			continue
		}
		if t.filmed && differs(e.pic, e.seen, e.rect(i%e.across, i/e.across)) {
			t.changed = e.now // its film will tell
			continue
		}
		t.box, t.boxed, t.photo = difference(e.pic, e.shown, e.rect(i%e.across, i/e.across)), true, false
		if t.box.Empty() {
			e.rough += t.setLossy(false)
			continue
		}
		if !t.dirty {
			t.dirty = true
			e.left++
		}
	}
}

// putOff leaves what did not go into this slice for another one: it is not
// damage.
func (e *Encoder) putOff() {
	for i := range e.state {
		if t := &e.state[i]; t.dirty {
			t.boxed = false
			e.clean(i)
			e.left--
		}
	}
}

// measure finds where tiles differ once the moves are done, and how many
// pixels that are.
func (e *Encoder) measure(moves []move) (n amount) {
	e.fresh = e.fresh[:0]
	if len(moves) > 0 {
		e.carry(moves)
	}
	for i := range e.state {
		t := &e.state[i]
		if !e.wanted(t) {
			continue
		}
		if !t.boxed {
			e.look(i)
			e.fresh = append(e.fresh, i)
		}
		if t.box.Empty() {
			e.clean(i)
			e.left--
			continue
		}
		if t.photo {
			n.photos += t.box.Dx() * t.box.Dy()
			e.split()
		} else {
			n.drawings += t.box.Dx() * t.box.Dy()
		}
	}
	if 4*area(moves) < n.drawings+n.photos { // else it is scrolled
		for _, i := range e.fresh {
			if t := &e.state[i]; t.box.Dx()*t.box.Dy() > side*side/3 {
				t.heat(e.now)
			}
		}
	}
	return n
}

// look finds where a tile differs, and whether that is a photograph.
func (e *Encoder) look(i int) {
	t := &e.state[i]
	t.box, t.boxed = difference(e.pic, e.seen, e.rect(i%e.across, i/e.across)), true
	t.photo = e.taste.photo > 0 && !t.box.Empty() && e.first().model.isPhoto(e.pic, t.box)
}

// first is the strand that every slice has.
func (e *Encoder) first() *scribe {
	if e.strands[0] == nil {
		e.strands[0] = newScribe()
	}
	return e.strands[0]
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
	another := e.taste.photo > 0 && e.taste.photo != c.step
	s.w.Bit(&c.any[2], another)
	if another {
		c.step = e.taste.photo
		s.w.Raw(uint32(c.step-1), stepBits)
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
	lossy := e.rough > 0
	for i := range moves {
		// Of a picture that is partly lossy, all that moved may be.
		if !lossy {
			break
		}
		e.inside(moves[i].from(), func(t *tileState) { t.source = t.source || t.lossy })
	}
	e.mover.move(e.shown, moves)
	if &e.seen.Pix[0] != &e.shown.Pix[0] {
		e.mover.move(e.seen, moves)
	}
	for _, m := range moves {
		any := false
		if lossy {
			e.inside(m.from(), func(t *tileState) { any = any || t.source })
		}
		e.inside(m.to, func(t *tileState) {
			if !t.dirty { // what came may reach over the edges of what had changed
				t.dirty = true
				e.left++
			}
			t.shelved, t.boxed, t.changed = false, false, e.now
			if any {
				e.rough += t.setLossy(true)
			}
		})
	}
	if lossy {
		for i := range e.state {
			e.state[i].source = false
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
		e.rough += s.rough
		next = min(next, s.next)
	}
	if e.turn != urgentTiles {
		e.from = next % e.down
	}
	if e.refine {
		e.putOff()
	}
	e.since++
	checked := e.since >= checkEvery
	if checked {
		flags |= flagCheck
	}
	if e.key {
		flags |= flagKey
	}
	if e.count > 0 {
		flags |= flagFilm
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
	if e.count > 0 {
		dst = append(dst, byte(e.count))
		dst = append(dst, e.events...)
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
