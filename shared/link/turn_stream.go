package link

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// streamMessage is the longest message on a stream: what a packet would
	// carry, and less than pion reads.
	streamMessage = 1500

	// streamWrite is how many bytes go to a stream at once: what a record of TLS
	// holds (RFC 8446, section 5.1).
	streamWrite = 16 << 10

	// streamQueued is how many bytes wait for a stream that takes less than is
	// sent: 20 ms at 50 Mbit/s. The system has a buffer of its own after it.
	streamQueued = 128 << 10

	// streamIdling is how long a stream may be open without a relay address.
	streamIdling = 30 * time.Second
)

// turnListener gives pion streams that carry requests only, as turnSocket does
// for UDP.
type turnListener struct {
	net.Listener
	t *TURN
}

// Accept is net.Listener's.
func (l turnListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.t.welcome(c), nil
}

// turnStream is TURN over a stream (RFC 8656, section 2.1).
type turnStream struct {
	net.Conn
	t      *TURN
	client turnClient
	in     *bufio.Reader
	idle   *time.Timer // closes a stream without a relay address
	over   chan struct{}
	close  func()

	out    chan []byte  // never closed
	queued atomic.Int64 // bytes in out
	writer sync.WaitGroup
}

// welcome takes a new stream and starts its writer, which ends with it.
func (t *TURN) welcome(c net.Conn) *turnStream {
	s := &turnStream{
		Conn: c, t: t, client: turnClientOf(c.RemoteAddr()), in: bufio.NewReaderSize(c, 4<<10),
		over: make(chan struct{}), out: make(chan []byte, streamQueued/leastCost),
	}
	s.client.stream = true
	s.close = sync.OnceFunc(func() {
		close(s.over)
		_ = s.Conn.Close() // closing what may be closed
		t.mu.Lock()
		defer t.mu.Unlock()
		s.idle.Stop()
		if t.streams[s.client.addr] == s {
			delete(t.streams, s.client.addr)
		}
	})
	s.writer.Go(s.write)
	t.mu.Lock()
	defer t.mu.Unlock()
	s.idle = time.AfterFunc(streamIdling, s.leaveIfIdle)
	t.streams[s.client.addr] = s
	return s
}

// closeStreams ends all streams and waits for their writers.
func (t *TURN) closeStreams() {
	t.mu.RLock()
	var open []*turnStream
	for _, s := range t.streams {
		open = append(open, s)
	}
	t.mu.RUnlock()
	for _, s := range open {
		s.close()
		s.writer.Wait()
	}
}

// hurry gives a stream that has lost its relay address a while to get another.
// TURN.mu is held.
func (s *turnStream) hurry() { s.idle.Reset(streamIdling) }

func (s *turnStream) leaveIfIdle() {
	s.t.mu.RLock()
	used := s.t.clients[s.client] != nil
	s.t.mu.RUnlock()
	if !used {
		s.close()
	}
}

// Read is net.Conn's: it gives one request, whole. What is relayed goes its own
// way.
func (s *turnStream) Read(b []byte) (int, error) {
	for {
		head, err := s.in.Peek(channelHeader)
		if err != nil {
			return 0, err
		}
		n := int(binary.BigEndian.Uint16(head[2:]))
		if isChannelData(head) {
			n = channelHeader + padded(n)
		} else {
			n += stunHeader
		}
		if n > min(streamMessage, len(b)) {
			s.t.tally.Malformed.Add(1)
			return 0, errTooLong
		}
		if _, err := io.ReadFull(s.in, b[:n]); err != nil {
			return 0, err
		}
		if isChannelData(b) {
			s.t.forward(s.client, b[:n], s.t)
		} else if s.t.admit(s.client, b[:n]) {
			return n, nil
		}
	}
}

// Write is net.Conn's: pion's answers wait in the same queue as what is
// relayed, and never wait for the client.
func (s *turnStream) Write(b []byte) (int, error) {
	s.put(b)
	return len(b), nil
}

// put queues a copy of a message. When the client doesn't take what is queued
// already, the message is dropped, as a slow line would.
func (s *turnStream) put(b []byte) {
	size := padded(len(b))
	if s.queued.Add(int64(size)) > streamQueued {
		s.queued.Add(int64(-size))
		s.t.tally.Slow.Add(1)
		return
	}
	message := make([]byte, size)
	copy(message, b)
	select {
	case s.out <- message:
	default:
		s.queued.Add(int64(-size))
		s.t.tally.Slow.Add(1)
	}
}

// write gives the client what is queued until the stream ends. What waits goes
// together: one message of a WebSocket, one record of TLS, one call.
func (s *turnStream) write() {
	together := make([]byte, 0, streamWrite)
	for {
		select {
		case b := <-s.out:
			together = append(together[:0], b...)
		case <-s.over:
			return
		}
		for more := true; more && len(together) <= streamWrite-streamMessage; {
			select {
			case b := <-s.out:
				together = append(together, b...)
			default:
				more = false
			}
		}
		s.queued.Add(int64(-len(together)))
		if _, err := s.Conn.Write(together); err != nil {
			s.close()
			return
		}
	}
}

// Close is net.Conn's.
func (s *turnStream) Close() error {
	s.close()
	return nil
}
