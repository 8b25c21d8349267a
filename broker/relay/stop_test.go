package relay

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/wire"
)

// What is being written may still be kept, but the broker ends before those who
// stop it run out of patience.
func TestABrokerThatIsStoppedDoesNotWaitForASilentStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna := h.rep("anna")
		h.records.change(func() { h.records.silent = true })
		anna.in <- &wire.NewKey{Request: [16]byte{1}}
		time.Sleep(keepTime / 2) // the bubble's clock
		stopped := time.Now()
		if err := h.stop(); !errors.Is(err, ErrCantKeep) {
			t.Errorf("ended with %v, want ErrCantKeep", err)
		}
		if took := time.Since(stopped); took > keepTime {
			t.Errorf("ended after %v", took)
		}
		h.stop = func() error { return nil }
	})
}
