package link

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// webBroker is a broker's control plane by UDP and, on the TCP port of the
// same number, by WebSocket.
type webBroker struct {
	*Listener
	address Address
	cert    tls.Certificate
}

// listenWeb starts one. through, when set, stands in front of its handlers.
func listenWeb(t *testing.T, change func(*ListenConfig), through func(http.Handler) http.Handler) *webBroker {
	t.Helper()
	cert, pin := certificate(t)
	for range 20 { // until a port is free for both
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		c := ListenConfig{Addr: tcp.Addr().String(), Certificate: always(cert), ResetKey: [32]byte{1}}
		if change != nil {
			change(&c)
		}
		l, err := Listen(c)
		if err != nil {
			_ = tcp.Close()
			continue
		}
		t.Cleanup(l.Close)
		handler := l.WebSocket()
		if through != nil {
			handler = through(handler)
		}
		serveTLS(t, tcp, cert, handler)
		return &webBroker{l, Address{Host: l.Addr().String(), Pin: pin}, cert}
	}
	t.Fatal("no port is free for UDP and TCP")
	return nil
}

// serveTLS serves handler as the portal does.
func serveTLS(t *testing.T, l net.Listener, cert tls.Certificate, handler http.Handler) {
	t.Helper()
	server := &http.Server{
		Handler: handler, TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.ServeTLS(l, "", "") // ends with Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
}

// byTCP is a dialer in a network that swallows UDP.
func (b *webBroker) byTCP() Dialer {
	return Dialer{Address: b.address, socket: func() (net.PacketConn, error) {
		s, err := net.ListenPacket("udp", "127.0.0.1:0")
		return swallowing{s}, err
	}}
}

// swallowing is a socket whose packets never arrive.
type swallowing struct{ net.PacketConn }

func (swallowing) WriteTo(b []byte, _ net.Addr) (int, error) { return len(b), nil }

// join gives both ends of a new connection.
func (b *webBroker) join(t *testing.T, d Dialer) (client, broker *Control) {
	t.Helper()
	return connectBy(t, b.Listener, d)
}

// raw is a WebSocket to the broker that says what no client of ours would.
func (b *webBroker) raw(t *testing.T, change func(*http.Request)) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}, DisableKeepAlives: true,
	}
	trip := func(r *http.Request) (*http.Response, error) {
		if change != nil {
			change(r)
		}
		return transport.RoundTrip(r)
	}
	ws, r, err := websocket.Dial(wait(t), "wss://"+b.address.Host+PathControl, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: tripper(trip)}, Subprotocols: []string{webControl},
	})
	if err == nil {
		t.Cleanup(func() { _ = ws.CloseNow() })
	}
	return ws, r, err
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// connectProxy is a small HTTP proxy that knows CONNECT.
type connectProxy struct {
	addr string
	name string // user:password, when they are wanted
	dial func(host string) (net.Conn, error)

	mu    sync.Mutex // guards the following
	asked []string
	open  []net.Conn
}

func startProxy(t *testing.T, change func(*connectProxy)) *connectProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &connectProxy{addr: l.Addr().String(), dial: func(host string) (net.Conn, error) { return net.Dial("tcp", host) }}
	if change != nil {
		change(p)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.cut()
		all.Wait()
	})
	return p
}

// cut closes all connections that go by the proxy.
func (p *connectProxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		_ = c.Close()
	}
}

func (p *connectProxy) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	r, err := http.ReadRequest(in)
	if err != nil || r.Method != http.MethodConnect {
		return
	}
	p.mu.Lock()
	p.asked = append(p.asked, r.Host)
	p.open = append(p.open, c)
	p.mu.Unlock()
	if p.name != "" && r.Header.Get("Proxy-Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte(p.name)) {
		_, _ = io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
		return
	}
	to, err := p.dial(r.Host)
	if err != nil {
		_, _ = io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		return
	}
	defer to.Close()
	_, _ = io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(c, to)
		_ = c.Close()
	})
	_, _ = io.Copy(to, in)
	_ = to.Close()
	back.Wait()
}

// hosts are those that were asked for.
func (p *connectProxy) hosts() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.asked, " ")
}

// as is the proxy as an environment would name it.
func (p *connectProxy) as(user *url.Userinfo) Proxy {
	return http.ProxyURL(&url.URL{Scheme: "http", Host: p.addr, User: user})
}

// memory is a Memory of one test.
type memory struct {
	mu      sync.Mutex // guards the following
	blocked map[string]bool
	asked   []string
}

func (m *memory) Blocked(network string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, network)
	return m.blocked[network]
}

func (m *memory) Learn(network string, blocked bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blocked[network] = blocked
}
