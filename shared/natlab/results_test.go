//go:build linux

package natlab

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

var results = flag.String("results", "", "file to write the tables to, as Markdown")

// row is one line of a table.
type row []string

// table collects rows from tests that run at the same time.
type table struct {
	title string
	head  row

	mu   sync.Mutex // guards the following
	rows []row
}

var (
	pairs = table{
		title: "Who reaches whom, and how",
		head:  row{"rep's network", "customer's network", "way", "path found and proven", "from *Connect* to the session"},
	}
	gaps = table{
		title: "What a session loses",
		head:  row{"what happens", "networks", "way before", "way after", "longest gap, customer to rep", "rep to customer", "picture"},
	}
)

func (t *table) add(r row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows = append(t.rows, r)
}

// String is the table in Markdown, its columns in line.
func (t *table) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	slices.SortFunc(t.rows, func(a, b row) int { return slices.Compare(a, b) })
	wide := make([]int, len(t.head))
	for _, r := range append([]row{t.head}, t.rows...) {
		for i, c := range r {
			wide[i] = max(wide[i], len([]rune(c)))
		}
	}
	var b strings.Builder
	line := func(r row) {
		for i, c := range r {
			fmt.Fprintf(&b, "| %-*s ", wide[i], c)
		}
		b.WriteString("|\n")
	}
	rule := make(row, len(wide))
	for i, w := range wide {
		rule[i] = strings.Repeat("-", w)
	}
	fmt.Fprintf(&b, "## %s\n\n", t.title)
	line(t.head)
	line(rule)
	for _, r := range t.rows {
		line(r)
	}
	return b.String()
}

// ms is a time as people read it.
func ms(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// tell prints the tables, and writes them down if all went well.
func tell(well bool) error {
	var text strings.Builder
	for _, t := range []*table{&pairs, &gaps} {
		if len(t.rows) > 0 {
			fmt.Fprintf(&text, "\n%s", t)
		}
	}
	fmt.Print(text.String())
	if *results == "" || !well {
		return nil
	}
	about := fmt.Sprintf(preface, time.Now().UTC().Format("2006-01-02"))
	if err := os.WriteFile(*results, []byte(about+text.String()), 0o644); err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	return nil
}

const preface = `# The NAT lab's results

Written by ` + "`go tool task natlab -- -results shared/natlab/RESULTS.md`" + ` on %s. Network namespaces on one machine, so the round trip
is nearly nothing: the times are those of the programs themselves and of their waits for a better way.

*Way*: packets go directly from one end to the other, or over the broker's relay.
`
