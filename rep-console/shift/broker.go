package shift

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/hotline"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// busyRest is how long a broker that has no room for us, or trouble of its own,
// is left in peace.
const busyRest = 15 * time.Second

func (s *Shift) lineConfig() hotline.Config {
	return hotline.Config{
		Dial:  s.doors.Dial,
		Hello: s.doors.Hello,
		Greet: s.greet,
		Heard: s.heard,
		Welcome: func(w *wire.Welcome) {
			s.skew = time.Since(time.UnixMilli(w.Now))
			s.must(console.Site{Organisation: w.Organisation, Page: w.Site})
			s.must(console.Linked{})
		},
		State: func(up bool, err error) {
			if up {
				s.must(s.greeted) // not before: it may lead to messages to the broker
				return
			}
			s.away = hotline.Explain(err, s.doors.Explain)
		},
		Rest: func(until time.Time) { s.must(console.Unlinked{Problem: s.away, RetryAt: until}) },
	}
}

// stayConnected keeps the line to the broker up. Where the broker refuses, it
// waits for the rep: for a code, or for the wish to try again.
func (s *Shift) stayConnected(ctx context.Context) {
	for {
		err := s.line.Run(ctx)
		if ctx.Err() != nil {
			return
		}
		if !s.pairing() { // a wish from before the refusal is none to go against it
			select {
			case <-s.again:
			default:
			}
		}
		if !s.refused(ctx, err) {
			return
		}
	}
}

// refused tells the rep and waits until it is time to try again; false when
// ctx ended.
func (s *Shift) refused(ctx context.Context, err error) bool {
	var refused hotline.Refused
	errors.As(err, &refused)
	var later <-chan time.Time // nil: when the rep wants
	switch {
	case errors.Is(err, errParted): // the rep knows
	case refused.Code == wire.CodeNotEnrolled:
		s.must(console.NeedEnrolment{})
	case refused.Code == wire.CodeLoginNeeded:
		s.must(console.NeedLogin{})
	case refused.Code == wire.CodePairRefused:
		s.setPairs(false)
		s.must(console.PairFailed{Problem: words.PairRefused})
	case refused.Code == wire.CodeBadEnrolment:
		s.must(console.NeedEnrolment{Problem: words.BadEnrolment})
	case refused.Code == wire.CodeBusy, refused.Code == wire.CodeInternal: // of the broker's, and passes
		later = time.After(busyRest)
		s.must(console.Unlinked{Problem: words.ForCode(refused.Code), RetryAt: time.Now().Add(busyRest)})
	default:
		s.must(console.Unlinked{Problem: hotline.Explain(err, s.doors.Explain)})
	}
	select {
	case <-s.again:
	case <-later:
	case <-ctx.Done():
		return false
	}
	return true
}

// greet signs in and brings the sessions that go on back to the broker.
func (s *Shift) greet(ctx context.Context, c hotline.Conn, _ bool) error {
	s.conn = c // for the farewell
	m, err := s.signIn(ctx, c)
	switch {
	case err == nil:
		s.greeted, err = s.welcome(m)
	case errors.Is(err, hotline.Refused{Code: wire.CodeLoginNeeded}) && s.busy():
		// Sessions go on, and need a way to say where their two ends are; or
		// answers about one are on their way.
		s.greeted, err = console.NeedLogin{}, nil
	}
	if err != nil {
		return err
	}
	return s.rejoin(c)
}

// welcome is what the broker's answer to who this is means.
func (s *Shift) welcome(m wire.Message) (console.Event, error) {
	switch m := m.(type) {
	case *wire.SignedIn:
		s.setPairs(false)
		return s.signedIn(m), nil
	case *wire.Pairing:
		return s.paired(m), nil
	}
	return nil, fmt.Errorf("signing in: kind %d instead of SignedIn", m.Kind())
}

func (s *Shift) signedIn(in *wire.SignedIn) console.SignedIn {
	e := console.SignedIn{Rep: in.Rep, Name: in.Name, Idle: time.Duration(in.Idle) * time.Second}
	for i := range in.Keys {
		e.Keys = append(e.Keys, s.keyMade(&in.Keys[i]))
	}
	return e
}

// signIn signs in, and enrols with the code there is when the broker doesn't
// know this console yet. A code whose answer was lost on the way is tried
// again only if it had no effect. Where that is not enough and the rep wants
// it, the answer is where to log in with the browser.
func (s *Shift) signIn(ctx context.Context, c hotline.Conn) (wire.Message, error) {
	proof, err := c.Exporter(wire.SignInExporter)
	if err != nil {
		return nil, fmt.Errorf("signing in: %w", err)
	}
	public := s.doors.Key.Public().(ed25519.PublicKey)
	signature := ed25519.Sign(s.doors.Key, append([]byte(wire.SignInContext), proof...))
	pair := &wire.Pair{PublicKey: public, Signature: signature, Computer: s.doors.Computer}
	s.setProof(pair)
	m, err := hotline.Ask(ctx, c, &wire.SignIn{PublicKey: public, Signature: signature})
	code := s.enrolment()
	if errors.Is(err, hotline.Refused{Code: wire.CodeNotEnrolled}) && code != "" {
		m, err = hotline.Ask(ctx, c, &wire.Enrol{Code: code, PublicKey: public, Signature: signature})
	}
	if err == nil || errors.Is(err, hotline.Refused{Code: wire.CodeBadEnrolment}) {
		s.setCode("")
	}
	unknown := errors.Is(err, hotline.Refused{Code: wire.CodeNotEnrolled}) || errors.Is(err, hotline.Refused{Code: wire.CodeLoginNeeded})
	if unknown && s.pairing() {
		m, err = hotline.Ask(ctx, c, pair)
	}
	return m, err
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

// rejoin brings the sessions that go on back to a broker that may have
// forgotten the connection they began on.
func (s *Shift) rejoin(c hotline.Conn) error {
	for _, v := range s.visitors.all() {
		if err := c.Send(&wire.Rejoin{Session: v.start.Session, Ticket: v.start.Ticket}); err != nil {
			return fmt.Errorf("rejoining a session: %w", err)
		}
	}
	return s.recall(c)
}

// keyMade turns the broker's clock into this machine's.
func (s *Shift) keyMade(k *wire.KeyMade) console.KeyMade {
	return console.KeyMade{Request: k.Request, Number: k.Number, Expires: time.UnixMilli(k.Expires).Add(s.skew)}
}

// heard takes what the broker says, on the line's goroutine.
func (s *Shift) heard(m wire.Message) {
	switch m := m.(type) {
	case *wire.KeyMade:
		s.must(s.keyMade(m))
	case *wire.KeyGone:
		s.must(console.KeyGone{Number: m.Number, Why: m.Why})
	case *wire.Start:
		s.started(m)
	case *wire.Rejoined:
		if v := s.visitors.get(m.Session); v != nil {
			v.rejoined(m.Relays)
		}
	case *wire.Signal:
		if v := s.visitors.get(m.Session); v != nil {
			v.box.Deliver(m)
		}
	case *wire.Ended:
		s.left(m.Session, m.Why)
	case *wire.Problem:
		s.problem(m)
	case *wire.Survey, *wire.Noted:
		s.heardSurvey(m)
	case *wire.SignedIn, *wire.Pairing, *wire.Certified:
		s.heardLogin(m)
	default:
		s.heardQueues(m)
	}
}

// started hears that somebody typed a key's number, or that a customer out of
// a queue is this rep's.
func (s *Shift) started(m *wire.Start) {
	if s.visitors.get(m.Session) != nil {
		return // said twice
	}
	s.past.remove(m.Session)
	if !s.visitors.add(newVisitor(m)) {
		s.say(&wire.Leave{Session: m.Session, Why: wire.EndNeverMet})
		return
	}
	if m.Proof == wire.ProofCompare {
		s.must(console.Given{ID: m.Session, Peer: m.Peer, System: m.System})
		return
	}
	s.must(console.KeyEntered{ID: m.Session, Number: m.Number})
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

func (s *Shift) problem(p *wire.Problem) {
	switch {
	case p.About == wire.KindNewKey:
		s.must(console.KeyFailed{Request: p.Key, Problem: words.ForCode(p.Code)})
	case p.About == wire.KindTake:
		s.must(console.TakeFailed{Request: p.Key, Problem: words.ForCode(p.Code)})
	case p.About == wire.KindHandOn:
		s.must(console.HandOnFailed{ID: p.Key, Problem: words.ForCode(p.Code)})
	case p.About == wire.KindAnswers:
		s.refusedAnswers(p)
	case p.About == wire.KindPair:
		s.pairFailed(words.ForCode(p.Code))
	case p.Code == wire.CodeIdle, p.Code == wire.CodeLoginNeeded:
		s.loggedOut(words.ForCode(p.Code))
	case p.Code == wire.CodeSignedInElse:
		s.line.Stop(hotline.Refused{Code: p.Code}) // or two consoles would take turns for ever
	case p.Code == wire.CodeGone:
		s.left(p.Key, wire.EndLost) // to Signal and Rejoin
		s.past.unknown(p.Key)
	}
}
