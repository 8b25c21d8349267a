package site

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var organisationKey = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

var pin = "sha256:" + strings.Repeat("ab", 32)

func TestReadChecksEveryValue(t *testing.T) {
	tests := []struct {
		name, text string
		ok         bool
	}{
		{"complete", `{"broker":"help.example.org:4443","pin":"` + pin + `","organisation":"Example"}`, true},
		{"public authorities", `{"broker":"[2001:db8::1]:443"}`, true},
		{"fields of a newer version", `{"broker":"a:1","portal":"https://a"}`, true},
		{"a mark in front, as Notepad writes it", "\uFEFF" + `{"broker":"a:1"}`, true},
		{"an organisation in Hebrew", `{"broker":"a:1","organisation":"תמיכה"}`, true},
		{"an organisation's key", `{"broker":"a:1","organisationKey":"` + organisationKey + `"}`, true},
		{"half an organisation's key", `{"broker":"a:1","organisationKey":"` + organisationKey[:20] + `"}`, false},
		{"an organisation's key in hexadecimal", `{"broker":"a:1","organisationKey":"` + strings.Repeat("ab", 32) + `"}`, false},
		{"empty", "", false},
		{"no port", `{"broker":"help.example.org"}`, false},
		{"port 0", `{"broker":"a:0"}`, false},
		{"port 65536", `{"broker":"a:65536"}`, false},
		{"port by name", `{"broker":"a:https"}`, false},
		{"no host", `{"broker":":4443"}`, false},
		{"a web address", `{"broker":"https://help.example.org"}`, false},
		{"a web address with port", `{"broker":"//help.example.org:443"}`, false},
		{"a host with a name in front", `{"broker":"help.example.org@evil.example:1"}`, false},
		{"a space", `{"broker":"a b:1"}`, false},
		{"an escape", `{"broker":"a\u001b[2J:1"}`, false},
		{"no broker", `{}`, false},
		{"short pin", `{"broker":"a:1","pin":"sha256:abcd"}`, false},
		{"pin of another kind", `{"broker":"a:1","pin":"md5:` + strings.Repeat("ab", 32) + `"}`, false},
		{"capital pin", `{"broker":"a:1","pin":"` + strings.ToUpper(pin) + `"}`, false},
		{"an organisation of two lines", `{"broker":"a:1","organisation":"Good\nBank"}`, false},
		{"an organisation written backwards", `{"broker":"a:1","organisation":"a\u202Eb"}`, false},
		{"an organisation without end", `{"broker":"a:1","organisation":"` + strings.Repeat("x", maxName+1) + `"}`, false},
		{"not JSON", `broker=a:1`, false},
		{"two in one", `{"broker":"a:1"}{"broker":"b:1"}`, false},
		{"another type", `{"broker":1}`, false},
		{"not UTF-8", "{\"broker\":\"a:1\",\"organisation\":\"\xff\"}", false},
		{"as PowerShell writes it", "\xff\xfe{\x00}\x00", false},
		{"far too long", `{"broker":"a:1","organisation":"` + strings.Repeat("x", maxFile) + `"}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := put(t, t.TempDir(), tt.text)
			s, err := Find(path)
			if (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
			if err != nil && (s != Site{} || !strings.Contains(err.Error(), path)) {
				t.Errorf("%+v comes with the error, or it does not name the file: %v", s, err)
			}
		})
	}
}

func put(t *testing.T, dir, text string) string {
	t.Helper()
	path := filepath.Join(dir, FileName)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestZ04AProgramKnowsTheOrganisationByItsKey(t *testing.T) {
	s, err := Find(put(t, t.TempDir(), `{"broker":"a:1","organisationKey":"`+organisationKey+`"}`))
	if err != nil || !bytes.Equal(s.Key(), bytes.Repeat([]byte{7}, 32)) {
		t.Errorf("key %x, %v", s.Key(), err)
	}
	if s, err = Find(put(t, t.TempDir(), `{"broker":"a:1"}`)); err != nil || s.Key() != nil {
		t.Errorf("without one: %x, %v", s.Key(), err)
	}
}

func TestANamedFileThatIsMissingIsAnError(t *testing.T) {
	if _, err := Find(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestP15AFileBesideADownloadLeadsNobodyAway(t *testing.T) {
	dirs := folders()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	user, err := os.UserConfigDir()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"linux": "/etc/handrail", "darwin": "/Library/Application Support/Handrail"}[runtime.GOOS]
	if all != "" && !slices.Equal(dirs, []string{all, filepath.Join(user, "handrail"), filepath.Dir(exe)}) {
		t.Errorf("looked for in this order: %q", dirs)
	}
	for _, d := range dirs {
		if !filepath.IsAbs(d) {
			t.Errorf("%q depends on where the program is started", d)
		}
	}
}

func TestTheFirstFileCountsAndNoOther(t *testing.T) {
	empty, ours, theirs := t.TempDir(), t.TempDir(), t.TempDir()
	put(t, ours, `{"broker":"ours:1"}`)
	put(t, theirs, `{"broker":"theirs:1"}`)
	if s, err := first([]string{empty, ours, theirs}); err != nil || s.Broker != "ours:1" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := first([]string{empty, filepath.Join(empty, "none")}); !errors.Is(err, ErrNone) {
		t.Errorf("nothing found: %v", err)
	}
	// What is spoilt, or is no file, must not make room for a file of others.
	put(t, ours, `{`)
	if s, err := first([]string{ours, theirs}); err == nil {
		t.Errorf("%+v in place of a spoilt file", s)
	}
	if err := errors.Join(os.Remove(filepath.Join(ours, FileName)), os.Mkdir(filepath.Join(ours, FileName), 0o700)); err != nil {
		t.Fatal(err)
	}
	if s, err := first([]string{ours, theirs}); err == nil {
		t.Errorf("%+v in place of a folder", s)
	}
}

func TestHereIsThisMachineAlone(t *testing.T) {
	for broker, want := range map[string]bool{
		"localhost:1": true, "127.0.0.1:1": true, "[::1]:1": true,
		"help.example.org:1": false, "192.0.2.1:1": false, "localhost.example.org:1": false, "": false,
	} {
		if got := (Site{Broker: broker}).Here(); got != want {
			t.Errorf("%q: %v", broker, got)
		}
	}
}

// FuzzParse holds what is accepted to what `broker site` prints: it has one
// meaning, which survives being written and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"broker":"help.example.org:4443","pin":"` + pin + `","organisation":"Example"}`))
	f.Add([]byte("\uFEFF{\"broker\":\"[::1]:1\"}"))
	f.Add([]byte(`{"broker":"a:1"}x`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parse(b)
		if err != nil {
			return
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		s2, err := parse(again)
		if err != nil || !reflect.DeepEqual(s, s2) {
			t.Errorf("%+v became %+v, %v", s, s2, err)
		}
		if bytes.ContainsAny([]byte(s.Organisation+s.Broker), "\n\r\x00\x1b") {
			t.Errorf("%+v writes more than a line", s)
		}
	})
}
