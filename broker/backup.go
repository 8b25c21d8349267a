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
	"time"

	"handrail/broker/archive"
	"handrail/broker/locks"
	"handrail/broker/store"
	"handrail/shared/words"
)

const (
	shortestPassphrase = 12
	longestPassphrase  = 1024 // bytes of its file
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
		files, elsewhere, err := keys(ctx, s, p.Dir)
		if err != nil {
			return err
		}
		err = writeNew(to, func(w io.Writer) error {
			// Whoever has it has everything, so the log knows of it, and the backup, too.
			if err := s.Note(ctx, 0, "backup.make", "everything", time.Now()); err != nil {
				return err
			}
			return archive.Write(w, passphrase, files, func(w io.Writer) error { return s.Dump(ctx, w) })
		})
		switch {
		case errors.Is(err, fs.ErrExist):
			return misuse(words.BrokerBackupThere, to)
		case err != nil:
			return sorry(err, words.BrokerCantBackUp, to)
		}
		fmt.Fprintln(c.notice, c.say.Say(words.BrokerBackedUp, to))
		if elsewhere {
			fmt.Fprintln(c.notice, c.say.Say(words.BrokerKeyElsewhere))
		}
		return nil
	})
}

// keys gives the files of a data folder that make a broker of its store, and
// whether the key by which programs know it is elsewhere: in files of --cert. A
// backup with other keys, or none, would show what it is worth when it is needed.
func keys(ctx context.Context, s *store.Store, dir string) (files map[string][]byte, elsewhere bool, err error) {
	known, err := s.Setting(ctx, settingPin)
	if err != nil {
		return nil, false, err
	}
	sealed, err := s.Setting(ctx, settingSeal)
	if err != nil {
		return nil, false, err
	}
	files, pin, err := ownKey(dir)
	if err != nil {
		return nil, false, err
	}
	if err := locks.Kept(dir, files); err != nil {
		return nil, false, sorry(err, words.BrokerCantKeep, dir)
	}
	sealer, err := locks.KeptSealer(files)
	if err != nil {
		return nil, false, sorry(err, words.BrokerBadSeal, dir)
	}
	if sealer == nil {
		return nil, false, sorry(nil, words.BrokerOtherSeal, dir)
	}
	if sealed != nil { // by a broker that kept something to recognise it by
		if _, err := sealer.Open(0, sealed); err != nil {
			return nil, false, sorry(err, words.BrokerOtherSeal, dir)
		}
	}
	return files, pin != string(known), nil
}

// passphrase reads what seals a backup; "-" is standard input.
func passphrase(name string) (string, error) {
	if name == "" {
		return "", misuse(words.BrokerNeedsPassphrase)
	}
	b, err := readFile(name, longestPassphrase)
	if err != nil {
		return "", sorry(err, words.BrokerNoPassphrase, name)
	}
	text := strings.TrimRight(string(b), "\r\n")
	if len(text) < shortestPassphrase {
		return "", sorry(nil, words.BrokerShortPassphrase, shortestPassphrase)
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
	if err := rename(f.Name(), name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(name))
}

// hardLink is os.Link; a test takes it away.
var hardLink = os.Link

// rename gives a file its name, which must be free. Two commands at once may
// both have found it so, and a rename takes the place of what is there.
func rename(from, name string) error {
	err := hardLink(from, name)
	if err == nil {
		return os.Remove(from)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	// A memory stick may know no links. There the name is taken first, so that a
	// command that is killed in between leaves an empty file.
	taken, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err = errors.Join(taken.Close(), os.Rename(from, name)); err != nil {
		_ = os.Remove(name) // empty, and ours
	}
	return err
}
