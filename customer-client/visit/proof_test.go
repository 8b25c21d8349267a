package visit

import (
	"testing"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// TestZ03TheBrokerHasNoSayInHowARepIsKnown: a key's session is proved by the
// key and any other by words, whatever the broker calls it.
func TestZ03TheBrokerHasNoSayInHowARepIsKnown(t *testing.T) {
	start := func(p wire.Proof) *wire.Start {
		return &wire.Start{Session: sessionID, Ticket: make([]byte, 32), Peer: "Eve", Proof: p}
	}
	t.Run("a key that nobody has", func(t *testing.T) {
		inQueue(t, func(w *world) {
			w.tells(start(wire.ProofKey))
			w.rep.begin()
			w.pass(time.Second)
			w.on(chat.Ended)
			if got := w.broker.left(); got != wire.EndNotVerified || w.state().Session.Why != got || w.state().Session.Verified {
				t.Errorf("left with %d, shows %+v", got, w.state().Session)
			}
		})
	})
	t.Run("words in place of the key", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.broker.proof, w.broker.repMute = wire.ProofCompare, true
			w.do(chat.Submit{Code: "482913507264", Name: "Maria"})
			w.pass(time.Second)
			w.on(chat.KeyForm)
			if got := w.state().Problem; got != words.NotVerified || w.broker.left() != wire.EndNotVerified {
				t.Errorf("problem %d, left with %d", got, w.broker.left())
			}
		})
	})
	t.Run("words after the key's rep handed on", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.do(chat.Submit{Code: "482913507264", Name: "Maria"})
			w.pass(time.Second)
			w.rep.do(session.Accept{})
			w.pass(time.Second)
			w.on(chat.InSession)
			if !w.state().Session.Verified {
				t.Error("not verified by the key")
			}
			w.tells(&wire.Told{Session: sessionID, What: wire.TellMoved, Text: "Please wait."})
			w.rep.secret = ""
			w.broker.takes()
			w.on(chat.InSession)
			if s := w.state(); s.Session.Verified || s.Compare == nil {
				t.Errorf("the next rep counts as verified: %+v", s.Session)
			}
		})
	})
}
