// Package wire is every message Handrail's programs exchange, and its bytes.
// PROTOCOL.md beside this file says the same in prose; a test holds the two
// together.
//
// Every message has one spelling. Parse accepts exactly what Append makes, so
// a packet that Parse accepts is encoded again to the same bytes; the one
// exception are fields of newer versions, which Parse leaves out.
package wire

import (
	"errors"
	"fmt"
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
	MaxCaps    = 32       // capabilities of one side
	MaxCap     = 64       // bytes of one capability

	MaxKeys       = 64        // usable session keys of one rep
	MaxLife       = 24 * 3600 // seconds a session key may live
	MaxRelays     = 8
	MaxCandidates = 32  // ICE candidates in one Signal
	MaxCandidate  = 512 // bytes of one candidate, of a relay's address, of a site's
	MinTicket     = 16  // bytes
	MaxTicket     = 64  // bytes
	MaxMonitors   = 16
	MaxPixels     = 1 << 15 // a monitor's width and height; X11 ends at 32767
	MaxOffset     = 1 << 17 // pixels a monitor lies from the desktop's origin
)

// Errors a caller can branch on.
var (
	ErrTooLong     = errors.New("wire: message longer than allowed")
	ErrUnknownKind = errors.New("wire: unknown kind of message")
	ErrMalformed   = errors.New("wire: malformed message")

	ErrUnknownStream = errors.New("wire: unknown kind of stream")
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

// Is makes errors.Is(err, ErrUnknownKind) true.
func (e UnknownKind) Is(target error) bool { return target == ErrUnknownKind }
