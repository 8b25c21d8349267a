package codec

import (
	"encoding/binary"
	"fmt"

	"handrail/shared/frame"
)

// Decoder makes a picture of slices. It trusts nothing: every length is
// checked before memory is taken, and the work for a slice is bounded by the
// picture's size.
type Decoder struct {
	changes
	limits  Limits
	run     Runner
	read    func(i int) // reads stripe i
	pic     frame.Image
	ok      bool // a key frame came and nothing went wrong since
	check   int
	damage  []frame.Rect
	moves   []move
	mover   mover
	shelf   shelf
	control control
	strands [maxStripes]*clerk
	stripes int
	films   [maxFilms]reel
}

// NewDecoder makes a decoder that takes pictures within limits. run does what
// can be done at the same time; nil does one after another.
func NewDecoder(limits Limits, run Runner) *Decoder {
	d := &Decoder{limits: limits, run: run.orInTurn()}
	d.read = func(i int) { d.strands[i].tiles(d, i) }
	return d
}

// Image is the picture as it is now. Its memory is the decoder's: Decode
// changes it, and a key frame of another size leaves it.
func (d *Decoder) Image() frame.Image { return d.pic }

// Decode changes the picture by one slice and returns what may have changed;
// the list is valid until the next call. Errors: ErrMalformed, ErrNeedKey,
// ErrMismatch.
func (d *Decoder) Decode(slice []byte) (damage []frame.Rect, err error) {
	d.damage = d.damage[:0]
	if err := d.decode(slice); err != nil {
		d.ok = false
		return d.damage, err
	}
	return d.damage, nil
}

func (d *Decoder) decode(in []byte) error {
	if len(in) == 1 && in[0] == 0 && d.ok {
		return nil
	}
	if len(in) == 0 || in[0]&^flagsKnown != 0 {
		return fmt.Errorf("%w: flags", ErrMalformed)
	}
	flags := in[0]
	in = in[1:]
	if flags&flagKey != 0 {
		n, err := d.restart(in)
		if err != nil {
			return err
		}
		in = in[n:]
	} else if !d.ok {
		return ErrNeedKey
	}
	var want uint32
	if flags&flagCheck != 0 {
		if len(in) < 4 {
			return fmt.Errorf("%w: check", ErrMalformed)
		}
		want = binary.LittleEndian.Uint32(in)
		in = in[4:]
	}
	if flags&flagFilm != 0 {
		var err error
		if in, err = d.doFilms(in); err != nil {
			return err
		}
	}
	d.stripes = 1 << (flags >> stripesShift & 3)
	if d.stripes > maxStripes || d.stripes > d.across {
		return fmt.Errorf("%w: stripes", ErrMalformed)
	}
	if err := d.divide(in); err != nil {
		return err
	}
	if err := d.prelude(); err != nil {
		return err
	}
	d.run(d.stripes, d.read)
	for _, s := range d.strands[:d.stripes] {
		if s.bad || s.r.Spent() {
			return fmt.Errorf("%w: tiles", ErrMalformed)
		}
		for _, r := range s.damage {
			d.add(r)
		}
		for _, r := range s.puts {
			d.shelf.put(d.pic, r)
		}
	}
	if flags&flagCheck != 0 {
		d.check = (d.check + 1) % d.down
		if sum(d.pic, d.check) != want {
			return ErrMismatch
		}
	}
	return nil
}

// restart begins a key frame: a black picture. It returns the bytes that it
// read.
func (d *Decoder) restart(in []byte) (n int, err error) {
	if len(in) == 0 || in[0] != version {
		return 0, fmt.Errorf("%w: version", ErrMalformed)
	}
	w, n1 := binary.Uvarint(in[1:])
	if n1 <= 0 {
		return 0, fmt.Errorf("%w: size", ErrMalformed)
	}
	h, n2 := binary.Uvarint(in[1+n1:])
	if n2 <= 0 || w > 1<<20 || h > 1<<20 || !d.limits.allow(int(w), int(h)) {
		return 0, fmt.Errorf("%w: size", ErrMalformed)
	}
	if d.w != int(w) || d.h != int(h) {
		d.pic = frame.New(int(w), int(h))
		d.changes.resize(gridOf(int(w), int(h)))
	} else {
		clear(d.pic.Pix)
		clear(d.changes.tiles)
	}
	for i := range d.films {
		d.films[i] = reel{}
	}
	d.shelf.reset()
	d.control.reset()
	for _, s := range d.strands {
		if s != nil {
			s.reset()
		}
	}
	d.ok, d.check = true, 0
	d.damage = append(d.damage, d.pic.Bounds())
	return 1 + n1 + n2, nil
}

// divide gives every stripe its bytes.
func (d *Decoder) divide(in []byte) error {
	var lengths [maxStripes]int
	for i := range d.stripes - 1 {
		v, n := binary.Uvarint(in)
		if n <= 0 || v > uint64(len(in)-n) {
			return fmt.Errorf("%w: length of a stripe", ErrMalformed)
		}
		lengths[i], in = int(v), in[n:]
	}
	for i := range d.stripes {
		if d.strands[i] == nil {
			d.strands[i] = newClerk()
		}
		if i == d.stripes-1 {
			lengths[i] = len(in)
		}
		if lengths[i] > len(in) {
			return fmt.Errorf("%w: length of a stripe", ErrMalformed)
		}
		d.strands[i].begin(in[:lengths[i]])
		in = in[lengths[i]:]
	}
	return nil
}

// prelude does what comes before the tiles.
func (d *Decoder) prelude() error {
	s, c := d.strands[0], &d.control
	d.moves = d.moves[:0]
	if s.r.Bit(&c.any[0]) {
		ok := false
		if d.moves, ok = c.moves.read(&s.r.Decoder, d.moves, d.w, d.h); !ok {
			return fmt.Errorf("%w: moves", ErrMalformed)
		}
	}
	if s.r.Bit(&c.any[2]) {
		c.step = int(s.r.Raw(stepBits)) + 1
	}
	if s.r.Bit(&c.any[1]) {
		if err := d.remember(s); err != nil {
			return err
		}
	}
	if len(d.moves) > 0 {
		d.mover.move(d.pic, d.moves)
		for _, m := range d.moves {
			d.add(m.to)
		}
	}
	return nil
}

// remember puts tiles on the shelf.
func (d *Decoder) remember(s *clerk) error {
	all := uint32(d.grid.tiles())
	n := s.r.Number(&d.control.gap)
	i := -1
	for range min(n, all) + 1 {
		gap := s.r.Number(&d.control.gap)
		i += int(min(gap, all)) + 1
		if i >= int(all) || s.r.Spent() {
			return fmt.Errorf("%w: tiles to remember", ErrMalformed)
		}
		d.shelf.put(d.pic, d.rect(i%d.across, i/d.across))
	}
	return nil
}

// add joins a rectangle to the damage: to its left neighbour, and a row of
// tiles to an equally wide row above.
func (d *Decoder) add(r frame.Rect) {
	n := len(d.damage)
	if n > 0 {
		l := &d.damage[n-1]
		if r.In(*l) {
			return
		}
		if l.Max.X == r.Min.X && l.Min.Y == r.Min.Y && l.Max.Y == r.Max.Y {
			l.Max.X = r.Max.X
			d.fold()
			return
		}
	}
	d.damage = append(d.damage, r)
	d.fold()
}

func (d *Decoder) fold() {
	n := len(d.damage)
	if n < 2 {
		return
	}
	above, last := &d.damage[n-2], d.damage[n-1]
	if above.Min.X == last.Min.X && above.Max.X == last.Max.X && above.Max.Y == last.Min.Y {
		above.Max.Y = last.Max.Y
		d.damage = d.damage[:n-1]
	}
}
