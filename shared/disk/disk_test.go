package disk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/shared/files"
	"handrail/shared/wire"
)

func TestC03AThingIsLookedThrough(t *testing.T) {
	root := tree(t, map[string]string{"F/b/2": "22", "F/b/1": "1", "F/a": "aaa", "F/empty/": "", "F/.handrail-part/x": "no"})
	d := New(t.TempDir())
	s, err := d.Open(t.Context(), filepath.Join(root, "F"))
	must(t, err)
	defer s.Close()
	var got []string
	for _, e := range s.Entries() {
		got = append(got, fmt.Sprintf("%s %d %v", e.Path, e.Size, e.Folder))
	}
	want := []string{"F 0 true", "F/a 3 false", "F/b 0 true", "F/b/1 1 false", "F/b/2 2 false", "F/empty 0 true"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	thing, err := d.Look(t.Context(), filepath.Join(root, "F"))
	must(t, err)
	if thing.Name != "F" || thing.Size != 6 || thing.Items != 6 || !thing.Folder {
		t.Errorf("got %+v", thing)
	}
	p := make([]byte, 2)
	if err := s.Read(4, p, 0); err != nil || string(p) != "22" {
		t.Errorf("read %q, %v", p, err)
	}
}

func TestC03WhatCannotBeOfferedIsSaid(t *testing.T) {
	d := New(t.TempDir())
	long := t.TempDir()
	deep := filepath.Join(long, strings.Repeat("d/", files.MaxDepth+1))
	must(t, os.MkdirAll(deep, 0o755))
	tests := []struct {
		name, place string
		want        error
	}{
		{"nothing there", filepath.Join(long, "nothing"), files.ErrUnreadable},
		{"too deep", long, files.ErrTooMuch},
		{"a name that can't be", "a\x00b", files.ErrUnreadable},
	}
	for _, tt := range tests {
		if _, err := d.Look(t.Context(), tt.place); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Look(ctx, long); !errors.Is(err, context.Canceled) {
		t.Errorf("called off: %v", err)
	}
}

func TestC03WhatChangesIsNotSent(t *testing.T) {
	tests := []struct {
		name   string
		change func(place string) error
	}{
		{"longer", func(p string) error { return os.WriteFile(p, make([]byte, 11), 0o644) }},
		{"shorter", func(p string) error { return os.Truncate(p, 5) }},
		{"touched", func(p string) error { return os.Chtimes(p, time.Unix(1, 0), time.Unix(1, 0)) }},
		{"a folder now", func(p string) error { return errors.Join(os.Remove(p), os.Mkdir(p, 0o755)) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			place := filepath.Join(tree(t, map[string]string{"x": "0123456789"}), "x")
			for _, opened := range []bool{false, true} {
				must(t, os.RemoveAll(place))
				must(t, os.WriteFile(place, []byte("0123456789"), 0o644))
				s, err := New(t.TempDir()).Open(t.Context(), place)
				must(t, err)
				defer s.Close()
				if opened {
					must(t, s.Read(0, make([]byte, 4), 0))
				}
				must(t, tt.change(place))
				if tt.name == "a folder now" && opened {
					continue // what is open still is what was offered
				}
				if err := s.Read(0, make([]byte, 6), 4); !errors.Is(err, files.ErrChanged) {
					t.Errorf("opened %v: %v", opened, err)
				}
			}
		})
	}
}

func TestC03AFileComesToItsPlace(t *testing.T) {
	d, _ := newDisk(t)
	data := strings.Repeat("x", wire.MaxChunk+5)
	s := keep(t, d, files.Thing{Name: "run.sh", Size: uint64(len(data)), Items: 1})
	must(t, s.Begin(files.Entry{Path: "run.sh", Size: uint64(len(data)), Modified: 1_700_000_000, Executable: true}, ""))
	chunks(t, s, data, 0, everything)
	place, err := s.Finish()
	must(t, err)
	s.Close(true)
	if got := all(t, d.folder); len(got) != 1 || got["run.sh"] != data {
		t.Errorf("there are %q", names(got))
	}
	info, err := os.Stat(place)
	must(t, err)
	if info.Mode()&0o111 != 0 {
		t.Error("it can be run")
	}
	if info.ModTime().Unix() != 1_700_000_000 {
		t.Errorf("it is of %v", info.ModTime())
	}
}

func TestC03NothingThatIsThereIsWrittenOver(t *testing.T) {
	d, _ := newDisk(t)
	for range 2 {
		f := keep(t, d, files.Thing{Name: "a.txt", Size: 3, Items: 1})
		add(t, f, "a.txt", "", "new", everything)
		g := keep(t, d, files.Thing{Name: "F", Size: 3, Items: 2, Folder: true})
		must(t, g.Begin(files.Entry{Path: "F", Folder: true}, ""))
		add(t, g, "F/x", "x", "new", everything)
		must(t, os.WriteFile(filepath.Join(d.folder, "a.txt"), []byte("old"), 0o644))
		must(t, os.MkdirAll(filepath.Join(d.folder, "F", "mine"), 0o755))
		for _, s := range []files.Sink{f, g} {
			if _, err := s.Finish(); err != nil {
				t.Fatal(err)
			}
			s.Close(true)
		}
	}
	got := all(t, d.folder)
	if want := []string{"F (2)/", "F (2)/x", "F (3)/", "F (3)/x", "F/", "F/mine/", "a (2).txt", "a (3).txt", "a.txt"}; !slices.Equal(names(got), want) {
		t.Errorf("there are %q", names(got))
	}
	if got["a.txt"] != "old" {
		t.Error("written over")
	}
}

// TestC03APartIsGoneOnWith: a program that ends in the middle leaves what is
// whole, and its next run finds it, whatever came after.
func TestC03APartIsGoneOnWith(t *testing.T) {
	data := strings.Repeat("0123456789", 80_000) // four chunks
	file := files.Thing{Name: "big", Size: uint64(len(data)), Items: 1}
	folder := files.Thing{Name: "F", Size: uint64(len(data)) + 3, Items: 4, Folder: true}
	tests := []struct {
		name   string
		thing  files.Thing
		hurt   func(part string) error // the part, before the next run
		items  int
		within bool
		chunks int
	}{
		{"as it is", file, nil, 1, true, 3},
		{"more bytes than the journal knows", file, func(p string) error {
			return os.WriteFile(filepath.Join(p, "data"), []byte(data[:3*wire.MaxChunk]+"torn"), 0o644)
		}, 1, true, 3},
		{"bytes lost", file, func(p string) error { return os.Truncate(filepath.Join(p, "data"), 2*wire.MaxChunk+7) }, 1, true, 2},
		{"bytes changed", file, func(p string) error {
			b := []byte(data[:3*wire.MaxChunk])
			b[wire.MaxChunk]++
			return os.WriteFile(filepath.Join(p, "data"), b, 0o644)
		}, 1, true, 1},
		{"a torn journal", file, func(p string) error {
			info, err := os.Stat(filepath.Join(p, journalName))
			return errors.Join(err, os.Truncate(filepath.Join(p, journalName), info.Size()-5))
		}, 1, true, 2},
		{"a journal of rubbish", file, func(p string) error {
			return os.WriteFile(filepath.Join(p, journalName), []byte("{}\n\x00\n"), 0o600)
		}, 0, false, 0},
		{"no data", file, func(p string) error { return os.Remove(filepath.Join(p, "data")) }, 0, false, 0},
		{"a folder", folder, nil, 4, true, 3},
		{"a folder that lost a file", folder, func(p string) error { return os.Remove(filepath.Join(p, "data", "in", "a")) }, 2, false, 0},
		{"a folder with a file changed", folder, func(p string) error {
			return os.WriteFile(filepath.Join(p, "data", "in", "a"), []byte("xyz"), 0o644)
		}, 3, true, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, _ := newDisk(t)
			s := keep(t, d, tt.thing)
			if tt.thing.Folder {
				must(t, s.Begin(files.Entry{Path: "F", Folder: true}, ""))
				must(t, s.Begin(files.Entry{Path: "F/in", Folder: true}, "in"))
				add(t, s, "F/in/a", "in/a", "abc", everything)
				add(t, s, "F/in/big", "in/big", data, 3)
			} else {
				add(t, s, "big", "", data, 3)
			}
			s.Close(true)
			parts, _ := filepath.Glob(filepath.Join(d.folder, attic, "*"))
			if len(parts) != 1 {
				t.Fatalf("%d parts", len(parts))
			}
			if tt.hurt != nil {
				must(t, tt.hurt(parts[0]))
			}
			s = keep(t, d, tt.thing)
			list, within, sums := s.Kept()
			if len(list) != tt.items || within != tt.within || len(sums) != tt.chunks {
				t.Errorf("kept %d items, within %v, %d chunks", len(list), within, len(sums))
			}
			if tt.items == 1 || tt.items == 4 { // and on
				chunks(t, s, data, len(sums), everything)
				if _, err := s.Finish(); err != nil {
					t.Fatal(err)
				}
				got := all(t, d.folder)
				if got["big"]+got["F/in/big"] != data {
					t.Error("it came out different")
				}
			}
			s.Close(false)
		})
	}
}

func TestC03TwoOfTheSameAtOnceHaveTheirOwnParts(t *testing.T) {
	d, _ := newDisk(t)
	thing := files.Thing{Name: "x", Size: 3, Items: 1}
	a, b := keep(t, d, thing), keep(t, d, thing)
	add(t, a, "x", "", "aaa", everything)
	add(t, b, "x", "", "bbb", everything)
	for _, s := range []files.Sink{a, b} {
		if _, err := s.Finish(); err != nil {
			t.Fatal(err)
		}
		s.Close(true)
	}
	if got := all(t, d.folder); got["x"] != "aaa" || got["x (2)"] != "bbb" || len(got) != 2 {
		t.Errorf("there are %q", got)
	}
}

func TestC03WhatIsCancelledLeavesNothing(t *testing.T) {
	d, _ := newDisk(t)
	thing := files.Thing{Name: "x", Size: 3, Items: 1}
	s := keep(t, d, thing)
	add(t, s, "x", "", "aaa", everything)
	s.Close(false)
	s = keep(t, d, thing) // nothing has come: nothing to be kept
	s.Close(true)
	if got := all(t, d.folder); len(got) != 0 {
		t.Errorf("there are %q", names(got))
	}
}

func TestC03PartsAreKeptForAWeekAndNotWithoutBounds(t *testing.T) {
	d, now := newDisk(t)
	part := func(name string, age time.Duration) files.Thing {
		thing := files.Thing{Name: name, Size: 2 * wire.MaxChunk, Items: 1}
		s := keep(t, d, thing)
		add(t, s, name, "", strings.Repeat(name, 2*wire.MaxChunk), 1)
		journal := filepath.Join(d.folder, s.(*sink).dir, journalName)
		s.Close(true)
		at := now.Add(-age)
		must(t, os.Chtimes(journal, at, at))
		return thing
	}
	part("a", 0)
	busy := keep(t, d, part("b", time.Hour))
	part("c", 2*time.Hour)
	count := func() int {
		parts, _ := filepath.Glob(filepath.Join(d.folder, attic, "*"))
		return len(parts)
	}
	root, err := os.OpenRoot(d.folder)
	must(t, err)
	defer root.Close()
	if d.tidy(root, keptBytes); count() != 3 {
		t.Errorf("%d parts", count())
	}
	*now = now.Add(keptFor - time.Hour - time.Minute) // c is too old then
	if d.tidy(root, keptBytes); count() != 2 {
		t.Errorf("%d parts", count())
	}
	if d.tidy(root, 0); count() != 1 { // only what somebody is at
		t.Errorf("%d parts", count())
	}
	busy.Close(true)
}

func TestC03ADiskThatIsFullSaysSoBefore(t *testing.T) {
	d, _ := newDisk(t)
	old := files.Thing{Name: "old", Size: 2 * wire.MaxChunk, Items: 1}
	s := keep(t, d, old)
	add(t, s, "old", "", strings.Repeat("x", 2*wire.MaxChunk), 1)
	s.Close(true)
	d.free = func(string) (uint64, error) { return 1000 + spare, nil }
	if _, err := d.Keep(t.Context(), files.Thing{Name: "x", Size: 1001, Items: 1}); !errors.Is(err, files.ErrFull) {
		t.Errorf("got %v", err)
	}
	if got := all(t, d.folder); len(got) != 0 {
		t.Errorf("for which parts had to go: %q", names(got))
	}
	s = keep(t, d, files.Thing{Name: "x", Size: 1000, Items: 1})
	s.Close(true)
}

func TestC03ManySmallFilesAndNoneAtAll(t *testing.T) {
	const many = 3000
	root := t.TempDir()
	must(t, os.Mkdir(filepath.Join(root, "F"), 0o755))
	for i := range many {
		must(t, os.WriteFile(filepath.Join(root, "F", fmt.Sprint(i)), []byte{byte(i)}, 0o644))
	}
	d, _ := newDisk(t)
	from, err := d.Open(t.Context(), filepath.Join(root, "F"))
	must(t, err)
	defer from.Close()
	thing, err := d.Look(t.Context(), filepath.Join(root, "F"))
	must(t, err)
	if thing.Items != many+1 || thing.Size != many {
		t.Fatalf("got %+v", thing)
	}
	to := keep(t, d, thing)
	for i, e := range from.Entries() {
		if e.Folder {
			must(t, to.Begin(e, ""))
			continue
		}
		var b [1]byte
		must(t, from.Read(i, b[:], 0))
		add(t, to, e.Path, filepath.Base(e.Path), string(b[:]), everything)
	}
	place, err := to.Finish()
	must(t, err)
	to.Close(true)
	got := all(t, place)
	if len(got) != many {
		t.Errorf("%d files", len(got))
	}
	for i := range many {
		if got[fmt.Sprint(i)] != string([]byte{byte(i)}) {
			t.Fatalf("file %d differs", i)
		}
	}
}

// TestC03WithoutAFolderOfDownloadsWhatIsHereCanBeSent: nobody knows where
// what comes in would be looked for.
func TestC03WithoutAFolderOfDownloadsWhatIsHereCanBeSent(t *testing.T) {
	d, _ := newDisk(t)
	root := t.TempDir()
	d.nobody = errors.New("no home")
	must(t, os.WriteFile(filepath.Join(root, "letter"), []byte("abc"), 0o600))
	if thing, err := d.Look(t.Context(), filepath.Join(root, "letter")); err != nil || thing.Size != 3 {
		t.Errorf("%+v, %v", thing, err)
	}
	if s, err := d.Keep(t.Context(), files.Thing{Name: "letter", Size: 3, Items: 1}); !errors.Is(err, files.ErrUnwritable) || s != nil {
		t.Errorf("%v, %v", s, err)
	}
}
