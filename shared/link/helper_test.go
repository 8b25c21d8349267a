package link

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/sim"
	"handrail/shared/wire"
)

// patience is how long tests on real sockets wait before they give up.
const patience = 20 * time.Second

// wait is a context for what must not take long.
func wait(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// eventually polls until ok, and fails when it never comes.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// nothingLeft fails the test if goroutines of a connection outlive it. Call it
// before anything that cleans up after itself.
func nothingLeft(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		var stacks string
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
			buf := make([]byte, 1<<20)
			stacks = ""
			for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
				for _, ours := range []string{"handrail/shared/link.", "quic-go", "pion/"} {
					if strings.Contains(g, ours) && !strings.Contains(g, "nothingLeft") {
						stacks += g + "\n\n"
						break
					}
				}
			}
			if stacks == "" {
				return
			}
		}
		t.Errorf("still running:\n%s", stacks)
	})
}

// certificate makes a self-signed one and its pin.
func certificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return certificateOf(t, key)
}

// certificateOf makes one with a key that there is already.
func certificateOf(t *testing.T, key *ecdsa.PrivateKey) (tls.Certificate, string) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, Pin(parsed)
}

// always is a certificate that is never renewed.
func always(cert tls.Certificate) func() *tls.Certificate {
	return func() *tls.Certificate { return &cert }
}

// listen starts a broker's control plane on the loopback address.
func listen(t *testing.T, change func(*ListenConfig)) (*Listener, Address) {
	t.Helper()
	cert, pin := certificate(t)
	c := ListenConfig{Addr: "127.0.0.1:0", Certificate: always(cert), ResetKey: [32]byte{1}}
	if change != nil {
		change(&c)
	}
	l, err := Listen(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, Address{Host: l.Addr().String(), Pin: pin}
}

// dialOver connects through socket.
func dialOver(ctx context.Context, socket net.PacketConn, remotes []net.Addr, a Address) (*Control, error) {
	w := overPackets(ctx, socket, remotes, a)
	if w.err != nil {
		return nil, whyNot(w.err)
	}
	return begin(w)
}

// connect gives both ends of a new control connection.
func connect(t *testing.T, l *Listener, a Address) (client, broker *Control) {
	t.Helper()
	return connectBy(t, l, Dialer{Address: a})
}

func connectBy(t *testing.T, l *Listener, d Dialer) (client, broker *Control) {
	t.Helper()
	client, err := d.Dial(wait(t))
	if err != nil {
		t.Fatal(err)
	}
	if broker, err = l.Accept(wait(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close("test over")
		<-client.Done()
		<-broker.Done()
	})
	return client, broker
}

// bubble runs f in simulated time.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// Addresses in the simulated network.
var (
	repAt      = netip.MustParseAddrPort("10.0.0.1:1000")
	customerAt = netip.MustParseAddrPort("10.0.0.2:2000")
	brokerAt   = netip.MustParseAddrPort("10.0.0.3:3000")
)

// plainly is the underlay of a Peer right on a simulated socket.
type plainly struct{ net.PacketConn }

func (p plainly) path() Path { return Path{Direct: true} }
func (p plainly) close()     { _ = p.Close() }

// introduce has a rep and a customer greet each other over a simulated network.
func introduce(t *testing.T, link sim.Link, rep, customer Meeting) (n *sim.Network, r, c *Peer, repErr, customerErr error) {
	t.Helper()
	n = sim.NewNetwork(7)
	reps, customers := n.Join(repAt, link), n.Join(customerAt, link)
	rep.Role, customer.Role = wire.RoleRep, wire.RoleCustomer
	ctx := t.Context()
	done := make(chan struct{})
	go func() {
		defer close(done)
		deadline, cancel := context.WithTimeout(ctx, meetWait)
		defer cancel()
		c, customerErr = greet(ctx, deadline, customers, net.UDPAddrFromAddrPort(repAt), customer, plainly{customers})
	}()
	deadline, cancel := context.WithTimeout(ctx, meetWait)
	defer cancel()
	r, repErr = greet(ctx, deadline, reps, net.UDPAddrFromAddrPort(customerAt), rep, plainly{reps})
	<-done
	return n, r, c, repErr, customerErr
}

// acquainted are two peers with a connection; they part when the test ends.
func acquainted(t *testing.T, link sim.Link) (n *sim.Network, rep, customer *Peer) {
	t.Helper()
	m := Meeting{Secret: "507264"}
	n, rep, customer, err, err2 := introduce(t, link, m, m)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	t.Cleanup(func() {
		rep.Close(wire.EndByRep)
		customer.Close(wire.EndByCustomer)
		<-rep.Done()
		<-customer.Done()
	})
	return n, rep, customer
}

// stranger is a bare QUIC connection to the customer's place, for peers that
// don't behave. greeted gets what the customer's side made of it.
func stranger(t *testing.T) (conn *quic.Conn, greeted <-chan error) {
	t.Helper()
	n := sim.NewNetwork(7)
	reps, customers := n.Join(repAt, sim.Link{}), n.Join(customerAt, sim.Link{})
	result := make(chan error, 1)
	go func() {
		deadline, cancel := context.WithTimeout(t.Context(), meetWait)
		defer cancel()
		p, err := greet(t.Context(), deadline, customers, net.UDPAddrFromAddrPort(repAt),
			Meeting{Role: wire.RoleCustomer, Secret: "507264"}, plainly{customers})
		if err == nil {
			p.Close(wire.EndLost)
		}
		result <- err
	}()
	transport := &quic.Transport{Conn: reps}
	conn, err := shakeHands(t.Context(), transport, net.UDPAddrFromAddrPort(customerAt), wire.RoleRep)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.CloseWithError(codeDone, "test over")
		_ = transport.Close()
		_ = reps.Close()
	})
	return conn, result
}
