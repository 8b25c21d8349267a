package screen

import (
	"bytes"
	"encoding/binary"
	"image"
	"testing"
)

// dots draws a pointer's pixels as letters: # black, o white, . nothing, + any
// other, lower half of opacity ~.
func dots(pix []byte, w int) string {
	var b bytes.Buffer
	for i := 0; i+4 <= len(pix); i += 4 {
		switch p := [4]byte(pix[i:]); {
		case p[3] == 0:
			b.WriteByte('.')
		case p[3] < 128:
			b.WriteByte('~')
		case p == [4]byte{0, 0, 0, 255}:
			b.WriteByte('#')
		case p == [4]byte{255, 255, 255, 255}:
			b.WriteByte('o')
		default:
			b.WriteByte('+')
		}
		if i/4%w == w-1 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func argb(ps ...uint32) (b []byte) {
	for _, p := range ps {
		b = binary.LittleEndian.AppendUint32(b, p)
	}
	return b
}

func TestS08ShapesOfWindowsAreSeenOnEverything(t *testing.T) {
	const i = 0xff000000 // of a masked colour: the screen stays, what is XORed follows
	for _, c := range []struct {
		name string
		s    shape
		want string
	}{
		// AND and XOR mask: 00 black, 01 white, 10 nothing, 11 the opposite.
		{"monochrome", shape{kind: monochrome, w: 4, h: 2, pitch: 1, pix: []byte{0b0011_0000, 0b0100_0000}}, "#o..\n"},
		{
			"a mark between letters",
			shape{kind: monochrome, w: 3, h: 6, pitch: 4, pix: []byte{
				0xff, 0, 0, 0, 0xff, 0, 0, 0, 0xff, 0, 0, 0,
				0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0,
			}},
			".o.\no#o\n.o.\n",
		},
		{"colour", shape{kind: colour, w: 2, h: 2, pitch: 12, pix: argb(0xff00ff00, 0, 9, 0x40ffffff, 0xff000000)}, "+.\n~#\n"},
		{"masked colour", shape{kind: maskedColour, w: 3, h: 1, pitch: 12, pix: argb(0x00ffffff, i|0xffffff, i)}, "o#o\n"},
	} {
		got := c.s.cursor()
		if s := dots(got.Pix, got.W); s != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, s, c.want)
		}
	}
}

func TestIconsWithAndWithoutAlpha(t *testing.T) {
	const white, half = 0x00ffffff, 0x80ff0000
	none := make([]byte, 4*4)
	for _, c := range []struct {
		name          string
		mask, colours []byte
		want          string
	}{
		{"alpha", none, argb(half, 0, 0xff000000, 0xffffffff), "+.\n#o\n"},
		{"mask and colours", argb(0, white, 0, white), argb(0x00010203, 0, white, 0), "+.\no.\n"},
		{"two masks", argb(0, white, 0, white, 0, 0, white, white), nil, "#o\no#\n"},
	} {
		got := iconCursor(2, 2, image.Pt(1, 1), c.mask, c.colours)
		if s := dots(got.Pix, got.W); s != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, s, c.want)
		}
	}
	if got := iconCursor(2, 2, image.Point{}, argb(0, 0, 0), argb(1)); got.ID != 0 {
		t.Errorf("of too few pixels: %+v", got)
	}
}

// Whatever a system tells: a shape is whole, premultiplied, and no larger than
// the messages that carry it.
func FuzzShape(f *testing.F) {
	f.Add(1, 8, 4, 1, 0, 0, []byte{1, 2, 3, 4})
	f.Add(2, 1, 1, 4, 5, -5, []byte{1, 2, 3, 4})
	f.Add(4, 300, 1, 1200, 299, 0, make([]byte, 1200))
	f.Fuzz(func(t *testing.T, kind, w, h, pitch, hotX, hotY int, pix []byte) {
		c := shape{kind: kind, w: w, h: h, pitch: pitch, hot: image.Pt(hotX, hotY), pix: pix}.cursor()
		if c.W < 0 || c.H < 0 || c.W > MaxCursor || c.H > MaxCursor || len(c.Pix) != 4*c.W*c.H {
			t.Fatalf("%d×%d with %d bytes", c.W, c.H, len(c.Pix))
		}
		if c.ID != 0 && !image.Pt(c.HotX, c.HotY).In(image.Rect(0, 0, c.W, c.H)) {
			t.Fatalf("hot spot %d,%d of %d×%d", c.HotX, c.HotY, c.W, c.H)
		}
		for i := 0; i < len(c.Pix); i += 4 {
			if max(c.Pix[i], c.Pix[i+1], c.Pix[i+2]) > c.Pix[i+3] {
				t.Fatalf("pixel %v is not premultiplied", c.Pix[i:i+4])
			}
		}
	})
}
