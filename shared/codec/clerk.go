package codec

import "handrail/shared/frame"

// clerk reads one stripe. It mirrors scribe.
type clerk struct {
	strand
	r      reader
	damage []frame.Rect
	puts   []frame.Rect // tiles to be remembered once all stripes are read
	bad    bool         // something impossible was read; the rest of the stripe is left out
}

func newClerk() *clerk {
	s := &clerk{strand: *newStrand()}
	s.r.model = s.model
	return s
}

func (s *clerk) begin(in []byte) {
	s.strand.begin()
	s.r.Reset(in)
	s.damage, s.puts, s.bad = s.damage[:0], s.puts[:0], false
}

// tiles reads the changed tiles of stripe i.
func (s *clerk) tiles(d *Decoder, i int) {
	from, to := d.stripe(i, d.stripes)
	above := false
	for ty := range d.down {
		above = s.r.Bit(&s.ops.row[d.row(ty, from, to, above)])
		if !above {
			clear(d.changes.tiles[ty*d.across+from : ty*d.across+to])
			continue
		}
		for tx := from; tx < to; tx++ {
			changed := s.r.Bit(&s.ops.tile[d.tile(tx, ty, from)])
			d.changes.tiles[ty*d.across+tx] = changed
			if !changed {
				continue
			}
			if s.tile(d, tx, ty, from, to); s.bad || s.r.Spent() {
				return
			}
		}
	}
}

// tile reads how a tile changed.
func (s *clerk) tile(d *Decoder, tx, ty, from, to int) {
	r := d.rect(tx, ty)
	op := s.op()
	if op == opShelf {
		age := s.age - 1
		if !s.r.Bit(&s.ops.again[0]) {
			age = int(s.r.Number(&s.ops.age))
		}
		if !d.shelf.fits(age, r) {
			s.bad = true
			return
		}
		s.age = age
		d.shelf.get(d.pic, r, age)
		s.damage = append(s.damage, r)
		return
	}
	box, ok := s.edges(r, d.beyond(tx, ty, from, to))
	if !ok {
		s.bad = true
		return
	}
	s.damage = append(s.damage, box)
	switch op {
	case opPhoto:
		s.photo.Decode(&s.r.Decoder, d.pic, box, d.control.step)
		return
	case opRefine:
		s.photo.DecodeRest(&s.r.Decoder, d.pic, box)
		return
	}
	s.r.patch.surround(d.pic, box, from*side, min(to*side, d.w))
	s.r.box(box.Dx(), box.Dy(), d.pic.Pix[box.Min.Y*d.pic.Stride+4*box.Min.X:], d.pic.Stride)
	s.r.patch.store(d.pic, box)
	if worthKeeping(box) {
		s.puts = append(s.puts, r)
	}
}

func (s *clerk) op() int {
	o := &s.ops
	op := opBox
	if !s.r.Bit(&o.box[s.last]) {
		op = opShelf
		if !s.r.Bit(&o.shelf[s.last]) {
			op = opPhoto
			if s.r.Bit(&o.refine[s.last]) {
				op = opRefine
			}
		}
	}
	s.last = op
	return op
}

// edges reads where in the tile r the box is; ok is false if it is empty.
func (s *clerk) edges(r frame.Rect, beyond [4]int) (box frame.Rect, ok bool) {
	var v [4]int
	for i := range v {
		v[i] = int(s.r.Number(&s.ops.edge[beyond[i]][i]) & (1<<16 - 1))
	}
	box.Min.X, box.Min.Y = r.Min.X+v[0], r.Min.Y+v[1]
	box.Max.X, box.Max.Y = r.Max.X-v[2], r.Max.Y-v[3]
	return box, box.Min.X < box.Max.X && box.Min.Y < box.Max.Y
}
