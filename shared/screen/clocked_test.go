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
	screens []frame.Monitor
	shot    frame.Image
	blind   bool
	at      image.Point
	shape   *frame.Cursor
}

func (f *fake) displays() []frame.Monitor { return f.screens }

func (f *fake) take(r frame.Rect) (frame.Image, error) {
	if f.blind {
		return frame.Image{}, errBlind
	}
	return f.shot.Sub(r.Add(image.Pt(50, 0))), nil
}

func (f *fake) pointer() (image.Point, *frame.Cursor, bool) {
	shape := f.shape
	f.shape = nil
	return f.at, shape, true
}

func (f *fake) forget() { f.shape = &frame.Cursor{ID: 1} }
func (f *fake) close()  {}

func monitor(id uint8, r frame.Rect) frame.Monitor {
	return frame.Monitor{ID: id, Name: string('0' + rune(id)), Bounds: r, Primary: id == 1}
}

// clockedFake is a Source that looks at a fake of one monitor of 100×70 pixels,
// to the left of which is room for another of 50.
func clockedFake() (*Source, *fake) {
	f := &fake{screens: []frame.Monitor{monitor(1, image.Rect(0, 0, 100, 70))}, shot: frame.New(150, 70)}
	s := newSource(newClocked(f))
	s.stale = true
	return s, f
}

func TestClockedSourceComparesAndFollowsTheLayout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, f := clockedFake()
		defer s.Close()
		u, err := s.Next(t.Context())
		if err != nil || len(u.Layout) != 1 || len(u.Damage) != 1 || u.Damage[0] != image.Rect(0, 0, 100, 70) {
			t.Fatalf("%+v, %v", u, err)
		}
		if u.Cursor == nil || !u.PointerMoved {
			t.Fatalf("no pointer: %+v", u)
		}
		start := time.Now()
		f.shot.Row(69, 149, 150)[2] = 200 // red
		u, err = s.Next(t.Context())
		if err != nil || u.Layout != nil || u.Cursor != nil || u.PointerMoved {
			t.Fatalf("%+v, %v", u, err)
		}
		if len(u.Damage) != 1 || u.Damage[0] != image.Rect(96, 64, 100, 70) {
			t.Fatalf("damage %v", u.Damage)
		}
		if p := u.Image.Row(69, 99, 100); p[2] != 200 || p[0] != 0 {
			t.Fatalf("pixel %v", p)
		}
		if d := time.Since(start); d > lookFast {
			t.Fatalf("seen after %v", d)
		}
		f.at = image.Pt(7, 8)
		if u, err = s.Next(t.Context()); err != nil || !u.PointerMoved || u.Pointer != f.at || len(u.Damage) != 0 {
			t.Fatalf("%+v, %v", u, err)
		}
		f.screens = append(f.screens, monitor(2, image.Rect(-50, 0, 0, 50)))
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

func TestClockedSourceWaitsWhileItCanSeeNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, f := clockedFake()
		defer s.Close()
		for _, first := range []bool{true, false} {
			f.blind = true
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("first: %v; blind, and yet: %v", first, err)
			}
			f.blind = false
			f.shot.Row(3, 60, 61)[0]++
			if u, err := s.Next(t.Context()); err != nil || len(u.Damage) == 0 {
				t.Fatalf("first: %v; %+v, %v", first, u, err)
			}
		}
	})
}

func TestPickAndCloseEndAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, f := clockedFake()
		f.screens = append(f.screens, monitor(2, image.Rect(-50, 0, 0, 50)))
		if _, err := s.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		type result struct {
			u   Update
			err error
		}
		got := make(chan result)
		wait := func() { u, err := s.Next(t.Context()); got <- result{u, err} }
		go wait()
		synctest.Wait()
		s.Pick(2)
		if r := <-got; r.err != nil || r.u.Monitor != 2 || r.u.Image.W != 50 {
			t.Fatalf("%+v", r)
		}
		go wait()
		synctest.Wait()
		s.Close()
		if r := <-got; !errors.Is(r.err, ErrClosed) {
			t.Fatalf("%+v", r)
		}
	})
}
