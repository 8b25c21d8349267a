package report

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// detailPage is what detail.html shows.
type detailPage struct {
	frame
	Outcome, Mood       string
	About, Person       []pair
	People              [][]string
	Answers, RepAnswers []pair
	Timeline            []event
}

// event is a line of the timeline.
type event struct {
	Time, What string
	Details    []pair
}

// whole finds the session that an address names.
func (h *reports) whole(r *http.Request, v *viewer) (record.Whole, error) {
	var id wire.SessionID
	if err := id.UnmarshalText([]byte(r.PathValue("id"))); err != nil {
		return record.Whole{}, record.ErrNone
	}
	return h.Store.Record(r.Context(), id, v.scope)
}

// detail is the page of one session.
func (h *reports) detail(w http.ResponseWriter, r *http.Request, v *viewer) error {
	s, err := h.whole(r, v)
	if err != nil {
		return err
	}
	page := detailPage{
		frame: v.frame("", nil, map[string]words.Sentence{
			"about": words.ReportAbout, "person": words.ReportPerson, "people": words.ReportPeople, "noPeople": words.ReportNoPeople,
			"answers": words.ReportAnswers, "noAnswers": words.ReportNoAnswers, "repAnswers": words.ReportRepAnswers, "timeline": words.ReportTimeline, "rep": words.ReportRep,
			"joined": words.ReportJoined, "left": words.ReportLeft,
		}, nil),
		Outcome: called(v, outcomes, s.Outcome), Mood: mood(s.Outcome),
		About: v.aboutSession(&s.Record), Person: v.person(&s.Record), People: v.people(s), Answers: v.answers(s, false), RepAnswers: v.answers(s, true), Timeline: v.timeline(s),
	}
	page.Tabs = nil
	for _, kind := range []string{"csv", "json", "html", "pdf"} {
		page.Files = append(page.Files, web.Link{Text: kindName[kind], Path: Root + "/session/" + s.Session.String() + "/session." + kind})
	}
	web.Shell(w, r, http.StatusOK, web.Page{
		Title: v.say.Say(words.ReportSession, v.name(&s.Record)), Section: web.Reports, Lead: v.times(),
		Crumbs: []web.Link{{Text: v.say.Say(words.ReportTitle), Path: Root}},
		Set:    set, Template: "detail", Data: page, Styles: styles(),
	})
	return nil
}

// said are the pairs that have something to say.
func said(pairs []pair) []pair {
	return slices.DeleteFunc(pairs, func(p pair) bool { return p.Value == "" })
}

func (v *viewer) aboutSession(r *record.Record) []pair {
	name := func(s words.Sentence) string { return v.say.Say(s) }
	first := ""
	if r.FirstQueue != r.Queue {
		first = v.queue(r.FirstQueue)
	}
	pairs := []pair{
		{name(words.ReportCame), v.precise(r.Came)},
		{name(words.ReportPortal), v.portal(r.Portal)},
		{name(words.ReportBegan), called(v, starts, r.Start)},
		{name(words.ReportIssue), v.issue(r.Portal, r.Issue)},
		{name(words.ReportDescription), r.Description},
		{name(words.ReportEntered), v.precise(r.Entered)},
		{name(words.ReportFirstQueue), first},
		{name(words.ReportQueue), v.queue(r.Queue)},
		{name(words.ReportWaited), v.waited(r, v.span)},
		{name(words.ReportTaken), v.precise(r.Taken)},
		{name(words.ReportRep), ""},
		{name(words.ReportTeam), ""},
		{name(words.ReportEnded), v.precise(r.Ended)},
		{name(words.ReportWhy), called(v, endings, r.Why)},
		{name(words.ReportLasted), v.lasted(r, v.span)},
		{name(words.ReportAgreed), answered(v, r.Agreed)},
		{name(words.ReportRecording), answered(v, r.Recording)},
		{name(words.ReportRating), v.stars(r.Rating)},
		{name(words.ReportNumber), r.Session.String()},
	}
	if r.Rep != 0 {
		pairs[10].Value = v.rep(r.Rep)
	}
	if r.Team != 0 {
		pairs[11].Value = v.team(r.Team)
	}
	return said(pairs)
}

func answered(v *viewer, a record.Answer) string {
	if a == record.NotAsked {
		return ""
	}
	return v.say.Say(answers[a])
}

func (v *viewer) person(r *record.Record) []pair {
	name := func(s words.Sentence) string { return v.say.Say(s) }
	pairs := []pair{
		{name(words.ReportName), r.Name},
		{name(words.ReportCompany), r.Company},
		{name(words.ReportCode), r.CompanyCode},
		{name(words.ReportSystem), r.System},
		{name(words.ReportLocale), r.Locale},
		{name(words.ReportAddress), r.Address},
	}
	for _, id := range keys(r.Fields) {
		pairs = append(pairs, pair{v.field(r.Portal, id), r.Fields[id]})
	}
	return said(pairs)
}

// people are rows of a name, when that rep came and when that rep went.
func (v *viewer) people(s record.Whole) (rows [][]string) {
	for _, p := range s.People {
		left := v.precise(p.Left)
		if p.Left.IsZero() && s.Ended.IsZero() {
			left = v.say.Say(words.ReportStill)
		}
		rows = append(rows, []string{v.rep(p.Rep), v.precise(p.Joined), left})
	}
	return rows
}

// question is a question of a portal's survey as it is now.
func (v *viewer) question(a record.Asked) (settings.Question, bool) {
	questions := v.set.Portals[a.Portal].Survey
	if a.Rep {
		questions = v.set.Portals[a.Portal].RepSurvey
	}
	for _, q := range questions {
		if q.ID == a.ID {
			return q, true
		}
	}
	return settings.Question{}, false
}

func (v *viewer) answers(s record.Whole, rep bool) (pairs []pair) {
	p := v.set.Portals[s.Portal]
	for _, g := range s.Answers {
		if g.Rep != rep {
			continue
		}
		q, known := v.question(record.Asked{Portal: s.Portal, Rep: g.Rep, ID: g.Question})
		text := p.Localized(q.Texts, v.who.Language)
		if !known || text == "" {
			text = fmt.Sprintf("%s %d", v.say.Say(words.SurveyQuestion), g.Question)
		}
		pairs = append(pairs, pair{text, v.answer(p, q, g.Answer)})
	}
	return pairs
}

// answer is an answer as people read it.
func (v *viewer) answer(p settings.Portal, q settings.Question, answer string) string {
	switch q.Form {
	case wire.FormRating:
		if n, err := strconv.Atoi(answer); err == nil {
			return v.stars(n)
		}
	case wire.FormOne, wire.FormSome:
		var chosen []string
		for part := range strings.SplitSeq(answer, ",") {
			if n, err := strconv.Atoi(part); err == nil {
				chosen = append(chosen, v.option(p, q, n))
			}
		}
		return strings.Join(chosen, ", ")
	}
	return answer
}

// option is what an option is called. One that is gone has its number.
func (v *viewer) option(p settings.Portal, q settings.Question, n int) string {
	if n >= 0 && n < len(q.Options) {
		if text := p.Localized(q.Options[n], v.who.Language); text != "" {
			return text
		}
	}
	return v.say.Say(words.SurveyOption, n+1)
}

// timeline is what happened, in order.
func (v *viewer) timeline(s record.Whole) (events []event) {
	for _, f := range s.Facts {
		e := event{Time: v.precise(f.At), What: v.fact(s.Portal, f)}
		if f.What == lobby.FactCame {
			e.Details = said([]pair{
				{v.say.Say(words.ReportBegan), called(v, starts, f.Detail["start"])},
				{v.say.Say(words.ReportIssue), v.issue(s.Portal, f.Detail["issue"])},
			})
		}
		events = append(events, e)
	}
	return events
}

// fact is what happened, as a sentence.
func (v *viewer) fact(portal string, f lobby.Fact) string {
	say, queue, waited := v.say.Say, v.queue(f.Queue), ""
	if n, err := strconv.ParseUint(f.Detail["waited"], 10, 31); err == nil {
		waited = v.span(time.Duration(n) * time.Second)
	}
	switch f.What {
	case lobby.FactCame:
		if portal == "" {
			return say(words.FactCameAlone)
		}
		return say(words.FactCame, v.portal(portal))
	case lobby.FactEntered:
		return say(words.FactEntered)
	case lobby.FactAgreed:
		return say(words.FactAgreed)
	case lobby.FactNotAgreed:
		if f.Detail["why"] == "silence" {
			return say(words.FactSilent)
		}
		return say(words.FactNotAgreed)
	case lobby.FactRecording:
		if f.Detail["said"] == "yes" {
			return say(words.FactMayRecord)
		}
		return say(words.FactNoRecord)
	case lobby.FactQueued:
		switch {
		case queue == "":
			return say(words.FactQueuedAt)
		case f.Detail["why"] == "lost" || f.Detail["why"] == "moved":
			return say(words.FactAgain, queue)
		}
		return say(words.FactQueued, queue)
	case lobby.FactTaken:
		if waited == "" {
			return say(words.FactTaken, v.rep(f.Rep))
		}
		return say(words.FactTakenIn, v.rep(f.Rep), waited)
	case lobby.FactJoined:
		return say(words.FactJoined, v.rep(f.Rep))
	case lobby.FactLeft:
		return say(words.FactLeft, v.rep(f.Rep))
	case lobby.FactMoved:
		to := f.Detail["to"]
		if to == "" {
			to = f.Queue
		}
		return say(words.FactMoved, v.queue(to))
	case lobby.FactEnded:
		if why := f.Detail["why"]; why != "" {
			return say(words.FactEnded, called(v, endings, why))
		}
		return say(words.FactEndedOnly)
	case lobby.FactSurvey:
		if f.Rep != 0 {
			return say(words.FactRepSurvey, v.rep(f.Rep))
		}
		return say(words.FactSurvey)
	case lobby.FactDeclined:
		if waited == "" {
			return say(words.FactAbandoned)
		}
		return say(words.FactAfter, waited)
	}
	return string(f.What)
}

// detailFile is one session as a file.
func (h *reports) detailFile(w http.ResponseWriter, r *http.Request, v *viewer) error {
	s, err := h.whole(r, v)
	if err != nil {
		return err
	}
	name, kind, ok := strings.Cut(r.PathValue("name"), ".")
	if !ok || name != "session" || kindName[kind] == "" {
		web.Missing(w, r)
		return nil
	}
	d := &document{title: v.say.Say(words.ReportSession, v.name(&s.Record)), lead: []string{called(v, outcomes, s.Outcome), v.times()}}
	d.parts = []part{
		{heading: v.say.Say(words.ReportAbout), pairs: v.aboutSession(&s.Record)},
		{heading: v.say.Say(words.ReportPerson), pairs: v.person(&s.Record)},
		{heading: v.say.Say(words.ReportPeople), empty: v.say.Say(words.ReportNoPeople), columns: []column{
			{name: v.say.Say(words.ReportRep), width: 4}, {name: v.say.Say(words.ReportJoined), width: 3}, {name: v.say.Say(words.ReportLeft), width: 3},
		}, rows: given(v.people(s))},
		{heading: v.say.Say(words.ReportAnswers), empty: v.say.Say(words.ReportNoAnswers), pairs: v.answers(s, false)},
		{heading: v.say.Say(words.ReportRepAnswers), pairs: v.answers(s, true)},
		{heading: v.say.Say(words.ReportTimeline), columns: []column{
			{name: v.say.Say(words.ReportTime), width: 2}, {name: v.say.Say(words.ReportWhat), width: 6},
		}, rows: func(yield func([]string) error) error {
			for _, e := range v.timeline(s) {
				lines := []string{e.What}
				for _, d := range e.Details {
					lines = append(lines, d.Name+": "+d.Value)
				}
				if err := yield([]string{e.Time, strings.Join(lines, "\n")}); err != nil {
					return err
				}
			}
			return nil
		}},
	}
	d.data = func(out *jsonWriter) error { return out.value(v.wholeData(s)) }
	return h.send(w, r, v, d, "session-"+s.Session.String()[:8], kind)
}

// given are rows that are there already.
func given(rows [][]string) func(func([]string) error) error {
	return func(yield func([]string) error) error {
		for _, r := range rows {
			if err := yield(r); err != nil {
				return err
			}
		}
		return nil
	}
}
