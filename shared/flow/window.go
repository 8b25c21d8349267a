package flow

import "time"

// Tuning of the window; where the numbers come from is in PERFORMANCE.md of
// package share.
const (
	// begin is what may be on its way before anything is known.
	begin = 32 << 10
	// floor is the least: two slices, or a far link would stand still between
	// one and the word that it was taken.
	floor = 16 << 10
	// ceiling bounds what a sender has to remember: a quarter of a second at
	// 64 Mbit/s.
	ceiling = 2 << 20
	// beyond is how much may wait for QUIC's own window, so that QUIC is never
	// the one that has nothing to send.
	beyond = 16 << 10
	// dear is the delay in queues from which on there is too much on its way.
	dear = 15 * time.Millisecond
	// step is what is added in a round trip that was used to the full.
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
	grown   bool      // nothing was ever in queues: it doubles soon
	limited bool      // somebody had to wait for it since it last changed
	changed time.Time // when it last did

	// A way that became longer: see rebase.
	least  time.Duration // the shortest round trip since; 0: the shortest ever
	below  time.Time     // since when the smallest window has met queues
	lowest time.Duration // the shortest round trip since then
}

// NewWindow makes a window that knows nothing yet.
func NewWindow() *Window { return &Window{size: begin} }

// Size is how many bytes may be on their way.
func (w *Window) Size() int { return w.size }

// Limit says that somebody had to wait. A window that nobody needs does not
// grow.
func (w *Window) Limit() { w.limited = true }

// Taken takes in that the other side said what it has, and what the way was
// like then.
func (w *Window) Taken(now time.Time, t Trip) {
	if t.Congestion > 0 {
		w.size = min(w.size, t.Congestion+beyond)
	}
	w.size = max(w.size, floor)
	if !w.changed.IsZero() && now.Sub(w.changed) < t.Smoothed {
		return
	}
	w.changed = now
	short := min(t.Latest, t.Smoothed)
	least := t.Least
	if w.least > 0 {
		w.least = min(w.least, short)
		least = w.least
	}
	switch {
	case short-least > dear:
		w.rebase(now, short)
		w.grown = true
		w.size = max(floor, w.size*85/100)
	case w.limited:
		w.below = time.Time{}
		if w.grown {
			w.size += step
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
func (w *Window) rebase(now time.Time, short time.Duration) {
	switch {
	case w.size > floor:
		w.below = time.Time{}
	case w.below.IsZero():
		w.below, w.lowest = now, short
	default:
		w.lowest = min(w.lowest, short)
		if now.Sub(w.below) >= stuck {
			w.least, w.below = w.lowest, time.Time{}
		}
	}
}
