package film

import (
	"image"
	"math/rand/v2"
	"testing"

	"handrail/shared/frame"
	"handrail/shared/odds"
)

// noisy fills a patch, a plane or a row with anything, or with extremes.
func noisy(b []byte, rng *rand.Rand) {
	extreme := rng.IntN(3) == 0
	for i := range b {
		b[i] = byte(rng.Uint32())
		if extreme {
			b[i] = byte(-int8(b[i] & 1))
		}
	}
}

func abs(v int) int { return max(v, -v) }

func TestLanesAgreeWithPlainArithmetic(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for range 300 {
		var a, b patch
		noisy(a[:], rng)
		noisy(b[:], rng)
		want := 0
		for i := range 256 {
			want += abs(int(a[i]) - int(b[i]))
		}
		if got := a.sad(b[:], 16, 1<<30); got != want {
			t.Fatalf("sad %d, want %d", got, want)
		}
		blocks, spread := 0, 0
		for k := range 4 {
			blocks += a.sadBlock(&b, k)
			at, _ := place(k)
			mean := 32
			for i := range 64 {
				mean += int(a[at+i>>3*16+i&7])
			}
			for i := range 64 {
				spread += abs(int(a[at+i>>3*16+i&7]) - mean>>6)
			}
		}
		if blocks != want {
			t.Fatalf("blocks %d, want %d", blocks, want)
		}
		if got := a.spread(); got != spread {
			t.Fatalf("spread %d, want %d", got, spread)
		}
		x, y := get8(a[:]), get8(b[:])
		for i := range 8 {
			if got := mean(x, y) >> (8 * i) & 255; got != (uint64(a[i])+uint64(b[i])+1)/2 {
				t.Fatalf("mean of %d and %d is %d", a[i], b[i], got)
			}
		}
		v := rng.Uint64() & 0x03ff03ff03ff03ff
		for i := range 4 {
			want := min(max(int(v>>(16*i)&0x3ff)-256, 0), 255)
			if got := int(clamp(v) >> (16 * i) & 0xffff); got != want {
				t.Fatalf("clamp gives %d, want %d", got, want)
			}
		}
	}
}

// However this machine does it, it comes to the same.
func TestDifferencesAreThoseOfAnyMachine(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 3))
	rows := [2][]byte{make([]byte, 15*61+16), make([]byte, 15*24+16)}
	for range 500 {
		var p patch
		noisy(p[:], rng)
		noisy(rows[0], rng)
		noisy(rows[1], rng)
		// Exactly as long as it may read.
		if got, want := p.sad(rows[0], 61, 1<<30), p.sadPlain(rows[0], 61, 1<<30); got != want {
			t.Fatalf("sad %d, want %d", got, want)
		}
		got := p.sadMean(rows[0], rows[1], 61, 24, 1<<30)
		if want := p.sadMeanPlain(rows[0], rows[1], 61, 24, 1<<30); got != want {
			t.Fatalf("sadMean %d, want %d", got, want)
		}
	}
}

func TestRoughIsTheSumOfSimpleWaves(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	for range 100 {
		var a, b patch
		noisy(a[:], rng)
		noisy(b[:], rng)
		want := 0
		for wave := range 8 {
			for x := 0; x < 8; x += 2 {
				var even, odd int
				for y := range 8 {
					sign := 1
					for k := range 3 {
						if (wave&y)>>k&1 != 0 {
							sign = -sign
						}
					}
					even += sign * (int(a[16*y+x]) - int(b[16*y+x]))
					odd += sign * (int(a[16*y+x+1]) - int(b[16*y+x+1]))
				}
				want += abs(even+odd) + abs(even-odd)
			}
		}
		if got := a.rough(&b, 0); got != want {
			t.Fatalf("%d, want %d", got, want)
		}
	}
}

func TestTheTransformUndoesItself(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 3))
	for range 500 {
		var d, was [64]int32
		for i := range d {
			d[i] = int32(rng.IntN(511) - 255)
			if rng.IntN(4) == 0 {
				d[i] = int32(rng.IntN(2)*510 - 255)
			}
		}
		was = d
		forward(&d)
		for _, v := range d {
			if v < -32768 || v > 32767 {
				t.Fatalf("a wave of %d does not fit", v)
			}
		}
		backward(&d, 0xff)
		for i := range d {
			if abs(int(d[i]-was[i])) > 2 {
				t.Fatalf("%d came back as %d", was[i], d[i])
			}
		}
	}
}

func TestALonelyMeanIsWhatTheTransformSays(t *testing.T) {
	var s scale
	for q := 1; q <= MaxStep; q += 7 {
		s.set(q)
		for v := int16(-400); v <= 400; v += 9 {
			var a, b patch
			for i := range a {
				a[i], b[i] = 130, 130
			}
			one, two := levels{v}, levels{v}
			s.rebuild(&a, 1, &one, 1)
			s.rebuild(&b, 1, &two, 2) // the second is 0
			if a != b {
				t.Fatalf("level %d at %d", v, q)
			}
		}
	}
}

func TestLevelsComeBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 3))
	var from, to waves
	from.init()
	to.init()
	for range 400 {
		var l, got levels
		n := rng.IntN(65)
		for i := range n {
			l[i] = int16(rng.IntN(2*maxLevel+1)-maxLevel) >> rng.IntN(12)
		}
		for n > 0 && l[n-1] == 0 {
			n--
		}
		k, a, b := kind(rng.IntN(int(kinds))), uint8(rng.IntN(65)), uint8(rng.IntN(65))
		var e odds.Encoder
		e.Reset(nil)
		from.write(&e, k, &l, n, a, b)
		var d odds.Decoder
		d.Reset(e.Close())
		if m := to.read(&d, k, &got, a, b); m != n || got != l {
			t.Fatalf("%v of %d came back as %v of %d", l, n, got, m)
		}
	}
}

// A place between pixels is what its distance from four pixels says.
func TestMotionIsPlainWeights(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 3))
	var ref picture
	ref.resize(3, 3)
	for c := range ref {
		noisy(ref[c].pix, rng)
		ref[c].extend(0, ref[c].h)
	}
	half := turn(firstTurn)
	for range 500 {
		mx, my := rng.IntN(3), rng.IntN(3)
		v := vector{int16(rng.IntN(400) - 200), int16(rng.IntN(400) - 200)}.hold(&ref[0], mx, my)
		var got patch
		got.move(&ref, mx, my, v, half)
		for b := range 6 {
			l, size, unit, at, step := &ref[0], 16, 4, 0, 16
			if b > 3 {
				l, size, unit, at, step = &ref[b-3], 8, 8, 64*b, 8
			} else if b > 0 {
				continue
			}
			for y := range size {
				for x := range size {
					px, py := (size*mx+x)*unit+int(v.x), (size*my+y)*unit+int(v.y)
					fx, fy := px&(unit-1)*8/unit, py&(unit-1)*8/unit
					pix := func(dx, dy int) int {
						return int(l.pix[l.at(min(max(px/unit-below(px, unit)+dx, 0), l.w-1), min(max(py/unit-below(py, unit)+dy, 0), l.h-1))])
					}
					want := ((8-fx)*(8-fy)*pix(0, 0) + fx*(8-fy)*pix(1, 0) + (8-fx)*fy*pix(0, 1) + fx*fy*pix(1, 1) + int(half&63)) / 64
					if g := int(got[at+y*step+x]); g != want {
						t.Fatalf("block %d moved by %v: %d, want %d", b, v, g, want)
					}
				}
			}
		}
		half = half.next()
	}
}

// below is 1 if v/unit was rounded up, as it is for negative numbers.
func below(v, unit int) int {
	if v < 0 && v%unit != 0 {
		return 1
	}
	return 0
}

// What the search takes for the place between pixels is nearly that place.
func TestTheCellIsNearlyTheMotion(t *testing.T) {
	m := soft(48, 48, 3, 8)
	var ref picture
	ref.resize(3, 3)
	for i := range 9 {
		var p patch
		p.take(m, m.Bounds(), i%3, i/3)
		ref.put(&p, i%3, i/3)
	}
	ref[0].extend(0, 48)
	var c cell
	l := &ref[0]
	c.fill(l, l.at(16, 16))
	for fy := range 5 {
		for fx := range 5 {
			if (fx|fy)&3 == 0 {
				continue
			}
			var p patch
			p.moveBrightness(l, 1, 1, vector{int16(fx), int16(fy)}, firstTurn)
			a, b, sa, sb := c.pick(l, fx, fy)
			if s := p.sadMean(a, b, sa, sb, 1<<30); s > 2*256 {
				t.Errorf("at %d, %d quarters: %d off", fx, fy, s)
			}
		}
	}
}

func TestColoursComeBackNearly(t *testing.T) {
	var pic picture
	pic.resize(1, 1)
	m := frame.New(16, 16)
	for _, c := range [][3]byte{{0, 0, 0}, {255, 255, 255}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {10, 200, 90}, {255, 255, 0}} {
		for i := range 256 {
			copy(m.Pix[4*i:], c[:])
		}
		var p patch
		p.take(m, m.Bounds(), 0, 0)
		pic.put(&p, 0, 0)
		pic.frame(0, 8)
		out := frame.New(16, 16)
		pic.show(out, out.Bounds(), 0, 0, 0, 1)
		for i := range out.Pix {
			if i&3 != 3 && abs(int(out.Pix[i])-int(c[i&3])) > 2 {
				t.Fatalf("%v came back as %v", c, out.Pix[i&^3:i&^3+4])
			}
		}
	}
}

func BenchmarkParts(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	m := scene(64, 64, 0, 8, rng)
	var p, o patch
	p.take(m, m.Bounds(), 0, 0)
	o.take(m, m.Bounds(), 1, 1)
	var pic picture
	pic.resize(4, 4)
	for i := range 16 {
		pic.put(&p, i&3, i>>2)
	}
	var s scale
	s.set(8)
	var waves64 [64]int32
	subtract(&waves64, &p, &o, 0)
	plain := waves64
	forward(&waves64)
	var l levels
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"pixels to planes, 256", func() { p.take(m, m.Bounds(), 0, 0) }},
		{"planes to pixels, 256", func() { pic.show(m, m.Bounds(), 1, 1, 0, 4) }},
		{"difference, 256", func() { p.sad(pic[0].pix[100:], pic[0].stride, 1<<30) }},
		{"waves roughly, 64", func() { p.rough(&o, 1) }},
		{"between pixels, 256", func() { o.moveBrightness(&pic[0], 1, 1, vector{5, 3}, firstTurn) }},
		{"all between pixels, 256", func() { new(cell).fill(&pic[0], pic[0].at(16, 16)) }},
		{"forward, 64", func() { t := plain; forward(&t) }},
		{"backward, 64", func() { t := waves64; backward(&t, 0xff) }},
		{"quantise, 64", func() { s.quantise(&l, &waves64, roundStill) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.do()
			}
		})
	}
}

// per reports nanoseconds a pixel.
func per(b *testing.B, pixels int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(pixels), "ns/pixel")
}

func BenchmarkPhoto(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	src, dst := scene(64, 64, 0, 4, rng), frame.New(64, 64)
	p := NewPhoto()
	var e odds.Encoder
	var d odds.Decoder
	var out []byte
	for _, c := range []struct {
		name      string
		tell, see func()
	}{
		{"photo", func() { p.Encode(&e, src, dst, src.Bounds(), 8) }, func() { p.Decode(&d, dst, src.Bounds(), 8) }},
		{"rest", func() { p.EncodeRest(&e, src, dst, src.Bounds()) }, func() { p.DecodeRest(&d, dst, src.Bounds()) }},
	} {
		// The rest is of the same photograph each time.
		shown := dst.Clone()
		p.Reset()
		b.Run(c.name+" encode", func(b *testing.B) {
			for b.Loop() {
				copy(dst.Pix, shown.Pix)
				e.Reset(out[:0])
				c.tell()
				out = e.Close()
			}
			per(b, 64*64)
			b.ReportMetric(float64(len(out)), "bytes")
		})
		b.Run(c.name+" decode", func(b *testing.B) {
			for b.Loop() {
				d.Reset(out)
				c.see()
			}
			per(b, 64*64)
		})
	}
}

func BenchmarkFilm(b *testing.B) {
	const w, h = 640, 352
	rng := rand.New(rand.NewPCG(1, 1))
	var srcs [8]frame.Image
	for i := range srcs {
		srcs[i] = scene(w, h, i, 0, rng)
	}
	shown, there := frame.New(w, h), frame.New(w, h)
	r := image.Rect(0, 0, w, h)
	from, to := NewFilm(), NewFilm()
	from.Begin(shown, r)
	to.Begin(there, r)
	var out []byte
	var outs [][]byte
	b.Run("encode", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			out = from.Encode(out[:0], srcs[n&7], shown, 12, nil)
			if len(outs) < 40 {
				outs = append(outs, append([]byte{}, out...))
			}
		}
		per(b, w*h)
	})
	b.Run("decode", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			if n%len(outs) == 0 {
				to.Begin(frame.New(w, h), r)
			}
			if err := to.Decode(outs[n%len(outs)], there, nil); err != nil {
				b.Fatal(err)
			}
		}
		per(b, w*h)
	})
	b.Run("still", func(b *testing.B) {
		for b.Loop() {
			out = from.Encode(out[:0], srcs[0], shown, 12, nil)
		}
		per(b, w*h)
	})
}

// FuzzDifferences: one machine's instructions and any machine's arithmetic.
func FuzzDifferences(f *testing.F) {
	f.Add([]byte("16×16 pixels, and as many again, and some more"), uint8(16))
	f.Add([]byte{0, 255, 255, 0, 128, 127}, uint8(99))
	f.Fuzz(func(t *testing.T, in []byte, stride uint8) {
		if len(in) == 0 {
			return
		}
		s := 16 + int(stride)
		var p patch
		a, b := make([]byte, 15*s+16), make([]byte, 15*24+16)
		for i := range a {
			a[i] = in[i%len(in)]
		}
		for i := range b {
			b[i] = in[(i*7+1)%len(in)]
		}
		for i := range p {
			p[i] = in[(i*3+2)%len(in)]
		}
		if got, want := p.sad(a, s, 1<<30), p.sadPlain(a, s, 1<<30); got != want {
			t.Fatalf("sad %d, want %d", got, want)
		}
		if got, want := p.sadMean(a, b, s, 24, 1<<30), p.sadMeanPlain(a, b, s, 24, 1<<30); got != want {
			t.Fatalf("sadMean %d, want %d", got, want)
		}
	})
}
