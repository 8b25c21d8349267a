package watch

import (
	"context"
	"errors"
	"image"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/codec"
	"handrail/shared/frame"
	"handrail/shared/wire"
)

// slow is a decoder that takes a second for each slice, and draws the slice's
// first byte.
type slow struct{ pic frame.Image }

func (s *slow) Image() frame.Image { return s.pic }

func (s *slow) Decode(slice []byte) ([]frame.Rect, error) {
	time.Sleep(time.Second)
	switch slice[0] {
	case 0:
		return nil, codec.ErrMalformed
	case 255:
		return nil, codec.ErrNeedKey
	}
	s.pic.Pix[0] = slice[0]
	return []frame.Rect{image.Rect(0, 0, 1, 1)}, nil
}

// easel is Painter and Sender: it notes what is shown when.
type easel struct {
	start     time.Time
	takes     time.Duration
	shown     []byte
	at        []time.Duration
	pointed   []time.Duration
	presented []uint64
	asked     int
}

func (*easel) Size(int, int)       {}
func (*easel) Cursor(frame.Cursor) {}

func (e *easel) Damage(m frame.Image, _ []frame.Rect) {
	time.Sleep(e.takes)
	e.shown, e.at = append(e.shown, m.Pix[0]), append(e.at, time.Since(e.start))
}

func (e *easel) Pointer(uint8, uint16, uint16) { e.pointed = append(e.pointed, time.Since(e.start)) }
func (e *easel) Presented(n uint64) error      { e.presented = append(e.presented, n); return nil }
func (e *easel) Taken(uint64) error            { return nil }
func (e *easel) AskKeyFrame() error            { e.asked++; return nil }

// watched runs a Watch with a slow decoder until the test ends.
func watched(t *testing.T, takes time.Duration) (*Watch, *easel) {
	e := &easel{start: time.Now(), takes: takes}
	w := New(Config{Painter: e, Sender: e})
	w.dec = &slow{pic: frame.New(8, 8)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = w.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return w, e
}

func TestS08ThePointerDoesNotWaitForTheDecoder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, e := watched(t, 0)
		received := make(chan error)
		go func() { received <- w.Receive(wire.Slice{Seq: 1, Frame: 1, Last: true, Data: []byte{7}}) }()
		for seq := range uint64(5) {
			time.Sleep(100 * time.Millisecond)
			w.Pointer(wire.Pointer{Seq: seq + 1})
		}
		if err := <-received; err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		want := []time.Duration{100e6, 200e6, 300e6, 400e6, 500e6}
		if !slices.Equal(e.pointed, want) || !slices.Equal(e.shown, []byte{7}) {
			t.Errorf("pointers at %v, shown %v", e.pointed, e.shown)
		}
	})
}

// However painting and decoding fall together, the newest frame is painted in
// the end, and no frame before it is whole.
func TestTheNewestFrameIsPaintedHoweverTheTwoMeet(t *testing.T) {
	for takes := 500 * time.Millisecond; takes <= 3500*time.Millisecond; takes += 250 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			w, e := watched(t, takes)
			for i := range 9 {
				s := wire.Slice{Seq: uint64(i + 1), Frame: uint64(i/3 + 1), Last: i%3 == 2, Data: []byte{byte(i + 1)}}
				if err := w.Receive(s); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			for _, b := range e.shown {
				if b%3 != 0 {
					t.Errorf("a frame was shown in part: %v", e.shown)
				}
			}
			if n := len(e.shown); n == 0 || e.shown[n-1] != 9 || e.presented[n-1] != 3 {
				t.Errorf("painting takes %v: shown %v, presented %v", takes, e.shown, e.presented)
			}
		})
	}
}

// A slice that only ends its frame ends none that was lost.
func TestTheEndOfALostFrameShowsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, e := watched(t, 0)
		for i, c := range []struct {
			data []byte
			err  bool
		}{{[]byte{1}, false}, {[]byte{0}, true}, {nil, false}, {[]byte{255}, false}, {nil, false}} {
			err := w.Receive(wire.Slice{Seq: uint64(i + 1), Frame: uint64(i + 1), Last: true, Data: c.data})
			if errors.Is(err, ErrLost) != c.err {
				t.Errorf("slice %d: %v", i, err)
			}
			synctest.Wait()
		}
		if !slices.Equal(e.shown, []byte{1}) || e.asked != 1 {
			t.Errorf("shown %v, asked %d times", e.shown, e.asked)
		}
		if err := w.Receive(wire.Slice{Seq: 6, Frame: 9, Data: []byte{4}}); err != nil {
			t.Error(err)
		}
		if err := w.Receive(wire.Slice{Seq: 7, Frame: 9, Last: true}); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if !slices.Equal(e.shown, []byte{1, 4}) {
			t.Errorf("shown %v after the key frame", e.shown)
		}
	})
}

// nowhere paints nothing.
type nowhere struct{}

func (nowhere) Size(int, int)                    {}
func (nowhere) Damage(frame.Image, []frame.Rect) {}
func (nowhere) Cursor(frame.Cursor)              {}
func (nowhere) Pointer(uint8, uint16, uint16)    {}
func (nowhere) Presented(uint64) error           { return nil }
func (nowhere) AskKeyFrame() error               { return nil }
func (nowhere) Taken(uint64) error               { return nil }

// still is a decoder that has nothing to do: what remains is what this package
// costs.
type still struct {
	pic    frame.Image
	damage []frame.Rect
}

func (s *still) Image() frame.Image                  { return s.pic }
func (s *still) Decode([]byte) ([]frame.Rect, error) { return s.damage, nil }

func BenchmarkHandOver(b *testing.B) {
	for _, side := range []image.Point{{200, 200}, {1920, 1080}} {
		b.Run(side.String(), func(b *testing.B) {
			w := New(Config{Painter: nowhere{}, Sender: nowhere{}})
			w.dec = &still{frame.New(1920, 1080), []frame.Rect{{Max: side}}}
			b.ReportAllocs()
			seq := uint64(0)
			for b.Loop() {
				seq++
				_ = w.Receive(wire.Slice{Seq: seq, Frame: 1, Last: true, Data: []byte{1}})
				_ = w.paint()
			}
		})
	}
}
