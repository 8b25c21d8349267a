package link

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// tcpPair is a connection's two ends.
func tcpPair(t testing.TB) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	client, err = net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
	})
	return client, server
}

func quietTURN() *TURN {
	return newTURN(TURNConfig{Public: netip.MustParseAddr("192.0.2.1"), PerSession: 16, SessionRate: 1e6, TotalRate: 1e6})
}

func TestStreamGivesWholeRequestsHoweverTheyCome(t *testing.T) {
	nothingLeft(t)
	relay := quietTURN()
	client, server := tcpPair(t)
	s := relay.welcome(server)
	defer relay.closeStreams()
	want := [][]byte{
		request(0x001, nil), request(0x003, []byte(requestedTransport)),
		request(0x003, bytes.Repeat([]byte(requestedTransport), 100)),
	}
	var all []byte
	for _, b := range want {
		all = append(all, 0x40, 0, 0, 1, 7, 0, 0, 0) // channel data, padded, of nobody
		all = append(all, request(0x00b, nil)...)    // which no client asks
		all = append(all, b...)
	}
	go func() {
		for _, b := range all {
			if _, err := client.Write([]byte{b}); err != nil {
				return // the test says what is missing
			}
		}
	}()
	for i, want := range want {
		b := make([]byte, turnMost)
		n, err := s.Read(b)
		if err != nil || !bytes.Equal(b[:n], want) {
			t.Fatalf("request %d: %d bytes, %v", i, n, err)
		}
	}
	if c := relay.Counts(); c.NoAddress != 3 || c.Malformed != 3 || c.Unsigned != 2 {
		t.Errorf("counts %+v", c)
	}
}

func TestStreamOfTooLongMessagesEnds(t *testing.T) {
	nothingLeft(t)
	for name, head := range map[string][]byte{
		"channel data": {0x40, 0, 0xff, 0xff, 0},
		"request":      {0, 3, 0xff, 0xff, 0},
		"a bit longer": {0x40, 0, streamMessage >> 8, streamMessage & 0xff, 0},
	} {
		t.Run(name, func(t *testing.T) {
			relay := quietTURN()
			client, server := tcpPair(t)
			s := relay.welcome(server)
			defer relay.closeStreams()
			if _, err := client.Write(head); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Read(make([]byte, turnMost)); !errors.Is(err, errTooLong) || relay.Counts().Malformed != 1 {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSlowStreamLosesPacketsAndHoldsUpNobody(t *testing.T) {
	nothingLeft(t)
	relay := quietTURN()
	client, server := tcpPair(t)
	s := relay.welcome(server)
	defer relay.closeStreams()
	b := append([]byte{0x40, 0, 0x04, 0xae}, make([]byte, 0x4ae)...) // needs padding
	sent := 0
	for relay.Counts().Slow == 0 { // the system's buffers have an end
		s.put(b)
		sent++
	}
	if n := s.queued.Load(); n > streamQueued {
		t.Errorf("%d bytes wait", n)
	}
	got := 0
	for got < sent-int(relay.Counts().Slow) {
		if err := client.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		in := make([]byte, padded(len(b)))
		if _, err := io.ReadFull(client, in); err != nil || !bytes.Equal(in[:len(b)], b) {
			t.Fatalf("message %d: %v", got, err)
		}
		got++
	}
	eventually(t, "nothing waits", func() bool { return s.queued.Load() == 0 })
}

func TestStreamWithoutAnAddressIsLetGo(t *testing.T) {
	nothingLeft(t)
	relay := quietTURN()
	_, idle := tcpPair(t)
	_, busy := tcpPair(t)
	a, b := relay.welcome(idle), relay.welcome(busy)
	defer relay.closeStreams()
	seat, _, err := relay.sit([16]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	relay.occupy("01000000000000000000000000000000", seat.port, busy.RemoteAddr())
	for _, s := range []*turnStream{a, b} {
		s.leaveIfIdle() // as its timer does
	}
	relay.mu.RLock()
	left := len(relay.streams)
	relay.mu.RUnlock()
	if left != 1 || relay.streams[b.client.addr] != b {
		t.Errorf("%d streams left", left)
	}
	_ = seat.Close() // always nil
	b.leaveIfIdle()
	relay.mu.RLock()
	defer relay.mu.RUnlock()
	if len(relay.streams) != 0 {
		t.Error("still there after it has lost its address")
	}
}

// turnMost is what pion reads at most.
const turnMost = 1600

// FuzzTURNStream: whatever a stream holds, what comes out of it is whole
// requests for an address, or questions for the own one, and nothing else.
func FuzzTURNStream(f *testing.F) {
	f.Add(slices.Concat(request(0x001, nil), []byte{0x40, 0, 0, 1, 7, 0, 0, 0}, request(0x003, []byte(requestedTransport))))
	f.Add([]byte{0x7f, 0xff, 0xff, 0xff})
	f.Add(request(0x004, nil))
	f.Fuzz(func(t *testing.T, all []byte) {
		relay := quietTURN()
		s := relay.welcome(heldConn{bytes.NewReader(all)})
		defer relay.closeStreams()
		left := len(all)
		for {
			b := make([]byte, turnMost)
			n, err := s.Read(b)
			if err != nil {
				return
			}
			if left -= n; left < 0 {
				t.Fatal("more comes out than was in it")
			}
			if r := readRequest(b[:n]); r != bindingRequest && r != signedRequest && r != unsignedRequest {
				t.Errorf("kind %d comes out", r)
			}
		}
	})
}

// heldConn is a connection of which only reading matters.
type heldConn struct{ io.Reader }

func (heldConn) Write(b []byte) (int, error)      { return len(b), nil }
func (heldConn) Close() error                     { return nil }
func (heldConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (heldConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (heldConn) SetDeadline(time.Time) error      { return nil }
func (heldConn) SetReadDeadline(time.Time) error  { return nil }
func (heldConn) SetWriteDeadline(time.Time) error { return nil }
