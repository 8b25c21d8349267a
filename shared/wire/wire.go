// Package wire is every message Handrail's programs exchange, and its bytes.
// PROTOCOL.md beside this file says the same in prose; a test holds the two
// together. Parse accepts exactly what Append makes: one spelling a message.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/fxamacker/cbor/v2"
)

// The names by which TLS tells the two protocols apart. They change only for
// an incompatible wire change; everything else goes by Hello.Version and caps.
const (
	ALPNBroker = "handrail/1"
	ALPNPeer   = "handrail-peer/1"
	Version    = 1
)

// Limits of the format, all checked before anything is allocated.
const (
	MaxMessage = 64 << 10 // bytes of one message, envelope included
	MaxText    = 16 << 10 // bytes of one chat line
	MaxName    = 256      // bytes of a name
)

// Errors a caller can branch on.
var (
	ErrTooLong     = errors.New("wire: message longer than allowed")
	ErrUnknownKind = errors.New("wire: unknown kind of message")
	ErrMalformed   = errors.New("wire: malformed message")
)

// Kind numbers a message. Numbers are given by hand and never used again.
type Kind uint16

// Message is one thing said on a control stream.
type Message interface {
	Kind() Kind
	// check says what is wrong with the values of a parsed message.
	check() error
}

// Packet is a message in its envelope. On the session plane Seq counts the
// messages that must arrive, from 1; 0 marks one that may be lost with its
// connection. Ack is the highest Seq received without a gap. On the control
// plane both are 0.
type Packet struct {
	Seq, Ack uint64
	Body     Message
}

// UnknownKind is the error of Parse for a well-formed packet whose kind this
// version does not know. The receiver answers Unsupported and goes on.
type UnknownKind struct{ Number Kind }

func (e UnknownKind) Error() string { return fmt.Sprintf("wire: unknown kind %d", e.Number) }
func (e UnknownKind) Is(target error) bool { return target == ErrUnknownKind }

type envelope struct {
	_    struct{} `cbor:",toarray"`
	Kind Kind
	Seq  uint64
	Ack  uint64
	Body cbor.RawMessage
}

var enc = mustMode(cbor.EncOptions{Sort: cbor.SortCoreDeterministic}.EncMode())

var dec = mustMode(cbor.DecOptions{
	DupMapKey:         cbor.DupMapKeyEnforcedAPF,
	IndefLength:       cbor.IndefLengthForbidden,
	TagsMd:            cbor.TagsForbidden,
	MaxNestedLevels:   8,
	MaxArrayElements:  256,
	MaxMapPairs:       64,
	UTF8:              cbor.UTF8RejectInvalid,
	ExtraReturnErrors: cbor.ExtraDecErrorUnknownField * 0, // unknown fields are ignored: that is how the format grows
}.DecMode())

func mustMode[M any](m M, err error) M {
	if err != nil {
		panic(err)
	}
	return m
}

// Append adds the bytes of p, without a length, to b.
func Append(b []byte, p Packet) ([]byte, error) {
	body, err := enc.Marshal(p.Body)
	if err != nil {
		return b, fmt.Errorf("wire: encoding kind %d: %w", p.Body.Kind(), err)
	}
	out, err := enc.Marshal(envelope{Kind: p.Body.Kind(), Seq: p.Seq, Ack: p.Ack, Body: body})
	if err != nil {
		return b, fmt.Errorf("wire: encoding envelope: %w", err)
	}
	if len(out) > MaxMessage {
		return b, ErrTooLong
	}
	return append(b, out...), nil
}

// Parse reads one packet that fills b.
func Parse(b []byte) (Packet, error) {
	if len(b) > MaxMessage {
		return Packet{}, ErrTooLong
	}
	var e envelope
	if err := dec.Unmarshal(b, &e); err != nil {
		return Packet{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	m := fresh(e.Kind)
	if m == nil {
		return Packet{Seq: e.Seq, Ack: e.Ack}, UnknownKind{e.Kind}
	}
	if err := dec.Unmarshal(e.Body, m); err != nil {
		return Packet{}, fmt.Errorf("%w: kind %d: %w", ErrMalformed, e.Kind, err)
	}
	if err := m.check(); err != nil {
		return Packet{}, fmt.Errorf("%w: kind %d: %w", ErrMalformed, e.Kind, err)
	}
	return Packet{Seq: e.Seq, Ack: e.Ack, Body: m}, nil
}

// WriteBlock writes b with its length in front.
func WriteBlock(w io.Writer, b []byte) error {
	head := binary.AppendUvarint(make([]byte, 0, len(b)+4), uint64(len(b)))
	_, err := w.Write(append(head, b...))
	return err
}

// ReadBlock reads what WriteBlock wrote into buf, growing it when needed but
// never past limit bytes. ErrTooLong means the peer broke the limit.
func ReadBlock(r io.ByteReader, buf []byte, limit int) ([]byte, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, err
	}
	if n > uint64(limit) {
		return nil, ErrTooLong
	}
	if uint64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	_, err = io.ReadFull(r.(io.Reader), buf)
	return buf, err
}
