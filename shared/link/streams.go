package link

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/wire"
)

// SendInput sends what the rep's hands did and returns at once. An edge joins
// its ordered stream; a move goes as a datagram that may get lost, its After
// set to the last edge sent on this connection. Call it from one goroutine: the
// order of the calls is the order of the events. Its errors are ErrWrongRole,
// ErrClosed, ErrCrowded (then the connection ends) and wire.ErrMalformed.
func (p *Peer) SendInput(in wire.Input) error {
	if p.role != wire.RoleRep {
		return ErrWrongRole
	}
	if m, ok := in.(wire.Move); ok {
		m.After = p.lastEdge.Load()
		p.flyers.addMove(m)
		return p.Err()
	}
	b := wire.AppendInput(nil, in)
	if _, err := wire.ParseInput(b); err != nil {
		return err // ours to know: over there it would end the connection
	}
	if last := p.lastEdge.Load(); wire.Edge(in) <= last {
		return fmt.Errorf("%w: edge %d after %d", wire.ErrMalformed, wire.Edge(in), last)
	}
	err := p.edges.put(b)
	if errors.Is(err, ErrCrowded) {
		p.talk.cut(codeCrowded, "too much input unread")
	}
	if err == nil {
		p.lastEdge.Store(wire.Edge(in))
	}
	return err
}

// ReceiveInput waits for the rep's next edge or move. Edges come all and in
// order; a move only between the edges it was made between. io.EOF means that
// the rep's side has closed the connection and all of them have come; with
// another error some may be missing.
func (p *Peer) ReceiveInput(ctx context.Context) (wire.Input, error) {
	if p.inputs == nil {
		return nil, ErrWrongRole
	}
	in, err := p.inputs.next(ctx, p.conn.Context().Done())
	if in == nil && err == nil {
		err = p.over(ctx)
	}
	return in, err
}

// writeEdges opens the input stream for the first edge and writes them all. Its
// end says that there are no more, and so it is opened for that, too.
func (p *Peer) writeEdges(ctx context.Context) {
	l := newLine(p.conn, wire.StreamInput, urgencyInput)
	if p.edges.run(ctx, blockWriter{ctx, l}) == nil {
		_ = l.end(ctx) // as below
	}
	p.edges.finish() // the connection has ended, and knows why
}

// blockWriter writes to a line what already are blocks.
type blockWriter struct {
	ctx context.Context
	l   *line
}

func (w blockWriter) Write(b []byte) (int, error) { return len(b), w.l.write(w.ctx, b) }

// SendSlice sends a piece of the picture and returns when QUIC has taken it
// all: nothing of it waits in a queue here. When ctx ends in the middle, the
// rest goes out before the next slice.
func (p *Peer) SendSlice(ctx context.Context, s wire.Slice) error {
	if p.pictures == nil {
		return ErrWrongRole
	}
	b := wire.AppendSlice(make([]byte, 0, len(s.Data)+32), s)
	if len(b) > wire.MaxSlice {
		return wire.ErrTooLong
	}
	return p.sendBlock(ctx, p.pictures, b)
}

// ReceiveSlice waits for the next piece of the picture.
func (p *Peer) ReceiveSlice(ctx context.Context) (wire.Slice, error) {
	return receive(ctx, p, p.slices)
}

// SendCursor sends the pointer's shape, like SendSlice.
func (p *Peer) SendCursor(ctx context.Context, c wire.Cursor) error {
	if p.cursors == nil {
		return ErrWrongRole
	}
	b := wire.AppendCursor(make([]byte, 0, len(c.Pix)+32), c)
	if _, err := wire.ParseCursor(b); err != nil {
		return err
	}
	return p.sendBlock(ctx, p.cursors, b)
}

// ReceiveCursor waits for the next shape of the pointer.
func (p *Peer) ReceiveCursor(ctx context.Context) (wire.Cursor, error) {
	return receive(ctx, p, p.shapes)
}

// SendPointer sends the pointer's place as a datagram; it may get lost.
func (p *Peer) SendPointer(place wire.Pointer) error {
	if p.role != wire.RoleCustomer {
		return ErrWrongRole
	}
	p.flyers.addPointer(place)
	return p.Err()
}

// ReceivePointer waits for a newer place of the pointer.
func (p *Peer) ReceivePointer(ctx context.Context) (wire.Pointer, error) {
	return receive(ctx, p, p.pointer)
}

// SendBulk sends a part of a file or of a clipboard, like SendSlice.
func (p *Peer) SendBulk(ctx context.Context, v wire.Bulk) error {
	b := wire.AppendBulk(make([]byte, 0, 10<<10), v)
	if _, err := wire.ParseBulk(b); err != nil {
		return err // ours to know: over there it would end the connection
	}
	return p.sendBlock(ctx, p.bulk, b)
}

// ReceiveBulk waits for the next part of a file or of a clipboard. Its Data is
// the caller's.
func (p *Peer) ReceiveBulk(ctx context.Context) (wire.Bulk, error) {
	return receive(ctx, p, p.parcels)
}

// receive takes from c, which is nil in the wrong role.
func receive[T any](ctx context.Context, p *Peer, c chan T) (T, error) {
	var none T
	if c == nil {
		return none, ErrWrongRole
	}
	select {
	case v := <-c:
		return v, nil
	case <-ctx.Done():
	case <-p.conn.Context().Done():
	}
	return none, p.over(ctx)
}

func (p *Peer) sendBlock(ctx context.Context, l *line, body []byte) error {
	err := l.write(ctx, appendBlock(body))
	if err != nil && p.conn.Context().Err() != nil {
		return p.over(ctx)
	}
	return err
}

// line is a stream this side opens and writes blocks to, one writer at a time.
type line struct {
	conn    *quic.Conn
	kind    wire.StreamKind
	urgency int8

	turn   chan struct{}    // holds one token; its owner owns the following
	stream *quic.SendStream // nil before the first block
	rest   []byte           // of a block whose writer gave up
}

func newLine(conn *quic.Conn, kind wire.StreamKind, urgency int8) *line {
	l := &line{conn: conn, kind: kind, urgency: urgency, turn: make(chan struct{}, 1)}
	l.turn <- struct{}{}
	return l
}

// write sends block, whole or, when ctx ends before, in part; then the next
// call sends the rest of it first.
func (l *line) write(ctx context.Context, block []byte) error {
	select {
	case <-l.turn:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { l.turn <- struct{}{} }()
	if err := l.open(ctx); err != nil {
		return err
	}
	defer deadline(ctx, l.stream.SetWriteDeadline)()
	for len(l.rest) > 0 {
		n, err := l.stream.Write(l.rest)
		if l.rest = l.rest[n:]; err != nil {
			return calledOff(ctx, err)
		}
	}
	n, err := l.stream.Write(block)
	if err != nil {
		if n > 0 {
			l.rest = append([]byte(nil), block[n:]...)
		}
		return calledOff(ctx, err)
	}
	return nil
}

// open opens the stream; the caller has the turn.
func (l *line) open(ctx context.Context) error {
	if l.stream != nil {
		return nil
	}
	s, err := l.conn.OpenUniStreamSync(ctx)
	if err != nil {
		return err
	}
	s.SetPriority(l.urgency, false)
	l.stream, l.rest = s, wire.AppendStreamKind(nil, l.kind)
	return nil
}

// end says that nothing more will come.
func (l *line) end(ctx context.Context) error {
	if err := l.write(ctx, nil); err != nil {
		return err
	}
	return l.stream.Close()
}

// deadline lets ctx call off what blocks on a stream, until the function it
// returns is called. A deadline in the past is quic-go's way to do so.
func deadline(ctx context.Context, set func(time.Time) error) (end func()) {
	called := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(called)
		_ = set(time.Unix(1, 0)) // never fails
	})
	return func() {
		if !stop() {
			<-called
			_ = set(time.Time{})
		}
	}
}

func calledOff(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// admit takes the streams the other side opens, each kind once.
func (p *Peer) admit(ctx context.Context, parts *sync.WaitGroup) {
	var seen [wire.StreamBulk + 1]atomic.Bool
	for {
		s, err := p.conn.AcceptUniStream(ctx)
		if err != nil {
			return
		}
		parts.Go(func() {
			r := bufio.NewReaderSize(heardReader{s, p}, 16<<10)
			kind, err := wire.ReadStreamKind(r)
			switch {
			case errors.Is(err, wire.ErrUnknownStream):
				s.CancelRead(quic.StreamErrorCode(codeOutOfPlace)) // of a newer version
			case err != nil:
				p.badStream(err)
			case !p.mayOpen(kind) || seen[kind].Swap(true):
				p.talk.cut(codeOutOfPlace, "stream out of place")
			default:
				p.readStream(ctx, kind, r)
			}
		})
	}
}

// mayOpen says which streams the other side may open.
func (p *Peer) mayOpen(kind wire.StreamKind) bool {
	switch {
	case kind == wire.StreamBulk:
		return true
	case p.role == wire.RoleCustomer:
		return kind == wire.StreamInput
	}
	return kind == wire.StreamPictures || kind == wire.StreamCursor
}

func (p *Peer) readStream(ctx context.Context, kind wire.StreamKind, r *bufio.Reader) {
	switch kind {
	case wire.StreamInput:
		if p.readBlocks(r, wire.MaxInput, func(b []byte) bool {
			in, err := wire.ParseInput(b)
			return err == nil && wire.Edge(in) != 0 && p.inputs.edge(ctx, in)
		}) {
			close(p.inputs.ended) // there is one such stream
		}
	case wire.StreamPictures:
		p.readBlocks(r, wire.MaxSlice, func(b []byte) bool {
			s, err := wire.ParseSlice(b)
			return err == nil && pass(ctx, p.slices, s)
		})
	case wire.StreamBulk:
		p.readBlocks(r, wire.MaxBulk, func(b []byte) bool {
			v, err := wire.ParseBulk(b)
			return err == nil && pass(ctx, p.parcels, v)
		})
	case wire.StreamCursor:
		p.readBlocks(r, wire.MaxCursor, func(b []byte) bool {
			c, err := wire.ParseCursor(b)
			return err == nil && pass(ctx, p.shapes, c)
		})
	}
}

// readBlocks hands each block, its own piece of memory, to take until take
// refuses one, which ends the connection. True means that the other side ended
// the stream, which is its right.
func (p *Peer) readBlocks(r *bufio.Reader, limit int, take func([]byte) bool) bool {
	for {
		b, err := wire.ReadBlock(r, nil, limit)
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			p.badStream(err)
			return false
		}
		if !take(b) {
			p.talk.cut(codeMalformed, "bad block") // no effect on a connection that is gone
			return false
		}
	}
}

// badStream ends the connection when the other side broke the format; a
// stream that ended otherwise just ended.
func (p *Peer) badStream(err error) {
	if errors.Is(err, wire.ErrTooLong) || errors.Is(err, wire.ErrMalformed) || errors.Is(err, io.ErrUnexpectedEOF) {
		p.talk.cut(codeMalformed, "bad stream")
	}
}

func pass[T any](ctx context.Context, c chan T, v T) bool {
	select {
	case c <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

// heardReader notes that the other side is there.
type heardReader struct {
	r io.Reader
	p *Peer
}

func (h heardReader) Read(b []byte) (int, error) {
	n, err := h.r.Read(b)
	if n > 0 {
		h.p.touch()
	}
	return n, err
}

// catch takes the other side's datagrams. One that makes no sense is dropped:
// newer versions may send more kinds.
func (p *Peer) catch(ctx context.Context) {
	var newest uint64
	for {
		b, err := p.conn.ReceiveDatagram(ctx)
		if err != nil {
			return
		}
		p.touch()
		if len(b) == 1 && b[0] == wire.DatagramHeartbeat {
			continue
		}
		if !p.catchOne(b, &newest) {
			p.stale.Add(1)
		}
	}
}

func (p *Peer) catchOne(b []byte, newest *uint64) bool {
	if len(b) == 0 {
		return false
	}
	switch {
	case b[0] == wire.DatagramMove && p.inputs != nil:
		in, err := wire.ParseInput(b[1:])
		m, ok := in.(wire.Move)
		if err != nil || !ok {
			return false
		}
		p.inputs.move(m)
		return true
	case b[0] == wire.DatagramPointer && p.pointer != nil:
		place, err := wire.ParsePointer(b[1:])
		if err != nil || place.Seq <= *newest {
			return false
		}
		*newest = place.Seq
		select {
		case <-p.pointer: // never read: the newer one takes its place
			p.stale.Add(1)
		default:
		}
		p.pointer <- place // has room: nobody else writes
		return true
	}
	return false
}
