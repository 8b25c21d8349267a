package xdisplay

import (
	"strings"
	"testing"
)

func TestADisplayHasItsSizeAndKeepsItsLayout(t *testing.T) {
	d := Start(t, "640x480")
	if out := d.Run("xdpyinfo"); !strings.Contains(out, "640x480 pixels") {
		t.Errorf("xdpyinfo doesn't say 640x480:\n%s", out)
	}
	d.Run("setxkbmap", "gr")
	if out := d.Run("setxkbmap", "-query"); !strings.Contains(out, "gr") {
		t.Errorf("the layout went away with the client that set it: %s", out)
	}
}

func TestTwoDisplaysDoNotMeet(t *testing.T) {
	if a, b := Start(t, "320x200"), Start(t, "320x200"); a.Name() == b.Name() {
		t.Errorf("both displays are %s", a.Name())
	}
}

func TestOpenboxFramesAWindow(t *testing.T) {
	d := Start(t, "640x480")
	d.Openbox()
	d.Spawn("xterm", "-T", "framed")
	WaitFor(t, "a framed xterm", func() bool {
		out := d.Run("xprop", "-root", "_NET_CLIENT_LIST")
		return strings.Contains(out, "window id # 0x")
	})
}
