package link

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/wire"
)

// talk is a conversation of packets over one QUIC stream. Control and Peer
// have one each.
//
// It ends politely: who leaves writes what is queued and closes its half of
// the stream; the other, having read everything, closes its own half; only
// then the connection goes, with a code. Without this a last message would be
// thrown away by the very packet that says goodbye.
type talk struct {
	conn    *quic.Conn
	out     *outbox
	in      chan heardPacket     // closed by run
	mayCome func(wire.Kind) bool // what the other side is allowed to say
	heard   func()               // called when it says something
	settle  func()               // called when it leaves, before we do

	mu      sync.Mutex // guards the following
	leaving bool
	code    quic.ApplicationErrorCode
	reason  string
	timer   *time.Timer
}

// heardPacket is a packet or, for an unknown kind, its number as an error.
type heardPacket struct {
	packet wire.Packet
	err    error
}

func newTalk(conn *quic.Conn, mayCome func(wire.Kind) bool, heard func()) *talk {
	return &talk{conn: conn, out: newOutbox(), in: make(chan heardPacket, heardPackets), mayCome: mayCome, heard: heard, settle: func() {}}
}

// send queues p. When the queue is full the connection ends: an order of
// messages with a hole is worse than a new connection.
func (t *talk) send(p wire.Packet) error {
	body, err := wire.Append(nil, p)
	if err != nil {
		return err
	}
	err = t.out.put(body)
	if errors.Is(err, ErrCrowded) {
		t.cut(codeCrowded, "too much unread")
	}
	return err
}

// receive returns the next packet, or over's error after the last one.
func (t *talk) receive(ctx context.Context, over func() error) (wire.Packet, error) {
	select {
	case h, ok := <-t.in:
		if !ok {
			return wire.Packet{}, over()
		}
		return h.packet, h.err
	case <-ctx.Done():
		return wire.Packet{}, context.Cause(ctx)
	}
}

// run moves packets between the stream and the queues until the conversation
// or the connection ends; it leaves the connection closed. r reads from stream.
func (t *talk) run(stream *quic.Stream, r *bufio.Reader) {
	var writer sync.WaitGroup
	writer.Go(func() {
		if t.out.run(t.conn.Context(), stream) != nil {
			t.cut(codeDone, "nobody listens") // no effect on a connection that is gone
			return
		}
		_ = stream.Close() // closes our half; fails only when the connection is gone
	})
	if t.read(r) {
		if !t.gone() {
			t.settle()
		}
		t.out.finish()
		t.expectGoodbye(&writer)
	}
	close(t.in)
	<-t.conn.Context().Done()
	writer.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer != nil {
		t.timer.Stop()
	}
}

// read fills t.in; true means that the other side has closed its half.
func (t *talk) read(r *bufio.Reader) bool {
	var buf []byte
	for {
		var err error
		buf, err = wire.ReadBlock(r, buf, wire.MaxMessage)
		switch {
		case errors.Is(err, io.EOF):
			return true
		case errors.Is(err, wire.ErrTooLong), errors.Is(err, wire.ErrMalformed), errors.Is(err, io.ErrUnexpectedEOF):
			t.cut(codeMalformed, "bad block")
			return false
		case errors.Is(err, os.ErrDeadlineExceeded):
			t.cut(codeSlow, "said nothing")
			return false
		case err != nil:
			t.cut(codeDone, "stream ended") // no effect on a connection that is gone
			return false
		}
		t.heard()
		p, err := wire.Parse(buf)
		if err != nil && !errors.Is(err, wire.ErrUnknownKind) {
			t.cut(codeMalformed, "bad message")
			return false
		}
		if err == nil && !t.mayCome(p.Body.Kind()) {
			t.cut(codeOutOfPlace, "not yours to say")
			return false
		}
		select {
		case t.in <- heardPacket{p, err}:
		case <-t.conn.Context().Done():
			return false
		}
	}
}

// expectGoodbye ends the connection after the other side's last byte: at once
// when we are the one who left, otherwise after the other has had time to.
func (t *talk) expectGoodbye(writer *sync.WaitGroup) {
	t.mu.Lock()
	if !t.leaving {
		t.timer = time.AfterFunc(goodbye, func() { t.cut(codeDone, "") })
		t.mu.Unlock()
		return
	}
	t.mu.Unlock()
	writer.Wait() // at most until leave's timer cuts
	t.mu.Lock()
	code, reason := t.code, t.reason
	t.mu.Unlock()
	t.cut(code, reason)
}

// gone says whether we are the one who left.
func (t *talk) gone() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.leaving
}

// leave begins the polite end and returns at once. The first call counts.
func (t *talk) leave(code quic.ApplicationErrorCode, reason string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.leaving {
		return
	}
	t.leaving, t.code, t.reason = true, code, reason
	if t.timer != nil {
		t.timer.Stop()
	}
	t.timer = time.AfterFunc(goodbye, func() { t.cut(code, reason) })
	t.out.finish()
}

// cut ends the connection now.
func (t *talk) cut(code quic.ApplicationErrorCode, reason string) {
	_ = t.conn.CloseWithError(code, reason) // the error is always nil, says its documentation
}
