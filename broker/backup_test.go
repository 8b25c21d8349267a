package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"handrail/broker/locks"
	"handrail/shared/postgres"
	"handrail/shared/wire"
)

// server is a database for those who want one.
var server *postgres.Server

// TestA05ABackupMadeWhileTheBrokerRunsBringsItBack takes a broker from one
// engine to the other and back.
func TestA05ABackupMadeWhileTheBrokerRunsBringsItBack(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(secret, []byte("correct horse battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0", "--name", "Grüner Zweig")
	anna, key := b.enrol(dir, "Anna Weber")
	anna.say(&wire.NewKey{Request: [16]byte{1}, Life: 3600})
	number := hear[*wire.KeyMade](anna).Number
	sealer, err := locks.OpenSealer(dir)
	if err != nil {
		t.Fatal(err)
	}
	place := []string{"--data", dir}
	for _, engine := range []string{"postgres", "sqlite"} {
		file := filepath.Join(t.TempDir(), "backup")
		args := append([]string{"backup", "--passphrase-file", secret}, append(place, file)...)
		if _, notice, code := broker(t, args...); code != 0 || !strings.Contains(notice, file) {
			t.Fatalf("backup: code %d, says %s", code, notice)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("backup is %v, %v", info, err)
		}
		if _, notice, code := broker(t, args...); code != 2 || !strings.Contains(notice, "is there already") {
			t.Errorf("over another one: code %d, says %s", code, notice)
		}
		if err := b.end(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}

		to := filepath.Join(t.TempDir(), "new", "data")
		place = []string{"--data", to}
		if engine == "postgres" {
			place = append(place, "--database", server.Database(t))
		}
		args = append([]string{"restore", "--passphrase-file", secret}, append(place, file)...)
		if _, notice, code := broker(t, args...); code != 0 {
			t.Fatalf("restore to %s: %s", engine, notice)
		}
		if _, notice, code := broker(t, args...); code != 1 || !strings.Contains(notice, "where there is none") {
			t.Errorf("restored twice: code %d, says %s", code, notice)
		}
		again := start(t, to, b.control, place[2:]...)
		if again.pin != b.pin {
			t.Errorf("%s: pin %s, before %s", engine, again.pin, b.pin)
		}
		if restored, err := locks.OpenSealer(to); err != nil || restored.Subject("", "x") != sealer.Subject("", "x") {
			t.Errorf("%s: another key of seals, %v", engine, err)
		}
		if out, _, _ := broker(t, append([]string{"site"}, place...)...); !strings.Contains(out, "Grüner Zweig") {
			t.Errorf("%s: site says %s", engine, out)
		}
		if _, in := again.signIn(key); in.Name != "Anna Weber" || len(in.Keys) != 1 || in.Keys[0].Number != number {
			t.Errorf("%s: signed in as %+v", engine, in)
		}
		b = again
	}
}

func TestA05BackupsAnswerMistakesInWords(t *testing.T) {
	dir := t.TempDir()
	secret, short, other, junk := filepath.Join(dir, "secret"), filepath.Join(dir, "short"), filepath.Join(dir, "other"), filepath.Join(dir, "junk")
	long := filepath.Join(dir, "long")
	for name, text := range map[string]string{secret: "correct horse battery", short: "horse", long: strings.Repeat("horse ", 200), other: "another horse battery", junk: "no backup"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data := filepath.Join(dir, "data")
	b := start(t, data, "127.0.0.1:0")
	good := filepath.Join(dir, "backup")
	if _, notice, code := broker(t, "backup", "--data", data, "--passphrase-file", secret, good); code != 0 {
		t.Fatal(notice)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, "half")
	if err := os.WriteFile(half, whole[:len(whole)-10], 0o600); err != nil {
		t.Fatal(err)
	}
	fresh, sealed := filepath.Join(dir, "fresh"), filepath.Join(dir, "sealed") // of a broker whose certificate and records are elsewhere
	if err := os.Mkdir(sealed, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := locks.OpenSealer(sealed); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no passphrase":      {[]string{"backup", "--data", data, good + "2"}, 2, "--passphrase-file FILE"},
		"no file with it":    {[]string{"backup", "--data", data, "--passphrase-file", dir + "/none", good + "2"}, 1, "cannot be read from"},
		"a book":             {[]string{"backup", "--data", data, "--passphrase-file", long, good + "2"}, 1, "cannot be read from"},
		"a short one":        {[]string{"backup", "--data", data, "--passphrase-file", short, good + "2"}, 1, "too short"},
		"no backup's name":   {[]string{"backup", "--data", data, "--passphrase-file", secret}, 2, "Say the backup's file"},
		"no such folder":     {[]string{"backup", "--data", data, "--passphrase-file", secret, dir + "/none/backup"}, 1, "cannot be written to"},
		"no such backup":     {[]string{"restore", "--data", fresh, "--passphrase-file", secret, dir + "/none"}, 1, "is no backup"},
		"another file":       {[]string{"restore", "--data", fresh, "--passphrase-file", secret, junk}, 1, "is no backup"},
		"half a backup":      {[]string{"restore", "--data", fresh, "--passphrase-file", secret, half}, 1, "is no backup"},
		"another passphrase": {[]string{"restore", "--data", fresh, "--passphrase-file", other, good}, 1, "another passphrase"},
		"over a broker":      {[]string{"restore", "--data", data, "--passphrase-file", secret, good}, 1, "where there is none"},
		"over its seals":     {[]string{"restore", "--data", sealed, "--passphrase-file", secret, good}, 1, "where there is none"},
		"password in sight": {
			[]string{"reps", "--data", data, "--database", "postgres://handrail:hunter2@db.example/x"}, 2, "HANDRAIL_DATABASE",
		},
		"and otherwise":   {[]string{"reps", "--data", data, "--database", "host=db password=hunter2"}, 2, "HANDRAIL_DATABASE"},
		"and with spaces": {[]string{"reps", "--data", data, "--database", "host=db password = hunter2"}, 2, "HANDRAIL_DATABASE"},
		"and with lines":  {[]string{"reps", "--data", data, "--database", "host=db password\t=\nhunter2"}, 2, "HANDRAIL_DATABASE"},
		"in the query":    {[]string{"reps", "--data", data, "--database", "postgres://handrail@db.example/x?password=hunter2"}, 2, "HANDRAIL_DATABASE"},
		"query in disguise": {
			[]string{"reps", "--data", data, "--database", "postgres://handrail@db.example/x?pass%77ord=hunter2"}, 2, "HANDRAIL_DATABASE",
		},
		"of several hosts": {
			[]string{"reps", "--data", data, "--database", "postgres://handrail:hunter2@db1.example:5432,db2.example:5432/x"}, 2, "HANDRAIL_DATABASE",
		},
		"not even a URL": {[]string{"reps", "--data", data, "--database", "postgres://handrail:hunter2%zz@db.example/x"}, 2, "HANDRAIL_DATABASE"},
		"no address":     {[]string{"run", "--data", data, "--database", "postgres://handrail@/x?connect_timeout=soon"}, 1, "cannot be understood"},
		"nobody there":   {[]string{"run", "--data", data, "--database", "postgres://handrail@127.0.0.1:1/x"}, 1, "cannot be reached"},
		"an empty one":   {[]string{"reps", "--data", data, "--database", server.Database(t)}, 1, "Start it once"},
	} {
		t.Run(name, func(t *testing.T) {
			out, notice, code := broker(t, c.args...)
			if code != c.code || !strings.Contains(notice, c.says) || out != "" || strings.Contains(notice, "hunter2") {
				t.Errorf("code %d, out %q, says\n%s\nwant %d, %q", code, out, notice, c.code, c.says)
			}
		})
	}
	if entries, err := os.ReadDir(fresh); err == nil {
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), "broker.k") {
				t.Errorf("a failed restore left %s", e.Name())
			}
		}
	}
	if _, notice, code := broker(t, "restore", "--data", fresh, "--passphrase-file", secret, good); code != 0 {
		t.Errorf("afterwards the good one: %s", notice)
	}
	b.dial(wire.RoleCustomer)
}

// Two commands that write the same new file at once: one is refused, and what
// the other has written stays.
func TestA05ANewFileTakesNobodysPlace(t *testing.T) {
	links := hardLink
	defer func() { hardLink = links }()
	for kind, with := range map[string]func(string, string) error{
		"links": links, "no links": func(string, string) error { return errors.ErrUnsupported },
	} {
		hardLink = with
		dir := t.TempDir()
		name := filepath.Join(dir, "organisation.key")
		err := writeNew(name, func(w io.Writer) error {
			_, err := io.WriteString(w, "second")
			return errors.Join(err, os.WriteFile(name, []byte("first"), 0o600)) // the other command is quicker
		})
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: error %v", kind, err)
		}
		if text, err := os.ReadFile(name); err != nil || string(text) != "first" {
			t.Errorf("%s: the file holds %q (%v)", kind, text, err)
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		if err := writeNew(name, func(w io.Writer) error { _, err := io.WriteString(w, "second"); return err }); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if text, err := os.ReadFile(name); err != nil || string(text) != "second" {
			t.Errorf("%s: the file holds %q (%v)", kind, text, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Errorf("%s: %d files are there (%v)", kind, len(left), err)
		}
	}
}

// A command may be killed at any moment: what has the name is whole.
func TestA05ANewFileIsNeverThereHalf(t *testing.T) {
	links := hardLink
	defer func() { hardLink = links }()
	name := filepath.Join(t.TempDir(), "backup")
	there := true
	hardLink = func(from, to string) error {
		_, err := os.Lstat(name)
		there = err == nil
		return links(from, to)
	}
	if err := writeNew(name, func(w io.Writer) error { _, err := io.WriteString(w, "all of it"); return err }); err != nil {
		t.Fatal(err)
	}
	if there {
		t.Error("the name was there before what it holds")
	}
}
