package lobby

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Floor is what goes on at one moment, for those who oversee it.
type Floor struct {
	Reps    []FloorRep // who is signed in at a console, by number
	Queues  []FloorQueue
	Running int // sessions
}

// FloorRep is a rep at a console.
type FloorRep struct {
	Rep      uint64
	Sessions int
}

// FloorQueue is a queue in which somebody waits, or that somebody sees, by
// name.
type FloorQueue struct {
	Queue   string
	Waiting int
	Longest time.Duration // that anybody in it has waited
	Reps    int           // who see it
}

// Floor says what goes on now.
func (l *Lobby) Floor(now time.Time) Floor {
	f := Floor{Running: len(l.meetings)}
	sessions := map[uint64]int{}
	for _, m := range l.meetings {
		sessions[m.Rep]++
	}
	for _, c := range l.here {
		f.Reps = append(f.Reps, FloorRep{c.rep, sessions[c.rep]})
	}
	slices.SortFunc(f.Reps, func(a, b FloorRep) int { return cmp.Compare(a.Rep, b.Rep) })
	names := map[string]bool{}
	for name := range l.lines {
		names[name] = true
	}
	for name, e := range l.eyes {
		if e.now > 0 {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		q := FloorQueue{Queue: name, Waiting: len(l.lines[name]), Reps: l.eyes[name].now}
		for _, v := range l.lines[name] {
			q.Longest = max(q.Longest, now.Sub(v.Since))
		}
		f.Queues = append(f.Queues, q)
	}
	return f
}
