package codec

import (
	"errors"
	"image"
	"math/rand/v2"
	"testing"
	"time"

	"handrail/shared/frame"
)

// scribble changes a random part of m in one of the ways screens change, and
// returns it.
func scribble(rng *rand.Rand, m frame.Image) frame.Rect {
	x, y := rng.IntN(m.W), rng.IntN(m.H)
	r := image.Rect(x, y, x+1+rng.IntN(m.W), y+1+rng.IntN(m.H)).Intersect(m.Bounds())
	kind, colour := rng.IntN(5), rng.Uint32()
	var few [5]uint32
	for i := range few {
		few[i] = rng.Uint32()
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := m.Row(y, r.Min.X, r.Max.X)
		for i := 0; i < len(row); i += 4 {
			c := colour
			switch kind {
			case 1: // text
				c = few[rng.IntN(len(few))]
			case 2: // noise
				c = rng.Uint32()
			case 3: // a gradient
				c = uint32(i) + uint32(y)<<8
			case 4: // a few pixels
				if rng.IntN(50) != 0 {
					continue
				}
			}
			// The fourth byte is whatever it is.
			row[i], row[i+1], row[i+2], row[i+3] = byte(c), byte(c>>8), byte(c>>16), byte(c>>24)
		}
	}
	return r
}

// exactly makes an encoder that shows nothing but what is.
func exactly() *Encoder {
	e := NewEncoder(nil)
	e.Tune(Exact, 0)
	return e
}

// pass sends all that is pending to d and counts the bytes.
func pass(t testing.TB, e *Encoder, d *Decoder, pic frame.Image, limit int) (bytes int, damage []frame.Rect) {
	t.Helper()
	for e.Pending() {
		s := e.Encode(nil, pic, limit, time.Time{})
		if len(s) == 0 {
			if e.Pending() {
				t.Fatal("nothing encoded, and yet something pending")
			}
			break
		}
		rs, err := d.Decode(s)
		if err != nil {
			t.Fatal(err)
		}
		damage = append(damage, rs...)
		bytes += len(s)
	}
	return bytes, damage
}

func TestDecodedPictureIsTheEncodedOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	e, d := exactly(), NewDecoder(DefaultLimits(), nil)
	for range 12 {
		pic := frame.New(1+rng.IntN(300), 1+rng.IntN(200))
		scribble(rng, pic)
		e.Resize(pic.W, pic.H)
		for range 15 {
			before := d.Image().Clone()
			e.Damage(scribble(rng, pic))
			_, damage := pass(t, e, d, pic, 1+rng.IntN(20000))
			if !frame.Equal(pic, d.Image()) {
				t.Fatalf("%d×%d differs", pic.W, pic.H)
			}
			if before.W == pic.W && before.H == pic.H {
				checkDamage(t, before, d.Image(), damage)
			}
		}
		if rng.IntN(2) == 0 {
			e.KeyFrame()
			d = NewDecoder(DefaultLimits(), nil)
		}
	}
}

// checkDamage fails if a pixel outside damage changed.
func checkDamage(t *testing.T, before, after frame.Image, damage []frame.Rect) {
	t.Helper()
	for _, r := range damage {
		frame.Copy(before, after, r)
	}
	if !frame.Equal(before, after) {
		t.Fatal("a change was not reported")
	}
}

func TestUnchangedDamageCostsNothing(t *testing.T) {
	e, d := exactly(), NewDecoder(DefaultLimits(), nil)
	pic := frame.New(200, 100)
	scribble(rand.New(rand.NewPCG(1, 1)), pic)
	e.Resize(pic.W, pic.H)
	pass(t, e, d, pic, 8192)
	e.Damage(pic.Bounds())
	if s := e.Encode([]byte("before"), pic, 8192, time.Time{}); string(s) != "before" {
		t.Fatalf("%d bytes for nothing", len(s)-6)
	}
	if e.Pending() {
		t.Fatal("still pending")
	}
}

// One changed tile at the top, again and again, must not hold back the rest.
func TestNoPartOfThePictureStarves(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	e, d := exactly(), NewDecoder(DefaultLimits(), nil)
	pic := frame.New(256, 256)
	e.Resize(pic.W, pic.H)
	pass(t, e, d, pic, 1<<20)
	for i := range pic.Pix {
		pic.Pix[i] = byte(rng.Uint32())
	}
	e.Damage(pic.Bounds())
	bottom := image.Rect(0, 224, 256, 256)
	for range 200 {
		if _, err := d.Decode(e.Encode(nil, pic, 3000, time.Time{})); err != nil {
			t.Fatal(err)
		}
		if frame.Equal(d.Image().Sub(bottom), pic.Sub(bottom)) {
			return
		}
		pic.Pix[0]++
		e.Damage(image.Rect(0, 0, 256, 32))
		for i := range pic.Row(3, 0, 256) {
			pic.Row(3, 0, 256)[i] = byte(rng.Uint32())
		}
	}
	t.Fatal("the bottom never came")
}

func TestSlicesStayNearTheirLimit(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	e, d := exactly(), NewDecoder(DefaultLimits(), nil)
	pic := frame.New(1280, 720)
	for range 40 {
		scribble(rng, pic)
	}
	e.Resize(pic.W, pic.H)
	for e.Pending() {
		s := e.Encode(nil, pic, 8192, time.Time{})
		if len(s) > 2*8192+3*side*side {
			t.Fatalf("slice of %d bytes", len(s))
		}
		if _, err := d.Decode(s); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADecoderAfterAMistakeWantsAKeyFrame(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	e, d := exactly(), NewDecoder(DefaultLimits(), nil)
	pic := frame.New(100, 100)
	scribble(rng, pic)
	if _, err := d.Decode([]byte{0, 0, 0, 1, 2, 3}); !errors.Is(err, ErrNeedKey) {
		t.Fatalf("before any key frame: %v", err)
	}
	e.Resize(pic.W, pic.H)
	pass(t, e, d, pic, 1<<20)
	if _, err := d.Decode([]byte{0x80, 0, 99}); !errors.Is(err, ErrMalformed) {
		t.Fatalf("unknown flag: %v", err)
	}
	e.Damage(scribble(rng, pic))
	if _, err := d.Decode(e.Encode(nil, pic, 1<<20, time.Time{})); !errors.Is(err, ErrNeedKey) {
		t.Fatalf("after a mistake: %v", err)
	}
	e.KeyFrame()
	pass(t, e, d, pic, 1<<20)
	if !frame.Equal(pic, d.Image()) {
		t.Fatal("the key frame did not heal")
	}
}

func TestBadSlicesAreRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		slice []byte
	}{
		{"empty", nil},
		{"unknown flag", []byte{0x80, 10, 10}},
		{"no version", []byte{1}},
		{"other version", []byte{1, 1, 10, 10, 0}},
		{"no size", []byte{1, version}},
		{"no width", []byte{1, version, 0, 10}},
		{"side too long", []byte{1, version, 0x81, 0x80, 1, 1}},
		{"too many pixels", []byte{1, version, 0x80, 0x80, 1, 0x80, 0x80, 1}},
		{"check cut off", []byte{3, version, 32, 32, 1, 2}},
		{"more stripes than columns", []byte{1 | 1<<stripesShift, version, 32, 32, 0}},
		{"eight stripes", []byte{1 | 3<<stripesShift, version, 0x80, 0x10, 32, 0}},
		{"stripe longer than the slice", []byte{1 | 1<<stripesShift, version, 0x80, 1, 32, 5, 1, 2}},
		{"moves in a black picture that reach outside", []byte{1, version, 32, 32}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := NewDecoder(DefaultLimits(), nil).Decode(c.slice); !errors.Is(err, ErrMalformed) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

// FuzzDecode: no bytes make the decoder panic, draw outside its picture or
// take more memory than its limits; and what it reports covers what it drew.
func FuzzDecode(f *testing.F) {
	rng := rand.New(rand.NewPCG(5, 5))
	e := exactly()
	pic := frame.New(100, 70)
	for range 6 {
		e.Damage(scribble(rng, pic))
		f.Add(e.Encode(nil, pic, 4096, time.Time{}))
	}
	limits := Limits{Side: 256, Pixels: 128 * 128}
	f.Fuzz(func(t *testing.T, slice []byte) {
		d := NewDecoder(limits, nil)
		if _, err := d.Decode([]byte{1, version, 100, 70, 0xff}); err != nil {
			t.Fatal(err)
		}
		before := d.Image().Clone()
		damage, err := d.Decode(slice)
		after := d.Image()
		if after.W*after.H > limits.Pixels {
			t.Fatal("limits broken")
		}
		if err == nil && after.W == before.W && after.H == before.H {
			checkDamage(t, before, after, damage)
		}
		if _, err2 := d.Decode([]byte{0}); (err != nil) != errors.Is(err2, ErrNeedKey) {
			t.Fatalf("after %v the next slice gives %v", err, err2)
		}
	})
}

// FuzzRoundTrip: whatever changes in whatever order, the pictures end equal.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint64(1), uint16(64), uint16(64), uint16(100))
	f.Add(uint64(2), uint16(1), uint16(257), uint16(9000))
	f.Fuzz(func(t *testing.T, seed uint64, w, h, limit uint16) {
		rng := rand.New(rand.NewPCG(seed, 0))
		pic := frame.New(1+int(w)%300, 1+int(h)%300)
		e, d := exactly(), NewDecoder(DefaultLimits(), nil)
		e.Resize(pic.W, pic.H)
		for range 5 {
			e.Damage(scribble(rng, pic))
			// Only some of it goes before the next change.
			for range rng.IntN(4) {
				if s := e.Encode(nil, pic, int(limit), time.Time{}); len(s) > 0 {
					if _, err := d.Decode(s); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		pass(t, e, d, pic, int(limit))
		if !frame.Equal(pic, d.Image()) {
			t.Fatal("pictures differ")
		}
	})
}

// page draws something like a page of text.
func page(seed uint64) frame.Image {
	rng := rand.New(rand.NewPCG(seed, 1))
	m := frame.New(1920, 1080)
	for i := range m.Pix {
		m.Pix[i] = 0xf4
	}
	for y := 20; y < 1060; y += 18 {
		for x := 40; x < 1800; x += 9 {
			if rng.IntN(6) == 0 {
				continue
			}
			glyph := rand.New(rand.NewPCG(rng.Uint64N(60), 2))
			for dy := range 12 {
				for dx := range 7 {
					if v := glyph.IntN(4); v < 3 {
						p := m.Row(y+dy, x+dx, x+dx+1)
						p[0], p[1], p[2] = byte(v*80), byte(v*80), byte(v*80)
					}
				}
			}
		}
	}
	return m
}

func BenchmarkEncode(b *testing.B) {
	a, c := page(1), page(2)
	for _, bm := range []struct {
		name string
		area frame.Rect
	}{
		{"full page", a.Bounds()},
		{"typing", image.Rect(300, 300, 310, 316)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			e := exactly()
			var buf []byte
			for e.Resize(a.W, a.H); e.Pending(); {
				buf = e.Encode(buf[:0], a, 8192, time.Time{})
			}
			work, sum, n := a.Clone(), 0, 0
			b.ReportAllocs()
			for b.Loop() {
				n++
				from := a
				if n%2 == 1 {
					from = c
				}
				frame.Copy(work, from, bm.area)
				e.Damage(bm.area)
				for e.Pending() {
					buf = e.Encode(buf[:0], work, 8192, time.Time{})
					sum += len(buf)
				}
			}
			b.ReportMetric(float64(sum)/float64(n), "bytes/frame")
		})
	}
	b.Run("nothing changed", func(b *testing.B) {
		e, a := exactly(), a.Clone()
		for i := 3; i < len(a.Pix); i += 4 {
			a.Pix[i] = 0xff // as X servers leave the undefined byte of windows
		}
		for e.Resize(a.W, a.H); e.Pending(); {
			e.Encode(nil, a, 1<<20, time.Time{})
		}
		b.ReportAllocs()
		for b.Loop() {
			e.Damage(a.Bounds())
			e.Encode(nil, a, 8192, time.Time{})
		}
	})
}

func BenchmarkDecodeFullPage(b *testing.B) {
	e, pic := exactly(), page(1)
	var slices [][]byte
	e.Resize(pic.W, pic.H)
	for e.Pending() {
		slices = append(slices, e.Encode(nil, pic, 8192, time.Time{}))
	}
	d := NewDecoder(DefaultLimits(), nil)
	b.ReportAllocs()
	for b.Loop() {
		for _, s := range slices {
			if _, err := d.Decode(s); err != nil {
				b.Fatal(err)
			}
		}
	}
}
