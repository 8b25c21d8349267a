package flow

import (
	"testing"
	"time"
)

const ms = time.Millisecond

// pipe is a link of so many bytes a second and so long a round trip, on which a
// window's worth of bytes is always on its way.
type pipe struct {
	rate  int
	least time.Duration
	extra time.Duration // in other people's queues
}

// trip is the round trip while so many bytes are on their way.
func (p pipe) trip(bytes int) Trip {
	t := max(p.least, time.Duration(bytes)*time.Second/time.Duration(p.rate)) + p.extra
	return Trip{Least: p.least, Latest: t, Smoothed: t}
}

// use runs the window over the pipe for so long.
func (p pipe) use(w *Window, now time.Time, long time.Duration) (then time.Time) {
	for end := now.Add(long); now.Before(end); {
		t := p.trip(w.Size())
		now = now.Add(t.Smoothed)
		w.Limit()
		w.Taken(now, t)
	}
	return now
}

func TestTheWindowFillsTheWayAndNoQueue(t *testing.T) {
	for _, p := range []pipe{
		{rate: 1_250_000, least: 40 * ms},
		{rate: 1_250_000, least: 160 * ms},
		{rate: 250_000, least: 40 * ms},
		{rate: 12_500_000, least: 5 * ms},
		{rate: 125_000, least: 300 * ms},
	} {
		w := NewWindow()
		now := p.use(w, time.Unix(1000, 0), 10*time.Second)
		for range 100 {
			now = p.use(w, now, 1)
			full := float64(p.rate) * p.least.Seconds()
			queue := p.trip(w.Size()).Latest - p.least
			if size := float64(w.Size()); size < 0.8*full && size > floor || queue > dear+30*ms {
				t.Fatalf("%+v: a window of %d, where %.0f fill the way: %v in queues", p, w.Size(), full, queue)
			}
		}
	}
}

// A window that nobody needs stays as it is, and one that QUIC would not let go
// is not kept.
func TestTheWindowGrowsOnlyWhenUsed(t *testing.T) {
	w, now := NewWindow(), time.Unix(1000, 0)
	easy := Trip{Least: 40 * ms, Latest: 40 * ms, Smoothed: 40 * ms}
	for range 50 {
		now = now.Add(time.Second)
		w.Taken(now, easy)
	}
	if w.Size() != begin {
		t.Errorf("unused, it became %d", w.Size())
	}
	for range 50 {
		now = now.Add(time.Second)
		w.Limit()
		w.Taken(now, easy)
	}
	if w.Size() != ceiling {
		t.Errorf("used, it became %d", w.Size())
	}
	easy.Congestion = 50_000
	w.Taken(now, easy)
	if w.Size() < 50_000 || w.Size() > 50_000+beyond*Slice {
		t.Errorf("QUIC lets 50000 go, it %d", w.Size())
	}
	easy.Congestion = 1
	w.Taken(now, easy)
	if w.Size() < floor || w.Size() > 1+beyond*Slice {
		t.Errorf("QUIC lets nothing go, it %d", w.Size())
	}
}

// It takes a round trip until a change shows; to change again before that would
// be to change for the same reason twice.
func TestTheWindowChangesOnceARoundTrip(t *testing.T) {
	w, now := NewWindow(), time.Unix(1000, 0)
	trip := Trip{Least: 100 * ms, Latest: 100 * ms, Smoothed: 100 * ms}
	var sizes []int
	for range 100 { // a second
		now = now.Add(10 * ms)
		w.Limit()
		w.Taken(now, trip)
		if n := len(sizes); n == 0 || sizes[n-1] != w.Size() {
			sizes = append(sizes, w.Size())
		}
	}
	if len(sizes) > 11 {
		t.Errorf("in ten round trips it was %v", sizes)
	}
}

// A way that becomes longer, or that others fill, does not hold the window at
// its smallest for ever; and one that becomes short again is believed at once.
func TestTheWindowBelievesALongerWayAfterAWhile(t *testing.T) {
	w, p := NewWindow(), pipe{rate: 1_250_000, least: 40 * ms}
	now := p.use(w, time.Unix(1000, 0), 5*time.Second)
	p.extra = 80 * ms
	now = p.use(w, now, 4*time.Second)
	if w.Size() != floor {
		t.Fatalf("queues of 80 ms, and a window of %d", w.Size())
	}
	now = p.use(w, now, 10*time.Second)
	if w.Size() < 2*floor {
		t.Errorf("the longer way is not believed: %d", w.Size())
	}
	p.extra = 0
	p.use(w, now, 5*time.Second)
	if queue := p.trip(w.Size()).Latest - p.least; queue > dear+30*ms {
		t.Errorf("the way is short again, and %v are in queues", queue)
	}
}

// On a slow link a slice is small, so that what is urgent waits little.
func TestASliceTakesFewMilliseconds(t *testing.T) {
	for _, c := range []struct {
		rate, low, high int
	}{{12_500_000, Slice, Slice}, {1_250_000, 6000, Slice}, {250_000, least, 3000}, {10_000, least, least}} {
		p, w := pipe{rate: c.rate, least: 40 * ms}, NewWindow()
		p.use(w, time.Unix(1000, 0), 10*time.Second)
		if w.Slice() < c.low || w.Slice() > c.high {
			t.Errorf("%d bytes a second: slices of %d, want %d to %d", c.rate, w.Slice(), c.low, c.high)
		}
	}
}
