//go:build linux

package e2e

import (
	"strings"
	"testing"

	"handrail/broker/chromium"
)

// TestK02AcceptedOnce has two reps press Accept at the same moment: one has the
// customer, the other reads who was quicker.
func TestK02AcceptedOnce(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	reps := []*person{sit(t, "ben", "1400x900"), sit(t, "cleo", "1400x900")}
	reps[0].enrols(o.brokerRun, "Ben Fox")
	reps[1].enrols(o.brokerRun, "Cleo Hart")
	o.team(1, "Printers", 2, 3)
	o.apply(plain)
	maria := sit(t, "customer", "1280x800")
	maria.joins(o.brokerRun, tellsProblem(chromium.Open(t, o.https), "Maria", "It hums."))

	for _, p := range reps {
		p.picks("Maria")
		p.mouse(p.see("queue-accept"), 0.5, 0.5)
		p.noticed()
	}
	pressed := make(chan error)
	for _, p := range reps {
		go func() { pressed <- p.screen.Command(t.Context(), "xdotool", slowPress...).Run() }()
	}
	for range reps {
		if err := <-pressed; err != nil {
			t.Error("pressing:", err)
		}
	}
	won, lost := reps[0], reps[1]
	maria.wait("who has come", func() bool { return maria.read().Things["peer"].Text != "" })
	if maria.read().Things["peer"].Text == "Cleo Hart" {
		won, lost = lost, won
	}
	lost.wait("who was quicker", func() bool {
		things := lost.read().Things
		return strings.Contains(things["note"].Text, "Another rep was quicker.") ||
			strings.Contains(things["picked"].Text, "Taken by") // it heard before it could ask
	})
	lost.photo("once-lost")
	won.see("end")
	won.says("I am here.")
	maria.reads("lines", "I am here.")
	won.photo("once-won")
	if things := lost.read().Things; things["lines"].Text != "" || things["tab-1"].Text != "" {
		t.Errorf("%s has something of the session: %+v", lost.who, things)
	}
	o.quiet()
}
