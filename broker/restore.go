package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"handrail/broker/archive"
	"handrail/broker/certs"
	"handrail/broker/locks"
	"handrail/broker/store"
	"handrail/shared/words"
)

const (
	// unfinishedFile is in the data folder while a restore is under way. A broker
	// that began with the store alone would make keys of its own: every program
	// would refuse it, and nobody could read what is sealed.
	unfinishedFile = "restore.unfinished"

	// beginning of a backup that holds what is drawn anew for each: salt, MAC and
	// nonce of age, some 200 bytes.
	beginning = 1024
)

// errUnfinished: a restore was cut short, and not of this backup.
var errUnfinished = errors.New("another restore was cut short here")

// restore makes a broker of a backup, in an empty place.
func (c *command) restore(ctx context.Context, args []string) error {
	f, p := c.flags(words.FlagData)
	from := f.String("passphrase-file", "", c.say.Say(words.FlagPassphrase))
	if err := c.parse(f, p, args, 1); err != nil {
		return err
	}
	passphrase, err := passphrase(*from)
	if err != nil {
		return err
	}
	name := f.Arg(0)
	if name == "" {
		return misuse(words.BrokerNeedsBackup)
	}
	file, err := os.Open(name)
	if err != nil {
		return sorry(err, words.BrokerNoBackup, name)
	}
	defer file.Close()
	err = unpack(ctx, file, passphrase, *p)
	var folder *fs.PathError
	switch {
	case errors.Is(err, archive.ErrPassphrase):
		return sorry(nil, words.BrokerWrongPassphrase)
	case errors.Is(err, archive.ErrNoArchive), errors.Is(err, store.ErrNoDump):
		return sorry(err, words.BrokerNoBackup, name)
	case errors.Is(err, errUnfinished):
		return sorry(nil, words.BrokerUnfinished, p.Dir)
	case errors.Is(err, store.ErrNotEmpty):
		return sorry(err, words.BrokerNotEmpty)
	case errors.As(err, &folder):
		return sorry(err, words.BrokerCantKeep, p.Dir)
	case err != nil:
		return storeTrouble(err, *p)
	}
	fmt.Fprintln(c.notice, c.say.Say(words.BrokerRestored))
	return nil
}

// unpack puts everything of a backup in place.
func unpack(ctx context.Context, file io.Reader, passphrase string, p store.Place) error {
	from := bufio.NewReaderSize(file, beginning)
	mark := markOf(from)
	files, dump, err := archive.Read(from, passphrase)
	if err != nil {
		return err
	}
	defer dump.Close()
	for _, step := range (&restoring{place: p, mark: mark, files: files, dump: dump}).steps() {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// restoring is a restore under way. After each step it may be cut short, and
// begin anew with the same backup.
type restoring struct {
	place store.Place
	mark  []byte // tells this backup from all others
	files map[string][]byte
	dump  io.Reader
	again bool // it was cut short before
}

func (r *restoring) steps() []func(context.Context) error {
	return []func(context.Context) error{
		r.begin,
		r.load,
		func(context.Context) error { return certs.Put(r.place.Dir, r.files) },
		func(context.Context) error { return locks.Put(r.place.Dir, r.files) },
		r.end,
	}
}

// markOf tells a backup by how it begins.
func markOf(backup *bufio.Reader) []byte {
	begins, _ := backup.Peek(beginning) // one that is shorter, or can't be read, is found to be so
	sum := sha256.Sum256(begins)
	return hex.AppendEncode(nil, sum[:])
}

// begin makes sure that the place is empty, or holds what an earlier restore of
// the same backup has left, and marks it.
func (r *restoring) begin(ctx context.Context) error {
	there, err := certs.Kept(r.place.Dir)
	if err == nil {
		err = locks.Kept(r.place.Dir, there)
	}
	if err != nil {
		return err
	}
	restored, err := r.restored(ctx)
	if err != nil {
		return err
	}
	path := filepath.Join(r.place.Dir, unfinishedFile)
	mark, err := os.ReadFile(path)
	r.again = err == nil
	empty := restored == nil && len(there) == 0
	switch {
	case r.again && bytes.Equal(mark, r.mark):
		return nil
	case r.again && !empty:
		return errUnfinished
	case !r.again && !errors.Is(err, fs.ErrNotExist):
		return err
	case !empty:
		return store.ErrNotEmpty
	}
	if err := makeFolder(r.place.Dir); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(r.mark)
	return errors.Join(err, f.Sync(), f.Close(), syncFolder(r.place.Dir))
}

// load fills the store, unless that was done before. Where the backup is not
// whole the place is as it was.
func (r *restoring) load(ctx context.Context) error {
	restored, err := r.restored(ctx)
	if err == nil && bytes.Equal(restored, r.mark) {
		return nil
	}
	if err == nil {
		err = store.Load(ctx, r.place, r.dump, settingRestored, r.mark)
	}
	if err == nil || r.again {
		return err
	}
	// One that failed at its last moment may be there all the same.
	restored, unsure := r.restored(context.WithoutCancel(ctx))
	if unsure == nil && !bytes.Equal(restored, r.mark) {
		return errors.Join(err, r.unmark())
	}
	return errors.Join(err, unsure)
}

// restored tells of which backup the store is; nothing where there is no store,
// and no bytes for one that was never restored.
func (r *restoring) restored(ctx context.Context) ([]byte, error) {
	mark, err := store.Peek(ctx, r.place, settingRestored)
	if errors.Is(err, store.ErrNothingKept) {
		return nil, nil
	}
	return append([]byte{}, mark...), err
}

// end is when everything is in place, and on the disk.
func (r *restoring) end(context.Context) error {
	if err := syncFolder(r.place.Dir); err != nil {
		return err
	}
	return r.unmark()
}

func (r *restoring) unmark() error {
	return errors.Join(os.Remove(filepath.Join(r.place.Dir, unfinishedFile)), syncFolder(r.place.Dir))
}

// finished says what to do where a restore was cut short.
func finished(p store.Place) error {
	if _, err := os.Lstat(filepath.Join(p.Dir, unfinishedFile)); err == nil {
		return sorry(nil, words.BrokerUnfinished, p.Dir)
	}
	return nil // whether the folder can be used at all is found out by who opens it
}

// openFinished opens a store that no restore is at work on: before, so that a
// place where one has only begun stays empty, and afterwards, for one that has
// begun meanwhile.
func openFinished(ctx context.Context, p store.Place, open func(context.Context, store.Place) (*store.Store, error)) (*store.Store, error) {
	if err := finished(p); err != nil {
		return nil, err
	}
	s, err := open(ctx, p)
	if err != nil {
		return nil, storeTrouble(err, p)
	}
	if err := finished(p); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// makeFolder makes a folder, for this user's eyes only, that a power cut doesn't
// take away.
func makeFolder(dir string) error {
	var above []string
	for d := filepath.Clean(dir); ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		above = append(above, filepath.Dir(d))
	}
	err := os.MkdirAll(dir, 0o700)
	for _, d := range above {
		err = errors.Join(err, syncFolder(d))
	}
	return err
}

// syncFolder has what was made and removed in a folder survive a power cut.
// Windows sees to it by itself, as do file systems that know no such request.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err = f.Sync(); errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, f.Close())
}
