//go:build linux

package e2e

import (
	"testing"

	"handrail/broker/chromium"
)

// TestA06RevokeEverythingEndsALiveSession: the two are connected with each other
// and need no broker, and yet one click ends it for both.
func TestA06RevokeEverythingEndsALiveSession(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.team(1, "Printers", 1)
	o.apply(plain)
	rep, customer := sit(t, "rep", "1400x900"), sit(t, "customer", "1280x800")
	o.console(rep)
	customer.joins(o.brokerRun, tellsProblem(chromium.Open(t, o.https), "Maria", "It hums."))
	rep.picks("Maria")
	rep.click("queue-accept")
	customer.click("words-same")
	h := helped{broker: o.brokerRun, rep: rep, customer: customer}
	h.grant("control")
	rep.wait("the customer's screen", h.same)

	o.desk.Go("/login/revoke")
	o.desk.Type(`[name="typed"]`, "REVOKE")
	o.desk.Follow("main form button")
	o.desk.WaitText("Everything was revoked")

	customer.reads("screen", "ended")
	customer.reads("why", "The support server ended the session")
	customer.photo("revoked")
	rep.reads("lines", "The support server ended the session")
	rep.reads("sign-in", "logged-out")
	rep.photo("revoked")
}
