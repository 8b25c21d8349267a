package window

import (
	"context"
	"errors"
	"image"
	"testing"
	"time"
)

// table is a window that can be moved on paper.
type table struct {
	at    image.Point
	trail []image.Point
	lazy  int // moves it merges with the next
	stuck bool
}

func (b *table) where() (x, y int, err error) { return b.at.X, b.at.Y, nil }

func (b *table) move(x, y int) error {
	b.trail = append(b.trail, image.Pt(x, y))
	switch {
	case b.stuck:
		b.at = image.Pt(x+1, y)
	case b.lazy > 0 && len(b.trail) > steps:
		b.lazy--
	default:
		b.at = image.Pt(x, y)
	}
	return nil
}

// ticks gives n of them at once.
func ticks(n int) <-chan time.Time {
	c := make(chan time.Time, n)
	for range n {
		c <- time.Time{}
	}
	return c
}

func TestC05ShakeSwingsAndEndsWhereItBegan(t *testing.T) {
	b := &table{at: image.Pt(300, 200)}
	if err := shake(t.Context(), ticks(steps+1), b.where, b.move); err != nil {
		t.Fatal(err)
	}
	if len(b.trail) != steps+1 {
		t.Fatalf("moved %d times, want %d", len(b.trail), steps+1)
	}
	for i, p := range b.trail[:steps] {
		if want := image.Pt(300+swing(i), 200); p != want {
			t.Errorf("step %d is at %v, want %v", i, p, want)
		}
	}
	if b.at != image.Pt(300, 200) {
		t.Errorf("ended at %v", b.at)
	}
}

func TestC05ShakeInsistsOnItsPlace(t *testing.T) {
	b := &table{at: image.Pt(300, 200), lazy: 3}
	if err := shake(t.Context(), ticks(steps+4), b.where, b.move); err != nil {
		t.Fatal(err)
	}
	if b.at != image.Pt(300, 200) {
		t.Errorf("ended at %v", b.at)
	}
	if b := (&table{stuck: true}); shake(t.Context(), ticks(steps+10), b.where, b.move) == nil {
		t.Error("a window that stands elsewhere was taken for settled")
	}
}

func TestAShakeCutShortStillEndsWhereItBegan(t *testing.T) {
	why := errors.New("the window closes")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	b := &table{at: image.Pt(-40, 7)}
	if err := shake(ctx, ticks(steps), b.where, b.move); !errors.Is(err, why) {
		t.Fatalf("err = %v", err)
	}
	if len(b.trail) > 2 {
		t.Errorf("it went on shaking: %v", b.trail)
	}
	if b.at != image.Pt(-40, 7) {
		t.Errorf("ended at %v", b.at)
	}
}
