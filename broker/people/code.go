package people

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// A code is a secret that people read, copy and type: with it a rep enrols, the
// first administrator comes in, a console is recognised, a lost second factor
// is done without.

// codeLetters has no I, L, O and U, so that a code survives being read out and
// copied by hand (Crockford's base 32).
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewCode draws a code of so many letters, 5 bits each, in groups of so many.
func NewCode(random io.Reader, letters, group int) (string, error) {
	b := make([]byte, letters)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("people: drawing a code: %w", err)
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
func CodeHash(code string) Hash {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == '-' || unicode.IsSpace(r):
			return -1
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(code))
	return sha256.Sum256([]byte(plain))
}
