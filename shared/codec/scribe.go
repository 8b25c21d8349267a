package codec

import "handrail/shared/frame"

// scribe writes one stripe.
type scribe struct {
	strand
	w     writer
	buf   []byte
	done  int // tiles that are dirty no more
	rough int // tiles that have become lossy, less those that no longer are
	next  int // the row at which it stopped, or the number of rows
	puts  []put
}

// put is a tile to be remembered once all stripes are written.
type put struct {
	tile int
	key  uint64
}

func newScribe() *scribe {
	s := &scribe{strand: *newStrand()}
	s.w.model = s.model
	return s
}

func (s *scribe) begin() {
	s.strand.begin()
	s.w.Reset(s.buf[:0])
	s.done, s.rough = 0, 0
	s.puts = s.puts[:0]
}

// tiles writes the changed tiles of stripe i.
func (s *scribe) tiles(e *Encoder, i int) {
	from, to := e.stripe(i, e.stripes)
	above := false
	first := e.from
	if e.turn == urgentTiles {
		first = 0
	}
	s.next = e.down
	for ty := range e.down {
		any := ty >= first && s.next == e.down && e.anyWanted(ty*e.across+from, ty*e.across+to)
		s.w.Bit(&s.ops.row[e.row(ty, from, to, above)], any)
		above = any
		if !any {
			clear(e.changes.tiles[ty*e.across+from : ty*e.across+to])
			continue
		}
		for tx := from; tx < to; tx++ {
			s.tile(e, tx, ty, from, to)
		}
	}
}

// tile writes whether and how a tile changed.
func (s *scribe) tile(e *Encoder, tx, ty, from, to int) {
	i := ty*e.across + tx
	t := &e.state[i]
	r := e.rect(tx, ty)
	var box frame.Rect
	if e.dirty[i] && s.next == e.down && e.wanted(i) {
		if s.w.Len() >= e.limit && s.done > 0 {
			s.next = ty
		} else {
			box = t.box
			e.clean(i)
			s.done++
		}
	}
	changed := !box.Empty()
	s.w.Bit(&s.ops.tile[e.tile(tx, ty, from)], changed)
	e.changes.tiles[i] = changed
	if !changed {
		return
	}
	switch {
	case t.photo && worthKeeping(box) && s.known(e, t, r):
	case t.photo && e.refine:
		s.op(opRefine)
		s.edges(r, box, e.beyond(tx, ty, from, to))
		s.photo.EncodeRest(&s.w.Encoder, e.pic, e.shown, box)
	case t.photo:
		s.op(opPhoto)
		s.edges(r, box, e.beyond(tx, ty, from, to))
		s.photo.Encode(&s.w.Encoder, e.pic, e.shown, box, e.control.step)
		s.rough += t.change(r, box, e.now, true)
		t.shelved = false
	default:
		s.exact(e, t, i, box, from, to)
	}
	if e.refine {
		s.rough += t.refined()
		return
	}
	t.change(r, box, e.now, false)
	if &e.seen.Pix[0] != &e.shown.Pix[0] {
		frame.Copy(e.seen, e.pic, box)
	}
}

// exact writes a box as it is, or the whole tile from the shelf.
func (s *scribe) exact(e *Encoder, t *tileState, i int, box frame.Rect, from, to int) {
	r := e.rect(i%e.across, i/e.across)
	t.shelved = false
	if worthKeeping(box) {
		key := keyOf(e.pic, r)
		if t.part == 0 && s.fromShelf(e, r, key) {
			s.rough += t.found()
			return
		}
		t.shelved = !t.lossy
		s.puts = append(s.puts, put{i, key})
	}
	s.op(opBox)
	s.edges(r, box, e.beyond(i%e.across, i/e.across, from, to))
	s.w.patch.surround(e.shown, box, from*side, min(to*side, e.w))
	s.w.patch.fill(e.pic, box)
	s.w.box(box.Dx(), box.Dy(), e.shown.Pix[box.Min.Y*e.shown.Stride+4*box.Min.X:], e.shown.Stride)
	frame.Copy(e.shown, e.pic, box)
}

// known writes where on the shelf a photograph is that was there before.
func (s *scribe) known(e *Encoder, t *tileState, r frame.Rect) bool {
	if t.part != 0 || !s.fromShelf(e, r, keyOf(e.pic, r)) {
		return false
	}
	s.rough += t.found()
	return true
}

func (s *scribe) op(op int) {
	o := &s.ops
	s.w.Bit(&o.box[s.last], op == opBox)
	if op != opBox {
		s.w.Bit(&o.shelf[s.last], op == opShelf)
		if op != opShelf {
			s.w.Bit(&o.refine[s.last], op == opRefine)
		}
	}
	s.last = op
}

func (s *scribe) edges(r, box frame.Rect, beyond [4]int) {
	for i, v := range edges(r, box) {
		s.w.Number(&s.ops.edge[beyond[i]][i], uint32(v))
	}
}

// fromShelf writes where on the shelf the tile is as it looks now, if it is
// there.
func (s *scribe) fromShelf(e *Encoder, r frame.Rect, key uint64) bool {
	age := e.shelf.find(e.pic, r, key)
	if age < 0 {
		return false
	}
	s.op(opShelf)
	again := age == s.age-1
	s.w.Bit(&s.ops.again[0], again)
	if !again {
		s.w.Number(&s.ops.age, uint32(age))
	}
	s.age = age
	e.shelf.get(e.shown, r, age)
	return true
}
