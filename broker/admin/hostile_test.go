package admin

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/words"
)

// routes are all pages of this package: with what they take, and the permission
// that they need ("" is being signed in, "-" nothing).
var routes = []struct {
	path      string
	get, post bool
	may       people.Permission
	form      []string // something that would change something
}{
	{"/login/in", true, true, "-", []string{"mail", "olga@example.org", "password", "wrong"}},
	{"/login/factor", true, true, "-", []string{"code", "123456"}},
	{"/login/passkey/options", false, true, "-", nil},
	{"/login/passkey", false, true, "-", nil},
	{"/login/oidc", true, false, "-", nil},
	{"/login/oidc/back", true, false, "-", nil},
	{"/login/first", true, true, "-", []string{"code", "x"}},
	{"/login/reset/x", true, true, "-", []string{"new", good, "again", good}},
	{"/login/out", false, true, "", []string{}},
	{"/login/here", true, true, "", []string{}},
	{"/login/", true, false, "", nil},
	{"/login/account", true, false, "", nil},
	{"/login/account/password", true, true, "", []string{"password", good, "new", other, "again", other}},
	{"/login/account/factor", true, true, "", []string{"do", "begin", "password", good}},
	{"/login/account/factor/qr.png", true, false, "", nil},
	{"/login/account/factor/codes", false, true, "", []string{"password", good}},
	{"/login/account/factor/drop", false, true, "", []string{"password", good}},
	{"/login/account/factor/passkeys/drop", false, true, "", []string{"password", good, "id", "00"}},
	{"/login/account/factor/passkeys/options", false, true, "", nil},
	{"/login/account/factor/passkeys", false, true, "", nil},
	{"/login/account/provider", false, true, "", []string{"password", good}},
	{"/login/account/logins", false, true, "", []string{"do", "others"}},
	{"/login/account/consoles", false, true, "", []string{"console", "1"}},
	{"/login/console", true, true, "", []string{"code", "7K2P-X0M4"}},
	{"/login/console/7K2P-X0M4", true, true, "", []string{"do", "allow"}},
	{"/login/queues", true, false, people.AllReports, nil},
	{"/login/revoke", true, true, people.RevokeEverything, []string{"typed", "REVOKE"}},
	{"/login/people", true, false, people.ManagePeople, nil},
	{"/login/people/new", true, true, people.ManagePeople, []string{"name", "New"}},
	{"/login/people/1", true, true, people.ManagePeople, []string{"name", "Else"}},
	{"/login/people/2/state", false, true, people.ManagePeople, []string{"do", "disable"}},
	{"/login/people/2/role", false, true, people.EditRoles, []string{"do", "give", "role", "owner"}},
	{"/login/people/2/reset", false, true, people.ManagePeople, []string{}},
	{"/login/people/2/answer", false, true, people.ManagePeople, []string{"do", "approve", "reset", strings.Repeat("00", 32)}},
	{"/login/people/2/console", false, true, people.ManagePeople, []string{"console", "1"}},
	{"/login/teams", true, false, people.EditTeams, nil},
	{"/login/teams/new", true, true, people.EditTeams, []string{"name", "Other"}},
	{"/login/teams/1", true, true, people.EditTeams, []string{"name", "Else"}},
	{"/login/teams/1/remove", false, true, people.EditTeams, []string{}},
	{"/login/roles", true, false, people.EditRoles, nil},
	{"/login/roles/new", true, true, people.EditRoles, []string{"name", "Other"}},
	{"/login/roles/auditor", true, true, people.EditRoles, []string{"name", "Else"}},
	{"/login/roles/auditor/remove", false, true, people.EditRoles, []string{}},
	{"/login/audit", true, false, people.ReadAudit, nil},
	{"/login/audit/check", true, false, people.ReadAudit, nil},
	{"/login/audit/export", false, true, people.ReadAudit, []string{}},
}

// furnished is a house with an owner (1), a rep (2), a team, a role, and a
// console that asks.
func furnished(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	owner := h.owner()
	rep := h.person(owner, "Rudi")
	old := start.Add(-50 * 24 * time.Hour)
	for _, c := range []people.Change{
		people.SetTeam{Team: people.Team{Name: "Support", Members: map[uint64]people.Rank{rep: people.Member}}},
		people.SetRole{Role: people.Role{ID: "auditor", Name: "Auditor", May: people.Of(people.ReadAudit)}},
	} {
		_, err := h.store.Change(t.Context(), owner, c, old)
		h.must(err)
	}
	h.asks("7K2P-X0M4", "127.0.0.1")
	return h
}

func TestNothingIsShownOrDoneWithoutALogin(t *testing.T) {
	h := furnished(t)
	before := h.dump()
	b := h.browser()
	for _, row := range routes {
		if row.may == "-" {
			continue
		}
		for _, got := range []answer{b.get(row.path), b.post(row.path, row.form...)} {
			here := row.path == "/login/here" && got.status == http.StatusUnauthorized
			if !here && (got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, "/login/in")) {
				t.Errorf("%s: %d to %q", row.path, got.status, got.to)
			}
		}
	}
	if h.dump() != before {
		t.Error("something has changed")
	}
}

func TestNoPageIsShownOrDoneWithoutItsPermission(t *testing.T) {
	h := furnished(t)
	b := h.in("rudi")
	before := h.dump()
	for _, row := range routes {
		if row.may == "-" || row.may == "" {
			continue
		}
		for _, got := range []answer{b.get(row.path), b.post(row.path, row.form...)} {
			if got.status != http.StatusForbidden || !got.has("do not have the permission") {
				t.Errorf("%s: %d to %q", row.path, got.status, got.to)
			}
		}
	}
	for _, hidden := range []string{"/login/people", "/login/audit", "/login/revoke"} {
		if b.get("/login/").has(`href="` + hidden) {
			t.Errorf("a link to %s", hidden)
		}
	}
	if h.dump() != before {
		t.Error("something has changed")
	}
}

func TestReadingAPageChangesNothing(t *testing.T) {
	h := furnished(t)
	b := h.in("olga")
	before := h.dump()
	for _, row := range routes {
		got := b.get(row.path + "?do=disable&name=X&typed=REVOKE&role=owner&code=1&state=1")
		refused := got.status == http.StatusMethodNotAllowed
		if refused == row.get && row.path != "/login/factor" && !strings.HasPrefix(row.path, "/login/oidc") && row.path != "/login/account/factor/qr.png" && row.path != "/login/reset/x" || got.status >= 500 {
			t.Errorf("%s: %d", row.path, got.status)
		}
		for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions} {
			r, err := http.NewRequestWithContext(t.Context(), method, h.server.URL+row.path, nil)
			h.must(err)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			if got := b.do(r); got.status < 400 || got.status >= 500 {
				t.Errorf("%s %s: %d", method, row.path, got.status)
			}
		}
	}
	if h.dump() != before {
		t.Error("something has changed")
	}
}

func TestAnotherSitesFormDoesNothing(t *testing.T) {
	h := furnished(t)
	b := h.in("olga")
	before := h.dump()
	for _, row := range routes {
		if !row.post {
			continue
		}
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example.org"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.server.URL+row.path, strings.NewReader("do=disable"))
			h.must(err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(name, value)
			if got := b.do(r); got.status != http.StatusForbidden {
				t.Errorf("%s with %s: %d", row.path, name, got.status)
			}
		}
	}
	if h.dump() != before {
		t.Error("something has changed")
	}
}

func TestWhateverIsSentTheAnswerIsClear(t *testing.T) {
	h := furnished(t)
	b := h.in("olga")
	huge := strings.Repeat("x", 100<<10)
	junk := []string{
		"", "\x00", "💥\u202e", "-1", "99999999999999999999999", "../../etc/passwd", "'; drop table reps; --", "<script>alert(1)</script>", strings.Repeat("ü", 1000),
		"%zz", "{}",
	}
	names := []string{
		"mail", "password", "new", "again", "code", "name", "private", "order", "idle", "do", "role", "reset", "console", "login", "was", "above",
		"add", "as", "may", "typed", "next", "id", "rank-2", "listed",
	}
	for _, row := range routes {
		if !row.post || row.path == "/login/out" || row.path == "/login/in" { // these are right in any case, or wait
			continue
		}
		for _, value := range junk {
			var form []string
			for _, n := range names {
				form = append(form, n, value, n, value) // twice each
			}
			got := b.post(row.path, form...)
			if got.status >= 500 || got.status < 300 && row.path != "/login/people/2/reset" && row.path != "/login/audit/export" || strings.Contains(got.body, "<script>alert") || strings.Contains(got.body, "goroutine") {
				t.Errorf("%s with %.20q: %d to %q", row.path, value, got.status, got.to)
			}
		}
		if got := b.post(row.path, "name", huge); got.status != http.StatusRequestEntityTooLarge && !strings.Contains(row.path, "passkey") {
			t.Errorf("%s with too much: %d", row.path, got.status)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.server.URL+row.path, strings.NewReader(`<xml/>`))
		h.must(err)
		r.Header.Set("Content-Type", "text/xml")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if got := b.do(r); got.status < 400 || got.status >= 500 {
			t.Errorf("%s with XML: %d", row.path, got.status)
		}
	}
	for _, path := range []string{
		"/login/people/0", "/login/people/-1", "/login/people/99", "/login/people/x", "/login/teams/99999999999999999999999", "/login/roles/%00", "/login/roles/..%2f",
		"/login/setup", "/login/debug", "/login/install", "/login/.env", "/login/static/", "/login/static/../in", "/login/reset/", "/login/console/%ff",
	} {
		if got := b.get(path); got.status < 300 || got.status >= 500 || strings.Contains(got.body, "goroutine") {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	for _, q := range []string{"/login/people?q=%00%ff&from=-5", "/login/people?from=99999999999999999999", "/login/audit?before=x&who=rep:0&from=nonsense&to=9999-99-99&what=%27", "/login/?did=nonsense"} {
		if got := b.get(q); got.status != http.StatusOK {
			t.Errorf("%s: %d", q, got.status)
		}
	}
	if log := h.log.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("the log says\n%s", log)
	}
}

func TestOnlyWhoIsSignedInIsWaitedForOnASlowLine(t *testing.T) {
	h := furnished(t)
	b := h.in("olga")
	page := h.frame.Protect(people.EditTeams, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := web.ReadForm(w, r, maxForm); ok {
			t.Error("half a form is taken")
		}
	}))
	at, err := url.Parse(h.server.URL)
	h.must(err)
	for name, row := range map[string]struct {
		known bool
		h     http.Handler
		path  string
	}{
		"a page": {true, h.frame, "/login/teams/1"}, "another package's": {true, page, "/login/portals"},
		"signing in": {false, h.frame, "/login/in"},
	} {
		r := httptest.NewRequest(http.MethodPost, row.path, iotest.ErrReader(os.ErrDeadlineExceeded))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		for _, c := range b.client.Jar.Cookies(at) {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		row.h.ServeHTTP(w, r)
		if said := strings.Contains(w.Body.String(), string(words.AdminSlow)); w.Code != http.StatusBadRequest || said != row.known {
			t.Errorf("%s: %d, and that it was too slow: %v", name, w.Code, said)
		}
	}
}

func TestTheAnswersAreForNoOtherSite(t *testing.T) {
	h := furnished(t)
	for _, got := range []answer{h.browser().get("/login/in"), h.in("olga").get("/login/people")} {
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s is %q", name, got.header.Get(name))
			}
		}
		if policy := got.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("policy %q", policy)
		}
	}
}
