// Package codec turns a changing picture into a stream of slices and back,
// exactly: the receiver's picture equals the sender's, bit for bit.
//
// An Encoder is told what may have changed (Damage) and gives slices on
// demand (Encode). Nothing is encoded before it is asked for, so a slow link
// merges changes instead of queueing them. Slices must reach one Decoder, all
// of them and in order. FORMAT.md describes their bytes.
//
// Neither type may be used by two goroutines at once.
package codec

import (
	"errors"

	"handrail/shared/frame"
)

// The format's constants, as in FORMAT.md.
const (
	tile = 32 // pixels of a tile's side

	flagKey    = 1 << 0 // the slice begins a key frame: size follows
	flagPacked = 1 << 1 // the tiles are one zstd frame, its length before

	opSolid   = 0 // one colour
	opPalette = 1 // up to 127 colours and pixels that stay
	opRaw     = 2 // every pixel, as differences

	maxColours = 127
	maxBody    = 256 << 10 // bytes of the tiles of a slice, unpacked
)

// Limits are what a Decoder accepts.
type Limits struct {
	Side   int // pixels of the longer side
	Pixels int // pixels in all
}

// DefaultLimits returns the limits of both ends: 16384 pixels a side and 64
// Mpixel in all, which is eight screens of 4K and 256 MB.
func DefaultLimits() Limits { return Limits{Side: 16384, Pixels: 64 << 20} }

// Runner does n things, in any order or at the same time, and returns when all
// are done.
type Runner func(n int, do func(i int))

// Profile is what a viewer wants to see (PRODUCT.md S05). In all of them text
// and drawings are exact; they differ in photographs and film.
type Profile uint8

// The profiles.
const (
	Automatic Profile = iota // as Bits32, coarser while the link is behind
	Bits32                   // photographs fine and exact once they rest
	Bits16                   // photographs coarser and not made exact, film slower
	Bits8                    // photographs coarse, film at a few pictures a second
)

// MaxStrain is the most a link can be behind; see Encoder.Tune.
const MaxStrain = 3

// Errors of Decode. After either, the picture may be wrong in part and the
// Decoder takes nothing but the first slice of a key frame.
var (
	ErrMalformed = errors.New("codec: malformed slice")
	ErrNeedKey   = errors.New("codec: slice without its key frame")
)

// grid is a picture's division into tiles.
type grid struct{ w, h, across, down int }

func gridOf(w, h int) grid {
	return grid{w, h, (w + tile - 1) / tile, (h + tile - 1) / tile}
}

func (g grid) tiles() int { return g.across * g.down }

// rect is where tile i lies; at the right and lower edge it may be smaller.
func (g grid) rect(i int) frame.Rect {
	x, y := i%g.across*tile, i/g.across*tile
	r := frame.Rect{}
	r.Min.X, r.Min.Y = x, y
	r.Max.X, r.Max.Y = min(x+tile, g.w), min(y+tile, g.h)
	return r
}
