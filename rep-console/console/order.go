package console

import (
	"slices"
	"strings"
	"time"

	"handrail/shared/wire"
	"handrail/shared/words"
)

// Sorting is an order of those who wait.
type Sorting string

// The orders. The zero Sorting is the first.
const (
	SortWait  Sorting = "wait"
	SortName  Sorting = "name"
	SortIssue Sorting = "issue"
)

// Order is how the list is sorted.
type Order struct {
	By   Sorting `json:"by,omitempty"`
	Down bool    `json:"down,omitempty"` // the other way round
}

// sortBy sorts by something, or the other way round if it is that already.
func (m *Model) sortBy(by Sorting) {
	if by != SortWait && by != SortName && by != SortIssue {
		return
	}
	was, o := m.s.Settings, m.s.Settings.Order
	m.s.Settings.Order = Order{By: by, Down: o.by() == by && !o.Down}
	m.q.dirty, m.q.steady = true, time.Time{}
	m.remember(was)
}

func (o Order) by() Sorting {
	if o.By == SortName || o.By == SortIssue {
		return o.By
	}
	return SortWait
}

// pickBy goes up and down the list; beyond its ends it stays.
func (m *Model) pickBy(by int) {
	rows := m.rows()
	if len(rows) == 0 {
		return
	}
	at := slices.IndexFunc(rows, func(w *Waiter) bool { return w.Session == m.s.Picked })
	switch {
	case at < 0 && by < 0:
		at = len(rows) - 1
	case at < 0:
		at = 0
	default:
		at = min(max(at+by, 0), len(rows)-1)
	}
	m.s.Picked = rows[at].Session
}

// rows are those who wait in the chosen queue, as they are shown.
func (m *Model) rows() []*Waiter {
	m.arrange()
	return m.q.rows
}

// arrange sorts the list anew if it has to be. While the list keeps still,
// everybody stays in place and newcomers come last.
func (m *Model) arrange() {
	q := &m.q
	if !q.dirty {
		return
	}
	q.dirty = false
	was := q.rows
	at := slices.IndexFunc(q.rows, func(w *Waiter) bool { return w.Session == m.s.Picked })
	q.rows = nil
	q.counts = []Queue{{Name: m.cfg.Words.Say(words.QueueAll)}}
	number := map[string]int{}
	for i, l := range q.list {
		number[l.ID] = i + 1
		q.counts = append(q.counts, Queue{ID: l.ID, What: l.What, Name: m.called(l)})
	}
	for _, w := range q.all {
		if w.Stage != WaiterGone {
			for _, c := range []int{0, number[w.Queue]} {
				q.counts[c].Waits++
				if w.Here {
					q.counts[c].Here++
				}
				if w.New {
					q.counts[c].News++
				}
			}
		}
		if m.s.Queue == "" || m.s.Queue == w.Queue {
			q.rows = append(q.rows, w)
		}
	}
	less := m.s.Settings.Order.less()
	slices.SortFunc(q.rows, less)
	if !q.steady.IsZero() {
		keepSeats(q.rows, was)
	}
	m.keepPicked(at)
}

// keepSeats puts those who were there back where they were; newcomers are
// behind everybody.
func keepSeats(rows, was []*Waiter) {
	place := make(map[wire.SessionID]int, len(was))
	for i, w := range was {
		place[w.Session] = i
	}
	seat := func(w *Waiter) int {
		if at, ok := place[w.Session]; ok {
			return at
		}
		return len(was)
	}
	slices.SortStableFunc(rows, func(a, b *Waiter) int { return seat(a) - seat(b) })
}

// keepPicked picks the neighbour of somebody who is gone from the list.
func (m *Model) keepPicked(at int) {
	rows := m.q.rows
	if slices.ContainsFunc(rows, func(w *Waiter) bool { return w.Session == m.s.Picked }) {
		return
	}
	m.s.Picked = wire.SessionID{}
	if at >= 0 && len(rows) > 0 {
		m.s.Picked = rows[min(at, len(rows)-1)].Session
	}
}

// less orders two who wait.
func (o Order) less() func(a, b *Waiter) int {
	turn := 1
	if o.Down {
		turn = -1
	}
	by := o.by()
	return func(a, b *Waiter) int {
		c := 0
		switch by {
		case SortName:
			c = compareText(a.name, b.name)
		case SortIssue:
			c = compareText(a.issue, b.issue)
		default:
			return turn * byWait(a, b)
		}
		if c != 0 {
			return turn * c
		}
		return byWait(a, b)
	}
}

// byWait puts who has waited longest first.
func byWait(a, b *Waiter) int {
	if c := a.Since.Compare(b.Since); c != 0 {
		return c
	}
	return strings.Compare(string(a.Session[:]), string(b.Session[:]))
}

// compareText orders two texts; none comes last.
func compareText(a, b string) int {
	if (a == "") != (b == "") {
		return len(b) - len(a)
	}
	return strings.Compare(a, b)
}
