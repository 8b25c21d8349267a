package lobby

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

func TestSignalGoesToTheOtherSideAlone(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	s, _ := h.meet(anna, maria)
	bert, mallory := h.rep(2), h.customer("m")
	other, _ := h.meet(bert, mallory)
	for name, c := range map[string]struct {
		from Conn
		to   Conn
	}{"customer to rep": {maria, anna}, "rep to customer": {anna, maria}} {
		h.say(c.from, &wire.Signal{Session: s.Session, Epoch: 1, User: name})
		if g := last[*wire.Signal](h, c.to); g.User != name {
			t.Errorf("%s: got %q", name, g.User)
		}
	}
	before := [2]int{len(h.told[anna]), len(h.told[maria])}
	for _, c := range []Conn{bert, mallory} {
		h.say(c, &wire.Signal{Session: s.Session, Epoch: 9})
		h.refused(c, wire.CodeGone)
	}
	if now := [2]int{len(h.told[anna]), len(h.told[maria])}; now != before {
		t.Error("a stranger's signal arrived")
	}
	h.say(mallory, &wire.Leave{Session: s.Session, Why: wire.EndByCustomer})
	h.say(maria, &wire.Signal{Session: s.Session, Epoch: 4})
	if g := last[*wire.Signal](h, anna); g.Epoch != 4 {
		t.Error("a stranger's Leave ended the session")
	}
	_ = other
}

func TestLostConnectionEndsNothing(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	s, mine := h.meet(anna, maria)
	before := len(h.told[anna])
	h.step(Closed{maria})
	h.pass(time.Hour)
	for _, m := range h.told[anna][before:] {
		if _, ended := m.(*wire.Ended); ended {
			t.Fatal("rep told the session ended")
		}
	}
	again := h.customer("elsewhere")
	h.say(again, &wire.Rejoin{Session: s.Session, Ticket: mine.Ticket})
	if r := last[*wire.Rejoined](h, again); r.Session != s.Session || len(r.Relays) == 0 {
		t.Errorf("rejoined %+v", r)
	}
	h.say(anna, &wire.Signal{Session: s.Session, Epoch: 2})
	last[*wire.Signal](h, again)
}

func TestBothComeBackAfterARestart(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	reps, customers := h.meet(anna, maria)
	h.restart()
	h.pass(SessionRest - time.Second)
	anna, maria = h.rep(1), h.customer("a")
	h.say(anna, &wire.Rejoin{Session: reps.Session, Ticket: reps.Ticket})
	h.say(maria, &wire.Rejoin{Session: reps.Session, Ticket: customers.Ticket})
	last[*wire.Rejoined](h, anna)
	last[*wire.Rejoined](h, maria)
	h.pass(time.Hour)
	h.say(anna, &wire.Leave{Session: reps.Session, Why: wire.EndByRep})
	last[*wire.Ended](h, maria)
}

func TestTicketOpensItsOwnSideAlone(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	reps, customers := h.meet(anna, maria)
	bert, mallory := h.rep(2), h.customer("m")
	for name, c := range map[string]struct {
		conn   Conn
		ticket []byte
	}{
		"no ticket":                     {mallory, nil},
		"rep's ticket from a customer":  {mallory, reps.Ticket},
		"customer's ticket from a rep":  {bert, customers.Ticket},
		"rep's ticket from another rep": {bert, reps.Ticket},
		"own ticket, one bit off":       {mallory, flip(customers.Ticket)},
	} {
		h.say(c.conn, &wire.Rejoin{Session: reps.Session, Ticket: c.ticket})
		if p := last[*wire.Problem](h, c.conn); p.Code != wire.CodeGone || p.Key != reps.Session {
			t.Errorf("%s: told %+v", name, p)
		}
	}
	if kept := h.kept[reps.Session]; kept.Tickets[0] != sha256.Sum256(customers.Ticket) ||
		kept.Tickets[1] != sha256.Sum256(reps.Ticket) {
		t.Error("kept tickets are not the hashes of the two")
	}
}

func flip(b []byte) []byte {
	c := bytes.Clone(b)
	c[0] ^= 1
	return c
}

func TestSessionNobodyComesBackToEnds(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	s, mine := h.meet(anna, maria)
	h.step(Closed{anna})
	h.step(Closed{maria})
	h.pass(SessionRest)
	if kept := h.kept[s.Session]; kept.Ended.IsZero() || kept.Why != wire.EndLost {
		t.Errorf("kept %+v, want ended as lost", kept)
	}
	maria = h.customer("a")
	h.say(maria, &wire.Rejoin{Session: s.Session, Ticket: mine.Ticket})
	h.refused(maria, wire.CodeGone)
	h.join(maria, s.Number)
	h.refused(maria, wire.CodeBadKey)
}

func TestRepAwayWhenTheCustomerLeavesHearsItOnReturn(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	s, _ := h.meet(anna, maria)
	h.step(Closed{anna})
	h.say(maria, &wire.Leave{Session: s.Session, Why: wire.EndByCustomer})
	h.restart()
	anna = h.rep(1)
	h.say(anna, &wire.Rejoin{Session: s.Session, Ticket: s.Ticket})
	if e := last[*wire.Ended](h, anna); e.Why != wire.EndByCustomer {
		t.Errorf("told %d, want by customer", e.Why)
	}
	h.say(anna, &wire.Leave{Session: s.Session, Why: wire.EndByCustomer})
	if len(h.l.meetings) != 0 {
		t.Error("session remembered after both left")
	}
}

func TestLeaveTwiceOrCrossingDoesNothing(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	s, _ := h.meet(anna, maria)
	h.say(anna, &wire.Leave{Session: s.Session, Why: wire.EndByRep})
	before := [2]int{len(h.told[anna]), len(h.told[maria])}
	h.say(maria, &wire.Leave{Session: s.Session, Why: wire.EndByCustomer})
	h.say(anna, &wire.Leave{Session: s.Session, Why: wire.EndNeverMet})
	if now := [2]int{len(h.told[anna]), len(h.told[maria])}; now != before {
		t.Errorf("told more: %v, before %v", now, before)
	}
	if kept := h.kept[s.Session]; kept.Why != wire.EndByRep {
		t.Errorf("kept as ended by %d, want by rep", kept.Why)
	}
}

func TestRejoinReplacesTheOldConnection(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	s, mine := h.meet(anna, maria)
	again := h.customer("a") // the old one is not noticed as dead yet
	h.say(again, &wire.Rejoin{Session: s.Session, Ticket: mine.Ticket})
	h.step(Closed{maria})
	h.say(anna, &wire.Signal{Session: s.Session, Epoch: 2})
	last[*wire.Signal](h, again)
	h.say(again, &wire.Rejoin{Session: s.Session, Ticket: mine.Ticket})
	last[*wire.Rejoined](h, again)
}

// FuzzNoOrderOfMessagesBreaksTheLobby throws any events at a lobby and holds
// it to what must always be true.
func FuzzNoOrderOfMessagesBreaksTheLobby(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	f.Add([]byte{0, 0, 1, 1, 2, 2, 4, 4, 3, 3, 5, 8, 2, 9, 6, 10, 2, 3})
	f.Fuzz(func(t *testing.T, acts []byte) {
		if len(acts) > 400 {
			return
		}
		h := newHall(t)
		conns := []Conn{h.rep(1), h.rep(2), h.customer("a"), h.customer("b"), h.customer("c")}
		numbers, starts := []string{"000000"}, []*wire.Start{{}}
		for i, a := range acts {
			c := conns[int(a/16)%len(conns)]
			s, n := starts[i%len(starts)], numbers[i%len(numbers)]
			switch a % 16 {
			case 0, 1:
				h.say(c, &wire.NewKey{Request: [16]byte{a}})
			case 2, 3, 4:
				h.join(c, n)
			case 5, 6:
				h.say(c, &wire.Leave{Session: s.Session, Why: wire.EndWhy(1 + a/16%7)})
			case 7:
				h.say(c, &wire.Rejoin{Session: s.Session, Ticket: s.Ticket})
			case 8:
				h.say(c, &wire.RevokeKey{Number: n, Why: wire.KeyBurnt})
			case 9:
				h.say(c, &wire.Signal{Session: s.Session, Epoch: 1})
			case 10:
				h.step(Closed{c})
			case 11:
				conns = append(conns, h.rep(1), h.customer("d"))
			case 12:
				h.pass(time.Duration(a) * time.Second)
			case 13:
				h.restart()
				conns = []Conn{h.rep(1), h.customer("a"), h.customer("b")}
			case 14:
				h.step(Struck{Rep: 2})
			case 15:
				h.pass(SessionRest)
			}
			for _, told := range h.told {
				for _, m := range told {
					switch m := m.(type) {
					case *wire.KeyMade:
						numbers = append(numbers, m.Number)
					case *wire.Start:
						starts = append(starts, m)
					}
				}
			}
			clear(h.told)
			h.check()
		}
	})
}

// check holds the lobby to what is true after every step.
func (h *hall) check() {
	h.t.Helper()
	for id, m := range h.l.meetings {
		if !m.Ended.IsZero() {
			h.t.Fatalf("session %v has ended and goes on", id)
		}
		for side, c := range m.sides {
			if c == nil {
				continue
			}
			if h.l.clients[c.Conn] != c || c.in[id] != m {
				h.t.Fatalf("session %v holds a connection that is gone", id)
			}
			if side == customer && len(c.in) != 1 {
				h.t.Fatalf("customer in %d sessions", len(c.in))
			}
			if want := []wire.Role{wire.RoleCustomer, wire.RoleRep}[side]; c.Role != want {
				h.t.Fatalf("role %d on side %d", c.Role, side)
			}
		}
		if kept, ok := h.kept[id]; !ok || kept != m.Session {
			h.t.Fatalf("session %v differs from what was kept", id)
		}
	}
	for number, s := range h.l.numbers {
		if kept := h.keys[request{s.Rep, s.Request}]; kept != s.Key {
			h.t.Fatalf("key %s differs from what was kept:\n%+v\n%+v", number, kept, s.Key)
		}
		if s.State == KeyTaken && h.l.meetings[s.Session] == nil {
			h.t.Fatalf("key %s taken by a session that is over", number)
		}
		if w := s.waiter; w != nil && (w.c.waits != s || h.l.clients[w.c.Conn] != w.c) {
			h.t.Fatalf("key %s has a waiter that is gone", number)
		}
	}
	if len(h.l.numbers) != len(h.l.requests) {
		h.t.Fatalf("%d numbers and %d requests", len(h.l.numbers), len(h.l.requests))
	}
}

func TestP03CustomersMeetARepByTheNameSheHasNow(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	for name, want := range map[string]string{"Annabel": "Annabel", strings.Repeat("\U0001f642", 80): strings.Repeat("\U0001f642", 64)} {
		h.step(Settled{Settings: settings.Default("Example Ltd"), Organisation: people.Organisation{Reps: map[uint64]people.Rep{1: {ID: 1, PublicName: name}}}})
		s, start := h.meet(anna, maria)
		if start.Peer != want {
			t.Errorf("meets %q, want %q", start.Peer, want)
		}
		h.say(anna, &wire.Leave{Session: s.Session, Why: wire.EndByRep})
	}
}
