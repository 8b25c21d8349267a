// Package room runs one support session on one side. A Room owns the rules
// (package session), keeps a proven connection to the other side, replacing it
// whole when it is lost, and has a Host carry out what the rules decide.
//
// Make one with New, feed it with Do from any goroutine, and call Run once: it
// returns when the session is over.
package room

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// Peer is a proven connection to the other side of the session.
type Peer interface {
	Send(wire.Packet) error
	Receive(context.Context) (wire.Packet, error)
	Silent(now time.Time) time.Duration // since anything at all was heard
	// Closed says why the other side closed the connection, 0 if it did not.
	Closed() wire.EndWhy
	Close(wire.EndWhy)
}

// Host carries out what the session decides. The Room calls it from its own
// goroutine only; no method may block.
type Host interface {
	Share(what wire.Permission, monitor uint8)
	Gate(shut bool)
	Nudged()
	Notice()
	Presented(frame uint64)
	Refresh()              // the viewer needs a key frame
	Connected(Peer)        // a new connection is in use
	Disconnected()         // there is none now
	Changed(session.State) // something in the state is different
}

// Meet makes the connection of one epoch; epochs count from 1.
type Meet func(ctx context.Context, epoch uint32) (Peer, error)

// How a lost connection is noticed and replaced.
const (
	// LostAfter of silence a connection counts as lost: six heartbeats, so
	// that a busy machine is not taken for a dead one.
	LostAfter = 3 * time.Second
	watchRate = 500 * time.Millisecond
	retryRest = time.Second
	firstTry  = 3 // epochs that may fail before anybody has ever met
)

const queue = 256 // events that may wait for the owner

// ErrFatal marks an error of Meet that no further epoch can mend, such as a
// wrong secret.
type ErrFatal struct{ Err error }

func (e ErrFatal) Error() string { return e.Err.Error() }
func (e ErrFatal) Unwrap() error { return e.Err }

// Config is what a Room needs.
type Config struct {
	Session session.Config
	Meet    Meet
	Host    Host
	Mailbox *Mailbox // the other side's signals, by epoch
}

// Room runs one session.
type Room struct {
	cfg     Config
	events  chan session.Event
	dropped atomic.Uint64

	// owned by Run
	s       *session.Session
	peer    Peer
	stop    context.CancelFunc // of the peer's reader
	epoch   uint32             // newest one tried
	met     bool
	failed  int
	trying  bool
	results chan result
	heard   chan heard
	group   sync.WaitGroup
}

type result struct {
	epoch uint32
	peer  Peer
	err   error
}

type heard struct {
	peer Peer
	p    wire.Packet
	err  error
}

// New makes a room that has not met anybody yet.
func New(cfg Config) *Room {
	return &Room{
		cfg: cfg, s: session.New(time.Now(), cfg.Session),
		events: make(chan session.Event, queue), results: make(chan result), heard: make(chan heard),
	}
}

// Do tells the room what a person or the machine did. It never blocks; false
// means that the room is over or hopelessly behind.
func (r *Room) Do(e session.Event) bool {
	select {
	case r.events <- e:
		return true
	default:
		r.dropped.Add(1)
		return false
	}
}

// Dropped counts the events that found the queue full.
func (r *Room) Dropped() uint64 { return r.dropped.Load() }

// Run owns the session until it is over or ctx ends. It returns nil after a
// session in which the two sides met, else why they did not.
func (r *Room) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer r.group.Wait()
	defer cancel()
	defer r.closePeer(0)
	watch := time.NewTicker(watchRate)
	defer watch.Stop()
	r.try(ctx)
	for {
		wake := r.timer()
		select {
		case <-ctx.Done():
			r.step(session.Leave{})
			return context.Cause(ctx)
		case e := <-r.events:
			r.step(e)
		case h := <-r.heard:
			r.hear(ctx, h)
		case res := <-r.results:
			if err := r.connected(ctx, res); err != nil {
				return err
			}
		case epoch := <-r.cfg.Mailbox.Called():
			if epoch > r.epoch {
				r.epoch = epoch - 1
				r.try(ctx)
			}
		case <-watch.C:
			r.watch(ctx)
		case <-wake:
			r.step(session.Tick{})
		}
		if r.s.State().Stage == session.Over {
			return nil
		}
	}
}

// timer fires when the session wants to be woken.
func (r *Room) timer() <-chan time.Time {
	at := r.s.Wake()
	if at.IsZero() {
		return nil
	}
	return time.After(time.Until(at))
}

// try starts the next epoch.
func (r *Room) try(ctx context.Context) {
	r.epoch++
	epoch := r.epoch
	r.trying = true
	r.group.Go(func() {
		p, err := r.cfg.Meet(ctx, epoch)
		select {
		case r.results <- result{epoch, p, err}:
		case <-ctx.Done():
			if p != nil {
				p.Close(0)
			}
		}
	})
}

// connected takes the outcome of an epoch. An error ends the room: the two
// never met.
func (r *Room) connected(ctx context.Context, res result) error {
	if res.epoch != r.epoch {
		if res.peer != nil {
			res.peer.Close(0)
		}
		return nil
	}
	r.trying = false
	if res.err != nil {
		var fatal ErrFatal
		r.failed++
		if !r.met && (errors.As(res.err, &fatal) || r.failed >= firstTry) {
			return res.err
		}
		r.again(ctx)
		return nil
	}
	r.lost()
	r.met, r.failed = true, 0
	r.peer = res.peer
	r.read(ctx, res.peer)
	r.cfg.Host.Connected(res.peer)
	r.step(session.Linked{})
	return nil
}

// again begins another epoch after a short rest. Only the rep's side calls;
// the customer's follows when the call comes, so that both count alike.
func (r *Room) again(ctx context.Context) {
	if r.cfg.Session.Role != wire.RoleRep {
		return
	}
	r.trying = true
	rest := time.NewTimer(retryRest)
	epoch := r.epoch
	r.group.Go(func() {
		defer rest.Stop()
		select {
		case <-rest.C:
			r.cfg.Mailbox.call(epoch + 1)
		case <-ctx.Done():
		}
	})
}

// read passes on what one connection brings.
func (r *Room) read(ctx context.Context, p Peer) {
	ctx, r.stop = context.WithCancel(ctx)
	r.group.Go(func() {
		for {
			packet, err := p.Receive(ctx)
			select {
			case r.heard <- heard{p, packet, err}:
			case <-ctx.Done():
				return
			}
			if err != nil && !errors.Is(err, wire.ErrUnknownKind) {
				return
			}
		}
	})
}

func (r *Room) hear(ctx context.Context, h heard) {
	if h.peer != r.peer {
		return
	}
	var unknown wire.UnknownKind
	switch {
	case errors.As(h.err, &unknown):
		r.refuse(unknown.Number, h.p)
	case h.err != nil:
		r.gone(ctx)
	default:
		switch m := h.p.Body.(type) {
		case *wire.Presented:
			r.cfg.Host.Presented(m.Frame)
		case *wire.Refresh:
			r.cfg.Host.Refresh()
		default:
			r.step(session.Heard{Packet: h.p})
		}
	}
}

// watch notices a connection that has fallen silent.
func (r *Room) watch(ctx context.Context) {
	if r.peer != nil && r.peer.Silent(time.Now()) > LostAfter {
		r.gone(ctx)
	}
}

// gone is the end of a connection: on purpose, which ends the session, or not.
func (r *Room) gone(ctx context.Context) {
	why := r.peer.Closed()
	r.lost()
	if why != 0 {
		r.step(session.Closed{Why: why})
		return
	}
	if !r.trying {
		r.again(ctx)
	}
}

// lost puts the connection away.
func (r *Room) lost() {
	if r.peer == nil {
		return
	}
	r.closePeer(0)
	r.cfg.Host.Disconnected()
	r.step(session.Unlinked{})
}

func (r *Room) closePeer(why wire.EndWhy) {
	if r.peer == nil {
		return
	}
	r.stop()
	r.peer.Close(why)
	r.peer = nil
}

// refuse answers a message of a kind that this version does not know.
func (r *Room) refuse(k wire.Kind, p wire.Packet) {
	r.step(session.Heard{Packet: wire.Packet{Seq: p.Seq, Ack: p.Ack, Body: &wire.Unsupported{About: k}}})
	r.send(wire.Packet{Body: &wire.Unsupported{About: k}})
}

// step feeds the session one event and carries out the effects.
func (r *Room) step(e session.Event) {
	for _, f := range r.s.Step(time.Now(), e) {
		r.do(f)
	}
	r.cfg.Host.Changed(r.s.State())
}

func (r *Room) do(f session.Effect) {
	host := r.cfg.Host
	switch f := f.(type) {
	case session.Send:
		r.send(f.Packet)
	case session.Share:
		host.Share(f.What, f.Monitor)
	case session.Gate:
		host.Gate(f.Shut)
	case session.Nudged:
		host.Nudged()
	case session.Notice:
		host.Notice()
	case session.Drop:
		if r.peer != nil {
			r.peer.Close(0) // its reader's error does the rest
		}
	case session.Finish:
		r.closePeer(f.Why)
		host.Disconnected()
	}
}

// send is best effort: what must arrive is kept by the session and sent again
// on the next connection.
func (r *Room) send(p wire.Packet) {
	if r.peer != nil {
		if err := r.peer.Send(p); err != nil {
			r.peer.Close(0)
		}
	}
}
