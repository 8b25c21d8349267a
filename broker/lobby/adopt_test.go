package lobby

import (
	"slices"
	"testing"
	"time"

	"handrail/broker/people"
	"handrail/shared/wire"
)

// among is a hall whose broker is one of several.
func among(t *testing.T, part int) *hall {
	t.Helper()
	h := newHall(t)
	h.rules.Share = Share{Part: part, Of: Parts}
	h.l = New(h.rules)
	return h
}

// sought is what the lobby asks about now.
func (h *hall) sought() Find {
	h.t.Helper()
	if len(h.finds) != 1 {
		h.t.Fatalf("asks %+v", h.finds)
	}
	f := h.finds[0]
	h.finds = nil
	return f
}

func TestZ05AClientIsToldWhichBrokerHasWhatItWants(t *testing.T) {
	id := wire.SessionID{7}
	for name, c := range map[string]struct {
		say  wire.Message
		what Sought
		key  [16]byte
		code wire.Code // when nobody has it
	}{
		"a number":  {&wire.Join{Number: "123456"}, Sought{Number: "123456"}, [16]byte{}, wire.CodeBadKey},
		"a code":    {&wire.Enter{Code: "123456789"}, Sought{Code: "123456789"}, [16]byte{}, wire.CodeBadKey},
		"a session": {&wire.Rejoin{Session: id, Ticket: make([]byte, 32)}, Sought{Session: id}, id, wire.CodeGone},
	} {
		t.Run(name, func(t *testing.T) {
			h := among(t, 3)
			conn := h.customer("198.51.100.7")
			h.say(conn, c.say)
			f := h.sought()
			if f.Conn != conn || f.Message != c.say || f.What != c.what || len(h.told[conn]) > 0 {
				t.Fatalf("asks %+v, says %+v", f, h.told[conn])
			}
			h.step(Found{Find: f, Address: "b2.test:4443"})
			want := wire.Elsewhere{Address: "b2.test:4443", About: c.say.Kind(), Key: c.key}
			if got := last[*wire.Elsewhere](h, conn); *got != want {
				t.Errorf("told %+v", got)
			}
			h.say(conn, c.say)
			h.step(Found{Find: h.sought()})
			if got := last[*wire.Problem](h, conn); got.Code != c.code || got.About != c.say.Kind() {
				t.Errorf("told %+v", got)
			}
		})
	}
}

// P03: many tries in one go, of which the answers are still to come, are as
// many tries.
func TestP03WrongNumbersCostATryAmongSeveralBrokersToo(t *testing.T) {
	h := among(t, 3)
	conn := h.customer("198.51.100.7")
	for range 2 * addressTries {
		h.say(conn, &wire.Join{Number: "123456"})
	}
	if len(h.finds) != addressTries || last[*wire.Problem](h, conn).Code != wire.CodeTooManyTries {
		t.Fatalf("asks %d times, says %+v", len(h.finds), h.told[conn])
	}
	finds := h.finds
	h.finds = nil
	for _, f := range finds[1:] {
		h.step(Found{Find: f})
	}
	h.step(Found{Find: finds[0], Address: "b2.test:4443"}) // costs nothing
	h.say(conn, &wire.Join{Number: "123456"})
	h.step(Found{Find: h.sought()})
	h.say(conn, &wire.Join{Number: "123456"})
	if len(h.finds) != 0 || last[*wire.Problem](h, conn).Code != wire.CodeTooManyTries {
		t.Errorf("asks once more, says %+v", h.told[conn])
	}
}

func TestP03WhoIsNotLookedForPaysNothing(t *testing.T) {
	h := among(t, 3)
	conn := h.customer("198.51.100.7")
	for range 2 * addressTries {
		h.say(conn, &wire.Join{Number: "123456"})
		h.step(Found{Find: h.sought(), Busy: true})
		if m := last[*wire.Problem](h, conn); m.Code != wire.CodeBusy || m.About != wire.KindJoin {
			t.Fatalf("told %+v", m)
		}
	}
}

func TestZ05WhatWasTakenOverMeanwhileIsHere(t *testing.T) {
	dead := among(t, 2)
	anna := dead.rep(1)
	number := dead.key(anna, 0).Number
	h := among(t, 3)
	anna = h.rep(1)
	conn := h.customer("198.51.100.7")
	h.say(conn, &wire.Join{Number: number})
	f := h.sought()
	var keys []Key
	for _, k := range dead.keys {
		keys = append(keys, k)
	}
	h.step(Adopted{Batch{Keys: keys}})
	if m := last[*wire.KeyMade](h, anna); m.Number != number {
		t.Errorf("the rep hears %+v", m)
	}
	h.step(Found{Find: f})
	if got := last[*wire.Start](h, conn); got.Number != number {
		t.Errorf("the customer hears %+v", got)
	}
	if got := last[*wire.Start](h, anna); got.Number != number {
		t.Errorf("the rep hears %+v", got)
	}
}

// left is what a broker that is lost leaves of keys and sessions.
func (h *hall) left() (b Batch) {
	for _, k := range h.keys {
		b.Keys = append(b.Keys, k)
	}
	for _, s := range h.kept {
		b.Sessions = append(b.Sessions, s)
	}
	return b
}

func TestZ05SessionsThatWereTakenOverGoOn(t *testing.T) {
	dead := among(t, 2)
	anna, customer := dead.rep(1), dead.customer("198.51.100.7")
	dead.say(customer, &wire.Join{Number: dead.key(anna, 0).Number})
	start, helper := last[*wire.Start](dead, customer), last[*wire.Start](dead, anna)
	dead.say(customer, &wire.Signal{Session: start.Session, Epoch: 1})
	h := among(t, 3)
	h.step(Adopted{dead.left()})
	anna, customer = h.rep(1), h.customer("198.51.100.7")
	h.say(customer, &wire.Rejoin{Session: start.Session, Ticket: start.Ticket})
	h.say(anna, &wire.Rejoin{Session: start.Session, Ticket: helper.Ticket})
	for who, conn := range map[string]Conn{"customer": customer, "rep": anna} {
		if got := last[*wire.Rejoined](h, conn); got.Session != start.Session {
			t.Errorf("the %s hears %+v", who, got)
		}
	}
}

// A06: a broker that is lost hears of nothing any more, so whoever takes over
// ends what was revoked in the meantime.
func TestA06WhatIsRevokedIsNotTakenOver(t *testing.T) {
	for name, revoked := range map[string]func(h *hall){
		"everything": func(h *hall) { h.step(EverythingRevoked{Before: h.now}) },
		"the rep": func(h *hall) {
			h.step(Settled{Organisation: people.Organisation{Reps: map[uint64]people.Rep{1: {ID: 1, Disabled: true}}}})
		},
	} {
		dead := among(t, 2)
		anna, customer := dead.rep(1), dead.customer("198.51.100.7")
		dead.say(customer, &wire.Join{Number: dead.key(anna, 0).Number})
		start := last[*wire.Start](dead, customer)
		open := dead.key(anna, 0).Number
		h := among(t, 3)
		h.now = dead.now.Add(time.Second)
		revoked(h)
		h.step(Adopted{dead.left()})
		if s := h.kept[start.Session]; s.Ended.IsZero() || s.Why != wire.EndByBroker {
			t.Errorf("%s: the session is kept as %+v", name, s)
		}
		for _, k := range h.keys {
			if k.Number == open && k.State != KeyEnded {
				t.Errorf("%s: the key is kept as %+v", name, k)
			}
		}
		if len(h.keys) == 0 {
			t.Errorf("%s: no key is ended", name)
		}
	}
}

func TestZ05NumbersAndCodesAreOfTheOwnPart(t *testing.T) {
	h := among(t, 3)
	anna := h.rep(1)
	for range MaxRepKeys {
		if number := h.key(anna, 0).Number; !h.rules.Share.Has(number) {
			t.Errorf("gave out %s", number)
		}
	}
	for n := range 5 {
		if code := h.arrive(n, "general").Code; !h.rules.Share.Has(code) {
			t.Errorf("gave out %s", code)
		}
	}
}

func TestZ05RepsAreToldOfAllBrokersWhereThereAreSeveral(t *testing.T) {
	brokers := func(h *hall, conn Conn) (all [][]string) {
		for _, m := range h.told[conn] {
			if b, ok := m.(*wire.Brokers); ok {
				all = append(all, b.Addresses)
			}
		}
		return all
	}
	h := among(t, 3)
	anna := h.rep(1)
	one, two := []string{"b1:4443"}, []string{"b1:4443", "b2:4443"}
	for _, addresses := range [][]string{one, one, two, two} {
		h.step(Neighbours{addresses})
	}
	ben := h.rep(2)
	h.step(Neighbours{one})
	same := func(a, b []string) bool { return slices.Equal(a, b) }
	if got := brokers(h, anna); !slices.EqualFunc(got, [][]string{two, one}, same) {
		t.Errorf("Anna is told %v", got)
	}
	if got := brokers(h, ben); !slices.EqualFunc(got, [][]string{two, one}, same) {
		t.Errorf("Ben is told %v", got)
	}
}
