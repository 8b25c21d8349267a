//go:build linux

package e2e

import (
	"strings"
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
	o.desk.Type(`[name="notices.0.text"]`, "We **know** of it and [are at work](https://status.example.org/mail).")
	o.desk.Click(`[name="notices.0.leave"]`)
	o.desk.Click(`[name="notices.0.pushed"]`)
	o.desk.Follow(`.buttons [value="save"]`)
	maria.reads("lines", "Mail is down We know of it and are at work (https://status.example.org/mail).")
	maria.photo("notice")
	maria.click("told-link")
	maria.wait("the page of the notice", func() bool { return maria.opened() == "https://status.example.org/mail" })
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
	maria.wait("the browser to open", func() bool { return strings.HasSuffix(maria.opened(), "\nhttps://help.example.org/later") })
	o.quiet()
}

// TestP07W06ARepTellsEverybodyWhoWaits: who leads a team may, from the console;
// who doesn't has no button. The notice is in the waiting customer's window and
// on the portal, until the rep ends it.
func TestP07W06ARepTellsEverybodyWhoWaits(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	ben, maria := sit(t, "ben", "1400x900"), sit(t, "customer", "1280x800")
	ben.enrols(o.brokerRun, "Ben Fox")
	o.team(1, "Printers", 2)
	o.apply(plain)
	visitor := chromium.Open(t, o.https)
	maria.joins(o.brokerRun, tellsProblem(visitor, "Maria", "It hums."))
	maria.reads("queue", "You are in the queue.")
	ben.picks("Maria")
	if _, may := ben.read().Things["tell"]; may {
		t.Error("a rep who may not push notices has the button")
	}
	ben.photo("tell-not")

	o.desk.Go("/login/teams/1")
	o.desk.Choose("[name='rank-2']", "1")
	o.desk.Follow("main .buttons button")
	ben.click("tell")
	ben.reads("tell-waits", "1 person waits there now.")
	ben.click("tell-title")
	ben.types("Mail is down")
	ben.click("tell-text")
	ben.types("We **know** of it and are at work.")
	ben.click("tell-leave")
	ben.photo("tell-written")
	ben.click("tell-go")
	ben.reads("tell-told", "Told 1 person.")
	ben.photo("tell-told")
	maria.reads("lines", "Mail is down We know of it and are at work.")
	maria.see("notice-leave")
	maria.photo("tell-read")
	visitor.Go("/")
	visitor.WaitText("Mail is down")

	ben.click("tell-end-1")
	ben.gone("tell-end-1")
	ben.photo("tell-ended")
	visitor.Go("/")
	visitor.WaitText("Example Ltd")
	if text := visitor.Text("body"); strings.Contains(text, "Mail is down") {
		t.Errorf("after its end the page says %q", text)
	}
	ben.click("tell-shut")
	ben.reads("picked", "Maria")
	o.quiet()
}
