package shift

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// take gives a customer who waits, to whoever asks first.
func (o *office) take(m *wire.Take) []wire.Message {
	for id, c := range o.customers {
		if c.waiting && (id == m.Session || m.Session == wire.SessionID{}) {
			c.waiting = false
			return []wire.Message{&wire.Start{Session: id, Ticket: make([]byte, 16), Proof: wire.ProofCompare, Peer: "Maria", System: "windows", Denied: c.denied}}
		}
	}
	return []wire.Message{&wire.Problem{Code: wire.CodeTaken, About: wire.KindTake, Key: m.Request}}
}

// queued is a customer who waits in a queue of the rep's.
func (o *office) queued(n byte) *customer {
	o.t.Helper()
	c := o.comes(n, "", wire.ProofCompare)
	o.tell(&wire.Queues{Queues: []wire.Queue{{ID: "team:1", What: wire.QueueTeam, Name: "Printers"}}})
	o.tell(&wire.Visitor{
		Session: c.id, Queue: "team:1", Since: time.Now().Add(aheadOf - 2*time.Minute).UnixMilli(), Name: "Maria", Issue: "Printer", Here: true,
	})
	return c
}

// taken is a customer out of a queue with whom the rep talks.
func (o *office) taken(n byte) *customer {
	o.t.Helper()
	c := o.queued(n)
	o.do(console.TakeWaiter{ID: c.id})
	o.pass(2 * time.Second)
	if got := c.sees().Stage; got != session.Talking {
		o.t.Fatalf("the customer is in stage %d", got)
	}
	return c
}

func TestK02FromTheQueueToTheGoodbye(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.queued(1)
		s := o.shown()
		if len(s.Waiters) != 1 || s.Waiters[0].Name != "Maria" || s.Now.Sub(s.Waiters[0].Since).Round(time.Second) != 2*time.Minute {
			t.Fatalf("waiting: %+v", s.Waiters)
		}
		c.denied = []string{"control"}
		o.do(console.TakeNext{})
		o.pass(2 * time.Second)
		x := o.session(c)
		if x.State.Stage != session.Talking || x.Visitor == nil || x.Visitor.Issue != "Printer" || o.shown().Selected != c.id {
			t.Fatalf("session %+v", x)
		}
		if c.sees().Stage != session.Talking || len(o.shown().Waiters) != 0 {
			t.Errorf("the customer is in stage %d", c.sees().Stage)
		}
		if x.State.Denied.What != wire.Control || x.State.Words != c.sees().Words || x.State.Words[0] != "harbour" {
			t.Errorf("denied %v, words %q", x.State.Denied, x.State.Words)
		}
		o.do(console.AskFor{ID: c.id, What: wire.View})
		if c.sees().Request == nil {
			t.Error("the customer is not asked")
		}
		c.do(session.Compared{Same: true})
		o.pass(time.Second)
		if !o.session(c).State.Verified {
			t.Error("not verified at the rep's")
		}
		c.do(session.Leave{})
		o.pass(time.Second)
		if left := heard[*wire.Leave](o); len(left) != 1 || left[0].Why != wire.EndByCustomer {
			t.Errorf("the broker heard of %v", left)
		}
	})
}

func TestZ03ARepWhoHearsOtherWordsEndsTheSession(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.taken(1)
		o.do(console.AskFor{ID: c.id, What: wire.View | wire.Control})
		if c.sees().Request != nil {
			t.Error("control is asked for before it is certain who asks")
		}
		if note := o.shown().Note; note != string(words.HeldBack) {
			t.Errorf("note %q", note)
		}
		o.do(console.Differ{ID: c.id})
		o.do(console.Yes{})
		o.pass(time.Second)
		if s := c.sees(); s.Stage != session.Over || s.Why != wire.EndNotVerified {
			t.Errorf("the customer is in stage %d, why %d", s.Stage, s.Why)
		}
	})
}

func TestK02WhoIsTakenByAnotherIsSaidInOneLine(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.queued(1)
		o.set(func() { c.waiting = false })
		o.do(console.TakeWaiter{ID: c.id})
		s := o.shown()
		if s.Note != string(words.QueueTaken) || len(s.Sessions) != 0 || s.Waiters[0].Stage != console.WaiterGone || s.Question.Ask != 0 {
			t.Errorf("note %q, %d sessions", s.Note, len(s.Sessions))
		}
	})
}

func TestK02ATakeIsSaidAgainOnANewLine(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.queued(1)
		o.now().swallow(wire.KindTake)
		o.do(console.TakeWaiter{ID: c.id})
		o.lose()
		o.pass(10 * time.Second)
		takes := heard[*wire.Take](o)
		if len(takes) != 2 || *takes[0] != *takes[1] {
			t.Fatalf("said %+v", takes)
		}
		if o.session(c).State.Stage != session.Talking {
			t.Error("no session")
		}
	})
}

// TestK02NobodyIsGivenWhoWasNotAskedFor, nor by another proof than is due: a
// broker may not choose how the two make sure of each other.
func TestK02NobodyIsGivenWhoWasNotAskedFor(t *testing.T) {
	rows := map[string]func(o *office) *wire.Start{
		"not asked for": func(*office) *wire.Start { return &wire.Start{Proof: wire.ProofCompare} },
		"by no key":     func(*office) *wire.Start { return &wire.Start{} },
		"by a key, compared": func(o *office) *wire.Start {
			return &wire.Start{Number: o.key().Number, Proof: wire.ProofCompare}
		},
		"asked for, without comparing": func(o *office) *wire.Start {
			c := o.queued(1)
			o.now().swallow(wire.KindTake)
			o.do(console.TakeWaiter{ID: c.id})
			return &wire.Start{}
		},
	}
	for name, start := range rows {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				o.open()
				m := start(o)
				m.Session, m.Ticket = wire.SessionID{1}, make([]byte, 16)
				o.tell(m)
				if len(o.meetings) != 0 || len(o.shown().Sessions) != 0 {
					t.Errorf("%d meetings", len(o.meetings))
				}
				if left := heard[*wire.Leave](o); len(left) != 1 || left[0].Why != wire.EndNeverMet {
					t.Errorf("the broker was told %v", left)
				}
			})
		})
	}
}

func TestK02WhoDoesNotComeIsSaidSo(t *testing.T) {
	rows := map[string]struct {
		end  func(o *office, c *customer)
		why  wire.EndWhy
		told wire.EndWhy
	}{
		"left on the way": {func(o *office, c *customer) {
			o.tell(&wire.Ended{Session: c.id, Why: wire.EndByCustomer})
		}, wire.EndByCustomer, wire.EndNeverMet},
		"never found": {func(o *office, _ *customer) { o.pass(3 * time.Minute) }, wire.EndNeverMet, wire.EndNeverMet},
	}
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				o.open()
				c := o.queued(1)
				o.set(func() { delete(o.customers, c.id) })
				c.cancel()
				<-c.over
				o.now().swallow(wire.KindTake)
				o.do(console.TakeWaiter{ID: c.id})
				o.tell(&wire.Start{Session: c.id, Ticket: make([]byte, 16), Proof: wire.ProofCompare})
				r.end(o, c)
				o.pass(time.Second)
				s := o.shown()
				if len(s.Sessions) != 1 || s.Sessions[0].State.Why != r.why {
					t.Errorf("sessions %+v", s.Sessions)
				}
				for _, l := range heard[*wire.Leave](o) {
					if l.Why != r.told {
						t.Errorf("the broker was told %d", l.Why)
					}
				}
			})
		})
	}
}

func TestZ04WhoCannotBeVerifiedNeverMeets(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.queued(1)
		o.meet = func(context.Context, room.Meeting) (Peer, error) { return nil, errUnsure }
		o.do(console.TakeWaiter{ID: c.id})
		o.pass(time.Second)
		if x := o.session(c); x.State.Why != wire.EndNotVerified {
			t.Errorf("why %d", x.State.Why)
		}
		if left := heard[*wire.Leave](o); len(left) != 1 || left[0].Why != wire.EndNotVerified || len(o.meetings) != 1 {
			t.Errorf("the broker was told %v after %d tries", left, len(o.meetings))
		}
	})
}

func TestK04ASessionIsHandedOn(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.taken(1)
		o.tell(&wire.Targets{Targets: []wire.Target{{Queue: "rep:9", What: wire.QueuePersonal, Name: "Bo", Here: true}}})
		o.do(console.MoveOn{ID: c.id})
		o.do(console.MoveTo{Queue: "rep:9"})
		o.do(console.MoveNote{Text: " the driver is missing "})
		o.do(console.MoveGo{})
		moved := heard[*wire.HandOn](o)
		if len(moved) != 1 || *moved[0] != (wire.HandOn{Session: c.id, Queue: "rep:9", Note: "the driver is missing"}) {
			t.Fatalf("said %+v", moved)
		}
		o.tell(&wire.Problem{Code: wire.CodeNoTarget, About: wire.KindHandOn, Key: c.id})
		if s := o.shown(); s.Move.Problem != words.NoTarget || s.Move.Busy || c.ended() {
			t.Errorf("move %+v", s.Move)
		}
		o.tell(&wire.Ended{Session: c.id, Why: wire.EndMoved})
		if c.ended() {
			t.Error("the broker ends a session that the rep did not hand on")
		}
		o.do(console.MoveGo{})
		o.tell(&wire.Ended{Session: c.id, Why: wire.EndMoved})
		o.pass(time.Second)
		if s := c.sees(); s.Stage != session.Over || s.Why != wire.EndMoved {
			t.Errorf("the customer is in stage %d, why %d", s.Stage, s.Why)
		}
		if s := o.shown(); s.Move.ID != (wire.SessionID{}) || o.session(c).State.Why != wire.EndMoved {
			t.Errorf("move %+v", s.Move)
		}
	})
}

func TestK01TheConsoleSaysThatSomebodyIsThereOnceAMinute(t *testing.T) {
	inOffice(t, func(o *office) {
		o.idle = 300
		o.open()
		for range 10 * 60 {
			o.do(console.Used{})
			o.pass(time.Second)
		}
		if n := len(heard[*wire.Active](o)); n < 9 || n > 10 {
			t.Errorf("said %d times in ten minutes", n)
		}
		before := len(heard[*wire.Active](o))
		o.pass(300*time.Second - console.IdleWarning)
		if o.shown().IdleAt.IsZero() {
			t.Error("no warning")
		}
		o.do(console.Used{})
		if s := o.shown(); !s.IdleAt.IsZero() || len(heard[*wire.Active](o)) <= before {
			t.Error("who is there again is still warned")
		}
	})
}

func TestK01LoggingInWithTheBrowser(t *testing.T) {
	for name, known := range map[string]bool{"a new console": false, "a known one": true} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				o.enrolled, o.lapsed = known, known
				o.open()
				if want := map[bool]console.SignIn{false: console.Unknown, true: console.LoggedOut}[known]; o.shown().SignIn != want {
					t.Fatalf("sign-in %d", o.shown().SignIn)
				}
				o.do(console.LogIn{})
				o.pass(time.Second)
				s := o.shown()
				if s.SignIn != console.LoggingIn || s.Pairing.Code != "CODE-1" || time.Until(s.Pairing.Expires).Round(time.Second) != 10*time.Minute-time.Second {
					t.Fatalf("sign-in %d, %+v", s.SignIn, s.Pairing)
				}
				if !slices.Contains(o.did, "open https://help.example/login/console/x") {
					t.Errorf("did %q", o.did)
				}
				o.lose()
				o.pass(10 * time.Second)
				if s := o.shown(); s.SignIn != console.LoggingIn || s.Pairing.Code != "CODE-2" {
					t.Fatalf("after a lost connection: %d, %+v", s.SignIn, s.Pairing)
				}
				o.set(func() { o.enrolled, o.lapsed = true, false })
				o.tell(&wire.SignedIn{Rep: 1, Name: "Anna"})
				if s := o.shown(); s.SignIn != console.In || s.Rep != "Anna" {
					t.Errorf("sign-in %d as %q", s.SignIn, s.Rep)
				}
				o.key()
			})
		})
	}
}

func TestK01ALoginThatComesToNothing(t *testing.T) {
	rows := map[string]struct {
		end     func(o *office)
		problem words.Problem
	}{
		"refused":  {func(o *office) { o.tell(&wire.Problem{Code: wire.CodePairRefused, About: wire.KindPair}) }, words.PairRefused},
		"too late": {func(o *office) { o.pass(10 * time.Minute) }, words.PairRefused},
		"given up": {func(o *office) { o.do(console.StopLogIn{}) }, words.NoProblem},
	}
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				o.lapsed = true
				o.open()
				o.do(console.LogIn{})
				o.pass(time.Second)
				r.end(o)
				o.pass(time.Minute)
				s, dialled := o.shown(), o.dialled()
				if s.SignIn != console.LoggedOut || s.Problem != r.problem || s.Pairing.Code != "" {
					t.Errorf("sign-in %d, problem %d", s.SignIn, s.Problem)
				}
				o.pass(time.Hour)
				if o.dialled() != dialled {
					t.Error("it is tried again by itself")
				}
				o.do(console.LogIn{})
				o.pass(time.Second)
				if s := o.shown(); s.SignIn != console.LoggingIn || s.Pairing.Code != "CODE-2" {
					t.Errorf("trying again: %d, %+v", s.SignIn, s.Pairing)
				}
			})
		})
	}
}

func TestK01WhoIsAwayIsLoggedOutAndSessionsGoOn(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.serve(1)
		o.tell(&wire.Problem{Code: wire.CodeIdle})
		if s := o.shown(); s.SignIn != console.LoggedOut || s.Problem != words.IdleTooLong {
			t.Fatalf("sign-in %d, problem %d", s.SignIn, s.Problem)
		}
		o.set(func() { o.lapsed = true })
		c.do(session.Say{Text: "are you there?"})
		if got := lines(o.session(c).State); !slices.Equal(got, []string{"are you there?"}) {
			t.Errorf("the rep reads %q", got)
		}
		o.lose()
		o.pass(10 * time.Second)
		if s := o.shown(); s.SignIn != console.LoggedOut {
			t.Errorf("sign-in %d", s.SignIn)
		}
		if r := heard[*wire.Rejoin](o); len(r) != 1 || r[0].Session != c.id {
			t.Errorf("the session has no line to the broker: %v", r)
		}
		o.do(console.LogIn{})
		o.pass(time.Second)
		if n := o.pairs; n != 1 {
			t.Errorf("asked %d times for a page", n)
		}
		o.tell(&wire.SignedIn{Rep: 1, Name: "Anna"})
		if s := o.shown(); s.SignIn != console.In || o.session(c).State.Stage != session.Talking {
			t.Errorf("sign-in %d", s.SignIn)
		}
	})
}

func TestK01SigningOut(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		k := o.key()
		o.do(console.SignOut{})
		o.pass(time.Second)
		if s := o.shown(); s.SignIn != console.LoggedOut || s.Problem != words.NoProblem {
			t.Errorf("sign-in %d, problem %d", s.SignIn, s.Problem)
		}
		if len(heard[*wire.SignOut](o)) != 1 || len(heard[*wire.RevokeKey](o)) != 1 || heard[*wire.RevokeKey](o)[0].Number != k.Number {
			t.Error("the broker was not told")
		}
		dialled := o.dialled()
		o.pass(time.Hour)
		if o.dialled() != dialled || !o.now().isClosed() {
			t.Error("the line is not hung up")
		}
		o.do(console.LogIn{})
		o.pass(time.Second)
		if s := o.shown(); s.SignIn != console.In { // this broker's login has not lapsed
			t.Errorf("sign-in %d", s.SignIn)
		}
	})
}

func TestZ04ACertificateIsKeptAndShownToCustomers(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		o.tell(&wire.Certified{Certificate: []byte("somebody else's")})
		o.tell(&wire.Certified{Certificate: []byte("ours")})
		if c := o.shown().Certificate; c.Name != "Anna" || !c.Kept {
			t.Errorf("certificate %+v", c)
		}
		o.tell(&wire.Certified{Certificate: []byte("somebody else's")})
		o.taken(1)
		if m := o.meetings[0]; string(m.Certificate) != "ours" || m.Proof != wire.ProofCompare {
			t.Errorf("met with %q", m.Certificate)
		}
	})
}

// TestAFloodOfVisitorsIsDrawnAFewTimes: ten thousand customers must not keep
// the rep from working.
func TestAFloodOfVisitorsIsDrawnAFewTimes(t *testing.T) {
	inOffice(t, func(o *office) {
		var drawn atomic.Int32
		show := o.shift.doors.Show
		o.shift.doors.Show = func(s console.State) {
			drawn.Add(1)
			show(s)
		}
		o.open()
		o.tell(&wire.Queues{Queues: []wire.Queue{{ID: "general", What: wire.QueueGeneral}}})
		const flood = 10_000
		line := o.now()
		drawn.Store(0)
		go func() {
			for n := range flood {
				line.in <- &wire.Visitor{Session: wire.SessionID{byte(n), byte(n >> 8), 1}, Queue: "general", Since: 1, Name: fmt.Sprint(n), Here: true}
			}
		}()
		synctest.Wait()
		if n := len(o.shown().Waiters); n != flood {
			t.Errorf("%d wait", n)
		}
		if n := drawn.Load(); n > flood/10 {
			t.Errorf("drawn %d times", n)
		}
	})
}
