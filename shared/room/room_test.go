package room

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

func TestTwoRoomsTalk(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.reps.do(session.Say{Text: "good morning"})
		w.cust.do(session.Say{Text: "hello"})
		w.cust.do(session.Say{Text: "it does not print"})
		w.pass(time.Second)
		if got := w.cust.host.chat(false); !slices.Equal(got, []string{"good morning"}) {
			t.Errorf("the customer reads %q", got)
		}
		if got := w.reps.host.chat(false); !slices.Equal(got, []string{"hello", "it does not print"}) {
			t.Errorf("the rep reads %q", got)
		}
		w.cust.do(session.Leave{})
		if err := w.cust.ended(); err != nil {
			t.Errorf("the customer's room ended with %v", err)
		}
		if err := w.reps.ended(); err != nil {
			t.Errorf("the rep's room ended with %v", err)
		}
		if why := w.reps.host.state().Why; why != wire.EndByCustomer {
			t.Errorf("the rep learns reason %d", why)
		}
		if w.cust.room.Do(session.Say{Text: "late"}) {
			t.Error("a room that is over took an event")
		}
	})
}

// TestZ06LostConnectionIsReplaced cuts the connection in every way there is
// and sees that the session goes on, with every line and without a question.
func TestZ06LostConnectionIsReplaced(t *testing.T) {
	cuts := []struct {
		name  string
		cut   func(w *world)
		moved bool // the customer's side surely had another one before the first was given up
	}{
		{"both hear nothing", func(w *world) { w.cut() }, true},
		{"the customer hears nothing", func(w *world) { w.cust.conn().deafen() }, true},
		{"the rep hears nothing", func(w *world) { w.reps.conn().deafen() }, true},
		{"the customer's reader fails", func(w *world) { w.cust.conn().breaks() }, false},
		{"the rep's reader fails", func(w *world) { w.reps.conn().breaks() }, false},
		{"the customer can't send", func(w *world) { e := w.cust.conn(); w.set(func() { e.refused = 1 }) }, false},
		{"the rep can't send", func(w *world) { e := w.reps.conn(); w.set(func() { e.refused = 1 }) }, false},
	}
	for _, c := range cuts {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.begin()
				w.reps.do(session.Ask{What: wire.Control})
				w.pass(time.Second)
				w.cust.do(session.Reply{ID: w.cust.host.state().Request.ID, Allow: true})
				w.pass(time.Second)
				if got := w.cust.host.last("share"); got != "share 3" {
					t.Fatalf("nothing is shared: %q", got)
				}
				c.cut(w)
				w.cust.do(session.Say{Text: "are you there?"})
				w.reps.do(session.Say{Text: "one moment"})
				w.pass(10 * time.Second)
				w.cust.do(session.Say{Text: "you are"})
				w.pass(time.Second)
				afterTheCut(t, w, c.moved)
			})
		})
	}
}

func afterTheCut(t *testing.T, w *world, moved bool) {
	t.Helper()
	if w.met() != 2 || w.cust.host.meetings() != 2 || w.reps.host.meetings() != 2 {
		t.Errorf("%d connections, %d at the customer's, %d at the rep's; want 2 each",
			w.met(), w.cust.host.meetings(), w.reps.host.meetings())
	}
	if got := w.reps.host.chat(false); !slices.Equal(got, []string{"are you there?", "you are"}) {
		t.Errorf("the rep reads %q", got)
	}
	if got := w.cust.host.chat(false); !slices.Equal(got, []string{"one moment"}) {
		t.Errorf("the customer reads %q", got)
	}
	w.cust.host.mu.Lock()
	log := w.cust.host.log
	w.cust.host.mu.Unlock()
	want := []string{"connected", "gate true", "gate false", "share 3", "connected", "share 3"}
	lost := slices.Insert(slices.Clone(want), 4, "disconnected", "share 0")
	if !slices.Equal(log, want) && (moved || !slices.Equal(log, lost)) {
		t.Errorf("the customer's machine was told\n%q, want\n%q", log, want)
	}
	for _, s := range []*side{w.cust, w.reps} {
		st := s.host.state()
		if !st.Linked || st.Request != nil || st.Granted != wire.View|wire.Control {
			t.Errorf("role %d: linked %v, request %v, granted %d", s.role, st.Linked, st.Request, st.Granted)
		}
	}
}

// TestZ06NothingIsSharedWhileCut: with nobody to see it, the screen is left
// alone, and what the customer takes back then stays taken back.
func TestZ06NothingIsSharedWhileCut(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.reps.do(session.Ask{What: wire.View})
		w.pass(time.Second)
		w.cust.do(session.Reply{ID: 1, Allow: true})
		w.pass(time.Second)
		w.set(func() { w.noPath = true })
		w.cut()
		w.pass(20 * time.Second)
		if got := w.cust.host.last("share"); got != "share 0" {
			t.Errorf("while the connection is cut: %q", got)
		}
		w.cust.do(session.StopSharing{})
		w.pass(time.Second)
		w.set(func() { w.noPath = false })
		w.pass(20 * time.Second)
		if !w.cust.host.state().Linked {
			t.Fatal("no connection again")
		}
		if got := w.cust.host.last("share"); got != "share 0" {
			t.Errorf("after STOP SHARING and a new connection: %q", got)
		}
		if got := w.reps.host.state().Granted; got != 0 {
			t.Errorf("the rep believes in permissions %d", got)
		}
	})
}

// TestZ06NoLineLostOrDoubled writes lines from both sides and cuts connections
// wherever it happens to hit.
func TestZ06NoLineLostOrDoubled(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.begin()
				r := rand.New(rand.NewPCG(seed, 0))
				said := map[*side][]string{}
				for i := range 300 {
					s := []*side{w.cust, w.reps}[r.IntN(2)]
					line := fmt.Sprintf("line %d", i)
					said[s] = append(said[s], line)
					s.do(session.Say{Text: line})
					switch r.IntN(40) {
					case 0:
						w.cut()
					case 1:
						w.cust.conn().deafen()
					case 2:
						w.reps.conn().deafen()
					case 3:
						w.reps.conn().breaks()
					}
					if r.IntN(4) == 0 {
						w.pass(time.Duration(r.IntN(3000)) * time.Millisecond)
					}
				}
				w.pass(30 * time.Second)
				for s, lines := range said {
					if got := s.other.host.chat(false); !slices.Equal(got, lines) {
						t.Errorf("role %d wrote %d lines, the other has %d:\n%q", s.role, len(lines), len(got), got)
					}
					if st := s.host.state(); st.Full || int(st.Acked) < len(lines) {
						t.Errorf("role %d: acknowledged up to %d of %d", s.role, st.Acked, len(lines))
					}
				}
				if w.met() < 2 {
					t.Errorf("only %d connections: nothing was cut", w.met())
				}
			})
		})
	}
}

// TestZ06BrokerAwayForAWhile: without a broker no connection comes about; with
// it, the two meet although they tried different numbers of times.
func TestZ06BrokerAwayForAWhile(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.set(func() { w.noRelay = true })
		w.cut()
		w.pass(90 * time.Second)
		w.set(func() { w.noRelay = false })
		w.pass(10 * time.Second)
		if !w.cust.host.state().Linked || !w.reps.host.state().Linked {
			t.Error("they did not meet again")
		}
	})
}

func TestAfterHavingMetItTriesUntilTheSessionIsLost(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.set(func() { w.noPath = true })
		w.cut()
		w.pass(session.LostAfter - time.Second)
		if !w.reps.running() || !w.cust.running() {
			t.Fatal("a room gave up early")
		}
		if n, _ := w.reps.tried(); n < 10 {
			t.Errorf("only %d tries", n)
		}
		w.pass(3 * time.Second)
		for _, s := range []*side{w.cust, w.reps} {
			if err := s.ended(); err != nil {
				t.Errorf("role %d ended with %v", s.role, err)
			}
			if why := s.host.state().Why; why != wire.EndLost {
				t.Errorf("role %d ended because of %d", s.role, why)
			}
		}
	})
}

func TestThreeFailedEpochsEndARoomThatNeverMet(t *testing.T) {
	inWorld(t, func(w *world) {
		w.set(func() { w.noPath = true })
		w.reps.run()
		w.cust.run()
		w.pass(30 * time.Second)
		if err := w.reps.ended(); !errors.Is(err, errNoPath) {
			t.Errorf("the rep's room ended with %v", err)
		}
		if n, _ := w.reps.tried(); n != firstTry {
			t.Errorf("%d tries", n)
		}
		w.pass(callWait)
		if err := w.cust.ended(); !errors.Is(err, errNoPath) {
			t.Errorf("the customer's room ended with %v", err)
		}
		if w.reps.host.meetings()+w.cust.host.meetings() != 0 {
			t.Error("somebody met")
		}
	})
}

// TestCustomerDoesNotWaitForARepWhoIsGone: whoever is never called again gives
// up, and says why nobody came.
func TestCustomerDoesNotWaitForARepWhoIsGone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.cust.run()
		w.pass(meetWait + callWait + time.Second)
		if err := w.cust.ended(); !errors.Is(err, errNoPath) {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestLeavingBeforeAnybodyMetIsNoSuccess(t *testing.T) {
	inWorld(t, func(w *world) {
		w.cust.run()
		w.pass(time.Second)
		w.cust.do(session.Leave{})
		if err := w.cust.ended(); !errors.Is(err, ErrNeverMet) {
			t.Errorf("ended with %v", err)
		}
	})
}

var errWrong = errors.New("wrong secret")

func fatal(context.Context, Try) (Peer, error) { return nil, ErrFatal{errWrong} }

func TestP03WrongSecretEndsTheRoomAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.reps.meet = fatal
		w.reps.run()
		if err := w.reps.ended(); !errors.Is(err, errWrong) {
			t.Errorf("ended with %v", err)
		}
		if n, _ := w.reps.tried(); n != 1 {
			t.Errorf("%d tries of the secret", n)
		}
	})
}

// unsure is a Meet that has given its half of the proof away and waits for the
// answer: whatever happens to it is a try.
func unsure(ctx context.Context, _ Try) (Peer, error) {
	<-ctx.Done()
	return nil, ErrFatal{errWrong}
}

// TestP03TryCountsWhateverTheGuesserDoes: neither calling a newer epoch nor
// leaving makes a try of the secret one that was not.
func TestP03TryCountsWhateverTheGuesserDoes(t *testing.T) {
	for name, dodge := range map[string]func(w *world){
		"newer epoch":     func(w *world) { w.reps.box.Deliver(&wire.Signal{Epoch: 2}) },
		"leaves":          func(w *world) { w.reps.cancel() },
		"newer and leave": func(w *world) { w.reps.box.Deliver(&wire.Signal{Epoch: 9}); w.reps.cancel() },
		"session ends":    func(w *world) { w.reps.do(session.Leave{}) },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.reps.meet = unsure
				w.reps.run()
				w.pass(time.Second)
				dodge(w)
				w.pass(time.Second)
				if err := w.reps.ended(); !errors.Is(err, errWrong) {
					t.Errorf("ended with %v: the try is not counted", err)
				}
				if n, _ := w.reps.tried(); n != 1 {
					t.Errorf("%d tries of the secret", n)
				}
			})
		})
	}
}

// TestWrongProofLaterIsNoEnd: once the two have met, a broker that brings
// somebody else can delay the next connection, not end the session.
func TestWrongProofLaterIsNoEnd(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.set(func() { w.reps.meet = fatal })
		w.cut()
		w.pass(30 * time.Second)
		if !w.reps.running() {
			t.Fatalf("the session ended with %v", w.reps.err)
		}
		w.set(func() { w.reps.meet = nil })
		w.pass(20 * time.Second)
		if !w.cust.host.state().Linked {
			t.Error("they did not meet again")
		}
	})
}

// TestManyEpochsCalledAtOnce: however many epochs the other side begins, one
// Meet goes on at a time and no more than one a second is begun.
func TestManyEpochsCalledAtOnce(t *testing.T) {
	for _, who := range []string{"customer", "rep"} {
		t.Run(who, func(t *testing.T) {
			inWorld(t, func(w *world) {
				s := map[string]*side{"customer": w.cust, "rep": w.reps}[who]
				w.begin()
				before, _ := s.tried()
				for epoch := uint32(2); epoch < 300; epoch++ {
					s.box.Deliver(&wire.Signal{Epoch: epoch})
					w.pass(33 * time.Millisecond)
				}
				n, most := s.tried()
				if n -= before; n > 11 || n < 5 {
					t.Errorf("%d epochs begun in 10 seconds", n)
				}
				if most != 1 {
					t.Errorf("%d at the same time", most)
				}
				w.pass(30 * time.Second)
				if n, _ := s.tried(); n-before > 14 {
					t.Errorf("%d epochs begun although the connection is there", n-before)
				}
				w.cust.do(session.Say{Text: "still here"})
				w.pass(time.Second)
				if got := w.reps.host.chat(false); len(got) != 1 {
					t.Errorf("the rep reads %q", got)
				}
			})
		})
	}
}

func TestNewerEpochTakesThePlaceOfTheOlder(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.set(func() { w.noPath = true })
		w.cut()
		w.pass(8 * time.Second) // both are in a Meet of an epoch that leads nowhere
		stuck, _ := w.cust.tried()
		w.set(func() { w.noPath = false })
		w.pass(8 * time.Second)
		if n, _ := w.cust.tried(); n == stuck || !w.cust.host.state().Linked {
			t.Error("the customer's side did not follow")
		}
	})
}

// TestConnectionThatComesTooLateIsToldSo: one side was still meeting when it
// ended. The other, which believes in the connection, must not wait for ever.
func TestConnectionThatComesTooLateIsToldSo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.reps.meet = func(ctx context.Context, t Try) (Peer, error) {
			p, err := w.reps.usual(ctx, t)
			<-ctx.Done()
			return p, err
		}
		w.cust.run()
		w.reps.run()
		w.pass(time.Second)
		if w.cust.host.meetings() != 1 {
			t.Fatal("the customer has not met anybody")
		}
		w.reps.cancel()
		w.pass(time.Second)
		if err := w.cust.ended(); err != nil {
			t.Errorf("the customer's room ended with %v", err)
		}
		if why := w.cust.host.state().Why; why != wire.EndDeclined {
			t.Errorf("the customer learns reason %d", why)
		}
	})
}

func TestPeerClosedWithAReasonEndsTheSession(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.reps.conn().Close(wire.EndByRep)
		w.pass(time.Second)
		if err := w.cust.ended(); err != nil {
			t.Errorf("ended with %v", err)
		}
		if why := w.cust.host.state().Why; why != wire.EndByRep {
			t.Errorf("ended because of %d", why)
		}
		if got := w.cust.host.times("disconnected"); got != 1 {
			t.Errorf("disconnected %d times", got)
		}
	})
}

func TestEndOfContextSaysGoodbye(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.reps.cancel()
		if err := w.reps.ended(); !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
		if err := w.cust.ended(); err != nil {
			t.Errorf("the customer's room ended with %v", err)
		}
		if why := w.cust.host.state().Why; why != wire.EndByRep {
			t.Errorf("the customer learns reason %d", why)
		}
	})
}

// TestBreachEndsTheConnectionAtOnce: what comes after a breach is not heard,
// and the session goes on by a new connection.
func TestBreachEndsTheConnectionAtOnce(t *testing.T) {
	breaches := []struct {
		name string
		say  []wire.Packet
	}{
		{"a second Attach", []wire.Packet{{Body: &wire.Attach{Version: 1}}}},
		{"a message is missing", []wire.Packet{{Seq: 9, Body: &wire.Nudge{}}}},
	}
	for _, b := range breaches {
		t.Run(b.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.begin()
				old := w.cust.conn()
				for _, p := range append(b.say, wire.Packet{Seq: 2, Body: &wire.Chat{Text: "forged"}}) {
					old.raw(packed(t, p))
				}
				synctest.Wait()
				w.set(func() {
					if !old.closed {
						t.Error("the connection stays")
					}
				})
				w.pass(10 * time.Second)
				if got := w.cust.host.chat(false); len(got) != 0 {
					t.Errorf("after the breach the customer heard %q", got)
				}
				if !w.cust.host.state().Linked || w.met() != 2 {
					t.Errorf("linked %v over %d connections", w.cust.host.state().Linked, w.met())
				}
			})
		})
	}
}

func packed(t *testing.T, p wire.Packet) []byte {
	t.Helper()
	b, err := wire.Append(nil, p)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestUnknownKindsAreAnsweredUnsupported, counted ones too, which are counted
// all the same so that what follows them still arrives.
func TestUnknownKindsAreAnsweredUnsupported(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		peer := w.cust.conn()
		before := len(peer.sent)
		peer.raw([]byte{0x84, 0x19, 0x03, 0xe7, 0x00, 0x00, 0xa0}) // kind 999, not counted
		peer.raw([]byte{0x84, 0x19, 0x03, 0xe6, 0x02, 0x00, 0xa0}) // kind 998, seq 2
		peer.raw(packed(t, wire.Packet{Seq: 3, Body: &wire.Chat{Text: "after it"}}))
		w.pass(time.Second)
		if got := w.cust.host.chat(false); !slices.Equal(got, []string{"after it"}) {
			t.Errorf("the customer reads %q", got)
		}
		var about []wire.Kind
		var ack uint64
		w.set(func() {
			for _, p := range peer.sent[before:] {
				if u, ok := p.Body.(*wire.Unsupported); ok {
					about = append(about, u.About)
				}
				ack = max(ack, p.Ack)
			}
		})
		if !slices.Equal(about, []wire.Kind{999, 998}) {
			t.Errorf("answered Unsupported about %v", about)
		}
		if ack != 3 {
			t.Errorf("acknowledged %d", ack)
		}
		if w.met() != 1 || !w.cust.host.state().Linked {
			t.Error("the connection was given up")
		}
	})
}

func TestWhatIsNotForTheSessionReachesTheHost(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.cust.conn().raw(packed(t, wire.Packet{Body: &wire.Presented{Frame: 7}}))
		w.cust.conn().raw(packed(t, wire.Packet{Body: &wire.Refresh{}}))
		w.reps.conn().raw(packed(t, wire.Packet{Body: &wire.Pace{Frames: 3}}))
		w.pass(time.Second)
		if w.cust.host.times("presented 7") != 1 || w.cust.host.times("refresh") != 1 {
			t.Errorf("the host was told %q", w.cust.host.log)
		}
		if w.reps.host.times("pace 3") != 1 {
			t.Errorf("the rep's host was told %q", w.reps.host.log)
		}
	})
}

// TestTextNoMessageCanCarry: what was pasted with bytes that are no text
// arrives as text. As it is, it would end every connection there will be.
func TestTextNoMessageCanCarry(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.cust.do(session.Say{Text: "a\x00b \xff c"})
		w.cust.do(session.Say{Text: "and so on"})
		w.pass(time.Second)
		if got := w.reps.host.chat(false); !slices.Equal(got, []string{"ab \uFFFD c", "and so on"}) {
			t.Errorf("the rep reads %q", got)
		}
		if w.met() != 1 {
			t.Errorf("it took %d connections", w.met())
		}
	})
}

func TestDoNeverBlocksAndCountsWhatIsTooMuch(t *testing.T) {
	r := New(Config{})
	for i := range queue {
		if !r.Do(session.Nudge{}) {
			t.Fatalf("event %d was not taken", i)
		}
	}
	for range 3 {
		if r.Do(session.Nudge{}) {
			t.Fatal("more events than there is room for")
		}
	}
	if n := r.Dropped(); n != 3 {
		t.Errorf("%d dropped, want 3", n)
	}
}
