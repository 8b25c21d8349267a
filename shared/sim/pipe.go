package sim

import (
	"context"
	"errors"
	"sync"
	"time"

	"handrail/shared/wire"
)

// ErrCut is the error of an End that is gone.
var ErrCut = errors.New("sim: connection cut")

// Goodbye is how long a connection takes until nothing of it is left.
const Goodbye = 300 * time.Millisecond

// What waits at an End: more than a test sends while nobody reads.
const (
	packets = 8192
	blocks  = 64
)

// End is one end of a proven connection between customer and rep, as workers
// want it: without a network, and without what only one side's has.
type End struct {
	// Words and Certified are what the connection of a session without a key
	// shows at this end.
	Words     [3]string
	Certified string

	other *End
	pipe  *pipe
	in    chan wire.Packet
	bulk  chan wire.Bulk
}

// pipe is what the two ends have in common.
type pipe struct {
	gone, done chan struct{}

	mu     sync.Mutex
	closed *End // who closed it; nil: nobody
	why    wire.EndWhy
}

// NewPipe connects two ends.
func NewPipe() (a, b *End) {
	p := &pipe{gone: make(chan struct{}), done: make(chan struct{})}
	a = &End{pipe: p, in: make(chan wire.Packet, packets), bulk: make(chan wire.Bulk, blocks)}
	b = &End{pipe: p, in: make(chan wire.Packet, packets), bulk: make(chan wire.Bulk, blocks)}
	a.other, b.other = b, a
	return a, b
}

// Send fails with ErrCut, or for a message that can't be sent.
func (e *End) Send(p wire.Packet) error {
	if _, err := wire.Append(nil, p); err != nil {
		return err
	}
	select {
	case <-e.pipe.gone:
		return ErrCut
	default:
		e.other.in <- p
		return nil
	}
}

// Receive gives what was sent before the end even after it.
func (e *End) Receive(ctx context.Context) (wire.Packet, error) {
	select {
	case p := <-e.in:
		return p, nil
	default:
	}
	select {
	case p := <-e.in:
		return p, nil
	case <-e.pipe.gone:
		select {
		case p := <-e.in:
			return p, nil
		default:
			return wire.Packet{}, ErrCut
		}
	case <-ctx.Done():
		return wire.Packet{}, context.Cause(ctx)
	}
}

// SendBulk waits until there is room for a block.
func (e *End) SendBulk(ctx context.Context, b wire.Bulk) error {
	b, err := wire.ParseBulk(wire.AppendBulk(nil, b)) // a copy, as the other side gets it
	if err != nil {
		return err
	}
	select {
	case e.other.bulk <- b:
		return nil
	case <-e.pipe.gone:
		return ErrCut
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ReceiveBulk waits for a block.
func (e *End) ReceiveBulk(ctx context.Context) (wire.Bulk, error) {
	select {
	case b := <-e.bulk:
		return b, nil
	case <-e.pipe.gone:
		return nil, ErrCut
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Compared is what the connection shows.
func (e *End) Compared() (words [3]string, certified string) { return e.Words, e.Certified }

// Round is that of a network without any delay.
func (e *End) Round() (least, latest, smoothed time.Duration, congestion uint64) { return 0, 0, 0, 0 }

// ResumeKey is the same for all connections: "resume".
func (e *End) ResumeKey() []byte { return []byte("resume") }

// Closed is why the other side closed the connection, 0 if it didn't.
func (e *End) Closed() wire.EndWhy {
	e.pipe.mu.Lock()
	defer e.pipe.mu.Unlock()
	if e.pipe.closed != e.other {
		return 0
	}
	return e.pipe.why
}

// Close ends the connection for both. Only the first Close says why.
func (e *End) Close(why wire.EndWhy) {
	p := e.pipe
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed != nil {
		return
	}
	p.closed, p.why = e, why
	close(p.gone)
	time.AfterFunc(Goodbye, func() { close(p.done) })
}

// Gone closes with the connection, Done when nothing is left of it.
func (e *End) Gone() <-chan struct{} { return e.pipe.gone }

// Done is a connection's.
func (e *End) Done() <-chan struct{} { return e.pipe.done }
