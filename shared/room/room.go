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
	"strings"
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
// goroutine only; no method may block. Every Connected is followed by exactly
// one Disconnected, before the next Connected and before Run returns.
type Host interface {
	Share(session.Share)
	// Seen is the newest slice of the picture that is decoded here, 0 without
	// one. It is asked right after Connected.
	Seen() uint64
	Look(wire.Profile) // what pictures may look like; ProfileAutomatic until then
	Gate(shut bool)
	Nudged()
	Notice()
	Presented(frame uint64)
	Refresh()              // the viewer needs a key frame
	Pace(wire.Pace)        // how the other side's part of the way goes
	Heard(wire.Message)    // what is for those who move bytes: Taken, GoOn, Clip, ClipWant
	Move(session.Effect)   // Begin, Quit or NotOffered
	Connected(Peer)        // a new connection is in use
	Disconnected()         // there is none now
	Changed(session.State) // something in the state is different
}

// Meet makes the connection of one epoch; epochs count from 1. Only one call
// goes on at a time, and it returns soon after its ctx ends. An ErrFatal counts
// even then, because by that time the other side may have learned something.
type Meet func(ctx context.Context, epoch uint32) (Peer, error)

// How a lost connection is noticed and replaced.
const (
	// LostAfter of silence a connection counts as lost: six heartbeats, so
	// that a busy machine is not taken for a dead one.
	LostAfter = 3 * time.Second
	watchRate = 500 * time.Millisecond
	// retryRest is the least time from one epoch's begin to the next one's:
	// each costs both machines sockets and the broker work, and the other side
	// may ask for as many as it likes.
	retryRest = time.Second
	firstTry  = 3 // epochs that may fail before anybody has ever met
	// callWait is how long a customer who never met the rep waits for the
	// rep's side to call again: longer than one epoch may take it.
	callWait = 15 * time.Second
)

const queue = 256 // events that may wait for the owner

// ErrFatal marks an error of Meet that no further epoch can mend, such as a
// wrong secret.
type ErrFatal struct{ Err error }

func (e ErrFatal) Error() string { return e.Err.Error() }
func (e ErrFatal) Unwrap() error { return e.Err }

// ErrNeverMet is the error of a Run that ended, by somebody's wish or for lack
// of time, before the two sides had met and before any epoch had failed.
var ErrNeverMet = errors.New("room: the two sides never met")

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
	over    chan struct{} // closed when Run has returned

	// owned by Run
	s       *session.Session
	peer    Peer
	stop    context.CancelFunc // of the peer's reader
	breach  bool               // the other side broke the protocol: the peer must go
	epoch   uint32             // newest one tried
	wanted  uint32             // newest one called for
	begun   time.Time          // when epoch was begun
	callOff context.CancelFunc // of the Meet that goes on; nil while none does
	rest    *time.Timer        // before wanted is begun
	met     bool
	failed  int
	last    error // of the last epoch that failed
	results chan result
	heard   chan heard
	group   sync.WaitGroup
}

type result struct {
	peer Peer
	err  error
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
		events: make(chan session.Event, queue), over: make(chan struct{}),
		results: make(chan result, 1), heard: make(chan heard),
	}
}

// Do tells the room what a person or the machine did. It never blocks; false
// means that the room is over or hopelessly behind.
func (r *Room) Do(e session.Event) bool {
	if say, ok := e.(session.Say); ok {
		// What is pasted may hold bytes that no message may carry. A counted
		// message that can't be sent would end every connection there will be.
		e = session.Say{Text: strings.ReplaceAll(strings.ToValidUTF8(say.Text, "\uFFFD"), "\x00", "")}
	}
	select {
	case <-r.over:
		return false
	default:
	}
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

// Run owns the session until it is over or ctx ends, whose cause it returns
// then. Of a session in which the two sides met the end is no error. Of one in
// which they did not, Run returns the ErrFatal of Meet if there was one, else
// why the last epoch failed, else ErrNeverMet.
func (r *Room) Run(ctx context.Context) error {
	defer close(r.over)
	ctx, cancel := context.WithCancel(ctx)
	r.rest = time.NewTimer(0)
	r.rest.Stop()
	err := r.loop(ctx)
	r.drop(0)
	cancel()
	if late := r.end(); late != nil {
		err = late
	}
	r.group.Wait()
	return err
}

func (r *Room) loop(ctx context.Context) error {
	watch := time.NewTicker(watchRate)
	defer watch.Stop()
	r.wanted = 1
	r.try(ctx)
	for {
		select {
		case <-ctx.Done():
			r.step(session.Leave{})
			return context.Cause(ctx)
		case e := <-r.events:
			r.step(e)
		case h := <-r.heard:
			r.hear(h)
		case res := <-r.results:
			if err := r.outcome(ctx, res); err != nil {
				return err
			}
		case epoch := <-r.cfg.Mailbox.Called():
			r.called(epoch)
		case <-r.rest.C:
			if r.wanted == r.epoch { // the rep's side did not call
				return r.last
			}
			r.try(ctx)
		case <-watch.C:
			r.watch()
		case <-r.timer():
			r.step(session.Tick{})
		}
		if r.breach {
			r.lost()
			r.again()
		}
		if r.s.State().Stage == session.Over {
			return r.whyNever()
		}
	}
}

// whyNever is nil once the two have met.
func (r *Room) whyNever() error {
	switch {
	case r.met:
		return nil
	case r.last != nil:
		return r.last
	}
	return ErrNeverMet
}

// end waits for a Meet that still goes on. A connection it brings is closed
// with the reason the session ended for, so that the other side, which may
// believe in it, need not wait. A fatal error counts although it is late:
// otherwise a guesser could leave before each try is counted.
func (r *Room) end() error {
	if r.callOff == nil {
		return nil
	}
	res := <-r.results
	r.callOff = nil
	if res.peer != nil {
		res.peer.Close(r.s.State().Why)
	}
	if fatal := (ErrFatal{}); !r.met && errors.As(res.err, &fatal) {
		return res.err
	}
	return nil
}

// timer fires when the session wants to be woken.
func (r *Room) timer() <-chan time.Time {
	at := r.s.Wake()
	if at.IsZero() {
		return nil
	}
	return time.After(time.Until(at))
}

// try begins the epoch that is wanted.
func (r *Room) try(ctx context.Context) {
	ctx, r.callOff = context.WithCancel(ctx)
	r.rest.Stop()
	epoch := r.wanted
	r.epoch, r.begun = epoch, time.Now()
	r.group.Go(func() {
		p, err := r.cfg.Meet(ctx, epoch)
		r.results <- result{p, err} // has room: one Meet at a time
	})
}

// outcome takes what became of an epoch. An error ends the room: the two never
// met.
func (r *Room) outcome(ctx context.Context, res result) error {
	r.callOff()
	r.callOff = nil
	if fatal := (ErrFatal{}); !r.met && errors.As(res.err, &fatal) {
		return res.err
	}
	if r.wanted > r.epoch { // the other side has given this one up
		if res.peer != nil {
			res.peer.Close(0)
		}
		r.soon()
		return nil
	}
	if res.err != nil {
		r.last = res.err
		r.failed++
		if !r.met && r.failed >= firstTry {
			return res.err
		}
		r.again()
		return nil
	}
	r.lost()
	r.met, r.failed = true, 0
	r.peer = res.peer
	r.read(ctx, res.peer)
	r.cfg.Host.Connected(res.peer)
	r.step(session.Linked{Slice: r.cfg.Host.Seen()})
	return nil
}

// called hears that the other side has begun an epoch.
func (r *Room) called(epoch uint32) {
	if epoch <= r.wanted {
		return
	}
	r.wanted = epoch
	if r.callOff != nil {
		r.callOff() // its outcome leads on to the wanted one
		return
	}
	r.soon()
}

// soon begins the wanted epoch as soon as the last one is old enough.
func (r *Room) soon() { r.rest.Reset(time.Until(r.begun.Add(retryRest))) }

// again begins another epoch when there is no connection. Only the rep's side
// begins; the customer's follows when it is called, so that both count alike.
func (r *Room) again() {
	switch {
	case r.peer != nil || r.callOff != nil || r.wanted > r.epoch:
	case r.cfg.Session.Role == wire.RoleRep:
		r.wanted = r.epoch + 1
		r.soon()
	case !r.met:
		r.rest.Reset(callWait)
	}
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

func (r *Room) hear(h heard) {
	if h.peer != r.peer {
		return
	}
	var unknown wire.UnknownKind
	switch {
	case errors.As(h.err, &unknown):
		r.refuse(unknown.Number, h.p)
	case h.err != nil:
		r.gone()
	default:
		switch m := h.p.Body.(type) {
		case *wire.Presented:
			r.cfg.Host.Presented(m.Frame)
		case *wire.Refresh:
			r.cfg.Host.Refresh()
		case *wire.Pace:
			r.cfg.Host.Pace(*m)
		case *wire.Taken, *wire.GoOn, *wire.Clip, *wire.ClipWant:
			r.cfg.Host.Heard(m)
		default:
			r.step(session.Heard{Packet: h.p})
		}
	}
}

// watch notices a connection that has fallen silent.
func (r *Room) watch() {
	if r.peer != nil && r.peer.Silent(time.Now()) > LostAfter {
		r.gone()
	}
}

// gone is the end of a connection: on purpose, which ends the session, or not.
func (r *Room) gone() {
	why := r.peer.Closed()
	r.lost()
	if why != 0 {
		r.step(session.Closed{Why: why})
		return
	}
	r.again()
}

// lost puts the connection away and has the session know.
func (r *Room) lost() {
	if r.peer == nil {
		return
	}
	r.drop(0)
	r.step(session.Unlinked{})
}

// drop puts the connection away, if there is one.
func (r *Room) drop(why wire.EndWhy) {
	if r.peer == nil {
		return
	}
	r.stop()
	r.peer.Close(why)
	r.peer, r.breach = nil, false
	r.cfg.Host.Disconnected()
}

// refuse answers a message of a kind that this version does not know.
func (r *Room) refuse(k wire.Kind, p wire.Packet) {
	r.step(session.Heard{Packet: wire.Packet{Seq: p.Seq, Ack: p.Ack, Body: &wire.Unsupported{About: k}}})
	if !r.breach {
		r.send(wire.Packet{Body: &wire.Unsupported{About: k}})
	}
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
		host.Share(f)
	case session.Look:
		host.Look(f.Profile)
	case session.Gate:
		host.Gate(f.Shut)
	case session.Nudged:
		host.Nudged()
	case session.Notice:
		host.Notice()
	case session.Begin, session.Quit, session.NotOffered:
		host.Move(f)
	case session.Drop:
		r.breach = true // what is still to be read from it no longer counts
	case session.Finish:
		r.drop(f.Why)
	}
}

// send is best effort: what must arrive is kept by the session and sent again
// on the next connection.
func (r *Room) send(p wire.Packet) {
	if r.peer != nil {
		if err := r.peer.Send(p); err != nil {
			r.peer.Close(0) // its reader's error does the rest, and knows why
		}
	}
}
