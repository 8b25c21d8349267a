// Package disk reads what a person offers from this machine's disk, and writes
// what comes in where downloads go.
//
// What comes in is gathered in a hidden folder beside its place, with a journal
// of what is there, and moved into its place when it is complete and right. It
// is never marked as executable: what came over a support session must not run
// by one click, and who wants it to knows how to mark it.
package disk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"handrail/shared/files"
)

// Bounds of what is kept of transfers that did not come to their end.
const (
	keptFor   = 7 * 24 * time.Hour
	keptBytes = 16 << 30
	keptParts = 32
	// spare is what has to stay free on the disk beside what comes in.
	spare = 16 << 20
)

// attic is the hidden folder in which things are gathered.
const attic = ".handrail-part"

// Disk is this machine's disk, as far as files cross. Its methods may be
// called from any goroutine.
type Disk struct {
	folder string
	nobody error // why nobody knows the folder
	now    func() time.Time
	free   func(folder string) (uint64, error)
}

// New makes a disk that puts what comes in into a folder, which is made when it
// is needed.
func New(folder string) *Disk { return &Disk{folder: folder, now: time.Now, free: free} }

// Mine puts what comes in where the person of this machine expects it, which is
// where browsers put it. If that can't be found out nothing can come in, but
// what is there can be sent.
func Mine() *Disk {
	folder, err := downloads()
	d := New(folder)
	d.nobody = err
	return d
}

// Look looks through what a person wants to offer. Its errors are
// files.ErrUnreadable, files.ErrTooMuch and the cause of ctx's end.
func (d *Disk) Look(ctx context.Context, place string) (files.Thing, error) {
	s, err := d.open(ctx, place)
	if err != nil {
		return files.Thing{}, err
	}
	defer s.Close()
	return s.thing, nil
}

// unreadable and unwritable say for both sides what went wrong, and for the log
// why.
func unreadable(doing string, err error) error {
	return fmt.Errorf("%w: %s: %w", files.ErrUnreadable, doing, err)
}

func unwritable(doing string, err error) error {
	if full(err) {
		return fmt.Errorf("%w: %s: %w", files.ErrFull, doing, err)
	}
	return fmt.Errorf("%w: %s: %w", files.ErrUnwritable, doing, err)
}

// home is ~/name.
func home(name string) (string, error) {
	h, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(h, name), nil
}

// isThere says whether an error is that a name is taken.
func isThere(err error) bool { return errors.Is(err, os.ErrExist) }
