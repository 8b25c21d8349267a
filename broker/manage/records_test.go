package manage

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"handrail/broker/settings"
	"handrail/shared/wire"
)

const recordsPath = "/login/settings/records"

func TestT01WhatIsKeptIsChosenAndSaysWhatItMeans(t *testing.T) {
	o := opened(t)
	code, body := o.get(recordsPath)
	for _, want := range []string{"Forgotten", "Kept sealed", "Kept readable", "deleted for good", "Customers are told before"} {
		if code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%d, and nothing about %q", code, want)
		}
	}
	if !strings.Contains(body, `value="nothing" checked`) {
		t.Error("to forget is not what an organisation begins with")
	}
	for _, c := range []struct {
		sealing Sealing
		says    string
	}{
		{Sealing{}, "There is no record key here yet"},
		{Sealing{Key: true}, "no console can open"},
		{Sealing{Key: true, Consoles: 1}, "1 console can open"},
		{Sealing{Key: true, Consoles: 7}, "7 consoles can open"},
	} {
		o.m.Sealing = func(context.Context) (Sealing, error) { return c.sealing, nil }
		o.saved(recordsPath, map[string]string{"records.keep": "sealed"})
		if _, body := o.get(recordsPath); !strings.Contains(body, c.says) {
			t.Errorf("%+v: nothing about %q", c.sealing, c.says)
		}
		o.saved(recordsPath, map[string]string{"records.keep": "readable"})
		if _, body := o.get(recordsPath); strings.Contains(body, c.says) {
			t.Errorf("%+v: says %q though nothing is sealed", c.sealing, c.says)
		}
	}
	if s, _ := o.settings(); s.Records != (settings.Records{Keep: wire.KeepReadable}) {
		t.Errorf("kept %+v", s.Records)
	}
	form := o.form(recordsPath)
	form.Set("records.keep", "everything")
	if code, body, _ := o.post(recordsPath, form); code != http.StatusUnprocessableEntity || !strings.Contains(body, "Choose one of the three") {
		t.Errorf("another choice: %d", code)
	}
}

func TestT01WhatWouldBeDeletedIsAskedForOnce(t *testing.T) {
	o := opened(t)
	days := func() int { s, _ := o.settings(); return s.Records.Days }
	send := func(days, sure string) (int, string) {
		form := o.form(recordsPath)
		form.Set("records.days", days)
		if sure != "" {
			form.Set("records.sure", sure)
		}
		code, body, _ := o.post(recordsPath, form)
		return code, body
	}
	for _, c := range []struct {
		days, sure string
		code, is   int
	}{
		{"90", "", http.StatusUnprocessableEntity, 0}, // from for ever to 90 days
		{"90", "on", http.StatusSeeOther, 90},
		{"91", "", http.StatusSeeOther, 91}, // longer deletes nothing
		{"91", "", http.StatusSeeOther, 91},
		{"30", "", http.StatusUnprocessableEntity, 91},
		{"3651", "on", http.StatusUnprocessableEntity, 91},
		{"-1", "on", http.StatusUnprocessableEntity, 91},
		{"many", "on", http.StatusUnprocessableEntity, 91},
		{"", "", http.StatusSeeOther, 0}, // for ever
	} {
		code, body := send(c.days, c.sure)
		if code != c.code || days() != c.is {
			t.Errorf("%q %q: %d, kept %d days, want %d and %d", c.days, c.sure, code, days(), c.code, c.is)
		}
		if asked := strings.Contains(body, `name="records.sure"`); c.code == http.StatusUnprocessableEntity && c.sure == "" && !asked {
			t.Errorf("%q: does not ask", c.days)
		}
	}
	if _, body := o.get(recordsPath); strings.Contains(body, "records.sure") {
		t.Error("asks though nothing would be deleted")
	}
}

func TestT01OnlyWhoMayImportDecidesWhatIsKept(t *testing.T) {
	o := opened(t)
	o.as(o.rep)
	if code, _ := o.get(recordsPath); code != http.StatusForbidden {
		t.Errorf("a rep sees the page: %d", code)
	}
	o.as(o.owner)
	token := o.token("settings.export", "portals.edit")
	_, version := o.settings()
	const body = "portals: {main: {name: Green Branch, starts: {key: true}}}\nrecords: {keep: readable}\n"
	if code, _, _ := o.api(http.MethodPut, "/api/v1/settings", token, tag(version), body); code != http.StatusForbidden {
		t.Errorf("a token for portals alone changes what is kept: %d", code)
	}
	token = o.token("settings.export", "settings.import")
	if code, text, _ := o.api(http.MethodPut, "/api/v1/settings", token, tag(version), body); code != http.StatusOK {
		t.Errorf("a token that may import: %d %s", code, text)
	}
	if _, text, _ := o.api(http.MethodGet, "/api/v1/settings", token, "", ""); !strings.Contains(text, `"records":{"keep":"readable"}`) {
		t.Errorf("answered as %s", text)
	}
}

func TestT01WhatIsKeptIsDeletedOnlyWhenSomebodyAgreed(t *testing.T) {
	o := opened(t)
	w := o.browser()
	w.Scripts(false)
	w.Go(recordsPath)
	w.Click(`input[value="sealed"]`)
	w.Type(`[name="records.days"]`, "60")
	w.Follow("form .buttons button")
	w.Wait("#problems")
	w.Said() // that it was refused
	w.Looks("records-sure")
	w.Click(`[name="records.sure"]`)
	w.Follow("form .buttons button")
	w.Wait(".done")
	w.WaitText("no record key here yet")
	w.Looks("records-no-key")
	if s, _ := o.settings(); s.Records != (settings.Records{Keep: wire.KeepSealed, Days: 60}) {
		t.Errorf("kept %+v", s.Records)
	}
}
