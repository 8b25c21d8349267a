//go:build linux

package e2e

import (
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
    repSurvey:
      - id: 7
        form: 1
        texts: {en: "How did the help go?"}
        required: true
    texts:
      en:
        agreement-title: Before we begin
        agreement: "We may see what you see. More is in [our terms](https://help.example.org/terms) and [what we keep](https://help.example.org/privacy)."
        greeting: Good to see you, {name}.
`

// TestX04TheWholeWay goes from an empty data folder to a report: a code makes
// an administrator in the browser, who makes a team, and the portal by a file;
// a console logs in with the browser; a customer says on the portal what is
// wrong, opens the program, agrees, waits, is taken, reads three words with the
// rep, shows the screen and says how it was, and so does the rep; the report
// has it all.
func TestX04TheWholeWay(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.team(1, "Printers", 1)
	o.apply(printers)
	rep := sit(t, "rep", "1400x900")
	o.console(rep)

	visitor := chromium.Open(t, o.https)
	code := tellsProblem(visitor, "Maria", "The printer hums and prints nothing.")
	customer := sit(t, "customer", "1280x800")
	customer.joins(o.brokerRun, code)
	customer.reads("question", "Before we begin")
	customer.photo("whole-agreement")
	customer.click("question-link")
	customer.wait("the terms", func() bool { return customer.opened() == "https://help.example.org/terms" })
	customer.click("agreement-accept")
	customer.click("recording-no")
	customer.reads("lines", "Good to see you, Maria.")
	customer.reads("queue", "You are next.")
	customer.photo("whole-waiting")
	visitor.WaitText("You are next.") // the page has turned by itself

	rep.picks("Maria")
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

	h := helped{broker: o.brokerRun, rep: rep, customer: customer}
	h.grant("control")
	rep.wait("the customer's screen", h.same)
	rep.photo("whole-sharing")
	rep.click("end")
	rep.click("yes")
	customer.click("survey-rating-1-5")
	customer.photo("whole-survey")
	customer.click("survey-send")
	customer.reads("screen", "ended")
	customer.photo("whole-thanks")
	rep.photo("whole-survey")
	rep.click("survey-rating-1-2")
	rep.click("survey-send")
	rep.gone("survey-send")
	rep.photo("whole-thanks")

	desk := o.desk
	desk.Go("/login/reports")
	desk.WaitText("Maria")
	desk.WaitText("Printers")
	desk.Follow("main td a, main th a")
	desk.WaitText("The printer hums and prints nothing.")
	desk.WaitText("Anna Weber")
	desk.WaitText("How was our help?")
	desk.WaitText("How did the help go?")
	o.quiet()
}
