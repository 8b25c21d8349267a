package manage

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"handrail/broker/policy"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

const mainPath = "/login/portals/main"

// sheets are all forms, by their paths.
func sheets() []string {
	return []string{
		mainPath, mainPath + "/look", mainPath + "/texts", mainPath + "/hours", mainPath + "/notices", mainPath + "/issues",
		mainPath + "/waiting", mainPath + "/survey", "/login/policies/default", "/login/policies/portal/main", "/login/policies/team/1",
		"/login/settings/organisation", "/login/settings/programs",
	}
}

func TestA01SavingAFormAsItIsChangesNothing(t *testing.T) {
	o := opened(t)
	o.fill()
	before, version := o.settings()
	for _, path := range sheets() {
		code, body, header := o.post(path, o.form(path))
		if code != http.StatusSeeOther {
			t.Errorf("%s: %d %v", path, code, problems(body))
		}
		if after, now := o.settings(); now != version {
			t.Errorf("%s makes version %d: %v", path, now, settings.Compare(before, after))
			version = now
		}
		if where := header.Get("Location"); !strings.HasPrefix(where, strings.Split(path, "?")[0]) {
			t.Errorf("%s leads to %s", path, where)
		}
	}
}

// fill sets something everywhere, through the forms.
func (o *office) fill() {
	o.t.Helper()
	o.saved(mainPath, map[string]string{
		"name": "Green Branch", "hosts": "Help.Example.org\nhelp.example.com", "languages": "en, de", "starts.reps": "on",
		"exitUrl": "https://example.org/bye",
	})
	o.saved(mainPath+"/issues", map[string]string{
		"issues.count": "2", "issues.0.id": "issue-1", "issues.0.names.en": "Printer", "issues.0.names.de": "Drucker", "issues.0.team": "1",
		"issues.1.id": "issue-2", "issues.1.names.en": "Mail & co", "issues.1.team": "2",
		"form.companyCode": "on", "form.fields.count": "2", "form.fields.0.id": "asset", "form.fields.0.names.en": "Asset tag", "form.fields.0.required": "on",
		"form.fields.1.id": "room", "form.fields.1.names.en": "Room",
	})
	o.saved(mainPath+"/hours", map[string]string{
		"hours.limited": "on", "hours.zone": "Europe/Berlin", "hours.week.monday": "9-12, 13:00-17:30", "hours.week.friday": "22:00-02:00",
		"hours.holidays.count": "1", "hours.holidays.0.date": "2026-12-24", "hours.holidays.0.name": "Christmas Eve", "hours.holidays.0.open": "09:00-12:00",
	})
	o.saved(mainPath+"/notices", map[string]string{
		"notices.count": "1", "notices.0.id": "5", "notices.0.title": "Mail is down", "notices.0.text": "We <know>.\n\nPlease **wait**.",
		"notices.0.until": "2026-05-04T18:00", "notices.0.leave": "on", "notices.0.pushed": "on",
	})
	o.saved(mainPath+"/waiting", map[string]string{
		"agreement.on": "on", "agreement.minutes": "7", "recording": "on", "waiting.holdEvery": "45", "nobody.url": "https://example.org/later",
		"nobody.minutes": "3", "lost.last": "", "lost.fallback": "team:2", "lost.after": "90",
	})
	o.saved(mainPath+"/survey", map[string]string{
		"survey.count": "2", "survey.0.id": "1", "survey.0.form": "1", "survey.0.texts.en": "How was it?", "survey.0.required": "on",
		"survey.1.id": "2", "survey.1.form": "2", "survey.1.texts.en": "Solved?", "survey.1.options.en": "Yes\nNo", "survey.1.options.de": "Ja\nNein",
	})
	o.saved(mainPath+"/rep-survey", map[string]string{
		"repSurvey.count": "1", "repSurvey.0.id": "1", "repSurvey.0.form": "3", "repSurvey.0.texts.en": "What was it?", "repSurvey.0.options.en": "Paper\nInk",
	})
	o.saved(mainPath+"/texts", map[string]string{"greeting": "Hello {name}!\n\nYou are number {position}."})
	o.saved(mainPath+"/look", map[string]string{"look.own": "on", "look.colour": "#2e7d32"})
	o.saved("/login/policies/portal/main", map[string]string{"take-files": "deny"})
	o.saved("/login/policies/team/1", map[string]string{"take-files": "allow", "record": "deny"})
	o.saved("/login/policies/default", map[string]string{"nudge": "deny"})
	o.saved("/login/settings/organisation", map[string]string{
		"people.idleMinutes": "25", "people.loginNetworks": "192.0.2.0/24", "oidc": "on", "people.oidc.name": "Works",
		"people.oidc.issuer": "https://id.example.org", "people.oidc.clientId": "handrail", "people.oidc.secret": "hush", "people.oidc.roles": "helpdesk = lead",
		"persistent.team:2": "on",
	})
	v := o.form("/login/settings/programs")
	for name, value := range map[string]string{
		"hooks.count": "1", "hooks.0.id": "tickets", "hooks.0.url": "https://tickets.example.org/in", "hooks.0.events": "session.end, session.came",
		"syslog": "on", "syslog.address": "logs.example.org:6514",
	} {
		v.Set(name, value)
	}
	code, body, _ := o.post("/login/settings/programs", v)
	s, _ := o.settings()
	if code != http.StatusOK || len(s.Hooks) != 1 || len(s.Hooks[0].Secret) < 40 {
		o.t.Fatalf("web hooks: %d %v", code, problems(body))
	}
	if secret := strings.TrimPrefix(string(s.Hooks[0].Secret), "sealed "); !strings.Contains(body, secret) {
		o.t.Error("the new secret is not shown")
	}
}

func TestP01AndFollowingAreSetOnPages(t *testing.T) {
	o := opened(t)
	o.fill()
	s, _ := o.settings()
	p := s.Portals[settings.Main]
	for what, right := range map[string]bool{
		"P01 hosts":      strings.Join(p.Hosts, " ") == "help.example.org help.example.com",
		"P01 languages":  strings.Join(p.Languages, " ") == "en de",
		"P01 colour":     p.Look.Colour == "#2e7d32",
		"P02 starts":     p.Starts == settings.Starts{Key: true, Reps: true},
		"P05 issues":     len(p.Issues) == 2 && p.Issues[0].Names["de"] == "Drucker" && p.Issues[1].Team == 2,
		"P05 form":       p.Form.CompanyCode && len(p.Form.Fields) == 2 && p.Form.Fields[0].Required,
		"P07 notices":    len(p.Notices) == 1 && p.Notices[0].Until.Equal(noon.Add(4*time.Hour)) && p.Notices[0].Pushed && p.Notices[0].Leave,
		"P08 hours":      p.Hours.Limited && len(p.Hours.Week[time.Monday]) == 2 && p.Hours.Week[time.Friday][0].To == 120,
		"P08 holidays":   len(p.Hours.Holidays) == 1 && p.Hours.Holidays[0].Date.Day == 24,
		"W01 agreement":  p.Agreement == settings.Agreement{On: true, Minutes: 7},
		"W02 recording":  p.Recording,
		"W04 hold":       p.Waiting.HoldEvery == 45 && p.Waiting.Position,
		"W05 nobody":     p.Nobody == settings.Nobody{URL: "https://example.org/later", Minutes: 3},
		"W07 lost":       p.Lost == settings.Lost{NoLastQueue: true, Fallback: "team:2", After: 90},
		"W08 texts":      p.Texts["en"][settings.Greeting] == "Hello {name}!\n\nYou are number {position}.",
		"E02 survey":     len(p.Survey) == 2 && len(p.Survey[1].Options) == 2 && p.Survey[1].Options[1]["de"] == "Nein",
		"E02 redirect":   p.ExitURL == "https://example.org/bye",
		"A03 portal":     p.Policy["take-files"] == "deny",
		"A03 team":       s.TeamPolicies[1]["record"] == "deny",
		"A03 default":    s.DefaultPolicy["nudge"] == "deny" && s.DefaultPolicy["view"] == "allow",
		"W07 persistent": s.Queues.IsPersistent("team:2"),
		"K01 provider":   s.People.OIDC != nil && string(s.People.OIDC.Secret) == "sealed hush" && s.People.OIDC.Roles["helpdesk"] == "lead",
		"T03 syslog":     s.Syslog != nil && s.Syslog.Address == "logs.example.org:6514",
	} {
		if !right {
			t.Errorf("%s: %+v", what, p)
		}
	}
}

func TestA01WrongFieldsAreToldBesideThemAndNothingChanges(t *testing.T) {
	o := opened(t)
	o.fill()
	_, version := o.settings()
	for _, c := range []struct{ path, name, value, want string }{
		{mainPath, "name", " ", "needed"},
		{mainPath, "hosts", "help.example.org:8443", "no host name"},
		{mainPath, "languages", "german", "no language"},
		{mainPath, "exitUrl", "javascript:alert(1)", "https://"},
		{mainPath + "/look", "look.colour", "url(x)", "#0f5b8c"},
		{mainPath + "/texts", "greeting", "{key}", "cannot stand here"},
		{mainPath + "/texts", "welcome", strings.Repeat("x", 300), "256 bytes"},
		{mainPath + "/hours", "hours.week.monday", "9 to 5", "Write hours"},
		{mainPath + "/hours", "hours.zone", "Mars/Base", "no such time zone"},
		{mainPath + "/hours", "hours.zone", "../../etc/passwd", "no such time zone"},
		{mainPath + "/hours", "hours.holidays.0.date", "24.12.", "Write a date"},
		{mainPath + "/notices", "notices.0.text", strings.Repeat("x", 1021), "1020"},
		{mainPath + "/notices", "notices.0.until", "soon", "date and a time"},
		{mainPath + "/issues", "issues.0.team", "99", "no team"},
		{mainPath + "/issues", "issues.1.id", "issue-1", "twice"},
		{mainPath + "/issues", "form.fields.1.names.en", "Asset tag", "twice"},
		{mainPath + "/waiting", "agreement.minutes", "31", "from 1 to 30"},
		{mainPath + "/waiting", "agreement.minutes", "0", "from 1 to 30"},
		{mainPath + "/waiting", "agreement.minutes", "-1", "from 1 to 30"},
		{mainPath + "/waiting", "agreement.minutes", "five", "whole number"},
		{mainPath + "/waiting", "lost.after", "0", "from 1 to 3600"},
		{"/login/settings/organisation", "people.consoleHours", "0", "from 1 to 720"},
		{"/login/settings/records", "records.days", "0", "from 1 to 3650"},
		{mainPath + "/waiting", "lost.fallback", "rep:1", "no such queue"},
		{mainPath + "/survey", "survey.1.options.en", "Yes", "all options in English,"},
		{mainPath + "/survey", "survey.0.form", "7", "how the question"},
		{"/login/policies/team/1", "view", "maybe", "allow, deny"},
		{"/login/settings/organisation", "people.loginNetworks", "10.0.0.0/8", "lock yourself out"},
		{"/login/settings/organisation", "people.oidc.roles", "a = emperor", "no role"},
		{"/login/settings/programs", "hooks.0.url", "http://x", "https://"},
		{"/login/settings/programs", "hooks.0.events", "session.ended", "no event"},
		{"/login/settings/programs", "syslog.address", "logs", "host and port"},
	} {
		code, body := o.save(c.path, map[string]string{c.name: c.value})
		all := strings.Join(problems(body), "|")
		if code != http.StatusUnprocessableEntity || !strings.Contains(all, c.want) {
			t.Errorf("%s %s=%q: %d %s", c.path, c.name, c.value, code, all)
		}
		if strings.TrimSpace(c.value) != "" && c.name != "lost.fallback" && c.name != "issues.1.id" && !strings.Contains(c.name, "form") &&
			c.name != "view" && c.name != "issues.0.team" && formOf(body).Get(c.name) != c.value {
			t.Errorf("%s: %s does not keep what was typed: %q", c.path, c.name, formOf(body).Get(c.name))
		}
	}
	if _, now := o.settings(); now != version {
		t.Error("something was changed")
	}
}

func TestA01WhatIsWrongOnAnotherPageIsToldWithItsPlace(t *testing.T) {
	groups := []group{{Fields: []web.Field{{Name: "name"}}}}
	other := place(groups, settings.Wrongs{
		{Where: "portals.main.name", Sentence: words.SetEmpty}, {Where: "portals.shop.name", Sentence: words.SetEmpty}, {Sentence: words.ManageMoment},
	}, "portals.main.")
	if len(other) != 2 || !strings.Contains(other[0], "portals.shop.name") || other[1] != string(words.ManageMoment) || groups[0].Fields[0].Problem == "" {
		t.Errorf("%q beside %q", groups[0].Fields[0].Problem, other)
	}
}

func TestA01ListsAreBuiltWithoutAScript(t *testing.T) {
	o := opened(t)
	path := mainPath + "/survey"
	press := func(v url.Values, do string) url.Values {
		t.Helper()
		v.Set("do", do)
		code, body, _ := o.post(path, v)
		if code != http.StatusOK || !strings.Contains(body, "not saved yet") {
			t.Fatalf("%s: %d", do, code)
		}
		return formOf(body)
	}
	v := press(o.form(path), "add:survey")
	v.Set("survey.0.texts.en", "First?")
	v = press(v, "add:survey")
	v.Set("survey.1.texts.en", "Second?")
	v = press(v, "add:survey")
	v.Set("survey.2.texts.en", "Third?")
	v = press(v, "up:survey:2")
	v = press(v, "down:survey:0")
	v = press(v, "remove:survey:2")
	for _, harmless := range []string{"up:survey:0", "down:survey:1", "remove:survey:7", "up:survey:-1", "up:nothing:1", "dance"} {
		v = press(v, harmless)
	}
	if len(o.main().Survey) != 0 {
		t.Error("kept without Save")
	}
	v.Set("do", "save")
	if code, body, _ := o.post(path, v); code != http.StatusSeeOther {
		t.Fatalf("%d %v", code, problems(body))
	}
	var got []string
	ids := map[uint32]bool{}
	for _, q := range o.main().Survey {
		got = append(got, q.Texts["en"])
		ids[q.ID] = true
	}
	if strings.Join(got, " ") != "Third? First?" || len(ids) != 2 {
		t.Errorf("got %v, IDs %v", got, ids)
	}
}

func TestA01WhatCannotBeReadYetStaysWithItsItem(t *testing.T) {
	o := opened(t)
	path := mainPath + "/hours"
	v := o.form(path)
	for range 2 {
		v.Set("do", "add:hours.holidays")
		_, body, _ := o.post(path, v)
		v = formOf(body)
	}
	v.Set("hours.week.monday", "nine to five")
	v.Set("hours.holidays.0.open", "in the morning")
	v.Set("hours.holidays.1.open", "never")
	v.Set("do", "down:hours.holidays:0")
	_, body, _ := o.post(path, v)
	v = formOf(body)
	v.Set("do", "add:hours.holidays")
	_, body, _ = o.post(path, v)
	v = formOf(body)
	for name, text := range map[string]string{
		"hours.week.monday": "nine to five", "hours.holidays.0.open": "never", "hours.holidays.1.open": "in the morning", "hours.holidays.2.open": "",
	} {
		if v.Get(name) != text {
			t.Errorf("%s is %q", name, v.Get(name))
		}
	}
	if !strings.Contains(body, `formaction="`+path+`#hours.holidays.3"`) || !strings.Contains(body, `id="hours.holidays.2"`) {
		t.Error("a browser isn't told where on the page it goes on")
	}
	v.Set("do", "remove:hours.holidays:0")
	_, body, _ = o.post(path, v)
	if v = formOf(body); v.Get("hours.holidays.0.open") != "in the morning" || v.Get("hours.holidays.count") != "2" {
		t.Errorf("removed the wrong one: %v", v)
	}
}

func TestA01WhatOthersChangedMeanwhileIsNotLost(t *testing.T) {
	o := opened(t)
	waiting, general := o.form(mainPath+"/waiting"), o.form(mainPath)
	o.saved(mainPath+"/waiting", map[string]string{"agreement.on": "on", "agreement.minutes": "9"})

	general.Set("name", "Red Branch")
	if code, body, _ := o.post(mainPath, general); code != http.StatusSeeOther {
		t.Fatalf("another place: %d %v", code, problems(body))
	}
	if p := o.main(); p.Name != "Red Branch" || p.Agreement.Minutes != 9 {
		t.Errorf("one of the two is lost: %s, %d", p.Name, p.Agreement.Minutes)
	}
	waiting.Set("agreement.minutes", "3")
	code, body, _ := o.post(mainPath+"/waiting", waiting)
	if code != http.StatusConflict || !strings.Contains(body, "changed this meanwhile") || !strings.Contains(body, "Minutes to agree") {
		t.Errorf("the same place: %d", code)
	}
	if o.main().Agreement.Minutes != 9 {
		t.Error("replaced without asking")
	}
	again := formOf(body)
	if again.Get("agreement.minutes") != "3" {
		t.Errorf("what was typed is lost: %q", again.Get("agreement.minutes"))
	}
	if code, _, _ := o.post(mainPath+"/waiting", again); code != http.StatusSeeOther || o.main().Agreement.Minutes != 3 {
		t.Errorf("saved after having seen it: %d, %d", code, o.main().Agreement.Minutes)
	}
}

func TestW08DefaultsComeBack(t *testing.T) {
	o := opened(t)
	path := mainPath + "/texts"
	if code, body := o.get(path); code != http.StatusOK || strings.Contains(body, "Use the default again") || !strings.Contains(body, "Thank you for waiting") {
		t.Errorf("untouched: %d", code)
	}
	o.saved(path, map[string]string{"hold": "Please wait.", "greeting": "Hi."})
	if code, body := o.get(path); code != http.StatusOK || !strings.Contains(body, `value="default:hold"`) || !strings.Contains(body, "Thank you for waiting") {
		t.Errorf("with a text of its own: %d", code)
	}
	v := o.form(path)
	v.Set("do", "default:hold")
	if code, _, _ := o.post(path, v); code != http.StatusSeeOther {
		t.Fatalf("default again: %d", code)
	}
	if texts := o.main().Texts["en"]; texts[settings.Hold] != "" || texts[settings.Greeting] != "Hi." {
		t.Errorf("texts: %v", texts)
	}
	o.saved(mainPath, map[string]string{"languages": "en, de"})
	o.saved(path+"?language=de", map[string]string{"greeting": "Hallo."})
	if texts := o.main().Texts; texts["de"][settings.Greeting] != "Hallo." || texts["en"][settings.Greeting] != "Hi." {
		t.Errorf("texts: %v", texts)
	}
	for _, language := range []string{"fr", "../de", "<b>"} {
		if code, _ := o.get(path + "?language=" + url.QueryEscape(language)); code != http.StatusNotFound {
			t.Errorf("language %q: %d", language, code)
		}
	}
}

func picture(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sendFile sends a form with a file.
func (o *office) sendFile(path string, v url.Values, file []byte) (int, string) {
	o.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name := range v {
		if err := m.WriteField(name, v.Get(name)); err != nil {
			o.t.Fatal(err)
		}
	}
	f, err := m.CreateFormFile("file", "x")
	if err == nil {
		_, err = f.Write(file)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		o.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	code, body, _ := o.do(r)
	return code, body
}

func TestP01TheLogoIsAPictureAndNothingElse(t *testing.T) {
	o := opened(t)
	path := mainPath + "/look"
	for name, file := range map[string][]byte{
		"a page": []byte("<html><script>alert(1)</script>"), "an SVG": []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
		"too wide": picture(t, 3000, 1), "too many bytes": append(picture(t, 9, 9), make([]byte, settings.MaxLogo)...),
	} {
		if code, body := o.sendFile(path, o.form(path), file); code != http.StatusUnprocessableEntity || !strings.Contains(body, "The logo") {
			t.Errorf("%s: %d", name, code)
		}
	}
	for path, advice := range map[string]string{path: "Choose a smaller one", "/login/settings/import": "broker apply"} {
		if code, body := o.sendFile(path, url.Values{}, make([]byte, maxSent)); code != http.StatusRequestEntityTooLarge || !strings.Contains(body, advice) {
			t.Errorf("huge: %s: %d", path, code)
		}
	}
	if code, _ := o.get(path[:len(path)-4] + "logo"); code != http.StatusNotFound {
		t.Errorf("no logo: %d", code)
	}
	logo := picture(t, 120, 40)
	if code, body := o.sendFile(path, o.form(path), logo); code != http.StatusSeeOther {
		t.Fatalf("a logo: %d %v", code, problems(body))
	}
	code, body, header := o.do(httptest.NewRequest(http.MethodGet, mainPath+"/logo", nil))
	if code != http.StatusOK || body != string(logo) || header.Get("Content-Type") != "image/png" || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the logo: %d %v", code, header)
	}
	v := o.form(path)
	v.Set("do", "preview")
	v.Set("look.own", "on")
	v.Set("look.colour", "#ff8800")
	if code, body, _ := o.post(path, v); code != http.StatusOK || !strings.Contains(body, `fill="#ff8800"`) || o.main().Look.Colour != "" {
		t.Errorf("preview: %d", code)
	}
	o.saved(path, map[string]string{"look.remove": "on"})
	if o.main().Look.Logo != nil {
		t.Error("the logo is still there")
	}
}

func TestP01PortalsAreAddedAndRemoved(t *testing.T) {
	o := opened(t)
	add := func(id, name string) (int, string) {
		code, body, _ := o.post(newPortalPath, url.Values{"id": {id}, "name": {name}})
		return code, body
	}
	if code, _ := add("shop", "The shop"); code != http.StatusSeeOther {
		t.Fatalf("added: %d", code)
	}
	for _, bad := range [][2]string{{"shop", "Again"}, {"Shop", "X"}, {"", "X"}, {"a b", "X"}, {"../x", "X"}, {"new", ""}, {strings.Repeat("x", 41), "X"}} {
		if code, _ := add(bad[0], bad[1]); code != http.StatusUnprocessableEntity {
			t.Errorf("%q %q: %d", bad[0], bad[1], code)
		}
	}
	if code, body := o.get("/login/portals"); code != http.StatusOK || !strings.Contains(body, "The shop") {
		t.Errorf("list: %d", code)
	}
	if code, body := o.save("/login/portals/shop", map[string]string{"hosts": "main.example.org"}); code != http.StatusSeeOther {
		t.Errorf("%d %v", code, problems(body))
	}
	if code, body := o.save(mainPath, map[string]string{"hosts": "main.example.org"}); code != http.StatusUnprocessableEntity || !strings.Contains(body, "belongs to the portal") {
		t.Errorf("a host name of two portals: %d %v", code, problems(body))
	}
	if _, body := o.get("/login/portals/shop"); !strings.Contains(body, `class="button danger" href="/login/portals/shop/remove"`) {
		t.Error("to remove a portal looks like the point of its page")
	}
	if code, _ := o.get(mainPath + "/remove"); code != http.StatusNotFound {
		t.Errorf("removing the main portal: %d", code)
	}
	if code, _, _ := o.post("/login/portals/shop/remove", url.Values{}); code != http.StatusSeeOther {
		t.Errorf("removing: %d", code)
	}
	if s, _ := o.settings(); len(s.Portals) != 1 {
		t.Error("it is still there")
	}
	for _, path := range []string{"/login/portals/shop", "/login/portals/shop/look", mainPath + "/nothing", mainPath + "/look/more", "/login/policies/team/77", "/login/policies/x/1", "/login/policies/default/1", "/login/settings/history/9999", "/login/settings/nothing"} {
		if code, body := o.get(path); code != http.StatusNotFound || strings.Contains(body, "session link") {
			t.Errorf("%s: %d", path, code)
		}
	}
}

func TestA03WhatNobodyAllowsIsNotAllowed(t *testing.T) {
	o := opened(t)
	const path = "/login/policies/default"
	v := o.form(path)
	for _, p := range policy.All() {
		v.Set(string(p), "") // "not set: not allowed", with every permission
	}
	if code, body, _ := o.post(path, v); code != http.StatusSeeOther {
		t.Fatalf("%d %v", code, problems(body))
	}
	s, _ := o.settings()
	for _, c := range policy.Resolve(s.Policies(settings.Main, nil, settings.Named{})) {
		if c.Allowed {
			t.Errorf("%s is allowed", c.Permission)
		}
	}
}

func TestA03APageExplainsTheOutcomeOfACase(t *testing.T) {
	o := opened(t)
	o.saved("/login/policies/team/1", map[string]string{"record": "deny", "view": "allow"})
	o.saved("/login/policies/team/2", map[string]string{"record": "allow"})
	o.saved("/login/policies/portal/main", map[string]string{"take-files": "deny"})
	o.saved("/login/policies/default", map[string]string{"nudge": "deny"})
	code, body := o.get("/login/policies/outcome?portal=main&rep=" + strconv.FormatUint(o.rep, 10))
	if code != http.StatusOK {
		t.Fatal(code)
	}
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " ")
	text = strings.Join(strings.Fields(text), " ")
	for _, want := range []string{
		"Record the session may not The team Printers says so.", "Get files from the customer may not The portal Green Branch says so.",
		"Shake the customer&#39;s window may not It holds for everybody.", "See the screen may ask The team Printers says so.",
		"Teams: Mail, Printers",
	} {
		if !strings.Contains(text, want) && !strings.Contains(text, strings.ReplaceAll(want, "&#39;", "'")) {
			t.Errorf("does not say %q: %s", want, text)
		}
	}
	if _, body := o.get("/login/policies/outcome?team=1"); !strings.Contains(body, "The team Printers says so.") || strings.Contains(body, "Mail, Printers") {
		t.Error("any rep of one team")
	}
	for _, query := range []string{"?team=x&team=99", "?portal=<b>&rep=x", "?rep=99999999999999999999", "?portal=main&portal=two"} {
		if code, body := o.get("/login/policies/outcome" + query); code != http.StatusOK || strings.Contains(body, "<b>") {
			t.Errorf("%s: %d", query, code)
		}
	}
}
