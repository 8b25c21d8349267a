// Package secret makes session keys and lets the two ends of a session prove
// to each other that they know one.
//
// A session key is a number, by which the broker finds the session, and a
// secret, which the broker never sees. The console makes the secret with
// NewSecret; the customer types both, ParseCode reads them. On the connection
// between the two, Initiator (the rep) and Responder (the customer) run CPace
// over the secret: whoever listens or stands between learns nothing but
// whether one guess was right, and Tries lets nobody guess more than three
// times. Later connections of the same session prove themselves with Resume.
//
// Everything here is a plain function of its arguments: randomness comes in as
// an io.Reader, bytes come in and go out, nothing is sent.
package secret

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
)

// Digits is the length of a number and of a secret.
const Digits = 6

// PlaceDigits is the length of a code from an organisation's portal: a place
// that is kept for one customer. It proves nothing to a rep and is no secret of
// two, so it has no halves.
const PlaceDigits = 9

// maxTyped bounds what is looked at, in bytes: twelve digits with generous
// decoration.
const maxTyped = 256

// What can be wrong with a typed key. The window says it in its own words.
var (
	ErrShort     = errors.New("secret: too few digits")
	ErrLong      = errors.New("secret: too many digits")
	ErrNotDigits = errors.New("secret: something else than digits")
)

// Code is a whole session key.
//
// Formatting or logging a Code shows its number alone; only calling String
// spells it out. The same goes for structs that hold a Code in an exported
// field. Package fmt can't call methods on unexported fields: there, hold a
// *Code, which %v, %+v and %#v print as an address.
type Code struct {
	Number string // six digits, known to the broker
	Secret string // six digits, known to the two ends
}

// String gives the key as it is shown and typed: 482 913 · 507 264.
func (c Code) String() string {
	if c.Secret == "" {
		return Group(c.Number)
	}
	return Group(c.Number) + " · " + Group(c.Secret)
}

// Format writes the number whatever the verb is, so that a key in a log line
// gives nothing away.
func (c Code) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, Group(c.Number)) // fmt keeps the error itself
}

// LogValue is the number alone.
func (c Code) LogValue() slog.Value { return slog.StringValue(c.Number) }

// MarshalText is the number alone: a key is never stored as a whole.
func (c Code) MarshalText() ([]byte, error) { return []byte(c.Number), nil }

// Group sets digits in threes: 482 913.
func Group(digits string) string {
	var b strings.Builder
	for i, r := range digits {
		if i > 0 && i%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ParseCode reads a whole key as people type and paste it: any spaces, dots
// and dashes between, before or after, digits of any script. Its errors are
// ErrShort, ErrLong and ErrNotDigits.
func ParseCode(typed string) (Code, error) {
	d, err := digits(typed, 2*Digits)
	if err != nil {
		return Code{}, err
	}
	return Code{Number: d[:Digits], Secret: d[Digits:]}, nil
}

// ParseNumber reads the number alone, as ParseCode would.
func ParseNumber(typed string) (string, error) { return digits(typed, Digits) }

// ParsePlace reads a code from the portal as ParseCode would a key.
func ParsePlace(typed string) (string, error) { return digits(typed, PlaceDigits) }

func digits(typed string, want int) (string, error) {
	if len(typed) > maxTyped {
		return "", ErrLong
	}
	d := make([]byte, 0, 2*Digits)
	for _, r := range typed {
		switch v, ok := digit(r); {
		case ok:
			d = append(d, '0'+v)
		case !separator(r):
			return "", ErrNotDigits
		}
	}
	switch {
	case len(d) < want:
		return "", ErrShort
	case len(d) > want:
		return "", ErrLong
	}
	return string(d), nil
}

// separator says whether r may stand between digits. Format characters come
// along unseen when text is pasted from mail or chat.
func separator(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Pd, unicode.Cf) || strings.ContainsRune(".,·•‧∙⋅・･．，/_'’", r)
}

// digit gives the value of a decimal digit of any script. In the Unicode table
// of decimal digits every script has its ten in a row, zero first.
func digit(r rune) (byte, bool) {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10), true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10), true
		}
	}
	return 0, false
}

// NewSecret makes the secret half of a key from rand, every value equally
// likely.
func NewSecret(rand io.Reader) (string, error) {
	const values = 1_000_000
	const fair = 1 << 24 / values * values // more would make small values likelier
	var b [3]byte
	for {
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return "", fmt.Errorf("secret: reading randomness: %w", err)
		}
		if v := uint(b[0])<<16 | uint(b[1])<<8 | uint(b[2]); v < fair {
			return fmt.Sprintf("%06d", v%values), nil
		}
	}
}
