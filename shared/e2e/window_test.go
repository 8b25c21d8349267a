//go:build linux

package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// TestC05NudgeBringsTheWindowToTheFront nudges a customer whose window is
// behind another one that has the keyboard. After the shaking it stands where
// it stood.
func TestC05NudgeBringsTheWindowToTheFront(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	var file string
	terminal(&file)(h.customer)
	h.customer.xdo("search", "--onlyvisible", "--name", "^lines$", "windowsize", "1200", "760", "windowmove", "0", "20")
	h.customer.xdo("search", "--onlyvisible", "--name", "^lines$", "windowactivate")
	h.customer.wait("the terminal in front", func() bool { return !h.customer.inFront() })
	at := h.customer.origin(thing{})
	h.customer.photo("before-nudge")

	h.rep.click("nudge")
	h.customer.wait("the window in front", h.customer.inFront)
	h.customer.reads("lines", "Anna Weber asks for your attention.")
	h.rep.reads("lines", "You asked for Maria's attention.")
	h.rep.wait("the button to rest", func() bool { return h.rep.read().Things["nudge"].Off })
	h.customer.wait("the window in its place", func() bool { return h.customer.origin(thing{}) == at })

	// It has the keyboard: what the customer types goes to the rep.
	h.customer.types("here I am")
	h.customer.keys("Return")
	h.rep.reads("lines", "here I am")
	h.customer.photo("after-nudge")
}

// TestC08ClosingTheWindowAsksOnce closes the customer's window, thinks better
// of it, and closes it.
func TestC08ClosingTheWindowAsksOnce(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	h.grant("control")
	h.customer.closeWindow()
	h.customer.click("stay")
	h.customer.gone("leave")
	h.rep.see("viewer")

	pid := h.customer.pid()
	h.customer.closeWindow()
	h.customer.photo("closing")
	h.customer.click("leave")
	h.customer.ended()
	h.rep.reads("lines", "Maria ended the session.")
	h.rep.gone("viewer")
	h.customer.nothingLeft(pid)

	// The console closes as quietly, with nobody in a session.
	rep := h.rep.pid()
	h.rep.closeWindow()
	h.rep.ended()
	h.rep.nothingLeft(rep)
}

// TestC04TheSizeOfTextIsRemembered makes the customer's text larger, and starts
// the program anew.
func TestC04TheSizeOfTextIsRemembered(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	customer := sit(t, "customer", "800x760")
	customer.client(b)
	usual := customer.see("connect").H
	customer.keys("ctrl+plus", "ctrl+plus", "ctrl+plus")
	larger := func() bool { return customer.read().Things["connect"].H > usual }
	customer.wait("larger text", larger)
	customer.kill(syscall.SIGTERM)
	customer.client(b)
	customer.wait("larger text again", larger)
	customer.keys("ctrl+0")
	customer.wait("text as usual", func() bool { return customer.read().Things["connect"].H == usual })
}

// TestK03TwoSessionsInTwoTabs helps two customers at once: what comes in the
// tab behind is marked, and a session can have a window of its own.
func TestK03TwoSessionsInTwoTabs(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	maria, rep, jonas := h.customer, h.rep, sit(t, "second", "800x760")
	jonas.client(h.broker)
	jonas.enter(rep.makeKey(), "Jonas")
	jonas.reads("screen", "connecting")
	rep.accepts("Jonas")
	jonas.reads("screen", "session")
	rep.reads("peer", "Jonas")

	maria.says("one")
	maria.says("two")
	rep.reads("tab-1", "Maria 2")
	rep.says("Just a moment, Jonas.")
	jonas.reads("lines", "Just a moment, Jonas.")
	rep.photo("unread")
	rep.click("tab-1")
	rep.wait("the mark to go", func() bool { return rep.read().Things["tab-1"].Text == "Maria" })
	rep.reads("lines", "two")
	if lines := maria.read().Things["lines"].Text; strings.Contains(lines, "moment") {
		t.Error("Maria reads what was written to Jonas")
	}

	main := rep.read().Window
	rep.click("detach")
	rep.wait("a window of its own", func() bool { return rep.see("entry").Window != main })
	rep.says("Now you have a window of your own.")
	maria.reads("lines", "a window of your own")
	rep.photo("detached")
	rep.click("detach")
	rep.wait("the tab again", func() bool { return rep.see("entry").Window == main })
	rep.reads("lines", "a window of your own")
	rep.reads("peer", "Maria")
	helped{h.broker, rep, maria}.chat("attached again")
}

// TestC01LinesStandInOrderOnBothSides writes in turns and in a row, and reads
// the same on both sides.
func TestC01LinesStandInOrderOnBothSides(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	var want []string
	for i := range 3 {
		for _, p := range []*person{h.rep, h.customer} {
			line := fmt.Sprintf("line %d by the %s", i, p.who)
			p.says(line)
			want = append(want, line)
			h.rep.reads("lines", line)
			h.customer.reads("lines", line)
		}
	}
	h.customer.click("entry")
	for i := range 8 {
		h.customer.types(fmt.Sprintf("in a row %d", i))
		h.customer.keys("Return")
		want = append(want, fmt.Sprintf("in a row %d", i))
	}
	h.rep.click("ask-view")
	h.customer.click("refuse")
	for who, lines := range map[*person][]string{
		h.rep:      {"You asked to see the screen.", "Maria refused. You cannot see the screen."},
		h.customer: {"Anna Weber asks to see your screen.", "You refused. Anna Weber cannot see your screen."},
	} {
		text := strings.Join(append(want, lines...), "\n") + "\n"
		who.wait("all lines in order", func() bool {
			return strings.HasSuffix(who.read().Things["lines"].Text, text)
		})
	}
}
