package disk

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"handrail/shared/files"
)

func TestC03LinksAndDevicesAreLeftOut(t *testing.T) {
	root := tree(t, map[string]string{"F/real": "1", "secret": "no", "elsewhere/x": "no"})
	f := filepath.Join(root, "F")
	must(t, os.Symlink(filepath.Join(root, "secret"), filepath.Join(f, "link")))
	must(t, os.Symlink(filepath.Join(root, "elsewhere"), filepath.Join(f, "folder")))
	must(t, syscall.Mkfifo(filepath.Join(f, "pipe"), 0o600))
	thing, err := New(t.TempDir()).Look(t.Context(), f)
	must(t, err)
	if thing.Items != 2 || thing.Skipped != 3 || thing.Size != 1 {
		t.Errorf("got %+v", thing)
	}
	if _, err := New(t.TempDir()).Look(t.Context(), filepath.Join(f, "pipe")); !errors.Is(err, files.ErrUnreadable) {
		t.Errorf("a pipe: %v", err)
	}
	// A link that a person chose means what it leads to.
	thing, err = New(t.TempDir()).Look(t.Context(), filepath.Join(f, "link"))
	must(t, err)
	if thing.Name != "link" || thing.Size != 2 {
		t.Errorf("got %+v", thing)
	}
}

// TestC03AFileThatBecameALinkIsNotRead: what was looked through is read, not
// what somebody put in its place.
func TestC03AFileThatBecameALinkIsNotRead(t *testing.T) {
	root := tree(t, map[string]string{"F/x": "12", "secret": "no"})
	s, err := New(t.TempDir()).Open(t.Context(), filepath.Join(root, "F"))
	must(t, err)
	defer s.Close()
	x := filepath.Join(root, "F", "x")
	must(t, os.Remove(x))
	must(t, os.Symlink(filepath.Join(root, "secret"), x))
	if err := s.Read(1, make([]byte, 2), 0); err == nil {
		t.Error("it is read")
	}
	must(t, os.Remove(x))
	must(t, syscall.Mkfifo(x, 0o600)) // would wait for ever
	if err := s.Read(1, make([]byte, 2), 0); !errors.Is(err, files.ErrChanged) {
		t.Errorf("a pipe: %v", err)
	}
}

// TestC03NothingLeadsOutOfTheFolderOfDownloads: not even a link that somebody
// planted where parts are gathered.
func TestC03NothingLeadsOutOfTheFolderOfDownloads(t *testing.T) {
	d, _ := newDisk(t)
	out := t.TempDir()
	s := keep(t, d, files.Thing{Name: "F", Size: 3, Items: 3, Folder: true})
	must(t, s.Begin(files.Entry{Path: "F", Folder: true}, ""))
	must(t, os.Symlink(out, filepath.Join(d.folder, s.(*sink).data(""), "in")))
	if err := s.Begin(files.Entry{Path: "F/in/x", Size: 3}, "in/x"); !errors.Is(err, files.ErrUnwritable) {
		t.Errorf("got %v", err)
	}
	s.Close(false)
	if got := all(t, out); len(got) != 0 {
		t.Errorf("outside are %q", names(got))
	}
}

func TestC03NamesOfAnyBytesCanBeSent(t *testing.T) {
	root := t.TempDir()
	name := filepath.Join(root, "F\xff")
	must(t, os.Mkdir(name, 0o755))
	must(t, os.WriteFile(filepath.Join(name, "\xfe\n"), []byte("1"), 0o644))
	s, err := New(t.TempDir()).Open(t.Context(), name)
	must(t, err)
	defer s.Close()
	if got := s.Entries()[1].Path; got != "F_/_\n" {
		t.Errorf("got %q", got)
	}
	must(t, s.Read(1, make([]byte, 1), 0))
}

func TestTheFolderOfDownloadsIsTheDesktops(t *testing.T) {
	config := t.TempDir()
	t.Setenv("HOME", "/home/maria")
	t.Setenv("XDG_DOWNLOAD_DIR", "")
	t.Setenv("XDG_CONFIG_HOME", config)
	tests := []struct{ line, want string }{
		{"", "/home/maria/Downloads"},
		{"XDG_DOWNLOAD_DIR=\"$HOME/Téléchargements\"\n", "/home/maria/Téléchargements"},
		{"# comment\nXDG_DOWNLOAD_DIR=\"/srv/in\"", "/srv/in"},
		{"XDG_DOWNLOAD_DIR=\"relative\"", "/home/maria/Downloads"},
	}
	for _, tt := range tests {
		must(t, os.WriteFile(filepath.Join(config, "user-dirs.dirs"), []byte(tt.line), 0o644))
		if got, err := downloads(); err != nil || got != tt.want {
			t.Errorf("%q: %q, %v", tt.line, got, err)
		}
	}
	t.Setenv("XDG_DOWNLOAD_DIR", "/else")
	if got, _ := downloads(); got != "/else" {
		t.Errorf("by the environment: %q", got)
	}
}
