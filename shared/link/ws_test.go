package link

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"handrail/shared/sim"
	"handrail/shared/wire"
)

// welcome has the client say hello, and the broker answer.
func welcome(t *testing.T, client, broker *Control) {
	t.Helper()
	for _, way := range []struct {
		from, to *Control
		m        wire.Message
	}{
		{client, broker, &wire.Hello{Version: wire.Version, Role: wire.RoleCustomer, Program: "test 1", System: "linux"}},
		{broker, client, &wire.Welcome{Version: wire.Version, Organisation: strings.Repeat("x", 100), Now: 1}},
	} {
		if err := way.from.Send(way.m); err != nil {
			t.Fatal(err)
		}
		if got, err := way.to.Receive(wait(t)); err != nil || got.Kind() != way.m.Kind() {
			t.Fatalf("got %v, %v", got, err)
		}
	}
}

func TestControlGoesByTCPWhereUDPIsSwallowed(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	client, broker := b.join(t, b.byTCP())
	welcome(t, client, broker)
	if !client.OverTCP() || b.Web().Open != 1 {
		t.Errorf("over TCP: %v, %+v", client.OverTCP(), b.Web())
	}
	if at := broker.RemoteAddr(); at.Addr() != netip.MustParseAddr("127.0.0.1") || at == client.RemoteAddr() {
		t.Errorf("the broker sees the client at %v", at)
	}
	one, err := client.Exporter("EXPORTER-test")
	two, err2 := broker.Exporter("EXPORTER-test")
	if err != nil || err2 != nil || !bytes.Equal(one, two) {
		t.Error("not one connection", err, err2)
	}
	client.Close("test over")
	<-broker.Done()
	if !errors.Is(broker.Err(), ErrClosed) {
		t.Errorf("broker: %v", broker.Err())
	}
	eventually(t, "the WebSocket is gone", func() bool { return b.Web().Open == 0 && b.controls.Open() == 0 })
}

func TestLongMessagesGoByTCPWhole(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	client, broker := b.join(t, b.byTCP())
	for range 200 {
		if err := client.Send(&wire.Join{Number: "482913", Name: strings.Repeat("x", wire.MaxName)}); err != nil {
			t.Fatal(err)
		}
	}
	for range 200 {
		if m, err := broker.Receive(wait(t)); err != nil || m.Kind() != (&wire.Join{}).Kind() {
			t.Fatal(m, err)
		}
	}
}

// TestUDPWinsWhileTheWebSocketStillOpens has a WebSocket that opens only when
// the test is over, even though it was asked for at once.
func TestUDPWinsWhileTheWebSocketStillOpens(t *testing.T) {
	nothingLeft(t)
	asked, over := make(chan struct{}, 1), make(chan struct{})
	b := listenWeb(t, nil, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked <- struct{}{}
			<-over
			next.ServeHTTP(w, r)
		})
	})
	t.Cleanup(func() { close(over) })
	m := &memory{blocked: map[string]bool{networkTowards("127.0.0.1"): true}}
	d := Dialer{Address: b.address, Memory: m, socket: func() (net.PacketConn, error) {
		<-asked // the WebSocket is on its way
		return openSocket("")
	}}
	client, broker := b.join(t, d)
	welcome(t, client, broker)
	if client.OverTCP() || m.blocked[networkTowards("127.0.0.1")] {
		t.Error("UDP was there and did not win")
	}
}

func TestNetworksWithoutUDPAreRemembered(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	here := networkTowards("127.0.0.1")
	if !strings.HasSuffix(here, " 127.0.0.0/8") {
		t.Fatalf("this network is called %q", here)
	}
	m := &memory{blocked: map[string]bool{}}
	d := b.byTCP()
	d.Memory = m
	b.join(t, d)
	if !m.blocked[here] || len(m.asked) != 1 || m.asked[0] != here {
		t.Errorf("learnt %v, asked %v", m.blocked, m.asked)
	}
	d.socket = nil
	if client, _ := b.join(t, d); !client.OverTCP() && m.blocked[here] {
		t.Error("not forgotten when UDP worked")
	}
}

// TestTheRace tells, in simulated time, who wins and what is learnt.
func TestTheRace(t *testing.T) {
	const never = time.Hour
	for name, c := range map[string]struct {
		lead, udp, tcp time.Duration // until each works or fails
		udpErr, tcpErr error
		byTCP, silent  bool
		took           time.Duration
		err            error
	}{
		"both work": {lead: webAfter, udp: 40 * time.Millisecond, tcp: 160 * time.Millisecond, took: 40 * time.Millisecond},
		"UDP is silent": {
			lead: webAfter, udp: never, tcp: 160 * time.Millisecond,
			byTCP: true, silent: true, took: webAfter + 160*time.Millisecond,
		},
		"UDP is known to be silent": {udp: never, tcp: 160 * time.Millisecond, byTCP: true, silent: true, took: 160 * time.Millisecond},
		"UDP was silent and isn't":  {udp: 40 * time.Millisecond, tcp: 160 * time.Millisecond, took: 40 * time.Millisecond},
		"UDP fails at once": {
			lead: webAfter, udpErr: ErrUnreachable, tcp: 160 * time.Millisecond,
			byTCP: true, silent: true, took: 160 * time.Millisecond,
		},
		"a slow network": {lead: webAfter, udp: 600 * time.Millisecond, tcp: 2400 * time.Millisecond, took: 600 * time.Millisecond},
		"nobody": {
			lead: webAfter, udp: 5 * time.Second, udpErr: ErrUnreachable, tcpErr: io.EOF,
			err: ErrUnreachable, took: 5 * time.Second,
		},
		"silence and another broker": {
			lead: webAfter, udp: 5 * time.Second, udpErr: ErrUnreachable, tcp: time.Second, tcpErr: ErrWrongBroker,
			err: ErrWrongBroker, took: 5 * time.Second,
		},
		"another broker and nobody": {
			lead: webAfter, udpErr: ErrWrongBroker, tcp: time.Second, tcpErr: io.EOF,
			err: ErrWrongBroker, took: time.Second,
		},
		"another broker by UDP alone": {
			lead: webAfter, udpErr: ErrWrongBroker, tcp: time.Second, byTCP: true, took: time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := sim.NewNetwork(1)
				_, a := simListen(t, n)
				remotes := []net.Addr{net.UDPAddrFromAddrPort(brokerAt)}
				after := func(d time.Duration, err error, at netip.AddrPort, tcp bool) func(context.Context) way {
					return func(ctx context.Context) way {
						select {
						case <-time.After(d):
						case <-ctx.Done():
							return way{tcp: tcp, err: context.Cause(ctx)}
						}
						if err != nil {
							return way{tcp: tcp, err: err}
						}
						w := overPackets(ctx, n.Join(at, sim.Link{}), remotes, a)
						w.tcp = tcp
						return w
					}
				}
				start := time.Now()
				won, silent, err := race(t.Context(), c.lead,
					after(c.udp, c.udpErr, repAt, false), after(c.tcp, c.tcpErr, customerAt, true))
				if took := time.Since(start); took != c.took || !errors.Is(err, c.err) {
					t.Errorf("took %v, want %v; %v", took, c.took, err)
				}
				if err != nil {
					return
				}
				defer won.drop()
				if won.tcp != c.byTCP || silent != c.silent {
					t.Errorf("by TCP %v, UDP silent %v", won.tcp, silent)
				}
			})
		})
	}
}

func TestWhoGivesUpDiallingGetsOwnReason(t *testing.T) {
	bubble(t, func(t *testing.T) {
		why := errors.New("the window was closed")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, why)
		defer cancel()
		hang := func(ctx context.Context) way {
			<-ctx.Done()
			return way{err: ctx.Err()}
		}
		if _, _, err := race(ctx, webAfter, hang, hang); !errors.Is(err, why) {
			t.Errorf("got %v", err)
		}
	})
}

func TestWrongBrokerIsToldByTCP(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	_, other := certificate(t)
	for name, pin := range map[string]string{"another key": other, "no authority": ""} {
		t.Run(name, func(t *testing.T) {
			_, _, err := webDialer{pin: pin}.dialWeb(wait(t), Address{b.address.Host, pin})
			if err = whyNot(err); !errors.Is(err, ErrWrongBroker) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestA05NewConnectionsGetTheRenewedCertificate, by UDP and inside a WebSocket,
// and those that are there go on.
func TestA05NewConnectionsGetTheRenewedCertificate(t *testing.T) {
	nothingLeft(t)
	var now atomic.Pointer[tls.Certificate]
	b := listenWeb(t, func(c *ListenConfig) {
		now.Store(c.Certificate())
		c.Certificate = now.Load
	}, nil)
	both := map[string]Dialer{"UDP": {Address: b.address}, "TCP": b.byTCP()}
	type ends struct{ client, broker *Control }
	before := map[string]ends{}
	shows := func(c *Control) bool {
		return bytes.Equal(c.conn.ConnectionState().TLS.PeerCertificates[0].Raw, now.Load().Certificate[0])
	}
	for way, d := range both {
		client, broker := b.join(t, d)
		if !shows(client) {
			t.Errorf("%s: another certificate than the broker's", way)
		}
		before[way] = ends{client, broker}
	}
	renewed, pin := certificateOf(t, b.cert.PrivateKey.(*ecdsa.PrivateKey))
	if pin != b.address.Pin {
		t.Fatal("another pin")
	}
	now.Store(&renewed)
	for way, d := range both {
		client, broker := b.join(t, d)
		if !shows(client) {
			t.Errorf("%s: still the certificate of before", way)
		}
		welcome(t, client, broker)
		welcome(t, before[way].client, before[way].broker)
	}
}

// TestCompanyProxyThatOpensTLSCarriesPacketsAndNoMore stands in the middle with
// a certificate that the system trusts.
func TestCompanyProxyThatOpensTLSCarriesPacketsAndNoMore(t *testing.T) {
	nothingLeft(t)
	b, impostor := listenWeb(t, nil, nil), listenWeb(t, nil, nil)
	company, _ := certificate(t)
	leaf, err := x509.ParseCertificate(company.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	between := func(to *webBroker) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		carrier := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
		serveTLS(t, l, company, &httputil.ReverseProxy{
			Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "https", Host: to.address.Host}) },
			Transport: carrier, ErrorLog: nil,
		})
		return l.Addr().String()
	}
	d := b.byTCP()
	d.roots, d.Address.Host = roots, between(b)
	client, broker := b.join(t, d)
	welcome(t, client, broker)

	d.Address.Host = between(impostor)
	if _, err := d.Dial(wait(t)); !errors.Is(err, ErrWrongBroker) {
		t.Errorf("another broker behind the company's proxy: %v", err)
	}
	client.Close("test over")
	<-broker.Done()
}

func TestProxyOfTheEnvironmentCarriesTheControl(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	p := startProxy(t, func(p *connectProxy) {
		p.name = "anna:hunter2"
		// The proxy alone knows the broker's name, as where no names but the
		// company's own can be looked up.
		p.dial = func(string) (net.Conn, error) { return net.Dial("tcp", b.address.Host) }
	})
	d := b.byTCP()
	d.Address.Host = "broker.invalid:443"
	d.Proxy = p.as(url.UserPassword("anna", "hunter2"))
	client, broker := b.join(t, d)
	welcome(t, client, broker)
	if p.hosts() != "broker.invalid:443" {
		t.Errorf("the proxy was asked for %s", p.hosts())
	}

	d.Proxy = p.as(url.UserPassword("anna", "hunter3"))
	if _, err := d.Dial(wait(t)); !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "hunter") {
		t.Errorf("wrong password: %v", err)
	}
	d.Proxy = func(*http.Request) (*url.URL, error) { return nil, errors.New("invalid proxy address anna:hunter2@") }
	if _, err := d.Dial(wait(t)); !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "hunter") {
		t.Errorf("bad address: %v", err)
	}

	p.cut()
	<-client.Done()
	<-broker.Done()
	if !errors.Is(client.Err(), ErrLost) {
		t.Errorf("client: %v", client.Err())
	}
}

// TestEnvironmentNamesTheProxy runs this test again as a process of its own:
// package http reads the environment once.
func TestEnvironmentNamesTheProxy(t *testing.T) {
	const variable = "HANDRAIL_TEST_PIN"
	if pin := os.Getenv(variable); pin != "" {
		client, err := Dialer{Address: Address{Host: "broker.invalid:443", Pin: pin}}.Dial(wait(t))
		if err != nil {
			t.Fatal(err)
		}
		client.Close("test over")
		<-client.Done()
		return
	}
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	p := startProxy(t, func(p *connectProxy) {
		p.name = "anna:hunter2"
		p.dial = func(string) (net.Conn, error) { return net.Dial("tcp", b.address.Host) }
	})
	again := func(more ...string) error {
		cmd := exec.CommandContext(wait(t), os.Args[0], "-test.run=^TestEnvironmentNamesTheProxy$")
		cmd.Env = append([]string{variable + "=" + b.address.Pin, "HTTPS_PROXY=http://anna:hunter2@" + p.addr}, more...)
		return cmd.Run()
	}
	if err := again(); err != nil {
		t.Errorf("by the proxy: %v", err)
	}
	if again("NO_PROXY=.invalid") == nil {
		t.Error("NO_PROXY means nothing")
	}
	if p.hosts() != "broker.invalid:443" {
		t.Errorf("the proxy was asked for %q", p.hosts())
	}
}

func TestStrangersGetNoWebSocket(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	for name, c := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"a page in a browser":     {func(r *http.Request) { r.Header.Set("Origin", "https://"+b.address.Host) }, 403},
		"no protocol":             {func(r *http.Request) { r.Header.Del("Sec-WebSocket-Protocol") }, 400},
		"another protocol":        {func(r *http.Request) { r.Header.Set("Sec-WebSocket-Protocol", "chat") }, 400},
		"a choice of protocols":   {func(r *http.Request) { r.Header.Set("Sec-WebSocket-Protocol", webControl+", chat") }, 400},
		"another path":            {func(r *http.Request) { r.URL.Path += "/" }, 404},
		"another method":          {func(r *http.Request) { r.Method = http.MethodPost }, 405},
		"no upgrade":              {func(r *http.Request) { r.Header.Del("Upgrade") }, 426},
		"another version":         {func(r *http.Request) { r.Header.Set("Sec-WebSocket-Version", "12") }, 400},
		"a key of another length": {func(r *http.Request) { r.Header.Set("Sec-WebSocket-Key", "AAAA") }, 400},
	} {
		t.Run(name, func(t *testing.T) {
			ws, r, err := b.raw(t, c.change)
			if ws != nil || r == nil || r.StatusCode != c.status {
				t.Errorf("answered %+v, %v; want %d", r, err, c.status)
			}
		})
	}
	eventually(t, "nobody is counted", func() bool { return b.Web().Open == 0 })
}

func TestBadMessagesEndTheirWebSocketAlone(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	client, broker := b.join(t, b.byTCP())
	for name, c := range map[string]struct {
		kind websocket.MessageType
		say  []byte
	}{
		"a text":              {websocket.MessageText, []byte("hello")},
		"one byte too long":   {websocket.MessageBinary, make([]byte, webPacket+1)},
		"a megabyte":          {websocket.MessageBinary, make([]byte, 1<<20)},
		"a text of no length": {websocket.MessageText, nil},
	} {
		t.Run(name, func(t *testing.T) {
			ws, _, err := b.raw(t, nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = ws.Write(wait(t), c.kind, c.say) // may be cut off in the middle
			if _, _, err := ws.Read(wait(t)); err == nil {
				t.Error("answered")
			}
		})
	}
	eventually(t, "the bad ones are gone", func() bool { return b.Web().Open == 1 })
	welcome(t, client, broker)
}

func TestGarbageByWebSocketHarmsNobody(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	client, broker := b.join(t, b.byTCP())
	ws, _, err := b.raw(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 200 {
		packet := bytes.Repeat([]byte{byte(n)}, n*7%webPacket) // the first is empty
		if n%3 == 0 && len(packet) > 5 {
			copy(packet, []byte{0xc3, 0, 0, 0, 1}) // like QUIC's first packet
		}
		if err := ws.Write(wait(t), websocket.MessageBinary, packet); err != nil {
			t.Fatal(n, err)
		}
	}
	welcome(t, client, broker)
}

// TestHalfAnUpgradeHoldsUpNobody leaves a request in the middle of its header.
func TestHalfAnUpgradeHoldsUpNobody(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	for _, text := range []string{"", "GET " + PathControl + " HTTP/1.1\r\nHost: x\r\nUpgra", "\x16\x03\x01"} {
		c, err := net.Dial("tcp", b.address.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if !strings.HasPrefix(text, "\x16") {
			c = tls.Client(c, &tls.Config{InsecureSkipVerify: true})
		}
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
	}
	client, broker := b.join(t, b.byTCP())
	welcome(t, client, broker)
	if n := b.Web().Open; n != 1 {
		t.Errorf("%d WebSockets", n)
	}
}

func TestOneAddressHasItsShareByBothWaysTogether(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, func(c *ListenConfig) { c.PerAddress = 2 }, nil)
	first, _ := b.join(t, b.byTCP())
	b.join(t, Dialer{Address: b.address})
	if _, err := (Dialer{Address: b.address}).Dial(wait(t)); !errors.Is(err, ErrUnreachable) || b.Refused() == 0 {
		t.Errorf("third connection: %v, refused %d", err, b.Refused())
	}
	eventually(t, "the refused one's WebSocket is gone", func() bool { return b.Web().Open == 1 })
	refused := b.Refused()
	if _, _, err := b.raw(t, nil); err != nil {
		t.Fatal(err)
	}
	if _, r, err := b.raw(t, nil); err == nil || r.StatusCode != http.StatusServiceUnavailable || b.Refused() == refused {
		t.Errorf("third WebSocket: %+v, %v", r, err)
	}
	first.Close("making room")
	<-first.Done()
	eventually(t, "room for another", func() bool { return b.controls.Open() < 2 && b.Web().Open < 2 })
	b.join(t, b.byTCP())
}

func TestOneWebSocketCarriesOneConnection(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	conn, release, err := webDialer{pin: b.address.Pin}.dialWeb(wait(t), b.address)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	broker, err := b.Accept(wait(t))
	if err != nil {
		t.Fatal(err)
	}
	b.web.mu.Lock()
	for a := range b.web.open {
		if b.web.mu.Unlock(); b.web.claim(udpAddr(a)) != nil {
			t.Error("a second connection taken")
		}
		b.web.mu.Lock()
	}
	b.web.mu.Unlock()
	_ = conn.CloseWithError(codeDone, "test over")
	<-broker.Done()
}

// TestWhoReadsTooSlowlyByTCPLosesPacketsThenTheConnection fills everything
// between broker and client.
func TestWhoReadsTooSlowlyByTCPLosesPacketsThenTheConnection(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	b.web.stuck = time.Second
	client, broker := b.join(t, b.byTCP())
	ws, _, err := b.raw(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	var at net.Addr
	eventually(t, "the WebSocket is there", func() bool {
		b.web.mu.Lock()
		defer b.web.mu.Unlock()
		for a, c := range b.web.open {
			if c.conn == nil {
				at = udpAddr(a)
			}
		}
		return at != nil
	})
	eventually(t, "packets are dropped, then the client", func() bool {
		for range webQueued {
			_, _ = b.web.WriteTo(make([]byte, webPacket), at) // never fails
		}
		return b.Web().Dropped > 0 && b.Web().Open == 1
	})
	_ = ws.CloseNow()
	welcome(t, client, broker)
}

func TestClosedListenerSaysGoodbyeByTCP(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	client, broker := b.join(t, b.byTCP())
	if _, _, err := b.raw(t, nil); err != nil { // says nothing, and must not hold up
		t.Fatal(err)
	}
	b.Close()
	<-client.Done()
	<-broker.Done()
	if !errors.Is(client.Err(), ErrClosed) {
		t.Errorf("client: %v", client.Err())
	}
	if ws, r, _ := b.raw(t, nil); ws != nil && r.StatusCode == http.StatusSwitchingProtocols {
		if _, _, err := ws.Read(wait(t)); err == nil {
			t.Error("a closed listener serves on")
		}
	}
}

// TestEndOfTCPIsNoticedAtOnce needs no idle timeout on either side.
func TestEndOfTCPIsNoticedAtOnce(t *testing.T) {
	nothingLeft(t)
	b := listenWeb(t, nil, nil)
	p := startProxy(t, nil)
	d := b.byTCP()
	d.Proxy = p.as(nil)
	client, broker := b.join(t, d)
	start := time.Now()
	p.cut()
	<-client.Done()
	<-broker.Done()
	if !errors.Is(client.Err(), ErrLost) || !errors.Is(broker.Err(), ErrClosed) {
		t.Errorf("client %v, broker %v", client.Err(), broker.Err())
	}
	if took := time.Since(start); took >= controlIdle {
		t.Errorf("took %v", took)
	}
}
