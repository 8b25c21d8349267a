package film

import (
	"image"
	"math/rand/v2"
	"testing"

	"handrail/shared/frame"
	"handrail/shared/odds"
)

// scene makes a picture with waves, edges and some noise; it moves with t.
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

var sizes = [][2]int{{1, 1}, {3, 5}, {64, 64}, {17, 9}, {16, 16}, {33, 64}, {64, 1}, {2, 50}}

func TestAPhotographIsTheSameOnBothSidesAndTheRestMakesItExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	from, to := NewPhoto(), NewPhoto()
	for i := range 120 {
		size := sizes[i%len(sizes)]
		q := 1 + rng.IntN(MaxStep)
		src := scene(150, 140, i, rng.IntN(60), rng)
		x, y := rng.IntN(150-size[0]+1), rng.IntN(140-size[1]+1)
		r := image.Rect(x, y, x+size[0], y+size[1])
		here, there := frame.New(150, 140), frame.New(150, 140)
		var e odds.Encoder
		e.Reset(nil)
		from.Encode(&e, src, here, r, q)
		var d odds.Decoder
		d.Reset(e.Close())
		to.Decode(&d, there, r, q)
		if !frame.Equal(here, there) {
			t.Fatalf("%v at %d: the receiver shows something else", r, q)
		}
		e.Reset(nil)
		from.EncodeRest(&e, src, here, r)
		d.Reset(e.Close())
		to.DecodeRest(&d, there, r)
		if !frame.Equal(here, there) {
			t.Fatalf("%v: the receiver's rest is another", r)
		}
		want := frame.New(150, 140)
		frame.Copy(want, src, r)
		if !frame.Equal(there, want) {
			t.Fatalf("%v: not exact, or something outside was touched", r)
		}
	}
}

func TestAFilmIsTheSameOnBothSides(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	from, to := NewFilm(), NewFilm()
	for i := range 12 {
		w, h := 1+rng.IntN(120), 1+rng.IntN(120)
		r := image.Rect(5, 7, 5+w, 7+h)
		here := scene(130, 130, i, 0, rng)
		there := here.Clone()
		from.Begin(here, r)
		to.Begin(there, r)
		for n := range 10 {
			src := scene(130, 130, i+n, rng.IntN(2)*rng.IntN(40), rng)
			out := from.Encode(nil, src, here, 1+rng.IntN(MaxStep), nil)
			if err := to.Decode(out, there, nil); err != nil {
				t.Fatal(err)
			}
			if !frame.Equal(here, there) {
				t.Fatalf("%d×%d, picture %d: the receiver shows something else", w, h, n)
			}
		}
	}
}
