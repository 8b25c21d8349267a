package report

import (
	"cmp"
	"net/http"
	"strconv"

	"handrail/broker/record"
	"handrail/broker/web"
	"handrail/shared/words"
)

const perPage = 50

func styles() []string { return []string{files.URL("report.css")} }

// pair is a name and what belongs to it.
type pair struct{ Name, Value string }

// frame is what all pages of reports begin with.
type frame struct {
	W         map[string]string // words by short names
	Tabs      []tab
	Action    string // of the filters' form
	Main      []web.Field
	More      []web.Field
	MoreOpen  bool
	Summary   web.Form
	Clear     string
	Files     []web.Link
	FilesHint string
}

type tab struct {
	web.Link
	Here bool
}

// frame gives the tabs, and the filters whose names are among shown.
func (v *viewer) frame(path string, f *filters, w map[string]words.Sentence, shown func(name string) bool) frame {
	x := frame{W: map[string]string{}, Action: path, Clear: path}
	for short, s := range common {
		x.W[short] = v.say.Say(s)
	}
	for short, s := range w {
		x.W[short] = v.say.Say(s)
	}
	for _, t := range []struct {
		path string
		name words.Sentence
	}{{Root, words.ReportSessions}, {Root + "/summary", words.ReportSummary}, {Root + "/survey", words.ReportSurvey}} {
		link := t.path
		if f != nil {
			link = f.link(t.path)
		}
		x.Tabs = append(x.Tabs, tab{web.Link{Text: v.say.Say(t.name), Path: link}, t.path == path})
	}
	if f == nil {
		return x
	}
	for _, field := range f.fields {
		if !shown(field.Name) {
			continue
		}
		if len(x.Main) < 4 {
			x.Main = append(x.Main, field)
			continue
		}
		x.More = append(x.More, field)
		x.MoreOpen = x.MoreOpen || f.asked.Get(field.Name) != "" || field.Problem != ""
	}
	return x
}

var common = map[string]words.Sentence{
	"kinds": words.ReportKinds, "more": words.ReportMore, "show": words.ReportShow, "clear": words.ReportClear, "save": words.ReportSave,
}

// saveAs offers files of what is shown.
func (x *frame) saveAs(v *viewer, f *filters, name string, more ...string) {
	for _, kind := range []string{"csv", "json", "html", "pdf"} {
		x.Files = append(x.Files, web.Link{Text: kindName[kind], Path: f.link(Root+"/file/"+name+"."+kind, more...)})
	}
}

var kindName = map[string]string{"csv": "CSV", "json": "JSON", "html": "HTML", "pdf": "PDF"}

// listPage is what list.html shows.
type listPage struct {
	frame
	Rows                 []listRow
	None                 bool
	NoneHint             string
	Newest, Newer, Older string // addresses; empty: there is none
}

type listRow struct {
	Link, Came, Name, Company, Issue, Rep, Waited, Lasted, Outcome, Mood, Result, Rating string
}

func everything(string) bool { return true }

// list is the page of all sessions that fit the filters.
func (h *reports) list(w http.ResponseWriter, r *http.Request, v *viewer) error {
	f := v.filters(r)
	page := listPage{frame: v.frame(Root, f, map[string]words.Sentence{
		"came": words.ReportCame, "who": words.ReportWho, "issue": words.ReportIssue, "rep": words.ReportRep, "waited": words.ReportWaited,
		"lasted": words.ReportLasted, "outcome": words.ReportOutcome, "rating": words.ReportRating, "none": words.ReportNone,
		"newest": words.ReportNewest, "newer": words.ReportNewer, "older": words.ReportOlder, "pages": words.ReportPages,
	}, everything)}
	status := http.StatusOK
	if f.wrong {
		status = http.StatusBadRequest
	} else {
		rows, err := h.fill(r, v, f, &page)
		if err != nil {
			return err
		}
		for _, one := range rows {
			page.Rows = append(page.Rows, v.row(&one))
		}
		page.None = len(rows) == 0
		if page.NoneHint = v.say.Say(words.ReportNoneHint); len(f.narrow()) == 0 {
			page.NoneHint = v.say.Say(words.ReportNoneEver)
		}
		if !page.None {
			page.saveAs(v, f, "sessions")
			page.FilesHint = v.say.Say(words.ReportSaveHint, thousands(int64(h.rows)), thousands(int64(h.paper)))
		}
	}
	did := ""
	if r.URL.Query().Get("did") == "erased" {
		did = v.say.Say(words.EraseDone)
	}
	web.Shell(w, r, status, web.Page{
		Done:  did,
		Title: v.say.Say(words.ReportTitle), Section: web.Reports, Lead: v.about() + " " + v.times(),
		Set: set, Template: "list", Data: page, Styles: styles(),
	})
	return nil
}

// fill reads the rows of a page, and finds out what is before and behind them.
func (h *reports) fill(r *http.Request, v *viewer, f *filters, page *listPage) ([]record.Record, error) {
	after, err := readCursor(r.URL.Query().Get("after"))
	if err != nil {
		return nil, err
	}
	before, err := readCursor(r.URL.Query().Get("before"))
	if err != nil {
		return nil, err
	}
	if before != nil {
		after = nil
	}
	rows, err := h.Store.Records(r.Context(), f.Filter, record.Page{Limit: perPage + 1, After: after, Before: before})
	if err != nil {
		return nil, err
	}
	newer, older := after != nil, len(rows) > perPage
	if before != nil {
		if len(rows) <= perPage { // the newest are not a whole page: show one
			rows, err = h.Store.Records(r.Context(), f.Filter, record.Page{Limit: perPage + 1})
			if err != nil {
				return nil, err
			}
			newer, older = false, len(rows) > perPage
		} else {
			rows, newer, older = rows[1:], true, true
		}
	}
	rows = rows[:min(len(rows), perPage)]
	if newer {
		page.Newest = f.link(Root)
		if len(rows) > 0 {
			page.Newer = f.link(Root, "before", writeCursor(rows[0].At()))
		}
	}
	if older {
		page.Older = f.link(Root, "after", writeCursor(rows[len(rows)-1].At()))
	}
	return rows, nil
}

func (v *viewer) row(r *record.Record) listRow {
	name, company := r.Name, r.Company
	if name == "" {
		name, company = cmp.Or(company, v.say.Say(words.ReportNoName)), ""
	}
	issue := r.Issue
	if issue == "" {
		issue = called(v, starts, r.Start)
	}
	rep := ""
	if r.Rep != 0 {
		rep = v.rep(r.Rep)
	}
	return listRow{
		Link: sessionPath(r.Session), Came: v.clock(r.Came), Name: name, Company: company, Issue: issue, Rep: rep,
		Waited: v.waited(r, v.brief), Lasted: v.lasted(r, v.brief), Outcome: called(v, outcomes, r.Outcome), Mood: mood(r.Outcome),
		Result: v.say.Outcome(r.Result), Rating: v.stars(r.Rating),
	}
}

// thousands writes a number with commas.
func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
