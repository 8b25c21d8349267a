package hands

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/keys"
	"handrail/shared/wire"
	"handrail/shared/xdisplay"
)

// TestS07TextArrivesInAnEditor uses a toolkit that reads the keyboard its own
// way, through input methods, where the terminal uses the oldest one.
func TestS07TextArrivesInAnEditor(t *testing.T) {
	d := xdisplay.Start(t, "800x600")
	d.Openbox()
	d.Run("setxkbmap", "de")
	dir := t.TempDir()
	file := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d.Spawn("env", "HOME="+dir, "XDG_RUNTIME_DIR="+dir, "GSETTINGS_BACKEND=memory", "NO_AT_BRIDGE=1",
		"dbus-run-session", "mousepad", "--disable-server", file)
	c, err := xgb.NewConnDisplay(d.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	xdisplay.WaitFor(t, "the editor", func() bool {
		f, err := xproto.GetInputFocus(c).Reply()
		return err == nil && f.Focus > xproto.InputFocusPointerRoot &&
			strings.Contains(d.Run("xprop", "-root", "_NET_CLIENT_LIST"), "0x")
	})
	before := keymap(t, c)
	h := mustOpen(t, d)
	const want = "Grüße, Ελλάδα, Привет, 漢字 😀 @{[]}\\~ ^`´\n\tß\n"
	for _, part := range strings.SplitAfter(want, " ") {
		if err := h.Type(part); err != nil {
			t.Fatal(err)
		}
	}
	byKeys(t, h, want)
	xdisplay.WaitFor(t, "the saved letter", func() bool {
		for _, k := range []wire.Key{
			{Usage: keys.LeftCtrl, Down: true, Mods: wire.ModCtrl},
			{Usage: 0x16, Down: true, Mods: wire.ModCtrl, Base: 's'},
			{Usage: 0x16, Mods: wire.ModCtrl, Base: 's'},
			{Usage: keys.LeftCtrl},
		} {
			if err := h.Key(k); err != nil {
				t.Fatal(err)
			}
		}
		b, err := os.ReadFile(file)
		return err == nil && strings.Count(string(b), "\n") >= 2*strings.Count(want, "\n")
	})
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(b); got != want+want && got != want+want+"\n" {
		t.Errorf("got  %q\nwant %q", got, want+want)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(keymap(t, c), before) {
		t.Error("the keyboard map isn't as before")
	}
}
