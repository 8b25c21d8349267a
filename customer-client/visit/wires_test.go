package visit

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"testing/synctest"
	"time"

	"handrail/shared/hotline"
	"handrail/shared/session"
	"handrail/shared/sim"
	"handrail/shared/wire"
)

var sessionID = wire.SessionID{1, 2, 3}

// broker answers as the real one does to a customer, and can be told to fail.
type broker struct {
	w *world

	mu      sync.Mutex
	down    bool // nobody answers
	hung    bool // somebody takes the connection and says nothing
	hello   wire.Code
	join    wire.Code // why a Join fails; 0: it doesn't
	silent  bool      // no answer to Join
	asks    bool      // Join is answered by the agreement first
	enter   wire.Code // why an Enter fails
	queue   queued    // a customer who came by the portal
	gone    bool      // the session is forgotten
	heard   []wire.Message
	conns   []*brokerConn
	repMute bool       // the rep's console doesn't begin
	proof   wire.Proof // that it names for the session of a key
	single  bool       // a connection may begin only when those before are over
}

func (b *broker) set(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

func (b *broker) dial(ctx context.Context) (hotline.Conn, error) {
	b.mu.Lock()
	down, hung := b.down, b.hung
	b.mu.Unlock()
	if hung {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if down {
		return nil, errNoBroker
	}
	c := &brokerConn{b: b, in: make(chan wire.Message, 64), closed: make(chan struct{}), done: make(chan struct{})}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, old := range b.conns {
		select {
		case <-old.done:
		default:
			if b.single {
				b.w.t.Error("two ways at once")
			}
		}
	}
	b.conns = append(b.conns, c)
	return c, nil
}

// tell says something to the customer, if connected.
func (b *broker) tell(m wire.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.conns); n > 0 {
		b.conns[n-1].say(m)
	}
}

// restart cuts all connections and waits for what follows.
func (b *broker) restart() {
	b.cut()
	synctest.Wait()
}

func (b *broker) cut() {
	b.mu.Lock()
	conns := slices.Clone(b.conns)
	b.mu.Unlock()
	for _, c := range conns {
		c.cut()
	}
}

// take gives what was heard of a kind.
func (b *broker) take(k wire.Kind) []wire.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []wire.Message
	for _, m := range b.heard {
		if m.Kind() == k {
			all = append(all, m)
		}
	}
	return all
}

// left is why the customer says to have left, 0 if it didn't.
func (b *broker) left() wire.EndWhy {
	all := b.take(wire.KindLeave)
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].(*wire.Leave).Why
}

// hears is what the real broker does with a customer's message.
func (b *broker) hears(c *brokerConn, m wire.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard = append(b.heard, m)
	switch m := m.(type) {
	case *wire.Hello:
		if b.hello != 0 {
			c.say(&wire.Problem{Code: b.hello, About: wire.KindHello})
			return
		}
		c.say(&wire.Welcome{Version: 1, Organisation: "Example Ltd"})
	case *wire.Join:
		switch {
		case b.silent:
		case b.join != 0:
			c.say(&wire.Problem{Code: b.join, About: wire.KindJoin})
		case b.asks:
			b.queue = queued{waits: true, number: m.Number}
			c.say(admitted())
			c.say(agreement())
		default:
			b.startByKey(c, m.Number)
		}
	case *wire.Decision:
		if b.queue.number != "" && m.Yes {
			b.startByKey(c, b.queue.number)
		}
	case *wire.Enter:
		if b.enter != 0 {
			c.say(&wire.Problem{Code: b.enter, About: wire.KindEnter})
			return
		}
		b.queue = queued{waits: true}
		c.say(admitted())
	case *wire.Answers:
		if !b.queue.deaf {
			c.say(&wire.Noted{Session: m.Session})
		}
	case *wire.Rejoin:
		if b.gone {
			c.say(&wire.Problem{Code: wire.CodeGone, About: wire.KindRejoin, Key: m.Session})
			return
		}
		if b.queue.waits {
			c.say(admitted())
			if b.queue.number != "" {
				c.say(agreement())
			}
			return
		}
		c.say(&wire.Rejoined{Session: m.Session, Relays: []wire.Relay{{URL: "turn:second", User: "u", Password: "p"}}})
	}
}

// startByKey brings the customer to the rep of a key.
func (b *broker) startByKey(c *brokerConn, number string) {
	b.queue.waits = false
	c.say(&wire.Start{
		Session: sessionID, Ticket: make([]byte, 32), Number: number, Peer: "Anna", Proof: b.proof,
		Relays: []wire.Relay{{URL: "turn:first", User: "u", Password: "p"}},
	})
	if !b.repMute {
		b.w.rep.begin()
	}
}

// queued is what the broker knows of a customer who waits.
type queued struct {
	waits  bool   // nobody has taken the session
	deaf   bool   // answers are not kept
	number string // of the key, where something is asked first
}

func admitted() *wire.Admitted {
	return &wire.Admitted{Session: sessionID, Ticket: make([]byte, 32), Portal: "Example Ltd"}
}

// takes has a rep take the customer, and waits until the two have met.
func (b *broker) takes() {
	b.set(func() { b.queue.waits = false })
	b.w.rep.begin() // first, since it forgets who was waited for
	b.tell(&wire.Start{
		Session: sessionID, Ticket: make([]byte, 32), Peer: "Anna", Proof: wire.ProofCompare, Denied: []string{"control"},
		Relays: []wire.Relay{{URL: "turn:first", User: "u", Password: "p"}},
	})
	b.w.pass(time.Second)
	b.w.rep.do(session.Accept{})
	b.w.pass(time.Second)
}

// brokerConn is a control connection.
type brokerConn struct {
	b      *broker
	in     chan wire.Message
	closed chan struct{}
	done   chan struct{}
	once   sync.Once
}

// say never blocks: no test says that much.
func (c *brokerConn) say(m wire.Message) {
	select {
	case <-c.closed:
	case c.in <- m:
	}
}

func (c *brokerConn) Send(m wire.Message) error {
	select {
	case <-c.closed:
		return errCut
	default:
	}
	c.b.hears(c, m)
	return nil
}

func (c *brokerConn) Receive(ctx context.Context) (wire.Message, error) {
	select {
	case m := <-c.in:
		return m, nil
	default:
	}
	select {
	case m := <-c.in:
		return m, nil
	case <-c.closed:
		return nil, errCut
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *brokerConn) Answers(context.Context) bool { return true }

func (c *brokerConn) Exporter(string) ([]byte, error) { return make([]byte, 32), nil }

// Close ends the connection at once, as far as its owner sees; the last words
// take their time.
func (c *brokerConn) Close(string)          { c.cut() }
func (c *brokerConn) Done() <-chan struct{} { return c.done }
func (c *brokerConn) cut() {
	c.once.Do(func() {
		close(c.closed)
		time.AfterFunc(lastWord, func() { close(c.done) })
	})
}

// end is one end of a connection between customer and rep.
type end struct {
	*sim.End
	w       *world
	other   *end
	refused chan bool // to the rep: whether the secrets differ
	inputs  chan wire.Input

	mu     sync.Mutex
	heard  time.Time
	slices int
	stuck  bool          // takes no pictures
	dead   bool          // nothing arrives here any more, and nobody knows
	late   chan struct{} // see lags
}

func newPipe(w *world) (a, b *end) {
	one, two := sim.NewPipe()
	side := func(e *sim.End) *end {
		if w.rep.secret == "" {
			e.Words, e.Certified = [3]string{"otter", "maple", "violin"}, w.certified
		}
		return &end{End: e, w: w, refused: make(chan bool, 1), heard: time.Now(), inputs: make(chan wire.Input, 64)}
	}
	a, b = side(one), side(two)
	a.other, b.other = b, a
	return a, b
}

func (e *end) Send(p wire.Packet) error {
	if !e.isGone() && e.other.isDead() {
		return nil
	}
	err := e.End.Send(p)
	if err != nil && !errors.Is(err, sim.ErrCut) {
		e.w.t.Errorf("a message that can't be sent: %v", err)
	}
	return err
}

func (e *end) ReceiveInput(ctx context.Context) (wire.Input, error) {
	e.mu.Lock()
	late := e.late
	e.mu.Unlock()
	if late != nil {
		return e.receiveLate(ctx, late)
	}
	select {
	case in := <-e.inputs:
		return in, nil
	case <-e.Gone():
		return nil, errCut
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// lags has the rep's input be so slow that it outlasts the connection, until
// what it gives is called.
func (e *end) lags() (ended func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	late := make(chan struct{})
	e.late = late
	e.inputs <- wire.Move{Monitor: 1} // the reader looks again
	return sync.OnceFunc(func() { close(late) })
}

func (e *end) receiveLate(ctx context.Context, late chan struct{}) (wire.Input, error) {
	select {
	case in := <-e.inputs:
		return in, nil
	case <-late:
		select {
		case in := <-e.inputs:
			return in, nil
		default:
			return nil, io.EOF
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *end) SendSlice(_ context.Context, s wire.Slice) error {
	if e.isGone() {
		return errCut
	}
	e.mu.Lock()
	stuck := e.stuck
	e.slices++
	e.mu.Unlock()
	if stuck {
		return errCut
	}
	if s.Last {
		return e.other.End.Send(wire.Packet{Body: &wire.Presented{Frame: s.Frame}}) // the rep's viewer is quick
	}
	return nil
}

func (e *end) SendCursor(context.Context, wire.Cursor) error { return nil }
func (e *end) SendPointer(wire.Pointer) error                { return nil }

// Silent grows only when the other side can't be heard.
func (e *end) Silent(now time.Time) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.dead {
		return 0
	}
	return now.Sub(e.heard)
}

// fallSilent loses all that is sent to this end from now on.
func (e *end) fallSilent() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.dead, e.heard = true, time.Now()
}

func (e *end) sent() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.slices
}

func (e *end) isDead() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.dead
}

func (e *end) Travels() (bool, time.Duration) { return true, time.Millisecond }

func (e *end) isGone() bool {
	select {
	case <-e.Gone():
		return true
	default:
		return false
	}
}
