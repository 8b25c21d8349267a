package room

import (
	"math"
	"sync"
	"testing"

	"handrail/shared/wire"
)

func TestSignalsOfOlderEpochsAreDropped(t *testing.T) {
	m := NewMailbox()
	m.Deliver(&wire.Signal{Epoch: 1, User: "old"})
	box := m.Open(Try{Epoch: 2})
	m.Deliver(&wire.Signal{Epoch: 1, User: "late"})
	m.Deliver(&wire.Signal{Epoch: 2, User: "new"})
	if s := <-box; s.User != "new" || len(box) != 0 {
		t.Errorf("got %q and %d more", s.User, len(box))
	}
	if m.Dropped() != 1 {
		t.Errorf("%d dropped", m.Dropped())
	}
}

func TestSignalsMayComeBeforeTheirEpochIsOpened(t *testing.T) {
	m := NewMailbox()
	m.Deliver(&wire.Signal{Epoch: 3, User: "a"})
	m.Deliver(&wire.Signal{Epoch: 3, User: "b"})
	if got := <-m.Called(); got != (Try{Epoch: 3}) {
		t.Errorf("called for %v", got)
	}
	box := m.Open(Try{Epoch: 3})
	if a, b := <-box, <-box; a.User != "a" || b.User != "b" {
		t.Errorf("got %q, %q", a.User, b.User)
	}
}

// TestOpeningAnOlderEpochTakesNothing: whoever is late must not eat the
// signals of the epoch that comes next.
func TestOpeningAnOlderEpochTakesNothing(t *testing.T) {
	m := NewMailbox()
	m.Deliver(&wire.Signal{Epoch: 3, User: "a"})
	select {
	case s := <-m.Open(Try{Epoch: 2}):
		t.Errorf("epoch 2 got %q", s.User)
	default:
	}
	if s := <-m.Open(Try{Epoch: 3}); s.User != "a" {
		t.Errorf("epoch 3 got %q", s.User)
	}
}

func TestOnlyTheNewestCallWaits(t *testing.T) {
	m := NewMailbox()
	for epoch := uint32(2); epoch < 20; epoch++ {
		m.Deliver(&wire.Signal{Epoch: epoch})
	}
	if got := <-m.Called(); got != (Try{Epoch: 19}) {
		t.Errorf("called for %v", got)
	}
	m.Deliver(&wire.Signal{Epoch: 19})
	select {
	case got := <-m.Called():
		t.Errorf("called again, for %v", got)
	default:
	}
}

func TestJumpsOfTheEpochAreBounded(t *testing.T) {
	rows := []struct {
		epoch uint32
		taken bool
	}{
		{0, false},
		{1, true},
		{1 + maxJump, true},
		{2 + maxJump, false},
		{math.MaxUint32, false},
	}
	for _, r := range rows {
		m := NewMailbox()
		m.Deliver(&wire.Signal{Epoch: r.epoch})
		if taken := m.Dropped() == 0; taken != r.taken {
			t.Errorf("epoch %d taken: %v", r.epoch, taken)
		}
	}
	m := NewMailbox()
	m.Open(Try{Epoch: math.MaxUint32 - 1})
	m.Deliver(&wire.Signal{Epoch: math.MaxUint32})
	m.Deliver(&wire.Signal{Epoch: 3})
	if got := <-m.Called(); got != (Try{Epoch: math.MaxUint32}) || m.Dropped() != 1 {
		t.Errorf("at the end of the numbers: called for %v, %d dropped", got, m.Dropped())
	}
}

func TestFloodOfSignalsIsBounded(t *testing.T) {
	m := NewMailbox()
	box := m.Open(Try{Epoch: 1})
	var senders sync.WaitGroup
	for range 4 {
		senders.Go(func() {
			for range 1000 {
				m.Deliver(&wire.Signal{Epoch: 1})
			}
		})
	}
	senders.Wait()
	if len(box) != maxSignals || m.Dropped() != 4000-maxSignals {
		t.Errorf("%d kept, %d dropped", len(box), m.Dropped())
	}
}

// TestZ06EpochMeantToBeDirectGivesWay: both sides began the same one, and the
// other needs any way there is.
func TestZ06EpochMeantToBeDirectGivesWay(t *testing.T) {
	for _, theirs := range []bool{false, true} {
		m := NewMailbox()
		m.Open(Try{Epoch: 2, Direct: true})
		m.Deliver(&wire.Signal{Epoch: 2, User: "a", Direct: theirs})
		select {
		case got := <-m.Called():
			if theirs || got != (Try{Epoch: 3}) {
				t.Errorf("the other side's direct: %v; called for %v", theirs, got)
			}
		default:
			if !theirs {
				t.Error("not called")
			}
		}
	}
}
