package admin

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/words"
)

// overviewShown is what the first page shows.
type overviewShown struct {
	talk
	Known                  bool
	Waiting, Running, Reps int
	LinkQueues             bool
	Steps                  []stepRow // to begin with
	Resets                 []overviewReset
	Unprotected            bool // this rep has no second factor
	Revoke                 bool
}

// stepRow is something to do after the first sign-in.
type stepRow struct {
	Text, Path string
	Done       bool
}

type overviewReset struct{ Name, Path string }

func (f *Frame) overview(v *visit) {
	has, err := f.Store.Credentials(v.ctx(), v.rep.ID)
	if err != nil {
		v.fail(err)
		return
	}
	s := overviewShown{Unprotected: !has.HasFactor(), Revoke: v.who.May[people.RevokeEverything]}
	if f.Floor != nil {
		floor := f.Floor()
		s.Known, s.Running, s.Reps = true, floor.Running, len(floor.Reps)
		for _, q := range floor.Queues {
			s.Waiting += q.Waiting
		}
	}
	s.LinkQueues = v.who.May[people.AllReports] || v.who.May[people.TeamReports]
	if v.who.May[people.ApproveResets] {
		waiting, err := f.Store.Resets(v.ctx(), v.now)
		if err != nil {
			v.fail(err)
			return
		}
		for _, w := range waiting {
			if v.mayApprove(w) {
				s.Resets = append(s.Resets, overviewReset{v.all.Reps[w.Rep].Called(), "/login/people/" + strconv.FormatUint(w.Rep, 10)})
			}
		}
	}
	if v.who.May[people.ManagePeople] && v.who.May[people.EditTeams] {
		steps := []stepRow{
			{v.say.Say(words.AdminStepFactor), "/login/account/factor", has.HasFactor()},
			{v.say.Say(words.AdminStepPeople), "/login/people/new", len(v.all.Reps) > 1},
			{v.say.Say(words.AdminStepTeam), "/login/teams/new", len(v.all.Teams) > 0},
		}
		if owners := v.all.Owners(); slices.Contains(owners, v.rep.ID) { // nobody else can
			steps = append(steps, stepRow{v.say.Say(words.AdminStepOwner), "/login/people", len(owners) > 1})
		}
		if slices.ContainsFunc(steps, func(s stepRow) bool { return !s.Done }) {
			s.Steps = steps
		}
	}
	v.show(http.StatusOK, web.Page{
		Title: v.say.Say(words.AdminHello, v.rep.Called()), Section: web.Overview, Template: "overview", Data: s,
	})
}

// queuesShown is what the page of the queues shows.
type queuesShown struct {
	talk
	Known  bool
	Queues []queueRow
	Reps   []floorRepRow
}

type queueRow struct {
	lobby.FloorQueue
	Name string
}

type floorRepRow struct {
	Name     string
	Sessions int
}

// queues shows who waits where: all queues, or those of the teams that one
// leads.
func (f *Frame) queues(v *visit) {
	var s queuesShown
	if f.Floor != nil {
		floor := f.Floor()
		s.Known = true
		for _, q := range floor.Queues {
			if v.oversees(q.Queue) {
				s.Queues = append(s.Queues, queueRow{q, v.queueName(q.Queue)})
			}
		}
		for _, r := range floor.Reps {
			if v.who.May[people.AllReports] || r.Rep == v.rep.ID || v.all.Oversees(v.rep.ID, r.Rep) {
				s.Reps = append(s.Reps, floorRepRow{v.all.Reps[r.Rep].Called(), r.Sessions})
			}
		}
	}
	slices.SortStableFunc(s.Queues, func(a, b queueRow) int {
		return cmp.Or(cmp.Compare(b.Waiting, a.Waiting), cmp.Compare(a.Name, b.Name))
	})
	slices.SortStableFunc(s.Reps, func(a, b floorRepRow) int { return cmp.Compare(a.Name, b.Name) })
	v.show(http.StatusOK, web.Page{
		Title: v.say.Say(words.ShellQueues), Section: web.Queues, Lead: v.say.Say(words.AdminQueuesLead), Template: "queues", Data: s,
	})
}

// oversees says whether the rep may look at a queue.
func (v *visit) oversees(queue string) bool {
	if v.who.May[people.AllReports] {
		return true
	}
	kind, id, _ := strings.Cut(queue, ":")
	n, _ := strconv.ParseUint(id, 10, 63)
	switch kind {
	case "team":
		t := v.all.Teams[n]
		for range v.all.Teams { // those above, no further than there are teams
			if t.Members[v.rep.ID] >= people.Lead {
				return true
			}
			t = v.all.Teams[t.Above]
		}
	case "rep":
		return n == v.rep.ID || v.all.Oversees(v.rep.ID, n)
	}
	return false
}

func (v *visit) queueName(queue string) string {
	kind, id, _ := strings.Cut(queue, ":")
	n, _ := strconv.ParseUint(id, 10, 63)
	switch kind {
	case "team":
		return v.all.Teams[n].Name
	case "rep":
		return v.say.Say(words.AdminQueueOf, v.all.Reps[n].Called())
	}
	return v.say.Say(words.AdminQueueGeneral)
}

// revokeShown is what the page of row A06 shows.
type revokeShown struct {
	talk
	Typed web.Field
	Form  web.Form
}

func (v *visit) showRevoke(status int, problem string) {
	s := revokeShown{Typed: web.Field{
		Name: "typed", Label: v.say.Say(words.AdminRevokeType, v.say.Say(words.AdminRevokeWord)), Problem: problem, Required: true, Max: 20,
	}}
	s.Form = web.Check(v.say.Say(words.AdminCheck), s.Typed)
	v.show(status, web.Page{
		Title: v.say.Say(words.AdminRevokeTitle), Section: web.Overview, Lead: v.say.Say(words.AdminRevokeLead), Template: "revoke", Data: s,
	})
}

func (f *Frame) revokePage(v *visit) { v.showRevoke(http.StatusOK, "") }

// revoke ends all logins but this one, all keys, tokens and live sessions.
func (f *Frame) revoke(v *visit) {
	if !strings.EqualFold(strings.TrimSpace(v.form.Get("typed")), v.say.Say(words.AdminRevokeWord)) {
		v.showRevoke(http.StatusUnprocessableEntity, v.say.Say(words.AdminRevokeWrong))
		return
	}
	if err := f.Store.RevokeEverything(v.ctx(), v.rep.ID, v.login.Token, v.now); err != nil {
		v.fail(err)
		return
	}
	f.Log.Warn("everything was revoked", "rep", v.rep.ID)
	f.Revoked()
	v.seeOther("/login/", "revoked")
}
