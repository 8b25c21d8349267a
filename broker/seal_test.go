package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestA05TheBrokerGoesOnWithNoOtherSealKey: with another key than the one that
// secrets are sealed with nobody would get in by a code from an app, and that
// would be seen only then.
func TestA05TheBrokerGoesOnWithNoOtherSealKey(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "seal.key")
	if err := start(t, dir, "127.0.0.1:0").end(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	right, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"run", "--data", dir, "--listen", "127.0.0.1:0", "--turn", "off", "--public", "127.0.0.1"}
	for _, c := range []struct {
		name, says string
		key        []byte // nil: no file
	}{
		{"missing", "seal.key is missing", nil},
		{"another", "seal.key is missing, or is not the one", []byte(strings.Repeat("x", 32))},
		{"too short", "seal.key cannot be used", []byte("x")},
	} {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		if c.key != nil {
			if err := os.WriteFile(file, c.key, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, notice, code := broker(t, args...); code != 1 || !strings.Contains(notice, c.says) {
			t.Errorf("%s: code %d, says %s", c.name, code, notice)
		}
		now, err := os.ReadFile(file)
		if string(now) != string(c.key) || (c.key == nil) != os.IsNotExist(err) {
			t.Errorf("%s: afterwards the file holds %q (%v)", c.name, now, err)
		}
		if err := os.WriteFile(file, right, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := start(t, dir, "127.0.0.1:0")
	if err := again.end(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := start(t, dir, "127.0.0.1:0", "--new-seal-key").end(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	start(t, dir, "127.0.0.1:0") // from then on with the new one
}
