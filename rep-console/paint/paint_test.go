package paint

import (
	"image"
	"math/rand/v2"
	"testing"

	"handrail/shared/frame"
)

// anywhere is a rectangle somewhere within side by side pixels, may be empty.
func anywhere(r *rand.Rand, side int) frame.Rect {
	x, y := r.IntN(side), r.IntN(side)
	return image.Rect(x, y, x+r.IntN(side-x+1), y+r.IntN(side-y+1))
}

func TestSpotsLoseNothingAndStayFew(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var s spots
		var all []frame.Rect
		for range 1 + r.IntN(300) {
			x := anywhere(r, 400)
			s.add(x)
			if !x.Empty() {
				all = append(all, x)
			}
		}
		if len(s) > maxSpots {
			t.Fatalf("%d spots", len(s))
		}
		for _, x := range all {
			if rest := uncovered(x, s); !rest.Empty() {
				t.Fatalf("%v of %v is not in %v", rest, x, s)
			}
		}
	}
}

// uncovered is a part of r that none of s has; empty if all is covered.
func uncovered(r frame.Rect, s spots) frame.Rect {
	left := []frame.Rect{r}
	for _, o := range s {
		var next []frame.Rect
		for _, l := range left {
			next = append(next, without(l, o)...)
		}
		left = next
	}
	if len(left) == 0 {
		return frame.Rect{}
	}
	return left[0]
}

func TestWithoutIsEveryOtherPixelOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		a, o := anywhere(r, 12), anywhere(r, 12)
		rest := without(a, o)
		if len(rest) > 4 {
			t.Fatalf("%v without %v: %v", a, o, rest)
		}
		for y := range 12 {
			for x := range 12 {
				p := image.Pt(x, y)
				n := 0
				for _, piece := range rest {
					if p.In(piece) {
						n++
					}
				}
				want := 0
				if p.In(a) && !p.In(o) {
					want = 1
				}
				if n != want {
					t.Fatalf("%v without %v: pixel %v is in %d pieces, want %d", a, o, p, n, want)
				}
			}
		}
	}
}

func TestBlendPutsThePointerOverThePicture(t *testing.T) {
	m := frame.New(4, 4)
	for i := range m.Pix {
		m.Pix[i] = 100
	}
	c := frame.Cursor{ID: 1, W: 2, H: 1, Pix: []byte{
		255, 0, 0, 255, // red, nothing of the picture
		0, 0, 128, 128, // half blue
	}}
	blend(m, c, image.Pt(3, 1)) // the second pixel is outside
	blend(m, c, image.Pt(0, 3))
	for _, tt := range []struct {
		at   image.Point
		want [3]byte // BGR
	}{
		{image.Pt(3, 1), [3]byte{0, 0, 255}},
		{image.Pt(0, 3), [3]byte{0, 0, 255}},
		{image.Pt(1, 3), [3]byte{178, 50, 50}},
		{image.Pt(2, 3), [3]byte{100, 100, 100}},
		{image.Pt(0, 1), [3]byte{100, 100, 100}},
	} {
		if got := [3]byte(m.Row(tt.at.Y, tt.at.X, tt.at.X+1)); got != tt.want {
			t.Errorf("pixel %v is %v, want %v", tt.at, got, tt.want)
		}
	}
	if over(255, 255, 255) != 255 {
		t.Error("a colour that is not premultiplied runs over")
	}
}

func TestAPointerThatClaimsTooMuchIsNotShown(t *testing.T) {
	for _, c := range []frame.Cursor{
		{ID: 1, W: 2, H: 2, Pix: make([]byte, 15)},
		{ID: 1, W: 0, H: 2},
		{ID: 1, W: -4, H: -4, Pix: make([]byte, 64)},
		{ID: 1, W: 300, H: 1, Pix: make([]byte, 1200)},
	} {
		if whole(c) {
			t.Errorf("%dx%d with %d bytes counts as whole", c.W, c.H, len(c.Pix))
		}
	}
}
