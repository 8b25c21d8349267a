package disk

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/shared/files"
	"handrail/shared/wire"
)

// tree makes files by their paths, each with its path as contents unless more
// is said, and folders by a slash at the end.
func tree(t *testing.T, contents map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, what := range contents {
		place := filepath.Join(root, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			must(t, os.MkdirAll(place, 0o755))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(place), 0o755))
		must(t, os.WriteFile(place, []byte(what), 0o644))
	}
	return root
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// all reads what is below a folder: files with their contents, folders with a
// slash at the end.
func all(t *testing.T, root string) map[string]string {
	t.Helper()
	m := map[string]string{}
	must(t, filepath.WalkDir(root, func(p string, e os.DirEntry, err error) error {
		if err != nil || p == root {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if e.IsDir() {
			m[rel+"/"] = ""
			return nil
		}
		b, err := os.ReadFile(p)
		m[rel] = string(b)
		return err
	}))
	return m
}

func names(m map[string]string) []string {
	var list []string
	for n := range m {
		list = append(list, n)
	}
	slices.Sort(list)
	return list
}

// keep opens a sink.
func keep(t *testing.T, d *Disk, thing files.Thing) files.Sink {
	t.Helper()
	s, err := d.Keep(t.Context(), thing)
	must(t, err)
	return s
}

// add writes an item, all of it or only so many chunks.
func add(t *testing.T, s files.Sink, path, at, data string, most int) {
	t.Helper()
	must(t, s.Begin(files.Entry{Path: path, Size: uint64(len(data)), Modified: 1_700_000_000}, at))
	chunks(t, s, data, 0, most)
}

// chunks writes from a chunk on, and the end if there is nothing more.
func chunks(t *testing.T, s files.Sink, data string, from, most int) {
	t.Helper()
	for part := range slices.Chunk([]byte(data)[from*wire.MaxChunk:], wire.MaxChunk) {
		if most == 0 {
			return
		}
		most--
		must(t, s.Chunk(part, sha256.Sum256(part)))
	}
	if most > 0 {
		must(t, s.End())
	}
}

const everything = 1 << 30

// new disk whose clock can be moved.
func newDisk(t *testing.T) (*Disk, *time.Time) {
	d := New(t.TempDir())
	at := time.Now()
	d.now = func() time.Time { return at }
	return d, &at
}
