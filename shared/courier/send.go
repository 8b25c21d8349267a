package courier

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"handrail/shared/files"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// sending is a transfer that goes out.
type sending struct {
	id    uint32
	thing files.Thing
	alive context.Context // ends with the transfer
	stop  context.CancelFunc
	gone  atomic.Bool

	// guarded by the courier's mu
	asked *asked // where to go on, before that was looked at
	busy  bool   // somebody looks
	ready *line  // it can go on there
	said  uint64 // bytes of files that have been sent there, or need not be
	done  uint64 // bytes that the other side has
	told  told

	// mu guards the following, which are in use while the disk is read.
	mu     sync.Mutex
	source files.Source
	out    *files.Outgoing
	on     *line // what out is set for
	closed bool
}

// asked is what the receiver said on a connection.
type asked struct {
	on   *line
	goOn *wire.GoOn
}

func (c *Courier) sendingLocked(id uint32) *sending {
	i := slices.IndexFunc(c.sends, func(s *sending) bool { return s.id == id })
	if i < 0 {
		return nil
	}
	return c.sends[i]
}

// startLocked has a transfer go on where the receiver wants it. However often
// it is asked, only one at a time looks into that, and at what was asked last.
func (c *Courier) startLocked(s *sending, g *wire.GoOn) {
	if c.line == nil {
		return
	}
	s.ready, s.asked = nil, &asked{c.line, g}
	if s.busy {
		return
	}
	s.busy = true
	c.laterLocked(func(ctx context.Context) {
		defer context.AfterFunc(ctx, s.stop)()
		for a := c.takeAsked(s); a != nil; a = c.takeAsked(s) {
			if err := c.start(s, a.on, a.goOn); err != nil {
				c.broke(s.id, err, wire.HaltUnreadable)
			}
		}
	})
}

// takeAsked gives what is to be looked at now; after nil somebody else looks.
func (c *Courier) takeAsked(s *sending) *asked {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := s.asked
	s.asked, s.busy = nil, a != nil
	return a
}

// start looks whether the receiver has what this side has. It reads as much as
// is there already, but does not keep other transfers waiting for it.
func (c *Courier) start(s *sending, l *line, g *wire.GoOn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.on = nil
	if err := s.open(c.cfg.Disk); err != nil {
		return err
	}
	if s.alive.Err() != nil {
		return nil
	}
	item, chunks, err := s.out.Checks(g)
	if err != nil {
		return err
	}
	sums, err := s.sums(l, item, chunks)
	if err != nil || l.ctx.Err() != nil || s.alive.Err() != nil {
		return err
	}
	s.out.Start(g, sums)
	s.on = l
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line == l && s.asked == nil {
		s.ready, s.said = l, s.out.Behind()
		s.done = s.said
		l.nudge()
	}
	return nil
}

// open opens what is sent, the first time.
func (s *sending) open(d Disk) error {
	if s.source != nil {
		return nil
	}
	source, err := d.Open(s.alive, s.thing.Place)
	if err != nil {
		if s.alive.Err() != nil {
			return nil
		}
		return err
	}
	s.source = source
	list := source.Entries()
	var size uint64
	for _, e := range list {
		size += e.Size
	}
	if len(list) != int(s.thing.Items) || size != s.thing.Size || list[0].Folder != s.thing.Folder {
		return files.ErrChanged // since it was offered
	}
	s.out = files.NewOutgoing(s.id, list)
	return nil
}

// sums are those of an item's first chunks, as it is now.
func (s *sending) sums(l *line, item int, chunks uint32) ([]files.Sum, error) {
	var sums []files.Sum
	buf := make([]byte, wire.MaxChunk)
	size := uint64(0)
	if chunks > 0 {
		size = s.source.Entries()[item].Size
	}
	for n := range uint64(chunks) {
		if l.ctx.Err() != nil || s.alive.Err() != nil {
			return nil, nil
		}
		from := n * wire.MaxChunk
		part := buf[:min(size-from, wire.MaxChunk)]
		if err := s.source.Read(item, part, int64(from)); err != nil {
			return nil, err
		}
		sums = append(sums, sha256.Sum256(part))
	}
	return sums, nil
}

func (s *sending) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed = true; s.source != nil {
		s.source.Close()
		s.source = nil
	}
}

// endSendLocked sends nothing more of a transfer.
func (c *Courier) endSendLocked(s *sending) {
	s.gone.Store(true)
	s.stop()
	c.sends = slices.DeleteFunc(c.sends, func(o *sending) bool { return o == s })
	c.closeLocked(s.close)
}

// broke ends a transfer with which this machine can't go on.
func (c *Courier) broke(id uint32, err error, def wire.HaltWhy) {
	c.mu.Lock()
	defer c.mu.Unlock()
	why := files.Why(err, def)
	s, r := c.sendingLocked(id), c.recvs[id]
	switch {
	case s != nil && s.alive.Err() == nil:
		c.endSendLocked(s)
	case r != nil && r.alive.Err() == nil:
		c.endReceiveLocked(r, why == wire.HaltUnwritable)
	default: // was ended at the same moment
		return
	}
	slog.Warn("a transfer can't go on", "id", id, "err", err)
	c.mustLocked(session.Broke{ID: id, Why: why})
}

// send sends what is ready, a chunk of each transfer in turn: a small one does
// not wait for a large one.
func (c *Courier) send(l *line) {
	buf := make([]byte, wire.MaxChunk)
	last := uint32(0)
	for l.ctx.Err() == nil {
		if c.sendClips(l) != nil {
			return
		}
		s := c.turn(l, last)
		if s == nil {
			select {
			case <-l.wake:
			case <-l.ctx.Done():
			}
			continue
		}
		last = s.id
		if err := c.sendChunk(l, s, buf); err != nil && l.ctx.Err() == nil && s.alive.Err() == nil {
			return // the connection takes nothing more
		}
	}
}

// turn is the transfer whose turn it is after the one with an ID.
func (c *Courier) turn(l *line, last uint32) (first *sending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := false
	for _, s := range c.sends {
		if s.ready == l {
			if seen {
				return s
			}
			if first == nil {
				first = s
			}
		}
		seen = seen || s.id == last
	}
	return first
}

// sendChunk sends of a transfer what comes next, up to the end of a chunk. Its
// error is the connection's.
func (c *Courier) sendChunk(l *line, s *sending, buf []byte) error {
	// What is sent of a transfer ends with it, between two blocks: half a block
	// would have to be sent all the same.
	for !s.gone.Load() {
		b, data, err := s.load(l, buf)
		switch {
		case err != nil:
			c.broke(s.id, err, wire.HaltUnreadable)
			return nil
		case b == nil:
			c.mu.Lock()
			if s.ready == l {
				s.ready = nil
			}
			c.mu.Unlock()
			return nil
		}
		if err := c.say(l, b); err != nil {
			return err
		}
		if data != nil {
			return c.sendPieces(l, s, data)
		}
	}
	return nil
}

// sendPieces sends the bytes of a chunk. What is asked of a clipboard goes
// before each: somebody waits for it.
func (c *Courier) sendPieces(l *line, s *sending, data []byte) error {
	for rest := data; len(rest) > 0; {
		if err := c.sendClips(l); err != nil {
			return err
		}
		if s.gone.Load() {
			return nil
		}
		part := rest[:min(len(rest), l.piece())]
		rest = rest[len(part):]
		if err := c.say(l, wire.Piece{ID: s.id, Data: part}); err != nil {
			return err
		}
	}
	c.sent(l, s, len(data))
	return nil
}

// sendClips sends what waits of clipboards.
func (c *Courier) sendClips(l *line) error {
	for {
		c.mu.Lock()
		if len(l.clips) == 0 {
			c.mu.Unlock()
			return nil
		}
		a := l.clips[0]
		l.clips = l.clips[1:]
		c.mu.Unlock()
		for rest := a.data; ; {
			part := rest[:min(len(rest), l.piece())]
			rest = rest[len(part):]
			p := wire.ClipPiece{ID: a.id, Data: part, Last: len(rest) == 0, Failed: a.failed}
			if err := c.say(l, p); err != nil {
				return err
			}
			c.mu.Lock()
			l.clipBytes -= len(part)
			c.mu.Unlock()
			if p.Last {
				break
			}
		}
	}
}

// say sends a block when there is room for it.
func (c *Courier) say(l *line, b wire.Bulk) error {
	n := files.Weight(b)
	if err := l.window.Wait(l.ctx, n); err != nil {
		return err
	}
	c.mu.Lock()
	l.sent += uint64(n)
	c.mu.Unlock()
	return l.conn.SendBulk(l.ctx, b)
}

// sent notes that a chunk has gone out.
func (c *Courier) sent(l *line, s *sending, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line == l {
		s.said += uint64(n)
		l.ledger = append(l.ledger, entry{l.sent, s, s.said})
	}
}

// load gives the next block, with the bytes that are to follow as pieces if it
// announces a chunk; no block if there is nothing to send.
func (s *sending) load(l *line, buf []byte) (wire.Bulk, []byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.on != l || s.closed {
		return nil, nil, nil
	}
	w, ok := s.out.Next()
	if !ok {
		return nil, nil, nil
	}
	if w.Say != nil {
		return w.Say, nil, nil
	}
	data := buf[:w.Size]
	if err := s.source.Read(w.Item, data, w.From); err != nil {
		return nil, nil, err
	}
	return s.out.Chunk(data), data, nil
}
