package codec

import (
	"errors"
	"image"
	"math/rand/v2"
	"testing"
	"time"

	"handrail/shared/frame"
)

// small are the limits of the fuzzed decoders.
func small() Limits { return Limits{Side: 300, Pixels: 192 * 160} }

// stream is a real stream of a small picture in which everything happens:
// text, moves, what was there before, photographs and a film.
func stream(t testing.TB) (slices [][]byte) {
	m := newDesk(3, 192, 140)
	p := newPair(t, Automatic)
	send := func(r frame.Rect, pause time.Duration) {
		p.now = p.now.Add(pause)
		p.e.Damage(r)
		for p.owed() && p.slice(m.Image) {
			slices = append(slices, append([]byte(nil), p.buf...))
		}
	}
	send(m.Bounds(), 0)
	if len(slices) == 0 {
		p.slice(m.Image)
		slices = append(slices, append([]byte(nil), p.buf...))
	}
	send(m.Bounds(), 0)
	page := image.Rect(10, 10, 185, 130)
	for i := range 3 {
		m.text(page, i%2)
		send(page, time.Second)
	}
	for range 2 {
		m.shift(page, image.Pt(0, -14))
		m.fill(image.Rect(10, 116, 185, 130), 0xfcfcf8)
		send(page, 100*time.Millisecond)
	}
	m.text(page, 1)
	send(page, time.Second)
	film := image.Rect(5, 5, 192, 140)
	for i := range 7 {
		m.photo(film, i)
		send(film, 33*time.Millisecond)
	}
	if len(p.open()) == 0 {
		t.Fatal("the stream has no film")
	}
	send(frame.Rect{}, 350*time.Millisecond)
	send(frame.Rect{}, time.Second)
	if !frame.Equal(m.Image, p.d.Image()) {
		t.Fatal("the stream itself is wrong")
	}
	return slices
}

// held decodes one slice and fails if the decoder breaks a promise.
func held(t *testing.T, d *Decoder, slice []byte) error {
	t.Helper()
	before := d.Image().Clone()
	ok := d.ok
	damage, err := d.Decode(slice)
	if err != nil && !documented(err) {
		t.Fatalf("an error of no kind: %v", err)
	}
	if !ok && err == nil && slice[0]&flagKey == 0 {
		t.Fatal("no key frame came, and no mistake is told")
	}
	if d.pic.W == 0 {
		return err
	}
	within(t, d, damage)
	if after := d.Image(); err == nil && after.W == before.W && after.H == before.H {
		checkDamage(t, before, after, damage)
	}
	return err
}

// healed fails unless the first slice, that of a key frame, makes of d what it
// makes of a decoder that knows nothing.
func healed(t *testing.T, d *Decoder, key []byte, want frame.Image) {
	t.Helper()
	if err := held(t, d, key); err != nil {
		t.Fatalf("a good key frame: %v", err)
	}
	if !frame.Equal(want, d.Image()) {
		t.Fatal("the key frame did not heal")
	}
}

// first is what a decoder shows after one slice.
func first(t testing.TB, slice []byte) frame.Image {
	d := NewDecoder(small(), nil)
	if _, err := d.Decode(slice); err != nil {
		t.Fatal(err)
	}
	return d.Image()
}

// FuzzDecode: no bytes make the decoder panic, draw outside its picture, take
// more than its limits or give an error of an unknown kind; what it reports
// covers what it drew; and a key frame heals.
func FuzzDecode(f *testing.F) {
	slices := stream(f)
	want := first(f, slices[0])
	for _, s := range slices {
		if len(s) < 2000 {
			f.Add(s)
		}
	}
	f.Add([]byte{0})
	f.Add(filming(opens(0, 0, 0, 64, 64), goesOn(0, 8)))
	f.Add(moved(crowd(20)...))
	f.Add(kept(3, 0, 1, 2, 3))
	f.Add(boxed(opPhoto, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, slice []byte) {
		d := NewDecoder(small(), nil)
		if err := held(t, d, slices[0]); err != nil {
			t.Fatal(err)
		}
		err := held(t, d, slice)
		if _, err2 := d.Decode([]byte{0}); (err != nil) != errors.Is(err2, ErrNeedKey) {
			t.Fatalf("after %v the next slice gives %v", err, err2)
		}
		healed(t, d, slices[0], want)
	})
}

// FuzzDecodeStream: a stream of which slices are changed, cut short, lost,
// doubled or exchanged does no harm, and a key frame heals all of it. Each
// mistake is four bytes: of what kind, in which slice, where, and what.
func FuzzDecodeStream(f *testing.F) {
	slices := stream(f)
	want := first(f, slices[0])
	f.Add([]byte{})
	f.Add([]byte{0, 3, 7, 255})
	f.Add([]byte{1, 5, 0, 20, 0, 9, 1, 1})
	f.Add([]byte{2, 0, 0, 0})
	f.Add([]byte{2, 12, 0, 0, 3, 15, 0, 0, 4, 17, 0, 0})
	f.Fuzz(func(t *testing.T, mistakes []byte) {
		d := NewDecoder(small(), nil)
		bad := false
		for _, s := range spoiled(slices, mistakes) {
			err := held(t, d, s)
			if bad && err == nil && s[0]&flagKey == 0 {
				t.Fatal("a slice was taken after a mistake")
			}
			bad = err != nil
		}
		healed(t, d, slices[0], want)
	})
}

// spoiled makes the mistakes in a copy of slices.
func spoiled(slices [][]byte, mistakes []byte) [][]byte {
	slices = append([][]byte(nil), slices...)
	for ; len(mistakes) >= 4 && len(slices) > 1; mistakes = mistakes[4:] {
		i := int(mistakes[1]) % len(slices)
		s := append([]byte(nil), slices[i]...)
		at := int(mistakes[2]) * len(s) >> 8
		slices[i] = s
		switch mistakes[0] % 6 {
		case 0:
			if len(s) > 0 {
				s[at] ^= mistakes[3]
			}
		case 1:
			slices[i] = s[:at]
		case 2:
			slices = append(slices[:i], slices[i+1:]...)
		case 3:
			slices = append(slices[:i+1], slices[i:]...)
		case 4:
			j := int(mistakes[3]) % len(slices)
			slices[i], slices[j] = slices[j], slices[i]
		case 5:
			slices[i] = append(s, mistakes[3])
		}
	}
	return slices
}

// FuzzRoundTrip: whatever changes in whatever order, whatever the encoder is
// asked in between, both sides are equal after each slice, and at the end the
// picture is exact.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint64(1), uint16(64), uint16(64), uint16(100))
	f.Add(uint64(2), uint16(0), uint16(257), uint16(9000))
	f.Add(uint64(3), uint16(299), uint16(199), uint16(3000))
	f.Fuzz(func(t *testing.T, seed uint64, w, h, limit uint16) {
		rng := rand.New(rand.NewPCG(seed, 41))
		m := newDesk(seed, 1+int(w)%200, 1+int(h)%150)
		p := newPair(t, Profile(seed%5))
		p.strict, p.limit = true, int(limit)
		for range 12 {
			m.step()
			p.e.Damage(m.damage...)
			p.now = p.now.Add(time.Duration(rng.IntN(200)) * time.Millisecond)
			whim(rng, p, m)
			for range rng.IntN(4) { // only some of it goes before the next change
				p.slice(m.Image)
			}
		}
		p.e.Tune(Automatic, 0)
		p.rests(m.Image)
		if !frame.Equal(m.Image, p.d.Image()) {
			t.Fatal("pictures differ")
		}
		p.same()
	})
}
