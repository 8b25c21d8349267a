package secret

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Certificate is an organisation's word that a key is one of its reps' (row
// Z04). The organisation's key makes it and is never on the broker: a program
// that knows the organisation's public key obeys nobody without one, whatever
// the broker says.
type Certificate struct {
	Serial   uint64
	Key      ed25519.PublicKey // of the rep's console
	Name     string            // as customers see it
	From, To time.Time         // whole seconds
}

// ErrCertificate: not a certificate, not by this organisation, or not valid
// now. Which of them is in the error's text.
var ErrCertificate = errors.New("secret: no valid certificate")

const (
	certificateLabel   = "handrail rep certificate v1"
	certificateVersion = 1
	maxCertifiedName   = 256
	// fixedCertificate: version, serial, from, to, key, length of the name.
	fixedCertificate = 1 + 8 + 8 + 8 + ed25519.PublicKeySize + 2
	maxCertificate   = fixedCertificate + maxCertifiedName + ed25519.SignatureSize
	// MostValid is the longest that a certificate holds: a lost laptop's ends
	// by itself.
	MostValid = 400 * 24 * time.Hour
)

// Certify makes a certificate's bytes: version, serial, from and to (Unix
// seconds), key, the name behind its length, all numbers big-endian; then the
// signature (Ed25519, RFC 8032) over certificateLabel and all that, each behind
// its length.
func Certify(organisation ed25519.PrivateKey, c Certificate) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	b := c.body()
	return append(b, Sign(organisation, certificateLabel, b)...), nil
}

func (c Certificate) body() []byte {
	b := append(make([]byte, 0, maxCertificate), certificateVersion)
	b = binary.BigEndian.AppendUint64(b, c.Serial)
	b = binary.BigEndian.AppendUint64(b, uint64(c.From.Unix()))
	b = binary.BigEndian.AppendUint64(b, uint64(c.To.Unix()))
	b = append(b, c.Key...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(c.Name)))
	return append(b, c.Name...)
}

func (c Certificate) check() error {
	switch {
	case len(c.Key) != ed25519.PublicKeySize:
		return fmt.Errorf("%w: key of %d bytes", ErrCertificate, len(c.Key))
	case c.Name == "" || len(c.Name) > maxCertifiedName || !utf8.ValidString(c.Name):
		return fmt.Errorf("%w: no name that can be shown", ErrCertificate)
	case c.From.Unix() < 0 || !c.From.Before(c.To) || c.To.Sub(c.From) > MostValid:
		return fmt.Errorf("%w: valid from %v to %v", ErrCertificate, c.From, c.To)
	}
	return nil
}

// ReadCertificate reads a certificate and checks it against the organisation's
// public key and the time. Its error is ErrCertificate.
func ReadCertificate(b []byte, organisation ed25519.PublicKey, now time.Time) (Certificate, error) {
	n := len(b) - ed25519.SignatureSize
	if len(b) > maxCertificate || n < fixedCertificate || b[0] != certificateVersion {
		return Certificate{}, fmt.Errorf("%w: not one of this version", ErrCertificate)
	}
	if !Signed(organisation, certificateLabel, b[:n], b[n:]) {
		return Certificate{}, fmt.Errorf("%w: not signed by the organisation", ErrCertificate)
	}
	second := func(at int) time.Time {
		return time.Unix(int64(binary.BigEndian.Uint64(b[at:])&(1<<62-1)), 0).UTC()
	}
	c := Certificate{
		Serial: binary.BigEndian.Uint64(b[1:]), From: second(9), To: second(17),
		Key: bytes.Clone(b[25 : 25+ed25519.PublicKeySize]), Name: string(b[fixedCertificate:n]),
	}
	if err := c.check(); err != nil {
		return Certificate{}, err
	}
	if !bytes.Equal(c.body(), b[:n]) {
		return Certificate{}, fmt.Errorf("%w: not the one spelling", ErrCertificate)
	}
	if now.Before(c.From) || !now.Before(c.To) {
		return Certificate{}, fmt.Errorf("%w: valid from %v to %v", ErrCertificate, c.From, c.To)
	}
	return c, nil
}
