package remote

import (
	"encoding/binary"
	"image"
	"sort"

	"handrail/shared/frame"
)

// Scaler shows a picture at another size: by the mean of the area that a pixel
// covers when it shrinks, by interpolation between neighbours when it grows.
// It can repaint a part alone, and what it paints does not depend on how the
// whole was divided. Integers only. It is used by one goroutine at a time.
type Scaler struct {
	from, to image.Point
	x, y     weights
	row      []uint64 // one row of the picture, mixed from the rows that a row on screen covers
}

// weights says, for each pixel of one axis on screen, from which pixels of the
// picture it is mixed: from first[i] on, with mix[at[i]:at[i+1]], which sum up
// to one.
type weights struct {
	first []int32
	at    []int32
	mix   []uint32
}

// one is the sum of a pixel's weights. 255*one and a half of one fit 16 bits,
// so that four channels can be mixed in one 64-bit word.
const one = 256

// NewScaler prepares scaling from one size to another, both at least 1×1.
func NewScaler(from, to image.Point) *Scaler {
	return &Scaler{from: from, to: to, x: weigh(from.X, to.X), y: weigh(from.Y, to.Y), row: make([]uint64, from.X)}
}

// From and To are the sizes it was made for.
func (s *Scaler) From() image.Point { return s.from }
func (s *Scaler) To() image.Point   { return s.to }

// Reach is the part of the result that changes with a part of the picture.
func (s *Scaler) Reach(part frame.Rect) frame.Rect {
	part = part.Intersect(frame.Rect{Max: s.from})
	if part.Empty() {
		return frame.Rect{}
	}
	x0, x1 := s.x.reach(part.Min.X, part.Max.X)
	y0, y1 := s.y.reach(part.Min.Y, part.Max.Y)
	return image.Rect(x0, y0, x1, y1)
}

// Scale paints a part of the result into dst, which has the size To, from src,
// which has the size From.
func (s *Scaler) Scale(dst, src frame.Image, part frame.Rect) {
	part = part.Intersect(frame.Rect{Max: s.to})
	if part.Empty() {
		return
	}
	x0 := int(s.x.first[part.Min.X])
	x1 := s.x.end(part.Max.X - 1)
	for y := part.Min.Y; y < part.Max.Y; y++ {
		s.mixRows(src, y, x0, x1)
		s.mixColumns(dst.Row(y, part.Min.X, part.Max.X), part.Min.X, x0)
	}
}

// mixRows mixes the rows of the picture that row y on screen covers, columns
// x0 to x1, into s.row, which then holds four 8-bit channels in 16 bits each.
func (s *Scaler) mixRows(src frame.Image, y, x0, x1 int) {
	top := int(s.y.first[y])
	mix := s.y.mix[s.y.at[y]:s.y.at[y+1]]
	row := s.row[:x1-x0]
	switch len(mix) {
	case 1:
		a := src.Row(top, x0, x1)
		for i := range row {
			row[i] = spread(binary.LittleEndian.Uint32(a[4*i:]))
		}
	case 2:
		a, b := src.Row(top, x0, x1), src.Row(top+1, x0, x1)
		wa, wb := uint64(mix[0]), uint64(mix[1])
		for i := range row {
			row[i] = settled(spread(binary.LittleEndian.Uint32(a[4*i:]))*wa + spread(binary.LittleEndian.Uint32(b[4*i:]))*wb)
		}
	default:
		clear(row)
		for k, w := range mix {
			a, w := src.Row(top+k, x0, x1), uint64(w)
			for i := range row {
				row[i] += spread(binary.LittleEndian.Uint32(a[4*i:])) * w
			}
		}
		for i := range row {
			row[i] = settled(row[i])
		}
	}
}

// mixColumns mixes s.row, which starts at column x0 of the picture, into a row
// on screen that starts at column x.
func (s *Scaler) mixColumns(out []byte, x, x0 int) {
	n := len(out) / 4
	first := s.x.first[x : x+n]
	at := s.x.at[x : x+n+1]
	for i, f := range first {
		mix := s.x.mix[at[i]:at[i+1]]
		row := s.row[int(f)-x0:]
		row = row[:len(mix)]
		var sum uint64
		for k, w := range mix {
			sum += row[k] * uint64(w)
		}
		binary.LittleEndian.PutUint32(out[4*i:], gather(settled(sum)))
	}
}

// spread puts the four bytes of a pixel into four 16-bit lanes.
func spread(p uint32) uint64 {
	v := uint64(p)
	return v&0x00ff00ff | v&0xff00ff00<<24
}

// settled divides each lane by one, rounding.
func settled(v uint64) uint64 {
	return (v + 0x0080_0080_0080_0080) >> 8 & 0x00ff_00ff_00ff_00ff
}

// gather is the way back from spread.
func gather(v uint64) uint32 {
	return uint32(v&0x00ff00ff | v>>24&0xff00ff00)
}

// weigh works out the weights of one axis.
func weigh(from, to int) weights {
	w := weights{first: make([]int32, to), at: make([]int32, 1, to+1)}
	for i := range to {
		if to >= from {
			w.between(i, from, to)
		} else {
			w.cover(i, from, to)
		}
		w.at = append(w.at, int32(len(w.mix)))
	}
	return w
}

// between adds the weights of pixel i when the axis grows: the two neighbours
// of its middle.
func (w *weights) between(i, from, to int) {
	middle := max(0, ((2*i+1)*from-to)*one/(2*to)) // in 1/one of a pixel of the picture
	left, part := middle/one, middle%one
	if left >= from-1 {
		left, part = from-1, 0
	}
	w.first[i] = int32(left)
	w.mix = append(w.mix, uint32(one-part))
	if part > 0 {
		w.mix = append(w.mix, uint32(part))
	}
}

// cover adds the weights of pixel i when the axis shrinks: the share each
// pixel of the picture has in it. Rounding the running sum, and not each
// weight, makes them sum up exactly.
func (w *weights) cover(i, from, to int) {
	start, end := i*from, (i+1)*from // in 1/to of a pixel of the picture
	w.first[i] = int32(start / to)
	sum := 0
	for p := start / to; p*to < end; p++ {
		covered := min((p+1)*to, end) - start
		next := (covered*one + from/2) / from
		w.mix = append(w.mix, uint32(next-sum))
		sum = next
	}
}

// end is the pixel of the picture after the last that pixel i is mixed from.
func (w *weights) end(i int) int { return int(w.first[i] + w.at[i+1] - w.at[i]) }

// reach is the range on screen that pixels from a up to b of the picture have
// a share in.
func (w *weights) reach(a, b int) (from, to int) {
	from = sort.Search(len(w.first), func(i int) bool { return w.end(i) > a })
	to = sort.Search(len(w.first), func(i int) bool { return int(w.first[i]) >= b })
	return from, to
}
