package grab

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"handrail/shared/keys"
	"handrail/shared/wire"
	"handrail/shared/xdisplay"
)

// desk is a display with a window manager and the viewer's window on it.
type desk struct {
	*xdisplay.Display
	t      *testing.T
	c      *xgb.Conn
	viewer xproto.Window

	mu     sync.Mutex
	events []Event
}

func newDesk(t *testing.T, layout ...string) *desk {
	t.Helper()
	d := &desk{Display: xdisplay.Start(t, "800x600"), t: t}
	d.Openbox()
	if len(layout) > 0 {
		d.Run("setxkbmap", layout...)
	}
	c, err := xgb.NewConnDisplay(d.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	d.c = c
	d.viewer = d.window("viewer")
	return d
}

// window makes a window and waits until it has the focus.
func (d *desk) window(title string) xproto.Window {
	d.t.Helper()
	screen := xproto.Setup(d.c).DefaultScreen(d.c)
	w, err := xproto.NewWindowId(d.c)
	if err != nil {
		d.t.Fatal(err)
	}
	// As a toolkit does, it selects the pointer and the keyboard for itself.
	const mask = xproto.EventMaskButtonPress | xproto.EventMaskKeyPress | xproto.EventMaskPointerMotion
	xproto.CreateWindow(d.c, screen.RootDepth, w, screen.Root, 0, 0, 400, 300, 0,
		xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwEventMask, []uint32{mask})
	xproto.ChangeProperty(d.c, xproto.PropModeReplace, w, xproto.AtomWmName, xproto.AtomString, 8,
		uint32(len(title)), []byte(title))
	xproto.MapWindow(d.c, w)
	d.waitFocus(w)
	return w
}

func (d *desk) waitFocus(w xproto.Window) {
	d.t.Helper()
	xdisplay.WaitFor(d.t, "the focus", func() bool {
		r, err := xproto.GetInputFocus(d.c).Reply()
		return err == nil && r.Focus == w
	})
}

func (d *desk) grab() *Grab {
	d.t.Helper()
	g, err := open(d.Name(), uint32(d.viewer), func(e Event) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.events = append(d.events, e)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(g.Close)
	return g
}

// held is a grab that has begun.
func (d *desk) held() *Grab {
	d.t.Helper()
	g := d.grab()
	g.Hold(true)
	d.wait("the keyboard", func(e Event) bool { return e == Held{} })
	d.wait("the locks", func(e Event) bool { _, ok := e.(Locks); return ok })
	return g
}

// wait waits for an event and takes it and all before it away.
func (d *desk) wait(what string, is func(Event) bool) []Event {
	d.t.Helper()
	var taken []Event
	xdisplay.WaitFor(d.t, what, func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		i := slices.IndexFunc(d.events, is)
		if i < 0 {
			return false
		}
		taken = slices.Clone(d.events[:i+1])
		d.events = d.events[i+1:]
		return true
	})
	return taken
}

// until waits for the release of a key and gives all keys that came.
func (d *desk) until(usage uint16) []wire.Key {
	d.t.Helper()
	var all []wire.Key
	for _, e := range d.wait("a key", func(e Event) bool {
		k, ok := e.(Key)
		return ok && k.Usage == usage && !k.Down
	}) {
		if k, ok := e.(Key); ok {
			all = append(all, k.Key)
		}
	}
	return all
}

const escape = 0x29

func TestK06AltTabReachesTheCustomer(t *testing.T) {
	d := newDesk(t)
	d.held()
	d.Run("xdotool", "keydown", "Alt_L", "key", "Tab", "keyup", "Alt_L", "key", "Escape")
	want := []wire.Key{
		{Usage: keys.LeftAlt, Down: true, Mods: wire.ModAlt},
		{Usage: keys.Tab, Down: true, Mods: wire.ModAlt},
		{Usage: keys.Tab, Mods: wire.ModAlt},
		{Usage: keys.LeftAlt},
		{Usage: keys.Escape, Down: true},
		{Usage: keys.Escape},
	}
	if got := d.until(escape); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	d.Run("xdotool", "key", "Super_L", "key", "Escape")
	if got := d.until(escape)[0]; got.Usage != keys.LeftSuper || got.Mods != wire.ModSuper {
		t.Errorf("Super came as %+v", got)
	}
}

func TestS07DeadKeysComeAsTheTextTheyMake(t *testing.T) {
	d := newDesk(t, "de")
	d.held()
	d.Run("xdotool", "key", "dead_acute", "e", "dead_circumflex", "space", "dead_grave", "dead_grave", "adiaeresis", "Escape")
	var text strings.Builder
	for _, k := range d.until(escape) {
		text.WriteString(k.Text)
	}
	if text.String() != "é^`ä" {
		t.Errorf("got %q", text.String())
	}
}

func TestS07AltGrMakesText(t *testing.T) {
	d := newDesk(t, "de")
	d.held()
	d.Run("xdotool", "keydown", "108", "key", "24", "keyup", "108", "key", "Escape")
	all := d.until(escape)
	if k := all[1]; k.Text != "@" || k.Mods != wire.ModAltGr || k.Base != 'q' {
		t.Errorf("AltGr+Q came as %+v", k)
	}
}

func TestS07ShortcutsKeepTheirLetterInAnyGroup(t *testing.T) {
	d := newDesk(t, "us,ru")
	g := d.held()
	locked := make(chan struct{})
	g.order(func() {
		g.c.NewRequest(keys.XkbLockGroup(g.xkb, 1), g.c.NewCookie(false, false))
		g.c.Sync()
		close(locked)
	})
	<-locked
	// xdotool would put the first group back.
	if err := xtest.Init(d.c); err != nil {
		t.Fatal(err)
	}
	for _, e := range []struct{ kind, code byte }{
		{xproto.KeyPress, 37},
		{xproto.KeyPress, 54},
		{xproto.KeyRelease, 54},
		{xproto.KeyRelease, 37},
		{xproto.KeyPress, 54},
		{xproto.KeyRelease, 54},
		{xproto.KeyPress, 9},
		{xproto.KeyRelease, 9},
	} {
		xtest.FakeInput(d.c, e.kind, e.code, 0, 0, 0, 0, 0)
	}
	var base []rune
	var text strings.Builder
	for _, k := range d.until(escape) {
		if k.Down && k.Usage == 0x06 { // C
			base = append(base, k.Base)
			text.WriteString(k.Text)
		}
	}
	if string(base) != "cc" || text.String() != "с" {
		t.Errorf("in the Russian group C's base is %q and its text %q", string(base), text.String())
	}
}

func TestARepeatingKeyRepeatsWithoutReleases(t *testing.T) {
	d := newDesk(t)
	d.held()
	d.Run("xdotool", "keydown", "a")
	d.wait("a repeat", func(e Event) bool { k, ok := e.(Key); return ok && k.Repeat && k.Text == "a" })
	d.Run("xdotool", "keyup", "a")
	ups := 0
	for _, k := range d.until(0x04) {
		if !k.Down {
			ups++
		}
	}
	if ups != 1 {
		t.Errorf("one key was released %d times", ups)
	}
}

func TestLockKeysAreTold(t *testing.T) {
	d := newDesk(t)
	d.held()
	d.Run("xdotool", "key", "Caps_Lock")
	d.wait("Caps Lock on", func(e Event) bool { l, ok := e.(Locks); return ok && l.Caps })
	d.Run("xdotool", "key", "Caps_Lock")
	d.wait("Caps Lock off", func(e Event) bool { l, ok := e.(Locks); return ok && !l.Caps })
}

func TestS07EveryButtonComesAndItsReleaseOutsideToo(t *testing.T) {
	d := newDesk(t)
	d.held()
	at := func(x, y int) []string {
		return []string{"mousemove", "--window", fmt.Sprint(d.viewer), fmt.Sprint(x), fmt.Sprint(y)}
	}
	d.Run("xdotool", at(50, 60)...)
	d.wait("a motion", func(e Event) bool { return e == Motion{50, 60} })
	for x, n := range map[string]uint8{"1": 1, "2": 2, "3": 3, "8": 4, "9": 5} {
		d.Run("xdotool", append(at(50, 60), "mousedown", x)...)
		d.wait("button "+x, func(e Event) bool { return e == Button{n, true, 50, 60} })
		d.Run("xdotool", append(at(500, 400), "mouseup", x)...)
		d.wait("its release", func(e Event) bool { return e == Button{n, false, 500, 400} })
	}
	for x, w := range map[string]Wheel{"4": {DY: -120}, "5": {DY: 120}, "6": {DX: -120}, "7": {DX: 120}} {
		w.X, w.Y = 10, 20
		d.Run("xdotool", append(at(10, 20), "click", x)...)
		d.wait("wheel "+x, func(e Event) bool { return e == w })
	}
}

func TestPlaceLimitsWhereThePointerIsRead(t *testing.T) {
	d := newDesk(t)
	g := d.held()
	g.Place(100, 100, 200, 100)
	d.Run("xdotool", "mousemove", "--window", fmt.Sprint(d.viewer), "10", "10",
		"mousemove", "--window", fmt.Sprint(d.viewer), "150", "120")
	d.wait("a motion counted from the place", func(e Event) bool { return e == Motion{50, 20} })
}

func TestRightCtrlTwiceGivesTheKeyboardBack(t *testing.T) {
	d := newDesk(t)
	d.held()
	d.Run("xdotool", "key", "--delay", "1", "105", "105")
	d.wait("the end of the grab", func(e Event) bool { return e == Lost{ByHand: true} })
	if s := d.take(); s != xproto.GrabStatusSuccess {
		t.Errorf("another program can't have the keyboard: %d", s)
	}
}

// take tries to grab the keyboard from another connection.
func (d *desk) take() byte {
	d.t.Helper()
	r, err := xproto.GrabKeyboard(d.c, false, d.viewer, 0, xproto.GrabModeAsync, xproto.GrabModeAsync).Reply()
	if err != nil {
		d.t.Fatal(err)
	}
	return r.Status
}

func TestTheKeyboardGoesWithTheFocus(t *testing.T) {
	d := newDesk(t)
	d.held()
	d.window("another")
	d.wait("the end of the grab", func(e Event) bool { return e == Lost{} })
	if s := d.take(); s != xproto.GrabStatusSuccess {
		t.Errorf("another program can't have the keyboard: %d", s)
	}
}

func TestNothingIsHeldWithoutTheFocus(t *testing.T) {
	d := newDesk(t)
	d.window("another")
	g := d.grab()
	g.Hold(true)
	d.wait("a refusal", func(e Event) bool { return e == Lost{} })
}

func TestAWindowThatVanishesEndsTheGrab(t *testing.T) {
	d := newDesk(t)
	d.held()
	xproto.DestroyWindow(d.c, d.viewer)
	d.wait("the end of the grab", func(e Event) bool { return e == Lost{} })
}
