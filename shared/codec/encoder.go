package codec

import (
	"time"

	"handrail/shared/frame"
)

// Tuning of the encoder; none of it is part of the format.
const (
	// settled is how long a tile must have stood still to be worth
	// remembering when it goes away.
	settled = 250 * time.Millisecond
	// bigChange is how many pixels of a tile must change for that, and for
	// a look whether the new ones are on the shelf.
	bigChange = 512
	// splitFrom is how many changed pixels are coded as two stripes, and four
	// times as many as four: what one stripe learns the other doesn't know,
	// so fewer would cost more bytes than the time is worth.
	splitFrom = 1 << 19
	// checkEvery is how many slices go by between two checks of a row.
	checkEvery = 64
	// quiet is how long a photograph must have stood still before it is made
	// exact.
	quiet = 120 * time.Millisecond
	// fewPhotos are pixels that need not wait for drawings, and maxHeld is the
	// longest that others do, so that they come through beside drawings that
	// never end.
	fewPhotos = 4 * side * side
	maxHeld   = 200 * time.Millisecond
	// urgentOnly is beyond how many waiting tiles the urgent ones go alone.
	urgentOnly = 8
)

// tileState is what the encoder knows about a tile.
type tileState struct {
	unsure  bool                // it may: nobody has compared yet
	urgent  bool                // somebody waits for it
	shelved bool                // as it is shown it is on the shelf
	lossy   bool                // it is shown as a photograph, not exactly
	boxed   bool                // box and photo are right
	photo   bool                // the box is a photograph
	filmed  bool                // it belongs to a film
	source  bool                // of carry: it was lossy before the moves
	busy    uint8               // how often most of it changed lately
	hot     uint8               // and was a photograph
	busyAt  time.Time           // when it last did
	box     frame.Rect          // where it differs
	changed time.Time           // when it last did
	moved   [quarters]time.Time // and each quarter
	fine    uint8               // quarters of a lossy tile that are exact, a bit each
	part    uint8               // quarters that box is all of that differs from what is shown; 0: the whole tile
}

// Encoder makes slices of a picture. The zero value is not usable; see
// NewEncoder.
type Encoder struct {
	changes
	run   Runner
	write func(i int) // writes stripe i
	shown frame.Image // what the decoder shows after all slices so far
	seen  frame.Image // the pictures as they were when they were sent; the same memory as shown while nothing is lossy
	spare []byte      // for seen when it isn't
	dirty []bool      // tiles that differ from what the decoder shows, or may; apart because most aren't
	state []tileState
	rough int       // tiles that are lossy
	left  int       // tiles that are dirty
	newly bool      // there is damage that the search for moves has not seen
	from  int       // the row of tiles the next slice looks at first, so that no part of the picture starves
	key   bool      // the next slice begins a key frame
	since int       // slices since the last check
	check int       // the row that was checked last
	held  time.Time // since when photographs or films wait; zero: they don't

	search   search
	mover    mover
	shelf    finder
	control  control
	strands  [maxStripes]*scribe
	films    [maxFilms]running
	spans    []frame.Rect
	pressing []int  // tiles that were called urgent
	fresh    []int  // tiles that were looked at for this slice
	visited  []bool // of a search for films
	stack    []int
	taste    taste
	keep     []int // tiles to be remembered by this slice

	// The following is about the slice at hand.
	pic     frame.Image
	now     time.Time
	stripes int
	limit   int // bytes of each stripe
	turn    turn
	refine  bool   // nothing changed; photographs are made exact
	events  []byte // what happens to films
	count   int    // events
	scratch []byte
}

// NewEncoder makes an encoder for a picture of no size yet. run does what can
// be done at the same time; nil does one after another.
func NewEncoder(run Runner) *Encoder {
	e := &Encoder{run: run.orInTurn(), taste: tasteOf(Automatic, 0)}
	e.write = func(i int) { e.strands[i].tiles(e, i) }
	return e
}

// Resize sets the picture's size in pixels; the next slice begins a key
// frame. A size outside DefaultLimits is a mistake of the caller and panics.
func (e *Encoder) Resize(w, h int) {
	if l := DefaultLimits(); !l.allow(w, h) {
		panic("codec: picture of a size that no decoder takes")
	}
	g := gridOf(w, h)
	e.changes.resize(g)
	e.search.resize(g)
	e.shown, e.spare = frame.New(w, h), nil
	e.visited = make([]bool, g.tiles())
	e.state, e.dirty = make([]tileState, g.tiles()), make([]bool, g.tiles())
	e.KeyFrame()
}

// KeyFrame starts anew: for a new viewer, or one that lost track. The whole
// picture is pending then.
func (e *Encoder) KeyFrame() {
	if e.grid.tiles() == 0 {
		return
	}
	clear(e.shown.Pix)
	e.seen, e.rough = e.shown, 0
	for i := range e.films {
		e.films[i] = running{}
	}
	clear(e.changes.tiles)
	for i := range e.state {
		e.state[i], e.dirty[i] = tileState{unsure: true, urgent: e.state[i].urgent}, true
	}
	e.left, e.from, e.key, e.newly = len(e.state), 0, true, false
	e.since, e.check = 0, 0
	e.shelf.reset()
	e.control.reset()
	for _, s := range e.strands {
		if s != nil {
			s.reset()
		}
	}
}

// Damage marks what may have changed. Marking too much costs a comparison.
func (e *Encoder) Damage(rs ...frame.Rect) {
	e.touch(rs, func(i int) {
		e.soil(i)
		e.state[i].unsure = true
	})
}

// Urgent says where damage is what somebody is waiting for, such as the
// answer to a key: it is sent before everything else. It does not mark damage.
func (e *Encoder) Urgent(rs ...frame.Rect) {
	e.touch(rs, func(i int) {
		e.state[i].urgent = true
		e.pressing = append(e.pressing, i)
	})
}

// touch calls do for every tile of every rectangle.
func (e *Encoder) touch(rs []frame.Rect, do func(tile int)) {
	for _, r := range rs {
		r = r.Intersect(e.shown.Bounds())
		if r.Empty() {
			continue
		}
		tx0, ty0, tx1, ty1 := touched(r)
		for ty := ty0; ty < ty1; ty++ {
			for i := ty*e.across + tx0; i < ty*e.across+tx1; i++ {
				do(i)
			}
		}
	}
}

// Tune sets what the slices from now on are like. Strain is how far the link
// is behind, from 0 to MaxStrain: photographs and film become coarser with it.
// Text is exact whatever the profile.
func (e *Encoder) Tune(p Profile, strain int) {
	t := tasteOf(p, strain)
	if (t.photo == 0) != (e.taste.photo == 0) {
		for i := range e.state {
			e.state[i].boxed = false // what counts as a photograph changes
		}
	}
	e.taste = t
}

// Due is when Encode has something to do though nothing changed any more:
// photographs to be made exact, a film's next picture. ok is false if there
// is nothing of that kind.
func (e *Encoder) Due() (at time.Time, ok bool) {
	soonest := func(t time.Time) {
		if !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	for i := range e.films {
		switch f := &e.films[i]; {
		case f.r.Empty():
		case f.dirty:
			soonest(f.sent.Add(e.taste.film))
		default:
			soonest(f.changed.Add(filmRest))
		}
	}
	if e.rough > 0 && e.taste.exact {
		for i := range e.state {
			if t := &e.state[i]; t.lossy && !e.dirty[i] {
				soonest(t.rests())
			}
		}
	}
	return at, ok
}

// Pending says whether there may be something to encode.
func (e *Encoder) Pending() bool { return e.left > 0 || e.key || e.filming() }

// soil notes that a tile has changed, or may have.
func (e *Encoder) soil(i int) {
	if !e.dirty[i] {
		e.dirty[i] = true
		e.left++
	}
}

// wash notes that the decoder shows a dirty tile as it is, or nearly.
func (e *Encoder) wash(i int) {
	e.clean(i)
	e.left--
}

// clean is wash for those who count the tiles themselves.
func (e *Encoder) clean(i int) {
	e.dirty[i], e.state[i].unsure, e.state[i].urgent = false, false, false
}

// split gives seen memory of its own, because what is shown is about to become
// something else.
func (e *Encoder) split() {
	if &e.seen.Pix[0] != &e.shown.Pix[0] {
		return
	}
	if e.spare == nil {
		e.spare = make([]byte, len(e.shown.Pix))
	}
	e.seen.Pix = e.spare
	copy(e.seen.Pix, e.shown.Pix)
}

// rejoin undoes split when nothing is lossy any more.
func (e *Encoder) rejoin() {
	if e.rough == 0 {
		e.seen = e.shown
	}
}
