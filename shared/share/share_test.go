package share

import (
	"context"
	"encoding/binary"
	"errors"
	"image"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/codec"
	"handrail/shared/flow"
	"handrail/shared/frame"
	"handrail/shared/wire"
)

// stage is a Screen that a test draws on.
type stage struct {
	mu      sync.Mutex
	live    frame.Image
	next    frame.Update // what was not delivered yet
	some    bool
	layout  []frame.Monitor
	monitor uint8
	err     error
	wake    chan struct{}
	out     frame.Image
	taken   int
}

func newStage(w, h int) *stage {
	return &stage{
		live: frame.New(w, h), wake: make(chan struct{}, 1),
		layout: []frame.Monitor{{ID: 1, Name: "one", Bounds: image.Rect(0, 0, w, h), Primary: true}},
	}
}

func (s *stage) change(f func(u *frame.Update)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.next)
	s.some = true
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// draw fills r with one colour, which is exact at once.
func (s *stage) draw(rng *rand.Rand, r frame.Rect) {
	colour, chosen := uint32(0), false
	s.fill(r, func(pixel []byte) {
		if !chosen { // here, where one goroutine at a time uses rng
			colour, chosen = rng.Uint32(), true
		}
		binary.LittleEndian.PutUint32(pixel, colour)
	})
}

// noise fills r with what no codec makes small, and may send nearly first.
func (s *stage) noise(rng *rand.Rand, r frame.Rect) {
	s.fill(r, func(pixel []byte) { binary.LittleEndian.PutUint32(pixel, rng.Uint32()) })
}

func (s *stage) fill(r frame.Rect, colour func(pixel []byte)) {
	s.change(func(u *frame.Update) {
		r = r.Intersect(s.live.Bounds())
		for y := r.Min.Y; y < r.Max.Y; y++ {
			row := s.live.Row(y, r.Min.X, r.Max.X)
			for i := 0; i < len(row); i += 4 {
				colour(row[i:])
			}
		}
		u.Damage = append(u.Damage, r)
	})
}

func (s *stage) Next(ctx context.Context) (frame.Update, error) {
	for {
		s.mu.Lock()
		if s.err != nil {
			defer s.mu.Unlock()
			return frame.Update{}, s.err
		}
		if s.some {
			defer s.mu.Unlock()
			s.taken++
			u := s.next
			s.next, s.some = frame.Update{}, false
			s.out = s.live.Clone()
			u.Image, u.Area, u.Monitor, u.At = s.out, s.out.Bounds(), s.monitor, time.Now()
			return u, nil
		}
		s.mu.Unlock()
		select {
		case <-s.wake:
		case <-ctx.Done():
			return frame.Update{}, ctx.Err()
		}
	}
}

func (s *stage) Pick(monitor uint8) {
	s.mu.Lock()
	s.monitor = monitor
	s.mu.Unlock()
	s.Refresh()
}

func (s *stage) Refresh() {
	s.change(func(u *frame.Update) {
		u.Layout, u.Damage = s.layout, []frame.Rect{s.live.Bounds()}
	})
}

func (s *stage) fail(err error) { s.change(func(*frame.Update) { s.err = err }) }

// viewer is Pictures, and shows what it gets.
type viewer struct {
	mu       sync.Mutex
	t        *testing.T
	dec      *codec.Decoder
	slices   []wire.Slice
	whole    []uint64 // frames that came whole
	cursors  []wire.Cursor
	pointers []wire.Pointer
	bytes    int
	err      error
	closed   bool
	present  func(uint64) // called for whole frames, if not nil
}

func newViewer(t *testing.T) *viewer {
	return &viewer{t: t, dec: codec.NewDecoder(codec.DefaultLimits(), nil)}
}

func (v *viewer) SendSlice(_ context.Context, s wire.Slice) error {
	v.mu.Lock()
	if v.closed {
		v.t.Error("a slice after Stop returned")
	}
	if v.err != nil {
		defer v.mu.Unlock()
		return v.err
	}
	if len(s.Data) > 0 {
		if _, err := v.dec.Decode(s.Data); err != nil {
			v.t.Error(err)
		}
	}
	v.bytes += len(s.Data)
	s.Data = nil
	v.slices = append(v.slices, s)
	present := v.present
	if s.Last {
		v.whole = append(v.whole, s.Frame)
	}
	v.mu.Unlock()
	if s.Last && present != nil {
		present(s.Frame)
	}
	return nil
}

func (v *viewer) SendCursor(_ context.Context, c wire.Cursor) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cursors = append(v.cursors, c)
	return nil
}

func (v *viewer) SendPointer(p wire.Pointer) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.pointers = append(v.pointers, p)
	return nil
}

func (v *viewer) image() frame.Image {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.dec.Image().Clone()
}

// newNoise is randomness that is the same each time.
func newNoise() *rand.Rand { return rand.New(rand.NewPCG(5, 6)) }

// run runs a Share until the test's bubble ends, for a viewer who takes in at
// once what was sent.
func run(t *testing.T, s *Share, p Pictures) (result <-chan error) {
	return runs(t, s, Viewer{Pictures: p})
}

func runs(t *testing.T, s *Share, to Viewer) (result <-chan error) {
	ctx, cancel := context.WithCancel(t.Context())
	out := make(chan error, 1)
	done := make(chan struct{})
	if to.Lane == nil {
		to = quick(to)
	}
	go func() { defer close(done); out <- s.Run(ctx, to) }()
	t.Cleanup(func() { cancel(); <-done })
	return out
}

// taker is Pictures to a viewer who takes in at once what was sent.
type taker struct {
	Pictures
	flow  *flow.Shared
	taken uint64
	away  bool // for the moment nothing is taken
}

func quick(to Viewer) Viewer {
	f := flow.New(nil)
	to.Pictures, to.Lane = &taker{Pictures: to.Pictures, flow: f}, f.Pictures()
	return to
}

func (p *taker) SendSlice(ctx context.Context, s wire.Slice) error {
	err := p.Pictures.SendSlice(ctx, s)
	p.taken += uint64(len(s.Data))
	if p.away {
		return err
	}
	p.flow.Taken(p.taken, 0)
	return err
}

func TestTheViewerEndsWithTheSamePicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		st, v := newStage(250, 150), newViewer(t)
		s := New(Config{Screen: st})
		v.present = s.Presented
		st.noise(rng, st.live.Bounds())
		run(t, s, v)
		for i := range 60 {
			x, y := rng.IntN(250), rng.IntN(150)
			st.noise(rng, image.Rect(x, y, x+rng.IntN(90), y+rng.IntN(90)))
			if i%7 == 0 {
				synctest.Wait()
			}
			if i == 30 {
				s.KeyFrame()
			}
			if i == 40 {
				st.change(func(u *frame.Update) { // the screen becomes smaller
					st.live = st.live.Sub(image.Rect(0, 0, 166, 111)).Clone()
					u.Damage = []frame.Rect{st.live.Bounds()}
				})
			}
		}
		time.Sleep(3 * time.Second) // of the bubble: everything has settled
		synctest.Wait()
		if !frame.Equal(v.image(), st.live) {
			t.Fatal("pictures differ")
		}
	})
}

// A viewer that shows nothing gets two frames and no more; when it shows them
// everything that changed meanwhile comes as one.
func TestASlowViewerGetsMergedFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		st, v := newStage(400, 300), newViewer(t)
		s := New(Config{Screen: st})
		run(t, s, v)
		for range 200 {
			st.draw(rng, image.Rect(100, 100, 140, 140))
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		v.mu.Lock()
		whole := append([]uint64(nil), v.whole...)
		v.mu.Unlock()
		if len(whole) != framesLeast {
			t.Fatalf("%d frames to a viewer that shows none", len(whole))
		}
		if st.taken > 140 {
			t.Errorf("captured %d times in 2 s for nobody", st.taken)
		}
		s.Presented(whole[1])
		synctest.Wait()
		if len(v.whole) != framesLeast+1 {
			t.Fatalf("%d frames after it caught up", len(v.whole))
		}
		if !frame.Equal(v.image(), st.live) {
			t.Fatal("the merged frame is not the newest picture")
		}
		if st := s.Stats(); st.Presented != 2 || st.Frames != 3 || st.Slices < 3 || st.Bytes == 0 {
			t.Errorf("stats %+v", st)
		}
	})
}

// A frame larger than the window must not wait for itself: what was taken makes
// room for its rest, and no more is on its way than the window holds.
func TestAFrameLargerThanTheWindowComesAsItIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, v, f := newStage(500, 400), newViewer(t), flow.New(nil)
		s := New(Config{Screen: st})
		st.noise(newNoise(), st.live.Bounds())
		runs(t, s, Viewer{Pictures: v, Lane: f.Pictures()})
		taken, rounds := 0, 0
		for sent := 1; taken < sent; {
			synctest.Wait()
			v.mu.Lock()
			if under := v.bytes - taken; under > f.Size()+sliceAim {
				t.Fatalf("%d bytes are on their way, with a window of %d", under, f.Size())
			}
			taken = min(v.bytes, taken+sliceAim)
			v.mu.Unlock()
			f.Taken(uint64(taken), 0)
			time.Sleep(time.Millisecond)
			synctest.Wait()
			v.mu.Lock()
			sent = v.bytes
			v.mu.Unlock()
			rounds++
		}
		if rounds < 4 || len(v.whole) == 0 {
			t.Fatalf("%d rounds, %d frames", rounds, len(v.whole))
		}
		for range 100 {
			s.Presented(1 << 40)
			time.Sleep(10 * time.Millisecond)
			synctest.Wait()
		}
		if !frame.Equal(v.image(), st.live) {
			t.Fatal("pictures differ")
		}
	})
}

func TestC06StopMeansNoSliceAfterwards(t *testing.T) {
	for range 15 {
		rng := rand.New(rand.NewPCG(7, 8))
		st, v := newStage(60, 40), newViewer(t)
		s := New(Config{Screen: st})
		sent := make(chan struct{}, 1)
		v.present = func(n uint64) {
			s.Presented(n)
			if n == 3 {
				sent <- struct{}{}
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			for ctx.Err() == nil {
				st.draw(rng, st.live.Bounds())
			}
		})
		var err error
		all.Go(func() { err = s.Run(ctx, quick(Viewer{Pictures: v})) })
		<-sent
		s.Stop()
		v.mu.Lock()
		v.closed = true
		v.mu.Unlock()
		for range 20 {
			st.draw(rng, st.live.Bounds())
			s.KeyFrame()
			s.Presented(1 << 40)
		}
		if again := s.Run(t.Context(), Viewer{Pictures: v}); !errors.Is(again, ErrStopped) {
			t.Fatalf("Run after Stop: %v", again)
		}
		cancel()
		all.Wait()
		if !errors.Is(err, ErrStopped) {
			t.Fatalf("Run ended with %v", err)
		}
	}
}

func TestRunSaysWhatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("gone")
		st := newStage(10, 10)
		result := run(t, New(Config{Screen: st}), newViewer(t))
		synctest.Wait()
		st.fail(gone)
		if err := <-result; !errors.Is(err, ErrScreen) || !errors.Is(err, gone) {
			t.Errorf("screen: %v", err)
		}
		v := newViewer(t)
		v.err = gone
		result = run(t, New(Config{Screen: newStage(10, 10)}), v)
		if err := <-result; !errors.Is(err, ErrSend) || !errors.Is(err, gone) {
			t.Errorf("pictures: %v", err)
		}
	})
}

func TestAnotherRunStartsWithEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, v := newStage(100, 100), newViewer(t)
		s := New(Config{Screen: st})
		st.draw(rand.New(rand.NewPCG(9, 9)), image.Rect(20, 20, 70, 70))
		for range 2 {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- s.Run(ctx, quick(Viewer{Pictures: v})) }()
			synctest.Wait()
			if !frame.Equal(v.image(), st.live) {
				t.Fatal("pictures differ")
			}
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			v.mu.Lock()
			v.dec = codec.NewDecoder(codec.DefaultLimits(), nil) // a new viewer
			v.mu.Unlock()
		}
		for i, n := range v.whole[1:] {
			if n <= v.whole[i] {
				t.Fatalf("frame numbers %v", v.whole)
			}
		}
	})
}

func TestLayoutIsToldWhenItChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type told struct {
			n     int
			shown uint8
		}
		var all []told
		st, v := newStage(100, 100), newViewer(t)
		s := New(Config{Screen: st, Layout: func(m []frame.Monitor, shown uint8) {
			all = append(all, told{len(m), shown})
		}})
		v.present = s.Presented
		run(t, s, v)
		synctest.Wait()
		s.KeyFrame() // delivers everything again, and is no change
		synctest.Wait()
		st.change(func(u *frame.Update) {
			st.layout = append(st.layout, frame.Monitor{ID: 2, Bounds: image.Rect(100, 0, 200, 100)})
			u.Layout = st.layout
		})
		synctest.Wait()
		s.Pick(2)
		synctest.Wait()
		want := []told{{1, 0}, {2, 0}, {2, 2}}
		if len(all) != 3 || all[0] != want[0] || all[1] != want[1] || all[2] != want[2] {
			t.Fatalf("told %v, want %v", all, want)
		}
	})
}

func TestS08PointerShapesTravelOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, v := newStage(10, 10), newViewer(t)
		s := New(Config{Screen: st})
		v.present = s.Presented
		run(t, s, v)
		show := func(id uint64) wire.Cursor {
			c := frame.Cursor{}
			if id != 0 {
				c = frame.Cursor{ID: id, W: 1, H: 1, Pix: []byte{1, 2, 3, 4}}
			}
			st.change(func(u *frame.Update) { u.Cursor = &c })
			synctest.Wait()
			v.mu.Lock()
			defer v.mu.Unlock()
			return v.cursors[len(v.cursors)-1]
		}
		for i, c := range []struct {
			id   uint64
			full bool
		}{{7, true}, {8, true}, {7, false}, {0, false}, {8, false}} {
			if got := show(c.id); got.ID != c.id || (got.Pix != nil) != c.full {
				t.Fatalf("step %d: %+v", i, got)
			}
		}
		for id := range uint64(cursorsKept) {
			show(100 + id)
		}
		if got := show(7); got.Pix == nil {
			t.Fatal("a shape that the viewer forgot came without its pixels")
		}
		s.KeyFrame()
		synctest.Wait()
		if got := show(7); got.Pix == nil {
			t.Fatal("a new viewer got no pixels")
		}
	})
}

func TestThePointerIsReportedUnlessTheViewerMovedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, v, h := newStage(200, 100), newViewer(t), &hands{}
		s := New(Config{Screen: st, Hands: h})
		v.present = s.Presented
		run(t, s, v)
		synctest.Wait()
		s.AllowControl(true)
		if err := s.Inject(wire.Move{X: 1 << 15, Y: 1 << 15}); err != nil {
			t.Fatal(err)
		}
		for _, p := range []image.Point{{100, 50}, {10, 20}, {500, 20}} {
			st.change(func(u *frame.Update) { u.Pointer, u.PointerMoved = p, true })
			synctest.Wait()
		}
		if len(v.pointers) != 1 || frame.Point(st.live.Bounds(), v.pointers[0].X, v.pointers[0].Y) != image.Pt(10, 20) {
			t.Fatalf("reported %+v", v.pointers)
		}
	})
}
