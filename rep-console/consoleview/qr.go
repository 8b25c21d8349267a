package consoleview

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"github.com/skip2/go-qrcode"
)

// qrSide is how large a code is shown, in units: a telephone reads it from an
// arm's length.
const qrSide = 186

// newQR shows text as a QR code, dark on light in every theme, because many
// readers don't know it the other way round.
func newQR() *canvas.Image {
	q := canvas.NewImageFromImage(image.NewGray(image.Rect(0, 0, 1, 1)))
	q.FillMode, q.ScaleMode = canvas.ImageFillContain, canvas.ImageScalePixels
	q.SetMinSize(fyne.NewSquareSize(qrSide))
	return q
}

// qrPicture is the code of text, four pixels a module, with the margin of four
// modules that ISO/IEC 18004 asks for; nil if text is too long for one.
func qrPicture(text string) image.Image {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil
	}
	const scale = 4
	bits := code.Bitmap()
	m := image.NewPaletted(image.Rect(0, 0, scale*len(bits), scale*len(bits)), color.Palette{color.White, color.Black})
	for y, row := range bits {
		for x, black := range row {
			if !black {
				continue
			}
			for i := range scale * scale {
				m.SetColorIndex(scale*x+i%scale, scale*y+i/scale, 1)
			}
		}
	}
	return m
}
