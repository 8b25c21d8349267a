package screen

import (
	"image"
	"slices"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"

	"handrail/shared/frame"
	"handrail/shared/xdisplay"
)

// BenchmarkSeen is the time from the end of a drawing until an Update has all
// of it, and in how many pictures it came, on 1920×1080. A toolkit's drawing
// is one rectangle; a page is drawn as xterm does, in bursts of letters.
func BenchmarkSeen(b *testing.B) {
	d := xdisplay.Start(b, "1920x1080")
	s, err := Open(d.Name())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	p := newPainter(b, d.Name())
	for _, bm := range []struct {
		name   string
		area   frame.Rect
		bursts int
	}{
		{"key", image.Rect(100, 100, 112, 120), 0},
		{"200x200", image.Rect(100, 100, 300, 300), 0},
		{"half", image.Rect(0, 0, 960, 1080), 0},
		{"all", image.Rect(0, 0, 1920, 1080), 0},
		{"page", image.Rect(100, 100, 1000, 900), 8},
	} {
		b.Run(bm.name, func(b *testing.B) { benchSeen(b, s, p, bm.area, bm.bursts) })
	}
}

func benchSeen(b *testing.B, s *Source, p *painter, area frame.Rect, bursts int) {
	end := image.Rect(area.Max.X-8, area.Max.Y-8, area.Max.X, area.Max.Y)
	var took []time.Duration
	pictures, colour := 0, uint32(0)
	b.ReportAllocs()
	for b.Loop() {
		colour = (colour + 0x010305) & 0xffffff
		for i := range bursts {
			p.letters(area, i, bursts, colour)
		}
		drawn := time.Now()
		if bursts == 0 {
			p.send(area, colour)
		} else {
			p.send(end, colour)
		}
		for seen := false; !seen; pictures++ {
			u, err := s.Next(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			seen = shows(u.Image, end, [3]byte{byte(colour), byte(colour >> 8), byte(colour >> 16)})
		}
		took = append(took, time.Since(drawn))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-p50")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds()), "µs-p95")
	b.ReportMetric(float64(pictures)/float64(len(took)), "pictures/op")
}

// send draws without waiting.
func (p *painter) send(r frame.Rect, pixel uint32) {
	xproto.ChangeGC(p.c, p.gc, xproto.GcForeground, []uint32{pixel})
	xproto.PolyFillRectangle(p.c, xproto.Drawable(p.root), p.gc, []xproto.Rectangle{
		{X: int16(r.Min.X), Y: int16(r.Min.Y), Width: uint16(r.Dx()), Height: uint16(r.Dy())},
	})
}

// letters draws one of several bursts of twenty parts of area.
func (p *painter) letters(area frame.Rect, burst, bursts int, pixel uint32) {
	h := area.Dy() / bursts
	for i := range 20 {
		x := area.Min.X + i*area.Dx()/20
		p.send(image.Rect(x, area.Min.Y+burst*h, x+area.Dx()/25, area.Min.Y+burst*h+h*4/5), pixel)
	}
}
