// Package codec turns a changing picture into a stream of slices and back,
// exactly: the receiver's picture equals the sender's, bit for bit. Only
// photographs and film may come near it first, and become exact when they rest.
//
// An Encoder is told what may have changed (Damage) and gives slices on
// demand (Encode). Nothing is encoded before it is asked for, so a slow link
// merges changes instead of queueing them. Slices must reach one Decoder, all
// of them and in order. FORMAT.md describes their bytes.
//
// Neither type may be used by two goroutines at once.
package codec

import "errors"

// The format's constants, as in FORMAT.md.
const (
	version = 2 // the first byte of a key frame

	flagKey      = 1 << 0 // the slice begins a key frame: version and size follow
	flagCheck    = 1 << 1 // a check of one row of tiles follows
	flagFilm     = 1 << 2 // films follow
	stripesShift = 3      // two bits: log2 of the stripes
	flagsKnown   = flagKey | flagCheck | flagFilm | 3<<stripesShift

	maxStripes = 4
)

// Limits are what a Decoder accepts.
type Limits struct {
	Side   int // pixels of the longer side
	Pixels int // pixels in all
}

// DefaultLimits returns the limits of both ends: 16384 pixels a side and 64
// Mpixel in all, which is eight screens of 4K and 256 MB.
func DefaultLimits() Limits { return Limits{Side: 16384, Pixels: 64 << 20} }

func (l Limits) allow(w, h int) bool {
	return w > 0 && h > 0 && w <= l.Side && h <= l.Side && w*h <= l.Pixels
}

// Runner does n things, in any order or at the same time, and returns when all
// are done.
type Runner func(n int, do func(i int))

func (r Runner) orInTurn() Runner {
	if r != nil {
		return r
	}
	return func(n int, do func(i int)) {
		for i := range n {
			do(i)
		}
	}
}

// Profile is what a viewer wants to see (PRODUCT.md S05). In all of them text
// and drawings are exact; they differ in photographs and film.
type Profile uint8

// The profiles.
const (
	Automatic Profile = iota // as Bits32, coarser while the link is behind
	Bits32                   // photographs fine and exact once they rest
	Bits16                   // photographs coarser and not made exact, film slower
	Bits8                    // photographs coarse, film at a few pictures a second
	Exact                    // nothing is ever shown but what it is: to measure with
)

// MaxStrain is the most a link can be behind; see Encoder.Tune.
const MaxStrain = 3

// Errors of Decode. After any, the picture may be wrong in part and the
// Decoder takes nothing but the first slice of a key frame.
var (
	ErrMalformed = errors.New("codec: malformed slice")
	ErrNeedKey   = errors.New("codec: slice without its key frame")
	ErrMismatch  = errors.New("codec: the picture is not what the sender believes it to be")
)
