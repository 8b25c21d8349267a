package share

import (
	"time"

	"handrail/shared/wire"
)

// Limits of the window. They are small because everything in it is older than
// what the screen shows by the time it arrives.
const (
	windowBytes  = 256 << 10
	windowFrames = 2
	// farLink is the round trip of a far away link, painting included. As long
	// as no frame has been shown, none is late before this.
	farLink = 300 * time.Millisecond
)

// window counts what was sent and is not on the viewer's screen yet. While it
// is full nothing is encoded, so what changes meanwhile becomes one frame. An
// other measure, such as of delay, takes its place behind the same methods.
type window struct {
	frames []flight
	bytes  int
	best   time.Duration // the least it took from sending a frame until it was shown; 0: none was yet
}

type flight struct {
	number uint64
	bytes  int
	since  time.Time // when encoding it began
	sent   time.Time // when its newest slice was encoded
	whole  bool      // its last slice was sent
	better bool      // nothing in it has changed: it only refines
}

// room says whether another slice of what has changed may be sent: one that
// goes on with a frame, or the first of a new one.
func (w *window) room(goesOn bool) bool {
	return w.bytes < windowBytes && (goesOn || len(w.frames)-w.refining() < windowFrames)
}

// spare is the same for what nobody waits for. It has one frame's place of its
// own, so that it never takes one away from what changes, and is not kept from
// its turn by a film that plays all the time.
func (w *window) spare(goesOn bool) bool {
	return w.bytes < windowBytes/2 && (goesOn || w.refining() == 0)
}

// refining counts the frames that only refine.
func (w *window) refining() int {
	n := 0
	for _, f := range w.frames {
		if f.better {
			n++
		}
	}
	return n
}

func (w *window) empty() bool { return len(w.frames) == 0 }

// sent takes in that a slice is on its way, which was begun and encoded then.
// Better says that it only refines.
func (w *window) sent(number uint64, bytes int, last, better bool, begun, encoded time.Time) {
	if n := len(w.frames); n == 0 || w.frames[n-1].number != number {
		w.frames = append(w.frames, flight{number: number, since: begun, better: true})
	}
	f := &w.frames[len(w.frames)-1]
	f.bytes += bytes
	f.sent, f.whole, f.better = encoded, last, f.better && better
	w.bytes += bytes
}

// presented takes out the frames up to number and says whether any was there.
// Only whole frames can be on a screen; other numbers are not believed.
func (w *window) presented(number uint64, now time.Time, stats *Stats) bool {
	n := 0
	for n < len(w.frames) && w.frames[n].number <= number && w.frames[n].whole {
		f := w.frames[n]
		w.bytes -= f.bytes
		stats.Presented++
		stats.Present += now.Sub(f.since)
		if took := max(now.Sub(f.sent), 1); w.best == 0 || took < w.best {
			w.best = took
		}
		n++
	}
	w.frames = append(w.frames[:0], w.frames[n:]...)
	return n > 0
}

// late is by how much the oldest frame on its way is later than the best was.
func (w *window) late(now time.Time) time.Duration {
	if w.empty() || !w.frames[0].whole {
		return 0
	}
	best := w.best
	if best == 0 {
		best = farLink
	}
	return max(now.Sub(w.frames[0].sent)-best, 0)
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
	Strain    int           // how far the link is behind: 0 not at all, to codec.MaxStrain
	Profile   wire.Profile  // what pictures look like now

	Inputs  uint64 // that reached Hands
	Refused uint64 // that came while control was not allowed, or made no sense
}

// Stats is how much was done so far, and how long it took.
func (s *Share) Stats() Stats {
	s.mu.Lock()
	st := s.stats
	st.Waiting, st.Strain, st.Profile = s.window.bytes, s.strain.level, wire.Profile(s.profile)
	s.mu.Unlock()
	st.Inputs, st.Refused = s.reins.counts()
	return st
}
