package lobby

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Rep is a rep as the administrator listed one.
type Rep struct {
	ID        uint64
	Name      string
	PublicKey []byte // Ed25519, of the rep's console
	Created   time.Time
	Revoked   time.Time // zero while the rep may sign in
}

// Errors of whoever keeps the list of reps.
var (
	ErrBadCode = errors.New("lobby: enrolment code wrong, used or expired")
	ErrNoRep   = errors.New("lobby: no such rep")
)

// EnrolmentLife is how long a new enrolment code can be used.
const EnrolmentLife = 24 * time.Hour

// codeLetters has no I, L, O and U, so that a code survives being read out and
// copied by hand (Crockford's base 32).
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewCode draws a one-time enrolment code of 100 bits, in groups of five.
// That many can't be guessed, so a plain hash of it is safe to keep.
func NewCode(random io.Reader) (string, error) {
	const letters, group = 20, 5
	b := make([]byte, letters)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("lobby: drawing a code: %w", err)
	}
	var code strings.Builder
	for i, x := range b {
		if i > 0 && i%group == 0 {
			code.WriteByte('-')
		}
		code.WriteByte(codeLetters[x%32])
	}
	return code.String(), nil
}

// CodeHash is what is kept of a code. Case, spaces, hyphens and the letters
// that look like digits do not matter.
func CodeHash(code string) [sha256.Size]byte {
	plain := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\n', '\r':
			return -1
		case 'O', 'o':
			return '0'
		case 'I', 'i', 'L', 'l':
			return '1'
		}
		return r
	}, code)
	return sha256.Sum256([]byte(strings.ToUpper(plain)))
}
