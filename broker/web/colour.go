package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// RGB is a colour.
type RGB [3]uint8

// What texts and lines need (WCAG 2.2, 1.4.3).
const readable = 4.5

// The grounds that a site's colour is put on: style.css has the same, and a
// test compares them.
var (
	lightGrounds = []RGB{{0xf4, 0xf6, 0xf9}, {0xff, 0xff, 0xff}}
	darkGrounds  = []RGB{{0x12, 0x17, 0x1d}, {0x1c, 0x24, 0x2d}}

	white = RGB{0xff, 0xff, 0xff}
	black = RGB{}
)

// Colour reads "#rrggbb".
func Colour(s string) (RGB, bool) {
	hex, ok := strings.CutPrefix(s, "#")
	v, err := strconv.ParseUint(hex, 16, 24)
	if !ok || len(hex) != 6 || err != nil {
		return RGB{}, false
	}
	return RGB{uint8(v >> 16), uint8(v >> 8), uint8(v)}, true
}

func (c RGB) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// luminance is WCAG 2.2's relative luminance.
func (c RGB) luminance() float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := float64(c[i]) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

// Contrast is WCAG 2.2's: from 1, the same, to 21, black and white.
func Contrast(a, b RGB) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// toward mixes so many hundredths of another colour into c.
func (c RGB) toward(other RGB, hundredths int) RGB {
	for i := range c {
		c[i] = uint8((int(c[i])*(100-hundredths) + int(other[i])*hundredths + 50) / 100)
	}
	return c
}

// readableOn is the nearest to c, on the way to end, that can be read on all of
// the grounds.
func (c RGB) readableOn(grounds []RGB, end RGB) RGB {
	for n := 0; n <= 100; n++ {
		mixed := c.toward(end, n)
		least := math.Inf(1)
		for _, g := range grounds {
			least = min(least, Contrast(mixed, g))
		}
		if least >= readable {
			return mixed
		}
	}
	return end
}

// on is the colour of text on c: black or white, whichever reads better. One of
// them always has a contrast above 4.5.
func (c RGB) on() RGB {
	if Contrast(c, white) >= Contrast(c, black) {
		return white
	}
	return black
}

// Themed is a stylesheet that gives a site its own colour. Buttons have it as it
// is, with text that can be read on it; links and lines have the nearest to it
// that can be read on the page.
func Themed(c RGB) []byte {
	one := func(grounds []RGB, end RGB) string {
		accent := c.readableOn(grounds, end)
		text := c.on()
		away := white // a button under the pointer moves away from its text
		if text == white {
			away = black
		}
		return fmt.Sprintf("--accent: %v; --accent-strong: %v; --on-accent: %v; --button: %v; --button-strong: %v; --on-button: %v;",
			accent, accent.toward(end, 30), accent.on(), c, c.toward(away, 18), text)
	}
	return fmt.Appendf(nil, ":root { %s }\n@media (prefers-color-scheme: dark) { :root { %s } }\n",
		one(lightGrounds, black), one(darkGrounds, white))
}
