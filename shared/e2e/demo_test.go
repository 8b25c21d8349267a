//go:build linux

package e2e

import (
	"path/filepath"
	"testing"
)

// TestX04TheDemoOnADisplay runs the demo as on a desktop: a console and a
// customer's window come up, connected by a session key that went from one to
// the other by pipes alone.
func TestX04TheDemoOnADisplay(t *testing.T) {
	p := sit(t, "visitor", "1800x950")
	bin := filepath.Dir(program(t, "broker"))
	demo := p.screen.Command(t.Context(), "sh", "../../.ci/demo.sh", bin)
	demo.Env = append(demo.Env, "HANDRAIL_PLACES="+p.places, "HOME="+p.home, "XDG_CONFIG_HOME="+p.home, "TMPDIR="+p.home)
	demo.Stdout, demo.Stderr = p.log, p.log
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- demo.Wait() }()
	// Both programs tell where their things are in the same file, in turns.
	p.wait("somebody waiting in the console", func() bool {
		_, waiting := p.read().Things["accept"]
		return waiting
	})
	p.photo("demo")
	p.screen.Run("pkill", "-TERM", "-f", "--", "--site "+p.home)
	if err := <-ended; err != nil {
		t.Errorf("the demo ends with %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(p.home, "tmp.*")); len(left) > 0 {
		t.Errorf("the demo leaves %v", left)
	}
}
