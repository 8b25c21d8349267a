package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestA05TheBrokerGoesOnWithNoOtherKeyByItself: programs that know the pin of
// before would refuse it, whether its file is lost or the folder is another.
func TestA05TheBrokerGoesOnWithNoOtherKeyByItself(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	database := server.Database(t)
	first := start(t, dir, "127.0.0.1:0", "--database", database)
	if err := first.end(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := start(t, other, "127.0.0.1:0").end(syscall.SIGTERM); err != nil { // another broker's
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		dir, says string
		breaks    func(dir string) error
	}{
		"an empty folder": {t.TempDir(), "or there is none", func(string) error { return nil }},
		"another one's":   {other, "Programs know this broker by another key", func(string) error { return nil }},
		"a lost key":      {copied(t, dir), "or there is none", func(dir string) error { return os.Remove(filepath.Join(dir, "broker.key")) }},
		"a broken key":    {copied(t, dir), "certificate in", func(dir string) error { return os.Truncate(filepath.Join(dir, "broker.key"), 20) }},
	} {
		if err := c.breaks(c.dir); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(filepath.Join(c.dir, "broker.key")) // it may be gone
		_, notice, code := broker(t, "run", "--data", c.dir, "--database", database, "--listen", "127.0.0.1:0", "--turn", "off", "--public", "127.0.0.1")
		if code != 1 || !strings.Contains(notice, c.says) {
			t.Errorf("%s: code %d, says %s", name, code, notice)
		}
		if after, _ := os.ReadFile(filepath.Join(c.dir, "broker.key")); string(after) != string(before) {
			t.Errorf("%s: the key was made or changed", name)
		}
	}
	if again := start(t, copied(t, dir), "127.0.0.1:0", "--database", database); again.pin != first.pin {
		t.Errorf("pin %s, before %s", again.pin, first.pin)
	} else if err := again.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}

	// Somebody who means it says so, once.
	if err := os.Remove(filepath.Join(dir, "broker.key")); err != nil {
		t.Fatal(err)
	}
	meant := start(t, dir, "127.0.0.1:0", "--database", database, "--new-key")
	if meant.pin == first.pin {
		t.Error("the pin is the same")
	}
	meant.until("it says what follows", func() bool { return strings.Contains(meant.log.String(), "has another key than before") })
	if err := meant.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if after := start(t, dir, "127.0.0.1:0", "--database", database); after.pin != meant.pin {
		t.Errorf("pin %s, before %s", after.pin, meant.pin)
	}
}

// copied is a copy of a data folder.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestA05ABackupHoldsEverythingOrIsNone: that a key is missing in it would be
// seen when the backup is needed.
func TestA05ABackupHoldsEverythingOrIsNone(t *testing.T) {
	dir, to := t.TempDir(), filepath.Join(t.TempDir(), "backup")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("correct horse battery"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := start(t, dir, "127.0.0.1:0").end(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	backup := func(dir string) (string, int) {
		_, notice, code := broker(t, "backup", "--data", dir, "--passphrase-file", secret, to)
		return notice, code
	}
	for name, c := range map[string]struct {
		file, says string
		text       []byte // nil: no file
	}{
		"no seal.key":      {"seal.key", "seal.key is missing", nil},
		"half of it":       {"seal.key", "seal.key cannot be used", []byte("x")},
		"another seal.key": {"seal.key", "seal.key is missing, or is not the one", []byte(strings.Repeat("x", 32))},
		"half of the key":  {"broker.key", "certificate in", []byte("-----BEGIN PRIVATE KEY-----\n")},
	} {
		broken := copied(t, dir)
		err := os.Remove(filepath.Join(broken, c.file))
		if err == nil && c.text != nil {
			err = os.WriteFile(filepath.Join(broken, c.file), c.text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if notice, code := backup(broken); code != 1 || !strings.Contains(notice, c.says) {
			t.Errorf("%s: code %d, says %s", name, code, notice)
		}
		if _, err := os.Stat(to); err == nil {
			t.Fatalf("%s: a backup was made", name)
		}
	}
	if notice, code := backup(dir); code != 0 || strings.Contains(notice, "not in the backup") {
		t.Errorf("everything: code %d, says %s", code, notice)
	}

	// Files of --cert are their owner's.
	files := newPair(t)
	files.renew(newKey(t), time.Now().Add(24*time.Hour))
	if err := start(t, dir, "127.0.0.1:0", "--cert", files.cert, "--key", files.key).end(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	to += "2"
	if notice, code := backup(dir); code != 0 || !strings.Contains(notice, "not in the backup") {
		t.Errorf("with files of --cert: code %d, says %s", code, notice)
	}
}
