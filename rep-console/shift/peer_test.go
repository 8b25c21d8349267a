package shift

import (
	"context"
	"slices"
	"sync"
	"time"

	"handrail/shared/sim"
	"handrail/shared/wire"
)

// end is one end of a connection between rep and customer.
type end struct {
	*sim.End
	other  *end
	slices chan wire.Slice

	mu     sync.Mutex
	inputs []wire.Input
	taken  bool // the slice of a lateSlice

	relayed bool
	slower  time.Duration
}

func newPipe() (a, b *end) {
	one, two := sim.NewPipe()
	a, b = &end{End: one, slices: make(chan wire.Slice, 16)}, &end{End: two, slices: make(chan wire.Slice, 16)}
	a.other, b.other = b, a
	return a, b
}

func (e *end) Silent(time.Time) time.Duration { return 0 }

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
