package admin

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"handrail/broker/chromium"
	"handrail/broker/people"
)

// crowd adds so many reps, who need no password.
func (h *house) crowd(n int) {
	h.t.Helper()
	for i := range n {
		_, err := h.store.Change(h.t.Context(), 1, people.SetRep{Rep: people.Rep{PublicName: fmt.Sprintf("Rep %03d", i+1)}}, start)
		h.must(err)
	}
}

// members are those of a team as they are kept.
func (h *house) members(team uint64) map[uint64]people.Rank {
	h.t.Helper()
	o, err := h.store.Organisation(h.t.Context())
	h.must(err)
	return o.Teams[team].Members
}

func TestA01SeveralComeIntoATeamAtOnceOrNobodyDoes(t *testing.T) {
	h := furnished(t) // Olga is 1, Rudi 2 and in the team
	h.crowd(3)
	b := h.in("olga")
	save := func(pairs ...string) answer {
		return b.post("/login/teams/1", append(pairs, "name", "Support", "was", b.was("/login/teams/1"))...)
	}
	before := map[uint64]people.Rank{2: people.Member}
	for name, row := range map[string]struct {
		form   []string
		status int
		says   string
	}{
		"one who is not there": {[]string{"add", "3", "add", "99", "as", "0"}, http.StatusUnprocessableEntity, "Somebody whom you have chosen is not there any more"},
		"one twice":            {[]string{"add", "3", "add", "4", "add", "3", "as", "0"}, http.StatusBadRequest, "does not understand"},
		"one twice, spelled differently": {
			[]string{"add", "3", "add", "03", "as", "0"}, http.StatusBadRequest, "does not understand",
		},
		"one who is in it":  {[]string{"rank-2", "0", "add", "3", "add", "2", "as", "1"}, http.StatusBadRequest, "does not understand"},
		"one that is none":  {[]string{"add", "3", "add", "x", "as", "0"}, http.StatusBadRequest, "does not understand"},
		"one that is empty": {[]string{"add", "3", "add", "", "as", "0"}, http.StatusBadRequest, "does not understand"},
		"a rank that is none": {
			[]string{"add", "3", "add", "4", "as", "3"}, http.StatusBadRequest, "does not understand",
		},
		"no rank": {[]string{"add", "3", "add", "4"}, http.StatusBadRequest, "does not understand"},
	} {
		h.want(name, save(row.form...), row.status, row.says)
		if got := h.members(1); !maps.Equal(got, before) {
			t.Fatalf("%s: kept %v", name, got)
		}
	}
	h.want("three", save("rank-2", "0", "add", "3", "add", "4", "add", "5", "as", "1"), http.StatusSeeOther, "did=saved")
	if got, want := h.members(1), (map[uint64]people.Rank{2: people.Member, 3: people.Lead, 4: people.Lead, 5: people.Lead}); !maps.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
}

// TestA01ATeamIsFilledFromAListOfManyPeople goes the way of the hand: a short
// list is open, a long one opens, and everybody ticked there comes in.
func TestA01ATeamIsFilledFromAListOfManyPeople(t *testing.T) {
	h := furnished(t)
	w := chromium.Open(t, h.frame.Origin)
	w.Go("/login/teams/1")
	signsIn(w, "olga")
	w.Wait(".choose") // Olga alone
	w.Looks("team-few")
	h.crowd(200)
	w.Go("/login/teams/1")
	w.Wait("#add")
	w.Looks("team-many-closed")
	if chromium.Eval[bool](w, `document.querySelector(".choose").checkVisibility()`) {
		t.Error("a long list is open")
	}
	w.Click("#add")
	w.Wait(".choose")
	w.Looks("team-many")
	for _, rep := range []string{"3", "100", "202"} {
		w.Click(`[name="add"][value="` + rep + `"]`)
	}
	w.Choose(`[name="as"]`, "1")
	w.Follow("main .buttons button")
	w.WaitText("Saved.")
	w.Looks("team-filled")
	want := map[uint64]people.Rank{2: people.Member, 3: people.Lead, 100: people.Lead, 202: people.Lead}
	if got := h.members(1); !maps.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	if text := w.Text("#add"); !strings.Contains(text, "198") {
		t.Errorf("the list is called %q", text)
	}
}
