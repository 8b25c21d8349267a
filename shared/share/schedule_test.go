package share

import (
	"context"
	"image"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/codec"
	"handrail/shared/frame"
	"handrail/shared/wire"
)

// script is a coder that a test writes: it notes what it is told, and its
// slices say what they are: "urgent", "damage" or "better".
type script struct {
	mu     sync.Mutex
	tuned  []tuning
	asked  []time.Time // when Encode was called
	urgent int         // slices that wait
	plain  int
	better int
	due    time.Time // of better
	empty  bool      // Encode gives nothing whatever Due says

	padding int  // bytes of a slice that refines
	cinema  bool // all that changes is a film, whose pictures have their time
	films   int
}

func (c *script) do(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

func (c *script) Resize(int, int) { c.do(func() { c.plain = 1 }) }
func (c *script) KeyFrame()       { c.do(func() { c.plain = 1 }) }

func (c *script) Damage(r ...frame.Rect) {
	c.do(func() {
		if c.cinema {
			c.films = len(r)
			return
		}
		c.plain += len(r)
	})
}

func (c *script) Urgent(r ...frame.Rect) {
	c.do(func() {
		n := min(len(r), c.plain)
		c.urgent, c.plain = c.urgent+n, c.plain-n
	})
}

func (c *script) Tune(p codec.Profile, strain int) {
	c.do(func() { c.tuned = append(c.tuned, tuning{p, strain}) })
}

func (c *script) Pending() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.urgent+c.plain > 0
}

func (c *script) Due() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.due, c.better+c.films > 0
}

func (c *script) Encode(dst []byte, _ frame.Image, _ int, now time.Time) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, now)
	what := ""
	switch {
	case c.empty:
		return dst
	case c.urgent > 0:
		c.urgent--
		what = "urgent"
	case c.plain > 0:
		c.plain--
		what = "damage"
	case c.films > 0 && !now.Before(c.due):
		c.films = 0
		c.due = now.Add(40 * time.Millisecond)
		what = "film"
	case c.better > 0 && !now.Before(c.due):
		c.better--
		what = "better" + strings.Repeat(" ", c.padding)
	default:
		return dst
	}
	return append(dst, what...)
}

// refines gives the coder something to refine.
func (c *script) refines(n int, due time.Time) {
	c.do(func() { c.better, c.due = n, due })
}

// reader is Pictures: it notes slices as words, with a full stop behind the
// last one of a frame.
type reader struct {
	mu      sync.Mutex
	said    []string
	at      []time.Time
	takes   time.Duration // to send a slice
	present func(uint64)
}

func (r *reader) SendSlice(_ context.Context, s wire.Slice) error {
	time.Sleep(r.takes)
	r.mu.Lock()
	word := string(s.Data)
	if s.Last {
		word += "."
	}
	r.said, r.at = append(r.said, word), append(r.at, time.Now())
	present := r.present
	r.mu.Unlock()
	if s.Last && present != nil {
		present(s.Frame)
	}
	return nil
}

func (r *reader) SendCursor(context.Context, wire.Cursor) error { return nil }
func (r *reader) SendPointer(wire.Pointer) error                { return nil }

// took is what came since the last call.
func (r *reader) took() string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	out := strings.Join(r.said, " ")
	r.said, r.at = nil, nil
	return out
}

// scripted runs a Share with a scripted coder, after its first picture.
func scripted(t *testing.T) (*Share, *stage, *script, *reader) {
	st, c, r := newStage(1000, 800), &script{}, &reader{}
	s := New(Config{Screen: st, Hands: &hands{t: t}})
	s.enc = c
	r.present = s.Presented
	run(t, s, r)
	synctest.Wait()
	s.AllowControl(true)
	r.took()
	return s, st, c, r
}

func (s *stage) changes(rs ...frame.Rect) {
	s.change(func(u *frame.Update) { u.Damage = append(u.Damage, rs...) })
}

func key(t *testing.T, s *Share, seq uint64) {
	t.Helper()
	inject(t, s, wire.Key{Seq: seq, Usage: 4, Down: true})
}

func TestRefinementComesWhenItIsDueAndNothingElseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, st, c, r := scripted(t)
		start := time.Now()
		c.refines(3, start.Add(200*time.Millisecond))
		st.changes(film) // from now on it is known that something is due
		if got := r.took(); got != "damage." {
			t.Fatalf("sent %q", got)
		}
		time.Sleep(199 * time.Millisecond)
		if got := r.took(); got != "" {
			t.Fatalf("sent %q before it was due", got)
		}
		time.Sleep(time.Millisecond)
		if got := r.took(); got != "better better better." {
			t.Fatalf("sent %q", got)
		}
	})
}

func TestWhatChangesGoesBeforeTheRestOfARefinement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, st, c, r := scripted(t)
		r.takes = 5 * time.Millisecond
		c.refines(100, time.Now().Add(filmTurn+time.Millisecond))
		st.changes(film)
		time.Sleep(filmTurn + 5*time.Millisecond)
		time.Sleep(52 * time.Millisecond)
		r.took()
		st.changes(letter)
		time.Sleep(20 * time.Millisecond)
		if got := r.took(); !strings.HasPrefix(got, "better damage. better ") {
			t.Fatalf("sent %q", got)
		}
	})
}

// What nobody waits for has a place of its own on the way: it neither takes
// one from what changes nor waits until there is nothing of that.
func TestRefinementLeavesRoomForWhatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, st, c, r := scripted(t)
		r.present = nil // the viewer shows nothing for a while
		for i, step := range []struct {
			better int
			change bool
			want   string
		}{
			{0, true, "damage."},
			{3, false, "better better better."},
			{3, false, ""}, // its place is taken
			{3, true, "damage."},
			{3, true, ""}, // now all are
		} {
			c.refines(step.better, time.Now())
			if step.change {
				st.changes(letter)
			}
			st.change(func(*frame.Update) {}) // the loop looks up
			time.Sleep(50 * time.Millisecond)
			if got := r.took(); got != step.want {
				t.Fatalf("step %d: sent %q, want %q", i, got, step.want)
			}
		}
		s.Presented(1 << 40)
		if got := r.took(); got != "damage. better better better." {
			t.Fatalf("then sent %q", got)
		}
	})
}

// A film's pictures come when it is their turn, with what the screen shows
// then, and as many may be on their way as of anything that changes.
func TestAFilmIsNoRefinement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, st, c, r := scripted(t)
		c.cinema = true
		for range 50 { // a picture every 10 ms
			st.changes(film)
			time.Sleep(10 * time.Millisecond)
		}
		if got := strings.Count(r.took(), "film."); got < 12 || got > 14 {
			t.Errorf("%d pictures in half a second, one of 40 ms each", got)
		}
		r.present = nil
		for range 50 {
			st.changes(film)
			time.Sleep(10 * time.Millisecond)
		}
		if got := r.took(); got != "film. film." {
			t.Errorf("a viewer who shows nothing got %q", got)
		}
		s.Presented(1 << 40)
		if got := r.took(); got != "film." {
			t.Errorf("then %q", got)
		}
	})
}

func TestADueThatPromisesTooMuchIsNotAskedAllTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, st, c, _ := scripted(t)
		st.changes(film)
		synctest.Wait()
		c.refines(1, time.Now())
		c.do(func() { c.empty, c.plain, c.asked = true, 0, nil })
		st.change(func(*frame.Update) {}) // the loop looks up
		time.Sleep(time.Second)
		synctest.Wait()
		c.mu.Lock()
		defer c.mu.Unlock()
		if n := len(c.asked); n == 0 || n > 70 {
			t.Errorf("asked %d times in a second", n)
		}
		if !slices.IsSortedFunc(c.asked, time.Time.Compare) {
			t.Error("the encoder's time went backwards")
		}
	})
}

// The letter that a key made is on its way and ends its frame before the film
// that changed with it.
func TestTheAnswerToAKeyWaitsForNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, st, _, r := scripted(t)
		for range 30 {
			st.changes(film)
			time.Sleep(40 * time.Millisecond)
		}
		r.took()
		key(t, s, 1)
		time.Sleep(5 * time.Millisecond)
		st.changes(film, letter, film)
		if got := r.took(); got != "urgent. damage damage." {
			t.Fatalf("sent %q", got)
		}
		time.Sleep(20 * time.Millisecond)
		key(t, s, 2)
		st.changes(letter)
		if got := r.took(); got != "urgent." {
			t.Fatalf("sent %q", got)
		}
	})
}

// The screen is read at once for it, though the viewer has a frame to show yet.
func TestTheAnswerToAKeyIsLookedForAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, st, _, r := scripted(t)
		r.present = nil
		st.changes(film)
		r.took()
		key(t, s, 1)
		time.Sleep(paceAnswer)
		st.changes(letter)
		if got := r.took(); got != "urgent." {
			t.Fatalf("sent %q", got)
		}
	})
}

// Of a long text that Hands are typing, every letter is an answer.
func TestTheLettersOfATextAreAnswersWhileItIsTyped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, c, r := newStage(1000, 800), &script{}, &reader{}
		s := New(Config{Screen: st, Hands: slow{&hands{t: t}}})
		s.enc, r.present = c, s.Presented
		run(t, s, r)
		synctest.Wait()
		s.AllowControl(true)
		r.took()
		typed := make(chan error, 1)
		go func() { typed <- s.Inject(wire.Typed{Seq: 1, Text: "a long text"}) }()
		for range 3 {
			time.Sleep(10 * time.Second)
			st.changes(letter, film)
			if got := r.took(); !strings.HasPrefix(got, "urgent") {
				t.Errorf("sent %q", got)
			}
		}
		if err := <-typed; err != nil {
			t.Error(err)
		}
	})
}

// The further behind the link is, the shorter are the frames that nobody waits
// for.
func TestAStrainedLinkGetsLittleRefinementAtOnce(t *testing.T) {
	for level, want := range []int{16, 4, 1, 1} {
		synctest.Test(t, func(t *testing.T) {
			s, _, c, r := scripted(t)
			r.present = nil
			c.do(func() { c.padding = sliceAim })
			s.mu.Lock()
			s.strain = strain{level, time.Now().Add(time.Hour)}
			s.mu.Unlock()
			c.refines(100, time.Now())
			s.Look(wire.ProfileAutomatic) // the loop looks up
			time.Sleep(time.Second)
			if got := strings.Count(r.took(), "better"); got != want {
				t.Errorf("strain %d: %d slices, want %d", level, got, want)
			}
		})
	}
}

// In the middle of a large frame the screen is looked at as long as an answer
// may come.
func TestAnAnswerOvertakesALargeFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, st, c, r := scripted(t)
		r.takes = 5 * time.Millisecond
		st.changes(film, film, film, film, film, film)
		time.Sleep(time.Millisecond)
		key(t, s, 1)
		time.Sleep(10 * time.Millisecond)
		st.changes(letter)
		time.Sleep(time.Second)
		if got := r.took(); got != "damage damage damage urgent. damage damage damage." {
			t.Fatalf("sent %q", got)
		}
		if c.Pending() {
			t.Error("something was left")
		}
	})
}

func TestS05AProfileIsInForceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, c, _ := scripted(t)
		for _, p := range []wire.Profile{wire.Profile8, wire.Profile8, 77, wire.Profile32, wire.ProfileAutomatic} {
			s.Look(p)
			synctest.Wait()
		}
		want := []tuning{{codec.Bits8, 0}, {codec.Bits32, 0}, {codec.Automatic, 0}}
		if !slices.Equal(c.tuned, want) {
			t.Errorf("the encoder was told %v, want %v", c.tuned, want)
		}
	})
}

// A link that falls behind makes photographs coarser and, when it has caught
// up, fine again though nothing happens; not where the rep wants 32 bit.
func TestS05OnlyAutomaticGivesWayToTheLink(t *testing.T) {
	for _, p := range []wire.Profile{wire.ProfileAutomatic, wire.Profile32} {
		synctest.Test(t, func(t *testing.T) {
			rng := newNoise()
			st, v := newStage(500, 400), newViewer(t)
			s := New(Config{Screen: st})
			c := &told{coder: s.enc}
			s.enc = c
			s.Look(p)
			v.present = s.Presented
			to := quick(Viewer{Pictures: v})
			line := to.Pictures.(*taker)
			runs(t, s, to)
			synctest.Wait()
			v.mu.Lock()
			v.present, line.away = nil, true
			v.mu.Unlock()
			st.noise(rng, image.Rect(0, 0, 130, 100)) // more than a slice, less than the window
			synctest.Wait()
			time.Sleep(500 * time.Millisecond)
			st.draw(rng, image.Rect(0, 0, 9, 9))
			v.mu.Lock()
			v.present, line.away = s.Presented, false
			v.mu.Unlock()
			s.Presented(1 << 40)
			time.Sleep(10 * time.Second)
			synctest.Wait()
			var levels []int
			for _, tune := range c.told {
				levels = append(levels, tune.strain)
			}
			want := []int{1, 2, 1, 0}
			if p == wire.Profile32 {
				want = []int{0}
			}
			if !slices.Equal(levels, want) {
				t.Errorf("profile %d: the encoder was told strains %v, want %v", p, levels, want)
			}
		})
	}
}

// told is a coder that notes how it was tuned.
type told struct {
	coder
	told []tuning
}

func (c *told) Tune(p codec.Profile, strain int) {
	c.told = append(c.told, tuning{p, strain})
	c.coder.Tune(p, strain)
}

func TestS13TheViewerIsToldHowItGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var paces []wire.Pace
		st, c, r := newStage(1000, 800), &script{}, &reader{takes: 2 * time.Millisecond}
		s := New(Config{Screen: st})
		s.enc = c
		r.present = func(n uint64) {
			time.AfterFunc(30*time.Millisecond, func() { s.Presented(n) })
		}
		runs(t, s, Viewer{Pictures: r, Pace: func(p wire.Pace) { paces = append(paces, p) }})
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		paces = nil
		for range 50 { // for two and a half seconds
			st.changes(letter)
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(paces) != 3 {
			t.Fatalf("told %d times: %+v", len(paces), paces)
		}
		for i, want := range []uint32{20, 20, 10} {
			p := paces[i]
			if p.Frames < want-1 || p.Frames > want+1 || p.Bytes != p.Frames*uint32(len("damage")) {
				t.Errorf("second %d: %d frames, %d bytes", i, p.Frames, p.Bytes)
			}
			if p.Send != 2000 || p.Shown != 32000 || p.Encode != 0 || p.Strain != 0 {
				t.Errorf("second %d: %+v", i, p)
			}
		}
	})
}
