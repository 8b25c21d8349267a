package report

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

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
	Notes               []note
	Talk                talkShown
	Erase               string // address; empty: not for whoever asks
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

// sessionPath is the address of a session.
func sessionPath(id wire.SessionID) string { return Root + "/session/" + id.String() }

// detail is the page of one session.
func (h *reports) detail(w http.ResponseWriter, r *http.Request, v *viewer) error {
	s, err := h.whole(r, v)
	if err != nil {
		return err
	}
	t, err := h.talk(r, v, s.Session)
	if err != nil {
		return err
	}
	page := detailPage{
		frame: v.frame("", nil, map[string]words.Sentence{
			"about": words.ReportAbout, "person": words.ReportPerson, "people": words.ReportPeople, "noPeople": words.ReportNoPeople,
			"answers": words.ReportAnswers, "noAnswers": words.ReportNoAnswers, "repAnswers": words.ReportRepAnswers, "timeline": words.ReportTimeline, "rep": words.ReportRep,
			"joined": words.ReportJoined, "left": words.ReportLeft, "notes": words.ReportNotes, "said": words.ReportSaid, "unseal": words.ReportUnseal, "erase": words.EraseLink,
		}, nil),
		Outcome: called(v, outcomes, s.Outcome), Mood: mood(s.Outcome),
		About: v.aboutSession(&s.Record), Person: v.person(&s.Record), People: v.people(&s), Answers: v.answers(&s, false), RepAnswers: v.answers(&s, true), Timeline: v.timeline(&s),
		Notes: v.notes(&s), Talk: v.showTalk(&s, t),
	}
	page.Tabs = nil
	if v.mayErase() {
		page.Erase = sessionPath(s.Session) + "/erase"
	}
	for _, kind := range []string{"csv", "json", "html", "pdf"} {
		page.Files = append(page.Files, web.Link{Text: kindName[kind], Path: sessionPath(s.Session) + "/session." + kind})
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
		{name(words.ReportIssue), r.Issue},
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
		{name(words.ReportResult), v.say.Outcome(r.Result)},
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
	for _, field := range keys(r.Fields) {
		pairs = append(pairs, pair{field, r.Fields[field]})
	}
	return said(pairs)
}

// people are rows of a name, when that rep came and when that rep went.
func (v *viewer) people(s *record.Whole) (rows [][]string) {
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

func (v *viewer) answers(s *record.Whole, rep bool) (pairs []pair) {
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

// detailFile is one session as a file.
func (h *reports) detailFile(w http.ResponseWriter, r *http.Request, v *viewer) error {
	s, err := h.whole(r, v)
	if err != nil {
		return err
	}
	name, kind, ok := strings.Cut(r.PathValue("name"), ".")
	if name == "session" && kind == container {
		return h.sealedFile(w, r, v, s)
	}
	if !ok || name != "session" || kindName[kind] == "" {
		web.Missing(w, r)
		return nil
	}
	t, err := h.talk(r, v, s.Session)
	if err != nil {
		return err
	}
	limit := h.rows
	if kind == "pdf" {
		limit = h.paper
	}
	d := &document{
		title: v.say.Say(words.ReportSession, v.name(&s.Record)), lead: []string{called(v, outcomes, s.Outcome), v.times()},
		parts: v.detailParts(&s, t, limit), data: func(out *jsonWriter) error { return out.value(v.wholeData(s, t)) },
	}
	return h.send(w, r, v, d, "session-"+s.Session.String()[:8], kind)
}

// detailParts are what there is to say about a session.
func (v *viewer) detailParts(s *record.Whole, t talk, limit int) []part {
	parts := []part{
		{heading: v.say.Say(words.ReportAbout), pairs: v.aboutSession(&s.Record)},
		{heading: v.say.Say(words.ReportPerson), pairs: v.person(&s.Record)},
		{heading: v.say.Say(words.ReportNotes), pairs: v.noted(s)},
		{heading: v.say.Say(words.ReportPeople), empty: v.say.Say(words.ReportNoPeople), columns: []column{
			{name: v.say.Say(words.ReportRep), width: 4}, {name: v.say.Say(words.ReportJoined), width: 3}, {name: v.say.Say(words.ReportLeft), width: 3},
		}, rows: given(v.people(s))},
		{heading: v.say.Say(words.ReportAnswers), empty: v.say.Say(words.ReportNoAnswers), pairs: v.answers(s, false)},
		{heading: v.say.Say(words.ReportRepAnswers), pairs: v.answers(s, true)},
	}
	parts = append(parts, v.talkParts(s, t, limit)...)
	var events [][]string
	for _, e := range v.timeline(s) {
		lines := []string{e.What}
		for _, d := range e.Details {
			lines = append(lines, d.Name+": "+d.Value)
		}
		events = append(events, []string{e.Time, strings.Join(lines, "\n")})
	}
	parts = append(parts, part{heading: v.say.Say(words.ReportTimeline), columns: []column{
		{name: v.say.Say(words.ReportTime), width: 2}, {name: v.say.Say(words.ReportWhat), width: 6},
	}, rows: given(events)})
	return slices.DeleteFunc(parts, func(p part) bool { return p.rows == nil && len(p.pairs) == 0 && p.empty == "" })
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
