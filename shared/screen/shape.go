package screen

import (
	"encoding/binary"
	"image"

	"handrail/shared/frame"
)

// The kinds of pointer shapes of DXGI_OUTDUPL_POINTER_SHAPE_TYPE (dxgi1_2.h).
const (
	monochrome   = 1
	colour       = 2
	maskedColour = 4
)

// maxShape bounds the sides of pointer shapes that are believed: Windows makes
// them 256 pixels large at most.
const maxShape = 1024

// shape is a pointer shape as Windows describes it.
type shape struct {
	kind  int
	w, h  int // pixels; of a monochrome one h counts both masks
	pitch int // bytes of a row
	hot   image.Point
	pix   []byte
}

// ink is what one pixel of a pointer does: straight ARGB, or the screen turned
// to its opposite.
type ink struct {
	argb   uint32
	invert bool
}

const (
	black = 0xff000000
	white = 0xffffffff
)

// cursor is the shape as the pipeline knows it. What can't be read is one with
// nothing to see.
func (s shape) cursor() *frame.Cursor {
	h, bytes := s.h, 4*s.w
	if s.kind == monochrome {
		h, bytes = h/2, (s.w+7)/8
	}
	if s.w <= 0 || h <= 0 || s.w > maxShape || h > maxShape || s.pitch < bytes || (s.h-1)*s.pitch+bytes > len(s.pix) {
		return &frame.Cursor{}
	}
	inks := make([]ink, 0, s.w*h)
	for y := range h {
		for x := range s.w {
			inks = append(inks, s.ink(x, y, h))
		}
	}
	return cursorOf(s.w, h, s.hot, drawn(inks, s.w))
}

func (s shape) ink(x, y, h int) ink {
	if s.kind == monochrome {
		// One bit a pixel: a mask that is ANDed with the screen, and below it
		// one that is XORed.
		bit := func(y int) bool { return s.pix[y*s.pitch+x/8]&(0x80>>(x%8)) != 0 }
		return masked(bit(y), bit(y+h), white)
	}
	p := binary.LittleEndian.Uint32(s.pix[y*s.pitch+4*x:])
	if s.kind == maskedColour {
		// The alpha byte is the mask, and the colour is XORed where it is set.
		return masked(p>>24 != 0, p&0xffffff != 0, p)
	}
	return ink{argb: p}
}

// masked is a pixel of two masks: kept is what the screen is ANDed with, mixed
// whether something is XORed to it, namely this colour.
func masked(kept, mixed bool, colour uint32) ink {
	switch {
	case kept && mixed:
		return ink{invert: true}
	case kept:
		return ink{}
	case mixed:
		return ink{argb: black | colour}
	}
	return ink{argb: black}
}

// drawn makes premultiplied RGBA of inks. It knows nothing of the screen below,
// so what turns that to its opposite, as the mark of text fields, becomes black
// with a white edge, which is seen on everything.
func drawn(inks []ink, w int) []byte {
	inverts := func(i, x int) bool { return i >= 0 && i < len(inks) && x >= 0 && x < w && inks[i].invert }
	pix := make([]byte, 0, 4*len(inks))
	for i, k := range inks {
		p, x := k.argb, i%w
		switch {
		case k.invert:
			p = black
		case p>>24 == 0 && (inverts(i-w, x) || inverts(i+w, x) || inverts(i-1, x-1) || inverts(i+1, x+1)):
			p = white
		}
		a := p >> 24
		part := func(v uint32) byte { return byte((v&0xff*a + 127) / 255) }
		pix = append(pix, part(p>>16), part(p>>8), part(p), byte(a))
	}
	return pix
}

// iconCursor is the shape of an icon of GDI: the mask and the colours as rows
// of w pixels of four bytes, from top to bottom. Without colours the mask holds
// two, one above the other.
func iconCursor(w, h int, hot image.Point, mask, colours []byte) *frame.Cursor {
	if w <= 0 || h <= 0 || w > maxShape || h > maxShape {
		return &frame.Cursor{}
	}
	n := w * h
	if len(colours) == 0 {
		colours = mask[min(4*n, len(mask)):]
	}
	if len(mask) < 4*n || len(colours) < 4*n {
		return &frame.Cursor{}
	}
	at := func(b []byte, i int) uint32 { return binary.LittleEndian.Uint32(b[4*i:]) }
	alpha := false // older icons have none; then the mask counts
	for i := range n {
		alpha = alpha || at(colours, i)>>24 != 0
	}
	inks := make([]ink, n)
	for i := range inks {
		if p := at(colours, i); alpha {
			inks[i].argb = p
		} else {
			inks[i] = masked(at(mask, i)&0xffffff != 0, p&0xffffff != 0, p)
		}
	}
	return cursorOf(w, h, hot, drawn(inks, w))
}
