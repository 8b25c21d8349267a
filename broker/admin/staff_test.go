package admin

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"handrail/broker/chain"
	"handrail/broker/people"
)

var linkShownOnce = regexp.MustCompile(`value="https://[^"/]+(/login/reset/[A-Za-z0-9_-]{43})"`)

// link finds the link on a page that gives one.
func (h *house) link(got answer) string {
	h.t.Helper()
	found := linkShownOnce.FindStringSubmatch(got.body)
	if got.status != http.StatusOK || found == nil {
		h.t.Fatalf("no link: %d\n%s", got.status, main(got.body))
	}
	return found[1]
}

func TestA01SomebodyIsAddedInvitedAndComesIn(t *testing.T) {
	h := furnished(t)
	b := h.in("olga")
	add := func(pairs ...string) answer { return b.post("/login/people/new", pairs...) }
	h.want("no name", add("name", " ", "mail", "x@example.org"), http.StatusUnprocessableEntity, "1 to 80 characters")
	h.want("a long name", add("name", strings.Repeat("ü", 81)), http.StatusUnprocessableEntity, "1 to 80 characters")
	h.want("no address", add("name", "Anna", "mail", "anna"), http.StatusUnprocessableEntity, "not a mail address")
	h.want("taken", add("name", "Anna", "mail", "RUDI@example.org"), http.StatusUnprocessableEntity, "has this mail address")
	h.want("an invitation to nowhere", add("name", "Anna", "invite", "on"), http.StatusUnprocessableEntity, "needs a mail address")
	h.want("numbers", add("name", "Anna", "order", "x", "idle", "-5"), http.StatusUnprocessableEntity, "whole number from 0 to")
	link := h.link(add("name", "Anna", "mail", "anna@example.org", "invite", "on", "listed", "on", "order", "3", "idle", "20"))
	if strings.Contains(h.dump(), link[len("/login/reset/"):]) {
		t.Error("the link is kept")
	}
	page := b.get("/login/people/3")
	h.want("the page", page, http.StatusOK, "An invitation has been made")
	if page.has(link) {
		t.Error("the link is shown again")
	}
	guest := h.browser()
	h.want("the invitation", guest.get(link), http.StatusOK, "Welcome, Anna")
	h.want("short", guest.post(link, "new", "short", "again", "short"), http.StatusUnprocessableEntity, "Too short")
	h.want("the own name", guest.post(link, "new", "annaannaanna", "again", "annaannaanna"), http.StatusUnprocessableEntity, "made of your name")
	h.want("a password", guest.post(link, "new", good, "again", good), http.StatusSeeOther, "/login/in?did=reset")
	h.want("the link again", guest.get(link), http.StatusNotFound, "works no more")
	h.want("and again", guest.post(link, "new", other, "again", other), http.StatusNotFound, "works no more")
	h.in("anna")
	h.want("search", b.get("/login/people?q=ANNA+example"), http.StatusOK, "anna@example.org")
	if b.get("/login/people?q=anna+support").has("anna@example.org") || !b.get("/login/people?q=support").has("rudi@example.org") {
		t.Error("the search finds something else")
	}
	h.want("nobody", b.get("/login/people?q=%3Cscript%3E"), http.StatusOK, "Nobody fits “<script>”.")
	if h.changed == 0 {
		t.Error("the rest of the broker was not told")
	}
}

func TestA01AFormFromBeforeAnothersChangeUndoesNothing(t *testing.T) {
	h := furnished(t)
	b, second := h.in("olga"), h.in("olga")
	for _, row := range []struct {
		path         string
		first, later []string
		kept         string
		told         []string // to the later one: what was typed, and what is kept
	}{
		{
			"/login/people/2",
			[]string{"name", "Rudolf", "mail", "rudi@example.org"},
			[]string{"name", "Rudi", "mail", "old@example.org", "listed", "on"},
			"rudi@example.org",
			[]string{`value="old@example.org"`, "moment: “rudi@example.org”", "moment: “Rudolf”", "moment: no."},
		},
		{
			"/login/teams/1",
			[]string{"name", "First line", "rank-2", "1"},
			[]string{"name", "Support desk", "rank-2", "2", "add", "1", "as", "0"},
			"First line",
			[]string{`value="Support desk"`, "moment: “First line”", "moment: “Lead”", `name="rank-1"`, "moment: nothing."},
		},
		{
			"/login/roles/auditor",
			[]string{"name", "Inspector", "may", "audit.read"},
			[]string{"name", "Examiner", "may", "reports.all"},
			"Inspector",
			[]string{`value="Examiner"`, "moment: “Inspector”", "moment: yes.", "moment: no."},
		},
	} {
		was := second.was(row.path)
		h.want("the first", b.post(row.path, append(row.first, "was", was)...), http.StatusSeeOther, "did=saved")
		later := second.post(row.path, append(row.later, "was", was)...)
		h.want("the later one", later, http.StatusConflict, "Somebody else has changed this")
		for _, text := range row.told {
			h.want("to the later one", later, http.StatusConflict, text)
		}
		h.want("what is kept", b.get(row.path), http.StatusOK, row.kept)
		h.want("no stamp", second.post(row.path, row.later...), http.StatusConflict, "Somebody else")
	}
}

// TestA01WhoIsPutOutStaysOutOnAFormThatIsShownAgain: it must not need to be said
// twice.
func TestA01WhoIsPutOutStaysOutOnAFormThatIsShownAgain(t *testing.T) {
	h := furnished(t)
	b := h.in("olga")
	const path, out = "/login/teams/1", `name="rank-2"`
	was := b.was(path)
	chosen := func(what string, status int, name, was string) {
		t.Helper()
		page := b.post(path, "name", name, "rank-2", "out", "was", was)
		h.want(what, page, status, out)
		_, row, _ := strings.Cut(page.body, out)
		row, _, _ = strings.Cut(row, "</select>")
		if strings.Count(row, "selected") != 1 || !strings.Contains(row, `value="out" selected`) {
			t.Errorf("%s: %s", what, row)
		}
	}
	chosen("a wrong name", http.StatusUnprocessableEntity, "", was)
	h.want("another's change", b.post(path, "name", "First line", "rank-2", "1", "was", was), http.StatusSeeOther, "did=saved")
	chosen("after it", http.StatusConflict, "Support", was)
	h.want("what another has kept", b.post(path, "name", "Support", "rank-2", "out", "was", was), http.StatusConflict, "moment: “Lead”")
	h.want("sent again", b.post(path, "name", "Support", "rank-2", "out", "was", b.was(path)), http.StatusSeeOther, "did=saved")
	if page := b.get(path).body; strings.Contains(page, out) {
		t.Error("still a member")
	}
}

func TestA01TeamsAndRolesAreMadeChangedAndRemoved(t *testing.T) {
	h := furnished(t)
	b := h.in("olga")
	h.want("the list", b.get("/login/teams"), http.StatusOK, "Support")
	h.want("no name", b.post("/login/teams/new", "name", ""), http.StatusUnprocessableEntity, "1 to 80")
	h.want("taken", b.post("/login/teams/new", "name", "Support"), http.StatusUnprocessableEntity, "has this name already")
	h.want("a new one", b.post("/login/teams/new", "name", "Night", "above", "1", "add", "2", "as", "2"), http.StatusSeeOther, "/login/teams/2?did=team-added")
	h.want("the page", b.get("/login/teams/2"), http.StatusOK, "Night")
	h.want("in a circle", b.post("/login/teams/1", "name", "Support", "above", "2", "was", b.was("/login/teams/1")), http.StatusUnprocessableEntity, "above itself")
	for _, bad := range [][]string{{"above", "x"}, {"add", "2", "as", "9"}, {"add", "x", "as", "0"}, {"rank-2", "7"}} {
		h.want("nonsense", b.post("/login/teams/2", append(bad, "name", "Night", "was", b.was("/login/teams/2"))...), http.StatusBadRequest, "")
	}
	h.want("nobody in it", b.post("/login/teams/2", "name", "Night", "add", "99", "as", "0", "was", b.was("/login/teams/2")), http.StatusUnprocessableEntity, "not there")
	h.want("out", b.post("/login/teams/2", "name", "Night", "rank-2", "out", "was", b.was("/login/teams/2")), http.StatusSeeOther, "did=saved")
	h.want("removed", b.post("/login/teams/2/remove"), http.StatusSeeOther, "did=team-gone")
	h.want("gone", b.get("/login/teams/2"), http.StatusNotFound, "not there")

	h.want("the list", b.get("/login/roles"), http.StatusOK, "Auditor")
	h.want("a new one", b.post("/login/roles/new", "name", "Night ßhift", "may", "reports.all", "may", "nonsense"), http.StatusSeeOther, "/login/roles/night--hift?did=role-added")
	h.want("another of that name", b.post("/login/roles/new", "name", "Night ßhift"), http.StatusSeeOther, "/login/roles/night--hift-2")
	h.want("one called new", b.post("/login/roles/new", "name", "New"), http.StatusSeeOther, "/login/roles/new-2")
	h.want("built in", b.post("/login/roles/owner", "name", "Owner", "was", b.was("/login/roles/owner")), http.StatusUnprocessableEntity, "as it is")
	h.want("built in, removed", b.post("/login/roles/owner/remove"), http.StatusUnprocessableEntity, "as it is")
	h.want("given", b.post("/login/people/2/role", "do", "give", "role", "night--hift"), http.StatusSeeOther, "did=role-given")
	h.want("held", b.post("/login/roles/night--hift/remove"), http.StatusUnprocessableEntity, "Somebody holds this role")
	h.want("taken", b.post("/login/people/2/role", "do", "take", "role", "night--hift"), http.StatusSeeOther, "did=role-taken")
	h.want("removed", b.post("/login/roles/night--hift/remove"), http.StatusSeeOther, "did=role-gone")
	h.want("the last owner", b.post("/login/people/1/role", "do", "take", "role", "owner"), http.StatusUnprocessableEntity, "last owner")
	h.want("no such role", b.post("/login/people/2/role", "do", "give", "role", "x"), http.StatusUnprocessableEntity, "not there")
}

func TestA01NobodyIsAskedForWhatTheyCannotDo(t *testing.T) {
	h := furnished(t)
	h.person(1, "Anna", people.AdministratorRole)
	const step = "a second owner"
	h.want("the owner", h.in("olga").get("/login/"), http.StatusOK, step)
	b := h.in("anna")
	if got := b.get("/login/"); got.status != http.StatusOK || got.has(step) {
		t.Errorf("an administrator: %d, asked for %s: %v", got.status, step, got.has(step))
	}
	h.want("no role is the first to be given", b.get("/login/people/2"), http.StatusOK, `<select name="role" required><option value="">`)
	h.want("no such page", b.get("/login/nonsense"), http.StatusNotFound, "Go to the overview")
}

func TestA01WhoWasAddedOnAFormThatIsShownAgainIsStillAdded(t *testing.T) {
	h := furnished(t)
	b := h.in("olga")
	again := b.post("/login/teams/new", "name", "", "add", "2", "as", "1")
	h.want("without a name", again, http.StatusUnprocessableEntity, `name="rank-2"`)
	h.want("with one", b.post("/login/teams/new", "name", "Night", "rank-2", "1"), http.StatusSeeOther, "/login/teams/2?did=team-added")
	h.want("the team", b.get("/login/teams"), http.StatusOK, `data-name="Leads and managers">Rudi`)
}

func TestA01NobodyGivesWhatTheyDoNotHave(t *testing.T) {
	h := furnished(t)
	h.person(1, "Anna", people.AdministratorRole)
	b := h.in("anna")
	h.want("owner to another", b.post("/login/people/2/role", "do", "give", "role", "owner"), http.StatusUnprocessableEntity, "Nobody can give")
	h.want("owner to herself", b.post("/login/people/3/role", "do", "give", "role", "owner"), http.StatusUnprocessableEntity, "own rights")
	h.want("a role that may more", b.post("/login/roles/new", "name", "Strong", "may", "revoke.everything"), http.StatusSeeOther, "/login/roles/strong")
	h.want("which nobody gets from her", b.post("/login/people/2/role", "do", "give", "role", "strong"), http.StatusUnprocessableEntity, "Nobody can give")
	h.want("the owner disabled", b.post("/login/people/1/state", "do", "disable"), http.StatusUnprocessableEntity, "Nobody can give")
	h.want("the owner's name", b.post("/login/people/1", "name", "X", "mail", "eve@example.org", "was", b.was("/login/people/1")), http.StatusUnprocessableEntity, "Nobody can give")
	h.want("the owner's password", b.post("/login/people/1/reset"), http.StatusUnprocessableEntity, "Nobody can give")
	h.want("her own password", b.post("/login/people/3/reset"), http.StatusUnprocessableEntity, "Another administrator")
	h.want("everything", b.post("/login/revoke", "typed", "REVOKE"), http.StatusForbidden, "permission")
}

func TestA01ADisabledAccountIsOutAtOnceAndComesBackAsItWas(t *testing.T) {
	h := furnished(t)
	b, rudi := h.in("olga"), h.in("rudi")
	h.want("disabled", b.post("/login/people/2/state", "do", "disable"), http.StatusSeeOther, "did=disabled")
	h.want("inside", rudi.get("/login/"), http.StatusSeeOther, "/login/in")
	h.want("signing in", rudi.post("/login/in", "mail", "rudi@example.org", "password", good), http.StatusUnprocessableEntity, "do not go together")
	h.want("the list", b.get("/login/people"), http.StatusOK, "Disabled")
	h.want("enabled", b.post("/login/people/2/state", "do", "enable"), http.StatusSeeOther, "did=enabled")
	h.in("rudi")
	h.want("nonsense", b.post("/login/people/2/state", "do", "delete"), http.StatusBadRequest, "")
}

// resetHouse has two administrators whose rights are old, and a rep with an app.
func resetHouse(t *testing.T) (h *house, anna, berta *browser_, code func() string) {
	t.Helper()
	h = furnished(t)
	h.person(1, "Anna", people.AdministratorRole)
	h.person(1, "Berta", people.AdministratorRole)
	return h, h.in("anna"), h.in("berta"), h.app(2)
}

func TestA01ALostPasswordComesBackWithTheSecondFactor(t *testing.T) {
	h, anna, berta, code := resetHouse(t)
	link := h.link(anna.post("/login/people/2/reset"))
	// The administrator has the link, and tries it.
	h.want("the link alone", anna.get(link), http.StatusOK, "give the code of your authenticator app")
	h.want("a password with it alone", anna.post(link, "new", other, "again", other), http.StatusUnprocessableEntity, "not right")
	for range 3 {
		anna.post(link, "code", "000000")
	}
	anna.post(link, "code", "000000")
	h.want("guessing", anna.post(link, "code", code()), http.StatusTooManyRequests, "Please try again in")
	page := berta.get("/login/people/2")
	h.want("the other administrator", page, http.StatusOK, "waits for the rep’s second factor")
	if page.has(">Agree<") {
		t.Error("she could agree, though the factor is needed")
	}
	h.pass(time.Hour)
	rudi := h.browser()
	h.want("the factor", rudi.post(link, "code", code()), http.StatusSeeOther, link)
	h.want("the page", rudi.get(link), http.StatusOK, "Choose a new password")
	h.want("the password", rudi.post(link, "new", other, "again", other), http.StatusSeeOther, "did=reset")
	h.want("the factor stays", rudi.post("/login/in", "mail", "rudi@example.org", "password", other), http.StatusSeeOther, "/login/factor")
}

func TestA01ALostFactorNeedsTwoAdministrators(t *testing.T) {
	h, anna, berta, _ := resetHouse(t)
	link := h.link(anna.post("/login/people/2/reset", "lost", "on"))
	guest := h.browser()
	h.want("the link alone", guest.get(link), http.StatusOK, "Another administrator must agree")
	h.want("a password with it alone", guest.post(link, "new", other, "again", other), http.StatusOK, "Another administrator must agree")
	page := anna.get("/login/people/2")
	if page.has(">Agree<") {
		t.Error("who started it could agree")
	}
	waiting, err := h.store.Resets(t.Context(), h.clock())
	h.must(err)
	id := stampOf(waiting[0].Link)
	h.want("who started it agrees", anna.post("/login/people/2/answer", "do", "approve", "reset", id), http.StatusUnprocessableEntity, "Another administrator must agree")
	h.want("told at the door", berta.get("/login/"), http.StatusOK, "Rudi needs your yes")
	h.want("the other agrees", berta.post("/login/people/2/answer", "do", "approve", "reset", id), http.StatusSeeOther, "did=approved")
	if berta.get("/login/people/2").has(link) {
		t.Error("the other one sees the link")
	}
	h.want("the password", guest.post(link, "new", other, "again", other), http.StatusSeeOther, "did=reset")
	h.want("the factor is gone", guest.post("/login/in", "mail", "rudi@example.org", "password", other), http.StatusSeeOther, "/login/")

	again := h.link(anna.post("/login/people/2/reset"))
	waiting, err = h.store.Resets(t.Context(), h.clock())
	h.must(err)
	h.want("cancelled", berta.post("/login/people/2/answer", "do", "cancel", "reset", stampOf(waiting[0].Link)), http.StatusSeeOther, "did=cancelled")
	h.want("the link", guest.get(again), http.StatusNotFound, "works no more")
	h.want("a day later", guest.get(link), http.StatusNotFound, "works no more")
}

func TestA01ATeamWhoseMembersHaveLeftIsSeenToBeEmpty(t *testing.T) {
	h := furnished(t)
	b := h.in("olga")
	h.want("the team", b.post("/login/teams/new", "name", "Night", "add", "2", "as", "1"), http.StatusSeeOther, "/login/teams/2")
	h.want("the lead", b.get("/login/teams"), http.StatusOK, `<td class="number" data-name="Members">1</td><td data-name="Leads and managers">Rudi</td>`)
	h.want("the lead leaves", b.post("/login/people/2/state", "do", "disable"), http.StatusSeeOther, "did=disabled")
	h.want("the list", b.get("/login/teams"), http.StatusOK, `<td class="number" data-name="Members">0</td><td data-name="Leads and managers"></td>`)
	h.want("the page", b.get("/login/teams/2"), http.StatusOK, `Rudi</a> <span class="tag bad">Disabled</span>`)
}

func TestA01ItIsSaidWhoCanAgreeToAResetOrThatNobodyCan(t *testing.T) {
	h := furnished(t)
	carla := h.person(1, "Carla")
	_, err := h.store.Change(t.Context(), 1, people.GiveRole{Rep: carla, Role: people.AdministratorRole}, h.clock())
	h.must(err)
	olga := h.in("olga")
	h.want("in a new house", olga.post("/login/people/2/reset", "lost", "on"), http.StatusOK, "Nobody can at the moment")
	h.want("to whoever was made by her", h.in("carla").get("/login/people/2"), http.StatusOK, "Nobody can at the moment")
	h.pass(people.Seasoned)
	olga, again := h.in("olga"), h.in("carla")
	h.want("a week later", olga.post("/login/people/2/reset", "lost", "on"), http.StatusOK, "Who can: Carla.")
	h.want("to her who waits", olga.get("/login/people/2"), http.StatusOK, "Who can: Carla.")
	if page := again.get("/login/people/2"); page.has("Who can") || !page.has(">Agree<") {
		t.Error("she who can is not asked")
	}
}

func TestA01AnInvitationOfSomebodyWhoGotARoleNeedsAnotherAdministrator(t *testing.T) {
	h, anna, berta, _ := resetHouse(t)
	link := h.link(anna.post("/login/people/new", "name", "Carl", "mail", "carl@example.org", "invite", "on"))
	guest := h.browser()
	h.want("at first", guest.get(link), http.StatusOK, "Welcome, Carl")
	_, err := h.store.Change(t.Context(), 1, people.GiveRole{Rep: 5, Role: "auditor"}, h.clock().Add(-30*24*time.Hour))
	h.must(err)
	h.want("then", guest.get(link), http.StatusOK, "Another administrator must agree")
	h.want("a password", guest.post(link, "new", good, "again", good), http.StatusOK, "Another administrator must agree")
	waiting, err := h.store.Resets(t.Context(), h.clock())
	h.must(err)
	h.want("the other one sees it", berta.get("/login/people/5"), http.StatusOK, ">Agree<")
	h.want("and agrees", berta.post("/login/people/5/answer", "do", "approve", "reset", stampOf(waiting[0].Link)), http.StatusSeeOther, "did=approved")
	h.want("a password now", guest.post(link, "new", good, "again", good), http.StatusSeeOther, "did=reset")
}

func stampOf(link people.Hash) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for _, x := range link {
		b.WriteByte(hex[x>>4])
		b.WriteByte(hex[x&15])
	}
	return b.String()
}

func TestA04TheLogIsShownFilteredExportedAndChecked(t *testing.T) {
	h := furnished(t)
	b := h.in("olga")
	_, err := h.store.Change(t.Context(), 1, people.SetRep{Rep: people.Rep{ID: 2, PublicName: "Rudi", Mail: "rudi@example.org", Listed: true}}, start)
	h.must(err)
	page := b.get("/login/audit")
	for _, text := range []string{"Signed in", "Added somebody", "Changed somebody", "fields: listed", "Command on the server", "Became an owner"} {
		if !page.has(text) {
			t.Errorf("the page doesn't say %q", text)
		}
	}
	h.must(h.store.Note(t.Context(), 1, "settings.change", "settings:7", start))
	h.want("a change of settings", b.get("/login/audit"), http.StatusOK, `<a href="/login/settings/history/7">Version 7</a>`)
	only := b.get("/login/audit?who=rep:1&what=login")
	if !only.has("Signed in") || main(only.body) != "" && strings.Contains(main(only.body), "Added somebody") {
		t.Errorf("filtered\n%s", main(only.body))
	}
	h.want("nothing fits", b.get("/login/audit?to=2001-01-01"), http.StatusOK, "Nothing fits")
	h.want("checked", b.get("/login/audit/check"), http.StatusOK, "The log holds")
	h.must(h.store.Note(t.Context(), 1, "=cmd()", "+x", start))
	got := b.post("/login/audit/export", "who", "rep:1")
	if got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), "text/csv") || !strings.Contains(got.body, "'=cmd(),'+x,") || strings.Contains(got.body, "\ncommand") {
		t.Errorf("%d %v\n%s", got.status, got.header, got.body)
	}
	h.want("the export is in the log", b.get("/login/audit"), http.StatusOK, "Exported the audit log")
	h.must(h.frame.tidy(t.Context()))
	if !strings.Contains(h.log.String(), `msg="audit log" entries=`) {
		t.Errorf("the log of the server says %s", h.log.String())
	}
}

func TestA04ALongEntryIsFoldedAndLeadsNobodyWhereTheyMayNotGo(t *testing.T) {
	v := &visit{}
	row := v.auditRow(chain.Entry{Act: "settings.change", Subject: "settings:7", Detail: []byte(`{"settings":["` + strings.Repeat("portäls.main ", 30) + `"]}`)})
	if short, ok := strings.CutSuffix(row.Short, "…"); !ok || !strings.HasPrefix(row.Detail, short) || utf8.RuneCountInString(short) != longDetail {
		t.Errorf("%q of %q", row.Short, row.Detail)
	}
	if row.Path != "" || row.About != "Version 7" {
		t.Errorf("who may not export settings is led to %q, %q", row.Path, row.About)
	}
	if row := v.auditRow(chain.Entry{Act: "rep.change", Subject: "rep:2", Detail: []byte(`{"fields":["listed"]}`)}); row.Short != "" || row.Detail != "fields: listed" {
		t.Errorf("a short one: %q of %q", row.Short, row.Detail)
	}
}

func TestA04ALongLogHasPages(t *testing.T) {
	h := furnished(t)
	for range 2 * auditAtOnce {
		h.must(h.store.Note(t.Context(), 1, "audit.export", "audit", start))
	}
	b := h.in("olga")
	seen := map[string]bool{}
	path := "/login/audit?what=audit"
	for pages := 0; path != "" && pages < 5; pages++ {
		page := b.get(path)
		for _, found := range regexp.MustCompile(`data-name="No\.">(\d+)<`).FindAllStringSubmatch(page.body, -1) {
			if seen[found[1]] {
				t.Errorf("entry %s twice", found[1])
			}
			seen[found[1]] = true
		}
		path = ""
		if next := regexp.MustCompile(`href="(/login/audit\?before=[^"]+)"`).FindStringSubmatch(page.body); next != nil {
			path = strings.ReplaceAll(next[1], "&amp;", "&")
		}
	}
	if len(seen) != 2*auditAtOnce {
		t.Errorf("%d entries seen", len(seen))
	}
}

func TestA06RevokingEverythingNeedsTheWordAndLeavesThisLoginAlone(t *testing.T) {
	h := furnished(t)
	b, rudi, elsewhere := h.in("olga"), h.in("rudi"), h.in("olga")
	h.want("the page", b.get("/login/revoke"), http.StatusOK, "Type REVOKE to go on")
	for _, wrong := range []string{"", "yes", "REVOKE EVERYTHING"} {
		h.want("without the word", b.post("/login/revoke", "typed", wrong), http.StatusUnprocessableEntity, "not the word")
	}
	if h.revoked != 0 {
		t.Fatal("it was done")
	}
	h.want("with it", b.post("/login/revoke", "typed", " revoke "), http.StatusSeeOther, "/login/?did=revoked")
	h.want("here", b.get("/login/?did=revoked"), http.StatusOK, "Everything was revoked")
	for _, other := range []*browser_{rudi, elsewhere} {
		h.want("elsewhere", other.get("/login/"), http.StatusSeeOther, "/login/in")
	}
	if at, err := h.store.EverythingRevoked(t.Context()); err != nil || !at.Equal(start) || h.revoked != 1 {
		t.Errorf("revoked %v, %v; told %d times", at, err, h.revoked)
	}
}

func TestQueuesAreShownToThoseWhoOverseeThem(t *testing.T) {
	h := furnished(t)
	h.want("all", h.in("olga").get("/login/queues"), http.StatusOK, "General queue")
	_, err := h.store.Change(t.Context(), 1, people.SetTeam{Team: people.Team{ID: 1, Name: "Support", Members: map[uint64]people.Rank{2: people.Lead}}}, start)
	h.must(err)
	page := h.in("rudi").get("/login/queues")
	h.want("a lead", page, http.StatusOK, "Support")
	if page.has("General queue") || page.has("Queue of Olga") {
		t.Errorf("a lead sees more than the team\n%s", main(page.body))
	}
	h.want("what goes on", h.in("rudi").get("/login/"), http.StatusOK, "sessions under way")
}
