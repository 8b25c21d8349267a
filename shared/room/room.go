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
	// Travels says whether packets go without a relay, and how long they take
	// there and back.
	Travels() (direct bool, rtt time.Duration)
	// Compared is what the first connection of a session without a key has shown:
	// three words, and the name in the other side's certificate if there is one
	// that could be checked.
	Compared() (words [3]string, certified string)
	// Closed says why the other side closed the connection, 0 if it did not.
	Closed() wire.EndWhy
	// ResumeKey is what the connections that follow prove themselves by.
	ResumeKey() []byte
	// Close says goodbye after everything that was sent, and returns at once.
	// With 0 the session goes on, by another connection.
	Close(wire.EndWhy)
	Done() <-chan struct{} // closes when nothing of the connection is left
}

// Host carries out what the session decides. The Room calls it from its own
// goroutine only; no method may block. A Connected while there is a connection
// means that the new one takes its place: the old one still works for a moment,
// and all that the host wants of it is what the other side's hands did. Before
// Run returns, and whenever there is no connection any more, comes Disconnected.
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

// Try is one epoch: an attempt to make a connection.
type Try struct {
	Epoch uint32 // counts from 1
	// Direct: it is to take the place of a relayed connection that works, so it
	// comes about without a relay or not at all.
	Direct bool
}

// Meet makes the connection of one epoch. Only one call goes on at a time, and
// it returns soon after its ctx ends. An ErrFatal counts even then, because by
// that time the other side may have learned something.
type Meet func(ctx context.Context, t Try) (Peer, error)

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
	// Now is the clock, time.Now if nil. The session goes by the time of day: a
	// machine that sleeps for ten minutes was away for ten minutes.
	Now func() time.Time
}

// Room runs one session.
type Room struct {
	cfg     Config
	events  chan session.Event
	dropped atomic.Uint64
	over    chan struct{} // closed when Run has returned

	hurry   chan struct{} // has a place: the broker is back
	changed chan struct{} // has a place: this machine's network is another

	// owned by Run
	s      *session.Session
	peer   Peer
	stop   context.CancelFunc // of the peer's reader
	breach bool               // the other side broke the protocol: the peer must go
	met    bool
	epochs
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
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	r := &Room{
		cfg: cfg, events: make(chan session.Event, queue), over: make(chan struct{}),
		hurry: make(chan struct{}, 1), changed: make(chan struct{}, 1),
		results: make(chan result, 1), heard: make(chan heard),
	}
	r.s = session.New(r.now(), cfg.Session)
	return r
}

// now is the time of day, which goes on while the machine sleeps.
func (r *Room) now() time.Time { return r.cfg.Now().Round(0) }

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

// Hurry says that the broker can be reached again: a room that needs a
// connection begins an epoch at once, whatever it is doing.
func (r *Room) Hurry() { poke(r.hurry) }

// NewNetwork says that this machine's network has changed, or that the machine
// slept: the connection there is may be dead or no longer the best one, so an
// epoch begins at once.
func (r *Room) NewNetwork() { poke(r.changed) }

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
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
	r.epochs.begin()
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
	r.wanted = Try{Epoch: 1}
	r.attempt(ctx)
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
		case t := <-r.cfg.Mailbox.Called():
			r.called(t)
		case <-r.rest.C:
			if r.wanted != r.try {
				r.attempt(ctx)
			} else if !r.met { // the rep's side did not call
				return r.last
			}
		case <-r.look.C:
			r.watch()
		case <-r.better.C:
			r.improve()
		case <-r.hurry:
			r.hurried()
		case <-r.changed:
			r.elsewhere()
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
	return time.After(at.Sub(r.now()))
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

// drop puts the connection away, if there is one.
func (r *Room) drop(why wire.EndWhy) {
	if r.peer == nil {
		return
	}
	r.stop()
	r.peer.Close(why)
	r.peer, r.breach, r.orphan = nil, false, time.Time{}
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
	for _, f := range r.s.Step(r.now(), e) {
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
