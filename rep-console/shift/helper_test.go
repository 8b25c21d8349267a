package shift

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/hotline"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

var (
	errDial    = errors.New("nobody there")
	errCut     = errors.New("connection cut")
	errWrong   = errors.New("wrong secret")
	errUnsure  = errors.New("not verified")
	errNoPath  = errors.New("no path")
	errNowhere = errors.New("no such session")
)

// aheadOf is how far the broker's clock is before this machine's.
const aheadOf = 3 * time.Hour

// office is a shift with a broker and customers of make-believe around it, in
// a synctest bubble.
type office struct {
	t      *testing.T
	shift  *Shift
	cancel context.CancelFunc
	done   chan struct{}

	mu        sync.Mutex
	lines     []*trunk // every connection to a broker
	dead      map[string]bool
	dials     map[string]int
	reply     func(at string, m wire.Message) (answers []wire.Message, ok bool) // instead of a good broker's
	down      bool                                                              // the broker can't be reached
	lost      wire.Kind                                                         // messages that get lost on lines dialled from now on
	enrolled  bool
	lapsed    bool // the rep has to log in
	pairs     int  // logins in the browser that were asked for
	idle      uint32
	refusal   wire.Code // of every sign-in, if set
	held      []wire.KeyMade
	customers map[wire.SessionID]*customer
	meetings  []room.Meeting
	meet      func(context.Context, room.Meeting) (Peer, error) // instead of a customer, if set
	screens   []*stubScreen
	relayed   bool // customers are met through a relay at first
	state     console.State
	did       []string
}

// inOffice plays a story with a shift that runs and sees that nothing is left.
func inOffice(t *testing.T, story func(o *office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := &office{t: t, enrolled: true, customers: map[wire.SessionID]*customer{}, done: make(chan struct{}), dead: map[string]bool{}, dials: map[string]int{}}
		model := console.New(time.Now(), console.Config{Rand: &counter{}})
		o.shift = New(model, Doors{
			Dial: func(context.Context) (hotline.Conn, error) { return o.dial(home) }, Meet: o.meeting,
			DialAt:      func(_ context.Context, address string) (hotline.Conn, error) { return o.dial(address) },
			Explain:     func(error) words.Problem { return words.BrokerAway },
			WrongSecret: func(err error) bool { return errors.Is(err, errWrong) },
			Screen:      o.screen,
			Key:         ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)),
			Hello:       wire.Hello{Version: wire.Version, Role: wire.RoleRep, System: "linux"},
			Show:        o.show,
			Copy:        func(string) { o.note("copy") },
			OpenMail:    func(string) { o.note("mail") },
			NotVerified: func(err error) bool { return errors.Is(err, errUnsure) },
			OpenPage:    func(url string) { o.note("open " + url) },
			Notify:      func(console.Notify) { o.note("notify") },
			Certified: func(b []byte) (console.Certified, bool) {
				return console.Certified{Name: "Anna", Checked: true}, string(b) == "ours"
			},
			Computer: "desk 7",
			Chime:    func() { o.note("chime") },
			Remember: func(console.Settings) { o.note("remember") },
			Exit:     func() { o.note("exit"); o.cancel() },
		})
		story(o)
		o.cancel()
		<-o.done
		for _, c := range o.customers {
			c.cancel()
			<-c.over
		}
		for _, l := range o.lines {
			if !l.isClosed() {
				t.Error("a connection to the broker stays open")
			}
		}
		for _, s := range o.screens {
			s.check()
		}
	})
}

// open runs the shift.
func (o *office) open() {
	ctx, cancel := context.WithCancel(o.t.Context())
	o.cancel = cancel
	go func() {
		defer close(o.done)
		_ = o.shift.Run(ctx) // its error is only that ctx ended
	}()
	o.shift.Do(console.Site{Organisation: "Example Ltd"})
	o.pass(time.Second)
}

func (o *office) pass(d time.Duration) {
	time.Sleep(d) // the bubble's time
	synctest.Wait()
}

func (o *office) do(e console.Event) {
	o.shift.Do(e)
	synctest.Wait()
}

func (o *office) set(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

func (o *office) show(s console.State) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.state = s
}

func (o *office) shown() console.State {
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.state
}

func (o *office) note(s string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.did = append(o.did, s)
}

// counter is randomness that never repeats itself and is always the same.
type counter struct{ n byte }

func (c *counter) Read(b []byte) (int, error) {
	for i := range b {
		c.n++
		b[i] = c.n
	}
	return len(b), nil
}

func (o *office) screen(wire.SessionID) Screen {
	s := &stubScreen{t: o.t}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.screens = append(o.screens, s)
	return s
}

// stubScreen sees that it is called in turn.
type stubScreen struct {
	t *testing.T

	mu        sync.Mutex
	connected bool
	closed    int
	peers     int
	pace      wire.Pace
	paths     []bool // direct or not, as told
}

func (s *stubScreen) Connected(Peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed > 0 {
		s.t.Error("connected after Close")
	}
	s.connected = true
	s.peers++
}

func (s *stubScreen) Seen() uint64 { return 0 }

func (s *stubScreen) Disconnected() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.connected || s.closed > 0 {
		s.t.Error("disconnected out of turn")
	}
	s.connected = false
}

func (s *stubScreen) Changed(session.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed > 0 {
		s.t.Error("changed after Close")
	}
}

func (s *stubScreen) Pace(p wire.Pace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pace = p
}

func (s *stubScreen) Path(direct bool, _ time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.connected || s.closed > 0 {
		s.t.Error("a path without a connection")
	}
	s.paths = append(s.paths, direct)
}

func (s *stubScreen) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed++
	if s.connected {
		s.t.Error("closed while connected")
	}
}

func (s *stubScreen) check() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed != 1 {
		s.t.Errorf("a screen was closed %d times", s.closed)
	}
}

// answer is a good broker.
func (o *office) answer(m wire.Message) []wire.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch m := m.(type) {
	case *wire.Hello:
		return []wire.Message{&wire.Welcome{
			Version: 1, Organisation: "Example Ltd", Site: "https://help.example",
			Now: time.Now().Add(aheadOf).UnixMilli(),
		}}
	case *wire.SignIn:
		switch {
		case o.refusal != 0:
			return []wire.Message{&wire.Problem{Code: o.refusal, About: wire.KindSignIn}}
		case o.lapsed:
			return []wire.Message{&wire.Problem{Code: wire.CodeLoginNeeded, About: wire.KindSignIn}}
		case !o.enrolled:
			return []wire.Message{&wire.Problem{Code: wire.CodeNotEnrolled, About: wire.KindSignIn}}
		}
		return []wire.Message{&wire.SignedIn{Rep: 1, Name: "Anna", Keys: o.held, Idle: o.idle}}
	case *wire.Pair:
		o.pairs++
		return []wire.Message{&wire.Pairing{
			Code: fmt.Sprintf("CODE-%d", o.pairs), URL: "https://help.example/login/console/x", Expires: time.Now().Add(aheadOf + 10*time.Minute).UnixMilli(),
		}}
	case *wire.Take:
		return o.take(m)
	case *wire.Enrol:
		if m.Code != "good" {
			return []wire.Message{&wire.Problem{Code: wire.CodeBadEnrolment, About: wire.KindEnrol}}
		}
		o.enrolled = true
		return []wire.Message{&wire.SignedIn{Rep: 1, Name: "Anna"}}
	case *wire.NewKey:
		k := wire.KeyMade{
			Request: m.Request, Number: fmt.Sprintf("48291%d", len(o.held)),
			Expires: time.Now().Add(aheadOf + time.Duration(m.Life)*time.Second).UnixMilli(),
		}
		o.held = append(o.held, k)
		return []wire.Message{&k}
	case *wire.Rejoin:
		return []wire.Message{&wire.Rejoined{Session: m.Session, Relays: []wire.Relay{{URL: "turn:new"}}}}
	case *wire.Signal:
		if c := o.customers[m.Session]; c != nil {
			c.box.Deliver(m)
		}
	}
	return nil
}

// key makes a session key in the console.
func (o *office) key() console.Key {
	o.t.Helper()
	before := len(o.shown().Keys)
	o.do(console.NewKey{})
	keys := o.shown().Keys
	if len(keys) != before+1 {
		o.t.Fatalf("%d keys instead of %d", len(keys), before+1)
	}
	return keys[0]
}

// customer is somebody with a key, and a room of their own.
type customer struct {
	o      *office
	id     wire.SessionID
	secret string
	box    *room.Mailbox
	room   *room.Room
	cancel context.CancelFunc
	over   chan struct{}
	waits  chan visit // the rep's side of an epoch

	compare bool // came by a queue
	waiting bool
	denied  []string

	mu    sync.Mutex
	line  *end // the newest
	state session.State
	err   error // of the room, after over
}

// visit is the rep's side coming for an epoch.
type visit struct {
	meeting room.Meeting
	answer  chan *end // nil: refused
}

// arrives brings a customer who typed a number, with what they think is the
// secret.
func (o *office) arrives(n byte, number, secret string) *customer {
	c := o.comes(n, secret, wire.ProofKey)
	o.tell(&wire.Start{Session: c.id, Ticket: make([]byte, 16), Number: number, Relays: []wire.Relay{{URL: "turn:old"}}})
	o.pass(time.Second)
	return c
}

// comes brings a customer who has not been given to anybody.
func (o *office) comes(n byte, secret string, proof wire.Proof) *customer {
	c := &customer{
		o: o, id: wire.SessionID{n}, secret: secret, box: room.NewMailbox(), compare: proof == wire.ProofCompare,
		over: make(chan struct{}), waits: make(chan visit, 8), waiting: proof == wire.ProofCompare,
	}
	c.room = room.New(room.Config{
		Session: session.Config{Role: wire.RoleCustomer, Me: "Maria", CanControl: true, Proof: proof},
		Meet:    c.meet, Host: c, Mailbox: c.box,
	})
	ctx, cancel := context.WithCancel(o.t.Context())
	c.cancel = cancel
	o.set(func() { o.customers[c.id] = c })
	go func() {
		defer close(c.over)
		err := c.room.Run(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.err = err
	}()
	return c
}

// meeting is the shift's door to the customers.
func (o *office) meeting(ctx context.Context, m room.Meeting) (Peer, error) {
	o.mu.Lock()
	o.meetings = append(o.meetings, m)
	c, instead := o.customers[m.Session], o.meet
	o.mu.Unlock()
	if instead != nil {
		return instead(ctx, m)
	}
	if err := m.Signal(wire.Signal{Session: m.Session, Epoch: m.Epoch, Direct: m.Direct}); err != nil {
		return nil, err
	}
	if c == nil {
		return nil, errNowhere
	}
	v := visit{m, make(chan *end, 1)}
	c.waits <- v
	limit := time.NewTimer(6 * time.Second)
	defer limit.Stop()
	select {
	case e := <-v.answer:
		if e == nil {
			return nil, errWrong
		}
		return e, nil
	case <-limit.C:
		return nil, errNoPath
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// meet is the customer's own half of that.
func (c *customer) meet(ctx context.Context, t room.Try) (room.Peer, error) {
	for {
		select {
		case v := <-c.waits:
			if v.meeting.Epoch != t.Epoch {
				continue
			}
			if v.meeting.Resume == nil && v.meeting.Secret != c.secret {
				v.answer <- nil
				return nil, room.ErrFatal{Err: errWrong}
			}
			mine, theirs := newPipe()
			if c.compare {
				mine.Words = [3]string{"harbour", "violin", "ticket"}
				theirs.Words = mine.Words
			}
			c.o.mu.Lock()
			theirs.relayed = c.o.relayed && !t.Direct
			c.o.mu.Unlock()
			c.mu.Lock()
			c.line = mine
			c.mu.Unlock()
			v.answer <- theirs
			return mine, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (c *customer) do(e session.Event) {
	c.room.Do(e)
	synctest.Wait()
}

func (c *customer) sees() session.State {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

func (c *customer) ended() bool {
	synctest.Wait()
	select {
	case <-c.over:
		return true
	default:
		return false
	}
}

func (*customer) Share(session.Share) {}
func (*customer) Seen() uint64        { return 0 }
func (*customer) Look(wire.Profile)   {}
func (*customer) Pace(wire.Pace)      {}
func (*customer) Gate(bool)           {}
func (*customer) Nudged()             {}
func (*customer) Notice()             {}
func (*customer) Presented(uint64)    {}
func (*customer) Refresh()            {}
func (*customer) Heard(wire.Message)  {}
func (*customer) Move(session.Effect) {}
func (*customer) Connected(room.Peer) {}
func (*customer) Disconnected()       {}

func (c *customer) Changed(s session.State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = s
}
