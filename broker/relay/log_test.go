package relay

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"handrail/broker/lobby"
	"handrail/shared/wire"
)

// sealing has the organisation keep what is said, sealed.
func (h *house) sealing() {
	h.records.change(func() {
		h.records.settings.Records.Keep = wire.KeepSealed
		h.records.version++
	})
	time.Sleep(2 * ticking) // the bubble's clock
}

// loggedParts is what is kept of sessions.
func (h *house) loggedParts() (parts []lobby.LogPart) {
	h.records.change(func() { parts = append(parts, h.records.logs...) })
	return parts
}

func TestT01NobodyElseTellsOfASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.sealing()
		anna, bert, maria := h.rep("anna"), h.rep("bert"), h.client(wire.RoleCustomer)
		s, mine := h.meet(anna, maria)
		stranger := h.client(wire.RoleRep)
		log := &wire.Log{Session: s.Session, Part: 1, Sealed: []byte("lies")}
		for name, w := range map[string]*wireEnd{"another rep": bert, "a stranger": stranger} {
			w.in <- log
			h.refused(w, wire.CodeGone)
			w.in <- &wire.Rejoin{Session: s.Session, Ticket: mine.Ticket} // the customer's
			h.refused(w, wire.CodeGone)
			w.in <- log
			h.refused(w, wire.CodeGone)
			if h.lives(w); t.Failed() {
				t.Fatal(name)
			}
		}
		for _, m := range []*wire.Log{
			{Session: s.Session, Part: 2, Sealed: []byte("a gap")},
			{Session: s.Session, Part: wire.MaxParts, Sealed: []byte("the end")},
		} {
			anna.in <- m
			h.refused(anna, wire.CodeMalformed)
		}
		anna.in <- &wire.Log{Session: wire.SessionID{9}, Part: 1, Sealed: []byte("of no session")}
		h.refused(anna, wire.CodeGone)
		maria.in <- log
		h.ended(maria, "message of another role")
		if parts := h.loggedParts(); len(parts) != 0 {
			t.Errorf("kept is %+v", parts)
		}
		stranger.in <- &wire.Rejoin{Session: s.Session, Ticket: s.Ticket} // anna's, who was logged out
		last[*wire.Rejoined](h, stranger)
		stranger.in <- log
		if m := last[*wire.Logged](h, stranger); m.Part != 1 || len(h.loggedParts()) != 1 {
			t.Errorf("kept up to %d is %+v", m.Part, h.loggedParts())
		}
	})
}

func TestT01NothingIsLoggedBeforeItIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.sealing()
		anna, maria := h.rep("anna"), h.client(wire.RoleCustomer)
		s, _ := h.meet(anna, maria)
		h.records.change(func() { h.records.failing = true })
		anna.in <- &wire.Log{Session: s.Session, Part: 1, Sealed: []byte("words")}
		anna.in <- &wire.Log{Session: s.Session, Part: 1, Sealed: []byte("words")} // said again meanwhile
		last[*wire.Start](h, anna)                                                 // no Logged
		time.Sleep(keepPause / 2)
		h.records.change(func() { h.records.failing = false })
		time.Sleep(keepPause)
		if m := last[*wire.Logged](h, anna); m.Part != 1 || len(h.loggedParts()) != 1 {
			t.Errorf("kept up to %d is %+v", m.Part, h.loggedParts())
		}
	})
}

func TestT01AFloodOfLogsIsSlowedAndHurtsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.sealing()
		anna, bert := h.rep("anna"), h.rep("bert")
		s, _ := h.meet(anna, h.client(wire.RoleCustomer))
		sealed := []byte(strings.Repeat("x", wire.MaxSealed))
		for part := range uint32(900) {
			anna.in <- &wire.Log{Session: s.Session, Part: part + 1, Sealed: sealed}
		}
		synctest.Wait()
		if left := len(anna.in); left < 900-messages-1 {
			t.Errorf("%d of a flood of 900 read at once", 900-left)
		}
		h.meet(bert, h.client(wire.RoleCustomer))
		time.Sleep(time.Minute)
		kept := 0
		for _, p := range h.loggedParts() {
			kept += len(p.Sealed)
		}
		if kept > 8<<20 || kept < 6<<20 {
			t.Errorf("%d bytes are kept of one session", kept)
		}
		h.lives(anna)
	})
}
