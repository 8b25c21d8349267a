package screen

import (
	"context"
	"errors"
	"image"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/frame"
)

// fake is a camera whose picture a test sets.
type fake struct {
	screens []frame.Rect
	shot    *image.RGBA
}

func (f *fake) displays() []frame.Rect { return f.screens }

func (f *fake) take(r frame.Rect) (*image.RGBA, error) {
	out := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	for y := range r.Dy() {
		for x := range r.Dx() {
			out.Set(x, y, f.shot.At(r.Min.X+x, r.Min.Y+y))
		}
	}
	return out, nil
}

func TestClockedSourceComparesAndFollowsTheLayout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{screens: []frame.Rect{image.Rect(0, 0, 100, 70)}, shot: image.NewRGBA(image.Rect(-50, 0, 100, 70))}
		s := newSource(&clocked{camera: f})
		s.stale = true
		u, err := s.Next(t.Context())
		if err != nil || len(u.Layout) != 1 || len(u.Damage) != 1 || u.Damage[0] != image.Rect(0, 0, 100, 70) {
			t.Fatalf("%+v, %v", u, err)
		}
		start := time.Now()
		f.shot.Pix[f.shot.PixOffset(99, 69)] = 200 // red
		u, err = s.Next(t.Context())
		if err != nil || u.Layout != nil || len(u.Damage) != 1 || u.Damage[0] != image.Rect(96, 64, 100, 70) {
			t.Fatalf("%+v, %v", u, err)
		}
		if p := u.Image.Row(69, 99, 100); p[2] != 200 || p[0] != 0 {
			t.Fatalf("pixel %v", p)
		}
		if d := time.Since(start); d > 2*lookEvery {
			t.Fatalf("seen after %v", d)
		}
		f.screens = append(f.screens, image.Rect(-50, 0, 0, 50))
		u, err = s.Next(t.Context())
		if err != nil || len(u.Layout) != 2 || u.Area != image.Rect(-50, 0, 100, 70) || u.Image.W != 150 {
			t.Fatalf("%+v, %v", u, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err = s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("nothing changed, and yet: %v", err)
		}
	})
}
