package manage

import (
	"strconv"
	"strings"
	"testing"

	"handrail/broker/chromium"
)

// browser is a window in which somebody is logged in already.
func (o *office) browser() *chromium.Window {
	o.t.Helper()
	w := chromium.Open(o.t, chromium.Serve(o.t, o.h))
	return w
}

func TestA01EveryPageCanBeReadAndUsedInABrowser(t *testing.T) {
	o := opened(t)
	w := o.browser()
	w.Go("/login/portals")
	w.Looks("portals")
	w.Go(mainPath + "/survey")
	w.Looks("survey-empty")
	o.fill()
	if code, _ := o.sendFile(mainPath+"/look", o.form(mainPath+"/look"), picture(t, 240, 80)); code != 303 {
		t.Fatal(code)
	}
	o.token("settings.export", "portals.edit")
	for name, path := range map[string]string{
		"general": mainPath, "look": mainPath + "/look", "texts": mainPath + "/texts?language=de", "hours": mainPath + "/hours",
		"notices": mainPath + "/notices", "issues": mainPath + "/issues", "waiting": mainPath + "/waiting", "survey": mainPath + "/survey",
		"new-portal": newPortalPath, "policies": "/login/policies", "policy": "/login/policies/team/1",
		"outcome": "/login/policies/outcome?portal=main&rep=3", "organisation": "/login/settings/organisation", "programs": "/login/settings/programs",
		"records": "/login/settings/records",
		"file":    "/login/settings/file", "history": "/login/settings/history", "version": "/login/settings/history/8",
		"tokens": "/login/settings/tokens", "new-token": "/login/settings/tokens/new",
	} {
		w.Go(path)
		if got := w.Path(); got != path {
			t.Errorf("%s leads to %s", path, got)
		}
		w.Looks(name)
	}
}

func TestA01WhatIsTypedAndNotSavedIsNotLostWithoutAQuestion(t *testing.T) {
	w := opened(t).browser()
	w.Go(mainPath)
	w.Type(`[name="exitUrl"]`, "https://example.org/")
	w.Follow(`form .buttons button`)
	w.Wait(".done")
	w.Follow(`.tabs a[href$="/texts"]`)
	if asked := w.Asked(); asked != 0 {
		t.Errorf("asked %d times, though all was saved", asked)
	}
	w.Type(`[name="welcome"]`, "Hello")
	w.Follow(`.tabs a[href$="/hours"]`)
	if asked := w.Asked(); asked != 1 {
		t.Errorf("asked %d times, and what was typed is gone", asked)
	}
	w.Go(mainPath + "/notices")
	w.Follow(`button[value="add:notices"]`)
	w.Follow(`.tabs a[href$="/hours"]`)
	if asked := w.Asked(); asked != 1 {
		t.Errorf("asked %d times, and what was added is gone", asked)
	}
}

func TestA01AFormIsFilledInWithoutAScript(t *testing.T) {
	o := opened(t)
	w := o.browser()
	w.Scripts(false)
	w.Go(mainPath + "/survey")
	w.Follow(`button[value="add:survey"]`)
	w.Type(`[name="survey.0.texts.en"]`, "How was it?")
	w.Follow(`button[value="add:survey"]`)
	w.Type(`[name="survey.1.texts.en"]`, "Anything else?")
	w.Follow(`button[value="up:survey:1"]`)
	w.Type(`[name="survey.0.texts.en"]`, "Tell us. ")
	w.Enter() // Save is what Enter presses, not the first button of the form
	w.Wait(".done")
	var asked []string
	for _, q := range o.main().Survey {
		asked = append(asked, q.Texts["en"])
	}
	if got := strings.Join(asked, " | "); got != "Tell us. Anything else? | How was it?" {
		t.Errorf("kept %q", got)
	}

	w.Go(mainPath)
	w.Type(`[name="exitUrl"]`, "example.org")
	w.Follow(`form .buttons button`)
	w.Wait("#problems")
	w.Said() // that it was refused
	w.Looks("wrong")
	w.Click("#problems a")
	if got := w.Text(".bad .problem"); !strings.Contains(got, "https://") {
		t.Errorf("beside the field: %q", got)
	}
}

func TestA01TheSecretOfATokenStandsASecondClickAndAReload(t *testing.T) {
	o := opened(t)
	w := o.browser()
	w.Go("/login/settings/tokens/new")
	w.Type(`[name="name"]`, "nightly review")
	w.Click(`[name="may.settings.export"]`)
	if n := w.TwoClicks("main form button"); n != 1 {
		t.Errorf("two clicks send %d forms", n)
	}
	w.Follow("main form button")
	w.WaitText("Copy it now")
	chromium.Eval[bool](w, `setTimeout(() => location.reload()) > 0`)
	w.WaitText("This was sent before")
	w.Said() // that it was refused, which it was
	w.Looks("token-again")
	if all, err := o.s.Tokens(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%d tokens, %v", len(all), err)
	}
}

func TestA01WhoIsSecondSeesWhatTheFirstChanged(t *testing.T) {
	o := opened(t)
	w := o.browser()
	w.Go(mainPath + "/waiting")
	o.saved(mainPath+"/waiting", map[string]string{"agreement.on": "on", "agreement.minutes": "9"})
	w.Type(`[name="agreement.minutes"]`, "3")
	w.Follow(`form .buttons button`)
	w.Wait(".clash")
	w.Said() // that there is a conflict
	if got := w.Text(".clash"); !strings.Contains(got, "Minutes to agree") || !strings.Contains(got, "9") {
		t.Errorf("says %q", got)
	}
	w.Looks("clash")
	w.Follow(`form .buttons button`)
	w.Wait(".done")
	if got := o.main().Agreement.Minutes; got != 3 {
		t.Errorf("%d minutes", got)
	}
}

func TestA01AReviewIsReadBeforeItIsAgreedTo(t *testing.T) {
	o := opened(t)
	o.fill()
	w := o.browser()
	w.Go("/login/settings/import")
	// Of a file chooser a test has no hold; the form sends the text as well.
	chromium.Eval[bool](w, `(() => {
		const form = document.querySelector("main form"), text = document.createElement("textarea");
		text.name = "text";
		text.value = "portals:\n  main:\n    name: Green Branch\n    starts: {key: true, reps: true}\ndefaultPolicy: {view: allow}\n";
		document.querySelector("main form input[type=file]").remove();
		form.append(text);
		return true;
	})()`)
	w.Follow("main form button")
	w.WaitText("Nothing is changed yet")
	w.Looks("review")
	w.Follow("main form button")
	w.Wait(".done")
	if p := o.main(); len(p.Issues) != 0 || p.Name != "Green Branch" {
		t.Errorf("kept %+v", p)
	}
}

func TestA01PeopleOfAFileAreReviewedInABrowser(t *testing.T) {
	o := opened(t)
	o.mailed()
	w := o.browser()
	w.Go("/login/settings/import")
	send := func(staff string) {
		chromium.Eval[bool](w, `((staff) => {
			const form = document.querySelector("main form"), text = document.createElement("textarea");
			text.name = "text";
			text.value = "portals:\n  main:\n    name: Green Branch\n    starts: {key: true}\nstaff:\n" + staff;
			document.querySelector("main form input[type=file]").remove();
			form.append(text);
			return true;
		})(`+strconv.Quote(staff)+`)`)
		w.Follow("main form button")
	}
	send("  teams: {\"1\": {name: Paper, members: {nobody.at.all.with.quite.a.long.address@example.org: lead}}}\n  reps: {nowhere: {name: X}}\n")
	w.WaitText("is not applied")
	w.WaitText("Nobody has this mail address")
	w.Said() // that it was refused, which it was
	w.Looks("people-refused")
	w.Go("/login/settings/import")
	send(`  roles:
    night: {name: Night, may: [reports.team, teams.edit]}
  teams:
    "1": {name: Paper, members: {rudi@example.org: lead, new@example.org: member}}
    "9": {name: Night, above: 1}
  reps:
    new@example.org: {name: New & young, listed: true, order: 2, roles: [night]}
    anna@example.org: {name: Anna, disabled: true}
`)
	w.WaitText("Nothing is changed yet")
	w.Looks("people-review")
	w.Follow("main form button")
	w.Wait(".done")
	if all := o.people(); len(all.Reps) != 4 || !all.Reps[o.admin].Disabled || len(all.Teams) != 2 || all.Teams[9].Above != 1 {
		t.Errorf("kept %+v", all)
	}
}
