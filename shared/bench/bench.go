// Package bench measures the picture. It holds desktops that change: such as
// are drawn by a plain function, for tests everywhere, and recordings of real
// programs on real screens. Its own tests run Handrail and others on the same
// recordings in the same run and print one table; RESULTS.md says what that
// shows.
//
//	for f := range bench.Desktop(bench.Typing, 1280, 720, 100) {
//		encoder.Damage(f.Damage...)
//		…
//	}
//
// The measuring itself is a benchmark, so that `go test` alone only looks after
// the tools:
//
//	go tool task bench-picture                           all of it, half an hour the first time
//	go tool task bench-picture -- -workloads type,term   two workloads; -help names the flags
package bench

import (
	"bytes"
	"image"
	"time"

	"handrail/shared/frame"
)

// Frame is one picture of a desktop that changes.
type Frame struct {
	Image  frame.Image   // the whole desktop; valid until the next frame
	Damage []frame.Rect  // what may differ from the frame before: all in the first one, nothing if all rests; valid as long
	At     time.Duration // since the first frame
}

// tile is the side in pixels of what a recording stores at once.
const tile = 32

// grid is a desktop's division into tiles, counted row by row.
type grid struct{ w, h, across, down int }

func gridOf(w, h int) grid {
	return grid{w, h, (w + tile - 1) / tile, (h + tile - 1) / tile}
}

func (g grid) tiles() int { return g.across * g.down }

// rect is where tile i lies; at the right and lower edge it may be smaller.
func (g grid) rect(i int) frame.Rect {
	x, y := i%g.across*tile, i/g.across*tile
	return image.Rect(x, y, min(x+tile, g.w), min(y+tile, g.h))
}

// differ adds to ids the tiles in which a and b, pictures of the grid's size,
// have different bytes.
func (g grid) differ(ids []uint32, a, b frame.Image) []uint32 {
	for ty := range g.down {
		band := image.Rect(0, ty*tile, g.w, min((ty+1)*tile, g.h))
		if same(a, b, band) {
			continue
		}
		for i := ty * g.across; i < (ty+1)*g.across; i++ {
			if !same(a, b, g.rect(i)) {
				ids = append(ids, uint32(i))
			}
		}
	}
	return ids
}

// same says whether a and b have the same bytes in r, the fourth ones too.
func same(a, b frame.Image, r frame.Rect) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if !bytes.Equal(a.Row(y, r.Min.X, r.Max.X), b.Row(y, r.Min.X, r.Max.X)) {
			return false
		}
	}
	return true
}

// join makes rectangles of tiles, which ascend: neighbours in a row become one,
// and so do equally wide ones below each other. Capture gives damage like that.
func (g grid) join(rs []frame.Rect, ids []uint32) []frame.Rect {
	above := map[[2]int]int{} // the last rectangle that ends left and right at these places
	for i := 0; i < len(ids); {
		first := int(ids[i])
		last := first
		for i++; i < len(ids) && int(ids[i]) == last+1 && (last+1)%g.across != 0; i++ {
			last++
		}
		r := g.rect(first).Union(g.rect(last))
		edges := [2]int{r.Min.X, r.Max.X}
		if n, ok := above[edges]; ok && rs[n].Max.Y == r.Min.Y {
			rs[n].Max.Y = r.Max.Y
			continue
		}
		above[edges] = len(rs)
		rs = append(rs, r)
	}
	return rs
}
