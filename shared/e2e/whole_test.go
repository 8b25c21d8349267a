//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handrail/broker/chromium"
)

// printers is a portal where customers say what is wrong, agree to something
// and are asked afterwards.
const printers = `
portals:
  main:
    id: main
    name: Example Ltd
    starts: {key: true, issues: true}
    issues:
      - id: printer
        names: {en: Printers}
        team: 1
    agreement: {on: true}
    recording: true
    waiting: {position: true, estimate: true}
    survey:
      - id: 1
        form: 1
        texts: {en: "How was our help?"}
        required: true
    texts:
      en:
        agreement-title: Before we begin
        agreement: We may see what you see.
        greeting: Good to see you, {name}.
`

const password = "a long walk by the sea"

// TestX04TheWholeWay goes from an empty data folder to a report: a code makes
// an administrator in the browser, who makes a team, and the portal by a file;
// a console logs in with the browser; a customer says on the portal what is
// wrong, opens the program, agrees, waits, is taken, reads three words with the
// rep, shows the screen and says how it was; the report has it all.
func TestX04TheWholeWay(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	desk := chromium.Open(t, b.https)
	desk.Go("/login/first")
	desk.Type("#f-code", b.tell("first-admin"))
	desk.Follow("main form button")
	desk.Type("#f-name", "Anna Weber")
	desk.Type("#f-mail", "anna@example.org")
	desk.Type("#f-new", password)
	desk.Type("#f-again", password)
	desk.Follow("main form button")

	desk.Go("/login/teams/new")
	desk.Type("#f-name", "Printers")
	chromium.Eval[bool](desk, `(document.querySelector("[name=add]").value = "1") === "1"`)
	desk.Follow("main .buttons button")
	file := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(file, []byte(printers), 0o600); err != nil {
		t.Fatal(err)
	}
	b.tell("apply", "--yes", file)

	rep := sit(t, "rep", "1400x900")
	rep.open("rep-console", "--site", b.site(), "--data", filepath.Join(rep.home, "console"))
	rep.click("log-in")
	rep.photo("whole-log-in")
	var page string
	rep.wait("the address to log in at", func() bool {
		page = rep.read().Things["login-url"].Text
		return page != ""
	})
	desk.Go(strings.TrimPrefix(page, b.https))
	desk.WaitText(rep.see("login-code").Text)
	desk.Follow(`[value="allow"] + button`)
	rep.reads("sign-in", "in")

	visitor := chromium.Open(t, b.https)
	visitor.Go("/")
	chromium.Eval[string](visitor, `document.getElementById("f-about").value = "issue:printer"`)
	visitor.Type("#f-name", "Maria")
	visitor.Type("#f-description", "The printer hums and prints nothing.")
	visitor.Follow("form[action='/issue'] button")
	code := strings.Join(strings.Fields(visitor.Text(".digits")), "")

	customer := sit(t, "customer", "1280x800")
	customer.open("customer-client", "--site", b.site(), "--data", filepath.Join(customer.home, "client"), "handrail:"+code)
	customer.reads("question", "Before we begin")
	customer.photo("whole-agreement")
	customer.click("agreement-accept")
	customer.click("recording-no")
	customer.reads("lines", "Good to see you, Maria.")
	customer.reads("queue", "You are next.")
	customer.photo("whole-waiting")
	visitor.WaitText("You are next.") // the page has turned by itself

	rep.reads("queue", "Maria")
	rep.click("waiter-1")
	rep.photo("whole-queue")
	rep.click("queue-accept")
	customer.reads("screen", "session")
	words := customer.see("words").Text
	if len(strings.Fields(words)) != 3 || !strings.Contains(rep.see("words").Text, strings.Fields(words)[1]) {
		t.Errorf("the customer reads %q, the rep %q", words, rep.see("words").Text)
	}
	customer.photo("whole-words")
	rep.photo("whole-words")
	customer.click("words-same")

	h := helped{broker: b, rep: rep, customer: customer}
	h.grant("control")
	rep.photo("whole-sharing")
	rep.click("end")
	rep.click("yes")
	customer.click("survey-rating-1-5")
	customer.photo("whole-survey")
	customer.click("survey-send")
	customer.reads("screen", "ended")
	customer.photo("whole-thanks")

	desk.Go("/login/reports")
	desk.WaitText("Maria")
	desk.WaitText("Printers")
	desk.Follow("main td a, main th a")
	desk.WaitText("The printer hums and prints nothing.")
	desk.WaitText("Anna Weber")
	desk.WaitText("How was our help?")
	if said := desk.Said(); len(said) > 0 {
		t.Errorf("the browser complains: %q", said)
	}
}
