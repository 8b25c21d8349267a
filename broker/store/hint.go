package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// A hint says that something was written that others should look at soon: what
// administrators decided, who was revoked, what the organisation has signed. It
// carries nothing, several become one, and one may be lost: who waits for hints
// asks every now and then how many there were.

const (
	hintPause = 50 * time.Millisecond // in which hints become one
	hintRest  = time.Second           // before a lost connection is made again
	hintWait  = 2 * time.Second       // until a hint must have been given
)

// Hints gives a signal after each hint, by this process or another, until ctx
// ends.
func (s *Store) Hints(ctx context.Context) <-chan struct{} {
	b := s.engine.hints()
	heard := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listeners[heard] = true
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.listeners, heard)
	})
	return heard
}

// Hinted is how many hints there were since the store was made. It is cheap to
// ask: as long as the number is the same, so is what hints are about.
func (s *Store) Hinted(ctx context.Context) (uint64, error) {
	var given uint64
	err := s.engine.reader().QueryRowContext(ctx, `select given from hints where id = 1`).Scan(&given)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("reading how many hints there were: %w", err)
	}
	return given, nil
}

// hint has a hint follow when the transaction is done.
func (t *Tx) hint() { t.hints = true }

// countHint counts the hint that is to follow in the transaction itself: who
// sees the number sees what it is about.
func (t *Tx) countHint() error {
	if !t.hints {
		return nil
	}
	if _, err := t.exec(`insert into hints (id, given) values (1, 1) on conflict (id) do update set given = hints.given + 1`); err != nil {
		return fmt.Errorf("counting a hint: %w", err)
	}
	return nil
}

// bell passes hints on within this process.
type bell struct {
	mu        sync.Mutex // guards the following
	listeners map[chan struct{}]bool
}

func newBell() *bell { return &bell{listeners: map[chan struct{}]bool{}} }

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for heard := range b.listeners {
		select {
		case heard <- struct{}{}:
		default: // it has not looked since the last one
		}
	}
}

// criers carry hints between the processes that share a PostgreSQL database.
// They have connections of their own: a notification inside a transaction that
// writes makes all others wait for it.
type criers struct {
	*bell
	config  *pgx.ConnConfig
	given   chan struct{} // has room for one
	stop    context.CancelFunc
	running sync.WaitGroup
	listen  func() // begins to listen, once
}

func newCriers(config *pgx.ConnConfig) *criers {
	ctx, stop := context.WithCancel(context.Background())
	c := &criers{bell: newBell(), config: config.Copy(), given: make(chan struct{}, 1), stop: stop}
	c.config.RuntimeParams["synchronous_commit"] = "off" // a hint may be lost
	c.running.Go(func() { c.cry(ctx) })
	c.listen = sync.OnceFunc(func() { c.running.Go(func() { c.hear(ctx) }) })
	return c
}

func (c *criers) give() {
	select {
	case c.given <- struct{}{}:
	default: // one is on its way
	}
}

// Close gives the last hint first: a command that has changed something ends at
// once.
func (c *criers) Close() {
	c.stop()
	c.running.Wait()
}

// cry gives hints to all processes.
func (c *criers) cry(ctx context.Context) {
	var conn *pgx.Conn
	defer func() { hangUp(conn) }()
	for {
		select {
		case <-c.given:
		case <-ctx.Done():
			select {
			case <-c.given:
				conn = c.notify(conn)
			default:
			}
			return
		}
		select {
		case <-time.After(hintPause):
		case <-ctx.Done():
		}
		if conn = c.notify(conn); conn == nil { // the database is away, or has no time
			c.give()
			select {
			case <-time.After(hintRest):
			case <-ctx.Done():
			}
		}
	}
}

// notify gives the connection back that it has used; nil when it broke. One that
// has rested may have broken long ago, so there is a second try.
func (c *criers) notify(conn *pgx.Conn) *pgx.Conn {
	ctx, cancel := context.WithTimeout(context.Background(), hintWait)
	defer cancel()
	for range 2 {
		var err error
		if conn == nil {
			if conn, err = pgx.ConnectConfig(ctx, c.config); err != nil {
				return nil
			}
		}
		if _, err = conn.Exec(ctx, `notify handrail`); err == nil {
			return conn
		}
		hangUp(conn)
		conn = nil
	}
	return nil
}

// hear takes hints from all processes. Between two connections one may be
// missed, so each begins with one.
func (c *criers) hear(ctx context.Context) {
	for ctx.Err() == nil {
		conn, err := pgx.ConnectConfig(ctx, c.config)
		if err == nil {
			_, err = conn.Exec(ctx, `listen handrail`)
		}
		for err == nil {
			c.ring()
			_, err = conn.WaitForNotification(ctx)
		}
		hangUp(conn)
		select {
		case <-time.After(hintRest):
		case <-ctx.Done():
		}
	}
}

func hangUp(conn *pgx.Conn) {
	if conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), hintWait)
	defer cancel()
	_ = conn.Close(ctx) // it held nothing
}
