//go:build linux

package e2e

import "testing"

const brokerIsAway = "cannot be reached"

// TestABrokerThatIsAwayIsSaid opens both programs while there is no broker.
// Both say so; when it is there the console comes in by itself.
func TestABrokerThatIsAwayIsSaid(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	code := b.tell("enrol", "--name", "Anna Weber")
	b.kill()
	rep, customer := sit(t, "rep", "1400x900"), sit(t, "customer", "800x760")
	rep.open("rep-console", "--site", b.site(), "--data", rep.home+"/console")
	customer.client(b)
	customer.turnedDown("482 913 · 507 264", brokerIsAway)
	rep.reads("problem", brokerIsAway)
	rep.reads("sign-in", "connecting")
	rep.photo("no-broker")
	customer.photo("no-broker")

	b.start()
	rep.click("enrol-code")
	rep.types(code)
	rep.click("enrol")
	customer.enter(rep.makeKey(), "Maria")
	rep.click("accept")
	customer.reads("screen", "session")
}

// TestASessionOutlivesItsBroker kills the broker in a session. The session goes
// on, with all it has; once the broker is back a second customer is served
// beside the first.
func TestASessionOutlivesItsBroker(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	h.grant("view")
	h.broker.kill()
	h.chat("the broker is away")
	h.rep.reads("sign-in", "away")
	h.rep.reads("problem", brokerIsAway)
	h.rep.wait("the customer's screen, live", h.same)
	h.marked()
	h.rep.photo("broker-away")

	h.broker.start()
	h.rep.reads("sign-in", "in")
	second := sit(t, "second", "800x760")
	second.client(h.broker)
	second.enter(h.rep.makeKey(), "Jonas")
	h.rep.accepts("Jonas")
	second.reads("screen", "session")
	h.rep.reads("tab-2", "Jonas")
	helped{h.broker, h.rep, second}.chat("with the second")
	h.rep.click("tab-1")
	h.rep.reads("lines", "the broker is away")
	h.chat("the broker is back")
	h.rep.wait("the first customer's screen, live", h.same)
}

// chat says something both ways, about.
func (h helped) chat(about string) {
	h.rep.t.Helper()
	h.talk("rep: "+about, "customer: "+about)
}

// talk has the rep ask and the customer answer.
func (h helped) talk(question, answer string) {
	h.rep.t.Helper()
	h.rep.says(question)
	h.customer.reads("lines", question)
	h.customer.says(answer)
	h.rep.reads("lines", answer)
}
