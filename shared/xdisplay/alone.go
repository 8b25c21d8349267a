package xdisplay

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// aloneIn names the test that a process was started for.
const aloneIn = "HANDRAIL_ALONE"

// Alone runs a test in a process of its own, as programs meet but one display
// and package shared/x11 counts on it. It returns true to the test in the first
// process, which has nothing left to do:
//
//	if xdisplay.Alone(t) {
//		return
//	}
func Alone(t *testing.T) (done bool) {
	t.Helper()
	if os.Getenv(aloneIn) == t.Name() {
		return false
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatalf("xdisplay: looking for the test's own program: %v", err)
	}
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(t.Name()), "/", "$/^") + "$"
	cmd := exec.CommandContext(t.Context(), program, "-test.run="+pattern, "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), aloneIn+"="+t.Name())
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()+" ") {
		t.Fatalf("in a process of its own: %v\n%s", err, out)
	}
	return true
}
