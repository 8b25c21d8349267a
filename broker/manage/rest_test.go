package manage

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/words"
)

func TestA01AFileIsReviewedBeforeItChangesAnything(t *testing.T) {
	o := opened(t)
	o.fill()
	code, file := o.get("/login/settings/export")
	if code != http.StatusOK || strings.Contains(file, "c2VhbGVk") || !strings.Contains(file, "name: Green Branch") {
		t.Fatalf("export: %d", code)
	}
	const path = "/login/settings/import"
	if code, body := o.sendFile(path, url.Values{}, []byte(file)); code != http.StatusOK || !strings.Contains(body, "already") {
		t.Errorf("the same: %d", code)
	}
	next := strings.Replace(file, "name: Green Branch", "name: Red <Branch>", 1)
	_, version := o.settings()
	code, review := o.sendFile(path, url.Values{}, []byte(next))
	if code != http.StatusOK || !strings.Contains(review, "Red &lt;Branch&gt;") || !strings.Contains(review, "Nothing is changed yet") {
		t.Fatalf("review: %d", code)
	}
	if _, now := o.settings(); now != version {
		t.Error("a review changed something")
	}
	agreed := formOf(review)
	agreed.Set("do", "apply")
	o.saved(mainPath, map[string]string{"exitUrl": "https://example.org/other"})
	code, body, _ := o.post(path, agreed)
	if code != http.StatusConflict || !strings.Contains(body, "since you began") || !strings.Contains(body, "example.org/other") {
		t.Errorf("changed meanwhile: %d", code)
	}
	other := formOf(body)
	other.Set("do", "apply")
	other.Set("text", strings.Replace(other.Get("text"), "Red", "Blue", 1))
	if code, body, _ := o.post(path, other); code != http.StatusOK || !strings.Contains(body, "Blue") || o.main().Name != "Green Branch" {
		t.Errorf("another file than was reviewed: %d", code)
	}
	agreed = formOf(body)
	agreed.Set("do", "apply")
	if code, body, _ := o.post(path, agreed); code != http.StatusSeeOther || o.main().Name != "Red <Branch>" {
		t.Errorf("applied: %d %s", code, problems(body))
	}
	if s, _ := o.settings(); string(s.People.OIDC.Secret) != "sealed hush" {
		t.Error("a secret is lost")
	}
	for name, bad := range map[string]string{
		"unknown": "portals:\n  main:\n    nam: x\n", "not YAML": "{{{", "nothing": "", "no team": file + "\n# x\n" + "repPolicies:\n  \"99\": {view: deny}\n",
	} {
		if code, body := o.sendFile(path, url.Values{}, []byte(bad)); name == "nothing" && code == http.StatusUnprocessableEntity {
			continue
		} else if code != http.StatusUnprocessableEntity || !strings.Contains(body, "is not applied") {
			t.Errorf("%s: %d", name, code)
		}
	}
	code, body = o.get("/login/settings/history")
	if code != http.StatusOK || !strings.Contains(body, "Olga") {
		t.Errorf("history: %d", code)
	}
	_, version = o.settings()
	if code, body := o.get("/login/settings/history/" + tag(version)[1:len(tag(version))-1]); code != http.StatusOK || !strings.Contains(body, "Red &lt;Branch&gt;") {
		t.Errorf("the last change: %d", code)
	}
}

// TestA01AFileOfAnotherSystemIsAppliedAtOnce: some editors end lines with CR LF,
// and browsers do when they send the file once more.
func TestA01AFileOfAnotherSystemIsAppliedAtOnce(t *testing.T) {
	o := opened(t)
	_, file := o.get("/login/settings/export")
	const path = "/login/settings/import"
	for name, end := range map[string]string{"Windows": "\r\n", "an old Mac": "\r", "Unix": "\n"} {
		next := strings.Replace(file, "name: Green Branch", "name: "+name, 1)
		code, review := o.sendFile(path, url.Values{}, []byte(strings.ReplaceAll(next, "\n", end)))
		agreed := formOf(review)
		agreed.Set("do", "apply")
		agreed.Set("text", strings.ReplaceAll(agreed.Get("text"), "\n", "\r\n"))
		if code != http.StatusOK {
			t.Fatalf("%s: review: %d", name, code)
		}
		if code, body, _ := o.post(path, agreed); code != http.StatusSeeOther || o.main().Name != name {
			t.Errorf("%s: %d %v", name, code, problems(body))
		}
	}
}

func TestA01PermissionsHold(t *testing.T) {
	o := opened(t)
	o.fill()
	all := append(sheets(), "/login/portals", "/login/policies", "/login/policies/outcome", "/login/settings/file", "/login/settings/export",
		"/login/settings/history", "/login/settings/history/1", "/login/settings/import", "/login/settings/tokens", "/login/settings/tokens/new",
		newPortalPath, mainPath+"/logo", mainPath+"/remove")
	forms := map[string]url.Values{}
	for _, path := range sheets() {
		forms[path] = o.form(path)
	}
	_, version := o.settings()
	for who, c := range map[uint64]struct{ may string }{o.rep: {""}, o.admin: {"/login/portals|/login/policies"}, 0: {""}} {
		o.as(o.rep)
		if who != 0 {
			o.as(who)
		} else {
			o.who.Rep, o.who.May = 0, people.Set{}
		}
		for _, path := range all {
			code, _ := o.get(path)
			may := c.may != "" && regexp.MustCompile("^("+c.may+")").MatchString(path)
			if may == (code == http.StatusForbidden) {
				t.Errorf("rep %d at %s: %d", who, path, code)
			}
			if v, is := forms[path]; is && !may {
				v.Set("name", "Taken over")
				if code, _, _ := o.post(path, v); code != http.StatusForbidden {
					t.Errorf("rep %d posts to %s: %d", who, path, code)
				}
			}
		}
	}
	if _, now := o.settings(); now != version {
		t.Error("something was changed")
	}
}

func TestA01HostileRequestsChangeNothing(t *testing.T) {
	o := opened(t)
	o.fill()
	_, version := o.settings()
	changed := o.changed
	long := strings.Repeat("x", maxForm+1)
	for _, path := range append(sheets(), "/login/settings/import", newPortalPath, "/login/settings/tokens/new", "/login/settings/tokens/1/revoke") {
		send := func(name, method, kind, body string, head map[string]string, want ...int) {
			t.Helper()
			r := httptest.NewRequest(method, path, strings.NewReader(body))
			if kind != "" {
				r.Header.Set("Content-Type", kind)
			}
			for k, v := range head {
				r.Header.Set(k, v)
			}
			code, _, _ := o.do(r)
			if slices.Contains(want, code) {
				return
			}
			t.Errorf("%s: %s: %d, want %v", path, name, code, want)
		}
		const form = "application/x-www-form-urlencoded"
		good := "version=1&name=Evil&do=save"
		send("another site's", http.MethodPost, form, good, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403)
		send("another site's, old browser", http.MethodPost, form, good, map[string]string{"Origin": "https://evil.example"}, 403)
		send("huge", http.MethodPost, form, "version=1&name="+long, nil, 413)
		send("huge file", http.MethodPost, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"+long+long+long+long, nil, 413, 415)
		send("cut off", http.MethodPost, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc", nil, 400, 415)
		send("no form", http.MethodPost, "application/json", "{}", nil, 415)
		send("no type", http.MethodPost, "", "{}", nil, 415)
		send("PUT", http.MethodPut, form, good, nil, 405)
		send("DELETE", http.MethodDelete, "", "", nil, 405)
		send("bad escapes", http.MethodPost, form, "version=%zz", nil, 400)
		if strings.HasPrefix(path, "/login/portals/main") || strings.HasPrefix(path, "/login/policies") {
			send("no version", http.MethodPost, form, "name=Evil", nil, 400)
			send("a version that never was", http.MethodPost, form, "version=-1&name=Evil", nil, 400)
			send("a version to come", http.MethodPost, form, "version=99999&name=Evil", nil, 400)
			send("two names", http.MethodPost, form, good+"&name=Two&agreement.minutes=1&agreement.minutes=2&greeting=a&greeting=b&hours.zone=a&hours.zone=b&view=a&view=b&look.colour=a&look.colour=b&look.own=on&issues.count=1&issues.0.id=a&issues.0.id=b&survey.count=1&survey.0.form=1&survey.0.form=2&notices.count=1&notices.0.title=a&notices.0.title=b", nil, 422, 409)
		}
	}
	if _, now := o.settings(); now != version || o.changed != changed {
		t.Errorf("something was changed: version %d, before %d", now, version)
	}
	for _, count := range []string{"999999999", "-5", "1e9", "x"} {
		v := o.form(mainPath + "/issues")
		v.Set("issues.count", count)
		v.Set("do", "add:issues")
		if code, body, _ := o.post(mainPath+"/issues", v); code != http.StatusOK || len(body) > 2<<20 {
			t.Errorf("count %s: %d, %d bytes", count, code, len(body))
		}
	}
}

func TestA01WhatPeopleTypeIsShownAsText(t *testing.T) {
	o := opened(t)
	const evil = `"><script>alert(1)</script>`
	o.saved(mainPath, map[string]string{"name": evil})
	o.saved(mainPath+"/texts", map[string]string{"intro": evil + " [x](javascript:alert(1))"})
	o.saved(mainPath+"/notices", map[string]string{"notices.count": "1", "notices.0.id": "1", "notices.0.title": evil, "notices.0.text": evil})
	for _, path := range []string{"/login/portals", mainPath, mainPath + "/texts", mainPath + "/notices", "/login/policies", "/login/policies/outcome", "/login/settings/history/3"} {
		code, body := o.get(path)
		if code != http.StatusOK || strings.Contains(body, "<script>alert") || strings.Contains(body, `href="javascript:`) {
			t.Errorf("%s: %d shows it as HTML", path, code)
		}
	}
}

// token makes a token on the page.
func (o *office) token(may ...people.Permission) string {
	o.t.Helper()
	v := url.Values{"name": {"review"}, "days": {"30"}}
	for _, p := range may {
		v.Set("may."+string(p), "on")
	}
	code, body, _ := o.post("/login/settings/tokens/new", v)
	m := regexp.MustCompile(tokenPrefix + `[\w-]{43}`).FindString(body)
	if code != http.StatusOK || m == "" {
		o.t.Fatalf("making a token: %d %v", code, problems(body))
	}
	return m
}

func (o *office) api(method, path, token, match, body string) (int, string, http.Header) {
	o.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	if match != "" {
		r.Header.Set("If-Match", match)
	}
	code, text, header := o.do(r)
	if !json.Valid([]byte(text)) || header.Get("Content-Type") != "application/json" {
		o.t.Errorf("%s %s answers %s: %s", method, path, header.Get("Content-Type"), text)
	}
	return code, text, header
}

func TestA01TheAPIReadsAndSetsTheSame(t *testing.T) {
	o := opened(t)
	o.fill()
	token := o.token(people.ExportSettings, people.ImportSettings, people.ManagePeople)
	code, body, header := o.api("GET", "/api/v1/settings", token, "", "")
	etag := header.Get("ETag")
	if code != http.StatusOK || etag == "" || strings.Contains(body, `"secret"`) {
		t.Fatalf("settings: %d %s", code, body)
	}
	next := strings.Replace(body, `"name":"Green Branch"`, `"name":"Red Branch"`, 1)
	for name, c := range map[string]struct {
		match, body string
		want        int
	}{
		"no version":     {"", next, 428},
		"any version":    {"*", next, 412},
		"an old version": {`"1"`, next, 412},
		"not JSON":       {etag, "{", 422},
		"unknown":        {etag, `{"portals":{"main":{"name":"x","colour":1}}}`, 422},
		"unfit":          {etag, `{"portals":{}}`, 422},
		"huge":           {etag, strings.Repeat(" ", maxAPI+1), 413},
	} {
		if code, text, _ := o.api("PUT", "/api/v1/settings", token, c.match, c.body); code != c.want || !strings.Contains(text, `"error"`) {
			t.Errorf("%s: %d %s", name, code, text)
		}
	}
	if o.main().Name != "Green Branch" {
		t.Error("something was changed")
	}
	code, body, header = o.api("PUT", "/api/v1/settings", token, etag, next)
	if code != http.StatusOK || header.Get("ETag") == etag || o.main().Name != "Red Branch" {
		t.Errorf("put: %d %s", code, body)
	}
	if s, _ := o.settings(); string(s.People.OIDC.Secret) != "sealed hush" {
		t.Error("a secret is lost")
	}
	code, body, _ = o.api("GET", "/api/v1/people", token, "", "")
	if code != http.StatusOK || !strings.Contains(body, `"name":"Olga"`) || !strings.Contains(body, `"Printers"`) || strings.Contains(body, "phc") {
		t.Errorf("people: %d %s", code, body)
	}
	for path, want := range map[string]int{"/api/v1/": 404, "/api/v1/nothing": 404, "/api/v1/settings/": 404} {
		if code, _, _ := o.api("GET", path, token, "", ""); code != want {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code, _, header := o.api("DELETE", "/api/v1/settings", token, "", ""); code != 405 || header.Get("Allow") != "GET, PUT" {
		t.Errorf("DELETE: %d", code)
	}
}

func TestA01ATokenIsShownOnceAndMayNoMoreThanItSays(t *testing.T) {
	o := opened(t)
	read := o.token(people.ExportSettings)
	portals := o.token(people.EditPortals)
	if code, body := o.get("/login/settings/tokens"); code != http.StatusOK || strings.Contains(body, read) ||
		!strings.Contains(body, "Read all settings") || strings.Contains(body, "settings.export") {
		t.Errorf("the list: %d", code)
	}
	for name, token := range map[string]string{
		"none": "", "a guess": tokenPrefix + strings.Repeat("A", 43), "half": read[:20], "without its beginning": strings.TrimPrefix(read, tokenPrefix),
		"long": tokenPrefix + strings.Repeat("A", 1000),
	} {
		if code, _, header := o.api("GET", "/api/v1/settings", token, "", ""); code != 401 || header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d", name, code)
		}
	}
	code, body, header := o.api("GET", "/api/v1/settings", read, "", "")
	if code != 200 {
		t.Fatal(code)
	}
	etag := header.Get("ETag")
	named := strings.Replace(body, `"name":"Green Branch"`, `"name":"Red Branch"`, 1)
	policed := strings.Replace(body, `"view":"allow"`, `"view":"deny"`, 1)
	for name, c := range map[string]struct {
		token, body string
		want        int
	}{
		"a reader sets":           {read, named, 403},
		"portals sets a policy":   {portals, policed, 403},
		"portals sets a provider": {portals, strings.Replace(body, `"people":{`, `"people":{"needFactor":true`, 1), 403},
	} {
		if code, text, _ := o.api("PUT", "/api/v1/settings", c.token, etag, c.body); code != c.want {
			t.Errorf("%s: %d %s", name, code, text)
		}
	}
	if code, _, _ := o.api("GET", "/api/v1/people", read, "", ""); code != 403 {
		t.Errorf("a reader of settings reads people: %d", code)
	}
	if code, text, _ := o.api("PUT", "/api/v1/settings", portals, etag, named); code != 200 || o.main().Name != "Red Branch" {
		t.Errorf("portals sets a portal: %d %s", code, text)
	}
	if code, _, _ := o.post("/login/settings/tokens/1/revoke", url.Values{}); code != http.StatusSeeOther {
		t.Fatalf("revoke: %d", code)
	}
	if code, _, _ := o.api("GET", "/api/v1/settings", read, "", ""); code != 401 {
		t.Errorf("revoked: %d", code)
	}
	if code, body := o.get("/login/settings/tokens"); code != http.StatusOK || !strings.Contains(body, "revoked 2026-05-04") {
		t.Errorf("the list afterwards: %d", code)
	}
	for name, v := range map[string]url.Values{
		"no name": {"may.settings.export": {"on"}}, "nothing": {"name": {"x"}}, "for ever and a day": {"name": {"x"}, "may.settings.export": {"on"}, "days": {"99999"}},
		"for no day": {"name": {"x"}, "may.settings.export": {"on"}, "days": {"0"}},
		"long":       {"name": {strings.Repeat("x", 200)}, "may.settings.export": {"on"}},
	} {
		if code, _, _ := o.post("/login/settings/tokens/new", v); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, code)
		}
	}
}

func TestA01WhatComesTooSlowlyIsToldSoAndChangesNothing(t *testing.T) {
	o := opened(t)
	token := o.token(people.ImportSettings)
	_, version := o.settings()
	for name, row := range map[string]struct {
		path, kind string
		status     int
		says       words.Sentence
	}{
		"a file":      {"/login/settings/import", "multipart/form-data; boundary=x", 400, words.AdminSlow},
		"a form":      {"/login/settings/programs", "application/x-www-form-urlencoded", 400, words.AdminSlow},
		"of the API":  {"/api/v1/settings", "application/yaml", 408, words.APISlow},
		"its people":  {"/api/v1/staff", "application/json", 408, words.APISlow},
		"a short one": {"/login/settings/tokens/new", "application/x-www-form-urlencoded", 400, words.AdminSlow},
	} {
		begun := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.yaml\"\r\n\r\nportals:"
		r := httptest.NewRequest(http.MethodPost, row.path, io.MultiReader(strings.NewReader(begun), iotest.ErrReader(os.ErrDeadlineExceeded)))
		if strings.HasPrefix(row.path, "/api/") {
			r.Method = http.MethodPut
		}
		r.Header.Set("Content-Type", row.kind)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Authorization", "Bearer "+token)
		if status, body, _ := o.do(r); status != row.status || !strings.Contains(body, say(row.says)) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if _, now := o.settings(); now != version {
		t.Error("something was changed")
	}
}

func TestA01TooManyTriesOfAnAddressAreRefused(t *testing.T) {
	o := opened(t)
	for n := range apiTries + 1 {
		code, _, header := o.api("GET", "/api/v1/settings", tokenPrefix+"x", "", "")
		if want := map[bool]int{true: 429, false: 401}[n == apiTries]; code != want || want == 429 && header.Get("Retry-After") == "" {
			t.Fatalf("try %d: %d", n, code)
		}
	}
}

func TestA01ALoginMeansNothingToTheAPI(t *testing.T) {
	o := opened(t)
	r := httptest.NewRequest(http.MethodGet, "/api/v1/settings", nil)
	r.AddCookie(&http.Cookie{Name: "__Host-login", Value: "x"})
	if code, _, _ := o.do(r); code != 401 {
		t.Errorf("a cookie: %d", code)
	}
	if s, version, err := o.s.Settings(context.Background()); err != nil || version != 0 || len(s.Portals) != 1 || s.Portals[settings.Main].Name == "" {
		t.Errorf("%v %d %v", s, version, err)
	}
}

func TestT03EveryEventCanBeChosen(t *testing.T) {
	text, err := os.ReadFile("../lobby/fact.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`What += "([a-z.]+)"`).FindAllSubmatch(text, -1)
	if len(found) != len(events()) {
		t.Errorf("the lobby has %d facts, the pages know %d", len(found), len(events()))
	}
	for _, m := range found {
		if !slices.Contains(events(), string(m[1])) {
			t.Errorf("%s can't be chosen", m[1])
		}
	}
}

// broken is a store that fails.
type broken struct{ Store }

func (broken) Settings(context.Context) (settings.Settings, uint64, error) {
	return settings.Settings{}, 0, errors.New("disk /var/lib/handrail is full")
}

// late is a store in which somebody else is always a moment earlier.
type late struct{ Store }

func (late) SetSettings(context.Context, uint64, uint64, settings.Settings, time.Time) error {
	return settings.ErrChanged
}

func TestA01WhoIsSecondInTheSameMomentIsToldAndLosesNothing(t *testing.T) {
	o := opened(t)
	o.saved(newPortalPath, map[string]string{"id": "shop", "name": "Shop"})
	o.m.Store = late{o.s}
	for path, field := range map[string]string{mainPath: "name", mainPath + "/texts": "hold", newPortalPath: "name", "/login/portals/shop/remove": ""} {
		v := url.Values{"id": {"two"}}
		if field != "" {
			v = o.form(path)
			v.Set("id", "two")
			v.Set(field, "Quite another")
		}
		code, body, _ := o.post(path, v)
		if want := map[bool]int{true: http.StatusUnprocessableEntity, false: http.StatusConflict}[path == newPortalPath]; code != want || !strings.Contains(body, "in this moment") {
			t.Errorf("%s: %d, and nothing is said", path, code)
		}
		if field != "" && formOf(body).Get(field) != "Quite another" {
			t.Errorf("%s: what was typed is lost", path)
		}
	}
}

func TestA01AFailureOfOursTellsNothingAboutItself(t *testing.T) {
	o := opened(t)
	token := o.token(people.ExportSettings, people.ImportSettings)
	o.m.Store = broken{o.s}
	for _, path := range append(sheets(), "/login/portals", "/login/settings/export", "/login/policies/outcome") {
		if code, body := o.get(path); code != http.StatusInternalServerError || strings.Contains(body, "disk") {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	for _, method := range []string{"GET", "PUT"} {
		if code, body, _ := o.api(method, "/api/v1/settings", token, `"1"`, "{}"); code != http.StatusInternalServerError || strings.Contains(body, "disk") {
			t.Errorf("%s: %d %s", method, code, body)
		}
	}
}

func TestW08ThePageSaysWhichLanguagesHandrailSpeaks(t *testing.T) {
	_, page := opened(t).get("/login/portals/main")
	if all := strings.Join(words.DefaultLanguages(), ", "); !strings.Contains(page, "own words are there in "+all+";") {
		t.Errorf("not said: %s", all)
	}
}
