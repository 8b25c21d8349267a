package share

import (
	"context"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/codec"
	"handrail/shared/flow"
	"handrail/shared/frame"
	"handrail/shared/wire"
)

// sharpWithin is the promise of S06.
const sharpWithin = 500 * time.Millisecond

// far is Pictures: a link of so many bytes a second, and a viewer who is so
// far away.
type far struct {
	t       *testing.T
	rate    int
	delay   time.Duration
	present func(uint64)
	flow    *flow.Shared
	taken   uint64

	under chan parcel // on their way

	mu    sync.Mutex
	dec   *codec.Decoder
	bytes int
}

type parcel struct {
	slice   wire.Slice
	arrives time.Time
}

func newFar(t *testing.T, rate int, delay time.Duration) *far {
	f := &far{
		t: t, rate: rate, delay: delay, under: make(chan parcel, 1000),
		dec: codec.NewDecoder(codec.DefaultLimits(), nil),
	}
	f.flow = flow.New(f)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { f.receive(ctx) })
	t.Cleanup(func() { cancel(); all.Wait() })
	return f
}

// Round is flow.Meter's: nothing queues on the way.
func (f *far) Round() (least, latest, smoothed time.Duration, congestion uint64) {
	return 2 * f.delay, 2 * f.delay, 2 * f.delay, 0
}

func (f *far) viewer() Viewer { return Viewer{Pictures: f, Lane: f.flow.Pictures()} }

// SendSlice takes as long as the link does.
func (f *far) SendSlice(ctx context.Context, s wire.Slice) error {
	s.Data = slices.Clone(s.Data)
	timer := time.NewTimer(time.Second * time.Duration(len(s.Data)+40) / time.Duration(f.rate))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	f.under <- parcel{s, time.Now().Add(f.delay)}
	return nil
}

func (f *far) SendCursor(context.Context, wire.Cursor) error { return nil }
func (f *far) SendPointer(wire.Pointer) error                { return nil }

// receive is the viewer.
func (f *far) receive(ctx context.Context) {
	for {
		select {
		case p := <-f.under:
			time.Sleep(time.Until(p.arrives))
			f.mu.Lock()
			if len(p.slice.Data) > 0 {
				if _, err := f.dec.Decode(p.slice.Data); err != nil {
					f.t.Error(err)
				}
			}
			f.bytes += len(p.slice.Data)
			f.mu.Unlock()
			f.taken += uint64(len(p.slice.Data))
			taken := f.taken
			time.AfterFunc(f.delay, func() { f.flow.Taken(taken, 0) })
			if p.slice.Last {
				time.AfterFunc(f.delay, func() { f.present(p.slice.Frame) })
			}
		case <-ctx.Done():
			return
		}
	}
}

func (f *far) took() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bytes
}

// scene is a screen that knows when each part of it last changed.
type scene struct {
	*stage
	changed []time.Time // of the squares of side cellSide
	across  int
}

func newScene(w, h int) *scene {
	across := (w + cellSide - 1) / cellSide
	return &scene{newStage(w, h), make([]time.Time, across*((h+cellSide-1)/cellSide)), across}
}

// paint draws r by asking for each pixel.
func (s *scene) paint(r frame.Rect, colour func(x, y int) (r, g, b byte)) {
	s.change(func(u *frame.Update) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			row := s.live.Row(y, r.Min.X, r.Max.X)
			for x := range r.Dx() {
				row[4*x+2], row[4*x+1], row[4*x] = colour(x, y-r.Min.Y)
			}
		}
		u.Damage = append(u.Damage, r)
	})
	now := time.Now()
	for i := range s.changed {
		if s.square(i).Overlaps(r) {
			s.changed[i] = now
		}
	}
}

func (s *scene) square(i int) frame.Rect {
	at := image.Pt(i%s.across, i/s.across).Mul(cellSide)
	return frame.Rect{Min: at, Max: at.Add(image.Pt(cellSide, cellSide))}.Intersect(s.live.Bounds())
}

// photo is a picture like those of a camera: soft shapes with grain.
func photo(rng *rand.Rand) func(x, y int) (r, g, b byte) {
	var wave [6][4]float64
	for i := range wave {
		wave[i] = [4]float64{rng.Float64() * 0.09, rng.Float64() * 0.09, rng.Float64() * 6, 10 + 40*rng.Float64()}
	}
	return func(x, y int) (r, g, b byte) {
		v := 128.0
		for _, w := range wave {
			v += w[3] * math.Sin(w[0]*float64(x)+w[1]*float64(y)+w[2])
		}
		clamp := func(v float64) byte { return byte(min(max(v+float64(rng.IntN(7)), 0), 255)) }
		return clamp(v), clamp(v*0.8 + 20), clamp(220 - v*0.7)
	}
}

// glyph is a letter of a text.
func glyph(rng *rand.Rand) func(x, y int) (r, g, b byte) {
	bits := rng.Uint64()
	return func(x, y int) (r, g, b byte) {
		if bits>>((x/2+y/2*4)%64)&1 == 1 {
			return 20, 20, 40
		}
		return 250, 250, 250
	}
}

// plain is paper.
func plain(int, int) (r, g, b byte) { return 250, 250, 250 }

// check compares the squares that have been still for long enough, and counts
// those that have not and are only nearly right.
func (s *scene) check(f *far) (compared, nearly int) {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	now, got := time.Now(), f.dec.Image()
	for i, at := range s.changed {
		r := s.square(i)
		switch equal := frame.Equal(got.Sub(r), s.live.Sub(r)); {
		case now.Sub(at) < sharpWithin:
			if !equal && now.Sub(at) > 80*time.Millisecond { // it has arrived
				nearly++
			}
		case !equal:
			f.t.Fatalf("%v after it stopped changing, %v is not exact", now.Sub(at), r)
		default:
			compared++
		}
	}
	return compared, nearly
}

// TestS06WhatIsStillIsExact proves S06 by comparing screens: whatever happens
// on it, every part of the viewer's picture equals the screen 500 ms after it
// stopped changing there, on links that can carry that much.
func TestS06WhatIsStillIsExact(t *testing.T) {
	for _, c := range []struct {
		name  string
		rate  int // bytes a second
		delay time.Duration
	}{
		{"in the house", 12 << 20, time.Millisecond},
		{"over the country", 2 << 20, 20 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { staysExact(t, c.rate, c.delay) })
		})
	}
}

func staysExact(t *testing.T, rate int, delay time.Duration) {
	rng := rand.New(rand.NewPCG(6, 6))
	st, f := newScene(640, 400), newFar(t, rate, delay)
	s := New(Config{Screen: st, Hands: &hands{t: t}})
	f.present = s.Presented
	st.paint(st.live.Bounds(), plain)
	runs(t, s, f.viewer())
	s.AllowControl(true)
	compared, nearly, seq := 0, 0, uint64(0)
	step := 20 * time.Millisecond
	for i := range 400 { // eight seconds
		switch {
		case i%10 == 3: // somebody types all the time
			seq++
			inject(t, s, wire.Key{Seq: seq, Usage: 4, Down: true}, wire.Key{Seq: seq + 1, Usage: 4})
			seq++
			x := 10 + i%300*2
			st.paint(image.Rect(x, 10, x+9, 26), glyph(rng))
		case i == 40, i == 60, i == 61: // photographs appear
			st.paint(image.Rect(20+i, 50, 150+i, 150), photo(rng))
		case i == 111: // and one more beside a film
			st.paint(image.Rect(20, 200, 140, 300), photo(rng))
		case i > 100 && i < 160 && i%2 == 0: // which plays for more than a second
			st.paint(image.Rect(350, 60, 478, 156), photo(rng))
		case i == 201: // a text over half of a photograph
			for x := range 8 {
				st.paint(image.Rect(60+9*x, 100, 69+9*x, 116), glyph(rng))
			}
		case i == 260: // and everything goes
			st.paint(image.Rect(0, 40, 640, 400), plain)
		case i == 300:
			st.paint(image.Rect(100, 200, 260, 320), photo(rng))
		}
		time.Sleep(step)
		synctest.Wait()
		c, n := st.check(f)
		compared, nearly = compared+c, nearly+n
	}
	time.Sleep(sharpWithin)
	synctest.Wait()
	if n, _ := st.check(f); n != len(st.changed) || !frame.Equal(f.dec.Image(), st.live) {
		t.Fatal("the pictures differ at the end")
	}
	if compared < 50000 || nearly < 100 {
		t.Errorf("%d squares were compared, %d were nearly right for a while: nothing is proven", compared, nearly)
	}
	before := f.took()
	time.Sleep(time.Minute)
	synctest.Wait()
	if n := f.took() - before; n != 0 {
		t.Errorf("%d bytes were sent of a screen that is exact and still", n)
	}
}

// TestS05PhotographsAreAsTheProfileSays: in 16 and 8 bit a photograph stays
// nearly right, text is exact all the same; chosen anew, it becomes exact
// though nothing changes.
func TestS05PhotographsAreAsTheProfileSays(t *testing.T) {
	for _, p := range []wire.Profile{wire.Profile16, wire.Profile8} {
		synctest.Test(t, func(t *testing.T) {
			rng := newNoise()
			st, f := newScene(640, 400), newFar(t, 2<<20, 20*time.Millisecond)
			s := New(Config{Screen: st})
			f.present = s.Presented
			s.Look(p)
			st.paint(st.live.Bounds(), plain)
			runs(t, s, f.viewer())
			time.Sleep(time.Second)
			picture, text := image.Rect(100, 100, 300, 260), image.Rect(400, 32, 409, 48)
			st.paint(picture, photo(rng))
			st.paint(text, glyph(rng))
			exact := func(r frame.Rect) bool {
				synctest.Wait()
				f.mu.Lock()
				defer f.mu.Unlock()
				return frame.Equal(f.dec.Image().Sub(r), st.live.Sub(r))
			}
			time.Sleep(time.Minute)
			if exact(picture) || !exact(text) {
				t.Errorf("profile %d: photograph exact %v, text exact %v", p, exact(picture), exact(text))
			}
			s.Look(wire.Profile32)
			time.Sleep(sharpWithin)
			if !exact(st.live.Bounds()) {
				t.Errorf("profile %d: not exact after 32 bit was chosen", p)
			}
		})
	}
}
