// Package link is the only way bytes leave a Handrail program. It has two
// planes. On the control plane Dial connects a client to its broker and Listen
// accepts clients there; both ends speak through a Control. On the session
// plane Meet finds the shortest way to the other person's program (ICE, with
// the broker's TURN as the last resort), proves that both know the same secret,
// and hands over a Peer: everything a session sends, end to end.
//
// Both planes prefer UDP. Where only TCP 443 leaves a network, the same packets
// travel as the messages of WebSockets, also through an HTTP proxy.
//
// The package promises: nothing the network sends is believed before its
// length, its kind and its place are checked; every queue is bounded; Send
// never blocks its caller; and when Done closes, no goroutine and no socket of
// that connection is left.
package link

import (
	"errors"
	"fmt"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/wire"
)

// Errors a caller can branch on.
var (
	// ErrUnreachable: no answer from the broker, by no address it has.
	ErrUnreachable = errors.New("link: broker can't be reached")
	// ErrWrongBroker: something answered, but it isn't the broker that the
	// address names: the pin differs or no public authority vouches for it.
	ErrWrongBroker = errors.New("link: not the broker it should be")
	// ErrVersion: the two programs have no protocol in common.
	ErrVersion = errors.New("link: no common version")
	// ErrWrongSecret: the two halves of the key did not match, or somebody
	// stood in between. It counts as a try.
	ErrWrongSecret = errors.New("link: wrong secret")
	// ErrNeverMet: no connection to the other person came about.
	ErrNeverMet = errors.New("link: the two sides never met")
	// ErrLost: the connection ended because nothing more was heard.
	ErrLost = errors.New("link: connection lost")
	// ErrClosed: the connection was closed, here or over there.
	ErrClosed = errors.New("link: closed")
	// ErrCrowded: a queue is full; the connection is being closed.
	ErrCrowded = errors.New("link: too much waiting to be sent")
	// ErrWrongRole: only the other role sends or receives this.
	ErrWrongRole = errors.New("link: not for this role")
)

// PeerClosed is the error of a Peer that the other side closed on purpose.
type PeerClosed struct{ Why wire.EndWhy }

func (e *PeerClosed) Error() string { return fmt.Sprintf("link: closed by the other side (%d)", e.Why) }

// Is makes a PeerClosed an ErrClosed, too.
func (e *PeerClosed) Is(target error) bool { return target == ErrClosed }

// The codes connections are closed with (RFC 9000, section 20.2). They cross
// the wire: never give a number a new meaning.
const (
	codeDone        quic.ApplicationErrorCode = 0
	codeMalformed   quic.ApplicationErrorCode = 1 // bytes that are no message
	codeCrowded     quic.ApplicationErrorCode = 2 // the other side reads too slowly
	codeOutOfPlace  quic.ApplicationErrorCode = 3 // a stream or message where none may be
	codeSlow        quic.ApplicationErrorCode = 4 // did not begin in time
	codeWrongSecret quic.ApplicationErrorCode = 5
	codeEnd         quic.ApplicationErrorCode = 0x100 // plus a wire.EndWhy
)

// Tuning.
const (
	// packetSize is the smallest QUIC allows, because quic-go's own 1280 dies
	// on paths of 1280 bytes, where nothing tells it that a packet is too long.
	// Sockets of our own still discover longer packets from there.
	packetSize = 1200

	handshakeIdle = 5 * time.Second
	goodbye       = time.Second      // an orderly end takes no longer than this
	helloWait     = 10 * time.Second // a client that connects must speak by then
	controlAlive  = 5 * time.Second  // a restarted broker is noticed by then
	controlIdle   = 20 * time.Second // a dead one by then: a rep must not wait for a key longer
	answerRate    = 50 * time.Millisecond
	controlWindow = 256 << 10 // bytes a client may send unread
	queuedPackets = 256
	queuedBytes   = 1 << 20
	heardPackets  = 8
)

// ended turns quic-go's reason for the end of a connection into ours.
func ended(cause error) error {
	var app *quic.ApplicationError
	var idle *quic.IdleTimeoutError
	var reset *quic.StatelessResetError
	switch {
	case errors.As(cause, &app) && !app.Remote:
		return fmt.Errorf("%w here: %s", ErrClosed, app.ErrorMessage)
	case errors.As(cause, &app) && app.ErrorCode >= codeEnd && app.ErrorCode <= codeEnd+0xff:
		return &PeerClosed{Why: wire.EndWhy(app.ErrorCode - codeEnd)}
	case errors.As(cause, &app) && app.ErrorCode == codeWrongSecret:
		return fmt.Errorf("%w, says the other side", ErrWrongSecret)
	case errors.As(cause, &app):
		return fmt.Errorf("%w by the other side, code %d: %q", ErrClosed, app.ErrorCode, app.ErrorMessage)
	case errors.Is(cause, ErrLost):
		return cause // by what carries it
	case errors.As(cause, &idle), errors.As(cause, &reset):
		return fmt.Errorf("%w: %w", ErrLost, cause)
	default:
		return fmt.Errorf("%w: %w", ErrClosed, cause)
	}
}
