package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"handrail/broker/store"
	"handrail/shared/wire"
)

const (
	survivorReps      = 2
	survivorCustomers = 4
	killedLife        = 1500 * time.Millisecond
	redial            = 100 * time.Millisecond
)

// TestZ05OneOfTwoBrokersIsKilledAndTheOtherGoesOn kills one of two brokers that
// share a database while both are busy. What it had told its customers and reps
// holds at the other one, which never stops giving customers to reps, and gives
// none of them to a second rep.
func TestZ05OneOfTwoBrokersIsKilledAndTheOtherGoesOn(t *testing.T) {
	place, _, told, here := twoBrokers(t)
	stop := here.serve(t)
	if complaint := told.read(place, killedLife, func(p *os.Process) error {
		told.busy(t.Context())
		return p.Kill()
	}); complaint != "" {
		t.Fatalf("the broker ended by itself: %s", complaint)
	}
	killed := time.Now()
	before := here.takes()

	// Those whose broker is gone come back at the other one.
	var all sync.WaitGroup
	for session, ticket := range told.tickets { // only the killed one told any
		all.Go(func() { here.comesBack(t, session, ticket) })
	}
	all.Wait()
	t.Logf("all %d of them were back after %v; meanwhile the other broker gave %d customers to reps, at most %v apart",
		len(told.tickets), time.Since(killed).Round(time.Millisecond), here.takes()-before, here.longest.Round(time.Millisecond))
	if here.takes() == before {
		t.Error("the other broker stood still")
	}
	stop()
	told.compare(place)
}

// twoBrokers is the ground for two: their database, with reps and a question for
// customers in it, notes of what the one that is to end tells, and the other
// one, which does not serve yet.
func twoBrokers(t *testing.T) (store.Place, *store.Store, *heardOf, *survivor) {
	t.Helper()
	place := store.Place{Database: server.Database(t)}
	s, err := store.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := errors.Join(enrolled(t.Context(), s, killReps+survivorReps), asking(t.Context(), s)); err != nil {
		t.Fatal(err)
	}
	told := newHeardOf(t)
	return place, s, told, newSurvivor(s, told)
}

// busy waits until the broker that is to end has told something that must hold.
func (h *heardOf) busy(ctx context.Context) {
	for ctx.Err() == nil {
		h.mu.Lock()
		told := len(h.tickets)
		h.mu.Unlock()
		if told >= survivorCustomers {
			return
		}
		time.Sleep(redial)
	}
}

// survivor is a broker in this process, and those who want something of it.
type survivor struct {
	*pipework
	told *heardOf

	mu      sync.Mutex // guards the following
	last    time.Time  // that a rep was given a customer
	longest time.Duration
}

func newSurvivor(s *store.Store, told *heardOf) *survivor {
	v := &survivor{pipework: newPipework(s, "survivor.test:4443"), told: told}
	v.tell = func(what string, session wire.SessionID, more any) {
		if what == "ticket" {
			return // they stay
		}
		told.hear(fmt.Sprintf("%s %s %v", what, session, more))
		v.mu.Lock()
		defer v.mu.Unlock()
		if what == "taken" {
			if !v.last.IsZero() {
				v.longest = max(v.longest, time.Since(v.last))
			}
			v.last = time.Now()
		}
	}
	return v
}

func (v *survivor) takes() int {
	v.told.mu.Lock()
	defer v.told.mu.Unlock()
	return v.told.takes
}

// serve lets everybody work until stop is called.
func (v *survivor) serve(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	run := func(do func() error) {
		all.Go(func() {
			if err := do(); err != nil && ctx.Err() == nil {
				t.Error(err)
				cancel()
			}
		})
	}
	run(func() error { return v.relay.Run(ctx) })
	for n := range survivorReps {
		run(func() error { return v.works(ctx, killReps+n) })
	}
	for n := range survivorCustomers {
		run(func() error { return v.needsHelp(ctx, 100+n) })
	}
	return func() {
		cancel()
		all.Wait()
	}
}

// comesBack is a customer whose broker is gone: the program tries until a
// broker has its session, or knows that it is over.
func (v *survivor) comesBack(t *testing.T, session, ticket string) {
	var id wire.SessionID
	secret, err := hex.DecodeString(ticket)
	if err := errors.Join(err, id.UnmarshalText([]byte(session))); err != nil {
		t.Error(err)
		return
	}
	for {
		answer, err := v.asks(t.Context(), &wire.Rejoin{Session: id, Ticket: secret})
		if err != nil {
			t.Error(err)
			return
		}
		switch m := answer.(type) {
		case *wire.Elsewhere:
			if m.Address != killedAddress || m.About != wire.KindRejoin || m.Key != id {
				t.Errorf("sent to %+v", m)
			}
			time.Sleep(redial) // nobody answers there
			continue
		case *wire.Problem:
			if m.Code != wire.CodeGone || !v.ended(session) {
				t.Errorf("%s is back and hears %+v", session, m)
			}
		}
		return
	}
}

// ended says whether somebody has said to leave a session.
func (v *survivor) ended(session string) bool {
	v.told.mu.Lock()
	defer v.told.mu.Unlock()
	return v.told.over[session]
}

// asks says a customer's first word on a new connection, and gives the answer.
func (v *survivor) asks(ctx context.Context, m wire.Message) (wire.Message, error) {
	p, err := v.dial(ctx, wire.RoleCustomer)
	if err != nil {
		return nil, err
	}
	defer p.shut()
	if err := p.say(m); err != nil {
		return nil, err
	}
	return p.next(ctx, p.down)
}
