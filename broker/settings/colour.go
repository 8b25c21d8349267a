package settings

import (
	"fmt"
	"math"
	"strconv"
)

// Colours are a portal's colour, made readable: for buttons and links on the
// light and on the dark page.
type Colours struct{ Light, OnLight, Dark, OnDark string }

// The grounds of the portal's cards, on which links and buttons stand.
var (
	lightCard = rgb{0xff, 0xff, 0xff}
	darkCard  = rgb{0x1c, 0x24, 0x2d}
	ink       = rgb{0x0b, 0x12, 0x1a}
	paper     = rgb{0xff, 0xff, 0xff}
)

// contrast is what text needs on its ground (WCAG 2.2, 1.4.3).
const contrast = 4.5

type rgb [3]uint8

func parseColour(s string) (rgb, bool) {
	if len(s) != 7 || s[0] != '#' {
		return rgb{}, false
	}
	n, err := strconv.ParseUint(s[1:], 16, 24)
	return rgb{uint8(n >> 16), uint8(n >> 8), uint8(n)}, err == nil
}

func (c rgb) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// luminance is WCAG's relative luminance.
func (c rgb) luminance() float64 {
	part := func(b uint8) float64 {
		v := float64(b) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c[0]) + 0.7152*part(c[1]) + 0.0722*part(c[2])
}

func against(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// towards mixes a colour with another, n of 100 parts.
func (c rgb) towards(to rgb, n int) rgb {
	var m rgb
	for i := range c {
		m[i] = uint8((int(c[i])*(100-n) + int(to[i])*n + 50) / 100)
	}
	return m
}

// Colours makes a portal's colour readable on light and dark pages: where it
// has too little contrast it is made darker, or lighter, as little as will do.
// A portal without a colour of its own has none: ok is false.
func (l Look) Colours() (c Colours, ok bool) {
	own, ok := parseColour(l.Colour)
	if !ok {
		return Colours{}, false
	}
	light, dark := own.readable(lightCard, ink), own.readable(darkCard, paper)
	return Colours{light.String(), light.on().String(), dark.String(), dark.on().String()}, true
}

// Changed says whether the colour had to be changed for light or dark pages.
func (l Look) Changed() (light, dark bool) {
	own, ok := parseColour(l.Colour)
	c, _ := l.Colours()
	return ok && own.String() != c.Light, ok && own.String() != c.Dark
}

// readable is the colour nearest to c, on the way to another one, that can be
// read on a ground and be written on.
func (c rgb) readable(ground, to rgb) rgb {
	for n := range 101 {
		m := c.towards(to, n)
		if against(m, ground) >= contrast && against(m, m.on()) >= contrast {
			return m
		}
	}
	return to
}

// on is the colour of text on this one.
func (c rgb) on() rgb {
	if against(c, paper) >= against(c, ink) {
		return paper
	}
	return ink
}
