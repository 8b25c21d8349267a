package film

import (
	"crypto/sha256"
	"encoding/hex"
	"image"
	"math/rand/v2"
	"testing"

	"handrail/shared/frame"
	"handrail/shared/odds"
)

var sizes = [][2]int{{1, 1}, {3, 5}, {64, 64}, {17, 9}, {16, 16}, {33, 64}, {64, 1}, {2, 50}, {7, 7}}

func TestAPhotographIsTheSameOnBothSidesAndTheRestMakesItExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	from, to := NewPhoto(), NewPhoto()
	for i := range 180 {
		if i%20 == 19 {
			from.Reset()
			to = NewPhoto() // what photographs were before must not matter
		}
		size := sizes[i%len(sizes)]
		q := 1 + rng.IntN(MaxStep)
		src := scene(150, 140, i, rng.IntN(2)*rng.IntN(300), rng)
		x, y := rng.IntN(150-size[0]+1), rng.IntN(140-size[1]+1)
		r := image.Rect(x, y, x+size[0], y+size[1])
		here, there := frame.New(150, 140), frame.New(150, 140)
		var e odds.Encoder
		e.Reset(nil)
		from.Encode(&e, src, here, r, q)
		var d odds.Decoder
		d.Reset(e.Close())
		to.Decode(&d, there, r, q)
		same(t, here, there, r.String())
		e.Reset(nil)
		from.EncodeRest(&e, src, here, r)
		d.Reset(e.Close())
		to.DecodeRest(&d, there, r)
		same(t, here, there, r.String())
		want := frame.New(150, 140)
		frame.Copy(want, src, r)
		if !frame.Equal(there, want) {
			t.Fatalf("%v: not exact, or something outside was touched", r)
		}
	}
}

// The rest makes anything exact, also what no photograph ever was.
func TestTheRestMakesAnythingExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	from, to := NewPhoto(), NewPhoto()
	for i := range 60 {
		r := image.Rect(0, 0, 1+rng.IntN(64), 1+rng.IntN(64))
		src, dst := frame.New(64, 64), frame.New(64, 64)
		for k := range src.Pix {
			if i&1 == 0 {
				src.Pix[k], dst.Pix[k] = byte(rng.Uint32()), byte(rng.Uint32())
			} else {
				src.Pix[k], dst.Pix[k] = byte(-int8(k>>i&1)), byte(-int8(k>>(i+1)&1))
			}
		}
		there := dst.Clone()
		var e odds.Encoder
		e.Reset(nil)
		from.EncodeRest(&e, src, dst, r)
		var d odds.Decoder
		d.Reset(e.Close())
		to.DecodeRest(&d, there, r)
		same(t, dst.Sub(r), there.Sub(r), "both sides")
		same(t, src.Sub(r), there.Sub(r), "the original")
	}
}

func TestAPhotographIsAsFaithfulAsItsQuantiser(t *testing.T) {
	src := soft(64, 64, 11, 5)
	for _, c := range []struct{ q, squares, bytes int }{
		{1, 2, 6000},
		{8, 7, 1500},
		{14, 16, 1000},
		{22, 32, 750},
		{64, 160, 400},
	} {
		p := NewPhoto()
		dst := frame.New(64, 64)
		var e odds.Encoder
		e.Reset(nil)
		p.Encode(&e, src, dst, src.Bounds(), c.q)
		if sum, n := apartIn(src, dst, src.Bounds()); sum > c.squares*n {
			t.Errorf("at %d: %d squares apart over %d values", c.q, sum, n)
		}
		if n := len(e.Close()); n > c.bytes {
			t.Errorf("at %d: %d bytes", c.q, n)
		}
	}
}

func TestAPhotographDependsOnlyOnWhatIsInside(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	src := scene(64, 64, 0, 20, rng)
	r := image.Rect(10, 11, 50, 52)
	other := scene(64, 64, 9, 20, rng)
	frame.Copy(other, src, r)
	var bytes [2]string
	var shown [2]frame.Image
	for i, s := range []frame.Image{src, other} {
		shown[i] = frame.New(64, 64)
		var e odds.Encoder
		e.Reset(nil)
		NewPhoto().Encode(&e, s, shown[i], r, 9)
		bytes[i] = string(e.Close())
	}
	if bytes[0] != bytes[1] {
		t.Fatal("what lies outside changed the bytes")
	}
	same(t, shown[0], shown[1], "inside")
}

func TestResetForgets(t *testing.T) {
	src := soft(64, 64, 0, 0)
	tell := func(p *Photo) string {
		dst := frame.New(64, 64)
		var e odds.Encoder
		e.Reset(nil)
		p.Encode(&e, src, dst, src.Bounds(), 9)
		p.EncodeRest(&e, src, dst, src.Bounds())
		return string(e.Close())
	}
	p := NewPhoto()
	first := tell(p)
	if tell(p) == first {
		t.Fatal("nothing was learnt")
	}
	p.Reset()
	if tell(p) != first {
		t.Fatal("something was not forgotten")
	}
}

func TestAPhotographAllocatesNothing(t *testing.T) {
	src := soft(64, 64, 0, 0)
	from, to := NewPhoto(), NewPhoto()
	here, there := frame.New(64, 64), frame.New(64, 64)
	var out []byte
	var e odds.Encoder
	var d odds.Decoder
	step := func() {
		e.Reset(out[:0])
		from.Encode(&e, src, here, src.Bounds(), 9)
		from.EncodeRest(&e, src, here, src.Bounds())
		out = e.Close()
		d.Reset(out)
		to.Decode(&d, there, src.Bounds(), 9)
		to.DecodeRest(&d, there, src.Bounds())
	}
	step()
	if a := testing.AllocsPerRun(20, step); a != 0 {
		t.Fatalf("%v allocations", a)
	}
}

// Every machine makes these bytes. A change of the format changes them, and
// FORMAT.md with them.
func TestTheBytesAreThoseOfTheFormat(t *testing.T) {
	const (
		photos = "d6224ef957163d2e1ddab706d01a1176e4770920c79ae0fb11fa5e52d6d9f0a6"
		films  = "660a3db3343c4563c50f67816b0226a66c2d48763e2f6bab369e928fea5e0da8"
	)
	sum := sha256.New()
	rng := rand.New(rand.NewPCG(15, 16))
	p := NewPhoto()
	for i, s := range sizes {
		src, dst := scene(64, 64, i, 4*i, rng), frame.New(64, 64)
		r := image.Rect(0, 0, s[0], s[1])
		var e odds.Encoder
		e.Reset(nil)
		p.Encode(&e, src, dst, r, 1+7*i)
		p.EncodeRest(&e, src, dst, r)
		sum.Write(e.Close())
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != photos {
		t.Errorf("photographs: %s", got)
	}
	sum.Reset()
	f := NewFilm()
	shown := frame.New(150, 130)
	f.Begin(shown, image.Rect(2, 1, 149, 128))
	for n := range 12 {
		src := soft(150, 130, 5*n, n*n/2)
		if n > 8 {
			src = scene(150, 130, n, 9, rng)
		}
		sum.Write(f.Encode(nil, src, shown, 5+3*n, nil))
	}
	for i := 3; i < len(shown.Pix); i += 4 {
		shown.Pix[i] = 0
	}
	sum.Write(shown.Pix)
	if got := hex.EncodeToString(sum.Sum(nil)); got != films {
		t.Errorf("films: %s", got)
	}
}

// FuzzDecodePhoto: any bytes leave what is outside the rectangle alone, and
// are taken the same way by two receivers.
func FuzzDecodePhoto(f *testing.F) {
	rng := rand.New(rand.NewPCG(17, 18))
	src, dst := scene(80, 80, 0, 9, rng), frame.New(80, 80)
	var e odds.Encoder
	e.Reset(nil)
	p := NewPhoto()
	p.Encode(&e, src, dst, image.Rect(5, 5, 69, 69), 9)
	p.EncodeRest(&e, src, dst, image.Rect(5, 5, 69, 69))
	f.Add(e.Close(), uint8(64), uint8(64), uint8(9))
	f.Add([]byte{}, uint8(1), uint8(2), uint8(0))
	f.Add([]byte{255, 255, 255, 255, 0, 1, 2}, uint8(30), uint8(20), uint8(200))
	from, to := NewPhoto(), NewPhoto()
	f.Fuzz(func(t *testing.T, in []byte, w, h, q uint8) {
		r := image.Rect(5, 5, 6+int(w)%64, 6+int(h)%64)
		first := soft(80, 80, 0, 0)
		var shown [2]frame.Image
		for i, p := range []*Photo{from, to} {
			p.Reset()
			shown[i] = first.Clone()
			var d odds.Decoder
			d.Reset(in)
			p.Decode(&d, shown[i], r, int(q))
			p.DecodeRest(&d, shown[i], r)
		}
		same(t, shown[0], shown[1], "two receivers")
		frame.Copy(first, shown[0], r)
		same(t, first, shown[0], "outside")
	})
}
