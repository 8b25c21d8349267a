package link

import (
	"bufio"
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/wire"
)

// Control is one connection of the control plane; both ends use it. Its
// methods may be called from any goroutine.
type Control struct {
	conn    *quic.Conn
	talk    *talk
	beat    time.Duration // between signs of life sent; 0: only take them
	release func()        // frees what belongs to the connection alone
	tcp     bool          // goes by WebSocket; known to the client

	done chan struct{} // closed by run
	err  error         // written before done closes
}

// newControl starts a conversation on conn. stream is nil where the other
// side opens it.
func newControl(conn *quic.Conn, stream *quic.Stream, mayCome func(wire.Kind) bool, release func()) *Control {
	c := &Control{conn: conn, talk: newTalk(conn, mayCome, func() {}), release: release, done: make(chan struct{})}
	if stream != nil {
		c.beat = controlAlive
	}
	go c.run(stream)
	return c
}

// run owns the connection until it ends.
func (c *Control) run(stream *quic.Stream) {
	defer close(c.done)
	var alive sync.WaitGroup
	alive.Go(c.keepAlive)
	if stream == nil {
		stream = c.awaitStream()
	}
	if stream != nil {
		c.converse(stream)
	} else {
		close(c.talk.in)
	}
	<-c.conn.Context().Done()
	alive.Wait()
	c.err = ended(context.Cause(c.conn.Context()))
	c.release()
}

// keepAlive sends signs of life, as the client, or takes them, as the broker.
// quic-go's own are too short: a broker that has lost its memory in a restart
// answers "I don't know you" only to packets longer than the answer.
func (c *Control) keepAlive() {
	ctx := c.conn.Context()
	if c.beat == 0 {
		for {
			if _, err := c.conn.ReceiveDatagram(ctx); err != nil {
				return
			}
		}
	}
	t := time.NewTicker(c.beat)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			if c.conn.SendDatagram(make([]byte, 32)) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// awaitStream waits for the client's stream; nil after it cut the connection
// because none came.
func (c *Control) awaitStream() *quic.Stream {
	ctx, cancel := context.WithTimeout(c.conn.Context(), helloWait)
	defer cancel()
	stream, err := c.conn.AcceptStream(ctx)
	if err != nil {
		c.talk.cut(codeSlow, "said nothing")
		return nil
	}
	// Until the first message, see talk.heard.
	c.talk.heard = sync.OnceFunc(func() { _ = stream.SetReadDeadline(time.Time{}) })
	_ = stream.SetReadDeadline(time.Now().Add(helloWait)) // never fails
	return stream
}

// converse moves messages until the connection ends.
func (c *Control) converse(stream *quic.Stream) {
	stream.SetPriority(urgencyControl, false)
	r := bufio.NewReaderSize(stream, 1<<10) // longer messages pass it by
	if c.beat == 0 {
		if kind, err := wire.ReadStreamKind(r); err != nil || kind != wire.StreamControl {
			c.talk.cut(codeOutOfPlace, "not a control stream")
		}
	}
	c.talk.run(stream, r)
}

// Send queues m and returns at once. When the other side reads so slowly that
// the queue is full (256 messages or 1 MiB), the connection ends and the error
// is ErrCrowded. Other errors: ErrClosed, and those of wire.Append.
func (c *Control) Send(m wire.Message) error { return c.talk.send(wire.Packet{Body: m}) }

// Pass is Send for what somebody else has said: when the other side reads
// slowly, the message is lost (ErrCrowded) and the connection goes on. So
// nobody's flood ends the connection of the one it is for.
func (c *Control) Pass(m wire.Message) error {
	body, err := wire.Append(nil, wire.Packet{Body: m})
	if err != nil {
		return err
	}
	return c.talk.out.offer(body)
}

// Receive waits for the next message. A wire.UnknownKind is no end: the caller
// answers wire.Unsupported and goes on. Any other error but ctx's is the
// connection's last.
func (c *Control) Receive(ctx context.Context) (wire.Message, error) {
	p, err := c.talk.receive(ctx, c.last)
	return p.Body, err
}

// last waits for the end and tells why.
func (c *Control) last() error {
	<-c.done
	return c.err
}

// Exporter derives 32 bytes that only the two ends of this connection have.
func (c *Control) Exporter(label string) ([]byte, error) { return export(c.conn, label) }

// RemoteAddr is the other end's address as it is now.
func (c *Control) RemoteAddr() netip.AddrPort { return addrPort(c.conn.RemoteAddr()) }

// OverTCP says whether packets go by WebSocket instead of UDP. Only the client
// knows.
func (c *Control) OverTCP() bool { return c.tcp }

// Answers asks the broker for a sign of life and says whether one came before
// ctx ended: QUIC confirms every packet that carries something.
func (c *Control) Answers(ctx context.Context) bool {
	before := c.conn.ConnectionStats().PacketsReceived
	t := time.NewTicker(answerRate)
	defer t.Stop()
	for c.conn.SendDatagram(make([]byte, 32)) == nil {
		select {
		case <-t.C:
		case <-ctx.Done():
			return false
		case <-c.conn.Context().Done():
			return false
		}
		if c.conn.ConnectionStats().PacketsReceived > before {
			return true
		}
	}
	return false
}

// Close sends what is queued, says goodbye with reason (for the other side's
// log) and returns at once; Done closes within about a second.
func (c *Control) Close(reason string) { c.talk.leave(codeDone, reason) }

// Done closes when the connection has ended and nothing of it is left.
func (c *Control) Done() <-chan struct{} { return c.done }

// Err says, after Done, why the connection ended: ErrClosed, ErrLost or an
// error for the log. Before, it is nil.
func (c *Control) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}
