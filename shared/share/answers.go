package share

import (
	"image"
	"time"

	"handrail/shared/frame"
)

// What counts as the answer to the viewer's hand.
const (
	// answerWithin is how long programs take to show what a key or a button
	// does: most need 5 to 50 ms, an office program on a busy machine 100.
	answerWithin = 150 * time.Millisecond
	// answerNear is how far around the pointer, in pixels, what changes is its
	// doing: a button that lights up, a line being drawn.
	answerNear = 64
	// answerMost is how many pixels an answer has at most: a menu, a dialog.
	// If more changes, most of it is the page and none of it is small.
	answerMost = 512 * 512
	// answerTimes is how often a place may change for one edge: letter,
	// cursor, highlighting. More is a film that began while somebody typed.
	answerTimes = 4

	// restlessGap is what a place that changes all the time rests for at most:
	// a clock ticks every second.
	restlessGap = 1250 * time.Millisecond
	// caret is how wide a text cursor is at most, in pixels. It blinks all the
	// time, but where it stands the next letter will be.
	caret = 3

	cellSide = 32 // pixels; places are told apart by this grid
)

// answers finds in what changes on the screen what the viewer is waiting for:
// what a key, a button or the wheel made the program under it draw. The viewer
// compares it with a hand that has just moved, and feels every millisecond; of
// the rest of the screen nobody knows when it should have come.
//
// Nothing says what a program draws because of. But an answer comes soon after
// the edge, is small, and stands where nothing happened before, whereas a film
// or a clock changes whether or not somebody types. So: what changes within
// answerWithin after an edge is an answer unless its place is restless, that
// is, has changed by itself twice or more with no more than restlessGap in
// between. A mistake costs nothing but the order in which things are sent.
type answers struct {
	across, down int
	cells        []cell
	turn         uint32 // counts looks
	found        []frame.Rect
	near         []frame.Rect
}

// cell is what is known of one place.
type cell struct {
	own   time.Time // when it last changed by itself
	busy  bool      // and it had not rested long then
	edge  uint64    // which it last answered
	times uint8     // and how often

	turn   uint32 // in which the following was decided
	answer bool
}

// cause is the viewer's hand as the screen knows it.
type cause struct {
	edge    uint64    // the newest that reached Hands
	since   time.Time // when it did; the present while they are still at it
	moved   time.Time // when they last moved the pointer
	pointer image.Point
}

// expects says whether an answer may still come.
func (c cause) expects(at time.Time) bool { return c.edge > 0 && at.Sub(c.since) <= answerWithin }

// look gives the parts of the damage, in pixels of a picture of w by h, that
// answer the cause, whose pointer is in the same pixels, and says whether that
// is all of it. The list is valid until the next call.
func (a *answers) look(at time.Time, c cause, damage []frame.Rect, w, h int) (found []frame.Rect, all bool) {
	a.fit(w, h)
	a.turn++
	a.found, a.near = a.found[:0], a.near[:0]
	around := frame.Rect{Min: c.pointer, Max: c.pointer}.Inset(-answerNear)
	dragged := !c.moved.IsZero() && at.Sub(c.moved) <= answerWithin
	size := 0
	all = true
	for _, r := range damage {
		r = r.Intersect(image.Rect(0, 0, w, h))
		for y := r.Min.Y / cellSide; y*cellSide < r.Max.Y; y++ {
			for x := r.Min.X / cellSide; x*cellSide < r.Max.X; x++ {
				k := &a.cells[y*a.across+x]
				place := image.Rect(x, y, x+1, y+1)
				place.Min, place.Max = place.Min.Mul(cellSide), place.Max.Mul(cellSide)
				part := r.Intersect(place)
				near := part.Overlaps(around)
				if k.turn != a.turn {
					k.turn = a.turn
					k.answer = k.answers(at, c, dragged && near)
					if !k.answer && min(r.Dx(), r.Dy()) > caret {
						k.changed(at)
					}
				}
				if !k.answer {
					all = false
					continue
				}
				a.found = add(a.found, part)
				size += part.Dx() * part.Dy()
				if near {
					a.near = add(a.near, part)
				}
			}
		}
	}
	if size > answerMost {
		return a.near, false
	}
	return a.found, all
}

// answers decides whether a change of the place is an answer, and counts it.
func (k *cell) answers(at time.Time, c cause, dragged bool) bool {
	if k.busy && at.Sub(k.own) <= restlessGap {
		return false
	}
	if !c.expects(at) {
		return dragged
	}
	if k.edge != c.edge {
		k.edge, k.times = c.edge, 0
	}
	k.times = min(k.times+1, answerTimes+1)
	return k.times <= answerTimes || dragged
}

// changed notes that the place changed by itself.
func (k *cell) changed(at time.Time) {
	k.busy = !k.own.IsZero() && at.Sub(k.own) <= restlessGap
	k.own = at
}

// fit begins anew for a picture of another size.
func (a *answers) fit(w, h int) {
	across, down := (w+cellSide-1)/cellSide, (h+cellSide-1)/cellSide
	if across != a.across || down != a.down {
		a.across, a.down, a.cells = across, down, make([]cell, across*down)
	}
}

// add appends r, or makes the last one longer if r goes on with it.
func add(rs []frame.Rect, r frame.Rect) []frame.Rect {
	if n := len(rs); n > 0 {
		if l := &rs[n-1]; l.Max.X == r.Min.X && l.Min.Y == r.Min.Y && l.Max.Y == r.Max.Y {
			l.Max.X = r.Max.X
			return rs
		}
	}
	return append(rs, r)
}
