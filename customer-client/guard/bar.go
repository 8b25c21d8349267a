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
	barHeight = 42
	barPad    = 16
	barGap    = 6
	barMost   = 760 // wider, and the text is cut
	barRound  = 12  // radius of the bar's corners
	buttonPad = 14
	buttonIn  = 6 // from the bar's edge
	round     = 8 // radius of the button's corners
	signSize  = 10
	signRound = 2
	signGap   = 8
	textSize  = 14
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

// faces are what the bar is written in: who it is in bold, as in the window.
type faces struct{ plain, bold font.Face }

// parseFonts reads the two fonts of the bar.
func parseFonts(plain, bold []byte) (f faces, err error) {
	if f.plain, err = parseFont(plain); err != nil {
		return faces{}, err
	}
	if f.bold, err = parseFont(bold); err != nil {
		return faces{}, err
	}
	return f, nil
}

func parseFont(ttf []byte) (font.Face, error) {
	f, err := opentype.Parse(ttf)
	if err != nil {
		return nil, fmt.Errorf("reading a font of the bar: %w", err)
	}
	// Not hinted: the window's letters aren't either.
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: textSize, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, fmt.Errorf("reading a font of the bar: %w", err)
	}
	return face, nil
}

// bar is a drawn bar and where its button is.
type bar struct {
	img  *image.RGBA
	stop image.Rectangle
}

// drawBar draws the bar as wide as its text needs, and not wider than most.
func drawBar(f faces, s Showing, pressed bool, most int) bar {
	most = min(most, barMost)
	button := buttonPad + signSize + signGap + width(f.bold, s.Stop) + buttonPad
	room := most - 2*barPad - button - buttonIn
	title := clip(f.bold, s.Title, room)
	detail := clip(f.plain, s.Detail, max(room-width(f.bold, title)-barGap, 0))
	text := width(f.bold, title)
	if detail != "" {
		text += barGap + width(f.plain, detail)
	}
	b := bar{img: image.NewRGBA(image.Rect(0, 0, barPad+text+barPad+button+buttonIn, barHeight))}
	r := b.img.Bounds()
	draw.Draw(b.img, r, image.NewUniform(s.colour()), image.Point{}, draw.Src)
	b.stop = image.Rect(r.Max.X-buttonIn-button, buttonIn, r.Max.X-buttonIn, r.Max.Y-buttonIn)
	fill := stopColour
	if pressed {
		fill = stopPressed
	}
	fillRound(b.img, b.stop, round, fill, s.colour())
	write(b.img, f.bold, title, barPad, textColour)
	if detail != "" {
		write(b.img, f.plain, detail, barPad+width(f.bold, title)+barGap, textColour)
	}
	sign := image.Rect(0, 0, signSize, signSize).Add(image.Pt(b.stop.Min.X+buttonPad, (barHeight-signSize)/2))
	fillRound(b.img, sign, signRound, s.colour(), fill)
	write(b.img, f.bold, s.Stop, sign.Max.X+signGap, s.colour())
	return b
}

// edges are the lines of a bar with round corners, from the left and to the
// right of each: what is outside shows what is below. At the top of the screen
// the bar hangs on the frame and has corners below alone.
func edges(size image.Point, hangs bool) []image.Rectangle {
	lines := []image.Rectangle{}
	for y := range size.Y {
		in := 0
		if fromEdge := min(y, size.Y-1-y); fromEdge < barRound && (!hangs || y > barRound) {
			for in < barRound && corner(in, fromEdge, barRound) < 8 {
				in++
			}
		}
		lines = append(lines, image.Rect(in, y, size.X-in, y+1))
	}
	return lines
}

// fillRound fills a rectangle with round corners on a ground of one colour.
func fillRound(m *image.RGBA, r image.Rectangle, round int, c, ground color.RGBA) {
	draw.Draw(m, r, image.NewUniform(c), image.Point{}, draw.Src)
	for y := range round {
		for x := range round {
			cover := corner(x, y, round)
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

// corner is how much of a pixel of a rounded corner is inside, in 16ths,
// counted on a grid of 4 by 4 points.
func corner(x, y, round int) int {
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

// write writes in the middle of the bar's height: capitals have as much room
// above as below.
func write(m draw.Image, face font.Face, text string, x int, c color.Color) {
	y := (fixed.I(barHeight) + face.Metrics().CapHeight) / 2
	d := font.Drawer{Dst: m, Src: image.NewUniform(c), Face: face, Dot: fixed.Point26_6{X: fixed.I(x), Y: fixed.I(y.Round())}}
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
