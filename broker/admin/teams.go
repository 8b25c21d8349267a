package admin

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"handrail/broker/people"
	"handrail/broker/web"
	"handrail/shared/words"
)

func rankName(r people.Rank) words.Sentence {
	switch r {
	case people.Manager:
		return words.AdminManager
	case people.Lead:
		return words.AdminLead
	}
	return words.AdminMember
}

// teamsShown is what the list shows.
type teamsShown struct {
	talk
	Rows []teamRow
}

type teamRow struct {
	people.Team
	AboveName string
	Leads     []string // and managers
}

func (v *visit) teamsByName() []people.Team {
	var teams []people.Team
	for _, t := range v.all.Teams {
		teams = append(teams, t)
	}
	slices.SortFunc(teams, func(a, b people.Team) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return teams
}

func (f *Frame) listTeams(v *visit) {
	var s teamsShown
	for _, t := range v.teamsByName() {
		row := teamRow{Team: t, AboveName: v.all.Teams[t.Above].Name}
		for rep, rank := range t.Members {
			if rank > people.Member {
				row.Leads = append(row.Leads, nameOf(v.all.Reps[rep]))
			}
		}
		slices.Sort(row.Leads)
		s.Rows = append(s.Rows, row)
	}
	v.show(http.StatusOK, web.Page{
		Title: v.say.Say(words.ShellTeams), Section: web.Teams, Lead: v.say.Say(words.AdminTeamsLead), Template: "teams", Data: s,
		Do: []web.Link{{Text: v.say.Say(words.AdminAddTeam), Path: "/login/teams/new"}},
	})
}

// teamForm is what the page of a team shows.
type teamForm struct {
	talk
	ID          uint64
	Form        web.Form
	Name, Above web.Field
	Members     []memberRow
	Others      []people.Rep // who could come in
	Ranks       []web.Option
	Was         string
	Empty       bool // nobody works here but the first
}

type memberRow struct {
	Rep   uint64
	Name  string
	Ranks []web.Option
}

func (v *visit) ranks(chosen people.Rank) []web.Option {
	var all []web.Option
	for _, r := range []people.Rank{people.Member, people.Lead, people.Manager} {
		all = append(all, web.Option{Value: strconv.Itoa(int(r)), Label: v.say.Say(rankName(r)), Chosen: r == chosen})
	}
	return all
}

func (v *visit) teamForm(t people.Team) teamForm {
	say := v.say.Say
	s := teamForm{
		ID: t.ID, Was: stamp(t), Ranks: v.ranks(people.Member),
		Name:  web.Field{Name: "name", Label: say(words.AdminTeamName), Value: t.Name, Required: true, Max: people.MaxName},
		Above: web.Field{Name: "above", Label: say(words.AdminAbove), Hint: say(words.AdminAboveHint), Kind: "select", Options: []web.Option{{Label: say(words.AdminNoTeam)}}},
	}
	for _, other := range v.teamsByName() {
		if other.ID != t.ID {
			s.Above.Options = append(s.Above.Options, web.Option{Value: strconv.FormatUint(other.ID, 10), Label: other.Name, Chosen: other.ID == t.Above})
		}
	}
	for _, r := range v.repsByName() {
		rank, in := t.Members[r.ID]
		switch {
		case in:
			out := web.Option{Value: "out", Label: say(words.AdminOutOfTeam)}
			s.Members = append(s.Members, memberRow{r.ID, nameOf(r), append(v.ranks(rank), out)})
		case !r.Disabled:
			s.Others = append(s.Others, r)
		}
	}
	slices.SortStableFunc(s.Members, func(a, b memberRow) int { return cmp.Compare(t.Members[b.Rep], t.Members[a.Rep]) })
	return s
}

func (v *visit) showTeam(status int, t people.Team, s teamForm, problem string) {
	s.Form = web.Check(v.say.Say(words.AdminCheck), s.Name, s.Above)
	title := t.Name
	if t.ID == 0 {
		title = v.say.Say(words.AdminAddTeam)
	}
	v.show(status, web.Page{
		Title: title, Section: web.Teams, Crumbs: []web.Link{{Text: v.say.Say(words.ShellTeams), Path: "/login/teams"}},
		Template: "team", Data: s, Problem: problem,
	})
}

// team finds the team whom a path names.
func (f *Frame) team(next func(*visit, people.Team)) func(*visit) {
	return func(v *visit) {
		id, err := strconv.ParseUint(v.r.PathValue("id"), 10, 63)
		t, ok := v.all.Teams[id]
		if err != nil || !ok {
			v.missing()
			return
		}
		next(v, t)
	}
}

func (f *Frame) newTeam(v *visit) {
	v.showTeam(http.StatusOK, people.Team{}, v.teamForm(people.Team{}), "")
}

func (f *Frame) teamPage(v *visit, t people.Team) { v.showTeam(http.StatusOK, t, v.teamForm(t), "") }

func (f *Frame) addTeam(v *visit) { v.keepTeam(people.Team{Members: map[uint64]people.Rank{}}) }

func (f *Frame) saveTeam(v *visit, t people.Team) { v.keepTeam(t) }

// keepTeam makes of a team what its form says.
func (v *visit) keepTeam(kept people.Team) {
	t, ok := v.readTeam(kept)
	if !ok {
		web.Fail(v.w, v.r, http.StatusBadRequest, words.PageUnclear)
		return
	}
	s := v.teamForm(t)
	s.ID = kept.ID
	if kept.ID != 0 && v.form.Get("was") != stamp(kept) {
		v.showTeam(http.StatusConflict, kept, v.teamForm(kept), v.say.Say(words.AdminChangedMeanwhile))
		return
	}
	s.Was = stamp(kept)
	if !people.Named(t.Name) {
		s.Name.Problem = v.say.Say(words.AdminBadName)
		v.showTeam(http.StatusUnprocessableEntity, kept, s, "")
		return
	}
	id, err := v.changed(people.SetTeam{Team: t})
	why, known := v.why(err)
	switch {
	case err == nil:
		did := "saved"
		if kept.ID == 0 {
			did = "team-added"
		}
		v.seeOther("/login/teams/"+strconv.FormatUint(id, 10), did)
	case errors.Is(err, people.ErrTaken):
		s.Name.Problem = v.say.Say(words.AdminTeamTaken)
		v.showTeam(http.StatusUnprocessableEntity, kept, s, "")
	case errors.Is(err, people.ErrCycle):
		s.Above.Problem = why
		v.showTeam(http.StatusUnprocessableEntity, kept, s, "")
	case known:
		v.showTeam(http.StatusUnprocessableEntity, kept, s, why)
	default:
		v.fail(err)
	}
}

// readTeam reads the form of a team: false for one that no page of ours made.
func (v *visit) readTeam(kept people.Team) (people.Team, bool) {
	t := people.Team{ID: kept.ID, Name: strings.TrimSpace(v.form.Get("name")), Members: map[uint64]people.Rank{}}
	if above := v.form.Get("above"); above != "" {
		id, err := strconv.ParseUint(above, 10, 63)
		if err != nil {
			return t, false
		}
		t.Above = id
	}
	rank := func(text string) (people.Rank, bool) {
		n, err := strconv.Atoi(text)
		return people.Rank(n), err == nil && n >= int(people.Member) && n <= int(people.Manager)
	}
	for rep, before := range kept.Members {
		said := v.form.Get("rank-" + strconv.FormatUint(rep, 10))
		if said == "out" {
			continue
		}
		r, ok := rank(said)
		if said != "" && !ok {
			return t, false
		}
		if said == "" {
			r = before
		}
		t.Members[rep] = r
	}
	if add := v.form.Get("add"); add != "" {
		id, err := strconv.ParseUint(add, 10, 63)
		r, ok := rank(v.form.Get("as"))
		if err != nil || !ok {
			return t, false
		}
		t.Members[id] = r
	}
	return t, true
}

func (f *Frame) removeTeam(v *visit, t people.Team) {
	_, err := v.changed(people.RemoveTeam{ID: t.ID})
	why, ok := v.why(err)
	switch {
	case err == nil:
		v.seeOther("/login/teams", "team-gone")
	case ok:
		v.showTeam(http.StatusUnprocessableEntity, t, v.teamForm(t), why)
	default:
		v.fail(err)
	}
}
