package shift

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/room"
	"handrail/shared/secret"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// lines gives the chat of a session as one side has it, the other's lines.
func lines(s session.State) []string {
	var all []string
	for _, l := range s.Lines {
		if l.Kind == session.LineChat && !l.Mine {
			all = append(all, l.Text)
		}
	}
	return all
}

// serve makes a key and a customer who comes by it and is taken.
func (o *office) serve(n byte) *customer {
	o.t.Helper()
	k := o.key()
	c := o.arrives(n, k.Number, k.Code.Secret)
	o.do(console.Accept{ID: c.id})
	o.pass(time.Second)
	if got := c.sees().Stage; got != session.Talking {
		o.t.Fatalf("the customer is in stage %d", got)
	}
	return c
}

func (o *office) session(c *customer) console.Session {
	o.t.Helper()
	s := o.shown()
	x, ok := s.Session(c.id)
	if !ok {
		o.t.Fatal("the session is not in the list")
	}
	return x
}

func TestK06FromKeyToGoodbye(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		if s := o.shown(); s.SignIn != console.In || s.Rep != "Anna" {
			t.Fatalf("sign-in %d as %q", s.SignIn, s.Rep)
		}
		c := o.serve(1)
		o.do(console.Say{ID: c.id, Text: "good morning"})
		c.do(session.Say{Text: "hello"})
		if got := lines(c.sees()); !slices.Equal(got, []string{"good morning"}) {
			t.Errorf("the customer reads %q", got)
		}
		x := o.session(c)
		if got := lines(x.State); !slices.Equal(got, []string{"hello"}) {
			t.Errorf("the rep reads %q", got)
		}
		if !x.Path.Known || !x.Path.Direct {
			t.Errorf("the path is %+v", x.Path)
		}
		c.do(session.Leave{})
		o.pass(time.Second)
		if got := o.session(c).State; got.Stage != session.Over || got.Why != wire.EndByCustomer {
			t.Errorf("stage %d, why %d", got.Stage, got.Why)
		}
		left := heard[*wire.Leave](o)
		if len(left) != 1 || left[0].Session != c.id || left[0].Why != wire.EndByCustomer {
			t.Errorf("the broker heard of %v", left)
		}
		if k := o.shown().Keys; len(k) != 1 || k[0].Stage != console.KeyUsed {
			t.Errorf("keys %+v", k)
		}
	})
}

func TestEnrolmentWithACode(t *testing.T) {
	inOffice(t, func(o *office) {
		o.enrolled = false
		o.open()
		if s := o.shown(); s.SignIn != console.Unknown {
			t.Fatalf("sign-in %d", s.SignIn)
		}
		o.do(console.EnterCode{Code: "bad"})
		o.pass(time.Second)
		if s := o.shown(); s.SignIn != console.Unknown || s.Problem != words.BadEnrolment {
			t.Fatalf("sign-in %d, problem %d", s.SignIn, s.Problem)
		}
		o.do(console.EnterCode{Code: "good"})
		o.pass(time.Second)
		if s := o.shown(); s.SignIn != console.In {
			t.Fatalf("sign-in %d", s.SignIn)
		}
		o.lose()
		o.pass(time.Minute)
		if s, n := o.shown(), len(heard[*wire.Enrol](o)); s.SignIn != console.In || n != 2 {
			t.Errorf("sign-in %d after %d codes", s.SignIn, n)
		}
	})
}

// TestCodeOutlivesItsConnection: the rep types a code once, whatever happens
// to the connection before the broker's answer is here.
func TestCodeOutlivesItsConnection(t *testing.T) {
	for name, enrolled := range map[string]bool{"code lost": false, "answer lost": true} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				o.enrolled = false
				o.open()
				o.set(func() { o.lost = wire.KindEnrol })
				o.do(console.EnterCode{Code: "good"})
				o.pass(time.Second)
				if n := len(heard[*wire.Enrol](o)); n != 1 {
					t.Fatalf("%d codes sent", n)
				}
				o.set(func() { o.lost, o.enrolled = 0, enrolled })
				o.lose()
				o.pass(10 * time.Second)
				if s := o.shown(); s.SignIn != console.In {
					t.Errorf("sign-in %d", s.SignIn)
				}
			})
		})
	}
}

func TestP03ThreeWrongSecretsBurnTheKey(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		k := o.key()
		for n := range byte(secret.MaxTries) {
			c := o.arrives(n+1, k.Number, "000000")
			if !c.ended() {
				t.Errorf("try %d goes on", n+1)
			}
			if got := o.shown().Keys[0].Tried; got != int(n)+1 {
				t.Errorf("%d tries counted after %d", got, n+1)
			}
		}
		for _, l := range heard[*wire.Leave](o) {
			if l.Why != wire.EndWrongSecret {
				t.Errorf("the broker was told %d", l.Why)
			}
		}
		if got := o.shown().Keys[0].Stage; got != console.KeyBurnt {
			t.Errorf("the key is in stage %d", got)
		}
		if r := heard[*wire.RevokeKey](o); len(r) != 1 || r[0].Number != k.Number || r[0].Why != wire.KeyBurnt {
			t.Errorf("the broker was told to revoke %v", r)
		}
		o.arrives(9, k.Number, k.Code.Secret)
		if n := len(o.meetings); n != secret.MaxTries {
			t.Errorf("%d tries at the key", n)
		}
		if len(o.screens) != 0 {
			t.Error("a screen was opened for nobody")
		}
	})
}

// TestP03GuesserWhoLeavesHasTried: who has got the rep's half of the proof and
// goes away knows whether the guess was right.
func TestP03GuesserWhoLeavesHasTried(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		k := o.key()
		o.meet = func(ctx context.Context, _ room.Meeting) (Peer, error) {
			<-ctx.Done()
			return nil, errWrong
		}
		for n := range byte(secret.MaxTries) {
			id := wire.SessionID{n + 1}
			o.tell(&wire.Start{Session: id, Ticket: make([]byte, 16), Number: k.Number})
			o.pass(time.Second)
			o.tell(&wire.Ended{Session: id, Why: wire.EndByCustomer})
			o.pass(time.Second)
		}
		if got := o.shown().Keys[0]; got.Stage != console.KeyBurnt {
			t.Errorf("after %d tries the key is in stage %d", got.Tried, got.Stage)
		}
	})
}

func TestP03SecondCustomerAtOneKeyIsTurnedAway(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		k := o.key()
		o.meet = func(ctx context.Context, _ room.Meeting) (Peer, error) {
			<-ctx.Done()
			return nil, context.Cause(ctx)
		}
		first, second := wire.SessionID{1}, wire.SessionID{2}
		o.tell(&wire.Start{Session: first, Ticket: make([]byte, 16), Number: k.Number})
		o.tell(&wire.Start{Session: second, Ticket: make([]byte, 16), Number: k.Number})
		if left := heard[*wire.Leave](o); len(left) != 1 || left[0].Session != second || left[0].Why != wire.EndNeverMet {
			t.Errorf("the broker was told %v", left)
		}
		if got := o.shown().Keys[0].Stage; got != console.KeyEntering {
			t.Errorf("the key is in stage %d", got)
		}
		o.tell(&wire.Start{Session: first, Ticket: make([]byte, 16), Number: k.Number}) // said twice
		if n := len(heard[*wire.Leave](o)); n != 1 {
			t.Errorf("a Start that came twice ended something: %d", n)
		}
	})
}

// TestCustomerWhoLeavesBeforeTheTryFreesTheKey however early that is.
func TestCustomerWhoLeavesBeforeTheTryFreesTheKey(t *testing.T) {
	goes := map[string]wire.Message{
		"left":      &wire.Ended{Session: wire.SessionID{1}, Why: wire.EndByCustomer},
		"forgotten": &wire.Problem{Code: wire.CodeGone, About: wire.KindRejoin, Key: wire.SessionID{1}},
	}
	for name, gone := range goes {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				o.open()
				k := o.key()
				o.now().in <- &wire.Start{Session: wire.SessionID{1}, Ticket: make([]byte, 16), Number: k.Number}
				o.now().in <- gone
				o.pass(100 * time.Millisecond)
				if got := o.shown().Keys[0].Stage; got != console.KeyOpen {
					t.Errorf("the key is in stage %d", got)
				}
				if left := heard[*wire.Leave](o); len(left) != 1 || left[0].Why != wire.EndNeverMet {
					t.Errorf("the broker was told %v", left)
				}
				c := o.arrives(2, k.Number, k.Code.Secret)
				if o.session(c).State.Stage != session.Waiting {
					t.Error("the key does not work any more")
				}
			})
		})
	}
}

func TestZ06SessionsAndKeysOutliveTheBroker(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.serve(1)
		k := o.key()
		o.set(func() { o.down = true })
		o.lose()
		o.do(console.Say{ID: c.id, Text: "still here"})
		c.do(session.Say{Text: "me too"})
		s := o.shown()
		if s.SignIn != console.Away || s.RetryAt.Before(s.Now) {
			t.Errorf("sign-in %d, tried again at %v", s.SignIn, s.RetryAt)
		}
		if got := lines(c.sees()); !slices.Equal(got, []string{"still here"}) {
			t.Errorf("the customer reads %q", got)
		}
		if got := lines(o.session(c).State); !slices.Equal(got, []string{"me too"}) {
			t.Errorf("the rep reads %q", got)
		}
		o.tellNothing(time.Minute)
		o.set(func() { o.down = false })
		o.do(console.TryAgain{})
		o.pass(time.Second)
		s = o.shown()
		if s.SignIn != console.In {
			t.Fatalf("sign-in %d", s.SignIn)
		}
		if got := s.Keys[0]; got.Number != k.Number || got.Stage != console.KeyOpen || got.Code != k.Code {
			t.Errorf("the key became %+v", got)
		}
		if r := heard[*wire.Rejoin](o); len(r) != 1 || r[0].Session != c.id || len(r[0].Ticket) != 16 {
			t.Errorf("rejoined %v", r)
		}
		c.cutOff()
		o.pass(10 * time.Second)
		if !c.sees().Linked {
			t.Error("no connection again")
		}
		last := o.meetings[len(o.meetings)-1]
		if last.Epoch != 2 || string(last.Resume) != "resume" || last.Relays[0].URL != "turn:new" {
			t.Errorf("the next epoch was met with %+v", last)
		}
		if o.screens[0].peers != 2 {
			t.Errorf("the screen had %d connections", o.screens[0].peers)
		}
	})
}

// tellNothing lets time go by in which the broker stays away.
func (o *office) tellNothing(d time.Duration) {
	o.pass(d)
	if s := o.shown(); s.SignIn != console.Away {
		o.t.Errorf("sign-in %d without a broker", s.SignIn)
	}
}

// cutOff has the connection between the two fail.
func (c *customer) cutOff() {
	c.o.t.Helper()
	c.mu.Lock()
	line := c.line
	c.mu.Unlock()
	if line == nil {
		c.o.t.Fatal("nothing to cut")
	}
	line.Close(0)
	synctest.Wait()
}

func TestSignedInElsewhereStaysSignedOut(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		o.set(func() { o.down = true })
		o.lose()
		o.do(console.TryAgain{}) // an old wish
		o.set(func() { o.down = false })
		o.pass(10 * time.Second)
		before := o.dialled()
		o.tell(&wire.Problem{Code: wire.CodeSignedInElse})
		o.pass(time.Hour)
		if n := o.dialled(); n != before {
			t.Errorf("dialled %d times against the other console", n-before)
		}
		if s := o.shown(); s.SignIn != console.Away || s.Problem != words.SignedInElse || !s.RetryAt.IsZero() {
			t.Errorf("sign-in %d, problem %d, again at %v", s.SignIn, s.Problem, s.RetryAt)
		}
		o.do(console.TryAgain{})
		o.pass(time.Second)
		if s := o.shown(); s.SignIn != console.In {
			t.Errorf("sign-in %d when the rep wants to", s.SignIn)
		}
	})
}

func TestBrokerInTroubleIsTriedAgain(t *testing.T) {
	for _, code := range []wire.Code{wire.CodeBusy, wire.CodeInternal} {
		inOffice(t, func(o *office) {
			o.refusal = code
			o.open()
			if s := o.shown(); s.SignIn == console.In || s.RetryAt.IsZero() {
				t.Errorf("code %d: sign-in %d, again at %v", code, s.SignIn, s.RetryAt)
			}
			o.pass(time.Minute)
			if n := o.dialled(); n < 3 || n > 6 {
				t.Errorf("code %d: dialled %d times in a minute", code, n)
			}
			o.set(func() { o.refusal = 0 })
			o.pass(busyRest)
			if s := o.shown(); s.SignIn != console.In {
				t.Errorf("code %d: sign-in %d", code, s.SignIn)
			}
		})
	}
}

// TestA06TheOrganisationEndsASession in which the two are connected. Nothing else
// that a broker says does.
func TestA06TheOrganisationEndsASession(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.serve(1)
		for _, m := range []wire.Message{
			&wire.Ended{Session: c.id, Why: wire.EndLost}, &wire.Ended{Session: c.id, Why: wire.EndByCustomer},
			&wire.Problem{Code: wire.CodeGone, About: wire.KindRejoin, Key: c.id},
		} {
			o.tell(m)
			o.pass(time.Second)
			if stage := o.session(c).State.Stage; stage != session.Talking {
				t.Fatalf("after %+v the session is in stage %d", m, stage)
			}
		}
		o.tell(&wire.Ended{Session: c.id, Why: wire.EndByBroker})
		o.pass(time.Second)
		if s := o.session(c).State; s.Stage != session.Over || s.Why != wire.EndByBroker {
			t.Errorf("stage %d, why %d", s.Stage, s.Why)
		}
		if !c.ended() {
			t.Error("the customer is still in the session")
		}
	})
}

func TestFarewellEndsWhatIsLeft(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		talking := o.serve(1)
		k := o.key()
		waiting := o.arrives(2, k.Number, k.Code.Secret)
		o.cancel()
		<-o.done
		if s := talking.sees(); !talking.ended() || s.Why != wire.EndByRep {
			t.Errorf("who was helped sees stage %d, why %d", s.Stage, s.Why)
		}
		if s := waiting.sees(); !waiting.ended() || s.Why != wire.EndDeclined {
			t.Errorf("who waited sees stage %d, why %d", s.Stage, s.Why)
		}
		want := map[wire.SessionID]wire.EndWhy{talking.id: wire.EndByRep, waiting.id: wire.EndDeclined}
		left := heard[*wire.Leave](o)
		for _, l := range left {
			if want[l.Session] != l.Why {
				t.Errorf("the broker was told %v", l)
			}
		}
		if len(left) != 2 {
			t.Errorf("the broker was told of %d ends", len(left))
		}
		select {
		case <-o.now().Done():
		default:
			t.Error("Run returned before the last words were out")
		}
	})
}

func TestQuitTakesKeysBack(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.serve(1)
		k := o.key()
		o.do(console.Quit{})
		o.do(console.Yes{})
		<-o.done
		if r := heard[*wire.RevokeKey](o); len(r) != 1 || r[0].Number != k.Number {
			t.Errorf("taken back: %v", r)
		}
		if !c.ended() || c.sees().Why != wire.EndByRep {
			t.Errorf("the customer sees %d", c.sees().Why)
		}
	})
}

func TestKeyExpiresByTheBrokersClock(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		k := o.key()
		if left := time.Until(k.Expires).Round(time.Second); left != 10*time.Minute {
			t.Errorf("the key lasts %v", left)
		}
		o.lose()
		o.pass(10 * time.Second)
		if left := time.Until(o.shown().Keys[0].Expires).Round(time.Second); left != 10*time.Minute-10*time.Second {
			t.Errorf("after signing in again it lasts %v", left)
		}
		o.pass(10 * time.Minute)
		if got := o.shown().Keys[0].Stage; got != console.KeyExpired {
			t.Errorf("the key is in stage %d", got)
		}
	})
}

// TestKeyAskedForIsAskedForAgain when the connection was lost meanwhile: the
// request goes out on the new one, which must be ready for it.
func TestKeyAskedForIsAskedForAgain(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		o.now().swallow(wire.KindNewKey)
		o.do(console.NewKey{})
		if !o.shown().Making {
			t.Fatal("no key is being made")
		}
		o.lose()
		o.pass(10 * time.Second)
		s := o.shown()
		if s.Making || len(s.Keys) != 1 || s.KeyProblem != words.NoProblem {
			t.Errorf("making %v, %d keys, problem %d", s.Making, len(s.Keys), s.KeyProblem)
		}
	})
}

func TestKeyThatCannotBeAskedForFails(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		o.now().stopTaking()
		o.do(console.NewKey{})
		if s := o.shown(); s.Making || s.KeyProblem != words.BrokerAway {
			t.Errorf("making %v, problem %d", s.Making, s.KeyProblem)
		}
	})
}

// TestKeyNobodyCanProveIsTakenBack: a console that was restarted has no
// secrets, and says so on the connection it has just signed in on.
func TestKeyNobodyCanProveIsTakenBack(t *testing.T) {
	inOffice(t, func(o *office) {
		o.held = []wire.KeyMade{{Request: [16]byte{9}, Number: "111222", Expires: time.Now().Add(aheadOf + time.Hour).UnixMilli()}}
		o.open()
		if r := heard[*wire.RevokeKey](o); len(r) != 1 || r[0].Number != "111222" {
			t.Errorf("taken back: %v", r)
		}
	})
}

func TestVisitorsAreBounded(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		o.key()
		o.set(func() {
			o.meet = func(ctx context.Context, _ room.Meeting) (Peer, error) {
				<-ctx.Done()
				return nil, context.Cause(ctx)
			}
		})
		// Without waiting: none of them is turned away by the model meanwhile.
		for n := range 3 * maxVisitors {
			o.shift.visitors.add(newVisitor(&wire.Start{Session: wire.SessionID{1, byte(n)}}, newSeat(home)))
		}
		if n := len(o.shift.visitors.all()); n != maxVisitors {
			t.Errorf("%d visitors", n)
		}
		o.tell(&wire.Start{Session: wire.SessionID{2}, Ticket: make([]byte, 16), Number: "482910"})
		if left := heard[*wire.Leave](o); len(left) != 1 || left[0].Session != (wire.SessionID{2}) {
			t.Errorf("the broker was told %v", left)
		}
	})
}

// TestFullQueueLosesNothingOfTheBrokers: clicks beyond what fits are counted
// and dropped; what the broker and sessions say waits.
func TestFullQueueLosesNothingOfTheBrokers(t *testing.T) {
	inOffice(t, func(o *office) {
		for range queue + 100 {
			o.shift.Do(console.NextTab{By: 1})
		}
		if n := o.shift.dropped.Load(); n != 100 {
			t.Errorf("%d dropped", n)
		}
		o.open()
		if s := o.shown(); s.SignIn != console.In {
			t.Errorf("sign-in %d", s.SignIn)
		}
	})
}
