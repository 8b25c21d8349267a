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
)

// Store is one folder of remembered things.
type Store struct{ dir string }

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

// Load fills v from the named settings. Settings that are missing or spoilt
// leave v as it is: nobody should be kept from getting help by a broken file.
func (s Store) Load(name string, v any) {
	b, err := os.ReadFile(filepath.Join(s.dir, name+".json"))
	if err == nil {
		_ = json.Unmarshal(b, v)
	}
}

// Save writes the named settings, whole or not at all.
func (s Store) Save(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("saving %s: %w", name, err)
	}
	return s.write(name+".json", b)
}

const keyFile, keyType = "key.pem", "HANDRAIL CONSOLE KEY"

// Key is the console's private key, made the first time it is asked for. It
// never leaves this folder.
func (s Store) Key() (ed25519.PrivateKey, error) {
	b, err := os.ReadFile(filepath.Join(s.dir, keyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s.makeKey()
	}
	if err != nil {
		return nil, fmt.Errorf("reading the console's key: %w", err)
	}
	block, _ := pem.Decode(b)
	if block == nil || block.Type != keyType || len(block.Bytes) != ed25519.SeedSize {
		return nil, fmt.Errorf("reading the console's key: %s is damaged", filepath.Join(s.dir, keyFile))
	}
	return ed25519.NewKeyFromSeed(block.Bytes), nil
}

func (s Store) makeKey() (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the console's key: %w", err)
	}
	return key, s.write(keyFile, pem.EncodeToMemory(&pem.Block{Type: keyType, Bytes: key.Seed()}))
}

// write puts a file in place in one step.
func (s Store) write(name string, b []byte) (err error) {
	f, err := os.CreateTemp(s.dir, name+".*")
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
	return os.Rename(f.Name(), filepath.Join(s.dir, name))
}
