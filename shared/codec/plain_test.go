package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"math/bits"
	"os"
	"strings"
	"testing"
	"time"

	"handrail/shared/film"
	"handrail/shared/frame"
	"handrail/shared/odds"
)

// plain is a decoder written from FORMAT.md and nothing else, without a thought
// for speed or for slices that are malformed. What it needs of other pages it
// takes from their packages.
type plain struct {
	pic          frame.Image
	across, down int
	was, is      map[image.Point]bool // tiles that changed
	shelf        []frame.Image        // the newest first
	films        [4]*film.Film
	places       [4]frame.Rect
	checked      int
	step         int
	p            map[any]odds.Prob
	n            map[any]*odds.Number
	photos       map[int]*film.Photo
	d            [4]odds.Decoder
	stripe       int
	seen         map[any]*known
	used         map[any]uint32
	luck         map[int]uint32
}

// known is an entry.
type known struct{ first, second, sure, check uint32 }

// name is which probability is meant: in which stripe, what it is called, and
// its indexes.
type name struct {
	stripe int
	what   string
	i      [4]int
}

func (d *plain) name(what string, i []int) (n name) {
	n = name{stripe: d.stripe, what: what}
	copy(n.i[:], i)
	return n
}

func (d *plain) bit(what string, i ...int) bool {
	k := d.name(what, i)
	p, ok := d.p[k]
	if !ok {
		p = 1 << 31
	}
	yes := d.d[d.stripe].Bit(&p)
	d.p[k] = p
	return yes
}

func (d *plain) learnt(what string, i ...int) int {
	k := d.name(what, i)
	if d.n[k] == nil {
		d.n[k] = &odds.Number{}
		d.n[k].Init()
	}
	return int(d.d[d.stripe].Number(d.n[k]))
}

func (d *plain) tree(n int, what string, i int) int {
	node := 1
	for range n {
		b := 0
		if d.bit(what, i, node) {
			b = 1
		}
		node = 2*node + b
	}
	return node - 1<<n
}

func (d *plain) signed(what string, i int) int {
	n := d.learnt(what, i)
	if n%2 == 0 {
		return n / 2
	}
	return -(n + 1) / 2
}

func number(b *[]byte) int {
	v, n := binary.Uvarint(*b)
	*b = (*b)[n:]
	return int(v)
}

func (d *plain) tile(at image.Point) frame.Rect {
	return image.Rect(64*at.X, 64*at.Y, 64*at.X+64, 64*at.Y+64).Intersect(d.pic.Bounds())
}

func (d *plain) put(at image.Point) {
	d.shelf = append([]frame.Image{d.pic.Sub(d.tile(at)).Clone()}, d.shelf...)
	d.shelf = d.shelf[:min(len(d.shelf), 2048)]
}

var errPlain = errors.New("the check is another one")

func (d *plain) decode(b []byte) error {
	if len(b) == 1 && b[0] == 0 {
		return nil
	}
	flags := b[0]
	b = b[1:]
	if flags&1 != 0 {
		b = b[1:]
		w, h := number(&b), number(&b)
		*d = plain{
			pic: frame.New(w, h), across: (w + 63) / 64, down: (h + 63) / 64, step: 8, is: map[image.Point]bool{},
			p: map[any]odds.Prob{}, n: map[any]*odds.Number{}, photos: map[int]*film.Photo{},
			seen: map[any]*known{}, used: map[any]uint32{}, luck: map[int]uint32{},
		}
	}
	check := uint32(0)
	if flags&2 != 0 {
		check = binary.LittleEndian.Uint32(b)
		b = b[4:]
	}
	if flags&4 != 0 {
		b = d.events(b)
	}
	n := 1 << (flags >> 3 & 3)
	lengths := make([]int, n)
	for i := range n - 1 {
		lengths[i] = number(&b)
	}
	for i := range n - 1 {
		d.d[i].Reset(b[:lengths[i]])
		b = b[lengths[i]:]
	}
	d.d[n-1].Reset(b)
	d.front()
	d.was, d.is = d.is, map[image.Point]bool{}
	var puts []image.Point
	for i := range n {
		d.stripe = i
		puts = append(puts, d.tiles(d.across*i/n, d.across*(i+1)/n)...)
	}
	for _, at := range puts {
		d.put(at)
	}
	if flags&2 != 0 {
		d.checked = (d.checked + 1) % d.down
		if d.sum(d.checked) != check {
			return errPlain
		}
	}
	return nil
}

func (d *plain) events(b []byte) []byte {
	n := int(b[0])
	b = b[1:]
	for range n {
		what, i := b[0]>>4, b[0]&15
		b = b[1:]
		switch what {
		case 0:
			x, y, w, h := number(&b), number(&b), number(&b), number(&b)
			d.places[i] = image.Rect(x, y, x+w, y+h)
			d.films[i] = film.NewFilm()
			d.films[i].Begin(d.pic, d.places[i])
		case 1:
			size := number(&b)
			if err := d.films[i].Decode(b[:size], d.pic, nil); err != nil {
				panic(err)
			}
			b = b[size:]
		}
	}
	return b
}

func (d *plain) front() {
	d.stripe = 0
	type way struct {
		to frame.Rect
		by image.Point
	}
	var ways []way
	if d.bit("moves") {
		by := image.Point{}
		for range d.learnt("count") {
			if !d.bit("again") {
				by.X, by.Y = d.signed("by", 0), d.signed("by", 1)
			}
			x, y := d.learnt("corner", 0), d.learnt("corner", 1)
			w, h := d.learnt("size", 0), d.learnt("size", 1)
			ways = append(ways, way{image.Rect(x, y, x+w, y+h), by})
		}
	}
	if d.bit("step") {
		d.step = int(d.d[0].Raw(6)) + 1
	}
	if d.bit("keep") {
		i := -1
		for range d.learnt("gap") + 1 {
			i += d.learnt("gap") + 1
			d.put(image.Pt(i%d.across, i/d.across))
		}
	}
	before := d.pic.Clone()
	for _, w := range ways {
		for y := w.to.Min.Y; y < w.to.Max.Y; y++ {
			copy(d.pic.Row(y, w.to.Min.X, w.to.Max.X), before.Row(y-w.by.Y, w.to.Min.X-w.by.X, w.to.Max.X-w.by.X))
		}
	}
}

// one is b as a number.
func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (d *plain) tiles(from, to int) (puts []image.Point) {
	op, age := 0, 2048
	in := func(tiles map[image.Point]bool, x, y int) int {
		return one(x >= from && x < to && tiles[image.Pt(x, y)])
	}
	above := false
	for y := range d.down {
		was := 0
		for x := from; x < to; x++ {
			was |= in(d.was, x, y)
		}
		above = d.bit("row", one(above)+2*was)
		if !above {
			continue
		}
		for x := from; x < to; x++ {
			if !d.bit("tile", in(d.is, x-1, y)+2*in(d.is, x, y-1)+4*in(d.was, x, y)) {
				continue
			}
			at := image.Pt(x, y)
			d.is[at] = true
			last := op
			switch {
			case d.bit("box", last):
				op = 0
			case d.bit("shelf", last):
				op = 1
			case !d.bit("refine", last):
				op = 2
			default:
				op = 3
			}
			r := d.tile(at)
			if op == 1 {
				if d.bit("next") {
					age--
				} else {
					age = d.learnt("age")
				}
				for v := range r.Dy() {
					copy(d.pic.Row(r.Min.Y+v, r.Min.X, r.Max.X), d.shelf[age].Row(v, 0, r.Dx()))
				}
				continue
			}
			r.Min.X += d.learnt("edge", in(d.is, x-1, y), 0)
			r.Min.Y += d.learnt("edge", in(d.is, x, y-1), 1)
			r.Max.X -= d.learnt("edge", in(d.was, x+1, y), 2)
			r.Max.Y -= d.learnt("edge", in(d.was, x, y+1), 3)
			if d.photos[d.stripe] == nil {
				d.photos[d.stripe] = film.NewPhoto()
			}
			switch op {
			case 0:
				d.box(r, 64*from, min(64*to, d.pic.W))
				if r.Dx()*r.Dy() >= 64 {
					puts = append(puts, at)
				}
			case 2:
				d.photos[d.stripe].Decode(&d.d[d.stripe], d.pic, r, d.step)
			case 3:
				d.photos[d.stripe].DecodeRest(&d.d[d.stripe], d.pic, r)
			}
		}
	}
	return puts
}

func (d *plain) sum(row int) uint32 {
	h := [4]uint32{1, 2, 3, 4}
	for y := 64 * row; y < min(64*row+64, d.pic.H); y++ {
		for x := range d.pic.W {
			l := x % 4
			if x >= d.pic.W/4*4 {
				l = 0
			}
			h[l] = bits.RotateLeft32((h[l]^d.at(x, y))*0x9E3779B1, 13)
		}
	}
	s := uint32(0)
	for _, v := range h {
		s = bits.RotateLeft32((s^v)*0x9E3779B1, 13)
	}
	return s
}

func (d *plain) at(x, y int) uint32 {
	return binary.LittleEndian.Uint32(d.pic.Row(y, x, x+1)) & 0xffffff
}

// near are the surroundings of a pixel.
type near struct{ w, ww, n, nn, nw, ne uint32 }

func (d *plain) box(r frame.Rect, x0, x1 int) {
	at := func(x, y int) uint32 {
		if x < x0 || x >= x1 || y < 0 {
			return 0
		}
		return d.at(x, y)
	}
	around := func(x, y int) near {
		return near{at(x-1, y), at(x-2, y), at(x, y-1), at(x, y-2), at(x-1, y-1), at(x+1, y-1)}
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; {
			a := around(x, y)
			not := uint32(1 << 24)
			if c := a.w; a.n == c && a.nw == c && a.ne == c {
				most := 0
				for x+most < r.Max.X && at(x+most+1, y-1) == c {
					most++
				}
				k, n := bits.Len(uint(most))-1, most
				full := d.bit("run", k)
				if !full {
					n = d.tree(k+1, "runEnd", k)
				}
				for range n {
					binary.LittleEndian.PutUint32(d.pic.Row(y, x, x+1), c)
					x++
				}
				if full {
					continue
				}
				a, not = around(x, y), c
			}
			binary.LittleEndian.PutUint32(d.pic.Row(y, x, x+1), d.pixel(a, d.at(x, y), not))
			x++
		}
	}
}

func (d *plain) entry(table string, at uint64) *known {
	k := name{stripe: d.stripe, what: table, i: [4]int{int(at)}}
	if d.seen[k] == nil {
		d.seen[k] = &known{}
	}
	return d.seen[k]
}

func (e *known) learn(c, check uint32) {
	switch {
	case e.check != check:
		*e = known{c, c, 0, check}
	case e.first == c:
		e.sure = min(e.sure+1, 15)
	case e.second == c && e.sure >= 2:
		e.sure -= e.sure >> 1
	case e.second == c:
		e.first, e.second, e.sure = e.second, e.first, 1
	case e.sure < 2:
		e.first, e.second, e.sure = c, e.first, 0
	default:
		e.second = c
		e.sure -= e.sure >> 1
	}
}

func (d *plain) pixel(a near, old, not uint32) uint32 {
	luck := int(d.luck[d.stripe] & 3)
	tried := map[uint32]bool{not: true}
	ask := func(c uint32, what string, i ...int) bool {
		if tried[c] {
			return false
		}
		tried[c] = true
		return d.bit(what, i...)
	}
	h := (uint64(a.ww)<<32+uint64(a.w))*0x9E3779B97F4A7C15 ^ (uint64(a.nw)<<32+uint64(a.n))*0xC2B2AE3D27D4EB4F ^
		(uint64(a.nn)<<32+uint64(a.ne))*0x165667B19E3779F9
	wide, check := d.entry("wide", h>>47), uint32(h>>39&255)
	if wide.check == check {
		first, second, sure := wide.first, wide.second, int(wide.sure)
		if ask(first, "wide", sure, luck, one(first == old)) {
			d.luck[d.stripe] = d.luck[d.stripe]<<1 | 1
			wide.learn(first, check)
			return first
		}
		if ask(second, "wide2", sure, luck) {
			d.luck[d.stripe] = d.luck[d.stripe]<<1 | 1
			wide.learn(second, check)
			return second
		}
	}
	d.luck[d.stripe] <<= 1
	h = (uint64(a.n)<<32 + uint64(a.w)) * 0x9E3779B97F4A7C15
	two, check2 := d.entry("close", h>>48), uint32(h>>40&255)
	c := d.rare(a, old, luck, two, two.check == check2, ask)
	wide.learn(c, check)
	two.learn(c, check2)
	return c
}

func (d *plain) rare(a near, old uint32, luck int, two *known, knows bool, ask func(uint32, string, ...int) bool) uint32 {
	if knows {
		if ask(two.first, "close", int(two.sure), luck) {
			return two.first
		}
		if ask(two.second, "close2", int(two.sure), luck) {
			return two.second
		}
	}
	for i, c := range [4]uint32{old, a.w, a.n, a.ne} {
		if ask(c, "near", i, luck) {
			return c
		}
	}
	place := func(i int) name { return name{stripe: d.stripe, what: "used", i: [4]int{i}} }
	if d.bit("known", luck) {
		return d.used[place(d.tree(8, "which", 0))]
	}
	green := func(c uint32) int { return int(c >> 8 & 255) }
	dg := d.channel(0, (steep(green(a.n)-green(a.nw))+steep(green(a.w)-green(a.nw)))/2)
	dr := d.channel(1, steep(dg))
	db := d.channel(2, steep(dr))
	told := func(shift int) int {
		w, n, nw := int(a.w>>shift&255), int(a.n>>shift&255), int(a.nw>>shift&255)
		f := w + n - nw
		return max(min(w, n), min(max(w, n), f))
	}
	c := uint32((told(16)+dg+dr)&255<<16 | (told(8)+dg)&255<<8 | (told(0)+dg+db)&255)
	d.used[place(int(c*0x9E3779B1>>24))] = c
	return c
}

// steep is what FORMAT.md calls rough.
func steep(v int) int {
	for i, below := range []int{1, 3, 8, 20, 48, 96} {
		if max(v, -v) < below {
			return i
		}
	}
	return 6
}

func (d *plain) channel(ch, r int) int {
	if d.bit("zero", ch, r) {
		return 0
	}
	negative := d.bit("sign", ch, r)
	v := d.learnt("channel", ch, r)%256 + 1
	if negative {
		v = -v
	}
	return int(int8(v))
}

func TestThePageNamesTheLimits(t *testing.T) {
	page, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	l := DefaultLimits()
	for _, says := range []string{
		fmt.Sprintf("This page is about version %d.", version),
		fmt.Sprintf("| pixels of a side | %d |", l.Side),
		fmt.Sprintf("| pixels of a picture | %d |", l.Pixels),
		fmt.Sprintf("| moves of a slice | %d |", maxMoves),
		fmt.Sprintf("| film events of a slice | %d |", maxEvents),
		fmt.Sprintf("| films open at a time | %d |", maxFilms),
		fmt.Sprintf("| tiles on the shelf | %d |", cacheSize),
		fmt.Sprintf("\n* %d (", version),
	} {
		if !strings.Contains(string(page), says) {
			t.Errorf("FORMAT.md doesn't say %q", says)
		}
	}
}

// Who writes a decoder from FORMAT.md sees what ours sees.
func TestADecoderWrittenFromThePageSeesTheSame(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/everything.slices")
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := NewDecoder(small(), nil), &plain{}
	both := func(s []byte) {
		t.Helper()
		if _, err := ours.Decode(s); err != nil {
			t.Fatal(err)
		}
		if err := theirs.decode(s); err != nil {
			t.Fatal(err)
		}
		if !frame.Equal(ours.Image(), theirs.pic) {
			t.Fatal("it sees something else")
		}
	}
	for len(b) > 0 {
		n := number(&b)
		both(b[:n])
		b = b[n:]
	}
	for seed := range uint64(2) {
		m := newDesk(seed, 200, 130)
		p := newPair(t, Automatic)
		ours = NewDecoder(DefaultLimits(), nil)
		for range 80 { // more than checkEvery slices
			m.step()
			p.e.Damage(m.damage...)
			p.now = p.now.Add(40 * time.Millisecond)
			for (p.owed() || p.e.w == 0) && p.slice(m.Image) {
				both(p.buf)
			}
		}
		if theirs.checked == 0 {
			t.Fatal("nothing was checked")
		}
	}
}

func TestADecoderWrittenFromThePageSeesStripes(t *testing.T) {
	t.Parallel()
	m := &desk{Image: frame.New(2048, 1100)}
	for y := range m.H {
		if y%side == 0 || y%side == side-1 {
			m.fill(image.Rect(0, y, m.W, y+1), 0x305070)
		}
	}
	m.text(image.Rect(900, 200, 1300, 300), 4)
	p := newPair(t, Automatic)
	theirs := &plain{}
	p.limit = 1 << 20
	for p.owed() || p.e.w == 0 {
		p.slice(m.Image)
		if err := theirs.decode(p.buf); err != nil {
			t.Fatal(err)
		}
	}
	if p.e.stripes != maxStripes || !frame.Equal(p.d.Image(), theirs.pic) {
		t.Fatalf("%d stripes, and it sees something else", p.e.stripes)
	}
}
