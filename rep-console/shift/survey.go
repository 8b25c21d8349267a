package shift

import (
	"errors"
	"sync"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/hotline"
	"handrail/shared/wire"
)

// past is a session that is over, while its rep may be asked how it was (E02).
type past struct {
	start   *wire.Start
	seat    *seat
	why     wire.EndWhy
	until   time.Time
	answers *wire.Answers // said until the broker keeps or refuses them; nil: none
	quiet   bool          // nothing more is asked or answered; but something is still to be kept
}

// pasts are those of this console: no more than there are visitors.
type pasts struct {
	mu   sync.Mutex
	byID map[wire.SessionID]past
}

// add remembers a session, if it isn't remembered yet. Where there are too many
// the oldest is forgotten.
func (ps *pasts) add(p past) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.byID == nil {
		ps.byID = map[wire.SessionID]past{}
	}
	if _, ok := ps.byID[p.start.Session]; ok {
		return
	}
	ps.byID[p.start.Session] = p
	if len(ps.byID) <= maxVisitors {
		return
	}
	oldest := p
	for _, o := range ps.byID {
		if o.until.Before(oldest.until) {
			oldest = o
		}
	}
	delete(ps.byID, oldest.start.Session)
}

func (ps *pasts) remove(id wire.SessionID) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	delete(ps.byID, id)
}

// hush notes that nothing more is asked or answered about a session.
func (ps *pasts) hush(id wire.SessionID) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p, ok := ps.byID[id]; ok {
		p.answers, p.quiet = nil, true
		ps.byID[id] = p
	}
}

// answered notes what is to be said about a session.
func (ps *pasts) answered(id wire.SessionID, a *wire.Answers) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p, ok := ps.byID[id]; ok {
		p.answers = a
		ps.byID[id] = p
	}
}

// all are those for which it is not too late.
func (ps *pasts) all(now time.Time) []past {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	var all []past
	for id, p := range ps.byID {
		if now.Before(p.until) {
			all = append(all, p)
		} else {
			delete(ps.byID, id)
		}
	}
	return all
}

func (ps *pasts) get(id wire.SessionID) (past, bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p, ok := ps.byID[id]
	return p, ok
}

// sayLast has a broker told how a session ended, if it is over, what there is to
// answer, and what is to be kept: all that may have been lost with a connection.
func (s *Shift) sayLast(id wire.SessionID, say func(wire.Message)) {
	p, over := s.past.get(id)
	if !over {
		return
	}
	if p.why != wire.EndMoved {
		say(&wire.Leave{Session: id, Why: p.why})
	}
	if p.answers != nil {
		say(p.answers)
	}
	for _, m := range s.records.unkept(id) {
		say(m)
	}
}

// settle hears that nothing more is asked or answered about a session. It is
// remembered as long as something can be noted about it.
func (s *Shift) settle(id wire.SessionID) {
	if s.records.has(id) {
		s.past.hush(id)
		return
	}
	s.past.remove(id)
}

// ended remembers a session that the two had met in: questions about it may
// follow, and may have been lost with a connection.
func (s *Shift) ended(m *wire.Start, at *seat, why wire.EndWhy) {
	// One that was handed on goes on, with a colleague.
	if moved := why == wire.EndMoved; !moved || s.records.has(m.Session) {
		s.past.add(past{start: m, seat: at, why: why, until: time.Now().Add(console.SurveyLife), quiet: moved})
	}
}

// answer says the answers now, or on the next connection.
func (s *Shift) answer(f console.Answer) {
	m := &wire.Answers{Session: f.ID, Answers: f.Answers}
	s.past.answered(f.ID, m)
	if errors.Is(s.sayAbout(f.ID, m), hotline.ErrDown) {
		s.reach(f.ID)
	}
}

// reach has the line come up by which the rep has something to say about a
// session, although the lines were hung up.
func (s *Shift) reach(id wire.SessionID) {
	if l := s.lineOf(id); l != nil && l.at != home {
		l.connect()
	}
	s.lineAt(home).connect() // where another has taken over, it says so
}

// heardSurvey takes what the broker says about the questions after a session.
func (l *line) heardSurvey(m wire.Message) {
	switch m := m.(type) {
	case *wire.Survey:
		if l.mayTell(m.Session) {
			l.must(console.Surveyed{ID: m.Session, Questions: m.Questions})
		}
	case *wire.Noted:
		if l.mayTell(m.Session) {
			l.s.settle(m.Session)
			l.must(console.SurveyNoted{ID: m.Session})
		}
	}
}

// refusedAnswers hears that answers won't be kept, whenever they are said.
func (l *line) refusedAnswers(p *wire.Problem) {
	if l.mayTell(p.Key) && (p.Code == wire.CodeGone || p.Code == wire.CodeMalformed) {
		l.s.settle(p.Key)
		l.must(console.SurveyRefused{ID: p.Key})
	}
}

// busy says whether somebody needs the line though the rep is logged out.
func (s *Shift) busy() bool {
	if len(s.visitors.all()) > 0 {
		return true
	}
	for _, p := range s.past.all(time.Now()) {
		if p.answers != nil {
			return true
		}
	}
	return s.records.anyOpen()
}
