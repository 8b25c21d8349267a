package bench

import (
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"handrail/shared/codec"
	"handrail/shared/frame"
	"handrail/shared/many"
)

// sliceAim is the bytes of a slice that package share asks for.
const sliceAim = 8 << 10

// restLooks is how often a desktop at rest is looked at, and restLong how long.
const (
	restLooks = 25 * time.Millisecond
	restLong  = 2 * time.Second
)

// manner is how the codec is run.
type manner struct {
	exact    bool       // no lossy photographs
	refine   bool       // encode whatever is due, at the time of each recorded frame
	parallel bool       // with all processors
	focus    frame.Rect // where the error is measured; empty means everywhere
	frames   int        // that change, at most; 0 means all
	allocs   bool       // count allocations; then no times
}

// run encodes a recording frame by frame, and then decodes what was kept, as
// another machine would, and compares every frame.
type run struct {
	manner
	codecRun
	t    testing.TB
	enc  *codec.Encoder
	dec  *codec.Decoder
	sent []sent

	squares, pixels float64         // errors
	counted         int             // frames whose allocations were counted
	since           []time.Duration // each tile's last change
	exactAt         time.Duration   // since when all is exact; -1 while it is not
}

// sent is what was encoded for one recorded frame, or at rest after the last.
type sent struct {
	at      time.Duration
	slices  []byte
	ends    []int // of each slice
	changed bool  // the frame differs from the one before
	count   bool  // its allocations
}

// begin is when recorded time begins for the codec. It is told the time and
// asks no clock.
var begin = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func measure(t testing.TB, file string, m manner) *codecRun {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var runner codec.Runner
	if m.parallel {
		runner = many.Do
	}
	r := &run{manner: m, t: t, enc: codec.NewEncoder(runner), dec: codec.NewDecoder(codec.DefaultLimits(), runner)}
	if m.exact {
		r.exactOnly()
	}
	var last frame.Image
	half := 0
	if m.allocs {
		each(t, file, func(_ int, f Frame) bool { half += min(len(f.Damage), 1); return true })
		half /= 2
	}
	var at time.Duration
	n := 0
	each(t, file, func(i int, f Frame) bool {
		if i == 0 {
			last = frame.New(f.Image.W, f.Image.H)
			r.enc.Resize(f.Image.W, f.Image.H)
		}
		for _, d := range f.Damage {
			frame.Copy(last, f.Image, d) // what rests after the last frame
		}
		at = f.At
		r.encode(i, f, m.allocs && n >= half)
		if i > 0 && len(f.Damage) > 0 {
			n++
		}
		return m.frames == 0 || n < m.frames
	})
	recorded := len(r.sent)
	r.encodeRest(last, at)
	each(t, file, func(i int, f Frame) bool {
		r.decode(i, f)
		return i+1 < recorded
	})
	r.decodeRest(last, at, recorded)
	if r.PSNR = math.Inf(1); r.squares > 0 {
		r.PSNR = 10 * math.Log10(255*255*r.pixels/r.squares)
	}
	if r.counted > 0 {
		r.EncodeAllocs /= float64(r.counted)
		r.DecodeAllocs /= float64(r.counted)
	}
	return &r.codecRun
}

// exactOnly switches lossy photographs off.
func (r *run) exactOnly() { r.enc.Tune(codec.Exact, 0) }

// encode makes slices of what changed in a frame, and of what is due.
func (r *run) encode(i int, f Frame, count bool) {
	r.enc.Damage(f.Damage...)
	s := sent{at: f.At, changed: i > 0 && len(f.Damage) > 0, count: count}
	var before, after runtime.MemStats
	kept := make([]byte, 0, 1<<20) // so that keeping them is not counted
	s.ends = make([]int, 0, 64)
	if count {
		runtime.ReadMemStats(&before)
	}
	begun, cpu := time.Now(), threadTime(r.t)
	kept, s.ends = r.pending(kept, s.ends, f.Image, f.At)
	cpu, wall := threadTime(r.t)-cpu, time.Since(begun)
	if count {
		runtime.ReadMemStats(&after)
	}
	s.slices = slices.Clone(kept)
	r.sent = append(r.sent, s)
	switch {
	case i == 0:
		r.First = int64(len(s.slices))
		return
	case s.changed:
		r.Sizes = append(r.Sizes, len(s.slices))
		r.Encode = append(r.Encode, cpu)
		r.Wall = append(r.Wall, wall)
		if count {
			r.counted++
			r.EncodeAllocs += float64(after.Mallocs - before.Mallocs)
		}
	case len(r.Sizes) > 0: // what is made exact between changes is part of what changes cost
		r.Encode[len(r.Encode)-1] += cpu
		r.Wall[len(r.Wall)-1] += wall
	}
	r.Bytes += int64(len(s.slices))
}

// pending makes slices of all that is pending or due.
func (r *run) pending(to []byte, ends []int, pic frame.Image, at time.Duration) ([]byte, []int) {
	const most = 1 << 16 // slices of a frame; more are without end
	for r.enc.Pending() || r.due(at) {
		n := len(to)
		if to = r.enc.Encode(to, pic, sliceAim, begin.Add(at)); len(to) == n {
			break
		}
		if ends = append(ends, len(to)); len(ends) > most {
			r.t.Fatal("the encoder finds no end")
		}
	}
	return to, ends
}

// due says whether there is something to encode though nothing changed.
func (r *run) due(now time.Duration) bool {
	at, ok := r.enc.Due()
	return r.refine && ok && !begin.Add(now).Before(at)
}

// encodeRest makes slices of what is due while the desktop rests.
func (r *run) encodeRest(pic frame.Image, last time.Duration) {
	for at := last; r.refine && at <= last+restLong; at += restLooks {
		s := sent{at: at}
		s.slices, s.ends = r.pending(nil, nil, pic, at)
		r.Bytes += int64(len(s.slices))
		r.sent = append(r.sent, s)
	}
}

// decode decodes what was sent for a frame, and compares.
func (r *run) decode(i int, f Frame) {
	s := r.sent[i]
	var before, after runtime.MemStats
	if s.count {
		runtime.ReadMemStats(&before)
	}
	cpu := r.read(s)
	if s.count {
		runtime.ReadMemStats(&after)
	}
	switch {
	case s.changed:
		r.Decode = append(r.Decode, cpu)
		if s.count {
			r.DecodeAllocs += float64(after.Mallocs - before.Mallocs)
		}
		r.compare(f.Image)
	case len(r.Decode) > 0:
		r.Decode[len(r.Decode)-1] += cpu
	}
	r.age(f)
}

// read decodes slices, and says how long that took.
func (r *run) read(s sent) time.Duration {
	from, before := 0, threadTime(r.t)
	for _, end := range s.ends {
		if _, err := r.dec.Decode(s.slices[from:end]); err != nil {
			r.t.Fatal(err)
		}
		from = end
	}
	return threadTime(r.t) - before
}

// compare adds to the error.
func (r *run) compare(want frame.Image) {
	got := r.dec.Image()
	if !r.focus.Empty() {
		got, want = got.Sub(r.focus), want.Sub(r.focus)
	}
	e, err := squareError(got, want)
	if err != nil {
		r.t.Fatal(err)
	}
	if e > 0 {
		r.Inexact++
	}
	r.squares += e
	r.pixels += 3 * float64(got.W*got.H)
}

// age notes how long ago the tiles changed that are not exact yet. Only where
// all is to become exact does that mean something.
func (r *run) age(f Frame) (exact bool) {
	if !r.refine {
		return true
	}
	g, got := gridOf(f.Image.W, f.Image.H), r.dec.Image()
	if r.since == nil {
		r.since = make([]time.Duration, g.tiles())
	}
	if len(f.Damage) > 0 {
		r.exactAt = -1
	}
	exact = true
	for i := range g.tiles() {
		q := g.rect(i)
		if slices.ContainsFunc(f.Damage, q.Overlaps) {
			r.since[i] = f.At
		}
		if !frame.Equal(got.Sub(q), f.Image.Sub(q)) {
			exact = false
			r.Oldest = max(r.Oldest, f.At-r.since[i])
		}
	}
	if exact && r.exactAt < 0 {
		r.exactAt = f.At
	}
	return exact
}

// decodeRest decodes what was sent at rest, and finds when all was exact.
func (r *run) decodeRest(pic frame.Image, last time.Duration, from int) {
	for _, s := range r.sent[from:] {
		r.read(s)
		exact := r.age(Frame{Image: pic, At: s.at})
		if r.Settled = r.exactAt - slices.Max(r.since); exact {
			return
		}
	}
	if r.refine {
		r.Settled = restLong
	}
}
