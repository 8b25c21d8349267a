package codec

import (
	"encoding/binary"

	"handrail/shared/frame"
)

// colours masks the three bytes of a pixel that have a meaning.
const colours = 0x00ff_ffff

// Around a box that is coded lie the pixels that its own are predicted from.
const (
	margin   = 2
	patchRow = side + 2*margin
)

// patch is one box with what lies around it, cut out of the picture: small
// enough to stay in the processor's nearest cache, and with 0 for whatever is
// outside of the stripe. Pixel (x, y) of the box is at
// (y+margin)*patchRow + margin + x.
type patch [(side + margin) * patchRow]uint32

// surround reads what lies above, left and right of the box r: margin rows
// above, margin columns left, one right. Pixels outside x0 to x1 and above the
// picture are 0.
func (p *patch) surround(pic frame.Image, r frame.Rect, x0, x1 int) {
	for y := -margin; y < r.Dy(); y++ {
		row := p[(y+margin)*patchRow:][:patchRow]
		abs := r.Min.Y + y
		if abs < 0 {
			clear(row)
			continue
		}
		line := pic.Pix[abs*pic.Stride:][:4*pic.W]
		if y < 0 {
			readRow(row[margin:], line[4*r.Min.X:4*r.Max.X])
		}
		for i := range margin {
			row[i] = pixelAt(line, r.Min.X-margin+i, x0, x1)
		}
		row[margin+r.Dx()] = pixelAt(line, r.Max.X, x0, x1)
	}
}

// fill reads the box itself.
func (p *patch) fill(pic frame.Image, r frame.Rect) {
	for y := range r.Dy() {
		readRow(p[(y+margin)*patchRow+margin:], pic.Row(r.Min.Y+y, r.Min.X, r.Max.X))
	}
}

// store writes the box into the picture.
func (p *patch) store(pic frame.Image, r frame.Rect) {
	for y := range r.Dy() {
		from := p[(y+margin)*patchRow+margin:][:r.Dx()]
		row := pic.Row(r.Min.Y+y, r.Min.X, r.Max.X)
		for _, c := range from {
			binary.LittleEndian.PutUint32(row, c)
			row = row[4:]
		}
	}
}

func readRow(to []uint32, from []byte) {
	to = to[:len(from)/4]
	i := 0
	for ; i+2 <= len(to); i += 2 {
		v := binary.LittleEndian.Uint64(from[4*i:]) & frame.Colours
		to[i], to[i+1] = uint32(v), uint32(v>>32)
	}
	if i < len(to) {
		to[i] = binary.LittleEndian.Uint32(from[4*i:]) & colours
	}
}

func pixelAt(line []byte, x, x0, x1 int) uint32 {
	if x < x0 || x >= x1 {
		return 0
	}
	return binary.LittleEndian.Uint32(line[4*x:]) & colours
}
