package link

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/quic-go/quic-go"

	"handrail/shared/place"
	"handrail/shared/wire"
)

// ListenConfig says how a broker listens on the control plane.
type ListenConfig struct {
	Addr string // host:port, UDP; leave the host empty
	// Certificate is asked for with each new connection: it may have been renewed.
	Certificate func() *tls.Certificate
	// ResetKey lets clients notice a restart within 5 s instead of after 20 s
	// (RFC 9000, section 10.3). Keep it secret and keep it over restarts.
	ResetKey [32]byte
	// PerAddress is how many connections one IPv4 address or IPv6 /64 may
	// have, both ways together; 0 is DefaultPerAddress.
	PerAddress int
	// Total is how many there may be altogether; 0 is DefaultTotal.
	Total int
	// Socket carries the packets instead of a UDP socket on Addr when set. The
	// Listener closes it.
	Socket net.PacketConn
}

const (
	// DefaultPerAddress is enough for an office behind one router.
	DefaultPerAddress = 256
	DefaultTotal      = 20_000

	// manyOpening connections in the middle of their handshake look like
	// forged addresses: from then on a client must first show that it gets
	// what is sent to its address (RFC 9000, section 8.1.2).
	manyOpening = 64
)

// errFull never reaches the client: quic-go answers CONNECTION_REFUSED.
var errFull = errors.New("link: too many connections")

// Listener accepts control connections, which come by UDP and by WebSocket.
type Listener struct {
	socket     net.PacketConn
	web        *webHub
	transports []*quic.Transport // one for each way

	controls *place.Crowd // both ways together
	opening  atomic.Int64
	refused  atomic.Uint64

	accepted chan *quic.Conn
	ended    chan struct{} // closed when one way is closed
	end      func()        // closes ended
	stop     context.CancelFunc
	takers   sync.WaitGroup

	mu     sync.Mutex // guards the following
	open   map[*Control]struct{}
	closed bool
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
	perPlace, total := cmp.Or(c.PerAddress, DefaultPerAddress), cmp.Or(c.Total, DefaultTotal)
	l := &Listener{
		socket: socket, controls: place.NewCrowd(perPlace, total), open: make(map[*Control]struct{}),
		accepted: make(chan *quic.Conn), ended: make(chan struct{}),
	}
	l.end = sync.OnceFunc(func() { close(l.ended) })
	l.web = newWebHub(socket.LocalAddr(), place.NewCrowd(perPlace, total), &l.refused)
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	key := quic.StatelessResetKey(c.ResetKey)
	err := errors.Join(
		l.take(ctx, c.Certificate, &quic.Transport{
			Conn:                socket,
			StatelessResetKey:   &key,
			ConnContext:         l.admit,
			VerifySourceAddress: func(net.Addr) bool { return l.opening.Load() > manyOpening },
		}),
		l.take(ctx, c.Certificate, &quic.Transport{Conn: l.web, StatelessResetKey: &key, ConnContext: l.admitWeb}),
	)
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("listening: %w", err)
	}
	return l, nil
}

// take accepts what comes one way until ctx ends.
func (l *Listener) take(ctx context.Context, certificate func() *tls.Certificate, from *quic.Transport) error {
	l.transports = append(l.transports, from)
	way, err := from.Listen(&tls.Config{
		MinVersion:     tls.VersionTLS13,
		NextProtos:     []string{wire.ALPNBroker},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return certificate(), nil },
		// No tickets: every connection proves the broker's key anew.
		SessionTicketsDisabled: true,
	}, controlConfig(1))
	if err != nil {
		return err
	}
	l.takers.Go(func() {
		defer l.end()
		for {
			conn, err := way.Accept(ctx)
			if err != nil {
				return // ctx is over, or the socket broken
			}
			if opened, ok := conn.Context().Value(openingKey{}).(func()); ok {
				opened()
			}
			if from.Conn == l.web && !l.web.attach(conn) {
				_ = conn.CloseWithError(codeDone, "its WebSocket ended") // always nil
				continue
			}
			select {
			case l.accepted <- conn:
			case <-ctx.Done():
				_ = conn.CloseWithError(codeDone, "shutting down") // always nil
				return
			}
		}
	})
	return nil
}

// openingKey is where a connection's context keeps how to end "opening".
type openingKey struct{}

// admit counts a new connection, or refuses it. ctx ends with the connection.
func (l *Listener) admit(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
	leave, ok := l.controls.Enter(addrPort(info.RemoteAddr).Addr())
	if !ok {
		l.refused.Add(1)
		return nil, errFull
	}
	l.opening.Add(1)
	opened := sync.OnceFunc(func() { l.opening.Add(-1) })
	context.AfterFunc(ctx, func() {
		opened()
		leave()
	})
	return context.WithValue(ctx, openingKey{}, opened), nil
}

// Accept waits for the next client. Its errors are ctx's and ErrClosed.
func (l *Listener) Accept(ctx context.Context) (*Control, error) {
	var conn *quic.Conn
	select {
	case conn = <-l.accepted:
	case <-l.ended:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
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

// WebSocket takes clients who can't send UDP; mount it at PathControl, on the
// TCP port of the same number. Close waits for it.
func (l *Listener) WebSocket() http.Handler { return l.web }

// WebCounts are the numbers of what comes by WebSocket.
type WebCounts struct {
	Open    int    // WebSockets at the moment
	Dropped uint64 // packets that were lost because a client read too slowly
}

// Web gives the numbers since the start.
func (l *Listener) Web() WebCounts {
	return WebCounts{Open: l.web.places.Open(), Dropped: l.web.dropped.Load()}
}

// fromClient doesn't know yet which client it is; the broker does, after Hello.
func fromClient(k wire.Kind) bool {
	return wire.MayCome(k, wire.ControlPlane, wire.RoleCustomer) || wire.MayCome(k, wire.ControlPlane, wire.RoleRep)
}

// Addr is the address of the socket.
func (l *Listener) Addr() netip.AddrPort { return addrPort(l.socket.LocalAddr()) }

// Refused counts connections, and WebSockets, that were turned away because of
// the limits.
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
	l.stop()
	l.end()
	l.takers.Wait()
	// All close what nobody uses any more; their errors tell nothing.
	for _, t := range l.transports {
		_ = t.Close()
	}
	_ = l.socket.Close()
	_ = l.web.Close()
}
