package room

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

const meetWait = 6 * time.Second // as in package link

var (
	errNoPath   = errors.New("no path")
	errNoBroker = errors.New("no broker")
	errCut      = errors.New("connection cut")
)

// world is a broker that carries signals and a network that carries peers, for
// one session of two sides. It runs in a synctest bubble.
type world struct {
	t    *testing.T
	reps *side
	cust *side

	mu      sync.Mutex
	noPath  bool // the two find no way to each other
	noRelay bool // the broker carries no signals
	relayed bool // there is no direct way
	waiting map[uint32]*end
	words   [3]string // of the first connection
	meets   int       // epochs that led to a connection
}

// side is one of the two, with its room.
type side struct {
	w      *world
	role   wire.Role
	other  *side
	box    *Mailbox
	room   *Room
	host   *stubHost
	cancel context.CancelFunc
	done   chan struct{}
	err    error // of Run, after done

	// guarded by w.mu
	meet   Meet // instead of the world's, if set
	tries  int  // calls of Meet
	asked  []Try
	begun  []time.Time   // when each of asked was begun
	sleep  time.Duration // how much time passed here without anything happening
	at     int           // of them, now
	most   int           // of them, at once
	newest *end
}

// inWorld plays a story between two rooms, customer and rep, that have not
// begun yet, and sees that nothing of them is left.
func inWorld(t *testing.T, story func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, waiting: map[uint32]*end{}}
		w.cust = w.side(session.Config{Role: wire.RoleCustomer, Me: "Maria", System: "linux", CanControl: true})
		w.reps = w.side(session.Config{Role: wire.RoleRep, Me: "Anna", System: "linux", Organisation: "Example Ltd"})
		w.cust.other, w.reps.other = w.reps, w.cust
		story(w)
		for _, s := range []*side{w.cust, w.reps} {
			if s.cancel != nil {
				s.cancel()
				<-s.done
				s.host.check()
			}
		}
	})
}

func (w *world) side(c session.Config) *side {
	s := &side{w: w, role: c.Role, box: NewMailbox(), host: &stubHost{t: w.t}, done: make(chan struct{})}
	s.room = New(Config{Session: c, Meet: s.connect, Host: s.host, Mailbox: s.box, Now: s.now})
	return s
}

// now is the side's own clock.
func (s *side) now() time.Time {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return time.Now().Add(s.sleep)
}

// directly tells when direct ways were tried.
func (s *side) directly() []time.Time {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	var at []time.Time
	for i, t := range s.asked {
		if t.Direct {
			at = append(at, s.begun[i])
		}
	}
	return at
}

// met counts the epochs that led to a connection.
func (w *world) met() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.meets
}

// tried counts the calls of Meet, and the most that went on at once.
func (s *side) tried() (calls, most int) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return s.tries, s.most
}

// conn is the side's end of the newest connection.
func (s *side) conn() *end {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return s.newest
}

// run begins the room of a side.
func (s *side) run() {
	ctx, cancel := context.WithCancel(s.w.t.Context())
	s.cancel = cancel
	go func() {
		defer close(s.done)
		s.err = s.room.Run(ctx)
	}()
}

// begin runs both sides until the rep has taken the session.
func (w *world) begin() {
	w.cust.run()
	w.reps.run()
	w.pass(time.Second)
	w.reps.do(session.Accept{})
	w.pass(time.Second)
	for _, s := range []*side{w.cust, w.reps} {
		if got := s.host.state().Stage; got != session.Talking {
			w.t.Fatalf("role %d is in stage %d, not talking", s.role, got)
		}
	}
}

// pass lets time go by and everything happen that happens meanwhile.
func (w *world) pass(d time.Duration) {
	time.Sleep(d) // the bubble's time
	synctest.Wait()
}

func (s *side) do(e session.Event) {
	s.w.t.Helper()
	if !s.room.Do(e) {
		s.w.t.Fatalf("%T was not taken", e)
	}
}

// ended waits for Run and gives its error.
func (s *side) ended() error {
	s.w.t.Helper()
	synctest.Wait()
	select {
	case <-s.done:
		return s.err
	default:
		s.w.t.Fatalf("role %d still runs", s.role)
		return nil
	}
}

func (s *side) running() bool {
	synctest.Wait()
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}

// connect is the Meet of a side.
func (s *side) connect(ctx context.Context, t Try) (Peer, error) {
	s.w.mu.Lock()
	s.tries++
	s.asked, s.begun = append(s.asked, t), append(s.begun, time.Now())
	s.at++
	s.most = max(s.most, s.at)
	meet := s.meet
	s.w.mu.Unlock()
	defer func() {
		s.w.mu.Lock()
		s.at--
		s.w.mu.Unlock()
	}()
	if meet != nil {
		return meet(ctx, t)
	}
	return s.usual(ctx, t)
}

// usual meets the other side the way package link does: a signal each way
// through the broker, then a path.
func (s *side) usual(ctx context.Context, t Try) (Peer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, meetWait, errNoPath)
	defer cancel()
	box := s.box.Open(t)
	s.w.mu.Lock()
	down := s.w.noRelay
	s.w.mu.Unlock()
	if down {
		return nil, errNoBroker
	}
	s.other.box.Deliver(&wire.Signal{Epoch: t.Epoch, User: "u", Direct: t.Direct})
	again := time.NewTicker(500 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case g := <-box:
			if g.Epoch != t.Epoch {
				continue
			}
			return s.path(ctx, t)
		case <-again.C:
			s.other.box.Deliver(&wire.Signal{Epoch: t.Epoch, User: "u", Direct: t.Direct})
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// path waits until both sides are there.
func (s *side) path(ctx context.Context, t Try) (Peer, error) {
	s.w.mu.Lock()
	mine := s.w.waiting[t.Epoch]
	if mine == nil {
		mine = s.w.pipe()
		s.w.waiting[t.Epoch] = mine.other
	} else if !s.w.noPath && (!s.w.relayed || !t.Direct) {
		s.w.meets++
		close(mine.met)
	}
	if !t.Direct || !s.w.relayed {
		s.newest = mine
	}
	s.w.mu.Unlock()
	select {
	case <-mine.met:
		return mine, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// pipe is a connection; it gives one end.
func (w *world) pipe() *end {
	met := make(chan struct{})
	side := func() *end {
		return &end{w: w, in: make(chan item, 1024), met: met, dead: make(chan struct{}), done: make(chan struct{}), direct: !w.relayed}
	}
	a, b := side(), side()
	a.other, b.other = b, a
	return a
}

// goodbye is how long a connection takes to end.
const goodbye = 300 * time.Millisecond

// end is one end of a connection.
type end struct {
	w     *world
	other *end
	in    chan item
	met   chan struct{}
	dead  chan struct{} // closed by Close, here
	done  chan struct{} // closed goodbye after

	direct bool

	// guarded by w.mu
	deaf    time.Time // since when nothing arrives here; zero: all does
	closed  bool
	why     wire.EndWhy // the other side's
	refused int         // sends that fail, for a test
	sent    []wire.Packet
}

type item struct {
	bytes []byte
	err   error
}

func (e *end) Send(p wire.Packet) error {
	b, err := wire.Append(nil, p)
	if err != nil {
		return err
	}
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	if e.closed || e.refused > 0 {
		return errCut
	}
	e.sent = append(e.sent, p)
	e.giveLocked(item{bytes: b})
	return nil
}

// giveLocked puts something into the other end's hands, if it arrives.
func (e *end) giveLocked(i item) {
	if e.other.deaf.IsZero() {
		e.other.in <- i // has room, or the test is wrong and the bubble says so
	}
}

func (e *end) Receive(ctx context.Context) (wire.Packet, error) {
	select {
	case i := <-e.in:
		if i.err != nil {
			return wire.Packet{}, i.err
		}
		return wire.Parse(i.bytes)
	case <-e.dead:
		return wire.Packet{}, errCut
	case <-ctx.Done():
		return wire.Packet{}, context.Cause(ctx)
	}
}

func (e *end) Silent(now time.Time) time.Duration {
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	if e.deaf.IsZero() {
		return 0
	}
	return now.Sub(e.deaf)
}

func (e *end) Travels() (bool, time.Duration) { return e.direct, time.Millisecond }

func (e *end) Compared() ([3]string, string) {
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	if e.w.meets > 1 {
		return [3]string{}, "" // as later connections have it
	}
	return e.w.words, ""
}

func (e *end) Closed() wire.EndWhy {
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	return e.why
}

func (e *end) Close(why wire.EndWhy) {
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	if e.closed {
		return
	}
	e.closed = true
	close(e.dead)
	time.AfterFunc(goodbye, func() { close(e.done) })
	if e.other.deaf.IsZero() {
		e.other.why = why
		e.giveLocked(item{err: errCut})
		if e.other.deaf.IsZero() {
			e.other.deaf = time.Now()
		}
	}
}

func (e *end) Done() <-chan struct{} { return e.done }
func (e *end) ResumeKey() []byte     { return []byte("resume") }

// deafen makes nothing arrive here any more.
func (e *end) deafen() {
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	e.deaf = time.Now()
}

// hears makes everything arrive here again.
func (e *end) hears() {
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	e.deaf = time.Time{}
}

// breaks makes the reader of this end fail.
func (e *end) breaks() {
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	e.in <- item{err: errCut}
}

// raw puts bytes into this end's hands.
func (e *end) raw(b []byte) {
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	e.in <- item{bytes: b}
}

// cut ends the connection that is in use on both sides, with silence.
func (w *world) cut() {
	w.cust.conn().deafen()
	w.reps.conn().deafen()
}

func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// stubHost notes what it is told.
type stubHost struct {
	t *testing.T

	mu     sync.Mutex
	log    []string // without Changed
	peer   Peer
	latest session.State
	seen   uint64
}

func (h *stubHost) note(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = append(h.log, fmt.Sprintf(format, args...))
}

func (h *stubHost) Share(f session.Share)  { h.note("share %d", f.What) }
func (h *stubHost) Seen() uint64           { return h.seen }
func (h *stubHost) Look(p wire.Profile)    { h.note("look %d", p) }
func (h *stubHost) Pace(p wire.Pace)       { h.note("pace %d", p.Frames) }
func (h *stubHost) Gate(shut bool)         { h.note("gate %v", shut) }
func (h *stubHost) Nudged()                { h.note("nudged") }
func (h *stubHost) Notice()                {}
func (h *stubHost) Heard(m wire.Message)   { h.note("heard %v", m.Kind()) }
func (h *stubHost) Move(f session.Effect)  { h.note("move %+v", f) }
func (h *stubHost) Presented(frame uint64) { h.note("presented %d", frame) }
func (h *stubHost) Refresh()               { h.note("refresh") }

func (h *stubHost) Connected(p Peer) {
	h.note("connected")
	h.mu.Lock()
	defer h.mu.Unlock()
	h.peer = p
}

func (h *stubHost) Disconnected() {
	h.note("disconnected")
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.peer == nil {
		h.t.Error("disconnected without a connection")
	}
	h.peer = nil
}

func (h *stubHost) Changed(s session.State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.latest = s
}

func (h *stubHost) state() session.State {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.latest
}

// meetings counts the connections.
func (h *stubHost) meetings() int { return h.times("connected") }

// times counts an entry of the log.
func (h *stubHost) times(entry string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, l := range h.log {
		if l == entry {
			n++
		}
	}
	return n
}

func (h *stubHost) last(prefix string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.log) - 1; i >= 0; i-- {
		if len(h.log[i]) >= len(prefix) && h.log[i][:len(prefix)] == prefix {
			return h.log[i]
		}
	}
	return ""
}

// check sees that no connection is left in the host's hands.
func (h *stubHost) check() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.peer != nil {
		h.t.Error("the room is over and the host was not disconnected")
	}
}

// chat gives the other's lines as one side heard them.
func (h *stubHost) chat(mine bool) []string {
	var lines []string
	for _, l := range h.state().Lines {
		if l.Kind == session.LineChat && l.Mine == mine {
			lines = append(lines, l.Text)
		}
	}
	return lines
}
