package codec

import (
	"testing"
	"time"

	"handrail/shared/frame"
)

// start is when the tests' time begins.
func start() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// pair is the two ends of a stream. After each slice it holds them to what
// they promise each other.
type pair struct {
	t      testing.TB
	e      *Encoder
	d      *Decoder
	now    time.Time
	limit  int  // bytes of a slice
	strict bool // compares also what is reported to have changed
	buf    []byte
	before frame.Image
	slices int
	bytes  int
}

func newPair(t testing.TB, p Profile) *pair {
	e := NewEncoder(nil)
	e.Tune(p, 0)
	return &pair{t: t, e: e, d: NewDecoder(DefaultLimits(), nil), now: start(), limit: 8192}
}

// owed says whether the encoder has something to do.
func (p *pair) owed() bool {
	at, ok := p.e.Due()
	return p.e.Pending() || ok && !at.After(p.now)
}

// slice sends one slice and says whether there was one.
func (p *pair) slice(pic frame.Image) bool {
	p.t.Helper()
	if p.strict {
		p.before = p.d.Image().Clone()
	}
	p.buf = p.e.Encode(p.buf[:0], pic, p.limit, p.now)
	p.sound(pic)
	if len(p.buf) == 0 {
		if p.owed() {
			p.t.Fatal("nothing encoded, and yet there is something to do")
		}
		return false
	}
	p.slices++
	p.bytes += len(p.buf)
	damage, err := p.d.Decode(p.buf)
	if err != nil {
		p.t.Fatalf("slice %d: %v", p.slices, err)
	}
	if !frame.Equal(p.d.Image(), p.e.shown) {
		p.t.Fatalf("slice %d: the decoder shows something else than the encoder believes", p.slices)
	}
	if p.strict && p.before.W == pic.W && p.before.H == pic.H {
		checkDamage(p.t, p.before, p.d.Image(), damage)
	}
	return true
}

// all sends everything that there is to send now, and says how many slices
// that were.
func (p *pair) all(pic frame.Image) (n int) {
	p.t.Helper()
	most := 100 + 4*(1+pic.W/side)*(1+pic.H/side)
	for p.owed() || pic.W != p.e.w || pic.H != p.e.h {
		if !p.slice(pic) {
			break
		}
		if n++; n > most {
			p.t.Fatalf("no end after %d slices", n)
		}
	}
	return n
}

// rests lets nothing happen but the time go by until nothing is due any more.
func (p *pair) rests(pic frame.Image) {
	p.t.Helper()
	p.all(pic)
	for range 1000 {
		at, ok := p.e.Due()
		if !ok {
			return
		}
		if at.After(p.now) {
			p.now = at
		}
		p.all(pic)
	}
	p.t.Fatal("something is due for ever")
}

// sound holds the encoder to what it knows about itself.
func (p *pair) sound(pic frame.Image) {
	p.t.Helper()
	e := p.e
	dirty, lossy := 0, 0
	for i := range e.state {
		t := &e.state[i]
		if e.dirty[i] {
			dirty++
		}
		if t.lossy {
			lossy++
		}
	}
	if dirty != e.left || lossy != e.rough {
		p.t.Fatalf("slice %d: %d tiles are dirty and %d counted, %d lossy and %d counted", p.slices, dirty, e.left, lossy, e.rough)
	}
	if !p.strict {
		return
	}
	for i := range e.state {
		t, r := &e.state[i], e.rect(i%e.across, i/e.across)
		if !e.dirty[i] && !t.lossy && !e.waits(r) && differs(pic, e.shown, r) {
			p.t.Fatalf("slice %d: tile %d is said to be exact and isn't: %+v", p.slices, i, *t)
		}
	}
}

// waits says whether r is in a film that has a picture to send.
func (e *Encoder) waits(r frame.Rect) bool {
	for i := range e.films {
		if f := &e.films[i]; f.dirty && r.Overlaps(f.r) {
			return true
		}
	}
	return false
}

// checkDamage fails if a pixel outside damage changed. It draws on before.
func checkDamage(t testing.TB, before, after frame.Image, damage []frame.Rect) {
	t.Helper()
	for _, r := range damage {
		frame.Copy(before, after, r)
	}
	if !frame.Equal(before, after) {
		t.Fatal("a change was not reported")
	}
}

// same fails unless both ends have learnt and remember the same.
func (p *pair) same() {
	p.t.Helper()
	for i := range maxStripes {
		from, to := p.e.strands[i], p.d.strands[i]
		if from == nil || to == nil {
			continue // one that never was used may be missing at either end
		}
		if *from.model != *to.model || from.ops != to.ops {
			p.t.Fatalf("stripe %d has learnt different things", i)
		}
	}
	if p.e.shelf.next != p.d.shelf.next || p.e.control != p.d.control {
		p.t.Fatal("the ends remember different things")
	}
	for i := range p.e.shelf.tiles {
		if !frame.Equal(p.e.shelf.tiles[i], p.d.shelf.tiles[i]) {
			p.t.Fatalf("place %d of the shelf differs", i)
		}
	}
}
