package codec

import (
	"image"
	"testing"
	"time"

	"handrail/shared/frame"
)

// works are what somebody does all day; each call is a frame.
func works() map[string]func(m *desk) {
	page := image.Rect(64, 64, 256, 192)
	return map[string]func(m *desk){
		"typing": func(m *desk) { m.typing() },
		"scrolling": func(m *desk) {
			m.shift(page, image.Pt(0, -14))
			m.shot++
			m.text(image.Rect(page.Min.X, page.Max.Y-14, page.Max.X, page.Max.Y), m.shot)
			m.damage = append(m.damage, page)
		},
		"paging": func(m *desk) {
			m.shot++
			m.text(page, m.shot)
			m.damage = append(m.damage, page)
		},
		"photographs": func(m *desk) {
			m.shot++
			r := image.Rect(70, 70, 170, 170).Add(image.Pt(m.shot%3*90, m.shot%2*60))
			m.photo(r, m.shot)
			m.damage = append(m.damage, r)
		},
		"film": func(m *desk) {
			m.shot++
			m.photo(page, m.shot)
			m.damage = append(m.damage, page)
		},
	}
}

// full lets the shelf take its memory, as a day's work does, and forget.
func (s *shelf) full() {
	pic := frame.New(side, side)
	for range cacheSize {
		s.put(pic, pic.Bounds())
	}
	s.reset()
}

// Memory is taken in the beginning and then no more.
func TestNoFrameTakesMemory(t *testing.T) {
	for name, work := range works() {
		t.Run(name, func(t *testing.T) {
			m := newDesk(1, 300, 250)
			p := newPair(t, Automatic)
			p.all(m.Image)
			p.e.shelf.full()
			p.d.shelf.full()
			pause := 33 * time.Millisecond
			if name == "photographs" {
				pause = time.Second // to be made exact, and not to become a film
			}
			bytes := 0
			once := func() {
				m.damage = m.damage[:0]
				work(m)
				p.e.Damage(m.damage...)
				p.now = p.now.Add(pause)
				for p.owed() {
					if p.buf = p.e.Encode(p.buf[:0], m.Image, p.limit, p.now); len(p.buf) == 0 {
						return
					}
					bytes += len(p.buf)
					if _, err := p.d.Decode(p.buf); err != nil {
						t.Fatal(err)
					}
				}
			}
			for range 8 {
				once()
			}
			bytes = 0
			if n := testing.AllocsPerRun(6, once); n > 0 {
				t.Errorf("%v allocations a frame", n)
			}
			if bytes == 0 {
				t.Error("nothing was sent: nothing is tested")
			}
		})
	}
}
