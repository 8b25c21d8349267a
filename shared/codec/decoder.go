package codec

import (
	"encoding/binary"
	"fmt"
	"image"

	"github.com/klauspost/compress/zstd"

	"handrail/shared/frame"
)

// Decoder makes a picture of slices. It trusts nothing: every length is
// checked before memory is taken, and the work for a slice is bounded by its
// length and the picture's size.
type Decoder struct {
	limits Limits
	grid
	pic    frame.Image
	ok     bool // a key frame came and nothing went wrong since
	zip    *zstd.Decoder
	body   []byte
	damage []frame.Rect
}

// NewDecoder makes a decoder that takes pictures within limits. run does what
// can be done at the same time; nil does one after another.
func NewDecoder(limits Limits, run Runner) *Decoder {
	zip, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxMemory(maxBody),
		zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(err) // only wrong options do that
	}
	return &Decoder{limits: limits, zip: zip}
}

// Image is the picture as it is now. Its memory is the decoder's: Decode
// changes it, and a key frame of another size leaves it.
func (d *Decoder) Image() frame.Image { return d.pic }

// Decode changes the picture by one slice and returns what may have changed;
// the list is valid until the next call. Errors: ErrMalformed, ErrNeedKey.
func (d *Decoder) Decode(slice []byte) (damage []frame.Rect, err error) {
	d.damage = d.damage[:0]
	if err := d.decode(slice); err != nil {
		d.ok = false
		return d.damage, err
	}
	return d.damage, nil
}

func (d *Decoder) decode(slice []byte) error {
	in := reader{b: slice}
	flags := in.byte()
	if in.bad || flags&^(flagKey|flagPacked) != 0 {
		return fmt.Errorf("%w: flags", ErrMalformed)
	}
	if flags&flagKey != 0 {
		w, h := in.number(), in.number()
		if in.bad || !d.limits.allow(w, h) {
			return fmt.Errorf("%w: size", ErrMalformed)
		}
		d.restart(w, h)
	} else if !d.ok {
		return ErrNeedKey
	}
	body := in.b
	if flags&flagPacked != 0 {
		n := in.number()
		if in.bad || n > maxBody {
			return fmt.Errorf("%w: length", ErrMalformed)
		}
		if cap(d.body) < n {
			d.body = make([]byte, 0, n)
		}
		// The capacity is the bound: zstd may fill n bytes and no more.
		out, err := d.zip.DecodeAll(in.b, d.body[:0:n])
		if err != nil || len(out) != n {
			return fmt.Errorf("%w: packing", ErrMalformed)
		}
		body = out
	}
	if len(body) > maxBody {
		return fmt.Errorf("%w: length", ErrMalformed)
	}
	return d.tilesOf(reader{b: body})
}

// restart begins a key frame: a black picture.
func (d *Decoder) restart(w, h int) {
	if d.w != w || d.h != h {
		d.pic = frame.New(w, h)
	} else {
		clear(d.pic.Pix)
	}
	d.grid, d.ok = gridOf(w, h), true
	d.damage = append(d.damage, d.pic.Bounds())
}

// tilesOf draws the tiles of a body. They go upwards, so none comes twice
// and a slice costs at most one picture.
func (d *Decoder) tilesOf(in reader) error {
	whole := len(d.damage) > 0
	for i := 0; len(in.b) > 0; i++ {
		i += in.number()
		if in.bad || i >= d.tiles() {
			return fmt.Errorf("%w: tile outside the picture", ErrMalformed)
		}
		r := d.rect(i)
		if !in.tile(d.pic, r) {
			return fmt.Errorf("%w: tile %d", ErrMalformed, i)
		}
		if !whole {
			d.add(r)
		}
	}
	return nil
}

// add joins a tile's rectangle to the damage: to its left neighbour, and a
// row of tiles to an equally wide row above.
func (d *Decoder) add(r frame.Rect) {
	n := len(d.damage)
	if n > 0 {
		if l := &d.damage[n-1]; l.Max.X == r.Min.X && l.Min.Y == r.Min.Y && l.Max.Y == r.Max.Y {
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

// reader takes bytes from the front of b. After a mistake bad stays true and
// everything read is 0.
type reader struct {
	b   []byte
	bad bool
}

func (in *reader) byte() byte {
	if len(in.b) == 0 {
		in.bad = true
		return 0
	}
	v := in.b[0]
	in.b = in.b[1:]
	return v
}

// number reads an unsigned varint of at most 31 bits.
func (in *reader) number() int {
	v, n := binary.Uvarint(in.b)
	if n <= 0 || v > 1<<31-1 {
		in.bad, in.b = true, nil
		return 0
	}
	in.b = in.b[n:]
	return int(v)
}

func (in *reader) colour() uint32 {
	if len(in.b) < 3 {
		in.bad, in.b = true, nil
		return 0
	}
	v := uint32(in.b[0]) | uint32(in.b[1])<<8 | uint32(in.b[2])<<16
	in.b = in.b[3:]
	return v
}

// tile draws one op into r and says whether it was well formed.
func (in *reader) tile(pic frame.Image, r image.Rectangle) bool {
	switch in.byte() {
	case opSolid:
		c := in.colour()
		if in.bad {
			return false
		}
		for y := r.Min.Y; y < r.Max.Y; y++ {
			fill(pic.Row(y, r.Min.X, r.Max.X), c)
		}
		return true
	case opPalette:
		return in.palette(pic, r)
	case opRaw:
		return in.raw(pic, r)
	}
	return false
}

func (in *reader) palette(pic frame.Image, r image.Rectangle) bool {
	var colours [maxColours + 1]uint32
	count := int(in.byte())
	if in.bad || count == 0 || count > maxColours {
		return false
	}
	for i := range count {
		colours[i+1] = in.colour()
	}
	w, at, n := r.Dx(), 0, r.Dx()*r.Dy()
	for at < n {
		c, run := in.byte(), 1
		if c&0x80 != 0 {
			c, run = c&0x7f, in.number()+2
		}
		if in.bad || int(c) > count || run > n-at {
			return false
		}
		for run > 0 {
			x := at % w
			part := min(run, w-x)
			if c != 0 {
				y := r.Min.Y + at/w
				fill(pic.Row(y, r.Min.X+x, r.Min.X+x+part), colours[c])
			}
			at, run = at+part, run-part
		}
	}
	return true
}

func (in *reader) raw(pic frame.Image, r image.Rectangle) bool {
	w, h := r.Dx(), r.Dy()
	if len(in.b) < 3*w*h {
		return false
	}
	for plane := range 3 {
		var first byte
		for y := r.Min.Y; y < r.Max.Y; y++ {
			row := pic.Row(y, r.Min.X, r.Max.X)
			left := first
			for x, diff := range in.b[:w] {
				left += diff
				row[4*x+plane] = left
				if x == 0 {
					first = left
				}
			}
			in.b = in.b[w:]
		}
	}
	return true
}

func fill(row []byte, c uint32) {
	for i := 0; i+4 <= len(row); i += 4 {
		binary.LittleEndian.PutUint32(row[i:], c)
	}
}
