package relay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/shared/wire"
)

const (
	// oldest is the oldest version of the messages the broker still speaks.
	oldest = 1

	// helloWait is how long a connection may say nothing at first.
	helloWait = 10 * time.Second

	// A client may say so much in one go: two sides' candidates with room to
	// spare. Afterwards it is read more slowly, which its own flow control
	// feels; nobody else does.
	messages     = 100
	messageEvery = 50 * time.Millisecond

	// signInTries is how often one connection may fail to prove a rep. A
	// person may mistype the enrolment code.
	signInTries = 10
)

// errOver ends a connection on purpose; its text is the reason.
type errOver string

func (e errOver) Error() string { return string(e) }

// accept takes connections until that fails or ctx ends. Each gets a reader.
func (r *Relay) accept(ctx context.Context, readers *sync.WaitGroup) error {
	for {
		c, err := r.listener.Accept(ctx)
		if err != nil {
			return err
		}
		number := lobby.Conn(r.numbers.Add(1))
		readers.Go(func() {
			d := &reader{relay: r, conn: c, number: number}
			d.budget = lobby.Bucket{Size: messages, Every: messageEvery}
			d.run(ctx)
		})
	}
}

// reader is the one goroutine that reads a connection.
type reader struct {
	relay    *Relay
	conn     Conn
	number   lobby.Conn
	budget   lobby.Bucket
	role     wire.Role
	signedIn bool
	login    login
	failed   int // tries to prove a rep
}

// run reads until the connection ends, and says so to the lobby.
func (d *reader) run(ctx context.Context) {
	err := d.greet(ctx)
	if err == nil {
		d.relay.counts.open.Add(1)
		err = d.read(ctx)
		d.relay.counts.open.Add(-1)
		d.relay.keepers.leave(d.number)
		d.tell(ctx, lobby.Closed{Conn: d.number}, nil)
	}
	reason := stopping
	var over errOver
	if errors.As(err, &over) {
		d.relay.counts.dropped.Add(1)
		reason = string(over)
	}
	d.conn.Close(reason) // harmless when it is closed already
	d.relay.config.Log.Debug("connection ended", "number", d.number, "error", err)
}

// tell hands an event to the owner of the lobby.
func (d *reader) tell(ctx context.Context, e lobby.Event, c Conn) {
	select {
	case d.relay.happened <- happening{event: e, conn: c}:
	case <-ctx.Done():
	}
}

func (d *reader) refuse(code wire.Code, about wire.Kind) {
	d.relay.send(d.conn, &wire.Problem{Code: code, About: about})
}

// greet waits for Hello and answers it.
func (d *reader) greet(ctx context.Context) error {
	ctx2, cancel := context.WithTimeout(ctx, helloWait)
	defer cancel()
	m, err := d.conn.Receive(ctx2)
	var unknown wire.UnknownKind
	switch {
	case errors.As(err, &unknown):
		d.refuse(wire.CodeOutOfPlace, unknown.Number)
		return errOver("no hello")
	case errors.Is(err, wire.ErrMalformed), errors.Is(err, wire.ErrTooLong):
		d.refuse(wire.CodeMalformed, 0)
		return errOver("malformed")
	case err != nil && ctx.Err() == nil && ctx2.Err() != nil:
		return errOver("no hello in time")
	case err != nil:
		return fmt.Errorf("waiting for hello: %w", err)
	}
	hello, ok := m.(*wire.Hello)
	if !ok || !wire.MayCome(wire.KindHello, wire.ControlPlane, hello.Role) {
		d.refuse(wire.CodeOutOfPlace, m.Kind())
		return errOver("no hello")
	}
	if hello.Version < oldest {
		d.refuse(wire.CodeVersion, wire.KindHello)
		return errOver("version too old")
	}
	d.role = hello.Role
	d.relay.counts.connections.Add(1)
	d.relay.config.Log.Debug("connection", "number", d.number, "role", hello.Role,
		"program", hello.Program, "system", hello.System)
	d.relay.send(d.conn, &wire.Welcome{
		Version:      wire.Version,
		Organisation: d.relay.config.Organisation,
		Now:          time.Now().UnixMilli(),
		Site:         d.relay.config.Site,
	})
	d.tell(ctx, lobby.Opened{
		Conn: d.number, From: place(d.conn.RemoteAddr().Addr()), Role: hello.Role, System: hello.System,
	}, d.conn)
	return nil
}

// read hands on what stands in its place, for as long as the client behaves.
func (d *reader) read(ctx context.Context) error {
	for {
		if err := d.pace(ctx); err != nil {
			return err
		}
		m, err := d.hear(ctx)
		var unknown wire.UnknownKind
		switch {
		case errors.As(err, &unknown): // a newer client's; it can do without
			d.relay.send(d.conn, &wire.Unsupported{About: unknown.Number})
			continue
		case errors.Is(err, wire.ErrMalformed), errors.Is(err, wire.ErrTooLong):
			d.refuse(wire.CodeMalformed, 0)
			return errOver("malformed")
		case err != nil:
			return fmt.Errorf("reading: %w", err)
		}
		if !wire.MayCome(m.Kind(), wire.ControlPlane, d.role) {
			d.refuse(wire.CodeOutOfPlace, m.Kind())
			return errOver("message of another role")
		}
		if err := d.take(ctx, m); err != nil {
			return err
		}
	}
}

// pace waits until the client may be read again.
func (d *reader) pace(ctx context.Context) error {
	wait := d.budget.Wait(time.Now())
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	d.budget.Take(time.Now())
	return nil
}

// take puts one message where it belongs.
func (d *reader) take(ctx context.Context, m wire.Message) error {
	switch m := m.(type) {
	case *wire.Enrol:
		return d.prove(ctx, m.Kind(), m.PublicKey, m.Signature, func(now time.Time) (login, lobby.Rep, error) {
			r, err := d.relay.store.Enrol(ctx, people.CodeHash(m.Code), m.PublicKey, now)
			return login{key: m.PublicKey, rep: r.ID, seen: now}, r, err
		})
	case *wire.SignIn:
		return d.prove(ctx, m.Kind(), m.PublicKey, m.Signature, func(now time.Time) (login, lobby.Rep, error) {
			return d.arrive(ctx, m.PublicKey, now)
		})
	case *wire.Pair:
		return d.pair(ctx, m)
	case *wire.Active, *wire.SignOut:
		d.here(ctx, m)
	case *wire.PushNotice:
		d.pushNotice(ctx, m)
	case *wire.EndNotice:
		d.endNotice(ctx, m)
	case *wire.Hello:
		d.refuse(wire.CodeOutOfPlace, m.Kind())
	case *wire.Unsupported: // nothing of ours is needed by a client
	default:
		if d.role == wire.RoleRep && !d.signedIn && !lobby.ForStrangers(m) {
			d.refuse(wire.CodeOutOfPlace, m.Kind())
			return nil
		}
		d.tell(ctx, lobby.Said{Conn: d.number, Message: m}, nil)
	}
	return nil
}

// prove signs a rep in whose key has signed this very connection and whom find
// knows. It asks the store here, on the connection's own time.
func (d *reader) prove(ctx context.Context, about wire.Kind, publicKey, signature []byte, find func(now time.Time) (login, lobby.Rep, error)) error {
	if d.signedIn {
		d.refuse(wire.CodeOutOfPlace, about)
		return nil
	}
	owns, err := d.owns(publicKey, signature)
	if err != nil {
		return err
	}
	refusal := wire.CodeNotEnrolled
	if about == wire.KindEnrol {
		refusal = wire.CodeBadEnrolment
	}
	if !owns {
		return d.unproven(refusal, about)
	}
	found, rep, err := find(time.Now())
	switch {
	case errors.Is(err, lobby.ErrBadCode), errors.Is(err, lobby.ErrNoRep):
		return d.unproven(refusal, about)
	case errors.Is(err, people.ErrNoLogin):
		return d.unproven(wire.CodeLoginNeeded, about)
	case err != nil:
		d.relay.config.Log.Error("sign-in failed", "error", err)
		d.refuse(wire.CodeInternal, about)
		return nil
	}
	d.enter(ctx, found, rep)
	return nil
}

func (d *reader) unproven(code wire.Code, about wire.Kind) error {
	d.refuse(code, about)
	if d.failed++; d.failed >= signInTries {
		return errOver("too many sign-ins failed")
	}
	return nil
}
