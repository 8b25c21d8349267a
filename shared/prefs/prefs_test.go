package prefs

import (
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

type settings struct {
	Scale int
	Name  string
}

func open(t *testing.T) (Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "handrail", "client")
	s, err := Open("client", dir)
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

// alone says that the folder holds one file, for this user alone.
func alone(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Fatalf("files left behind: %v, %v", left, err)
	}
	for _, path := range []string{dir, filepath.Join(dir, left[0].Name())} {
		info, err := os.Stat(path)
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
		}
	}
}

func TestC04SettingsAreRememberedAndReplaced(t *testing.T) {
	s, dir := open(t)
	for scale := range 3 {
		if err := s.Save("window", settings{Scale: scale}); err != nil {
			t.Fatal(err)
		}
		got := settings{Scale: 7}
		s.Load("window", &got)
		if got.Scale != scale {
			t.Errorf("got %+v, want %d", got, scale)
		}
		alone(t, dir)
	}
}

func TestSpoiltSettingsLeaveTheDefaults(t *testing.T) {
	for name, text := range map[string]string{
		"cut short": "{", "empty": "", "another type": `"x"`, "half of it wrong": `{"Name":"b","Scale":"two"}`,
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := open(t)
			if err := os.WriteFile(filepath.Join(dir, "window.json"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			got := settings{1, "a"}
			s.Load("window", &got)
			if got != (settings{1, "a"}) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestWhatSettingsDoNotNameStays(t *testing.T) {
	s, dir := open(t)
	if err := os.WriteFile(filepath.Join(dir, "window.json"), []byte(`{"Scale":2,"Newer":true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	got := settings{1, "a"}
	s.Load("window", &got)
	if got != (settings{2, "a"}) {
		t.Errorf("got %+v", got)
	}
}

func TestSettingsThatCannotBeSavedLeaveTheOldOnes(t *testing.T) {
	s, dir := open(t)
	// A folder stands where the file belongs: the last step fails.
	if err := os.MkdirAll(filepath.Join(dir, "window.json", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Save("window", settings{}); err == nil {
		t.Error("saved over a folder")
	}
	alone(t, dir)
	if err := s.Save("window", make(chan int)); err == nil {
		t.Error("saved a channel")
	}
}

func TestAStoreWithoutAFolderKeepsNothing(t *testing.T) {
	_, dir := open(t)
	t.Chdir(dir)
	var s Store
	if err := s.Save("window", settings{}); !errors.Is(err, ErrNowhere) {
		t.Errorf("Save: %v", err)
	}
	if _, err := s.Key(); !errors.Is(err, ErrNowhere) {
		t.Errorf("Key: %v", err)
	}
	if err := os.WriteFile("window.json", []byte(`{"Scale":9}`), 0o600); err != nil {
		t.Fatal(err)
	}
	got := settings{Scale: 1}
	s.Load("window", &got)
	if got.Scale != 1 {
		t.Error("settings were read from wherever the program was started")
	}
	alone(t, dir)
}

func TestTheKeyIsMadeOnceAndForTheUserAlone(t *testing.T) {
	s, dir := open(t)
	a, err := s.Key()
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Key()
	if err != nil || !a.Equal(b) {
		t.Errorf("another key the second time: %v", err)
	}
	alone(t, dir)
	if err := os.Chmod(filepath.Join(dir, keyFile), 0o644); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Key(); err != nil || !a.Equal(c) {
		t.Errorf("another key after a copy: %v", err)
	}
	alone(t, dir)
}

func TestConsolesThatStartTogetherHaveOneKey(t *testing.T) {
	s, dir := open(t)
	keys := make([]ed25519.PrivateKey, 16)
	var group sync.WaitGroup
	for i := range keys {
		group.Go(func() {
			var err error
			if keys[i], err = s.Key(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, k := range keys {
		if !k.Equal(keys[0]) {
			t.Fatal("two keys")
		}
	}
	alone(t, dir)
}

func TestADamagedKeyIsNeverReplaced(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "not PEM": "x", "another kind": "-----BEGIN X-----\nAAAA\n-----END X-----\n",
		"too short": "-----BEGIN " + keyType + "-----\nAAAA\n-----END " + keyType + "-----\n",
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := open(t)
			path := filepath.Join(dir, keyFile)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if key, err := s.Key(); err == nil || key != nil {
				t.Error("a damaged key was accepted")
			}
			if b, err := os.ReadFile(path); err != nil || string(b) != text {
				t.Errorf("the file is %q now, %v", b, err)
			}
		})
	}
}
