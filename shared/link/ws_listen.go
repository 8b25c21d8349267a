package link

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/place"
)

// webHub is the broker's end of all control connections that come by
// WebSocket: one net.PacketConn, on which every WebSocket looks like a client
// at the address that its TCP connection comes from. So ten thousand clients
// need one QUIC transport, not ten thousand.
type webHub struct {
	local   net.Addr
	places  *place.Crowd
	dropped atomic.Uint64
	refused *atomic.Uint64
	stuck   time.Duration // webStuck

	in      chan *webArrived // unbuffered: a client that floods waits its turn
	closing chan struct{}
	stop    func() // closes closing

	handlers sync.WaitGroup
	mu       sync.Mutex // guards the following
	open     map[netip.AddrPort]*webClient
	closed   bool
}

// webClient is one WebSocket. It carries one connection, once.
type webClient struct {
	*packetWeb
	late *time.Timer // until a connection is there

	// The following are guarded by webHub.mu.
	used bool
	conn *quic.Conn // once it is accepted
}

// webArrived is a packet on its way in.
type webArrived struct {
	b    [webPacket]byte
	n    int
	from net.Addr
}

var arrivals = sync.Pool{New: func() any { return new(webArrived) }}

func newWebHub(local net.Addr, limits *place.Crowd, refused *atomic.Uint64) *webHub {
	h := &webHub{
		local: local, places: limits, refused: refused, stuck: webStuck,
		in: make(chan *webArrived), closing: make(chan struct{}), open: make(map[netip.AddrPort]*webClient),
	}
	h.stop = sync.OnceFunc(func() { close(h.closing) })
	return h
}

// ServeHTTP takes a client. It returns when the WebSocket has ended.
func (h *webHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, from, leave, ok := admit(w, r, PathControl, webControl, h.places, h.refused)
	if !ok {
		return
	}
	defer leave()
	c := &webClient{packetWeb: newPacketWeb(ws, &h.dropped)}
	c.stuck, c.yields = h.stuck, true
	if !h.enter(from, c) {
		_ = ws.CloseNow() // too late, or one too many from one port
		return
	}
	defer h.handlers.Done()
	var writer sync.WaitGroup
	writer.Go(c.run)
	h.receive(from, c)
	h.leave(from, c)
	writer.Wait()
}

// enter counts a handler, unless the hub closes. Only behind a broken proxy
// can two clients have one address and port.
func (h *webHub) enter(from netip.AddrPort, c *webClient) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.open[from] != nil {
		return false
	}
	h.open[from] = c
	h.handlers.Add(1)
	c.late = time.AfterFunc(helloWait, func() { _ = c.ws.CloseNow() })
	return true
}

// receive hands over a client's packets until its WebSocket ends.
func (h *webHub) receive(from netip.AddrPort, c *webClient) {
	addr := udpAddr(from)
	for {
		a := arrivals.Get().(*webArrived)
		n, err := c.read(a.b[:])
		if err != nil {
			arrivals.Put(a)
			return
		}
		a.n, a.from = n, addr
		select {
		case h.in <- a:
		case <-h.closing:
			return
		}
	}
}

// leave ends what was carried, which nothing can carry on.
func (h *webHub) leave(from netip.AddrPort, c *webClient) {
	close(c.over)
	c.late.Stop()
	h.mu.Lock()
	delete(h.open, from)
	conn := c.conn
	h.mu.Unlock()
	if conn != nil {
		_ = conn.CloseWithError(codeDone, "its WebSocket ended") // always nil
	}
	_ = c.ws.CloseNow() // unblocks the writer
	c.end()
}

// claim is for a new QUIC connection: each WebSocket carries one. That of a
// refused connection stays until the client, or late, closes it.
func (h *webHub) claim(a net.Addr) *webClient {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.open[addrPort(a)]
	if c == nil || c.used {
		return nil
	}
	c.used = true
	return c
}

// attach ties an accepted connection to its WebSocket.
func (h *webHub) attach(conn *quic.Conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.open[addrPort(conn.RemoteAddr())]
	if c == nil {
		return false
	}
	c.conn = conn
	return true
}

// ReadFrom is net.PacketConn's.
func (h *webHub) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case a := <-h.in:
		defer arrivals.Put(a)
		return copy(b, a.b[:a.n]), a.from, nil
	case <-h.closing:
		return 0, nil, net.ErrClosed
	}
}

// WriteTo is net.PacketConn's. A packet for a client that has gone is lost.
func (h *webHub) WriteTo(b []byte, to net.Addr) (int, error) {
	h.mu.Lock()
	c := h.open[addrPort(to)]
	h.mu.Unlock()
	if c != nil {
		c.put(b)
	}
	return len(b), nil
}

// LocalAddr is net.PacketConn's.
func (h *webHub) LocalAddr() net.Addr { return h.local }

// Close is net.PacketConn's: it ends every WebSocket and waits for them.
func (h *webHub) Close() error {
	h.mu.Lock()
	h.closed = true
	for _, c := range h.open {
		c.end()
		late := time.AfterFunc(webLast, func() { _ = c.ws.CloseNow() })
		defer late.Stop()
	}
	h.mu.Unlock()
	h.stop()
	h.handlers.Wait()
	return nil
}

// SetReadDeadline is net.PacketConn's. quic-go calls it to be woken when it
// closes, and for nothing else.
func (h *webHub) SetReadDeadline(t time.Time) error {
	if !t.IsZero() {
		h.stop()
	}
	return nil
}

// SetDeadline is net.PacketConn's; nobody calls it.
func (h *webHub) SetDeadline(t time.Time) error { return h.SetReadDeadline(t) }

// SetWriteDeadline is net.PacketConn's; WriteTo never waits.
func (h *webHub) SetWriteDeadline(time.Time) error { return nil }

// SetReadBuffer and SetWriteBuffer keep quic-go from complaining that it can't
// enlarge the buffers of a socket there isn't.
func (h *webHub) SetReadBuffer(int) error { return nil }

// SetWriteBuffer is like SetReadBuffer.
func (h *webHub) SetWriteBuffer(int) error { return nil }

// admitWeb counts a new connection that comes by WebSocket, or refuses it. Its
// address is no forgery: TCP has made sure.
func (l *Listener) admitWeb(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
	c := l.web.claim(info.RemoteAddr)
	if c == nil {
		return nil, errFull
	}
	counted, err := l.admit(ctx, info)
	if err != nil {
		return nil, err
	}
	c.late.Stop()
	context.AfterFunc(ctx, c.end)
	return counted, nil
}
