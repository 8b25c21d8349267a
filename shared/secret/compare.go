package secret

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Without a session key (row Z03) nothing is known beforehand that both ends
// could prove. The exchange then makes three words, the same on both sides if
// nobody stands between them, which the two people compare by voice; and the
// rep shows a certificate, if there is one, and that its key is at this end of
// this connection (row Z04):
//
//	rep                                         customer
//	Comparer.Commit  ──hash of what follows──▶  Comparer.Nonce
//	Comparer.Open    ◀────────nonce───────────
//	                 ──nonce, certificate, ──▶  Comparer.Check
//	Comparer.Agreed      signature
//	                 ◀──────agreed─────────────  Comparer.Agree
//
// Who stands between must choose its nonce towards the customer before it
// knows the customer's, and the other way round: so it gets one try at making
// the words on both sides the same, of 16 million.

const (
	nonceSize = 32

	stepCommit   = 8
	stepNonce    = 9
	stepOpen     = 10
	stepAgreed   = 11
	wordsLabel   = "handrail three words v1"
	commitLabel  = "handrail three words commitment v1"
	proofLabel   = "handrail rep proof v1"
	compareLabel = "handrail resume v1 compared"
)

// CompareExporter is the label of the TLS exporter whose 32 bytes are secret:
// what later connections of the session are proved by comes from it.
const CompareExporter = "EXPORTER-handrail-compare"

// MaxOpen is the longest message of this exchange, in bytes.
const MaxOpen = 1 + nonceSize + ed25519.SignatureSize + maxCertificate

//go:embed wordlist.txt
var wordList string

// Comparer is one side of the exchange without a session key.
type Comparer struct {
	stage       stage
	sid, nonce  []byte
	certificate []byte // rep: as Certify made it, or nil
	signature   []byte
	committed   []byte // customer: what the rep committed to
	words       [3]string
}

// NewComparer begins the exchange. sid is the exporter of the connection (see
// Exporter). A rep gives a certificate and its key, or neither; a customer
// neither. rand is crypto/rand.Reader outside tests.
func NewComparer(sid, certificate []byte, key ed25519.PrivateKey, rand io.Reader) (*Comparer, error) {
	if len(sid) != SID || len(certificate) > maxCertificate || (len(certificate) > 0) != (key != nil) {
		return nil, fmt.Errorf("secret: session identifier of %d bytes, certificate of %d", len(sid), len(certificate))
	}
	c := &Comparer{sid: append([]byte(nil), sid...), nonce: make([]byte, nonceSize), certificate: certificate}
	if _, err := io.ReadFull(rand, c.nonce); err != nil {
		return nil, fmt.Errorf("secret: drawing a nonce: %w", err)
	}
	if key != nil {
		c.signature = ed25519.Sign(key, proofText(sid))
	}
	return c, nil
}

// proofText is what a rep's key signs.
func proofText(sid []byte) []byte { return lvCat([]byte(proofLabel), sid) }

// opening is what the rep commits to.
func (c *Comparer) opening() []byte {
	signature := c.signature
	if signature == nil {
		signature = make([]byte, ed25519.SignatureSize)
	}
	return append(append(append([]byte(nil), c.nonce...), signature...), c.certificate...)
}

// Commit is the rep's first message.
func (c *Comparer) Commit() []byte {
	sum := sha256.Sum256(lvCat([]byte(commitLabel), c.sid, c.opening()))
	return message(stepCommit, sum[:])
}

// Nonce takes the rep's first message and gives the customer's.
func (c *Comparer) Nonce(commit []byte) ([]byte, error) {
	if c.stage != begun {
		return nil, ErrOrder
	}
	body, err := open(commit, stepCommit, sha256.Size)
	if err != nil {
		c.stage = over
		return nil, err
	}
	c.committed, c.stage = append([]byte(nil), body...), shared
	return message(stepNonce, c.nonce), nil
}

// Open takes the customer's message and gives the rep's second; then there are
// words.
func (c *Comparer) Open(nonce []byte) ([]byte, error) {
	if c.stage != begun {
		return nil, ErrOrder
	}
	theirs, err := open(nonce, stepNonce, nonceSize)
	if err != nil {
		c.stage = over
		return nil, err
	}
	c.stage = proved
	c.words = pick(c.sid, c.opening(), theirs)
	return message(stepOpen, c.opening()), nil
}

// Check takes the rep's second message; then there are words. It gives the
// rep's certificate as it came, to be read with ReadCertificate, and a check
// of the signature against the key in it; nil without one. ErrWrongSecret means
// that this is not what the rep committed to.
func (c *Comparer) Check(opened []byte) (certificate []byte, holds func(ed25519.PublicKey) bool, err error) {
	if c.stage != shared {
		return nil, nil, ErrOrder
	}
	c.stage = over
	if len(opened) > MaxOpen || len(opened) < 1+nonceSize+ed25519.SignatureSize || opened[0] != stepOpen {
		return nil, nil, ErrMessage
	}
	body := opened[1:]
	sum := sha256.Sum256(lvCat([]byte(commitLabel), c.sid, body))
	if subtle.ConstantTimeCompare(sum[:], c.committed) != 1 {
		return nil, nil, ErrWrongSecret
	}
	c.stage = proved
	c.words = pick(c.sid, body, c.nonce)
	certificate = append([]byte(nil), body[nonceSize+ed25519.SignatureSize:]...)
	if len(certificate) == 0 {
		return nil, nil, nil
	}
	signature := append([]byte(nil), body[nonceSize:nonceSize+ed25519.SignatureSize]...)
	return certificate, func(key ed25519.PublicKey) bool {
		return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, proofText(c.sid), signature)
	}, nil
}

// Agree is the customer's last message: it has words. Without it neither side
// counts on them.
func (c *Comparer) Agree() ([]byte, error) {
	if c.stage != proved {
		return nil, ErrOrder
	}
	return message(stepAgreed, nil), nil
}

// Agreed takes the customer's last message.
func (c *Comparer) Agreed(b []byte) error {
	if c.stage != proved {
		return ErrOrder
	}
	_, err := open(b, stepAgreed, 0)
	if err != nil {
		c.stage = over
	}
	return err
}

// Words are the three words to be compared, empty before there are any.
func (c *Comparer) Words() [3]string { return c.words }

// pick makes the words of what both sides have put in.
func pick(sid, opening, nonce []byte) [3]string {
	sum := sha256.Sum256(lvCat([]byte(wordsLabel), sid, opening, nonce))
	list := strings.Fields(wordList)
	return [3]string{list[sum[0]], list[sum[1]], list[sum[2]]}
}

// CompareKey is what later connections of a session without a session key are
// proved by. exported is the connection's exporter with CompareExporter.
func CompareKey(sid, exported []byte) ([]byte, error) {
	if len(sid) != SID || len(exported) != SID {
		return nil, errors.New("secret: exporters of the wrong length")
	}
	return hkdf.Key(sha512.New, exported, sid, compareLabel, 32)
}
