package share

import "time"

// Limits of the window. They are small because everything in it is older than
// what the screen shows by the time it arrives.
const (
	windowBytes  = 256 << 10
	windowFrames = 2
)

// window counts what was sent and is not on the viewer's screen yet. While it
// is full nothing is encoded, so what changes meanwhile becomes one frame. An
// other measure, such as of delay, takes its place behind the same methods.
type window struct {
	frames []flight
	bytes  int
}

type flight struct {
	number uint64
	bytes  int
	since  time.Time
	whole  bool // its last slice was sent
}

// room says whether another slice may be sent: one that goes on with a frame,
// or the first of a new one.
func (w *window) room(goesOn bool) bool {
	return w.bytes < windowBytes && (goesOn || len(w.frames) < windowFrames)
}

func (w *window) empty() bool { return len(w.frames) == 0 }

func (w *window) sent(number uint64, bytes int, last bool, now time.Time) {
	if n := len(w.frames); n == 0 || w.frames[n-1].number != number {
		w.frames = append(w.frames, flight{number: number, since: now})
	}
	f := &w.frames[len(w.frames)-1]
	f.bytes += bytes
	f.whole = last
	w.bytes += bytes
}

// presented takes out the frames up to number and says whether any was there.
// Only whole frames can be on a screen; other numbers are not believed.
func (w *window) presented(number uint64, now time.Time, stats *Stats) bool {
	n := 0
	for n < len(w.frames) && w.frames[n].number <= number && w.frames[n].whole {
		w.bytes -= w.frames[n].bytes
		stats.Presented++
		stats.Present += now.Sub(w.frames[n].since)
		n++
	}
	w.frames = append(w.frames[:0], w.frames[n:]...)
	return n > 0
}

// Stats are sums since the Share was made. The difference of two readings,
// divided by the difference of the counts beside it, is a mean.
type Stats struct {
	Captures uint64        // updates taken from the screen
	Capture  time.Duration // from the beginning of capture until the update came
	Slices   uint64
	Bytes    uint64        // of all slices
	Encode   time.Duration // of all slices
	Send     time.Duration // until the connection took them
	Frames   uint64

	Presented uint64        // frames the viewer showed
	Present   time.Duration // from encoding a frame until it was shown and we knew
	Waiting   int           // bytes on their way now

	Inputs  uint64 // that reached Hands
	Refused uint64 // that came while control was not allowed, or made no sense
}

// Stats is how much was done so far, and how long it took.
func (s *Share) Stats() Stats {
	s.mu.Lock()
	st := s.stats
	st.Waiting = s.window.bytes
	s.mu.Unlock()
	st.Inputs, st.Refused = s.reins.counts()
	return st
}
