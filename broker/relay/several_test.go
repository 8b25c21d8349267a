package relay

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"handrail/broker/lobby"
	"handrail/shared/wire"
)

// several has the relay of a new house be one of several.
func several(t *testing.T) *house {
	h := open(t)
	if err := h.stop(); err != nil {
		t.Fatal(err)
	}
	h.records.share = lobby.Share{Part: 1, Of: lobby.Parts}
	h.records.places = map[lobby.Sought]lobby.Whereabouts{}
	h.records.hints = make(chan struct{}, 1)
	h.start()
	synctest.Wait()
	t.Cleanup(func() {
		if err := h.stop(); err != nil {
			t.Error("relay ended with", err)
		}
	})
	return h
}

func (w *wireEnd) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

func TestZ05ABrokerTakenForDeadAnswersNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := several(t)
		anna, maria := h.rep("Anna"), h.client(wire.RoleCustomer)
		anna.in <- &wire.NewKey{Request: [16]byte{1}}
		key := last[*wire.KeyMade](h, anna)
		maria.in <- &wire.Join{Number: key.Number}
		session := last[*wire.Start](h, maria).Session

		h.records.change(func() { h.records.node = lobby.NodeID{9} })
		told := len(anna.told)
		anna.in <- &wire.NewKey{Request: [16]byte{2}}
		synctest.Wait()
		if got := anna.told[told:]; len(got) != 0 {
			t.Errorf("the rep was told %+v", got)
		}
		if !anna.isClosed() || !maria.isClosed() {
			t.Error("clients are held")
		}
		if len(h.over) != 1 || h.over[0] != session {
			t.Errorf("of these sessions no more is relayed: %v", h.over)
		}
		// It has begun anew, with what the records say is its own.
		if !h.living.Has(session) || h.records.node == (lobby.NodeID{9}) {
			t.Error("it did not begin anew")
		}
		h.rep("Anna")
	})
}

func TestZ05ABrokerThatIsTakenForDeadNoticesByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := several(t)
		anna := h.rep("Anna")
		h.records.change(func() { h.records.node = lobby.NodeID{9} })
		time.Sleep(renewing)
		synctest.Wait()
		if !anna.isClosed() {
			t.Error("the rep is held")
		}
		h.rep("Anna")
	})
}

func TestZ05WhatIsElsewhereIsFoundWhenSomebodyHasIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := several(t)
		maria := h.client(wire.RoleCustomer)
		what := lobby.Sought{Session: wire.SessionID{7}}
		place := func(address string) {
			h.records.change(func() {
				h.records.places[what] = lobby.Whereabouts{Known: true, Home: lobby.NodeID{2}, Address: address}
			})
		}
		rejoin := &wire.Rejoin{Session: what.Session, Ticket: make([]byte, 32)}
		place("")
		maria.in <- rejoin
		time.Sleep(lostWait / 2)
		if _, ok := told(maria).(*wire.Welcome); !ok {
			t.Fatalf("told %+v before anybody has it", told(maria))
		}
		place("b2.test:4443")
		time.Sleep(lostPause)
		if m := last[*wire.Elsewhere](h, maria); m.Address != "b2.test:4443" || m.Key != what.Session {
			t.Errorf("told %+v", m)
		}
		place("")
		maria.in <- rejoin
		time.Sleep(lostWait + lostPause)
		if m := last[*wire.Problem](h, maria); m.Code != wire.CodeGone {
			t.Errorf("nobody took over, told %+v", m)
		}
	})
}

// told is what w was told last.
func told(w *wireEnd) wire.Message {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.told[len(w.told)-1]
}

func TestZ05WhatALostBrokerHadIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := several(t)
		id := wire.SessionID{7}
		h.records.change(func() {
			h.records.others = []lobby.Node{{ID: lobby.NodeID{2}, Address: "b2:4443", Lost: true}}
			h.records.left = lobby.Batch{Sessions: []lobby.Session{{ID: id, Rep: 1, Started: time.Now()}}}
		})
		time.Sleep(renewing)
		synctest.Wait()
		if !h.living.Has(id) {
			t.Error("its session is not known")
		}
	})
}

func TestZ05WhatWasTakenOverIsKnownAlthoughTheAnswerIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := several(t)
		id := wire.SessionID{7}
		anna := h.rep("Anna")
		h.records.change(func() {
			h.records.others = []lobby.Node{{ID: lobby.NodeID{2}, Address: "b2:4443", Lost: true}}
			h.records.left = lobby.Batch{Sessions: []lobby.Session{{ID: id, Rep: 1, Started: time.Now()}}}
			h.records.doubt = true
		})
		time.Sleep(2 * renewing)
		synctest.Wait()
		if !h.living.Has(id) {
			t.Error("its session is not known")
		}
		if !anna.isClosed() {
			t.Error("a client of the life before is held")
		}
		h.rep("Anna")
	})
}

func TestZ05AHintIsFollowedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := several(t)
		anna := h.rep("Anna")
		h.records.change(func() { h.records.revoked = []uint64{1} })
		before := time.Now()
		h.records.hints <- struct{}{}
		if m := last[*wire.Problem](h, anna); m.Code != wire.CodeNotEnrolled || time.Now() != before {
			t.Errorf("told %+v after %v", m, time.Since(before))
		}
	})
}

func TestZ05APageShowsHowAVisitStandsThatAnotherBrokerHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := several(t)
		page := [32]byte{7}
		visit := lobby.Visit{ID: wire.SessionID{7}, State: lobby.Expected, Code: "123456789", Arrival: lobby.Arrival{Portal: "main", Page: page}}
		keep := func() { h.records.change(func() { h.records.visits[visit.ID] = visit }) }
		changes, stop := h.relay.Watch(page)
		defer stop()
		if s, ok, _ := h.relay.Standing(page); ok {
			t.Errorf("a page that nobody has: %+v", s)
		}
		keep()
		<-changes
		if s, ok, _ := h.relay.Standing(page); !ok || s != (lobby.Standing{State: lobby.Expected, Portal: "main", Code: visit.Code}) {
			t.Errorf("stands %+v, %v", s, ok)
		}
		staysQuiet(t, changes, "nothing has changed")
		visit.State, visit.Code, visit.Over, visit.Why = lobby.Over, "", time.Now(), wire.EndByCustomer
		keep()
		<-changes
		if s, ok, _ := h.relay.Standing(page); !ok || s.State != lobby.Over || s.Why != wire.EndByCustomer {
			t.Errorf("stands %+v, %v", s, ok)
		}
		time.Sleep(time.Hour)
		if s, ok, _ := h.relay.Standing(page); ok {
			t.Errorf("stands %+v for ever", s)
		}
	})
}

// staysQuiet lets pages be read twice, and hears of no change.
func staysQuiet(t *testing.T, changes <-chan struct{}, why string) {
	t.Helper()
	time.Sleep(2 * rereading)
	synctest.Wait()
	select {
	case <-changes:
		t.Error(why)
	default:
	}
}

// A short pause of the database must not send those away who wait.
func TestZ05APageStaysAsItWasWhileItCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := several(t)
		page := [32]byte{7}
		visit := lobby.Visit{ID: wire.SessionID{7}, State: lobby.Waits, Arrival: lobby.Arrival{Portal: "main", Page: page}}
		changes, stop := h.relay.Watch(page)
		defer stop()
		fails := func(on bool) { h.records.change(func() { h.records.failing = on }) }

		fails(true)
		if _, ok, err := h.relay.Standing(page); ok || err == nil {
			t.Errorf("a page of which nothing is known: %v, %v", ok, err)
		}
		staysQuiet(t, changes, "nothing was read")
		fails(false)
		h.records.change(func() { h.records.visits[visit.ID] = visit })
		<-changes

		fails(true)
		staysQuiet(t, changes, "what can't be read has changed")
		if s, ok, err := h.relay.Standing(page); !ok || err != nil || s.State != lobby.Waits {
			t.Errorf("stands %+v, %v, %v", s, ok, err)
		}
		fails(false)
		staysQuiet(t, changes, "nothing has changed")
	})
}

func TestASilentStoreEndsABrokerThatBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := several(t)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.records.change(func() { h.records.silent = true })
		h.start()
		select {
		case <-h.relay.over:
		case <-time.After(2 * keepTime): // the bubble's clock
			t.Error("it waits for ever")
		}
		if err := h.stop(); !errors.Is(err, ErrCantKeep) {
			t.Errorf("ended with %v, want ErrCantKeep", err)
		}
		h.stop = func() error { return nil }
	})
}

func TestZ05ASilentStoreHoldsUpNobodyForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := several(t)
		maria := h.client(wire.RoleCustomer)
		h.records.change(func() { h.records.silent = true })
		maria.in <- &wire.Rejoin{Session: wire.SessionID{7}, Ticket: make([]byte, 32)}
		time.Sleep(10 * time.Minute) // of looks that take their time and come in any order
		if m := last[*wire.Problem](h, maria); m.Code != wire.CodeGone {
			t.Errorf("told %+v", m)
		}
	})
}

func TestZ05WhereTooManyAreLookedForEverybodyIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := several(t)
		what := lobby.Sought{Session: wire.SessionID{7}}
		h.records.change(func() { h.records.places[what] = lobby.Whereabouts{Known: true, Home: lobby.NodeID{2}} })
		rejoin := &wire.Rejoin{Session: what.Session, Ticket: make([]byte, 32)}
		asks := func() *wireEnd {
			w := h.client(wire.RoleCustomer)
			w.in <- rejoin
			synctest.Wait()
			return w
		}
		for range finding {
			h.relay.finds <- lobby.Find{Message: rejoin, What: what} // of clients that are gone
			if len(h.relay.finds) > finding/2 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		if m := last[*wire.Problem](h, asks()); m.Code != wire.CodeBusy || m.Key != what.Session {
			t.Errorf("told %+v", m)
		}
	})
}

// What follows is what the records say of other brokers.

func (r *records) Renew(ctx context.Context, id lobby.NodeID) error {
	if err := r.hush(ctx); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.node != id {
		return lobby.ErrFenced
	}
	return nil
}

func (r *records) Part(ctx context.Context, id lobby.NodeID) error { return r.Renew(ctx, id) }

func (r *records) Nodes(ctx context.Context) ([]lobby.Node, error) {
	if err := r.hush(ctx); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(slices.Clone(r.others), lobby.Node{ID: r.node, Address: "b1:4443"}), nil
}

func (r *records) Adopt(_ context.Context, id lobby.NodeID) (lobby.Batch, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.node != id {
		return lobby.Batch{}, lobby.ErrFenced
	}
	b := r.left
	r.left, r.others = lobby.Batch{}, nil
	if r.doubt {
		r.doubt = false
		for _, s := range b.Sessions {
			r.sessions[s.ID] = s
		}
		return lobby.Batch{}, lobby.ErrDoubt
	}
	return b, nil
}

func (r *records) Find(ctx context.Context, what lobby.Sought) (lobby.Whereabouts, error) {
	if err := r.hush(ctx); err != nil {
		return lobby.Whereabouts{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.places[what], nil
}

func (r *records) VisitOf(ctx context.Context, page [32]byte) (lobby.Visit, bool, error) {
	if err := r.hush(ctx); err != nil {
		return lobby.Visit{}, false, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failing {
		return lobby.Visit{}, false, errors.New("no connection")
	}
	for _, v := range r.visits {
		if v.Page == page {
			return v, true, nil
		}
	}
	return lobby.Visit{}, false, nil
}

func (r *records) Hints(context.Context) <-chan struct{} { return r.hints }

func (r *records) Hinted(ctx context.Context) (uint64, error) {
	if err := r.hush(ctx); err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failing {
		return 0, errors.New("disk full")
	}
	return r.hinted, nil
}
