package codec

import (
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

// wanted says whether a dirty tile may go into this slice.
func (e *Encoder) wanted(i int) bool {
	switch e.turn {
	case urgentTiles:
		return e.state[i].urgent
	case drawings:
		return !e.state[i].photo
	}
	return true
}

// anyWanted says whether one of the tiles from i to j may.
func (e *Encoder) anyWanted(i, j int) bool {
	for ; i < j; i++ {
		if e.dirty[i] && e.wanted(i) {
			return true
		}
	}
	return false
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
