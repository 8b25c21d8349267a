package remoteview

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"

	"handrail/rep-console/remote"
	"handrail/shared/frame"
	"handrail/shared/wire"
)

// slate is a card that keeps what it is given.
type slate struct {
	fast   bool
	shows  *image.RGBA // what Fyne has painted, changed by Updates
	wholes int
}

func (c *slate) Fast() bool { return c.fast }

func (c *slate) Update(m *image.RGBA, parts []image.Rectangle) bool {
	if c.shows == nil || c.shows.Rect != m.Rect {
		return false
	}
	for _, r := range parts {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			copy(c.shows.Pix[c.shows.PixOffset(r.Min.X, y):c.shows.PixOffset(r.Max.X, y)], m.Pix[m.PixOffset(r.Min.X, y):])
		}
	}
	return true
}

// whole is Fyne painting all of the raster.
func (c *slate) whole(p *plain, size image.Point) {
	m := p.raster.Generator(size.X, size.Y).(*image.RGBA)
	c.shows = &image.RGBA{Pix: bytes.Clone(m.Pix), Stride: m.Stride, Rect: m.Rect}
	c.wholes++
}

func scratch(m frame.Image, part frame.Rect, r *rand.Rand) {
	for y := part.Min.Y; y < part.Max.Y; y++ {
		row := m.Row(y, part.Min.X, part.Max.X)
		for i := range row {
			row[i] = byte(r.Uint32())
		}
	}
}

// TestPartsForTheCardMakeTheSamePictureAsAllOfIt plays anything that can
// happen to a picture: damage, pointers, zoom, pan, other pictures, none.
func TestPartsForTheCardMakeTheSamePictureAsAllOfIt(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 2))
	size := image.Pt(160, 120)
	c := &slate{fast: true}
	p := &plain{card: c}
	p.newRaster()
	p.raster.Show() // update does it, on Fyne's goroutine
	m := frame.New(200, 150)
	scene := remote.Scene{Out: image.Rect(0, 0, 160, 120), Shown: true}
	p.scene = scene
	p.take(m, nil)
	c.whole(p, size)
	p.touch()
	for i := range 600 {
		switch r.IntN(12) {
		case 0:
			scene.Out = image.Rectangle{Max: image.Pt(1+r.IntN(160), 1+r.IntN(120))}.Add(image.Pt(r.IntN(20), r.IntN(20)))
		case 1:
			scene.Out = m.Bounds().Sub(image.Pt(r.IntN(40), r.IntN(30)))
		case 2:
			scene.Ghost, scene.GhostShown = image.Pt(r.IntN(180)-10, r.IntN(140)-10), r.IntN(3) > 0
		case 3:
			k := frame.Cursor{ID: uint64(i), W: 1 + r.IntN(20), H: 1 + r.IntN(20), HotX: 2, HotY: 1}
			k.Pix = bytes.Repeat([]byte{90, 60, 30, byte(90 + r.IntN(166))}, k.W*k.H)
			p.pointer = k
		case 4:
			if r.IntN(4) == 0 {
				m = frame.New(50+r.IntN(200), 50+r.IntN(200))
				scratch(m, m.Bounds(), r)
				p.take(m, nil)
			}
		default:
			x, y := r.IntN(m.W), r.IntN(m.H)
			part := image.Rect(x, y, x+1+r.IntN(m.W-x), y+1+r.IntN(m.H-y))
			scratch(m, part, r)
			p.take(m, []frame.Rect{part})
		}
		p.scene = scene
		p.touch()

		fresh := &plain{scene: scene, pointer: p.pointer}
		fresh.take(m, nil)
		if want := fresh.paint(size.X, size.Y).(*image.RGBA); !bytes.Equal(c.shows.Pix, want.Pix) {
			t.Fatalf("step %d, %+v: what the card shows differs", i, scene)
		}
	}
	if c.wholes != 1 {
		t.Errorf("all of it was given %d times", c.wholes)
	}
	p.take(frame.Image{}, nil)
	p.touch() // a picture that is gone: nothing to give
}

func TestADenseScreenShowsThePictureAllOverTheView(t *testing.T) {
	s := remote.State{Granted: wire.View, Out: image.Rect(10, 0, 70, 50), View: image.Pt(80, 50), Ghost: image.Pt(30, 20)}.Scene(image.Point{}, false)
	for size, want := range map[image.Point]image.Rectangle{
		{X: 80, Y: 50}: s.Out, {X: 90, Y: 60}: s.Out, {X: 160, Y: 100}: image.Rect(20, 0, 140, 100), {X: 239, Y: 150}: image.Rect(30, 0, 210, 150),
	} {
		if got := dense(s, size); got.Out != want || got.Ghost.X*10 != want.Min.X*30 {
			t.Errorf("on %v pixels the picture is at %v, the pointer at %v", size, got.Out, got.Ghost)
		}
	}
}

func TestWithACardFynePaintsAndThePainterGivesThePointer(t *testing.T) {
	for _, fast := range []bool{false, true} {
		s := newStand(t)
		s.handle = 7
		s.v.plain.card, s.v.act.Card = &slate{fast: fast}, &slate{}
		s.v.look()
		if len(s.brushes) != 0 {
			t.Fatal("a painter is opened before anybody knows who paints")
		}
		s.v.plain.touch() // Fyne paints for the first time
		m := s.control()
		b := s.brushes[0]
		if b.bare != fast || !b.scene.Shown || !b.scene.Follow {
			t.Errorf("fast %v: bare %v, scene %+v", fast, b.bare, b.scene)
		}
		if s.v.plain.raster.Visible() != fast || s.keyboards[0].window != 8 {
			t.Errorf("fast %v: Fyne paints %v, the keyboard is read in %d", fast, s.v.plain.raster.Visible(), s.keyboards[0].window)
		}
		if got := s.v.plain.snapshot(); fast && !bytes.Equal(got.Pix, m.Pix) {
			t.Error("Fyne does not have the picture")
		}
		// Beneath a pop-up, and in another window, it is still there.
		s.v.cover(true)
		s.v.cover(false)
		s.v.detach()
		if got := s.v.plain.snapshot(); !bytes.Equal(got.Pix, m.Pix) {
			t.Errorf("fast %v: the picture is gone", fast)
		}
	}
}

func TestS13ThePainterOfEachWindowCounts(t *testing.T) {
	s := newStand(t)
	s.handle = 7
	s.control()
	first, n := s.v.Painted()
	s.v.detach()
	if d, again := s.v.Painted(); d < first || again < n || n == 0 {
		t.Errorf("%v in %d, later %v in %d", first, n, d, again)
	}
}

func BenchmarkCard(b *testing.B) {
	for _, bb := range []struct {
		name   string
		out    image.Rectangle
		damage frame.Rect
	}{
		{"actual, whole", image.Rect(0, 0, 1920, 1080), image.Rect(0, 0, 1920, 1080)},
		{"actual, 200x200", image.Rect(0, 0, 1920, 1080), image.Rect(700, 400, 900, 600)},
		{"fit 1280x720, whole", image.Rect(0, 0, 1280, 720), image.Rect(0, 0, 1920, 1080)},
		{"fit 1280x720, 200x200", image.Rect(0, 0, 1280, 720), image.Rect(700, 400, 900, 600)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			p := &plain{scene: remote.State{Granted: wire.View, Out: bb.out, View: bb.out.Max}.Scene(image.Point{}, false)}
			m := frame.New(1920, 1080)
			p.take(m, nil)
			p.paint(bb.out.Dx(), bb.out.Dy())
			for b.Loop() {
				p.take(m, []frame.Rect{bb.damage})
				p.freshen(bb.out.Max)
			}
		})
	}
}
