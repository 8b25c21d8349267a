package disk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"handrail/shared/files"
)

// maxCopies bounds the numbers behind a name that is taken.
const maxCopies = 10_000

// sink is where a thing that comes in is gathered: in a folder of its own in
// the attic, with the thing itself called data beside its journal.
type sink struct {
	disk    *Disk
	root    *os.Root // the folder of downloads
	thing   files.Thing
	dir     string // in root, of this thing
	journal *journal
	kept    kept

	file    *os.File // the item that has begun, if it is one
	path    string   // its path, below data
	entry   files.Entry
	written int64
	empty   bool // nothing has come yet
	done    bool // Finish was called
}

// Keep makes ready to take a thing in, and finds what an earlier try has left
// of one of the same name, size and number of items. All of it is read again:
// whether it is the same as what is offered now, the two ends find out by its
// sums. Its errors are files.ErrFull, files.ErrUnwritable and the cause of
// ctx's end.
func (d *Disk) Keep(ctx context.Context, t files.Thing) (files.Sink, error) {
	if d.nobody != nil {
		return nil, unwritable("finding the folder of downloads", d.nobody)
	}
	t.Name = files.Clean(t.Name)
	if err := os.MkdirAll(d.folder, 0o755); err != nil {
		return nil, unwritable("making the folder of downloads", err)
	}
	root, err := os.OpenRoot(d.folder)
	if err != nil {
		return nil, unwritable("opening the folder of downloads", err)
	}
	s := &sink{disk: d, root: root, thing: t, empty: true}
	if err := s.claim(); err != nil {
		_ = root.Close()
		return nil, err
	}
	if err := s.restore(ctx); err != nil {
		s.Close(true)
		return nil, err
	}
	if err := d.room(root, t.Size-min(s.kept.bytes, t.Size)); err != nil {
		s.Close(true)
		return nil, err
	}
	return s, nil
}

// claim takes a folder in the attic for this thing: that of an earlier try, if
// nobody is at it now.
func (s *sink) claim() error {
	switch err := s.root.Mkdir(attic, 0o700); {
	case err == nil:
		hide(filepath.Join(s.disk.folder, attic))
	case !isThere(err):
		return unwritable("making the folder for parts", err)
	}
	s.disk.tidy(s.root, keptBytes)
	id := sha256.Sum256(fmt.Appendf(nil, "%d %d %v %s", s.thing.Size, s.thing.Items, s.thing.Folder, s.thing.Name))
	for n := range 2 * keptParts {
		dir := path.Join(attic, hex.EncodeToString(id[:8]))
		if n > 0 {
			dir = fmt.Sprintf("%s-%d", dir, n)
		}
		if err := s.root.Mkdir(dir, 0o700); err != nil && !isThere(err) {
			return unwritable("making a folder for parts", err)
		}
		j, err := openJournal(s.root, path.Join(dir, journalName), s.thing)
		if errors.Is(err, errBusy) {
			continue
		}
		if err != nil {
			return unwritable("opening a journal", err)
		}
		s.dir, s.journal = dir, j
		return nil
	}
	return unwritable("finding a folder for parts", errBusy)
}

// restore finds what is there.
func (s *sink) restore(ctx context.Context) error {
	k, err := s.journal.replay(ctx, func(p string) (*os.File, error) { return s.root.Open(s.data(p)) })
	if err != nil {
		return err
	}
	s.kept = k
	if len(k.list) == 0 {
		return s.Anew()
	}
	s.empty = false
	last := k.list[len(k.list)-1]
	s.entry, s.path = last, k.paths
	if last.Folder {
		return nil
	}
	// The last file may be gone on with, even if it is complete.
	f, err := s.root.OpenFile(s.data(s.path), os.O_RDWR, 0)
	if err != nil {
		return unwritable("opening a part", err)
	}
	s.file, s.written = f, k.within
	if err := f.Truncate(s.written); err != nil {
		return unwritable("shortening a part", err)
	}
	return nil
}

// data is where in root an item is gathered.
func (s *sink) data(p string) string { return path.Join(s.dir, "data", p) }

// Kept is what is there of an earlier try.
func (s *sink) Kept() (list []files.Entry, within bool, sums []files.Sum) {
	k := s.kept
	s.kept = kept{}
	return k.list, k.open, k.sums
}

// Anew throws away what there is.
func (s *sink) Anew() error {
	s.closeFile()
	if err := s.root.RemoveAll(s.data("")); err != nil {
		return unwritable("removing a part", err)
	}
	s.empty, s.path, s.entry = true, "", files.Entry{}
	if err := s.journal.clear(s.thing); err != nil {
		return unwritable("clearing a journal", err)
	}
	return nil
}

// Begin begins an item, or the last one anew.
func (s *sink) Begin(e files.Entry, p string) error {
	s.closeFile()
	s.empty, s.entry, s.path, s.written = false, e, p, 0
	if e.Folder {
		if err := s.root.Mkdir(s.data(p), 0o755); err != nil && !isThere(err) {
			return unwritable("making a folder", err)
		}
	} else {
		f, err := s.root.OpenFile(s.data(p), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
		if err != nil {
			return unwritable("making a file", err)
		}
		s.file = f
	}
	return s.log(record{Item: &item{Entry: e, Place: p}})
}

// Chunk adds to the item.
func (s *sink) Chunk(data []byte, sum files.Sum) error {
	n, err := s.file.WriteAt(data, s.written)
	if err != nil {
		return unwritable("writing", err)
	}
	s.written += int64(n)
	return s.log(record{Sum: sum[:]}) // only what is written is in the journal
}

func (s *sink) log(r record) error {
	if err := s.journal.add(r); err != nil {
		return unwritable("writing a journal", err)
	}
	return nil
}

// End ends the item.
func (s *sink) End() error {
	if !s.thing.Folder { // in a folder it is left to the system, as by every copying program
		if err := s.file.Sync(); err != nil {
			return unwritable("writing", err)
		}
	}
	err := s.file.Close()
	s.file = nil
	if err != nil {
		return unwritable("writing", err)
	}
	mark(filepath.Join(s.disk.folder, filepath.FromSlash(s.data(s.path))))
	if at := time.Unix(s.entry.Modified, 0); s.entry.Modified > 0 && at.Before(s.disk.now().Add(24*time.Hour)) {
		_ = s.root.Chtimes(s.data(s.path), at, at) // not every disk keeps times
	}
	return s.log(record{End: true})
}

// Finish puts the thing into the folder of downloads, under its name or, where
// that is taken, one with a number.
func (s *sink) Finish() (string, error) {
	for n := 1; n <= maxCopies; n++ {
		name := files.Numbered(s.thing.Name, n)
		err := s.take(name)
		if isThere(err) {
			continue
		}
		if err != nil {
			return "", unwritable("putting it in its place", err)
		}
		s.done = true
		return filepath.Join(s.disk.folder, name), nil
	}
	return "", unwritable("putting it in its place", fs.ErrExist)
}

// take moves the thing to a name that is free. The name is taken first, by
// something empty, so that nothing that comes there meanwhile is lost.
func (s *sink) take(name string) error {
	if s.thing.Folder {
		if err := s.root.Mkdir(name, 0o700); err != nil {
			return err
		}
		// No system moves a folder onto what is not an empty folder.
		if s.root.Rename(s.data(""), name) == nil {
			return nil
		}
		if err := s.root.Remove(name); err != nil {
			return err
		}
		return s.root.Rename(s.data(""), name)
	}
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_ = f.Close() // nothing was written
	if err := s.root.Rename(s.data(""), name); err != nil {
		_ = s.root.Remove(name)
		return err
	}
	return nil
}

func (s *sink) closeFile() {
	if s.file != nil {
		_ = s.file.Close() // what counts is in the journal, and is read again
		s.file = nil
	}
}

// Close ends the use of the sink. Without keep nothing stays, nor if nothing
// has come.
func (s *sink) Close(keep bool) {
	s.closeFile()
	if s.journal != nil {
		if !keep || s.done || s.empty {
			s.journal.remove(s.root, s.dir)
		} else {
			s.journal.close()
		}
		s.journal = nil
	}
	_ = s.root.Remove(attic) // if nothing else is in it
	_ = s.root.Close()
}
