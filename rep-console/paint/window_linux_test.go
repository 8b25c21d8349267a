package paint

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/rep-console/remote"
	"handrail/shared/frame"
	"handrail/shared/xdisplay"
)

// parent is a window of another client, as Fyne's is, with the painter in it.
type parent struct {
	t  testing.TB
	d  *xdisplay.Display
	x  *xgb.Conn
	id xproto.Window
	w  *Window
}

// place is where the painter is in its parent.
var place = image.Rect(30, 50, 670, 410)

func newParent(t testing.TB) *parent {
	t.Helper()
	d := xdisplay.Start(t, "2000x1200")
	t.Setenv("DISPLAY", d.Name())
	x, err := xgb.NewConn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	p := &parent{t: t, d: d, x: x}
	if p.id, err = xproto.NewWindowId(x); err != nil {
		t.Fatal(err)
	}
	screen := xproto.Setup(x).DefaultScreen(x)
	mask := uint32(xproto.EventMaskButtonPress | xproto.EventMaskButtonRelease | xproto.EventMaskPointerMotion | xproto.EventMaskKeyPress)
	xproto.CreateWindow(x, screen.RootDepth, p.id, screen.Root, 10, 10, 1960, 1160, 0, xproto.WindowClassInputOutput,
		screen.RootVisual, xproto.CwBackPixel|xproto.CwEventMask, []uint32{0x123456, mask})
	if err := xproto.MapWindowChecked(x, p.id).Check(); err != nil {
		t.Fatal(err)
	}
	if p.w, err = Open(uint32(p.id)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.w.Close)
	return p
}

// pixels is a part of the parent as it is on screen, its children included.
func (p *parent) pixels(r image.Rectangle) []byte {
	p.t.Helper()
	root := xproto.Setup(p.x).DefaultScreen(p.x).Root
	r = r.Add(image.Pt(10, 10))
	m, err := xproto.GetImage(p.x, xproto.ImageFormatZPixmap, xproto.Drawable(root), int16(r.Min.X), int16(r.Min.Y),
		uint16(r.Dx()), uint16(r.Dy()), 0xffffff).Reply()
	if err != nil {
		p.t.Fatal(err)
	}
	return colours(m.Data)
}

// colours sets the undefined fourth bytes to 0.
func colours(b []byte) []byte {
	b = bytes.Clone(b)
	for i := 3; i < len(b); i += 4 {
		b[i] = 0
	}
	return b
}

// shows waits until the painter's place shows want, and the backdrop round it.
func (p *parent) shows(what string, s remote.Scene, want frame.Image) {
	p.t.Helper()
	full := frame.New(s.Place.Dx(), s.Place.Dy())
	for i := 0; i < len(full.Pix); i += 4 {
		full.Pix[i], full.Pix[i+1], full.Pix[i+2] = 0x24, 0x1f, 0x1b
	}
	in := s.Out.Intersect(full.Bounds())
	for y := in.Min.Y; y < in.Max.Y; y++ {
		copy(full.Row(y, in.Min.X, in.Max.X), want.Row(y-s.Out.Min.Y, in.Min.X-s.Out.Min.X, in.Max.X-s.Out.Min.X))
	}
	wanted := colours(full.Pix)
	xdisplay.WaitFor(p.t, what, func() bool { return bytes.Equal(p.pixels(s.Place), wanted) })
}

// noise is a picture in which neighbours differ.
func noise(w, h int, seed uint64) frame.Image {
	r := rand.New(rand.NewPCG(seed, 3))
	m := frame.New(w, h)
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
	}
	return m
}

// scaled is m at another size.
func scaled(m frame.Image, size image.Point) frame.Image {
	out := frame.New(size.X, size.Y)
	remote.NewScaler(image.Pt(m.W, m.H), size).Scale(out, m, out.Bounds())
	return out
}

// scratch changes a part of m.
func scratch(m frame.Image, r frame.Rect, seed uint64) {
	n := noise(r.Dx(), r.Dy(), seed)
	for y := range n.H {
		copy(m.Row(r.Min.Y+y, r.Min.X, r.Max.X), n.Row(y, 0, n.W))
	}
}

// fits is a scene in which a picture fills the place.
func fits() remote.Scene {
	return remote.Scene{Place: place, Out: image.Rect(0, 0, 640, 360), Shown: true}
}

func TestS05ShowsThePictureScaledAndActual(t *testing.T) {
	p := newParent(t)
	m := noise(1280, 720, 1)
	s := fits()
	p.w.Draw(m, []frame.Rect{m.Bounds()})
	p.w.Set(s)
	p.shows("the picture at half size", s, scaled(m, image.Pt(640, 360)))

	s.Out = image.Rect(20, 0, 600, 326)
	p.w.Set(s)
	p.shows("the picture with margins", s, scaled(m, image.Pt(580, 326)))

	s.Out = image.Rect(0, 0, 1280, 720).Sub(image.Pt(300, 200))
	p.w.Set(s)
	p.shows("the picture at its own size, panned", s, m)

	s.Out = s.Out.Add(image.Pt(7, -9))
	p.w.Set(s)
	p.shows("the picture panned further", s, m)

	small := noise(200, 100, 2)
	s.Out = image.Rect(220, 130, 420, 230)
	p.w.Set(s)
	p.w.Draw(small, []frame.Rect{small.Bounds()})
	p.shows("a small picture in the middle", s, small)

	s.Out = image.Rect(0, 20, 640, 340)
	p.w.Set(s)
	p.shows("the small picture grown", s, scaled(small, image.Pt(640, 320)))
}

func TestOnlyTheDamageIsTakenOver(t *testing.T) {
	p := newParent(t)
	m := noise(1280, 720, 3)
	for _, s := range []remote.Scene{
		fits(),
		{Place: place, Out: image.Rect(-100, -50, 1180, 670), Shown: true},
		{Place: place, Out: image.Rect(0, 3, 637, 357), Shown: true},
	} {
		p.w.Set(s)
		p.w.Draw(m, []frame.Rect{m.Bounds()})
		kept := frame.Image{Pix: bytes.Clone(m.Pix), Stride: m.Stride, W: m.W, H: m.H}
		r := rand.New(rand.NewPCG(9, 9))
		for i := range 30 {
			x, y := r.IntN(1280), r.IntN(720)
			part := image.Rect(x, y, x+1+r.IntN(1280-x), y+1+r.IntN(720-y))
			if i%3 == 0 {
				part = part.Intersect(image.Rect(x, y, x+5, y+5))
			}
			scratch(m, part, uint64(i))
			scratch(kept, part, uint64(i))
			// What is not damaged must not be looked at.
			out := image.Rect(0, 0, 10, 10)
			if !out.Overlaps(part) {
				scratch(m, out, 1000+uint64(i))
			}
			p.w.Draw(m, []frame.Rect{part, image.Rect(5000, 5000, 6000, 6000)})
		}
		copy(m.Pix, kept.Pix)
		want := kept
		if s.Out.Dx() != 1280 {
			want = scaled(kept, s.Out.Size())
		}
		p.shows("the damaged parts", s, want)
	}
}

func TestHidingShowsWhatIsBelowAndShowingTheNewest(t *testing.T) {
	p := newParent(t)
	m := noise(1280, 720, 4)
	s := fits()
	p.w.Draw(m, []frame.Rect{m.Bounds()})
	p.w.Set(s)
	p.shows("the picture", s, scaled(m, image.Pt(640, 360)))
	below := bytes.Repeat([]byte{0x56, 0x34, 0x12, 0}, 640*360)
	s.Shown = false
	p.w.Set(s)
	xdisplay.WaitFor(t, "the parent", func() bool { return bytes.Equal(p.pixels(place), below) })
	scratch(m, image.Rect(100, 100, 500, 400), 5)
	p.w.Draw(m, []frame.Rect{image.Rect(100, 100, 500, 400)})
	s.Shown = true
	p.w.Set(s)
	p.shows("the newest picture", s, scaled(m, image.Pt(640, 360)))

	p.w.Draw(frame.Image{}, nil)
	if snap := p.w.Snapshot(); snap.W != 0 {
		t.Error("a forgotten picture is still there")
	}
	other := noise(1280, 720, 6)
	p.w.Draw(other, []frame.Rect{image.Rect(0, 0, 1, 1)})
	p.shows("the whole of the first picture after it was forgotten", s, scaled(other, image.Pt(640, 360)))
	if snap := p.w.Snapshot(); !bytes.Equal(snap.Pix, other.Pix) {
		t.Error("the snapshot differs")
	}
}

func TestAResizedViewAndACoveredWindowArePaintedAgain(t *testing.T) {
	p := newParent(t)
	m := noise(1280, 720, 7)
	p.w.Draw(m, []frame.Rect{m.Bounds()})
	s := fits()
	p.w.Set(s)
	for _, size := range []image.Point{{X: 800, Y: 450}, {X: 320, Y: 180}, {X: 960, Y: 540}} {
		s.Place = image.Rectangle{Min: s.Place.Min.Add(image.Pt(5, 3))}
		s.Place.Max = s.Place.Min.Add(size)
		s.Out = image.Rectangle{Max: size}
		p.w.Set(s)
	}
	p.shows("the last of the sizes", s, scaled(m, image.Pt(960, 540)))

	over, err := xproto.NewWindowId(p.x)
	if err != nil {
		t.Fatal(err)
	}
	screen := xproto.Setup(p.x).DefaultScreen(p.x)
	xproto.CreateWindow(p.x, screen.RootDepth, over, screen.Root, 200, 200, 300, 200, 0, xproto.WindowClassInputOutput,
		screen.RootVisual, xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{0xffffff, 1})
	if err := xproto.MapWindowChecked(p.x, over).Check(); err != nil {
		t.Fatal(err)
	}
	xproto.DestroyWindow(p.x, over)
	p.shows("what another window has covered", s, scaled(m, image.Pt(960, 540)))
}

func TestS07MouseAndKeysReachTheWindowBelow(t *testing.T) {
	p := newParent(t)
	m := noise(640, 360, 8)
	p.w.Draw(m, []frame.Rect{m.Bounds()})
	p.w.Set(fits())
	p.shows("the picture", fits(), m)
	xproto.SetInputFocus(p.x, xproto.InputFocusParent, p.id, xproto.TimeCurrentTime)
	p.d.Run("xdotool", "mousemove", "200", "200", "click", "1", "key", "a")
	if at, ok := p.w.Pointer(); !ok || at != image.Pt(160, 140) {
		t.Errorf("the pointer is at %v, known %v", at, ok)
	}
	var pressed, released, typed bool
	for !pressed || !released || !typed {
		e, err := p.x.WaitForEvent()
		if e == nil && err == nil {
			t.Fatal("the display is gone")
		}
		switch e := e.(type) {
		case xproto.ButtonPressEvent:
			pressed = e.Event == p.id && e.Detail == 1 && e.EventX == 190 && e.EventY == 190
		case xproto.ButtonReleaseEvent:
			released = e.Event == p.id
		case xproto.KeyPressEvent:
			typed = e.Event == p.id
		}
	}
}

// arrow is a pointer with a hot spot and soft edges.
func arrow(id uint64, w, h int) frame.Cursor {
	c := frame.Cursor{ID: id, W: w, H: h, HotX: 2, HotY: 3, Pix: make([]byte, 4*w*h)}
	for i := range w * h {
		a := byte(i * 255 / (w * h))
		copy(c.Pix[4*i:], []byte{a, a / 2, 0, a})
	}
	return c
}

// points says whether the pointer on screen has the shape c.
func (p *parent) points(c frame.Cursor) bool {
	p.t.Helper()
	if err := xfixes.Init(p.x); err != nil {
		p.t.Fatal(err)
	}
	if _, err := xfixes.QueryVersion(p.x, 5, 0).Reply(); err != nil {
		p.t.Fatal(err)
	}
	r, err := xfixes.GetCursorImage(p.x).Reply()
	if err != nil {
		p.t.Fatal(err)
	}
	if int(r.Width) != c.W || int(r.Height) != c.H || int(r.Xhot) != c.HotX || int(r.Yhot) != c.HotY {
		return false
	}
	for i, argb := range r.CursorImage {
		if want := uint32(c.Pix[4*i+3])<<24 | uint32(c.Pix[4*i])<<16 | uint32(c.Pix[4*i+1])<<8 | uint32(c.Pix[4*i+2]); argb != want {
			return false
		}
	}
	return true
}

func TestS08ThePointersShapeDoesNotWaitForThePicture(t *testing.T) {
	p := newParent(t)
	w, err := connect(uint32(p.id), false)
	if err != nil {
		t.Fatal(err)
	}
	defer w.end()
	m := noise(1280, 720, 4)
	s := fits()
	s.Follow = true
	w.Draw(m, []frame.Rect{m.Bounds()})
	w.Set(s)
	w.turn()
	p.d.Run("xdotool", "mousemove", "200", "200")
	c := arrow(21, 20, 24)
	w.Cursor(c)
	w.refresh(true) // scales, and paints nothing
	if !p.points(c) {
		t.Error("the shape waits until the picture is painted")
	}
}

func TestS08ABareWindowGivesThePointerItsShapeAndShowsNothing(t *testing.T) {
	p := newParent(t)
	w, err := Bare(uint32(p.id))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	m := noise(640, 360, 4)
	w.Draw(m, []frame.Rect{m.Bounds()})
	w.Cursor(arrow(31, 20, 24))
	s := fits()
	s.Follow = true
	w.Set(s)
	p.d.Run("xdotool", "mousemove", "200", "200")
	xdisplay.WaitFor(t, "the customer's pointer", func() bool { return p.points(arrow(31, 20, 24)) })
	if at, ok := w.Pointer(); !ok || at != image.Pt(160, 140) {
		t.Errorf("the pointer is at %v, known %v", at, ok)
	}
	if below := bytes.Repeat([]byte{0x56, 0x34, 0x12, 0}, 640*360); !bytes.Equal(p.pixels(place), below) {
		t.Error("the window below can't be seen")
	}
	if got := w.Snapshot(); got.W != 0 {
		t.Error("it keeps a picture")
	}
	s.Shown = false
	w.Set(s)
	xdisplay.WaitFor(t, "the rep's own pointer", func() bool { return !p.points(arrow(31, 20, 24)) })
}

func TestS08ThePointerHasTheCustomersShapeInControlOnly(t *testing.T) {
	p := newParent(t)
	m := noise(640, 360, 8)
	p.w.Draw(m, []frame.Rect{m.Bounds()})
	s := fits()
	c := arrow(7, 16, 20)
	p.w.Cursor(c)
	s.Follow = true
	p.w.Set(s)
	p.d.Run("xdotool", "mousemove", "200", "200")
	is := p.points
	xdisplay.WaitFor(t, "the customer's pointer", func() bool { return is(c) })
	large := arrow(8, 256, 256)
	p.w.Cursor(large)
	xdisplay.WaitFor(t, "the largest pointer", func() bool { return is(large) })
	p.w.Cursor(frame.Cursor{})
	xdisplay.WaitFor(t, "a dot for the hidden pointer", func() bool { return is(dot()) })
	s.Follow = false
	p.w.Set(s)
	xdisplay.WaitFor(t, "the rep's own pointer", func() bool { return !is(dot()) && !is(large) })
}

func TestS08TheGhostLeavesNoTrace(t *testing.T) {
	p := newParent(t)
	m := noise(1280, 720, 10)
	for _, s := range []remote.Scene{fits(), {Place: place, Out: image.Rect(-40, -60, 1240, 660), Shown: true}} {
		p.w.Set(s)
		p.w.Draw(m, []frame.Rect{m.Bounds()})
		c := arrow(9, 24, 30)
		p.w.Cursor(c)
		s.GhostShown = true
		for _, at := range []image.Point{{X: 100, Y: 100}, {X: 110, Y: 95}, {X: 0, Y: 0}, {X: 639, Y: 359}, {X: 300, Y: 200}} {
			s.Ghost = at
			p.w.Set(s)
			part := image.Rect(at.X, at.Y, at.X+80, at.Y+80).Intersect(m.Bounds())
			scratch(m, part, uint64(at.X))
			p.w.Draw(m, []frame.Rect{part})
			want := m
			if s.Out.Dx() != m.W {
				want = scaled(m, s.Out.Size())
			}
			want = frame.Image{Pix: bytes.Clone(want.Pix), Stride: want.Stride, W: want.W, H: want.H}
			blend(want, c, at.Sub(image.Pt(c.HotX, c.HotY)).Sub(s.Out.Min))
			p.shows("the ghost and nothing of its last place", s, want)
		}
		s.GhostShown = false
		p.w.Set(s)
		want := m
		if s.Out.Dx() != m.W {
			want = scaled(m, s.Out.Size())
		}
		p.shows("no ghost", s, want)
	}
}

func TestWithoutSharedMemoryThePictureIsTheSame(t *testing.T) {
	p := newParent(t)
	p.w.mu.Lock()
	p.w.sharing = false
	p.w.mu.Unlock()
	m := noise(1280, 720, 12)
	for _, s := range []remote.Scene{fits(), {Place: place, Out: image.Rect(-40, -60, 1240, 660), Shown: true}} {
		p.w.Draw(frame.Image{}, nil)
		p.w.Set(s)
		p.w.Draw(m, []frame.Rect{m.Bounds()})
		want := m
		if s.Out.Dx() != m.W {
			want = scaled(m, s.Out.Size())
		}
		p.shows("a picture sent in strips", s, want)
	}
	if p.w.max >= 1280*720*4 {
		t.Error("the picture fits one request: the strips were not tested")
	}
}

func TestAPainterSurvivesItsParent(t *testing.T) {
	p := newParent(t)
	m := noise(640, 360, 8)
	p.w.Draw(m, []frame.Rect{m.Bounds()})
	p.w.Set(fits())
	p.shows("the picture", fits(), m)
	if err := xproto.DestroyWindowChecked(p.x, p.id).Check(); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		s := fits()
		s.Out = s.Out.Add(image.Pt(i, 0))
		p.w.Set(s)
		p.w.Draw(m, []frame.Rect{m.Bounds()})
	}
	p.w.Close()
	p.w.Draw(m, []frame.Rect{m.Bounds()}) // after the end: nothing happens
	p.w.Close()
}

func TestOpenWithoutADisplayOrAParentIsAnError(t *testing.T) {
	t.Setenv("DISPLAY", "/nonexistent:9")
	if _, err := Open(1); err == nil {
		t.Error("a display that does not exist was found")
	}
	d := xdisplay.Start(t, "320x240")
	t.Setenv("DISPLAY", d.Name())
	if _, err := Open(0x7ffffff); err == nil {
		t.Error("a parent that does not exist was found")
	}
}
