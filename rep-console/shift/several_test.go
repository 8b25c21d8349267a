package shift

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// b1 is the broker at home, by its own name.
const b1 = "b1.test:4443"

// openSeveral runs the shift with a line home and one to b2.
func (o *office) openSeveral() {
	o.t.Helper()
	o.open()
	o.tellAt(home, &wire.Brokers{Addresses: []string{b1, b2}})
	o.pass(time.Second)
	for _, at := range []string{home, b2} {
		o.tellAt(at, &wire.Queues{Queues: []wire.Queue{{ID: "team:1", What: wire.QueueTeam, Name: "Printers"}}})
	}
}

// to is the newest connection to a broker.
func (o *office) to(at string) *trunk {
	o.t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range slices.Backward(o.lines) {
		if l.at == at {
			return l
		}
	}
	o.t.Fatalf("no line to %q", at)
	return nil
}

func (o *office) tellAt(at string, m wire.Message) {
	o.t.Helper()
	o.to(at).in <- m
	synctest.Wait()
}

// dies has a broker be gone.
func (o *office) dies(at string) {
	o.t.Helper()
	o.set(func() { o.dead[at] = true })
	o.to(at).in <- errCut
	synctest.Wait()
}

// saidTo gives the kinds of messages a broker heard, of these.
func (o *office) saidTo(at string, kinds ...wire.Kind) []wire.Kind {
	synctest.Wait()
	o.mu.Lock()
	lines := slices.Clone(o.lines)
	o.mu.Unlock()
	var all []wire.Kind
	for _, l := range lines {
		if l.at != at {
			continue
		}
		l.mu.Lock()
		for _, m := range l.said {
			if slices.Contains(kinds, m.Kind()) {
				all = append(all, m.Kind())
			}
		}
		l.mu.Unlock()
	}
	return all
}

// waitsAt is a customer who waits at a broker.
func (o *office) waitsAt(at string, n byte, since time.Duration) *customer {
	c := o.comes(n, "", wire.ProofCompare)
	o.showAt(at, c, since)
	return c
}

func (o *office) showAt(at string, c *customer, since time.Duration) {
	o.tellAt(at, &wire.Visitor{
		Session: c.id, Queue: "team:1", Since: time.Now().Add(aheadOf - since).UnixMilli(), Name: fmt.Sprint("Maria ", c.id[0]), Here: true,
	})
}

// waiting are those in the list, as numbers.
func (o *office) waiting() []byte {
	var all []byte
	for _, w := range o.shown().Waiters {
		all = append(all, w.Session[0])
	}
	return all
}

func TestZ05ASessionGoesOnWhenItsBrokerIsLost(t *testing.T) {
	inOffice(t, func(o *office) {
		o.openSeveral()
		o.waitsAt(home, 1, time.Minute)
		o.waitsAt(b2, 3, time.Second)
		o.waitsAt(b2, 2, 2*time.Minute)
		if got := o.waiting(); !slices.Equal(got, []byte{2, 1, 3}) {
			t.Fatalf("waiting %v", got)
		}
		c := o.customers[wire.SessionID{2}]
		o.reply = func(at string, m wire.Message) ([]wire.Message, bool) {
			take, ok := m.(*wire.Take)
			if !ok {
				return nil, false
			}
			return o.startOf(c, take, at), true
		}
		o.do(console.TakeNext{})
		o.pass(2 * time.Second)
		if got := c.sees().Stage; got != session.Talking || len(o.saidTo(home, wire.KindTake)) != 0 {
			t.Fatalf("the customer is in stage %d", got)
		}

		began := time.Now()
		o.set(func() {
			o.reply = func(_ string, m wire.Message) ([]wire.Message, bool) {
				if r, ok := m.(*wire.Rejoin); ok && time.Since(began) < 6*time.Second { // nobody has taken over yet
					return []wire.Message{&wire.Problem{Code: wire.CodeGone, About: wire.KindRejoin, Key: r.Session}}, true
				}
				return nil, false
			}
		})
		o.dies(b2)
		if got := o.waiting(); !slices.Equal(got, []byte{1}) {
			t.Errorf("after the loss %v wait", got)
		}
		if s := o.shown(); s.SignIn != console.In || s.Problem != 0 {
			t.Errorf("sign-in %d, problem %d", s.SignIn, s.Problem)
		}
		c.do(session.Say{Text: "still here"})
		o.pass(5 * time.Second)
		if got := lines(o.session(c).State); !slices.Equal(got, []string{"still here"}) {
			t.Errorf("the rep reads %q", got)
		}
		o.pass(10 * time.Second)
		if n := len(o.saidTo(home, wire.KindRejoin)); n < 4 || n > 8 {
			t.Errorf("looked for %d times", n)
		}
		o.showAt(home, o.customers[wire.SessionID{3}], time.Second)
		if got := o.waiting(); !slices.Equal(got, []byte{1, 3}) {
			t.Errorf("in the end %v wait", got)
		}
		c.cutOff()
		o.pass(10 * time.Second)
		if !c.sees().Linked || len(o.saidTo(home, wire.KindSignal)) == 0 {
			t.Error("the two do not meet by the other broker")
		}
		o.do(console.End{ID: c.id})
		o.do(console.Yes{})
		o.pass(time.Second)
		if got := o.saidTo(home, wire.KindLeave); len(got) != 1 {
			t.Errorf("the other broker heard %v", got)
		}
	})
}

// startOf gives a customer to a rep who asks there.
func (o *office) startOf(c *customer, m *wire.Take, at string) []wire.Message {
	if at != b2 || !c.waiting {
		return []wire.Message{&wire.Problem{Code: wire.CodeNobodyWaits, About: wire.KindTake, Key: m.Request}}
	}
	c.waiting = false
	return []wire.Message{&wire.Start{Session: c.id, Ticket: make([]byte, 16), Proof: wire.ProofCompare, Peer: "Maria"}}
}

// serveAt makes a key and a customer who comes by it at a broker and is taken.
func (o *office) serveAt(at string, n byte) *customer {
	o.t.Helper()
	k := o.key()
	c := o.comes(n, k.Code.Secret, wire.ProofKey)
	o.tellAt(at, &wire.Start{Session: c.id, Ticket: make([]byte, 16), Number: k.Number, Relays: []wire.Relay{{URL: "turn:old"}}})
	o.pass(time.Second)
	o.do(console.Accept{ID: c.id})
	o.pass(time.Second)
	if got := c.sees().Stage; got != session.Talking {
		o.t.Fatalf("the customer is in stage %d", got)
	}
	return c
}

func TestZ05TheOthersServeWhileTheBrokerAtHomeIsAway(t *testing.T) {
	inOffice(t, func(o *office) {
		o.openSeveral()
		c := o.serveAt(home, 1)
		o.set(func() {
			o.reply = func(_ string, m wire.Message) ([]wire.Message, bool) {
				r, ok := m.(*wire.Rejoin)
				if !ok {
					return nil, false
				}
				return []wire.Message{&wire.Rejoined{Session: r.Session}}, true
			}
		})
		o.dies(home)
		o.set(func() { o.dead[b1] = true })
		o.pass(20 * time.Second)
		if s := o.shown(); s.SignIn != console.In {
			t.Fatalf("sign-in %d", s.SignIn)
		}
		if o.dials[b1] == 0 {
			t.Error("the broker at home is not called by its own name")
		}
		if got := o.saidTo(b2, wire.KindRejoin); len(got) != 1 {
			t.Errorf("b2 heard %v", got)
		}
		o.key()
		if got := o.saidTo(b2, wire.KindNewKey); len(got) != 1 {
			t.Errorf("b2 heard %v", got)
		}
		o.set(func() { o.dead[home], o.dead[b1] = false, false })
		o.pass(10 * time.Second)
		o.tellAt(home, &wire.Brokers{Addresses: []string{b1, b2}})
		o.pass(time.Second)
		if s := o.shown(); s.SignIn != console.In || len(s.Keys) != 1 || o.session(c).State.Stage != session.Talking {
			t.Errorf("sign-in %d, keys %+v", s.SignIn, s.Keys)
		}
		if o.to(home).isClosed() || !o.to(b1).isClosed() {
			t.Error("there are two lines to one broker")
		}
		o.dies(b2)
		o.dies(home)
		o.set(func() { o.dead[b1] = true })
		o.pass(time.Second)
		if s := o.shown(); s.SignIn != console.Away || s.RetryAt.IsZero() {
			t.Errorf("without any broker: sign-in %d", s.SignIn)
		}
	})
}

func TestZ05AnotherBrokerThatKnowsOfNoLoginIsAskedAgain(t *testing.T) {
	inOffice(t, func(o *office) {
		behind := true
		o.reply = func(at string, m wire.Message) ([]wire.Message, bool) {
			if m.Kind() != wire.KindSignIn || at != b2 || !behind {
				return nil, false
			}
			return []wire.Message{&wire.Problem{Code: wire.CodeLoginNeeded, About: wire.KindSignIn}}, true
		}
		o.open()
		o.tellAt(home, &wire.Brokers{Addresses: []string{b1, b2}})
		o.pass(10 * time.Minute)
		if s := o.shown(); s.SignIn != console.In || o.dials[b2] != 1+loginTries {
			t.Errorf("sign-in %d, dialled %d times", s.SignIn, o.dials[b2])
		}
		behind = false
		o.set(func() { o.lapsed = true })
		o.tellAt(home, &wire.Problem{Code: wire.CodeIdle})
		o.pass(time.Second)
		if s := o.shown(); s.SignIn != console.LoggedOut {
			t.Errorf("sign-in %d", s.SignIn)
		}
		o.set(func() { o.lapsed = false })
		o.do(console.LogIn{})
		o.pass(2 * time.Second)
		if s := o.shown(); s.SignIn != console.In || o.to(b2).isClosed() {
			t.Errorf("logged in again: %d", s.SignIn)
		}
		o.do(console.SignOut{})
		o.pass(time.Second)
		for _, at := range []string{home, b2} {
			if got := o.saidTo(at, wire.KindSignOut); len(got) != 1 || !o.to(at).isClosed() {
				t.Errorf("%q heard %v", at, got)
			}
		}
		before := o.dialled()
		o.pass(10 * time.Minute)
		if o.dialled() != before {
			t.Error("a rep who signed out is signed in")
		}
	})
}

// TestZ05LoggedOutIsLoggedOutEverywhere, also while sessions keep the lines up.
func TestZ05LoggedOutIsLoggedOutEverywhere(t *testing.T) {
	inOffice(t, func(o *office) {
		o.openSeveral()
		c := o.serveAt(b2, 1)
		o.set(func() { o.lapsed = true })
		o.tellAt(home, &wire.Problem{Code: wire.CodeIdle})
		before := o.dials[b2]
		o.set(func() { o.lapsed = false })
		o.do(console.LogIn{})
		o.tellAt(home, &wire.SignedIn{Rep: 1, Name: "Anna"})
		o.pass(time.Second)
		if o.dials[b2] != before+1 || o.shown().SignIn != console.In || len(o.shift.board.signedIn()) != 2 {
			t.Errorf("dialled %d times, signed in at %q", o.dials[b2]-before, o.shift.board.signedIn())
		}
		o.tellAt(b2, &wire.Problem{Code: wire.CodeLoginNeeded}) // it has heard of the one, and not of the other
		o.pass(time.Second)
		if o.dials[b2] != before+2 || o.shown().SignIn != console.In || len(o.shift.board.signedIn()) != 2 {
			t.Errorf("dialled %d times, signed in at %q", o.dials[b2]-before, o.shift.board.signedIn())
		}
		o.do(console.SignOut{})
		o.to(b2).in <- errCut
		o.to(home).in <- errCut
		o.pass(10 * time.Second)
		if s := o.shown(); s.SignIn != console.LoggedOut || o.session(c).State.Stage != session.Talking {
			t.Errorf("who signed out is signed in: %d", s.SignIn)
		}
	})
}

// TestZ05ASessionHasALineWhereNobodyIsLoggedIn: a broker that knows of no login
// is told of sessions.
func TestZ05ASessionHasALineWhereNobodyIsLoggedIn(t *testing.T) {
	inOffice(t, func(o *office) {
		o.openSeveral()
		o.serveAt(b2, 1)
		o.reply = func(at string, m wire.Message) ([]wire.Message, bool) {
			return []wire.Message{&wire.Problem{Code: wire.CodeLoginNeeded, About: wire.KindSignIn}}, m.Kind() == wire.KindSignIn && at == b2
		}
		before := o.dials[b2]
		o.to(b2).in <- errCut
		o.pass(time.Minute)
		if n := o.dials[b2] - before; n != 1+loginTries || o.to(b2).isClosed() {
			t.Errorf("dialled %d times", n)
		}
	})
}

func TestZ05ALineThatIsNotWantedAnyMoreHasNoSay(t *testing.T) {
	inOffice(t, func(o *office) {
		o.openSeveral()
		c := o.serveAt(b2, 1)
		old := o.shift.lineAt(b2)
		o.set(func() {
			o.reply = func(_ string, m wire.Message) ([]wire.Message, bool) {
				r, ok := m.(*wire.Rejoin)
				return []wire.Message{&wire.Problem{Code: wire.CodeGone, About: wire.KindRejoin, Key: c.id}}, ok && r.Session == c.id
			}
		})
		o.tellAt(home, &wire.Brokers{Addresses: []string{b1, b3}})
		if got := o.saidTo(b3, wire.KindRejoin); len(got) != 1 {
			t.Errorf("b3 was asked %d times", len(got))
		}
		o.set(func() { o.reply = nil })
		o.pass(2 * lookRest)
		seat := o.shift.visitors.get(c.id).seat
		if seat.place() == b2 || seat.isLost() {
			t.Errorf("the session is at %q", seat.place())
		}
		seat.lose(time.Now(), seat.place()) // until now
		if o.shift.sayAbout(c.id, &wire.Leave{Session: c.id}) == nil {
			t.Error("something is said about a session whose broker is not known")
		}
		asked := len(o.saidTo(b3, wire.KindRejoin))
		o.tellAt(home, &wire.Elsewhere{About: wire.KindRejoin, Key: c.id, Address: b3})
		if len(o.saidTo(b3, wire.KindRejoin)) != asked+1 || seat.place() != b3 || seat.isLost() {
			t.Errorf("sent on to b3, the session is at %q", seat.place())
		}
		o.tellAt(home, &wire.Brokers{Addresses: []string{b1, b2}})
		o.pass(time.Second)
		old.must(console.Queues{Queues: []wire.Queue{{ID: "nobody's"}}})
		if n := len(o.shown().Queues); n != 2 {
			t.Errorf("%d queues", n)
		}
	})
}

func TestK01TheConsoleSaysToAllThatSomebodyIsThere(t *testing.T) {
	inOffice(t, func(o *office) {
		o.idle = 300
		o.openSeveral()
		for range 150 {
			o.do(console.Used{})
			o.pass(time.Second)
		}
		for _, at := range []string{home, b2} {
			if got := o.saidTo(at, wire.KindActive); len(got) != 2 {
				t.Errorf("%q heard it %d times", at, len(got))
			}
		}
	})
}

func TestE02AnswersGoWhereTheSessionIsFound(t *testing.T) {
	inOffice(t, func(o *office) {
		o.openSeveral()
		c := o.serveAt(b2, 1)
		c.do(session.Leave{})
		o.pass(2 * time.Second)
		o.tellAt(b2, &wire.Survey{Session: c.id, Questions: []wire.SurveyQuestion{{ID: 1, Form: wire.FormRating, Text: "?", Required: true}}})
		if x := o.session(c); !x.Asked() {
			t.Fatal("not asked")
		}
		o.set(func() {
			o.reply = func(_ string, m wire.Message) ([]wire.Message, bool) {
				r, ok := m.(*wire.Rejoin)
				return []wire.Message{&wire.Ended{Session: c.id, Why: wire.EndByCustomer}}, ok && r.Session == c.id
			}
		})
		o.set(func() { o.dead[b2] = true })
		o.to(b2).in <- errCut
		o.rates(c, 4)
		o.pass(5 * time.Second)
		want := []wire.Kind{wire.KindRejoin, wire.KindLeave, wire.KindAnswers}
		if got := o.saidTo(home, want...); !slices.Equal(got, want) {
			t.Errorf("home heard %v", got)
		}
	})
}

// What brokers say about each other must not have the console work for
// nothing, or disturb what goes on.
func TestZ05HostileListsOfBrokersAreBounded(t *testing.T) {
	inOffice(t, func(o *office) {
		o.openSeveral()
		c := o.serveAt(home, 1)
		var nonsense []string
		for n := range wire.MaxBrokers {
			address := fmt.Sprintf("nobody%d.test:1", n)
			nonsense = append(nonsense, address)
			o.set(func() { o.dead[address] = true })
		}
		o.tellAt(home, &wire.Brokers{Addresses: nonsense})
		o.pass(time.Minute)
		for _, at := range nonsense[1:] {
			if n := o.dials[at]; n < 5 || n > 40 {
				t.Errorf("%q was dialled %d times in a minute", at, n)
			}
		}
		if !o.to(b2).isClosed() || o.shown().SignIn != console.In || o.session(c).State.Stage != session.Talking {
			t.Error("the list disturbs what goes on")
		}
		for n := range 1000 {
			o.tellAt(home, &wire.Brokers{Addresses: []string{b1, fmt.Sprintf("flood%d.test:1", n)}})
		}
		o.tellAt(home, &wire.Brokers{Addresses: []string{b1, b1, b2, b2}})
		o.tellAt(home, &wire.Brokers{})
		o.pass(time.Second)
		if n := len(o.shift.allLines()); n != 2 || len(o.shift.board.lines) != 2 || o.to(b2).isClosed() {
			t.Errorf("%d lines, %q", n, o.shift.board.lines)
		}
		if len(o.dials) > 2*wire.MaxBrokers {
			t.Errorf("dialled %d brokers", len(o.dials))
		}
		dialled := o.dials[nonsense[5]]
		// Another console of the rep's, or the same broker by another name.
		o.tellAt(b2, &wire.Problem{Code: wire.CodeSignedInElse})
		before := o.dials[b2]
		o.pass(10 * time.Minute)
		if o.dials[b2] != before || o.dials[nonsense[5]] != dialled || o.shown().SignIn != console.In {
			t.Error("dialled against another console")
		}
		// A session of home's: b2 has no say in it.
		for _, m := range []wire.Message{
			&wire.Ended{Session: c.id, Why: wire.EndMoved}, &wire.Problem{Code: wire.CodeGone, Key: c.id},
			&wire.Elsewhere{About: wire.KindRejoin, Key: c.id, Address: b2}, &wire.Rejoined{Session: c.id}, &wire.Survey{Session: c.id},
		} {
			o.shift.lineAt(b2).heard(m)
		}
		if seat, x := o.shift.visitors.get(c.id).seat, o.session(c); seat.place() != home || seat.isLost() || x.Asked() {
			t.Errorf("the session is at %q", seat.place())
		}
	})
}
