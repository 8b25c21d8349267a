package remote

import (
	"image"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"handrail/shared/wire"
)

// bench is a model in a test, with the time.
type bench struct {
	t   *testing.T
	m   *Model
	now time.Time
}

// controlled is a model in control of a 1920×1080 screen, focused, in a view
// of 960×700.
func controlled(t *testing.T) *bench {
	b := &bench{t: t, m: New(), now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)}
	b.do(
		Session{Granted: wire.View | wire.Control, Monitor: 2},
		Picture{Size: image.Pt(1920, 1080)},
		Resize{Size: image.Pt(960, 700)},
		Focus{On: true},
	)
	return b
}

// do feeds events and returns what the last one caused.
func (b *bench) do(events ...Event) []Effect {
	b.t.Helper()
	var out []Effect
	for _, e := range events {
		out = b.m.Step(b.now, e)
	}
	return out
}

// sent is what the events send to the customer.
func (b *bench) sent(events ...Event) []wire.Input {
	var in []wire.Input
	for _, e := range events {
		for _, f := range b.m.Step(b.now, e) {
			if s, ok := f.(Send); ok {
				in = append(in, s.Input)
			}
		}
	}
	return in
}

// none fails if anything is sent.
func (b *bench) none(why string, events ...Event) {
	b.t.Helper()
	if in := b.sent(events...); len(in) > 0 {
		b.t.Errorf("%s: %v was sent", why, in)
	}
}

// pixel is where a wire place is on a picture of n pixels, as hands find it.
func pixel(x uint16, n int) int { return int(x) * n >> 16 }

func TestS05FitKeepsTheShapeInTheMiddle(t *testing.T) {
	for _, tt := range []struct {
		view, pic image.Point
		want      image.Rectangle
	}{
		{image.Pt(960, 700), image.Pt(1920, 1080), image.Rect(0, 80, 960, 620)},
		{image.Pt(1000, 540), image.Pt(1920, 1080), image.Rect(20, 0, 980, 540)},
		{image.Pt(1920, 1080), image.Pt(1920, 1080), image.Rect(0, 0, 1920, 1080)},
		{image.Pt(1920, 1080), image.Pt(960, 540), image.Rect(0, 0, 1920, 1080)},
		{image.Pt(5, 700), image.Pt(1920, 10), image.Rect(0, 349, 5, 350)},
		{image.Pt(0, 0), image.Pt(1920, 10), image.Rectangle{}},
		{image.Pt(100, 100), image.Point{}, image.Rectangle{}},
	} {
		if got := fit(tt.view, tt.pic); got != tt.want {
			t.Errorf("%v in %v: %v, want %v", tt.pic, tt.view, got, tt.want)
		}
	}
}

func TestS07EveryPlaceOnScreenIsTheRightPixel(t *testing.T) {
	for _, tt := range []struct {
		name      string
		view, pic image.Point
		zoom      Zoom
		pan       image.Point
	}{
		{"shrunk by half", image.Pt(960, 540), image.Pt(1920, 1080), Fit, image.Point{}},
		{"shrunk oddly", image.Pt(1013, 700), image.Pt(1920, 1080), Fit, image.Point{}},
		{"shrunk to a fifth", image.Pt(768, 500), image.Pt(3840, 2160), Fit, image.Point{}},
		{"grown", image.Pt(1900, 1000), image.Pt(1280, 720), Fit, image.Point{}},
		{"actual", image.Pt(1920, 1080), image.Pt(1920, 1080), Actual, image.Point{}},
		{"actual and panned", image.Pt(800, 600), image.Pt(1920, 1080), Actual, image.Pt(500, 5000)},
		{"actual and small", image.Pt(800, 600), image.Pt(640, 480), Actual, image.Point{}},
		{"very wide", image.Pt(1900, 600), image.Pt(11520, 2160), Fit, image.Point{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := New()
			m.Step(time.Time{}, Resize{Size: tt.view})
			m.Step(time.Time{}, Picture{Size: tt.pic})
			m.Step(time.Time{}, SetZoom{Zoom: tt.zoom})
			m.Step(time.Time{}, PanBy{By: tt.pan})
			s := m.State()
			seen := s.Out.Intersect(image.Rectangle{Max: tt.view})
			for x := seen.Min.X; x < seen.Max.X; x++ {
				p := image.Pt(x, seen.Min.Y+x%seen.Dy())
				wx, wy := s.toWire(p)
				checkPixel(t, pixel(wx, tt.pic.X), p.X-s.Out.Min.X, s.Out.Dx(), tt.pic.X)
				checkPixel(t, pixel(wy, tt.pic.Y), p.Y-s.Out.Min.Y, s.Out.Dy(), tt.pic.Y)
				if back := s.toView(wx, wy).Sub(p); s.Out.Dx() <= tt.pic.X && (back != image.Point{}) {
					t.Fatalf("%v comes back off by %v", p, back)
				}
			}
			if s.Out.In(image.Rectangle{Max: tt.view}) {
				x0, y0 := s.toWire(s.Out.Min)
				x1, y1 := s.toWire(s.Out.Max.Sub(image.Pt(1, 1)))
				if pixel(x0, tt.pic.X) != 0 || pixel(y0, tt.pic.Y) != 0 || pixel(x1, tt.pic.X) != tt.pic.X-1 || pixel(y1, tt.pic.Y) != tt.pic.Y-1 {
					t.Errorf("the corners are not the picture's: %d %d %d %d", x0, y0, x1, y1)
				}
			}
		})
	}
}

// checkPixel sees that a pixel of the picture is one of those shown at a place
// on screen.
func checkPixel(t *testing.T, got, at, out, pic int) {
	t.Helper()
	if from, to := at*pic/out, ((at+1)*pic-1)/out; got < from || got > to {
		t.Fatalf("place %d of %d shows pixels %d to %d of %d, not %d", at, out, from, to, pic, got)
	}
}

func TestS07MovesFollowTheLastEdgeAndAreNotRepeated(t *testing.T) {
	b := controlled(t)
	in := b.sent(
		Hover{At: image.Pt(0, 80)}, Hover{At: image.Pt(0, 80)},
		Press{Button: 1, Down: true, At: image.Pt(0, 80)},
		Hover{At: image.Pt(0, 80)},
		Hover{At: image.Pt(959, 619)},
		Hover{At: image.Pt(2000, -50)}, // dragged out of the window
	)
	if len(in) != 4 {
		t.Fatalf("sent %v", in)
	}
	first, press, last, out := in[0].(wire.Move), in[1].(wire.Button), in[2].(wire.Move), in[3].(wire.Move)
	if first.After != 0 || first.Monitor != 2 || pixel(first.X, 1920) != 0 || pixel(first.Y, 1080) != 0 {
		t.Errorf("first move %+v", first)
	}
	if press.Seq != 1 || press.Button != 1 || !press.Down || press.X != first.X || press.Y != first.Y {
		t.Errorf("press %+v", press)
	}
	if last.After != 1 || pixel(last.X, 1920) != 1919 || pixel(last.Y, 1080) != 1079 {
		t.Errorf("last move %+v", last)
	}
	if pixel(out.X, 1920) != 1919 || pixel(out.Y, 1080) != 0 {
		t.Errorf("outside the picture the move is not at its edge: %+v", out)
	}
}

func TestS07NothingGoesOutWithoutControlFocusOrConnection(t *testing.T) {
	input := []Event{
		Hover{At: image.Pt(300, 300)},
		Press{Button: 1, Down: true, At: image.Pt(300, 300)},
		Press{Button: 1, At: image.Pt(300, 300)},
		Turn{DY: 1, At: image.Pt(300, 300)},
		Key{Usage: 4, Down: true, Text: "a"},
		Key{Usage: 4},
		Locks{Caps: true},
	}
	for _, tt := range []struct {
		name  string
		event Event
		menu  bool // the menu's keys are refused too
	}{
		{"view only", Session{Granted: wire.View, Monitor: 2}, true},
		{"nothing shared", Session{}, true},
		{"interrupted", Link{Away: true}, true},
		{"not focused", Focus{}, false},
	} {
		b := controlled(t)
		b.do(tt.event)
		b.none(tt.name, input...)
		if tt.menu {
			b.none(tt.name, CtrlAltDel, TypeText{Text: "hello"})
		}
	}
}

func TestS07APressOutsideThePictureIsRefusedAndAReleaseNever(t *testing.T) {
	b := controlled(t)
	outside, inside := image.Pt(300, 20), image.Pt(300, 300)
	b.do(Hover{At: outside})
	b.none("outside", Press{Button: 1, Down: true, At: outside}, Press{Button: 1, At: outside}, Turn{DY: 1, At: outside})
	b.none("no such button", Press{Button: 9, Down: true, At: inside}, Press{Button: 0, Down: true, At: inside})
	b.do(Press{Button: 3, Down: true, At: inside})
	b.none("twice", Press{Button: 3, Down: true, At: inside})
	in := b.sent(Press{Button: 3, At: image.Pt(-400, 9000)})
	if last, ok := in[len(in)-1].(wire.Button); !ok || last.Down || last.Button != 3 || pixel(last.Y, 1080) != 1079 {
		t.Errorf("the release outside became %v", in)
	}
	b.none("released already", Press{Button: 3, At: image.Pt(-400, 9000)})
}

func TestS07KeysAreCountedAndPairedUp(t *testing.T) {
	b := controlled(t)
	got := b.sent(
		Key{Usage: 0x1D}, // went down elsewhere
		Key{Usage: 4, Repeat: true, Down: true},
		Key{Usage: 4, Down: true, Text: "a", Base: 'a'},
		Key{Usage: 4, Down: true, Text: "a", Base: 'a'}, // a repeat that says not so
		Key{Usage: 4, Down: true, Repeat: true, Text: "a", Base: 'a'},
		Key{Usage: 4},
		Key{Usage: 4},
		Key{Usage: 5, Down: true, Text: strings.Repeat("ü", wire.MaxKeyText), Base: 'b', Mods: wire.ModShift},
		Key{Usage: 6, Down: true, Text: "\xff"},
		Key{Down: true, Text: "x"}, // a key nobody knows
	)
	want := []wire.Input{
		wire.Key{Seq: 1, Usage: 4, Down: true, Text: "a", Base: 'a'},
		wire.Key{Seq: 2, Usage: 4, Down: true, Repeat: true, Text: "a", Base: 'a'},
		wire.Key{Seq: 3, Usage: 4},
		wire.Key{Seq: 4, Usage: 5, Down: true, Base: 'b', Mods: wire.ModShift},
		wire.Key{Seq: 5, Usage: 6, Down: true},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("sent %+v\nwant %+v", got, want)
	}
}

func TestS07FocusLossLetsGoOfEverything(t *testing.T) {
	b := controlled(t)
	b.do(Key{Usage: 4, Down: true}, Press{Button: 1, Down: true, At: image.Pt(300, 300)})
	if got := b.sent(Focus{}); !reflect.DeepEqual(got, []wire.Input{wire.Release{Seq: 3}}) {
		t.Errorf("sent %v", got)
	}
	b.do(Focus{On: true})
	b.none("the key came up elsewhere", Key{Usage: 4})
	b.none("nothing is held", Focus{})
}

func TestS07AnInterruptionLetsGoWhenTheConnectionIsBack(t *testing.T) {
	b := controlled(t)
	b.do(Key{Usage: 4, Down: true})
	b.none("interrupted", Link{Away: true})
	if got := b.sent(Link{}); !reflect.DeepEqual(got, []wire.Input{wire.Release{Seq: 2}}) {
		t.Errorf("sent %v", got)
	}
	b.none("once is enough", Link{Away: true}, Link{})
}

func TestS07TheWheelAddsUp(t *testing.T) {
	b := controlled(t)
	at := image.Pt(300, 300)
	b.do(Hover{At: at})
	b.none("less than can be told", Turn{DY: 0.004, At: at})
	got := b.sent(Turn{DY: 0.005, At: at}, Turn{DX: -1, DY: 2, At: at})
	if len(got) != 2 {
		t.Fatalf("sent %v", got)
	}
	small, large := got[0].(wire.Wheel), got[1].(wire.Wheel)
	if small.DY != 1 || small.DX != 0 || large.DX != -120 || large.DY != 240 || large.Monitor != 2 || large.Seq != 2 {
		t.Errorf("sent %+v", got)
	}
}

func TestS07SpecialKeysGoDownAndComeUpInReverse(t *testing.T) {
	for _, s := range Specials() {
		b := controlled(t)
		b.do(Focus{})
		keys := s.usages()
		got := b.sent(s)
		if len(keys) == 0 || len(got) != 2*len(keys) {
			t.Fatalf("%v: sent %v", s, got)
		}
		for i, k := range keys {
			down, up := got[i].(wire.Key), got[len(got)-1-i].(wire.Key)
			if down.Usage != k || !down.Down || up.Usage != k || up.Down || down.Mods != up.Mods {
				t.Errorf("%v: key %#x goes %+v and %+v", s, k, down, up)
			}
		}
	}
	b := controlled(t)
	got := b.sent(CtrlAltDel)
	if del := got[2].(wire.Key); del.Mods != wire.ModCtrl|wire.ModAlt || del.Usage != 0x4C {
		t.Errorf("Del goes down as %+v", del)
	}
	b.do(Key{Usage: keyShift, Down: true})
	if _, ok := b.sent(Super)[0].(wire.Release); !ok {
		t.Error("a key the rep holds joins in")
	}
	b.none("no such special", Special(99))
}

func TestS07TypedTextIsCutBetweenCharacters(t *testing.T) {
	b := controlled(t)
	text := "x" + strings.Repeat("€", 2*wire.MaxTypedText/3) + "\r\nend\xff"
	var all strings.Builder
	for i, in := range b.sent(TypeText{Text: text}) {
		typed := in.(wire.Typed)
		if len(typed.Text) > wire.MaxTypedText || !utf8.ValidString(typed.Text) || typed.Seq != uint64(i+1) {
			t.Errorf("piece %d has %d bytes, number %d, valid %v", i, len(typed.Text), typed.Seq, utf8.ValidString(typed.Text))
		}
		all.WriteString(typed.Text)
	}
	if want := strings.TrimSuffix(strings.Replace(text, "\r\n", "\n", 1), "\xff") + "\uFFFD"; all.String() != want {
		t.Errorf("%d bytes arrive, want %d", len(all.String()), len(want))
	}
}

func TestTheKeyboardIsHeldOnlyInControlAndFocus(t *testing.T) {
	b := controlled(t)
	if !b.m.State().Captured {
		t.Fatal("not held in control")
	}
	steps := []struct {
		name string
		e    Event
		want []Effect
	}{
		{"focus lost", Focus{}, []Effect{Hold{}}},
		{"focus back", Focus{On: true}, []Effect{Hold{On: true}}},
		{"not wanted", SetCapture{}, []Effect{Hold{}}},
		{"wanted", SetCapture{On: true}, []Effect{Hold{On: true}}},
		{"interrupted", Link{Away: true}, []Effect{Hold{}}},
		{"back", Link{}, []Effect{Hold{On: true}}},
		{"control gone", Session{Granted: wire.View, Monitor: 2}, []Effect{Hold{}}},
		{"still gone", Session{Granted: wire.View, Monitor: 2}, nil},
	}
	for _, s := range steps {
		if got := b.do(s.e); !reflect.DeepEqual(got, s.want) {
			t.Errorf("%s: %v, want %v", s.name, got, s.want)
		}
	}
}

func TestTwoTapsOfTheRightCtrlKeyGiveTheKeyboardBack(t *testing.T) {
	tap := []Event{Key{Usage: rightCtrl, Down: true}, Key{Usage: rightCtrl}}
	b := controlled(t)
	b.do(tap...)
	b.now = b.now.Add(taps + 1)
	b.do(tap...)
	if !b.m.State().Captured {
		t.Fatal("two slow taps counted")
	}
	b.do(Key{Usage: 6, Down: true}, Key{Usage: 6})
	b.do(tap...)
	if !b.m.State().Captured {
		t.Fatal("taps with another key between them counted")
	}
	b.do(tap...)
	if b.m.State().Captured {
		t.Fatal("two taps did not count")
	}
	b.do(Hover{At: image.Pt(300, 300)}, Press{Button: 1, Down: true, At: image.Pt(300, 300)})
	if !b.m.State().Captured {
		t.Error("a click into the picture did not take the keyboard again")
	}
}

func TestAKeyboardThatIsLostIsTakenAgainWithTheNextClick(t *testing.T) {
	b := controlled(t)
	b.do(Key{Usage: 4, Down: true})
	if got := b.do(Lost{}); !reflect.DeepEqual(got, []Effect{Send{wire.Release{Seq: 2}}, Hold{}}) {
		t.Errorf("losing it: %v", got)
	}
	b.do(Press{Button: 1, Down: true, At: image.Pt(300, 300)})
	if !b.m.State().Captured {
		t.Error("not taken again")
	}
}

func TestS08TheGhostShowsThePointerThatTheRepDoesNotHave(t *testing.T) {
	b := controlled(t)
	at := func(seq uint64, x, y uint16) Pointer { return Pointer{Seq: seq, Monitor: 2, X: x, Y: y} }
	shown := func(why string, want bool) {
		t.Helper()
		if s := b.m.State(); s.GhostShown != want {
			t.Errorf("%s: shown %v at %v", why, s.GhostShown, s.Ghost)
		}
	}
	shown("before anything", false)
	b.do(Hover{At: image.Pt(480, 350)})
	shown("the rep moved it there", false)
	b.do(at(2, 0, 0))
	shown("the customer moved it away", true)
	if g := b.m.State().Ghost; g != image.Pt(0, 80) {
		t.Errorf("it is at %v", g)
	}
	b.do(at(1, 40000, 40000))
	if g := b.m.State().Ghost; g != image.Pt(0, 80) {
		t.Errorf("old news moved it to %v", g)
	}
	b.do(Hover{At: image.Pt(481, 350)})
	shown("the rep took it back", false)
	b.do(Leave{})
	shown("the rep's pointer is elsewhere", true)
	b.do(Session{Granted: wire.View, Monitor: 2}, Hover{At: image.Pt(481, 350)})
	shown("the rep only looks on", true)
	b.do(Session{Granted: wire.View, Monitor: 1})
	shown("it is on another monitor", false)
	b.do(Session{})
	shown("nothing is shared", false)
}

func TestS05ActualSizePansByDragWheelAndAtTheEdge(t *testing.T) {
	b := controlled(t)
	b.do(SetZoom{Zoom: Actual})
	b.do(Hover{At: image.Pt(955, 350)})
	if !b.m.State().Ticking {
		t.Fatal("no ticks are wanted with the pointer at an edge")
	}
	before := b.m.State().Out
	in := b.sent(Tick{})
	if got := b.m.State().Out; got != before.Sub(image.Pt(bumpStep, 0)) {
		t.Errorf("a tick moves %v to %v", before, got)
	}
	if len(in) != 1 {
		t.Errorf("the pointer is over another place now, sent %v", in)
	}
	for range 1000 {
		b.do(Tick{})
	}
	if s := b.m.State(); s.Out.Max.X != 960 || s.Ticking {
		t.Errorf("at the end: %v, ticking %v", s.Out, s.Ticking)
	}

	b.do(Session{Granted: wire.View}, Leave{}, PanBy{By: image.Pt(-9999, -9999)})
	b.none("looking on", Hover{At: image.Pt(400, 300)}, Press{Button: 1, Down: true, At: image.Pt(400, 300)},
		Hover{At: image.Pt(300, 250)}, Press{Button: 1, At: image.Pt(300, 250)}, Hover{At: image.Pt(0, 0)})
	if got := b.m.State().Out.Min; got != image.Pt(-100, -50) {
		t.Errorf("dragged to %v", got)
	}
	b.do(Turn{DY: 1})
	if got := b.m.State().Out.Min; got != image.Pt(-100, -98) {
		t.Errorf("turned to %v", got)
	}
	b.do(SetZoom{Zoom: Fit})
	if got := b.m.State().Out; got != image.Rect(0, 80, 960, 620) {
		t.Errorf("fit again: %v", got)
	}
}

func TestS05FullScreenHidesTheToolbarUntilItIsCalled(t *testing.T) {
	b := controlled(t)
	b.do(SetFull{On: true}, Hover{At: image.Pt(500, 300)})
	if b.m.State().Bar {
		t.Fatal("the toolbar covers the full screen")
	}
	b.do(Hover{At: image.Pt(500, 0)})
	b.now = b.now.Add(dwell / 2)
	b.do(Tick{})
	if s := b.m.State(); s.Bar || !s.Ticking {
		t.Fatal("the toolbar comes at a touch")
	}
	b.now = b.now.Add(dwell)
	b.do(Tick{})
	if !b.m.State().Bar {
		t.Fatal("the toolbar does not come")
	}
	b.do(Leave{}) // onto the toolbar
	b.now = b.now.Add(stay * 2)
	b.do(Tick{})
	if !b.m.State().Bar {
		t.Fatal("the toolbar goes while it is used")
	}
	b.do(Hover{At: image.Pt(500, 300)})
	b.now = b.now.Add(stay)
	b.do(Tick{})
	if s := b.m.State(); s.Bar || s.Ticking {
		t.Error("the toolbar stays")
	}
	b.do(Link{Away: true})
	if !b.m.State().Bar {
		t.Error("nothing says that the connection is interrupted")
	}
}

func TestC06AStoppedShareLeavesNoPicture(t *testing.T) {
	b := controlled(t)
	b.do(Session{})
	s := b.m.State()
	if !s.Stopped || s.Controls || !s.Out.Empty() || s.Scene(image.Point{}, false).Shown {
		t.Errorf("%+v", s)
	}
	b.do(Session{Granted: wire.View, Monitor: 1})
	if s := b.m.State(); s.Stopped || s.Scene(image.Point{}, false).Shown {
		t.Error("it shows before the first picture of the new share")
	}
	b.do(Picture{Size: image.Pt(640, 480)})
	if sc := b.m.State().Scene(image.Pt(10, 40), false); !sc.Shown || sc.Place != image.Rect(10, 40, 970, 740) {
		t.Errorf("%+v", sc)
	}
	if b.m.State().Scene(image.Point{}, true).Shown {
		t.Error("it shows over a pop-up")
	}
}
