package visit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/hotline"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// patience is how long the broker may stay away before the customer is told.
const patience = 8 * time.Second

// way is one way through: from a key typed in to the end of its session.
type way struct {
	v     *Visit
	ask   chat.Connect
	line  *hotline.Line
	begun chan *wire.Start // the broker found the session
	box   *room.Mailbox
	host  *host

	mu     sync.Mutex
	start  *wire.Start
	relays []wire.Relay
	resume []byte // what later epochs prove themselves by
	met    bool
	cancel context.CancelFunc
}

// visit follows one way and reports what became of it. A way that was called
// off reports nothing.
func (v *Visit) visit(ctx context.Context, ask chat.Connect) {
	w := &way{v: v, ask: ask, begun: make(chan *wire.Start, 1), box: room.NewMailbox()}
	err := w.follow(ctx)
	v.setRoom(nil)
	if ctx.Err() == nil && err != nil {
		v.Do(chat.Failed{Problem: w.explain(err), WrongSecret: v.doors.WrongSecret(err)})
	}
}

// follow runs the control line and, once the broker says so, the session.
func (w *way) follow(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel(nil)
	w.line = hotline.New(hotline.Config{
		Dial: w.v.doors.Dial, Hello: w.v.doors.Hello, Patience: patience,
		Greet: w.greet, Heard: w.heard, State: w.state,
	})
	group.Go(func() {
		if err := w.line.Run(ctx); err != nil && !w.hasMet() {
			cancel(err)
		}
	})
	select {
	case start := <-w.begun:
		return w.session(ctx, start)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// greet joins the session of the key, or comes back to it.
func (w *way) greet(ctx context.Context, c hotline.Conn, _ bool) error {
	if start := w.started(); start != nil {
		return c.Send(&wire.Rejoin{Session: start.Session, Ticket: start.Ticket})
	}
	w.v.Do(chat.Reached{})
	m, err := hotline.Ask(ctx, c, &wire.Join{
		Number: w.ask.Code.Number, Name: wire.Name(w.ask.Name), Locale: w.v.doors.Locale,
	})
	if err != nil {
		return err
	}
	start, ok := m.(*wire.Start)
	if !ok {
		return fmt.Errorf("joining: kind %d instead of Start", m.Kind())
	}
	w.mu.Lock()
	w.start, w.relays = start, start.Relays
	w.mu.Unlock()
	w.v.Do(chat.Joined{})
	w.v.Do(chat.Met{})
	w.begun <- start
	return nil
}

func (w *way) started() *wire.Start {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.start
}

func (w *way) hasMet() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.met
}

// heard takes what the broker says, on the line's goroutine.
func (w *way) heard(m wire.Message) {
	switch m := m.(type) {
	case *wire.Signal:
		w.box.Deliver(m)
	case *wire.Rejoined:
		w.mu.Lock()
		w.relays = m.Relays
		w.mu.Unlock()
	case *wire.Ended:
		// Once the two have met the broker has no say in the session.
		w.mu.Lock()
		defer w.mu.Unlock()
		if !w.met && w.cancel != nil {
			w.cancel()
		}
	}
}

// state is not shown to the customer: a session that runs does not need the
// broker.
func (*way) state(bool, error) {}

// session runs the session, until it is over.
func (w *way) session(ctx context.Context, start *wire.Start) error {
	stay, cancel := context.WithCancel(ctx)
	defer cancel()
	w.host = newHost(w)
	w.host.room = room.New(room.Config{
		Session: session.Config{
			Role: wire.RoleCustomer, Me: wire.Name(w.ask.Name), System: w.v.doors.Hello.System,
			Peer: start.Peer, CanControl: w.v.doors.Hands != nil,
		},
		Meet: w.connect, Host: w.host, Mailbox: w.box,
	})
	w.mu.Lock()
	w.cancel = cancel
	w.mu.Unlock()
	w.v.setRoom(w.host.room)
	err := w.host.room.Run(stay)
	w.host.close()
	why := w.host.why
	switch {
	case w.hasMet():
		err = nil
	case w.v.doors.WrongSecret(err):
		why = wire.EndWrongSecret
	default:
		why = wire.EndNeverMet
		if ctx.Err() == nil && stay.Err() != nil {
			err = errNeverMet
		}
	}
	_ = w.line.Send(&wire.Leave{Session: start.Session, Why: why}) // or the broker finds out by itself
	return err
}

// connect makes the connection of one epoch.
func (w *way) connect(ctx context.Context, epoch uint32) (room.Peer, error) {
	w.mu.Lock()
	m := room.Meeting{
		Role: wire.RoleCustomer, Session: w.start.Session, Epoch: epoch, Relays: w.relays,
		Secret: w.ask.Code.Secret, Resume: w.resume,
		Signal:  func(s wire.Signal) error { return w.line.Send(&s) },
		Signals: w.box.Open(epoch),
	}
	w.mu.Unlock()
	p, err := w.v.doors.Meet(ctx, m)
	if err != nil {
		if w.v.doors.WrongSecret(err) {
			err = room.ErrFatal{Err: err}
		}
		return nil, err
	}
	w.mu.Lock()
	w.resume, w.met = p.ResumeKey(), true
	w.mu.Unlock()
	return p, nil
}

// explain is what the customer is told.
func (w *way) explain(err error) words.Problem {
	switch {
	case errors.Is(err, errNeverMet):
		return words.NeverMet
	case w.v.doors.WrongSecret(err):
		return words.BadKey
	}
	return hotline.Explain(err, w.v.doors.Explain)
}

// errNeverMet: the rep's side ended it before the two had met.
var errNeverMet = errors.New("visit: the rep's side did not come")
