package shift

import (
	"context"
	"slices"
	"sync"
	"time"

	"handrail/shared/wire"
)

// end is one end of a connection between rep and customer.
type end struct {
	other *end
	in    chan wire.Packet
	gone  chan struct{} // closed here
	done  chan struct{}

	mu     sync.Mutex
	closed bool
	why    wire.EndWhy // the other side's
	inputs []wire.Input
	taken  bool // the slice of a lateSlice
	slices chan wire.Slice
	bulk   chan wire.Bulk

	relayed bool
	words   [3]string // of a session without a key
	slower  time.Duration
}

func newPipe() (a, b *end) {
	side := func() *end {
		return &end{
			in: make(chan wire.Packet, 4096), gone: make(chan struct{}), done: make(chan struct{}),
			slices: make(chan wire.Slice, 16), bulk: make(chan wire.Bulk, 64),
		}
	}
	a, b = side(), side()
	a.other, b.other = b, a
	return a, b
}

func (e *end) Send(p wire.Packet) error {
	if _, err := wire.Append(nil, p); err != nil {
		return err
	}
	select {
	case <-e.gone:
		return errCut
	case <-e.other.gone:
		return errCut
	default:
		e.other.in <- p
		return nil
	}
}

func (e *end) Receive(ctx context.Context) (wire.Packet, error) {
	select {
	case p := <-e.in:
		return p, nil
	default:
	}
	select {
	case p := <-e.in:
		return p, nil
	case <-e.gone:
		return wire.Packet{}, errCut
	case <-e.other.gone:
		select {
		case p := <-e.in:
			return p, nil
		default:
			return wire.Packet{}, errCut
		}
	case <-ctx.Done():
		return wire.Packet{}, context.Cause(ctx)
	}
}

func (e *end) Silent(time.Time) time.Duration { return 0 }

func (e *end) Compared() ([3]string, string) { return e.words, "" }

func (e *end) Closed() wire.EndWhy {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.why
}

func (e *end) Close(why wire.EndWhy) {
	e.mu.Lock()
	first := !e.closed
	e.closed = true
	e.mu.Unlock()
	if !first {
		return
	}
	e.other.mu.Lock()
	e.other.why = why
	e.other.mu.Unlock()
	close(e.gone)
	time.AfterFunc(100*time.Millisecond, func() { close(e.done) })
}

func (e *end) SendInput(in wire.Input) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.inputs = append(e.inputs, in)
	return nil
}

func (e *end) hands() []wire.Input {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.inputs)
}

func (e *end) SendBulk(ctx context.Context, b wire.Bulk) error {
	b, err := wire.ParseBulk(wire.AppendBulk(nil, b)) // a copy, as the other side gets it
	if err != nil {
		return err
	}
	select {
	case e.other.bulk <- b:
		return nil
	case <-e.gone:
		return errCut
	case <-e.other.gone:
		return errCut
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (e *end) ReceiveBulk(ctx context.Context) (wire.Bulk, error) {
	select {
	case b := <-e.bulk:
		return b, nil
	case <-e.gone:
		return nil, errCut
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (e *end) ReceiveSlice(ctx context.Context) (wire.Slice, error) {
	select {
	case s := <-e.slices:
		return s, nil
	case <-ctx.Done():
		return wire.Slice{}, context.Cause(ctx)
	}
}

func (e *end) ReceiveCursor(ctx context.Context) (wire.Cursor, error) {
	<-ctx.Done()
	return wire.Cursor{}, context.Cause(ctx)
}

func (e *end) ReceivePointer(ctx context.Context) (wire.Pointer, error) {
	<-ctx.Done()
	return wire.Pointer{}, context.Cause(ctx)
}

func (e *end) Travels() (bool, time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.relayed, 20*time.Millisecond + e.slower
}

func (e *end) Round() (least, latest, smoothed time.Duration, congestion uint64) { return 0, 0, 0, 0 }
func (e *end) ResumeKey() []byte                                                 { return []byte("resume") }
func (e *end) Done() <-chan struct{}                                             { return e.done }
