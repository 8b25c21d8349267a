package secret

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/gtank/ristretto255"
)

// This file is the cipher suite CPACE-RISTR255-SHA512 of
// draft-irtf-cfrg-cpace-21 in its initiator-responder setting: sections 7.2
// (messages), 8.1 and 8.3 (generator and group), 10.4 (key confirmation) and
// appendix A (strings). Group encodings and decodings are RFC 9496.

const (
	groupName = "CPaceRistretto255" // G.DSI
	shareSize = 32                  // bytes of an encoded group element
	tagSize   = sha512.Size         // bytes of HMAC-SHA-512
)

// errShare is a share that is no encoding of a group element, or the neutral
// one, with which anybody could make the outcome known beforehand.
var errShare = errors.New("secret: invalid share")

// lvCat puts every part behind its length (LEB128).
func lvCat(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(binary.AppendUvarint(b, uint64(len(p))), p...)
	}
	return b
}

// generatorString pads so that the secret fills the hash's first block alone.
func generatorString(prs, ci, sid []byte) []byte {
	front := len(lvCat([]byte(groupName))) + len(lvCat(prs))
	pad := max(0, sha512.BlockSize-1-front)
	return lvCat([]byte(groupName), prs, make([]byte, pad), ci, sid)
}

// generator maps the secret, the channel identifier and the session identifier
// to a group element whose logarithm nobody knows.
func generator(prs, ci, sid []byte) (*ristretto255.Element, error) {
	h := sha512.Sum512(generatorString(prs, ci, sid))
	return ristretto255.NewIdentityElement().SetUniformBytes(h[:])
}

// newScalar draws a scalar, any but zero, with 64 bytes of randomness so that
// the reduction leaves no bias.
func newScalar(rand io.Reader) (*ristretto255.Scalar, error) {
	var b [64]byte
	for {
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return nil, fmt.Errorf("secret: reading randomness: %w", err)
		}
		s, err := ristretto255.NewScalar().SetUniformBytes(b[:])
		if err != nil {
			return nil, fmt.Errorf("secret: drawing a scalar: %w", err)
		}
		if s.Equal(ristretto255.NewScalar()) == 0 {
			return s, nil
		}
	}
}

// multiply is scalar_mult_vfy: the secret point of own scalar and the other's
// share. Its only error is errShare.
func multiply(s *ristretto255.Scalar, share []byte) ([]byte, error) {
	point, err := ristretto255.NewIdentityElement().SetCanonicalBytes(share)
	if err != nil {
		return nil, errShare
	}
	k := ristretto255.NewIdentityElement().ScalarMult(s, point)
	if k.Equal(ristretto255.NewIdentityElement()) == 1 {
		return nil, errShare
	}
	return k.Bytes(), nil
}

// sessionKey is the ISK of section 7.2; ya and ada are the initiator's.
func sessionKey(sid, k, ya, ada, yb, adb []byte) []byte {
	b := lvCat([]byte(groupName+"_ISK"), sid, k)
	h := sha512.Sum512(append(b, lvCat(ya, ada, yb, adb)...))
	return h[:]
}

// macKey is the key of the confirmation tags, section 10.4.
func macKey(sid, isk []byte) []byte {
	b := append([]byte("CPaceMac"), sid...)
	h := sha512.Sum512(append(b, isk...))
	return h[:]
}

// tag confirms the share y and the associated data that its sender sent.
func tag(key, y, ad []byte) []byte {
	m := hmac.New(sha512.New, key)
	m.Write(lvCat(y, ad))
	return m.Sum(nil)
}
