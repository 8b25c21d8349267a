package screen

import (
	"encoding/binary"
	"image"
	"math/rand/v2"
	"strings"
	"testing"

	"handrail/shared/frame"
)

func TestDamageOfDuplicationIsReadAndKeptInside(t *testing.T) {
	bounds := image.Rect(0, 0, 100, 50)
	numbers := func(v ...int32) (b []byte) {
		for _, n := range v {
			b = binary.LittleEndian.AppendUint32(b, uint32(n))
		}
		return b
	}
	rs := dirtyRects(nil, append(numbers(1, 2, 3, 4, -5, -5, 9, 9, 90, 40, 200, 60, 7, 7, 7, 9), 1, 2, 3), bounds)
	want := []frame.Rect{image.Rect(1, 2, 3, 4), image.Rect(0, 0, 9, 9), image.Rect(90, 40, 100, 50)}
	if len(rs) != len(want) {
		t.Fatalf("got %v", rs)
	}
	for i, r := range want {
		if rs[i] != r {
			t.Errorf("got %v, want %v", rs[i], r)
		}
	}
	rs = moveRects(nil, numbers(50, 40, 10, 11, 20, 21), bounds)
	if len(rs) != 1 || rs[0] != image.Rect(10, 11, 20, 21) {
		t.Errorf("moved to %v", rs)
	}
}

func FuzzDirtyRects(f *testing.F) {
	f.Add(make([]byte, 48), 10, 10)
	f.Fuzz(func(t *testing.T, b []byte, w, h int) {
		bounds := image.Rect(0, 0, w&0xffff, h&0xffff)
		dirty, moves := dirtyRects(nil, b, bounds), moveRects(nil, b, bounds)
		if len(dirty) > len(b)/rectSize || len(moves) > len(b)/moveSize {
			t.Fatalf("%d and %d rectangles of %d bytes", len(dirty), len(moves), len(b))
		}
		for _, r := range append(dirty, moves...) {
			if r.Empty() || !r.In(bounds) {
				t.Fatalf("%v is empty or outside %v", r, bounds)
			}
		}
	})
}

// On a monitor that is turned to the right, the top of its surface is at the
// right.
func TestATurnedMonitorIsShownUpright(t *testing.T) {
	for _, c := range []struct {
		turn turn
		want string
	}{
		{upright, "ab\ncd\nef\n"},
		{right, "eca\nfdb\n"},
		{overhead, "fe\ndc\nba\n"},
		{left, "bdf\nace\n"},
	} {
		surface := frame.New(2, 3)
		for i := range 6 {
			surface.Pix[4*i] = 'a' + byte(i)
		}
		size := c.turn.rect(surface.Bounds(), 2, 3).Size()
		to := frame.New(size.X, size.Y)
		c.turn.copy(to, surface, surface.Bounds())
		var got strings.Builder
		for y := range to.H {
			for x := range to.W {
				got.WriteString(string(to.Row(y, x, x+1)[0]))
			}
			got.WriteString("\n")
		}
		if got.String() != c.want {
			t.Errorf("turned by %d:\n%swant\n%s", c.turn, got.String(), c.want)
		}
	}
}

// What is reported as damaged is exactly what copying a part changes.
func TestPartsOfATurnedMonitorLandInTheirDamage(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		turn := turn(rng.IntN(6))
		surface := frame.New(1+rng.IntN(20), 1+rng.IntN(20))
		for i := range surface.Pix {
			surface.Pix[i] = 1
		}
		whole := turn.rect(surface.Bounds(), surface.W, surface.H)
		if whole.Min != (image.Point{}) {
			t.Fatalf("the whole is at %v", whole)
		}
		x, y := rng.IntN(surface.W), rng.IntN(surface.H)
		r := image.Rect(x, y, x+1+rng.IntN(surface.W-x), y+1+rng.IntN(surface.H-y))
		to := frame.New(whole.Dx(), whole.Dy())
		turn.copy(to, surface, r)
		damage := turn.rect(r, surface.W, surface.H)
		for y := range to.H {
			for x := range to.W {
				if got := to.Row(y, x, x+1)[0] == 1; got != image.Pt(x, y).In(damage) {
					t.Fatalf("turned by %d, %v of %v: pixel %d,%d is %v, damage %v", turn, r, surface.Bounds(), x, y, got, damage)
				}
			}
		}
	}
}
