package lobby

import (
	"slices"
	"testing"
	"time"

	"handrail/broker/settings"
	"handrail/shared/wire"
)

func TestTheFloorShowsWhoWaitsAndWhoIsThere(t *testing.T) {
	h := newHall(t)
	rep := h.rep(1)
	h.waiting(1)
	h.now = h.now.Add(time.Minute)
	h.waiting(2)
	general := func(f Floor) FloorQueue {
		at := slices.IndexFunc(f.Queues, func(q FloorQueue) bool { return q.Queue == settings.General })
		if at < 0 {
			t.Fatalf("%+v", f)
		}
		return f.Queues[at]
	}
	f := h.l.Floor(h.now)
	if q := general(f); q.Waiting != 2 || q.Longest != time.Minute || q.Reps != 1 || f.Running != 0 {
		t.Errorf("two wait: %+v", f)
	}
	h.say(rep, &wire.Take{Request: [16]byte{1}})
	f = h.l.Floor(h.now)
	if q := general(f); q.Waiting != 1 || q.Longest != 0 || f.Running != 1 || len(f.Reps) != 1 || f.Reps[0].Sessions != 1 {
		t.Errorf("one was taken: %+v", f)
	}
	h.l.Step(h.now, Closed{Conn: rep})
	if f = h.l.Floor(h.now); len(f.Reps) != 0 || general(f).Reps != 0 {
		t.Errorf("nobody is there: %+v", f)
	}
}
