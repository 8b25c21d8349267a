package shift

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/hotline"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const (
	// busyRest is how long a broker that has no room for us, or trouble of its
	// own, is left in peace.
	busyRest = 15 * time.Second

	// Another broker than the one at home, which has the rep signed in, may not
	// know of the login yet: so often, and so long apart, it is asked again.
	loginTries = 3
	loginRest  = 2 * time.Second
)

// errAfresh ends a connection so that the rep is signed in on a new one.
var errAfresh = errors.New("shift: signing in again")

// line is one control connection: to the broker that this console knows, or to
// another one.
type line struct {
	s     *Shift
	at    string // home, or the broker's address
	hot   *hotline.Line
	again chan struct{} // has a place: somebody wants to connect now
	stop  context.CancelFunc
	tries atomic.Int32 // how often the broker said that the rep is not logged in

	// owned by the line's goroutine
	skew    time.Duration // this machine's clock is so much before the broker's
	greeted console.Event // what the broker said about who this is
	away    words.Problem // why there is no connection
}

func newLine(s *Shift, at string) *line {
	l := &line{s: s, at: at, again: make(chan struct{}, 1)}
	dial := s.doors.Dial
	if at != home {
		dial = func(ctx context.Context) (hotline.Conn, error) { return s.doors.DialAt(ctx, at) }
	}
	l.hot = hotline.New(hotline.Config{
		Dial: dial, Hello: s.doors.Hello, Greet: l.greet, Heard: l.heard,
		Welcome: func(w *wire.Welcome) {
			l.skew = time.Since(time.UnixMilli(w.Now))
			s.records.clock(l.skew)
			l.must(console.Site{Organisation: w.Organisation, Page: w.Site})
			l.must(console.Linked{})
		},
		State: func(up bool, err error) {
			if up {
				l.tries.Store(0)
				l.must(l.greeted) // not before: it may lead to messages to the broker
				return
			}
			l.away = hotline.Explain(err, s.doors.Explain)
			l.lost()
		},
		Rest: func(until time.Time) { l.must(console.Unlinked{Problem: l.away, RetryAt: until}) },
	})
	return l
}

// must delivers what was heard on the line.
func (l *line) must(e console.Event) { l.s.put(news{from: l, event: e}) }

// lost has what was on the line be looked for on others.
func (l *line) lost() {
	l.s.lose(l.at)
	l.s.put(news{from: l, lost: true})
}

// stayConnected keeps the line up. Where the broker refuses, it waits for the
// rep: for a code, or for the wish to try again.
func (l *line) stayConnected(ctx context.Context) {
	for {
		err := l.hot.Run(ctx)
		if ctx.Err() != nil {
			return
		}
		l.lost()
		if l.at != home {
			if !l.turnedAway(ctx, err) {
				return
			}
			continue
		}
		if !l.s.pairing() { // a wish from before the refusal is none to go against it
			select {
			case <-l.again:
			default:
			}
		}
		if !l.refused(ctx, err) {
			return
		}
	}
}

// refused tells the rep and waits until it is time to try again; false when
// ctx ended.
func (l *line) refused(ctx context.Context, err error) bool {
	var refused hotline.Refused
	errors.As(err, &refused)
	rest := time.Duration(0) // until the rep wants
	switch {
	case errors.Is(err, errParted): // the rep knows
	case refused.Code == wire.CodeNotEnrolled:
		l.must(console.NeedEnrolment{})
	case refused.Code == wire.CodeLoginNeeded:
		l.must(console.NeedLogin{})
	case refused.Code == wire.CodePairRefused:
		l.s.setPairs(false)
		l.must(console.PairFailed{Problem: words.PairRefused})
	case refused.Code == wire.CodeBadEnrolment:
		l.must(console.NeedEnrolment{Problem: words.BadEnrolment})
	case refused.Code == wire.CodeBusy, refused.Code == wire.CodeInternal: // of the broker's, and passes
		rest = busyRest
		l.must(console.Unlinked{Problem: words.ForCode(refused.Code), RetryAt: time.Now().Add(busyRest)})
	default:
		l.must(console.Unlinked{Problem: hotline.Explain(err, l.s.doors.Explain)})
	}
	return l.wait(ctx, rest)
}

// turnedAway is the same for a line that is not the one home: the rep is told
// nothing.
func (l *line) turnedAway(ctx context.Context, err error) bool {
	var refused hotline.Refused
	errors.As(err, &refused)
	rest := busyRest
	switch {
	case errors.Is(err, errAfresh):
		return ctx.Err() == nil
	case errors.Is(err, errParted):
		rest = 0
	case refused.Code == wire.CodeSignedInElse:
		rest = 0
		select {
		case <-l.again: // a wish from before is none to go against the other console
		default:
		}
	case refused.Code == wire.CodeLoginNeeded, refused.Code == wire.CodeNotEnrolled:
		if rest = loginRest; l.tries.Add(1) > loginTries {
			rest = 0
		}
	}
	l.must(console.Unlinked{Problem: hotline.Explain(err, l.s.doors.Explain)})
	return l.wait(ctx, rest)
}

// wait waits until it is time to try again, or somebody wants to; a rest of 0
// has no end. False: ctx ended.
func (l *line) wait(ctx context.Context, rest time.Duration) bool {
	var later <-chan time.Time
	if rest > 0 {
		later = time.After(rest)
	}
	select {
	case <-l.again:
	case <-later:
	case <-ctx.Done():
		return false
	}
	return true
}

// connect has the line come up now.
func (l *line) connect() {
	l.hot.Hurry()
	poke(l.again)
}

// greet signs in, unless the rep has signed out, and brings the sessions that
// go on back to the broker.
func (l *line) greet(ctx context.Context, c hotline.Conn, _ bool) error {
	if l.s.signedOut() {
		l.greeted = console.NeedLogin{}
		return l.rejoin(c)
	}
	m, err := l.signIn(ctx, c)
	switch {
	case err == nil:
		l.greeted, err = l.welcome(m)
	case errors.Is(err, hotline.Refused{Code: wire.CodeLoginNeeded}) && l.s.busy() && (l.at == home || l.tries.Load() >= loginTries):
		// Sessions go on, and need a way to say where their two ends are; or
		// answers about one are on their way.
		l.greeted, err = console.NeedLogin{}, nil
	}
	if err != nil {
		return err
	}
	return l.rejoin(c)
}

// welcome is what the broker's answer to who this is means.
func (l *line) welcome(m wire.Message) (console.Event, error) {
	switch m := m.(type) {
	case *wire.SignedIn:
		return l.signedIn(m), nil
	case *wire.Pairing:
		return l.paired(m), nil
	}
	return nil, fmt.Errorf("signing in: kind %d instead of SignedIn", m.Kind())
}

func (l *line) signedIn(in *wire.SignedIn) console.SignedIn {
	if l.at == home {
		l.s.setPairs(false)
	}
	e := console.SignedIn{Rep: in.Rep, Name: in.Name, Idle: time.Duration(in.Idle) * time.Second}
	for i := range in.Keys {
		e.Keys = append(e.Keys, l.keyMade(&in.Keys[i]))
	}
	return e
}

// signIn signs in, and enrols with the code there is when the broker doesn't
// know this console yet. A code whose answer was lost on the way is tried
// again only if it had no effect. Where that is not enough and the rep wants
// it, the answer is where to log in with the browser. All but signing in is for
// the broker at home.
func (l *line) signIn(ctx context.Context, c hotline.Conn) (wire.Message, error) {
	proof, err := c.Exporter(wire.SignInExporter)
	if err != nil {
		return nil, fmt.Errorf("signing in: %w", err)
	}
	s := l.s
	public := s.doors.Key.Public().(ed25519.PublicKey)
	signature := ed25519.Sign(s.doors.Key, append([]byte(wire.SignInContext), proof...))
	m, err := hotline.Ask(ctx, c, &wire.SignIn{PublicKey: public, Signature: signature})
	if l.at != home {
		return m, err
	}
	pair := &wire.Pair{PublicKey: public, Signature: signature, Computer: s.doors.Computer}
	s.setProof(pair)
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

// keyMade turns the broker's clock into this machine's.
func (l *line) keyMade(k *wire.KeyMade) console.KeyMade {
	return console.KeyMade{Request: k.Request, Number: k.Number, Expires: time.UnixMilli(k.Expires).Add(l.skew)}
}
