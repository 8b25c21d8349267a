// Package prefs keeps what a program remembers about its user between runs:
// small settings as JSON and the console's private key, each in a file of its
// own that only this user may read.
package prefs

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
)

// Store is one folder of remembered things. The zero Store has none: it knows
// nothing and keeps nothing.
type Store struct{ dir string }

// ErrNowhere says that a Store has no folder.
var ErrNowhere = errors.New("prefs: no folder to keep anything in")

// Open is the store of a program, such as "console", in the user's settings;
// dir, when not empty, is used instead.
func Open(program, dir string) (Store, error) {
	if dir == "" {
		user, err := os.UserConfigDir()
		if err != nil {
			return Store{}, fmt.Errorf("looking for the settings folder: %w", err)
		}
		dir = filepath.Join(user, "handrail", program)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Store{}, fmt.Errorf("making the settings folder: %w", err)
	}
	return Store{dir}, nil
}

// Load fills what v points to from the named settings. Settings that are
// missing or spoilt, even in part, leave it as it is: nobody should be kept
// from getting help by a broken file.
func (s Store) Load(name string, v any) {
	if s.dir == "" {
		return
	}
	b, err := os.ReadFile(filepath.Join(s.dir, name+".json"))
	if err != nil {
		return
	}
	// A copy, because values in front of a wrong one would stay.
	to := reflect.ValueOf(v).Elem()
	whole := reflect.New(to.Type())
	whole.Elem().Set(to)
	if json.Unmarshal(b, whole.Interface()) == nil {
		to.Set(whole.Elem())
	}
}

// Save writes the named settings, whole or not at all.
func (s Store) Save(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("saving %s: %w", name, err)
	}
	return s.write(name+".json", b, os.Rename)
}

const keyFile, keyType = "key.pem", "HANDRAIL CONSOLE KEY"

// Key is the console's private key, made the first time it is asked for, by
// whichever of two consoles comes first. It never leaves this folder. A key
// that can't be read is an error and is never replaced: it may be the only one
// that the broker knows.
func (s Store) Key() (ed25519.PrivateKey, error) {
	if s.dir == "" {
		return nil, fmt.Errorf("reading the console's key: %w", ErrNowhere)
	}
	key, err := s.readKey()
	if errors.Is(err, fs.ErrNotExist) {
		if err = s.makeKey(); err == nil {
			key, err = s.readKey()
		}
	}
	return key, err
}

func (s Store) readKey() (ed25519.PrivateKey, error) {
	path := filepath.Join(s.dir, keyFile)
	b, err := os.ReadFile(path)
	if err == nil {
		err = closeToOthers(path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the console's key: %w", err)
	}
	block, _ := pem.Decode(b)
	if block == nil || block.Type != keyType || len(block.Bytes) != ed25519.SeedSize {
		return nil, fmt.Errorf("reading the console's key: %s is damaged", path)
	}
	return ed25519.NewKeyFromSeed(block.Bytes), nil
}

// closeToOthers makes a file this user's alone again, such as after it was
// copied from a backup. On Windows the folder's access list does that.
func closeToOthers(path string) error {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return os.Chmod(path, 0o600)
}

func (s Store) makeKey() error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("making the console's key: %w", err)
	}
	return s.write(keyFile, pem.EncodeToMemory(&pem.Block{Type: keyType, Bytes: key.Seed()}), keep)
}

// write puts a file in place in one step, by keep or by os.Rename, which takes
// the place of an older file on Windows, too.
func (s Store) write(name string, b []byte, place func(from, to string) error) (err error) {
	if s.dir == "" {
		return fmt.Errorf("saving %s: %w", name, ErrNowhere)
	}
	f, err := os.CreateTemp(s.dir, name+".*") // for this user alone
	if err != nil {
		return fmt.Errorf("saving %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("saving %s: %w", name, err), os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return place(f.Name(), filepath.Join(s.dir, name))
}

// keep moves a file to where none is yet. One that is there already stays, and
// that is no error.
func keep(from, to string) error {
	switch err := os.Link(from, to); {
	case err == nil, errors.Is(err, fs.ErrExist):
		return os.Remove(from)
	}
	return os.Rename(from, to) // a file system without links
}
