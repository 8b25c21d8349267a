package link

import (
	"context"
	"io"
	"sync"

	"handrail/shared/wire"
)

// inputBox is the customer's queue of what the rep's hands did. Edges wait for
// room in it, which holds back their stream; moves never do.
type inputBox struct {
	mu    sync.Mutex // guards the following
	gate  moveGate
	queue []wire.Input
	lost  uint64 // moves merged or dropped because the queue was full

	ready chan struct{} // something came
	room  chan struct{} // something was taken
	ended chan struct{} // closed when the rep has ended the stream of edges
}

const queuedInputs = 256

func newInputBox() *inputBox {
	return &inputBox{ready: make(chan struct{}, 1), room: make(chan struct{}, 1), ended: make(chan struct{})}
}

// edge adds an edge and the move that waited for it. False means that edges
// ran backwards or ctx ended.
func (b *inputBox) edge(ctx context.Context, in wire.Input) bool {
	for {
		b.mu.Lock()
		if len(b.queue) < queuedInputs {
			defer b.mu.Unlock()
			m, waited, ok := b.gate.edgeCame(wire.Edge(in))
			if !ok {
				return false
			}
			b.queue = append(b.queue, in)
			if waited {
				b.queue = append(b.queue, m)
			}
			signal(b.ready)
			return true
		}
		b.mu.Unlock()
		select {
		case <-b.room:
		case <-ctx.Done():
			return false
		}
	}
}

// move adds a move where it belongs.
func (b *inputBox) move(m wire.Move) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.gate.moveCame(m) {
		return
	}
	if len(b.queue) < queuedInputs {
		b.queue = append(b.queue, m)
		signal(b.ready)
		return
	}
	b.lost++
	if _, ok := b.queue[len(b.queue)-1].(wire.Move); ok {
		b.queue[len(b.queue)-1] = m // nothing lies between the two: the newer says it all
	}
}

// next takes the oldest. Without one it gives io.EOF after the end of the
// stream, and nil when ctx ended or the connection is over.
func (b *inputBox) next(ctx context.Context, over <-chan struct{}) (wire.Input, error) {
	for {
		end := false
		select {
		case <-b.ended: // looked at first: what is queued now is all there is
			end = true
		default:
		}
		b.mu.Lock()
		if len(b.queue) > 0 {
			defer b.mu.Unlock()
			in := b.queue[0]
			b.queue = b.queue[1:]
			signal(b.room)
			return in, nil
		}
		b.mu.Unlock()
		if end {
			return nil, io.EOF
		}
		select {
		case <-b.ready:
		case <-b.ended:
		case <-ctx.Done():
			return nil, nil
		case <-over:
			return nil, nil
		}
	}
}

func (b *inputBox) dropped() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lost + b.gate.dropped
}

// signal wakes whoever waits for c, once.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// flyers are the datagrams waiting to be sent: few, because an old place of
// the pointer is worth nothing.
type flyers struct {
	mu      sync.Mutex // guards the following
	beat    bool
	moves   []wire.Move
	pointer *wire.Pointer
	lost    uint64 // moves and pointers that a newer one replaced

	wake chan struct{}
}

const flyingMoves = 8

func newFlyers() *flyers { return &flyers{wake: make(chan struct{}, 1)} }

func (f *flyers) addBeat() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.beat = true
	signal(f.wake)
}

// addMove queues m. When the queue is full, the newest gives way if it
// follows the same edge, otherwise the oldest.
func (f *flyers) addMove(m wire.Move) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.moves); n == flyingMoves {
		f.lost++
		if f.moves[n-1].After == m.After {
			f.moves = f.moves[:n-1]
		} else {
			f.moves = append(f.moves[:0], f.moves[1:]...)
		}
	}
	f.moves = append(f.moves, m)
	signal(f.wake)
}

func (f *flyers) addPointer(p wire.Pointer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pointer != nil {
		f.lost++
	}
	f.pointer = &p
	signal(f.wake)
}

func (f *flyers) dropped() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lost
}

// take gives the next datagram, nil when there is none.
func (f *flyers) take() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.beat:
		f.beat = false
		return []byte{wire.DatagramHeartbeat}
	case len(f.moves) > 0:
		m := f.moves[0]
		f.moves = append(f.moves[:0], f.moves[1:]...)
		return wire.AppendInput([]byte{wire.DatagramMove}, m)
	case f.pointer != nil:
		p := *f.pointer
		f.pointer = nil
		return wire.AppendPointer([]byte{wire.DatagramPointer}, p)
	}
	return nil
}

// run sends until send fails or ctx ends.
func (f *flyers) run(ctx context.Context, send func([]byte) error) {
	for {
		for b := f.take(); b != nil; b = f.take() {
			if send(b) != nil {
				return
			}
		}
		select {
		case <-f.wake:
		case <-ctx.Done():
			return
		}
	}
}
