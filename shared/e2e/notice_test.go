//go:build linux

package e2e

import (
	"testing"

	"handrail/broker/chromium"
)

// TestP07W05W06NoticeAndNobody: an administrator tells those who wait what is
// wrong, and one of them leaves for it; when she comes back nobody is there.
func TestP07W05W06NoticeAndNobody(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.team(1, "Printers", 1)
	o.apply(plain + `    nobody: {url: "https://help.example.org/later"}
    survey:
      - id: 1
        form: 1
        texts: {en: "How was our help?"}
        required: true
`)
	anna, maria := sit(t, "anna", "1400x900"), sit(t, "customer", "1280x800")
	o.console(anna)
	visitor := chromium.Open(t, o.https)
	maria.joins(o.brokerRun, tellsProblem(visitor, "Maria", "It hums."))
	maria.reads("queue", "You are in the queue.")

	o.desk.Go("/login/portals/main/notices")
	o.desk.Follow(`[value="add:notices"]`)
	o.desk.Type(`[name="notices.0.title"]`, "Mail is down")
	o.desk.Type(`[name="notices.0.text"]`, "We **know** of it and are at work.")
	o.desk.Click(`[name="notices.0.leave"]`)
	o.desk.Click(`[name="notices.0.pushed"]`)
	o.desk.Follow(`.buttons [value="save"]`)
	maria.reads("lines", "Mail is down We know of it and are at work.")
	maria.photo("notice")
	maria.click("notice-leave")
	maria.see("leave")
	maria.photo("notice-leave")
	maria.click("leave")
	maria.reads("why", "You left because of the notice.")
	maria.see("close")
	if _, asked := maria.read().Things["survey-send"]; asked {
		t.Error("who leaves for a notice is asked how it was")
	}
	maria.photo("notice-left")
	anna.wait("that nobody waits", func() bool { return anna.read().Things["queue"].Text == "" })

	visitor.Go("/")
	visitor.WaitText("Mail is down")
	code := tellsProblem(visitor, "Maria", "It hums again.")
	anna.click("account")
	anna.click("sign-out")
	anna.reads("sign-in", "logged-out")
	anna.photo("signed-out")
	maria.click("again")
	maria.click("code")
	maria.types(code)
	maria.click("connect")
	maria.reads("why", "Nobody could help you now.")
	maria.reads("told", "help.example.org")
	maria.photo("nobody")
	maria.wait("the browser to open", func() bool { return maria.opened() == "https://help.example.org/later" })
	o.quiet()
}
