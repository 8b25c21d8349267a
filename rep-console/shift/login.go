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
		s.say(&wire.Active{})
	case console.SayGoodbye:
		s.say(&wire.SignOut{})
		s.part()
	case console.Answer:
		s.answer(f)
	case console.Unasked:
		s.past.remove(f.ID)
	case console.Fetch:
		if err := s.line.Send(&wire.Take{Request: f.Request, Session: f.Session, Queue: f.Queue}); err != nil {
			s.follow = append(s.follow, console.TakeFailed{Request: f.Request, Problem: words.BrokerAway})
		}
	case console.HandOn:
		if err := s.line.Send(&wire.HandOn{Session: f.ID, Queue: f.Queue, Note: f.Note}); err != nil {
			s.follow = append(s.follow, console.HandOnFailed{ID: f.ID, Problem: words.BrokerAway})
		}
	}
}

// pair asks for a login in the browser, on the connection there is or on the
// next one.
func (s *Shift) pair() {
	s.setPairs(true)
	s.mu.Lock()
	proof := s.proof
	s.mu.Unlock()
	if proof == nil || errors.Is(s.line.Send(proof), hotline.ErrDown) {
		s.line.Hurry()
		poke(s.again)
	}
}

// part hangs up, unless somebody needs the line.
func (s *Shift) part() {
	if !s.busy() {
		s.line.Stop(errParted)
	}
}

// heardLogin takes what the broker says about the rep's login, unasked.
func (s *Shift) heardLogin(m wire.Message) {
	switch m := m.(type) {
	case *wire.SignedIn:
		s.setPairs(false)
		s.must(s.signedIn(m))
	case *wire.Pairing:
		if s.pairing() {
			s.must(s.paired(m))
		}
	case *wire.Certified:
		if c, ok := s.doors.Certified(m.Certificate); ok {
			s.mu.Lock()
			s.certificate = slices.Clone(m.Certificate)
			s.mu.Unlock()
			s.must(c)
		}
	}
}

func (s *Shift) paired(m *wire.Pairing) console.Paired {
	return console.Paired{Code: m.Code, URL: m.URL, Expires: time.UnixMilli(m.Expires).Add(s.skew)}
}

// pairFailed hears that the rep will not come in by this way.
func (s *Shift) pairFailed(p words.Problem) {
	s.setPairs(false)
	s.must(console.PairFailed{Problem: p})
	s.part()
}

// loggedOut hears that the rep's login is over.
func (s *Shift) loggedOut(p words.Problem) {
	s.must(console.NeedLogin{Problem: p})
	s.part()
}

// heardQueues takes what the broker says about queues.
func (s *Shift) heardQueues(m wire.Message) {
	switch m := m.(type) {
	case *wire.Queues:
		s.must(console.Queues{Queues: m.Queues})
	case *wire.Visitor:
		s.must(console.Visitor{Visitor: *m, Since: time.UnixMilli(m.Since).Add(s.skew)})
	case *wire.VisitorGone:
		s.must(console.VisitorGone{ID: m.Session, Why: m.Why, By: m.By})
	case *wire.Targets:
		s.must(console.Targets{Targets: m.Targets})
	}
}

func (s *Shift) setPairs(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pairs = on
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

func (s *Shift) certified() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.certificate
}
