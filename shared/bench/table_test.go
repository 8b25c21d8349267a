package bench

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"handrail/shared/frame"
)

// spread is how long the same thing took each time.
type spread []time.Duration

func (s spread) sum() (sum time.Duration) {
	for _, d := range s {
		sum += d
	}
	return sum
}

func (s spread) mean() time.Duration {
	return s.sum() / time.Duration(max(len(s), 1))
}

// at is the time under which so many percent of them lie.
func (s spread) at(percent int) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[len(sorted)*percent/100]
}

// table is a table of measures, one a row, and desktops, one a column.
type table struct {
	columns []string
	rows    []tableRow
}

type tableRow struct {
	label string
	cells []string // none for a heading
}

// row adds one; it is left out if no column has something to say. Where some
// cells have a mark, the others get its room.
func (t *table) row(label string, cells []string) {
	if strings.Join(cells, "") == "" {
		return
	}
	if slices.ContainsFunc(cells, marked) {
		for i, c := range cells {
			if !marked(c) {
				cells[i] += " "
			}
		}
	}
	t.rows = append(t.rows, tableRow{label, cells})
}

func marked(cell string) bool { return strings.HasSuffix(cell, met) || strings.HasSuffix(cell, missed) }

// heading adds a line that says what the rows after it are about.
func (t *table) heading(label string) { t.rows = append(t.rows, tableRow{label: label}) }

// String draws the table: labels to the left, cells to the right.
func (t *table) String() string {
	width := make([]int, len(t.columns)+1)
	for i, c := range t.columns {
		width[i+1] = utf8.RuneCountInString(c)
	}
	for _, r := range t.rows {
		if r.cells != nil {
			width[0] = max(width[0], utf8.RuneCountInString(r.label)+2)
		}
		for i, c := range r.cells {
			width[i+1] = max(width[i+1], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	line := func(label string, cells []string) {
		parts := []string{fmt.Sprintf("%-*s", width[0], label)}
		for i, c := range cells {
			parts = append(parts, fmt.Sprintf("%*s", width[i+1], c))
		}
		fmt.Fprintln(&b, strings.TrimRight(strings.Join(parts, "  "), " "))
	}
	line("", t.columns)
	for i, r := range t.rows {
		if r.cells == nil {
			if i+1 < len(t.rows) && t.rows[i+1].cells != nil {
				line(r.label, nil)
			}
			continue
		}
		line("  "+r.label, r.cells)
	}
	return b.String()
}

// The marks of a target.
const (
	met    = "✓"
	missed = "✗"
)

// atMost marks whether a value keeps below a limit; no limit, no mark.
func atMost(value, limit float64) string {
	switch {
	case limit == 0:
		return ""
	case value <= limit:
		return met
	}
	return missed
}

// atLeast marks whether a value reaches a limit.
func atLeast(value, limit float64) string {
	switch {
	case limit == 0:
		return ""
	case value >= limit:
		return met
	}
	return missed
}

// amount writes bytes so that four digits are enough.
func amount(n int64) string {
	switch {
	case n < 10_000:
		return fmt.Sprint(n)
	case n < 100_000:
		return fmt.Sprintf("%.1fk", float64(n)/1e3)
	case n < 10_000_000:
		return fmt.Sprintf("%.0fk", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1fM", float64(n)/1e6)
}

// ms writes a time in milliseconds.
func ms(d time.Duration) string {
	if m := float64(d) / 1e6; m < 10 {
		return fmt.Sprintf("%.2f", m)
	} else if m < 100 {
		return fmt.Sprintf("%.1f", m)
	}
	return fmt.Sprintf("%.0f", float64(d)/1e6)
}

// times writes a ratio.
func times(r float64) string {
	switch {
	case math.IsNaN(r) || math.IsInf(r, 0):
		return "–"
	case r < 10:
		return fmt.Sprintf("%.2f", r)
	case r < 100:
		return fmt.Sprintf("%.1f", r)
	}
	return fmt.Sprintf("%.0f", r)
}

// ratio is a to b, NaN without b.
func ratio[N ~int | ~int64 | ~float64](a, b N) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}

var errSizes = errors.New("bench: pictures of different sizes")

// squareError is the sum of the squares of what two pictures differ by, over
// red, green and blue.
func squareError(a, b frame.Image) (sum float64, err error) {
	if a.W != b.W || a.H != b.H {
		return 0, errSizes
	}
	for y := range a.H {
		p, q := a.Row(y, 0, a.W), b.Row(y, 0, b.W)
		if frame.SameRow(p, q) {
			continue
		}
		row := 0
		for i := 0; i+4 <= len(p); i += 4 {
			blue, green, red := int(p[i])-int(q[i]), int(p[i+1])-int(q[i+1]), int(p[i+2])-int(q[i+2])
			row += blue*blue + green*green + red*red
		}
		sum += float64(row)
	}
	return sum, nil
}
