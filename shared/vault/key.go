package vault

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"

	"handrail/shared/secret"
	"handrail/shared/wire"
)

// RecordKey is an organisation's record key, both halves. It exists where the
// organisation's key is, and nowhere else.
type RecordKey struct {
	private []byte
	by      *age.X25519Identity
	signed  []byte
}

// Derive makes an organisation's record key of the key that signs its reps'
// certificates (HKDF-SHA-256 of its seed, RFC 5869): so there is one key to
// keep, and none to lose besides.
func Derive(organisation ed25519.PrivateKey) (RecordKey, error) {
	private, err := hkdf.Key(sha256.New, organisation.Seed(), nil, keyLabel, recordKeySize)
	if err != nil {
		return RecordKey{}, fmt.Errorf("deriving the record key: %w", err)
	}
	by, err := identity(private)
	if err != nil {
		return RecordKey{}, fmt.Errorf("deriving the record key: %w", err)
	}
	half, err := ecdh.X25519().NewPrivateKey(private)
	if err != nil {
		return RecordKey{}, fmt.Errorf("deriving the record key: %w", err)
	}
	b := append([]byte{keyVersion}, half.PublicKey().Bytes()...)
	return RecordKey{private, by, append(b, secret.Sign(organisation, keyLabel, b)...)}, nil
}

// Signed is the public half with the organisation's signature, as Check takes
// it.
func (k RecordKey) Signed() []byte { return k.signed }

// Reader opens everything that was sealed for the key.
func (k RecordKey) Reader() Reader { return Reader{[]age.Identity{k.by}} }

// Grant seals the private half for a console, whose rep can then read what all
// consoles have sealed, for as long as the grant is kept anywhere.
func (k RecordKey) Grant(console ed25519.PublicKey) ([]byte, error) {
	key, err := ssh.NewPublicKey(console)
	if err != nil {
		return nil, fmt.Errorf("granting: %w", err)
	}
	to, err := agessh.NewEd25519Recipient(key)
	if err != nil {
		return nil, fmt.Errorf("granting: %w", err)
	}
	return seal(k.private, to)
}

// granted opens a grant.
func granted(grant []byte, console ed25519.PrivateKey) (*age.X25519Identity, error) {
	if len(grant) > wire.MaxGrant {
		return nil, ErrNoGrant
	}
	me, err := agessh.NewEd25519Identity(console)
	if err != nil {
		return nil, err
	}
	private, err := unseal(grant, recordKeySize, me)
	if err != nil {
		return nil, err
	}
	return identity(private)
}

// age takes keys in the spelling that people exchange them in, and no other.

func identity(private []byte) (*age.X25519Identity, error) {
	return age.ParseX25519Identity(strings.ToUpper(bech32("age-secret-key-", private)))
}

func recipient(public []byte) (*age.X25519Recipient, error) {
	return age.ParseX25519Recipient(bech32("age", public))
}
