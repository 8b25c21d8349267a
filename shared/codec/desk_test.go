package codec

import (
	"image"
	"math/rand/v2"

	"handrail/shared/frame"
)

// desk is a desktop at which somebody works: it changes in the ways screens
// change, a step at a time, the same ones for the same seed.
type desk struct {
	frame.Image
	rng    *rand.Rand
	damage []frame.Rect // of the step at hand
	window frame.Rect   // is dragged about; empty: there is none
	under  frame.Image  // what the window hides
	menu   frame.Rect   // is open; empty: there is none
	behind frame.Image  // what the menu hides
	caret  image.Point
	film   frame.Rect // in which pictures move; empty: there is none
	shot   int        // the picture of the film
}

func newDesk(seed uint64, w, h int) *desk {
	m := &desk{Image: frame.New(w, h), rng: rand.New(rand.NewPCG(seed, 21))}
	m.fill(m.Bounds(), 0x305070)
	m.text(m.Bounds().Inset(min(w, h)/8), 1)
	return m
}

// some is a random part of the desktop, of at most that size.
func (m *desk) some(w, h int) frame.Rect {
	x, y := m.rng.IntN(m.W), m.rng.IntN(m.H)
	return image.Rect(x, y, x+1+m.rng.IntN(w), y+1+m.rng.IntN(h)).Intersect(m.Bounds())
}

// changed reports what a step drew; often more than that, as programs do.
func (m *desk) changed(r frame.Rect) {
	if m.rng.IntN(4) == 0 {
		r = r.Inset(-m.rng.IntN(80))
	}
	m.damage = append(m.damage, r)
}

// dot sets one pixel. The fourth byte is whatever it is.
func dot(p []byte, c uint32) {
	p[0], p[1], p[2], p[3] = byte(c), byte(c>>8), byte(c>>16), byte(c>>5^c>>20)
}

func (m *desk) fill(r frame.Rect, c uint32) {
	r = r.Intersect(m.Bounds())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := m.Row(y, r.Min.X, r.Max.X)
		for ; len(row) > 0; row = row[4:] {
			dot(row, c)
		}
	}
}

// glyph is the letter n at a place, of 7 by 11 pixels.
func (m *desk) glyph(at image.Point, within frame.Rect, n int) {
	shape := uint64(n+1) * mulA
	shape ^= shape >> 23
	for dy := range 11 {
		for dx := range 7 {
			p := at.Add(image.Pt(dx, dy))
			bit := shape >> ((dy/2*4 + dx/2) & 63)
			if bit&1 == 0 || !p.In(within) {
				continue
			}
			ink := uint32(0x202020)
			if dx&1 == 1 && bit&2 == 0 {
				ink = 0x909090 // as smoothed letters have
			}
			dot(m.Row(p.Y, p.X, p.X+1), ink)
		}
	}
}

// text fills r with lines of it.
func (m *desk) text(r frame.Rect, page int) {
	r = r.Intersect(m.Bounds())
	m.fill(r, 0xfcfcf8)
	s := uint64(page+1) * mulB
	chance := func(n uint64) int {
		s = s*6364136223846793005 + 1442695040888963407
		return int(s >> 33 % n)
	}
	for y := r.Min.Y + 2; y < r.Max.Y; y += 14 {
		for x, n := r.Min.X+3, chance(90); x < r.Max.X && n > 0; n-- {
			if chance(6) > 0 {
				m.glyph(image.Pt(x, y), r, chance(40))
			}
			x += 8
		}
	}
}

// photo fills r with something like a photograph: waves with grain. shot moves
// the camera.
func (m *desk) photo(r frame.Rect, shot int) {
	r = r.Intersect(m.Bounds())
	wave := func(v, by int) int {
		v = v * by >> 3 & 511
		if v > 255 {
			v = 511 - v
		}
		return v
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := m.Row(y, r.Min.X, r.Max.X)
		for x := r.Min.X; x < r.Max.X; x++ {
			u, v := x+3*shot, y-shot
			grain := int(uint32(u*31+v*57+shot)*mulU>>29) - 4
			b := wave(u+v, 9)/2 + wave(u*v>>6, 5)/3 + grain + 20
			g := wave(u, 14)/2 + wave(v*v>>7, 7)/3 + grain + 20
			d := wave(v, 11)/2 + wave(u-v, 6)/3 + grain + 20
			dot(row, uint32(b&255|g&255<<8|d&255<<16))
			row = row[4:]
		}
	}
}

// step lets something happen.
func (m *desk) step() {
	m.damage = m.damage[:0]
	switch n := m.rng.IntN(20); {
	case n < 6:
		m.typing()
	case n < 8:
		m.scroll()
	case n < 9:
		m.slide()
	case n < 12:
		m.drag()
	case n < 14:
		m.popUp()
	case n < 15:
		m.picture()
	case n < 16:
		m.films()
	case n < 18:
		m.scribble()
	case n < 19:
		m.changed(m.some(m.W, m.H)) // nothing did
	}
	if !m.film.Empty() {
		m.shot = (m.shot + 1) % 1000
		m.photo(m.film, m.shot)
		m.changed(m.film)
	}
}

// typing adds a letter where the caret is.
func (m *desk) typing() {
	if m.caret.X+8 > m.W || m.rng.IntN(40) == 0 {
		m.caret = m.some(1, 1).Min
	}
	r := image.Rectangle{Min: m.caret, Max: m.caret.Add(image.Pt(8, 14))}.Intersect(m.Bounds())
	m.fill(r, 0xfcfcf8)
	m.glyph(m.caret, r, m.rng.IntN(40))
	m.caret.X += 8
	m.changed(r)
}

// scroll moves a part of the desktop up or down, and something new comes in.
func (m *desk) scroll() {
	r := m.some(m.W, m.H)
	by := m.rng.IntN(2*r.Dy()+1) - r.Dy()
	m.shift(r, image.Pt(0, by))
	page := m.rng.IntN(9)
	if by < 0 {
		m.text(image.Rect(r.Min.X, r.Max.Y+by, r.Max.X, r.Max.Y), page)
	} else {
		m.text(image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+by), page)
	}
	m.changed(r)
}

// slide moves a part of the desktop anywhere.
func (m *desk) slide() {
	r := m.some(m.W, m.H)
	m.shift(r, image.Pt(m.rng.IntN(101)-50, m.rng.IntN(101)-50))
	m.changed(r)
}

// shift moves what r shows by so many pixels inside r.
func (m *desk) shift(r frame.Rect, by image.Point) {
	to := r.Add(by).Intersect(r)
	for n := range to.Dy() {
		y := to.Min.Y + n
		if by.Y > 0 {
			y = to.Max.Y - 1 - n
		}
		copy(m.Row(y, to.Min.X, to.Max.X), m.Row(y-by.Y, to.Min.X-by.X, to.Max.X-by.X))
	}
}

// cover draws over r and returns what was there.
func (m *desk) cover(r frame.Rect, draw func()) (was frame.Image) {
	was = m.Sub(r).Clone()
	draw()
	m.changed(r)
	return was
}

// uncover shows what a cover has hidden.
func (m *desk) uncover(r frame.Rect, was frame.Image) {
	for y := range was.H {
		copy(m.Row(r.Min.Y+y, r.Min.X, r.Max.X), was.Row(y, 0, was.W))
	}
	m.changed(r)
}

// drag opens a window, moves it a little or closes it.
func (m *desk) drag() {
	m.closeMenu()
	r := m.window
	if !r.Empty() {
		m.uncover(r, m.under)
	}
	switch {
	case r.Empty():
		r = m.some(m.W, m.H)
	case m.rng.IntN(12) == 0:
		r = frame.Rect{}
	default:
		r = r.Add(image.Pt(m.rng.IntN(61)-30, m.rng.IntN(61)-30)).Intersect(m.Bounds())
	}
	if m.window = r; r.Empty() {
		return
	}
	m.under = m.cover(r, func() {
		m.text(r, 5)
		m.fill(image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+16).Intersect(r), 0x4060a0)
	})
}

// popUp opens a menu, or closes it.
func (m *desk) popUp() {
	if !m.menu.Empty() {
		m.closeMenu()
		return
	}
	m.menu = m.some(200, 200)
	m.behind = m.cover(m.menu, func() { m.text(m.menu, 3) })
}

func (m *desk) closeMenu() {
	if !m.menu.Empty() {
		m.uncover(m.menu, m.behind)
		m.menu = frame.Rect{}
	}
}

// picture shows a photograph.
func (m *desk) picture() {
	r := m.some(300, 300)
	m.photo(r, m.rng.IntN(1000))
	m.changed(r)
}

// films starts a film or stops it.
func (m *desk) films() {
	if m.film.Empty() && m.rng.IntN(3) == 0 {
		m.film = m.some(400, 300)
	} else {
		m.film = frame.Rect{}
	}
}

// scribble paints what no program would: gradients, noise, single pixels.
func (m *desk) scribble() {
	r := m.some(m.W, m.H)
	colour, kind := m.rng.Uint32(), m.rng.IntN(4)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := m.Row(y, r.Min.X, r.Max.X)
		for ; len(row) > 0; row = row[4:] {
			switch kind {
			case 0:
				dot(row, colour)
			case 1:
				dot(row, uint32(len(row))+uint32(y)<<8)
			case 2:
				if m.rng.IntN(50) == 0 {
					dot(row, m.rng.Uint32())
				}
			case 3:
				dot(row, m.rng.Uint32())
			}
		}
	}
	m.changed(r)
}
