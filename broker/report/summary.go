package report

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"handrail/broker/record"
	"handrail/broker/web"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// divisions are what a summary can be divided by, as it stands in addresses.
var divisions = []struct {
	name string
	say  words.Sentence
	by   record.By
	step step
}{
	{"rep", words.ReportRep, record.ByRep, 0},
	{"team", words.ReportTeam, record.ByTeam, 0},
	{"portal", words.ReportPortal, record.ByPortal, 0},
	{"day", words.SummaryByDay, record.ByDay, days},
	{"week", words.SummaryByWeek, record.ByDay, weeks},
	{"month", words.SummaryByMonth, record.ByDay, months},
}

// summaryRow is a row of the table.
type summaryRow struct {
	Name, Link string
	record.Count
	Came, Taken, Unhelped, Still, Waited, Lasted, Solved, Rated string
	Bar                                                         template.HTML
}

// summaryPage is what summary.html shows.
type summaryPage struct {
	frame
	Figures []pair
	Chart   template.HTML
	By      string
	Rows    []summaryRow
	Total   summaryRow
	Results bool // reps have said what became of some
	None    bool
}

// summaryFilters are the filters that the roll-up knows, and the issue.
func summaryFilters(name string) bool {
	return slices.Contains([]string{"from", "until", "portal", "team", "rep", "issue"}, name)
}

// only forgets filters that a page doesn't show: what somebody can't see must
// not change what is shown.
func (f *filters) only(shown func(string) bool) {
	kept := url.Values{}
	for name, value := range f.asked {
		if shown(name) {
			kept[name] = value
		}
	}
	f.asked = kept
	f.Name, f.Company, f.Code, f.Outcome, f.Rating, f.Result = "", "", "", "", 0, wire.OutcomeNone
	if !shown("issue") {
		f.Issue = ""
	}
	f.wrong = false
	f.fields = slices.DeleteFunc(f.fields, func(x web.Field) bool { return !shown(x.Name) })
	for _, x := range f.fields {
		f.wrong = f.wrong || x.Problem != ""
	}
}

// division is what a summary is divided by.
func (in reader) division() (at int, ok bool) {
	asked := in.from.Get("by")
	field := web.Field{Name: "by", Label: in.v.say.Say(words.SummaryBy), Kind: "select"}
	at = -1
	for i, d := range divisions {
		if d.by == record.ByRep && len(in.v.reps()) < 2 || d.by == record.ByTeam && len(in.v.teams()) == 0 {
			continue
		}
		chosen := d.name == asked || asked == "" && at < 0
		if chosen {
			at = i
		}
		field.Options = append(field.Options, web.Option{Value: d.name, Label: in.v.say.Say(d.say), Chosen: chosen})
	}
	if ok = at >= 0; !ok {
		field.Problem, in.f.wrong = in.v.say.Say(words.ReportBadChoice), true
		at = len(divisions) - 1
	} else if asked != "" {
		in.f.asked.Set("by", asked)
	}
	in.f.fields = slices.Insert(in.f.fields, 2, field)
	return at, ok
}

// sums are a summary before it is shown.
type sums struct {
	rows  []summaryRow
	total record.Count
	chart *chart
}

// add reads a summary.
func (h *reports) add(r *http.Request, v *viewer, f *filters, at int) (*sums, error) {
	d := divisions[at]
	daily, err := h.Store.Totals(r.Context(), f.Filter, record.ByDay)
	if err != nil {
		return nil, err
	}
	s := &sums{}
	for _, t := range daily {
		s.total = s.total.Plus(t.Count, 1)
	}
	if s.total.Came == 0 {
		return s, nil
	}
	from, until := v.days(f, daily)
	length := days.fits(from, until, 62)
	if d.by == record.ByDay {
		length = d.step.fits(from, until, mostBuckets)
	}
	stretches := buckets(daily, from, until, length)
	s.chart = v.chart(stretches, length)
	if d.by == record.ByDay {
		for _, b := range slices.Backward(stretches) {
			last := length.next(b.start).AddDate(0, 0, -1)
			s.rows = append(s.rows, v.summaryRow(length.label(v, b.start),
				f.link(Root, "from", b.start.Format(time.DateOnly), "until", last.Format(time.DateOnly)), b.Count))
		}
		return s, nil
	}
	totals, err := h.Store.Totals(r.Context(), f.Filter, d.by)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(totals, func(a, b record.Total) int { return cmp.Compare(b.Came, a.Came) })
	for _, t := range totals {
		row := v.summaryRow(v.rep(t.Rep), "", t.Count)
		id := fmt.Sprint(t.Rep)
		switch d.by {
		case record.ByTeam:
			row, id = v.summaryRow(v.team(t.Team), "", t.Count), fmt.Sprint(t.Team)
		case record.ByPortal:
			row, id = v.summaryRow(v.portal(t.Portal), "", t.Count), t.Portal
		}
		if id != "0" && id != "" {
			row.Link = f.link(Root, d.name, id)
		}
		s.rows = append(s.rows, row)
	}
	return s, nil
}

func (v *viewer) summaryRow(name, link string, c record.Count) summaryRow {
	row := summaryRow{
		Name: name, Link: link, Count: c, Came: thousands(c.Came), Taken: thousands(c.Taken), Unhelped: thousands(c.Unhelped),
		Still: thousands(waiting(c)), Rated: v.rated(c),
	}
	if n := results(c); n > 0 {
		row.Solved = v.say.Say(words.SummarySolvedOf, thousands(c.Solved), thousands(n))
	}
	if c.Taken > 0 {
		row.Waited = v.span(c.AverageWait())
	}
	if c.Ended > 0 {
		row.Lasted = v.span(c.AverageLength())
	}
	return row
}

// results is of how many sessions a rep has said what became of them.
func results(c record.Count) int64 { return c.Solved + c.Unsolved + c.FollowUp }

// summary is the page of sums.
func (h *reports) summary(w http.ResponseWriter, r *http.Request, v *viewer) error {
	f := v.filters(r)
	f.only(summaryFilters)
	at, _ := reader{v, r.URL.Query(), f}.division()
	page := summaryPage{By: v.say.Say(divisions[at].say)}
	page.frame = v.frame(Root+"/summary", f, map[string]words.Sentence{
		"came": words.SummaryCame, "taken": words.SummaryTaken, "unhelped": words.SummaryUnhelped, "still": words.SummaryOpen,
		"waited": words.SummaryWaited, "lasted": words.SummaryLasted, "rated": words.SummaryRated, "solved": words.SummarySolved, "results": words.SummaryResults, "share": words.SurveyShare,
		"last": words.SummaryLastRep, "none": words.SummaryNone, "noneHint": words.ReportNoneHint,
	}, func(name string) bool { return summaryFilters(name) || name == "by" })
	status := http.StatusOK
	if f.wrong {
		status = http.StatusBadRequest
	} else {
		s, err := h.add(r, v, f, at)
		if err != nil {
			return err
		}
		if page.None = s.total.Came == 0; !page.None {
			most := int64(0)
			for _, row := range s.rows {
				most = max(most, row.Count.Came)
			}
			for _, row := range s.rows {
				row.Bar = lineSVG(most, row.Count.Taken, row.Count.Unhelped, waiting(row.Count))
				page.Rows = append(page.Rows, row)
			}
			page.Total = v.summaryRow(v.say.Say(words.SummaryTotal), "", s.total)
			page.Figures, page.Chart, page.Results = v.figures(s.total), s.chart.svg(), results(s.total) > 0
			page.saveAs(v, f, "summary")
		}
	}
	web.Shell(w, r, status, web.Page{
		Title: v.say.Say(words.ReportTitle), Section: web.Reports, Lead: v.about() + " " + v.say.Say(words.ReportDays, v.zone.String()),
		Set: set, Template: "summary-page", Data: page, Styles: styles(),
	})
	return nil
}

// figures are the sums that people look for first.
func (v *viewer) figures(c record.Count) []pair {
	row, solved := v.summaryRow("", "", c), ""
	if n := results(c); n > 0 {
		solved = fmt.Sprintf("%d %%", (c.Solved*100+n/2)/n)
	}
	return said([]pair{
		{v.say.Say(words.SummaryCame), row.Came},
		{v.say.Say(words.SummaryTaken), fmt.Sprintf("%d %%", (c.Taken*100+c.Came/2)/c.Came)},
		{v.say.Say(words.SummaryWaited), row.Waited},
		{v.say.Say(words.SummaryLasted), row.Lasted},
		{v.say.Say(words.SummarySolved), solved},
		{v.say.Say(words.SummaryRated), strings.TrimSpace(ratingOnly(c))},
	})
}

func ratingOnly(c record.Count) string {
	if c.Rated == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", c.AverageRating())
}

// countData is a count in JSON. The names are kept: never change one.
type countData struct {
	Name     string  `json:"name"`
	Sessions int64   `json:"sessions"`
	Taken    int64   `json:"taken"`
	Unhelped int64   `json:"unhelped"`
	Waiting  int64   `json:"waiting"`
	Wait     int64   `json:"averageWaitSeconds"`
	Length   int64   `json:"averageLengthSeconds"`
	Rated    int64   `json:"rated"`
	Rating   float64 `json:"averageRating"`
	Solved   int64   `json:"solved"`
	Unsolved int64   `json:"unsolved"`
	FollowUp int64   `json:"followUp"`
}

func newCountData(name string, c record.Count) countData {
	return countData{
		name, c.Came, c.Taken, c.Unhelped, waiting(c), int64(c.AverageWait() / time.Second), int64(c.AverageLength() / time.Second), c.Rated,
		float64(int(c.AverageRating()*100+0.5)) / 100, c.Solved, c.Unsolved, c.FollowUp,
	}
}

// summaryFile is a summary as a document.
func (h *reports) summaryFile(r *http.Request, v *viewer, f *filters, kind string) (*document, error) {
	f.only(summaryFilters)
	at, ok := reader{v, r.URL.Query(), f}.division()
	if !ok || f.wrong {
		return nil, unclear(words.ReportBadFilter)
	}
	s, err := h.add(r, v, f, at)
	if err != nil {
		return nil, err
	}
	name := func(s words.Sentence) string { return v.say.Say(s) }
	rows := s.rows
	if s.total.Came > 0 {
		rows = append(slices.Clone(rows), v.summaryRow(name(words.SummaryTotal), "", s.total))
	}
	exact := kind == "csv"
	p := part{
		pairs: f.narrow(), chart: s.chart, empty: name(words.SummaryNone),
		columns: []column{
			{name(divisions[at].say), 14, false},
			{name(words.SummaryCame), 7, true},
			{name(words.SummaryTaken), 8, true},
			{name(words.SummaryUnhelped), 8, true},
			{name(words.SummaryOpen), 7, true},
			{name(words.SummaryWaited), 9, true},
			{name(words.SummaryLasted), 9, true},
			{name(words.SummarySolved), 6, true},
			{name(words.SummaryUnsolved), 6, true},
			{name(words.SummaryFollowUp), 6, true},
			{name(words.SummaryRated), 9, true},
		},
		rows: func(yield func([]string) error) error {
			for _, row := range rows {
				solved, unsolved, followUp := thousands(row.Count.Solved), thousands(row.Count.Unsolved), thousands(row.Count.FollowUp)
				cells := []string{row.Name, row.Came, row.Taken, row.Unhelped, row.Still, row.Waited, row.Lasted, solved, unsolved, followUp, row.Rated}
				if exact {
					c := newCountData(row.Name, row.Count)
					cells = []string{
						row.Name, fmt.Sprint(c.Sessions), fmt.Sprint(c.Taken), fmt.Sprint(c.Unhelped), fmt.Sprint(c.Waiting), fmt.Sprint(c.Wait),
						fmt.Sprint(c.Length), fmt.Sprint(c.Solved), fmt.Sprint(c.Unsolved), fmt.Sprint(c.FollowUp), "",
					}
					if c.Rated > 0 { // else it would look like the worst
						cells[len(cells)-1] = fmt.Sprint(c.Rating)
					}
				}
				if err := yield(cells); err != nil {
					return err
				}
			}
			return nil
		},
		note: func() string { return name(words.SummaryLastRep) + " " + name(words.SummaryResults) },
	}
	return &document{
		title: name(words.ReportSummary), lead: []string{f.dates(v), v.about() + " " + v.say.Say(words.ReportDays, v.zone.String())}, parts: []part{p},
		data: func(out *jsonWriter) error {
			data := []countData{}
			for _, row := range s.rows {
				data = append(data, newCountData(row.Name, row.Count))
			}
			return out.value(map[string]any{
				"zone": v.zone.String(), "from": f.asked.Get("from"), "until": f.asked.Get("until"), "by": divisions[at].name,
				"rows": data, "total": newCountData("", s.total),
			})
		},
	}, nil
}
