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
	Count     int      // members who can sign in
	Leads     []string // and managers, of those
}

func (f *Frame) listTeams(v *visit) {
	var s teamsShown
	for _, t := range v.all.TeamsByName() {
		row := teamRow{Team: t, AboveName: v.all.Teams[t.Above].Name}
		for rep, rank := range t.Members {
			if v.all.Reps[rep].Disabled {
				continue // nobody of the team's customers finds them there
			}
			row.Count++
			if rank > people.Member {
				row.Leads = append(row.Leads, v.all.Reps[rep].Called())
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
}

// fewOthers is how many people can be looked over at a glance: a list of more is
// opened by who wants to add some.
const fewOthers = 8

// Few says whether those who could come in are shown at once.
func (s teamForm) Few() bool { return len(s.Others) <= fewOthers }

type memberRow struct {
	Rep      uint64
	Name     string
	Disabled bool
	Ranks    []web.Option
	Problem  string // where something else is kept than what was typed
}

func (v *visit) ranks(chosen people.Rank) []web.Option {
	var all []web.Option
	for _, r := range []people.Rank{people.Member, people.Lead, people.Manager} {
		all = append(all, web.Option{Value: strconv.Itoa(int(r)), Label: v.say.Say(rankName(r)), Chosen: r == chosen})
	}
	return all
}

// teamForm is the form of what is typed of a team, or of the team that is kept.
func (v *visit) teamForm(t, kept people.Team) teamForm {
	say := v.say.Say
	s := teamForm{
		ID: t.ID, Was: stamp(t), Ranks: v.ranks(people.Member),
		Name:  web.Field{Name: "name", Label: say(words.AdminTeamName), Value: t.Name, Required: true, Max: people.MaxName},
		Above: web.Field{Name: "above", Label: say(words.AdminAbove), Hint: say(words.AdminAboveHint), Kind: "select", Options: []web.Option{{Label: say(words.AdminNoTeam)}}},
	}
	for _, other := range v.all.TeamsByName() {
		if other.ID != t.ID {
			s.Above.Options = append(s.Above.Options, web.Option{Value: strconv.FormatUint(other.ID, 10), Label: other.Name, Chosen: other.ID == t.Above})
		}
	}
	for _, r := range v.all.RepsByName() {
		rank, in := t.Members[r.ID]
		_, was := kept.Members[r.ID]
		switch {
		case in || was: // who was put out stays on the form that says so
			if !in {
				rank = -1 // none of them
			}
			out := web.Option{Value: "out", Label: say(words.AdminOutOfTeam), Chosen: !in}
			s.Members = append(s.Members, memberRow{Rep: r.ID, Name: r.Called(), Disabled: r.Disabled, Ranks: append(v.ranks(rank), out)})
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
	v.showTeam(http.StatusOK, people.Team{}, v.teamForm(people.Team{}, people.Team{}), "")
}

func (f *Frame) teamPage(v *visit, t people.Team) { v.showTeam(http.StatusOK, t, v.teamForm(t, t), "") }

func (f *Frame) addTeam(v *visit) { v.keepTeam(people.Team{Members: map[uint64]people.Rank{}}) }

func (f *Frame) saveTeam(v *visit, t people.Team) { v.keepTeam(t) }

// keepTeam makes of a team what its form says.
func (v *visit) keepTeam(kept people.Team) {
	t, ok := v.readTeam(kept)
	if !ok {
		web.Fail(v.w, v.r, http.StatusBadRequest, words.PageUnclear)
		return
	}
	s := v.teamForm(t, kept)
	s.ID = kept.ID
	s.Was = stamp(kept)
	if kept.ID != 0 && v.form.Get("was") != s.Was {
		if stamp(t) == s.Was { // a second click, or somebody else has wanted the same
			v.seeOther("/login/teams/"+strconv.FormatUint(kept.ID, 10), "saved")
			return
		}
		v.besideTeam(&s, t, kept)
		v.showTeam(http.StatusConflict, kept, s, v.say.Say(words.AdminChangedMeanwhile))
		return
	}
	if !people.Named(t.Name) {
		s.Name.Problem = v.say.Say(words.AdminBadName)
		v.showTeam(http.StatusUnprocessableEntity, kept, s, "")
		return
	}
	for rep := range t.Members {
		if _, there := v.all.Reps[rep]; !there {
			v.showTeam(http.StatusUnprocessableEntity, kept, s, v.say.Say(words.AdminMemberGone))
			return
		}
	}
	if kept.ID == 0 && !v.once(web.Teams, web.Link{Text: v.say.Say(words.ShellTeams), Path: "/login/teams"}) {
		return
	}
	id, err := v.changed(people.SetTeam{Team: t, Was: &kept})
	why, known := v.why(err)
	switch {
	case errors.Is(err, people.ErrChanged):
		if v.anew() {
			v.f.team(v.f.saveTeam)(v)
		}
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

// besideTeam says in the form of a team that was made before another one was
// kept where the two differ.
func (v *visit) besideTeam(s *teamForm, typed, kept people.Team) {
	v.differs(&s.Name, web.Field{Value: kept.Name})
	s.Above.Value = v.all.Teams[typed.Above].Name
	v.differs(&s.Above, web.Field{Value: v.all.Teams[kept.Above].Name})
	for i, m := range s.Members {
		rank, in := kept.Members[m.Rep]
		mine, typedIn := typed.Members[m.Rep]
		switch {
		case !in:
			s.Members[i].Problem = v.say.Say(words.AdminEmptyNow)
		case !typedIn || mine != rank:
			s.Members[i].Problem = v.say.Say(words.AdminKeptNow, v.say.Say(rankName(rank)))
		}
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
	for rep := range v.all.Reps { // somebody just added is on a form that is shown again, too
		before, in := kept.Members[rep]
		switch said := v.form.Get("rank-" + strconv.FormatUint(rep, 10)); {
		case said == "out":
		case said != "":
			r, ok := rank(said)
			if !ok {
				return t, false
			}
			t.Members[rep] = r
		case in:
			t.Members[rep] = before
		}
	}
	added := map[uint64]bool{}
	for _, add := range v.form["add"] {
		id, err := strconv.ParseUint(add, 10, 63)
		r, ok := rank(v.form.Get("as"))
		if err != nil || !ok || added[id] || v.form.Has("rank-"+strconv.FormatUint(id, 10)) {
			return t, false
		}
		added[id] = true
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
		v.showTeam(http.StatusUnprocessableEntity, t, v.teamForm(t, t), why)
	default:
		v.fail(err)
	}
}
