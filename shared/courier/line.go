package courier

import (
	"context"
	"sync"

	"handrail/shared/files"
	"handrail/shared/wire"
)

// line is one connection in use.
type line struct {
	conn   Conn
	window Window
	ctx    context.Context // ends with its use
	cut    context.CancelFunc
	wake   chan struct{} // something may be ready to be sent

	// guarded by the courier's mu
	sent   uint64 // weight of all blocks
	ledger []entry
	clips  []answer // that wait to be sent
	// clipBytes are those of clips
	clipBytes int
}

// answer is what was asked of a clipboard.
type answer struct {
	id     uint32
	data   []byte
	failed bool
}

// entry says that a transfer has come so far when the other side has taken so
// much.
type entry struct {
	upTo uint64
	s    *sending
	done uint64
}

func newLine(conn Conn, w Window) *line {
	l := &line{conn: conn, window: w, wake: make(chan struct{}, 1)}
	l.ctx, l.cut = context.WithCancel(context.Background())
	return l
}

func (l *line) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// piece is how many bytes of data a piece should have now.
func (l *line) piece() int { return max(least, min(l.window.Slice(), most)-head) }

// takenLocked notes what has arrived at the other side.
func (l *line) takenLocked(bulk uint64) {
	n := 0
	for n < len(l.ledger) && l.ledger[n].upTo <= bulk {
		e := l.ledger[n]
		e.s.done = max(e.s.done, e.done)
		n++
	}
	l.ledger = l.ledger[n:]
}

// serve uses a connection until it is cut.
func (c *Courier) serve(ctx context.Context, l *line) {
	defer context.AfterFunc(ctx, l.cut)()
	for _, r := range c.receivings() {
		c.goOn(r, l)
	}
	var parts sync.WaitGroup
	blocks := make(chan wire.Bulk)
	parts.Go(func() { c.send(l) })
	parts.Go(func() {
		defer close(blocks)
		for {
			b, err := l.conn.ReceiveBulk(l.ctx)
			if err != nil {
				return
			}
			select {
			case blocks <- b:
			case <-l.ctx.Done():
				return
			}
		}
	})
	c.receive(l, blocks)
	parts.Wait()
}

// receive takes blocks in and tells the other side how much that was.
func (c *Courier) receive(l *line, blocks <-chan wire.Bulk) {
	var taken, told uint64
	tell := func() {
		if taken > told {
			told = taken
			// A connection that can't take it is going: its reader ends.
			_ = l.conn.Send(wire.Packet{Body: &wire.Taken{Bulk: taken}})
		}
	}
	for {
		var b wire.Bulk
		var ok bool
		select {
		case b, ok = <-blocks:
		default:
			tell()
			b, ok = <-blocks
		}
		if !ok {
			return
		}
		c.take(l, b)
		if taken += uint64(files.Weight(b)); taken-told >= often {
			tell()
		}
	}
}
