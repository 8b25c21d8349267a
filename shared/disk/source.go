package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"handrail/shared/files"
	"handrail/shared/wire"
)

// source is a thing that is being sent.
type source struct {
	root  *os.Root // the thing, or the folder in which the file is
	thing files.Thing
	list  []files.Entry
	local []string // the items' paths in root

	file *os.File // of item open
	open int
}

// Open looks through what is at a place. What is neither file nor folder is
// left out and counted: links lead elsewhere, and devices have no end. Its
// errors are Look's.
func (d *Disk) Open(ctx context.Context, place string) (files.Source, error) {
	s, err := d.open(ctx, place)
	if err != nil {
		return nil, err // not s: a Source that is no source would not be nil
	}
	return s, nil
}

func (d *Disk) open(ctx context.Context, place string) (*source, error) {
	place, err := filepath.Abs(place)
	if err != nil {
		return nil, unreadable("finding it", err)
	}
	info, err := os.Stat(place) // a link that a person chose means what it leads to
	if err != nil {
		return nil, unreadable("finding it", err)
	}
	s := &source{thing: files.Thing{Place: place, Name: title(place), Folder: info.IsDir()}, open: -1}
	up := place
	if !info.IsDir() {
		if place, err = filepath.EvalSymlinks(place); err != nil {
			return nil, unreadable("finding it", err)
		}
		up = filepath.Dir(place)
	}
	if s.root, err = os.OpenRoot(up); err != nil {
		return nil, unreadable("opening it", err)
	}
	if info.IsDir() {
		err = s.walk(ctx)
	} else {
		if info.Mode().IsRegular() {
			err = s.add(s.thing.Name, filepath.Base(place), info)
		} else {
			err = unreadable("opening it", errors.New("not a file"))
		}
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	s.thing.Items = uint32(len(s.list))
	return s, nil
}

// walk lists a folder with all that is in it, by name, so that it looks the
// same another time.
func (s *source) walk(ctx context.Context) error {
	return fs.WalkDir(s.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return unreadable("looking through it", err)
		case name == attic || strings.HasSuffix(name, "/"+attic):
			return fs.SkipDir // ours
		case !e.IsDir() && !e.Type().IsRegular():
			s.thing.Skipped++
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return unreadable("looking through it", err)
		}
		return s.add(path.Join(s.thing.Name, spelt(name)), name, info)
	})
}

// add takes an item into the list.
func (s *source) add(name, local string, info fs.FileInfo) error {
	e := files.Entry{Path: name, Modified: info.ModTime().Unix(), Folder: info.IsDir()}
	if !e.Folder {
		e.Size, e.Executable = uint64(max(info.Size(), 0)), info.Mode()&0o111 != 0
	}
	if len(s.list) == wire.MaxItems || e.Size > wire.MaxSize-s.thing.Size ||
		len(name) > wire.MaxPath || strings.Count(name, "/") >= files.MaxDepth {
		return fmt.Errorf("%w: %d items, %d bytes", files.ErrTooMuch, len(s.list), s.thing.Size)
	}
	s.list, s.local = append(s.list, e), append(s.local, local)
	s.thing.Size += e.Size
	return nil
}

// spelt makes a name fit to be sent: Linux lets names be any bytes.
func spelt(name string) string {
	return strings.Map(func(r rune) rune {
		if r == 0 {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
}

// title is what a thing is called: a whole disk has no name of its own.
func title(place string) string {
	name := spelt(filepath.Base(place))
	if strings.Trim(name, `/\.:`) == "" {
		return "disk"
	}
	return name
}

// Entries are the items, a folder before what is in it.
func (s *source) Entries() []files.Entry { return s.list }

// Read fills p with what an item has from a byte on. files.ErrChanged means
// that it isn't what Entries said any more.
func (s *source) Read(item int, p []byte, from int64) error {
	if item != s.open {
		if err := s.openFile(item); err != nil {
			return err
		}
	}
	switch _, err := s.file.ReadAt(p, from); {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it became shorter", files.ErrChanged)
	case err != nil:
		return unreadable("reading", err)
	}
	if uint64(from)+uint64(len(p)) == s.list[item].Size { // all of it was of the same
		return s.same(item)
	}
	return nil
}

func (s *source) openFile(item int) error {
	s.closeFile()
	f, err := s.root.OpenFile(s.local[item], os.O_RDONLY|dontWait, 0)
	if err != nil {
		return unreadable("opening", err)
	}
	s.file, s.open = f, item
	return s.same(item)
}

// same says whether the open file still is what was listed.
func (s *source) same(item int) error {
	info, err := s.file.Stat()
	if err != nil {
		return unreadable("reading", err)
	}
	e := s.list[item]
	if !info.Mode().IsRegular() || uint64(info.Size()) != e.Size || info.ModTime().Unix() != e.Modified {
		return fmt.Errorf("%w: size or time", files.ErrChanged)
	}
	return nil
}

func (s *source) closeFile() {
	if s.file != nil {
		_ = s.file.Close() // only read
		s.file, s.open = nil, -1
	}
}

// Close lets go of the thing.
func (s *source) Close() {
	s.closeFile()
	_ = s.root.Close()
}
