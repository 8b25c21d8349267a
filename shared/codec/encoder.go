package codec

import (
	"encoding/binary"
	"time"

	"github.com/klauspost/compress/zstd"

	"handrail/shared/frame"
)

// Encoder makes slices of a picture. The zero value is not usable; see
// NewEncoder.
type Encoder struct {
	grid
	kept  frame.Image // what the decoder shows after all slices so far; fourth bytes as they came
	dirty []bool      // tiles that may differ from kept
	left  int         // how many of them
	from  int         // the tile the next slice looks at first, so that no part of the picture starves
	key   bool        // the next slice begins a key frame

	zip   *zstd.Encoder
	body  []byte
	ratio float64 // bytes of tiles to bytes of slices, lately
	tile  tileCoder
}

// Bounds of the estimate how far zstd will pack the next tiles. A low upper
// bound keeps slices near their limit when a photograph follows text.
const (
	ratioMin, ratioMax = 1, 6
	// bodyAim leaves room for a last raw tile and for ops below maxBody.
	bodyAim = maxBody - 8<<10
	// tileMost is what a tile takes at most: skip, op and raw pixels.
	tileMost = 5 + 1 + 3*tile*tile
)

// NewEncoder makes an encoder for a picture of no size yet. run does what can
// be done at the same time; nil does one after another.
func NewEncoder(run Runner) *Encoder {
	zip, err := zstd.NewWriter(nil,
		zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderCRC(false),
		zstd.WithWindowSize(maxBody))
	if err != nil {
		panic(err) // only wrong options do that
	}
	return &Encoder{zip: zip, ratio: 2}
}

// Resize sets the picture's size in pixels; the next slice begins a key
// frame. A size outside DefaultLimits is a mistake of the caller and panics.
func (e *Encoder) Resize(w, h int) {
	if l := DefaultLimits(); !l.allow(w, h) {
		panic("codec: picture of a size that no decoder takes")
	}
	e.grid = gridOf(w, h)
	if cap(e.kept.Pix) < 4*w*h {
		e.kept = frame.New(w, h)
	}
	e.kept = frame.Image{Pix: e.kept.Pix[:4*w*h], Stride: 4 * w, W: w, H: h}
	if n := e.tiles(); cap(e.dirty) < n {
		e.dirty = make([]bool, n)
	} else {
		e.dirty = e.dirty[:n]
	}
	e.KeyFrame()
}

// KeyFrame starts anew: for a new viewer, or one that lost track. The whole
// picture is pending then.
func (e *Encoder) KeyFrame() {
	if e.tiles() == 0 {
		return
	}
	clear(e.kept.Pix)
	for i := range e.dirty {
		e.dirty[i] = true
	}
	e.left, e.from, e.key = len(e.dirty), 0, true
}

// Damage marks what may have changed. Marking too much costs a comparison.
func (e *Encoder) Damage(rs ...frame.Rect) {
	for _, r := range rs {
		r = r.Intersect(e.kept.Bounds())
		if r.Empty() {
			continue
		}
		for ty := r.Min.Y / tile; ty <= (r.Max.Y-1)/tile; ty++ {
			for i := ty*e.across + r.Min.X/tile; i <= ty*e.across+(r.Max.X-1)/tile; i++ {
				if !e.dirty[i] {
					e.dirty[i] = true
					e.left++
				}
			}
		}
	}
}

// Urgent says where damage is what somebody is waiting for, such as the
// answer to a key: it is sent before everything else. It does not mark damage.
func (e *Encoder) Urgent(rs ...frame.Rect) {}

// Tune sets what the slices from now on are like. Strain is how far the link
// is behind, from 0 to MaxStrain: photographs and film become coarser with it.
// Text is exact whatever the profile.
func (e *Encoder) Tune(p Profile, strain int) {}

// Due is when Encode has something to do though nothing changed any more:
// photographs to be made exact, a film's next picture. ok is false if there
// is nothing of that kind.
func (e *Encoder) Due() (at time.Time, ok bool) { return time.Time{}, false }

// Pending says whether there may be something to encode.
func (e *Encoder) Pending() bool { return e.left > 0 || e.key }

// Encode adds to dst one slice with a part of the pending damage as it looks
// in pic, of about limit bytes at most, and returns the longer dst; or dst as
// it was when nothing changed. One tile goes in whatever the limit. A pic of
// another size than before starts a key frame.
func (e *Encoder) Encode(dst []byte, pic frame.Image, limit int, now time.Time) []byte {
	if pic.W != e.w || pic.H != e.h {
		e.Resize(pic.W, pic.H)
	}
	e.fill(pic, min(int(float64(limit)*e.ratio), bodyAim))
	if len(e.body) == 0 && !e.key {
		return dst
	}
	start, flags := len(dst), byte(0)
	if e.key {
		flags |= flagKey
	}
	dst = append(dst, flags)
	if e.key {
		dst = binary.AppendUvarint(dst, uint64(e.w))
		dst = binary.AppendUvarint(dst, uint64(e.h))
		e.key = false
	}
	head := len(dst)
	dst = binary.AppendUvarint(dst, uint64(len(e.body)))
	dst = e.zip.EncodeAll(e.body, dst)
	if len(dst)-head >= len(e.body) {
		dst = append(dst[:head], e.body...)
	} else {
		dst[start] |= flagPacked
	}
	if len(e.body) > 0 {
		now := float64(len(e.body)) / float64(len(dst)-head)
		e.ratio = min(max((e.ratio+now)/2, ratioMin), ratioMax)
	}
	return dst
}

// fill puts changed tiles into body until it holds about limit bytes. Tiles
// go upwards within a slice, so it stops at the last one; the next slice
// begins at the first again.
func (e *Encoder) fill(pic frame.Image, limit int) {
	e.body = e.body[:0]
	last := -1
	if e.left*tileMost <= limit {
		e.from = 0 // all of it fits: one slice, wherever the last one ended
	}
	for e.left > 0 {
		for e.from < len(e.dirty) && !e.dirty[e.from] {
			e.from++
		}
		if e.from == len(e.dirty) {
			e.from = 0
			if len(e.body) > 0 {
				return
			}
			continue
		}
		i := e.from
		e.dirty[i] = false
		e.left--
		e.from++
		if !e.tile.load(pic, e.kept, e.rect(i)) {
			continue
		}
		e.body = binary.AppendUvarint(e.body, uint64(i-last-1))
		e.body = e.tile.append(e.body)
		last = i
		if len(e.body) >= limit {
			return
		}
	}
}

func (l Limits) allow(w, h int) bool {
	return w > 0 && h > 0 && w <= l.Side && h <= l.Side && w*h <= l.Pixels
}
