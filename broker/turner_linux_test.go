package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/stun/v4"
)

// turner is a client of a relay that does no more than the benchmarks need, so
// that they measure the relay and not its clients.
type turner struct {
	t      testing.TB
	conn   net.Conn
	stream *bufio.Reader // nil for UDP
	relay  netip.AddrPort

	user         stun.Username
	realm, nonce stun.Setter
	password     string
	signed       stun.MessageIntegrity

	taken atomic.Int64 // frames of channel data received
	over  sync.WaitGroup
}

const (
	turnChannel = 0x4000
	turnPayload = 1200 // bytes: our own packets
	turnFrame   = turnPayload + 4

	// burst is how many frames go to the kernel in one call, which cuts them
	// apart (UDP_SEGMENT): sending costs the generator next to nothing.
	burst      = 16
	udpSegment = 103 // of linux/udp.h
)

// turnUDP, turnTLS and turnWeb reach a relay in three ways.
func turnUDP(t testing.TB, addr, user, password string) *turner {
	t.Helper()
	return bareUDP(t, addr, user, password).allocate()
}

// bareUDP has no relay address yet.
func bareUDP(t testing.TB, addr, user, password string) *turner {
	t.Helper()
	c, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	u := c.(*net.UDPConn)
	_ = u.SetReadBuffer(4 << 20) // as much as there is
	raw, err := u.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if e := raw.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_UDP, udpSegment, turnFrame)
	}); errors.Join(e, err) != nil {
		t.Fatal(errors.Join(e, err))
	}
	return newTurner(t, c, false, user, password)
}

func turnTLS(t testing.TB, addr, user, password string) *turner {
	t.Helper()
	c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	return newTurner(t, c, true, user, password).allocate()
}

func turnWeb(t testing.TB, url, user, password string) *turner {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	web := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	ws, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPClient: web, Subprotocols: []string{"handrail-turn"}, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		t.Fatal(err)
	}
	ws.SetReadLimit(1 << 20)
	return newTurner(t, websocket.NetConn(context.Background(), ws, websocket.MessageBinary), true, user, password).allocate()
}

func newTurner(t testing.TB, c net.Conn, stream bool, user, password string) *turner {
	t.Helper()
	x := &turner{t: t, conn: c, user: stun.NewUsername(user), password: password}
	if stream {
		x.stream = bufio.NewReaderSize(c, 64<<10)
	}
	t.Cleanup(func() {
		c.Close()
		x.over.Wait()
	})
	return x
}

func (x *turner) allocate() *turner {
	x.t.Helper()
	said := x.ask(stun.MethodAllocate, stun.RawAttribute{Type: stun.AttrRequestedTransport, Value: []byte{17, 0, 0, 0}})
	var at stun.XORMappedAddress
	if err := at.GetFromAs(said, stun.AttrXORRelayedAddress); err != nil {
		x.t.Fatal(err)
	}
	ip, _ := netip.AddrFromSlice(at.IP)
	x.relay = netip.AddrPortFrom(ip.Unmap(), uint16(at.Port))
	return x
}

// read is one message; b must be large enough.
func (x *turner) read(b []byte) ([]byte, error) {
	if x.stream == nil {
		n, err := x.conn.Read(b)
		return b[:n], err
	}
	head, err := x.stream.Peek(4)
	if err != nil {
		return nil, err
	}
	n := 4 + (int(binary.BigEndian.Uint16(head[2:]))+3)&^3
	if head[0]>>6 == 0 {
		n += 16
	}
	_, err = io.ReadFull(x.stream, b[:n])
	return b[:n], err
}

// ask says a request, signed after the first challenge, and gives the answer.
func (x *turner) ask(method stun.Method, more ...stun.Setter) *stun.Message {
	x.t.Helper()
	for range 3 {
		said := x.exchange(x.build(method, more...))
		if said.Type.Class == stun.ClassSuccessResponse {
			return said
		}
		x.challenge(said)
	}
	x.t.Fatalf("%v is refused", method)
	return nil
}

func (x *turner) build(method stun.Method, more ...stun.Setter) *stun.Message {
	x.t.Helper()
	setters := append([]stun.Setter{stun.TransactionID, stun.NewType(method, stun.ClassRequest)}, more...)
	if x.signed != nil {
		setters = append(setters, x.user, x.realm, x.nonce, x.signed)
	}
	m, err := stun.Build(setters...)
	if err != nil {
		x.t.Fatal(err)
	}
	return m
}

// challenge takes what the next request has to be signed with.
func (x *turner) challenge(said *stun.Message) {
	x.t.Helper()
	var nonce stun.Nonce
	var realm stun.Realm
	if nonce.GetFrom(said) != nil || realm.GetFrom(said) != nil {
		x.t.Fatalf("answered by %v", said)
	}
	x.nonce, x.realm = nonce, realm
	x.signed = stun.NewLongTermIntegrity(x.user.String(), realm.String(), x.password)
}

func (x *turner) exchange(m *stun.Message) *stun.Message {
	x.t.Helper()
	if err := x.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		x.t.Fatal(err)
	}
	if _, err := x.conn.Write(m.Raw); err != nil {
		x.t.Fatal(err)
	}
	for b := make([]byte, 1<<16); ; {
		in, err := x.read(b)
		if err != nil {
			x.t.Fatal(err)
		}
		said := &stun.Message{Raw: in}
		if stun.IsMessage(in) && said.Decode() == nil && said.TransactionID == m.TransactionID {
			_ = x.conn.SetDeadline(time.Time{})
			return said
		}
	}
}

// bind makes the channel to a peer.
func (x *turner) bind(peer netip.AddrPort) {
	x.t.Helper()
	var number [4]byte
	binary.BigEndian.PutUint16(number[:], turnChannel)
	x.ask(stun.MethodChannelBind, stun.RawAttribute{Type: stun.AttrChannelNumber, Value: number[:]},
		peerAddress{stun.XORMappedAddress{IP: peer.Addr().AsSlice(), Port: int(peer.Port())}})
}

type peerAddress struct{ stun.XORMappedAddress }

// AddTo is stun.Setter's.
func (p peerAddress) AddTo(m *stun.Message) error { return p.AddToAs(m, stun.AttrXORPeerAddress) }

// take counts what comes, until the connection is closed.
func (x *turner) take() {
	x.over.Go(func() {
		for b := make([]byte, 1<<16); ; {
			in, err := x.read(b)
			if err != nil {
				return
			}
			if len(in) > 0 && in[0]>>6 == 1 {
				x.taken.Add(1)
			}
		}
	})
}

// frames are bursts of channel data, ready to be written.
func frames() []byte {
	var b []byte
	for range burst {
		b = binary.BigEndian.AppendUint16(b, turnChannel)
		b = binary.BigEndian.AppendUint16(b, turnPayload)
		b = append(b, make([]byte, turnPayload)...)
	}
	return b
}

// send writes n frames, at most a burst.
func (x *turner) send(ready []byte, n int) error {
	if x.stream == nil {
		_, err := x.conn.Write(ready[:n*turnFrame])
		return err
	}
	for range n { // as clients do
		if _, err := x.conn.Write(ready[:turnFrame]); err != nil {
			return err
		}
	}
	return nil
}

// bareURL is host:port of a turn: URL.
func bareURL(url string) string {
	return strings.TrimSuffix(strings.TrimPrefix(url, "turn:"), "?transport=udp")
}
