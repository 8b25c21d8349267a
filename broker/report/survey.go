package report

import (
	"fmt"
	"html/template"
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

const (
	fewTexts  = 5
	longTexts = 50 // on a page of them

	// forReps is before the number of a question for reps in an address.
	forReps = "rep-"
)

// surveyPage is what survey.html shows.
type surveyPage struct {
	frame
	Questions []result
	None      bool
}

// result is what customers answered to a question.
type result struct {
	Text, Given, Average string
	Rows                 []resultRow
	Texts                []textRow
	All                  string // address of all texts
	Whose                string // said of questions for reps
	ofText               bool
	id                   uint32
	rep                  bool
}

type resultRow struct {
	Answer, Times, Share string
	Bar                  template.HTML
}

type textRow struct{ Link, Came, Name, Answer string }

func surveyFilters(name string) bool {
	return slices.Contains([]string{"from", "until", "portal", "team", "rep"}, name)
}

// surveyed reads the filters of a survey; it is always of one portal.
func (v *viewer) surveyed(r *http.Request) (*filters, settings.Portal) {
	f := v.filters(r)
	f.only(surveyFilters)
	for i, field := range f.fields {
		if field.Name == "portal" { // any portal is no choice here
			f.fields[i].Options = field.Options[1:]
			if f.Portal == "" {
				at := slices.IndexFunc(f.fields[i].Options, func(o web.Option) bool { return o.Value == settings.Main })
				if at >= 0 {
					f.fields[i].Options[at].Chosen = true
				}
			}
		}
	}
	if f.Portal == "" {
		f.Portal = settings.Main
	}
	return f, v.set.Portals[f.Portal]
}

// survey is the page of what customers answered.
func (h *reports) survey(w http.ResponseWriter, r *http.Request, v *viewer) error {
	f, portal := v.surveyed(r)
	page := surveyPage{frame: v.frame(Root+"/survey", f, map[string]words.Sentence{
		"answer": words.SurveyAnswer, "times": words.SurveyTimes, "share": words.SurveyShare, "none": words.SurveyNone,
		"noneHint": words.SurveyNoneHint, "nobody": words.SurveyNobody, "newest": words.SurveyNewest, "all": words.SurveyAll,
	}, everything), None: len(portal.Survey)+len(portal.RepSurvey) == 0}
	status := http.StatusOK
	if f.wrong {
		status, page.None = http.StatusBadRequest, false
	} else {
		var err error
		if page.Questions, err = h.results(r, v, f, portal); err != nil {
			return err
		}
		if !page.None {
			page.saveAs(v, f, "survey")
		}
	}
	web.Shell(w, r, status, web.Page{
		Title: v.say.Say(words.ReportTitle), Section: web.Reports, Lead: v.about() + " " + v.times(),
		Set: set, Template: "survey", Data: page, Styles: styles(),
	})
	return nil
}

// results reads the answers to all questions: those to customers, then those to
// reps.
func (h *reports) results(r *http.Request, v *viewer, f *filters, p settings.Portal) (all []result, err error) {
	for i, q := range slices.Concat(p.Survey, p.RepSurvey) {
		one, err := h.result(r, v, f, p, q, i >= len(p.Survey))
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// result reads the answers to one question.
func (h *reports) result(r *http.Request, v *viewer, f *filters, p settings.Portal, q settings.Question, rep bool) (result, error) {
	one := result{Text: p.Localized(q.Texts, v.who.Language), ofText: q.Form == wire.FormText, id: q.ID, rep: rep}
	asked, path := record.Asked{Portal: p.ID, Rep: rep, ID: q.ID}, strconv.FormatUint(uint64(q.ID), 10)
	if rep {
		one.Whose, path = v.say.Say(words.SurveyOfReps), forReps+path
	}
	if q.Form == wire.FormText {
		texts, err := h.Store.Texts(r.Context(), f.Filter, asked, record.Page{Limit: fewTexts + 1})
		if err != nil {
			return one, err
		}
		if len(texts) > fewTexts {
			one.All = f.link(Root + "/survey/" + path)
			texts = texts[:fewTexts]
		}
		one.Texts = v.texts(texts)
		return one, nil
	}
	tallies, err := h.Store.Tallies(r.Context(), f.Filter, asked)
	if err != nil {
		return one, err
	}
	v.count(&one, p, q, tallies)
	return one, nil
}

func (v *viewer) texts(texts []record.Text) (rows []textRow) {
	for _, t := range texts {
		rows = append(rows, textRow{Root + "/session/" + t.Session.String(), v.clock(t.Came), t.Name, t.Answer})
	}
	return rows
}

// count adds up ratings or options.
func (v *viewer) count(one *result, p settings.Portal, q settings.Question, tallies []record.Tally) {
	var given, sum int64
	times := map[int]int64{}
	for _, t := range tallies {
		counted := false
		for part := range strings.SplitSeq(t.Answer, ",") {
			n, err := strconv.Atoi(part)
			if err != nil || n < 0 || n > 255 {
				continue
			}
			times[n] += t.Times
			sum += int64(n) * t.Times
			counted = true
		}
		if counted {
			given += t.Times
		}
	}
	if given == 0 {
		return
	}
	one.Given = v.say.Say(words.SurveyAnswers, given)
	if given == 1 {
		one.Given = v.say.Say(words.SurveyOneAnswer)
	}
	row := func(name string, n int64) {
		one.Rows = append(one.Rows, resultRow{name, thousands(n), fmt.Sprintf("%d %%", (n*100+given/2)/given), lineSVG(given, n)})
	}
	if q.Form == wire.FormRating {
		one.Average = v.say.Say(words.SurveyAverage, fmt.Sprintf("%.1f", float64(sum)/float64(given)))
		for n := 5; n >= 1; n-- {
			row(v.stars(n), times[n])
		}
		return
	}
	for n := range q.Options {
		row(v.option(p, q, n), times[n])
		delete(times, n)
	}
	for _, n := range keys(times) {
		row(v.option(p, q, n), times[n])
	}
}

// textsPage is what texts.html shows.
type textsPage struct {
	frame
	Rows          []textRow
	Newest, Older string
}

// texts is the page of all answers to a question in customers' own words.
func (h *reports) texts(w http.ResponseWriter, r *http.Request, v *viewer) error {
	f, portal := v.surveyed(r)
	number, rep := strings.CutPrefix(r.PathValue("question"), forReps)
	id, err := strconv.ParseUint(number, 10, 32)
	asked := record.Asked{Portal: portal.ID, Rep: rep, ID: uint32(id)}
	q, known := v.question(asked)
	if err != nil || !known || q.Form != wire.FormText {
		web.Missing(w, r)
		return nil
	}
	after, err := readCursor(r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	if f.wrong {
		return unclear(words.ReportBadFilter)
	}
	texts, err := h.Store.Texts(r.Context(), f.Filter, asked, record.Page{Limit: longTexts + 1, After: after})
	if err != nil {
		return err
	}
	page := textsPage{frame: v.frame("", nil, map[string]words.Sentence{
		"newest": words.ReportNewest, "older": words.ReportOlder, "pages": words.ReportPages, "nobody": words.SurveyNobody,
	}, nil)}
	page.Tabs = nil
	path := Root + "/survey/" + r.PathValue("question")
	if len(texts) > longTexts {
		texts = texts[:longTexts]
		page.Older = f.link(path, "after", writeCursor(texts[longTexts-1].Cursor))
	}
	if after != nil {
		page.Newest = f.link(path)
	}
	page.Rows = v.texts(texts)
	web.Shell(w, r, http.StatusOK, web.Page{
		Title: portal.Localized(q.Texts, v.who.Language), Section: web.Reports, Lead: f.dates(v) + ". " + v.times(),
		Crumbs: []web.Link{{Text: v.say.Say(words.ReportTitle), Path: Root}, {Text: v.say.Say(words.ReportSurvey), Path: f.link(Root + "/survey")}},
		Set:    set, Template: "texts", Data: page, Styles: styles(),
	})
	return nil
}

// resultData is a result in JSON.
type resultData struct {
	Question uint32           `json:"question"`
	Rep      bool             `json:"rep,omitempty"` // reps are asked, not customers
	Text     string           `json:"text"`
	Answers  map[string]int64 `json:"answers,omitempty"` // by rating, or by index of the option
	Texts    []string         `json:"texts,omitempty"`
}

// surveyFile is the results of a survey as a document.
func (h *reports) surveyFile(r *http.Request, v *viewer, _ *filters, kind string) (*document, error) {
	f, portal := v.surveyed(r)
	name := func(s words.Sentence) string { return v.say.Say(s) }
	d := &document{title: name(words.ReportSurvey), lead: []string{v.portal(portal.ID), f.dates(v), v.about()}}
	limit := h.paper
	if kind == "pdf" {
		limit /= 10
	}
	data := []resultData{}
	results, err := h.results(r, v, f, portal)
	if err != nil {
		return nil, err
	}
	for _, one := range results {
		asked := record.Asked{Portal: portal.ID, Rep: one.rep, ID: one.id}
		p := part{heading: one.Text, empty: name(words.SurveyNobody)}
		if one.rep {
			p.pairs = []pair{{one.Whose, ""}}
		}
		x := resultData{Question: one.id, Rep: one.rep, Text: one.Text}
		var rows [][]string
		if one.ofText {
			texts, err := h.Store.Texts(r.Context(), f.Filter, asked, record.Page{Limit: limit})
			if err != nil {
				return nil, err
			}
			p.columns = []column{{name(words.ReportCame), 3, false}, {name(words.ReportCustomer), 3, false}, {name(words.SurveyAnswer), 8, false}}
			for _, t := range texts {
				rows = append(rows, []string{v.clock(t.Came), t.Name, t.Answer})
				x.Texts = append(x.Texts, t.Answer)
			}
		} else {
			p.pairs = append(p.pairs, said([]pair{{one.Given, one.Average}})...)
			p.columns = []column{{name(words.SurveyAnswer), 8, false}, {name(words.SurveyTimes), 2, true}, {name(words.SurveyShare), 2, true}}
			for _, row := range one.Rows {
				rows = append(rows, []string{row.Answer, row.Times, row.Share})
			}
			tallies, err := h.Store.Tallies(r.Context(), f.Filter, asked)
			if err != nil {
				return nil, err
			}
			x.Answers = map[string]int64{}
			for _, t := range tallies {
				x.Answers[t.Answer] += t.Times
			}
		}
		p.rows = given(rows)
		d.parts = append(d.parts, p)
		data = append(data, x)
	}
	d.data = func(out *jsonWriter) error {
		return out.value(map[string]any{"portal": portal.ID, "from": f.asked.Get("from"), "until": f.asked.Get("until"), "questions": data})
	}
	return d, nil
}
