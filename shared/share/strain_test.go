package share

import (
	"testing"
	"time"
)

func TestTheStrainRisesAtOnceAndEasesSlowly(t *testing.T) {
	const ms = time.Millisecond
	much, little := 3*sliceAim, sliceAim/2
	start := time.Unix(1000, 0)
	for _, c := range []struct {
		name  string
		level int           // before, as it was found at start
		after time.Duration // from start
		by    time.Duration // late
		bytes int
		want  int
	}{
		{"nothing is late", 0, 0, 0, 0, 0},
		{"a little late is not late", 0, 0, 149 * ms, much, 0},
		{"late", 0, 0, 150 * ms, much, 1},
		{"later", 0, 0, 300 * ms, much, 2},
		{"far too late: all the way at once", 0, 0, 5 * time.Second, much, 3},
		{"small frames are late for other reasons", 0, 0, 5 * time.Second, little, 0},
		{"from 1 to 3", 1, 10 * ms, 600 * ms, much, 3},
		{"on time again, but not for long", 2, 900 * ms, 0, much, 2},
		{"on time for a second: one step down", 2, time.Second, 0, much, 1},
		{"on time for two", 2, 2 * time.Second, 0, little, 0},
		{"an hour of rest", 3, time.Hour, 0, 0, 0},
		{"half as late as it takes keeps the level", 2, 999 * ms, 150 * ms, much, 2},
	} {
		s := strain{c.level, start}.judge(start.Add(c.after), c.by, c.bytes)
		if s.level != c.want {
			t.Errorf("%s: level %d, want %d", c.name, s.level, c.want)
		}
	}
}

// Half as late keeps the level for another second, whatever the bytes: what is
// late with little under way is no reason to send more.
func TestTheStrainDoesNotFlutter(t *testing.T) {
	now := time.Unix(1000, 0)
	s := strain{}.judge(now, 400*time.Millisecond, 3*sliceAim)
	for range 50 {
		now = now.Add(300 * time.Millisecond)
		if s = s.judge(now, 160*time.Millisecond, 100); s.level != 2 {
			t.Fatalf("level %d", s.level)
		}
	}
	if s = s.judge(now.Add(relief), 0, 0); s.level != 1 {
		t.Fatalf("level %d after a second of rest", s.level)
	}
}
