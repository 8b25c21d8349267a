package remoteview

import (
	"bytes"
	"image"
	"reflect"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"handrail/rep-console/remote"
	"handrail/shared/frame"
	"handrail/shared/look"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// brush is a painter that remembers.
type brush struct {
	parent  uint32
	bare    bool
	scene   remote.Scene
	picture frame.Image
	cursor  frame.Cursor
	closed  bool
}

func (b *brush) ID() uint32                    { return b.parent + 1 }
func (b *brush) Set(s remote.Scene)            { b.scene = s }
func (b *brush) Cursor(c frame.Cursor)         { b.cursor = c }
func (b *brush) Snapshot() frame.Image         { return b.picture }
func (b *brush) Pointer() (image.Point, bool)  { return image.Pt(77, 88), true }
func (b *brush) Painted() (time.Duration, int) { return time.Millisecond, 1 }
func (b *brush) Close()                        { b.closed = true }
func (b *brush) Draw(m frame.Image, _ []frame.Rect) {
	if b.bare {
		return
	}
	b.picture = frame.Image{Pix: bytes.Clone(m.Pix), Stride: m.Stride, W: m.W, H: m.H}
}

// keyboard remembers whether it is held.
type keyboard struct{ window, held, closed int }

func (k *keyboard) Close() { k.closed++ }
func (k *keyboard) Hold(on bool) {
	k.held = 0
	if on {
		k.held = 1
	}
}

// stand is a view in a window with a model behind it.
type stand struct {
	t         *testing.T
	v         *View
	m         *remote.Model
	w         fyne.Window
	now       time.Time
	events    []remote.Event
	sent      []wire.Input
	full      []bool
	brushes   []*brush
	keyboards []*keyboard
	handle    uint32
}

func newStand(t *testing.T) *stand {
	t.Helper()
	test.NewTempApp(t)
	fyne.CurrentApp().Settings().SetTheme(look.Theme{})
	s := &stand{t: t, m: remote.New(), now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)}
	s.v = New(Actions{
		Do:         s.do,
		FullScreen: func(on bool) { s.full = append(s.full, on) },
		Painter: func(window uint32, bare bool) (Painter, error) {
			s.brushes = append(s.brushes, &brush{parent: window, bare: bare})
			return s.brushes[len(s.brushes)-1], nil
		},
		Keyboard: func(window uint32) (Keyboard, error) {
			s.keyboards = append(s.keyboards, &keyboard{window: int(window)})
			return s.keyboards[len(s.keyboards)-1], nil
		},
		Usage: func(scan int) uint16 { return uint16(scan) },
	}, words.Speaker{})
	s.v.handle = func(fyne.Window) uint32 { return s.handle }
	s.w = test.NewTempWindow(t, s.v.Object())
	s.w.SetPadded(false)
	s.w.Resize(fyne.NewSize(900, 600))
	return s
}

func (s *stand) do(e remote.Event) {
	s.events = append(s.events, e)
	for _, f := range s.m.Step(s.now, e) {
		switch f := f.(type) {
		case remote.Send:
			s.sent = append(s.sent, f.Input)
		case remote.Hold:
			s.v.Hold(f.On)
		}
	}
	s.v.Show(s.m.State())
}

// control shares a picture of 400×300 with control.
func (s *stand) control() frame.Image {
	s.v.look()
	s.do(remote.Session{Granted: wire.View | wire.Control, Monitor: 1})
	s.do(remote.Picture{Size: image.Pt(400, 300)})
	m := frame.New(400, 300)
	for i := range m.Pix {
		m.Pix[i] = byte(i * 7)
	}
	s.v.Draw(m, []frame.Rect{m.Bounds()})
	return m
}

// last is the last event of the type of e.
func (s *stand) last(e remote.Event) remote.Event {
	for _, x := range slices.Backward(s.events) {
		if reflect.TypeOf(x) == reflect.TypeOf(e) {
			return x
		}
	}
	s.t.Fatalf("no %T in %v", e, s.events)
	return nil
}

func mouse(x, y float32, b desktop.MouseButton) *desktop.MouseEvent {
	return &desktop.MouseEvent{PointEvent: fyne.PointEvent{AbsolutePosition: fyne.NewPos(x, y)}, Button: b}
}

func TestS05ThePainterShowsThePictureWhereTheViewIs(t *testing.T) {
	s := newStand(t)
	s.handle = 7
	m := s.control()
	if len(s.brushes) != 1 || s.brushes[0].parent != 7 || s.keyboards[0].window != 8 {
		t.Fatalf("painters %v, keyboards %v", s.brushes, s.keyboards)
	}
	b := s.brushes[0]
	area := pixels(fyne.Position{}.Add(s.v.screen.Size()), 1)
	if want := (image.Rectangle{Max: area}); b.scene.Place != want || !b.scene.Shown || !b.scene.Follow {
		t.Errorf("scene %+v, want place %v", b.scene, want)
	}
	if !bytes.Equal(b.picture.Pix, m.Pix) {
		t.Error("the picture differs")
	}
	if s.v.plain.raster.Visible() {
		t.Error("Fyne paints too")
	}
	s.w.Resize(fyne.NewSize(700, 500))
	s.v.look()
	if b.scene.Place.Dx() != 700 || b.scene.Out != s.m.State().Out {
		t.Errorf("after a resize the scene is %+v", b.scene)
	}
	c := frame.Cursor{ID: 3, W: 1, H: 1, Pix: []byte{1, 2, 3, 4}}
	s.v.Cursor(c)
	if !reflect.DeepEqual(b.cursor, c) {
		t.Error("the pointer's shape does not arrive")
	}
}

func TestAPopUpCoversThePictureWhichGoesOnBeneath(t *testing.T) {
	s := newStand(t)
	s.handle = 7
	m := s.control()
	s.v.screen.MouseDown(mouse(5, 5, desktop.MouseButtonPrimary))
	if !s.m.State().Focused || s.keyboards[0].held != 1 {
		t.Fatal("a click does not take the focus")
	}
	pop := widget.NewPopUp(widget.NewLabel("over"), s.w.Canvas())
	pop.Show()
	s.v.look()
	if s.brushes[0].scene.Shown || !s.v.plain.raster.Visible() {
		t.Error("the native window lies over the pop-up")
	}
	if s.m.State().Focused || s.keyboards[0].held != 0 {
		t.Error("the keyboard is held while a pop-up is open")
	}
	m.Pix[0]++
	s.v.Draw(m, []frame.Rect{image.Rect(0, 0, 1, 1)})
	if s.v.plain.snapshot().Pix[0] != m.Pix[0] {
		t.Error("the picture beneath stands still")
	}
	pop.Hide()
	s.v.look()
	if !s.brushes[0].scene.Shown || s.v.plain.raster.Visible() || !s.m.State().Focused {
		t.Error("the picture does not come back")
	}
}

func TestK03TheViewMovesToAnotherWindowWithItsPicture(t *testing.T) {
	s := newStand(t)
	s.handle = 7
	m := s.control()
	s.v.Object().Hide()
	if s.brushes[0].scene.Shown {
		t.Error("a hidden view shows its picture")
	}
	s.w.SetContent(widget.NewLabel("elsewhere"))
	s.handle = 9
	before := s.v.Object()
	w := test.NewTempWindow(t, s.v.Anew())
	if s.v.Object() == before {
		t.Error("Fyne knows the object, and in which window it was")
	}
	w.Resize(fyne.NewSize(800, 600))
	s.v.Object().Show()
	s.v.look()
	if len(s.brushes) != 2 || !s.brushes[0].closed || s.keyboards[0].closed != 1 || s.brushes[1].parent != 9 {
		t.Fatalf("painters %+v", s.brushes)
	}
	if !bytes.Equal(s.brushes[1].picture.Pix, m.Pix) || !s.brushes[1].scene.Shown {
		t.Error("the picture did not come along")
	}
	s.v.Close()
	if !s.brushes[1].closed || s.keyboards[1].closed != 1 {
		t.Error("the end leaves a painter")
	}
	s.v.Draw(m, []frame.Rect{m.Bounds()}) // late: nothing happens
}

func TestC06NoPictureStaysWhenSharingStops(t *testing.T) {
	for _, handle := range []uint32{0, 7} {
		s := newStand(t)
		s.handle = handle
		s.control()
		s.do(remote.Session{})
		if s.v.plain.snapshot().W != 0 {
			t.Error("Fyne keeps the picture")
		}
		if handle != 0 && s.brushes[0].picture.W != 0 {
			t.Error("the painter keeps the picture")
		}
		if want := s.v.speak.Say(words.RemoteStopped); s.v.screen.message.Text != want {
			t.Errorf("it says %q", s.v.screen.message.Text)
		}
	}
}

func TestWithoutAPainterFynePaintsTheSame(t *testing.T) {
	s := newStand(t)
	m := s.control()
	c := frame.Cursor{ID: 3, W: 2, H: 2, Pix: bytes.Repeat([]byte{200, 100, 0, 255}, 4)}
	s.v.Cursor(c)
	s.do(remote.Pointer{Seq: 1, Monitor: 1, X: 30000, Y: 30000})
	for _, zoom := range []remote.Zoom{remote.Fit, remote.Actual} {
		s.do(remote.SetZoom{Zoom: zoom})
		st := s.m.State()
		got := s.v.plain.paint(st.View.X, st.View.Y).(*image.RGBA)
		want := m
		if zoom == remote.Fit {
			want = frame.New(st.Out.Dx(), st.Out.Dy())
			remote.NewScaler(image.Pt(m.W, m.H), st.Out.Size()).Scale(want, m, want.Bounds())
		}
		ghost := image.Rect(0, 0, 2, 2).Add(st.Ghost)
		for y := range st.View.Y {
			for x := range st.View.X {
				p := image.Pt(x, y)
				wanted := [4]byte{backdrop().R, backdrop().G, backdrop().B, 255}
				if p.In(ghost) {
					wanted = [4]byte{200, 100, 0, 255}
				} else if q := p.Sub(st.Out.Min); p.In(st.Out) {
					b := want.Row(q.Y, q.X, q.X+1)
					wanted = [4]byte{b[2], b[1], b[0], 255}
				}
				if g := [4]byte(got.Pix[got.PixOffset(x, y):][:4]); g != wanted {
					t.Fatalf("zoom %d: pixel %v is %v, want %v", zoom, p, g, wanted)
				}
			}
		}
		if !s.v.plain.raster.Visible() {
			t.Error("nothing is shown")
		}
	}
}

func TestS07MouseEventsReachTheModelInDevicePixels(t *testing.T) {
	s := newStand(t)
	s.control()
	sc := s.v.screen
	sc.MouseIn(mouse(12, 34, 0))
	if e := s.last(remote.Hover{}); e != (remote.Hover{At: image.Pt(12, 34)}) {
		t.Errorf("the first move is %v", e)
	}
	sc.MouseDown(mouse(450, 250, desktop.MouseButtonPrimary))
	if e := s.last(remote.Press{}); e != (remote.Press{Button: 1, Down: true, At: image.Pt(450, 250)}) {
		t.Errorf("the press is %v", e)
	}
	sc.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: fyne.NewPos(-30, 700)}})
	if e := s.last(remote.Hover{}); e != (remote.Hover{At: image.Pt(-30, 700)}) {
		t.Errorf("outside the move is %v", e)
	}
	sc.DragEnd()
	if e := s.last(remote.Press{}); e != (remote.Press{Button: 1, At: image.Pt(-30, 700)}) {
		t.Errorf("the release outside is %v", e)
	}
	sc.MouseDown(mouse(450, 250, desktop.MouseButtonSecondary))
	sc.MouseOut()
	sc.MouseIn(mouse(440, 240, 0)) // released out there, in silence
	if e := s.last(remote.Press{}); e != (remote.Press{Button: 3, At: image.Pt(440, 240)}) {
		t.Errorf("the lost release is %v", e)
	}
	sc.Scrolled(&fyne.ScrollEvent{PointEvent: fyne.PointEvent{AbsolutePosition: fyne.NewPos(450, 250)}, Scrolled: fyne.NewDelta(0, 50)})
	if e := s.last(remote.Turn{}); e != (remote.Turn{DY: -2, At: image.Pt(450, 250)}) {
		t.Errorf("the wheel is %v", e)
	}
}

func TestAClickIsWhereThePointerIsAndNotWhereFyneHasIt(t *testing.T) {
	s := newStand(t)
	s.handle = 7
	s.control()
	s.v.screen.MouseDown(mouse(450, 250, desktop.MouseButtonPrimary))
	if e := s.last(remote.Press{}).(remote.Press); e.At != image.Pt(77, 88) {
		t.Errorf("the press is at %v", e.At)
	}
}

func TestS07TheSpecialKeysAreOnAMenuAndSent(t *testing.T) {
	s := newStand(t)
	s.control()
	names := map[string]bool{}
	for _, k := range remote.Specials() {
		names[s.v.speak.Say(name(k))] = true
	}
	if len(names) != len(remote.Specials()) {
		t.Errorf("%d names for %d keys", len(names), len(remote.Specials()))
	}
	test.Tap(s.v.bar.keys)
	menu, ok := s.w.Canvas().Focused().(*widget.PopUpMenu)
	if !ok {
		t.Fatalf("a %T has the keyboard", s.w.Canvas().Focused())
	}
	s.sent = nil
	menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if len(s.sent) != 6 || s.sent[2].(wire.Key).Usage != 0x4C {
		t.Errorf("sent %v", s.sent)
	}
	if s.w.Canvas().Focused() != fyne.Focusable(s.v.screen) || !s.m.State().Focused {
		t.Error("the picture does not have the keyboard afterwards")
	}
}

func TestS07TextIsTypedFromADialog(t *testing.T) {
	s := newStand(t)
	s.control()
	test.Tap(s.v.bar.text)
	if s.v.typing == nil || s.w.Canvas().Focused() != fyne.Focusable(s.v.typing.entry) {
		t.Fatal("no dialog with the cursor in it")
	}
	test.Type(s.v.typing.entry, "grüße 🙂")
	if len(s.v.Places()) == 0 {
		t.Error("tests cannot find the dialog")
	}
	test.Tap(s.v.typing.now)
	if want := []wire.Input{wire.Typed{Seq: 1, Text: "grüße 🙂"}}; !reflect.DeepEqual(s.sent, want) {
		t.Errorf("sent %v", s.sent)
	}
	s.sent = nil
	test.Tap(s.v.bar.text)
	test.Type(s.v.typing.entry, "no")
	s.v.typing.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if len(s.sent) != 0 || s.v.typing != nil || s.w.Canvas().Overlays().Top() != nil {
		t.Errorf("Escape sends %v", s.sent)
	}
	test.Tap(s.v.bar.text)
	s.w.Canvas().Unfocus() // a click beside the field
	s.w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.v.typing != nil || s.w.Canvas().Overlays().Top() != nil || s.w.Canvas().OnTypedKey() != nil {
		t.Error("Escape does nothing without the field")
	}
	test.Tap(s.v.bar.text)
	test.Type(s.v.typing.entry, "yes")
	s.v.typing.entry.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyReturn, Modifier: fyne.KeyModifierControl})
	if len(s.sent) != 1 || s.v.typing != nil {
		t.Errorf("Ctrl+Enter sends %v", s.sent)
	}
}

func TestTheBarSaysHowThingsAre(t *testing.T) {
	s := newStand(t)
	s.control()
	b := s.v.bar
	for _, tt := range []struct {
		name  string
		event remote.Event
		want  words.Sentence
		tools bool
	}{
		{"in control", remote.Focus{}, words.RemoteLoose, true},
		{"focused", remote.Focus{On: true}, words.RemoteHeld, true},
		{"system keys off", remote.SetCapture{}, words.RemotePlain, true},
		{"not focused", remote.Focus{}, words.RemoteLoose, true},
		{"interrupted", remote.Link{Away: true}, words.RemoteCut, false},
		{"view only", remote.Session{Granted: wire.View, Monitor: 1}, words.RemoteCut, false},
		{"back", remote.Link{Direct: true, RTT: 23 * time.Millisecond}, words.RemoteViewOnly, false},
	} {
		s.do(tt.event)
		if want := s.v.speak.Say(tt.want); b.said.Text != want || b.keys.Disabled() == tt.tools || b.text.Disabled() == tt.tools {
			t.Errorf("%s: %q, want %q; tools off %v", tt.name, b.said.Text, want, b.keys.Disabled())
		}
	}
	if b.route.Visible() || b.leave.Visible() {
		t.Error("the way out of full screen is shown in a window")
	}
	s.do(remote.SetFull{On: true})
	if b.stripe.Visible() {
		t.Error("the toolbar covers the full screen")
	}
	s.do(remote.Link{Direct: true, Away: true, RTT: 23 * time.Millisecond})
	if !b.stripe.Visible() || !b.leave.Visible() || b.route.Text != "Direct, 23 ms" {
		t.Errorf("in full screen: bar %v, way out %v, route %q", b.stripe.Visible(), b.leave.Visible(), b.route.Text)
	}
	test.Tap(b.leave)
	if !reflect.DeepEqual(s.full, []bool{false}) {
		t.Errorf("leaving: %v", s.full)
	}
	test.Tap(b.zoom)
	if s.m.State().Zoom != remote.Actual {
		t.Error("the zoom does not change")
	}
}

func TestANarrowBarKeepsThePicturesOfItsTools(t *testing.T) {
	s := newStand(t)
	s.control()
	if s.v.bar.zoom.Text == "" {
		t.Fatal("a wide bar has no words")
	}
	s.w.Resize(fyne.NewSize(380, 400))
	for _, b := range s.v.bar.buttons() {
		if b.Text != "" || b.Icon == nil {
			t.Errorf("a tool says %q", b.Text)
		}
	}
	if got := s.v.Object().MinSize(); got.Width > 330 {
		t.Errorf("the view wants a width of %v", got.Width)
	}
}

func TestPlacesTellWhereThePictureIs(t *testing.T) {
	s := newStand(t)
	if _, ok := s.v.Places()["viewer"]; ok {
		t.Error("a picture is found before the first")
	}
	s.control()
	p, out := s.v.Places()["viewer"], s.m.State().Out
	if p.X != out.Min.X || p.Y != out.Min.Y || p.W != out.Dx() || p.H != out.Dy() {
		t.Errorf("it is at %+v, want %v", p, out)
	}
}

// A click is mapped by the place of the picture: a place measured late sends
// the first clicks elsewhere.
func TestS07ThePlaceOfThePictureFollowsTheLayoutAtOnce(t *testing.T) {
	s := newStand(t)
	s.control()
	before := s.v.Places()["viewer"]
	s.w.Resize(fyne.NewSize(500, 400)) // and nobody calls look
	after := s.v.Places()["viewer"]
	size := s.last(remote.Resize{}).(remote.Resize).Size
	if size.X != 500 || after.W > size.X || after.H != size.Y || after.W >= before.W {
		t.Errorf("in a window 500 wide the view is %v and the picture %d×%d, before %d×%d", size, after.W, after.H, before.W, before.H)
	}
}

func TestTheViewLooksWhereItIsAsSoonAsAPictureIsAwaited(t *testing.T) {
	s := newStand(t)
	if looks, _ := s.v.pace(); looks != rest {
		t.Errorf("without a picture the view looks every %v", looks)
	}
	s.do(remote.Session{Granted: wire.View, Monitor: 1})
	if looks, _ := s.v.pace(); looks != glance {
		t.Errorf("before the first picture the view looks every %v", looks)
	}
}

func TestS13TheSpeedPanelShowsTheStationsAndNamesTheBottleneck(t *testing.T) {
	s := newStand(t)
	s.handle = 7
	s.control()
	before := s.brushes[0].scene.Place
	test.Tap(s.v.bar.speed)
	s.do(remote.Pace{
		Capture: 900 * time.Microsecond, Encode: 5240 * time.Microsecond, Queue: 412 * time.Millisecond, Network: 43 * time.Millisecond,
		Decode: 2 * time.Millisecond, Present: 10 * time.Millisecond, Pictures: 24, Bits: 560_000,
	})
	m := s.v.meter
	var got []string
	for _, c := range m.cells {
		got = append(got, c.number.Text)
	}
	want := []string{"0.9 ms", "5.2 ms", "412 ms", "43 ms", "2.0 ms", "10 ms", "24/s", "560 kbit/s"}
	if !slices.Equal(got, want) || m.verdict.Text != s.v.speak.Say(words.SpeedSlowQueue) {
		t.Errorf("%v, %q", got, m.verdict.Text)
	}
	if p := s.brushes[0].scene.Place; p.Max.Y >= before.Max.Y || p.Min != before.Min {
		t.Errorf("the painter is at %v, was at %v: it covers the panel", p, before)
	}
	said := map[string]bool{}
	for b := remote.Still; b <= remote.AtPresent; b++ {
		said[m.says(remote.Speed{}, b)] = true
	}
	if len(said) != int(remote.AtPresent)+1 {
		t.Errorf("%d sentences for %d bottlenecks", len(said), remote.AtPresent+1)
	}
	s.do(remote.Link{Away: true})
	if m.verdict.Text != s.v.speak.Say(words.RemoteCut) {
		t.Errorf("without a connection it says %q", m.verdict.Text)
	}
	m.flip()
	if m.stripe.Visible() || s.brushes[0].scene.Place != before {
		t.Error("the panel does not go away")
	}
}

func TestS13TheSpeedPanelFitsANarrowWindow(t *testing.T) {
	s := newStand(t)
	s.control()
	s.do(remote.SetMeter{On: true})
	for _, width := range []float32{1500, 900, 420, 330} {
		s.w.Resize(fyne.NewSize(width, 500))
		bottom, right := s.v.meter.stripe.Size().Height, s.v.meter.stripe.Size().Width
		for _, c := range s.v.meter.cells {
			if at, size := c.number.Position(), c.number.MinSize(); at.Y+size.Height > bottom+8 || at.X+size.Width > right {
				t.Errorf("%v wide: %q ends at %v in %v×%v", width, c.number.Text, at.AddXY(size.Width, size.Height), right, bottom)
			}
		}
	}
}

func TestAfterAnewTheNewWindowShowsWhatComes(t *testing.T) {
	for _, handle := range []uint32{0, 7} {
		s := newStand(t)
		s.handle = handle
		m := s.control()
		s.w.SetContent(widget.NewLabel("elsewhere"))
		if handle != 0 {
			s.handle = 9
		}
		w := test.NewTempWindow(t, s.v.Anew())
		w.Resize(fyne.NewSize(800, 600))
		s.v.look()
		for i := range m.Pix {
			m.Pix[i] ^= 0x55
		}
		s.v.Draw(m, []frame.Rect{m.Bounds()})
		s.v.Show(s.m.State())
		switch {
		case handle == 0:
			st := s.m.State()
			want := frame.New(st.Out.Dx(), st.Out.Dy())
			remote.NewScaler(image.Pt(m.W, m.H), st.Out.Size()).Scale(want, m, want.Bounds())
			got := s.v.plain.raster.Generator(st.View.X, st.View.Y).(*image.RGBA)
			at := got.PixOffset(st.Out.Min.X, st.Out.Min.Y)
			if b := want.Row(0, 0, 1); got.Pix[at] != b[2] || got.Pix[at+1] != b[1] || got.Pix[at+2] != b[0] {
				t.Error("Fyne shows another picture")
			}
		case !bytes.Equal(s.brushes[1].picture.Pix, m.Pix):
			t.Error("the new painter has another picture")
		}
	}
}
