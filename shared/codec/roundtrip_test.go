package codec

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"handrail/shared/frame"
)

// sizes are pictures whose edges fall everywhere in a tile.
var sizes = [][2]int{
	{1, 1}, {2, 65}, {63, 65}, {64, 64}, {65, 63}, {129, 1}, {1, 200}, {127, 129}, {200, 130}, {331, 257},
}

// Whatever happens on the screen, however little of it goes at a time, and
// whatever else is asked of the encoder in between.
func TestBothSidesAreEqualAfterEverySlice(t *testing.T) {
	t.Parallel()
	for i, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(i), 31))
			m := newDesk(uint64(i), size[0], size[1])
			p := newPair(t, Automatic)
			p.strict = true
			for range 60 {
				m.step()
				p.e.Damage(m.damage...)
				p.now = p.now.Add(time.Duration(rng.IntN(80)) * time.Millisecond)
				whim(rng, p, m)
				for range rng.IntN(4) {
					p.slice(m.Image)
				}
			}
			p.rests(m.Image)
			p.same()
		})
	}
}

// whim asks something of the encoder that a viewer may want at any time.
func whim(rng *rand.Rand, p *pair, m *desk) {
	switch rng.IntN(25) {
	case 0:
		p.e.KeyFrame()
	case 1, 2:
		p.e.Tune(Profile(rng.IntN(6)), rng.IntN(6)-1)
	case 3, 4, 5:
		p.e.Urgent(m.some(m.W, m.H))
	case 6, 7:
		p.now = p.now.Add(time.Duration(rng.IntN(2000)) * time.Millisecond)
	case 8, 9, 10:
		p.limit = 1 + rng.IntN(20000)
	}
}

func TestUnderTheExactProfileNothingIsShownButWhatIs(t *testing.T) {
	for i, size := range sizes {
		rng := rand.New(rand.NewPCG(uint64(i), 32))
		m := newDesk(uint64(100+i), size[0], size[1])
		p := newPair(t, Exact)
		for n := range 20 {
			m.step()
			p.e.Damage(m.damage...)
			p.now = p.now.Add(33 * time.Millisecond)
			p.limit = 1 + rng.IntN(9000)
			p.all(m.Image)
			if !frame.Equal(m.Image, p.d.Image()) {
				t.Fatalf("%d×%d, step %d: the pictures differ and nothing is pending", m.W, m.H, n)
			}
			if at, ok := p.e.Due(); ok {
				t.Fatalf("something is due at %v", at)
			}
		}
		p.same()
	}
}

// Changing the profile to one that makes everything exact does so.
func TestAnyProfileCanBecomeExact(t *testing.T) {
	t.Parallel()
	for _, from := range []Profile{Automatic, Bits8} {
		m := newDesk(uint64(from), 270, 230)
		p := newPair(t, from)
		p.strict = true
		m.film = m.Bounds().Inset(30)
		for range 25 {
			m.step()
			p.e.Damage(m.damage...)
			p.now = p.now.Add(33 * time.Millisecond)
			p.slice(m.Image)
		}
		p.e.Tune(Exact, 0)
		p.rests(m.Image)
		if !frame.Equal(m.Image, p.d.Image()) {
			t.Fatalf("from profile %d: not exact", from)
		}
	}
}
