package lobby

import (
	"maps"
	"slices"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// Reps who may push notices (row P07) are told of each portal how many wait
// there and what counts. Pushing itself is a change of the settings, which
// comes back here as any other does.

// boardEvery is how often they hear how many wait, at most.
const boardEvery = time.Second

// pushed is a notice that was pushed.
type pushed struct {
	portal string
	notice uint64
}

// letPush works out whether a rep may push notices, and tells who begins to, or
// may no more.
func (l *Lobby) letPush(now time.Time, c *client) {
	may := l.people.May(c.rep)[people.PushNotices]
	switch {
	case may && !c.pushes:
		l.tellBoards(now) // the others, as far as it is news to them
		if l.boards == nil {
			l.boards = l.lookAtBoards(now)
		}
		for _, b := range l.boards {
			l.send(c.Conn, b)
		}
	case !may && c.pushes:
		for _, b := range l.boards {
			l.send(c.Conn, &wire.Noticeboard{Portal: b.Portal})
		}
	}
	c.pushes = may
}

// tellBoards tells those who may push what has changed.
func (l *Lobby) tellBoards(now time.Time) {
	var who []*client
	for _, c := range l.here {
		if c.pushes {
			who = append(who, c)
		}
	}
	if len(who) == 0 {
		l.boards = nil
		return
	}
	before := l.boards
	l.boards = l.lookAtBoards(now)
	l.tellNews(who, news(before, l.boards,
		func(b *wire.Noticeboard) string { return b.Portal }, func(id string) *wire.Noticeboard { return &wire.Noticeboard{Portal: id} }))
}

// lookAtBoards looks how it stands in all portals.
func (l *Lobby) lookAtBoards(now time.Time) (boards []*wire.Noticeboard) {
	waiting := map[string]uint32{}
	for _, line := range l.lines {
		for _, v := range line {
			waiting[l.portal(v).ID]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.settings.Portals)) {
		p := l.settings.Portals[id]
		if p.Name == "" {
			continue
		}
		b := &wire.Noticeboard{Portal: id, Name: clip(oneLine(p.Name), wire.MaxName), Waiting: waiting[id]}
		for _, n := range p.Active(now) {
			if n.Pushed && len(b.Notices) < wire.MaxNotices {
				b.Notices = append(b.Notices, wire.Notice{
					ID: n.ID, Title: oneLine(n.Title), Text: someLines(n.Text), Until: until(n), Leave: n.Leave, Told: l.reached[pushed{id, n.ID}],
				})
			}
		}
		boards = append(boards, b)
	}
	return boards
}

// noteReached remembers how many were told a notice, while it counts.
func (l *Lobby) noteReached(now time.Time, portal string, n settings.Notice, told int) {
	maps.DeleteFunc(l.reached, func(k pushed, _ uint32) bool {
		return !slices.ContainsFunc(l.settings.Portals[k.portal].Active(now), func(n settings.Notice) bool { return n.ID == k.notice })
	})
	l.reached[pushed{portal, n.ID}] = uint32(told)
}

func until(n settings.Notice) int64 {
	if n.Until.IsZero() {
		return 0
	}
	return n.Until.UnixMilli()
}

// sweepBoards tells what time alone has changed.
func (l *Lobby) sweepBoards(now time.Time) {
	if since := now.Sub(l.boarded); since >= boardEvery || since < 0 {
		l.boarded = now
		l.tellBoards(now)
	}
}
