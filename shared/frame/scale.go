package frame

import (
	"encoding/binary"
	"image"
)

// Fit is the largest rectangle with the proportions of w by h inside a window
// of ww by wh, in the middle of it. Nothing fits in nothing.
func Fit(w, h, ww, wh int) Rect {
	if w <= 0 || h <= 0 || ww <= 0 || wh <= 0 {
		return Rect{}
	}
	fw, fh := ww, max(h*ww/w, 1)
	if fh > wh {
		fw, fh = max(w*wh/h, 1), wh
	}
	x, y := (ww-fw)/2, (wh-fh)/2
	return image.Rect(x, y, x+fw, y+fh)
}

// Scale draws the part of src that changed into dst, which shows all of src
// at another size, and returns the part of dst it drew. Making smaller
// averages all pixels that fall together, so that thin strokes of text stay;
// making larger blends between neighbours. Equal sizes are copied.
func Scale(dst, src Image, changed Rect) Rect {
	changed = changed.Intersect(src.Bounds())
	if changed.Empty() || dst.W <= 0 || dst.H <= 0 {
		return Rect{}
	}
	if dst.W == src.W && dst.H == src.H {
		Copy(dst, src, changed)
		return changed
	}
	// Blending reads one pixel beyond on each side.
	changed = changed.Inset(-1).Intersect(src.Bounds())
	out := image.Rect(
		changed.Min.X*dst.W/src.W, changed.Min.Y*dst.H/src.H,
		(changed.Max.X*dst.W+src.W-1)/src.W, (changed.Max.Y*dst.H+src.H-1)/src.H,
	).Intersect(dst.Bounds())
	xs := make([]weight, out.Dx())
	for i := range xs {
		xs[i] = weigh(out.Min.X+i, dst.W, src.W)
	}
	for y := out.Min.Y; y < out.Max.Y; y++ {
		scaleRow(dst.Row(y, out.Min.X, out.Max.X), src, xs, weigh(y, dst.H, src.H))
	}
	return out
}

// weight says from which source pixels, along one side, a pixel is made:
// those from lo to hi, the first and last counting only in part.
type weight struct {
	lo, hi      int    // inclusive
	first, last uint32 // of 256
}

// weigh finds the weight of pixel i when from pixels become to.
func weigh(i, to, from int) weight {
	// Places in 1/256 of a source pixel.
	a, b := i*from*256/to, (i+1)*from*256/to
	if to > from {
		// Larger: between the two pixels whose middles are nearest.
		a = max((a+b)/2-128, 0)
		lo := min(a>>8, from-1)
		hi := min(lo+1, from-1)
		part := uint32(a & 255)
		return weight{lo, hi, 256 - part, part}
	}
	lo, hi := a>>8, min((b-1)>>8, from-1)
	if lo == hi {
		return weight{lo, hi, uint32(b - a), 0}
	}
	return weight{lo, hi, uint32((lo+1)<<8 - a), uint32(b - hi<<8)}
}

func scaleRow(dst []byte, src Image, xs []weight, wy weight) {
	for i, wx := range xs {
		var b, g, r, all uint64
		for y := wy.lo; y <= wy.hi; y++ {
			vy := wy.at(y)
			if vy == 0 {
				continue
			}
			row := src.Row(y, wx.lo, wx.hi+1)
			for x := wx.lo; x <= wx.hi; x++ {
				v := vy * wx.at(x)
				p := binary.LittleEndian.Uint32(row)
				row = row[4:]
				b += v * uint64(p&0xff)
				g += v * uint64(p>>8&0xff)
				r += v * uint64(p>>16&0xff)
				all += v
			}
		}
		half := all / 2
		d := dst[4*i : 4*i+4]
		d[0], d[1], d[2], d[3] = byte((b+half)/all), byte((g+half)/all), byte((r+half)/all), 0
	}
}

func (w weight) at(i int) uint64 {
	switch i {
	case w.lo:
		if w.lo == w.hi {
			return uint64(w.first + w.last)
		}
		return uint64(w.first)
	case w.hi:
		return uint64(w.last)
	}
	return 256
}
