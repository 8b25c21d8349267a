package watch_test

import (
	"context"
	"encoding/binary"
	"errors"
	"image"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/codec"
	"handrail/shared/flow"
	"handrail/shared/frame"
	"handrail/shared/share"
	"handrail/shared/watch"
	"handrail/shared/wire"
)

// canvas is a Painter. It may take its time.
type canvas struct {
	mu       sync.Mutex
	t        *testing.T
	pic      frame.Image
	paints   int
	cursors  []frame.Cursor
	pointers [][3]uint16
	takes    time.Duration
	broken   bool // a picture was not of one colour; see oneColour
	one      bool
}

func (c *canvas) Size(w, h int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pic = frame.New(w, h)
}

func (c *canvas) Damage(img frame.Image, rects []frame.Rect) {
	before := img.Clone()
	time.Sleep(c.takes)
	if !frame.Equal(before, img) {
		c.t.Error("the picture changed while it was painted")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.one {
		for i := 0; i < len(img.Pix); i += 4 {
			c.broken = c.broken || img.Pix[i] != img.Pix[0]
		}
	}
	for _, r := range rects {
		frame.Copy(c.pic, img, r)
	}
	c.paints++
}

func (c *canvas) Cursor(s frame.Cursor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cursors = append(c.cursors, s)
}

func (c *canvas) Pointer(monitor uint8, x, y uint16) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pointers = append(c.pointers, [3]uint16{uint16(monitor), x, y})
}

func (c *canvas) shows(m frame.Image) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return frame.Equal(c.pic, m)
}

// word is a Sender.
type word struct {
	mu        sync.Mutex
	presented []uint64
	asked     int
	taken     uint64
	tell      func(uint64)
	took      func(uint64)
	ask       func()
}

func (w *word) Presented(frame uint64) error {
	w.mu.Lock()
	w.presented = append(w.presented, frame)
	tell := w.tell
	w.mu.Unlock()
	if tell != nil {
		tell(frame)
	}
	return nil
}

func (w *word) Taken(bytes uint64) error {
	w.mu.Lock()
	w.taken = bytes
	took := w.took
	w.mu.Unlock()
	if took != nil {
		took(bytes)
	}
	return nil
}

func (w *word) AskKeyFrame() error {
	w.mu.Lock()
	w.asked++
	ask := w.ask
	w.mu.Unlock()
	if ask != nil {
		ask()
	}
	return nil
}

// begin runs something until the test's bubble ends.
func begin(t *testing.T, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

// sender encodes pictures for a Watch by hand.
type sender struct {
	enc    *codec.Encoder
	number uint64
	slice  uint64
}

func (s *sender) send(t *testing.T, w *watch.Watch, pic frame.Image, damage frame.Rect) {
	t.Helper()
	if s.enc == nil {
		s.enc = codec.NewEncoder(nil)
		s.enc.Resize(pic.W, pic.H)
	}
	s.enc.Damage(damage)
	s.number++
	for s.enc.Pending() {
		data := s.enc.Encode(nil, pic, 2000, time.Time{})
		s.slice++
		if err := w.Receive(wire.Slice{Seq: s.slice, Frame: s.number, Last: !s.enc.Pending(), Data: data}); err != nil {
			t.Fatal(err)
		}
	}
}

// paint fills r with one colour, which is exact at once.
func paint(rng *rand.Rand, m frame.Image, r frame.Rect) {
	colour := rng.Uint32()
	r = r.Intersect(m.Bounds())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := m.Row(y, r.Min.X, r.Max.X)
		for i := 0; i < len(row); i += 4 {
			binary.LittleEndian.PutUint32(row[i:], colour)
		}
	}
}

// noise fills r with what may be sent nearly first.
func noise(rng *rand.Rand, m frame.Image, r frame.Rect) {
	r = r.Intersect(m.Bounds())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := m.Row(y, r.Min.X, r.Max.X)
		for i := range row {
			row[i] = byte(rng.Uint32())
		}
	}
}

func TestWhatArrivesIsPaintedAndSaidToBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 1))
		c, back := &canvas{t: t}, &word{}
		w := watch.New(watch.Config{Painter: c, Sender: back})
		begin(t, w.Run)
		if got := w.Snapshot(); got.W != 0 {
			t.Errorf("a snapshot before any picture: %v", got.Bounds())
		}
		pic := frame.New(300, 200)
		var s sender
		for range 20 {
			x, y := rng.IntN(300), rng.IntN(200)
			r := image.Rect(x, y, x+50, y+50)
			paint(rng, pic, r)
			s.send(t, w, pic, r)
			synctest.Wait()
			if !c.shows(pic) || !frame.Equal(w.Snapshot(), pic) {
				t.Fatal("the canvas shows something else")
			}
			if last := back.presented[len(back.presented)-1]; last != s.number {
				t.Fatalf("presented %d, sent %d", last, s.number)
			}
		}
	})
}

func TestASlowPainterMergesFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, back := &canvas{t: t, takes: time.Second, one: true}, &word{}
		w := watch.New(watch.Config{Painter: c, Sender: back})
		begin(t, w.Run)
		pic := frame.New(100, 100)
		var s sender
		for i := range 50 {
			for k := range pic.Pix {
				pic.Pix[k] = byte(i + 1)
			}
			s.send(t, w, pic, pic.Bounds())
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if c.paints < 3 || c.paints > 8 {
			t.Errorf("painted %d times", c.paints)
		}
		if c.broken {
			t.Error("a frame was painted in part")
		}
		if !c.shows(pic) || back.presented[len(back.presented)-1] != s.number {
			t.Error("the newest frame was not painted")
		}
		if !slices.IsSorted(back.presented) || len(back.presented) != c.paints {
			t.Errorf("presented %v in %d paintings", back.presented, c.paints)
		}
		if st := w.Stats(); st.Frames != 50 || st.Painted != uint64(c.paints) || st.Paint < 3*time.Second {
			t.Errorf("stats %+v", st)
		}
	})
}

func TestALostPictureStaysOnTheScreenUntilAKeyFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(2, 2))
		c, back := &canvas{t: t}, &word{}
		w := watch.New(watch.Config{Painter: c, Sender: back})
		begin(t, w.Run)
		pic := frame.New(100, 100)
		paint(rng, pic, pic.Bounds())
		var s sender
		s.send(t, w, pic, pic.Bounds())
		synctest.Wait()
		good := pic.Clone()

		if err := w.Receive(wire.Slice{Seq: s.slice + 1, Frame: 2, Last: true, Data: []byte{0, 0, 0, 1, 2, 3, 0, 9}}); !errors.Is(err, watch.ErrLost) {
			t.Fatalf("got %v", err)
		}
		paint(rng, pic, pic.Bounds())
		s.enc.Damage(pic.Bounds())
		for s.enc.Pending() { // on its way already
			s.slice++
			if err := w.Receive(wire.Slice{Seq: s.slice + 1, Frame: 3, Last: !s.enc.Pending(), Data: s.enc.Encode(nil, pic, 2000, time.Time{})}); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		s.slice++ // that of the malformed one
		if back.asked != 1 {
			t.Errorf("asked %d times", back.asked)
		}
		if !c.shows(good) || !frame.Equal(w.Snapshot(), good) {
			t.Error("the last good picture is gone")
		}
		s.enc.KeyFrame()
		s.send(t, w, pic, pic.Bounds())
		synctest.Wait()
		if !c.shows(pic) {
			t.Error("the key frame did not heal")
		}
	})
}

// The picture goes on over a break with the slices that follow what Seen says,
// whatever else was on its way when the connection ended.
func TestThePictureGoesOnWithTheNextSlice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 3))
		c, back := &canvas{t: t}, &word{}
		w := watch.New(watch.Config{Painter: c, Sender: back})
		begin(t, w.Run)
		if w.Seen() != 0 {
			t.Error("a slice was seen before any came")
		}
		pic := frame.New(80, 60)
		var s sender
		for range 3 {
			paint(rng, pic, pic.Bounds())
			s.send(t, w, pic, pic.Bounds())
			if w.Seen() != s.slice {
				t.Fatalf("seen %d of %d", w.Seen(), s.slice)
			}
			w.Linked()
			synctest.Wait()
		}
		if !c.shows(pic) || back.asked != 0 || !slices.Equal(back.presented, []uint64{1, 2, 3}) {
			t.Errorf("asked %d, presented %v", back.asked, back.presented)
		}
	})
}

// A slice that doesn't follow the last one is useless, and what follows it is,
// until a key frame comes, of whatever number.
func TestASliceThatIsMissingLosesThePicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 3))
		c, back := &canvas{t: t}, &word{}
		w := watch.New(watch.Config{Painter: c, Sender: back})
		begin(t, w.Run)
		pic := frame.New(80, 60)
		var s sender
		paint(rng, pic, pic.Bounds())
		s.send(t, w, pic, pic.Bounds())
		for i, seq := range []uint64{s.slice + 2, s.slice + 3, 1} {
			err := w.Receive(wire.Slice{Seq: seq, Frame: 2, Last: true, Data: []byte{0}})
			if (i == 0) != errors.Is(err, watch.ErrLost) {
				t.Errorf("slice %d: %v", i, err)
			}
			if w.Seen() != 0 {
				t.Errorf("slice %d is said to be seen", i)
			}
		}
		w.Linked()
		if w.Seen() != 0 || back.asked != 1 {
			t.Errorf("seen %d, asked %d", w.Seen(), back.asked)
		}
		s.slice, s.number = 70, 70
		s.enc.KeyFrame()
		paint(rng, pic, pic.Bounds())
		s.send(t, w, pic, pic.Bounds())
		synctest.Wait()
		if !c.shows(pic) || w.Seen() != s.slice {
			t.Error("the key frame did not heal")
		}
	})
}

// What was taken is counted anew on each connection, what is lost included, or
// the sender would believe for ever that it is on its way.
func TestBytesAreTakenWhateverBecomesOfThem(t *testing.T) {
	back := &word{}
	w := watch.New(watch.Config{Painter: &canvas{t: t}, Sender: back})
	junk := make([]byte, 3000)
	for i, want := range []uint64{0, 6000, 6000, 12000, 0, 6000} {
		if i == 4 {
			w.Linked()
			back.taken = 0
			continue
		}
		if i == 5 {
			_ = w.Receive(wire.Slice{Seq: 90, Frame: 9, Data: junk})
		}
		_ = w.Receive(wire.Slice{Seq: 100, Frame: 9, Data: junk})
		if back.taken != want {
			t.Errorf("after slice %d: taken %d, want %d", i, back.taken, want)
		}
	}
}

func TestS08PointerIsShownFromWhatIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &canvas{t: t}
		w := watch.New(watch.Config{Painter: c, Sender: &word{}})
		begin(t, w.Run)
		pix := []byte{1, 2, 3, 255}
		for _, step := range []wire.Cursor{
			{ID: 5, W: 1, H: 1, Pix: pix},
			{ID: 6, W: 1, H: 1, Pix: pix},
			{ID: 5, W: 1, H: 1},
			{ID: 9, W: 1, H: 1},           // never seen
			{ID: 9, W: 9, H: 9, Pix: pix}, // impossible
			{},
		} {
			w.Cursor(step)
			synctest.Wait()
		}
		pix[0] = 77 // the buffer is used again
		var ids []uint64
		for _, s := range c.cursors {
			ids = append(ids, s.ID)
			if s.ID != 0 && (len(s.Pix) != 4 || s.Pix[0] != 1) {
				t.Errorf("shape %+v", s)
			}
		}
		if !slices.Equal(ids, []uint64{5, 6, 5, 0}) {
			t.Errorf("shapes %v", ids)
		}
		for _, seq := range []uint64{1, 3, 2, 4} {
			w.Pointer(wire.Pointer{Seq: seq, Monitor: 1, X: uint16(seq)})
			synctest.Wait()
		}
		if want := [][3]uint16{{1, 1, 0}, {1, 3, 0}, {1, 4, 0}}; !slices.Equal(c.pointers, want) {
			t.Errorf("pointers %v, want %v", c.pointers, want)
		}
	})
}

// desk is a Screen on which a goroutine scribbles.
type desk struct {
	mu     sync.Mutex
	live   frame.Image
	out    frame.Image
	damage []frame.Rect
	all    bool
	wake   chan struct{}
}

func (d *desk) knock() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *desk) Refresh() {
	d.mu.Lock()
	d.all = true
	d.mu.Unlock()
	d.knock()
}

func (d *desk) Pick(uint8) { d.Refresh() }

func (d *desk) Next(ctx context.Context) (frame.Update, error) {
	for {
		d.mu.Lock()
		if d.all || len(d.damage) > 0 {
			defer d.mu.Unlock()
			d.out = d.live.Clone()
			u := frame.Update{Image: d.out, Area: d.out.Bounds(), Damage: d.damage, At: time.Now()}
			if d.all {
				u.Damage = []frame.Rect{d.out.Bounds()}
				u.Layout = []frame.Monitor{{ID: 1, Bounds: u.Area, Primary: true}}
			}
			d.damage, d.all = nil, false
			return u, nil
		}
		d.mu.Unlock()
		select {
		case <-d.wake:
		case <-ctx.Done():
			return frame.Update{}, ctx.Err()
		}
	}
}

// wireLine carries slices from a Share.
type wireLine struct{ slices chan wire.Slice }

func (l *wireLine) SendSlice(ctx context.Context, s wire.Slice) error {
	s.Data = slices.Clone(s.Data)
	select {
	case l.slices <- s:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *wireLine) SendCursor(context.Context, wire.Cursor) error { return nil }
func (l *wireLine) SendPointer(wire.Pointer) error                { return nil }

// Share and watch, joined by a slow line that loses its way now and then, with
// a slow painter: at the end both show the same.
func TestShareAndWatchEndEqual(t *testing.T) {
	for seed := range uint64(8) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 4))
			d := &desk{live: frame.New(1+rng.IntN(200), 1+rng.IntN(150)), wake: make(chan struct{}, 1)}
			line := &wireLine{slices: make(chan wire.Slice, 4)}
			back := &word{}
			c := &canvas{t: t, takes: time.Duration(rng.IntN(30)) * time.Millisecond}
			w := watch.New(watch.Config{Painter: c, Sender: back})
			s := share.New(share.Config{Screen: d})
			f := flow.New(nil)
			back.tell, back.ask = s.Presented, s.KeyFrame
			back.took = func(n uint64) { f.Taken(n, 0) }
			begin(t, w.Run)
			begin(t, func(ctx context.Context) error {
				return s.Run(ctx, share.Viewer{Pictures: line, Lane: f.Pictures()})
			})
			begin(t, func(ctx context.Context) error {
				rng := rand.New(rand.NewPCG(seed, 5))
				for n := 0; ; n++ {
					select {
					case slice := <-line.slices:
						time.Sleep(time.Duration(rng.IntN(10)) * time.Millisecond)
						if n < 100 && rng.IntN(20) == 0 && len(slice.Data) > 0 {
							slice.Data[0] |= 0x80
						}
						_ = w.Receive(slice) // asks for a key frame by itself
					case <-ctx.Done():
						return nil
					}
				}
			})
			for range 100 {
				d.mu.Lock()
				x, y := rng.IntN(d.live.W), rng.IntN(d.live.H)
				r := image.Rect(x, y, x+1+rng.IntN(50), y+1+rng.IntN(50))
				noise(rng, d.live, r)
				d.damage = append(d.damage, r.Intersect(d.live.Bounds()))
				if rng.IntN(40) == 0 {
					d.live, d.all = frame.New(1+rng.IntN(200), 1+rng.IntN(150)), true
				}
				d.mu.Unlock()
				d.knock()
				time.Sleep(time.Duration(rng.IntN(30)) * time.Millisecond)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if !c.shows(d.live) {
				t.Errorf("seed %d: canvas and screen differ; %+v %+v", seed, s.Stats(), w.Stats())
			}
			if s.Stats().Waiting != 0 {
				t.Errorf("%d bytes still count as under way", s.Stats().Waiting)
			}
		})
	}
}
