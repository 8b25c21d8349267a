package prefs

import (
	"os"
	"path/filepath"
	"testing"
)

type settings struct{ Scale int }

func TestC04SettingsAreRemembered(t *testing.T) {
	dir := t.TempDir()
	s, err := Open("client", dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Save("window", settings{3}); err != nil {
		t.Fatal(err)
	}
	got := settings{1}
	s.Load("window", &got)
	if got.Scale != 3 {
		t.Errorf("got %+v", got)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(left) != 1 {
		t.Errorf("files left behind: %v", left)
	}
}

func TestSpoiltSettingsLeaveTheDefaults(t *testing.T) {
	dir := t.TempDir()
	s, _ := Open("client", dir)
	if err := os.WriteFile(filepath.Join(dir, "window.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := settings{1}
	s.Load("window", &got)
	if got.Scale != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestTheKeyIsMadeOnceAndForTheUserAlone(t *testing.T) {
	dir := t.TempDir()
	s, _ := Open("console", dir)
	a, err := s.Key()
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Key()
	if err != nil || !a.Equal(b) {
		t.Errorf("another key the second time: %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestADamagedKeyIsNeverReplaced(t *testing.T) {
	dir := t.TempDir()
	s, _ := Open("console", dir)
	if err := os.WriteFile(filepath.Join(dir, keyFile), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Key(); err == nil {
		t.Error("a damaged key was accepted")
	}
}
