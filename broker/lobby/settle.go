package lobby

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"handrail/broker/settings"
	"handrail/shared/wire"
)

// settle takes what the administrator has decided. It holds for everybody who
// is here from now on; who waits in a queue that is no more goes elsewhere.
func (l *Lobby) settle(now time.Time, e Settled) {
	before, first := l.settings, !l.settled
	l.settings, l.people, l.settled = e.Settings, e.Organisation, true
	for _, c := range l.here {
		l.look(now, c, false)
		l.letPush(now, c)
	}
	for _, v := range l.sortedVisits(func(v *visit) bool { return v.State == Waits }) {
		l.changed(v) // names may have
	}
	if !first {
		l.pushNew(now, before)
	}
	l.tellPortals()
	l.tellBoards(now)
	l.sweepQueues(now)
	l.staff = true
	l.wake()
}

// pushNew pushes the notices to those who wait that are to be pushed, and were
// not there before.
func (l *Lobby) pushNew(now time.Time, before settings.Settings) {
	for _, id := range slices.Sorted(maps.Keys(l.settings.Portals)) {
		for _, n := range l.settings.Portals[id].Notices {
			if n.Pushed && !slices.ContainsFunc(before.Portals[id].Notices, func(o settings.Notice) bool {
				return o.ID == n.ID && o.Pushed && o.Title == n.Title && o.Text == n.Text
			}) {
				l.push(now, id, n)
			}
		}
	}
}

// list tells which reps portals may list (row P02), if that has changed.
func (l *Lobby) list() {
	var reps []Present
	for _, c := range l.here {
		if r, ok := l.people.Reps[c.rep]; ok && r.Listed && !r.Disabled {
			reps = append(reps, Present{Rep: c.rep, Name: clip(l.customerName(c.rep), wire.MaxName)})
		}
	}
	slices.SortFunc(reps, func(a, b Present) int {
		return cmp.Or(cmp.Compare(rank(l.people.Reps[a.Rep].Order), rank(l.people.Reps[b.Rep].Order)),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Rep, b.Rep))
	})
	var portals []string
	for _, id := range slices.Sorted(maps.Keys(l.settings.Portals)) {
		if l.settings.Portals[id].Starts.Reps {
			portals = append(portals, id)
		}
	}
	if len(portals) == 0 {
		reps = nil
	}
	if !slices.Equal(reps, l.listed.Reps) || !slices.Equal(portals, l.listed.Portals) {
		l.listed = Listed{Portals: portals, Reps: reps}
		l.do(l.listed)
	}
}

// rank is a place in the list; whoever has none comes after those who do.
func rank(order int) uint { return uint(order) - 1 }

// stand tells how a visit stands for whoever has its page, if that has changed.
func (l *Lobby) stand(v *visit) {
	if v.Page == [32]byte{} {
		return
	}
	p := l.portal(v)
	s := v.kept()
	if s.Away = v.isAway(l.now); s.Away && !v.Spoken {
		s.Code, s.Expires = v.Code, v.Expires
	}
	switch v.State {
	case Waits:
		s.Position, s.Estimate = int(v.told.Position), time.Duration(v.told.Estimate)*time.Second
		s.Queue = v.told.Queue
	case Over:
		if l.asked(v) {
			s.URL = p.ExitURL
		}
	}
	if v.nobody {
		s.URL, s.Message = p.Nobody.URL, l.text(v, settings.NobodyHere, nil)
	}
	if s != v.standing {
		v.standing = s
		l.do(Stands{Page: v.Page, Standing: s})
	}
}

// kept is the part of a standing that is kept.
func (v Visit) kept() Standing {
	s := Standing{State: v.State, Portal: v.Portal, Name: v.Name}
	switch v.State {
	case Expected:
		s.Code, s.Expires = v.Code, v.Expires
	case Over:
		s.Why = v.Why
	}
	return s
}

// Standing is how a visit stands that another broker has: without what only
// that broker knows, such as the position.
func (v Visit) Standing(now time.Time) (Standing, bool) {
	if v.State == Over && now.Sub(v.Over) >= surveyLife {
		return Standing{}, false
	}
	return v.kept(), true
}
