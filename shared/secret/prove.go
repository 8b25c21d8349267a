package secret

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"

	"github.com/gtank/ristretto255"
)

// The exchange, one message after the other, as blocks on the control stream
// (see PROTOCOL.md in package wire):
//
//	rep                         customer
//	Initiator.Share  ──share──▶ Responder.Share
//	Initiator.Tag    ◀─share──
//	                 ───tag───▶ Responder.Finish    checks first
//	Initiator.Finish ◀──tag──── or a refusal
//
// The rep is the one to show its tag first, because the customer is the one
// to be protected: a caller who guesses learns nothing from the customer.

// MaxStep is the longest message of the exchange, in bytes.
const MaxStep = 1 + tagSize

// SID is the length of a session identifier: 32 bytes from the exporter of the
// TLS connection that is to be proved, with the label Exporter and no context.
const SID = 32

// Exporter is the label of the TLS exporter (RFC 8446 section 7.5) that gives
// the session identifier.
const Exporter = "EXPORTER-handrail-session"

// The first byte of each message.
const (
	stepRepShare       = 1
	stepCustomerShare  = 2
	stepRepTag         = 3
	stepCustomerTag    = 4
	stepRefused        = 5
	stepRepResume      = 6
	stepCustomerResume = 7
)

// What both ends put into the computation: this protocol and who is who.
const (
	channel    = "handrail session key v1" // CI of the draft
	adRep      = "handrail rep"            // ADa
	adCustomer = "handrail customer"       // ADb
)

// Errors of the exchange.
var (
	// ErrWrongSecret: the two ends don't hold the same secret, or don't see
	// the same connection because somebody stands between them. Which of the
	// two it was can't be known.
	ErrWrongSecret = errors.New("secret: wrong secret or somebody in between")
	// ErrMessage: the other end sent something that no honest end sends.
	ErrMessage = errors.New("secret: invalid message")
	// ErrOrder: a step was taken twice or too early, by our own code.
	ErrOrder = errors.New("secret: step out of order")
)

// Initiator is the rep's side of one try.
type Initiator struct{ side }

// Responder is the customer's side of one try.
type Responder struct{ side }

type stage int

const (
	begun stage = iota
	shared
	proved
	over // failed, or nothing left to do
)

// side is what the two have in common.
type side struct {
	stage  stage
	sid    []byte
	scalar *ristretto255.Scalar
	ya, yb []byte
	key    []byte // of the tags
	isk    []byte
}

func newSide(secret string, sid []byte, rand io.Reader) (side, []byte, error) {
	if len(sid) != SID {
		return side{}, nil, fmt.Errorf("secret: session identifier of %d bytes", len(sid))
	}
	g, err := generator([]byte(secret), []byte(channel), sid)
	if err != nil {
		return side{}, nil, fmt.Errorf("secret: making the generator: %w", err)
	}
	s, err := newScalar(rand)
	if err != nil {
		return side{}, nil, err
	}
	own := ristretto255.NewIdentityElement().ScalarMult(s, g)
	return side{sid: append([]byte(nil), sid...), scalar: s}, own.Bytes(), nil
}

// NewInitiator begins a try from the rep's side. sid is the TLS exporter of
// the connection (see Exporter); rand is crypto/rand.Reader outside tests.
func NewInitiator(secret string, sid []byte, rand io.Reader) (*Initiator, error) {
	s, own, err := newSide(secret, sid, rand)
	if err != nil {
		return nil, err
	}
	s.ya = own
	return &Initiator{s}, nil
}

// NewResponder begins a try from the customer's side, as NewInitiator does.
func NewResponder(secret string, sid []byte, rand io.Reader) (*Responder, error) {
	s, own, err := newSide(secret, sid, rand)
	if err != nil {
		return nil, err
	}
	s.yb = own
	return &Responder{s}, nil
}

// Share gives the first message.
func (i *Initiator) Share() []byte { return message(stepRepShare, i.ya) }

// Tag takes the customer's share and gives the rep's tag. Spend a try before
// sending it. Its errors are ErrMessage and ErrOrder.
func (i *Initiator) Tag(share []byte) ([]byte, error) {
	if err := i.advance(begun, shared); err != nil {
		return nil, err
	}
	yb, err := open(share, stepCustomerShare, shareSize)
	if err != nil {
		return nil, i.fail(err)
	}
	i.yb = yb
	if err := i.derive(yb); err != nil {
		return nil, i.fail(err)
	}
	return message(stepRepTag, tag(i.key, i.ya, []byte(adRep))), nil
}

// Finish takes the customer's answer. Its errors are ErrWrongSecret,
// ErrMessage and ErrOrder; after nil the connection is proved.
func (i *Initiator) Finish(answer []byte) error {
	if err := i.advance(shared, proved); err != nil {
		return err
	}
	if len(answer) == 1 && answer[0] == stepRefused {
		return i.fail(ErrWrongSecret)
	}
	got, err := open(answer, stepCustomerTag, tagSize)
	if err != nil {
		return i.fail(err)
	}
	if !hmac.Equal(got, tag(i.key, i.yb, []byte(adCustomer))) {
		return i.fail(ErrWrongSecret)
	}
	return nil
}

// Share takes the rep's share and gives the customer's. Its errors are
// ErrMessage and ErrOrder.
func (r *Responder) Share(share []byte) ([]byte, error) {
	if err := r.advance(begun, shared); err != nil {
		return nil, err
	}
	ya, err := open(share, stepRepShare, shareSize)
	if err != nil {
		return nil, r.fail(err)
	}
	r.ya = ya
	if err := r.derive(ya); err != nil {
		return nil, r.fail(err)
	}
	return message(stepCustomerShare, r.yb), nil
}

// Finish takes the rep's tag and gives the answer to be sent: the customer's
// tag with nil, after which the connection is proved, or with ErrWrongSecret a
// refusal. With ErrMessage and ErrOrder there is nothing to send.
func (r *Responder) Finish(repTag []byte) ([]byte, error) {
	if err := r.advance(shared, proved); err != nil {
		return nil, err
	}
	got, err := open(repTag, stepRepTag, tagSize)
	if err != nil {
		return nil, r.fail(err)
	}
	if !hmac.Equal(got, tag(r.key, r.ya, []byte(adRep))) {
		return []byte{stepRefused}, r.fail(ErrWrongSecret)
	}
	return message(stepCustomerTag, tag(r.key, r.yb, []byte(adCustomer))), nil
}

// ResumeKey is what later connections of the session prove themselves with
// (see Resume). It is nil before the connection is proved.
func (s *side) ResumeKey() []byte {
	if s.stage != proved {
		return nil
	}
	key, err := hkdf.Key(sha512.New, s.isk, s.sid, "handrail resume v1", 32)
	if err != nil {
		return nil // only for keys longer than 16 KiB, or keys too short for FIPS mode
	}
	return key
}

func (s *side) advance(from, to stage) error {
	if s.stage != from {
		return ErrOrder
	}
	s.stage = to
	return nil
}

func (s *side) fail(err error) error {
	s.stage, s.key, s.isk = over, nil, nil
	return err
}

// derive computes the keys from the other's share.
func (s *side) derive(share []byte) error {
	k, err := multiply(s.scalar, share)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMessage, err)
	}
	s.isk = sessionKey(s.sid, k, s.ya, []byte(adRep), s.yb, []byte(adCustomer))
	s.key = macKey(s.sid, s.isk)
	s.scalar = nil
	return nil
}

func message(step byte, body []byte) []byte { return append([]byte{step}, body...) }

// open gives a copy of the body of a message.
func open(b []byte, step byte, size int) ([]byte, error) {
	if len(b) != 1+size || b[0] != step {
		return nil, ErrMessage
	}
	return append([]byte(nil), b[1:]...), nil
}
