package lobby

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"time"

	"handrail/broker/settings"
	"handrail/shared/wire"
)

// The two sides of a session, as places in its arrays.
const (
	customer = 0
	rep      = 1
)

// Session is the fact that two are meeting, as it is kept.
type Session struct {
	ID      wire.SessionID
	Rep     uint64
	Request [16]byte // with Rep, the key it came from, or the Take
	Started time.Time

	// Tickets are SHA-256 of the customer's and the rep's ticket: who reads
	// the store can't come back as either.
	Tickets [2][sha256.Size]byte

	CustomerLeft wire.EndWhy // 0 while the customer has not left
	Ended        time.Time   // zero while it goes on
	Why          wire.EndWhy // when ended
}

// meeting is a session that has not ended.
type meeting struct {
	Session
	visit *visit
	sides [2]*client // nil where a side is not connected
	from  string     // address that a failed try of a key is charged to
	left  time.Time  // when the customer did
	quiet time.Time  // since when nobody is connected or one has left; else zero
	alone time.Time  // since when the customer is connected, with us alone; else zero

	linked bool // with each other, says the customer's program, which is connected with us
}

// attach makes c a side of m, in place of who was it before.
func (m *meeting) attach(now time.Time, side int, c *client) {
	if old := m.sides[side]; old != nil {
		delete(old.in, m.ID)
	}
	m.sides[side], c.in[m.ID] = c, m
	if side == rep {
		c.prove(m.ID, m.Rep)
	}
	m.settle(now)
}

func (m *meeting) detach(now time.Time, c *client) {
	side, here := m.place(c)
	if !here {
		return
	}
	m.sides[side] = nil
	if side == customer {
		m.linked = false
	}
	delete(c.in, m.ID)
	m.settle(now)
}

// settle notes since when the session may be forgotten, or taken from its rep.
func (m *meeting) settle(now time.Time) {
	resting := m.sides == [2]*client{} || m.CustomerLeft != 0
	switch {
	case !resting:
		m.quiet = time.Time{}
	case m.quiet.IsZero():
		m.quiet = now
	}
	alone := m.sides[customer] != nil && m.sides[rep] == nil && !m.linked && m.CustomerLeft == 0
	switch {
	case !alone:
		m.alone = time.Time{}
	case m.alone.IsZero():
		m.alone = now
	}
}

func (m *meeting) place(c *client) (side int, here bool) {
	side = slices.Index(m.sides[:], c)
	return side, side >= 0
}

// tell says msg to a side, if it is connected.
func (l *Lobby) tell(m *meeting, side int, msg wire.Message) {
	if c := m.sides[side]; c != nil {
		l.send(c.Conn, msg)
	}
}

// join brings a customer to the session of a key. Wrong, used, revoked, burnt
// and expired numbers look the same from outside (row P03).
//
// One case waits: the customer before has left or lost the connection, and the
// rep's console has not said yet whether the key may be tried again. That is
// what happens when a customer corrects a mistyped secret faster than the
// console's message arrives, so the Join is held until the console has spoken.
//
// sought says that no other broker has the key.
func (l *Lobby) join(now time.Time, c *client, j *wire.Join, sought bool) {
	if c.busy() {
		l.refuse(c.Conn, wire.CodeOutOfPlace, wire.KindJoin, [16]byte{})
		return
	}
	if !l.budget.allows(now, c.From) {
		l.refuse(c.Conn, wire.CodeTooManyTries, wire.KindJoin, [16]byte{})
		return
	}
	s := l.numbers[j.Number]
	switch {
	case (s == nil || s.State == KeyEnded) && !sought && l.seek(now, c, j, Sought{Number: j.Number}):
	case s == nil || s.State == KeyEnded || !now.Before(s.Expires):
		l.wrongNumber(now, c)
	case s.State == KeyTaken:
		m := l.meetings[s.Session]
		if m == nil || m.sides[customer] != nil || s.waiter != nil {
			l.wrongNumber(now, c)
			return
		}
		s.wait(&waiter{c: c, join: j, until: now.Add(joinPatience)})
	case l.reps[s.Rep] == 0:
		l.refuse(c.Conn, wire.CodeRepAway, wire.KindJoin, [16]byte{})
	case len(l.meetings) >= MaxSessions:
		l.refuse(c.Conn, wire.CodeBusy, wire.KindJoin, [16]byte{})
	default:
		l.start(now, c, j, s)
	}
}

func (l *Lobby) wrongNumber(now time.Time, c *client) {
	l.budget.charge(now, c.From)
	l.refuse(c.Conn, wire.CodeBadKey, wire.KindJoin, [16]byte{})
}

// start begins the visit of a customer who has typed an open key. Where the
// organisation asks something first (rows W01 and W02), the rep hears of the
// customer after the answers, and until then nothing holds the key.
func (l *Lobby) start(now time.Time, c *client, j *wire.Join, s *slot) {
	v := &visit{Visit: Visit{
		State: Asked, Start: startKey, Came: now, Number: s.Number, Spoken: true,
		Arrival: Arrival{Portal: settings.Main, Name: j.Name, Locale: j.Locale, System: c.System, From: c.From},
	}}
	asks := l.unanswered(v) != 0
	if asks && l.crowded(c.From) {
		l.refuse(c.Conn, wire.CodeBusy, wire.KindJoin, [16]byte{})
		return
	}
	var ticket [32]byte
	for _, b := range [][]byte{v.ID[:], ticket[:]} {
		if l.draw(b) != nil {
			l.refuse(c.Conn, wire.CodeInternal, wire.KindJoin, [16]byte{})
			return
		}
	}
	v.Ticket = sha256.Sum256(ticket[:])
	v.come(c, ticket[:])
	l.rememberVisit(v)
	l.cameFact(now, v)
	l.fact(now, v, FactEntered, 0, "", "system", v.System)
	if asks {
		l.admit(v)
	} else {
		v.Met = true // who hears of the ticket hears of it with the Start
	}
	l.ask(now, v)
	l.saveVisit(v)
}

// meetByKey brings a customer who has answered everything to the rep of the
// key, if it can still be had.
func (l *Lobby) meetByKey(now time.Time, v *visit) {
	s := l.numbers[v.Number]
	if s == nil || s.State != KeyOpen || !now.Before(s.Expires) || l.reps[s.Rep] == 0 || len(l.meetings) >= MaxSessions {
		l.end(now, v, wire.EndNeverMet, false)
		return
	}
	m, ticket, err := l.newMeeting(now, v, s.Rep, s.Request)
	if err != nil {
		l.end(now, v, wire.EndNeverMet, false)
		return
	}
	l.begin(now, m, l.clients[l.reps[s.Rep]])
	s.State, s.Session = KeyTaken, m.ID
	l.do(SaveKey{s.Key})
	l.fact(now, v, FactJoined, m.Rep, "")
	l.startRep(now, m, ticket)
	l.startCustomer(now, m)
}

// newMeeting is a session of v's with a rep, and the rep's ticket. Request is what
// the rep's console called the key, or the Take, that it comes of.
func (l *Lobby) newMeeting(now time.Time, v *visit, rep uint64, request [16]byte) (*meeting, []byte, error) {
	m := &meeting{visit: v, from: v.From, Session: Session{ID: v.ID, Rep: rep, Request: request, Started: now}}
	m.Tickets[customer] = v.Ticket
	ticket, err := l.repTicket(m)
	return m, ticket, err
}

// begin has the two be in their session. The customer may be away just now.
func (l *Lobby) begin(now time.Time, m *meeting, by *client) {
	v := m.visit
	v.State, v.m, v.Last = InSession, m, m.Rep
	if v.c != nil {
		m.attach(now, customer, v.c)
	}
	m.attach(now, rep, by)
	l.meetings[m.ID] = m
	l.do(SaveSession{m.Session})
}

func (l *Lobby) relays(now time.Time, id wire.SessionID) []wire.Relay {
	if l.rules.Relays == nil {
		return nil
	}
	return l.rules.Relays(now, id)
}

// signal passes on what the two need to reach each other. When the other side
// is not connected it is dropped: the sender offers again with its next epoch.
func (l *Lobby) signal(c *client, g *wire.Signal) {
	m := l.meetings[g.Session]
	if m != nil && m.CustomerLeft == 0 {
		if side, here := m.place(c); here {
			if side == customer && !m.visit.Met { // it knows of its Start
				m.visit.Met = true
				l.saveVisit(m.visit)
			}
			l.tell(m, 1-side, g)
			return
		}
	}
	if v := c.visit; v != nil && v.ID == g.Session && v.State == Waits {
		return // said to a rep who has just handed the customer on, or was lost
	}
	l.refuse(c.Conn, wire.CodeGone, wire.KindSignal, g.Session)
}

// leave takes a side out of its session. Said again, or after the other's
// Leave crossed it on the way, it does nothing.
func (l *Lobby) leave(now time.Time, c *client, v *wire.Leave) {
	m := l.meetings[v.Session]
	if m == nil {
		l.goes(now, c, v)
		return
	}
	switch side, here := m.place(c); {
	case !here:
	case side == rep:
		l.finish(now, m, v.Why)
	default:
		// The session is over, but what becomes of the key is for the rep's
		// console to say: a customer's word must not use it up or free it.
		m.CustomerLeft = v.Why
		m.left = now
		m.detach(now, c)
		l.do(SaveSession{m.Session})
		l.tell(m, rep, &wire.Ended{Session: m.ID, Why: v.Why})
		m.rememberRep()
		if l.keyOf(m) == nil {
			l.end(now, m.visit, v.Why, true)
		}
	}
}

// goes ends the visit of a customer who leaves without having a rep.
func (l *Lobby) goes(now time.Time, c *client, g *wire.Leave) {
	v := c.visit
	if v == nil || v.ID != g.Session || !v.Over.IsZero() {
		return
	}
	why := wire.EndByCustomer
	switch {
	case g.Why == wire.EndForNotice:
		why = g.Why
	case v.State == Asked && v.Asked == wire.AskedAgreement:
		why = wire.EndNotAgreed
		l.fact(now, v, FactNotAgreed, 0, "", "why", "said")
	}
	l.end(now, v, why, true)
}

// endLeft ends visits from a key whose customer has left while the rep's
// console does not say how it was.
func (l *Lobby) endLeft(now time.Time) {
	for _, m := range l.sortedMeetings(func(m *meeting) bool {
		return m.CustomerLeft != 0 && m.visit.Over.IsZero() && now.Sub(m.left) >= joinPatience
	}) {
		l.end(now, m.visit, m.CustomerLeft, true)
	}
}

// finish ends a session for good and decides about its key.
func (l *Lobby) finish(now time.Time, m *meeting, why wire.EndWhy) {
	key := l.keyOf(m)
	l.part(now, m, why)
	again := why == wire.EndWrongSecret || why == wire.EndNeverMet
	told := why
	if m.CustomerLeft != 0 && !again {
		told = m.CustomerLeft
	}
	l.end(now, m.visit, told, m.CustomerLeft != 0)
	if key == nil || !again {
		return
	}
	// A number that was right but led nowhere costs a try as well; otherwise
	// joining and leaving again would be a free way to pester a rep.
	if m.from != "" {
		l.budget.charge(now, m.from)
	}
	l.giveBack(now, key)
}

// rememberRep notes who is to be asked how it was, when it is over.
func (m *meeting) rememberRep() {
	v := m.visit
	if !v.Over.IsZero() {
		return
	}
	v.RepTicket, v.rep = bytes.Clone(m.Tickets[rep][:]), 0
	if c := m.sides[rep]; c != nil {
		v.rep = c.Conn
	}
}

// part takes the two of a session from each other. A key that brought them
// together is used up, unless it can be tried again.
func (l *Lobby) part(now time.Time, m *meeting, why wire.EndWhy) {
	key := l.keyOf(m)
	delete(l.meetings, m.ID)
	m.visit.m = nil
	m.Ended, m.Why = now, why
	l.do(SaveSession{m.Session})
	if m.visit.Over.IsZero() {
		l.fact(now, m.visit, FactLeft, m.Rep, "", "why", whyNames[why])
	}
	if why == wire.EndByBroker || why == wire.EndMoved {
		l.tell(m, rep, &wire.Ended{Session: m.ID, Why: why})
	}
	m.visit.closeLog(m, why)
	if !m.visit.Over.IsZero() { // else it is saved where it goes now
		l.saveVisit(m.visit)
	}
	m.rememberRep()
	for _, c := range m.sides {
		if c != nil {
			m.detach(now, c)
		}
	}
	if key != nil && why != wire.EndWrongSecret && why != wire.EndNeverMet {
		l.endKey(now, key, wire.KeyUsed)
	}
}

// keyOf is the key that a session came from; nil where it is another one's by
// now, or there was none.
func (l *Lobby) keyOf(m *meeting) *slot {
	s := l.requests[request{m.Rep, m.Request}]
	if s == nil || s.State != KeyTaken || s.Session != m.ID {
		return nil
	}
	return s
}

// rejoin brings a side back on a new connection, after a broken one or a
// restart of the broker. The ticket proves the side; a console that is signed
// in must be signed in as the session's rep besides.
//
// sought says that no other broker has the session.
func (l *Lobby) rejoin(now time.Time, c *client, r *wire.Rejoin, sought bool) {
	m, v := l.meetings[r.Session], l.visits[r.Session]
	if m == nil && v == nil && !sought && l.seek(now, c, r, Sought{Session: r.Session}) {
		return
	}
	side := customer
	if c.Role == wire.RoleRep {
		side = rep
	}
	if side == customer && v != nil && (m == nil || m.CustomerLeft != 0) && v.opens(r.Ticket) &&
		(v.State == Asked || v.State == Waits || v.State == Over && (l.asked(v) || v.Why == wire.EndByBroker)) {
		l.comeBack(now, c, v, r.Ticket)
		return
	}
	if side == rep && v != nil && (m == nil || !m.opens(rep, r.Ticket)) && l.returns(c, v, r.Ticket) {
		return
	}
	if m == nil || !m.opens(side, r.Ticket) ||
		side == rep && c.rep != 0 && c.rep != m.Rep || side == customer && m.CustomerLeft != 0 {
		l.refuse(c.Conn, wire.CodeGone, wire.KindRejoin, r.Session)
		return
	}
	if side == customer && m.sides[customer] != c && c.busy() {
		l.refuse(c.Conn, wire.CodeOutOfPlace, wire.KindRejoin, r.Session)
		return
	}
	if side == customer {
		m.linked = r.Linked
	}
	m.attach(now, side, c)
	if side == customer {
		m.from = c.From
		m.visit.come(c, r.Ticket)
		if !m.visit.Met {
			l.startCustomer(now, m)
			return
		}
	}
	if m.CustomerLeft != 0 {
		m.visit.rep = c.Conn
		l.send(c.Conn, &wire.Ended{Session: m.ID, Why: m.CustomerLeft})
		l.surveyRep(m.visit)
		l.tellLogged(c.Conn, m.visit, m.Rep)
		return
	}
	l.send(c.Conn, &wire.Rejoined{Session: m.ID, Relays: l.relays(now, m.ID)})
	if side == rep {
		l.tellLogged(c.Conn, m.visit, m.Rep)
	}
}

// linked hears from a customer whether the rep is there without us. What is
// not about a session of this connection came too late.
func (c *client) linked(now time.Time, said *wire.Linked) {
	m := c.in[said.Session]
	if m == nil || m.sides[customer] != c {
		return
	}
	m.linked = said.Yes
	m.settle(now)
}

// returns brings back a rep who has the session no more: there may be questions
// to answer, and something of it to tell. It says whether the ticket is such a
// rep's.
func (l *Lobby) returns(c *client, v *visit, ticket []byte) bool {
	asked := l.repAsked(v) && v.opensRep(ticket)
	who, why := v.Last, v.Why
	if !asked {
		g, is := v.formerly(ticket)
		if !is {
			return false
		}
		who, why = g.Rep, g.Why
	}
	if c.rep != 0 && c.rep != who {
		return false
	}
	c.prove(v.ID, who)
	l.send(c.Conn, &wire.Ended{Session: v.ID, Why: why})
	if asked {
		v.rep = c.Conn
		l.surveyRep(v)
	}
	l.tellLogged(c.Conn, v, who)
	return true
}

func (s *Session) opens(side int, ticket []byte) bool { return isTicket(ticket, s.Tickets[side][:]) }

// endRested ends sessions that nobody came back to.
func (l *Lobby) endRested(now time.Time) {
	for _, m := range l.sortedMeetings(func(m *meeting) bool {
		return !m.quiet.IsZero() && now.Sub(m.quiet) >= SessionRest
	}) {
		why := wire.EndLost
		if m.CustomerLeft == wire.EndByCustomer {
			why = wire.EndByCustomer
		}
		l.finish(now, m, why)
	}
}

func (l *Lobby) meetingsOf(rep uint64) []*meeting {
	return l.sortedMeetings(func(m *meeting) bool { return m.Rep == rep })
}

func (l *Lobby) sortedMeetings(want func(*meeting) bool) []*meeting {
	var found []*meeting
	for _, m := range l.meetings {
		if want(m) {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b *meeting) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return found
}
