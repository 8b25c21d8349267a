package admin

import (
	"net/http"
	"testing"

	"handrail/broker/people"
	"handrail/broker/policy"
	"handrail/broker/settings"
)

func TestA04TheLogCallsRepsTeamsAndRolesByTheirNames(t *testing.T) {
	h := furnished(t)
	h.crowd(1)
	change := func(c people.Change) {
		t.Helper()
		_, err := h.store.Change(t.Context(), 1, c, start)
		h.must(err)
	}
	change(people.SetTeam{Team: people.Team{Name: "R&D <1>", Above: 1, Members: map[uint64]people.Rank{2: people.Manager, 3: people.Member}}})
	change(people.GiveRole{Rep: 2, Role: "auditor"})
	set, version, err := h.store.Settings(t.Context())
	h.must(err)
	set.Portals = settings.Default("Grüner Zweig").Portals
	set.RepPolicies = map[uint64]policy.Policy{3: {policy.Control: policy.Deny}}
	h.must(h.store.SetSettings(t.Context(), 1, version, set, start))
	b := h.in("olga")
	for _, text := range []string{"above: Support (1) · members: Rep 001 (3): Member, Rudi (2): Manager", "role: Auditor (auditor)", "repPolicies.Rep 001 (3)."} {
		h.want("the log", b.get("/login/audit"), http.StatusOK, text)
	}

	// What has another name is called by it, what is gone by its number; the
	// entries stay as they were written.
	before, head, err := h.store.AuditHead(t.Context())
	h.must(err)
	change(people.SetRep{Rep: people.Rep{ID: 2, PublicName: "Rudolf", Mail: "rudi@example.org"}})
	change(people.TakeRole{Rep: 2, Role: "auditor"})
	change(people.RemoveRole{ID: "auditor"})
	change(people.RemoveTeam{ID: 1})
	for _, text := range []string{"above: 1 · members: Rep 001 (3): Member, Rudolf (2): Manager", "role: auditor"} {
		h.want("the log", b.get("/login/audit"), http.StatusOK, text)
	}
	entries, err := h.store.Audit(t.Context(), people.AuditFilter{Before: before + 1, Limit: 1})
	h.must(err)
	if entries[0].Hash != head {
		t.Error("an entry has changed")
	}
	h.want("the file", b.post("/login/audit/export"), http.StatusOK, `{""above"":1,""members"":{""2"":2,""3"":0}}`)
	h.want("the chain", b.get("/login/audit/check"), http.StatusOK, "The log holds")
}
