package shift

import (
	"errors"
	"slices"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/hotline"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// errParted ends a line that is of no use until the rep wants something again.
var errParted = errors.New("shift: signed out")

// doLogin carries out what concerns the rep's login, queues and surveys.
func (s *Shift) doLogin(f console.Effect) {
	switch f := f.(type) {
	case console.Pair:
		s.pair()
	case console.EndPair:
		s.setPairs(false)
		s.part()
	case console.Active:
		s.tellAll(&wire.Active{})
	case console.SayGoodbye:
		s.setOut(true)
		s.board.leave()
		s.tellAll(&wire.SignOut{})
		s.part()
	case console.Answer:
		s.answer(f)
	case console.Unasked:
		s.settle(f.ID)
	case console.Fetch:
		if !s.board.fetch(time.Now(), f) {
			s.follow = append(s.follow, console.TakeFailed{Request: f.Request, Problem: words.BrokerAway})
		}
	case console.HandOn:
		m := &wire.HandOn{Session: f.ID, Queue: f.Queue, Note: f.Note}
		l := s.lineOf(f.ID)
		if v := s.visitors.get(f.ID); v == nil { // who waits can have been here before
			l = s.lineAt(s.board.waitsAt(f.ID))
		}
		if l == nil || l.hot.Send(m) != nil {
			s.follow = append(s.follow, console.HandOnFailed{ID: f.ID, Problem: words.BrokerAway})
		}
	}
}

// pair asks for a login in the browser, on the connection there is or on the
// next one.
func (s *Shift) pair() {
	s.setOut(false)
	s.setPairs(true)
	s.mu.Lock()
	proof := s.proof
	s.mu.Unlock()
	if l := s.lineAt(home); proof == nil || errors.Is(l.hot.Send(proof), hotline.ErrDown) {
		l.connect()
	}
}

// part hangs up, unless somebody needs the lines.
func (s *Shift) part() {
	if s.busy() {
		return
	}
	for _, l := range s.allLines() {
		l.hot.Stop(errParted)
	}
}

// heardLogin takes what the broker says about the rep's login, unasked.
func (l *line) heardLogin(m wire.Message) {
	s := l.s
	switch m := m.(type) {
	case *wire.SignedIn:
		l.must(l.signedIn(m))
	case *wire.Pairing:
		if s.pairing() {
			l.must(l.paired(m))
		}
	case *wire.Certified:
		if c, ok := s.doors.Certified(m.Certificate); ok {
			s.mu.Lock()
			s.certificate = slices.Clone(m.Certificate)
			s.mu.Unlock()
			l.must(c)
		}
	}
}

func (l *line) paired(m *wire.Pairing) console.Paired {
	return console.Paired{Code: m.Code, URL: m.URL, Expires: time.UnixMilli(m.Expires).Add(l.skew)}
}

// pairFailed hears that the rep will not come in by this way.
func (l *line) pairFailed(p words.Problem) {
	if l.at != home {
		return // it was not asked
	}
	l.s.setPairs(false)
	l.must(console.PairFailed{Problem: p})
	l.s.part()
}

// loggedOut hears that the rep's login is over. Where it is not the broker at
// home that says so, it is asked again.
func (l *line) loggedOut(p words.Problem) {
	l.must(console.NeedLogin{Problem: p})
	if l.at != home {
		l.hot.Stop(errAfresh)
		return
	}
	l.s.part()
}

// heardQueues takes what the broker says about queues.
func (l *line) heardQueues(m wire.Message) {
	switch m := m.(type) {
	case *wire.Queues:
		l.must(console.Queues{Queues: m.Queues})
	case *wire.Visitor:
		l.must(console.Visitor{Visitor: *m, Since: time.UnixMilli(m.Since).Add(l.skew)})
	case *wire.VisitorGone:
		l.must(console.VisitorGone{ID: m.Session, Why: m.Why, By: m.By})
	case *wire.Targets:
		l.must(console.Targets{Targets: m.Targets})
	}
}

func (s *Shift) setPairs(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pairs = on
}

func (s *Shift) setOut(out bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = out
}

// signedOut says whether the lines are there for sessions alone.
func (s *Shift) signedOut() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out
}

func (s *Shift) pairing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pairs
}

func (s *Shift) setProof(p *wire.Pair) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proof = p
}

func (s *Shift) setCode(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code = code
}

func (s *Shift) enrolment() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code
}

func (s *Shift) certified() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.certificate
}
