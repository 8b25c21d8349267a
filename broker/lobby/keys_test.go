package lobby

import (
	"testing"
	"time"

	"handrail/shared/wire"
)

func TestK06SameRequestMakesOneKey(t *testing.T) {
	h := newHall(t)
	anna := h.rep(1)
	ask := &wire.NewKey{Request: [16]byte{9}}
	h.say(anna, ask)
	first := *last[*wire.KeyMade](h, anna)
	h.pass(time.Minute)
	h.say(anna, ask)
	if again := *last[*wire.KeyMade](h, anna); again != first {
		t.Errorf("second answer %+v, want %+v", again, first)
	}
	h.restart()
	anna = h.rep(1)
	h.say(anna, ask)
	if again := *last[*wire.KeyMade](h, anna); again != first {
		t.Errorf("answer after a restart %+v, want %+v", again, first)
	}
	h.say(anna, &wire.RevokeKey{Number: first.Number, Why: wire.KeyRevoked})
	h.say(anna, ask)
	if g := last[*wire.KeyGone](h, anna); g.Number != first.Number || g.Why != wire.KeyRevoked {
		t.Errorf("request of a revoked key answered %+v, want that it is gone", g)
	}
}

func TestK06SameRequestOfTwoRepsMakesTwoKeys(t *testing.T) {
	h := newHall(t)
	anna, bert := h.rep(1), h.rep(2)
	for _, c := range []Conn{anna, bert} {
		h.say(c, &wire.NewKey{Request: [16]byte{9}})
	}
	if a, b := last[*wire.KeyMade](h, anna), last[*wire.KeyMade](h, bert); a.Number == b.Number {
		t.Errorf("both reps got %s", a.Number)
	}
}

func TestK06RevokeIsHarmlessTwiceAndForOthers(t *testing.T) {
	h := newHall(t)
	anna, bert := h.rep(1), h.rep(2)
	k := h.key(anna, 0)
	h.say(bert, &wire.RevokeKey{Number: k.Number, Why: wire.KeyRevoked})
	maria := h.customer("a")
	h.join(maria, k.Number)
	last[*wire.Start](h, maria) // Bert's word did nothing
	l := h.key(anna, 0)
	for range 2 {
		h.say(anna, &wire.RevokeKey{Number: l.Number, Why: wire.KeyBurnt})
		if g := last[*wire.KeyGone](h, anna); g.Why != wire.KeyBurnt {
			t.Errorf("told %d, want burnt", g.Why)
		}
	}
}

func TestK06RevokingAKeyInUseLeavesTheSession(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	s, _ := h.meet(anna, maria)
	h.say(anna, &wire.RevokeKey{Number: s.Number, Why: wire.KeyRevoked})
	h.say(anna, &wire.Signal{Session: s.Session, Epoch: 3})
	last[*wire.Signal](h, maria)
	h.say(anna, &wire.Leave{Session: s.Session, Why: wire.EndNeverMet})
	h.join(maria, s.Number)
	h.refused(maria, wire.CodeBadKey)
}

func TestK06SignInTellsTheOpenKeys(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	open := h.key(anna, 0)
	revoked := h.key(anna, 0)
	h.say(anna, &wire.RevokeKey{Number: revoked.Number, Why: wire.KeyRevoked})
	taken := h.key(anna, 0)
	h.join(maria, taken.Number)
	h.restart()
	in := last[*wire.SignedIn](h, h.rep(1))
	if len(in.Keys) != 1 || in.Keys[0] != *open {
		t.Errorf("keys %+v, want %+v alone", in.Keys, open)
	}
	if other := last[*wire.SignedIn](h, h.rep(2)); len(other.Keys) != 0 {
		t.Errorf("another rep is told %+v", other.Keys)
	}
}

func TestK06ExpiryIsToldOnce(t *testing.T) {
	h := newHall(t)
	anna := h.rep(1)
	k := h.key(anna, time.Minute)
	h.pass(time.Minute)
	if g := last[*wire.KeyGone](h, anna); g.Number != k.Number || g.Why != wire.KeyExpired {
		t.Errorf("told %+v", g)
	}
	before := len(h.told[anna])
	h.pass(time.Minute)
	if len(h.told[anna]) != before {
		t.Error("told again")
	}
}

func TestK06EndedNumberRestsBeforeItIsGivenAgain(t *testing.T) {
	h := newHall(t)
	anna := h.rep(1)
	k := h.key(anna, time.Minute)
	h.pass(time.Minute)
	if h.l.numbers[k.Number] == nil {
		t.Fatal("number free at once")
	}
	h.pass(keyMemory)
	if len(h.l.numbers) != 0 || len(h.l.requests) != 0 {
		t.Errorf("%d numbers, %d requests remembered for ever", len(h.l.numbers), len(h.l.requests))
	}
}

func TestK06OneRepCantTakeAllNumbers(t *testing.T) {
	h := newHall(t)
	anna, bert := h.rep(1), h.rep(2)
	for range MaxRepKeys {
		h.key2(anna)
	}
	h.say(anna, &wire.NewKey{Request: [16]byte{0xff}})
	h.refused(anna, wire.CodeBusy)
	if p := last[*wire.Problem](h, anna); p.Key != [16]byte{0xff} {
		t.Errorf("problem about %x, want the request", p.Key)
	}
	h.key2(bert)

	carl := h.rep(3)
	for range maxRepMemory {
		h.say(carl, &wire.RevokeKey{Number: h.key2(carl).Number, Why: wire.KeyRevoked})
	}
	h.say(carl, &wire.NewKey{Request: [16]byte{0xff}})
	h.refused(carl, wire.CodeBusy)
	h.pass(keyMemory)
	h.key2(carl)
}

func TestK06SecondConsoleReplacesTheFirst(t *testing.T) {
	h := newHall(t)
	first := h.rep(1)
	second := h.rep(1)
	h.refused(first, wire.CodeSignedInElse)
	if !h.gone[first] {
		t.Error("first console not let go")
	}
	h.say(first, &wire.NewKey{Request: [16]byte{1}})
	h.refused(first, wire.CodeOutOfPlace)
	h.step(Closed{first})
	maria := h.customer("a")
	h.join(maria, h.key(second, 0).Number)
	last[*wire.Start](h, maria)
}

func TestStruckRepLosesEverything(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	open := h.key(anna, 0)
	h.meet(anna, maria)
	h.step(Struck{Rep: 1})
	if e := last[*wire.Ended](h, maria); e.Why != wire.EndByBroker {
		t.Errorf("customer told %d, want by broker", e.Why)
	}
	h.refused(anna, wire.CodeNotEnrolled)
	if !h.gone[anna] {
		t.Error("connection of a struck rep stays")
	}
	h.join(maria, open.Number)
	h.refused(maria, wire.CodeBadKey)
}

func TestK06AnEndedKeyDoesNotHideAnOpenOneAfterARestart(t *testing.T) {
	for _, ago := range []time.Duration{2 * keyMemory, 5 * time.Minute} {
		for _, later := range []bool{false, true} {
			testEndedKeyDoesNotHide(t, ago, later)
		}
	}
}

// testEndedKeyDoesNotHide restores a key that ended some time ago and an open
// one with the same number, later or before.
func testEndedKeyDoesNotHide(t *testing.T, ago time.Duration, later bool) {
	t.Helper()
	h := newHall(t)
	old := Key{
		Rep: 1, Request: [16]byte{1}, Number: "123456", Made: h.now.Add(-ago),
		State: KeyEnded, Ended: h.now.Add(-ago), Why: wire.KeyUsed,
	}
	open := Key{
		Rep: 1, Request: [16]byte{2}, Number: "123456", Made: h.now,
		Expires: h.now.Add(KeyLife), State: KeyOpen,
	}
	keys := []Key{old, open}
	if later {
		keys = []Key{open, old}
	}
	h.l.Restore(h.now, Batch{Keys: keys})
	h.rep(1)
	maria := h.customer("a")
	h.join(maria, "123456")
	last[*wire.Start](h, maria)
	h.pass(2 * keyMemory)
	if n := len(h.l.requests); n != 1 {
		t.Errorf("%d keys are remembered", n)
	}
}
