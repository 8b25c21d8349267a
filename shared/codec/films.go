package codec

import (
	"encoding/binary"
	"fmt"
	"image"

	"handrail/shared/film"
	"handrail/shared/frame"
)

// maxFilms is how many rectangles can be films at a time.
const maxFilms = 4

// What happens to a film; the byte of an event is that times 16 and the film's
// number.
const (
	filmOpens  = iota // its rectangle follows
	filmGoesOn        // a picture follows
	filmEnds
)

// maxEvents bounds the events of a slice: each film goes on, and then all end
// and become one.
const maxEvents = 3 * maxFilms

// reel is a film, open or not.
type reel struct {
	film *film.Film
	r    frame.Rect // empty: not open
}

func (f *reel) open(shown frame.Image, r frame.Rect) {
	f.film = film.NewFilm()
	f.film.Begin(shown, r)
	f.r = r
}

func appendRect(b []byte, r frame.Rect) []byte {
	for _, v := range [4]int{r.Min.X, r.Min.Y, r.Dx(), r.Dy()} {
		b = binary.AppendUvarint(b, uint64(v))
	}
	return b
}

// doFilms does what happens to films in this slice, and returns the bytes after
// that.
func (d *Decoder) doFilms(in []byte) ([]byte, error) {
	if len(in) == 0 || in[0] > maxEvents {
		return nil, fmt.Errorf("%w: count of films", ErrMalformed)
	}
	n := int(in[0])
	in = in[1:]
	for range n {
		if len(in) == 0 || in[0]&15 >= maxFilms {
			return nil, fmt.Errorf("%w: number of a film", ErrMalformed)
		}
		f, what := &d.films[in[0]&15], in[0]>>4
		var err error
		if in, err = d.doFilm(f, int(what), in[1:]); err != nil {
			return nil, err
		}
	}
	return in, nil
}

func (d *Decoder) doFilm(f *reel, what int, in []byte) ([]byte, error) {
	switch {
	case what == filmOpens && f.r.Empty():
		var v [4]int
		for i := range v {
			x, n := binary.Uvarint(in)
			if n <= 0 || x > 1<<20 {
				return nil, fmt.Errorf("%w: place of a film", ErrMalformed)
			}
			v[i], in = int(x), in[n:]
		}
		r := image.Rect(v[0], v[1], v[0]+v[2], v[1]+v[3])
		if r.Empty() || !r.In(d.pic.Bounds()) || d.overFilm(r) {
			return nil, fmt.Errorf("%w: place of a film", ErrMalformed)
		}
		f.open(d.pic, r)
	case what == filmGoesOn && !f.r.Empty():
		size, n := binary.Uvarint(in)
		if n <= 0 || size > uint64(len(in)-n) {
			return nil, fmt.Errorf("%w: length of a film's picture", ErrMalformed)
		}
		if err := f.film.Decode(in[n:n+int(size)], d.pic, d.run); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		d.add(f.r)
		in = in[n+int(size):]
	case what == filmEnds && !f.r.Empty():
		*f = reel{}
	default:
		return nil, fmt.Errorf("%w: order of a film", ErrMalformed)
	}
	return in, nil
}

// overFilm says whether r meets an open film: films don't overlap, so all of
// them together take no more memory than one as large as the picture.
func (d *Decoder) overFilm(r frame.Rect) bool {
	for i := range d.films {
		if d.films[i].r.Overlaps(r) {
			return true
		}
	}
	return false
}
