package codec

import (
	"image"
	"math/rand/v2"
	"testing"
	"time"

	"handrail/shared/frame"
)

// noise fills r with what nothing makes small.
func (m *desk) noise(r frame.Rect) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := m.Row(y, r.Min.X, r.Max.X)
		for i := range row {
			row[i] = byte(m.rng.Uint32())
		}
	}
}

func TestUnchangedDamageCostsNothing(t *testing.T) {
	for _, profile := range []Profile{Automatic, Exact} {
		m := newDesk(1, 300, 200)
		m.photo(image.Rect(100, 50, 300, 200), 1)
		p := newPair(t, profile)
		p.all(m.Image)
		p.rests(m.Image)
		for range 3 {
			p.now = p.now.Add(time.Second)
			p.e.Damage(m.Bounds())
			if s := p.e.Encode([]byte("before"), m.Image, 8192, p.now); string(s) != "before" {
				t.Fatalf("%d bytes for nothing", len(s)-6)
			}
			if p.owed() {
				t.Fatal("still something to do")
			}
		}
	}
}

func TestTheUndefinedByteCostsNothing(t *testing.T) {
	m := newDesk(1, 300, 200)
	p := newPair(t, Automatic)
	p.all(m.Image)
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] ^= 0x55
	}
	p.e.Damage(m.Bounds())
	if s := p.e.Encode(nil, m.Image, 8192, p.now); len(s) > 0 {
		t.Fatalf("%d bytes", len(s))
	}
}

// One changed tile at the top, again and again, must not hold back the rest.
func TestNoPartOfThePictureStarves(t *testing.T) {
	m := newDesk(2, 256, 256)
	p := newPair(t, Exact)
	p.all(m.Image)
	p.limit = 3000
	m.noise(m.Bounds())
	p.e.Damage(m.Bounds())
	bottom := image.Rect(0, 192, 256, 256)
	for range 40 {
		p.slice(m.Image)
		if frame.Equal(p.d.Image().Sub(bottom), m.Sub(bottom)) {
			return
		}
		m.noise(image.Rect(0, 3, 256, 4))
		p.e.Damage(image.Rect(0, 0, 256, 32))
	}
	t.Fatal("the bottom never came")
}

// A slice may be longer than its limit by what one tile takes in each stripe.
func TestSlicesStayNearTheirLimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 8192, 60000} {
		m := newDesk(3, 320, 200)
		p := newPair(t, Exact)
		p.limit = limit
		m.noise(m.Bounds())
		for p.slice(m.Image) {
			if tile := 4 * side * side; len(p.buf) > limit+tile {
				t.Fatalf("slice of %d bytes, limit %d", len(p.buf), limit)
			}
		}
	}
}

// What somebody waits for comes first, wherever the slice before stopped.
func TestUrgentTilesComeFirst(t *testing.T) {
	t.Parallel()
	for before := 1; before < 5; before += 2 {
		for _, at := range []image.Point{{10, 10}, {150, 150}, {300, 300}} {
			m := newDesk(4, 320, 320)
			p := newPair(t, Exact)
			p.all(m.Image)
			m.noise(m.Bounds())
			p.e.Damage(m.Bounds())
			p.limit = 10000
			for range before {
				p.slice(m.Image)
			}
			u := frame.Rect{Min: at, Max: at.Add(image.Pt(8, 14))}
			m.fill(u, 77)
			p.e.Damage(u)
			p.e.Urgent(u)
			p.slice(m.Image)
			if !frame.Equal(m.Sub(u), p.d.Image().Sub(u)) {
				t.Errorf("after %d slices, what is urgent at %v was not in the next one, of %d bytes", before, at, len(p.buf))
			}
			if len(p.buf) > 4*side*side {
				t.Errorf("%d bytes with what is urgent", len(p.buf))
			}
		}
	}
}

// A larger screen costs no more where nothing happens on it.
func TestTypingCostsTheSameOnAScreenFourTimesAsLarge(t *testing.T) {
	cost := func(w, h int) int {
		m := &desk{Image: frame.New(w, h), rng: rand.New(rand.NewPCG(5, 5))}
		m.text(image.Rect(100, 100, 500, 300), 2)
		p := newPair(t, Automatic)
		p.e.Resize(w, h)
		p.encode(m.Image)
		p.bytes = 0
		for n := range 300 {
			at := image.Pt(100+n%100*8, 300+n/100*14)
			r := frame.Rect{Min: at, Max: at.Add(image.Pt(8, 14))}
			m.fill(r, 0xfcfcf8)
			m.glyph(at, r, m.rng.IntN(40))
			p.e.Damage(r)
			p.now = p.now.Add(100 * time.Millisecond)
			p.encode(m.Image)
		}
		return p.bytes
	}
	small, large := cost(1920, 1080), cost(3840, 2160)
	if large*100 > small*103 {
		t.Fatalf("%d bytes on a screen four times as large as one with %d", large, small)
	}
	if small > 300*40 {
		t.Fatalf("%d bytes a letter", small/300)
	}
	t.Logf("%d bytes a letter, %d on the larger screen", small/300, large/300)
}

// A window that is opened and closed again was there before.
func TestWhatWasThereBeforeCostsLittle(t *testing.T) {
	m := newDesk(6, 640, 400)
	p := newPair(t, Exact)
	m.text(m.Bounds(), 8)
	p.all(m.Image)
	was := m.Clone()
	r := image.Rect(64, 64, 576, 384)
	for n := range 4 {
		p.now = p.now.Add(2 * time.Second)
		before := p.bytes
		if n%2 == 0 {
			m.text(r, 9)
		} else {
			frame.Copy(m.Image, was, r)
		}
		p.e.Damage(r)
		p.all(m.Image)
		if cost := p.bytes - before; n > 0 && cost > 6*40 {
			t.Errorf("change %d of what is known: %d bytes for 40 tiles", n, cost)
		}
	}
}

// A page that moves costs what comes in at its edge.
func TestAMoveCostsLittle(t *testing.T) {
	m := newDesk(7, 640, 640)
	p := newPair(t, Exact)
	m.text(m.Bounds(), 8)
	p.all(m.Image)
	all := p.bytes
	for range 10 {
		p.now = p.now.Add(100 * time.Millisecond)
		m.shift(m.Bounds(), image.Pt(0, -14))
		m.fill(image.Rect(0, 626, 640, 640), 0xfcfcf8)
		p.e.Damage(m.Bounds())
		before := p.bytes
		p.all(m.Image)
		if cost := p.bytes - before; cost > all/50 {
			t.Fatalf("%d bytes for a move of what cost %d", cost, all)
		}
	}
}

// So is a photograph that a window hid: exact at once, and cheap.
func TestAPhotographThatIsUncoveredCostsLittle(t *testing.T) {
	m := newDesk(8, 500, 330)
	p := newPair(t, Automatic)
	m.photo(image.Rect(0, 0, 500, 330), 1)
	p.all(m.Image)
	p.rests(m.Image)
	was := m.Clone()
	r := image.Rect(64, 64, 384, 256)
	for range 3 {
		p.now = p.now.Add(2 * time.Second)
		m.text(r, 9)
		p.e.Damage(r)
		p.all(m.Image)
		p.now = p.now.Add(2 * time.Second)
		frame.Copy(m.Image, was, r)
		p.e.Damage(r)
		before := p.bytes
		p.all(m.Image)
		if cost := p.bytes - before; cost > 6*15 {
			t.Errorf("%d bytes for 15 tiles", cost)
		}
		if !frame.Equal(m.Image, p.d.Image()) {
			t.Error("not exact at once")
		}
	}
}

// A gradient that was drawn is shown as a photograph first, and follows from
// itself when it is made exact.
func TestAGradientCostsLittle(t *testing.T) {
	m := newDesk(9, 500, 330)
	p := newPair(t, Automatic)
	p.all(m.Image)
	r := image.Rect(64, 64, 384, 256)
	before := p.bytes
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			dot(m.Row(y, x, x+1), uint32(x)|uint32(y)<<8|7<<16)
		}
	}
	p.e.Damage(r)
	p.all(m.Image)
	p.rests(m.Image)
	if cost := p.bytes - before; cost > r.Dx()*r.Dy()/10 {
		t.Errorf("%d bytes for %d pixels", cost, r.Dx()*r.Dy())
	}
}
