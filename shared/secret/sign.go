package secret

import "crypto/ed25519"

// Sign signs b (Ed25519, RFC 8032) under a label that says what for, each of
// them behind its length (LEB128): what was signed for one purpose is worth
// nothing for another.
func Sign(key ed25519.PrivateKey, label string, b []byte) []byte {
	return ed25519.Sign(key, lvCat([]byte(label), b))
}

// Signed says whether key has signed b under that label.
func Signed(key ed25519.PublicKey, label string, b, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, lvCat([]byte(label), b), signature)
}
