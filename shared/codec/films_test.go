package codec

import (
	"image"
	"testing"
	"time"

	"handrail/shared/frame"
)

// open are the films that go on.
func (p *pair) open() (rs []frame.Rect) {
	for i := range p.e.films {
		if r := p.e.films[i].r; !r.Empty() {
			rs = append(rs, r)
		}
		if p.e.films[i].r != p.d.films[i].r {
			p.t.Fatalf("film %d is open at one end alone", i)
		}
	}
	return rs
}

func TestAPhotographThatKeepsChangingBecomesAFilm(t *testing.T) {
	t.Parallel()
	for _, profile := range []Profile{Automatic, Bits8} {
		m := newDesk(1, 320, 300)
		p := newPair(t, profile)
		r := image.Rect(50, 60, 280, 260)
		play(p, m, r, 10)
		if rs := p.open(); len(rs) != 1 || !image.Rect(64, 64, 256, 256).In(rs[0]) {
			t.Fatalf("profile %d: films %v", profile, rs)
		}
		p.rests(m.Image)
		if rs := p.open(); len(rs) > 0 {
			t.Fatalf("profile %d: films %v though nothing moves", profile, rs)
		}
		p.same()
	}
}

func TestUnderTheExactProfileNothingIsAFilm(t *testing.T) {
	t.Parallel()
	m := newDesk(1, 320, 260)
	p := newPair(t, Exact)
	play(p, m, m.Bounds().Inset(40), 8)
	if rs := p.open(); len(rs) > 0 {
		t.Fatalf("films %v", rs)
	}
}

func TestAFilmThatStopsBecomesExact(t *testing.T) {
	t.Parallel()
	m := newDesk(2, 400, 320)
	p := newPair(t, Automatic)
	play(p, m, image.Rect(100, 70, 390, 310), 12)
	last := p.now
	p.rests(m.Image)
	if !frame.Equal(m.Image, p.d.Image()) {
		t.Fatal("not exact")
	}
	if took := p.now.Sub(last); took > soon {
		t.Fatalf("exact only after %v", took)
	}
}

// Films that lie near each other and then become one end all at once.
func TestFilmsThatGrowTogetherBecomeOne(t *testing.T) {
	t.Parallel()
	m := newDesk(3, 12*side, 3*side)
	p := newPair(t, Automatic)
	p.limit = 1 << 20
	var films, gaps []frame.Rect
	for i := range maxFilms {
		at := frame.Rect{Max: image.Pt(2*side, 3*side)}.Add(image.Pt(3*side*i, 0))
		films = append(films, at)
		gaps = append(gaps, image.Rect(at.Max.X, 0, at.Max.X+side, 3*side).Intersect(m.Bounds()))
	}
	most := 0
	for n := range 18 {
		m.shot++
		for _, r := range films {
			m.photo(r, m.shot)
			p.e.Damage(r)
		}
		if n > 7 {
			for _, r := range gaps {
				m.photo(r, m.shot)
				p.e.Damage(r)
			}
		}
		p.now = p.now.Add(33 * time.Millisecond)
		p.all(m.Image)
		most = max(most, len(p.open()))
	}
	if most != maxFilms {
		t.Fatalf("only %d films at a time: nothing is tested", most)
	}
	if rs := p.open(); len(rs) != 1 {
		t.Fatalf("films %v", rs)
	}
	p.rests(m.Image)
	p.same()
}

// A page that is scrolled is no film, though all of it changes.
func TestAScrolledPageIsNoFilm(t *testing.T) {
	t.Parallel()
	m := newDesk(4, 640, 400)
	p := newPair(t, Automatic)
	r := image.Rect(64, 0, 640, 400)
	m.text(r, 9)
	m.photo(image.Rect(100, 150, 500, 350), 3)
	p.all(m.Image)
	for n := range 25 {
		m.shift(r, image.Pt(0, -12))
		m.text(image.Rect(64, 388, 640, 400), n)
		p.e.Damage(r)
		p.now = p.now.Add(33 * time.Millisecond)
		p.all(m.Image)
		if rs := p.open(); len(rs) > 0 {
			t.Fatalf("step %d: films %v", n, rs)
		}
	}
}

// S06 counts for every part of the screen: where a film stands still it is
// exact soon, though a progress bar in it moves on.
func TestS06PartOfAFilmThatStopsBecomesExact(t *testing.T) {
	t.Parallel()
	m := newDesk(5, 400, 330)
	p := newPair(t, Automatic)
	film := image.Rect(64, 64, 64+5*side, 64+4*side)
	play(p, m, film, 10)
	if len(p.open()) != 1 {
		t.Fatal("no film: nothing is tested")
	}
	bar := image.Rect(100, 80, 300, 90)
	play(p, m, bar, int(2*soon/(33*time.Millisecond)))
	below := image.Rect(64, 2*side, 400, 330)
	if got := p.d.Image(); !frame.Equal(got.Sub(below), m.Sub(below)) {
		t.Fatal("not exact below what moves")
	}
}

// A film that damages its place faster than the profile wants pictures is told
// as often as the profile wants them.
func TestAProfileBoundsThePicturesOfAFilm(t *testing.T) {
	t.Parallel()
	sent := map[Profile]int{}
	for _, profile := range []Profile{Bits32, Bits16, Bits8} {
		m := newDesk(6, 256, 256)
		p := newPair(t, profile)
		r := image.Rect(64, 64, 256, 192)
		play(p, m, r, 10)
		before := p.slices
		play(p, m, r, 30)
		sent[profile] = p.slices - before
	}
	if sent[Bits32] < 29 || sent[Bits16] > 17 || sent[Bits8] > 10 || sent[Bits8] < 7 {
		t.Fatalf("slices in a second: %v", sent)
	}
}

// What a tile's box was in a film counts no more when the film ends, though it
// ends after damage was looked at.
func TestTilesAreLookedAtAnewWhenTheirFilmEnds(t *testing.T) {
	m := newDesk(9, 448, 330)
	p := newPair(t, Automatic)
	p.strict = true
	film := image.Rect(64, 64, 384, 256)
	page, title := image.Rect(128, 64, 384, 256), image.Rect(64, 64, 128, 128)
	for i := range 10 { // around a title that stands still
		p.now = p.now.Add(33 * time.Millisecond)
		m.photo(film, i)
		m.text(title, 1)
		if i == 9 {
			m.text(image.Rect(64, 64, 128, 80), 2)
		}
		p.e.Damage(film)
		p.all(m.Image)
	}
	if rs := p.open(); len(rs) != 1 || rs[0] != film {
		t.Fatalf("films %v: nothing is tested", rs)
	}
	p.now = p.now.Add(quiet)
	p.all(m.Image) // exact now: of the title, what had changed
	// The film turns out to be a page, and something else of the title changes.
	m.shift(page, image.Pt(0, -12))
	m.fill(image.Rect(90, 100, 100, 120), 0xc04020)
	p.e.Damage(film)
	p.all(m.Image)
	if rs := p.open(); len(rs) != 0 {
		t.Fatalf("films %v: nothing is tested", rs)
	}
	p.rests(m.Image)
	if !frame.Equal(m.Image, p.d.Image()) {
		t.Fatal("not exact")
	}
}
