package share

import (
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/frame"
	"handrail/shared/wire"
)

// hands writes down what it is told.
type hands struct {
	mu    sync.Mutex
	calls []string
	dead  bool
	t     *testing.T
}

func (h *hands) note(format string, args ...any) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.dead {
		h.t.Errorf("input reached Hands: "+format, args...)
	}
	h.calls = append(h.calls, fmt.Sprintf(format, args...))
	return nil
}

// took is what was told since the last call.
func (h *hands) took() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := h.calls
	h.calls = nil
	return out
}

func (h *hands) MoveTo(x, y int) error { return h.note("move %d %d", x, y) }
func (h *hands) Button(n uint8, down bool, x, y int) error {
	return h.note("button %d %v %d %d", n, down, x, y)
}

func (h *hands) Wheel(dx, dy int32, x, y int) error {
	return h.note("wheel %d %d %d %d", dx, dy, x, y)
}
func (h *hands) Key(k wire.Key) error     { return h.note("key %d %v", k.Usage, k.Down) }
func (h *hands) Type(text string) error   { return h.note("type %s", text) }
func (h *hands) Locks(l wire.Locks) error { return h.note("locks %v", l.Caps) }
func (h *hands) ReleaseAll() error        { return h.note("release") }

// control runs a Share over two monitors of 1000 by 500, the second to the
// left of the first, with control allowed.
func control(t *testing.T) (*Share, *hands) {
	t.Helper()
	h := &hands{t: t}
	st := newStage(1000, 500)
	st.layout = []frame.Monitor{
		{ID: 1, Bounds: image.Rect(0, 0, 1000, 500), Primary: true},
		{ID: 2, Bounds: image.Rect(-1000, 100, 0, 600)},
	}
	s := New(Config{Screen: st, Hands: h})
	run(t, s, newViewer(t))
	synctest.Wait()
	s.AllowControl(true)
	return s, h
}

func inject(t *testing.T, s *Share, ins ...wire.Input) {
	t.Helper()
	for _, in := range ins {
		if err := s.Inject(in); err != nil {
			t.Fatal(err)
		}
	}
}

func expect(t *testing.T, h *hands, want ...string) {
	t.Helper()
	if got := h.took(); !slices.Equal(got, want) {
		t.Errorf("Hands were told %q, want %q", got, want)
	}
}

func TestInputBecomesPixelsOfItsMonitor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h := control(t)
		inject(
			t, s,
			wire.Move{Monitor: 1, X: 1 << 15, Y: 1 << 15},
			wire.Move{Monitor: 2, X: 0, Y: 65535},
			wire.Move{Monitor: 0, X: 1 << 15, Y: 0},
			wire.Move{Monitor: 3, X: 1, Y: 1}, // not there
			wire.Button{Seq: 1, Button: 1, Down: true, Monitor: 2, X: 65535, Y: 0},
			wire.Button{Seq: 2, Button: 1, Monitor: 2, X: 65535, Y: 0},
			wire.Wheel{Seq: 3, DY: -120, Monitor: 1},
			wire.Typed{Seq: 4, Text: "ä"},
			wire.Locks{Seq: 5, Caps: true},
			wire.Key{Seq: 6, Usage: 4, Down: true},
			wire.Release{Seq: 7},
		)
		expect(
			t, h,
			"move 500 250", "move -1000 599", "move 0 0", "button 1 true -1 100", "button 1 false -1 100",
			"wheel 0 -120 0 0", "type ä", "locks true", "key 4 true", "release",
		)
		if st := s.Stats(); st.Inputs != 10 || st.Refused != 1 {
			t.Errorf("%d inputs, %d refused", st.Inputs, st.Refused)
		}
	})
}

func TestMovesNeverPassEdges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h := control(t)
		at := func(after uint64, x uint16) wire.Move { return wire.Move{After: after, Monitor: 1, X: x * 66} }
		down := wire.Button{Seq: 1, Button: 1, Down: true, Monitor: 1, X: 660}
		up := wire.Button{Seq: 2, Button: 1, Monitor: 1, X: 6600}
		inject(t, s, at(0, 5), down, at(0, 6), at(1, 20))
		expect(t, h, "move 5 0", "button 1 true 10 0", "move 20 0")
		inject(t, s, at(0, 6), at(1, 30), up, at(1, 31), at(2, 160))
		expect(t, h, "move 30 0", "button 1 false 100 0", "move 161 0")
	})
}

// TestMovesFollowEdgesThatCameWhileNobodyListened takes control away and gives
// it back: the viewer counts on, and its pointer is followed at once.
func TestMovesFollowEdgesThatCameWhileNobodyListened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h := control(t)
		at := func(after uint64, x uint16) wire.Move { return wire.Move{After: after, Monitor: 1, X: x * 66} }
		key := func(seq uint64) wire.Key { return wire.Key{Seq: seq, Usage: 4, Down: seq%2 == 1} }
		inject(t, s, key(1), key(2))
		expect(t, h, "key 4 true", "key 4 false")
		s.AllowControl(false)
		inject(t, s, key(3), at(3, 5), key(4)) // refused, but heard
		s.AllowControl(true)
		h.took()
		inject(t, s, at(3, 6), at(4, 7), at(9, 8), at(8, 9)) // edges 5 to 9 were given to nobody
		expect(t, h, "move 7 0", "move 8 0")
	})
}

func TestC09WithoutControlNoInputReachesHands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(11, 12))
		s, h := control(t)
		any := func(seq uint64) wire.Input {
			switch rng.IntN(7) {
			case 0:
				return wire.Key{Seq: seq, Usage: uint16(rng.IntN(10)), Down: rng.IntN(2) == 0}
			case 1:
				return wire.Typed{Seq: seq, Text: "x"}
			case 2:
				return wire.Button{Seq: seq, Button: uint8(rng.IntN(6)), Down: rng.IntN(2) == 0, Monitor: uint8(rng.IntN(3))}
			case 3:
				return wire.Wheel{Seq: seq, DY: 1}
			case 4:
				return wire.Locks{Seq: seq}
			case 5:
				return wire.Release{Seq: seq}
			}
			return wire.Move{After: seq + uint64(rng.IntN(3)), X: 1}
		}
		// From several goroutines, while control is taken away.
		var all sync.WaitGroup
		for range 4 {
			seed := rng.Uint64()
			all.Go(func() {
				rng := rand.New(rand.NewPCG(seed, 0))
				for range 200 {
					_ = s.Inject(wire.Key{Usage: uint16(rng.IntN(10)), Down: rng.IntN(2) == 0})
				}
			})
		}
		s.AllowControl(false)
		h.mu.Lock()
		if last := h.calls[len(h.calls)-1]; last != "release" {
			t.Errorf("the last thing Hands were told is %q", last)
		}
		h.dead = true
		h.mu.Unlock()
		all.Wait()
		before := s.Stats().Refused
		for seq := range uint64(300) {
			inject(t, s, any(seq))
		}
		time.Sleep(10 * time.Second)
		if got := s.Stats().Refused - before; got != 300 {
			t.Errorf("%d refused of 300", got)
		}
	})
}

func TestS07NothingStaysPressedWhenTheViewerFallsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h := control(t)
		inject(t, s, wire.Key{Seq: 1, Usage: 224, Down: true}, wire.Button{Seq: 2, Button: 1, Down: true})
		h.took()
		for range 10 { // still there, only holding
			time.Sleep(time.Second)
			s.Heard()
		}
		expect(t, h)
		start := time.Now()
		time.Sleep(silence - time.Millisecond)
		synctest.Wait()
		expect(t, h)
		time.Sleep(time.Second)
		synctest.Wait()
		expect(t, h, "release")
		if d := time.Since(start); d > silence+time.Second {
			t.Errorf("released after %v", d)
		}
		// What we let go is not let go again; what comes new works.
		inject(t, s, wire.Key{Seq: 3, Usage: 224}, wire.Key{Seq: 4, Usage: 5, Down: true}, wire.Key{Seq: 5, Usage: 5})
		expect(t, h, "key 5 true", "key 5 false")
		time.Sleep(time.Minute)
		synctest.Wait()
		expect(t, h)
	})
}

func TestS07EverythingIsReleasedWhenRunEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h := control(t)
		inject(t, s, wire.Key{Seq: 1, Usage: 224, Down: true})
		s.Stop()
		expect(t, h, "key 224 true", "release")
		inject(t, s, wire.Key{Seq: 2, Usage: 4, Down: true})
		s.AllowControl(true) // allowed, but nobody would let go
		inject(t, s, wire.Key{Seq: 3, Usage: 4, Down: true})
		expect(t, h)
	})
}

func TestNobodyHasMoreFingers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h := control(t)
		for i := range 1000 {
			inject(t, s, wire.Key{Seq: uint64(i), Usage: uint16(i), Down: true})
		}
		if got := len(h.took()); got != most {
			t.Errorf("%d keys down", got)
		}
	})
}

func TestSlicesNameTheLastEdgeBeforeCapture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReins(&hands{t: t})
		s := &Share{reins: r}
		s.reins.allowed, s.reins.watched = true, true
		for seq := range uint64(200) {
			inject(t, s, wire.Typed{Seq: seq + 1})
			time.Sleep(time.Millisecond)
		}
		now := time.Now()
		for _, c := range []struct {
			ago  time.Duration
			want uint64
		}{{0, 200}, {1500 * time.Microsecond, 199}, {10500 * time.Microsecond, 190}, {time.Hour, 0}} {
			if got := s.reins.trail.seen(now.Add(-c.ago)); got != c.want {
				t.Errorf("%v ago: edge %d, want %d", c.ago, got, c.want)
			}
		}
	})
}

// slow are hands that take a minute to type.
type slow struct{ *hands }

func (h slow) Type(text string) error {
	time.Sleep(time.Minute)
	return h.hands.Type(text)
}

func TestThePictureGoesOnWhileATextIsTyped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(13, 14))
		st, v := newStage(100, 50), newViewer(t)
		s := New(Config{Screen: st, Hands: slow{&hands{t: t}}})
		v.present = s.Presented
		run(t, s, v)
		synctest.Wait()
		s.AllowControl(true)
		typed := make(chan struct{})
		go func() {
			defer close(typed)
			_ = s.Inject(wire.Typed{Seq: 1, Text: "x"})
		}()
		synctest.Wait()
		before := s.Stats().Frames
		for range 5 {
			st.draw(rng, image.Rect(0, 0, 100, 50))
			time.Sleep(time.Second)
		}
		if n := s.Stats().Frames - before; n != 5 {
			t.Errorf("%d frames of 5 while a text was typed", n)
		}
		<-typed
	})
}
