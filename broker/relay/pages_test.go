package relay

import (
	"context"
	"crypto/sha256"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// shown is a page that a portal has given to a visitor.
var shown = sha256.Sum256([]byte("a page's secret"))

func arrival(queue string) lobby.Arrival {
	return lobby.Arrival{Portal: settings.Main, Page: shown, Queue: queue, Name: "Maria", From: "198.51.100.200"}
}

// listsReps has the portal offer reps by name.
func listsReps(h *house) {
	h.records.change(func() {
		p := h.records.settings.Portals[settings.Main]
		p.Starts.Reps = true
		h.records.settings = settings.Settings{Portals: map[string]settings.Portal{settings.Main: p}}
		h.records.version++
	})
	time.Sleep(2 * ticking) // it looks by itself
	synctest.Wait()
}

func (h *house) enter(code string) *wireEnd {
	h.t.Helper()
	w := h.client(wire.RoleCustomer)
	w.in <- &wire.Enter{Code: code}
	synctest.Wait()
	return w
}

// heard is the latest message of a kind.
func heard[M wire.Message](h *house, w *wireEnd) M {
	h.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.told) - 1; i >= 0; i-- {
		if m, ok := w.told[i].(M); ok {
			return m
		}
	}
	h.t.Fatalf("was told %v, and no %T", w.told, *new(M))
	return *new(M)
}

func TestP02ArrivalBecomesASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna := h.rep("anna")
		if listed := h.relay.Present(settings.Main); listed != nil {
			t.Errorf("a portal that lists nobody lists %v", listed)
		}
		listsReps(h)
		if listed := h.relay.Present(settings.Main); len(listed) != 1 || listed[0].Name != "anna" {
			t.Fatalf("the portal lists %v", listed)
		}
		changes, stop := h.relay.Watch(shown)
		defer stop()
		place, err := h.relay.Come(t.Context(), arrival("rep:1"))
		if err != nil || len(place.Code) != 9 {
			t.Fatalf("came to %+v, %v", place, err)
		}
		synctest.Wait()
		if h.facts == 0 {
			t.Error("nobody was told that there are facts")
		}
		again, err := h.relay.Come(t.Context(), arrival("rep:1"))
		if err != nil || again != place {
			t.Errorf("the same page came to %+v, %v, and to %+v before", again, err, place)
		}
		standing := func(want lobby.State) {
			t.Helper()
			synctest.Wait()
			select {
			case <-changes:
			default:
				t.Error("nobody said that the standing has changed")
			}
			if s, ok, _ := h.relay.Standing(shown); !ok || s.State != want {
				t.Errorf("stands as %+v, %v, want state %d", s, ok, want)
			}
		}
		standing(lobby.Expected)
		maria := h.enter(place.Code)
		standing(lobby.Waits)
		if v := heard[*wire.Visitor](h, anna); v.Session != place.Session || v.Name != "Maria" || !v.Here {
			t.Errorf("the rep sees %+v", v)
		}
		anna.in <- &wire.Take{Request: [16]byte{9}}
		start := heard[*wire.Start](h, maria)
		if mine := heard[*wire.Start](h, anna); mine.Session != start.Session || start.Session != place.Session || start.Proof != wire.ProofCompare {
			t.Errorf("started %+v and %+v", mine, start)
		}
		standing(lobby.InSession)
		if n := h.relay.Counts().Sessions; n != 1 || !h.living.Has(place.Session) {
			t.Errorf("%d sessions are counted, lives: %v", n, h.living.Has(place.Session))
		}
		anna.in <- &wire.Leave{Session: place.Session, Why: wire.EndByRep}
		standing(lobby.Over)
		time.Sleep(31 * time.Minute)
		synctest.Wait()
		if s, ok, _ := h.relay.Standing(shown); ok {
			t.Errorf("half an hour later the page still stands as %+v", s)
		}
	})
}

func TestP02WhoCannotBeWaitedForIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.rep("anna")
		time.Sleep(2 * ticking) // until it knows of its new rep
		for queue, want := range map[string]error{
			"rep:1": nil, "rep:7": lobby.ErrNoQueue, "team:3": lobby.ErrNoQueue, "nonsense": lobby.ErrNoQueue,
		} {
			a := arrival(queue)
			a.Page = sha256.Sum256([]byte(queue))
			if _, err := h.relay.Come(t.Context(), a); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", queue, err, want)
			}
		}
		var err error
		for i := byte(0); err == nil; i++ {
			a := arrival("general")
			a.Page = [32]byte{1, i}
			_, err = h.relay.Come(t.Context(), a)
		}
		if !errors.Is(err, lobby.ErrBusy) {
			t.Errorf("many from one address: %v", err)
		}
	})
}

func TestP07PushedNoticeReachesWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.rep("anna")
		place, err := h.relay.Come(t.Context(), arrival("general"))
		if err != nil {
			t.Fatal(err)
		}
		maria := h.enter(place.Code)
		push := func(n settings.Notice) {
			n.Pushed = true
			h.records.change(func() {
				p := h.records.settings.Portals[settings.Main]
				p.Notices = []settings.Notice{n}
				h.records.settings = settings.Settings{Portals: map[string]settings.Portal{settings.Main: p}}
				h.records.version++
			})
			time.Sleep(2 * ticking)
		}
		push(settings.Notice{ID: 1, Title: "Outage", Text: "We **know**.", Leave: true})
		if n := heard[*wire.Told](h, maria); n.What != wire.TellNotice || n.Text != "We know." || !n.Leave {
			t.Errorf("told %+v", n)
		}
		push(settings.Notice{ID: 2, Title: "Mended", Text: "All is well."})
		if n := heard[*wire.Told](h, maria); n.Title != "Mended" {
			t.Errorf("told %+v after the settings changed", n)
		}
	})
}

func TestRestartKeepsPlacesAndPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.rep("anna")
		place, err := h.relay.Come(t.Context(), arrival("general"))
		if err != nil {
			t.Fatal(err)
		}
		ticket := heard[*wire.Admitted](h, h.enter(place.Code)).Ticket
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		if _, err := h.relay.Come(t.Context(), arrival("general")); !errors.Is(err, ErrStopped) {
			t.Errorf("a stopped relay answers %v", err)
		}
		h.start()
		synctest.Wait()
		if s, ok, _ := h.relay.Standing(shown); !ok || s.State != lobby.Waits {
			t.Errorf("after a restart the page stands as %+v, %v", s, ok)
		}
		maria := h.client(wire.RoleCustomer)
		maria.in <- &wire.Rejoin{Session: place.Session, Ticket: ticket}
		if w := heard[*wire.Waiting](h, maria); w.Position != 1 {
			t.Errorf("after a restart told %+v", w)
		}
		anna := h.rep("anna")
		anna.in <- &wire.Take{Request: [16]byte{1}, Session: place.Session}
		heard[*wire.Start](h, maria)
	})
}

func TestManyChangesWakeAWatcherOnce(t *testing.T) {
	var p Relay
	changes, stop := p.Watch(shown)
	other, stopOther := p.Watch(shown)
	for range 3 {
		p.pages.stands(lobby.Stands{Page: shown, Standing: lobby.Standing{State: lobby.Waits}})
	}
	for _, c := range []<-chan struct{}{changes, other} {
		if len(c) != 1 {
			t.Errorf("%d signals wait", len(c))
		}
	}
	stop()
	stop()
	stopOther()
	if len(p.pages.watchers) != 0 {
		t.Error("a watcher that stopped is remembered")
	}
}

func TestComeGivesUpWithItsCaller(t *testing.T) {
	r := New(nil, nil, Config{}) // nobody runs it
	for range cap(r.happened) {
		r.happened <- happening{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Come(ctx, arrival("general")); !errors.Is(err, context.Canceled) {
		t.Errorf("came with %v", err)
	}
}

func TestA06RevokeEverythingEndsKeysAndSessionsWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna, maria := h.rep("anna"), h.client(wire.RoleCustomer)
		s, _ := h.meet(anna, maria)
		anna.in <- &wire.NewKey{Request: [16]byte{77}}
		key := heard[*wire.KeyMade](h, anna)
		place, err := h.relay.Come(t.Context(), arrival("general"))
		if err != nil {
			t.Fatal(err)
		}
		paul := h.enter(place.Code)
		time.Sleep(time.Second)
		h.records.change(func() { h.records.ended = time.Now() })
		time.Sleep(2 * ticking)
		for _, w := range []*wireEnd{anna, maria} {
			if e := heard[*wire.Ended](h, w); e.Session != s.Session || e.Why != wire.EndByBroker {
				t.Errorf("told %+v", e)
			}
		}
		if g := heard[*wire.KeyGone](h, anna); g.Number != key.Number && g.Number != s.Number || g.Why != wire.KeyRevoked {
			t.Errorf("told %+v", g)
		}
		if st, ok, _ := h.relay.Standing(shown); !ok || st.State != lobby.Waits {
			t.Errorf("who waits stands as %+v", st)
		}
		anna.in <- &wire.Take{Request: [16]byte{78}} // life goes on
		heard[*wire.Start](h, paul)
	})
}
