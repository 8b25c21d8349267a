package frame

import (
	"bytes"
	"encoding/binary"
	"image"
)

// Colours is the mask of the three defined bytes in two pixels read as one
// little-endian number.
const Colours = 0x00ff_ffff_00ff_ffff

// Sub is the part of m inside r, sharing its memory.
func (m Image) Sub(r Rect) Image {
	r = r.Intersect(m.Bounds())
	if r.Empty() {
		return Image{}
	}
	return Image{Pix: m.Pix[r.Min.Y*m.Stride+4*r.Min.X:], Stride: m.Stride, W: r.Dx(), H: r.Dy()}
}

// Copy puts the part r of src at the same place in dst. What lies outside
// either picture is left out.
func Copy(dst, src Image, r Rect) {
	r = r.Intersect(dst.Bounds()).Intersect(src.Bounds())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		copy(dst.Row(y, r.Min.X, r.Max.X), src.Row(y, r.Min.X, r.Max.X))
	}
}

// Equal says, to tests, whether a and b have the same size and colours. The
// undefined fourth bytes don't count.
func Equal(a, b Image) bool {
	if a.W != b.W || a.H != b.H {
		return false
	}
	for y := range a.H {
		if !SameRow(a.Row(y, 0, a.W), b.Row(y, 0, b.W)) {
			return false
		}
	}
	return true
}

// SameRow says whether two rows of pixels, equally long, have the same
// colours.
func SameRow(a, b []byte) bool {
	if bytes.Equal(a, b) { // many times faster, and mostly true
		return true
	}
	b = b[:len(a)]
	for len(a) >= 8 {
		if (binary.LittleEndian.Uint64(a)^binary.LittleEndian.Uint64(b))&Colours != 0 {
			return false
		}
		a, b = a[8:], b[8:]
	}
	return len(a) < 4 || (binary.LittleEndian.Uint32(a)^binary.LittleEndian.Uint32(b))&(Colours&0xffff_ffff) == 0
}

// Clone is a copy of m with tightly packed rows.
func (m Image) Clone() Image {
	c := New(m.W, m.H)
	Copy(c, m, m.Bounds())
	return c
}

// RGBA is m as an opaque picture of the standard library, for files and
// screenshots.
func (m Image) RGBA() *image.RGBA {
	out := image.NewRGBA(m.Bounds())
	for y := range m.H {
		from, to := m.Row(y, 0, m.W), out.Pix[y*out.Stride:]
		for x := 0; x < len(from); x += 4 {
			to[x], to[x+1], to[x+2], to[x+3] = from[x+2], from[x+1], from[x], 0xff
		}
	}
	return out
}
