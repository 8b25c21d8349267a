//go:build cgo

package robot

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handrail/shared/keys"
	"handrail/shared/wire"
	"handrail/shared/xdisplay"
)

// robotgo keeps one display per process, so there is one test of it all.
func TestThePointerAndTheKeysOfARealDisplay(t *testing.T) {
	d := xdisplay.Start(t, "640x480")
	d.Openbox()
	t.Setenv("DISPLAY", d.Name())
	file := filepath.Join(t.TempDir(), "typed")
	d.Spawn("xterm", "-u8", "-geometry", "60x20+0+0", "-e", "sh", "-c", "stty -icanon -echo; exec cat > "+file)
	xdisplay.WaitFor(t, "the terminal", func() bool { _, err := os.Stat(file); return err == nil })

	r, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.MoveTo(123, 45); err != nil {
		t.Fatal(err)
	}
	if at := d.Run("xdotool", "getmouselocation"); !strings.HasPrefix(at, "x:123 y:45 ") {
		t.Errorf("the pointer is at %s", at)
	}
	for _, down := range []bool{true, false} {
		if err := r.Button(1, down, 100, 100); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Button(4, true, 100, 100); !errors.Is(err, ErrCant) {
		t.Errorf("a side button gave %v", err)
	}
	xdisplay.WaitFor(t, "the focus", func() bool {
		return strings.Contains(d.Run("xprop", "-root", "_NET_ACTIVE_WINDOW"), "0x")
	})
	r.ShutGate(true)
	if err := r.Type("never"); !errors.Is(err, ErrShut) {
		t.Errorf("typing behind a shut gate gave %v", err)
	}
	r.ShutGate(false)
	if err := r.Type("hello, 123\n"); err != nil {
		t.Fatal(err)
	}
	if err := r.Key(wire.Key{Usage: keys.Tab, Down: true}); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	const want = "hello, 123\n\t"
	var got []byte
	xdisplay.WaitFor(t, "the text", func() bool {
		got, err = os.ReadFile(file)
		return err == nil && len(got) >= len(want)
	})
	if string(got) != want {
		t.Errorf("got %q", got)
	}
	if err := r.MoveTo(1, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close, moving gave %v", err)
	}
}
