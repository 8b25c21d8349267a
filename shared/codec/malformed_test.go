package codec

import (
	"encoding/binary"
	"errors"
	"image"
	"strings"
	"testing"

	"handrail/shared/frame"
)

// documented says whether err is one that Decode promises to return.
func documented(err error) bool {
	return errors.Is(err, ErrMalformed) || errors.Is(err, ErrNeedKey) || errors.Is(err, ErrMismatch)
}

// within fails if a decoder is outside of what it may be.
func within(t testing.TB, d *Decoder, damage []frame.Rect) {
	t.Helper()
	for _, r := range damage {
		if r.Empty() || !r.In(d.pic.Bounds()) {
			t.Fatalf("damage %v of a picture %v", r, d.pic.Bounds())
		}
	}
	if len(d.moves) > maxMoves || area(d.moves) > 2*d.w*d.h {
		t.Fatalf("%d moves", len(d.moves))
	}
	for i := range d.films {
		f := d.films[i].r
		if !f.In(d.pic.Bounds()) {
			t.Fatalf("film %v", f)
		}
		for j := range i {
			if f.Overlaps(d.films[j].r) {
				t.Fatal("films overlap")
			}
		}
	}
	if d.limits.Pixels < d.pic.W*d.pic.H || d.limits.Side < max(d.pic.W, d.pic.H) {
		t.Fatalf("picture %v beyond the limits", d.pic.Bounds())
	}
}

// forge makes a slice by hand: the first of a key frame of 300×200 pixels, with
// flags beside the one that says so. films are its film events with their
// count in front, tiles writes the only stripe.
func forge(flags byte, films []byte, tiles func(s *scribe, c *control)) []byte {
	b := append([]byte{flagKey | flags, version}, size(300, 200)...)
	b = append(b, films...)
	s, c := newScribe(), &control{}
	c.reset()
	s.begin()
	tiles(s, c)
	return append(b, s.w.Close()...)
}

func size(w, h uint64) []byte { return binary.AppendUvarint(binary.AppendUvarint(nil, w), h) }

// key is the first slice of a key frame, before any stripe.
func key(flags byte, w, h uint64) []byte {
	return append([]byte{flagKey | flags, version}, size(w, h)...)
}

// nothing writes a stripe in which nothing happens.
func nothing(s *scribe, c *control) {
	begin(s, c)
	unchanged(s)
}

// unchanged writes that no row of tiles has changes.
func unchanged(s *scribe) {
	for range 4 {
		s.w.Bit(&s.ops.row[0], false)
	}
}

// begin writes the front of the first stripe, with no moves and nothing to
// remember.
func begin(s *scribe, c *control) {
	s.w.Bit(&c.any[0], false)
	s.w.Bit(&c.any[2], false)
	s.w.Bit(&c.any[1], false)
}

// moved writes moves.
func moved(ms ...move) []byte {
	return forge(0, nil, func(s *scribe, c *control) {
		s.w.Bit(&c.any[0], true)
		c.moves.write(&s.w.Encoder, ms)
		s.w.Bit(&c.any[2], false)
		s.w.Bit(&c.any[1], false)
		unchanged(s)
	})
}

// tile writes the first tile.
func tile(what func(s *scribe)) []byte {
	return forge(0, nil, func(s *scribe, c *control) {
		begin(s, c)
		s.w.Bit(&s.ops.row[0], true)
		s.w.Bit(&s.ops.tile[0], true)
		what(s)
	})
}

// shelved writes that the first tile is the one on the shelf of that age.
func shelved(age uint32) []byte {
	return tile(func(s *scribe) {
		s.op(opShelf)
		s.w.Bit(&s.ops.again[0], false)
		s.w.Number(&s.ops.age, age)
	})
}

// boxed writes a box with such edges, without any pixels.
func boxed(op int, edges ...uint32) []byte {
	return tile(func(s *scribe) {
		s.op(op)
		for i, v := range edges {
			s.w.Number(&s.ops.edge[0][i], v)
		}
	})
}

// filming writes film events.
func filming(events ...[]byte) []byte {
	b := []byte{byte(len(events))}
	for _, e := range events {
		b = append(b, e...)
	}
	return forge(flagFilm, b, nothing)
}

func opens(id byte, x, y, w, h uint64) []byte {
	return append(append([]byte{filmOpens<<4 | id}, size(x, y)...), size(w, h)...)
}

func goesOn(id byte, picture ...byte) []byte {
	return append([]byte{filmGoesOn<<4 | id, byte(len(picture))}, picture...)
}

func ends(id byte) []byte { return []byte{filmEnds<<4 | id} }

// kept writes which tiles are to be remembered, as the gaps between them.
func kept(less1 uint32, gaps ...uint32) []byte {
	return forge(0, nil, func(s *scribe, c *control) {
		s.w.Bit(&c.any[0], false)
		s.w.Bit(&c.any[2], false)
		s.w.Bit(&c.any[1], true)
		s.w.Number(&c.gap, less1)
		for _, g := range gaps {
			s.w.Number(&c.gap, g)
		}
		unchanged(s)
	})
}

func shown(to frame.Rect, x, y int) move { return move{to, image.Pt(x, y)} }

// crowd is that many small moves.
func crowd(n int) (ms []move) {
	for i := range n {
		ms = append(ms, shown(image.Rect(1+i%100, 10, 6+i%100, 20), 1, 1))
	}
	return ms
}

func TestBadSlicesAreRefused(t *testing.T) {
	all := image.Rect(0, 0, 300, 200)
	for _, c := range []struct {
		name  string
		slice []byte
		says  string
	}{
		{"empty", nil, "flags"},
		{"unknown flag", []byte{0x80, 10, 10}, "flags"},
		{"no version", []byte{flagKey}, "version"},
		{"version before", []byte{flagKey, version - 1, 10, 10, 0}, "version"},
		{"version after", []byte{flagKey, version + 1, 10, 10, 0}, "version"},
		{"no size", []byte{flagKey, version}, "size"},
		{"no height", []byte{flagKey, version, 10}, "size"},
		{"no width", key(0, 0, 10), "size"},
		{"height of nothing", key(0, 10, 0), "size"},
		{"side too long", key(0, 16385, 1), "size"},
		{"too many pixels", key(0, 8193, 8193), "size"},
		{"size that overflows", key(0, 1<<63, 1<<63), "size"},
		{"size that never ends", append([]byte{flagKey, version}, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "size"},
		{"check cut off", append(key(flagCheck, 32, 32), 1, 2, 3), "check"},
		{"more stripes than columns", key(1<<stripesShift, 64, 64), "stripes"},
		{"eight stripes", key(3<<stripesShift, 2048, 64), "stripes"},
		{"no length of a stripe", key(1<<stripesShift, 128, 64), "length"},
		{"stripe longer than the slice", append(key(1<<stripesShift, 128, 64), 5, 1, 2), "length"},
		{"stripes longer than the slice together", append(key(2<<stripesShift, 256, 64), 2, 2, 2, 1, 2, 3), "length"},
		{"length that overflows", append(append(key(1<<stripesShift, 128, 64), size(1<<63, 1)...), 0), "length"},

		{"move from beyond the left", moved(shown(image.Rect(0, 0, 10, 10), 1, 0)), "moves"},
		{"move from above", moved(shown(image.Rect(0, 0, 10, 10), 0, 1)), "moves"},
		{"move from beyond the right", moved(shown(image.Rect(290, 0, 300, 10), -1, 0)), "moves"},
		{"move from below", moved(shown(image.Rect(0, 190, 10, 200), 0, -1)), "moves"},
		{"move beyond the right", moved(shown(image.Rect(295, 0, 305, 10), 9, 0)), "moves"},
		{"move below", moved(shown(image.Rect(0, 195, 10, 205), 0, 9)), "moves"},
		{"move to nowhere", moved(shown(image.Rect(300, 0, 310, 10), 20, 0)), "moves"},
		{"move of no width", moved(shown(image.Rect(5, 5, 5, 10), 1, 1)), "moves"},
		{"move of no height", moved(shown(image.Rect(5, 5, 10, 5), 1, 1)), "moves"},
		{"very wide move", moved(shown(image.Rect(0, 0, 1<<30, 1), 0, 0)), "moves"},
		{"very far move", moved(shown(image.Rect(0, 0, 1, 1), -1<<29, 1<<29)), "moves"},
		{"too many moves", moved(crowd(maxMoves + 1)...), "moves"},
		{"moves of more than two pictures", moved(shown(all, 0, 0), shown(all, 0, 0), shown(image.Rect(1, 1, 2, 2), 0, 0)), "moves"},
		{"moves cut off", moved(crowd(200)...)[:60], "moves"},

		{"more to remember than there are", kept(20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), "remember"},
		{"remember a tile outside", kept(0, 20), "remember"},
		{"remember one after the last", kept(1, 19, 0), "remember"},
		{"remember one far away", kept(0, 1<<30), "remember"},

		{"tile from an empty shelf", shelved(0), "tiles"},
		{"tile that is too old", shelved(cacheSize), "tiles"},
		{"tile that is much too old", shelved(1 << 30), "tiles"},
		{"the tile after none", tile(func(s *scribe) { s.op(opShelf); s.w.Bit(&s.ops.again[0], true) }), "tiles"},
		{"box of no width", boxed(opBox, 32, 0, 32, 0), "tiles"},
		{"box of no height", boxed(opBox, 0, 64, 0, 0), "tiles"},
		{"box inside out", boxed(opBox, 60, 60, 60, 60), "tiles"},
		{"box far away", boxed(opBox, 1<<30, 0, 0, 0), "tiles"},
		{"photograph of no width", boxed(opPhoto, 0, 0, 64, 0), "tiles"},

		{"count of films cut off", key(flagFilm, 300, 200), "films"},
		{"too many films", forge(flagFilm, []byte{255}, nothing), "films"},
		{"film without a number", forge(flagFilm, []byte{1}, func(*scribe, *control) {}), "film"},
		{"number of a film", filming(opens(maxFilms, 0, 0, 64, 64)), "film"},
		{"something else with a film", filming([]byte{3 << 4}), "order"},
		{"film that goes on before it opens", filming(goesOn(0, 8)), "order"},
		{"film that ends before it opens", filming(ends(1)), "order"},
		{"film that opens twice", filming(opens(0, 0, 0, 64, 64), opens(0, 64, 64, 64, 64)), "order"},
		{"film that goes on after its end", filming(opens(0, 0, 0, 64, 64), ends(0), goesOn(0, 8)), "order"},
		{"film over another", filming(opens(0, 0, 0, 64, 64), opens(1, 63, 63, 64, 64)), "place"},
		{"film of no width", filming(opens(0, 10, 10, 0, 64)), "place"},
		{"film outside", filming(opens(0, 250, 150, 64, 64)), "place"},
		{"film far away", filming(opens(0, 1<<40, 0, 64, 64)), "place"},
		{"place of a film cut off", append(key(flagFilm, 300, 200), 1, filmOpens<<4, 1), "place"},
		{"picture longer than the slice", append(key(flagFilm, 300, 200), append([]byte{2}, append(opens(0, 0, 0, 64, 64), filmGoesOn<<4, 100, 8)...)...), "length"},
		{"picture without a quantiser", filming(opens(0, 0, 0, 64, 64), goesOn(0)), "quantiser"},
		{"quantiser of 0", filming(opens(0, 0, 0, 64, 64), goesOn(0, 0)), "quantiser"},
		{"quantiser too coarse", filming(opens(0, 0, 0, 64, 64), goesOn(0, 65)), "quantiser"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := NewDecoder(DefaultLimits(), nil)
			damage, err := d.Decode(c.slice)
			if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, which says nothing of %s", err, c.says)
			}
			if d.pic.W > 0 {
				within(t, d, damage)
			}
			if _, err := d.Decode([]byte{0}); !errors.Is(err, ErrNeedKey) {
				t.Fatalf("and then %v", err)
			}
		})
	}
}

// The slices that the table above spoils are good ones otherwise.
func TestForgedSlicesAreGoodUnlessTheyAreBad(t *testing.T) {
	for _, c := range []struct {
		name  string
		slice []byte
	}{
		{"nothing", forge(0, nil, nothing)},
		{"moves", moved(crowd(maxMoves)...)},
		{"moves of two pictures", moved(shown(image.Rect(0, 0, 300, 200), 0, 0), shown(image.Rect(0, 0, 300, 200), 0, 0))},
		{"all tiles to remember", kept(19, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)},
		{"film", filming(opens(0, 0, 0, 64, 64), ends(0), opens(0, 63, 63, 64, 64), opens(3, 0, 0, 63, 63))},
	} {
		d := NewDecoder(DefaultLimits(), nil)
		damage, err := d.Decode(c.slice)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		within(t, d, damage)
	}
}

func TestADecoderHoldsItselfToItsLimits(t *testing.T) {
	limits := Limits{Side: 300, Pixels: 40000}
	for _, c := range []struct {
		w, h uint64
		ok   bool
	}{{300, 133, true}, {200, 200, true}, {300, 134, false}, {301, 1, false}, {1, 301, false}} {
		_, err := NewDecoder(limits, nil).Decode(key(0, c.w, c.h))
		if errors.Is(err, ErrMalformed) && strings.Contains(err.Error(), "size") == c.ok {
			t.Errorf("%d×%d: %v", c.w, c.h, err)
		}
	}
}

func TestADecoderAfterAMistakeWantsAKeyFrame(t *testing.T) {
	m := newDesk(4, 100, 100)
	p := newPair(t, Exact)
	if _, err := p.d.Decode([]byte{0, 0, 0, 1, 2, 3}); !errors.Is(err, ErrNeedKey) {
		t.Fatalf("before any key frame: %v", err)
	}
	p.all(m.Image)
	if _, err := p.d.Decode([]byte{0x80, 0, 99}); !errors.Is(err, ErrMalformed) {
		t.Fatalf("unknown flag: %v", err)
	}
	m.noise(m.Bounds())
	p.e.Damage(m.Bounds())
	if _, err := p.d.Decode(p.e.Encode(nil, m.Image, 1<<20, p.now)); !errors.Is(err, ErrNeedKey) {
		t.Fatalf("after a mistake: %v", err)
	}
	p.e.KeyFrame()
	p.all(m.Image)
	if !frame.Equal(m.Image, p.d.Image()) {
		t.Fatal("the key frame did not heal")
	}
}
