package courier

import (
	"context"
	"sync"
	"sync/atomic"

	"handrail/shared/files"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// receiving is a transfer that comes in.
type receiving struct {
	id    uint32
	thing files.Thing
	alive context.Context // ends with the transfer
	stop  context.CancelFunc
	done  atomic.Uint64 // bytes on the disk
	told  told          // guarded by the courier's mu

	// mu guards the following, which are in use while the disk is written.
	mu   sync.Mutex
	in   *files.Incoming
	sink files.Sink // nil until it is prepared, and when it is closed
	on   *line      // where the sender was told to go on
}

func (c *Courier) receivings() (list []*receiving) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.recvs {
		list = append(list, r)
	}
	return list
}

// prepare looks what is kept of an earlier try, and begins.
func (c *Courier) prepare(ctx context.Context, r *receiving) {
	defer context.AfterFunc(ctx, r.stop)()
	if err := r.open(c.cfg.Disk); err != nil {
		c.broke(r.id, err, wire.HaltUnwritable)
		return
	}
	var told *line
	for l := c.current(); l != nil && l != told; l = c.current() {
		c.goOn(r, l)
		told = l // another may have come, that found r busy
	}
}

func (r *receiving) open(d Disk) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	sink, err := d.Keep(r.alive, r.thing)
	if err != nil {
		if r.alive.Err() != nil {
			return nil
		}
		return err
	}
	r.sink = sink
	list, within, sums := sink.Kept()
	if len(list) > 0 && !r.in.Restore(list, within, sums) {
		if err := sink.Anew(); err != nil {
			return err
		}
	}
	r.done.Store(r.in.Done())
	return nil
}

// goOn tells the sender, once on each connection, where to go on.
func (c *Courier) goOn(r *receiving, l *line) {
	if !r.mu.TryLock() {
		return // it is being prepared, and is told after that
	}
	defer r.mu.Unlock()
	if r.sink == nil || r.on == l || l.ctx.Err() != nil {
		return
	}
	r.on = l
	_ = l.conn.Send(wire.Packet{Body: r.in.GoOn()}) // a connection that can't take it is going
}

// take takes in one block. One of a transfer that has ended was on its way.
func (c *Courier) take(l *line, b wire.Bulk) {
	var id uint32
	switch b := b.(type) {
	case wire.ClipPiece:
		c.cfg.Clip(b)
		return
	case wire.Item:
		id = b.ID
	case wire.Chunk:
		id = b.ID
	case wire.Piece:
		id = b.ID
	case wire.ItemEnd:
		id = b.ID
	}
	c.mu.Lock()
	r := c.recvs[id]
	c.mu.Unlock()
	if r == nil {
		return
	}
	all, place, err := r.take(l, b)
	switch {
	case err != nil:
		c.broke(id, err, wire.HaltUnwritable)
	case all:
		c.mu.Lock()
		if c.recvs[id] == r {
			delete(c.recvs, id)
			r.stop()
		}
		c.mustLocked(session.Delivered{ID: id, Place: place})
		c.mu.Unlock()
	}
}

// take does on the disk what a block is about; all says that the thing is in
// its place.
func (r *receiving) take(l *line, b wire.Bulk) (all bool, place string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sink == nil || r.on != l || r.alive.Err() != nil {
		return false, "", nil
	}
	d, err := r.in.Take(b)
	if err != nil {
		return false, "", err
	}
	if err := r.write(d); err != nil {
		return false, "", err
	}
	r.done.Store(r.in.Done())
	if !d.All || r.alive.Err() != nil {
		return false, "", nil
	}
	if place, err = r.sink.Finish(); err != nil {
		return false, "", err
	}
	r.sink.Close(true)
	r.sink = nil
	return true, place, nil
}

func (r *receiving) write(d files.Deed) error {
	if d.Anew {
		if err := r.sink.Anew(); err != nil {
			return err
		}
	}
	if d.Begin {
		if err := r.sink.Begin(d.Entry, d.Path); err != nil {
			return err
		}
	}
	if d.Chunk != nil {
		if err := r.sink.Chunk(d.Chunk, d.Sum); err != nil {
			return err
		}
	}
	if d.End {
		return r.sink.End()
	}
	return nil
}

func (r *receiving) close(keep bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sink != nil {
		r.sink.Close(keep)
		r.sink = nil
	}
}

// endReceiveLocked takes nothing more of a transfer.
func (c *Courier) endReceiveLocked(r *receiving, keep bool) {
	r.stop()
	delete(c.recvs, r.id)
	c.closeLocked(func() { r.close(keep) })
}
