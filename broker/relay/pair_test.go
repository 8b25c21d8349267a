package relay

import (
	"context"
	"crypto/ed25519"
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/shared/wire"
)

// desk is what records know of consoles and logins.
type desk struct {
	mails        map[string]string // by rep's name; who has none has enrolled with a code
	pairs        map[string]people.Pair
	until        map[string]time.Time // zero: lapsed; missing: no end
	seen         map[string]time.Time
	certificates map[string][]byte
	recordKey    []byte
	grants       map[string][]byte
	failing      bool
}

var errDesk = errors.New("disk full")

func (r *records) StartPair(_ context.Context, p people.Pair, _ time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.desk.failing:
		return errDesk
	case len(r.desk.pairs) >= 3:
		return people.ErrManyPairs
	}
	r.desk.pairs[string(p.PublicKey)] = p
	return nil
}

func (r *records) PairOf(_ context.Context, key []byte, now time.Time) (people.Pair, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.desk.pairs[string(key)]
	switch {
	case r.desk.failing:
		return p, errDesk
	case !ok:
		return people.Pair{State: people.PairOver}, people.ErrNoPair
	}
	return p.At(now), nil
}

func (r *records) TakePair(_ context.Context, key []byte, now, until time.Time) (lobby.Rep, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, ok := r.desk.pairs[string(key)]; !ok || p.At(now).State != people.PairAllowed {
		return lobby.Rep{}, people.ErrNoPair
	}
	delete(r.desk.pairs, string(key))
	rep, ok := r.reps[string(key)]
	if !ok {
		rep = lobby.Rep{ID: uint64(len(r.reps) + 1), Name: "rudi", PublicKey: key}
		r.reps[string(key)] = rep
	}
	r.desk.until[string(key)], r.desk.seen[string(key)] = until, now
	r.hinted++ // the rep is new
	return rep, nil
}

func (r *records) ConsoleLogin(_ context.Context, key []byte, now time.Time) (lobby.Rep, time.Time, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	rep, ok := r.reps[string(key)]
	until, ends := r.desk.until[string(key)]
	switch {
	case r.desk.failing:
		return lobby.Rep{}, time.Time{}, errDesk
	case !ok:
		return lobby.Rep{}, time.Time{}, lobby.ErrNoRep
	case ends && !now.Before(until):
		return lobby.Rep{}, time.Time{}, people.ErrNoLogin
	}
	return rep, until, nil
}

func (r *records) EndConsoleLogin(_ context.Context, key []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.desk.until[string(key)] = time.Time{}
	r.hinted++
	return nil
}

func (r *records) SeeConsole(_ context.Context, key []byte, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.desk.seen != nil {
		r.desk.seen[string(key)] = now
	}
	return nil
}

func (r *records) Consoles(_ context.Context, rep uint64) ([]people.Console, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []people.Console
	for key, owner := range r.reps {
		if owner.ID == rep {
			all = append(all, people.Console{Rep: rep, PublicKey: []byte(key), Seen: r.desk.seen[key]})
		}
	}
	return all, nil
}

func (r *records) Certificate(_ context.Context, key []byte, _ time.Time) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	if r.desk.failing {
		return nil, errDesk
	}
	return r.desk.certificates[string(key)], nil
}

func (r *records) RecordKey(context.Context) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	if r.desk.failing {
		return nil, errDesk
	}
	return r.desk.recordKey, nil
}

func (r *records) Grants(context.Context) (map[string][]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	return maps.Clone(r.desk.grants), nil
}

// openDesk is a relay whose rep rudi logs in with the browser.
func openDesk(t *testing.T) *house {
	t.Helper()
	h := open(t)
	h.records.change(func() {
		h.records.desk = desk{
			mails: map[string]string{"rudi": "rudi@example.org"}, pairs: map[string]people.Pair{},
			until: map[string]time.Time{}, seen: map[string]time.Time{}, certificates: map[string][]byte{},
		}
	})
	time.Sleep(2 * ticking) // the relay looks who works here
	return h
}

func publicOf(name string) string { return string(keyOf(name).Public().(ed25519.PublicKey)) }

// asks says Pair and gives the answer.
func (h *house) asks(w *wireEnd, name string) *wire.Pairing {
	h.t.Helper()
	proof := signIn(w, keyOf(name))
	w.in <- &wire.Pair{PublicKey: proof.PublicKey, Signature: proof.Signature, Computer: "laptop"}
	return last[*wire.Pairing](h, w)
}

// answer is the rep's in the browser.
func (h *house) answer(name string, state people.PairState) {
	h.records.change(func() {
		p := h.records.desk.pairs[publicOf(name)]
		p.State, p.Rep = state, 1
		h.records.desk.pairs[publicOf(name)] = p
	})
}

// rudi has logged in with the browser.
func (h *house) rudi() *wireEnd {
	h.t.Helper()
	w := h.client(wire.RoleRep)
	h.asks(w, "rudi")
	h.answer("rudi", people.PairAllowed)
	time.Sleep(pairLook)
	last[*wire.SignedIn](h, w)
	time.Sleep(2 * ticking) // now the relay knows that he works here
	return w
}

func TestK01ARepLogsInWithTheBrowser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openDesk(t)
		w := h.client(wire.RoleRep)
		told := h.asks(w, "rudi")
		if !strings.HasPrefix(told.URL, "https://help.test:4443/login/console/") || !strings.HasSuffix(told.URL, "/"+told.Code) ||
			len(told.Code) != 9 || told.Code[4] != '-' || told.Expires != time.Now().Add(people.PairLife).UnixMilli() {
			t.Errorf("pairing %+v", told)
		}
		p := h.records.desk.pairs[publicOf("rudi")]
		if p.Code != people.CodeHash(strings.ToLower(told.Code)) || p.Computer != "laptop" || p.From != "198.51.100.1" {
			t.Errorf("kept %+v", p)
		}
		w.in <- &wire.NewKey{Request: [16]byte{1}}
		h.refused(w, wire.CodeOutOfPlace)
		time.Sleep(10 * pairLook)
		h.answer("rudi", people.PairAllowed)
		time.Sleep(pairLook)
		if in := last[*wire.SignedIn](h, w); in.Name != "rudi" {
			t.Errorf("signed in %+v", in)
		}
		w.in <- &wire.NewKey{Request: [16]byte{1}}
		last[*wire.KeyMade](h, w)
		if got := h.records.desk.until[publicOf("rudi")]; time.Until(got).Round(time.Minute) != 12*time.Hour {
			t.Errorf("logged in until %v", got)
		}
	})
}

func TestK01AgreeingCountsOnALaterConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openDesk(t)
		lost := h.client(wire.RoleRep)
		h.asks(lost, "rudi")
		lost.in <- errGone
		h.answer("rudi", people.PairAllowed)
		w := h.client(wire.RoleRep)
		proof := signIn(w, keyOf("rudi"))
		w.in <- &wire.Pair{PublicKey: proof.PublicKey, Signature: proof.Signature}
		last[*wire.SignedIn](h, w)
	})
}

func TestK01WishesThatComeToNothing(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(h *house)
		wait time.Duration
		want wire.Code
	}{
		"refused":       {func(h *house) { h.answer("rudi", people.PairRefused) }, pairLook, wire.CodePairRefused},
		"not in time":   {func(*house) {}, people.PairLife + pairLook, wire.CodePairRefused},
		"taken by else": {func(h *house) { h.records.change(func() { delete(h.records.desk.pairs, publicOf("rudi")) }) }, pairLook, wire.CodePairRefused},
		"never read":    {func(h *house) { h.records.change(func() { h.records.desk.failing = true }) }, people.PairLife + pairLook, wire.CodePairRefused},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := openDesk(t)
				w := h.client(wire.RoleRep)
				h.asks(w, "rudi")
				c.do(h)
				time.Sleep(c.wait)
				h.refused(w, c.want)
				h.records.change(func() { h.records.desk.failing = false })
				h.asks(w, "rudi") // once more, on the same connection
				h.lives(w)
			})
		})
	}
}

func TestHostilePairs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openDesk(t)
		w := h.client(wire.RoleRep)
		stolen := signIn(h.client(wire.RoleRep), keyOf("rudi")) // of another connection
		w.in <- &wire.Pair{PublicKey: stolen.PublicKey, Signature: stolen.Signature}
		h.refused(w, wire.CodePairRefused)
		if len(h.records.desk.pairs) != 0 {
			t.Error("kept")
		}
		for _, m := range []wire.Message{&wire.Active{}, &wire.SignOut{}} {
			w.in <- m
			h.refused(w, wire.CodeOutOfPlace)
		}
		for _, name := range []string{"a", "b", "c"} {
			h.asks(h.client(wire.RoleRep), name)
		}
		proof := signIn(w, keyOf("d"))
		w.in <- &wire.Pair{PublicKey: proof.PublicKey, Signature: proof.Signature}
		h.refused(w, wire.CodeBusy)
		h.records.change(func() { h.records.desk.failing, h.records.desk.pairs = true, map[string]people.Pair{} })
		w.in <- &wire.Pair{PublicKey: proof.PublicKey, Signature: proof.Signature}
		h.refused(w, wire.CodeInternal)
		h.records.change(func() { h.records.desk.failing = false })
		for range addressPairs - 2 {
			h.asks(w, "d")
		}
		w.in <- &wire.Pair{PublicKey: proof.PublicKey, Signature: proof.Signature}
		h.refused(w, wire.CodeTooManyTries)
		time.Sleep(addressPairEvery)
		h.asks(w, "d")

		rudi := h.rudi()
		proof = signIn(rudi, keyOf("rudi"))
		rudi.in <- &wire.Pair{PublicKey: proof.PublicKey, Signature: proof.Signature}
		h.refused(rudi, wire.CodeOutOfPlace)
		maria := h.client(wire.RoleCustomer)
		maria.in <- &wire.Pair{PublicKey: proof.PublicKey, Signature: proof.Signature}
		h.ended(maria, "message of another role")
	})
}

func TestK01WhoIsAwayIsLoggedOutAndTheSessionGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openDesk(t)
		first := h.rudi()
		first.in <- errGone
		w := h.client(wire.RoleRep)
		w.in <- signIn(w, keyOf("rudi"))
		if in := last[*wire.SignedIn](h, w); in.Idle != people.DefaultIdleMinutes*60 {
			t.Fatalf("told %d seconds", in.Idle)
		}
		maria := h.client(wire.RoleCustomer)
		s, mine := h.meet(w, maria)
		idle := people.DefaultIdleMinutes * time.Minute
		time.Sleep(idle - time.Minute)
		w.in <- &wire.Active{}
		time.Sleep(idle - time.Second)
		last[*wire.Start](h, w)
		time.Sleep(2 * time.Second)
		h.refused(w, wire.CodeIdle)
		h.lives(w)
		maria.in <- &wire.Signal{Session: mine.Session, Epoch: 2, User: "u"}
		if g := last[*wire.Signal](h, w); g.User != "u" {
			t.Errorf("signal %+v", g)
		}
		w.in <- &wire.NewKey{Request: [16]byte{7}}
		h.refused(w, wire.CodeOutOfPlace)

		again := h.client(wire.RoleRep)
		again.in <- signIn(again, keyOf("rudi"))
		h.refused(again, wire.CodeLoginNeeded)
		again.in <- &wire.Rejoin{Session: s.Session, Ticket: s.Ticket}
		last[*wire.Rejoined](h, again)
		h.asks(again, "rudi")
		h.answer("rudi", people.PairAllowed)
		time.Sleep(pairLook)
		last[*wire.SignedIn](h, again)
	})
}

func TestK01AnotherIdleTimeReachesWhoIsLoggedIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openDesk(t)
		h.rudi().in <- errGone
		back := func(minutes uint32) *wireEnd {
			t.Helper()
			w := h.client(wire.RoleRep)
			w.in <- signIn(w, keyOf("rudi"))
			if in := last[*wire.SignedIn](h, w); in.Idle != minutes*60 {
				t.Errorf("told %d seconds", in.Idle)
			}
			return w
		}
		w := back(people.DefaultIdleMinutes)
		time.Sleep(2 * loginLook)
		h.lives(w)
		h.records.change(func() { h.records.settings.People.IdleMinutes, h.records.version = 5, h.records.version+1 })
		time.Sleep(2 * loginLook)
		h.ended(w, "another idle time")
		w = back(5)
		time.Sleep(2 * loginLook)
		h.lives(w)
		time.Sleep(5 * time.Minute)
		h.refused(w, wire.CodeIdle)
	})
}

func TestK01ComingBackIsNoSignOfLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openDesk(t)
		h.rudi().in <- errGone
		idle := people.DefaultIdleMinutes * time.Minute
		for _, c := range []struct {
			after time.Duration
			in    bool
		}{{10 * time.Minute, true}, {10 * time.Minute, true}, {idle - 20*time.Minute + awaySlack, false}} {
			time.Sleep(c.after)
			w := h.client(wire.RoleRep)
			w.in <- signIn(w, keyOf("rudi"))
			if c.in {
				last[*wire.SignedIn](h, w)
			} else {
				h.refused(w, wire.CodeLoginNeeded)
			}
			w.in <- errGone
		}
	})
}

func TestK01ARepWithACodeStaysAsBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openDesk(t)
		w := h.rep("anna") // has no address to log in with
		time.Sleep(25 * time.Hour)
		if in := last[*wire.SignedIn](h, w); in.Idle != 0 {
			t.Errorf("told %d seconds", in.Idle)
		}
		w.in <- &wire.SignOut{}
		synctest.Wait()
		w.in <- &wire.NewKey{Request: [16]byte{7}}
		h.refused(w, wire.CodeOutOfPlace)
		w.in <- signIn(w, keyOf("anna"))
		last[*wire.SignedIn](h, w)
	})
}

func TestK01SigningOutEndsTheLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openDesk(t)
		w := h.rudi()
		w.in <- &wire.SignOut{}
		synctest.Wait()
		w.in <- signIn(w, keyOf("rudi"))
		h.refused(w, wire.CodeLoginNeeded)
	})
}

func TestK01ALoginThatEndsElsewhereEndsHere(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(h *house)
		wait time.Duration
		code wire.Code
		ends string // the connection, for this
	}{
		"its time is over":         {func(h *house) {}, 12 * time.Hour, wire.CodeLoginNeeded, ""},
		"ended by the rep":         {func(h *house) { h.records.desk.until[publicOf("rudi")] = time.Time{} }, loginLook, wire.CodeLoginNeeded, ""},
		"the console is lost":      {func(h *house) { delete(h.records.reps, publicOf("rudi")) }, loginLook, wire.CodeNotEnrolled, "console revoked"},
		"over, and the store away": {func(h *house) { h.records.desk.failing = true }, 12 * time.Hour, wire.CodeLoginNeeded, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := openDesk(t)
				w := h.rudi()
				h.records.change(func() { c.do(h) })
				for left := c.wait; left > 0; left -= time.Minute {
					time.Sleep(min(left, time.Minute))
					if left > time.Minute {
						w.in <- &wire.Active{}
					}
				}
				h.refused(w, c.code)
				if c.ends != "" {
					h.ended(w, c.ends)
				} else {
					h.lives(w)
				}
			})
		})
	}
}

func TestZ04ACertificateFollowsTheSignInAndWhenItCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openDesk(t)
		w := h.rudi()
		h.records.change(func() { h.records.desk.certificates[publicOf("rudi")] = []byte("signed") })
		time.Sleep(loginLook)
		if m := last[*wire.Certified](h, w); string(m.Certificate) != "signed" {
			t.Errorf("%+v", m)
		}
		w.in <- errGone
		w = h.client(wire.RoleRep)
		w.in <- signIn(w, keyOf("rudi"))
		if m := last[*wire.Certified](h, w); string(m.Certificate) != "signed" {
			t.Errorf("%+v", m)
		}
		time.Sleep(3 * loginLook)
		synctest.Wait()
		w.mu.Lock()
		defer w.mu.Unlock()
		told := 0
		for _, m := range w.told {
			if _, ok := m.(*wire.Certified); ok {
				told++
			}
		}
		if told != 1 {
			t.Errorf("told %d times", told)
		}
	})
}
