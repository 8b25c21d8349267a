package visit

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/frame"
	"handrail/shared/hotline"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/sim"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const (
	goodKey  = "482913 507264"
	wrongKey = "482913 000000"
	meetWait = 6 * time.Second // as in package link
	lastWord = sim.Goodbye
)

var (
	errNoBroker    = errors.New("no broker")
	errNoPath      = errors.New("no path")
	errWrongSecret = errors.New("wrong secret")
	errNotVerified = errors.New("not verified")
	errCut         = errors.New("connection cut")
	errNoScreen    = errors.New("no screen")
)

// world is everything around one visit: a broker, a rep, a screen and hands.
// It runs in a synctest bubble.
type world struct {
	t      *testing.T
	visit  *Visit
	model  *chat.Model
	broker *broker
	rep    *rep
	hands  *hands
	board  *board
	cancel context.CancelFunc
	done   chan struct{} // closed when the visit has returned

	mu        sync.Mutex
	shown     chat.State
	log       []string // what happened, in its order
	marks     []Mark
	nudges    int
	browsed   []string
	quits     int
	noScreen  bool
	certified string // who the rep is, proved
	noPath    bool   // the two find no way to each other
	screens   []*screen
	waiting   map[uint32]chan *end // a rep's Meet that waits for the customer's
	slow      time.Duration        // what a Meet takes
	ends      []*end               // the customer's, newest last
}

// inWorld plays a story around a running visit, ends it, and sees that nothing
// is left: the bubble fails when a goroutine is.
func inWorld(t *testing.T, story func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, waiting: map[uint32]chan *end{}, done: make(chan struct{})}
		w.broker = &broker{w: w}
		w.rep = &rep{w: w, secret: "507264"}
		w.hands = &hands{w: w}
		w.board = &board{}
		ctx, cancel := context.WithCancel(t.Context())
		w.cancel = cancel
		w.model = chat.New(time.Now(), chat.Config{})
		w.visit = New(w.model, w.doors())
		go func() {
			defer close(w.done)
			if err := w.visit.Run(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("Run: %v", err)
			}
		}()
		story(w)
		w.rep.leave()
		w.end()
		w.check()
	})
}

func (w *world) doors() Doors {
	return Doors{
		Dial: w.broker.dial,
		Meet: w.customerMeets,
		Explain: func(err error) words.Problem {
			if errors.Is(err, errNoPath) {
				return words.NeverMet
			}
			return words.BrokerAway
		},
		WrongSecret: func(err error) bool { return errors.Is(err, errWrongSecret) },
		NotVerified: func(err error) bool { return errors.Is(err, errNotVerified) },
		Browse:      func(address string) { w.mu.Lock(); defer w.mu.Unlock(); w.browsed = append(w.browsed, address) },
		OpenScreen:  w.openScreen,
		Hands:       w.hands,
		Clipboard:   w.board,
		Hello:       wire.Hello{Version: 1, Role: wire.RoleCustomer, Program: "test", System: "linux"},
		Locale:      "de_DE.UTF-8",
		Show:        w.show,
		Mark: func(m Mark) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.marks = append(w.marks, m)
		},
		Nudge:  func() { w.mu.Lock(); defer w.mu.Unlock(); w.nudges++ },
		Notice: func() {},
		Save:   func(chat.Settings) {},
		Quit:   func() { w.mu.Lock(); defer w.mu.Unlock(); w.quits++ },
	}
}

// pass lets time go by and everything happen that happens meanwhile.
func (w *world) pass(d time.Duration) {
	time.Sleep(d) // the bubble's time
	synctest.Wait()
}

// end ends the program and waits for it.
func (w *world) end() {
	w.cancel()
	<-w.done
	synctest.Wait()
}

// check sees that everything was given back.
func (w *world) check() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, s := range w.screens {
		if !s.isClosed() {
			w.t.Errorf("screen %d was never closed", i)
		}
	}
	if n := len(w.marks); n > 0 && w.marks[n-1].On {
		w.t.Error("the mark was left on")
	}
	for _, e := range w.ends {
		if !e.isGone() {
			w.t.Error("a connection to the rep was left open")
		}
	}
}

func (w *world) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, what)
}

func (w *world) show(s chat.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.Prompt != nil && w.shown.Prompt == nil {
		w.log = append(w.log, "prompt")
	}
	w.shown = s
}

func (w *world) state() chat.State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.shown
}

func (w *world) logged() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.log)
}

func (w *world) mark() Mark {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.marks) == 0 {
		return Mark{}
	}
	return w.marks[len(w.marks)-1]
}

func (w *world) screen() *screen {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.screens) == 0 {
		w.t.Fatal("no screen was opened")
	}
	return w.screens[len(w.screens)-1]
}

func (w *world) opened() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.screens)
}

// conn is the customer's end of the newest connection.
func (w *world) conn() *end {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.ends) == 0 {
		w.t.Fatal("the two never met")
	}
	return w.ends[len(w.ends)-1]
}

// cut ends the connection between the two, as a network does.
func (w *world) cut() {
	w.conn().Close(0)
	synctest.Wait()
}

func (w *world) set(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// do is something the customer does.
func (w *world) do(e chat.Event) {
	w.visit.Do(e)
	synctest.Wait()
}

// begin leads from the key to the chat.
func (w *world) begin() {
	w.t.Helper()
	w.do(chat.Submit{Code: goodKey, Name: "Maria"})
	w.pass(time.Second)
	w.rep.do(session.Accept{})
	w.pass(time.Second)
	w.on(chat.InSession)
}

// allow has the rep ask and the customer allow.
func (w *world) allow(what wire.Permission) {
	w.t.Helper()
	w.rep.do(session.Ask{What: what})
	w.pass(2 * time.Second)
	p := w.state().Prompt
	if p == nil || p.What != what {
		w.t.Fatalf("prompt is %+v", p)
	}
	w.do(chat.Reply{ID: p.ID, Allow: true})
	w.pass(time.Second)
}

// on is a claim about what the window shows.
func (w *world) on(s chat.Screen) {
	w.t.Helper()
	if got := w.state(); got.Screen != s {
		w.t.Fatalf("the window shows screen %d, problem %d, not %d", got.Screen, got.Problem, s)
	}
}

// customerMeets is the customer's half of Meet.
func (w *world) customerMeets(ctx context.Context, m room.Meeting) (Peer, error) {
	w.mu.Lock()
	slow, noPath := w.slow, w.noPath
	call := w.waiting[m.Epoch]
	if call == nil {
		call = make(chan *end, 1)
		w.waiting[m.Epoch] = call
	}
	w.mu.Unlock()
	if err := m.Signal(wire.Signal{Session: m.Session, Epoch: m.Epoch, User: "u", Password: "p"}); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoPath, err)
	}
	late := time.NewTimer(meetWait)
	defer late.Stop()
	if noPath {
		call = nil
	}
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	select {
	case mine := <-call:
		theirs := mine.other
		ok := m.Resume == nil && m.Secret == w.rep.secret || string(m.Resume) == "resume"
		if !ok {
			theirs.refused <- true
			return nil, errWrongSecret
		}
		theirs.refused <- false
		w.set(func() { w.ends = append(w.ends, mine) })
		return mine, nil
	case <-late.C:
		return nil, errNoPath
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// repMeets is the rep's half.
func (w *world) repMeets(ctx context.Context, t room.Try) (room.Peer, error) {
	epoch := t.Epoch
	mine, theirs := newPipe(w)
	w.mu.Lock()
	call := w.waiting[epoch]
	if call == nil {
		call = make(chan *end, 1)
		w.waiting[epoch] = call
	}
	w.mu.Unlock()
	call <- theirs
	w.broker.tell(&wire.Signal{Session: sessionID, Epoch: epoch, User: "r", Password: "q", Direct: t.Direct})
	late := time.NewTimer(meetWait)
	defer late.Stop()
	select {
	case refused := <-mine.refused:
		if refused {
			return nil, room.ErrFatal{Err: errWrongSecret}
		}
		return mine, nil
	case <-late.C:
		return nil, errNoPath
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// openScreen opens a screen of two monitors.
func (w *world) openScreen() (Screen, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.noScreen {
		return nil, errNoScreen
	}
	s := newScreen(w)
	w.screens = append(w.screens, s)
	return s, nil
}

// rep is the other side of the session: the real rules and the real owner of
// them, with a console that is this test.
type rep struct {
	w      *world
	secret string

	mu     sync.Mutex
	room   *room.Room // of the newest session
	state  session.State
	paces  []wire.Pace
	cancel context.CancelFunc
	group  sync.WaitGroup
}

// begin tries the key with the customer who typed its number.
func (r *rep) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel != nil {
		r.cancel()
	}
	r.w.set(func() { r.w.waiting = map[uint32]chan *end{} })
	ctx, cancel := context.WithCancel(r.w.t.Context())
	owner := room.New(room.Config{
		Session: session.Config{
			Role: wire.RoleRep, Me: "Anna", System: "linux", Organisation: "Example Ltd", Peer: "Maria", Proof: r.proof(),
		},
		Meet:    r.w.repMeets,
		Host:    repHost{r},
		Mailbox: room.NewMailbox(),
	})
	r.room, r.cancel, r.state = owner, cancel, session.State{}
	r.group.Go(func() { _ = owner.Run(ctx) }) // what the rep hears of it is not this package's affair
}

// leave closes the console.
func (r *rep) leave() {
	r.mu.Lock()
	cancel := r.cancel
	r.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	r.group.Wait()
}

func (r *rep) do(e session.Event) {
	r.w.t.Helper()
	r.mu.Lock()
	owner := r.room
	r.mu.Unlock()
	if owner == nil || !owner.Do(e) {
		r.w.t.Fatalf("the rep could not do %T", e)
	}
	synctest.Wait()
}

func (r *rep) sees() session.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// input is what the rep's hands do.
func (r *rep) input(in ...wire.Input) {
	for _, i := range in {
		r.w.conn().inputs <- i
	}
	synctest.Wait()
}

type repHost struct{ r *rep }

func (repHost) Share(session.Share) {}
func (repHost) Seen() uint64        { return 0 }
func (repHost) Look(wire.Profile)   {}
func (repHost) Gate(bool)           {}
func (repHost) Nudged()             {}
func (repHost) Notice()             {}
func (repHost) Presented(uint64)    {}
func (repHost) Refresh()            {}
func (repHost) Heard(wire.Message)  {}
func (repHost) Move(session.Effect) {}
func (repHost) Connected(room.Peer) {}
func (repHost) Disconnected()       {}
func (h repHost) Pace(p wire.Pace) {
	h.r.mu.Lock()
	defer h.r.mu.Unlock()
	h.r.paces = append(h.r.paces, p)
}

func (h repHost) Changed(s session.State) {
	h.r.mu.Lock()
	defer h.r.mu.Unlock()
	h.r.state = s
}

// screen is a Screen that a test draws on.
type screen struct {
	w       *world
	changes chan frame.Update

	mu      sync.Mutex
	layout  []frame.Monitor
	fresh   bool // the next Update holds everything
	monitor uint8
	closed  bool
	tick    byte
}

func newScreen(w *world) *screen {
	return &screen{w: w, changes: make(chan frame.Update, 64), fresh: true, layout: []frame.Monitor{
		{ID: 1, Name: "left", Bounds: image.Rect(0, 0, 64, 32), Primary: true},
		{ID: 2, Name: "right", Bounds: image.Rect(64, 0, 128, 32)},
	}}
}

// draw changes every pixel.
func (s *screen) draw() {
	s.mu.Lock()
	s.tick++
	p := frame.New(128, 32)
	for i := range p.Pix {
		p.Pix[i] = s.tick
	}
	s.mu.Unlock()
	s.changes <- frame.Update{Image: p, Damage: []frame.Rect{p.Bounds()}, Area: p.Bounds(), At: time.Now()}
	synctest.Wait()
}

// relayout changes the monitors.
func (s *screen) relayout(m ...frame.Monitor) {
	s.mu.Lock()
	s.layout = m
	s.mu.Unlock()
	p := frame.New(128, 32)
	s.changes <- frame.Update{Image: p, Damage: []frame.Rect{p.Bounds()}, Area: p.Bounds(), At: time.Now(), Layout: m}
	synctest.Wait()
}

// fail ends capturing.
func (s *screen) fail() { close(s.changes); synctest.Wait() }

func (s *screen) Next(ctx context.Context) (frame.Update, error) {
	s.mu.Lock()
	if s.closed {
		s.w.t.Error("a closed screen was looked at")
	}
	if s.fresh {
		s.fresh = false
		p := frame.New(128, 32)
		u := frame.Update{
			Image: p, Damage: []frame.Rect{p.Bounds()}, Area: p.Bounds(), Monitor: s.monitor, At: time.Now(),
			Layout: slices.Clone(s.layout),
		}
		s.mu.Unlock()
		return u, nil
	}
	s.mu.Unlock()
	select {
	case u, ok := <-s.changes:
		if !ok {
			return frame.Update{}, errNoScreen
		}
		return u, nil
	case <-ctx.Done():
		return frame.Update{}, ctx.Err()
	}
}

func (s *screen) Pick(monitor uint8) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh = s.fresh || monitor != s.monitor
	s.monitor = monitor
}

func (s *screen) Refresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh = true
}

func (s *screen) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

func (s *screen) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *screen) picked() uint8 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.monitor
}

// hands write down what they are told.
type hands struct {
	w  *world
	mu sync.Mutex
	// acts is what was done since the last call of took.
	acts []string
}

func (h *hands) act(format string, args ...any) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acts = append(h.acts, fmt.Sprintf(format, args...))
	return nil
}

func (h *hands) took() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	acts := h.acts
	h.acts = nil
	return acts
}

func (h *hands) MoveTo(x, y int) error { return h.act("move %d %d", x, y) }
func (h *hands) Button(n uint8, down bool, _, _ int) error {
	return h.act("button %d %v", n, down)
}
func (h *hands) Wheel(_, dy int32, _, _ int) error { return h.act("wheel %d", dy) }
func (h *hands) Key(k wire.Key) error              { return h.act("key %d %v", k.Usage, k.Down) }
func (h *hands) Type(text string) error            { return h.act("type %s", text) }
func (h *hands) Locks(wire.Locks) error            { return h.act("locks") }
func (h *hands) ReleaseAll() error                 { return h.act("release") }

func (h *hands) ShutGate(shut bool) {
	if shut {
		h.w.note("gate shut")
	} else {
		h.w.note("gate open")
	}
}

var _ hotline.Conn = (*brokerConn)(nil)
