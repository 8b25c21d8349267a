//go:build linux

package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"handrail/broker/chromium"
)

// plain is a portal where customers say what is wrong with their printer.
const plain = `
portals:
  main:
    id: main
    name: Example Ltd
    starts: {issues: true}
    issues:
      - id: printer
        names: {en: Printers}
        team: 1
`

// TestZ04OnlyACertifiedRepIsObeyed: who has the organisation's key in site.json
// compares no words, because the organisation has certified the rep's console;
// and whoever else takes the customer never gets a session.
func TestZ04OnlyACertifiedRepIsObeyed(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	secret, key := o.file("correct horse battery\n"), filepath.Join(t.TempDir(), "organisation.key")
	public := o.offline("organisation-key", "--passphrase-file", secret, "--out", key)
	o.tell("certificates", "--organisation-key", public)

	anna := sit(t, "anna", "1400x900")
	o.console(anna)
	requests := o.file(o.tell("certificates", "--export-requests"))
	own := strings.TrimSpace(anna.screen.Run(program(t, "rep-console"), "--data", filepath.Join(anna.home, "console"), "--print-console-key"))
	if list := o.offline("certify", "--requests", requests); !strings.Contains(list, own) {
		t.Fatalf("the console is %s; to be certified are\n%s", own, list)
	}
	signed := o.offline("certify", "--key", key, "--passphrase-file", secret, "--requests", requests, "--only", "1")
	o.tell("certificates", "--import", o.file(signed))
	ben := sit(t, "ben", "1400x900")
	ben.enrols(o.brokerRun, "Ben Fox")
	o.team(1, "Printers", 1, 2)
	o.apply(plain)
	anna.click("account")
	anna.reads("certificate", "Example Ltd has certified this console for Anna Weber")
	anna.photo("certificate")

	visitor := chromium.Open(t, o.https)
	h := helped{broker: o.brokerRun, rep: anna, customer: sit(t, "customer", "1280x800")}
	h.customer.joins(o.brokerRun, tellsProblem(visitor, "Maria", "It hums."))
	anna.picks("Maria")
	anna.click("queue-accept")
	h.customer.reads("certified", "Proved by Example Ltd")
	h.customer.reads("peer", "Anna Weber")
	for _, p := range []*person{anna, h.customer} {
		if _, ok := p.read().Things["words"]; ok {
			t.Errorf("%s is asked to compare words", p.who)
		}
	}
	anna.reads("proof", "Verified")
	h.customer.photo("certified")
	h.grant("control")
	anna.photo("certified")
	anna.click("end")
	anna.click("yes")

	h.customer.click("again")
	h.customer.click("code")
	h.customer.types(tellsProblem(visitor, "Nora", "It hums, too."))
	h.customer.click("connect")
	ben.picks("Nora")
	ben.click("queue-accept")
	h.customer.reads("why", "It was not certain who wanted to help you, so the session did not begin.")
	ben.reads("lines", "The customer's program was not certain who you are.")
	h.customer.photo("not-certified")
	ben.photo("not-certified")
	if seen := h.customer.read().Things["lines"].Text; strings.Contains(seen, "Ben") {
		t.Errorf("somebody who is not certified was heard: %q", seen)
	}
	o.quiet()
}
