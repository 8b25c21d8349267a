package screen

import (
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"handrail/shared/frame"
)

func TestGatherLosesNoPixelAndKeepsItsLimit(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 500 {
		var rs []frame.Rect
		for range rng.IntN(200) {
			x, y := rng.IntN(1900), rng.IntN(1000)
			rs = append(rs, image.Rect(x, y, x+rng.IntN(90), y+rng.IntN(40)))
		}
		most := 1 + rng.IntN(40)
		got := gather(slices.Clone(rs), rng.IntN(5000), most)
		if len(got) > most {
			t.Fatalf("%d rectangles, limit %d", len(got), most)
		}
		for _, r := range rs {
			if !frame.Covers(got, r) {
				t.Fatalf("%v is not covered by %v", r, got)
			}
		}
		for _, r := range got {
			if r.Empty() || !r.In(frame.Bounds(rs)) {
				t.Fatalf("%v is empty or outside", r)
			}
		}
	}
}

func TestGatherJoinsWhatIsCheaperTogether(t *testing.T) {
	a, b, far := image.Rect(0, 0, 10, 10), image.Rect(12, 0, 22, 10), image.Rect(900, 900, 910, 910)
	if got := gather([]frame.Rect{a, b, far}, 20, 64); len(got) != 2 || !slices.Contains(got, image.Rect(0, 0, 22, 10)) {
		t.Fatalf("got %v", got)
	}
	if got := gather([]frame.Rect{a, b, far}, 19, 64); len(got) != 3 {
		t.Fatalf("got %v", got)
	}
}

func BenchmarkGather(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 8))
	var rs []frame.Rect
	for i := range 1024 {
		x := rng.IntN(1900)
		rs = append(rs, image.Rect(x, i, x+rng.IntN(90), i+10))
	}
	own := make([]frame.Rect, len(rs))
	b.ReportAllocs()
	for b.Loop() {
		copy(own, rs)
		gather(own, readSlack, readMost)
	}
}
