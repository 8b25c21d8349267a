package shift

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/hotline"
	"handrail/shared/wire"
)

// past is a session that is over, while its rep may be asked how it was (E02).
type past struct {
	start   *wire.Start
	why     wire.EndWhy
	until   time.Time
	answers *wire.Answers // said until the broker keeps or refuses them; nil: none
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

// answered notes what is to be said about a session.
func (ps *pasts) answered(id wire.SessionID, a *wire.Answers) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p, ok := ps.byID[id]; ok {
		p.answers = a
		ps.byID[id] = p
	}
}

// unknown hears that the broker has no such session any more, or asks nothing
// about it.
func (ps *pasts) unknown(id wire.SessionID) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.byID[id].answers == nil { // else its answers are refused, too
		delete(ps.byID, id)
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

// ended remembers a session that the two had met in: questions about it may
// follow, and may have been lost with a connection.
func (s *Shift) ended(m *wire.Start, why wire.EndWhy) {
	if why != wire.EndMoved { // it goes on, with a colleague
		s.past.add(past{start: m, why: why, until: time.Now().Add(console.SurveyLife)})
	}
}

// answer says the answers now, or on the next connection.
func (s *Shift) answer(f console.Answer) {
	m := &wire.Answers{Session: f.ID, Answers: f.Answers}
	s.past.answered(f.ID, m)
	if errors.Is(s.line.Send(m), hotline.ErrDown) {
		s.line.Hurry()
		poke(s.again)
	}
}

// recall brings sessions that are over back to a broker that may not have
// heard the last words about them.
func (s *Shift) recall(c hotline.Conn) error {
	for _, p := range s.past.all(time.Now()) {
		id := p.start.Session
		all := []wire.Message{&wire.Rejoin{Session: id, Ticket: p.start.Ticket}, &wire.Leave{Session: id, Why: p.why}}
		if p.answers != nil {
			all = append(all, p.answers)
		}
		for _, m := range all {
			if err := c.Send(m); err != nil {
				return fmt.Errorf("recalling a session: %w", err)
			}
		}
	}
	return nil
}

// heardSurvey takes what the broker says about the questions after a session.
func (s *Shift) heardSurvey(m wire.Message) {
	switch m := m.(type) {
	case *wire.Survey:
		s.must(console.Surveyed{ID: m.Session, Questions: m.Questions})
	case *wire.Noted:
		s.past.remove(m.Session)
		s.must(console.SurveyNoted{ID: m.Session})
	}
}

// refusedAnswers hears that answers won't be kept, whenever they are said.
func (s *Shift) refusedAnswers(p *wire.Problem) {
	if p.Code == wire.CodeGone || p.Code == wire.CodeMalformed {
		s.past.remove(p.Key)
		s.must(console.SurveyRefused{ID: p.Key})
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
	return false
}
