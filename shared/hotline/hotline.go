// Package hotline keeps one control connection to the broker: it dials,
// greets, hands on what is heard, and dials again when the connection is lost.
// A session goes on meanwhile; only its start and its change of transport need
// the broker.
package hotline

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"handrail/shared/wire"
	"handrail/shared/words"
)

// Conn is a control connection.
type Conn interface {
	Send(wire.Message) error
	Receive(context.Context) (wire.Message, error)
	Exporter(label string) ([]byte, error)
	// Answers asks for a sign of life and says whether one came before ctx ended.
	Answers(ctx context.Context) bool
	// Close says goodbye after everything that was sent, and returns at once.
	Close(reason string)
	Done() <-chan struct{} // closes when nothing of the connection is left
}

// ErrDown is the error of Send while there is no connection.
var ErrDown = errors.New("hotline: not connected to the broker")

// ErrSilent marks a dial or a greeting that got no answer in time.
var ErrSilent = errors.New("hotline: no answer from the broker")

// Refused is the broker's answer to a greeting that it does not accept; it
// ends Run, because dialling again would not help.
type Refused struct{ Code wire.Code }

func (e Refused) Error() string { return fmt.Sprintf("hotline: refused with code %d", e.Code) }

// Moved is the broker's answer that another one has what was asked for.
type Moved struct{ Address string }

func (e Moved) Error() string { return "hotline: sent to the broker at " + e.Address }

// Config says how to reach the broker and what to do there. The functions are
// called from Run's goroutine, except for Dial.
type Config struct {
	// Dial makes a connection. ctx is for the making only. It may be called
	// several times at once; one of the connections is used.
	Dial func(context.Context) (Conn, error)
	// DialAt is Dial to another of the organisation's brokers, where this one
	// sends us; nil: the one is asked again and again. Only the next connection
	// is made there: when it is lost, the broker there may be gone, and Dial's
	// knows where to go.
	DialAt func(ctx context.Context, address string) (Conn, error)
	// Greet says who this is on a new connection, after Hello and Welcome. It
	// may use Ask. first is true until one greeting has succeeded.
	Greet func(ctx context.Context, c Conn, first bool) error
	// Heard takes each message after the greeting.
	Heard func(wire.Message)
	// State tells about every connection made and lost; err is why. Send works
	// from State(true) on.
	State func(up bool, err error)
	// Rest, if set, is told after State(false) when the next try will be.
	Rest func(until time.Time)
	// Patience is how long the first connection may take until Run gives up;
	// 0 is for ever.
	Patience time.Duration
	Hello    wire.Hello
	// Welcome takes the broker's answer to Hello.
	Welcome func(*wire.Welcome)
}

// Waits between two tries: quick at first, since most losses are short, then
// slow enough for a thousand clients of one restarted broker.
const (
	firstWait = 200 * time.Millisecond
	lastWait  = 5 * time.Second
	// steady is how long a connection must have lasted for the next loss to
	// begin with firstWait again: a broker that lets everybody in and falls
	// over must not be hammered.
	steady = 10 * time.Second
	// GreetTime is how long a broker may take to answer a greeting.
	GreetTime = 10 * time.Second
	// DialTime is how long a connection may take to come about, names looked
	// up and all.
	DialTime = 15 * time.Second
	// movedTime is how long a broker may take to let somebody in who was sent to
	// it: it may be gone, and nobody know yet.
	movedTime = 3 * time.Second
	// leastDial is what the last try before the end of Patience gets.
	leastDial = time.Second
	// dialAgain is how long a dial may go on before another one begins beside
	// it, while there are fewer than mostDials: packets to a broker that was not
	// there yet are sent again ever more rarely.
	dialAgain = time.Second
	mostDials = 4
	// answerTime is how long the connection may take to show that it survived a
	// change of the network.
	answerTime = 1200 * time.Millisecond
)

// Line is one control connection that is kept up.
type Line struct {
	cfg    Config
	hurry  chan struct{} // one place: somebody wants the next try now
	doubts chan struct{} // one place: the connection may be dead

	mu     sync.Mutex
	conn   Conn                    // nil while there is none
	newest Conn                    // even if it is closed
	stop   context.CancelCauseFunc // of the Run that goes on
}

// New makes a line; Run brings it up.
func New(cfg Config) *Line {
	return &Line{cfg: cfg, hurry: make(chan struct{}, 1), doubts: make(chan struct{}, 1)}
}

// Send says something to the broker if there is a connection.
func (l *Line) Send(m wire.Message) error {
	l.mu.Lock()
	c := l.conn
	l.mu.Unlock()
	if c == nil {
		return ErrDown
	}
	return c.Send(m)
}

// SendSoon is Send for what will be said again until somebody has heard it:
// without a connection, it makes Run hurry.
func (l *Line) SendSoon(m wire.Message) error {
	err := l.Send(m)
	if errors.Is(err, ErrDown) {
		l.Hurry()
	}
	return err
}

// Stop makes the Run that goes on return err.
func (l *Line) Stop(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stop != nil {
		l.stop(err)
	}
}

// SeeOff waits until nothing is left of the newest connection, or until ctx
// ends, so that a program that ends afterwards does not swallow the last words.
// It is for after Run.
func (l *Line) SeeOff(ctx context.Context) {
	l.mu.Lock()
	c := l.newest
	l.mu.Unlock()
	if c == nil {
		return
	}
	select {
	case <-c.Done():
	case <-ctx.Done():
	}
}

// Up says whether there is a connection now.
func (l *Line) Up() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn != nil
}

// Hurry ends the rest before the next try, if one goes on.
func (l *Line) Hurry() { poke(l.hurry) }

// Doubt says that the connection may be dead: this machine's network has
// changed, or the machine slept, or others have fallen silent. One that does
// not answer soon then is given up, and the next try does not wait.
func (l *Line) Doubt() {
	poke(l.hurry)
	poke(l.doubts)
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Explain is what a person is told about an error of Run or State: what the
// broker said, or else what door makes of it.
func Explain(err error, door func(error) words.Problem) words.Problem {
	var refused Refused
	switch {
	case errors.As(err, &refused):
		return words.ForCode(refused.Code)
	case errors.Is(err, ErrSilent):
		return words.BrokerAway
	}
	return door(err)
}

// Run keeps the line up until ctx ends, the broker refuses the greeting, or
// the first connection outlasts Patience: then the error is the last failure.
func (l *Line) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	l.mu.Lock()
	l.stop = stop
	l.mu.Unlock()
	began, first, wait := time.Now(), true, firstWait
	at := "" // where we were sent
	for {
		opening := DialTime + GreetTime
		if first && l.cfg.Patience > 0 {
			opening = max(l.cfg.Patience-time.Since(began), leastDial)
		}
		lasted, err := l.once(ctx, first, opening, at)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		first = first && lasted == 0
		if lasted >= steady {
			wait = firstWait
		}
		var refused Refused
		if errors.As(err, &refused) {
			return err
		}
		var moved Moved
		if errors.As(err, &moved) && at == "" && l.cfg.DialAt != nil {
			if at = moved.Address; lasted > 0 {
				l.cfg.State(false, err)
			}
			continue
		}
		at = ""
		l.cfg.State(false, err)
		pause := wait/2 + rand.N(wait)
		if first && l.cfg.Patience > 0 {
			left := l.cfg.Patience - time.Since(began)
			if left <= 0 {
				return err
			}
			pause = min(pause, left)
		}
		hurried, err := l.rest(ctx, pause)
		if err != nil {
			return err
		}
		if wait = min(2*wait, lastWait); hurried {
			wait = firstWait
		}
	}
}

// rest waits for d, or for somebody in a hurry. Its error is the cause of
// ctx's end.
func (l *Line) rest(ctx context.Context, d time.Duration) (hurried bool, err error) {
	select {
	case <-l.hurry: // from before there was anything to wait for
	default:
	}
	if l.cfg.Rest != nil {
		l.cfg.Rest(time.Now().Add(d))
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return false, nil
	case <-l.hurry:
		return true, nil
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
}

// once is the life of one connection, which must be greeted within opening.
// lasted is for how long it was up, 0 if it never was.
func (l *Line) once(ctx context.Context, first bool, opening time.Duration, at string) (lasted time.Duration, err error) {
	dial := l.cfg.Dial
	if at != "" {
		opening = min(opening, movedTime)
		dial = func(ctx context.Context) (Conn, error) { return l.cfg.DialAt(ctx, at) }
	}
	c, err := l.open(ctx, first, opening, dial)
	if err != nil {
		return 0, err
	}
	defer c.Close("bye")
	l.set(c)
	defer l.set(nil)
	l.cfg.State(true, nil)
	began := time.Now()
	var doubter sync.WaitGroup
	defer doubter.Wait()
	up, down := context.WithCancel(ctx)
	defer down()
	doubter.Go(func() { l.doubt(up, c) })
	for {
		m, err := c.Receive(ctx)
		var unknown wire.UnknownKind
		switch {
		case errors.As(err, &unknown): // a newer broker's; it can do without
			_ = c.Send(&wire.Unsupported{About: unknown.Number}) // if it fails, so does Receive
		case err != nil:
			return max(time.Since(began), 1), fmt.Errorf("listening to the broker: %w", err)
		default:
			if e, ok := m.(*wire.Elsewhere); ok && l.cfg.DialAt != nil {
				return max(time.Since(began), 1), Moved{e.Address}
			}
			l.cfg.Heard(m)
		}
	}
}

// doubt closes a connection that does not answer after the network changed.
// Its end makes Receive fail.
func (l *Line) doubt(ctx context.Context, c Conn) {
	select {
	case <-l.doubts: // from before there was this connection
	default:
	}
	for {
		select {
		case <-l.doubts:
		case <-ctx.Done():
			return
		}
		soon, cancel := context.WithTimeout(ctx, answerTime)
		answers := c.Answers(soon)
		cancel()
		if !answers && ctx.Err() == nil {
			c.Close("no answer")
			return
		}
	}
}

// dial makes one connection, by several tries if need be.
func (l *Line) dial(ctx context.Context, dial func(context.Context) (Conn, error)) (Conn, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	type result struct {
		c   Conn
		err error
	}
	results := make(chan result, mostDials) // has room for all
	try := func() {
		c, err := dial(ctx)
		results <- result{c, err}
	}
	again := time.NewTicker(dialAgain)
	defer again.Stop()
	go try()
	var last error
	for open := 1; open > 0; {
		select {
		case <-again.C:
			if open < mostDials {
				open++
				go try()
			}
		case r := <-results:
			open--
			if r.err != nil {
				last = r.err
				continue
			}
			stop()
			for range open { // the others end soon, and must not stay open
				if late := <-results; late.err == nil {
					late.c.Close("not needed")
				}
			}
			return r.c, nil
		}
	}
	return nil, last
}

// open dials and greets.
func (l *Line) open(ctx context.Context, first bool, within time.Duration, dial func(context.Context) (Conn, error)) (Conn, error) {
	within = min(within, DialTime+GreetTime)
	opening, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	dialling, cancel := context.WithTimeout(opening, DialTime)
	defer cancel()
	c, err := l.dial(dialling, dial)
	if err != nil {
		return nil, silent(ctx, dialling, fmt.Errorf("dialling the broker: %w", err))
	}
	l.mu.Lock()
	l.newest = c
	l.mu.Unlock()
	greeting, cancel := context.WithTimeout(opening, GreetTime)
	defer cancel()
	if err := l.greet(greeting, c, first); err != nil {
		c.Close("bye")
		return nil, silent(ctx, greeting, err)
	}
	return c, nil
}

// silent marks an error that is only there because the time for it was up.
func silent(ctx, limited context.Context, err error) error {
	if ctx.Err() == nil && limited.Err() != nil && !errors.As(err, new(Refused)) {
		return fmt.Errorf("%w: %w", ErrSilent, err)
	}
	return err
}

func (l *Line) set(c Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn = c
}

func (l *Line) greet(ctx context.Context, c Conn, first bool) error {
	hello := l.cfg.Hello
	m, err := Ask(ctx, c, &hello)
	if err != nil {
		return err
	}
	w, ok := m.(*wire.Welcome)
	if !ok {
		return fmt.Errorf("greeting the broker: kind %d instead of Welcome", m.Kind())
	}
	if l.cfg.Welcome != nil {
		l.cfg.Welcome(w)
	}
	return l.cfg.Greet(ctx, c, first)
}

// Ask sends a message and waits for the next one, which in a greeting is the
// answer. A Problem becomes Refused, Elsewhere Moved. Kinds of a newer broker are passed over.
func Ask(ctx context.Context, c Conn, m wire.Message) (wire.Message, error) {
	if err := c.Send(m); err != nil {
		return nil, fmt.Errorf("saying kind %d to the broker: %w", m.Kind(), err)
	}
	for {
		a, err := c.Receive(ctx)
		if errors.Is(err, wire.ErrUnknownKind) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("waiting for the broker's answer to kind %d: %w", m.Kind(), err)
		}
		switch a := a.(type) {
		case *wire.Problem:
			return nil, Refused{a.Code}
		case *wire.Elsewhere:
			return nil, Moved{a.Address}
		}
		return a, nil
	}
}
