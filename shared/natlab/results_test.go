//go:build linux

package natlab

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime"
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

	mu   sync.Mutex  // guards the following
	rows map[int]row // by their place in the table
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

// add puts a row in its place.
func (t *table) add(place int, r row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows == nil {
		t.rows = make(map[int]row)
	}
	t.rows[place] = r
}

// String is the table in Markdown, its columns in line.
func (t *table) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	rows := []row{t.head}
	for _, place := range slices.Sorted(maps.Keys(t.rows)) {
		rows = append(rows, t.rows[place])
	}
	wide := make([]int, len(t.head))
	for _, r := range rows {
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
	line(rows[0])
	line(rule)
	for _, r := range rows[1:] {
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
	about := fmt.Sprintf(preface, time.Now().UTC().Format("2006-01-02"), runtime.NumCPU())
	if err := os.WriteFile(*results, []byte(about+text.String()), 0o644); err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	return nil
}

const preface = `# The NAT lab's results

Written by ` + "`go tool task natlab -- -results $PWD/shared/natlab/RESULTS.md`" + ` on %s, on %d cores. Network namespaces on one machine: a round
trip takes next to nothing, so the times are those of the programs themselves and of their waits for a better way.

*Way*: packets go directly from one end to the other, or over the broker's relay, there by UDP unless the table says otherwise.
In the second table both sides chat and the customer's picture moves all the time. A gap is the longest time in which one side
got nothing at all from the other, or the rep no piece of the picture; a piece comes every 40 ms when all is well. In every row
each line of chat arrived once and in order, the customer was asked once, at the beginning, and the key that the rep held down
when it happened was up in the end.
`
