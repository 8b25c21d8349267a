package guard

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Measures of the bar, in pixels.
const (
	barHeight = 40
	barPad    = 14
	barGap    = 10
	barMost   = 720 // wider, and the text is cut
	buttonPad = 14
	buttonIn  = 6 // from the bar's edge
	textSize  = 14
	round     = 8 // radius of the corners
	frameWide = 4
)

// The colours stand out from any desktop and against each other (contrast of
// text at least 4.5 to 1).
var (
	viewColour    = color.RGBA{0x1F, 0x5F, 0xBF, 0xFF}
	controlColour = color.RGBA{0xB4, 0x4B, 0x00, 0xFF}
	textColour    = color.RGBA{0xFF, 0xFF, 0xFF, 0xFF}
	stopColour    = color.RGBA{0xFF, 0xFF, 0xFF, 0xFF}
	stopPressed   = color.RGBA{0xD8, 0xDC, 0xE4, 0xFF}
)

func (s Showing) colour() color.RGBA {
	if s.Control {
		return controlColour
	}
	return viewColour
}

// parseFont reads the font that the bar is written in.
func parseFont(ttf []byte) (font.Face, error) {
	f, err := opentype.Parse(ttf)
	if err != nil {
		return nil, fmt.Errorf("reading the bar's font: %w", err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: textSize, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("reading the bar's font: %w", err)
	}
	return face, nil
}

// bar is a drawn bar and where its button is.
type bar struct {
	img  *image.RGBA
	stop image.Rectangle
}

// drawBar draws the bar as wide as its text needs, and not wider than most.
func drawBar(face font.Face, s Showing, pressed bool, most int) bar {
	most = min(most, barMost)
	label := width(face, s.Stop)
	button := label + 2*buttonPad
	room := most - 2*barPad - barGap - button - buttonIn
	title := clip(face, s.Title, room)
	detail := clip(face, s.Detail, max(room-width(face, title)-barGap, 0))
	text := width(face, title)
	if detail != "" {
		text += barGap + width(face, detail)
	}
	b := bar{img: image.NewRGBA(image.Rect(0, 0, barPad+text+barPad+button+buttonIn, barHeight))}
	r := b.img.Bounds()
	draw.Draw(b.img, r, image.NewUniform(s.colour()), image.Point{}, draw.Src)
	b.stop = image.Rect(r.Max.X-buttonIn-button, buttonIn, r.Max.X-buttonIn, r.Max.Y-buttonIn)
	fill := stopColour
	if pressed {
		fill = stopPressed
	}
	fillRound(b.img, b.stop, fill, s.colour())
	x := barPad
	write(b.img, face, title, x, textColour)
	if detail != "" {
		write(b.img, face, detail, x+width(face, title)+barGap, textColour)
	}
	write(b.img, face, s.Stop, b.stop.Min.X+buttonPad, s.colour())
	return b
}

// fillRound fills a rectangle with round corners on a ground of one colour.
func fillRound(m *image.RGBA, r image.Rectangle, c, ground color.RGBA) {
	draw.Draw(m, r, image.NewUniform(c), image.Point{}, draw.Src)
	for y := range round {
		for x := range round {
			cover := corner(x, y)
			mix := color.RGBA{blend(ground.R, c.R, cover), blend(ground.G, c.G, cover), blend(ground.B, c.B, cover), 0xFF}
			for _, p := range []image.Point{
				{r.Min.X + x, r.Min.Y + y},
				{r.Max.X - 1 - x, r.Min.Y + y},
				{r.Min.X + x, r.Max.Y - 1 - y},
				{r.Max.X - 1 - x, r.Max.Y - 1 - y},
			} {
				m.SetRGBA(p.X, p.Y, mix)
			}
		}
	}
}

// corner is how much of a pixel of the rounded corner is inside, in 16ths,
// counted on a grid of 4 by 4 points.
func corner(x, y int) int {
	inside := 0
	for sy := range 4 {
		for sx := range 4 {
			dx, dy := 8*round-(8*x+2*sx+1), 8*round-(8*y+2*sy+1)
			if dx*dx+dy*dy <= 64*round*round {
				inside++
			}
		}
	}
	return inside
}

func blend(a, b uint8, cover int) uint8 {
	return uint8((int(a)*(16-cover) + int(b)*cover) / 16)
}

func write(m draw.Image, face font.Face, text string, x int, c color.Color) {
	metrics := face.Metrics()
	y := (fixed.I(barHeight) + metrics.Ascent - metrics.Descent) / 2
	d := font.Drawer{Dst: m, Src: image.NewUniform(c), Face: face, Dot: fixed.Point26_6{X: fixed.I(x), Y: y}}
	d.DrawString(text)
}

func width(face font.Face, text string) int { return font.MeasureString(face, text).Ceil() }

// clip cuts text to a width, with an ellipsis.
func clip(face font.Face, text string, most int) string {
	if width(face, text) <= most {
		return text
	}
	for r := []rune(text); len(r) > 0; {
		r = r[:len(r)-1]
		if cut := string(r) + "…"; width(face, cut) <= most {
			return cut
		}
	}
	return ""
}
