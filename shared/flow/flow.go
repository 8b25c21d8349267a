// Package flow keeps the queues of a connection short: it says how much may be
// on its way to the other side, and who may send next.
//
// Each side makes one Shared for each connection. The picture has one Lane of
// it, files and clipboards share the other. Who wants to send asks its lane for
// room, says what it sent, and the Shared hears from the other side (by
// wire.Taken) what has been taken in. A picture that waits goes first; a file
// gets what is left, and one slice in four when nothing is.
//
// All methods may be called from any goroutine.
package flow

import (
	"context"
	"slices"
	"sync"
	"time"

	"handrail/shared/wire"
)

// Slice is how many bytes senders aim at for one piece of whatever they send, at
// most: so much is in nobody's way on a link of 10 Mbit/s, where it takes 7 ms.
const Slice = 8 << 10

const (
	// turn is how many slices of pictures may go before a file's that waits, if
	// there are always pictures.
	turn = 3
	// forgotten is how long after a round trip what was not taken counts as on
	// its way: later it is the other side's disk or processor that has it, and
	// no reason for others to wait.
	forgotten = 250 * time.Millisecond
	// probe is how long nothing is sent to a side that takes nothing, until one
	// piece is sent all the same. What was called off while it was being sent
	// is never taken, and must not stop everything for ever.
	probe = 2 * time.Second
	// look is how often somebody who waits looks whether that is so.
	look = 100 * time.Millisecond
)

// Meter knows what the connection is like; a link.Peer is one.
type Meter interface {
	// Round is the least, the newest and the mean time of a round trip, and
	// how many bytes QUIC lets be on their way.
	Round() (least, latest, smoothed time.Duration, congestion uint64)
}

// Shared is one side's window of one connection.
type Shared struct {
	meter Meter

	mu       sync.Mutex
	window   *Window
	pictures Lane
	bulk     Lane
	waiting  bool // there is more of the picture to be sent
	since    int  // bytes of pictures that were sent since a file's slice began to wait
	queue    []*waiter
	refused  bool // the picture's sender was told to wait and not woken since
	wake     func()
}

// waiter is somebody who waits for room for bulk.
type waiter struct {
	n    int
	done chan struct{}
	ok   bool
}

// Lane is what one kind of sender uses of a Shared. It counts bytes of Data:
// of slices of the picture, or of pieces of bulk.
type Lane struct {
	s     *Shared
	sent  uint64
	taken uint64
	gone  uint64    // so much is at the other side, taken or not
	last  time.Time // when something was sent
	marks []mark    // when what was sent; the oldest first
}

type mark struct {
	at   time.Time
	upTo uint64
}

// New makes the window of a connection that has just come about. Without a
// meter the window knows nothing and grows as it is used.
func New(m Meter) *Shared {
	s := &Shared{meter: m, window: NewWindow()}
	s.pictures.s, s.bulk.s = s, s
	return s
}

// Pictures is the lane of the picture.
func (s *Shared) Pictures() *Pictures { return (*Pictures)(&s.pictures) }

// Bulk is the lane of files and clipboards.
func (s *Shared) Bulk() *Bulk { return (*Bulk)(&s.bulk) }

// Taken takes in what the other side says it has, in bytes since the
// connection began. What is not more than it said before says nothing.
func (s *Shared) Taken(pictures, bulk uint64) {
	s.mu.Lock()
	a, b := s.pictures.takeLocked(pictures), s.bulk.takeLocked(bulk)
	if a || b {
		s.window.Taken(time.Now(), s.trip())
	}
	s.grantLocked(time.Now())
	wake := s.wake
	if !s.refused {
		wake = nil
	}
	s.refused = false
	s.mu.Unlock()
	if wake != nil {
		wake()
	}
}

// Heard takes what the other side says; of all that only wire.Taken says
// something here. Without a window, as between two connections, nothing does.
func (s *Shared) Heard(m wire.Message) {
	if t, ok := m.(*wire.Taken); ok && s != nil {
		s.Taken(t.Pictures, t.Bulk)
	}
}

// trip asks the meter.
func (s *Shared) trip() Trip {
	if s.meter == nil {
		return Trip{}
	}
	var t Trip
	var congestion uint64
	t.Least, t.Latest, t.Smoothed, congestion = s.meter.Round()
	t.Congestion = int(min(congestion, 1<<30))
	return t
}

// Size is how many bytes may be on their way now.
func (s *Shared) Size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.window.Size()
}

// takeLocked says whether upTo is news. More than was sent is not believed.
func (l *Lane) takeLocked(upTo uint64) bool {
	if upTo <= l.taken || upTo > l.sent {
		return false
	}
	l.taken = upTo
	l.passLocked(upTo)
	return true
}

// passLocked notes that what was sent up to there is on its way no more.
func (l *Lane) passLocked(upTo uint64) {
	l.gone = max(l.gone, upTo)
	n := 0
	for n < len(l.marks) && l.marks[n].upTo <= l.gone {
		n++
	}
	l.marks = slices.Delete(l.marks, 0, n)
}

func (l *Lane) sendLocked(now time.Time, n int) {
	if n == 0 {
		return
	}
	l.sent += uint64(n)
	l.last = now
	l.marks = append(l.marks, mark{now, l.sent})
}

// held is what the other side has not said to have taken.
func (l *Lane) held() int { return int(l.sent - l.taken) }

// underwayLocked is what of it is on its way, as far as one can tell.
func (l *Lane) underwayLocked(now time.Time, trip Trip) int {
	for len(l.marks) > 0 && now.Sub(l.marks[0].at) > 2*trip.Smoothed+forgotten {
		l.passLocked(l.marks[0].upTo)
	}
	return int(l.sent - l.gone)
}

// fitsLocked says whether n more bytes of one lane fit, with so much left for
// others. Whoever has nothing on its way may send in any case.
func (s *Shared) fitsLocked(now time.Time, mine, other *Lane, n, spare int) (fits, busy bool) {
	trip := s.trip()
	size := s.window.Size() - spare
	under := mine.underwayLocked(now, trip) + other.underwayLocked(now, trip)
	if under > 0 && under+n > size {
		s.window.Limit()
		return false, true
	}
	fits = mine.held() == 0 || mine.held()+n <= size || under == 0 && now.Sub(mine.last) >= probe
	return fits, false
}

// Pictures is the lane of the picture.
type Pictures Lane

// Wake has f called, from any goroutine, when there may be room again for who
// was refused. It must not block. There is one at a time; nil ends it.
func (l *Pictures) Wake(f func()) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.s.wake = f
}

// Room says whether n more bytes may go now. From then on files get only their
// turn, until Rest is called; and a caller who was refused asks again when
// woken, or after a tenth of a second.
func (l *Pictures) Room(n int) bool { return l.room(n, 0) }

// Spare is Room for what nobody waits for: it leaves room for a slice of what
// somebody does.
func (l *Pictures) Spare(n int) bool { return l.room(n, n) }

// Slice is how many bytes a slice should have now: fewer than the constant of
// that name where the link is slow.
func (l *Pictures) Slice() int {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.s.window.Slice()
}

func (l *Pictures) room(n, spare int) bool {
	s := l.s
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.waiting = true
	fits, busy := false, s.grantLocked(now)
	if !s.dueLocked() || !busy {
		fits, busy = s.fitsLocked(now, &s.pictures, &s.bulk, n, spare)
	}
	s.refused = !fits
	s.waiting = fits || busy // or the viewer is the one who is slow
	return fits
}

// Sent says that n bytes go now.
func (l *Pictures) Sent(n int) {
	s := l.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pictures.sendLocked(time.Now(), n)
	if len(s.queue) > 0 {
		s.since += n
	}
}

// Rest says that no picture waits.
func (l *Pictures) Rest() {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if l.s.waiting {
		l.s.waiting = false
		l.s.grantLocked(time.Now())
	}
}

// Held is how many bytes were sent that the other side has not taken yet.
func (l *Pictures) Held() int {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.s.pictures.held()
}

// Counts are how many bytes were sent on this connection, and how many of them
// the other side has taken.
func (l *Pictures) Counts() (sent, taken uint64) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.s.pictures.sent, l.s.pictures.taken
}

// Take takes in that the other side must have so many bytes, whether or not it
// said so.
func (l *Pictures) Take(upTo uint64) { l.s.Taken(upTo, 0) }

// Far is the least time of a round trip.
func (l *Pictures) Far() time.Duration { return l.s.trip().Least }

// Bulk is the lane of files and clipboards.
type Bulk Lane

// Slice is how many bytes a piece should have now: fewer than the constant of
// that name where the link is slow.
func (l *Bulk) Slice() int { return (*Pictures)(l).Slice() }

// Wait waits until n bytes may go and counts them as sent; who waits longer
// goes first. Its error is the cause of ctx's end, and then nothing is counted.
func (l *Bulk) Wait(ctx context.Context, n int) error {
	s := l.s
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	w := &waiter{n: n, done: make(chan struct{})}
	s.mu.Lock()
	s.queue = append(s.queue, w)
	s.grantLocked(time.Now())
	s.mu.Unlock()
	again := time.NewTicker(look)
	defer again.Stop()
	for {
		select {
		case <-w.done:
			return nil
		case <-again.C:
			s.mu.Lock()
			s.grantLocked(time.Now())
			s.mu.Unlock()
		case <-ctx.Done():
			s.mu.Lock()
			defer s.mu.Unlock()
			if w.ok { // it was let go at the same moment: what it counted is as good as sent
				return nil
			}
			s.queue = slices.DeleteFunc(s.queue, func(o *waiter) bool { return o == w })
			if len(s.queue) == 0 {
				s.since = 0
			}
			return context.Cause(ctx)
		}
	}
}

// dueLocked says whether it is a file's turn although pictures wait.
func (s *Shared) dueLocked() bool { return len(s.queue) > 0 && s.since >= turn*s.window.Slice() }

// grantLocked lets those go who wait for bulk and now have room; busy says that
// the next of them has none.
func (s *Shared) grantLocked(now time.Time) (busy bool) {
	for len(s.queue) > 0 {
		w := s.queue[0]
		due, spare := s.dueLocked(), s.window.Slice()
		if due {
			spare = 0
		}
		if s.waiting && !due {
			return true
		}
		fits, busy := s.fitsLocked(now, &s.bulk, &s.pictures, w.n, spare)
		if !fits {
			return busy
		}
		s.bulk.sendLocked(now, w.n)
		s.since = 0
		s.queue = s.queue[1:]
		w.ok = true
		close(w.done)
	}
	return false
}
