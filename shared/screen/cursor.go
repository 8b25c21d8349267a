package screen

import (
	"hash/fnv"
	"image"

	"handrail/shared/frame"
)

// MaxCursor is the side, in pixels, to which larger pointer shapes are shrunk.
const MaxCursor = 256

// cursorOf is the pointer shape of these pixels: premultiplied RGBA, w by h. If
// there is nothing to see in it, it is the one without picture, whose ID is 0.
//
// Its ID comes from the pixels: animated pointers come back under other names
// of the system's, and the viewer shall know them again.
func cursorOf(w, h int, hot image.Point, pix []byte) *frame.Cursor {
	by := max((max(w, h)+MaxCursor-1)/MaxCursor, 1)
	c := &frame.Cursor{W: w / by, H: h / by}
	if c.W <= 0 || c.H <= 0 || w*h*4 > len(pix) {
		return &frame.Cursor{}
	}
	c.HotX, c.HotY = min(max(hot.X/by, 0), c.W-1), min(max(hot.Y/by, 0), c.H-1)
	seen := byte(0)
	c.Pix = make([]byte, 0, 4*c.W*c.H)
	for y := range c.H {
		for x := range c.W {
			p := pix[4*(y*by*w+x*by):][:4]
			seen |= p[3]
			c.Pix = append(c.Pix, p...)
		}
	}
	if seen == 0 {
		return &frame.Cursor{}
	}
	sum := fnv.New64a()
	sum.Write([]byte{byte(c.W), byte(c.W >> 8), byte(c.H), byte(c.H >> 8), byte(c.HotX), byte(c.HotX >> 8), byte(c.HotY), byte(c.HotY >> 8)})
	sum.Write(c.Pix)
	c.ID = max(sum.Sum64(), 1)
	return c
}
