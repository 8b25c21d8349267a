package shift

import (
	"fmt"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/hotline"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// rejoin brings the sessions that go on back to a broker that may have
// forgotten the connection they began on, and those that are over to one that
// may not have heard the last words about them. With several, a session's last
// words wait until it is found.
func (l *line) rejoin(c hotline.Conn) error {
	several := l.s.several.Load()
	var err error
	send := func(m wire.Message) {
		if err == nil {
			err = c.Send(m)
		}
	}
	for id, call := range l.s.seats() {
		if asked := call.ask(time.Now(), l.at); several && !asked {
			continue
		}
		send(&wire.Rejoin{Session: id, Ticket: call.ticket})
		if !several {
			l.s.sayLast(id, send)
		}
	}
	if err != nil {
		return fmt.Errorf("rejoining sessions: %w", err)
	}
	return nil
}

// heard takes what the broker says, on the line's goroutine.
func (l *line) heard(m wire.Message) {
	switch m := m.(type) {
	case *wire.KeyMade:
		l.must(l.keyMade(m))
	case *wire.KeyGone:
		l.must(console.KeyGone{Number: m.Number, Why: m.Why})
	case *wire.Start:
		l.started(m)
	case *wire.Rejoined:
		l.rejoined(m)
	case *wire.Signal:
		if v := l.s.visitors.get(m.Session); v != nil && v.seat.place() == l.at {
			v.meets.Mailbox.Deliver(m)
		}
	case *wire.Ended:
		if l.has(m.Session) {
			l.s.left(m.Session, m.Why)
		}
	case *wire.Problem:
		l.problem(m)
	case *wire.Survey, *wire.Noted:
		l.heardSurvey(m)
	case *wire.SignedIn, *wire.Pairing, *wire.Certified:
		l.heardLogin(m)
	case *wire.Logged, *wire.Keeping, *wire.Portal:
		l.s.heardRecord(m)
	case *wire.Noticeboard, *wire.NoticeKept:
		l.heardNotices(m)
	case *wire.Brokers:
		if len(m.Addresses) > 0 {
			l.s.put(news{from: l, brokers: m.Addresses})
		}
	case *wire.Elsewhere:
		l.sentOn(m)
	default:
		l.heardQueues(m)
	}
}

// started hears that somebody typed a key's number, or that a customer out of
// a queue is this rep's.
func (l *line) started(m *wire.Start) {
	s := l.s
	if s.visitors.get(m.Session) != nil {
		return // said twice
	}
	s.past.remove(m.Session)
	if !s.visitors.add(newVisitor(m, newSeat(l.at))) {
		s.say(l.at, &wire.Leave{Session: m.Session, Why: wire.EndNeverMet})
		return
	}
	if m.Proof == wire.ProofCompare {
		l.must(console.Given{ID: m.Session, Peer: m.Peer, System: m.System})
		return
	}
	l.must(console.KeyEntered{ID: m.Session, Number: m.Number})
}

// has says whether this broker has a session: it had it before, or it was asked
// for it and now says so.
func (l *line) has(id wire.SessionID) bool {
	seat := l.s.seatOf(id)
	if seat == nil {
		return false
	}
	counts, moved := seat.found(l.at)
	if moved {
		l.s.sayLast(id, func(m wire.Message) { l.s.count(l.hot.Send(m)) })
	}
	return counts
}

// mayTell says whether no other broker than this has a session.
func (l *line) mayTell(id wire.SessionID) bool { return l.s.seatOf(id) == nil || l.has(id) }

// rejoined hears that the broker has this side of a session back.
func (l *line) rejoined(m *wire.Rejoined) {
	if !l.has(m.Session) {
		return
	}
	if v := l.s.visitors.get(m.Session); v != nil {
		v.rejoined(m.Relays)
		l.s.backAt(m.Session)
	}
}

// sentOn hears that another broker has a session.
func (l *line) sentOn(m *wire.Elsewhere) {
	c, ok := l.s.seats()[m.Key]
	if m.About != wire.KindRejoin || !ok || l.s.doors.DialAt == nil {
		return
	}
	c.lose(time.Now(), l.at)
	c.answered(time.Now(), l.at)
	if to := l.s.lineTo(m.Address); to != nil && to != l {
		l.s.ask(to, m.Key, c)
	}
}

// left hears that a customer is not at the broker any more, or is somebody
// else's.
func (s *Shift) left(id wire.SessionID, why wire.EndWhy) {
	v := s.visitors.get(id)
	if v == nil {
		return
	}
	if met := v.ended(why); met && why == wire.EndMoved {
		s.must(console.HandedOn{ID: id})
	}
}

func (l *line) problem(p *wire.Problem) {
	switch {
	case p.About == wire.KindNewKey:
		l.must(console.KeyFailed{Request: p.Key, Problem: words.ForCode(p.Code)})
	case p.About == wire.KindTake:
		l.must(console.TakeFailed{Request: p.Key, Problem: words.ForCode(p.Code)})
	case p.About == wire.KindHandOn:
		l.must(console.HandOnFailed{ID: p.Key, Problem: words.ForCode(p.Code)})
	case p.About == wire.KindPushNotice, p.About == wire.KindEndNotice:
		l.must(console.NoticeRefused{Request: p.Key, Problem: words.ForCode(p.Code)})
	case p.About == wire.KindAnswers:
		l.refusedAnswers(p)
	case p.About == wire.KindLog:
		l.s.refusedLog(p)
	case p.About == wire.KindPair:
		l.pairFailed(words.ForCode(p.Code))
	case p.Code == wire.CodeIdle, p.Code == wire.CodeLoginNeeded:
		l.loggedOut(words.ForCode(p.Code))
	case p.Code == wire.CodeSignedInElse:
		l.hot.Stop(hotline.Refused{Code: p.Code}) // or two consoles would take turns for ever
	case p.Code == wire.CodeGone:
		l.unknown(p.Key)
	}
}

// unknown hears that the broker has no such session: to Signal and Rejoin.
func (l *line) unknown(id wire.SessionID) {
	seat := l.s.seatOf(id)
	if seat != nil && seat.unknown(time.Now(), l.at, l.s.several.Load()) {
		l.s.left(id, wire.EndLost)
		if p, over := l.s.past.get(id); over && p.answers == nil { // else they are refused, too
			l.s.settle(id)
		}
	}
}
