package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"handrail/broker/archive"
	"handrail/broker/certs"
	"handrail/broker/locks"
	"handrail/broker/store"
	"handrail/shared/words"
)

const (
	shortestPassphrase = 12
	longestPassphrase  = 1024 // bytes that are read of its file
)

// backup writes everything that makes this broker into one sealed file, while
// it runs.
func (c *command) backup(ctx context.Context, args []string) error {
	f, p := c.flags(words.FlagDataKept)
	from := f.String("passphrase-file", "", c.say.Say(words.FlagPassphrase))
	return c.withKept(ctx, f, p, args, 1, func(s *store.Store) error {
		passphrase, err := passphrase(*from)
		if err != nil {
			return err
		}
		to := f.Arg(0)
		if to == "" {
			return misuse(words.BrokerNeedsBackup)
		}
		files, err := certs.Kept(p.Dir)
		if err != nil {
			return sorry(err, words.BrokerBadOwnCert, p.Dir)
		}
		if err := locks.Kept(p.Dir, files); err != nil {
			return sorry(err, words.BrokerCantKeep, p.Dir)
		}
		err = writeNew(to, func(w io.Writer) error {
			return archive.Write(w, passphrase, files, func(w io.Writer) error { return s.Dump(ctx, w) })
		})
		switch {
		case errors.Is(err, fs.ErrExist):
			return misuse(words.BrokerBackupThere, to)
		case err != nil:
			return sorry(err, words.BrokerCantBackUp, to)
		}
		fmt.Fprintln(c.notice, c.say.Say(words.BrokerBackedUp, to))
		return nil
	})
}

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
	switch {
	case errors.Is(err, archive.ErrPassphrase):
		return sorry(nil, words.BrokerWrongPassphrase)
	case errors.Is(err, archive.ErrNoArchive), errors.Is(err, store.ErrNoDump):
		return sorry(err, words.BrokerNoBackup, name)
	case errors.Is(err, store.ErrNotEmpty), errors.Is(err, fs.ErrExist):
		return sorry(err, words.BrokerNotEmpty)
	case err != nil:
		return storeTrouble(err, *p)
	}
	fmt.Fprintln(c.notice, c.say.Say(words.BrokerRestored))
	return nil
}

// unpack puts the store back before the files: without a store the place still
// counts as empty.
func unpack(ctx context.Context, file io.Reader, passphrase string, p store.Place) error {
	files, dump, err := archive.Read(file, passphrase)
	if err != nil {
		return err
	}
	defer dump.Close()
	if kept, err := certs.Kept(p.Dir); err != nil || len(kept) > 0 {
		return errors.Join(fs.ErrExist, err)
	}
	if err := store.Load(ctx, p, dump); err != nil {
		return err
	}
	return errors.Join(certs.Put(p.Dir, files), locks.Put(p.Dir, files))
}

// passphrase reads what seals a backup; "-" is standard input.
func passphrase(name string) (string, error) {
	if name == "" {
		return "", misuse(words.BrokerNeedsPassphrase)
	}
	from := os.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return "", sorry(err, words.BrokerNoPassphrase, name)
		}
		defer f.Close()
		from = f
	}
	b, err := io.ReadAll(io.LimitReader(from, longestPassphrase))
	text := strings.TrimRight(string(b), "\r\n")
	if err != nil || len(text) < shortestPassphrase {
		return "", sorry(err, words.BrokerShortPassphrase, shortestPassphrase)
	}
	return text, nil
}

// writeNew writes a file for this user's eyes that is whole or not there. One
// that is there already stays.
func writeNew(name string, write func(io.Writer) error) (err error) {
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%s: %w", name, fs.ErrExist)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".backup-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the first error tells more
		}
	}()
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
