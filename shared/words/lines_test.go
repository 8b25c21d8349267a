package words

import (
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// everyLine is a line of each kind with each of its details.
func everyLine() []session.Line {
	lines := []session.Line{
		{Kind: session.LineChat, Text: "hello"},
		{Kind: session.LineAccepted},
		{Kind: session.LineNudge},
		{Kind: session.LineVerified},
		{Kind: session.LineKept, Keep: wire.KeepSealed},
		{Kind: session.LineKept, Keep: wire.KeepReadable},
		{Kind: session.LineDenied},
		{Kind: session.LineDenied, What: wire.View | wire.Control},
	}
	for _, what := range []wire.Permission{wire.View, wire.View | wire.Control} {
		lines = append(lines, session.Line{Kind: session.LineAsked, What: what}, session.Line{Kind: session.LineWithdrawn, What: what})
		for v := wire.Allowed; v <= wire.TakenBack; v++ {
			lines = append(lines, session.Line{Kind: session.LineAnswered, What: what, Verdict: v})
		}
		lines = append(lines, session.Line{Kind: session.LineSharing, What: what, Sharing: wire.SharingGranted})
	}
	lines = append(lines, session.Line{Kind: session.LineWithdrawn, What: wire.Control},
		session.Line{Kind: session.LineSharing, Sharing: wire.SharingStopped},
		session.Line{Kind: session.LineSharing, Sharing: wire.SharingFailed})
	for why := wire.EndWhy(0); why <= wire.EndNotVerified; why++ {
		lines = append(lines, session.Line{Kind: session.LineEnded, Why: why})
	}
	return lines
}

func TestC01EveryLineIsASentenceForBothSides(t *testing.T) {
	for _, role := range []wire.Role{wire.RoleCustomer, wire.RoleRep} {
		for _, peer := range []string{"Ana", ""} {
			for _, l := range everyLine() {
				text := Speaker{}.Line(l, session.State{Role: role, Peer: peer})
				if text == "" || strings.Contains(text, "%!") || strings.Contains(text, "  ") {
					t.Errorf("role %d, %+v: %q", role, l, text)
				}
				if l.Kind != session.LineChat && !strings.HasSuffix(text, ".") {
					t.Errorf("role %d, %+v: no full stop in %q", role, l, text)
				}
			}
		}
	}
}

func TestTheTwoSidesReadDifferentSentences(t *testing.T) {
	for _, l := range everyLine() {
		customer := Speaker{}.Line(l, session.State{Role: wire.RoleCustomer, Peer: "Ana"})
		rep := Speaker{}.Line(l, session.State{Role: wire.RoleRep, Peer: "Ana"})
		both := l.Kind == session.LineChat || l.Kind == session.LineEnded &&
			!slices.Contains([]wire.EndWhy{
				wire.EndByCustomer, wire.EndByRep, wire.EndDeclined, wire.EndMoved, wire.EndNotAgreed, wire.EndForNotice, wire.EndNobody, wire.EndNotVerified,
			}, l.Why)
		if (customer == rep) != both {
			t.Errorf("%+v: %q and %q", l, customer, rep)
		}
	}
}

func TestChatIsSaidAsItWasTyped(t *testing.T) {
	const text = "100 %d <b>sure</b>"
	if got := (Speaker{}).Line(session.Line{Text: text}, session.State{}); got != text {
		t.Errorf("%q", got)
	}
}

func TestANameOfAnyLengthLeavesRoomForTheRest(t *testing.T) {
	st := session.State{Role: wire.RoleCustomer, Peer: strings.Repeat("ä", 500)}
	if n := len([]rune(Speaker{}.Peer(st))); n != longestName {
		t.Errorf("%d letters", n)
	}
}

func TestWhoHasNoNameGetsACapitalOnlyWhereTheSentenceBegins(t *testing.T) {
	rep, customer := session.State{Role: wire.RoleRep}, session.State{Role: wire.RoleCustomer}
	for _, c := range []struct {
		got, want string
	}{
		{Speaker{}.Peer(rep), "The customer"},
		{Speaker{}.Peer(customer), "Your support rep"},
		{Speaker{}.Line(session.Line{Kind: session.LineAccepted}, rep), "You accepted the session with the customer."},
		{Speaker{}.Line(session.Line{Kind: session.LineNudge}, customer), "Your support rep asks for your attention."},
		{Speaker{}.About(CloseText, customer), "Your support rep can then no longer see or reach this computer."},
		{Speaker{}.About(youTookSession, session.State{Role: wire.RoleRep, Peer: "maria"}), "You accepted the session with maria."},
		{Speaker{}.About(tookSession, session.State{Role: wire.RoleCustomer, Peer: "maria"}), "maria is here to help you."},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestLongIsSaidInTheUnitsThatMatter(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:                    "0 s",
		59*time.Second + 999:            "59 s",
		14*time.Minute + 59*time.Second: "14 min",
		2*time.Hour + 5*time.Minute:     "2 h 5 min",
	} {
		if got := (Speaker{}).Long(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestT01TheCustomerIsToldWhatIsKeptAndByWhom(t *testing.T) {
	tests := []struct {
		organisation string
		keep         wire.Keep
		want         string
	}{
		{"Example Ltd", wire.KeepNothing, ""},
		{"Example Ltd", wire.KeepSealed, "Example Ltd keeps this conversation. Only people whom it has let in can read it."},
		{"Example Ltd", wire.KeepReadable, "Example Ltd keeps this conversation and can read it."},
		{"", wire.KeepReadable, "The organisation keeps this conversation and can read it."},
	}
	for _, tt := range tests {
		if got := (Speaker{}).Kept(tt.keep, session.State{Role: wire.RoleCustomer, Organisation: tt.organisation}); got != tt.want {
			t.Errorf("%q, %d: %q", tt.organisation, tt.keep, got)
		}
	}
}
