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

// run encodes and decodes a recording frame by frame, and compares every one.
type run struct {
	manner
	codecRun
	t      testing.TB
	enc    *codec.Encoder
	dec    *codec.Decoder
	slices []byte
	ends   []int

	squares, pixels float64         // errors
	counted         int             // frames whose allocations were counted
	since           []time.Duration // each tile's last change
	exactAt         time.Duration   // since when all is exact; -1 while it is not
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
	each(t, file, func(i int, f Frame) bool {
		if i == 0 {
			last = frame.New(f.Image.W, f.Image.H)
			r.enc.Resize(f.Image.W, f.Image.H)
		}
		for _, d := range f.Damage {
			frame.Copy(last, f.Image, d) // what rests after the last frame
		}
		at = f.At
		r.frame(i, f, m.allocs && len(r.Sizes) >= half)
		return m.frames == 0 || len(r.Sizes) < m.frames
	})
	r.settle(last, at)
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

// frame passes one frame on.
func (r *run) frame(i int, f Frame, count bool) {
	if i == 0 {
		r.encode(f.Image, f.At)
		r.decode()
		r.First = int64(len(r.slices))
		r.age(f)
		return
	}
	defer r.age(f)
	r.enc.Damage(f.Damage...)
	changed := len(f.Damage) > 0
	if !changed && !r.due(f.At) {
		return
	}
	var before, between, after runtime.MemStats
	if count {
		runtime.ReadMemStats(&before)
	}
	begun := time.Now()
	encode := r.encode(f.Image, f.At)
	wall := time.Since(begun)
	if count {
		runtime.ReadMemStats(&between)
	}
	decode := r.decode()
	if count {
		runtime.ReadMemStats(&after)
		r.EncodeAllocs += float64(between.Mallocs - before.Mallocs)
		r.DecodeAllocs += float64(after.Mallocs - between.Mallocs)
	}
	r.Bytes += int64(len(r.slices))
	if !changed {
		// What is made exact between changes is part of what changes cost.
		if n := len(r.Sizes); n > 0 {
			r.Encode[n-1] += encode
			r.Decode[n-1] += decode
			r.Wall[n-1] += wall
		}
		return
	}
	if count {
		r.counted++
	}
	r.Sizes = append(r.Sizes, len(r.slices))
	r.Encode = append(r.Encode, encode)
	r.Decode = append(r.Decode, decode)
	r.Wall = append(r.Wall, wall)
	r.compare(f.Image)
}

// due says whether there is something to encode though nothing changed.
func (r *run) due(now time.Duration) bool {
	at, ok := r.enc.Due()
	return r.refine && ok && !begin.Add(now).Before(at)
}

// encode makes slices of all that is pending or due.
func (r *run) encode(pic frame.Image, at time.Duration) time.Duration {
	const most = 1 << 16 // slices of a frame; more are without end
	r.slices, r.ends = r.slices[:0], r.ends[:0]
	before := threadTime(r.t)
	for r.enc.Pending() || r.due(at) {
		n := len(r.slices)
		if r.slices = r.enc.Encode(r.slices, pic, sliceAim, begin.Add(at)); len(r.slices) == n {
			break
		}
		if r.ends = append(r.ends, len(r.slices)); len(r.ends) > most {
			r.t.Fatal("the encoder finds no end")
		}
	}
	return threadTime(r.t) - before
}

func (r *run) decode() time.Duration {
	from := 0
	before := threadTime(r.t)
	for _, end := range r.ends {
		if _, err := r.dec.Decode(r.slices[from:end]); err != nil {
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

// settle lets the desktop rest after the last frame.
func (r *run) settle(pic frame.Image, last time.Duration) {
	for at := last; r.refine; at += restLooks {
		if r.due(at) {
			r.encode(pic, at)
			r.decode()
			r.Bytes += int64(len(r.slices))
		}
		exact := r.age(Frame{Image: pic, At: at})
		if r.Settled = r.exactAt - slices.Max(r.since); exact {
			return
		}
		if at > last+restLong {
			r.Settled = restLong
			return
		}
	}
}
