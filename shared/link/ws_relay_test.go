package link

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/ice/v4"

	"handrail/shared/wire"
)

// webbed puts a relay on a web address as well.
func webbed(t *testing.T, relay *TURN) (pin string, at wire.Relay) {
	t.Helper()
	cert, pin := certificate(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveTLS(t, l, cert, relay.WebSocket())
	user, password := TURNCredentials(turnSecret, wire.SessionID{1}, time.Now().Add(time.Hour))
	return pin, wire.Relay{URL: WebRelay(l.Addr().String()), User: user, Password: password}
}

func TestTwoMeetWhereOnlyTCPLeavesOneOfThemByAProxy(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, nil)
	pin, at := webbed(t, relay)
	p := startProxy(t, nil)
	rep, customer, err, err2 := meet(t, func(r, c *Meeting) {
		r.Relays, c.Relays = []wire.Relay{at}, []wire.Relay{at}
		r.Pin, c.Pin = pin, pin
		r.RelayOnly, c.RelayOnly = true, true
		c.Proxy = p.as(nil)
	})
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	chat(t, rep, customer)
	for _, peer := range []*Peer{rep, customer} {
		if path := peer.Path(); path.Direct {
			t.Errorf("path %+v", path)
		}
	}
	go func() { _ = customer.SendSlice(wait(t), wire.Slice{Seq: 1, Frame: 1, Data: make([]byte, 200<<10)}) }()
	if _, err := rep.ReceiveSlice(wait(t)); err != nil {
		t.Fatal(err)
	}
	if host := strings.TrimSuffix(strings.TrimPrefix(at.URL, "wss://"), PathTURN); p.hosts() != host {
		t.Errorf("the proxy was asked for %q, want %s once", p.hosts(), host)
	}
	rep.Close(wire.EndByRep)
	<-rep.Done()
	<-customer.Done()
	eventually(t, "the relay's addresses and streams are given back", func() bool {
		return relay.Counts().Open == 0 && relay.web.places.Open() == 0
	})
}

func TestRelayByUDPIsPreferred(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, nil)
	pin, byTCP := webbed(t, relay)
	byUDP := relayOf(relay, time.Now().Add(time.Hour))
	rep, customer, err, err2 := meet(t, func(r, c *Meeting) {
		r.Relays = []wire.Relay{byTCP, byUDP} // the order means nothing
		c.Relays = r.Relays
		r.Pin, c.Pin = pin, pin
		r.RelayOnly, c.RelayOnly = true, true
	})
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	chat(t, rep, customer)
	by, ok := agentOf(t, rep).(*ice.CandidateRelay)
	if !ok || by.RelayProtocol() != "udp" {
		t.Errorf("chosen: %v", by)
	}
}

// agentOf is the candidate that a peer's packets leave by.
func agentOf(t *testing.T, p *Peer) ice.Candidate {
	t.Helper()
	agent, ok := p.under.(wrapped).underlay.(iceAgent)
	if !ok {
		t.Fatalf("%T", p.under)
	}
	pair, err := agent.GetSelectedCandidatePair()
	if err != nil {
		t.Fatal(err)
	}
	return pair.Local
}

func TestMeetingDoesNotWaitForARelayThatIsAway(t *testing.T) {
	nothingLeft(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	at := wire.Relay{URL: WebRelay(silent.Addr().String()), User: "u", Password: "p"}
	rep, customer, err, err2 := meet(t, func(r, c *Meeting) {
		r.Relays = []wire.Relay{at, {URL: "turn:" + silent.Addr().String() + "?transport=tcp", User: "u", Password: "p"}}
		c.Relays = r.Relays
	})
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	chat(t, rep, customer)
}

func TestStrangersGetNoStream(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, nil)
	_, at := webbed(t, relay)
	b := &webBroker{address: Address{Host: strings.TrimPrefix(strings.TrimSuffix(at.URL, PathTURN), "wss://")}}
	if _, r, err := b.raw(t, nil); err == nil || r.StatusCode != http.StatusNotFound {
		t.Errorf("the control plane's path: %v, %v", r, err)
	}
	if _, r, err := b.raw(t, func(r *http.Request) { r.URL.Path = PathTURN }); err == nil || r.StatusCode != http.StatusBadRequest {
		t.Errorf("the control plane's protocol: %v, %v", r, err)
	}
	eventually(t, "nobody is left", func() bool { return relay.web.places.Open() == 0 })
}

func TestTextsEndAStream(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, nil)
	pin, at := webbed(t, relay)
	d := webDialer{pin: pin}
	for name, c := range map[string]struct {
		kind websocket.MessageType
		say  string
	}{
		"a text":   {websocket.MessageText, "hello"},
		"no STUN":  {websocket.MessageBinary, strings.Repeat("\xff", 100)},
		"too long": {websocket.MessageBinary, "\x00\x01\xff\xff" + strings.Repeat("x", 70_000)},
	} {
		t.Run(name, func(t *testing.T) {
			ws, _, err := d.open(wait(t), "tcp", at.URL, webTURN)
			if err != nil {
				t.Fatal(err)
			}
			defer ws.CloseNow()
			_ = ws.Write(wait(t), c.kind, []byte(c.say)) // may be cut off in the middle
			if _, _, err := ws.Read(wait(t)); err == nil {
				t.Error("answered")
			}
		})
	}
	eventually(t, "nobody is left", func() bool { return relay.web.places.Open() == 0 })
}

func TestRelaysOfEveryKindAreRead(t *testing.T) {
	for address, c := range map[string]struct {
		usable, configurable bool
		host                 string
		port                 int
	}{
		"turn:relay.example:3478?transport=udp":         {true, true, "relay.example", 3478},
		"turn:relay.example:3478?transport=tcp":         {true, true, "relay.example", 3478},
		"turn:relay.example":                            {true, true, "relay.example", 3478},
		"turns:relay.example:443?transport=tcp":         {true, true, "relay.example", 443},
		"turn:[2001:db8::1]:3478?transport=udp":         {true, true, "2001:db8::1", 3478},
		"wss://relay.example:4443/handrail/turn":        {true, false, "relay.example", 4443},
		"wss://relay.example/handrail/turn":             {true, false, "relay.example", 443},
		"turns:relay.example:5349?transport=udp":        {},
		"stun:relay.example":                            {},
		"turn:":                                         {},
		"turn:relay.example:99999":                      {},
		"wss://relay.example/other":                     {},
		"wss://relay.example/handrail/turn?x=1":         {},
		"wss://anna:secret@relay.example/handrail/turn": {},
		"wss://relay.example:0/handrail/turn":           {},
		"https://relay.example/handrail/turn":           {},
		"ws://relay.example/handrail/turn":              {},
		"":                                              {},
	} {
		u, ok := parseRelay(address)
		if ok != c.usable || ok && (u.Host != c.host || u.Port != c.port) {
			t.Errorf("%q: %v, %+v", address, ok, u)
		}
		if err := CheckRelay(address); (err == nil) != c.configurable {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestRelaysByTLSAreChecked dials turns: the system's authorities decide, since
// the pin is the broker's.
func TestRelaysByTLSAreChecked(t *testing.T) {
	nothingLeft(t)
	cert, _ := certificate(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	var server sync.WaitGroup
	server.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.Copy(c, c)
			_ = c.Close()
		}
	})
	defer server.Wait()
	defer l.Close()
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(leaf)
	at := l.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d := &relayDialer{ctx: ctx, over: map[string]string{at: "turns:" + at + "?transport=tcp"}}
	if c, err := d.Dial("tcp4", at); err == nil {
		c.Close()
		t.Error("an unknown authority's relay is trusted")
	}
	d.web.roots = trusted
	c, err := d.Dial("tcp4", at)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 5)
	if _, err := io.WriteString(c, "hello"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, b); err != nil || string(b) != "hello" {
		t.Errorf("got %q, %v", b, err)
	}
	cancel() // the agent hangs up
	if _, err := c.Read(b); err == nil {
		t.Error("still open")
	}
}
