package lobby

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"handrail/shared/wire"
)

// hall is a lobby with a clock that only the test moves and a record of what
// every connection was told.
type hall struct {
	t     *testing.T
	l     *Lobby
	rules Rules
	now   time.Time
	told  map[Conn][]wire.Message
	gone  map[Conn]bool
	keys  map[request]Key
	kept  map[wire.SessionID]Session
	next  Conn
	asked byte
	finds []Find
	facts []Fact
	logs  []LogPart
}

func newHall(t *testing.T) *hall {
	t.Helper()
	rules := testRules()
	return &hall{
		t: t, rules: rules, l: New(rules), now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC),
		told: map[Conn][]wire.Message{}, gone: map[Conn]bool{},
		keys: map[request]Key{}, kept: map[wire.SessionID]Session{},
	}
}

func testRules() Rules {
	return Rules{
		Random: rand.New(rand.NewSource(1)),
		Relays: func(_ time.Time, id wire.SessionID) []wire.Relay {
			return []wire.Relay{{URL: "turn:relay.test:3478?transport=udp", User: id.String(), Password: "p"}}
		},
	}
}

func (h *hall) step(e Event) {
	h.t.Helper()
	for _, f := range h.l.Step(h.now, e) {
		switch f := f.(type) {
		case Send:
			h.told[f.To] = append(h.told[f.To], f.Message)
		case Find:
			h.finds = append(h.finds, f)
		case Close:
			h.gone[f.Conn] = true
		case SaveKey:
			h.keys[request{f.Key.Rep, f.Key.Request}] = f.Key
		case SaveSession:
			h.kept[f.Session.ID] = f.Session
		case SaveFact:
			h.facts = append(h.facts, f.Fact)
		case SaveLog:
			h.logs = append(h.logs, f.Part)
		}
	}
}

func (h *hall) pass(d time.Duration) {
	h.t.Helper()
	h.now = h.now.Add(d)
	h.step(Tick{})
}

func (h *hall) customer(from string) Conn {
	h.t.Helper()
	h.next++
	h.step(Opened{Conn: h.next, From: from, Role: wire.RoleCustomer, System: "linux"})
	return h.next
}

func (h *hall) rep(id uint64) Conn {
	h.t.Helper()
	h.next++
	h.step(Opened{Conn: h.next, From: "rep", Role: wire.RoleRep, System: "linux"})
	h.step(SignedIn{Conn: h.next, Rep: Rep{ID: id, Name: fmt.Sprintf("Rep %d", id)}})
	return h.next
}

func (h *hall) say(c Conn, m wire.Message) {
	h.t.Helper()
	h.step(Said{Conn: c, Message: m})
}

// last is the latest message c was told, which must be an M. What keeps a
// rep's lists up to date comes in between whenever it likes.
func last[M wire.Message](h *hall, c Conn) M {
	h.t.Helper()
	told := h.told[c]
	for len(told) > 0 && listed(told[len(told)-1]) && told[len(told)-1].Kind() != (*new(M)).Kind() {
		told = told[:len(told)-1]
	}
	if len(told) == 0 {
		h.t.Fatalf("connection %d was told nothing, want %T", c, *new(M))
	}
	m, ok := told[len(told)-1].(M)
	if !ok {
		h.t.Fatalf("connection %d was told %#v, want %T", c, told[len(told)-1], *new(M))
	}
	return m
}

func listed(m wire.Message) bool {
	switch m.(type) {
	case *wire.Queues, *wire.Targets, *wire.Visitor, *wire.VisitorGone, *wire.Portal:
		return true
	}
	return false
}

func (h *hall) refused(c Conn, want wire.Code) {
	h.t.Helper()
	if p := last[*wire.Problem](h, c); p.Code != want {
		h.t.Fatalf("refused with code %d, want %d", p.Code, want)
	}
}

func (h *hall) key(rep Conn, life time.Duration) *wire.KeyMade {
	h.t.Helper()
	h.asked++
	h.say(rep, &wire.NewKey{Request: [16]byte{h.asked}, Life: uint32(life / time.Second)})
	return last[*wire.KeyMade](h, rep)
}

func (h *hall) join(c Conn, number string) {
	h.t.Helper()
	h.say(c, &wire.Join{Number: number, Name: "Maria"})
}

// meet starts a session and gives both starts.
func (h *hall) meet(rep, c Conn) (*wire.Start, *wire.Start) {
	h.t.Helper()
	h.join(c, h.key(rep, 0).Number)
	return last[*wire.Start](h, rep), last[*wire.Start](h, c)
}

// restart is the broker killed and started again with what it kept.
func (h *hall) restart() {
	h.t.Helper()
	var keys []Key
	for _, k := range h.keys {
		keys = append(keys, k)
	}
	var sessions []Session
	for _, s := range h.kept {
		sessions = append(sessions, s)
	}
	h.l = New(h.rules)
	h.l.Restore(h.now, Batch{Keys: keys, Sessions: sessions})
}

func TestP03KeyBringsCustomerAndRepTogether(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("198.51.100.7")
	rep, customer := h.meet(anna, maria)
	if rep.Session != customer.Session || rep.Session == (wire.SessionID{}) {
		t.Errorf("sessions %v and %v, want one", rep.Session, customer.Session)
	}
	if rep.Peer != "Maria" || customer.Peer != "Rep 1" {
		t.Errorf("peers %q and %q", rep.Peer, customer.Peer)
	}
	if slices.Equal(rep.Ticket, customer.Ticket) || len(rep.Ticket) != 32 {
		t.Errorf("tickets %x and %x, want two of 32 bytes", rep.Ticket, customer.Ticket)
	}
	if len(rep.Relays) != 1 || rep.Relays[0].User != rep.Session.String() {
		t.Errorf("relays %v, want one for this session", rep.Relays)
	}
}

func TestP03NumberIsSixDigitsAndLivesTenMinutes(t *testing.T) {
	h := newHall(t)
	k := h.key(h.rep(1), 0)
	if len(k.Number) != 6 {
		t.Errorf("number %q, want six digits", k.Number)
	}
	if want := h.now.Add(10 * time.Minute).UnixMilli(); k.Expires != want {
		t.Errorf("expires %d, want %d", k.Expires, want)
	}
}

func TestP03LifeStaysWithinAMinuteAndADay(t *testing.T) {
	for _, c := range []struct{ ask, want time.Duration }{
		{time.Second, time.Minute},
		{time.Minute, time.Minute},
		{time.Hour, time.Hour},
		{24 * time.Hour, 24 * time.Hour},
		{1000 * time.Hour, 24 * time.Hour},
	} {
		h := newHall(t)
		if k := h.key(h.rep(1), c.ask); k.Expires != h.now.Add(c.want).UnixMilli() {
			t.Errorf("asked for %v: expires %v after now, want %v", c.ask,
				time.UnixMilli(k.Expires).Sub(h.now), c.want)
		}
	}
}

func TestP03NumbersAreDrawnEvenlyAndNeverTwiceAtOnce(t *testing.T) {
	h := newHall(t)
	seen := map[string]bool{}
	var first [10]int
	for rep := uint64(1); rep <= 100; rep++ {
		c := h.rep(rep)
		for range MaxRepKeys {
			n := h.key2(c).Number
			if seen[n] {
				t.Fatalf("number %s given twice", n)
			}
			seen[n] = true
			first[n[0]-'0']++
		}
	}
	// 3,200 draws: 320 a digit, standard deviation 17; six of those away is no
	// matter of luck, and a remainder's bias would be seen.
	for d, n := range first {
		if n < 320-102 || n > 320+102 {
			t.Errorf("%d of 3200 numbers begin with %d", n, d)
		}
	}
}

// key2 makes a key with a request of its own however many there are.
func (h *hall) key2(rep Conn) *wire.KeyMade {
	var id [16]byte
	h.next++
	copy(id[:], fmt.Sprint(h.next))
	h.say(rep, &wire.NewKey{Request: id})
	return last[*wire.KeyMade](h, rep)
}

func TestP03WrongUsedExpiredRevokedBurntLookTheSame(t *testing.T) {
	cases := map[string]func(h *hall, anna Conn) string{
		"never made": func(*hall, Conn) string { return "000000" },
		"used": func(h *hall, anna Conn) string {
			s, _ := h.meet(anna, h.customer("x"))
			h.say(anna, &wire.Leave{Session: s.Session, Why: wire.EndByRep})
			return s.Number
		},
		"in use": func(h *hall, anna Conn) string {
			s, _ := h.meet(anna, h.customer("x"))
			return s.Number
		},
		"expired": func(h *hall, anna Conn) string {
			k := h.key(anna, 0)
			h.pass(KeyLife)
			return k.Number
		},
		"expired, not swept yet": func(h *hall, anna Conn) string {
			k := h.key(anna, 0)
			h.now = h.now.Add(KeyLife)
			return k.Number
		},
		"revoked": func(h *hall, anna Conn) string {
			k := h.key(anna, 0)
			h.say(anna, &wire.RevokeKey{Number: k.Number, Why: wire.KeyRevoked})
			return k.Number
		},
		"burnt": func(h *hall, anna Conn) string {
			k := h.key(anna, 0)
			h.say(anna, &wire.RevokeKey{Number: k.Number, Why: wire.KeyBurnt})
			return k.Number
		},
	}
	for name, number := range cases {
		t.Run(name, func(t *testing.T) {
			h := newHall(t)
			n := number(h, h.rep(1))
			c := h.customer("198.51.100.7")
			h.join(c, n)
			want := wire.Problem{Code: wire.CodeBadKey, About: wire.KindJoin}
			if p := last[*wire.Problem](h, c); *p != want {
				t.Errorf("told %+v, want %+v", *p, want)
			}
			if len(h.told[c]) != 1 {
				t.Errorf("told %d things, want 1", len(h.told[c]))
			}
		})
	}
}

func TestP03LifeLimitsStartingNotTheSession(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	s, _ := h.meet(anna, maria)
	h.pass(5 * KeyLife)
	h.say(maria, &wire.Signal{Session: s.Session, Epoch: 2})
	if g := last[*wire.Signal](h, anna); g.Epoch != 2 {
		t.Errorf("signal of epoch %d, want 2", g.Epoch)
	}
}

func TestP03WrongSecretGivesTheKeyBackUntilBurnt(t *testing.T) {
	for _, why := range []wire.EndWhy{wire.EndWrongSecret, wire.EndNeverMet} {
		h := newHall(t)
		anna, maria := h.rep(1), h.customer("a")
		s, _ := h.meet(anna, maria)
		h.say(anna, &wire.Leave{Session: s.Session, Why: why})
		if e := last[*wire.Ended](h, maria); e.Why != why {
			t.Errorf("customer told %d, want %d", e.Why, why)
		}
		h.join(maria, s.Number)
		again := last[*wire.Start](h, maria)
		if again.Session == s.Session {
			t.Error("second try has the first one's session")
		}
		h.say(anna, &wire.RevokeKey{Number: s.Number, Why: wire.KeyBurnt})
		h.say(anna, &wire.Leave{Session: again.Session, Why: why})
		h.join(maria, s.Number)
		h.refused(maria, wire.CodeBadKey)
	}
}

func TestP03EveryOtherEndUsesTheKeyUp(t *testing.T) {
	for _, why := range []wire.EndWhy{wire.EndByCustomer, wire.EndByRep, wire.EndLost, wire.EndDeclined} {
		h := newHall(t)
		anna, maria := h.rep(1), h.customer("a")
		s, _ := h.meet(anna, maria)
		h.say(anna, &wire.Leave{Session: s.Session, Why: why})
		if g := last[*wire.KeyGone](h, anna); g.Why != wire.KeyUsed || g.Number != s.Number {
			t.Errorf("end %d: rep told %+v, want used", why, g)
		}
		h.join(maria, s.Number)
		h.refused(maria, wire.CodeBadKey)
	}
}

func TestP03CustomersWordNeitherFreesNorUsesUpTheKey(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	s, _ := h.meet(anna, maria)
	h.say(maria, &wire.Leave{Session: s.Session, Why: wire.EndWrongSecret})
	last[*wire.Ended](h, anna)
	if k := h.keys[request{1, [16]byte{h.asked}}]; k.State != KeyTaken {
		t.Errorf("key in state %d before the rep spoke, want taken", k.State)
	}
	// Maria types the secret anew before the console has spoken: she waits.
	before := len(h.told[maria])
	h.join(maria, s.Number)
	if len(h.told[maria]) != before {
		t.Fatalf("told %#v while the key is undecided", h.told[maria][before:])
	}
	other := h.customer("b")
	h.join(other, s.Number)
	h.refused(other, wire.CodeBadKey) // only one waits
	h.say(anna, &wire.Leave{Session: s.Session, Why: wire.EndWrongSecret})
	if again := last[*wire.Start](h, maria); again.Session == s.Session {
		t.Error("second try has the first one's session")
	}
}

func TestP03WaitingForTheConsoleEnds(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	s, _ := h.meet(anna, maria)
	h.say(maria, &wire.Leave{Session: s.Session, Why: wire.EndByCustomer})
	h.join(maria, s.Number)
	h.pass(joinPatience)
	h.refused(maria, wire.CodeBadKey)
}

func TestP03KeyGivenBackAfterItsLifeIsExpired(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	s, _ := h.meet(anna, maria)
	h.pass(KeyLife)
	h.say(anna, &wire.Leave{Session: s.Session, Why: wire.EndNeverMet})
	if g := last[*wire.KeyGone](h, anna); g.Why != wire.KeyExpired {
		t.Errorf("rep told %d, want expired", g.Why)
	}
}

func TestP03WrongNumbersCostTheAddressItsBudget(t *testing.T) {
	h := newHall(t)
	k := h.key(h.rep(1), 0)
	for range addressTries {
		c := h.customer("bad")
		h.join(c, "000000")
		h.refused(c, wire.CodeBadKey)
	}
	c := h.customer("bad")
	h.join(c, k.Number) // even the right one
	h.refused(c, wire.CodeTooManyTries)
	good := h.customer("good")
	h.join(good, k.Number)
	last[*wire.Start](h, good)
	h.pass(addressEvery)
	h.join(c, "000000")
	h.refused(c, wire.CodeBadKey) // one try came back
	h.join(c, "000000")
	h.refused(c, wire.CodeTooManyTries)
}

func TestP03WrongNumbersCostEverybodyInAll(t *testing.T) {
	h := newHall(t)
	for i := range allTries {
		c := h.customer(fmt.Sprint(i))
		h.join(c, "000000")
		h.refused(c, wire.CodeBadKey)
	}
	c := h.customer("new")
	h.join(c, "000000")
	h.refused(c, wire.CodeTooManyTries)
	h.pass(allEvery)
	h.join(c, "000000")
	h.refused(c, wire.CodeBadKey)
	h.pass(time.Hour)
	if n := len(h.l.budget.each); n != 0 {
		t.Errorf("%d addresses remembered after an hour", n)
	}
}

func TestP03TriesThatLeadNowhereCostToo(t *testing.T) {
	h := newHall(t)
	anna := h.rep(1)
	k := h.key(anna, 0)
	for range addressTries {
		c := h.customer("pest")
		h.join(c, k.Number)
		s := last[*wire.Start](h, c)
		h.say(c, &wire.Leave{Session: s.Session, Why: wire.EndByCustomer})
		h.say(anna, &wire.Leave{Session: s.Session, Why: wire.EndNeverMet})
	}
	c := h.customer("pest")
	h.join(c, k.Number)
	h.refused(c, wire.CodeTooManyTries)
}

func TestP03RepAwayIsSaidAndKeepsTheKey(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	k := h.key(anna, 0)
	h.step(Closed{anna})
	h.join(maria, k.Number)
	h.refused(maria, wire.CodeRepAway)
	h.rep(1)
	h.join(maria, k.Number)
	last[*wire.Start](h, maria)
}

func TestP03OneCustomerOneSession(t *testing.T) {
	h := newHall(t)
	anna, maria := h.rep(1), h.customer("a")
	h.meet(anna, maria)
	h.join(maria, h.key(anna, 0).Number)
	h.refused(maria, wire.CodeOutOfPlace)
}
