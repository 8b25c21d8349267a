package link

import (
	"context"
	"encoding/binary"
	"io"
	"sync"
)

// outbox is a bounded queue of blocks; one goroutine, run, writes them out.
type outbox struct {
	mu       sync.Mutex // guards the following
	blocks   [][]byte
	bytes    int
	finished bool

	wake chan struct{}
}

func newOutbox() *outbox { return &outbox{wake: make(chan struct{}, 1)} }

// put queues body as one block (see wire.WriteBlock). It never blocks; the
// error is ErrCrowded or, after finish, ErrClosed.
func (o *outbox) put(body []byte) error { return o.add(body, queuedPackets, queuedBytes) }

// offer is put for what may get lost: it leaves half of the queue to the rest.
func (o *outbox) offer(body []byte) error { return o.add(body, queuedPackets/2, queuedBytes/2) }

// add is put with other limits than the queue's.
func (o *outbox) add(body []byte, packets, bytes int) error {
	block := appendBlock(body)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.finished {
		return ErrClosed
	}
	if len(o.blocks) >= packets || o.bytes+len(block) > bytes {
		return ErrCrowded
	}
	o.blocks = append(o.blocks, block)
	o.bytes += len(block)
	signal(o.wake)
	return nil
}

// appendBlock is body with its length in front, as wire.WriteBlock writes it.
func appendBlock(body []byte) []byte {
	block := binary.AppendUvarint(make([]byte, 0, len(body)+binary.MaxVarintLen32), uint64(len(body)))
	return append(block, body...)
}

// finish lets run end once everything is written.
func (o *outbox) finish() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.finished = true
	signal(o.wake)
}

// take empties the queue; last means that nothing will follow.
func (o *outbox) take() (blocks [][]byte, last bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	blocks, o.blocks, o.bytes = o.blocks, nil, 0
	return blocks, o.finished
}

// run writes to w until finish and an empty queue, an error, or ctx's end.
func (o *outbox) run(ctx context.Context, w io.Writer) error {
	for {
		blocks, last := o.take()
		for _, b := range blocks {
			if _, err := w.Write(b); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
		select {
		case <-o.wake:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
