package link

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"handrail/shared/sim"
	"handrail/shared/wire"
)

// TestZ06WhatTheHandDidArrivesBeforeTheConnectionIsReplaced: whoever closes a
// connection right after the last key loses none of them, on a bad network
// either, and the customer's side knows that it has them all.
func TestZ06WhatTheHandDidArrivesBeforeTheConnectionIsReplaced(t *testing.T) {
	for name, edges := range map[string]uint64{"many": 60, "one": 1, "none": 0} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				_, rep, customer := acquainted(t, sim.Link{Rate: 10_000_000, Delay: 20 * time.Millisecond, Loss: 0.1})
				for e := range edges {
					if err := rep.SendInput(wire.Key{Seq: e + 1, Usage: 4, Down: e%2 == 0}); err != nil {
						t.Fatal(err)
					}
				}
				rep.Close(0)
				var last uint64
				for {
					in, err := customer.ReceiveInput(t.Context())
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil || wire.Edge(in) != last+1 {
						t.Fatalf("after edge %d: %v, %v", last, in, err)
					}
					last = wire.Edge(in)
				}
				if last != edges {
					t.Errorf("%d of %d edges came", last, edges)
				}
				<-customer.Done() // the code may have got lost, too
				if why := customer.Closed(); why != 0 {
					t.Errorf("the session is over because of %d", why)
				}
			})
		})
	}
}

// TestZ06CutConnectionIsNoEndOfTheInput: what may be missing is not taken for
// complete.
func TestZ06CutConnectionIsNoEndOfTheInput(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n, rep, customer := acquainted(t, sim.Link{})
		n.Change(customerAt, sim.Link{Loss: 1})
		if err := rep.SendInput(wire.Key{Seq: 1, Usage: 4, Down: true}); err != nil {
			t.Fatal(err)
		}
		rep.Close(0)
		if in, err := customer.ReceiveInput(t.Context()); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("got %v, %v", in, err)
		}
	})
}

func TestZ06SilenceIsToldByTheClockThatWentOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, rep, _ := acquainted(t, sim.Link{})
		time.Sleep(time.Minute)
		now := time.Now()
		if s := rep.Silent(now); s > heartbeat {
			t.Errorf("silent for %v while heartbeats come", s)
		}
		// Sleep: the monotonic clock has stopped, and Round takes it away.
		if s := rep.Silent(now.Round(0).Add(10 * time.Minute)); s < 10*time.Minute {
			t.Errorf("after 10 minutes of sleep silent for %v", s)
		}
		// Somebody set the clock back an hour.
		rep.heard.Add(int64(time.Hour))
		if s := rep.Silent(now.Add(5 * time.Second)); s < 5*time.Second {
			t.Errorf("5 seconds later, the clock set back, silent for %v", s)
		}
	})
}

// TestZ06DirectEpochUsesNoRelay: neither side offers or takes one, and where
// there is no other way it fails.
func TestZ06DirectEpochUsesNoRelay(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, nil)
	var relays atomic.Int32
	listening := func(m *Meeting) {
		tell := m.Signal
		m.Relays, m.Direct = []wire.Relay{relayOf(relay, time.Now().Add(time.Hour))}, true
		m.Signal = func(s wire.Signal) error {
			if !s.Direct {
				t.Errorf("signal %+v does not say that it is about a direct connection", s)
			}
			relays.Add(int32(strings.Count(strings.Join(s.Candidates, "\n"), "typ relay")))
			return tell(s)
		}
	}
	rep, customer, err, err2 := meet(t, func(r, c *Meeting) { listening(r); listening(c) })
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	for _, p := range []*Peer{rep, customer} {
		if !p.Path().Direct {
			t.Errorf("path %+v", p.Path())
		}
	}
	if n := relays.Load(); n > 0 {
		t.Errorf("%d relays were offered", n)
	}
	// A customer of a version that knows nothing of it, and no other way.
	rep, customer, err, err2 = meet(t, func(r, c *Meeting) {
		listening(r)
		c.Relays, c.RelayOnly = r.Relays, true
	})
	if rep != nil || customer != nil || !errors.Is(err, ErrNeverMet) || !errors.Is(err2, ErrNeverMet) {
		t.Errorf("rep %v, customer %v", err, err2)
	}
}

// TestZ06SignalsAreSaidAgain: what a broker lost, or could not take, does not
// keep two from meeting.
func TestZ06SignalsAreSaidAgain(t *testing.T) {
	nothingLeft(t)
	errDown := errors.New("no broker")
	for name, swallow := range map[string]func(n int) (lost bool, err error){
		"the first are lost":      func(n int) (bool, error) { return n < 3, nil },
		"the first can't be sent": func(n int) (bool, error) { return n < 3, errDown },
	} {
		for _, deaf := range []string{"rep", "customer", "both"} {
			rep, customer, err, err2 := meet(t, func(r, c *Meeting) {
				for who, m := range map[string]*Meeting{"rep": r, "customer": c} {
					if deaf != who && deaf != "both" {
						continue
					}
					tell, n := m.Signal, 0
					m.Signal = func(s wire.Signal) error {
						n++
						if lost, err := swallow(n - 1); lost {
							return err
						}
						return tell(s)
					}
				}
			})
			if err != nil || err2 != nil {
				t.Fatalf("%s, %s: %v, %v", name, deaf, err, err2)
			}
			chat(t, rep, customer)
		}
	}
}

func TestZ06BrokerThatIsThereAnswers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := sim.NewNetwork(1)
		l, a := simListen(t, n)
		var group sync.WaitGroup
		group.Go(func() {
			b, err := l.Accept(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			<-b.Done()
		})
		c := simDial(t, n, []net.Addr{net.UDPAddrFromAddrPort(brokerAt)}, a)
		if err := c.Send(&wire.Hello{Version: 1, Role: wire.RoleRep}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if !c.Answers(ctx) {
			t.Error("no answer")
		}
		n.Change(brokerAt, sim.Link{Loss: 1})
		ctx, cancel = context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		if c.Answers(ctx) {
			t.Error("a cut cable answered")
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("took %v", took)
		}
		n.Change(brokerAt, sim.Link{})
		c.Close("test over")
		<-c.Done()
		group.Wait()
	})
}
