package lobby

import (
	"crypto/sha256"
	"time"

	"handrail/broker/policy"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// take gives a rep a customer who waits. Many may ask at the same time; as
// every Take is decided here, one after the other, exactly one gets a Start.
func (l *Lobby) take(now time.Time, c *client, t *wire.Take) {
	refuse := func(code wire.Code) { l.refuse(c.Conn, code, wire.KindTake, t.Request) }
	if id, again := l.takes[request{c.rep, t.Request}]; again {
		l.takeAgain(now, c, id, refuse)
		return
	}
	v, code := l.pick(c, t)
	switch {
	case v == nil:
		refuse(code)
		return
	case len(l.meetings) >= MaxSessions:
		refuse(wire.CodeBusy)
		return
	}
	m, ticket, err := l.newMeeting(now, v, c.rep, t.Request)
	if err != nil {
		refuse(wire.CodeInternal)
		return
	}
	l.learn(now, v)
	l.fact(now, v, FactTaken, c.rep, v.Queue, "waited", waited(now, v.Since))
	l.fact(now, v, FactJoined, c.rep, "")
	l.unqueue(v)
	delete(c.shown, v.ID)
	v.Met, v.nobody, v.Since, v.hold = false, false, time.Time{}, time.Time{}
	l.begin(now, m, c)
	l.takes[request{c.rep, t.Request}] = v.ID
	l.forgetCode(v)
	l.saveVisit(v)
	l.startCustomer(now, m)
	l.startRep(now, m, ticket)
}

// pick finds whom a Take means. A customer who is not connected just now keeps
// the place, and whoever is next goes first.
func (l *Lobby) pick(c *client, t *wire.Take) (*visit, wire.Code) {
	if t.Session != (wire.SessionID{}) {
		v := l.visits[t.Session]
		if v == nil || v.State != Waits || v.c == nil || !c.sees[v.Queue] {
			return nil, wire.CodeTaken
		}
		return v, 0
	}
	if t.Queue != "" && !c.sees[t.Queue] {
		return nil, wire.CodeNotAllowed
	}
	var first *visit
	for name := range c.sees {
		if t.Queue != "" && name != t.Queue {
			continue
		}
		for _, v := range l.lines[name] {
			if v.c == nil {
				continue
			}
			if first == nil || before(v, first) < 0 {
				first = v
			}
			break
		}
	}
	return first, wire.CodeNobodyWaits
}

// takeAgain answers a Take whose answer was lost: the session is the rep's, who
// gets a new ticket for it.
func (l *Lobby) takeAgain(now time.Time, c *client, id wire.SessionID, refuse func(wire.Code)) {
	m := l.meetings[id]
	if m == nil || m.Rep != c.rep || m.CustomerLeft != 0 {
		refuse(wire.CodeTaken)
		return
	}
	ticket, err := l.repTicket(m)
	if err != nil {
		refuse(wire.CodeInternal)
		return
	}
	m.attach(now, rep, c)
	l.do(SaveSession{m.Session})
	l.startRep(now, m, ticket)
}

// repTicket draws a ticket for the rep of m.
func (l *Lobby) repTicket(m *meeting) ([]byte, error) {
	var ticket [32]byte
	if err := l.draw(ticket[:]); err != nil {
		return nil, err
	}
	m.Tickets[rep] = sha256.Sum256(ticket[:])
	return ticket[:], nil
}

func (l *Lobby) startRep(now time.Time, m *meeting, ticket []byte) {
	v := m.visit
	s := l.startOf(now, m)
	s.Ticket, s.Peer, s.System, s.Recording = ticket, v.Name, v.System, v.Recording
	l.tell(m, rep, s)
	if c := m.sides[rep]; c != nil {
		l.tellLogged(c.Conn, v, m.Rep)
	}
}

// startCustomer tells the customer to meet its rep. It is said again to a
// program that comes back and has not begun to.
func (l *Lobby) startCustomer(now time.Time, m *meeting) {
	s := l.startOf(now, m)
	s.Ticket, s.Peer = m.visit.ticket, clip(l.customerName(m.Rep), wire.MaxName)
	if c := m.sides[rep]; c != nil {
		s.System = c.System
	}
	l.tell(m, customer, s)
}

// startOf is what both sides are told alike.
func (l *Lobby) startOf(now time.Time, m *meeting) *wire.Start {
	s := &wire.Start{
		Session: m.ID, Relays: l.relays(now, m.ID),
		Proof: wire.ProofCompare, Denied: l.denied(m.visit.Portal, m.Rep),
	}
	if key := l.keyOf(m); key != nil {
		s.Proof, s.Number = wire.ProofKey, key.Number
	}
	return s
}

// handOn moves a customer who waits, or is in a session with this rep, to
// another queue (rows K04 and W07).
func (l *Lobby) handOn(now time.Time, c *client, h *wire.HandOn) {
	refuse := func(code wire.Code) { l.refuse(c.Conn, code, wire.KindHandOn, h.Session) }
	v, m := l.visits[h.Session], l.meetings[h.Session]
	running := m != nil && m.sides[rep] == c && m.CustomerLeft == 0
	waiting := m == nil && v != nil && v.State == Waits && c.sees[v.Queue]
	switch {
	case !running && !waiting:
		refuse(wire.CodeGone)
		return
	case running:
		v = m.visit
	}
	switch {
	case !l.may(v.Portal, c.rep, policy.Transfer):
		refuse(wire.CodeNotAllowed)
		return
	case !l.reachable(h.Queue, c, running):
		refuse(wire.CodeNoTarget)
		return
	case waiting && v.Queue == h.Queue:
		return // said twice
	}
	v.Former, v.Note = l.colleague(c.rep), h.Note
	l.fact(now, v, FactMoved, c.rep, v.Queue, "to", h.Queue)
	if waiting {
		l.queue(now, v, h.Queue, "moved")
		return
	}
	l.part(now, m, wire.EndMoved)
	l.sayText(v, wire.TellMoved, settings.RepMoved, map[string]string{"rep": l.customerName(c.rep), "queue": l.customerQueue(h.Queue)})
	v.Turn = time.Time{}
	l.queue(now, v, h.Queue, "moved")
	l.tellNotices(now, v, false)
}

// reachable says whether somebody could take over from a queue. Whoever hands
// on a session that runs is not meant.
func (l *Lobby) reachable(queue string, by *client, running bool) bool {
	if !l.isQueue(queue) {
		return false
	}
	if l.settings.Queues.IsPersistent(queue) {
		return true
	}
	if _, rep, _ := settings.ParseQueue(queue); rep != 0 {
		return l.reps[rep] != 0 && !(running && rep == by.rep)
	}
	eyes := l.eyes[queue].now
	if running && by.sees[queue] {
		eyes--
	}
	return eyes > 0
}
