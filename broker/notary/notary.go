// Package notary makes an organisation's key, signs with it which consoles are
// its reps' (row Z04), and lets consoles read what was said in sessions (row
// T01). A person runs it by hand, on a machine that need not
// be connected to anything. A broker that serves has no way here: it can keep
// and hand out what was signed, and whoever takes it over can't sign.
//
// The key lies in a file that age (https://age-encryption.org/v1) sealed with a
// passphrase, and that can be opened without Handrail, too: age -d FILE.
package notary

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"

	"handrail/shared/secret"
	"handrail/shared/vault"
)

// Errors of Open.
var (
	// ErrPassphrase: the key was sealed with another passphrase.
	ErrPassphrase = errors.New("notary: another passphrase")
	// ErrNoKey: this is no organisation's key, or not all of it.
	ErrNoKey = errors.New("notary: no organisation's key")
)

const (
	// title is the first line of what is sealed; the key's seed (RFC 8032) in
	// base64 is the second.
	title = "handrail organisation key v1\n"

	// work makes one try of a passphrase take about a second (age's default).
	// maxWork bounds what a forged file may cost.
	work    = 18
	maxWork = 20
	longest = 1 << 10 // bytes of what is sealed

	// early lets a certificate hold on machines whose clocks are behind.
	early = 24 * time.Hour
)

// Longest is how long a certificate can hold from now on.
const Longest = secret.MostValid - early

// Key is an organisation's private key.
type Key struct{ private ed25519.PrivateKey }

// New makes a key.
func New() (Key, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("making a key: %w", err)
	}
	return Key{private}, nil
}

// Public is the half that programs know the organisation by.
func (k Key) Public() ed25519.PublicKey { return k.private.Public().(ed25519.PublicKey) }

// Seal writes the key, sealed with a passphrase.
func (k Key) Seal(to io.Writer, passphrase string) error {
	lock, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return fmt.Errorf("using the passphrase: %w", err)
	}
	lock.SetWorkFactor(work)
	w, err := age.Encrypt(to, lock)
	if err != nil {
		return fmt.Errorf("sealing: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s%s\n", title, base64.StdEncoding.EncodeToString(k.private.Seed()))
	if err := errors.Join(err, w.Close()); err != nil { // without Close it is not whole
		return fmt.Errorf("sealing: %w", err)
	}
	return nil
}

// Open reads what Seal wrote. Errors: ErrPassphrase, ErrNoKey.
func Open(from io.Reader, passphrase string) (Key, error) {
	unlock, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return Key{}, fmt.Errorf("using the passphrase: %w", err)
	}
	unlock.SetMaxWorkFactor(maxWork)
	r, err := age.Decrypt(from, unlock)
	var wrong *age.NoIdentityMatchError
	switch {
	case errors.As(err, &wrong):
		return Key{}, ErrPassphrase
	case err != nil:
		return Key{}, fmt.Errorf("%w: %w", ErrNoKey, err)
	}
	text, err := io.ReadAll(io.LimitReader(r, longest))
	if err != nil {
		return Key{}, fmt.Errorf("%w: %w", ErrNoKey, err)
	}
	body, titled := bytes.CutPrefix(text, []byte(title))
	seed, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(body)))
	if !titled || err != nil || len(seed) != ed25519.SeedSize {
		return Key{}, ErrNoKey
	}
	return Key{ed25519.NewKeyFromSeed(seed)}, nil
}

// Certify signs that a console is that of a rep whom customers know by this
// name, for so long from now. Its error is secret.ErrCertificate.
func (k Key) Certify(console ed25519.PublicKey, name string, now time.Time, life time.Duration) ([]byte, error) {
	var serial [8]byte
	rand.Read(serial[:]) // never fails
	now = now.Truncate(time.Second)
	return secret.Certify(k.private, secret.Certificate{
		Serial: binary.BigEndian.Uint64(serial[:]), Key: console, Name: name, From: now.Add(-early), To: now.Add(life),
	})
}

// Records are the key's own rights in what was said in sessions: its record
// key, which consoles seal for.
func (k Key) Records() (vault.RecordKey, error) { return vault.Derive(k.private) }
