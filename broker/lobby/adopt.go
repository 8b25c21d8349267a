package lobby

import (
	"slices"
	"time"

	"handrail/shared/wire"
)

// Restore takes back what was kept, before the first Step. All sessions rest
// from now on, because nobody is connected yet; who waited keeps the place. A
// Tick tells how everybody stands.
func (l *Lobby) Restore(now time.Time, kept Batch) {
	l.now = now
	l.adopt(now, kept)
	l.out = nil
}

// adopt takes what was kept by a broker that is no more: this one before a
// restart, or another.
func (l *Lobby) adopt(now time.Time, kept Batch) {
	l.born = now // their reps are on their way as well
	for _, k := range kept.Keys {
		if !k.forgotten(now) { // its number may be another key's by now
			l.adoptKey(k)
		}
	}
	for _, w := range kept.Waits {
		l.rememberWait(w)
	}
	for _, v := range kept.Visits {
		if v.Over.IsZero() || now.Sub(v.Over) < surveyLife {
			l.restoreVisit(now, v)
		}
	}
	for _, s := range kept.Sessions {
		if s.Ended.IsZero() {
			l.adoptSession(now, s)
		}
	}
	l.shutOut(now, kept)
	for _, v := range l.sortedVisits(func(*visit) bool { return true }) {
		l.changed(v)
	}
	l.pending = true
	l.wake()
}

// shutOut ends what was revoked when the broker that had it did not hear of it
// any more.
func (l *Lobby) shutOut(now time.Time, kept Batch) {
	if !l.revoked.IsZero() {
		l.revoke(now, l.revoked)
	}
	var reps []uint64
	for _, k := range kept.Keys {
		reps = append(reps, k.Rep)
	}
	for _, s := range kept.Sessions {
		reps = append(reps, s.Rep)
	}
	for _, v := range kept.Visits {
		reps = append(reps, v.Last)
	}
	slices.Sort(reps)
	for _, rep := range slices.Compact(reps) {
		if l.people.Reps[rep].Disabled {
			l.struck(now, rep)
		}
	}
}

// adoptKey tells the rep, if here, who has it from now on.
func (l *Lobby) adoptKey(k Key) {
	s := &slot{Key: k}
	l.remember(s)
	if s.State == KeyOpen {
		l.send(l.reps[s.Rep], s.made())
	}
}

func (l *Lobby) adoptSession(now time.Time, s Session) {
	m := &meeting{Session: s, quiet: now, left: now}
	l.meetings[s.ID] = m
	l.takes[request{s.Rep, s.Request}] = s.ID
	v := l.visits[s.ID]
	if v == nil { // begun before there were visits
		v = &visit{Visit: Visit{ID: s.ID, State: InSession, Start: startKey, Came: s.Started, Ticket: s.Tickets[customer], Last: s.Rep, Met: true}}
		l.rememberVisit(v)
	}
	m.visit, v.m = v, m
}

func (l *Lobby) restoreVisit(now time.Time, kept Visit) {
	v := &visit{Visit: kept, away: now}
	l.rememberVisit(v)
	l.order = max(l.order, v.Order)
	if v.State == Waits {
		l.line(v)
	}
}

// seek has the others be asked for what a client wants, if there can be others.
// A try that may be a wrong one is paid first: else many could be under way at
// a time.
func (l *Lobby) seek(now time.Time, c *client, m wire.Message, what Sought) bool {
	if l.rules.Share.Of == 0 {
		return false
	}
	if isTry(m) {
		l.budget.charge(now, c.From)
	}
	l.do(Find{Conn: c.Conn, Message: m, What: what})
	return true
}

// isTry says whether a message costs something when it is wrong.
func isTry(m wire.Message) bool { return m.Kind() != wire.KindRejoin }

// found tells a client where to go, or that there is nothing. Meanwhile it may
// have become ours.
func (l *Lobby) found(now time.Time, e Found) {
	c := l.clients[e.Conn]
	if c == nil {
		return
	}
	if isTry(e.Message) {
		l.budget.refund(c.From)
	}
	if e.Busy {
		l.refuse(c.Conn, wire.CodeBusy, e.Message.Kind(), KeyAbout(e.Message))
		return
	}
	if e.Address != "" {
		l.send(c.Conn, &wire.Elsewhere{About: e.Message.Kind(), Address: e.Address, Key: KeyAbout(e.Message)})
		return
	}
	switch m := e.Message.(type) {
	case *wire.Join:
		l.join(now, c, m, true)
	case *wire.Enter:
		l.enter(now, c, m, true)
	case *wire.Rejoin:
		l.rejoin(now, c, m, true)
	}
}

// KeyAbout is the session that a message is about, where it names one.
func KeyAbout(m wire.Message) [16]byte {
	if r, ok := m.(*wire.Rejoin); ok {
		return r.Session
	}
	return [16]byte{}
}

// neighbours tells reps where else customers may be.
func (l *Lobby) neighbours(e Neighbours) {
	if slices.Equal(l.brokers, e.Addresses) {
		return
	}
	before := len(l.brokers)
	l.brokers = slices.Clone(e.Addresses)
	if before <= 1 && len(l.brokers) <= 1 {
		return // there were no others, and there are none
	}
	for _, c := range l.here {
		l.send(c.Conn, &wire.Brokers{Addresses: l.brokers})
	}
}
