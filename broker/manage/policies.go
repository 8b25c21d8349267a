package manage

import (
	"net/http"
	"slices"
	"strconv"

	"handrail/broker/people"
	"handrail/broker/policy"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

const policiesPath = "/login/policies"

// policyRow is a line of the list of policies.
type policyRow struct{ Name, Path, Says string }

type policyGroup struct {
	Heading, Hint string
	Rows          []policyRow
}

// policies lists who has one.
func (m *Manage) policies(w http.ResponseWriter, r *http.Request) {
	s, ok := m.load(w, r)
	if !ok || !web.Reads(w, r) {
		return
	}
	groups := []policyGroup{
		{Heading: say(words.PolicyPortals), Hint: say(words.PolicyPortalsHint)},
		{Heading: say(words.PolicyTeams), Hint: say(words.PolicyTeamsHint)},
		{Heading: say(words.PolicyReps), Hint: say(words.PolicyRepsHint)},
		{Heading: say(words.PolicyEverybody), Hint: say(words.PolicyEverybodyHint)},
	}
	for _, p := range sortedPortals(s.Settings) {
		groups[0].Rows = append(groups[0].Rows, policyRow{p.Name, policiesPath + "/portal/" + p.ID, told(p.Policy)})
	}
	for _, t := range s.people.TeamsByName() {
		groups[1].Rows = append(groups[1].Rows, policyRow{t.Name, policiesPath + "/team/" + digits(t.ID), told(s.TeamPolicies[t.ID])})
	}
	for _, rep := range working(s.people) {
		groups[2].Rows = append(groups[2].Rows, policyRow{rep.Called(), policiesPath + "/rep/" + digits(rep.ID), told(s.RepPolicies[rep.ID])})
	}
	groups[3].Rows = []policyRow{{say(words.PolicyEverybody), policiesPath + "/default", told(s.Standing())}}
	m.show(w, r, http.StatusOK, web.Page{
		Title: say(words.ShellPolicies), Section: web.Policies, Lead: say(words.PolicyLead),
		Do:       []web.Link{{Text: say(words.PolicyOutcomeDo), Path: policiesPath + "/outcome"}},
		Template: "policies", Data: groups,
	})
}

// told says in short what a policy says.
func told(p policy.Policy) string {
	allowed, denied := 0, 0
	for _, v := range p {
		switch v {
		case policy.Allow:
			allowed++
		case policy.Deny:
			denied++
		}
	}
	switch {
	case allowed+denied == 0:
		return say(words.PolicySilent)
	case denied == 0:
		return say(words.PolicyAllows, allowed)
	case allowed == 0:
		return say(words.PolicyDenies, denied)
	}
	return say(words.PolicyBoth, allowed, denied)
}

// policy is the form of one.
func (m *Manage) policy(w http.ResponseWriter, r *http.Request) {
	s, ok := m.load(w, r)
	if !ok {
		return
	}
	f, name, at, ok := policyOf(s, r.PathValue("what"), r.PathValue("id"))
	if !ok {
		missing(w, r)
		return
	}
	f.page = web.Page{Title: name, Section: web.Policies, Crumbs: []web.Link{{Text: say(words.ShellPolicies), Path: policiesPath}}}
	choices := verdicts(words.PolicyUnset)
	if f.lead = words.PolicyFormLead; r.PathValue("what") == "default" {
		choices, f.lead = verdicts(words.PolicyUnsetLast), words.PolicyDefaultLead
	}
	f.read = func(in *input, s *settings.Settings) {
		p := policy.Policy{}
		for _, one := range policy.All() {
			if v := policy.Verdict(in.text(string(one))); v != policy.Unset {
				p[one] = v
			}
		}
		at(s, &p)
	}
	f.show = func(v *view) []group {
		now := at(&v.s, nil)
		g := group{Rows: true}
		for _, one := range policy.All() {
			field := choose(web.Field{Name: string(one), Label: say(words.PolicyPermission(string(one))), Value: string(now[one])}, choices)
			g.Fields = append(g.Fields, field)
		}
		return []group{g}
	}
	m.serve(w, r, s, f)
}

// policyOf finds a policy's place: what gives or sets it.
func policyOf(s state, what, id string) (f sheet, name string, at func(*settings.Settings, *policy.Policy) policy.Policy, ok bool) {
	number, _ := strconv.ParseUint(id, 10, 63) // 0 is nobody's
	f.path = policiesPath + "/" + what
	if id != "" {
		f.path += "/" + id
	}
	f.paths = []string{""}
	byNumber := func(all func(*settings.Settings) *map[uint64]policy.Policy) func(*settings.Settings, *policy.Policy) policy.Policy {
		return func(s *settings.Settings, set *policy.Policy) policy.Policy {
			m := all(s)
			if set != nil {
				if *m == nil {
					*m = map[uint64]policy.Policy{}
				}
				if (*m)[number] = *set; len(*set) == 0 {
					delete(*m, number)
				}
			}
			return (*m)[number]
		}
	}
	switch what {
	case "default":
		f.base, ok = "defaultPolicy.", id == ""
		return f, say(words.PolicyEverybody), func(s *settings.Settings, set *policy.Policy) policy.Policy {
			if set != nil {
				if s.DefaultPolicy = *set; len(*set) == 0 {
					s.DefaultPolicy = settings.NothingAllowed()
				}
			}
			return s.Standing()
		}, ok
	case "portal":
		p, ok := s.Portals[id]
		f.base = "portals." + id + ".policy."
		return f, say(words.SectionPortal, p.Name), func(s *settings.Settings, set *policy.Policy) policy.Policy {
			if set != nil {
				edit(id, func(p *settings.Portal) { p.Policy = *set })(s)
			}
			return s.Portals[id].Policy
		}, ok
	case "team":
		t, ok := s.people.Teams[number]
		f.base = "teamPolicies." + id + "."
		return f, say(words.SectionTeamPolicy, t.Name), byNumber(func(s *settings.Settings) *map[uint64]policy.Policy { return &s.TeamPolicies }), ok
	case "rep":
		_, ok := s.people.Reps[number]
		f.base = "repPolicies." + id + "."
		return f, say(words.SectionRepPolicy, repName(s.people, number)), byNumber(func(s *settings.Settings) *map[uint64]policy.Policy { return &s.RepPolicies }), ok
	}
	return f, "", nil, false
}

// outcomeShown is the page that explains a case.
type outcomeShown struct {
	Path, Show, Permission, Outcome, Why string
	Portal, Rep, Team                    web.Field
	Teams                                []string
	TeamsName                            string
	Rows                                 []outcomeRow
}

type outcomeRow struct{ Permission, Outcome, Kind, Why, Path string }

// outcome explains what a rep may do in a portal's sessions, and who decided it
// (row A03).
func (m *Manage) outcome(w http.ResponseWriter, r *http.Request) {
	s, ok := m.load(w, r)
	if !ok || !web.Reads(w, r) {
		return
	}
	query := r.URL.Query()
	shown := outcomeShown{
		Path: policiesPath + "/outcome", Show: say(words.PolicyShow), Permission: say(words.PolicyPermissionHead),
		Outcome: say(words.PolicyOutcomeHead), Why: say(words.PolicyWhyHead), TeamsName: say(words.PolicyTeams),
	}
	var portals, reps []web.Option
	for _, p := range sortedPortals(s.Settings) {
		portals = append(portals, web.Option{Value: p.ID, Label: p.Name})
	}
	for _, rep := range working(s.people) {
		reps = append(reps, web.Option{Value: digits(rep.ID), Label: rep.Called()})
	}
	v := &view{typed: query}
	shown.Portal = choose(v.field("portal", words.PolicyPortal, settings.Main), portals)
	shown.Team = choose(v.field("team", words.PolicyTeam, ""), append([]web.Option{{Value: "", Label: say(words.PolicyNoTeam)}}, teamOptions(s.people)...))
	shown.Rep = choose(v.field("rep", words.PolicyRep, ""), append([]web.Option{{Value: "", Label: say(words.PolicyNoRep)}}, reps...))
	portal := query.Get("portal")
	if _, ok := s.Portals[portal]; !ok {
		portal = settings.Main
	}
	id, _ := strconv.ParseUint(query.Get("rep"), 10, 63) // 0 is nobody
	teams := counted(s.people, id, query["team"])
	for _, t := range teams {
		shown.Teams = append(shown.Teams, t.Name)
	}
	rep := settings.Named{ID: id}
	if id != 0 {
		rep.Name = repName(s.people, id)
	}
	for _, o := range policy.Resolve(s.Policies(portal, teams, rep)) {
		shown.Rows = append(shown.Rows, explained(s, o, portal, teams, id))
	}
	m.show(w, r, http.StatusOK, web.Page{
		Title: say(words.PolicyOutcome), Section: web.Policies, Crumbs: []web.Link{{Text: say(words.ShellPolicies), Path: policiesPath}},
		Lead: say(words.PolicyOutcomeLead), Template: "outcome", Data: shown,
	})
}

func explained(s state, o policy.Outcome, portal string, teams []settings.Named, rep uint64) outcomeRow {
	row := outcomeRow{Permission: say(words.PolicyPermission(string(o.Permission))), Outcome: say(words.PolicyNo), Kind: "bad"}
	if o.Allowed {
		row.Outcome, row.Kind = say(words.PolicyYes), "good"
	}
	switch {
	case o.Lacks != "":
		row.Why = say(words.PolicyLacks, say(words.PolicyPermission(string(o.Lacks))))
	case o.By == nil:
		row.Why = say(words.PolicyNobodySaid)
	case o.By.Level == policy.Portal:
		row.Why, row.Path = say(words.PolicyByPortal, o.By.Name), policiesPath+"/portal/"+portal
	case o.By.Level == policy.Team:
		row.Why = say(words.PolicyByTeam, o.By.Name)
		if i := slices.IndexFunc(teams, func(t settings.Named) bool { return t.Name == o.By.Name }); i >= 0 {
			row.Path = policiesPath + "/team/" + digits(teams[i].ID)
		}
	case o.By.Level == policy.Rep:
		row.Why, row.Path = say(words.PolicyByRep, repName(s.people, rep)), policiesPath+"/rep/"+digits(rep)
	default:
		row.Why, row.Path = say(words.PolicyByDefault), policiesPath+"/default"
	}
	return row
}

// counted are the teams that count, by name: those that a rep is in, and more as
// if it were.
func counted(o people.Organisation, rep uint64, more []string) []settings.Named {
	var teams []settings.Named
	for _, t := range o.TeamsByName() {
		if _, in := t.Members[rep]; in || slices.Contains(more, digits(t.ID)) {
			teams = append(teams, settings.Named{ID: t.ID, Name: t.Name})
		}
	}
	return teams
}

// teamOptions are all teams.
func teamOptions(o people.Organisation) []web.Option {
	var options []web.Option
	for _, t := range o.TeamsByName() {
		options = append(options, web.Option{Value: digits(t.ID), Label: t.Name})
	}
	return options
}
