package words

import (
	"strings"
	"testing"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

func TestC06TheBannerSaysWhatIsSharedWithWhom(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 5, 0, 0, time.UTC)
	two := []wire.Monitor{{ID: 1}, {ID: 2}}
	for _, c := range []struct {
		st         session.State
		what, more string
	}{
		{session.State{Linked: true}, "Nothing is shared", "Ana cannot see your screen."},
		{session.State{Linked: true, Granted: wire.View}, "Ana sees your screen", "Whole screen, since 09:05"},
		{session.State{Linked: true, Granted: wire.View | wire.Control, Monitors: two}, "Ana sees and controls your screen", "All 2 monitors, since 09:05"},
		{session.State{Linked: true, Granted: wire.View, Monitors: two, Monitor: 2}, "Ana sees your screen", "Monitor 2 only, since 09:05"},
		{session.State{Granted: wire.View}, "Sharing is interrupted", "Ana sees nothing until the connection is back."},
	} {
		c.st.Role, c.st.Peer, c.st.SharedAt = wire.RoleCustomer, "Ana", at
		if what, more := (Speaker{}).Banner(c.st); what != c.what || more != c.more {
			t.Errorf("%+v: %q, %q", c.st, what, more)
		}
	}
}

func TestC09ThePromptNamesWhoAsksAndWhatFor(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []struct{ granted, what wire.Permission }{
		{0, wire.View}, {0, wire.View | wire.Control}, {wire.View, wire.View | wire.Control},
	} {
		st := session.State{Role: wire.RoleCustomer, Peer: "Ana", Granted: c.granted}
		title, meaning, silence := Speaker{}.Prompt(st, c.what)
		if !strings.HasPrefix(title, "Ana asks to ") || meaning == "" || silence == "" || seen[title] {
			t.Errorf("%+v: %q %q %q", c, title, meaning, silence)
		}
		seen[title] = true
		if control := c.what.Has(wire.Control); strings.Contains(title, "control") != control {
			t.Errorf("%+v: %q", c, title)
		}
	}
}

func TestEveryProblemHasAdviceForACustomer(t *testing.T) {
	for p := NoProblem + 1; p <= Unexpected; p++ {
		if what, advice := (Speaker{}).CustomerProblem(p); what == "" || advice == "" {
			t.Errorf("problem %d: %q %q", p, what, advice)
		}
	}
	if _, advice := (Speaker{}).CustomerProblem(KeyBurnt); strings.Contains(advice, "Make a new") {
		t.Errorf("a customer can't make a key: %q", advice)
	}
}

func TestTheTitleSaysHowThingsAre(t *testing.T) {
	talking := session.State{Role: wire.RoleCustomer, Stage: session.Talking, Peer: "Ana"}
	sharing := talking
	sharing.Granted = wire.View
	for _, c := range []struct {
		site   string
		st     session.State
		unread int
		want   string
	}{
		{"", session.State{}, 0, "Support"},
		{"Example", session.State{}, 0, "Support by Example"},
		{"Example", talking, 0, "Support session with Ana"},
		{"Example", talking, 3, "(3) Support session with Ana"},
		{"Example", sharing, 0, "Sharing with Ana"},
	} {
		if got := (Speaker{}).WindowTitle(c.site, c.st, c.unread); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
