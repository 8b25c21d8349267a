package manage

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"handrail/broker/policy"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

const (
	portalsPath = "/login/portals"
	// newPortalPath is none that a portal can have: no ID begins so.
	newPortalPath = portalsPath + "/_new"
)

// portalRow is a line of the list of portals.
type portalRow struct {
	Name, Path, Hosts, Starts, State, Kind string
}

type portalList struct {
	Rows                        []portalRow
	Name, Hosts, Starts, Status string
}

// portals lists them.
func (m *Manage) portals(w http.ResponseWriter, r *http.Request) {
	s, ok := m.load(w, r)
	if !ok || !web.Reads(w, r) {
		return
	}
	list := portalList{
		Name: say(words.ManageName), Hosts: say(words.ManageHosts), Starts: say(words.ManageStarts), Status: say(words.ManageNow),
	}
	for _, p := range sortedPortals(s.Settings) {
		row := portalRow{Name: p.Name, Path: portalsPath + "/" + p.ID, Hosts: strings.Join(p.Hosts, ", ")}
		if p.ID == settings.Main {
			row.Hosts = strings.Join(append(slices.Clone(p.Hosts), say(words.ManageOtherHosts)), ", ")
		}
		var starts []string
		for _, one := range []struct {
			on   bool
			name words.Sentence
		}{{p.Starts.Key, words.ManageByKey}, {p.Starts.Reps, words.ManageByRep}, {p.Starts.Issues, words.ManageByIssue}} {
			if one.on {
				starts = append(starts, say(one.name))
			}
		}
		row.Starts = strings.Join(starts, ", ")
		row.State, row.Kind = say(words.ManageOpen), "good"
		if open, _ := p.Hours.Open(m.Now()); !open {
			row.State, row.Kind = say(words.ManageClosed), ""
		}
		list.Rows = append(list.Rows, row)
	}
	m.show(w, r, http.StatusOK, web.Page{
		Title: say(words.ShellPortals), Section: web.Portals, Lead: say(words.ManagePortalsLead),
		Do:       []web.Link{{Text: say(words.ManageNewPortal), Path: newPortalPath}},
		Template: "portals", Data: list,
	})
}

// plainForm is a short form with a button.
type plainForm struct {
	Path, Version, Button, Kind, Cancel, Back string
	Once                                      bool // sent twice it counts once
	Form                                      web.Form
	Fields                                    []web.Field
	Texts                                     []string
	Hidden                                    []web.Field
}

// newPortal adds a portal.
func (m *Manage) newPortal(w http.ResponseWriter, r *http.Request) {
	s, ok := m.load(w, r)
	if !ok {
		return
	}
	status, in := http.StatusOK, &input{}
	if r.Method == http.MethodPost {
		if in.typed, ok = web.ReadForm(w, r, maxForm); !ok {
			return
		}
		status = http.StatusUnprocessableEntity
		id, next := in.text("id"), s.Clone()
		if _, taken := next.Portals[id]; taken {
			in.bad("id", words.ManageTaken)
		} else {
			in.base = "portals." + id + "."
			next.Portals[id] = settings.NewPortal(id, in.text("name"))
			err := m.save(w, r, s, next)
			switch {
			case err == nil:
				to(w, r, portalsPath+"/"+id, "added")
				return
			case errors.Is(err, errAnswered):
				return
			case errors.Is(err, settings.ErrChanged):
				in.bad("name", words.ManageMoment)
			}
			errors.As(err, &in.wrong)
		}
	} else if !web.Reads(w, r) {
		return
	}
	v := &view{typed: in.typed}
	id := v.field("id", words.ManageID, "")
	id.Hint, id.Max = say(words.ManageIDHint), 40
	groups := []group{{Fields: []web.Field{hinted(v.field("name", words.ManageName, ""), words.ManageNameHint), id}}}
	other := place(groups, in.wrong, in.base)
	m.show(w, r, status, web.Page{
		Title: say(words.ManageNewPortal), Section: web.Portals, Crumbs: []web.Link{{Text: say(words.ShellPortals), Path: portalsPath}},
		Problem: strings.Join(other, " "), Template: "plain", Data: plainForm{
			Path: newPortalPath, Button: say(words.ManageAdd), Back: portalsPath, Cancel: say(words.ManageCancel),
			Form: web.Check(say(words.ManagePleaseMend), groups[0].Fields...), Fields: groups[0].Fields,
		},
	})
}

// removePortal asks, and removes a portal.
func (m *Manage) removePortal(w http.ResponseWriter, r *http.Request) {
	s, p, ok := m.portal(w, r)
	if !ok {
		return
	}
	if p.ID == settings.Main {
		missing(w, r)
		return
	}
	path, problem, status := portalsPath+"/"+p.ID, "", http.StatusOK
	if r.Method == http.MethodPost {
		if _, ok := web.ReadForm(w, r, maxForm); !ok {
			return
		}
		next := s.Clone()
		delete(next.Portals, p.ID)
		err := m.save(w, r, s, next)
		switch {
		case err == nil:
			to(w, r, portalsPath, "removed")
			return
		case errors.Is(err, errAnswered):
			return
		}
		problem, status = say(words.ManageMoment), http.StatusConflict
	} else if !web.Reads(w, r) {
		return
	}
	m.show(w, r, status, web.Page{
		Title: say(words.ManageRemovePortal, p.Name), Section: web.Portals, Crumbs: portalCrumbs(p), Problem: problem,
		Template: "plain", Data: plainForm{
			Path: path + "/remove", Button: say(words.ManageRemoveFinal), Kind: "final", Back: path, Cancel: say(words.ManageCancel),
			Texts: []string{say(words.ManageRemovePortalAsk)},
		},
	})
}

func portalCrumbs(p settings.Portal) []web.Link {
	return []web.Link{{Text: say(words.ShellPortals), Path: portalsPath}, {Text: p.Name, Path: portalsPath + "/" + p.ID}}
}

// portal finds the portal that the address names, or answers the request.
func (m *Manage) portal(w http.ResponseWriter, r *http.Request) (state, settings.Portal, bool) {
	s, ok := m.load(w, r)
	if !ok {
		return s, settings.Portal{}, false
	}
	p, ok := s.Portals[r.PathValue("id")]
	if !ok {
		missing(w, r)
	}
	return s, p, ok
}

// portalSheets are the forms of a portal: name in the address, on the tab, and
// what makes them.
func portalSheets() []struct {
	name string
	tab  words.Sentence
	fill func(settings.Portal, *sheet)
} {
	return []struct {
		name string
		tab  words.Sentence
		fill func(settings.Portal, *sheet)
	}{
		{"", words.TabGeneral, generalSheet},
		{"look", words.TabLook, lookSheet},
		{"texts", words.TabTexts, nil}, // a page of its own
		{"hours", words.TabHours, hoursSheet},
		{"notices", words.TabNotices, noticesSheet},
		{"issues", words.TabIssues, issuesSheet},
		{"waiting", words.TabWaiting, waitingSheet},
		{"survey", words.TabSurvey, surveySheet("survey", words.ManageSurveyLead, func(p *settings.Portal) *[]settings.Question { return &p.Survey })},
		{"rep-survey", words.TabRepSurvey, surveySheet("repSurvey", words.ManageRepSurveyLead, func(p *settings.Portal) *[]settings.Question { return &p.RepSurvey })},
	}
}

// portalTabs are a portal's pages.
func portalTabs(p settings.Portal, here string) []tab {
	var tabs []tab
	for _, one := range portalSheets() {
		path := portalsPath + "/" + p.ID
		if one.name != "" {
			path += "/" + one.name
		}
		tabs = append(tabs, tab{say(one.tab), path, one.name == here})
	}
	return tabs
}

// portalSheet serves one of a portal's forms.
func (m *Manage) portalSheet(w http.ResponseWriter, r *http.Request) {
	s, p, ok := m.portal(w, r)
	if !ok {
		return
	}
	for _, one := range portalSheets() {
		if one.name != r.PathValue("sheet") || one.fill == nil || one.name == "" && r.PathValue("sheet") != "" {
			continue
		}
		f := sheet{
			base: "portals." + p.ID + ".", path: portalsPath + "/" + p.ID, tabs: portalTabs(p, one.name),
			page: web.Page{Title: p.Name, Section: web.Portals, Crumbs: portalCrumbs(p)[:1]},
		}
		if one.name != "" {
			f.path += "/" + one.name
		}
		one.fill(p, &f)
		m.serve(w, r, s, f)
		return
	}
	missing(w, r)
}

// edit makes a function that changes settings of one that changes a portal.
func edit(id string, change func(*settings.Portal)) func(*settings.Settings) {
	return func(s *settings.Settings) {
		p := s.Portals[id]
		change(&p)
		s.Portals[id] = p
	}
}

func generalSheet(p settings.Portal, f *sheet) {
	f.paths = []string{"name", "hosts", "languages", "starts", "exitUrl"}
	if p.ID != settings.Main {
		f.page.Do = []web.Link{{Text: say(words.ManageRemovePortalDo), Path: f.path + "/remove", Kind: "danger"}}
	}
	f.read = func(in *input, s *settings.Settings) {
		edit(p.ID, func(p *settings.Portal) {
			p.Name = in.text("name")
			p.Hosts = in.words("hosts")
			for i, h := range p.Hosts {
				p.Hosts[i] = strings.ToLower(h)
			}
			p.Languages = in.words("languages")
			p.Starts = settings.Starts{Key: in.on("starts.key"), Reps: in.on("starts.reps"), Issues: in.on("starts.issues")}
			p.ExitURL = in.text("exitUrl")
		})(s)
	}
	f.show = func(v *view) []group {
		p := v.s.Portals[p.ID]
		hosts := words.ManageHostsHint
		if p.ID == settings.Main {
			hosts = words.ManageMainHostsHint
		}
		name := hinted(v.field("name", words.ManageName, p.Name), words.ManageNameHint)
		name.Max = settings.MaxName
		return []group{
			{Fields: []web.Field{
				name,
				area(hinted(v.field("hosts", words.ManageHosts, strings.Join(p.Hosts, "\n")), hosts), 3),
				hinted(v.field("languages", words.ManageLanguages, strings.Join(p.Languages, ", ")), words.ManageLanguagesHint, strings.Join(words.DefaultLanguages(), ", ")),
			}},
			{Heading: say(words.ManageStarts), Hint: say(words.ManageStartsHint), Fields: []web.Field{
				v.check("starts.key", words.ManageByKey, p.Starts.Key, words.ManageByKeyHint),
				v.check("starts.reps", words.ManageByRep, p.Starts.Reps, words.ManageByRepHint),
				v.check("starts.issues", words.ManageByIssue, p.Starts.Issues, words.ManageByIssueHint),
			}},
			{Heading: say(words.ManageAfter), Fields: []web.Field{
				hinted(v.field("exitUrl", words.ManageExitURL, p.ExitURL), words.ManageExitURLHint),
			}},
		}
	}
}

func waitingSheet(p settings.Portal, f *sheet) {
	f.paths = []string{"agreement", "recording", "waiting", "nobody", "lost"}
	f.lead = words.ManageWaitingLead
	f.read = func(in *input, s *settings.Settings) {
		edit(p.ID, func(p *settings.Portal) {
			p.Agreement = settings.Agreement{On: in.on("agreement.on"), Minutes: in.number("agreement.minutes", 1, 30)}
			p.Recording = in.on("recording")
			p.Waiting = settings.Waiting{Position: in.on("waiting.position"), Estimate: in.on("waiting.estimate"), HoldEvery: -1}
			if in.on("hold") {
				p.Waiting.HoldEvery = in.number("waiting.holdEvery", 10, 3600)
			}
			p.Nobody = settings.Nobody{URL: in.text("nobody.url"), Minutes: in.number("nobody.minutes", 0, 24*60), Stay: in.on("nobody.stay")}
			p.Lost = settings.Lost{
				NoOtherRep: !in.on("lost.other"), NoLastQueue: !in.on("lost.last"), NoFirstQueue: !in.on("lost.first"),
				Fallback: in.text("lost.fallback"), After: in.number("lost.after", 1, 3600),
			}
		})(s)
	}
	f.show = func(v *view) []group {
		p := v.s.Portals[p.ID]
		hold := p.Waiting.HoldEvery
		return []group{
			{Heading: say(words.ManageBefore), Fields: []web.Field{
				v.check("agreement.on", words.ManageAgreement, p.Agreement.On, words.ManageAgreementHint),
				v.number("agreement.minutes", words.ManageAgreementMinutes, p.Agreement.Minutes, words.ManageRange, 1, 30, 5),
				v.check("recording", words.ManageRecording, p.Recording, words.ManageRecordingHint),
			}},
			{Heading: say(words.ManageWhile), Fields: []web.Field{
				v.check("waiting.position", words.ManagePosition, p.Waiting.Position, ""),
				v.check("waiting.estimate", words.ManageEstimate, p.Waiting.Estimate, ""),
				v.check("hold", words.ManageHold, hold >= 0, ""),
				v.number("waiting.holdEvery", words.ManageHoldEvery, max(hold, 0), words.ManageRange, 10, 3600, 60),
			}},
			{Heading: say(words.ManageNobody), Fields: []web.Field{
				v.number("nobody.minutes", words.ManageNobodyMinutes, p.Nobody.Minutes, words.ManageNobodyHint, 24*60),
				hinted(v.field("nobody.url", words.ManageNobodyURL, p.Nobody.URL), words.ManageURLHint),
				v.check("nobody.stay", words.ManageNobodyStay, p.Nobody.Stay, words.ManageNobodyStayHint),
			}},
			{Heading: say(words.ManageLost), Hint: say(words.ManageLostHint), Fields: []web.Field{
				v.number("lost.after", words.ManageLostAfter, p.Lost.After, words.ManageRange, 1, 3600, 60),
				v.check("lost.other", words.ManageLostOther, !p.Lost.NoOtherRep, ""),
				v.check("lost.last", words.ManageLostLast, !p.Lost.NoLastQueue, ""),
				v.check("lost.first", words.ManageLostFirst, !p.Lost.NoFirstQueue, ""),
				choose(v.field("lost.fallback", words.ManageLostFallback, p.Lost.Fallback), v.queues(p.Lost.Fallback)),
			}},
		}
	}
}

// queues are the queues that can be a fallback, and the one that is.
func (v *view) queues(now string) []web.Option {
	options := []web.Option{{Value: "", Label: say(words.ManageNoFallback)}, {Value: settings.General, Label: say(words.ManageGeneralQueue)}}
	found := now == "" || now == settings.General
	for _, t := range v.people.TeamsByName() {
		q := settings.TeamQueue(t.ID)
		options = append(options, web.Option{Value: q, Label: say(words.ManageTeamQueue, t.Name)})
		found = found || q == now
	}
	if !found {
		options = append(options, web.Option{Value: now, Label: say(words.ManageGoneQueue, now)})
	}
	return options
}

// verdicts are the ways in which a level can answer; silent is what its silence
// means.
func verdicts(silent words.Sentence) []web.Option {
	return []web.Option{
		{Value: string(policy.Unset), Label: say(silent)},
		{Value: string(policy.Allow), Label: say(words.PolicyAllow)},
		{Value: string(policy.Deny), Label: say(words.PolicyDeny)},
	}
}
