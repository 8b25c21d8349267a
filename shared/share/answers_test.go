package share

import (
	"fmt"
	"image"
	"slices"
	"testing"
	"time"

	"handrail/shared/frame"
)

// day is a simulated screen of 1280 by 720 and the hand of a viewer.
type day struct {
	now time.Time
	a   answers
	c   cause
}

func newDay() *day { return &day{now: time.Unix(1000, 0)} }

// pass lets time go by.
func (d *day) pass(t time.Duration) { d.now = d.now.Add(t) }

// key and move are what the viewer does.
func (d *day) key() { d.c.edge, d.c.since = d.c.edge+1, d.now }

func (d *day) move(x, y int) { d.c.moved, d.c.pointer = d.now, image.Pt(x, y) }

// draws says which of the rectangles are urgent in whole.
func (d *day) draws(rs ...frame.Rect) []bool {
	found, _ := d.a.look(d.now, d.c, rs, 1280, 720)
	found = slices.Clone(found)
	out := make([]bool, len(rs))
	for i, r := range rs {
		out[i] = frame.Covers(found, r)
	}
	return out
}

var (
	letter = image.Rect(300, 400, 309, 416)
	cursor = image.Rect(309, 400, 311, 416)
	film   = image.Rect(700, 100, 1180, 460)
	clock  = image.Rect(1200, 700, 1270, 716)
	menu   = image.Rect(20, 40, 320, 500)
	page   = image.Rect(0, 60, 1280, 720)
)

func TestAnswersAreToldFromWhatChangesAnyway(t *testing.T) {
	for _, c := range []struct {
		name string
		act  func(d *day) []bool
		want []bool
	}{
		{"a letter after its key", func(d *day) []bool {
			d.key()
			d.pass(20 * time.Millisecond)
			return d.draws(letter, cursor)
		}, []bool{true, true}},
		{"nobody typed", func(d *day) []bool { return d.draws(letter) }, []bool{false}},
		{"too long after the key", func(d *day) []bool {
			d.key()
			d.pass(answerWithin + time.Millisecond)
			return d.draws(letter)
		}, []bool{false}},
		{"a film beside what is typed", func(d *day) []bool {
			d.plays(2*time.Second, 40*time.Millisecond, film)
			d.key()
			d.pass(20 * time.Millisecond)
			return d.draws(letter, film)
		}, []bool{true, false}},
		{"a clock that ticks while somebody types", func(d *day) []bool {
			d.plays(3*time.Second, time.Second, clock)
			d.key()
			d.pass(10 * time.Millisecond)
			return d.draws(letter, clock)
		}, []bool{true, false}},
		{"a text cursor that blinked there before", func(d *day) []bool {
			d.plays(5*time.Second, 500*time.Millisecond, cursor.Sub(image.Pt(9, 0)))
			d.key()
			d.pass(10 * time.Millisecond)
			return d.draws(letter)
		}, []bool{true}},
		{"a menu", func(d *day) []bool {
			d.key()
			d.pass(50 * time.Millisecond)
			return d.draws(menu)
		}, []bool{true}},
		{"a page that scrolls is not small", func(d *day) []bool {
			d.key()
			d.pass(50 * time.Millisecond)
			return d.draws(page)
		}, []bool{false}},
		{"a line drawn under the pointer", func(d *day) []bool {
			d.move(500, 500)
			d.pass(10 * time.Millisecond)
			return d.draws(image.Rect(490, 490, 502, 502), image.Rect(900, 90, 910, 99))
		}, []bool{true, false}},
		{"a film under the pointer", func(d *day) []bool {
			d.plays(2*time.Second, 40*time.Millisecond, film)
			d.move(800, 200)
			d.key() // a click
			return d.draws(film)
		}, []bool{false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.act(newDay()); !slices.Equal(got, c.want) {
				t.Errorf("urgent: %v, want %v", got, c.want)
			}
		})
	}
}

// plays has r change every so often, for that long.
func (d *day) plays(long, every time.Duration, r frame.Rect) {
	for end := d.now.Add(long); d.now.Before(end); d.pass(every) {
		d.draws(r)
	}
}

// Somebody types ten letters a second for half a minute, each drawn in two
// steps, while a film plays: every letter is an answer, no picture of the film
// is one.
func TestFastTypingStaysUrgentAndAFilmNever(t *testing.T) {
	d := newDay()
	d.plays(time.Second, 40*time.Millisecond, film)
	for i := range 300 {
		at := letter.Add(image.Pt(i%36*9, 0))
		d.key()
		d.pass(10 * time.Millisecond)
		for step := range 2 {
			if got := d.draws(at, film); !got[0] || got[1] {
				t.Fatalf("letter %d, step %d: urgent %v", i, step, got)
			}
			d.pass(40 * time.Millisecond)
		}
		d.pass(10 * time.Millisecond)
	}
	d.pass(restlessGap + time.Second) // the film has ended
	d.key()
	if got := d.draws(film.Inset(100)); !got[0] {
		t.Error("what opens where a film was is no answer")
	}
}

// A film that begins in the middle of typing is found out by how often it
// changes for one key.
func TestAFilmThatBeginsAfterAKeyIsFoundOut(t *testing.T) {
	d := newDay()
	urgent := 0
	for i := range 60 {
		if i%10 == 0 {
			d.key()
		}
		if d.draws(film.Inset(60))[0] {
			urgent++
		}
		d.pass(20 * time.Millisecond)
	}
	if urgent > answerTimes {
		t.Errorf("%d pictures of a film were urgent", urgent)
	}
}

func TestWhatIsFoundIsPartOfTheDamage(t *testing.T) {
	d := newDay()
	d.key()
	damage := []frame.Rect{image.Rect(-20, -20, 70, 10), image.Rect(60, 5, 200, 90), image.Rect(1270, 700, 1400, 800), {}}
	found, all := d.a.look(d.now, d.c, damage, 1280, 720)
	if !all || len(found) == 0 {
		t.Fatalf("found %v, all %v", found, all)
	}
	for _, r := range found {
		if !r.In(image.Rect(0, 0, 1280, 720)) || !frame.Covers(damage, r) {
			t.Errorf("%v is not in the damage", r)
		}
	}
	for _, r := range damage {
		if r = r.Intersect(image.Rect(0, 0, 1280, 720)); !frame.Covers(found, r) {
			t.Errorf("%v is missing", r)
		}
	}
}

func BenchmarkAnswers(b *testing.B) {
	for _, rects := range [][]frame.Rect{{letter}, {page}} {
		b.Run(fmt.Sprint(rects[0].Size()), func(b *testing.B) {
			d := newDay()
			d.key()
			b.ReportAllocs()
			for b.Loop() {
				d.a.look(d.now, d.c, rects, 1280, 720)
			}
		})
	}
}
