//go:build unix

package site

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestAFileThatEverybodyMayChangeIsRefused(t *testing.T) {
	tests := []struct {
		name         string
		folder, file os.FileMode
	}{
		{"open file", 0o700, 0o666},
		{"open folder", 0o777, 0o600},
		{"a folder like /tmp", 0o777 | os.ModeSticky, 0o600},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := put(t, dir, `{"broker":"a:1"}`)
			if err := errors.Join(os.Chmod(path, tt.file), os.Chmod(dir, tt.folder)); err != nil {
				t.Fatal(err)
			}
			if s, err := first([]string{dir}); !errors.Is(err, ErrOpen) || s != (Site{}) {
				t.Errorf("%+v, %v", s, err)
			}
			if _, err := Find(path); err != nil {
				t.Errorf("somebody named the file and is not heard: %v", err)
			}
		})
	}
}

func TestAPipeKeepsNobodyWaiting(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); err == nil {
		t.Error("a pipe was read")
	}
}
