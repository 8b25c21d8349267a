package report

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"handrail/broker/record"
	"handrail/shared/words"
)

const day = 24 * time.Hour

// step is how long a bucket of time is.
type step int

const (
	days step = iota
	weeks
	months
)

// bucket is a stretch of time and what happened in it.
type bucket struct {
	start time.Time // a date, in UTC
	record.Count
}

// begin is the first day of the bucket that a day is in.
func (s step) begin(d time.Time) time.Time {
	switch s {
	case weeks:
		return d.AddDate(0, 0, -(int(d.Weekday())+6)%7) // Mondays (ISO 8601)
	case months:
		return d.AddDate(0, 0, 1-d.Day())
	}
	return d
}

func (s step) next(d time.Time) time.Time {
	switch s {
	case weeks:
		return d.AddDate(0, 0, 7)
	case months:
		return d.AddDate(0, 1, 0)
	}
	return d.AddDate(0, 0, 1)
}

// mostBuckets keeps pages and charts at a size that somebody can look through.
const mostBuckets = 750

// fits makes steps longer until there are few enough of them.
func (s step) fits(from, until time.Time, most int) step {
	for ; s < months; s++ {
		length := map[step]time.Duration{days: day, weeks: 7 * day}[s]
		if until.Sub(from)/length < time.Duration(most) {
			break
		}
	}
	return s
}

// days is from when until when there is something to show: the filter's days
// where it has some, but none that are still to come and empty.
func (v *viewer) days(f *filters, totals []record.Total) (from, until time.Time) {
	today := record.Day(v.now, v.zone)
	first, last := f.FromDay, f.UntilDay-1
	if len(totals) > 0 {
		if first == 0 || first > totals[0].Day {
			first = totals[0].Day
		}
		newest := max(totals[len(totals)-1].Day, today)
		if f.UntilDay == 0 || last > newest {
			last = newest
		}
	}
	return record.Date(first), record.Date(max(first, last))
}

// buckets puts days together, with those in which nothing happened.
func buckets(totals []record.Total, from, until time.Time, s step) (all []bucket) {
	for d := s.begin(from); !d.After(until) && len(all) < 10*mostBuckets; d = s.next(d) {
		all = append(all, bucket{start: d})
	}
	at := 0
	for _, t := range totals {
		date := s.begin(record.Date(t.Day))
		for at < len(all)-1 && all[at].start.Before(date) {
			at++
		}
		if at < len(all) && all[at].start.Equal(date) {
			all[at].Count = all[at].Plus(t.Count, 1)
		}
	}
	return all
}

// label is what a bucket is called.
func (s step) label(v *viewer, d time.Time) string {
	switch s {
	case weeks:
		return v.say.Say(words.SummaryWeek, d.Format(time.DateOnly))
	case months:
		return d.Format("2006-01")
	}
	return d.Format(time.DateOnly)
}

// short is label for the axis of a chart.
func (s step) short(d time.Time) string {
	if s == months {
		return d.Format("2006-01")
	}
	return d.Format("01-02")
}

// chart is sessions over time.
type chart struct {
	name string // for who can't see it
	keys [3]string
	bars []bar
}

type bar struct {
	short, name            string
	taken, unhelped, still int64
}

func waiting(c record.Count) int64 { return max(0, c.Came-c.Taken-c.Unhelped) }

func (v *viewer) chart(all []bucket, s step) *chart {
	by := map[step]words.Sentence{days: words.SummaryByDay, weeks: words.SummaryByWeek, months: words.SummaryByMonth}[s]
	c := &chart{
		name: v.say.Say(words.SummaryChart, strings.ToLower(v.say.Say(by))),
		keys: [3]string{v.say.Say(words.SummaryTaken), v.say.Say(words.SummaryUnhelped), v.say.Say(words.SummaryOpen)},
	}
	for _, b := range all {
		c.bars = append(c.bars, bar{
			short: s.short(b.start), taken: b.Taken, unhelped: b.Unhelped, still: waiting(b.Count),
			name: v.say.Say(words.SummaryChartName, s.label(v, b.start), b.Taken, b.Unhelped, waiting(b.Count)),
		})
	}
	return c
}

// top is the round number that the axis ends with, and the lines below it.
func (c *chart) top() (top int64, lines []int64) {
	most := int64(1)
	for _, b := range c.bars {
		most = max(most, b.taken+b.unhelped+b.still)
	}
	unit, steps := int64(1), []int64{2, 5, 10} // 1, 2, 5, 10, 20, 50 …
	for i, decade := 0, int64(1); unit*5 < most; i++ {
		unit = decade * steps[i%3]
		if i%3 == 2 {
			decade *= 10
		}
	}
	top = (most + unit - 1) / unit * unit
	for n := int64(0); n <= top; n += unit {
		lines = append(lines, n)
	}
	return top, lines
}

// Sizes of the chart on a page. It is as wide as there is room: along the axis
// everything is in hundredths, so letters keep their size on a phone.
const (
	chartTop    = 12 // pixels
	chartHeight = 180
	chartFoot   = 26
	mostLabels  = 6
)

// svg draws the chart: an axis of fixed width, and the bars. All that is put
// into it are numbers and escaped words.
func (c *chart) svg() template.HTML {
	top, lines := c.top()
	y := func(n int64) float64 { return chartTop + float64(chartHeight)*(1-float64(n)/float64(top)) }
	var s strings.Builder
	esc := template.HTMLEscapeString
	fmt.Fprintf(&s, `<figure class="chart"><div class="plot"><svg class="axis" aria-hidden="true" width="52" height="%d">`, chartTop+chartHeight+chartFoot)
	for _, n := range lines {
		fmt.Fprintf(&s, `<text x="44" y="%.1f" text-anchor="end">%s</text>`, y(n)+4, thousands(n))
	}
	fmt.Fprintf(&s, `</svg><svg class="bars" role="group" aria-label="%s" width="100%%" height="%d">`, esc(c.name), chartTop+chartHeight+chartFoot)
	for _, n := range lines {
		fmt.Fprintf(&s, `<line x1="0" x2="100%%" y1="%.1f" y2="%.1f"/>`, y(n), y(n))
	}
	width := 100 / float64(max(1, len(c.bars)))
	every := (len(c.bars) + mostLabels - 1) / mostLabels
	for i, b := range c.bars {
		x := float64(i) * width
		if b.taken+b.unhelped+b.still > 0 { // who listens hears of the others by not hearing of them
			fmt.Fprintf(&s, `<g role="img"><title>%s</title>`, esc(b.name))
			b.draw(&s, x+width*0.12, width*0.76, y)
			s.WriteString(`</g>`)
		}
		if i%every == 0 {
			fmt.Fprintf(&s, `<text x="%.3f%%" y="%d" text-anchor="middle">%s</text>`, x+width/2, chartTop+chartHeight+20, esc(b.short))
		}
	}
	s.WriteString(`</svg></div><figcaption>`)
	for i, class := range []string{"taken", "unhelped", "still"} {
		fmt.Fprintf(&s, `<span><svg class="key" aria-hidden="true" width="12" height="12"><rect class="%s" width="12" height="12" rx="3"/></svg>%s</span>`, class, esc(c.keys[i]))
	}
	s.WriteString(`</figcaption></figure>`)
	return template.HTML(s.String())
}

// draw draws a bar, its parts one upon the other.
func (b bar) draw(s *strings.Builder, x, width float64, y func(int64) float64) {
	low := int64(0)
	for _, one := range []struct {
		class string
		n     int64
	}{{"taken", b.taken}, {"unhelped", b.unhelped}, {"still", b.still}} {
		if one.n > 0 {
			fmt.Fprintf(s, `<rect class="%s" x="%.3f%%" width="%.3f%%" y="%.1f" height="%.1f"/>`,
				one.class, x, width, y(low+one.n), y(low)-y(low+one.n))
		}
		low += one.n
	}
}

// lineSVG is a bar in a table: parts of all, one behind the other.
func lineSVG(all int64, parts ...int64) template.HTML {
	var s strings.Builder
	s.WriteString(`<svg class="line" aria-hidden="true" width="100%" height="12">`)
	low := 0.0
	for i, n := range parts {
		if n > 0 && all > 0 {
			share := 100 * float64(n) / float64(all)
			fmt.Fprintf(&s, `<rect class="%s" x="%.2f%%" width="%.2f%%" height="12"/>`, []string{"taken", "unhelped", "still"}[i%3], low, share)
			low += share
		}
	}
	s.WriteString(`</svg>`)
	return template.HTML(s.String())
}
