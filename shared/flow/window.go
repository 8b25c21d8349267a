package flow

import "time"

// Tuning of the window; where the numbers come from is in PERFORMANCE.md of
// package share.
const (
	// begin is what may be on its way before anything is known.
	begin = 32 << 10
	// floor is the least: four slices of a slow link, which otherwise would stand
	// still between one and the word that it was taken.
	floor = 8 << 10
	// ceiling bounds what a sender has to remember: a quarter of a second at
	// 64 Mbit/s.
	ceiling = 2 << 20
	// beyond is how many slices may wait for QUIC's own window, so that QUIC is
	// never the one that has nothing to send.
	beyond = 2
	// dear is the delay in queues from which on there is too much on its way.
	dear = 10 * time.Millisecond
	// short is how long a slice may take: whatever is more urgent waits for it.
	short = 6 * time.Millisecond
	// least is a slice on the slowest of links: smaller ones are dear to code.
	least = 2 << 10
	// step is what is added in a round trip that was used to the full, at most;
	// on a slow link it is a slice.
	step = 6 << 10
	// stuck is how long the smallest window may meet queues before they count
	// as the way's own: it became longer, or others fill it.
	stuck = 5 * time.Second
)

// Trip is what is known of the way to the other side and back: the least time
// it ever took, the newest, and the mean. Congestion is how many bytes QUIC
// lets be on their way, 0 if that is not known.
type Trip struct {
	Least, Latest, Smoothed time.Duration
	Congestion              int
}

// Window is how many bytes may be on their way: as many as the way takes, and
// next to none that wait in queues. It follows the delay: what a round trip
// takes longer than the shortest ever did is time in queues.
//
// It never changes more than once a round trip, because what it does takes
// that long to show.
type Window struct {
	size    int
	slice   int
	grown   bool      // nothing was ever in queues: it doubles soon
	limited bool      // somebody had to wait for it since it last changed
	changed time.Time // when it last did
	// standing is the shortest round trip since then: what lasts is a queue, what
	// doesn't is a radio or a busy machine. While the window still doubles, the
	// worst counts, because what comes of it is not to be seen before it has
	// doubled again.
	standing, worst time.Duration

	// A way that became longer: see rebase.
	least  time.Duration // the shortest round trip since; 0: the shortest ever
	below  time.Time     // since when the smallest window has met queues
	lowest time.Duration // the shortest round trip since then
}

// NewWindow makes a window that knows nothing yet.
func NewWindow() *Window { return &Window{size: begin, slice: Slice} }

// Size is how many bytes may be on their way.
func (w *Window) Size() int { return w.size }

// Slice is how many bytes one piece of what is sent should have.
func (w *Window) Slice() int { return w.slice }

// Limit says that somebody had to wait. A window that nobody needs does not
// grow.
func (w *Window) Limit() { w.limited = true }

// Taken takes in that the other side said what it has, and what the way was
// like then.
func (w *Window) Taken(now time.Time, t Trip) {
	w.slice = Slice
	if t.Smoothed > 0 {
		w.slice = int(min(Slice, max(least, time.Duration(w.size)*short/t.Smoothed)))
	}
	if t.Congestion > 0 {
		w.size = min(w.size, t.Congestion+beyond*w.slice)
	}
	w.size = max(w.size, floor)
	if w.standing == 0 || t.Latest < w.standing {
		w.standing = t.Latest
	}
	w.worst = max(w.worst, t.Smoothed)
	if !w.changed.IsZero() && now.Sub(w.changed) < t.Smoothed {
		return
	}
	w.changed = now
	trip := w.worst
	if w.grown {
		trip = min(w.standing, t.Smoothed)
	}
	w.standing, w.worst = 0, 0
	best := t.Least
	if w.least > 0 {
		w.least = min(w.least, trip)
		best = w.least
	}
	switch {
	case trip-best > dear:
		w.rebase(now, trip)
		// As much as would have had no queues; but what shows now may be old, so
		// never much less.
		keep := min(max(100*(best+dear)/trip, 70), 85) // percent
		w.grown = true
		w.size = max(floor, w.size*int(keep)/100)
	case w.limited:
		w.below = time.Time{}
		if w.grown {
			w.size += min(step, w.slice)
		} else {
			w.size += w.size / 2
		}
	default:
		w.below = time.Time{}
	}
	w.size = min(w.size, ceiling)
	w.limited = false
}

// rebase notes that there are queues. If they stay although next to nothing is
// sent, they are not ours: then the way is as long as it seems, for now.
func (w *Window) rebase(now time.Time, trip time.Duration) {
	switch {
	case w.size > floor:
		w.below = time.Time{}
	case w.below.IsZero():
		w.below, w.lowest = now, trip
	default:
		w.lowest = min(w.lowest, trip)
		if now.Sub(w.below) >= stuck {
			w.least, w.below = w.lowest, time.Time{}
		}
	}
}
