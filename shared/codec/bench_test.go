package codec

import (
	"image"
	"testing"
	"time"

	"handrail/shared/frame"
)

// perPixel reports the time that each of so many pixels took.
func perPixel(b *testing.B, pixels int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(pixels), "ns/pixel")
	b.ReportMetric(0, "ns/op")
}

// hd is a desktop of the usual size with a page of text.
func hd() (m *desk, page frame.Rect) {
	m = newDesk(1, 1920, 1080)
	page = image.Rect(64, 64, 1856, 1024)
	m.text(page, 1)
	return m, page
}

// ready is a pair that has sent everything of m, and has all its memory.
func ready(b *testing.B, m *desk, profile Profile) *pair {
	p := newPair(b, profile)
	p.all(m.Image)
	p.rests(m.Image)
	p.e.shelf.full()
	p.d.shelf.full()
	b.ReportAllocs()
	return p
}

// encode sends all that is pending to nobody.
func (p *pair) encode(pic frame.Image) {
	for p.e.Pending() {
		p.buf = p.e.Encode(p.buf[:0], pic, p.limit, p.now)
		p.bytes += len(p.buf)
	}
}

// scene is one thing to measure: each call of draw is a frame of the desktop,
// of which pixels are new.
type scene struct {
	name    string
	profile Profile
	draw    func(m *desk, page frame.Rect, i int) (damage frame.Rect, pixels int)
}

func scenes() []scene {
	pixels := func(r frame.Rect) (frame.Rect, int) { return r, r.Dx() * r.Dy() }
	return []scene{
		{"key", Exact, func(m *desk, page frame.Rect, i int) (frame.Rect, int) {
			m.dot(page.Min, i)
			r, n := pixels(page)
			return r, n
		}},
		{"typing", Exact, func(m *desk, page frame.Rect, i int) (frame.Rect, int) {
			r := image.Rect(0, 0, 8, 14).Add(image.Pt(100+i%200*8, 100+i/200%60*14))
			m.fill(r, 0xfcfcf8)
			m.glyph(r.Min, r, i%43)
			return pixels(r)
		}},
		{"text seen before", Exact, func(m *desk, page frame.Rect, i int) (frame.Rect, int) {
			m.text(page, i&3)
			return pixels(page)
		}},
		{"new text", Exact, func(m *desk, page frame.Rect, i int) (frame.Rect, int) {
			m.text(page, i+10)
			return pixels(page)
		}},
		{"noise", Exact, func(m *desk, page frame.Rect, i int) (frame.Rect, int) {
			r := image.Rect(64, 64, 320, 320)
			m.noise(r)
			return pixels(r)
		}},
		{"scrolling", Exact, func(m *desk, page frame.Rect, i int) (frame.Rect, int) {
			m.shift(page, image.Pt(0, -14))
			m.text(image.Rect(page.Min.X, page.Max.Y-14, page.Max.X, page.Max.Y), i)
			return pixels(page)
		}},
		{"photograph", Bits16, func(m *desk, page frame.Rect, i int) (frame.Rect, int) {
			r := image.Rect(128, 128, 640, 640)
			m.photo(r, i*7)
			return pixels(r)
		}},
		{"film", Bits32, func(m *desk, page frame.Rect, i int) (frame.Rect, int) {
			r := image.Rect(128, 128, 768, 512)
			m.photo(r, i)
			return pixels(r)
		}},
	}
}

// dot changes one pixel.
func (m *desk) dot(at image.Point, i int) { dot(m.Row(at.Y, at.X, at.X+1), uint32(i)) }

func BenchmarkEncode(b *testing.B) {
	for _, s := range scenes() {
		b.Run(s.name, func(b *testing.B) {
			m, page := hd()
			p := ready(b, m, s.profile)
			i, pixels := 0, 0
			next := func() {
				var r frame.Rect
				i++
				r, pixels = s.draw(m, page, i)
				p.e.Damage(r)
				p.now = p.now.Add(40 * time.Millisecond)
				if s.name == "photograph" {
					p.now = p.now.Add(time.Second) // or it becomes a film
				}
				if s.name == "key" {
					p.e.KeyFrame()
				}
			}
			for range 10 {
				next()
				p.encode(m.Image)
			}
			p.bytes = 0
			n := 0
			for b.Loop() {
				b.StopTimer()
				next()
				b.StartTimer()
				p.encode(m.Image)
				n++
			}
			b.ReportMetric(float64(p.bytes)/float64(n), "bytes/frame")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n)/float64(pixels), "ns/pixel")
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, s := range scenes() {
		b.Run(s.name, func(b *testing.B) {
			m, page := hd()
			p := ready(b, m, s.profile)
			p.e.KeyFrame()
			var first, rest [][]byte
			pixels := 0
			send := func(to *[][]byte) {
				for p.e.Pending() {
					*to = append(*to, p.e.Encode(nil, m.Image, p.limit, p.now))
				}
			}
			send(&first)
			for i := range 20 {
				r, n := s.draw(m, page, i)
				pixels += n
				p.e.Damage(r)
				p.now = p.now.Add(40 * time.Millisecond)
				if s.name == "photograph" {
					p.now = p.now.Add(time.Second)
				}
				send(&rest)
			}
			if s.name == "key" {
				rest, pixels = first, page.Dx()*page.Dy()
			}
			for b.Loop() {
				b.StopTimer()
				for _, slice := range first {
					if _, err := p.d.Decode(slice); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
				for _, slice := range rest {
					if _, err := p.d.Decode(slice); err != nil {
						b.Fatal(err)
					}
				}
			}
			perPixel(b, pixels)
		})
	}
}

func BenchmarkStages(b *testing.B) {
	m, page := hd()
	n := page.Dx() * page.Dy()
	was := m.Clone()
	b.Run("damage without change", func(b *testing.B) {
		p := ready(b, m, Automatic)
		for i := 3; i < len(m.Pix); i += 4 {
			m.Pix[i] ^= 0xff // as X servers leave the undefined byte of windows
		}
		for b.Loop() {
			p.e.Damage(m.Bounds())
			p.encode(m.Image)
		}
		perPixel(b, m.W*m.H)
	})
	b.Run("search for moves", func(b *testing.B) {
		s := &search{}
		s.resize(gridOf(m.W, m.H))
		now := &desk{Image: m.Clone(), rng: m.rng}
		now.shift(page, image.Pt(0, -42))
		for b.Loop() {
			if len(s.find(now.Image, was, []frame.Rect{page})) == 0 {
				b.Fatal("nothing moved")
			}
		}
		perPixel(b, n)
	})
	b.Run("search in vain", func(b *testing.B) {
		s := &search{}
		s.resize(gridOf(m.W, m.H))
		now := &desk{Image: m.Clone(), rng: m.rng}
		now.text(page, 77)
		for b.Loop() {
			s.find(now.Image, was, []frame.Rect{page})
		}
		perPixel(b, n)
	})
	b.Run("key of a tile", func(b *testing.B) {
		r := image.Rect(128, 128, 128+side, 128+side)
		for b.Loop() {
			keyOf(m.Image, r)
		}
		perPixel(b, side*side)
	})
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			sum(m.Image, 3)
		}
		perPixel(b, m.W*side)
	})
	b.Run("is it a photograph", func(b *testing.B) {
		w := newModel()
		r := image.Rect(128, 128, 128+side, 128+side)
		for b.Loop() {
			w.isPhoto(m.Image, r)
		}
		perPixel(b, side*side)
	})
}
