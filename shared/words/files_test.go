package words

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"handrail/shared/session"
	"handrail/shared/wire"
)

func TestC03AmountsAreSaidInPeoplesUnits(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 KB", 1234: "1.2 KB", 999_949: "999.9 KB", 999_950: "1.0 MB",
		48_000_000: "48.0 MB", 8_100_000_000: "8.1 GB", 1<<64 - 1: "18.4 EB",
	} {
		if got := (Speaker{}).Bytes(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestC03TimeLeftIsSaidInCalmSteps(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Millisecond: "a few seconds left", 5 * time.Second: "a few seconds left", 5100 * time.Millisecond: "10 s left",
		52 * time.Second: "55 s left", 56 * time.Second: "1 min left", 61 * time.Second: "2 min left",
		59*time.Minute + time.Second: "1 h 0 min left",
	} {
		if got := (Speaker{}).TimeLeft(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// What a name looks like must not hide what it is.
func TestC03ANameFromElsewhereCannotPretend(t *testing.T) {
	for name, want := range map[string]string{
		"report.pdf":              "report.pdf",
		"تقرير.pdf":               "تقرير.pdf",
		"invoice\u202efdp.exe":    "invoice\ufffdfdp.exe",
		"a\u2066b\u2069c\u200fd":  "a\ufffdb\ufffdc\ufffdd",
		"two\nlines\ttab\u2028x":  "two\ufffdlines\ufffdtab\ufffdx",
		"in\u200bvisible\ufeff":   "in\ufffdvisible\ufffd",
		"bad\xffbytes":            "bad\ufffdbytes",
		"wide\u3000blank\u00a0no": "wide\ufffdblank\ufffdno",
	} {
		if got := ShownName(name, 48); got != want {
			t.Errorf("%q is shown as %q, want %q", name, got, want)
		}
	}
	const long = "minutes of the annual general meeting with all corrections (2).docx"
	got := ShownName(long, 30)
	if utf8.RuneCountInString(got) != 30 || !strings.HasPrefix(got, "minutes of the") || !strings.HasSuffix(got, "(2).docx") {
		t.Errorf("shortened to %q", got)
	}
}

// everyTransfer is a transfer in each state, from both ends.
func everyTransfer() []session.Transfer {
	var all []session.Transfer
	for _, mine := range []bool{false, true} {
		base := session.Transfer{ID: 1, Mine: mine, Name: "report.pdf", Size: 2_400_000, Items: 1}
		with := func(change func(*session.Transfer)) {
			x := base
			change(&x)
			all = append(all, x)
		}
		with(func(x *session.Transfer) { x.Stage = session.TransferOffered })
		with(func(x *session.Transfer) { x.Stage = session.TransferGoing })
		with(func(x *session.Transfer) { x.Stage, x.Done = session.TransferGoing, 1e6 })
		with(func(x *session.Transfer) {
			x.Stage, x.Place = session.TransferArrived, `C:\Users\Jo\Downloads\report.pdf`
		})
		for v := wire.Refused; v <= wire.TakenBack; v++ {
			with(func(x *session.Transfer) { x.Stage, x.Verdict = session.TransferRefused, v })
		}
		for why := wire.HaltCancelled; why <= wire.HaltWrong+1; why++ {
			for _, byMe := range []bool{false, true} {
				with(func(x *session.Transfer) { x.Stage, x.Why, x.ByMe = session.TransferHalted, why, byMe })
			}
		}
	}
	return all
}

func TestC03EveryStateOfAFileIsASentenceForBothSides(t *testing.T) {
	for _, role := range []wire.Role{wire.RoleCustomer, wire.RoleRep} {
		for _, peer := range []string{"Ana", ""} {
			for _, x := range everyTransfer() {
				st := session.State{Role: role, Peer: peer, Linked: true, Transfers: []session.Transfer{x}}
				status, advice := Speaker{}.FileStatus(x, st, 12*time.Second)
				line := Speaker{}.Line(session.Line{Kind: session.LineTransfer, Transfer: 1}, st)
				for _, text := range []string{status, line, advice + "."} {
					if text == "" || strings.Contains(text, "%!") || strings.Contains(text, "  ") || strings.HasSuffix(status, ".") {
						t.Errorf("role %d, %+v: %q", role, x, text)
					}
				}
				if !strings.Contains(line, "report.pdf") || !strings.HasSuffix(line, ".") {
					t.Errorf("role %d, %+v: %q", role, x, line)
				}
				if failed := x.Stage == session.TransferHalted && x.Why > wire.HaltCancelled && x.Why <= wire.HaltWrong; failed != (advice != "") {
					t.Errorf("role %d, %+v: advice %q", role, x, advice)
				}
			}
		}
	}
	if got := (Speaker{}).Line(session.Line{Kind: session.LineTransfer, Transfer: 7}, session.State{}); got != string(fileForgot) {
		t.Errorf("a transfer nobody remembers: %q", got)
	}
}

func TestC03WhatCannotBeOfferedSaysWhy(t *testing.T) {
	seen := map[string]bool{}
	for _, why := range []wire.HaltWhy{wire.HaltUnreadable, wire.HaltFull, wire.HaltCancelled, wire.HaltWrong} {
		text := Speaker{}.NotOffered("a.txt", why)
		if !strings.HasPrefix(text, "“a.txt” ") || !strings.HasSuffix(text, ".") || seen[text] {
			t.Errorf("%d: %q", why, text)
		}
		seen[text] = true
	}
}

func TestC03WhoseDiskIsFullIsSaid(t *testing.T) {
	st := session.State{Role: wire.RoleCustomer, Peer: "Ana", Linked: true}
	x := session.Transfer{Stage: session.TransferHalted, Why: wire.HaltFull}
	if what, _ := (Speaker{}).FileStatus(x, st, 0); what != "The disk is full" {
		t.Errorf("here: %q", what)
	}
	x.Mine = true
	if what, advice := (Speaker{}).FileStatus(x, st, 0); what != "Ana's disk is full" || advice != "Ask Ana to make room, then send it again." {
		t.Errorf("there: %q %q", what, advice)
	}
	st.Peer = ""
	if what, _ := (Speaker{}).FileStatus(x, st, 0); what != "Your support rep's disk is full" {
		t.Errorf("there, nameless: %q", what)
	}
}

func TestC03WithoutAConnectionAFileWaits(t *testing.T) {
	st := session.State{Role: wire.RoleRep, Peer: "Ana"}
	x := session.Transfer{Mine: true, Size: 2_400_000}
	for done, want := range map[uint64]string{0: "Waiting for the connection", 1_300_000: "1.3 MB of 2.4 MB · Waiting for the connection"} {
		x.Stage, x.Done = session.TransferGoing, done
		if got, _ := (Speaker{}).FileStatus(x, st, time.Second); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	st.Stage = session.Over
	if got, _ := (Speaker{}).FileStatus(x, st, 0); got != "The session ended before it arrived" {
		t.Errorf("after the session: %q", got)
	}
}

func TestC03ThePromptNamesWhoWhatAndHowMuch(t *testing.T) {
	st := session.State{Role: wire.RoleCustomer, Peer: "Ana"}
	title, meaning, silence := Speaker{}.FilePrompt(st, session.Transfer{Name: "Tools", Folder: true, Items: 8, Size: 900_000})
	if title != "Ana wants to send you a folder" || !strings.HasPrefix(meaning, "“Tools”, 900.0 KB, 7 items.") || silence == "" {
		t.Errorf("%q %q %q", title, meaning, silence)
	}
	if _, meaning, _ = (Speaker{}).FilePrompt(st, session.Transfer{Name: "T", Folder: true, Items: 2, Size: 9}); !strings.HasPrefix(meaning, "“T”, 9 B, 1 item.") {
		t.Errorf("%q", meaning)
	}
	if got := (Speaker{}).Dropped(st, []string{"a.txt", "b.txt", "c.txt"}); got != "Send “a.txt” and 2 more to Ana?" {
		t.Errorf("%q", got)
	}
	if got := (Speaker{}).Dropped(session.State{Role: wire.RoleCustomer}, []string{"a.txt"}); got != "Send “a.txt” to your support rep?" {
		t.Errorf("%q", got)
	}
}
