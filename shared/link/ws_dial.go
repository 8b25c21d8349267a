package link

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/quic-go/quic-go"
)

// Proxy says by which HTTP proxy a request goes out; nil for none. It is what
// http.Transport.Proxy is.
type Proxy func(*http.Request) (*url.URL, error)

// errBadProxy takes the place of an error that would quote the proxy's address
// and with it, perhaps, a password.
var errBadProxy = errors.New("link: the proxy's address in the environment can't be read")

const (
	webShake  = 10 * time.Second // for TLS, and for the answer
	maxAnswer = 16 << 10         // bytes of the answer's header
)

// webDialer opens WebSockets at a broker, or at another relay.
type webDialer struct {
	pin   string         // see webTLS
	proxy Proxy          // nil: HTTPS_PROXY and NO_PROXY decide
	roots *x509.CertPool // nil: those of the system
}

// via is proxy, or what the environment says, without secrets in its errors.
func (d webDialer) via(r *http.Request) (*url.URL, error) {
	ask := d.proxy
	if ask == nil {
		ask = http.ProxyFromEnvironment
	}
	u, err := ask(r)
	if err != nil {
		return nil, errBadProxy
	}
	return u, nil
}

// proxied says whether address goes by a proxy.
func (d webDialer) proxied(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	by, err := d.via(&http.Request{URL: secure(u)})
	return err == nil && by != nil
}

// secure is a wss address as an https one, which proxies are chosen for.
func secure(u *url.URL) *url.URL {
	as := *u
	as.Scheme = "https"
	return &as
}

// open opens a WebSocket at a wss address and gives the TCP connection it runs
// on, for its addresses. network is tcp, tcp4 or tcp6.
func (d webDialer) open(ctx context.Context, network, address, protocol string) (*websocket.Conn, net.Conn, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, nil, fmt.Errorf("address of a WebSocket: %w", err)
	}
	var carrier atomic.Pointer[net.Conn]
	transport := &http.Transport{
		Proxy: d.via,
		DialContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err == nil {
				carrier.Store(&c)
			}
			return c, err
		},
		TLSClientConfig:        d.webTLS(u.Hostname()),
		TLSHandshakeTimeout:    webShake,
		ResponseHeaderTimeout:  webShake,
		MaxResponseHeaderBytes: maxAnswer,
		DisableCompression:     true,
		DisableKeepAlives:      true, // so that ctx ends dialling, too
	}
	ws, answer, err := websocket.Dial(ctx, secure(u).String(), &websocket.DialOptions{
		HTTPClient: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		Subprotocols: []string{protocol},
	})
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("opening a WebSocket: %w", err)
	case ws.Subprotocol() != protocol || carrier.Load() == nil:
		_ = ws.CloseNow() // the error below tells more
		return nil, nil, fmt.Errorf("opening a WebSocket: %s, but not ours", answer.Status)
	}
	return ws, *carrier.Load(), nil
}

// webTLS is how the outside of a WebSocket is checked: the broker's pin will
// do, and so will what the system trusts for the host's name. The second lets
// a company's proxy that opens TLS carry the packets, for which companies
// install a certificate of their own. It learns nothing: inside is the same
// QUIC as over UDP, which checks the broker as brokerTLS says and takes nobody
// else, and a relay's packets are sealed from end to end anyway. Such proxies
// may know no TLS 1.3.
func (d webDialer) webTLS(host string) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, RootCAs: d.roots}
	if d.pin == "" {
		return c // http.Transport fills in the name
	}
	c.InsecureSkipVerify = true // VerifyConnection does it
	c.VerifyConnection = func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 {
			return ErrWrongBroker
		}
		if Pin(s.PeerCertificates[0]) == d.pin {
			return nil
		}
		name := s.ServerName // an https proxy's, at times
		if name == "" {
			name = host // TLS sends no IP addresses
		}
		between := x509.NewCertPool()
		for _, c := range s.PeerCertificates[1:] {
			between.AddCert(c)
		}
		_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: name, Intermediates: between, Roots: d.roots})
		if err != nil {
			return fmt.Errorf("%w: %w", ErrWrongBroker, err)
		}
		return nil
	}
	return c
}

// webPackets is a client's control connection as quic-go sees it: packets by
// WebSocket, all to and from one address.
type webPackets struct {
	*packetWeb
	local, remote net.Addr
	dropped       atomic.Uint64
}

// dialWeb makes a QUIC connection to the broker through a WebSocket. release
// frees what belongs to it.
func (d webDialer) dialWeb(ctx context.Context, a Address) (conn *quic.Conn, release func(), err error) {
	host, _, err := net.SplitHostPort(a.Host)
	if err != nil {
		return nil, nil, err
	}
	u := url.URL{Scheme: "wss", Host: a.Host, Path: PathControl}
	ws, tcp, err := d.open(ctx, "tcp", u.String(), webControl)
	if err != nil {
		return nil, nil, err
	}
	p := &webPackets{local: asUDP(tcp.LocalAddr()), remote: asUDP(tcp.RemoteAddr())}
	p.packetWeb = newPacketWeb(ws, &p.dropped)
	go p.run() // until close, which waits for it
	transport := &quic.Transport{Conn: p}
	release = func() {
		_ = transport.Close() // closes what is closing anyway
		p.close()
	}
	conn, err = transport.Dial(ctx, p.remote, brokerTLS(host, a.Pin), controlConfig(0))
	if err != nil {
		release()
		return nil, nil, err
	}
	return conn, release, nil
}

// asUDP gives a TCP address the form that quic-go wants.
func asUDP(a net.Addr) net.Addr {
	if t, ok := a.(*net.TCPAddr); ok {
		ap := t.AddrPort()
		return udpAddr(netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()))
	}
	return elsewhere
}

// ReadFrom is net.PacketConn's. Its error is the end: TCP has given up.
func (p *webPackets) ReadFrom(b []byte) (int, net.Addr, error) {
	n, err := p.read(b)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: its WebSocket ended: %w", ErrLost, err)
	}
	return n, p.remote, nil
}

// WriteTo is net.PacketConn's.
func (p *webPackets) WriteTo(b []byte, _ net.Addr) (int, error) {
	p.put(b)
	return len(b), nil
}

// LocalAddr is net.PacketConn's.
func (p *webPackets) LocalAddr() net.Addr { return p.local }

// Close is net.PacketConn's.
func (p *webPackets) Close() error {
	p.close()
	return nil
}

// SetReadDeadline is net.PacketConn's. quic-go calls it to be woken when it
// closes, and for nothing else; what is queued must still go out then.
func (p *webPackets) SetReadDeadline(t time.Time) error {
	if !t.IsZero() {
		p.close()
	}
	return nil
}

// SetDeadline is net.PacketConn's; nobody calls it.
func (p *webPackets) SetDeadline(t time.Time) error { return p.SetReadDeadline(t) }

// SetWriteDeadline is net.PacketConn's; WriteTo never waits.
func (p *webPackets) SetWriteDeadline(time.Time) error { return nil }

// SetReadBuffer and SetWriteBuffer keep quic-go from complaining that it can't
// enlarge the buffers of a socket there isn't.
func (p *webPackets) SetReadBuffer(int) error { return nil }

// SetWriteBuffer is like SetReadBuffer.
func (p *webPackets) SetWriteBuffer(int) error { return nil }
