// With the race detector this takes minutes; the parts it is made of are raced
// in tests of their own.

//go:build !race

package share_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"handrail/shared/flow"
	"handrail/shared/frame"
	"handrail/shared/link"
	"handrail/shared/share"
	"handrail/shared/sim"
	"handrail/shared/watch"
	"handrail/shared/wire"
)

// The world of these tests: a customer's screen on which a film plays and
// programs answer, a network of rules, and a rep's console, joined by the real
// share, watch and link. Time is a bubble's.

const (
	wide, high = 640, 360 // of the film
	bar        = 88       // pixels below it, where a program has its window
	// filmEvery is how often the film's whole picture changes.
	filmEvery = time.Second / 60
	// answerAfter is how long the customer's program takes to show what a
	// button did.
	answerAfter = time.Millisecond
	// pressEvery is how often the rep presses.
	pressEvery = 61 * time.Millisecond
)

var (
	repAt      = netip.MustParseAddrPort("10.0.0.1:1000")
	customerAt = netip.MustParseAddrPort("10.0.0.2:2000")
	// lamp is where the program shows how often a button was pressed.
	lamp = image.Rect(300, high+40, 332, high+72)
)

// world is one session of one viewer.
type world struct {
	t         *testing.T
	network   *sim.Network
	path      sim.Link // both ways
	epochs    uint16
	key       []byte // that later connections resume with
	edge      uint64 // the last that the rep sent
	rep, cust *link.Peer
	cut       context.CancelFunc // of what listens to the two
	readers   sync.WaitGroup

	screen *screen
	tap    *tap
	share  *share.Share
	shows  context.CancelFunc // ends Run
	shown  chan struct{}      // closed when it has ended
	lane   func(*flow.Shared) share.Lane
	wild   bool // files go out as fast as QUIC takes them

	watch *watch.Watch
	desk  *desk

	mu      sync.Mutex
	flow    *flow.Shared // the customer's
	repFlow *flow.Shared
	files   int // bytes that arrived
	said    []string
}

// newWorld makes two programs that have no connection yet.
func newWorld(t *testing.T, path sim.Link) *world { return newViewer(t, path, newScreen()) }

// newViewer makes a world around a screen that others may see as well.
func newViewer(t *testing.T, path sim.Link, s *screen) *world {
	w := &world{
		t: t, network: sim.NewNetwork(11), path: path, screen: s, tap: s.tapped(), cut: func() {}, shows: func() {},
		lane: func(f *flow.Shared) share.Lane { return f.Pictures() },
	}
	w.desk = &desk{w: w, lit: map[uint32]time.Duration{}, start: time.Now()}
	w.watch = watch.New(watch.Config{Painter: w.desk, Sender: w.desk})
	w.share = share.New(share.Config{Screen: w.tap, Hands: w.screen})
	w.begin(w.watch.Run)
	t.Cleanup(w.part)
	return w
}

// begin runs something until the test's end, or until it is called off.
func (w *world) begin(run func(context.Context) error) (end func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = run(ctx) }()
	end = func() { cancel(); <-done }
	w.t.Cleanup(end)
	return end
}

// meet connects the two, anew if they were connected, as package room would.
func (w *world) meet() {
	w.t.Helper()
	w.part()
	w.epochs++
	a, b := w.at(repAt), w.at(customerAt)
	side := func(role wire.Role, mine, other netip.AddrPort, out **link.Peer) func() {
		socket := w.network.Join(mine, w.path)
		return func() {
			p, err := link.Over(w.t.Context(), socket, other, link.Meeting{Role: role, Secret: "507264", Resume: w.key})
			if err != nil {
				w.t.Errorf("role %d: %v", role, err)
			}
			*out = p
		}
	}
	var both sync.WaitGroup
	both.Go(side(wire.RoleRep, a, b, &w.rep))
	both.Go(side(wire.RoleCustomer, b, a, &w.cust))
	both.Wait()
	if w.t.Failed() {
		w.t.FailNow()
	}
	w.key = w.rep.ResumeKey()
	w.watch.Linked()
	w.mu.Lock()
	w.flow, w.repFlow = flow.New(w.cust), flow.New(w.rep)
	w.mu.Unlock()

	ctx, cancel := context.WithCancel(w.t.Context())
	w.cut = cancel
	w.readers.Go(func() { w.customerHears(ctx, w.cust, w.flow) })
	w.readers.Go(func() { w.injects(ctx, w.cust) })
	w.readers.Go(func() { w.repHears(ctx, w.rep, w.repFlow) })
	w.readers.Go(func() { w.sees(ctx, w.rep) })
	w.readers.Go(func() { w.takesFiles(ctx, w.rep) })
}

// sharing lets the rep see and control.
func (w *world) sharing() {
	ctx, cancel := context.WithCancel(w.t.Context())
	w.shows, w.shown = cancel, make(chan struct{})
	to := share.Viewer{Pictures: w.cust, Lane: w.lane(w.flow), From: w.watch.Seen()}
	go func() { defer close(w.shown); _ = w.share.Run(ctx, to) }()
	w.share.AllowControl(true)
}

// part ends the connection.
func (w *world) part() {
	w.shows()
	if w.shown != nil {
		<-w.shown
	}
	w.cut()
	w.readers.Wait()
	for _, p := range []*link.Peer{w.rep, w.cust} {
		if p != nil {
			p.Close(0)
			<-p.Done()
		}
	}
	w.rep, w.cust, w.shown = nil, nil, nil
}

func (w *world) customerHears(ctx context.Context, p *link.Peer, f *flow.Shared) {
	for {
		packet, err := p.Receive(ctx)
		if err != nil {
			return
		}
		switch m := packet.Body.(type) {
		case *wire.Presented:
			w.share.Presented(m.Frame)
		case *wire.Taken:
			f.Taken(m.Pictures, m.Bulk)
		case *wire.Refresh:
			w.share.KeyFrame()
		case *wire.Chat:
			w.mu.Lock()
			w.said = append(w.said, m.Text)
			w.mu.Unlock()
		}
	}
}

func (w *world) injects(ctx context.Context, p *link.Peer) {
	for {
		in, err := p.ReceiveInput(ctx)
		if err != nil {
			return
		}
		if err := w.share.Inject(in); err != nil {
			w.t.Error(err)
		}
	}
}

func (w *world) repHears(ctx context.Context, p *link.Peer, f *flow.Shared) {
	for {
		packet, err := p.Receive(ctx)
		if err != nil {
			return
		}
		if m, ok := packet.Body.(*wire.Taken); ok {
			f.Taken(m.Pictures, m.Bulk)
		}
	}
}

func (w *world) sees(ctx context.Context, p *link.Peer) {
	for {
		s, err := p.ReceiveSlice(ctx)
		if err != nil {
			return
		}
		_ = w.watch.Receive(s) // what is lost is asked for
	}
}

func (w *world) takesFiles(ctx context.Context, p *link.Peer) {
	taken := uint64(0)
	for {
		v, err := p.ReceiveBulk(ctx)
		if err != nil {
			return
		}
		n := len(v.(wire.Piece).Data)
		taken += uint64(n)
		w.mu.Lock()
		w.files += n
		w.mu.Unlock()
		_ = p.Send(wire.Packet{Body: &wire.Taken{Bulk: taken}}) // best effort
	}
}

// sendsFiles sends a file without end to the rep.
func (w *world) sendsFiles(ctx context.Context) error {
	file := make([]byte, flow.Slice)
	for {
		data := file[:w.flow.Bulk().Slice()]
		if !w.wild {
			if err := w.flow.Bulk().Wait(ctx, len(data)); err != nil {
				return err
			}
		}
		if err := w.cust.SendBulk(ctx, wire.Piece{ID: 2, Data: data}); err != nil {
			return err
		}
	}
}

// presses has the rep press a button again and again, for so long.
func (w *world) presses(long time.Duration) {
	for end := time.Now().Add(long); time.Now().Before(end); {
		w.desk.pressed(w.screen.next())
		for _, down := range []bool{true, false} {
			w.edge++
			in := wire.Button{Seq: w.edge, Button: 1, Down: down, X: 1 << 15, Y: 1 << 15}
			if err := w.rep.SendInput(in); err != nil {
				w.t.Error(err)
				return
			}
		}
		time.Sleep(pressEvery)
	}
}

// change makes another path of the one between the two.
func (w *world) change(path sim.Link) {
	w.path = path
	w.network.Change(w.at(repAt), path)
	w.network.Change(w.at(customerAt), path)
}

// at is where the newest connection has its sockets.
func (w *world) at(p netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(p.Addr(), p.Port()+w.epochs)
}

// screen is the customer's, and Hands. A film plays on it, if there is one, and
// below it a lamp changes its colour whenever the button is pressed.
type screen struct {
	mu      sync.Mutex
	live    frame.Image
	base    []byte // what the film is made of
	pass    int
	taps    []*tap
	colour  uint32 // of the lamp
	planned uint32 // what it will be when all that was pressed has come
}

// tap is Screen: one viewer's sight of it.
type tap struct {
	s      *screen
	out    frame.Image
	damage []frame.Rect
	all    bool
	wake   chan struct{}
}

func newScreen() *screen {
	s := &screen{live: frame.New(wide, high+bar)}
	rng := rand.New(rand.NewPCG(1, 2))
	s.base = make([]byte, 4*wide*high)
	for i := 0; i < len(s.base); i += 4 {
		binary.LittleEndian.PutUint32(s.base[i:], -(rng.Uint32() & 1))
	}
	return s
}

// next is what the lamp will show after another press.
func (s *screen) next() uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.planned++
	return s.planned
}

func (s *screen) tapped() *tap {
	t := &tap{s: s, out: frame.New(wide, high+bar), wake: make(chan struct{}, 1)}
	s.taps = append(s.taps, t)
	return t
}

// changedLocked tells everybody who looks.
func (s *screen) changedLocked(r frame.Rect) {
	for _, t := range s.taps {
		t.damage = frame.Join(t.damage, r, 64)
		t.knockLocked()
	}
}

func (t *tap) knockLocked() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// plays shows a film: noise all over, every picture another.
func (s *screen) plays(ctx context.Context) error {
	tick := time.NewTicker(filmEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		s.mu.Lock()
		s.pass++
		// Two layers that slide over each other at different speeds: no part of
		// a picture was ever there before.
		one, two := s.pass*7919%len(s.base)&^7, s.pass*10007%len(s.base)&^7
		for i := 0; i < len(s.base); i += 8 {
			pixels := binary.LittleEndian.Uint64(s.base[(i+one)%len(s.base):]) ^ binary.LittleEndian.Uint64(s.base[(i+two)%len(s.base):])
			binary.LittleEndian.PutUint64(s.live.Pix[i:], pixels)
		}
		s.changedLocked(image.Rect(0, 0, wide, high))
		s.mu.Unlock()
	}
}

func (s *screen) lightLocked() {
	for y := lamp.Min.Y; y < lamp.Max.Y; y++ {
		row := s.live.Row(y, lamp.Min.X, lamp.Max.X)
		for i := 0; i < len(row); i += 4 {
			binary.LittleEndian.PutUint32(row[i:], s.colour)
		}
	}
}

// Button is Hands': the program under it takes its time.
func (s *screen) Button(_ uint8, down bool, _, _ int) error {
	if down {
		time.AfterFunc(answerAfter, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.colour++
			s.lightLocked()
			s.changedLocked(lamp)
		})
	}
	return nil
}

func (*screen) MoveTo(int, int) error            { return nil }
func (*screen) Wheel(_, _ int32, _, _ int) error { return nil }
func (*screen) Key(wire.Key) error               { return nil }
func (*screen) Type(string) error                { return nil }
func (*screen) Locks(wire.Locks) error           { return nil }
func (*screen) ReleaseAll() error                { return nil }

func (t *tap) Pick(uint8) { t.Refresh() }

func (t *tap) Refresh() {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.all = true
	t.knockLocked()
}

func (t *tap) Next(ctx context.Context) (frame.Update, error) {
	for {
		t.s.mu.Lock()
		if t.all || len(t.damage) > 0 {
			defer t.s.mu.Unlock()
			copy(t.out.Pix, t.s.live.Pix)
			u := frame.Update{Image: t.out, Area: t.out.Bounds(), Damage: t.damage, At: time.Now()}
			if t.all {
				u.Damage = []frame.Rect{t.out.Bounds()}
				u.Layout = []frame.Monitor{{ID: 1, Bounds: u.Area, Primary: true}}
			}
			t.damage, t.all = nil, false
			return u, nil
		}
		t.s.mu.Unlock()
		select {
		case <-t.wake:
		case <-ctx.Done():
			return frame.Update{}, ctx.Err()
		}
	}
}

// desk is the rep's: Painter and Sender.
type desk struct {
	w     *world
	takes time.Duration // to paint
	start time.Time

	mu    sync.Mutex
	keys  int // key frames asked for
	sent  []press
	light uint32
	lit   map[uint32]time.Duration // when the lamp was first seen so
	seen  []time.Duration          // when anything was painted
}

type press struct {
	colour uint32
	at     time.Duration
}

func (d *desk) pressed(colour uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, press{colour, time.Since(d.start)})
}

func (d *desk) Damage(img frame.Image, _ []frame.Rect) {
	time.Sleep(d.takes)
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Since(d.start)
	d.seen = append(d.seen, now)
	middle := lamp.Min.Add(lamp.Size().Div(2))
	if light := binary.LittleEndian.Uint32(img.Row(middle.Y, middle.X, middle.X+1)) & 0xffffff; light != d.light && light <= d.light+1000 {
		for c := d.light + 1; c <= light; c++ { // later ones show the earlier ones, too
			d.lit[c] = now
		}
		d.light = light
	}
}

func (*desk) Size(int, int)                 {}
func (*desk) Cursor(frame.Cursor)           {}
func (*desk) Pointer(uint8, uint16, uint16) {}

func (d *desk) say(m wire.Message) error {
	if p := d.w.rep; p != nil {
		_ = p.Send(wire.Packet{Body: m}) // a connection that is going is replaced
	}
	return nil
}

func (d *desk) Presented(n uint64) error { return d.say(&wire.Presented{Frame: n}) }
func (d *desk) Taken(n uint64) error     { return d.say(&wire.Taken{Pictures: n}) }

func (d *desk) AskKeyFrame() error {
	d.mu.Lock()
	d.keys++
	d.mu.Unlock()
	return d.say(&wire.Refresh{})
}

// delays are how long what was pressed took until it was seen, in order of
// size, of the presses between two times. One that never was counts as an hour.
func (d *desk) delays(from, to time.Duration) delays {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all delays
	for _, p := range d.sent {
		if p.at < from || p.at >= to {
			continue
		}
		took := time.Hour
		if at, ok := d.lit[p.colour]; ok {
			took = at - p.at
		}
		all = append(all, took)
	}
	slices.Sort(all)
	return all
}

type delays []time.Duration

// of is the delay that so many of a hundred keep.
func (d delays) of(percent int) time.Duration {
	if len(d) == 0 {
		return time.Hour
	}
	return d[(len(d)-1)*percent/100]
}

func (d delays) String() string {
	ms := func(t time.Duration) string { return fmt.Sprintf("%d", t.Milliseconds()) }
	return ms(d.of(50)) + "/" + ms(d.of(95)) + "/" + ms(d.of(100)) + " ms"
}
