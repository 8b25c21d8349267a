package film

import (
	"errors"
	"image"
	"math/rand/v2"
	"sync"
	"testing"

	"handrail/shared/frame"
)

// scene makes a picture with waves, edges and some noise; it moves with t.
// The undefined fourth bytes are anything.
func scene(w, h, t, noise int, rng *rand.Rand) frame.Image {
	m := frame.New(w, h)
	for y := range h {
		row := m.Row(y, 0, w)
		for x := range w {
			u, v := x+3*t, y-t
			c := [3]int{u*u/90 + v*3, 2*u + v*v/70, (u*v>>4 ^ u) & 255}
			for k := range 3 {
				a := c[k] & 511
				if a > 255 {
					a = 511 - a
				}
				if u>>5&3 == 1 {
					a = a>>2 + 40*k
				}
				if noise > 0 {
					a += rng.IntN(2*noise+1) - noise
				}
				row[4*x+k] = byte(min(max(a, 0), 255))
			}
			row[4*x+3] = byte(rng.Uint32())
		}
	}
	return m
}

// soft makes a picture without edges, as films are, moved by (dx, dy).
func soft(w, h, dx, dy int) frame.Image {
	m := frame.New(w, h)
	for y := range h {
		row := m.Row(y, 0, w)
		for x := range w {
			u, v := x+dx, y+dy
			a := (u*u/61 + v*v/83) & 511
			if a > 255 {
				a = 511 - a
			}
			b := (3*u + 2*v) & 511
			if b > 255 {
				b = 511 - b
			}
			row[4*x], row[4*x+1], row[4*x+2] = byte(a), byte((a+b)/2), byte(b)
		}
	}
	return m
}

// together runs all at the same time.
func together(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

// backwards runs one after another, the last first.
func backwards(n int, do func(i int)) {
	for i := n - 1; i >= 0; i-- {
		do(i)
	}
}

// apartIn is the sum of the squares of the differences of r, and how many
// values were compared.
func apartIn(a, b frame.Image, r frame.Rect) (sum, n int) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		p, q := a.Row(y, r.Min.X, r.Max.X), b.Row(y, r.Min.X, r.Max.X)
		for i := range p {
			if i&3 != 3 {
				d := int(p[i]) - int(q[i])
				sum += d * d
				n++
			}
		}
	}
	return sum, n
}

// same fails unless a and b agree.
func same(t *testing.T, a, b frame.Image, what string) {
	t.Helper()
	if !frame.Equal(a, b) {
		t.Fatalf("%s: the receiver shows something else", what)
	}
}

func TestAFilmIsTheSameOnBothSides(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	from, to := NewFilm(), NewFilm()
	for i := range 16 {
		w, h := 1+rng.IntN(120), 1+rng.IntN(120)
		r := image.Rect(5, 7, 5+w, 7+h)
		here := scene(130, 130, i, 0, rng)
		outside := here.Clone()
		there := here.Clone()
		if i&1 != 0 {
			to = NewFilm() // what films were before must not matter
		}
		from.Begin(here, r)
		to.Begin(there, r)
		for n := range 10 {
			// Some go on moving, some jump, some stand still but for noise.
			src := scene(130, 130, []int{i + n, i + 7*n, i}[i%3], rng.IntN(2)*rng.IntN(40), rng)
			out := from.Encode(nil, src, here, 1+rng.IntN(MaxStep), nil)
			if err := to.Decode(out, there, nil); err != nil {
				t.Fatal(err)
			}
			same(t, here, there, r.String())
		}
		for y := range r.Dy() {
			frame.Copy(outside, there, image.Rect(r.Min.X, r.Min.Y+y, r.Max.X, r.Min.Y+y+1))
		}
		same(t, outside, there, "outside "+r.String())
	}
}

func TestHowBandsAreRunDoesNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	r := image.Rect(1, 1, 160, 150)
	first := scene(170, 160, 0, 0, rng)
	runs := []func(int, func(int)){nil, together, backwards}
	var films [3][2]*Film
	var shown [3][2]frame.Image
	for i := range films {
		for k := range 2 {
			films[i][k], shown[i][k] = NewFilm(), first.Clone()
			films[i][k].Begin(first, r)
		}
	}
	for n := range 12 {
		src := scene(170, 160, n, 6, rng)
		var out []byte
		for i, run := range runs {
			b := films[i][0].Encode(nil, src, shown[i][0], 10, run)
			if i > 0 && string(b) != string(out) {
				t.Fatal("other bytes")
			}
			out = b
			if err := films[i][1].Decode(out, shown[i][1], run); err != nil {
				t.Fatal(err)
			}
			same(t, shown[i][0], shown[i][1], "run")
			same(t, shown[0][0], shown[i][0], "run")
		}
	}
}

func TestALargeFilmHasFourBands(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	const w, h = 2560, 1616
	here := frame.New(w, h)
	there := here.Clone()
	from, to := NewFilm(), NewFilm()
	from.Begin(here, here.Bounds())
	to.Begin(there, there.Bounds())
	if from.used != 4 {
		t.Fatalf("%d bands", from.used)
	}
	src := here.Clone()
	piece := scene(90, 1500, 0, 0, rng)
	for y := range piece.H {
		copy(src.Row(50+y, 700, 790), piece.Row(y, 0, 90))
	}
	for range 2 {
		out := from.Encode(nil, src, here, 30, together)
		if err := to.Decode(out, there, together); err != nil {
			t.Fatal(err)
		}
		same(t, here, there, "large")
	}
}

func TestAFilmThatStandsStillCostsNothing(t *testing.T) {
	m := soft(320, 200, 0, 0)
	f := NewFilm()
	f.Begin(m, m.Bounds())
	shown := m.Clone()
	if out := f.Encode(nil, m, shown, 8, nil); len(out) != 2 {
		t.Fatalf("%d bytes for nothing new", len(out))
	}
	moved := soft(320, 200, 9, 4)
	f.Encode(nil, moved, shown, 30, nil)
	if out := f.Encode(nil, moved, shown, 30, nil); len(out) != 2 {
		t.Fatalf("%d bytes for nothing new", len(out))
	}
}

func TestAStillFilmIsToldBetterWhenThereIsRoom(t *testing.T) {
	m := soft(160, 96, 0, 0)
	f := NewFilm()
	f.Begin(frame.New(160, 96), m.Bounds())
	shown := frame.New(160, 96)
	f.Encode(nil, m, shown, 50, nil)
	before, n := apartIn(m, shown, m.Bounds())
	f.Encode(nil, m, shown, 4, nil)
	after, _ := apartIn(m, shown, m.Bounds())
	if after*3 > before || after > 5*n {
		t.Fatalf("%d squares apart after %d, of %d values", after, before, n)
	}
}

// Each step of the quantiser bounds how far off the picture may be: a bound
// that a wrong sign, place or rounding would break at once.
func TestAFilmIsAsFaithfulAsItsQuantiser(t *testing.T) {
	for _, c := range []struct{ q, squares, bytes int }{
		{2, 3, 26000},
		{8, 8, 9000},
		{14, 18, 6000},
		{22, 35, 4500},
		{64, 200, 2500},
	} {
		f := NewFilm()
		shown := frame.New(240, 160)
		r := shown.Bounds()
		f.Begin(shown, r)
		bytes := 0
		for n := range 8 {
			src := soft(240, 160, 5*n, -3*n)
			bytes += len(f.Encode(nil, src, shown, c.q, nil))
			if sum, n := apartIn(src, shown, r); sum > c.squares*n {
				t.Errorf("at %d: %d squares apart over %d values", c.q, sum, n)
			}
		}
		if bytes > c.bytes {
			t.Errorf("at %d: %d bytes", c.q, bytes)
		}
	}
}

// halved is a picture of half the size, each pixel the mean of four.
func halved(m frame.Image) frame.Image {
	small := frame.New(m.W/2, m.H/2)
	for y := range small.H {
		to, above, below := small.Row(y, 0, small.W), m.Row(2*y, 0, m.W), m.Row(2*y+1, 0, m.W)
		for i := range to {
			at := i/4*8 + i%4
			to[i] = byte((int(above[at]) + int(above[at+4]) + int(below[at]) + int(below[at+4]) + 2) / 4)
		}
	}
	return small
}

// A film moved by whole pixels and back again many times neither gets brighter
// nor darker.
func TestMovingDoesNotMakeBrighter(t *testing.T) {
	f := NewFilm()
	shown := soft(160, 160, 0, 0)
	r := shown.Bounds()
	f.Begin(shown, r)
	var src frame.Image
	for n := range 40 {
		src = halved(soft(320, 320, n, 0)) // moves by half a pixel
		f.Encode(nil, src, shown, 24, nil)
	}
	bias := 0
	for y := range 160 {
		a, b := src.Row(y, 0, 160), shown.Row(y, 0, 160)
		for i := range a {
			if i&3 != 3 {
				bias += int(b[i]) - int(a[i])
			}
		}
	}
	if bias = bias * 16 / (160 * 160 * 3); bias < -12 || bias > 12 {
		t.Fatalf("%d sixteenths brighter", bias)
	}
}

func TestABrokenMessageIsAnError(t *testing.T) {
	m := soft(200, 200, 0, 0)
	f := NewFilm()
	f.Begin(frame.New(200, 200), m.Bounds())
	whole := f.Encode(nil, m, frame.New(200, 200), 10, nil)
	for _, c := range []struct {
		name string
		in   []byte
	}{
		{"nothing", nil},
		{"quantiser 0", append([]byte{0}, whole[1:]...)},
		{"quantiser 65", append([]byte{65}, whole[1:]...)},
		{"no length", whole[:1]},
		{"a length beyond the end", []byte{10, 0xff, 0xff, 0xff, 0xff, 1}},
		{"a length without end", []byte{10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
		{"half", whole[:len(whole)/2]},
		{"too short", whole[:len(whole)-8]},
	} {
		to := NewFilm()
		to.Begin(frame.New(200, 200), m.Bounds())
		if err := to.Decode(c.in, frame.New(200, 200), nil); !errors.Is(err, ErrBytes) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAFilmAllocatesNothingOnceItRuns(t *testing.T) {
	shown, there := soft(200, 120, 0, 0), soft(200, 120, 0, 0)
	var srcs [8]frame.Image
	for n := range srcs {
		srcs[n] = soft(200, 120, 3*n, n)
	}
	from, to := NewFilm(), NewFilm()
	from.Begin(shown, shown.Bounds())
	to.Begin(there, there.Bounds())
	var out []byte
	n := 0
	step := func() {
		out = from.Encode(out[:0], srcs[n&7], shown, 12, nil)
		if err := to.Decode(out, there, nil); err != nil {
			t.Fatal(err)
		}
		n++
	}
	for range 16 {
		step()
	}
	if a := testing.AllocsPerRun(20, step); a != 0 {
		t.Fatalf("%v allocations a picture", a)
	}
	begin := func() { from.Begin(shown, shown.Bounds()) }
	if a := testing.AllocsPerRun(5, begin); a != 0 {
		t.Fatalf("%v allocations to begin again", a)
	}
}

// FuzzDecodeFilm: any bytes leave what is outside the rectangle alone, and are
// taken the same way by two receivers.
func FuzzDecodeFilm(f *testing.F) {
	rng := rand.New(rand.NewPCG(9, 10))
	src := scene(90, 80, 2, 5, rng)
	film := NewFilm()
	film.Begin(frame.New(90, 80), image.Rect(3, 2, 80, 75))
	f.Add(film.Encode(nil, src, frame.New(90, 80), 20, nil), uint8(77), uint8(73))
	f.Add([]byte{10, 0}, uint8(1), uint8(1))
	f.Add([]byte{64, 30, 1, 2, 3, 4, 5, 250, 251, 252}, uint8(33), uint8(66))
	from, to := NewFilm(), NewFilm()
	f.Fuzz(func(t *testing.T, in []byte, w, h uint8) {
		r := image.Rect(3, 2, 4+int(w)%80, 3+int(h)%75)
		first := soft(90, 80, 1, 1)
		here, there := first.Clone(), first.Clone()
		from.Begin(first, r)
		to.Begin(first, r)
		for range 2 {
			a, b := from.Decode(in, here, nil), to.Decode(in, there, backwards)
			if (a == nil) != (b == nil) {
				t.Fatalf("%v, and %v", a, b)
			}
			same(t, here, there, "two receivers")
			if a != nil {
				break
			}
		}
		frame.Copy(first, here, r)
		same(t, first, here, "outside")
	})
}
