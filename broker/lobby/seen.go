package lobby

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

const (
	// Visitors are told to a rep so many, and about so many bytes, at a time,
	// each flushEvery. A control connection holds 256 messages for a slow
	// reader; on 1 Mbit/s this much arrives in the meantime.
	visitorsAtOnce     = 64
	visitorBytesAtOnce = 64 << 10
)

// eyes are how many reps see a queue.
type eyes struct {
	now   int
	last  time.Time // when the last one was here; while there is none
	grace time.Time // until when it counts as being here
}

// signIn makes Conn the rep's one connection. A console that was signed in
// before is told and let go: two consoles of one rep would each show half.
func (l *Lobby) signIn(now time.Time, e SignedIn) {
	c := l.clients[e.Conn]
	if c == nil {
		return
	}
	if old := l.reps[e.Rep.ID]; old != 0 && old != e.Conn {
		l.refuse(old, wire.CodeSignedInElse, 0, [16]byte{})
		l.do(Close{Conn: old, Reason: "signed in from another console"})
		l.leaves(now, l.clients[old], false)
	}
	if c.rep != 0 && c.rep != e.Rep.ID {
		l.leaves(now, c, true)
	}
	c.rep, c.name = e.Rep.ID, e.Rep.Name
	l.reps[c.rep] = c.Conn
	delete(l.went, c.rep)
	if !slices.Contains(l.here, c) {
		l.here = append(l.here, c)
		slices.SortFunc(l.here, func(a, b *client) int { return cmp.Compare(a.Conn, b.Conn) })
	}
	c.shown, c.owes, c.owed, c.targets = map[wire.SessionID]uint64{}, map[wire.SessionID]bool{}, nil, nil
	l.send(c.Conn, &wire.SignedIn{Rep: c.rep, Name: c.name, Keys: l.openKeys(c.rep), Idle: uint32(e.Idle / time.Second)})
	if len(e.Certificate) > 0 {
		l.send(c.Conn, &wire.Certified{Certificate: e.Certificate})
	}
	if len(l.brokers) > 1 {
		l.send(c.Conn, &wire.Brokers{Addresses: l.brokers})
	}
	for _, p := range l.portals {
		l.send(c.Conn, p)
	}
	c.pushes = false // this login knows nothing yet
	l.letPush(now, c)
	l.look(now, c, true)
	l.staff = true
	l.wake()
}

// signOut ends a rep's login on a connection. Its sessions go on.
func (l *Lobby) signOut(now time.Time, e SignedOut) {
	c := l.clients[e.Conn]
	if c == nil || c.rep == 0 {
		return
	}
	l.leaves(now, c, true)
	if e.Code != 0 {
		l.refuse(c.Conn, e.Code, 0, [16]byte{})
	}
}

// leaves takes a rep's connection out of the queues. on purpose is for good;
// else it may come back in a moment.
func (l *Lobby) leaves(now time.Time, c *client, onPurpose bool) {
	if l.reps[c.rep] == c.Conn {
		delete(l.reps, c.rep)
		l.went[c.rep] = now
		if onPurpose {
			l.went[c.rep] = time.Time{}
		}
	}
	for name := range c.sees {
		l.shut(now, name, onPurpose)
	}
	c.rep, c.sees, c.shown, c.owes, c.owed, c.pushes = 0, nil, nil, nil, nil, false
	l.here = slices.DeleteFunc(l.here, func(o *client) bool { return o == c })
	l.staff = true
	l.wake()
}

// open and shut count a rep who begins, or ceases, to see a queue.
func (l *Lobby) open(queue string) {
	e := l.eyes[queue]
	e.now++
	l.eyes[queue] = e
	for _, v := range l.lines[queue] {
		if v.nobody {
			v.nobody = false
			l.stand(v)
		}
	}
}

func (l *Lobby) shut(now time.Time, queue string, onPurpose bool) {
	e := l.eyes[queue]
	e.now--
	if e.now == 0 {
		e.last = now
		if !onPurpose {
			e.grace = now.Add(awayGrace)
		}
	}
	l.eyes[queue] = e
}

// look works out which queues a rep sees: the own one, those of the teams, the
// general one, and the personal ones of everybody whom the rep oversees. The
// rep is told if that has changed, or anyway.
func (l *Lobby) look(now time.Time, c *client, anyway bool) {
	queues := l.queuesOf(c.rep)
	sees := make(map[string]bool, len(queues))
	for _, q := range queues {
		sees[q.ID] = true
		if !c.sees[q.ID] {
			l.open(q.ID)
		}
	}
	for name := range c.sees {
		if !sees[name] {
			l.shut(now, name, true)
		}
	}
	changed := !maps.Equal(sees, c.sees)
	c.sees = sees
	if changed || anyway || !slices.Equal(queues, c.queues) {
		c.queues = queues
		l.send(c.Conn, &wire.Queues{Queues: queues})
	}
	if changed || anyway {
		l.oweAll(c)
	}
}

// queuesOf gives the queues that a rep sees, the nearest first.
func (l *Lobby) queuesOf(rep uint64) []wire.Queue {
	queues := []wire.Queue{{ID: settings.RepQueue(rep), What: wire.QueuePersonal, Name: clip(l.colleague(rep), wire.MaxName)}}
	for _, team := range l.teamsOf(rep) {
		queues = append(queues, wire.Queue{
			ID: settings.TeamQueue(team), What: wire.QueueTeam, Name: clip(l.people.Teams[team].Name, wire.MaxName),
		})
	}
	queues = append(queues, wire.Queue{ID: settings.General, What: wire.QueueGeneral})
	for _, other := range l.staffOf(rep) {
		queues = append(queues, wire.Queue{
			ID: settings.RepQueue(other), What: wire.QueuePersonal, Name: clip(l.colleague(other), wire.MaxName),
		})
	}
	return queues[:min(len(queues), wire.MaxQueues)]
}

// teamsOf are the teams a rep is in, by name.
func (l *Lobby) teamsOf(rep uint64) []uint64 {
	var teams []uint64
	for id, t := range l.people.Teams {
		if _, in := t.Members[rep]; in {
			teams = append(teams, id)
		}
	}
	slices.SortFunc(teams, func(a, b uint64) int {
		return cmp.Or(cmp.Compare(l.people.Teams[a].Name, l.people.Teams[b].Name), cmp.Compare(a, b))
	})
	return teams
}

// staffOf are those whom a rep oversees, by name.
func (l *Lobby) staffOf(rep uint64) []uint64 {
	return l.named(func(r people.Rep) bool { return !r.Disabled && l.people.Oversees(rep, r.ID) })
}

// named are the reps that are wanted, by the names colleagues know.
func (l *Lobby) named(want func(people.Rep) bool) []uint64 {
	var ids []uint64
	for id, r := range l.people.Reps {
		if want(r) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b uint64) int {
		return cmp.Or(cmp.Compare(l.colleague(a), l.colleague(b)), cmp.Compare(a, b))
	})
	return ids
}

// colleague is a rep's name for colleagues, customerName the one for customers.
func (l *Lobby) colleague(rep uint64) string {
	return cmp.Or(l.people.Reps[rep].Called(), l.signedName(rep))
}

func (l *Lobby) customerName(rep uint64) string {
	return cmp.Or(l.people.Reps[rep].PublicName, l.signedName(rep))
}

func (l *Lobby) signedName(rep uint64) string {
	if c := l.clients[l.reps[rep]]; c != nil {
		return c.name
	}
	return ""
}

// customerQueue is a queue's name for customers; the general one has none.
func (l *Lobby) customerQueue(queue string) string {
	team, rep, _ := settings.ParseQueue(queue)
	name := l.people.Teams[team].Name
	if rep != 0 {
		name = l.customerName(rep)
	}
	return clip(name, wire.MaxName)
}

// owe has c be told of a visit, whatever there is to tell by then.
func (c *client) owe(id wire.SessionID) {
	if !c.owes[id] {
		c.owes[id] = true
		c.owed = append(c.owed, id)
	}
}

// oweAll has c be told of all it sees, who has waited longest first, and of
// what it doesn't see any more.
func (l *Lobby) oweAll(c *client) {
	var all []*visit
	for name := range c.sees {
		all = append(all, l.lines[name]...)
	}
	slices.SortFunc(all, before)
	for _, v := range all {
		c.owe(v.ID)
	}
	for _, id := range slices.SortedFunc(maps.Keys(c.shown), func(a, b wire.SessionID) int { return slices.Compare(a[:], b[:]) }) {
		c.owe(id)
	}
	l.wake()
}

// showAll has every rep be told of v who sees it, or has been shown it.
func (l *Lobby) showAll(v *visit) {
	for _, c := range l.here {
		if _, shown := c.shown[v.ID]; shown || c.sees[v.Queue] {
			c.owe(v.ID)
		}
	}
}

// tellVisitors tells a rep what it is owed, as far as goes at once.
func (l *Lobby) tellVisitors(c *client) {
	n, bytes := 0, 0
	for _, id := range c.owed {
		if n == visitorsAtOnce || bytes >= visitorBytesAtOnce {
			break
		}
		n++
		delete(c.owes, id)
		v := l.visits[id]
		version, shown := c.shown[id]
		switch {
		case v != nil && v.State == Waits && c.sees[v.Queue]:
			if !shown || version != v.version {
				bytes += len(v.seen.Description) + len(v.seen.Note) + 100*(len(v.seen.Fields)+2)
				c.shown[id] = v.version
				l.send(c.Conn, v.seen)
			}
		case shown:
			delete(c.shown, id)
			l.send(c.Conn, l.visitorGone(id, v))
		}
	}
	c.owed = slices.Delete(c.owed, 0, n)
	if len(c.owed) > 0 {
		l.wake()
	}
}

func (l *Lobby) visitor(v *visit) *wire.Visitor {
	return &wire.Visitor{
		Session: v.ID, Queue: v.Queue, Since: v.Turn.UnixMilli(), Name: v.Name, Company: v.Company, CompanyCode: v.CompanyCode,
		Issue: v.Issue, Description: v.Description, Fields: v.Fields, Portal: clip(l.portal(v).Name, wire.MaxName),
		System: v.System, Locale: v.Locale, Here: v.c != nil, Recording: v.Recording,
		From: clip(v.Former, wire.MaxName), Note: v.Note,
	}
}

func (l *Lobby) visitorGone(id wire.SessionID, v *visit) *wire.VisitorGone {
	switch {
	case v != nil && v.State == InSession:
		return &wire.VisitorGone{Session: id, Why: wire.GoneTaken, By: clip(l.colleague(v.m.Rep), wire.MaxName)}
	case v != nil && v.State == Waits:
		return &wire.VisitorGone{Session: id, Why: wire.GoneMoved}
	}
	return &wire.VisitorGone{Session: id, Why: wire.GoneLeft}
}

// tellTargets tells a rep where sessions can be moved, if that has changed.
// Where there are too many, those go first where somebody is.
func (l *Lobby) tellTargets(c *client) {
	others := func(queue string) bool {
		n := l.eyes[queue].now
		if c.sees[queue] {
			n--
		}
		return n > 0
	}
	targets := []wire.Target{{Queue: settings.General, What: wire.QueueGeneral, Here: others(settings.General)}}
	for id, t := range l.people.Teams {
		q := settings.TeamQueue(id)
		targets = append(targets, wire.Target{Queue: q, What: wire.QueueTeam, Name: clip(t.Name, wire.MaxName), Here: others(q)})
	}
	for id, r := range l.people.Reps {
		if id == c.rep || r.Disabled {
			continue
		}
		targets = append(targets, wire.Target{
			Queue: settings.RepQueue(id), What: wire.QueuePersonal, Name: clip(l.colleague(id), wire.MaxName), Here: l.reps[id] != 0,
		})
	}
	order := func(a, b wire.Target) int {
		return cmp.Or(-cmp.Compare(a.What, b.What), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Queue, b.Queue))
	}
	if len(targets) > wire.MaxTargets {
		slices.SortFunc(targets, func(a, b wire.Target) int {
			if a.Here != b.Here {
				if a.Here {
					return -1
				}
				return 1
			}
			return order(a, b)
		})
		targets = targets[:wire.MaxTargets]
	}
	slices.SortFunc(targets, order)
	if !slices.Equal(targets, c.targets) {
		c.targets = targets
		l.send(c.Conn, &wire.Targets{Targets: targets})
	}
}
