//go:build cgo && ((!arm && !arm64 && !gles) || darwin)

package card

import (
	"image"

	"github.com/go-gl/gl/v2.1/gl"
)

// Fast says whether a graphics card paints.
func (c *Card) Fast() bool {
	name := gl.GetString(gl.RENDERER)
	return name != nil && (c.anyway || !software(gl.GoStr(name)))
}

// Update gives parts of m to the texture that was painted last, and has it
// painted again. It does nothing and says false if that is not as large as m.
func (c *Card) Update(m *image.RGBA, parts []image.Rectangle) bool {
	var texture, w, h int32
	gl.GetIntegerv(gl.TEXTURE_BINDING_2D, &texture)
	if texture == 0 {
		return false
	}
	gl.GetTexLevelParameteriv(gl.TEXTURE_2D, 0, gl.TEXTURE_WIDTH, &w)
	gl.GetTexLevelParameteriv(gl.TEXTURE_2D, 0, gl.TEXTURE_HEIGHT, &h)
	if int(w) != m.Rect.Dx() || int(h) != m.Rect.Dy() {
		return false
	}
	gl.PixelStorei(gl.UNPACK_ROW_LENGTH, int32(m.Stride/4))
	for _, r := range parts {
		if r = r.Intersect(m.Rect); r.Empty() {
			continue
		}
		gl.TexSubImage2D(gl.TEXTURE_2D, 0, int32(r.Min.X), int32(r.Min.Y), int32(r.Dx()), int32(r.Dy()),
			gl.RGBA, gl.UNSIGNED_BYTE, gl.Ptr(&m.Pix[m.PixOffset(r.Min.X, r.Min.Y)]))
	}
	gl.PixelStorei(gl.UNPACK_ROW_LENGTH, 0)
	gl.DrawArrays(gl.TRIANGLE_STRIP, 0, 4) // as Fyne has just done
	return true
}
