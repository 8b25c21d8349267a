package relay

import (
	"crypto/ed25519"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/wire"
)

func TestFirstWordsOtherThanHelloEndTheConnection(t *testing.T) {
	for name, c := range map[string]struct {
		say    any
		code   wire.Code
		reason string
	}{
		"join":            {&wire.Join{Number: "123456"}, wire.CodeOutOfPlace, "no hello"},
		"sign-in":         {&wire.SignIn{}, wire.CodeOutOfPlace, "no hello"},
		"broker's own":    {&wire.Start{}, wire.CodeOutOfPlace, "no hello"},
		"hello as broker": {&wire.Hello{Version: 1, Role: wire.RoleBroker}, wire.CodeOutOfPlace, "no hello"},
		"hello as nobody": {&wire.Hello{Version: 1}, wire.CodeOutOfPlace, "no hello"},
		"unknown kind":    {wire.UnknownKind{Number: 999}, wire.CodeOutOfPlace, "no hello"},
		"malformed":       {wire.ErrMalformed, wire.CodeMalformed, "malformed"},
		"too long":        {wire.ErrTooLong, wire.CodeMalformed, "malformed"},
		"version 0":       {&wire.Hello{Role: wire.RoleCustomer}, wire.CodeVersion, "version too old"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				w := h.connect()
				w.in <- c.say
				h.refused(w, c.code)
				h.ended(w, c.reason)
			})
		})
	}
}

func TestSilentConnectionIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		w := h.connect()
		time.Sleep(helloWait - time.Second)
		h.lives(w)
		time.Sleep(time.Second)
		h.ended(w, "no hello in time")
	})
}

func TestNewerClientIsWelcomeAndItsNewKindsAreUnsupported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		w := h.connect()
		w.in <- &wire.Hello{Version: 99, Role: wire.RoleCustomer, Program: "p", System: "s"}
		if m := last[*wire.Welcome](h, w); m.Version != wire.Version {
			t.Errorf("welcomed with version %d", m.Version)
		}
		w.in <- wire.UnknownKind{Number: 999}
		if m := last[*wire.Unsupported](h, w); m.About != 999 {
			t.Errorf("unsupported %d", m.About)
		}
		h.lives(w)
	})
}

func TestMessagesOfAnotherRoleEndTheConnection(t *testing.T) {
	for _, c := range []struct {
		role wire.Role
		say  wire.Message
	}{
		{wire.RoleCustomer, &wire.NewKey{}},
		{wire.RoleCustomer, &wire.RevokeKey{Number: "123456", Why: wire.KeyRevoked}},
		{wire.RoleCustomer, &wire.SignIn{}},
		{wire.RoleCustomer, &wire.Enrol{}},
		{wire.RoleCustomer, &wire.Start{}},
		{wire.RoleCustomer, &wire.Chat{}},
		{wire.RoleRep, &wire.Join{Number: "123456"}},
		{wire.RoleRep, &wire.Ended{}},
		{wire.RoleRep, &wire.Nudge{}},
	} {
		t.Run(c.say.Kind().String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				w := h.client(c.role)
				w.in <- c.say
				h.refused(w, wire.CodeOutOfPlace)
				h.ended(w, "message of another role")
				if n := h.relay.Counts().Dropped; n != 1 {
					t.Errorf("%d connections counted as dropped", n)
				}
			})
		})
	}
}

func TestRepWhoHasNotSignedInGetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna, maria := h.rep("anna"), h.client(wire.RoleCustomer)
		s, _ := h.meet(anna, maria)
		w := h.client(wire.RoleRep)
		for _, m := range []wire.Message{
			&wire.NewKey{}, &wire.RevokeKey{Number: s.Number, Why: wire.KeyRevoked}, &wire.Take{}, &wire.HandOn{Session: s.Session, Queue: "general"},
			&wire.Hello{Version: 1, Role: wire.RoleRep},
		} {
			w.in <- m
			h.refused(w, wire.CodeOutOfPlace)
			h.lives(w)
		}
		w.in <- &wire.Leave{Session: s.Session, Why: wire.EndByRep}
		wrong := slices.Clone(s.Ticket)
		wrong[0]++
		for _, m := range []wire.Message{
			&wire.Signal{Session: s.Session, Epoch: 1}, &wire.Rejoin{Session: s.Session, Ticket: wrong},
		} {
			w.in <- m
			h.refused(w, wire.CodeGone)
			h.lives(w)
		}
		last[*wire.Start](h, maria) // and nothing after it
	})
}

func TestSignInNeedsTheKeyOnThisConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.rep("anna")
		other := h.client(wire.RoleRep)
		stolen := signIn(other, keyOf("anna"))
		unknown := func(w *wireEnd) *wire.SignIn { return signIn(w, keyOf("nobody")) }
		w := h.client(wire.RoleRep)
		for name, m := range map[string]*wire.SignIn{
			"replayed from another connection": stolen,
			"a key nobody enrolled":            unknown(w),
			"anna's name, own signature": {
				PublicKey: stolen.PublicKey, Signature: unknown(w).Signature,
			},
			"no signature": {PublicKey: stolen.PublicKey, Signature: make([]byte, ed25519.SignatureSize)},
			"no key":       {},
		} {
			w.in <- m
			h.refused(w, wire.CodeNotEnrolled)
			if t.Failed() {
				t.Fatal(name)
			}
		}
		w.in <- &wire.Enrol{Code: "wrong", PublicKey: unknown(w).PublicKey, Signature: unknown(w).Signature}
		h.refused(w, wire.CodeBadEnrolment)
		w.in <- signIn(w, keyOf("anna"))
		last[*wire.SignedIn](h, w) // mistakes are forgiven, up to a number
		w.in <- signIn(w, keyOf("anna"))
		h.refused(w, wire.CodeOutOfPlace) // but one connection is one rep
	})
}

func TestGuessingSignInsEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		w := h.client(wire.RoleRep)
		for range signInTries {
			h.lives(w)
			w.in <- signIn(w, keyOf("nobody"))
		}
		h.ended(w, "too many sign-ins failed")
	})
}

func TestP03WrongNumbersAreChargedToTheAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		for range 10 {
			w := h.client(wire.RoleCustomer)
			h.clients-- // all from one address
			w.in <- &wire.Join{Number: "000000"}
			h.refused(w, wire.CodeBadKey)
		}
		w := h.client(wire.RoleCustomer)
		w.in <- &wire.Join{Number: "000000"}
		h.refused(w, wire.CodeTooManyTries)
		w = h.client(wire.RoleCustomer)
		w.in <- &wire.Join{Number: "000000"}
		h.refused(w, wire.CodeBadKey)
	})
}

func TestFloodIsSlowedAndHurtsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna, maria, flood := h.rep("anna"), h.client(wire.RoleCustomer), h.client(wire.RoleCustomer)
		for range 1000 {
			flood.in <- &wire.Signal{Epoch: 1}
		}
		synctest.Wait()
		if left := len(flood.in); left < 1000-messages-1 {
			t.Errorf("%d of a flood of 1000 read at once", 1000-left)
		}
		h.meet(anna, maria)
		h.lives(flood)
	})
}

func TestClientThatDoesNotReadHurtsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna, bert := h.rep("anna"), h.rep("bert")
		maria, peter := h.client(wire.RoleCustomer), h.client(wire.RoleCustomer)
		s, mine := h.meet(anna, maria)
		maria.mu.Lock()
		maria.full = true
		maria.mu.Unlock()
		for range 50 {
			anna.in <- &wire.Signal{Session: s.Session, Epoch: 1}
		}
		h.lives(maria) // the other's flood costs her nothing but signals
		if n := h.relay.Counts().Lost; n != 50 {
			t.Errorf("%d signals counted as lost", n)
		}
		maria.in <- &wire.Join{Number: "000000"} // but her own questions want an answer
		h.ended(maria, "full")
		h.meet(bert, peter)
		again := h.client(wire.RoleCustomer)
		again.in <- &wire.Rejoin{Session: s.Session, Ticket: mine.Ticket}
		last[*wire.Rejoined](h, again)
	})
}

func TestMalformedMessageEndsOnlyItsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna, maria := h.rep("anna"), h.client(wire.RoleCustomer)
		s, _ := h.meet(anna, maria)
		maria.in <- wire.ErrMalformed
		h.refused(maria, wire.CodeMalformed)
		h.ended(maria, "malformed")
		anna.in <- &wire.Signal{Session: s.Session, Epoch: 1} // the session goes on
		last[*wire.Start](h, anna)
		h.lives(anna)
	})
}
