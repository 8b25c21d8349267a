package lobby

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// logger is a rep whose sealed words are kept.
func logger(t *testing.T) (*hall, Conn) {
	t.Helper()
	h := newHall(t)
	set := settings.Default("Example Ltd")
	set.Records.Keep = wire.KeepSealed
	h.step(Settled{Settings: set, Organisation: people.Organisation{Reps: map[uint64]people.Rep{1: {ID: 1}}}})
	return h, h.rep(1)
}

func TestT01WhatIsTooMuchIsCutOffOnce(t *testing.T) {
	h, rep := logger(t)
	_, start := h.meet(rep, h.customer("10.0.0.1"))
	note := []wire.Entry{{Happened: wire.HappenedNote, Text: "note"}}
	for part := range uint32(2 * maxLog / wire.MaxSealed) {
		h.pass(time.Minute)
		h.say(rep, &wire.Log{Session: start.Session, Part: part + 1, Sealed: make([]byte, wire.MaxSealed), Entries: note})
		if m := last[*wire.Logged](h, rep); m.Part != part+1 {
			t.Fatalf("part %d is answered with %d", part+1, m.Part)
		}
	}
	count := map[What]int{}
	for _, f := range h.facts {
		count[f.What]++
	}
	if n := len(h.logs); count[FactCutOff] != 1 || n*wire.MaxSealed > maxLog || n*wire.MaxSealed < maxLog*9/10 || count[FactNote] != n {
		t.Errorf("%d parts are kept, and facts %v", n, count)
	}
}

// TestA06AnOldRevocationTakesNothingFromLaterSessions: each broker that starts
// hears of the last one again.
func TestA06AnOldRevocationTakesNothingFromLaterSessions(t *testing.T) {
	h, rep := logger(t)
	start, _ := h.meet(rep, h.customer("10.0.0.1"))
	h.say(rep, &wire.Leave{Session: start.Session})
	for _, row := range []struct {
		before time.Time
		may    bool
	}{{h.now.Add(-time.Hour), true}, {h.now.Add(time.Second), false}} {
		h.step(EverythingRevoked{Before: row.before})
		h.next++
		back := h.next // not signed in: the ticket speaks
		h.step(Opened{Conn: back, From: "rep", Role: wire.RoleRep, System: "linux"})
		h.say(back, &wire.Rejoin{Session: start.Session, Ticket: start.Ticket})
		h.say(back, &wire.Log{Session: start.Session, Part: 1, Entries: []wire.Entry{{Happened: wire.HappenedNote, Text: "note"}}})
		_, may := h.told[back][len(h.told[back])-1].(*wire.Logged)
		if may != row.may {
			t.Errorf("revoked everything from before %v, told %+v", row.before, h.told[back])
		}
	}
}

func TestT01AConsoleGoneWildIsSlowedDown(t *testing.T) {
	h, rep := logger(t)
	var sessions []wire.SessionID // of its own making
	for n := range 4 {
		_, start := h.meet(rep, h.customer(fmt.Sprint("10.0.1.", n)))
		sessions = append(sessions, start.Session)
	}
	refused := 0
	for _, id := range sessions {
		for part := uint32(0); part < maxLog/wire.MaxSealed-10 && refused == 0; part++ {
			h.say(rep, &wire.Log{Session: id, Part: part + 1, Sealed: make([]byte, wire.MaxSealed)})
			if _, is := h.told[rep][len(h.told[rep])-1].(*wire.Problem); is {
				refused++
			}
		}
	}
	p := last[*wire.Problem](h, rep)
	if p.Code != wire.CodeBusy || p.About != wire.KindLog || p.Key != sessions[2] {
		t.Errorf("refused with %+v", p)
	}
	if bytes := len(h.logs) * wire.MaxSealed; bytes > logSize*logGrain || bytes < logSize*logGrain*9/10 {
		t.Errorf("%d bytes are kept in one go", bytes)
	}
	h.pass(time.Hour)
	h.say(rep, &wire.Log{Session: sessions[3], Part: 1, Sealed: make([]byte, wire.MaxSealed)})
	if m := last[*wire.Logged](h, rep); m.Part != 1 {
		t.Errorf("an hour later part %d is kept", m.Part)
	}
}

func TestP04InvitationsFitIntoOneMessage(t *testing.T) {
	p := settings.NewPortal("brand", "Brand")
	p.Hosts = []string{"help.brand.example", "other.example"}
	p.Texts = map[string]map[settings.TextName]string{}
	for _, l := range []string{"en", "de", "fr", "es", "it", "nl"} {
		p.Languages = append(p.Languages, l)
		p.Texts[l] = map[settings.TextName]string{settings.InviteText: "{portal}: **{link}** " + strings.Repeat("ä", wire.MaxPlain)}
	}
	w := invites(p, "https://help.example.org:4443")
	b, err := wire.Append(nil, wire.Packet{Body: w})
	if err != nil || len(b) > wire.MaxMessage {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	if len(w.Invitations) < 3 || w.Invitations[0].Language != "en" || !strings.HasPrefix(w.Invitations[0].Text, "Brand: {link} ää") {
		t.Errorf("%d invitations, the first is %.40q", len(w.Invitations), w.Invitations[0].Text)
	}
	for site, want := range map[string]string{
		"https://help.example.org:4443": "https://help.brand.example:4443",
		"https://help.example.org:443":  "https://help.brand.example",
		"https://help.example.org":      "https://help.brand.example",
	} {
		if got := pageOf(p, site); got != want {
			t.Errorf("at %s the portal is at %s, want %s", site, got, want)
		}
	}
}
