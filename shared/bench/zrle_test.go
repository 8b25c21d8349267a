package bench

import (
	"fmt"

	"handrail/shared/frame"
)

// zrleTile is the side of ZRLE's tiles (RFC 6143, 7.7.6).
const zrleTile = 64

// zrleRect paints a rectangle of ZRLE: tiles of 64×64 in one zlib stream.
func (p *painter) zrleRect(r frame.Rect) error {
	n := p.in.u32()
	if int64(n) > int64(8*r.Dx()*r.Dy())+1<<16 {
		return fmt.Errorf("%w: %d bytes for %v", errRFB, n, r)
	}
	if err := p.zrle.add(&p.in, int(n)); err != nil {
		return err
	}
	for y := r.Min.Y; y < r.Max.Y; y += zrleTile {
		for x := r.Min.X; x < r.Max.X; x += zrleTile {
			t := frame.Rect{Min: r.Min, Max: r.Max}
			t.Min.X, t.Min.Y = x, y
			t.Max.X, t.Max.Y = min(x+zrleTile, r.Max.X), min(y+zrleTile, r.Max.Y)
			if err := p.zrleTile(t); err != nil {
				return err
			}
		}
	}
	return nil
}

// pixel is a compressed pixel: blue, green, red.
type pixel [3]byte

// zrleTile paints one tile.
func (p *painter) zrleTile(t frame.Rect) error {
	kind, err := p.zrleByte()
	if err != nil {
		return err
	}
	if kind == 0 {
		for y := t.Min.Y; y < t.Max.Y; y++ {
			row := p.pic.Row(y, t.Min.X, t.Max.X)
			pixels := p.scratch(3 * t.Dx())
			if err := p.zrle.read(pixels); err != nil {
				return err
			}
			for ; len(row) >= 4; row, pixels = row[4:], pixels[3:] {
				copy(row[:3], pixels)
			}
		}
		return nil
	}
	runs := kind&128 != 0
	palette := make([]pixel, kind&127)
	for i := range palette {
		if err := p.zrle.read(palette[i][:]); err != nil {
			return err
		}
	}
	switch {
	case runs && len(palette) != 1:
		return p.zrleRuns(t, palette)
	case !runs && len(palette) <= 16:
		return p.zrlePacked(t, palette)
	}
	return fmt.Errorf("%w: ZRLE of kind %d", errRFB, kind)
}

func (p *painter) zrleByte() (int, error) {
	var b [1]byte
	err := p.zrle.read(b[:])
	return int(b[0]), err
}

// zrlePacked paints pixels of as many bits as the palette needs.
func (p *painter) zrlePacked(t frame.Rect, palette []pixel) error {
	depth := 4
	switch {
	case len(palette) == 1:
		depth = 0
	case len(palette) == 2:
		depth = 1
	case len(palette) <= 4:
		depth = 2
	}
	packed := p.scratch((t.Dx()*depth + 7) / 8)
	for y := t.Min.Y; y < t.Max.Y; y++ {
		row := p.pic.Row(y, t.Min.X, t.Max.X)
		if err := p.zrle.read(packed); err != nil {
			return err
		}
		for x := range t.Dx() {
			c := 0
			if depth > 0 {
				c = int(packed[x*depth/8]) >> (8 - depth - x*depth%8) & (1<<depth - 1)
			}
			if c >= len(palette) {
				return fmt.Errorf("%w: colour %d of %d", errRFB, c, len(palette))
			}
			copy(row[4*x:], palette[c][:])
		}
	}
	return nil
}

// zrleRuns paints runs of a colour, of the palette if there is one.
func (p *painter) zrleRuns(t frame.Rect, palette []pixel) error {
	for at := 0; at < t.Dx()*t.Dy(); {
		var c pixel
		long := true
		if len(palette) == 0 {
			if err := p.zrle.read(c[:]); err != nil {
				return err
			}
		} else {
			b, err := p.zrleByte()
			if err != nil {
				return err
			}
			if b&127 >= len(palette) {
				return fmt.Errorf("%w: colour %d of %d", errRFB, b&127, len(palette))
			}
			c, long = palette[b&127], b&128 != 0
		}
		run := 1
		for long {
			b, err := p.zrleByte()
			if err != nil {
				return err
			}
			run += b
			long = b == 255
			if run > t.Dx()*t.Dy()-at {
				return fmt.Errorf("%w: a run of %d", errRFB, run)
			}
		}
		for ; run > 0; run-- {
			x := t.Min.X + at%t.Dx()
			copy(p.pic.Row(t.Min.Y+at/t.Dx(), x, x+1)[:3], c[:])
			at++
		}
	}
	return nil
}
