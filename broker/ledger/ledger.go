// Package ledger tells other programs what happened (row T03): web hooks and a
// syslog server. What each is to be told waits in its line in the store, in the
// order in which it happened; the ledger tells it and takes it out.
//
// Everything is told at least once: whoever answers late, or just as the broker
// stops, may hear a fact again, with the same id. A recipient that fails is
// tried again later, ever less often, and what it could not be told for three
// days is given up and counted. No recipient waits for another one. Several
// brokers on one database share the work by leases.
package ledger

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"handrail/broker/record"
	"handrail/broker/settings"
)

const (
	// reread is how long a line may wait when nobody wakes the ledger: another
	// broker filled it.
	reread = 2 * time.Second

	// lease is how long a line stays this broker's without a word from it. It
	// is renewed long before, so it only has to be short for people who wait
	// after a broker died.
	lease   = time.Minute
	renewal = lease / 3

	// patience is how long a recipient may take for one fact.
	patience = 10 * time.Second

	// batch is how many facts are read from a line at a time.
	batch = 50

	firstRest = 5 * time.Second // after a failure; doubled up to longestRest
	lastRest  = time.Hour
	keptFor   = 3 * 24 * time.Hour // then a fact is given up
)

// Store is where the lines are.
type Store interface {
	// Due gives who is to be told something now.
	Due(ctx context.Context, now time.Time) ([]record.Recipient, error)
	// Line gives what a recipient is to be told next, in order.
	Line(ctx context.Context, recipient string, limit int) ([]record.Line, error)
	// Told takes out of a line what was told, by number.
	Told(ctx context.Context, recipient string, numbers []int64, now time.Time) error
	// NotTold keeps that the first in a line could not be told.
	NotTold(ctx context.Context, recipient, problem string, due time.Time) error
	// GiveUp takes out of a line what is older than a time, and counts it.
	GiveUp(ctx context.Context, recipient string, before time.Time) error
	// Lease grants what only one broker may do at a time.
	Lease(ctx context.Context, name string, owner []byte, life time.Duration) (bool, error)
	EndLease(ctx context.Context, name string, owner []byte) error
}

// Config is what a ledger needs.
type Config struct {
	Store    Store
	Settings func(context.Context) (settings.Settings, error) // the newest
	Open     func(sealed []byte) ([]byte, error)              // the secret of a hook
	Host     string                                           // this broker's name, for syslog
	Roots    *x509.CertPool                                   // whom hooks are trusted by; nil: the system's
	Now      func() time.Time                                 // nil: the clock
	Log      *slog.Logger                                     // nil: none
}

// Ledger tells. Make it with New.
type Ledger struct {
	Config
	owner []byte
	wake  chan struct{}
	hooks *hooks

	mu   sync.Mutex // guards busy
	busy map[string]bool

	telling sync.WaitGroup

	heard, unheard atomic.Uint64
}

// Counts is what happened since the start.
type Counts struct {
	Told   uint64 // facts that were taken
	Failed uint64 // tries that were not
}

// Counts may be asked from any goroutine.
func (l *Ledger) Counts() Counts { return Counts{l.heard.Load(), l.unheard.Load()} }

// New makes a ledger; Run makes it work.
func New(c Config) *Ledger {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Ledger{
		Config: c, owner: []byte(rand.Text()), wake: make(chan struct{}, 1), hooks: newHooks(c.Roots), busy: map[string]bool{},
	}
}

// Wake says that a line has grown. It never waits.
func (l *Ledger) Wake() {
	select {
	case l.wake <- struct{}{}:
	default: // it is awake
	}
}

// Run tells until ctx ends. What is being told then is finished or given back.
func (l *Ledger) Run(ctx context.Context) error {
	clock := time.NewTicker(reread)
	defer clock.Stop()
	defer l.hooks.close()
	defer l.telling.Wait()
	for {
		l.begin(ctx)
		select {
		case <-l.wake:
		case <-clock.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// begin starts telling everybody who is to be told something, each beside the
// others.
func (l *Ledger) begin(ctx context.Context) {
	due, err := l.Store.Due(ctx, l.Now())
	if err != nil {
		l.trouble(ctx, "reading who is to be told", err)
		return
	}
	for _, r := range due {
		if !l.take(r.ID) {
			continue
		}
		l.telling.Go(func() {
			defer l.release(r.ID)
			if err := l.tell(ctx, r); err != nil {
				l.trouble(ctx, "telling "+r.ID, err)
			}
		})
	}
}

func (l *Ledger) take(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[id] {
		return false
	}
	l.busy[id] = true
	return true
}

func (l *Ledger) release(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.busy, id)
}

// trouble logs what went wrong, unless it is that the ledger stops.
func (l *Ledger) trouble(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		l.Log.Warn("other programs are not told", "while", what, "why", err)
	}
}

// tell empties a recipient's line as far as it goes, if no other broker does.
func (l *Ledger) tell(ctx context.Context, r record.Recipient) (err error) {
	name := "tell:" + r.ID
	granted, err := l.Store.Lease(ctx, name, l.owner, lease)
	if err != nil || !granted {
		return err
	}
	held := l.Now()
	defer func() {
		// The line is free for another broker at once, also when this one stops.
		ctx, cancel := parting(ctx)
		defer cancel()
		err = errors.Join(err, l.Store.EndLease(ctx, name, l.owner))
	}()
	if err := l.Store.GiveUp(ctx, r.ID, l.Now().Add(-keptFor)); err != nil {
		return err
	}
	tries := r.Tries
	for {
		line, err := l.Store.Line(ctx, r.ID, batch)
		if err != nil || len(line) == 0 {
			return err
		}
		to, err := l.recipient(ctx, r.ID)
		if err != nil {
			return l.failed(ctx, r.ID, tries, err)
		}
		for len(line) > 0 {
			if l.Now().Sub(held) > renewal {
				if granted, err := l.Store.Lease(ctx, name, l.owner, lease); err != nil || !granted {
					return err
				}
				held = l.Now()
			}
			heard, err := to.tell(ctx, line)
			if heard > 0 {
				if err := l.told(ctx, r.ID, line[:heard]); err != nil {
					return err
				}
				l.heard.Add(uint64(heard))
				line, tries = line[heard:], 0
			}
			if err != nil {
				return l.failed(ctx, r.ID, tries, err)
			}
		}
	}
}

// told keeps what was heard, also when the ledger stops.
func (l *Ledger) told(ctx context.Context, id string, heard []record.Line) error {
	ctx, cancel := parting(ctx)
	defer cancel()
	numbers := make([]int64, len(heard))
	for i, line := range heard {
		numbers[i] = line.Number
	}
	return l.Store.Told(ctx, id, numbers, l.Now())
}

// parting is ctx for what is still to be kept when it ends, but not for ever:
// the store may be away.
func parting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), patience)
}

// recipient is how to tell one.
type recipient interface {
	// tell tells as many of the line as it can at a time, at least one, and says
	// how many were heard. Its errors are problems.
	tell(ctx context.Context, line []record.Line) (heard int, err error)
}

// problem is why a recipient was not told, by a short name that pages know a
// sentence for.
type problem struct {
	name string
	err  error
}

func (p problem) Error() string { return fmt.Sprintf("%s: %v", p.name, p.err) }
func (p problem) Unwrap() error { return p.err }

// Problems by name. An answer that is none of success is "status" and its
// number.
const (
	unreachable = "unreachable" // no connection
	slow        = "slow"        // took too long
	private     = "private"     // an address of the inside, which the hook doesn't allow
	untrusted   = "untrusted"   // its certificate
	unsigned    = "unsigned"    // no secret to sign with
	unknown     = "unknown"     // settings know no such recipient
)

var errNone = errors.New("ledger: not in the settings")

// recipient finds out how to tell one, by the newest settings.
func (l *Ledger) recipient(ctx context.Context, id string) (recipient, error) {
	s, err := l.Settings(ctx)
	if err != nil {
		return nil, problem{unknown, err}
	}
	if id == record.Syslog && s.Syslog != nil {
		return newSyslog(*s.Syslog, l.Host)
	}
	for _, h := range s.Hooks {
		if record.Hook+h.ID == id && !h.Off {
			secret, err := l.Open(h.Secret)
			if err != nil || len(secret) == 0 {
				return nil, problem{unsigned, errors.Join(errNone, err)}
			}
			return &hook{hooks: l.hooks, url: h.URL, private: h.Private, secret: secret, now: l.Now}, nil
		}
	}
	return nil, problem{unknown, errNone}
}

// failed keeps that a recipient could not be told, and when it is tried again.
func (l *Ledger) failed(ctx context.Context, id string, tries int, err error) error {
	if ctx.Err() != nil {
		return nil // it was not the recipient's doing
	}
	l.unheard.Add(1)
	why := problem{name: unreachable}
	errors.As(err, &why)
	l.Log.Info("a program elsewhere was not told", "recipient", id, "problem", why.name, "tries", tries+1)
	return l.Store.NotTold(ctx, id, why.name, l.Now().Add(rest(tries)))
}

// rest is how long a recipient is left alone after so many failures: longer each
// time, and not all at the same moment after something that they share was down.
func rest(tries int) time.Duration {
	d := min(firstRest<<min(tries, 20), lastRest)
	return d*4/5 + mathrand.N(d*2/5)
}
