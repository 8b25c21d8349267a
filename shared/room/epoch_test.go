package room

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// shared begins a session in which everything is shared.
func (w *world) shared() {
	w.t.Helper()
	w.begin()
	w.reps.do(session.Ask{What: wire.Control})
	w.pass(time.Second)
	w.cust.do(session.Reply{ID: w.cust.host.state().Request.ID, Allow: true})
	w.pass(time.Second)
	w.undisturbed("share 3")
}

// undisturbed sees that nobody has noticed a loss, and what is shared.
func (w *world) undisturbed(last string) {
	w.t.Helper()
	for _, s := range []*side{w.cust, w.reps} {
		if n := s.host.times("disconnected"); n > 0 || !s.host.state().Linked {
			w.t.Errorf("role %d was without a connection: %q", s.role, s.host.log)
		}
	}
	if n := w.cust.host.times("share 0"); n > 0 || w.cust.host.last("share") != last {
		w.t.Errorf("sharing was interrupted: %q", w.cust.host.log)
	}
}

// talk has both sides write a line and sees that it arrives.
func (w *world) talk(line string) {
	w.t.Helper()
	for _, s := range []*side{w.cust, w.reps} {
		s.do(session.Say{Text: line})
	}
	w.pass(time.Second)
	for _, s := range []*side{w.cust, w.reps} {
		if got := s.host.chat(false); len(got) == 0 || got[len(got)-1] != line {
			w.t.Errorf("role %d reads %q, not %q", s.role, got, line)
		}
	}
}

// TestZ06RelayedSessionBecomesDirect: a direct way is tried after five seconds
// and then more and more rarely. One that fails disturbs nobody, and one that
// succeeds is noticed by nobody.
func TestZ06RelayedSessionBecomesDirect(t *testing.T) {
	inWorld(t, func(w *world) {
		w.relayed = true
		w.shared()
		w.pass(2 * time.Minute)
		w.talk("through the relay")
		tries := w.reps.directly()
		if len(tries) < 3 || len(tries) > 6 {
			t.Fatalf("%d tries in two minutes", len(tries))
		}
		for i := 2; i < len(tries); i++ {
			if a, b := tries[i].Sub(tries[i-1]), tries[i-1].Sub(tries[i-2]); a < b {
				t.Errorf("waits of %v and then %v", b, a)
			}
		}
		if n := len(w.cust.directly()); n != len(tries) {
			t.Errorf("the customer's side took part in %d of %d", n, len(tries))
		}
		if w.met() != 1 {
			t.Errorf("%d connections", w.met())
		}
		w.undisturbed("share 3")
		w.set(func() { w.relayed = false })
		w.pass(lastBetter)
		w.talk("directly")
		if direct, _ := w.reps.conn().Travels(); !direct || w.met() != 2 {
			t.Errorf("direct: %v, by %d connections", direct, w.met())
		}
		w.undisturbed("share 3")
		if got := w.cust.host.times("share 3"); got != 2 {
			t.Errorf("the picture was told to go on %d times", got-1)
		}
		before := len(w.reps.directly())
		w.pass(time.Hour)
		if after := len(w.reps.directly()); after != before {
			t.Errorf("%d more tries of a direct session", after-before)
		}
	})
}

// TestZ06NoLineLostOrDoubledWhileMoving: connections that work are replaced all
// the time, by whoever wants it.
func TestZ06NoLineLostOrDoubledWhileMoving(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.shared()
				r := rand.New(rand.NewPCG(seed, 1))
				said := map[*side][]string{}
				for i := range 300 {
					s := []*side{w.cust, w.reps}[r.IntN(2)]
					line := fmt.Sprintf("line %d", i)
					said[s] = append(said[s], line)
					s.do(session.Say{Text: line})
					if r.IntN(10) == 0 {
						[]*side{w.cust, w.reps}[r.IntN(2)].room.NewNetwork()
					}
					if r.IntN(3) == 0 {
						w.pass(time.Duration(r.IntN(700)) * time.Millisecond)
					}
				}
				w.pass(10 * time.Second)
				for s, lines := range said {
					if got := s.other.host.chat(false); !slices.Equal(got, lines) {
						t.Errorf("role %d wrote %d lines, the other has %d:\n%q", s.role, len(lines), len(got), got)
					}
				}
				if w.met() < 5 {
					t.Errorf("only %d connections", w.met())
				}
				if got := w.cust.host.last("share"); got != "share 3" {
					t.Errorf("shared: %q", got)
				}
			})
		})
	}
}

// TestZ06SilenceIsNoLossYet: after a second and a half another way is looked
// for, and what there is stays in use until it is found or three have passed.
func TestZ06SilenceIsNoLossYet(t *testing.T) {
	inWorld(t, func(w *world) {
		w.shared()
		w.set(func() { w.noPath = true })
		w.cut()
		w.pass(SilentAfter - 200*time.Millisecond)
		if n, _ := w.reps.tried(); n != 1 {
			t.Errorf("%d epochs after %v", n, SilentAfter)
		}
		w.pass(300 * time.Millisecond)
		if n, _ := w.reps.tried(); n != 2 {
			t.Errorf("%d epochs", n)
		}
		w.pass(time.Second)
		w.cust.conn().other.hears() // the old ones: newest are those of the epoch that goes on
		w.reps.conn().other.hears()
		w.undisturbed("share 3")
	})
}

// TestZ06ConnectionThatRevivesGoesOn, and the epoch that was begun for it
// changes nothing when it fails.
func TestZ06ConnectionThatRevivesGoesOn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.shared()
		old := w.cust.conn()
		w.set(func() { w.noPath = true })
		w.cut()
		w.pass(LostAfter - 500*time.Millisecond)
		old.hears()
		old.other.hears()
		w.talk("still here")
		w.pass(30 * time.Second)
		w.undisturbed("share 3")
		if n, _ := w.reps.tried(); n > 3 {
			t.Errorf("%d epochs for one that works", n)
		}
		w.talk("and here")
	})
}

// TestZ06GapIsShort: how long nothing arrives, until another connection is
// there, for what happens to real networks. What a Meet takes is not in it.
func TestZ06GapIsShort(t *testing.T) {
	const most = 1600 * time.Millisecond
	for name, happens := range map[string]func(w *world){
		"blocked path":               func(w *world) { w.cut() },
		"one way blocked":            func(w *world) { w.cust.conn().deafen() },
		"the customer's address":     func(w *world) { w.cut(); w.cust.room.NewNetwork() },
		"the rep's address":          func(w *world) { w.cut(); w.reps.room.NewNetwork() },
		"both addresses at the time": func(w *world) { w.cut(); w.reps.room.NewNetwork(); w.cust.room.NewNetwork() },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.shared()
				w.pass(time.Minute)
				happens(w)
				w.pass(most)
				if w.met() != 2 {
					t.Errorf("%d connections after %v", w.met(), most)
				}
				w.undisturbed("share 3")
				w.talk("on we go")
			})
		})
	}
}

// TestZ06EpochBegunWithoutANetworkHoldsNothingUp: it is called off as soon as
// there is one.
func TestZ06EpochBegunWithoutANetworkHoldsNothingUp(t *testing.T) {
	for name, who := range map[string]func(w *world) *side{
		"rep":      func(w *world) *side { return w.reps },
		"customer": func(w *world) *side { return w.cust },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.shared()
				w.set(func() { w.noPath = true })
				w.cut()
				who(w).room.NewNetwork() // the address is gone
				w.pass(4 * time.Second)
				w.set(func() { w.noPath, w.waiting = false, map[uint32]*end{} }) // what was begun before leads nowhere
				who(w).room.NewNetwork()
				w.pass(time.Second)
				for _, s := range []*side{w.cust, w.reps} {
					if !s.host.state().Linked {
						t.Errorf("role %d is still without a connection", s.role)
					}
				}
				if got := w.cust.host.last("share"); got != "share 3" {
					t.Errorf("shared: %q", got)
				}
			})
		})
	}
}

// TestZ06BrokerBackIsUsedAtOnce: a relayed session whose broker was restarted
// goes on as soon as the line to it is up on both sides, whoever is first.
func TestZ06BrokerBackIsUsedAtOnce(t *testing.T) {
	for name, order := range map[string]func(w *world) []*side{
		"rep first":      func(w *world) []*side { return []*side{w.reps, w.cust} },
		"customer first": func(w *world) []*side { return []*side{w.cust, w.reps} },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.shared()
				w.set(func() { w.noPath = true })
				w.cut()
				w.pass(9 * time.Second)
				for _, s := range order(w) {
					w.set(func() { w.noPath, w.waiting = false, map[uint32]*end{} })
					s.room.Hurry()
					w.pass(700 * time.Millisecond)
				}
				if !w.cust.host.state().Linked || !w.reps.host.state().Linked {
					t.Error("they did not meet again")
				}
			})
		})
	}
	t.Run("direct session", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.shared()
			w.set(func() { w.noRelay = true })
			w.pass(time.Minute)
			w.set(func() { w.noRelay = false })
			w.reps.room.Hurry()
			w.cust.room.Hurry()
			w.pass(time.Minute)
			if w.met() != 1 {
				t.Errorf("%d connections", w.met())
			}
			w.undisturbed("share 3")
		})
	})
}

// TestZ06SuccessorThatIsLateIsWaitedFor: the rep's side may be done with the
// old connection before the customer's knows that it has the new one.
func TestZ06SuccessorThatIsLateIsWaitedFor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.relayed = true
		w.shared()
		w.set(func() {
			w.relayed = false
			w.cust.meet = func(ctx context.Context, t Try) (Peer, error) {
				p, err := w.cust.usual(ctx, t)
				time.Sleep(orphanWait - 100*time.Millisecond)
				return p, err
			}
		})
		w.pass(10 * time.Second)
		if w.met() != 2 {
			t.Fatalf("%d connections", w.met())
		}
		w.undisturbed("share 3")
		w.talk("well")
	})
}

// TestZ06SleepLongerThanTheSessionEndsItOnBothSides, and a shorter one does
// not: what counts is when the two last heard of each other.
func TestZ06SleepLongerThanTheSessionEndsItOnBothSides(t *testing.T) {
	for _, c := range []struct {
		sleep time.Duration
		over  bool
	}{
		{time.Minute, false},
		{10 * time.Minute, true},
	} {
		for _, role := range []wire.Role{wire.RoleRep, wire.RoleCustomer} {
			t.Run(fmt.Sprintf("%v, role %d", c.sleep, role), func(t *testing.T) {
				inWorld(t, func(w *world) {
					w.shared()
					s := map[wire.Role]*side{wire.RoleRep: w.reps, wire.RoleCustomer: w.cust}[role]
					w.set(func() { w.noPath = true })
					s.conn().deafen()
					w.set(func() { s.sleep = c.sleep })
					s.room.NewNetwork() // it wakes
					w.pass(100 * time.Millisecond)
					if !c.over {
						w.set(func() { w.noPath, w.waiting = false, map[uint32]*end{} })
						s.room.NewNetwork()
						w.pass(2 * time.Second)
						w.talk("good morning")
						return
					}
					w.pass(time.Second)
					if err := s.ended(); err != nil {
						t.Errorf("ended with %v", err)
					}
					if st := s.host.state(); st.Why != wire.EndLost || st.Granted != 0 {
						t.Errorf("ended because of %d, granted %d", st.Why, st.Granted)
					}
				})
			})
		}
	}
}

// TestZ06DirectTryGivesWayToOneThatIsNeeded: both begin the same epoch, the
// rep's side to make it direct, the customer's because its address is gone.
func TestZ06DirectTryGivesWayToOneThatIsNeeded(t *testing.T) {
	inWorld(t, func(w *world) {
		w.relayed = true
		w.shared()
		w.pass(firstBetter - 2*time.Second - time.Millisecond) // the rep's side is about to try
		for len(w.reps.directly()) == 0 {
			w.pass(time.Millisecond)
		}
		w.cut()
		w.cust.room.NewNetwork()
		w.pass(2 * time.Second)
		if w.met() != 2 {
			t.Errorf("%d connections", w.met())
		}
		w.undisturbed("share 3")
	})
}

// TestZ06CallsDoNotWearAnybodyOut: however many epochs the other side asks for,
// each costs sockets, so there is one a second.
func TestZ06CallsDoNotWearAnybodyOut(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		before, _ := w.reps.tried()
		for i := range uint32(900) {
			w.reps.box.Deliver(&wire.Signal{Epoch: i + 2, User: "u"})
			w.pass(20 * time.Millisecond)
		}
		if n, _ := w.reps.tried(); n-before > 18+burst+1 {
			t.Errorf("%d epochs in 18 seconds", n-before)
		}
	})
}
