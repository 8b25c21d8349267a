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
