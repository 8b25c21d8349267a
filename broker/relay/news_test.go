package relay

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/wire"
)

// asked is how often the store was asked for anything but a number since the
// last time.
func (h *house) asked() int {
	synctest.Wait()
	h.records.mu.Lock()
	defer h.records.mu.Unlock()
	n := h.records.asked
	h.records.asked = 0
	return n
}

func TestZ05ConsolesOnLineReadNothingWhereNothingHappens(t *testing.T) {
	const consoles = 50
	synctest.Test(t, func(t *testing.T) {
		h := openDesk(t)
		h.keeps(wire.KeepSealed)
		rudi := h.rudi()
		var all []*wireEnd
		for i := range consoles {
			all = append(all, h.rep(fmt.Sprint("rep ", i)))
		}
		time.Sleep(2 * loginLook) // each has looked since the last one enrolled
		h.asked()
		time.Sleep(lookAnyway / 2)
		if n := h.asked(); n != 0 {
			t.Errorf("%d things read although nothing happened", n)
		}

		h.records.change(func() { h.records.desk.recordKey = []byte("key") })
		time.Sleep(2 * ticking)
		for _, w := range append(all, rudi) {
			if got := kept(w); len(got) == 0 || string(got[len(got)-1].Key) != "key" {
				t.Fatalf("told %+v", got)
			}
		}
		time.Sleep(loginLook)
		const shared = 6 // settings' version, organisation, who and what is revoked, key, grants
		if n := h.asked(); n == 0 || n > shared+2*(consoles+1) {
			t.Errorf("%d things read after one change", n)
		}

		h.records.change(func() { h.records.revoked = []uint64{1} }) // rudi
		time.Sleep(ticking)
		h.refused(rudi, wire.CodeNotEnrolled)
		time.Sleep(loginLook)
		h.asked()
		time.Sleep(lookAnyway)
		if n := h.asked(); n == 0 || n > shared+2*consoles {
			t.Errorf("%d things read because it is long ago", n)
		}
	})
}

func TestA06EverythingIsRevokedWhateverTheClockOfTheBrokerWhereItWasDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna, maria := h.rep("anna"), h.client(wire.RoleCustomer)
		h.meet(anna, maria)
		time.Sleep(ticking)
		h.records.change(func() { h.records.ended = time.Now().Add(-time.Minute) })
		time.Sleep(ticking)
		last[*wire.Ended](h, maria)
	})
}

func TestZ05WhatCouldNotBeReadIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openDesk(t)
		w := h.rudi()
		time.Sleep(2 * loginLook)
		h.records.change(func() {
			h.records.desk.failing = true
			h.records.desk.recordKey, h.records.desk.certificates[publicOf("rudi")] = []byte("key"), []byte("signed")
		})
		time.Sleep(3 * loginLook)
		if got := kept(w); len(got) != 0 {
			t.Fatalf("told %+v", got)
		}
		h.records.mu.Lock() // without another hint
		h.records.desk.failing = false
		h.records.mu.Unlock()
		time.Sleep(loginLook)
		if got := kept(w); len(got) != 1 || string(got[0].Key) != "key" {
			t.Errorf("told %+v", got)
		}
		if m := last[*wire.Certified](h, w); string(m.Certificate) != "signed" {
			t.Errorf("%+v", m)
		}
	})
}
