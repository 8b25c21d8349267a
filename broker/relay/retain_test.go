package relay

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// expiry is what a store is asked to delete.
type expiry struct {
	old    int // records that are
	asked  []int
	before time.Time
}

func (r *records) Expire(_ context.Context, before time.Time, limit int) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failing {
		return 0, errGone
	}
	n := min(r.expiry.old, limit)
	r.expiry.old -= n
	r.expiry.asked = append(r.expiry.asked, n)
	r.expiry.before = before
	return n, nil
}

func TestT01OldRecordsGoInSmallBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		asked := func() []int {
			synctest.Wait()
			h.records.mu.Lock()
			defer h.records.mu.Unlock()
			return slices.Clone(h.records.expiry.asked)
		}
		h.records.change(func() { h.records.expiry.old = 2*expiring + 7 })
		time.Sleep(retaining)
		if got := asked(); len(got) > 0 {
			t.Errorf("an organisation that keeps everything has %v deleted", got)
		}
		h.records.change(func() {
			h.records.settings.Records.Days = 30
			h.records.version++
		})
		time.Sleep(retaining)
		if got := asked(); len(got) != 1 {
			t.Errorf("deleted in one go: %v", got)
		}
		time.Sleep(2 * expirePause)
		if got := asked(); !slices.Equal(got, []int{expiring, expiring, 7}) {
			t.Errorf("deleted %v", got)
		}
		h.records.mu.Lock()
		before, now := h.records.expiry.before, time.Now()
		h.records.mu.Unlock()
		if age := now.Sub(before); age < 30*24*time.Hour || age > 30*24*time.Hour+time.Second {
			t.Errorf("what is older than %v is deleted", age)
		}
		time.Sleep(retaining)
		if got := asked(); len(got) != 4 {
			t.Errorf("later %v", got)
		}
	})
}
