package visit

import (
	"cmp"
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

// way is one way through: from a key typed in, or a code from the portal, to
// the end of the session. A customer who is handed on, or whose rep is lost,
// has several sessions on one way, one after the other.
type way struct {
	v       *Visit
	ask     chat.Connect
	callOff context.CancelFunc // the customer, or the program, wants no more
	line    *hotline.Line
	begun   chan struct{} // has a place: there is a session to follow and a line for it
	answers chan struct{} // has a place: there is something new about the questions at the end

	mu     sync.Mutex
	leave  context.CancelCauseFunc // ends the session, or the wait for it
	id     wire.SessionID
	ticket []byte        // nil: the broker has not let the customer in
	waits  bool          // for a rep
	slow   time.Duration // how much this machine's clock is behind the broker's
	start  *wire.Start   // of the newest session; nil: none yet, or none again
	fresh  bool          // nobody follows it yet
	back   wire.EndWhy   // the broker has the customer in the queue again, 0: not
	finish wire.EndWhy   // why the broker ended the visit, 0: it didn't
	over   bool          // no session follows
	survey survey
	known  bool           // the rep of the key has proved to be
	meets  *room.Meetings // of the newest session
	met    bool
	room   *room.Room       // while it runs
	linked bool             // in it
	knows  bool             // what the broker knows of that
	files  *courier.Courier // the room's
	state  *session.State   // that the model has not seen
	news   []chat.Event     // that it has not seen, either
	lost   uint64           // news that were too many
}

func newWay(v *Visit, ask chat.Connect, callOff context.CancelFunc) *way {
	w := &way{v: v, ask: ask, callOff: callOff, begun: make(chan struct{}, 1), answers: make(chan struct{}, 1), meets: room.NewMeetings(nil)}
	w.line = hotline.New(hotline.Config{
		Dial: w.v.doors.Dial, DialAt: w.v.doors.DialAt, Hello: v.doors.Hello, Patience: patience,
		Welcome: w.welcome, Greet: w.greet, Heard: w.heard, State: w.lineState,
	})
	return w
}

// tell has the model know, unless this way was given up meanwhile.
func (w *way) tell(e chat.Event) { w.v.put(event{w, e}) }

// tellState has the model know the newest state. States before that it has not
// seen are passed over: what is in them is in the newest, too.
func (w *way) tellState(s session.State) {
	w.mu.Lock()
	w.state = &s
	w.mu.Unlock()
	w.v.hasNews()
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

// follow keeps the control line and runs the sessions that the broker begins.
// The line outlives ctx by as long as it takes to say goodbye.
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
	for {
		select {
		case <-w.begun:
			start, meets := w.next()
			if start == nil {
				continue
			}
			back, err := w.session(ctx, stay, start, meets)
			if back != 0 {
				w.goBack(back)
				continue
			}
			if err == nil {
				w.after(ctx)
			}
			return err
		case <-stay.Done():
			return w.gone(ctx, context.Cause(stay))
		}
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

// greet joins the session of the key, takes the place of the code, or comes
// back to what there is.
func (w *way) greet(ctx context.Context, c hotline.Conn, _ bool) error {
	w.mu.Lock()
	id, ticket, linked := w.id, w.ticket, w.linked
	w.knows = linked
	w.mu.Unlock()
	if ticket != nil {
		return c.Send(&wire.Rejoin{Session: id, Ticket: ticket, Linked: linked})
	}
	w.tell(chat.Reached{})
	if w.ask.Place != "" {
		return w.enter(ctx, c)
	}
	m, err := hotline.Ask(ctx, c, &wire.Join{
		Number: w.ask.Code.Number, Name: wire.Name(w.ask.Name), Locale: locale(w.v.doors.Locale),
	})
	if err != nil {
		return err
	}
	switch m := m.(type) {
	case *wire.Start:
		w.mu.Lock()
		w.id = m.Session
		w.beginLocked(m)
		w.mu.Unlock()
		w.tell(chat.Joined{})
		w.tell(chat.Met{})
	case *wire.Admitted: // there is something to be answered first
		w.admitted(m)
	default:
		return fmt.Errorf("joining: kind %d instead of Start", m.Kind())
	}
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

func (w *way) hasMet() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.met
}

func (w *way) nowMet() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.met, w.known = true, true
}

// errOtherProof: the broker says that the two are to make sure of each other in
// another way than they must.
var errOtherProof = errors.New("visit: another proof than is due")

// due is how the rep of the newest session must prove to be. The broker, who
// names a way as well, has no say: it could have somebody else known by a
// weaker one. Who has a key knows its rep by that, up to when that rep hands on.
func (w *way) due() wire.Proof {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ask.Place == "" && !w.known {
		return wire.ProofKey
	}
	return wire.ProofCompare
}

// quit ends the way, unless the two have met: from then on the broker has no
// say in the session. Nor does a broker that can't be reached end a wait.
func (w *way) quit(why error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var refused hotline.Refused
	switch {
	case w.met, w.over:
	case w.waits && w.finish == 0 && !(errors.As(why, &refused) && refused.Code == wire.CodeVersion):
	default:
		w.leave(why)
	}
}

// lineState begins the session when the line that carries its signals is up. In
// a session it shows nothing to the customer: one that runs does not need the
// broker. Who waits does.
func (w *way) lineState(up bool, _ error) {
	w.mu.Lock()
	waits := w.waits && !w.over
	w.sayLinkedLocked() // it may have changed in the greeting
	w.mu.Unlock()
	switch {
	case up:
		poke(w.begun)
		poke(w.answers)
	case waits:
		w.note(chat.BrokerCut{})
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// heard takes what the broker says, on the line's goroutine.
func (w *way) heard(m wire.Message) {
	w.mu.Lock()
	id, meets := w.id, w.meets
	w.mu.Unlock()
	switch m := m.(type) {
	case *wire.Signal:
		if m.Session == id {
			meets.Mailbox.Deliver(m)
		}
	case *wire.Rejoined:
		if m.Session == id {
			w.rejoined(m.Relays)
		}
	case *wire.Ended:
		if m.Session == id {
			w.ended(m.Why)
		}
	case *wire.Problem:
		switch {
		case m.About == wire.KindAnswers:
			w.unkept()
		case m.Code == wire.CodeGone && m.Key == id:
			w.ended(wire.EndLost)
		}
	default:
		w.waitHeard(id, m)
	}
}

// rejoined takes in that the broker, which may have been restarted, has this
// side back.
func (w *way) rejoined(relays []wire.Relay) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.meets.SetRelays(relays)
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

// session runs a session, until it is over or stay ends. Back says that the
// customer waits again.
func (w *way) session(ctx, stay context.Context, start *wire.Start, meets *room.Meetings) (back wire.EndWhy, err error) {
	proof := w.due()
	if start.Proof != proof {
		return 0, w.failed(ctx, wire.EndNotVerified, errOtherProof)
	}
	h := newHost(w)
	h.room = room.New(room.Config{
		Session: session.Config{
			Role: wire.RoleCustomer, Me: wire.Name(w.ask.Name), System: w.v.doors.Hello.System,
			Peer: start.Peer, CanControl: w.v.doors.Hands != nil, CanClip: w.v.desk != nil,
			Proof: proof, Denied: start.Denied,
		},
		Meet: meets.By(w.door(start, proof)), Host: h, Mailbox: meets.Mailbox,
	})
	w.setRoom(h.room, h.files)
	if w.isBack() != 0 { // it was heard just now
		h.room.Do(session.Closed{Why: wire.EndLost})
	}
	err = h.room.Run(stay)
	w.setRoom(nil, nil)
	h.close()
	why := h.why
	switch {
	case stay.Err() == nil && w.goesBack(why):
		return cmp.Or(w.isBack(), why), nil
	case w.hasMet():
		err = nil
	case w.v.doors.WrongSecret(err):
		why = wire.EndWrongSecret
	case w.v.doors.NotVerified(err):
		why = wire.EndNotVerified
	case ctx.Err() != nil:
		why = wire.EndByCustomer
	case w.ask.Place != "":
		why = cmp.Or(w.isFinished(), wire.EndNeverMet)
	default:
		why = wire.EndNeverMet
	}
	return 0, w.failed(ctx, why, err)
}

// failed tells why a session is over, or came to nothing.
func (w *way) failed(ctx context.Context, why wire.EndWhy, err error) error {
	w.bye(why)
	if w.ask.Place != "" && err != nil && ctx.Err() == nil {
		w.note(chat.Finished{Why: why}) // there is no form to go back to with that code
		return nil
	}
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

// setRoom says which room runs.
func (w *way) setRoom(r *room.Room, f *courier.Courier) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.room, w.files, w.linked = r, f, false
	w.sayLinkedLocked()
}

// door is where a session's connections to the rep come from.
func (w *way) door(start *wire.Start, proof wire.Proof) room.Door {
	d := w.v.doors
	m := room.Meeting{
		Role: wire.RoleCustomer, Session: start.Session, Proof: proof,
		Signal: func(s wire.Signal) error { return w.line.SendSoon(&s) },
	}
	if proof == wire.ProofKey {
		m.Secret = w.ask.Code.Secret
	}
	return room.Door{
		Meeting: m,
		Meet:    func(ctx context.Context, m room.Meeting) (room.Peer, error) { return d.Meet(ctx, m) },
		Fatal:   func(err error) bool { return d.WrongSecret(err) || d.NotVerified(err) },
		Doubt:   w.line.Doubt,
	}
}

// seeOff waits until the last words to the rep and to the broker are out.
func (w *way) seeOff() {
	late, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	w.mu.Lock()
	meets := w.meets
	w.mu.Unlock()
	meets.SeeOff(late)
	w.line.SeeOff(late)
}

// explain is what the customer is told.
func (w *way) explain(err error) words.Problem {
	switch {
	case errors.Is(err, room.ErrNeverMet):
		return words.NeverMet
	case w.v.doors.WrongSecret(err):
		return words.BadKey
	case errors.Is(err, errOtherProof), w.v.doors.NotVerified(err):
		return words.NotVerified
	}
	return hotline.Explain(err, w.v.doors.Explain)
}
