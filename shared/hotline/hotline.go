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
	Close(reason string)
}

// ErrDown is the error of Send while there is no connection.
var ErrDown = errors.New("hotline: not connected to the broker")

// Refused is the broker's answer to a greeting that it does not accept; it
// ends Run, because dialling again would not help.
type Refused struct{ Code wire.Code }

func (e Refused) Error() string { return fmt.Sprintf("hotline: refused with code %d", e.Code) }

// Config says how to reach the broker and what to do there. The functions are
// called from Run's goroutine.
type Config struct {
	Dial func(context.Context) (Conn, error)
	// Greet says who this is on a new connection, after Hello and Welcome. It
	// may use Ask. first is true until one greeting has succeeded.
	Greet func(ctx context.Context, c Conn, first bool) error
	// Heard takes each message after the greeting.
	Heard func(wire.Message)
	// State tells about every connection made and lost; err is why.
	State func(up bool, err error)
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
	// GreetTime is how long a broker may take to answer a greeting.
	GreetTime = 10 * time.Second
)

// Line is one control connection that is kept up.
type Line struct {
	cfg Config

	mu   sync.Mutex
	conn Conn                    // nil while there is none
	stop context.CancelCauseFunc // of the Run that goes on
}

// New makes a line; Run brings it up.
func New(cfg Config) *Line { return &Line{cfg: cfg} }

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

// Stop makes the Run that goes on return err.
func (l *Line) Stop(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stop != nil {
		l.stop(err)
	}
}

// Explain is what a person is told about an error of Run or State: what the
// broker said, or else what door makes of it.
func Explain(err error, door func(error) words.Problem) words.Problem {
	var refused Refused
	if errors.As(err, &refused) {
		return words.ForCode(refused.Code)
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
	for {
		up, err := l.once(ctx, first)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if up {
			first, wait = false, firstWait
		}
		var refused Refused
		if errors.As(err, &refused) {
			return err
		}
		l.cfg.State(false, err)
		if first && l.cfg.Patience > 0 && time.Since(began) > l.cfg.Patience {
			return err
		}
		if !rest(ctx, wait) {
			return context.Cause(ctx)
		}
		wait = min(2*wait, lastWait)
	}
}

// rest waits for about d; false when ctx ended meanwhile.
func rest(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d/2 + rand.N(d))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// once is the life of one connection. up says whether it was greeted.
func (l *Line) once(ctx context.Context, first bool) (up bool, err error) {
	c, err := l.cfg.Dial(ctx)
	if err != nil {
		return false, fmt.Errorf("dialling the broker: %w", err)
	}
	defer c.Close("bye")
	if err := l.greet(ctx, c, first); err != nil {
		return false, err
	}
	l.set(c)
	defer l.set(nil)
	l.cfg.State(true, nil)
	for {
		m, err := c.Receive(ctx)
		switch {
		case errors.Is(err, wire.ErrUnknownKind): // a newer broker's; nothing here waits for it
		case err != nil:
			return true, fmt.Errorf("listening to the broker: %w", err)
		default:
			l.cfg.Heard(m)
		}
	}
}

func (l *Line) set(c Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn = c
}

func (l *Line) greet(ctx context.Context, c Conn, first bool) error {
	ctx, cancel := context.WithTimeout(ctx, GreetTime)
	defer cancel()
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
// answer. A Problem becomes Refused.
func Ask(ctx context.Context, c Conn, m wire.Message) (wire.Message, error) {
	if err := c.Send(m); err != nil {
		return nil, fmt.Errorf("saying kind %d to the broker: %w", m.Kind(), err)
	}
	a, err := c.Receive(ctx)
	if err != nil {
		return nil, fmt.Errorf("waiting for the broker's answer to kind %d: %w", m.Kind(), err)
	}
	if p, ok := a.(*wire.Problem); ok {
		return nil, Refused{p.Code}
	}
	return a, nil
}
