package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"handrail/broker/archive"
	"handrail/broker/locks"
	"handrail/broker/store"
)

// cutPlace tells the test binary to be a restore that is killed; it names the
// file that says of what and when.
const cutPlace = "HANDRAIL_BROKER_TEST_CUT"

func init() { children[cutPlace] = restoreUntilKilled }

// cut is such a restore.
type cut struct {
	Place store.Place
	Mark  []byte
	Files map[string][]byte
	Dump  string // a file
	Steps int    // that are done before it is killed
	Bytes int64  // of the dump that are read before it is killed; 0: all
}

func restoreUntilKilled(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var c cut
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	dump, err := os.Open(c.Dump)
	if err != nil {
		return err
	}
	defer dump.Close()
	r := &restoring{place: c.Place, mark: c.Mark, files: c.Files, dump: dump}
	if c.Bytes > 0 {
		r.dump = io.MultiReader(io.LimitReader(dump, c.Bytes), deadly{})
	}
	for _, step := range r.steps()[:c.Steps] {
		if err := step(context.Background()); err != nil {
			return err
		}
	}
	return die()
}

// deadly kills who reads it.
type deadly struct{}

func (deadly) Read([]byte) (int, error) { return 0, die() }

func die() error {
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		return err
	}
	select {} // it takes a moment
}

// backedUp is a broker that is no more, and its backup.
type backedUp struct {
	t                 *testing.T
	pin, secret, file string
	subject           [32]byte // what its seal.key makes of something
	mark              []byte
	files             map[string][]byte
	dump              string
	other             string // another backup of it
	address           string
}

func newBackedUp(t *testing.T) *backedUp {
	t.Helper()
	dir, at := t.TempDir(), t.TempDir()
	b := start(t, dir, "127.0.0.1:0", "--name", "Grüner Zweig")
	b.enrol(dir, "Anna Weber")
	sealer, err := locks.OpenSealer(dir)
	if err != nil {
		t.Fatal(err)
	}
	k := &backedUp{
		t: t, pin: b.pin, address: b.control, secret: filepath.Join(at, "secret"), file: filepath.Join(at, "backup"), other: filepath.Join(at, "other"),
		dump: filepath.Join(at, "dump"), subject: sealer.Subject("", "x"),
	}
	const passphrase = "correct horse battery"
	if err := os.WriteFile(k.secret, []byte(passphrase), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{k.file, k.other} {
		if _, notice, code := broker(t, "backup", "--data", dir, "--passphrase-file", k.secret, name); code != 0 {
			t.Fatal(notice)
		}
	}
	if err := b.end(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(k.file)
	if err != nil {
		t.Fatal(err)
	}
	from := bufio.NewReaderSize(bytes.NewReader(text), beginning)
	k.mark = markOf(from)
	files, dump, err := archive.Read(from, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	k.files = files
	all, err := io.ReadAll(dump)
	if err := errors.Join(err, dump.Close(), os.WriteFile(k.dump, all, 0o600)); err != nil {
		t.Fatal(err)
	}
	return k
}

// cut restores until it is killed.
func (k *backedUp) cut(p store.Place, steps int, read int64) {
	k.t.Helper()
	text, err := json.Marshal(cut{Place: p, Mark: k.mark, Files: k.files, Dump: k.dump, Steps: steps, Bytes: read})
	name := filepath.Join(k.t.TempDir(), "cut.json")
	if err := errors.Join(err, os.WriteFile(name, text, 0o600)); err != nil {
		k.t.Fatal(err)
	}
	child := exec.CommandContext(k.t.Context(), os.Args[0])
	child.Env = append(os.Environ(), cutPlace+"="+name)
	if said, err := child.CombinedOutput(); err == nil || len(said) > 0 {
		k.t.Fatalf("the restore was not killed: %v, it says %s", err, said)
	}
}

// restores is the command.
func (k *backedUp) restores(p store.Place, file string) (notice string, code int) {
	k.t.Helper()
	_, notice, code = broker(k.t, append(append([]string{"restore", "--passphrase-file", k.secret}, settingsOf(p)...), file)...)
	return notice, code
}

// isBack fails the test if the place holds another broker, or not all of it.
func (k *backedUp) isBack(p store.Place) {
	k.t.Helper()
	b := start(k.t, p.Dir, k.address, settingsOf(p)[2:]...)
	if b.pin != k.pin {
		k.t.Errorf("pin %s, before %s", b.pin, k.pin)
	}
	if out, _, _ := broker(k.t, append([]string{"reps"}, settingsOf(p)...)...); !strings.Contains(out, "Anna Weber") {
		k.t.Errorf("reps are %s", out)
	}
	if sealer, err := locks.OpenSealer(p.Dir); err != nil || sealer.Subject("", "x") != k.subject {
		k.t.Errorf("another key of seals, %v", err)
	}
	if err := b.end(syscall.SIGTERM); err != nil {
		k.t.Errorf("ended with %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(p.Dir, "*unfinished*")); err != nil || len(left) > 0 {
		k.t.Errorf("%v is left, %v", left, err)
	}
}

func settingsOf(p store.Place) []string {
	if p.Database == "" {
		return []string{"--data", p.Dir}
	}
	return []string{"--data", p.Dir, "--database", p.Database}
}

// TestA05ARestoreThatWasKilledMakesNoOtherBroker: wherever it is killed, no
// broker begins with keys of its own, and the restore goes on.
func TestA05ARestoreThatWasKilledMakesNoOtherBroker(t *testing.T) {
	k := newBackedUp(t)
	info, err := os.Stat(k.dump)
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, c := range []struct {
			name  string
			steps int
			read  int64
		}{
			{"before the store", 1, 0},
			{"within the store", 2, info.Size() / 2},
			{"before the certificate", 2, 0},
			{"before the key of seals", 3, 0},
			{"before its end", 4, 0},
		} {
			t.Run(fmt.Sprintf("%s %s", engine, c.name), func(t *testing.T) {
				k := *k
				k.t = t
				p := store.Place{Dir: filepath.Join(t.TempDir(), "new", "data")}
				if engine == "postgres" {
					p.Database = server.Database(t)
				}
				k.cut(p, c.steps, c.read)
				for _, verb := range []string{"run", "backup", "reps"} {
					if _, notice, code := broker(t, append([]string{verb}, settingsOf(p)...)...); code != 1 || !strings.Contains(notice, "was cut short") {
						t.Errorf("%s: code %d, says %s", verb, code, notice)
					}
				}
				if c.steps > 1 && c.read == 0 {
					if notice, code := k.restores(p, k.other); code != 1 || !strings.Contains(notice, "was cut short") {
						t.Errorf("another backup over it: code %d, says %s", code, notice)
					}
				}
				if notice, code := k.restores(p, k.file); code != 0 {
					t.Fatalf("once more: code %d, says %s", code, notice)
				}
				k.isBack(p)
			})
		}
	}
}

// Another backup goes where nothing was begun, or where everything was taken
// away, as the broker says.
func TestA05AnotherBackupGoesWhereAKilledRestoreWasTakenAway(t *testing.T) {
	k := newBackedUp(t)
	p := store.Place{Dir: t.TempDir(), Database: server.Database(t)}
	k.cut(p, 3, 0)
	if err := os.RemoveAll(p.Dir); err != nil {
		t.Fatal(err)
	}
	if notice, code := k.restores(p, k.other); code != 1 || !strings.Contains(notice, "an empty database") {
		t.Errorf("with the database as it is: code %d, says %s", code, notice)
	}
	if _, err := os.Stat(filepath.Join(p.Dir, unfinishedFile)); err == nil {
		t.Error("a restore that has done nothing counts as cut short")
	}
	p.Database = server.Database(t)
	k.cut(p, 1, 0)
	if notice, code := k.restores(p, k.other); code != 0 {
		t.Fatalf("code %d, says %s", code, notice)
	}
	k.isBack(p)

	// A database that another broker has taken meanwhile is left alone.
	p = store.Place{Dir: t.TempDir(), Database: server.Database(t)}
	k.cut(p, 1, 0)
	other := start(t, t.TempDir(), "127.0.0.1:0", "--database", p.Database)
	if notice, code := k.restores(p, k.file); code != 1 || !strings.Contains(notice, "an empty database") {
		t.Errorf("over another broker: code %d, says %s", code, notice)
	}
	if out, _, _ := broker(t, "site", "--data", t.TempDir(), "--database", p.Database); !strings.Contains(out, other.pin) {
		t.Errorf("site says %s", out)
	}
}
