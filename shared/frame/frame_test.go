package frame

import (
	"image"
	"math/rand/v2"
	"testing"
)

func TestJoinNeverLosesAPixel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		limit := 1 + rng.IntN(12)
		var rs, all []Rect
		for range 30 {
			x, y := rng.IntN(100), rng.IntN(100)
			r := image.Rect(x, y, x+rng.IntN(20), y+rng.IntN(20))
			all = append(all, r)
			rs = Join(rs, r, limit)
			if len(rs) > limit {
				t.Fatalf("%d rectangles, limit %d", len(rs), limit)
			}
		}
		for _, r := range all {
			if !Covers(rs, r) {
				t.Fatalf("%v is not covered by %v", r, rs)
			}
		}
	}
}

func TestJoinMakesOneOfNeighbours(t *testing.T) {
	rs := Join(nil, image.Rect(0, 0, 32, 32), 8)
	rs = Join(rs, image.Rect(64, 0, 96, 32), 8)
	rs = Join(rs, image.Rect(32, 0, 64, 32), 8)
	if len(rs) != 1 || rs[0] != image.Rect(0, 0, 96, 32) {
		t.Fatalf("got %v", rs)
	}
}

func TestCoversCountsEveryPixel(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		var rs []Rect
		for range rng.IntN(6) {
			x, y := rng.IntN(10), rng.IntN(10)
			rs = append(rs, image.Rect(x, y, x+rng.IntN(6), y+rng.IntN(6)))
		}
		r := image.Rect(rng.IntN(8), rng.IntN(8), 4+rng.IntN(8), 4+rng.IntN(8))
		want := true
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				in := false
				for _, c := range rs {
					in = in || image.Pt(x, y).In(c)
				}
				want = want && in
			}
		}
		if got := Covers(rs, r); got != want {
			t.Fatalf("Covers(%v, %v) = %v", rs, r, got)
		}
	}
}

func TestUnitsAndPointUndoEachOther(t *testing.T) {
	for _, w := range []int{1, 2, 3, 640, 1366, 1920, 3840, 8191, 32768} {
		r := image.Rect(-100, 7, -100+w, 7+w)
		for x := range w {
			p := image.Pt(r.Min.X+x, r.Max.Y-1-x)
			ux, uy := Units(r, p)
			if got := Point(r, ux, uy); got != p {
				t.Fatalf("width %d: %v came back as %v", w, p, got)
			}
		}
	}
	if x, y := Units(image.Rect(0, 0, 10, 10), image.Pt(-5, 50)); Point(image.Rect(0, 0, 10, 10), x, y) != image.Pt(0, 9) {
		t.Fatal("a point outside must go to the nearest edge")
	}
}

func TestEqualIgnoresTheFourthByte(t *testing.T) {
	a, b := New(5, 3), New(5, 3)
	for i := 3; i < len(a.Pix); i += 4 {
		a.Pix[i] = byte(i)
	}
	if !Equal(a, b) {
		t.Fatal("fourth bytes counted")
	}
	for _, x := range []int{0, 1, 4} {
		c := b.Clone()
		c.Row(2, x, x+1)[1] = 9
		if Equal(a, c) {
			t.Fatalf("change at %d not seen", x)
		}
	}
}

func TestSubSharesItsPixels(t *testing.T) {
	m := New(8, 8)
	s := m.Sub(image.Rect(2, 3, 5, 20))
	if s.W != 3 || s.H != 5 {
		t.Fatalf("size %d×%d", s.W, s.H)
	}
	s.Row(0, 0, 1)[0] = 77
	if m.Row(3, 2, 3)[0] != 77 {
		t.Fatal("not the same memory")
	}
	if e := m.Sub(image.Rect(9, 9, 12, 12)); e.W != 0 || e.H != 0 {
		t.Fatalf("outside gives %v", e.Bounds())
	}
}

func TestRGBASwapsBlueAndRed(t *testing.T) {
	m := New(1, 1)
	copy(m.Pix, []byte{1, 2, 3, 0})
	if got := m.RGBA().RGBAAt(0, 0); got.R != 3 || got.G != 2 || got.B != 1 || got.A != 255 {
		t.Fatalf("got %v", got)
	}
}

func random(rng *rand.Rand, w, h int) Image {
	m := New(w, h)
	for i := range m.Pix {
		if i%4 != 3 {
			m.Pix[i] = byte(rng.Uint32())
		}
	}
	return m
}

// Drawing only what changed must give what drawing everything gives.
func TestScaleOfAPartEqualsScaleOfAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		src := random(rng, 1+rng.IntN(40), 1+rng.IntN(40))
		w, h := 1+rng.IntN(80), 1+rng.IntN(80)
		part, whole := New(w, h), New(w, h)
		Scale(part, src, src.Bounds())
		x, y := rng.IntN(src.W), rng.IntN(src.H)
		r := image.Rect(x, y, x+1+rng.IntN(10), y+1+rng.IntN(10)).Intersect(src.Bounds())
		for y := r.Min.Y; y < r.Max.Y; y++ {
			row := src.Row(y, r.Min.X, r.Max.X)
			for i := range row {
				row[i] ^= 0x55
			}
		}
		Scale(part, src, r)
		Scale(whole, src, src.Bounds())
		if !Equal(part, whole) {
			t.Fatalf("%d×%d to %d×%d, %v: not the same", src.W, src.H, w, h, r)
		}
	}
}

func TestScaleKeepsAPlainColour(t *testing.T) {
	src := New(37, 23)
	for i := 0; i < len(src.Pix); i += 4 {
		copy(src.Pix[i:], []byte{10, 200, 255})
	}
	for _, s := range [][2]int{{1, 1}, {5, 90}, {36, 24}, {100, 3}, {74, 46}} {
		dst := New(s[0], s[1])
		if r := Scale(dst, src, src.Bounds()); r != dst.Bounds() {
			t.Fatalf("drew only %v", r)
		}
		for i := 0; i < len(dst.Pix); i += 4 {
			if dst.Pix[i] != 10 || dst.Pix[i+1] != 200 || dst.Pix[i+2] != 255 {
				t.Fatalf("%v: pixel %d is %v", s, i/4, dst.Pix[i:i+3])
			}
		}
	}
}

func TestHalvingAverages(t *testing.T) {
	src := New(2, 2)
	for i, v := range []byte{0, 100, 200, 100} {
		src.Pix[4*i] = v
	}
	dst := New(1, 1)
	Scale(dst, src, src.Bounds())
	if dst.Pix[0] != 100 {
		t.Fatalf("average is %d", dst.Pix[0])
	}
}

func TestFitKeepsProportions(t *testing.T) {
	for _, c := range []struct {
		w, h, ww, wh int
		want         Rect
	}{
		{1920, 1080, 960, 1000, image.Rect(0, 230, 960, 770)},
		{1000, 1000, 300, 100, image.Rect(100, 0, 200, 100)},
		{10, 10, 0, 5, Rect{}},
		{10000, 1, 100, 100, image.Rect(0, 49, 100, 50)},
	} {
		if got := Fit(c.w, c.h, c.ww, c.wh); got != c.want {
			t.Errorf("Fit(%d,%d,%d,%d) = %v, want %v", c.w, c.h, c.ww, c.wh, got, c.want)
		}
	}
}

func BenchmarkScaleFullHDToWindow(b *testing.B) {
	src, dst := New(1920, 1080), New(1280, 720)
	for b.Loop() {
		Scale(dst, src, src.Bounds())
	}
}
