package room

import (
	"testing"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

func TestZ03TheWordsOfTheFirstConnectionCountForTheWholeSession(t *testing.T) {
	inWorld(t, func(w *world) {
		w.words = [3]string{"amber", "boat", "cedar"}
		w.cust = w.side(session.Config{Role: wire.RoleCustomer, Me: "Maria", Proof: wire.ProofCompare})
		w.reps = w.side(session.Config{Role: wire.RoleRep, Me: "Anna", Proof: wire.ProofCompare})
		w.cust.other, w.reps.other = w.reps, w.cust
		w.begin()
		w.cut()
		w.pass(10 * time.Second)
		if w.met() < 2 {
			t.Fatal("the connection was not replaced")
		}
		for _, s := range []*side{w.cust, w.reps} {
			if st := s.host.state(); st.Words != w.words || st.Verified {
				t.Errorf("role %d reads %v, verified %v", s.role, st.Words, st.Verified)
			}
		}
		w.cust.do(session.Compared{Same: true})
		w.pass(time.Second)
		if !w.cust.host.state().Verified || !w.reps.host.state().Verified {
			t.Error("not verified on both sides")
		}
		w.reps.do(session.Compared{})
		w.pass(time.Second)
		if why := w.cust.host.state().Why; why != wire.EndNotVerified {
			t.Errorf("the customer's session ends for %d", why)
		}
	})
}
