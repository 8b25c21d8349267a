package flow

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// still is a Meter of a link without queues.
type still struct{ rtt time.Duration }

func (s still) Round() (least, latest, smoothed time.Duration, congestion uint64) {
	return s.rtt, s.rtt, s.rtt, 0
}

// waits has somebody wait for bulk, and says whether it may go now.
func waits(t *testing.T, s *Shared, n int) (went func() bool) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	var over sync.WaitGroup
	over.Go(func() { done <- s.Bulk().Wait(ctx, n) })
	t.Cleanup(func() { cancel(); over.Wait() })
	gone := false
	return func() bool {
		synctest.Wait()
		select {
		case err := <-done:
			gone = err == nil
		default:
		}
		return gone
	}
}

func TestFilesGetWhatIsLeftAndLeaveASlice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(still{40 * ms})
		sent := 0
		for waits(t, s, 1000)() {
			sent += 1000
		}
		if sent > begin-Slice || sent < begin-Slice-1000 {
			t.Errorf("files took %d of %d", sent, begin)
		}
		if !s.Pictures().Room(Slice - 1000) {
			t.Error("a picture has no room beside files")
		}
	})
}

// A picture that waits goes first; of what becomes free a file gets nothing
// until pictures have had their turn.
func TestAPictureThatWaitsGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(still{40 * ms})
		woken := 0
		s.Pictures().Wake(func() { woken++ })
		for range 4 {
			s.Pictures().Sent(Slice)
		}
		if s.Pictures().Room(Slice) {
			t.Fatal("there is room in a full window")
		}
		file := waits(t, s, Slice)
		turns, taken := 0, uint64(0)
		for !file() && turns < 100 {
			taken += Slice
			s.Taken(taken, 0)
			for s.Pictures().Room(Slice) { // until the next one waits
				s.Pictures().Sent(Slice)
				turns++
			}
		}
		if turns < turn/2 || turns > 2*turn {
			t.Errorf("the file's slice went after %d of pictures", turns)
		}
		if woken < turns/2 {
			t.Errorf("pictures were woken %d times for %d slices", woken, turns)
		}
		s.Pictures().Rest()
		again := waits(t, s, 100)
		s.Taken(taken+2*Slice, 0)
		if !again() {
			t.Error("no picture waits, and the file does")
		}
	})
}

// What the other side's disk or processor holds keeps neither lane from the
// other.
func TestWhatIsNotTakenForLongBlocksOnlyItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(still{40 * ms})
		for waits(t, s, 4096)() {
		}
		for range 50 {
			if s.Pictures().Room(4096) {
				s.Pictures().Sent(4096)
			}
		}
		if s.Pictures().Room(4096) {
			t.Fatal("there is room in a full window")
		}
		time.Sleep(time.Second)
		s.Taken(s.Pictures().sum(), 0) // pictures go on, the file's disk hangs
		room := 0
		for s.Pictures().Room(4096) {
			s.Pictures().Sent(4096)
			room += 4096
		}
		if room < begin-4096 {
			t.Errorf("a disk that hangs leaves pictures %d bytes", room)
		}
	})
}

// sum is all that was sent.
func (l *Pictures) sum() uint64 { sent, _ := l.Counts(); return sent }

// What was called off is never taken; it slows, and stops nothing.
func TestWhatNeverArrivesDoesNotStopTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(still{40 * ms})
		p := s.Pictures()
		p.Sent(2 * begin)
		time.Sleep(probe - time.Millisecond)
		if p.Room(least) {
			t.Fatal("there is room in a full window")
		}
		time.Sleep(time.Millisecond)
		if !p.Room(least) {
			t.Fatal("there never is room again")
		}
		p.Sent(least)
		if p.Room(least) {
			t.Error("one piece is a try, two are not")
		}
		p.Take(p.sum()) // it was shown: so all before it has gone somewhere
		if !p.Room(Slice) {
			t.Error("there is no room although nothing is on its way")
		}
	})
}

func TestNobodyIsBelievedToHaveMoreThanWasSent(t *testing.T) {
	s := New(nil)
	s.Pictures().Sent(1000)
	s.Taken(1001, 5)
	s.Taken(1<<63, 1<<63)
	if s.Pictures().Held() != 1000 {
		t.Errorf("%d of 1000 bytes are held", s.Pictures().Held())
	}
	s.Taken(600, 0)
	s.Taken(300, 0) // old news
	if s.Pictures().Held() != 400 {
		t.Errorf("%d of 400 bytes are held", s.Pictures().Held())
	}
}

// Whoever waits goes in turn, and who gives up takes nothing with him.
func TestWhoWaitsForBulkGoesInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(nil)
		s.Pictures().Sent(begin)
		given, giveUp := context.WithCancelCause(t.Context())
		first := make(chan error, 1)
		go func() { first <- s.Bulk().Wait(given, 1000) }()
		synctest.Wait()
		second := waits(t, s, 1000)
		why := errors.New("no more")
		giveUp(why)
		if err := <-first; !errors.Is(err, why) {
			t.Errorf("giving up: %v", err)
		}
		if err := s.Bulk().Wait(given, 1); !errors.Is(err, why) {
			t.Errorf("waiting with nothing to wait for: %v", err)
		}
		s.Taken(begin, 0)
		if !second() || s.bulk.sent != 1000 {
			t.Errorf("then %d bytes count as sent", s.bulk.sent)
		}
	})
}
