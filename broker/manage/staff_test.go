package manage

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"handrail/broker/chain"
	"handrail/broker/people"
)

const importPath = "/login/settings/import"

func (o *office) people() people.Organisation {
	o.t.Helper()
	all, err := o.s.Organisation(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

// mailed gives the two who have none a mail address.
func (o *office) mailed() {
	o.t.Helper()
	for id, mail := range map[uint64]string{o.admin: "anna@example.org", o.rep: "rudi@example.org"} {
		r := o.people().Reps[id]
		r.Mail = mail
		if _, err := o.s.Change(o.t.Context(), o.owner, people.SetRep{Rep: r}, noon); err != nil {
			o.t.Fatal(err)
		}
	}
}

func (o *office) export() string {
	o.t.Helper()
	code, file := o.get("/login/settings/export")
	if code != http.StatusOK {
		o.t.Fatalf("export: %d", code)
	}
	return file
}

// replaced is a file with something else in it, which must be there.
func replaced(t *testing.T, file, old, with string) []byte {
	t.Helper()
	if !strings.Contains(file, old) {
		t.Fatalf("%q is not in\n%s", old, file)
	}
	return []byte(strings.Replace(file, old, with, 1))
}

func TestA01PeopleInAFileAreReviewedBeforeAnythingChanges(t *testing.T) {
	o := opened(t)
	o.fill()
	o.mailed()
	file := o.export()
	for _, secret := range []string{"password", "totp", "phc", "hash"} {
		if strings.Contains(strings.ToLower(file), secret) {
			t.Errorf("the file holds a %s", secret)
		}
	}
	if code, body := o.sendFile(importPath, url.Values{}, []byte(file)); code != http.StatusOK || !strings.Contains(body, "already") {
		t.Errorf("the same: %d", code)
	}
	next := replaced(t, file, "  reps:\n", "  reps:\n    new@example.org:\n      name: New & young\n")
	next = replaced(t, string(next), "name: Printers", "name: Paper")
	next = replaced(t, string(next), "name: Green Branch", "name: Red Branch")
	before := o.people()
	code, review := o.sendFile(importPath, url.Values{}, next)
	for _, want := range []string{"Rep new@example.org", "New &amp; young", "Paper", "Team Printers", "Red Branch", "Nothing is changed yet"} {
		if code != http.StatusOK || !strings.Contains(review, want) {
			t.Errorf("review: %d, not %q", code, want)
		}
	}
	if o.people().Stamp() != before.Stamp() {
		t.Fatal("a review changed something")
	}
	agreed := formOf(review)
	agreed.Set("do", "apply")
	if _, err := o.s.Change(t.Context(), o.owner, people.SetRole{Role: people.Role{ID: "x", Name: "X"}}, noon); err != nil {
		t.Fatal(err)
	}
	code, body, _ := o.post(importPath, agreed)
	if code != http.StatusConflict || !strings.Contains(body, "since you began") || !strings.Contains(body, "Role x") || o.main().Name != "Green Branch" {
		t.Errorf("changed meanwhile: %d", code)
	}
	agreed = formOf(body)
	agreed.Set("do", "apply")
	if code, body, _ := o.post(importPath, agreed); code != http.StatusSeeOther {
		t.Fatalf("applied: %d %s", code, problems(body))
	}
	after := o.people()
	if len(after.Reps) != 4 || after.Teams[1].Name != "Paper" || len(after.Roles) != 0 || o.main().Name != "Red Branch" {
		t.Errorf("after it: %+v", after)
	}
	if has, err := o.s.Credentials(t.Context(), 4); err != nil || has.Password != "" {
		t.Errorf("who is new can sign in: %v", err)
	}
}

func TestA01AFileDoesOnThePageWhatItsSenderMay(t *testing.T) {
	o := opened(t)
	o.fill()
	o.mailed()
	file := o.export()
	o.as(o.admin)
	o.who.May[people.ImportSettings], o.who.May[people.ExportSettings] = true, true // a page's button is no protection
	before, _ := o.settings()
	stamp := o.people().Stamp()
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"oneself an owner": {replaced(t, file, "    anna@example.org:\n      name: Anna\n      roles:\n", "    anna@example.org:\n      name: Anna\n      roles:\n        - owner\n"), "raise their own rights"},
		"a role twice":     {replaced(t, file, "  roles: {}", "  roles:\n    a: {name: A}\n    a: {name: B}"), "here twice"},
		"unknown mail":     {replaced(t, file, "rudi@example.org: member", "who@example.org: member"), "Nobody has this mail address"},
		"no such team":     {replaced(t, file, "team: 1\n", "team: 77\n"), "77"},
		"a team in use":    {replaced(t, file, "    \"2\":\n      name: Mail\n      members:\n        rudi@example.org: member\n", ""), "no team with the number 2"},
		"the owner":        {replaced(t, file, "name: Olga", "name: Olga\n      disabled: true"), "may do more than they"},
		"a password":       {replaced(t, file, "name: Olga", "name: Olga\n      password: x"), "no setting called"},
	} {
		if code, body := o.sendFile(importPath, url.Values{}, c.file); code != http.StatusUnprocessableEntity || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s", name, code, body)
		}
	}
	if after, _ := o.settings(); o.people().Stamp() != stamp || after.People.IdleMinutes != before.People.IdleMinutes {
		t.Error("something was changed")
	}
	o.who.May = people.Of(people.ExportSettings, people.EditTeams)
	if file := o.export(); !strings.Contains(file, "\n  teams:") || strings.Contains(file, "\n  reps:") || strings.Contains(file, "\n  roles: {}") {
		t.Error("who may not see reps and roles exports them")
	}
}

func TestA01NobodyLocksThemselvesOutByAFileOrAProgram(t *testing.T) {
	o := opened(t)
	o.fill()
	file := o.export()
	// Tests come from 192.0.2.1.
	if code, body := o.sendFile(importPath, url.Values{}, replaced(t, file, "192.0.2.0/24", "10.0.0.0/8")); code != http.StatusUnprocessableEntity || !strings.Contains(body, "lock yourself out") {
		t.Errorf("a file: %d", code)
	}
	token := o.token(people.ExportSettings, people.ImportSettings)
	_, body, header := o.api("GET", "/api/v1/settings", token, "", "")
	next := replaced(t, body, "192.0.2.0/24", "10.0.0.0/8")
	if code, body, _ := o.api("PUT", "/api/v1/settings", token, header.Get("ETag"), string(next)); code != 422 || !strings.Contains(body, "lock yourself out") {
		t.Errorf("a program: %d %s", code, body)
	}
	next = replaced(t, body, "192.0.2.0/24", "192.0.0.0/16")
	if code, body, _ := o.api("PUT", "/api/v1/settings", token, header.Get("ETag"), string(next)); code != 200 {
		t.Errorf("a wider network: %d %s", code, body)
	}
}

func TestA01TheAPIArrangesPeople(t *testing.T) {
	o := opened(t)
	o.mailed()
	const path = "/api/v1/staff"
	token := o.token(people.ManagePeople, people.EditTeams, people.EditRoles)
	code, body, header := o.api("GET", path, token, "", "")
	etag := header.Get("ETag")
	var staff people.Staff
	if err := json.Unmarshal([]byte(body), &staff); code != 200 || err != nil || len(staff.Reps) != 3 || len(staff.Teams) != 2 || etag == "" {
		t.Fatalf("read: %d %s", code, body)
	}
	if code, body, header := o.api("PUT", path, token, etag, body); code != 200 || header.Get("ETag") != etag {
		t.Errorf("the same: %d %s", code, body)
	}
	reader := o.token(people.ExportSettings)
	teams := o.token(people.EditTeams)
	for name, c := range map[string]struct {
		token, match, body string
		want               int
		say                string
	}{
		"no version":      {token, "", body, 428, "If-Match"},
		"an old version":  {token, `"1"`, body, 412, "meanwhile"},
		"not JSON":        {token, etag, "{", 422, "cannot be read"},
		"unknown":         {token, etag, `{"reps":{"a@b.c":{"name":"x","password":"y"}}}`, 422, "reps.a@b.c.password"},
		"unknown mail":    {token, etag, `{"teams":{"1":{"name":"x","members":{"who@b.c":"lead"}}}}`, 422, "teams.1.members.who@b.c"},
		"huge":            {token, etag, strings.Repeat(" ", maxAPI+1), 413, "larger"},
		"only a reader":   {reader, etag, `{}`, 403, "may not"},
		"beyond a token":  {teams, etag, `{"reps":{"rudi@example.org":{"name":"Rudi","roles":["owner"]}}}`, 403, "reps.rudi@example.org.roles"},
		"the last owner":  {token, etag, `{"reps":{"olga@example.org":{"name":"Olga"}}}`, 422, "reps.olga@example.org.roles"},
		"who may do more": {token, etag, `{"reps":{"anna@example.org":{"name":"Anna"}}}`, 403, "reps.anna@example.org.roles"},
		"beyond a role":   {token, etag, `{"roles":{"x":{"name":"X","may":["settings.import"]}},"reps":{"rudi@example.org":{"name":"Rudi","roles":["x"]}}}`, 403, "reps.rudi@example.org.roles"},
	} {
		code, body, _ := o.api("PUT", path, c.token, c.match, c.body)
		if code != c.want || !strings.Contains(body, c.say) || !strings.Contains(body, `"error"`) {
			t.Errorf("%s: %d %s", name, code, body)
		}
	}
	if code, _, _ := o.api("GET", path, reader, "", ""); code != 403 {
		t.Errorf("a reader of settings reads people: %d", code)
	}
	if code, body, _ := o.api("GET", path, teams, "", ""); code != 200 || strings.Contains(body, `"reps"`) {
		t.Errorf("who edits teams reads reps: %d %s", code, body)
	}
	code, body, header = o.api("PATCH", path, token, etag, `{"teams":{"9":{"name":"Night","members":{"new@example.org":"lead"}}},"reps":{"new@example.org":{"name":"New"}}}`)
	if all := o.people(); code != 200 || header.Get("ETag") == etag || len(all.Teams) != 3 || len(all.Reps) != 4 || all.Teams[9].Members[4] != people.Lead {
		t.Fatalf("patch: %d %s", code, body)
	}
	code, body, _ = o.api("PUT", path, token, header.Get("ETag"), `{"teams":{"9":{"name":"Night"}}}`)
	if all := o.people(); code != 200 || len(all.Teams) != 1 || len(all.Reps) != 4 {
		t.Errorf("put: %d %s", code, body)
	}
	if code, _, header := o.api("DELETE", path, token, "", ""); code != 405 || header.Get("Allow") != "GET, PUT, PATCH" {
		t.Errorf("DELETE: %d", code)
	}
}

func TestA04TheLogTellsWhichTokenAProgramHad(t *testing.T) {
	o := opened(t)
	o.mailed()
	o.token(people.ManagePeople) // another one
	token := o.token(people.ManagePeople, people.ImportSettings, people.ExportSettings)
	newest := func(what string) chain.Entry {
		t.Helper()
		entries, err := o.s.Audit(t.Context(), people.AuditFilter{Limit: 1})
		if err != nil || len(entries) != 1 || entries[0].Act != what {
			t.Fatalf("%s: %+v, %v", what, entries, err)
		}
		return entries[0]
	}
	made := newest("token.add")
	if made.Subject != "token:2" {
		t.Errorf("made: %s", made.Subject)
	}
	_, _, header := o.api("GET", "/api/v1/staff", token, "", "")
	if code, body, _ := o.api("PATCH", "/api/v1/staff", token, header.Get("ETag"), `{"reps":{"new@example.org":{"name":"New"}}}`); code != 200 {
		t.Fatalf("people: %d %s", code, body)
	}
	if e := newest("rep.add"); e.Actor != people.Actor(o.owner) || !strings.Contains(string(e.Detail), `"token":2`) {
		t.Errorf("people: %s %s", e.Actor, e.Detail)
	}
	_, body, header := o.api("GET", "/api/v1/settings", token, "", "")
	if code, answer, _ := o.api("PUT", "/api/v1/settings", token, header.Get("ETag"), strings.Replace(body, `"name":"Green Branch"`, `"name":"Red Branch"`, 1)); code != 200 {
		t.Fatalf("settings: %d %s", code, answer)
	}
	if e := newest("settings.change"); !strings.Contains(string(e.Detail), `"token":2`) {
		t.Errorf("settings: %s", e.Detail)
	}
	if _, page := o.get("/login/settings/tokens"); !strings.Contains(page, "API token 2") {
		t.Error("the page doesn't say which token is which")
	}
}
