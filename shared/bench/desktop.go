package bench

import (
	"fmt"
	"image"
	"image/color"
	"iter"
	"math/rand/v2"
	"time"

	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"handrail/shared/frame"
)

// Scene is something that happens on a drawn desktop.
type Scene string

// The scenes.
const (
	Typing    Scene = "typing"    // a letter in each frame, and a caret; at the lower edge the text moves up
	Scrolling Scene = "scrolling" // a page of text with pictures moves up by 40 pixels
	Dragging  Scene = "dragging"  // a window moves over others
	Photos    Scene = "photos"    // a photograph, another one in every tenth frame
	Film      Scene = "film"      // a moving picture with grain
)

// Scenes are all of them.
func Scenes() []Scene { return []Scene{Typing, Scrolling, Dragging, Photos, Film} }

// beat is the time between two frames.
const beat = time.Second / 30

// cell is the size of a letter with the space around it.
var cell = image.Pt(7, 15)

// Desktop draws n frames of a scene on w by h pixels, the same ones at each
// call on every machine. The fourth bytes of all pixels are 0.
func Desktop(s Scene, w, h, n int) iter.Seq[Frame] {
	return func(yield func(Frame) bool) {
		c := &canvas{Image: frame.New(w, h)}
		step := c.begin(s)
		for i := range n {
			if i > 0 {
				c.damage = c.damage[:0]
				step(i)
			} else {
				c.damage = append(c.damage[:0], c.Bounds())
			}
			if !yield(Frame{Image: c.Image, Damage: c.damage, At: time.Duration(i) * beat}) {
				return
			}
		}
	}
}

// begin draws the first frame and returns what draws frame i after the one
// before.
func (c *canvas) begin(s Scene) (step func(i int)) {
	all := c.Bounds()
	c.fill(all, 0x305070)
	inner := all.Inset(min(c.W, c.H) / 16)
	switch s {
	case Typing:
		return c.typing(inner)
	case Scrolling:
		c.page(inner, 0)
		return func(i int) { c.page(inner, 40*i) }
	case Dragging:
		return c.dragging()
	case Photos:
		c.photo(inner, 0, 0)
		return func(i int) {
			if i%10 == 0 {
				c.photo(inner, i/10, 0)
			}
		}
	case Film:
		c.photo(inner, 0, 1)
		return func(i int) { c.photo(inner, 3*i, uint32(i+1)) }
	}
	panic(fmt.Sprintf("bench: no scene %q", s)) // a mistake of the caller
}

// canvas is a desktop being drawn.
type canvas struct {
	frame.Image
	damage []frame.Rect
}

func (c *canvas) changed(r frame.Rect) {
	c.damage = frame.Join(c.damage, r.Intersect(c.Bounds()), 16)
}

func (c *canvas) fill(r frame.Rect, rgb uint32) {
	r = r.Intersect(c.Bounds())
	c.changed(r)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := c.Row(y, r.Min.X, r.Max.X)
		for i := 0; i < len(row); i += 4 {
			row[i], row[i+1], row[i+2] = byte(rgb), byte(rgb>>8), byte(rgb>>16)
		}
	}
}

// letter draws one at a place, its upper left corner, inside clip.
func (c *canvas) letter(at image.Point, clip frame.Rect, letter rune, rgb uint32) {
	face := basicfont.Face7x13
	to, mask, from, _, ok := face.Glyph(fixed.P(at.X, at.Y+face.Ascent), letter)
	if !ok {
		return
	}
	in := to.Intersect(clip).Intersect(c.Bounds())
	c.changed(in)
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			p := from.Add(image.Pt(x, y).Sub(to.Min))
			if a, ok := mask.At(p.X, p.Y).(color.Alpha); ok && a.A > 0 {
				d := c.Row(y, x, x+1)
				d[0], d[1], d[2] = byte(rgb), byte(rgb>>8), byte(rgb>>16)
			}
		}
	}
}

// line draws text into clip, in colours that change from word to word.
func (c *canvas) line(at image.Point, clip frame.Rect, text string) {
	inks := []uint32{0x202020, 0x1a4fa0, 0x208030, 0x202020, 0xa03060}
	ink := 0
	for i, l := range text {
		if l == ' ' {
			ink = (ink + 1) % len(inks)
		}
		c.letter(at.Add(image.Pt(i*cell.X, 0)), clip, l, inks[ink])
	}
}

// sentence is text of n letters that means nothing, the same for each seed.
func sentence(seed uint64, n int) string {
	rng := rand.New(rand.NewPCG(seed, 11))
	text := make([]byte, n)
	left := 0
	for i := range text {
		if left == 0 {
			text[i], left = ' ', 2+rng.IntN(8)
			continue
		}
		left--
		text[i] = "etaoinshrdlucmfwypvbgkqjxz(){}.;=\"09"[min(rng.IntN(36), rng.IntN(36))]
	}
	return string(text)
}

// typing fills half of an editor with text and goes on below it.
func (c *canvas) typing(in frame.Rect) (step func(int)) {
	c.fill(in, 0xfcfcf8)
	columns, rows := max(in.Dx()/cell.X, 1), max(in.Dy()/cell.Y, 1)
	at := func(column, row int) image.Point { return in.Min.Add(image.Pt(column*cell.X, row*cell.Y)) }
	for row := range rows / 2 {
		c.line(at(0, row), in, sentence(uint64(row), columns*2/3))
	}
	row, column, text := rows/2, 0, sentence(99, max(columns*2/3, 1))
	caret := func(rgb uint32) {
		p := at(column, row)
		c.fill(image.Rect(p.X, p.Y, p.X+1, p.Y+cell.Y).Intersect(in), rgb)
	}
	return func(i int) {
		caret(0xfcfcf8)
		if column == len(text) {
			row, column, text = row+1, 0, sentence(uint64(100+i), len(text))
		}
		if row == rows {
			row--
			c.up(in, cell.Y, 0xfcfcf8)
		}
		c.letter(at(column, row), in, rune(text[column]), 0x202020)
		column++
		caret(0x202020)
	}
}

// up moves the picture inside r up by so many pixels.
func (c *canvas) up(r frame.Rect, by int, rgb uint32) {
	for y := r.Min.Y; y < r.Max.Y-by; y++ {
		copy(c.Row(y, r.Min.X, r.Max.X), c.Row(y+by, r.Min.X, r.Max.X))
	}
	c.fill(image.Rect(r.Min.X, max(r.Max.Y-by, r.Min.Y), r.Max.X, r.Max.Y), rgb)
	c.changed(r)
}

// page draws the part of an endless page that begins at so many pixels.
func (c *canvas) page(in frame.Rect, from int) {
	c.fill(in, 0xffffff)
	for n := from / cell.Y; n*cell.Y-from < in.Dy(); n++ {
		at := in.Min.Add(image.Pt(cell.X, n*cell.Y-from))
		if n%24 < 16 {
			c.line(at, in, sentence(uint64(n), in.Dx()/cell.X*7/8))
			continue
		}
		c.strip(image.Rect(at.X, at.Y, at.X+in.Dx()/2, at.Y+cell.Y).Intersect(in), uint32(n/24), at.Sub(image.Pt(0, n%24*cell.Y)), 0)
	}
}

// dragging moves a window on a path that comes back to its start.
func (c *canvas) dragging() (step func(int)) {
	c.photo(c.Bounds(), 5, 0)
	c.window(image.Rect(c.W/16, c.H/16, c.W*9/16, c.H*12/16), 1)
	below := c.Clone()
	size := image.Pt(c.W/3, c.H/3)
	place := func(i int) frame.Rect {
		swing := func(i, far int) int { // there and back
			if i %= 80; i > 40 {
				i = 80 - i
			}
			return far * i / 40
		}
		at := image.Pt(swing(i, c.W-size.X), swing(i*3, c.H-size.Y))
		return frame.Rect{Min: at, Max: at.Add(size)}
	}
	c.window(place(0), 2)
	return func(i int) {
		was := place(i - 1)
		frame.Copy(c.Image, below, was)
		c.changed(was)
		c.window(place(i), 2)
	}
}

// window draws one with a title and text.
func (c *canvas) window(r frame.Rect, seed uint64) {
	c.fill(r, 0xf4f4f0)
	c.fill(image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+cell.Y+4), 0x4060a0)
	for y := cell.Y + 6; y+cell.Y < r.Dy(); y += cell.Y {
		c.line(r.Min.Add(image.Pt(4, y)), r, sentence(seed<<16+uint64(y), max(r.Dx()/cell.X-2, 0)))
	}
}

// photo fills r with something like a photograph; at is how far the camera has
// moved, grain its noise, different for each number and none for 0.
func (c *canvas) photo(r frame.Rect, at int, grain uint32) {
	c.strip(r, uint32(at/64), r.Min.Sub(image.Pt(at%64*2, at%64)), grain)
}

// strip fills r with a part of photograph n, whose corner lies at zero.
func (c *canvas) strip(r frame.Rect, n uint32, zero image.Point, grain uint32) {
	r = r.Intersect(c.Bounds())
	c.changed(r)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := c.Row(y, r.Min.X, r.Max.X)
		for x := 0; x*4 < len(row); x++ {
			u, v := uint32(r.Min.X+x-zero.X), uint32(y-zero.Y)
			light := smooth(u, v, 7, n) + smooth(u, v, 5, n+50)/2 + smooth(u, v, 2, n+70)/8
			noise := uint32(0)
			if grain > 0 {
				noise = scatter(u, v, grain) & 7
			}
			row[4*x] = byte(min((light>>1)+noise, 255))
			row[4*x+1] = byte(min((light*5>>3)+noise, 255))
			row[4*x+2] = byte(min((smooth(u, v, 6, n+90)>>2)+(light>>1)+noise, 255))
		}
	}
}

// scatter is a number from 0 to 255 that looks like chance.
func scatter(x, y, seed uint32) uint32 {
	h := x*0x9e3779b1 ^ y*0x85ebca77 ^ seed*0xc2b2ae3d
	h ^= h >> 15
	h *= 0x2c1b3c6d
	return (h ^ h>>13) >> 8 & 0xff
}

// smooth is a number from 0 to 255 that changes slowly: chance at the corners
// of squares with sides of 1<<side, and between them what lies between.
func smooth(x, y uint32, side int, seed uint32) uint32 {
	size := uint32(1) << side
	i, j, u, v := x>>side, y>>side, x&(size-1), y&(size-1)
	top := scatter(i, j, seed)*(size-u) + scatter(i+1, j, seed)*u
	low := scatter(i, j+1, seed)*(size-u) + scatter(i+1, j+1, seed)*u
	return (top*(size-v) + low*v) >> (2 * side)
}
