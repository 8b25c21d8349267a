package link

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/quic-go/quic-go"

	"handrail/shared/wire"
)

// ListenConfig says how a broker listens on the control plane.
type ListenConfig struct {
	Addr        string // host:port, UDP; leave the host empty
	Certificate tls.Certificate
	// ResetKey lets clients notice a restart within 5 s instead of after 20 s
	// (RFC 9000, section 10.3). Keep it secret and keep it over restarts.
	ResetKey [32]byte
	// PerAddress is how many connections one IPv4 address or IPv6 /64 may
	// have; 0 is 256, enough for an office behind one router.
	PerAddress int
	// Total is how many there may be altogether; 0 is 20 000.
	Total int
	// Socket carries the packets instead of a UDP socket on Addr when set. The
	// Listener closes it.
	Socket net.PacketConn
}

const (
	defaultPerAddress = 256
	defaultTotal      = 20_000
	// manyOpening connections in the middle of their handshake look like
	// forged addresses: from then on a client must first show that it gets
	// what is sent to its address (RFC 9000, section 8.1.2).
	manyOpening = 64
)

// errFull never reaches the client: quic-go answers CONNECTION_REFUSED.
var errFull = errors.New("link: too many connections")

// Listener accepts control connections.
type Listener struct {
	socket    net.PacketConn
	transport *quic.Transport
	quic      *quic.Listener

	opening atomic.Int64
	refused atomic.Uint64

	mu       sync.Mutex // guards the following
	perPlace map[netip.Prefix]int
	total    int
	limits   struct{ perPlace, total int }
	open     map[*Control]struct{}
	closed   bool
}

// Listen opens the broker's control plane.
func Listen(c ListenConfig) (*Listener, error) {
	socket := c.Socket
	if socket == nil {
		s, err := openSocket(c.Addr)
		if err != nil {
			return nil, err
		}
		socket = s
	}
	l := &Listener{socket: socket, perPlace: make(map[netip.Prefix]int), open: make(map[*Control]struct{})}
	l.limits.perPlace, l.limits.total = c.PerAddress, c.Total
	if l.limits.perPlace == 0 {
		l.limits.perPlace = defaultPerAddress
	}
	if l.limits.total == 0 {
		l.limits.total = defaultTotal
	}
	key := quic.StatelessResetKey(c.ResetKey)
	l.transport = &quic.Transport{
		Conn:                socket,
		StatelessResetKey:   &key,
		ConnContext:         l.admit,
		VerifySourceAddress: func(net.Addr) bool { return l.opening.Load() > manyOpening },
	}
	var err error
	l.quic, err = l.transport.Listen(&tls.Config{
		MinVersion:   tls.VersionTLS13,
		NextProtos:   []string{wire.ALPNBroker},
		Certificates: []tls.Certificate{c.Certificate},
		// No tickets: every connection proves the broker's key anew.
		SessionTicketsDisabled: true,
	}, controlConfig(1))
	if err != nil {
		_ = socket.Close() // the first error tells more
		return nil, fmt.Errorf("listening: %w", err)
	}
	return l, nil
}

// openingKey is where a connection's context keeps how to end "opening".
type openingKey struct{}

// admit counts a new connection, or refuses it. ctx ends with the connection.
func (l *Listener) admit(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
	place := placeOf(addrPort(info.RemoteAddr).Addr())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.total >= l.limits.total || l.perPlace[place] >= l.limits.perPlace {
		l.refused.Add(1)
		return nil, errFull
	}
	l.total++
	l.perPlace[place]++
	l.opening.Add(1)
	opened := sync.OnceFunc(func() { l.opening.Add(-1) })
	context.AfterFunc(ctx, func() {
		opened()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.total--
		if l.perPlace[place]--; l.perPlace[place] == 0 {
			delete(l.perPlace, place)
		}
	})
	return context.WithValue(ctx, openingKey{}, opened), nil
}

// placeOf is what counts as one address: a whole /64 with IPv6, because every
// household gets one.
func placeOf(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.WithZone("").Prefix(bits) // fails only for the zero address, which is a place, too
	return p
}

// Accept waits for the next client. Its errors are ctx's and ErrClosed.
func (l *Listener) Accept(ctx context.Context) (*Control, error) {
	conn, err := l.quic.Accept(ctx)
	switch {
	case errors.Is(err, quic.ErrServerClosed), errors.Is(err, quic.ErrTransportClosed):
		return nil, ErrClosed
	case err != nil:
		return nil, err
	}
	if opened, ok := conn.Context().Value(openingKey{}).(func()); ok {
		opened()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = conn.CloseWithError(codeDone, "shutting down")
		return nil, ErrClosed
	}
	var c *Control
	c = newControl(conn, nil, fromClient, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.open, c)
	})
	l.open[c] = struct{}{}
	return c, nil
}

// fromClient doesn't know yet which client it is; the broker does, after Hello.
func fromClient(k wire.Kind) bool {
	return wire.MayCome(k, wire.ControlPlane, wire.RoleCustomer) || wire.MayCome(k, wire.ControlPlane, wire.RoleRep)
}

// Addr is the address of the socket.
func (l *Listener) Addr() netip.AddrPort { return addrPort(l.socket.LocalAddr()) }

// Refused counts connections that were turned away because of the limits.
func (l *Listener) Refused() uint64 { return l.refused.Load() }

// Close says goodbye to every client and returns when all are gone, after
// about a second at the latest.
func (l *Listener) Close() {
	l.mu.Lock()
	l.closed = true
	var open []*Control
	for c := range l.open {
		open = append(open, c)
	}
	l.mu.Unlock()
	for _, c := range open {
		c.Close("shutting down")
	}
	for _, c := range open {
		<-c.Done()
	}
	// Both close what nobody uses any more; their errors tell nothing.
	_ = l.transport.Close()
	_ = l.socket.Close()
}
