// Package frame holds what every part of the screen pipeline agrees on:
// rectangles, pictures in memory, monitors and pointer shapes.
//
// Pixels are BGRX from capture to painter: four bytes, blue first, the fourth
// undefined. X servers, GDI and DXGI deliver and accept that order, so nothing
// on the way has to swap bytes.
package frame

import "image"

// Rect is a rectangle in pixels, Min inside, Max outside.
type Rect = image.Rectangle

// Image is a picture in BGRX. Pix may be longer than needed; row y starts at
// Pix[y*Stride].
type Image struct {
	Pix    []byte
	Stride int // bytes from one row to the next, at least 4*W
	W, H   int // pixels
}

// New makes a black picture of w by h pixels with tightly packed rows.
func New(w, h int) Image {
	return Image{Pix: make([]byte, 4*w*h), Stride: 4 * w, W: w, H: h}
}

// Bounds is the rectangle of the whole picture.
func (m Image) Bounds() Rect { return image.Rect(0, 0, m.W, m.H) }

// Row is the part of row y from column x0 up to x1.
func (m Image) Row(y, x0, x1 int) []byte {
	return m.Pix[y*m.Stride+4*x0 : y*m.Stride+4*x1]
}

// Monitor is one screen of the shared machine.
type Monitor struct {
	ID      uint8 // stable while the layout stays; 1 is the first
	Name    string
	Bounds  Rect // in the coordinates of the whole desktop
	Primary bool
}

// Cursor is the pointer's picture. Pix is premultiplied RGBA, W*H*4 bytes.
type Cursor struct {
	ID         uint64 // same ID, same picture
	W, H       int
	HotX, HotY int
	Pix        []byte
}
