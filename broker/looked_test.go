package main

import (
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/broker/chromium"
	"handrail/broker/web"
	"handrail/shared/wire"
)

// What the broker has at addresses, as its code says it.
var addresses = map[string]*regexp.Regexp{
	"portal/portal.go": regexp.MustCompile(`(?m)^\t+"(/[^"]*)": +\(\*visitor\)`),
	"admin/*.go":       regexp.MustCompile(`f\.(?:page|open)\("([^"]+)", f\.`), // what can be seen, not only done
	"manage/manage.go": regexp.MustCompile(`(?m)^\t+"(/login/[^"]+)": `),
	"report/report.go": regexp.MustCompile(`(?m)^\t+(Root[^:]*): +h\.`),
}

// openPages are the pages for everybody, each with an address of one; those in
// braces are filled in by the test.
var openPages = map[string]string{
	"/{$}": "/", "/": "/482913", "/download": "/download", "/visit/{secret}": "{visit}",
	"/login/in": "/login/in", "/login/first": "/login/first", "/login/reset/{link}": "{link}",
}

// shutPages are those for people who are signed in.
var shutPages = map[string]string{
	"/login/{$}": "/login/", "/login/queues": "/login/queues", "/login/revoke": "/login/revoke",
	"/login/people": "/login/people", "/login/people/new": "/login/people/new", "/login/people/{id}": "/login/people/3",
	"/login/teams": "/login/teams", "/login/teams/new": "/login/teams/new", "/login/teams/{id}": "/login/teams/7",
	"/login/roles": "/login/roles", "/login/roles/new": "/login/roles/new", "/login/roles/{id}": "/login/roles/night",
	"/login/audit": "/login/audit", "/login/audit/check": "/login/audit/check",
	"/login/account": "/login/account", "/login/account/password": "/login/account/password",
	"/login/account/factor": "/login/account/factor", "/login/console": "/login/console",

	"/login/portals": "/login/portals", "/login/portals/_new": "/login/portals/_new", "/login/portals/{id}": "/login/portals/main",
	"/login/portals/{id}/{sheet}": "/login/portals/main/issues", "/login/portals/{id}/texts": "/login/portals/main/texts",
	"/login/portals/{id}/remove": "/login/portals/second/remove",
	"/login/policies":            "/login/policies", "/login/policies/outcome": "/login/policies/outcome",
	"/login/policies/{what}": "/login/policies/default", "/login/policies/{what}/{id}": "/login/policies/team/7",
	"/login/settings/file": "/login/settings/file", "/login/settings/history": "/login/settings/history",
	"/login/settings/history/{version}": "/login/settings/history/1", "/login/settings/organisation": "/login/settings/organisation",
	"/login/settings/programs": "/login/settings/programs", "/login/settings/records": "/login/settings/records",
	"/login/settings/tokens": "/login/settings/tokens", "/login/settings/tokens/new": "/login/settings/tokens/new",

	"Root": "/login/reports", `Root + "/summary"`: "/login/reports/summary", `Root + "/survey"`: "/login/reports/survey",
	`Root + "/survey/{question}"`:  "/login/reports/survey/2",
	`Root + "/session/{id}"`:       "/login/reports/session/{session}",
	`Root + "/session/{id}/erase"`: "/login/reports/session/{session}/erase",
}

// otherAddresses have no page of their own that a broker without more could show.
var otherAddresses = []string{
	// They take what a form sends.
	"/number", "/rep", "/issue", "/login/settings/import", "/login/settings/tokens/{id}/revoke",
	// Files, pictures, and what scripts read.
	"/download/{file}", "/visit/{secret}/live", "/login/here", "/login/account/factor/qr.png", "/login/portals/{id}/logo",
	"/login/settings/export", `Root + "/session/{id}/{name}"`, `Root + "/file/{name}"`,
	// They lead to others.
	"/login/oidc", "/login/oidc/back", `Root + "/{$}"`, "/login/portals/{id}/{sheet}/",
	// There for somebody with a second factor, and while a console asks: broker/admin looks at them.
	"/login/factor", "/login/console/{code}",
}

// TestEveryPageHasARow reads the broker's code: a page that nobody has looked at
// can't be added to it.
func TestEveryPageHasARow(t *testing.T) {
	var rows, are []string
	rows = slices.AppendSeq(rows, maps.Keys(openPages))
	rows = slices.AppendSeq(rows, maps.Keys(shutPages))
	rows = append(rows, otherAddresses...)
	for files, address := range addresses {
		names, err := filepath.Glob(files)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, name := range names {
			code, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range address.FindAllStringSubmatch(string(code), -1) {
				found++
				are = append(are, m[1])
				if !slices.Contains(rows, m[1]) {
					t.Errorf("%s: nobody looks at %s", name, m[1])
				}
			}
		}
		if found == 0 {
			t.Errorf("%s says nothing of addresses", files)
		}
	}
	for _, row := range rows {
		if !slices.Contains(are, row) {
			t.Errorf("nothing is at %s", row)
		}
	}
}

// TestEveryPageOfABrokerCanBeReadAndUsed looks at each of them as the broker
// serves it: wide, and as whoever makes everything big and has a system in few
// colours sees it.
func TestEveryPageOfABrokerCanBeReadAndUsed(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0", "--name", "Nordlicht")
	olga := b.owner(dir)
	fill := b.filled(dir, olga)
	w := chromium.Open(t, b.site)
	look := func(all map[string]string) {
		t.Helper()
		for _, row := range slices.Sorted(maps.Keys(all)) {
			w.Dark(false)
			at := fill.Replace(all[row])
			w.Go(at)
			if got := w.Path(); got != at {
				t.Errorf("%s leads to %s", at, got)
			}
			name := strings.Trim(strings.NewReplacer("/", "-", `"`, "", " ", "", "+", "", "{", "", "}", "").Replace(row), "-")
			w.Shot("broker-" + name)
			w.Check(row)
			w.Focus(row)
			w.Few("broker-" + name)
		}
	}
	look(openPages)
	w.Go("/login/in")
	w.Type("#f-mail", "olga@example.org")
	w.Type("#f-password", "a long walk by the sea")
	w.Follow("main form button")
	look(shutPages)
}

var resetLink = regexp.MustCompile(`value="https://[^/"]+(/login/reset/[^"]+)"`)

// filled puts something on every page. It gives what is to be put into their
// addresses.
func (r *running) filled(dir string, olga *browser) *strings.Replacer {
	r.t.Helper()
	anna, _ := r.enrol(dir, "Anna Weber")
	file := filepath.Join(r.t.TempDir(), "settings.yaml")
	if err := os.WriteFile(file, []byte(`portals:
  main:
    name: Nordlicht
    starts: {key: true, reps: true, issues: true}
    issues: [{id: printer, names: {en: Printers}, team: 7}]
    notices: [{id: 1, title: Mail is slow, text: "We **know**."}]
    survey: [{id: 1, form: 1, texts: {en: "How was it?"}}, {id: 2, form: 4, texts: {en: "And why?"}}]
  second: {name: Südlicht, hosts: [south.example.org], starts: {key: true}}
staff:
  roles: {night: {name: Night, may: [reports.team]}}
  teams: {"7": {name: Printers, members: {olga@example.org: lead}}}
  reps: {rudi@example.org: {name: Rudolf Maier-Leibnitz von der langen Zeile, listed: true, roles: [night]}}
`), 0o600); err != nil {
		r.t.Fatal(err)
	}
	if _, notice, code := broker(r.t, "apply", "--data", dir, "--yes", file); code != 0 {
		r.t.Fatalf("apply: %s", notice)
	}

	anna.say(&wire.NewKey{Request: [16]byte{1}})
	maria := r.dial(wire.RoleCustomer)
	maria.say(&wire.Join{Number: hear[*wire.KeyMade](anna).Number, Name: "Maria"})
	session := await[*wire.Start](anna).Session
	await[*wire.Start](maria)
	anna.say(&wire.Leave{Session: session, Why: wire.EndByRep})
	await[*wire.Ended](maria)

	visit := ""
	tick := time.NewTicker(100 * time.Millisecond) // until the lobby, too, knows of the file's team
	defer tick.Stop()
	for late := time.After(patience); visit == ""; {
		page := olga.get("/")
		came, err := olga.c.PostForm(r.site+"/issue", url.Values{
			"visit": {hiddenVisit.FindStringSubmatch(page)[1]}, "about": {"issue:printer"}, "name": {"Jonas"}, "description": {"It says no."},
		})
		if err != nil {
			r.t.Fatal(err)
		}
		came.Body.Close()
		if strings.HasPrefix(came.Request.URL.Path, "/visit/") {
			visit = came.Request.URL.Path
		}
		select {
		case <-tick.C:
		case <-late:
			r.t.Fatalf("nobody can come: %s, %s", came.Status, page)
		}
	}
	link := resetLink.FindStringSubmatch(olga.post("/login/people/new", url.Values{
		"name": {"Ben"}, "mail": {"ben@example.org"}, "invite": {"on"}, web.FieldOnce: {web.NewOnce()},
	}))
	if link == nil {
		r.t.Fatal("the invitation has no link")
	}
	return strings.NewReplacer("{visit}", visit, "{link}", link[1], "{session}", session.String())
}
