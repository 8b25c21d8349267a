package relay

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"handrail/broker/settings"
	"handrail/shared/wire"
)

// kept are the Keepings that a console was told, in order.
func kept(w *wireEnd) []wire.Keeping {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []wire.Keeping
	for _, m := range w.told {
		if k, ok := m.(*wire.Keeping); ok {
			all = append(all, *k)
		}
	}
	return all
}

// keeps sets what becomes of what is said.
func (h *house) keeps(keep wire.Keep) {
	h.records.change(func() {
		h.records.settings.Records = settings.Records{Keep: keep}
		h.records.version++
	})
}

func TestT01AConsoleIsToldWhatIsKeptWheneverItChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openDesk(t)
		rudi, anna := h.rudi(), h.rep("anna")
		var want []wire.Keeping
		for _, step := range []struct {
			do   func(*desk)
			keep wire.Keep
			told *wire.Keeping // to rudi; nil: nothing
		}{
			{func(*desk) {}, wire.KeepNothing, nil},
			{func(*desk) {}, wire.KeepSealed, &wire.Keeping{Keep: wire.KeepSealed}},
			{func(d *desk) { d.recordKey = []byte("key") }, wire.KeepSealed, &wire.Keeping{Keep: wire.KeepSealed, Key: []byte("key")}},
			{
				func(d *desk) { d.grants = map[string][]byte{publicOf("rudi"): []byte("grant")} }, wire.KeepSealed,
				&wire.Keeping{Keep: wire.KeepSealed, Key: []byte("key"), Grants: [][]byte{[]byte("grant")}},
			},
			{func(*desk) {}, wire.KeepSealed, nil},
			{
				func(d *desk) { d.grants[publicOf("rudi")] = []byte("another") }, wire.KeepReadable,
				&wire.Keeping{Keep: wire.KeepReadable, Key: []byte("key"), Grants: [][]byte{[]byte("another")}},
			},
			{
				func(d *desk) { d.grants[publicOf("rudi")] = make([]byte, wire.MaxGrant+1) }, wire.KeepReadable,
				&wire.Keeping{Keep: wire.KeepReadable, Key: []byte("key")},
			},
			{
				func(d *desk) { d.grants[publicOf("rudi")], d.recordKey = nil, make([]byte, wire.MaxGrant+1) }, wire.KeepNothing,
				&wire.Keeping{},
			},
		} {
			h.records.change(func() { step.do(&h.records.desk) })
			time.Sleep(2 * ticking)
			h.keeps(step.keep)
			time.Sleep(2 * ticking)
			if step.told != nil {
				want = append(want, *step.told)
			}
			got := kept(rudi)
			if step.told != nil && (len(got) == 0 || !reflect.DeepEqual(got[len(got)-1], *step.told)) || step.told == nil && len(got) > 0 && len(want) == 0 {
				t.Errorf("told %+v, want %+v", got, step.told)
			}
			if step.told == nil && len(want) > 0 && !reflect.DeepEqual(got[len(got)-1], want[len(want)-1]) {
				t.Errorf("told %+v although nothing changed", got)
			}
		}
		for _, k := range kept(anna) {
			if len(k.Grants) > 0 {
				t.Errorf("anna is told another console's grants: %+v", k)
			}
		}
		if len(kept(anna)) == 0 {
			t.Error("anna is told nothing")
		}
	})
}

func TestT01KeepingFollowsTheSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openDesk(t)
		h.records.change(func() {
			h.records.desk.recordKey = []byte("key")
			h.records.desk.grants = map[string][]byte{publicOf("rudi"): []byte("grant")}
		})
		h.keeps(wire.KeepSealed)
		time.Sleep(2 * ticking)
		w := h.rudi()
		want := wire.Keeping{Keep: wire.KeepSealed, Key: []byte("key"), Grants: [][]byte{[]byte("grant")}}
		if got := kept(w); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("told %+v", got)
		}
		w.mu.Lock()
		signedIn := false
		for _, m := range w.told {
			switch m.(type) {
			case *wire.SignedIn:
				signedIn = true
			case *wire.Keeping:
				if !signedIn {
					t.Error("told before it is signed in")
				}
			}
		}
		w.mu.Unlock()

		customer := h.client(wire.RoleCustomer)
		w.in <- &wire.SignOut{}
		time.Sleep(ticking)
		h.keeps(wire.KeepReadable)
		time.Sleep(2 * ticking)
		if got := kept(w); len(got) != 1 {
			t.Errorf("told after signing out: %+v", got)
		}
		if got := kept(customer); len(got) != 0 {
			t.Errorf("a customer is told %+v", got)
		}
	})
}
