package report

import (
	_ "embed" // the style
	"fmt"
	"html/template"
	"io"
	"strings"

	"handrail/shared/words"
)

//go:embed static/report.css
var chartStyle string

//go:embed file.css
var fileStyle string

// htmlWriter writes HTML and remembers the first error.
type htmlWriter struct {
	to  io.Writer
	err error
}

// put writes a piece, in which each %s is filled with escaped text.
func (h *htmlWriter) put(format string, args ...string) {
	if h.err != nil {
		return
	}
	escaped := make([]any, len(args))
	for i, a := range args {
		escaped[i] = template.HTMLEscapeString(a)
	}
	_, h.err = fmt.Fprintf(h.to, format, escaped...)
}

func (h *htmlWriter) raw(s string) {
	if h.err == nil {
		_, h.err = io.WriteString(h.to, s)
	}
}

// html writes one file with everything in it, row by row.
func (d *document) html(to io.Writer, v *viewer) error {
	h := &htmlWriter{to: to}
	h.put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s – %s</title>\n<style>\n", d.title, v.who.Organisation)
	h.raw(fileStyle + chartStyle)
	h.put("</style>\n</head>\n<body>\n<h1>%s</h1>\n", d.title)
	for _, line := range d.lead {
		h.put("<p class=\"lead\">%s</p>\n", line)
	}
	for i := range d.parts {
		d.parts[i].html(h)
	}
	h.put("<footer>%s. %s</footer>\n</body>\n</html>\n", v.say.Say(words.ReportMade, v.clock(v.now)+" "+v.zone.String()), v.say.Say(words.ReportFile, v.who.Organisation))
	return h.err
}

func (p *part) html(h *htmlWriter) {
	if p.heading != "" {
		h.put("<h2>%s</h2>\n", p.heading)
	}
	if len(p.pairs) > 0 {
		h.put("<dl>\n")
		for _, one := range p.pairs {
			h.put("<dt>%s</dt><dd dir=\"auto\">%s</dd>\n", one.Name, one.Value)
		}
		h.put("</dl>\n")
	}
	if p.chart != nil {
		h.raw(string(p.chart.svg()))
	}
	n := 0
	if p.rows != nil {
		err := p.rows(func(row []string) error {
			if n++; n == 1 {
				p.head(h)
			}
			h.raw("<tr>")
			for i, cell := range row {
				h.raw(p.cell("td", i))
				for j, line := range strings.Split(cell, "\n") {
					if j > 0 {
						h.raw("<br>")
					}
					h.put("%s", line)
				}
				h.raw("</td>")
			}
			h.raw("</tr>\n")
			return h.err
		})
		if h.err == nil {
			h.err = err
		}
	}
	switch {
	case n > 0:
		h.raw("</tbody>\n</table>\n")
		if p.note != nil && p.note() != "" {
			h.put("<p>%s</p>\n", p.note())
		}
	case len(p.pairs) == 0 || p.rows != nil:
		if p.empty != "" {
			h.put("<p class=\"lead\">%s</p>\n", p.empty)
		}
	}
}

func (p *part) head(h *htmlWriter) {
	if len(p.columns) <= fewColumns { // long words must not take the others' room
		sum := 0
		for _, c := range p.columns {
			sum += c.width
		}
		h.raw("<table class=\"few\">\n<colgroup>")
		for _, c := range p.columns {
			h.raw(fmt.Sprintf("<col width=\"%d%%\">", 100*c.width/max(1, sum)))
		}
		h.raw("</colgroup>\n<thead><tr>")
	} else {
		h.raw("<table>\n<thead><tr>")
	}
	for i, c := range p.columns {
		h.raw(p.cell("th scope=\"col\"", i))
		h.put("%s</th>", c.name)
	}
	h.raw("</tr></thead>\n<tbody>\n")
}

// cell begins a cell of a column.
func (p *part) cell(tag string, column int) string {
	class := ""
	if column < len(p.columns) && p.columns[column].number {
		class = ` class="number"`
	}
	return "<" + tag + class + ` dir="auto">`
}
