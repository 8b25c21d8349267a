package report

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"handrail/broker/record"
	"handrail/broker/web"
	"handrail/shared/words"
)

const (
	maxRows  = 50_000 // of a file
	maxPaper = 2_000  // rows of a PDF: 60 pages
	chunk    = 500    // rows that are read at a time
)

// document is a report as a file.
type document struct {
	title string
	lead  []string
	parts []part
	data  func(*jsonWriter) error
}

// part is a part of a document: pairs, a chart, a table.
type part struct {
	heading string
	pairs   []pair
	chart   *chart
	columns []column
	rows    func(yield func([]string) error) error
	empty   string        // said when there is nothing
	note    func() string // said behind the rows
}

type column struct {
	name   string
	width  int // beside the others
	number bool
}

// sorts are the types of files.
var sorts = map[string]string{
	"csv": "text/csv; charset=utf-8", "json": "application/json", "html": "text/html; charset=utf-8", "pdf": "application/pdf",
}

// send answers with a document as a file.
func (h *reports) send(w http.ResponseWriter, r *http.Request, v *viewer, d *document, name, kind string) error {
	select {
	case h.making <- struct{}{}:
		defer func() { <-h.making }()
	default:
		return errBusy
	}
	head := w.Header()
	head.Set("Content-Type", sorts[kind])
	head.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="handrail-%s.%s"`, name, kind)) // name is ours
	if r.Method == http.MethodHead {
		return nil
	}
	out := bufio.NewWriter(w)
	var err error
	switch kind {
	case "csv":
		err = d.csv(out)
	case "json":
		err = d.data(&jsonWriter{Writer: out})
	case "html":
		err = d.html(out, v)
	case "pdf":
		err = d.pdf(out, v)
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		return errors.Join(errUnderWay, err)
	}
	return nil
}

// file is a list, a summary or a survey as a file.
func (h *reports) file(w http.ResponseWriter, r *http.Request, v *viewer) error {
	name, kind, ok := strings.Cut(r.PathValue("name"), ".")
	makes := map[string]func(*http.Request, *viewer, *filters, string) (*document, error){
		"sessions": h.listFile, "summary": h.summaryFile, "survey": h.surveyFile,
	}[name]
	if !ok || kindName[kind] == "" || makes == nil {
		web.Missing(w, r)
		return nil
	}
	f := v.filters(r)
	if f.wrong {
		return unclear(words.ReportBadFilter)
	}
	d, err := makes(r, v, f, kind)
	if err != nil {
		return err
	}
	return h.send(w, r, v, d, name, kind)
}

// each reads records piece by piece, so that neither the memory nor the store
// holds all of them at once, and says whether there are more than limit.
func (h *reports) each(ctx context.Context, f record.Filter, limit int, yield func(*record.Record) error) (more bool, err error) {
	page := record.Page{Limit: chunk}
	for n := 0; ; {
		rows, err := h.Store.Records(ctx, f, page)
		if err != nil {
			return false, err
		}
		for i := range rows {
			if n == limit {
				return true, nil
			}
			if err := yield(&rows[i]); err != nil {
				return false, err
			}
			n++
		}
		if len(rows) < chunk {
			return false, nil
		}
		last := rows[len(rows)-1].At()
		page.After = &last
	}
}

// listFile is the list of sessions as a document.
func (h *reports) listFile(r *http.Request, v *viewer, f *filters, kind string) (*document, error) {
	limit, more := h.rows, false
	if kind == "pdf" {
		limit = h.paper
	}
	name := func(s words.Sentence) string { return v.say.Say(s) }
	rows := part{
		pairs: f.narrow(), empty: name(words.ReportNone),
		columns: []column{
			{name(words.ReportCame), 9, false},
			{name(words.ReportCustomer), 10, false},
			{name(words.ReportCompany), 10, false},
			{name(words.ReportIssue), 9, false},
			{name(words.ReportTeam), 8, false},
			{name(words.ReportRep), 9, false},
			{name(words.ReportWaited), 6, true},
			{name(words.ReportLasted), 6, true},
			{name(words.ReportOutcome), 9, false},
			{name(words.ReportResult), 7, false},
			{name(words.ReportRating), 5, true},
		},
		note: func() string {
			if more {
				return name(words.ReportCut)
			}
			return ""
		},
	}
	exact := kind == "csv"
	if exact {
		rows.columns = append(rows.columns, column{name: name(words.ReportPortal)}, column{name: name(words.ReportCode)}, column{name: name(words.ReportNumber)})
	}
	rows.rows = func(yield func([]string) error) error {
		var err error
		more, err = h.each(r.Context(), f.Filter, limit, func(one *record.Record) error { return yield(v.cells(one, exact)) })
		return err
	}
	d := &document{
		title: name(words.ReportSessions), lead: []string{f.dates(v), v.about() + " " + v.times()}, parts: []part{rows},
		data: func(out *jsonWriter) error {
			err := out.begin(map[string]any{"zone": v.zone.String(), "from": f.asked.Get("from"), "until": f.asked.Get("until")}, "sessions")
			if err != nil {
				return err
			}
			more, err := h.each(r.Context(), f.Filter, limit, func(one *record.Record) error { return out.item(v.data(one)) })
			if err != nil {
				return err
			}
			return out.end(map[string]any{"more": more})
		},
	}
	return d, nil
}

// cells are a row of the list. Programs get lengths in seconds and times with
// their zone.
func (v *viewer) cells(r *record.Record, exact bool) []string {
	issue, team, rep := r.Issue, "", ""
	if issue == "" {
		issue = called(v, starts, r.Start)
	}
	if r.Team != 0 {
		team = v.team(r.Team)
	}
	if r.Rep != 0 {
		rep = v.rep(r.Rep)
	}
	row := []string{v.clock(r.Came), r.Name, r.Company, issue, team, rep, v.waited(r, v.brief), v.lasted(r, v.brief), called(v, outcomes, r.Outcome), v.say.Outcome(r.Result), v.stars(r.Rating)}
	if exact {
		row[0] = r.Came.In(v.zone).Format(time.RFC3339)
		row[6], row[7], row[10] = fmt.Sprint(int64(r.Waited/time.Second)), fmt.Sprint(int64(r.Lasted/time.Second)), ""
		if r.Rating > 0 {
			row[10] = fmt.Sprint(r.Rating)
		}
		row = append(row, v.portal(r.Portal), r.CompanyCode, r.Session.String())
	}
	return row
}

// csv writes the tables, with an apostrophe before whatever a spreadsheet would
// take for a formula.
func (d *document) csv(to io.Writer) error {
	if _, err := io.WriteString(to, "\uFEFF"); err != nil { // spreadsheets know UTF-8 by it
		return err
	}
	out := csv.NewWriter(to)
	for i, p := range d.parts {
		if i > 0 {
			out.Flush()
			if _, err := io.WriteString(to, "\n"); err != nil {
				return err
			}
		}
		if len(d.parts) > 1 && p.heading != "" {
			if err := out.Write([]string{guarded(p.heading)}); err != nil {
				return err
			}
		}
		if err := p.csv(out, len(d.parts) > 1); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// csv writes a part. Beside others it says what it is as well, as people need it
// to.
func (p *part) csv(out *csv.Writer, beside bool) error {
	line := func(cells ...string) error {
		for i := range cells {
			cells[i] = guarded(cells[i])
		}
		return out.Write(cells)
	}
	if beside {
		for _, one := range p.pairs {
			if err := line(one.Name, one.Value); err != nil {
				return err
			}
		}
	}
	if p.rows == nil {
		if beside && len(p.pairs) == 0 && p.empty != "" {
			return line(p.empty)
		}
		return nil
	}
	var names []string
	for _, c := range p.columns {
		names = append(names, c.name)
	}
	if err := line(names...); err != nil {
		return err
	}
	return p.rows(func(row []string) error { return line(slices.Clone(row)...) })
}

// guarded is a cell that no spreadsheet calculates with. Some look behind spaces.
// Where a comma is the sign of fractions they read a semicolon as the end of a
// cell, and an end of a line, quoted or not: what follows may begin one, too.
func guarded(cell string) string {
	var b strings.Builder
	if strings.ContainsAny(cell[:min(1, len(cell))], "\t\r\n") {
		b.WriteByte('\'')
	}
	for from := 0; from < len(cell); {
		to := len(cell)
		if n := strings.IndexAny(cell[from:], ";\t\r\n"); n >= 0 {
			to = from + n + 1
		}
		if text := strings.TrimSpace(cell[from:to]); text != "" && strings.IndexAny(text, "=+-@＝＋－＠") == 0 {
			b.WriteByte('\'')
		}
		b.WriteString(cell[from:to])
		from = to
	}
	return b.String()
}

// jsonWriter writes an object whose last member is a long list.
type jsonWriter struct {
	io.Writer
	items int
}

func (j *jsonWriter) value(x any) error {
	out := json.NewEncoder(j)
	out.SetIndent("", "  ")
	return out.Encode(x)
}

// members writes an object without its braces.
func (j *jsonWriter) members(m map[string]any) error {
	for i, name := range keys(m) {
		text, err := json.Marshal(m[name])
		if err != nil {
			return err
		}
		comma := ",\n"
		if i == 0 {
			comma = ""
		}
		if _, err := fmt.Fprintf(j, "%s%q: %s", comma, name, text); err != nil {
			return err
		}
	}
	return nil
}

func (j *jsonWriter) begin(m map[string]any, list string) error {
	if _, err := io.WriteString(j, "{\n"); err != nil {
		return err
	}
	if err := j.members(m); err != nil {
		return err
	}
	_, err := fmt.Fprintf(j, ",\n%q: [", list)
	return err
}

func (j *jsonWriter) item(x any) error {
	text, err := json.Marshal(x)
	if err != nil {
		return err
	}
	comma := ",\n"
	if j.items == 0 {
		comma = "\n"
	}
	j.items++
	_, err = fmt.Fprintf(j, "%s%s", comma, text)
	return err
}

func (j *jsonWriter) end(m map[string]any) error {
	if _, err := io.WriteString(j, "\n],\n"); err != nil {
		return err
	}
	if err := j.members(m); err != nil {
		return err
	}
	_, err := io.WriteString(j, "\n}\n")
	return err
}
