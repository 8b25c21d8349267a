package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"handrail/broker/people"
	"handrail/broker/relay"
	"handrail/broker/store"
	"handrail/shared/wire"
)

// pipe is a control connection inside the process: the relay has it as a
// relay.Conn, a test's client as its other end. It is as deep as a real one.
type pipe struct {
	number   uint16
	up, down chan wire.Message
	over     chan struct{}
	shut     func()
}

var (
	pipes    atomic.Uint32
	errShut  = errors.New("the pipe is shut")
	pipeDeep = 256
)

func newPipe() *pipe {
	p := &pipe{
		number: uint16(pipes.Add(1)), up: make(chan wire.Message, pipeDeep), down: make(chan wire.Message, pipeDeep),
		over: make(chan struct{}),
	}
	p.shut = sync.OnceFunc(func() { close(p.over) })
	return p
}

func (p *pipe) Send(m wire.Message) error {
	select {
	case p.down <- m:
		return nil
	case <-p.over:
		return errShut
	default:
		p.shut()
		return errShut
	}
}

func (p *pipe) Pass(m wire.Message) error { return p.Send(m) }

func (p *pipe) Receive(ctx context.Context) (wire.Message, error) { return p.next(ctx, p.up) }

func (p *pipe) next(ctx context.Context, from chan wire.Message) (wire.Message, error) {
	select {
	case m := <-from:
		return m, nil
	case <-p.over:
		return nil, errShut
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (p *pipe) Exporter(label string) ([]byte, error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", label, p.number))
	return sum[:], nil
}

func (p *pipe) RemoteAddr() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(p.number >> 8), byte(p.number)}), 5000)
}

func (p *pipe) Close(string) { p.shut() }

// say is the client's word.
func (p *pipe) say(m wire.Message) error {
	select {
	case p.up <- m:
		return nil
	case <-p.over:
		return errShut
	}
}

// want waits for a message of a kind, and lets all others pass.
func want[M wire.Message](ctx context.Context, p *pipe) (M, error) {
	for {
		got, err := p.next(ctx, p.down)
		if err != nil {
			return *new(M), err
		}
		if m, ok := got.(M); ok {
			return m, nil
		}
	}
}

// pipework is a store and a relay in this process, and how to get in.
type pipework struct {
	store *store.Store
	relay *relay.Relay
	doors chan relay.Conn
	tell  func(what string, session wire.SessionID, more any) // what somebody was told, or says next
}

// Accept is relay.Listener's.
func (w *pipework) Accept(ctx context.Context) (relay.Conn, error) {
	select {
	case c := <-w.doors:
		return c, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func newPipework(s *store.Store, address string) *pipework {
	w := &pipework{store: s, doors: make(chan relay.Conn), tell: tellParent}
	w.relay = relay.New(w, s, relay.Config{
		Organisation: "Helpers", Site: "https://help.test", Address: address, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	return w
}

func (w *pipework) dial(ctx context.Context, role wire.Role) (*pipe, error) {
	p := newPipe()
	select {
	case w.doors <- p:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	err := p.say(&wire.Hello{Version: wire.Version, Role: role, Program: "test", System: "linux"})
	if err == nil {
		_, err = want[*wire.Welcome](ctx, p)
	}
	return p, err
}

// repKey is the key of a console in tests.
func repKey(n int) ed25519.PrivateKey {
	seed := sha256.Sum256(fmt.Appendf(nil, "rep %d", n))
	return ed25519.NewKeyFromSeed(seed[:])
}

// enrolled makes reps who can sign in with repKey, unless they can already.
func enrolled(ctx context.Context, s *store.Store, n int) error {
	for i := range n {
		public := repKey(i).Public().(ed25519.PublicKey)
		if _, err := s.RepByKey(ctx, public); err == nil {
			continue
		}
		code := people.CodeHash(fmt.Sprint("code ", i))
		if err := s.AddEnrolment(ctx, code, fmt.Sprint("Rep ", i+1), time.Now(), time.Now().Add(time.Hour)); err != nil {
			return err
		}
		if _, err := s.Enrol(ctx, code, public, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// proof is a console's SignIn on a connection with this exporter.
func proof(n int, exporter []byte) *wire.SignIn {
	key := repKey(n)
	return &wire.SignIn{
		PublicKey: key.Public().(ed25519.PublicKey), Signature: ed25519.Sign(key, append([]byte(wire.SignInContext), exporter...)),
	}
}
