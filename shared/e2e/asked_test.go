//go:build linux

package e2e

import (
	"path/filepath"
	"testing"
)

// asks is an organisation that wants two things to be answered before a rep
// comes.
const asks = `
portals:
  main:
    id: main
    name: Example Ltd
    starts: {key: true}
    agreement: {on: true}
    recording: true
    texts:
      en:
        agreement-title: Before we begin
        agreement: We may see what you see.
`

// TestW01W02WhoHasAKeyIsAskedFirst: the rep has read the key to the customer,
// who says no, changes her mind, mistypes the key and is not asked twice.
func TestW01W02WhoHasAKeyIsAskedFirst(t *testing.T) {
	t.Parallel()
	h := helped{broker: startBroker(t)}
	h.broker.apply(asks)
	h.rep = sit(t, "rep", "1400x900")
	h.customer = sit(t, "customer", "1280x800")
	h.rep.work(h.broker)
	h.customer.open("customer-client", "--site", h.broker.site(), "--data", filepath.Join(h.customer.home, "client"))
	key := h.rep.makeKey()

	h.customer.enter(key, "Maria")
	h.customer.reads("question", "Before we begin")
	h.customer.photo("asked-agreement")
	h.customer.click("agreement-refuse")
	h.customer.reads("screen", "ended")
	h.customer.photo("asked-refused")
	h.customer.click("again")

	mistyped := []rune(key)
	last := &mistyped[len(mistyped)-1]
	*last = '0' + (*last-'0'+1)%10
	h.customer.enter(string(mistyped), "Maria")
	h.customer.reads("question", "Before we begin")
	h.customer.click("agreement-accept")
	h.customer.reads("question", "May the session be recorded?")
	h.customer.photo("asked-recording")
	h.customer.click("recording-no")
	h.customer.reads("screen", "form")
	h.customer.enter(key, "Maria")
	h.rep.click("accept")
	h.customer.reads("screen", "session")
	h.customer.photo("asked-session")
	h.rep.click("details") // where it stands that she declined
	h.grant("view")
	h.rep.photo("asked-details")
}
