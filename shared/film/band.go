package film

import (
	"handrail/shared/frame"
	"handrail/shared/odds"
)

// band is some rows of macroblocks, which know nothing of the other bands but
// what they were in the picture before.
type band struct {
	y0, y1 int
	learnt learnt
	moves  moves
	job    job
	search search
	bytes  []byte // the sender's
	in     []byte // the receiver's
	enc    odds.Encoder
	dec    odds.Decoder
	l      [6]levels
	// whether any macroblock was not still, and whether the end was not the end
	changed, wrong bool
}

// endMark, in endBits bits, ends a band. It isn't 0, because zeros at the end
// of a message are left out and could not be told from a message cut short.
const (
	endMark = 1
	endBits = 2
)

// moves is what is learnt about macroblocks and where they came from.
type moves struct {
	still  [6]odds.Prob   // by neighbours, and what it was before
	within [3]odds.Prob   // predicted from its own picture, by neighbours
	same   [3]odds.Prob   // moved as guessed
	by     [2]odds.Number // moved otherwise
	any    [2]odds.Prob   // has levels, by whether moved as guessed
}

func (m *moves) init() {
	odds.Init(m.still[:])
	odds.Init(m.within[:])
	odds.Init(m.same[:])
	odds.Init(m.any[:])
	m.by[0].Init()
	m.by[1].Init()
}

func (b *band) begin(y0, y1 int) {
	b.y0, b.y1 = y0, y1
	b.learnt.init()
	b.moves.init()
}

// start makes the job of a picture.
func (b *band) start(f *Film) {
	j := &b.job
	j.set(f.q)
	j.learnt, j.cur, j.r, j.from = &b.learnt, &f.cur, f.r, b.y0
	clear(j.above)
}

// end repeats the outermost pixels.
func (b *band) end(f *Film) {
	f.cur[0].extend(16*b.y0, 16*b.y1)
	f.cur[1].extend(8*b.y0, 8*b.y1)
	f.cur[2].extend(8*b.y0, 8*b.y1)
}

func (b *band) encode(f *Film) {
	b.start(f)
	b.enc.Reset(b.bytes[:0])
	b.job.enc = &b.enc
	still := b.moves.still
	b.changed = false
	for my := b.y0; my < b.y1; my++ {
		b.job.left = beside{}
		for mx := range f.mw {
			b.encodeOne(f, mx, my)
		}
		b.show(f, my)
	}
	b.job.enc = nil
	b.showRow(f, b.y1-1)
	b.enc.Raw(endMark, endBits)
	b.bytes = b.enc.Close()
	if !b.changed { // nothing was said, so nothing was learnt
		b.bytes, b.moves.still = b.bytes[:0], still
	}
	b.end(f)
}

func (b *band) decode(f *Film) {
	b.start(f)
	b.dec.Reset(b.in)
	b.job.dec = &b.dec
	if len(b.in) == 0 {
		for my := b.y0; my < b.y1; my++ {
			for mx := range f.mw {
				b.keep(f, mx, my)
			}
		}
		b.wrong = false
		b.end(f)
		return
	}
	for my := b.y0; my < b.y1; my++ {
		b.job.left = beside{}
		for mx := range f.mw {
			b.decodeOne(f, mx, my)
		}
		b.show(f, my)
	}
	b.job.dec = nil
	b.showRow(f, b.y1-1)
	b.wrong = b.dec.Raw(endBits) != endMark || b.dec.Spent()
	b.end(f)
}

// around is what is known about a macroblock before anything is told.
type around struct {
	guess  vector
	still  int // which of moves.still
	within int // which of moves.within
}

// around looks at the neighbours: the guess is the median of three vectors.
func (b *band) around(f *Film, mx, my int) (a around) {
	i := my*f.mw + mx
	var l, u, r block
	if mx > 0 {
		l = f.now[i-1]
	}
	if my > b.y0 {
		u = f.now[i-f.mw]
		switch {
		case mx+1 < f.mw:
			r = f.now[i-f.mw+1]
		case mx > 0:
			r = f.now[i-f.mw-1]
		}
		a.guess = vector{median(l.v.x, u.v.x, r.v.x), median(l.v.y, u.v.y, r.v.y)}
	} else {
		a.guess = l.v
	}
	a.guess = a.guess.hold(&f.ref[0], mx, my)
	a.still = count(l.still, u.still, false) + 3*count(f.then[i].still, false, false)
	a.within = count(l.within, u.within, false)
	return a
}

func count(a, b, c bool) (n int) {
	for _, v := range [3]bool{a, b, c} {
		if v {
			n++
		}
	}
	return n
}

func median(a, b, c int16) int16 { return max(min(a, b), min(max(a, b), c)) }

// keep leaves a macroblock as it was.
func (b *band) keep(f *Film, mx, my int) {
	f.cur.keep(&f.ref, mx, my)
	f.now[my*f.mw+mx] = block{still: true}
	b.job.left, b.job.above[mx] = beside{}, beside{}
}

// unchanged says whether the macroblock's pixels are those of the newest
// picture, and makes them so.
func (f *Film) unchanged(mx, my int) bool {
	x0, x1 := 16*mx, min(16*mx+16, f.r.Dx())
	same := true
	for y := 16 * my; y < min(16*my+16, f.r.Dy()); y++ {
		a := f.src.Row(f.r.Min.Y+y, f.r.Min.X+x0, f.r.Min.X+x1)
		b := f.last.Row(y, x0, x1)
		if !same || !frame.SameRow(a, b) {
			copy(b, a)
			same = false
		}
	}
	return same
}

func (b *band) encodeOne(f *Film, mx, my int) {
	j, m, e := &b.job, &b.moves, &b.enc
	i := my*f.mw + mx
	a := b.around(f, mx, my)
	same := f.unchanged(mx, my)
	if same && int(f.toldAt[i]) <= f.q {
		e.Bit(&m.still[a.still], true)
		b.keep(f, mx, my)
		return
	}
	j.src.take(f.last, f.last.Bounds(), mx, my)
	f.toldAt[i] = uint8(f.q)
	j.out.move(&f.ref, mx, my, vector{}, f.half)
	if b.close() {
		e.Bit(&m.still[a.still], true)
		b.keep(f, mx, my)
		return
	}
	v, cost := b.find(f, mx, my, a.guess)
	within := cost > 256*3 && j.src.spread() < cost
	var n [6]int
	any := false
	if !within {
		j.out.moveColours(&f.ref, mx, my, v, f.half)
		for k := range 6 {
			n[k] = b.levels(k)
			any = any || n[k] > 0
		}
		if v == (vector{}) && !any {
			e.Bit(&m.still[a.still], true)
			b.keep(f, mx, my)
			return
		}
	}
	b.changed = true
	e.Bit(&m.still[a.still], false)
	e.Bit(&m.within[a.within], within)
	if within {
		j.still(mx, my)
		f.now[i] = block{within: true}
		return
	}
	guessed := v == a.guess
	e.Bit(&m.same[count(a.guess == (vector{}), false, false)], guessed)
	if !guessed {
		e.Number(&m.by[0], odds.Signed(int(v.x)-int(a.guess.x)))
		e.Number(&m.by[1], odds.Signed(int(v.y)-int(a.guess.y)))
	}
	f.now[i] = block{v: v}
	e.Bit(&m.any[count(guessed, false, false)], any)
	for k := range 6 {
		s, u := j.sides(k, mx)
		if any {
			b.learnt.waves.write(e, movedLight+kind(k>>2), &b.l[k], n[k], *s, *u)
		}
		*s, *u = uint8(n[k]), uint8(n[k])
		if n[k] > 0 {
			j.scale[k>>2].rebuild(&j.out, k, &b.l[k], n[k])
		}
	}
	j.left.modes, j.above[mx].modes = [2]uint8{}, [2]uint8{}
	f.cur.put(&j.out, mx, my)
}

// close says whether the prediction is so close that no level would be left.
func (b *band) close() bool {
	for k := range 6 {
		if b.job.src.sadBlock(&b.job.out, k) > 8*b.job.scale[k>>2].q {
			return false
		}
	}
	return true
}

// levels makes the levels of block k of a moved macroblock.
func (b *band) levels(k int) int {
	j := &b.job
	if j.src.sadBlock(&j.out, k) < 6*j.scale[k>>2].q {
		return 0
	}
	subtract(&j.t, &j.src, &j.out, k)
	forward(&j.t)
	return j.scale[k>>2].quantise(&b.l[k], &j.t, roundMoved)
}

// find looks for where the macroblock came from; its brightness is then in
// the job's out.
func (b *band) find(f *Film, mx, my int, guess vector) (v vector, cost int) {
	s := &b.search
	s.src, s.ref, s.mx, s.my, s.guess = &b.job.src, &f.ref[0], mx, my, guess
	s.price = 3 * f.q
	var c [5]vector
	i := my*f.mw + mx
	c[0], c[1] = guess, f.then[i].v
	n := 2
	if mx > 0 {
		c[n] = f.now[i-1].v
		n++
	}
	if my > b.y0 {
		c[n] = f.now[i-f.mw].v
		n++
		if mx+1 < f.mw {
			c[n] = f.now[i-f.mw+1].v
			n++
		}
	}
	if s.run(c[:n], 4*f.q) {
		s.finer()
	}
	b.job.out.moveBrightness(s.ref, mx, my, s.best, f.half)
	return s.best, s.cost
}

func (b *band) decodeOne(f *Film, mx, my int) {
	j, m, d := &b.job, &b.moves, &b.dec
	i := my*f.mw + mx
	a := b.around(f, mx, my)
	if d.Bit(&m.still[a.still]) {
		b.keep(f, mx, my)
		return
	}
	if d.Bit(&m.within[a.within]) {
		j.still(mx, my)
		f.now[i] = block{within: true}
		return
	}
	v := a.guess
	guessed := d.Bit(&m.same[count(v == (vector{}), false, false)])
	if !guessed {
		v.x += int16(odds.Unsigned(d.Number(&m.by[0])))
		v.y += int16(odds.Unsigned(d.Number(&m.by[1])))
		v = v.hold(&f.ref[0], mx, my)
	}
	f.now[i] = block{v: v}
	j.out.move(&f.ref, mx, my, v, f.half)
	any := d.Bit(&m.any[count(guessed, false, false)])
	for k := range 6 {
		s, u := j.sides(k, mx)
		n := 0
		if any {
			n = b.learnt.waves.read(d, movedLight+kind(k>>2), &j.l, *s, *u)
			if n > 0 {
				j.scale[k>>2].rebuild(&j.out, k, &j.l, n)
			}
		}
		*s, *u = uint8(n), uint8(n)
	}
	j.left.modes, j.above[mx].modes = [2]uint8{}, [2]uint8{}
	f.cur.put(&j.out, mx, my)
}

// show is called after each row of macroblocks and shows the one before, as
// its colours need the next row's.
func (b *band) show(f *Film, my int) {
	f.cur.frame(8*my, 8*my+8)
	if my > b.y0 {
		b.showRow(f, my-1)
	}
}

func (b *band) showRow(f *Film, my int) {
	for mx := range f.mw {
		if !f.now[my*f.mw+mx].still {
			f.cur.show(f.dst, f.r, mx, my, b.y0, b.y1)
		}
	}
}
