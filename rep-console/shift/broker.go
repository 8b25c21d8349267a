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

func (s *Shift) lineConfig() hotline.Config {
	return hotline.Config{
		Dial:  s.doors.Dial,
		Hello: s.doors.Hello,
		Greet: s.greet,
		Heard: s.heard,
		Welcome: func(w *wire.Welcome) {
			s.skew.Store(time.Now().UnixMilli() - w.Now)
			s.Do(console.Site{Organisation: w.Organisation, Page: w.Site})
			s.Do(console.Linked{})
		},
		State: func(up bool, err error) {
			if !up {
				s.Do(console.Unlinked{Problem: hotline.Explain(err, s.doors.Explain)})
			}
		},
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
		var refused hotline.Refused
		errors.As(err, &refused)
		switch refused.Code {
		case wire.CodeNotEnrolled:
			s.must(ctx, console.NeedEnrolment{})
		case wire.CodeBadEnrolment:
			s.must(ctx, console.NeedEnrolment{Problem: words.BadEnrolment})
		default:
			s.must(ctx, console.Unlinked{Problem: hotline.Explain(err, s.doors.Explain)})
		}
		select {
		case <-s.again:
		case <-ctx.Done():
			return
		}
	}
}

// greet signs in, with an enrolment code when there is one, and brings the
// sessions that go on back to the broker.
func (s *Shift) greet(ctx context.Context, c hotline.Conn, _ bool) error {
	proof, err := c.Exporter(wire.SignInExporter)
	if err != nil {
		return fmt.Errorf("signing in: %w", err)
	}
	public := s.doors.Key.Public().(ed25519.PublicKey)
	signature := ed25519.Sign(s.doors.Key, append([]byte(wire.SignInContext), proof...))
	var hello wire.Message = &wire.SignIn{PublicKey: public, Signature: signature}
	select {
	case code := <-s.codes:
		hello = &wire.Enrol{Code: code, PublicKey: public, Signature: signature}
	default:
	}
	m, err := hotline.Ask(ctx, c, hello)
	if err != nil {
		return err
	}
	in, ok := m.(*wire.SignedIn)
	if !ok {
		return fmt.Errorf("signing in: kind %d instead of SignedIn", m.Kind())
	}
	e := console.SignedIn{Name: in.Name}
	for i := range in.Keys {
		e.Keys = append(e.Keys, s.keyMade(&in.Keys[i]))
	}
	s.must(ctx, e)
	return s.rejoin(c)
}

// rejoin brings the sessions that go on back to a broker that may have
// forgotten the connection they began on.
func (s *Shift) rejoin(c hotline.Conn) error {
	for _, v := range s.visitors.all() {
		if err := c.Send(&wire.Rejoin{Session: v.start.Session, Ticket: v.start.Ticket}); err != nil {
			return fmt.Errorf("rejoining a session: %w", err)
		}
	}
	return nil
}

// keyMade turns the broker's clock into this machine's.
func (s *Shift) keyMade(k *wire.KeyMade) console.KeyMade {
	return console.KeyMade{Request: k.Request, Number: k.Number, Expires: time.UnixMilli(k.Expires + s.skew.Load())}
}

// heard takes what the broker says, on the line's goroutine.
func (s *Shift) heard(m wire.Message) {
	switch m := m.(type) {
	case *wire.KeyMade:
		s.Do(s.keyMade(m))
	case *wire.KeyGone:
		s.Do(console.KeyGone{Number: m.Number, Why: m.Why})
	case *wire.Start:
		if !s.visitors.add(newVisitor(m)) {
			s.say(&wire.Leave{Session: m.Session, Why: wire.EndNeverMet})
			return
		}
		s.Do(console.KeyEntered{ID: m.Session, Number: m.Number})
	case *wire.Rejoined:
		if v := s.visitors.get(m.Session); v != nil {
			v.setRelays(m.Relays)
		}
	case *wire.Signal:
		if v := s.visitors.get(m.Session); v != nil {
			v.box.Deliver(m)
		}
	case *wire.Ended:
		if v := s.visitors.get(m.Session); v != nil {
			v.ended()
		}
	case *wire.Problem:
		s.problem(m)
	}
}

func (s *Shift) problem(p *wire.Problem) {
	switch {
	case p.About == wire.KindNewKey:
		s.Do(console.KeyFailed{Request: p.Key, Problem: words.ForCode(p.Code)})
	case p.Code == wire.CodeSignedInElse:
		s.line.Stop(hotline.Refused{Code: p.Code}) // or two consoles would take turns for ever
	}
}
