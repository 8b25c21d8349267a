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
//
// Rows are mixed first, two pixels to a 64-bit word, then columns, two shares
// to a multiplication; the fourth byte of a pixel comes along as the others do.
type Scaler struct {
	from, to image.Point
	x, y     weights
	across   []column
	pairs    int    // of columns, in across for each pixel on screen
	row      []byte // one row of the picture, mixed from the rows that a row on screen covers
}

// weights says, for each pixel of one axis on screen, from which pixels of the
// picture it is mixed: from first[i] on, with mix[at[i]:at[i+1]], which sum up
// to one.
type weights struct {
	first []int32
	at    []int32
	mix   []uint32
}

// column is a pair of neighbours in the picture that have a share in a pixel.
type column struct {
	at int // byte of the left one in a row of the picture
	// shares are the right one's share and, in the upper half, the left one's:
	// times a word that holds both pixels' channels the other way round, both
	// shares add up in the upper half of the product.
	shares uint64
}

const (
	// one is the sum of a pixel's weights. 255*one and a half of one fit 16
	// bits, so that a word has room for four channels while they are mixed.
	one = 256

	even  = 0x00ff_00ff_00ff_00ff // the bytes of a word that are mixed together; the others follow
	lower = 0x0000_0000_ffff_ffff // half of a word
	half  = 0x0080_0080_0080_0080 // of one, in each channel: what is cut off is rounded
)

// NewScaler prepares scaling from one size to another, both at least 1×1.
func NewScaler(from, to image.Point) *Scaler {
	s := &Scaler{from: from, to: to, x: weigh(from.X, to.X), y: weigh(from.Y, to.Y)}
	most := 0
	for i := range to.X {
		most = max(most, s.x.end(i)-int(s.x.first[i]))
	}
	s.pairs = (most + 1) / 2
	s.across = make([]column, 0, to.X*s.pairs)
	for i := range to.X {
		mix := append([]uint32(nil), s.x.mix[s.x.at[i]:s.x.at[i+1]]...)
		mix = append(mix, make([]uint32, 2*s.pairs-len(mix))...)
		for k := 0; k < len(mix); k += 2 {
			at := 4 * (int(s.x.first[i]) + k)
			s.across = append(s.across, column{at: at, shares: uint64(mix[k])<<32 | uint64(mix[k+1])})
		}
	}
	s.row = make([]byte, 4*(from.X+2*s.pairs)) // shares of nothing reach beyond the last pixel
	return s
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
		out := dst.Row(y, part.Min.X, part.Max.X)
		switch s.pairs {
		case 1:
			mixPairs(out, s.row, s.across[part.Min.X:part.Max.X])
		case 2:
			mixFours(out, s.row, s.across[2*part.Min.X:2*part.Max.X])
		default:
			s.mixColumns(out, part.Min.X)
		}
	}
}

// mixRows mixes the rows of the picture that row y on screen covers, columns
// x0 to x1, into s.row.
func (s *Scaler) mixRows(src frame.Image, y, x0, x1 int) {
	top := int(s.y.first[y])
	mix := s.y.mix[s.y.at[y]:s.y.at[y+1]]
	out := s.row[4*x0 : 4*x1]
	switch len(mix) {
	case 1:
		copy(out, src.Row(top, x0, x1))
	case 2:
		mixTwo(out, src.Row(top, x0, x1), src.Row(top+1, x0, x1), uint64(mix[0]), uint64(mix[1]))
	case 3:
		mixThree(out, src.Row(top, x0, x1), src.Row(top+1, x0, x1), src.Row(top+2, x0, x1), [3]uint64{uint64(mix[0]), uint64(mix[1]), uint64(mix[2])})
	default:
		mixMany(out, src, top, x0, mix)
	}
}

// mixTwo mixes two rows with shares u and v.
func mixTwo(out, a, b []byte, u, v uint64) {
	a, b = a[:len(out)], b[:len(out)]
	i := 0
	for ; i+8 <= len(out); i += 8 {
		p, q := binary.LittleEndian.Uint64(a[i:i+8]), binary.LittleEndian.Uint64(b[i:i+8])
		binary.LittleEndian.PutUint64(out[i:i+8], joined(p&even*u+q&even*v, p>>8&even*u+q>>8&even*v))
	}
	if i < len(out) {
		p, q := uint64(binary.LittleEndian.Uint32(a[i:])), uint64(binary.LittleEndian.Uint32(b[i:]))
		binary.LittleEndian.PutUint32(out[i:], uint32(joined(p&even*u+q&even*v, p>>8&even*u+q>>8&even*v)))
	}
}

// mixThree mixes three rows.
func mixThree(out, a, b, c []byte, w [3]uint64) {
	a, b, c = a[:len(out)], b[:len(out)], c[:len(out)]
	i := 0
	for ; i+8 <= len(out); i += 8 {
		p, q, r := binary.LittleEndian.Uint64(a[i:i+8]), binary.LittleEndian.Uint64(b[i:i+8]), binary.LittleEndian.Uint64(c[i:i+8])
		binary.LittleEndian.PutUint64(out[i:i+8],
			joined(p&even*w[0]+q&even*w[1]+r&even*w[2], p>>8&even*w[0]+q>>8&even*w[1]+r>>8&even*w[2]))
	}
	if i < len(out) {
		p, q, r := uint64(binary.LittleEndian.Uint32(a[i:])), uint64(binary.LittleEndian.Uint32(b[i:])), uint64(binary.LittleEndian.Uint32(c[i:]))
		binary.LittleEndian.PutUint32(out[i:],
			uint32(joined(p&even*w[0]+q&even*w[1]+r&even*w[2], p>>8&even*w[0]+q>>8&even*w[1]+r>>8&even*w[2])))
	}
}

// mixMany mixes the rows of src from top on, as many as there are shares.
func mixMany(out []byte, src frame.Image, top, x0 int, mix []uint32) {
	at := top*src.Stride + 4*x0
	i := 0
	for ; i+8 <= len(out); i += 8 {
		var evens, odds uint64
		for k, w := range mix {
			p := binary.LittleEndian.Uint64(src.Pix[at+k*src.Stride+i:])
			evens += p & even * uint64(w)
			odds += p >> 8 & even * uint64(w)
		}
		binary.LittleEndian.PutUint64(out[i:i+8], joined(evens, odds))
	}
	if i < len(out) {
		var evens, odds uint64
		for k, w := range mix {
			p := uint64(binary.LittleEndian.Uint32(src.Pix[at+k*src.Stride+i:]))
			evens += p & even * uint64(w)
			odds += p >> 8 & even * uint64(w)
		}
		binary.LittleEndian.PutUint32(out[i:], uint32(joined(evens, odds)))
	}
}

// joined divides the sums of the even and the odd bytes by one, rounding, and
// puts them back in their places.
func joined(evens, odds uint64) uint64 {
	return (evens+half)>>8&even | (odds+half)&^even
}

// mixPairs mixes a row on screen of which each pixel has a share of at most
// two pixels of the picture. It makes two pixels at once.
func mixPairs(out, row []byte, across []column) {
	for ; len(across) >= 2 && len(out) >= 8; across, out = across[2:], out[8:] {
		c, d := across[0], across[1]
		p, q := binary.LittleEndian.Uint64(row[c.at:]), binary.LittleEndian.Uint64(row[d.at:])
		binary.LittleEndian.PutUint64(out, joined(
			p&even*c.shares>>32|q&even*d.shares&^lower,
			p>>8&even*c.shares>>32|q>>8&even*d.shares&^lower))
	}
	for i, c := range across {
		p := binary.LittleEndian.Uint64(row[c.at:])
		binary.LittleEndian.PutUint32(out[4*i:], upper(p&even*c.shares, p>>8&even*c.shares))
	}
}

// mixFours is mixPairs for at most four pixels of the picture.
func mixFours(out, row []byte, across []column) {
	for ; len(across) >= 4 && len(out) >= 8; across, out = across[4:], out[8:] {
		c, d, e, f := across[0], across[1], across[2], across[3]
		p, q := binary.LittleEndian.Uint64(row[c.at:]), binary.LittleEndian.Uint64(row[d.at:])
		r, s := binary.LittleEndian.Uint64(row[e.at:]), binary.LittleEndian.Uint64(row[f.at:])
		binary.LittleEndian.PutUint64(out, joined(
			(p&even*c.shares+q&even*d.shares)>>32|(r&even*e.shares+s&even*f.shares)&^lower,
			(p>>8&even*c.shares+q>>8&even*d.shares)>>32|(r>>8&even*e.shares+s>>8&even*f.shares)&^lower))
	}
	if len(across) >= 2 {
		c, d := across[0], across[1]
		p, q := binary.LittleEndian.Uint64(row[c.at:]), binary.LittleEndian.Uint64(row[d.at:])
		binary.LittleEndian.PutUint32(out, upper(p&even*c.shares+q&even*d.shares, p>>8&even*c.shares+q>>8&even*d.shares))
	}
}

// mixColumns is mixPairs for any number of pixels, on screen from x on.
func (s *Scaler) mixColumns(out []byte, x int) {
	for i := 0; i+4 <= len(out); i += 4 {
		var evens, odds uint64
		for _, c := range s.across[x*s.pairs : (x+1)*s.pairs] {
			p := binary.LittleEndian.Uint64(s.row[c.at:])
			evens += p & even * c.shares
			odds += p >> 8 & even * c.shares
		}
		binary.LittleEndian.PutUint32(out[i:i+4], upper(evens, odds))
		x++
	}
}

// upper is joined for a pixel in the upper halves.
func upper(evens, odds uint64) uint32 { return uint32(joined(evens, odds) >> 32) }

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
