package visit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"handrail/customer-client/chat"
	"handrail/shared/courier"
	"handrail/shared/hotline"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const (
	// patience is how long the broker may stay away before the customer is told.
	patience = 8 * time.Second
	// lineRest is how long a session goes on without a broker that refused to
	// take the customer back, until it is asked again.
	lineRest = 5 * time.Second
	// farewell is how long a last word may take to go out: a connection ends
	// within about a second.
	farewell = 2 * time.Second
)

// way is one way through: from a key typed in to the end of its session.
type way struct {
	v       *Visit
	ask     chat.Connect
	callOff context.CancelFunc // the customer, or the program, wants no more
	line    *hotline.Line
	begun   chan struct{} // has a place: there is a session and a line for it
	box     *room.Mailbox

	mu     sync.Mutex
	leave  context.CancelCauseFunc // ends the session, or the wait for it
	start  *wire.Start
	relays []wire.Relay
	resume []byte // what later epochs prove themselves by
	met    bool
	room   *room.Room       // while it runs
	files  *courier.Courier // the room's
	state  *session.State   // that the model has not seen
	conn   hotline.Conn     // the newest to the broker
	peer   Peer             // the newest to the rep
}

func newWay(v *Visit, ask chat.Connect, callOff context.CancelFunc) *way {
	w := &way{v: v, ask: ask, callOff: callOff, begun: make(chan struct{}, 1), box: room.NewMailbox()}
	w.line = hotline.New(hotline.Config{
		Dial: w.v.doors.Dial, Hello: v.doors.Hello, Patience: patience,
		Greet: w.greet, Heard: w.heard, State: w.lineState,
	})
	return w
}

// tell has the model know, unless this way was given up meanwhile.
func (w *way) tell(e chat.Event) { w.v.put(news{w, e}) }

// tellState has the model know the newest state. States before that it has not
// seen are passed over: what is in them is in the newest, too.
func (w *way) tellState(s session.State) {
	w.mu.Lock()
	w.state = &s
	w.mu.Unlock()
	select {
	case w.v.changed <- struct{}{}:
	default:
	}
}

// newest is the state that the model has not seen, or nil.
func (w *way) newest() *session.State {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.state
	w.state = nil
	return s
}

// act hands an event to the session, if there is one. A session that can't
// hear what takes rights from the rep must not go on.
func (w *way) act(e session.Event) {
	w.mu.Lock()
	r := w.room
	w.mu.Unlock()
	if r == nil || r.Do(e) {
		return
	}
	switch e.(type) {
	case session.StopSharing, session.Leave:
		w.callOff()
	}
}

// run follows the way and tells what became of it. A session tells by its
// states how it ended.
func (w *way) run(ctx context.Context) {
	if err := w.follow(ctx); err != nil && ctx.Err() == nil {
		w.tell(chat.Failed{Problem: w.explain(err), WrongSecret: w.v.doors.WrongSecret(err)})
	}
}

// follow keeps the control line and, once the broker says so, runs the
// session. The line outlives ctx by as long as it takes to say goodbye.
func (w *way) follow(ctx context.Context) error {
	stay, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	w.mu.Lock()
	w.leave = leave
	w.mu.Unlock()
	line, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	group.Go(func() { w.hold(line) })
	defer w.seeOff()
	defer group.Wait()
	defer hangUp()
	select {
	case <-w.begun:
		return w.session(ctx, stay)
	case <-stay.Done():
		if start := w.started(); start != nil {
			_ = w.line.Send(&wire.Leave{Session: start.Session, Why: wire.EndByCustomer})
		}
		return context.Cause(stay)
	}
}

// hold keeps the line up until ctx ends. A line that fails for good is the end
// of a try, but not of a session.
func (w *way) hold(ctx context.Context) {
	for {
		err := w.line.Run(ctx)
		if ctx.Err() != nil {
			return
		}
		w.quit(err)
		rest := time.NewTimer(lineRest)
		select {
		case <-rest.C:
		case <-ctx.Done():
			rest.Stop()
			return
		}
	}
}

// greet joins the session of the key, or comes back to it.
func (w *way) greet(ctx context.Context, c hotline.Conn, _ bool) error {
	w.mu.Lock()
	w.conn = c // for seeOff
	w.mu.Unlock()
	if start := w.started(); start != nil {
		return c.Send(&wire.Rejoin{Session: start.Session, Ticket: start.Ticket})
	}
	w.tell(chat.Reached{})
	m, err := hotline.Ask(ctx, c, &wire.Join{
		Number: w.ask.Code.Number, Name: wire.Name(w.ask.Name), Locale: locale(w.v.doors.Locale),
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
	w.tell(chat.Joined{})
	w.tell(chat.Met{})
	return nil
}

// locale makes what the system calls its language fit to be sent.
func locale(s string) string {
	s = wire.Name(s)
	for len(s) > wire.MaxCap {
		_, last := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-last]
	}
	return s
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

func (w *way) nowMet() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.met = true
}

// quit ends the way, unless the two have met: from then on the broker has no
// say in the session.
func (w *way) quit(why error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.met {
		w.leave(why)
	}
}

// lineState begins the session when the line that carries its signals is up.
// It shows nothing to the customer: a session that runs does not need the
// broker.
func (w *way) lineState(up bool, _ error) {
	if !up || w.started() == nil {
		return
	}
	select {
	case w.begun <- struct{}{}:
	default:
	}
}

// heard takes what the broker says, on the line's goroutine.
func (w *way) heard(m wire.Message) {
	id := w.started().Session
	switch m := m.(type) {
	case *wire.Signal:
		if m.Session == id {
			w.box.Deliver(m)
		}
	case *wire.Rejoined:
		if m.Session == id {
			w.rejoined(m.Relays)
		}
	case *wire.Ended:
		if m.Session == id {
			w.quit(room.ErrNeverMet)
		}
	case *wire.Problem:
		if m.Code == wire.CodeGone && m.Key == id {
			w.quit(room.ErrNeverMet)
		}
	}
}

// rejoined takes in that the broker, which may have been restarted, has this
// side back.
func (w *way) rejoined(relays []wire.Relay) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.relays = relays
	if w.room != nil {
		w.room.Hurry()
	}
}

// newNetwork hears that this machine's network has changed or that it slept.
func (w *way) newNetwork() {
	w.line.Doubt()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.room != nil {
		w.room.NewNetwork()
	}
}

// session runs the session, until it is over or stay ends.
func (w *way) session(ctx, stay context.Context) error {
	start := w.started()
	h := newHost(w)
	h.room = room.New(room.Config{
		Session: session.Config{
			Role: wire.RoleCustomer, Me: wire.Name(w.ask.Name), System: w.v.doors.Hello.System,
			Peer: start.Peer, CanControl: w.v.doors.Hands != nil, CanClip: w.v.desk != nil,
		},
		Meet: w.connect, Host: h, Mailbox: w.box,
	})
	w.setRoom(h.room, h.files)
	err := h.room.Run(stay)
	w.setRoom(nil, nil)
	h.close()
	var why wire.EndWhy
	switch {
	case w.hasMet():
		why, err = h.why, nil
	case w.v.doors.WrongSecret(err):
		why = wire.EndWrongSecret
	case ctx.Err() != nil:
		why = wire.EndByCustomer
	default:
		why = wire.EndNeverMet
	}
	_ = w.line.Send(&wire.Leave{Session: start.Session, Why: why}) // or the broker finds out by itself
	return err
}

// offer offers files to the rep, if there is a session.
func (w *way) offer(paths []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.files != nil {
		w.files.Offer(paths)
	}
}

func (w *way) setRoom(r *room.Room, f *courier.Courier) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.room, w.files = r, f
}

// connect makes the connection of one epoch.
func (w *way) connect(ctx context.Context, t room.Try) (room.Peer, error) {
	if t.Epoch > 1 && !t.Direct {
		w.line.Doubt() // what cut the session may have cut the line, too
	}
	w.mu.Lock()
	m := room.Meeting{
		Role: wire.RoleCustomer, Session: w.start.Session, Epoch: t.Epoch, Direct: t.Direct, Relays: w.relays,
		Secret: w.ask.Code.Secret, Resume: w.resume,
		Signal:  func(s wire.Signal) error { return w.line.SendSoon(&s) },
		Signals: w.box.Open(t),
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
	w.resume, w.peer = p.ResumeKey(), p
	w.mu.Unlock()
	return p, nil
}

// seeOff waits until the last words to the rep and to the broker are out, so
// that a program that ends afterwards does not swallow them.
func (w *way) seeOff() {
	w.mu.Lock()
	peer, conn := w.peer, w.conn
	w.mu.Unlock()
	late := time.NewTimer(farewell)
	defer late.Stop()
	for _, c := range []any{peer, conn} {
		d, ok := c.(interface{ Done() <-chan struct{} })
		if !ok {
			continue
		}
		select {
		case <-d.Done():
		case <-late.C:
			return
		}
	}
}

// explain is what the customer is told.
func (w *way) explain(err error) words.Problem {
	switch {
	case errors.Is(err, room.ErrNeverMet):
		return words.NeverMet
	case w.v.doors.WrongSecret(err):
		return words.BadKey
	}
	return hotline.Explain(err, w.v.doors.Explain)
}
