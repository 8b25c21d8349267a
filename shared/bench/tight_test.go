package bench

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"

	"handrail/shared/frame"
)

// inflater unpacks a zlib stream that arrives in pieces, each complete in
// itself.
type inflater struct {
	packed bytes.Buffer
	r      io.ReadCloser
}

// add takes the next piece, n bytes.
func (z *inflater) add(in *source, n int) error {
	if in.err == nil {
		_, in.err = io.CopyN(&z.packed, in.Reader, int64(n))
	}
	if in.err != nil {
		return fmt.Errorf("rfb: reading packed pixels: %w", in.err)
	}
	if z.r == nil {
		r, err := zlib.NewReader(&z.packed)
		if err != nil {
			return fmt.Errorf("%w: %w", errRFB, err)
		}
		z.r = r
	}
	return nil
}

// read unpacks exactly len(b) bytes.
func (z *inflater) read(b []byte) error {
	if _, err := io.ReadFull(z.r, b); err != nil {
		return fmt.Errorf("%w: %w", errRFB, err)
	}
	return nil
}

// tightSmall is the number of bytes from which on Tight packs them.
const tightSmall = 12

// length reads a number in one to three bytes, the low seven bits first.
func (p *painter) length() int {
	n := 0
	for shift := 0; shift < 21; shift += 7 {
		b := p.in.u8()
		if shift == 14 {
			return n | b<<14
		}
		n |= b & 0x7f << shift
		if b < 0x80 {
			break
		}
	}
	return n
}

// tightRect paints a rectangle of Tight: one colour, up to 256 of them, or all
// pixels, packed in one of four streams.
func (p *painter) tightRect(r frame.Rect) error {
	control := p.in.u8()
	for i := range p.tight {
		if control>>i&1 != 0 {
			p.tight[i] = inflater{}
		}
	}
	var rgb [3]byte
	switch {
	case control>>4 == 8:
		p.in.fill(rgb[:])
		p.tightPalette(r, rgb[:], nil)
		return nil
	case control>>7 != 0:
		return fmt.Errorf("%w: Tight of kind %d", errRFB, control>>4)
	}
	filter := 0
	if control&0x40 != 0 {
		filter = p.in.u8()
	}
	stream := &p.tight[control>>4&3]
	switch filter {
	case 0:
		pixels, err := p.tightData(stream, 3*r.Dx()*r.Dy())
		if err == nil {
			p.tightPixels(r, pixels)
		}
		return err
	case 1:
		palette := p.in.fill(make([]byte, 3*(p.in.u8()+1)))
		size := r.Dx() * r.Dy()
		if len(palette) == 6 {
			size = (r.Dx() + 7) / 8 * r.Dy()
		}
		pixels, err := p.tightData(stream, size)
		if err != nil {
			return err
		}
		if len(palette) != 6 {
			for _, v := range pixels {
				if int(v) >= len(palette)/3 {
					return fmt.Errorf("%w: colour %d of %d", errRFB, v, len(palette)/3)
				}
			}
		}
		p.tightPalette(r, palette, pixels)
		return nil
	}
	return fmt.Errorf("%w: Tight filter %d", errRFB, filter)
}

// tightData is the n bytes of a rectangle, unpacked.
func (p *painter) tightData(stream *inflater, n int) ([]byte, error) {
	if n < tightSmall {
		return p.in.fill(p.scratch(n)), nil
	}
	if err := stream.add(&p.in, p.length()); err != nil {
		return nil, err
	}
	b := p.scratch(n)
	return b, stream.read(b)
}

// tightPixels paints red, green, blue for each pixel.
func (p *painter) tightPixels(r frame.Rect, pixels []byte) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := p.pic.Row(y, r.Min.X, r.Max.X)
		for len(row) >= 4 {
			row[0], row[1], row[2] = pixels[2], pixels[1], pixels[0]
			row, pixels = row[4:], pixels[3:]
		}
	}
}

// tightPalette paints with the palette's colours: the only one, one of two by
// a bit per pixel in rows of whole bytes, or by a byte per pixel.
func (p *painter) tightPalette(r frame.Rect, palette, pixels []byte) {
	i := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := p.pic.Row(y, r.Min.X, r.Max.X)
		for x := range r.Dx() {
			c := 0
			switch len(palette) {
			case 3:
			case 6:
				c = 3 * int(pixels[i+x/8]>>(7-x%8)&1)
			default:
				c = 3 * int(pixels[i+x])
			}
			row[4*x], row[4*x+1], row[4*x+2] = palette[c+2], palette[c+1], palette[c]
		}
		if len(palette) == 6 {
			i += (r.Dx() + 7) / 8
		} else {
			i += r.Dx()
		}
	}
}
