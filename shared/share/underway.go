package share

import (
	"time"

	"handrail/shared/wire"
)

const (
	// framesLeast is how many frames may be on their way to a viewer next door:
	// one is painted while the next one comes.
	framesLeast = 2
	// framesMost is the same for a viewer at the other end of the world.
	framesMost = 24
	// farLink is the round trip of a far away link, painting included. As long
	// as no frame has been shown, none is late before this.
	farLink = 300 * time.Millisecond
)

// underway is what was sent and is not on the viewer's screen yet. How many
// bytes that may be is the Lane's affair; here are counted frames, so that a
// viewer who paints slowly gets fewer of them. While there are too many nothing
// is encoded, and what changes meanwhile becomes one frame.
type underway struct {
	frames []flight
	best   time.Duration // the least it took from a frame's turn until it was shown; 0: none was yet
}

type flight struct {
	number uint64
	upTo   uint64    // bytes sent on this connection, it included
	due    time.Time // when it could have gone if the way had been free
	since  time.Time // when encoding it began
	whole  bool      // its last slice was sent
	better bool      // nothing in it has changed: it only refines
}

// framesFor is how many frames may be on their way where a round trip takes so long:
// those that are needed to show one every paceBusy.
func framesFor(far time.Duration) int {
	return min(framesLeast+int(far/paceBusy), framesMost)
}

// room says whether what has changed may be sent: what goes on with a frame, or
// begins one of so many.
func (u *underway) room(goesOn bool, most int) bool {
	return goesOn || len(u.frames)-u.refining() < most
}

// spare is the same for what nobody waits for. It has one frame's place of its
// own, so that it never takes one away from what changes, and is not kept from
// its turn by a film that plays all the time.
func (u *underway) spare(goesOn bool) bool { return goesOn || u.refining() == 0 }

// refining counts the frames that only refine.
func (u *underway) refining() int {
	n := 0
	for _, f := range u.frames {
		if f.better {
			n++
		}
	}
	return n
}

func (u *underway) empty() bool { return len(u.frames) == 0 }

// sent takes in that a slice is on its way, as the last of so many bytes. Of f
// only what it was begun with counts, the first time.
func (u *underway) sent(f flight) {
	if n := len(u.frames); n == 0 || u.frames[n-1].number != f.number {
		u.frames = append(u.frames, f)
		return
	}
	last := &u.frames[len(u.frames)-1]
	last.upTo, last.whole, last.better = f.upTo, f.whole, last.better && f.better
}

// presented takes out the frames up to number, and says how many bytes the
// viewer must have then; 0 if no frame was there. Only whole frames can be on a
// screen; other numbers are not believed.
func (u *underway) presented(number uint64, now time.Time, stats *Stats) (upTo uint64) {
	n := 0
	for n < len(u.frames) && u.frames[n].number <= number && u.frames[n].whole {
		f := u.frames[n]
		upTo = f.upTo
		stats.Presented++
		stats.Present += now.Sub(f.since)
		if took := max(now.Sub(f.due), 1); u.best == 0 || took < u.best {
			u.best = took
		}
		n++
	}
	u.frames = append(u.frames[:0], u.frames[n:]...)
	return upTo
}

// late is by how much the oldest frame on its way is later than the best was.
func (u *underway) late(now time.Time) time.Duration {
	if u.empty() {
		return 0
	}
	best := u.best
	if best == 0 {
		best = farLink
	}
	return max(now.Sub(u.frames[0].due)-best, 0)
}

// keptSlice is a slice as it was sent.
type keptSlice struct {
	wire.Slice
	upTo   uint64 // bytes sent on its connection, it included
	better bool
}

// kept are the slices that the viewer may not have, the oldest first: as many
// as the Lane lets be on their way, and those that only end a frame.
type kept []keptSlice

// forget forgets what the viewer has, who took so many bytes of this
// connection.
func (k kept) forget(taken uint64) kept {
	n := 0
	for i, s := range k {
		if s.upTo > taken {
			break
		}
		if len(s.Data) > 0 { // what only ends a frame says nothing of itself
			n = i + 1
		}
	}
	return append(k[:0], k[n:]...)
}

// after gives the slices after the one with this number, and says whether they
// are all there up to last.
func (k kept) after(from, last uint64) (rest kept, ok bool) {
	if from == 0 || from > last {
		return nil, false
	}
	for len(k) > 0 && k[0].Seq <= from {
		k = k[1:]
	}
	return k, uint64(len(k)) == last-from
}
