package link

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"handrail/shared/place"
)

// Where only TCP 443 leaves a network, packets travel as the messages of a
// WebSocket (RFC 6455) on the broker's web address: see PROTOCOL.md.
const (
	// PathControl is where the control plane's packets go.
	PathControl = "/handrail/control"
	// PathTURN is where the relay's are spoken.
	PathTURN = "/handrail/turn"

	// Subprotocols: who doesn't ask for exactly these is no client of ours.
	webControl = "handrail-control"
	webTURN    = "handrail-turn"

	// webPacket is the longest packet: what an Ethernet frame carries in IPv6,
	// and the longest that quic-go takes.
	webPacket = 1452
)

// Tuning.
const (
	webQueued = 128              // packets that wait for a slow connection, then they are lost, as on a slow line
	webStuck  = 10 * time.Second // a connection that takes nothing for so long is dead
	webLast   = time.Second      // for what is queued when a connection ends
)

var (
	errNotBinary = errors.New("link: not a binary message")
	errTooLong   = errors.New("link: message longer than a packet")
)

// packetWeb carries packets as the binary messages of a WebSocket, one each.
// It sends no pings: the connection inside it has its own signs of life.
type packetWeb struct {
	ws      *websocket.Conn
	out     chan []byte // never closed
	dropped *atomic.Uint64
	stuck   time.Duration // webStuck

	last    chan struct{} // closed when nothing more is to be sent
	end     func()        // closes last
	written chan struct{} // closed by run

	// yields: the other side is to close the WebSocket after our last packet, and
	// has a second for it. Otherwise the end of TCP might be noticed before the
	// packet that says why.
	yields bool
	over   chan struct{} // closed by whoever reads, when nothing more will come
}

func newPacketWeb(ws *websocket.Conn, dropped *atomic.Uint64) *packetWeb {
	// Longer messages close the WebSocket before they are read.
	ws.SetReadLimit(webPacket)
	p := &packetWeb{
		ws: ws, out: make(chan []byte, webQueued), dropped: dropped, stuck: webStuck,
		last: make(chan struct{}), written: make(chan struct{}), over: make(chan struct{}),
	}
	p.end = sync.OnceFunc(func() { close(p.last) })
	return p
}

// put queues a copy of a packet; when there is no room, the packet is lost.
func (p *packetWeb) put(b []byte) {
	select {
	case p.out <- append([]byte(nil), b...):
	default:
		p.dropped.Add(1)
	}
}

// run writes what is queued until end or an error, then closes the WebSocket.
func (p *packetWeb) run() {
	defer close(p.written)
	defer func() { _ = p.ws.CloseNow() }() // closing what may be closed
	for {
		select {
		case b := <-p.out:
			if !p.write(b, p.stuck) {
				return
			}
			continue
		case <-p.last:
		}
		select {
		case b := <-p.out:
			if !p.write(b, webLast) {
				return
			}
		default:
			if p.yields {
				p.yield()
			}
			return
		}
	}
}

func (p *packetWeb) yield() {
	t := time.NewTimer(webLast)
	defer t.Stop()
	select {
	case <-p.over:
	case <-t.C:
	}
}

func (p *packetWeb) write(b []byte, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return p.ws.Write(ctx, websocket.MessageBinary, b) == nil
}

// read waits for a packet. b must hold webPacket bytes. Only the end of the
// WebSocket, and what ends it, is an error.
func (p *packetWeb) read(b []byte) (int, error) {
	for {
		kind, r, err := p.ws.Reader(context.Background()) // CloseNow unblocks it
		if err != nil {
			return 0, err
		}
		if kind != websocket.MessageBinary {
			return 0, errNotBinary
		}
		n, err := readAll(r, b)
		if err != nil || n > 0 {
			return n, err
		}
	}
}

// readAll reads r to its end, which must come before that of b.
func readAll(r io.Reader, b []byte) (int, error) {
	n, err := io.ReadFull(r, b)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return n, nil
	case err != nil:
		return n, err
	}
	var more [1]byte
	if _, err := io.ReadFull(r, more[:]); !errors.Is(err, io.EOF) {
		return n, errors.Join(errTooLong, err)
	}
	return n, nil
}

// close sends what is queued, within a second, and closes the WebSocket.
func (p *packetWeb) close() {
	p.end()
	late := time.AfterFunc(webLast, func() { _ = p.ws.CloseNow() })
	<-p.written
	late.Stop()
}

// admit makes a WebSocket of a request for path, from a place that has not too
// many of them, or answers it. Whoever gets one calls leave when it has ended.
func admit(w http.ResponseWriter, r *http.Request, path, protocol string, crowd *place.Crowd, refused *atomic.Uint64) (ws *websocket.Conn, from netip.AddrPort, leave func(), ok bool) {
	from, ok = visitor(r)
	if !ok || r.URL.Path != path {
		http.NotFound(w, r)
		return nil, from, nil, false
	}
	leave, ok = crowd.Enter(from.Addr())
	if !ok {
		refused.Add(1)
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return nil, from, nil, false
	}
	if ws, ok = upgrade(w, r, protocol); !ok {
		leave()
	}
	return ws, from, leave, ok
}

// upgrade makes a WebSocket of a request, or answers it. The programs ask for
// protocol and send no Origin; a page in somebody's browser does, and has no
// business here.
func upgrade(w http.ResponseWriter, r *http.Request, protocol string) (*websocket.Conn, bool) {
	if r.Header.Get("Origin") != "" {
		http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
		return nil, false
	}
	if !asksFor(r, protocol) {
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return nil, false
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{protocol}, CompressionMode: websocket.CompressionDisabled,
	})
	return ws, err == nil // Accept has answered the others
}

// asksFor says whether the request names protocol, and no other.
func asksFor(r *http.Request, protocol string) bool {
	asked := r.Header.Values("Sec-WebSocket-Protocol")
	return len(asked) == 1 && asked[0] == protocol
}

// visitor is where a request comes from.
func visitor(r *http.Request) (netip.AddrPort, bool) {
	a, err := netip.ParseAddrPort(r.RemoteAddr) // http.Server writes it
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), err == nil
}

// udpAddr is a TCP address as quic-go wants to see addresses.
func udpAddr(a netip.AddrPort) net.Addr { return net.UDPAddrFromAddrPort(a) }
