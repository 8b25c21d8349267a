package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"codeberg.org/go-pdf/fpdf"

	"handrail/assets"
	"handrail/shared/words"
)

// Sizes on paper, in millimetres; A4 is 210 by 297. Letters are in points.
const (
	margin    = 14.0
	foot      = 16.0
	lineOf    = 4.4 // height of a line of a table
	padding   = 1.3
	mostLines = 12 // of a cell in a list; more is cut off
	tallRow   = 40 // lines of a row that still stay together
	fewLines  = 5  // of a taller one that are worth the end of a page

	fewColumns = 4 // fit on a page that stands

	bodySize, headSize, partSize, titleSize = 8.5, 8.0, 12.0, 18.0
)

// Colours: text, quiet text, lines, and the parts of charts.
var (
	inkText    = [3]int{26, 36, 48}
	inkQuiet   = [3]int{85, 98, 111}
	inkLine    = [3]int{213, 220, 228}
	inkGround  = [3]int{244, 246, 249}
	chartInk   = [3][3]int{{15, 91, 140}, {196, 98, 16}, {160, 170, 182}}
	chartPaper = 42.0 // height
)

// leftOut stands where letters are left out.
const leftOut = "[…]"

// paper is a PDF that is being written.
type paper struct {
	*fpdf.Fpdf
	wide, high    float64
	made          string // said at the foot of each page
	regular, bold func(rune) bool
	incomplete    bool // something was left out
}

// newPaper begins a PDF: A4, standing ("P") or across ("L").
func newPaper(orientation string, v *viewer) *paper {
	p := &paper{Fpdf: fpdf.New(orientation, "mm", "A4", ""), regular: glyphs(assets.Font()), bold: glyphs(assets.BoldFont())}
	p.AddUTF8FontFromBytes("body", "", bytes.Clone(assets.Font()))
	p.AddUTF8FontFromBytes("body", "B", bytes.Clone(assets.BoldFont()))
	p.SetCreator("Handrail", false)
	p.SetCreationDate(v.now)
	p.SetModificationDate(v.now)
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(false, foot)
	p.wide, p.high = p.GetPageSize()
	p.made = p.plain(v.say.Say(words.ReportMade, v.clock(v.now)+" "+v.zone.String()) + " · " + v.say.Say(words.ReportFile, v.who.Organisation))
	p.SetFooterFunc(p.footer)
	return p
}

// pdf writes a document on paper, across if a table needs it.
func (d *document) pdf(to io.Writer, v *viewer) error {
	orientation := "P"
	for _, p := range d.parts {
		if len(p.columns) > fewColumns {
			orientation = "L"
		}
	}
	p := newPaper(orientation, v)
	p.SetTitle(p.plain(d.title), true)
	p.AddPage()
	p.font("B", titleSize, inkText)
	p.paragraph(p.plain(d.title), 8)
	p.font("", bodySize, inkQuiet)
	for _, line := range d.lead {
		p.paragraph(p.plain(line), lineOf)
	}
	for i := range d.parts {
		if err := p.part(&d.parts[i]); err != nil {
			return err
		}
	}
	if p.incomplete {
		p.Ln(4)
		p.font("", bodySize, inkQuiet)
		p.paragraph(v.say.Say(words.ReportUnshown), lineOf)
	}
	if err := p.Output(to); err != nil {
		return fmt.Errorf("writing a PDF: %w", err)
	}
	return nil
}

func (p *paper) font(style string, size float64, ink [3]int) {
	p.SetFont("body", style, size)
	p.SetTextColor(ink[0], ink[1], ink[2])
}

func (p *paper) width() float64 { return p.wide - 2*margin }

func (p *paper) footer() {
	p.SetY(p.high - 11)
	p.font("", 7.5, inkQuiet)
	p.CellFormat(p.width()-20, 4, p.made, "", 0, "L", false, 0, "")
	p.CellFormat(20, 4, fmt.Sprint(p.PageNo()), "", 0, "R", false, 0, "")
}

// room makes sure that something of that height fits, and says whether it begins
// a page for it.
func (p *paper) room(height float64) bool {
	if p.GetY()+height <= p.high-foot {
		return false
	}
	p.AddPage()
	return true
}

func (p *paper) paragraph(text string, height float64) {
	for _, line := range p.lines(text, p.width()) {
		p.room(height)
		p.CellFormat(p.width(), height, line, "", 1, "L", false, 0, "")
	}
}

// lines breaks text. It has no end of its own: a table's row stays on a page.
func (p *paper) lines(text string, width float64) []string {
	var all []string
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" {
			all = append(all, "")
			continue
		}
		all = append(all, p.SplitText(line, width)...)
	}
	return all
}

func (p *paper) part(x *part) error {
	p.Ln(4)
	if x.heading != "" {
		p.room(20)
		p.font("B", partSize, inkText)
		p.paragraph(p.plain(x.heading), 6)
		p.Ln(1)
	}
	for _, one := range x.pairs {
		p.pair(one)
	}
	if x.chart != nil {
		p.chart(x.chart)
	}
	n := 0
	if x.rows != nil {
		widths := p.widths(x.columns)
		if len(x.pairs) > 0 || x.chart != nil {
			p.Ln(2)
		}
		err := x.rows(func(row []string) error {
			if n++; n == 1 {
				p.head(x, widths)
			}
			p.row(x, widths, row)
			return p.Error()
		})
		if err != nil {
			return err
		}
	}
	p.font("", bodySize, inkQuiet)
	switch {
	case n > 0 && x.note != nil:
		p.Ln(2)
		p.paragraph(p.plain(x.note()), lineOf)
	case n == 0 && (len(x.pairs) == 0 || x.rows != nil) && x.empty != "":
		p.paragraph(p.plain(x.empty), lineOf)
	}
	return p.Error()
}

func (p *paper) pair(one pair) {
	const names, gap = 46.0, 3.0
	p.font("", bodySize, inkText)
	called, lines := p.lines(p.plain(one.Name), names-gap), p.lines(p.plain(one.Value), p.width()-names)
	for i := range max(len(called), len(lines)) {
		p.room(lineOf)
		cell := func(lines []string, ink [3]int, width float64, end int) {
			text := ""
			if i < len(lines) {
				text = lines[i]
			}
			p.font("", bodySize, ink)
			p.CellFormat(width, lineOf+0.6, text, "", end, "L", false, 0, "")
		}
		cell(called, inkQuiet, names, 0)
		cell(lines, inkText, p.width()-names, 1)
	}
}

func (p *paper) widths(columns []column) []float64 {
	sum := 0
	for _, c := range columns {
		sum += c.width
	}
	widths := make([]float64, len(columns))
	for i, c := range columns {
		widths[i] = p.width() * float64(c.width) / float64(max(1, sum))
	}
	return widths
}

func (p *paper) head(x *part, widths []float64) {
	p.font("B", headSize, inkQuiet)
	names := make([]string, len(x.columns))
	for i, c := range x.columns {
		names[i] = c.name
	}
	p.cells(x, widths, names, true)
}

func (p *paper) row(x *part, widths []float64, row []string) {
	p.font("", bodySize, inkText)
	p.cells(x, widths, row, false)
}

// cells draws a row, on a page with the names of the columns above it. A row
// that is too tall for that goes on as another one.
func (p *paper) cells(x *part, widths []float64, row []string, names bool) {
	texts := make([][]string, len(widths))
	tallest := 1
	for i := range widths {
		if i < len(row) {
			texts[i] = p.lines(p.plain(row[i]), widths[i]-2*padding)
			if len(x.columns) > fewColumns {
				texts[i] = cut(texts[i], mostLines)
			}
			tallest = max(tallest, len(texts[i]))
		}
	}
	for from := 0; from < tallest; {
		tall := tallest - from
		if tallest > tallRow { // it fills pages
			left := func() int { return int((p.high - foot - p.GetY() - 2*padding) / lineOf) }
			if left() < fewLines {
				p.AddPage()
				p.head(x, widths)
				p.font("", bodySize, inkText)
			}
			tall = min(tall, left())
		}
		some := make([][]string, len(texts))
		for i, lines := range texts {
			some[i] = lines[min(from, len(lines)):min(from+tall, len(lines))]
		}
		p.draw(x, widths, some, tall, names)
		from += tall
	}
}

// cut is no more than so many lines, and says whether there were more.
func cut(lines []string, most int) []string {
	if len(lines) <= most {
		return lines
	}
	return append(slices.Clone(lines[:most-1]), lines[most-1]+" …")
}

// draw draws a row of so many lines.
func (p *paper) draw(x *part, widths []float64, texts [][]string, tall int, names bool) {
	height := float64(tall)*lineOf + 2*padding
	if names {
		p.room(height + 3*lineOf) // a heading alone is none
	} else if p.room(height) {
		p.head(x, widths)
		p.font("", bodySize, inkText)
	}
	top := p.GetY()
	if names {
		p.SetFillColor(inkGround[0], inkGround[1], inkGround[2])
		p.Rect(margin, top, p.width(), height, "F")
	}
	left := margin
	for i, lines := range texts {
		align := "L"
		if x.columns[i].number {
			align = "R"
		}
		for n, line := range lines {
			p.SetXY(left+padding, top+padding+float64(n)*lineOf)
			p.CellFormat(widths[i]-2*padding, lineOf, line, "", 0, align, false, 0, "")
		}
		left += widths[i]
	}
	p.SetDrawColor(inkLine[0], inkLine[1], inkLine[2])
	p.Line(margin, top+height, margin+p.width(), top+height)
	p.SetXY(margin, top+height)
}

func (p *paper) chart(c *chart) {
	p.room(chartPaper + 20)
	top, lines := c.top()
	p.Ln(3)
	begin, left, wide := p.GetY(), margin+14, p.width()-14
	y := func(n int64) float64 { return begin + chartPaper*(1-float64(n)/float64(top)) }
	p.SetDrawColor(inkLine[0], inkLine[1], inkLine[2])
	p.font("", 7, inkQuiet)
	for _, n := range lines {
		p.Line(left, y(n), left+wide, y(n))
		p.SetXY(margin, y(n)-2)
		p.CellFormat(12, 4, thousands(n), "", 0, "R", false, 0, "")
	}
	each := wide / float64(max(1, len(c.bars)))
	every := (len(c.bars) + 11) / 12
	for i, b := range c.bars {
		low := int64(0)
		for k, n := range []int64{b.taken, b.unhelped, b.still} {
			if n > 0 {
				p.SetFillColor(chartInk[k][0], chartInk[k][1], chartInk[k][2])
				p.Rect(left+each*(float64(i)+0.12), y(low+n), each*0.76, y(low)-y(low+n), "F")
			}
			low += n
		}
		if i%every == 0 {
			p.SetXY(left+each*(float64(i)+0.5)-10, begin+chartPaper+1)
			p.CellFormat(20, 4, b.short, "", 0, "C", false, 0, "")
		}
	}
	p.SetXY(left, begin+chartPaper+7)
	for k, name := range c.keys {
		p.SetFillColor(chartInk[k][0], chartInk[k][1], chartInk[k][2])
		p.Rect(p.GetX(), p.GetY()+0.6, 2.8, 2.8, "F")
		p.SetX(p.GetX() + 4)
		p.CellFormat(p.GetStringWidth(name)+6, 4, p.plain(name), "", 0, "L", false, 0, "")
	}
	p.Ln(6)
}

// plain is text that can be set with the fonts. What they have no letters for
// is left out, and it is said that it is. Letters come in their order, one after
// the other: the package that sets them knows no more than that, and none above
// U+FFFF.
func (p *paper) plain(s string) string {
	var b strings.Builder
	left, gap := false, false // something was left out just now, and a space after it
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		switch {
		case r == '\n':
			left, gap = false, false
			b.WriteRune(r)
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r) && !p.shows(r): // can't be seen by themselves
		case unicode.IsControl(r), unicode.IsSpace(r):
			if gap = left; !left {
				b.WriteByte(' ')
			}
		case !p.shows(r):
			if !left {
				b.WriteString(leftOut)
			}
			left, gap, p.incomplete = true, false, true
		default:
			if gap {
				b.WriteByte(' ')
			}
			left, gap = false, false
			b.WriteRune(r)
		}
	}
	return b.String()
}

// shows says whether both fonts have a letter.
func (p *paper) shows(r rune) bool { return p.regular(r) && p.bold(r) }
