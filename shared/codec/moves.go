package codec

import (
	"image"

	"handrail/shared/frame"
	"handrail/shared/odds"
)

// move is a rectangle that shows what was at by pixels left and above.
type move struct {
	to frame.Rect
	by image.Point
}

func (m move) from() frame.Rect { return m.to.Sub(m.by) }

// maxMoves bounds the moves of a slice, and their area is at most that of two
// pictures.
const maxMoves = 256

// moveOdds are the probabilities of everything about moves.
type moveOdds struct {
	again  [1]odds.Prob // by as much as the one before
	by     [2]odds.Number
	corner [2]odds.Number
	size   [2]odds.Number
	count  odds.Number
}

func (o *moveOdds) reset() {
	odds.Init(o.again[:])
	for i := range 2 {
		o.by[i].Init()
		o.corner[i].Init()
		o.size[i].Init()
	}
	o.count.Init()
}

func (o *moveOdds) write(e *odds.Encoder, ms []move) {
	e.Number(&o.count, uint32(len(ms)))
	var by image.Point
	for _, m := range ms {
		e.Bit(&o.again[0], m.by == by)
		if m.by != by {
			e.Number(&o.by[0], odds.Signed(m.by.X))
			e.Number(&o.by[1], odds.Signed(m.by.Y))
			by = m.by
		}
		e.Number(&o.corner[0], uint32(m.to.Min.X))
		e.Number(&o.corner[1], uint32(m.to.Min.Y))
		e.Number(&o.size[0], uint32(m.to.Dx()))
		e.Number(&o.size[1], uint32(m.to.Dy()))
	}
}

// read reads the moves of a picture of that size into ms; ok is false if they
// reach outside or are too many.
func (o *moveOdds) read(d *odds.Decoder, ms []move, w, h int) (_ []move, ok bool) {
	ms = ms[:0]
	n := int(d.Number(&o.count))
	if n > maxMoves {
		return ms, false
	}
	left := 2 * w * h
	var by image.Point
	for range n {
		if !d.Bit(&o.again[0]) {
			by.X = odds.Unsigned(d.Number(&o.by[0]))
			by.Y = odds.Unsigned(d.Number(&o.by[1]))
		}
		x, y := int(d.Number(&o.corner[0])), int(d.Number(&o.corner[1]))
		dx, dy := int(d.Number(&o.size[0])), int(d.Number(&o.size[1]))
		if x >= w || y >= h || dx == 0 || dx > w-x || dy == 0 || dy > h-y ||
			by.X > x || by.X < x+dx-w || by.Y > y || by.Y < y+dy-h {
			return ms, false
		}
		if left -= dx * dy; left < 0 || d.Spent() {
			return ms, false
		}
		ms = append(ms, move{image.Rect(x, y, x+dx, y+dy), by})
	}
	return ms, true
}

// slidesMost is beyond how many moves nobody looks for an order in which they
// can be done one by one.
const slidesMost = 32

// mover carries out moves; its memory is kept for the next ones.
type mover struct {
	held []byte
	left []move
}

// move does all moves as if at once: everything is read before anything is
// written over, so that their order means nothing.
func (v *mover) move(pic frame.Image, ms []move) {
	v.left = append(v.left[:0], ms...)
	for len(v.left) <= slidesMost && v.slideOne(pic) {
	}
	v.held = v.held[:0]
	for _, m := range v.left {
		from := m.from()
		for y := from.Min.Y; y < from.Max.Y; y++ {
			v.held = append(v.held, pic.Row(y, from.Min.X, from.Max.X)...)
		}
	}
	held := v.held
	for _, m := range v.left {
		for y := m.to.Min.Y; y < m.to.Max.Y; y++ {
			held = held[copy(pic.Row(y, m.to.Min.X, m.to.Max.X), held):]
		}
	}
}

// slideOne does one of the moves left that writes over nothing another one
// reads or writes. It says whether there was one.
func (v *mover) slideOne(pic frame.Image) bool {
	for i, m := range v.left {
		if v.alone(i) {
			slide(pic, m)
			v.left = append(v.left[:i], v.left[i+1:]...)
			return true
		}
	}
	return false
}

func (v *mover) alone(i int) bool {
	to := v.left[i].to
	for j, m := range v.left {
		if j != i && (to.Overlaps(m.from()) || to.Overlaps(m.to)) {
			return false
		}
	}
	return true
}

// slide does one move, in the order in which no row is written before it is
// read.
func slide(pic frame.Image, m move) {
	from := m.from()
	y, step := 0, 1
	if m.by.Y > 0 {
		y, step = m.to.Dy()-1, -1
	}
	for range m.to.Dy() {
		copy(pic.Row(m.to.Min.Y+y, m.to.Min.X, m.to.Max.X), pic.Row(from.Min.Y+y, from.Min.X, from.Max.X))
		y += step
	}
}
