package film

import (
	"encoding/binary"
	"errors"
	"fmt"

	"handrail/shared/frame"
)

// ErrBytes is what Decode returns for bytes that Encode never makes.
var ErrBytes = errors.New("film: not a picture of this film")

// Film is one moving rectangle of the screen. The sender's and the receiver's
// are equal after each message; after an error they are not, and must begin
// again.
type Film struct {
	r         frame.Rect
	mw, mh    int // in macroblocks
	ref, cur  picture
	now, then []block // what the macroblocks are in cur, and were in ref
	above     []beside
	half      turn
	bands     []*band
	used      int // how many of the bands
	// The following are the sender's.
	last   frame.Image // the newest picture, as it was to be shown
	toldAt []uint8     // how well each macroblock has been told: the quantiser
	// The following are the arguments of a call under way.
	src, dst       frame.Image
	q              int
	encode, decode func(i int)
}

// block is what a macroblock is.
type block struct {
	v             vector
	still, within bool
}

// NewFilm is a Film that must begin before it is used.
func NewFilm() *Film {
	f := &Film{}
	f.encode = func(i int) { f.bands[i].encode(f) }
	f.decode = func(i int) { f.bands[i].decode(f) }
	return f
}

// Begin makes the rectangle r, which is not empty and lies in shown, a film
// that begins with what the receiver shows there.
func (f *Film) Begin(shown frame.Image, r frame.Rect) {
	f.r = r
	f.half = firstTurn
	f.mw, f.mh = (r.Dx()+15)/16, (r.Dy()+15)/16
	f.ref.resize(f.mw, f.mh)
	f.cur.resize(f.mw, f.mh)
	n := f.mw * f.mh
	f.now, f.then, f.toldAt = grow(f.now, n), grow(f.then, n), grow(f.toldAt, n)
	f.above = grow(f.above, f.mw*4)
	if cap(f.last.Pix) < 4*r.Dx()*r.Dy() {
		f.last = frame.New(r.Dx(), r.Dy())
	}
	f.last = frame.Image{Pix: f.last.Pix[:4*r.Dx()*r.Dy()], Stride: 4 * r.Dx(), W: r.Dx(), H: r.Dy()}
	frame.Copy(f.last, shown.Sub(r), f.last.Bounds())
	f.cut()
	var t patch
	for my := range f.mh {
		for mx := range f.mw {
			t.take(f.last, f.last.Bounds(), mx, my)
			f.ref.put(&t, mx, my)
		}
	}
	for c := range f.ref {
		f.ref[c].extend(0, f.ref[c].h)
	}
}

// grow makes a slice n long, all zero.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// cut cuts the rectangle into bands, each with all that it learns.
func (f *Film) cut() {
	f.used = 2
	switch {
	case f.mh < 4:
		f.used = 1
	case f.mw*f.mh > 16000: // half of 3840×2160
		f.used = 4
	}
	for len(f.bands) < f.used {
		f.bands = append(f.bands, &band{})
	}
	for i, b := range f.bands[:f.used] {
		b.begin(f.mh*i/f.used, f.mh*(i+1)/f.used)
		b.job.above = f.above[i*f.mw : (i+1)*f.mw]
	}
}

// each does all bands.
func (f *Film) each(run func(n int, do func(i int)), do func(i int)) {
	if run != nil {
		run(f.used, do)
	} else {
		for i := range f.used {
			do(i)
		}
	}
	f.ref, f.cur = f.cur, f.ref
	f.now, f.then = f.then, f.now
	f.half = f.half.next()
	f.src, f.dst = frame.Image{}, frame.Image{}
}

// Encode adds to out a message that tells the rectangle of src, with the
// quantiser q, 1 to MaxStep. dst holds what the receiver shows, and will. run
// calls do(0) to do(n-1), in any order or at once, and returns when all have
// returned; nil does one after another.
//
// The message is q, the lengths of all bands but the last as varints, and the
// bands.
func (f *Film) Encode(out []byte, src, dst frame.Image, q int, run func(n int, do func(i int))) []byte {
	f.src, f.dst, f.q = src, dst, min(max(q, 1), MaxStep)
	f.each(run, f.encode)
	out = append(out, byte(f.q))
	for _, b := range f.bands[:f.used-1] {
		out = binary.AppendUvarint(out, uint64(len(b.bytes)))
	}
	for _, b := range f.bands[:f.used] {
		out = append(out, b.bytes...)
	}
	return out
}

// Decode shows in dst what Encode told. It returns ErrBytes, wrapped, if in is
// not a whole message.
func (f *Film) Decode(in []byte, dst frame.Image, run func(n int, do func(i int))) error {
	if len(in) == 0 || in[0] == 0 || in[0] > MaxStep {
		return fmt.Errorf("reading the quantiser: %w", ErrBytes)
	}
	f.dst, f.q = dst, int(in[0])
	in = in[1:]
	var lengths [4]int
	for i := range f.used - 1 {
		v, n := binary.Uvarint(in)
		if n <= 0 || v > uint64(len(in)) {
			return fmt.Errorf("reading the length of band %d: %w", i, ErrBytes)
		}
		lengths[i], in = int(v), in[n:]
	}
	for i, b := range f.bands[:f.used] {
		n := lengths[i]
		if i == f.used-1 {
			n = len(in)
		}
		if n > len(in) {
			return fmt.Errorf("cutting band %d: %w", i, ErrBytes)
		}
		b.in, in = in[:n], in[n:]
	}
	f.each(run, f.decode)
	for i, b := range f.bands[:f.used] {
		b.in = nil
		if b.wrong {
			return fmt.Errorf("reading band %d: %w", i, ErrBytes)
		}
	}
	return nil
}
