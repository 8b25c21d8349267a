package words

import (
	"strings"
	"testing"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// clips are the ways a clipboard can be shared.
var clips = []wire.Permission{wire.ClipOut | wire.ClipIn, wire.ClipOut, wire.ClipIn}

func TestS09EveryLineAboutTheClipboardNamesTheWays(t *testing.T) {
	for _, role := range []wire.Role{wire.RoleCustomer, wire.RoleRep} {
		st := session.State{Role: role, Peer: "Ana"}
		said := map[string]session.Line{}
		for _, p := range clips {
			lines := []session.Line{
				{Kind: session.LineSharing, What: wire.View | p, Fresh: p, Sharing: wire.SharingGranted},
				{Kind: session.LineWithdrawn, What: p},
				{Kind: session.LineAsked, What: p},
				{Kind: session.LineAsked, What: wire.View | p},
				{Kind: session.LineAsked, What: wire.View | wire.Control | p},
				{Kind: session.LineAnswered, What: p, Verdict: wire.Allowed},
				{Kind: session.LineAnswered, What: p, Verdict: wire.Refused},
				{Kind: session.LineAnswered, What: p, Verdict: wire.Silence},
				{Kind: session.LineAnswered, What: p, Verdict: wire.CantHere},
			}
			for _, l := range lines {
				text := Speaker{}.Line(l, st)
				if before, twice := said[text]; twice || !strings.HasSuffix(text, ".") || strings.Contains(text, "%!") {
					t.Errorf("role %d, %+v: %q, as for %+v", role, l, text, before)
				}
				if !strings.Contains(text, "clipboard") && !strings.Contains(text, "cop") {
					t.Errorf("role %d, %+v: nothing about the clipboard in %q", role, l, text)
				}
				said[text] = l
			}
		}
	}
}

func TestS09ThePromptNamesTheWaysOfTheClipboard(t *testing.T) {
	seen := map[string]bool{}
	for _, granted := range []wire.Permission{0, wire.View} {
		for _, screen := range []wire.Permission{0, wire.View, wire.View | wire.Control} {
			for _, p := range clips {
				if granted == 0 && screen == 0 || granted.Has(screen) && screen != 0 {
					continue // what is asked for is never without the screen, and never asked for again
				}
				st := session.State{Role: wire.RoleCustomer, Peer: "Ana", Granted: granted}
				title, meaning, _ := Speaker{}.Prompt(st, screen|p)
				if seen[title] || !strings.HasPrefix(title, "Ana asks to ") || !strings.Contains(meaning, "cop") {
					t.Errorf("%v of %v: %q %q", screen|p, granted, title, meaning)
				}
				if screen != 0 && !strings.Contains(meaning, "They") || screen.Has(wire.Control) != strings.Contains(title, "control") {
					t.Errorf("%v of %v hides what is asked for besides: %q %q", screen|p, granted, title, meaning)
				}
				seen[title] = true
			}
		}
	}
}

func TestS09BannerAndMarkShowTheWaysOfTheClipboard(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		what       wire.Permission
		more, mark string
	}{
		{wire.View, "Whole screen, since 09:05", "sees your screen since 09:05"},
		{wire.View | wire.ClipOut | wire.ClipIn, "Whole screen, since 09:05. Clipboard shared both ways.", "sees your screen since 09:05, and shares the clipboard"},
		{wire.View | wire.ClipOut, "Whole screen, since 09:05. They can paste what you copy.", "sees your screen since 09:05, and can paste what you copy"},
		{wire.View | wire.Control | wire.ClipIn, "Whole screen, since 09:05. You can paste what they copy.", "sees and controls your screen since 09:05, and you can paste what they copy"},
	} {
		st := session.State{Role: wire.RoleCustomer, Peer: "Ana", Linked: true, Granted: c.what, SharedAt: at}
		if _, more := (Speaker{}).Banner(st); more != c.more {
			t.Errorf("%v: %q", c.what, more)
		}
		if mark := (Speaker{}).Mark(c.what, "09:05"); mark != c.mark {
			t.Errorf("%v: %q", c.what, mark)
		}
	}
}
