// Package xdisplay gives a test a real X display of its own: an Xvfb on a free
// number, with a window manager if wanted, gone when the test is over. It is
// test support; no program imports it.
//
//	d := xdisplay.Start(t, "1280x720")
//	d.Openbox()
//	d.Spawn("xterm")
//	xdisplay.WaitFor(t, "xterm's window", func() bool { … })
package xdisplay

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience bounds every wait. It is long because test machines can be busy;
// nothing waits that long unless it is broken.
const patience = 2 * time.Minute

// pause is how often WaitFor looks.
const pause = 10 * time.Millisecond

// noKeys is an openbox configuration without key or mouse bindings on the
// root: the usual one grabs Alt+F4, Super+E and others from the test.
const noKeys = `<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew></focus>
  <keyboard></keyboard>
  <mouse>
    <context name="Titlebar"><mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind></context>
    <context name="Client"><mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind></context>
    <context name="Close"><mousebind button="Left" action="Click"><action name="Close"/></mousebind></context>
  </mouse>
</openbox_config>
`

// Display is a running X server.
type Display struct {
	t    testing.TB
	name string
}

// Start runs an Xvfb of a size like "1280x720" with 24 bits of depth. It does
// not reset when its last client leaves, or keyboard layouts would vanish. args
// are further ones of Xvfb's. The server ends with the test.
func Start(t testing.TB, size string, args ...string) *Display {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatalf("xdisplay: making a pipe: %v", err)
	}
	args = append([]string{"-displayfd", "3", "-screen", "0", size + "x24", "-nolisten", "tcp", "-noreset"}, args...)
	cmd := exec.Command("Xvfb", args...)
	cmd.ExtraFiles = []*os.File{w}
	start(t, cmd)
	w.Close()
	defer r.Close()
	if err := r.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatalf("xdisplay: setting a deadline: %v", err)
	}
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("xdisplay: Xvfb gave no display number: %v", err)
	}
	return &Display{t: t, name: ":" + strings.TrimSpace(number)}
}

// Name is what DISPLAY holds, such as ":7".
func (d *Display) Name() string { return d.name }

// Env is the environment for programs on this display: UTF-8, no scaling, no
// other session's bus or Wayland.
func (d *Display) Env() []string {
	var env []string
	for _, v := range os.Environ() {
		switch name, _, _ := strings.Cut(v, "="); name {
		case "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "LANG", "LC_ALL", "FYNE_SCALE", "XMODIFIERS", "GTK_IM_MODULE":
		default:
			env = append(env, v)
		}
	}
	return append(env, "DISPLAY="+d.name, "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "FYNE_SCALE=1")
}

// Command prepares a program for this display. It is not started.
func (d *Display) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = d.Env()
	return cmd
}

// Spawn starts a program that runs until the test ends, with its children.
func (d *Display) Spawn(name string, args ...string) *exec.Cmd {
	d.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = d.Env()
	start(d.t, cmd)
	return cmd
}

// Run runs a program to its end and returns what it printed. A failure fails
// the test.
func (d *Display) Run(name string, args ...string) string {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), patience)
	defer cancel()
	cmd := d.Command(ctx, name, args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("xdisplay: %s %v: %v\n%s", name, args, err, errs.String())
	}
	return string(out)
}

// Openbox starts a window manager without key bindings and waits until it
// manages the display.
func (d *Display) Openbox() {
	d.t.Helper()
	dir := d.t.TempDir()
	file, ready := filepath.Join(dir, "rc.xml"), filepath.Join(dir, "ready")
	if err := os.WriteFile(file, []byte(noKeys), 0o600); err != nil {
		d.t.Fatalf("xdisplay: writing openbox's configuration: %v", err)
	}
	// Windows that are mapped while openbox starts are lost on it, and it is
	// ready well after its first properties are there.
	d.Spawn("openbox", "--sm-disable", "--config-file", file, "--startup", "touch "+ready)
	WaitFor(d.t, "openbox", func() bool {
		_, err := os.Stat(ready)
		return err == nil
	})
}

// WaitFor polls until ok says yes, and fails the test after two minutes. A
// test that waits for another program uses it in place of a sleep.
func WaitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}

// start runs cmd and sees to its end, and its children's, after the test.
func start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	tie(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatalf("xdisplay: %v", fmt.Errorf("starting %s (is its package installed?): %w", cmd.Path, err))
	}
	t.Cleanup(func() {
		cut(cmd)
		// The error only says that it was killed.
		_ = cmd.Wait()
	})
}
