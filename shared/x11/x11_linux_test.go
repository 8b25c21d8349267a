package x11

import (
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/keys"
	"handrail/shared/xdisplay"
)

// all is what Handrail's doors use.
var all = []string{"DAMAGE", "MIT-SHM", "XFIXES", "RANDR", "SHAPE", "XTEST", "RENDER", keys.XkbName}

func dial(t *testing.T, d *xdisplay.Display) *xgb.Conn {
	t.Helper()
	c, err := Dial(d.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestConnectionsOpenHearAndCloseSideBySide(t *testing.T) {
	d := xdisplay.Start(t, "320x240")
	const doors, rounds = 8, 12
	var group sync.WaitGroup
	for range doors {
		group.Go(func() {
			for range rounds {
				if err := hear(d.Name()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	// Whoever calls xgb's own Init meanwhile disturbs nobody.
	group.Go(func() {
		for range rounds {
			c, err := xgb.NewConnDisplay(d.Name())
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(damage.Init(c), shm.Init(c), shape.Init(c)); err != nil {
				t.Error(err)
			}
			c.Close()
		}
	})
	group.Wait()
}

// hear makes a window, and waits until events of three extensions tell what
// happens to it: each as its own type.
func hear(display string) error {
	c, err := Dial(display)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := Use(c, all...); err != nil {
		return err
	}
	if _, err := xfixes.QueryVersion(c, 5, 0).Reply(); err != nil {
		return err
	}
	if _, err := damage.QueryVersion(c, 1, 1).Reply(); err != nil {
		return err
	}
	name, err := Atom(c, "HANDRAIL_TEST")
	if err != nil {
		return err
	}
	screen := xproto.Setup(c).DefaultScreen(c)
	window, err := xproto.NewWindowId(c)
	if err != nil {
		return err
	}
	report, err := damage.NewDamageId(c)
	if err != nil {
		return err
	}
	err = errors.Join(
		xproto.CreateWindowChecked(c, screen.RootDepth, window, screen.Root, 0, 0, 8, 8, 0,
			xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{1, 1}).Check(),
		damage.CreateChecked(c, report, xproto.Drawable(window), damage.ReportLevelRawRectangles).Check(),
		shape.SelectInputChecked(c, window, true).Check(),
		xfixes.SelectSelectionInputChecked(c, window, name, xfixes.SelectionEventMaskSetSelectionOwner).Check(),
		xproto.MapWindowChecked(c, window).Check(),
		shape.RectanglesChecked(c, shape.SoSet, shape.SkBounding, 0, window, 0, 0, []xproto.Rectangle{{Width: 4, Height: 4}}).Check(),
		xproto.SetSelectionOwnerChecked(c, window, name, xproto.TimeCurrentTime).Check(),
		xproto.ClearAreaChecked(c, false, window, 0, 0, 4, 4).Check(),
	)
	if err != nil {
		return err
	}
	var damaged, shaped, selected bool
	for !damaged || !shaped || !selected {
		event, xerr := c.WaitForEvent()
		switch event.(type) {
		case damage.NotifyEvent:
			damaged = true
		case shape.NotifyEvent:
			shaped = true
		case xfixes.SelectionNotifyEvent:
			selected = true
		case nil:
			if xerr == nil {
				return errors.New("the connection ended")
			}
			return errors.New(xerr.Error())
		}
	}
	return nil
}

func TestMissingExtensionIsNamedAndSparesTheOthers(t *testing.T) {
	c := dial(t, xdisplay.Start(t, "320x240"))
	err := Use(c, "NO-SUCH-THING", "SHAPE")
	if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "NO-SUCH-THING") || strings.Contains(err.Error(), "SHAPE") {
		t.Errorf("got %v, want ErrMissing with the name of the one that is missing", err)
	}
	if _, err := shape.QueryVersion(c).Reply(); err != nil {
		t.Errorf("the extension that is there: %v", err)
	}
}

func TestAnotherDisplaysNumbersAreRefused(t *testing.T) {
	if xdisplay.Alone(t) {
		return
	}
	first := dial(t, xdisplay.Start(t, "320x240"))
	if err := Use(first, all...); err != nil {
		t.Fatal(err)
	}
	// Without MIT-SHM, everything that starts behind it has other numbers.
	other := dial(t, xdisplay.Start(t, "320x240", "-extension", "MIT-SHM"))
	if err := Use(other, "XFIXES"); !errors.Is(err, ErrNumbers) || !strings.Contains(err.Error(), "XFIXES") {
		t.Errorf("got %v, want ErrNumbers with the extension's name", err)
	}
	if err := Use(other, "SHAPE"); err != nil {
		t.Errorf("an extension that starts before it: %v", err)
	}
	if err := Use(dial(t, xdisplay.Start(t, "320x240")), all...); err != nil {
		t.Errorf("a display with the first one's numbers: %v", err)
	}
}

// xgb alone would drop the error, and the reply be awaited for ever.
func TestErrorOfTheKeyboardExtensionArrives(t *testing.T) {
	c := dial(t, xdisplay.Start(t, "320x240"))
	major, err := UseKeyboard(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Ask(c, keys.XkbGetState(major)).Reply(); err != nil {
		t.Errorf("asking for the keyboard's state: %v", err)
	}
	request := keys.XkbGetState(major)
	binary.LittleEndian.PutUint16(request[4:], 99) // no such keyboard
	_, err = Ask(c, request).Reply()
	strange, ok := errors.AsType[strangeError](err)
	if !ok || strange[10] != major {
		t.Errorf("got %v, want the server's refusal", err)
	}
}

// xgb takes an event that is nil for the end of the connection.
func TestUnknownEventEndsNothing(t *testing.T) {
	c := dial(t, xdisplay.Start(t, "320x240"))
	window, err := xproto.NewWindowId(c)
	if err != nil {
		t.Fatal(err)
	}
	screen := xproto.Setup(c).DefaultScreen(c)
	event := make([]byte, 32)
	event[0] = 70 // one of the input extension's, which Handrail doesn't use
	err = errors.Join(
		xproto.CreateWindowChecked(c, 0, window, screen.Root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0, 0, nil).Check(),
		xproto.SendEventChecked(c, false, window, 0, string(event)).Check(),
	)
	if err != nil {
		t.Fatal(err)
	}
	got, xerr := c.WaitForEvent()
	if got == nil || xerr != nil || got.Bytes()[0]&lastEvent != 70 {
		t.Errorf("got %v, %v, want the event as it came", got, xerr)
	}
}

func TestNoDisplayIsAnError(t *testing.T) {
	if c, err := Dial(":no-display"); err == nil {
		c.Close()
		t.Error("connected to nothing")
	}
}

func TestNumbersMeanOneThing(t *testing.T) {
	n := numbers[int]{
		of:    map[string]map[int]int{"A": {0: 1, 1: 2}, "B": {0: 3}, "none": {}},
		means: map[int]meaning[int]{},
	}
	n.enter("A", 70)
	for _, row := range []struct {
		what, name string
		first      int
		fits       bool
	}{
		{"again", "A", 70, true},
		{"beside", "B", 72, true},
		{"over another's", "B", 71, false},
		{"over its own, shifted", "A", 71, false},
		{"itself elsewhere", "A", 80, true},
		{"before the extensions' numbers", "B", 63, false},
		{"reaching behind them", "A", 127, false},
		{"without events", "none", 0, true},
		{"not known to xgb", "XKEYBOARD", 70, true},
	} {
		if got := n.fit(row.name, row.first, firstEvent, lastEvent); got != row.fits {
			t.Errorf("%s: %v", row.what, got)
		}
	}
}
