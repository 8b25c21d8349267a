package window

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/xdisplay"
)

// plain is a window of this test, with the gravity GLFW sets when asked.
func plain(t *testing.T, x *xgb.Conn, gravity uint32) uint32 {
	t.Helper()
	id, err := xproto.NewWindowId(x)
	if err != nil {
		t.Fatal(err)
	}
	screen := xproto.Setup(x).DefaultScreen(x)
	xproto.CreateWindow(x, screen.RootDepth, id, screen.Root, 0, 0, 300, 200, 0, xproto.WindowClassInputOutput, screen.RootVisual, 0, nil)
	hints := make([]byte, 18*4)
	xgb.Put32(hints, 1<<2|1<<9) // program position, gravity
	xgb.Put32(hints[17*4:], gravity)
	xproto.ChangeProperty(x, xproto.PropModeReplace, id, xproto.AtomWmNormalHints, xproto.AtomWmSizeHints, 32, 18, hints)
	xproto.ConfigureWindow(x, id, xproto.ConfigWindowX|xproto.ConfigWindowY, []uint32{240, 160})
	if err := xproto.MapWindowChecked(x, id).Check(); err != nil {
		t.Fatal(err)
	}
	return uint32(id)
}

// connect opens display d for this process, and a connection to it.
func connect(t *testing.T, d *xdisplay.Display) *xgb.Conn {
	t.Helper()
	t.Setenv("DISPLAY", d.Name())
	x, err := xgb.NewConn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	return x
}

// managed waits until the window manager knows the window.
func managed(t *testing.T, d *xdisplay.Display, id uint32) {
	t.Helper()
	xdisplay.WaitFor(t, fmt.Sprintf("window %#x to be managed", id), func() bool {
		return strings.Contains(d.Run("xprop", "-root", "_NET_CLIENT_LIST"), fmt.Sprintf("%#x", id))
	})
}

// active waits until the window manager calls id the active window.
func active(t *testing.T, d *xdisplay.Display, id uint32) {
	t.Helper()
	xdisplay.WaitFor(t, fmt.Sprintf("window %#x to be active", id), func() bool {
		return strings.Contains(d.Run("xprop", "-root", "_NET_ACTIVE_WINDOW"), fmt.Sprintf("%#x", id))
	})
}

func TestC05RaiseComesToTheFrontWithFocus(t *testing.T) {
	d := xdisplay.Start(t, "800x600")
	d.Openbox()
	x := connect(t, d)
	first, second := plain(t, x, xproto.GravityNorthWest), plain(t, x, xproto.GravityNorthWest)
	managed(t, d, first)
	managed(t, d, second)
	for _, id := range []uint32{second, first} {
		if err := Raise(id); err != nil {
			t.Fatal(err)
		}
		active(t, d, id)
	}
	xdisplay.WaitFor(t, "the focus to be on the window", func() bool {
		focus, err := xproto.GetInputFocus(x).Reply()
		return err == nil && uint32(focus.Focus) == first
	})
	xdisplay.WaitFor(t, "the window to be in front", func() bool {
		stack := d.Run("xprop", "-root", "_NET_CLIENT_LIST_STACKING")
		return strings.HasSuffix(strings.TrimSpace(stack), fmt.Sprintf("%#x", first))
	})
}

func TestC05ShakeOnARealDisplayEndsWhereItBegan(t *testing.T) {
	for _, tt := range []struct {
		name    string
		manager bool
		gravity uint32
	}{
		{"north-west gravity", true, xproto.GravityNorthWest},
		{"static gravity, as GLFW sets", true, xproto.GravityStatic},
		{"without a window manager", false, xproto.GravityNorthWest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := xdisplay.Start(t, "800x600")
			if tt.manager {
				d.Openbox()
			}
			x := connect(t, d)
			id := plain(t, x, tt.gravity)
			if tt.manager {
				managed(t, d, id)
			}
			w := display{x: x, id: xproto.Window(id), root: xproto.Setup(x).DefaultScreen(x).Root}
			bx, by, err := w.where()
			if err != nil {
				t.Fatal(err)
			}
			if err := Shake(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if ax, ay, err := w.where(); err != nil || ax != bx || ay != by {
				t.Errorf("it stood at %d,%d and stands at %d,%d (%v)", bx, by, ax, ay, err)
			}
			if tt.manager {
				active(t, d, id)
				xdisplay.WaitFor(t, "the window to leave the layer above all", func() bool {
					return !strings.Contains(d.Run("xprop", "-id", fmt.Sprint(id), "_NET_WM_STATE"), "ABOVE")
				})
			}
		})
	}
}

func TestAWindowThatIsGoneIsAnError(t *testing.T) {
	d := xdisplay.Start(t, "320x240")
	connect(t, d)
	if Raise(0x7fffff) == nil {
		t.Error("Raise found a window that does not exist")
	}
	if Shake(t.Context(), 0x7fffff) == nil {
		t.Error("Shake found a window that does not exist")
	}
}
