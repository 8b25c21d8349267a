package room

import (
	"testing"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// TestS05TheProfileIsChosenOnceForAllConnections: what the rep chose while the
// connection was away, and before, holds on the next one.
func TestS05TheProfileIsChosenOnceForAllConnections(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.reps.do(session.Tune{Profile: wire.Profile8})
		w.pass(time.Second)
		w.cust.conn().breaks()
		w.reps.do(session.Tune{Profile: wire.Profile16})
		w.pass(time.Minute)
		if w.met() < 2 || w.cust.host.times("look 3") != 1 || w.cust.host.times("look 2") != 1 {
			t.Errorf("%d connections, the host was told %q", w.met(), w.cust.host.log)
		}
		if s := w.reps.host.state(); s.Profile != wire.Profile16 || w.cust.host.state().Profile != wire.Profile16 {
			t.Errorf("the two sides say %d and %d", s.Profile, w.cust.host.state().Profile)
		}
	})
}
