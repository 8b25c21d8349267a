package codec

import (
	"encoding/binary"
	"time"

	"handrail/shared/frame"
)

// Tuning of films.
const (
	// A tile is busy when most of it changed in that many pictures with no
	// pause longer than coolDown, and hot if it was a photograph each time.
	// Busy tiles that lie together become a film if some are hot.
	hotFrom  = 4
	coolDown = 300 * time.Millisecond
	fewHot   = 6                      // tiles; fewer are animations that cost little
	fewBusy  = 3                      // tiles beside a film that it takes in
	filmRest = 300 * time.Millisecond // without change, and a film ends
)

// running is what the encoder knows about an open film.
type running struct {
	reel
	dirty   bool      // it may have changed since its last picture
	sent    time.Time // its last picture
	changed time.Time // when it last had
	still   bool      // most of it has rested
}

// heat notes that most of a tile has changed.
func (t *tileState) heat(now time.Time) {
	if now.Sub(t.busyAt) > coolDown {
		t.busy, t.hot = 0, 0
	}
	t.busyAt = now
	t.busy = min(t.busy, 254) + 1
	if t.photo {
		t.hot = min(t.hot, 254) + 1
	}
}

// tellFilms hands the damage inside films to them, and ends those that have
// rested or shall not be.
func (e *Encoder) tellFilms() {
	for id := range e.films {
		f := &e.films[id]
		if f.r.Empty() {
			continue
		}
		e.inside(f.r, func(i int, _ *tileState) {
			if e.dirty[i] {
				f.dirty, e.newly = true, true
				e.wash(i)
			}
		})
		if f.dirty && !differs(e.pic, e.seen, f.r) {
			f.dirty = false
		}
		if e.taste.film == 0 || f.still || !f.dirty && e.now.Sub(f.changed) >= filmRest {
			e.end(id, f)
		}
	}
}

// roll sends the next pictures of films that are due.
func (e *Encoder) roll() {
	for id := range e.films {
		if f := &e.films[id]; e.due(f) {
			e.picture(id, f)
		}
	}
}

func (e *Encoder) event(id, what int) {
	e.events = append(e.events, byte(what<<4|id))
	e.count++
}

// due says whether the film has a picture to send, and it is time.
func (e *Encoder) due(f *running) bool { return f.dirty && e.now.Sub(f.sent) >= e.taste.film }

// filming says whether a film is due.
func (e *Encoder) filming() bool {
	for i := range e.films {
		if e.due(&e.films[i]) {
			return true
		}
	}
	return false
}

// endScrolled ends the films of which a good part only moved: they are pages
// that are scrolled.
func (e *Encoder) endScrolled(moves []move) {
	for id := range e.films {
		f := &e.films[id]
		if f.r.Empty() || !f.dirty {
			continue
		}
		inside := 0
		for _, m := range moves {
			r := m.to.Intersect(f.r)
			inside += r.Dx() * r.Dy()
		}
		if 4*inside > f.r.Dx()*f.r.Dy() {
			e.end(id, f)
		}
	}
}

func area(moves []move) (pixels int) {
	for _, m := range moves {
		pixels += m.to.Dx() * m.to.Dy()
	}
	return pixels
}

// end gives the film's tiles back; if they may have changed, as damage.
func (e *Encoder) end(id int, f *running) {
	e.event(id, filmEnds)
	e.inside(f.r, func(i int, t *tileState) {
		t.filmed, t.boxed, t.hot, t.busy = false, false, 0, 0
		if f.dirty && !e.dirty[i] {
			e.soil(i)
			t.unsure = true
		}
	})
	f.reel, f.dirty, f.still = reel{}, false, false // its memory too: another may be as large
}

// picture sends the film's rectangle as it is now.
func (e *Encoder) picture(id int, f *running) {
	e.split() // all of the film may have been made exact
	f.sent, f.changed, f.dirty = e.now, e.now, false
	e.event(id, filmGoesOn)
	e.scratch = f.film.Encode(e.scratch[:0], e.pic, e.shown, e.taste.filmStep, e.run)
	e.events = binary.AppendUvarint(e.events, uint64(len(e.scratch)))
	e.events = append(e.events, e.scratch...)
	e.notePicture(f.r)
}

// notePicture takes in that the film over r has sent a picture. Tiles in it
// that stand still may have been made exact before, and may be.
func (e *Encoder) notePicture(r frame.Rect) {
	still := 0
	tx0, ty0, tx1, ty1 := touched(r)
	for ty := ty0; ty < ty1; ty++ {
		for tx := tx0; tx < tx1; tx++ {
			t, q := &e.state[ty*e.across+tx], e.rect(tx, ty)
			if e.dirty[ty*e.across+tx] {
				e.wash(ty*e.across + tx)
			}
			e.noteTile(t, q)
			if e.now.Sub(t.changed) >= filmRest {
				still++
			}
		}
	}
	for id := range e.films {
		if f := &e.films[id]; f.r == r {
			f.still = 4*still > 3*(tx1-tx0)*(ty1-ty0)
		}
	}
}

// noteTile takes in what the picture did to a tile.
func (e *Encoder) noteTile(t *tileState, tile frame.Rect) {
	whole := !t.filmed
	t.boxed, t.shelved, t.filmed = false, false, true
	if whole {
		e.rough += t.change(tile, tile, e.now, true)
		frame.Copy(e.seen, e.pic, tile)
		return
	}
	for q := range quarters {
		r := quarter(tile, q)
		switch exact := !t.lossy || t.fine>>q&1 != 0; {
		case differs(e.pic, e.seen, r):
			e.rough += t.change(tile, r, e.now, true)
			frame.Copy(e.seen, e.pic, r)
		case exact && differs(e.pic, e.shown, r): // told again, with another step
			e.rough += t.change(tile, r, e.now, true)
		}
	}
}

// inside visits the tiles that r reaches.
func (e *Encoder) inside(r frame.Rect, visit func(i int, t *tileState)) {
	tx0, ty0, tx1, ty1 := touched(r)
	for ty := ty0; ty < ty1; ty++ {
		for i := ty*e.across + tx0; i < ty*e.across+tx1; i++ {
			visit(i, &e.state[i])
		}
	}
}

// openFilms makes a film of where photographs keep changing: whole tiles, so
// that each tile is either a film's or not. It says whether there is one more.
func (e *Encoder) openFilms() bool {
	r := e.hottest()
	if r.Empty() {
		return false
	}
	at := -1
	for id := range e.films {
		f := &e.films[id]
		if f.r.Overlaps(r) {
			e.end(id, f)
		}
		if f.r.Empty() {
			at = id
		}
	}
	if at < 0 {
		return false
	}
	e.split()
	f := &e.films[at]
	f.open(e.shown, r)
	e.event(at, filmOpens)
	e.events = appendRect(e.events, r)
	e.picture(at, f)
	return true
}

// hottest is the rectangle around a group of tiles that are a film, or would
// make one larger; empty if there is none that is large and dense enough.
func (e *Encoder) hottest() (r frame.Rect) {
	clear(e.visited)
	for i := range e.state {
		if e.visited[i] || !e.dirty[i] || !e.burns(i, e.state[i].busy) {
			continue
		}
		var area frame.Rect
		hot, busy, all := 0, 0, 0
		e.spread(i, func(j int) {
			switch t := &e.state[j]; {
			case t.filmed:
			case t.hot >= hotFrom:
				hot++
				fallthrough
			default:
				busy++
			}
			all++
			area = area.Union(e.rect(j%e.across, j/e.across))
		})
		grows := all > busy && busy >= fewBusy
		for k := range e.films { // films that it reaches become part of it
			if q := e.films[k].r; q.Overlaps(area) {
				area = area.Union(q)
			}
		}
		if (grows || hot >= fewHot) && all*side*side*2 > area.Dx()*area.Dy() {
			return area
		}
	}
	return frame.Rect{}
}

func (e *Encoder) overFilm(r frame.Rect) bool {
	for i := range e.films {
		if e.films[i].r.Overlaps(r) {
			return true
		}
	}
	return false
}

// burns says whether a tile's count of changes makes it part of a film.
func (e *Encoder) burns(i int, count uint8) bool {
	t := &e.state[i]
	return count >= hotFrom && e.now.Sub(t.busyAt) <= coolDown
}

// spread visits the busy tiles, and those of films, that hang together with
// tile i.
func (e *Encoder) spread(i int, visit func(i int)) {
	e.stack = append(e.stack[:0], i)
	e.visited[i] = true
	for len(e.stack) > 0 {
		j := e.stack[len(e.stack)-1]
		e.stack = e.stack[:len(e.stack)-1]
		visit(j)
		tx, ty := j%e.across, j/e.across
		for _, n := range [4][2]int{{tx - 1, ty}, {tx + 1, ty}, {tx, ty - 1}, {tx, ty + 1}} {
			if n[0] < 0 || n[0] >= e.across || n[1] < 0 || n[1] >= e.down {
				continue
			}
			if k := n[1]*e.across + n[0]; !e.visited[k] && (e.state[k].filmed || e.burns(k, e.state[k].busy)) {
				e.visited[k] = true
				e.stack = append(e.stack, k)
			}
		}
	}
}
