package share

import (
	"context"
	"errors"
	"image"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/flow"
	"handrail/shared/frame"
	"handrail/shared/wire"
)

// away is Pictures: it notes the slices of one connection, and fails after some.
type away struct {
	mu    sync.Mutex
	came  []wire.Slice
	fails int // after so many; 0: never
}

var errAway = errors.New("away")

func (a *away) SendSlice(_ context.Context, s wire.Slice) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fails > 0 && len(a.came) == a.fails {
		return errAway
	}
	a.came = append(a.came, s)
	return nil
}

func (*away) SendCursor(context.Context, wire.Cursor) error { return nil }
func (*away) SendPointer(wire.Pointer) error                { return nil }

func (a *away) took() []wire.Slice {
	synctest.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.came)
}

// epoch runs the Share over one connection until the function it returns is
// called.
func epoch(t *testing.T, s *Share, to Viewer) (end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Run(ctx, to) }()
	return func() { cancel(); <-done }
}

func numbers(all []wire.Slice) (seqs []uint64) {
	for _, s := range all {
		seqs = append(seqs, s.Seq)
	}
	return seqs
}

// What the viewer lacks of the last connection comes again as it was, and the
// picture goes on with it, wherever the connection broke.
func TestZ06ThePictureGoesOnOverABreak(t *testing.T) {
	for lacks := range 3 {
		synctest.Test(t, func(t *testing.T) {
			rng := newNoise()
			st := newStage(500, 400)
			s := New(Config{Screen: st})
			st.noise(rng, st.live.Bounds())
			first := &away{}
			end := epoch(t, s, Viewer{Pictures: first, Lane: flow.New(nil).Pictures()})
			sent := first.took()
			end()
			if len(sent) < 3 {
				t.Fatalf("%d slices fill the window", len(sent))
			}
			has := len(sent) - lacks
			v := newViewer(t)
			for _, slice := range sent[:has] {
				if err := v.SendSlice(t.Context(), slice); err != nil {
					t.Fatal(err)
				}
			}
			st.draw(rng, image.Rect(10, 10, 50, 50)) // nobody looks
			time.Sleep(time.Minute)
			if n := len(first.took()); n != len(sent) {
				t.Fatalf("%d slices were sent without a connection", n-len(sent))
			}

			second := &both{v: v}
			v.present = s.Presented
			runs(t, s, Viewer{Pictures: second, From: sent[has-1].Seq})
			time.Sleep(10 * time.Second)
			again := second.took()
			for i, slice := range sent[has:] {
				if got := again[i]; got.Seq != slice.Seq || got.Frame != slice.Frame || got.Last != slice.Last || !slices.Equal(got.Data, slice.Data) {
					t.Errorf("slice %d came again as %d, %d bytes", slice.Seq, got.Seq, len(got.Data))
				}
			}
			for i, seq := range numbers(again) {
				if want := sent[has-1].Seq + 1 + uint64(i); seq != want {
					t.Fatalf("slice %d where %d is next", seq, want)
				}
			}
			if !frame.Equal(v.image(), st.live) {
				t.Error("the pictures differ")
			}
		})
	}
}

// A connection may break while it takes a slice, whichever: the frame that ends
// with it has ended all the same, and the next ones follow.
func TestZ06ThePictureMovesOnAfterABreak(t *testing.T) {
	for takes := 1; takes <= 4; takes++ {
		synctest.Test(t, func(t *testing.T) {
			rng := newNoise()
			st, v := newStage(100, 100), newViewer(t)
			s := New(Config{Screen: st})
			v.present = s.Presented
			scribble := func() {
				for range 6 {
					st.draw(rng, image.Rect(10, 10, 26, 26))
					time.Sleep(time.Second)
				}
			}
			first := &both{away: away{fails: takes}, v: v}
			end := epoch(t, s, quick(Viewer{Pictures: first}))
			scribble() // nothing that would be made better later, which ends a frame, too
			sent := first.took()
			end()
			if len(sent) != takes {
				t.Fatalf("%d slices came, not %d", len(sent), takes)
			}
			second := &both{v: v}
			runs(t, s, quick(Viewer{Pictures: second, From: sent[takes-1].Seq}))
			scribble()
			if n := len(second.took()); n < 6 {
				t.Errorf("%d slices are all that came of six changes", n)
			}
			if !frame.Equal(v.image(), st.live) {
				t.Error("the pictures differ")
			}
		})
	}
}

// both is Pictures: a viewer, and notes of what came.
type both struct {
	away
	v *viewer
}

func (b *both) SendSlice(ctx context.Context, s wire.Slice) error {
	if err := b.away.SendSlice(ctx, s); err != nil {
		return err
	}
	return b.v.SendSlice(ctx, s)
}

// A viewer who lacks what is no longer there, or says what can't be, gets a key
// frame.
func TestAViewerWhoCannotGoOnGetsAKeyFrame(t *testing.T) {
	for name, from := range map[string]func(first, last uint64) uint64{
		"no picture":      func(_, _ uint64) uint64 { return 0 },
		"forgotten":       func(first, _ uint64) uint64 { return first },
		"never sent":      func(_, last uint64) uint64 { return last + 1 },
		"never even near": func(_, _ uint64) uint64 { return 1 << 60 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rng := newNoise()
				st := newStage(500, 400)
				s := New(Config{Screen: st})
				st.noise(rng, st.live.Bounds())
				first := &away{}
				end := epoch(t, s, quick(Viewer{Pictures: first})) // takes all at once
				time.Sleep(time.Second)
				sent := first.took()
				end()
				second := &both{v: newViewer(t)} // new: takes nothing but a key frame
				second.v.present = s.Presented
				runs(t, s, Viewer{Pictures: second, From: from(sent[0].Seq, sent[len(sent)-1].Seq)})
				time.Sleep(10 * time.Second)
				if got := numbers(second.took()); got[0] != sent[len(sent)-1].Seq+1 {
					t.Errorf("the numbers go on with %d after %d", got[0], sent[len(sent)-1].Seq)
				}
				if !frame.Equal(second.v.image(), st.live) {
					t.Error("the pictures differ")
				}
			})
		})
	}
}

// A connection that fails while what the last one lost is being sent again
// loses nothing either.
func TestZ06OneBreakAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := newNoise()
		st, v := newStage(500, 400), newViewer(t)
		s := New(Config{Screen: st})
		st.noise(rng, st.live.Bounds())
		first := &away{}
		end := epoch(t, s, Viewer{Pictures: first, Lane: flow.New(nil).Pictures()})
		sent := first.took()
		end()
		_ = v.SendSlice(t.Context(), sent[0])
		for range 3 { // each lets one slice through
			short := &away{fails: 1}
			end := epoch(t, s, Viewer{Pictures: short, Lane: flow.New(nil).Pictures(), From: sent[0].Seq})
			if got := numbers(short.took()); !slices.Equal(got, []uint64{sent[1].Seq}) {
				t.Fatalf("slices %v came", got)
			}
			end()
		}
		last := &both{v: v}
		v.present = s.Presented
		runs(t, s, Viewer{Pictures: last, From: sent[0].Seq})
		time.Sleep(10 * time.Second)
		if got := numbers(last.took()); got[0] != sent[1].Seq {
			t.Errorf("it goes on with %d after %d", got[0], sent[0].Seq)
		}
		if !frame.Equal(v.image(), st.live) {
			t.Error("the pictures differ")
		}
	})
}

// While there is no connection nothing is captured and nothing injected, and
// all that was pressed is let go.
func TestZ06NothingIsDoneWithoutAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, h := newStage(100, 100), &hands{t: t}
		s := New(Config{Screen: st, Hands: h})
		end := epoch(t, s, quick(Viewer{Pictures: &away{}}))
		synctest.Wait()
		s.AllowControl(true)
		inject(t, s, wire.Key{Seq: 1, Usage: 4, Down: true})
		end()
		if got := h.took(); !slices.Equal(got, []string{"key 4 true", "release"}) {
			t.Errorf("hands did %v, want a press and all released", got)
		}
		captured := st.taken
		inject(t, s, wire.Key{Seq: 2, Usage: 5, Down: true})
		st.draw(newNoise(), st.live.Bounds())
		time.Sleep(time.Minute)
		if got := h.took(); len(got) != 0 || st.taken != captured {
			t.Errorf("without a connection hands did %v, %d captures", got, st.taken-captured)
		}
	})
}

// The session's next Share counts on, so that no number means two things.
func TestTheNextShareCountsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(100, 100)
		s := New(Config{Screen: st})
		first := &away{}
		end := epoch(t, s, quick(Viewer{Pictures: first}))
		sent := first.took()
		end()
		s.Stop()
		last := sent[len(sent)-1]
		if n := s.Numbers(); n.Slice != last.Seq || n.Frame != last.Frame {
			t.Fatalf("numbers %+v after slice %d of frame %d", n, last.Seq, last.Frame)
		}
		next := New(Config{Screen: newStage(100, 100), After: s.Numbers()})
		second := &both{v: newViewer(t)}
		runs(t, next, Viewer{Pictures: second, From: last.Seq}) // and begins with a key frame all the same
		if got := second.took(); len(got) == 0 || got[0].Seq != last.Seq+1 || got[0].Frame != last.Frame+1 {
			t.Errorf("the next begins with %+v", got)
		}
	})
}
