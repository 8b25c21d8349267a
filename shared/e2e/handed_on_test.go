//go:build linux

package e2e

import (
	"strings"
	"syscall"
	"testing"

	"handrail/broker/chromium"
)

// TestK04W07HandedOnAndLost follows one customer: from Ben, who hands her on
// with a note, to Cleo, whose computer dies, and back to Ben, with a place in
// the queue each time.
func TestK04W07HandedOnAndLost(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	ben, cleo, maria := sit(t, "ben", "1400x900"), sit(t, "cleo", "1400x900"), sit(t, "customer", "1280x800")
	ben.enrols(o.brokerRun, "Ben Fox")
	cleo.enrols(o.brokerRun, "Cleo Hart")
	o.team(1, "Printers", 2)
	o.team(2, "Second level", 3)
	o.apply(plain + "    lost: {after: 3}\n")

	maria.joins(o.brokerRun, tellsProblem(chromium.Open(t, o.https), "Maria", "It hums."))
	ben.picks("Maria")
	ben.click("queue-accept")
	maria.click("words-same")
	ben.reads("proof", "Verified")
	ben.says("A colleague knows better.")
	maria.reads("lines", "A colleague knows better.")

	const note = "Paper is fine, it is the drum."
	ben.click("hand-on")
	ben.click("move-find")
	ben.types("second")
	ben.reads("target-1", "Second level")
	ben.click("target-1")
	ben.click("move-note")
	ben.types(note)
	ben.photo("hand-on")
	ben.click("move-go")
	maria.reads("screen", "waiting")
	maria.reads("lines", "handed you on to a colleague")
	maria.photo("handed-on")
	ben.reads("lines", "You handed Maria on.")
	ben.click("note-text") // a note can still be written
	ben.types("It is the drum.")
	ben.reads("note-state", "Kept")
	ben.photo("handed-on")

	cleo.picks("Maria")
	cleo.reads("picked", "Ben Fox")
	cleo.reads("picked", note)
	cleo.photo("handed-on")
	cleo.click("queue-accept")
	maria.reads("peer", "Cleo Hart")
	cleo.says("Shall we look at the drum?")
	maria.reads("lines", "Shall we look at the drum?")
	maria.photo("second-rep")
	maria.says("Please.")
	cleo.reads("lines", "Please.")

	cleo.kill(syscall.SIGKILL)
	maria.see("cut")
	maria.photo("cut")
	maria.reads("screen", "waiting")
	maria.reads("lines", "Your support rep has lost the connection.")
	maria.photo("lost")
	ben.keys("ctrl+w") // closes the tab of what he handed on
	ben.picks("Maria")
	ben.reads("picked", "Cleo Hart")
	if seen := ben.read().Things["picked"].Text; strings.Contains(seen, note) {
		t.Errorf("a note of before is still there: %q", seen)
	}
	ben.photo("lost")
	ben.click("queue-accept")
	maria.reads("peer", "Ben Fox")
	ben.says("Here I am again.")
	maria.reads("lines", "Here I am again.")
	o.quiet()
}
