package locks

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"handrail/broker/people"
)

// Token draws a secret of 256 bits for a cookie, a link or a program, and what
// is kept of it. That many can't be guessed, so a plain hash is safe to keep.
func Token() (token string, hash [sha256.Size]byte) {
	b := make([]byte, 32)
	fill(b)
	token = base64.RawURLEncoding.EncodeToString(b)
	return token, TokenHash(token)
}

// TokenHash is what is kept of a token.
func TokenHash(token string) [sha256.Size]byte { return sha256.Sum256([]byte(token)) }

// Same compares two secrets in a time that tells nothing but their lengths.
func Same(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// TOTP after RFC 6238, as all authenticator apps have it: SHA-1, six digits, 30
// seconds.
const (
	totpPeriod = 30 // seconds
	totpSecret = 20 // bytes, RFC 4226 section 4
	totpDrift  = 1  // steps that a clock may be wrong, each way
)

var totpOptions = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// NewTOTP draws a secret.
func NewTOTP() []byte {
	secret := make([]byte, totpSecret)
	fill(secret)
	return secret
}

// TOTPAddress is the otpauth address of a secret, which an app reads as a QR
// code. It holds the secret: it is shown once and never logged.
func TOTPAddress(organisation, account string, secret []byte) (string, error) {
	plain := strings.NewReplacer(":", " ")
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: plain.Replace(organisation), AccountName: plain.Replace(account), Secret: secret, Period: totpPeriod,
	})
	if err != nil {
		return "", fmt.Errorf("writing the address of a TOTP secret: %w", err)
	}
	return key.URL(), nil
}

// TOTPText is a secret as apps take it that can't read QR codes.
func TOTPText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// CheckTOTP looks for the step of a code: now's, or one beside it for clocks
// that are wrong. Steps up to last are over: a code works once. The caller keeps
// the step before anything is opened (store.StepTOTP).
func CheckTOTP(secret []byte, code string, last int64, now time.Time) (step int64, right bool) {
	code = strings.Join(strings.Fields(code), "")
	at := now.Unix() / totpPeriod
	text := TOTPText(secret)
	for s := at - totpDrift; s <= at+totpDrift; s++ {
		want, err := hotp.GenerateCodeCustom(text, uint64(max(s, 0)), totpOptions)
		if same := err == nil && Same([]byte(want), []byte(code)); same && s > last && !right {
			step, right = s, true
		}
	}
	return step, right
}

// RecoveryCodes is how many a rep gets.
const RecoveryCodes = 10

// NewRecoveryCodes draws codes of 75 bits such as 7K2PX-0M4QD-ZZT18, and what is
// kept of them.
func NewRecoveryCodes() (codes []string, hashes [][sha256.Size]byte) {
	for range RecoveryCodes {
		code, err := people.NewCode(rand.Reader, 15, 5)
		if err != nil {
			panic(err) // the system's source doesn't fail, see fill
		}
		codes, hashes = append(codes, code), append(hashes, people.CodeHash(code))
	}
	return codes, hashes
}

const sealName = "seal.key"

// ErrSeal: what was sealed was changed, or belongs to another key or rep.
var ErrSeal = errors.New("locks: the seal doesn't hold")

// Sealer seals what the broker must be able to read again, TOTP secrets, with
// AES-256-GCM under a key that is in a file beside the database and never in
// it: who gets hold of the database alone makes no codes. Several brokers on
// one database share that file, like the certificate's key.
type Sealer struct {
	aead  cipher.AEAD
	names []byte
}

// OpenSealer reads the key in a data folder, and makes it where it is missing.
func OpenSealer(dir string) (*Sealer, error) {
	path := filepath.Join(dir, sealName)
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the key of seals: %w", err)
	}
	return NewSealer(key)
}

// KeptSealer is the sealer of what Kept has added; nil where that was nothing.
func KeptSealer(files map[string][]byte) (*Sealer, error) {
	key, ok := files[sealName]
	if !ok {
		return nil, nil
	}
	return NewSealer(key)
}

// makeKey writes a new key whole, then gives it its name. If another process
// was first, its key is the key.
func makeKey(path string) ([]byte, error) {
	key := make([]byte, 32)
	fill(key)
	err := writeKey(filepath.Dir(path), key, func(whole string) error { return os.Link(whole, path) })
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// writeKey writes a key to the disk, for this user's eyes only, and has it
// named when it is whole.
func writeKey(dir string, key []byte, name func(whole string) error) error {
	f, err := os.CreateTemp(dir, sealName+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails, rightly, when it was renamed
	_, err = f.Write(key)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return name(f.Name())
}

// Kept adds the key's file, if there is one, to those of a backup.
func Kept(dir string, files map[string][]byte) error {
	key, err := os.ReadFile(filepath.Join(dir, sealName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("reading the key of seals: %w", err)
	}
	files[sealName] = key
	return nil
}

// Put puts back what Kept added, for this user's eyes only, in a folder that is
// there. It is on the disk when the folder is. Other names are none of this
// package's.
func Put(dir string, files map[string][]byte) error {
	key, ok := files[sealName]
	if !ok {
		return nil
	}
	if err := writeKey(dir, key, func(whole string) error { return os.Rename(whole, filepath.Join(dir, sealName)) }); err != nil {
		return fmt.Errorf("putting the key of seals back: %w", err)
	}
	return nil
}

// NewSealer makes a sealer of 32 random bytes; with others ErrSeal.
func NewSealer(key []byte) (*Sealer, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("%w: %d bytes are no key", ErrSeal, len(key))
	}
	block, err := aes.NewCipher(derive(key, "handrail seals v1"))
	if err != nil {
		return nil, fmt.Errorf("making a sealer: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making a sealer: %w", err)
	}
	return &Sealer{aead: aead, names: derive(key, "handrail subjects v1")}, nil
}

func derive(key []byte, label string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(label))
	return m.Sum(nil)
}

// Seal seals a rep's secret.
func (s *Sealer) Seal(rep uint64, secret []byte) []byte {
	return s.aead.Seal(nil, nil, secret, binary.BigEndian.AppendUint64(nil, rep))
}

// Open gives it back; else ErrSeal.
func (s *Sealer) Open(rep uint64, sealed []byte) ([]byte, error) {
	secret, err := s.aead.Open(nil, nil, sealed, binary.BigEndian.AppendUint64(nil, rep))
	if err != nil {
		return nil, ErrSeal
	}
	return secret, nil
}

// Subject is what is kept of a name or an address that tries to sign in: kind
// says which. Without the key nobody can tell who it was.
func (s *Sealer) Subject(kind, value string) [sha256.Size]byte {
	m := hmac.New(sha256.New, s.names)
	fmt.Fprintf(m, "%d:%s%s", len(kind), kind, value)
	return [sha256.Size]byte(m.Sum(nil))
}
