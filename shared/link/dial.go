package link

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/wire"
)

// Address says where a broker is and how to recognise it.
type Address struct {
	Host string // host:port, UDP and TCP
	Pin  string // see func Pin; empty: the public authorities vouch for the host's name
}

// Dialer connects to one broker: by UDP, or by a WebSocket where UDP gets
// nowhere.
type Dialer struct {
	Address Address
	Memory  Memory // nil: every Dial starts by UDP
	Proxy   Proxy  // for the WebSocket; nil: HTTPS_PROXY and NO_PROXY of the environment decide

	socket func() (net.PacketConn, error) // nil: a UDP socket
	roots  *x509.CertPool                 // see webDialer
}

// Memory remembers from Dial to Dial in which networks UDP gets nowhere. What
// names a network tells where its user is: a Memory keeps a hash of it at most.
type Memory interface {
	// Blocked says what Learn was told last; false if nothing.
	Blocked(network string) bool
	Learn(network string, blocked bool)
}

const (
	dialAddresses = 4                      // of a host name, no more are tried
	dialStagger   = 250 * time.Millisecond // RFC 8305, section 5: before the next address is tried as well

	// webAfter is the lead of UDP: all it needs on most networks. A WebSocket
	// takes three round trips more, so UDP still wins, where it works, without
	// any lead.
	webAfter = 300 * time.Millisecond
)

// Dial connects to the broker. Its errors are ErrUnreachable, ErrWrongBroker,
// ErrVersion, and ctx's.
func (d Dialer) Dial(ctx context.Context) (*Control, error) {
	if err := CheckPin(d.Address.Pin); err != nil {
		return nil, err
	}
	host, _, err := net.SplitHostPort(d.Address.Host)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	network, lead := "", webAfter
	if d.Memory != nil {
		if network = networkTowards(host); network != "" && d.Memory.Blocked(network) {
			lead = 0
		}
	}
	won, silent, err := race(ctx, lead, d.byUDP, d.byTCP)
	if err != nil {
		return nil, err
	}
	if network != "" && (!won.tcp || silent) {
		d.Memory.Learn(network, won.tcp)
	}
	return begin(won)
}

// DialAt is Dial to another broker of the same organisation, which has the same
// pin.
func (d Dialer) DialAt(ctx context.Context, host string) (*Control, error) {
	d.Address.Host = host
	return d.Dial(ctx)
}

// way is a connection to the broker, or why there is none.
type way struct {
	conn    *quic.Conn
	release func() // frees what belongs to conn alone
	tcp     bool
	err     error
}

func (w way) drop() {
	_ = w.conn.CloseWithError(codeDone, "not needed") // always nil
	w.release()
}

// race tries UDP and, a lead later or when UDP has failed, TCP, and keeps the
// first that works. silent means that UDP did not: nothing was heard of it
// until there was a WebSocket.
func race(ctx context.Context, lead time.Duration, byUDP, byTCP func(context.Context) way) (won way, silent bool, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ways := make(chan way, 2) // nobody waits to send
	failed := make(chan struct{})
	go func() {
		w := byUDP(ctx)
		if w.err != nil {
			close(failed)
		}
		ways <- w
	}()
	go func() {
		t := time.NewTimer(lead)
		defer t.Stop()
		select {
		case <-t.C:
		case <-failed:
		case <-ctx.Done():
		}
		ways <- byTCP(ctx)
	}()
	var udp, tcp error
	for range 2 { // the loser ends soon after stop
		switch w := <-ways; {
		case w.err != nil && w.tcp:
			tcp = w.err
		case w.err != nil:
			udp = w.err
			silent = errors.Is(whyNot(udp), ErrUnreachable)
		case won.conn == nil:
			won = w
			stop()
		case w.tcp:
			w.drop()
		default: // both at the same time
			won.drop()
			won = w
		}
	}
	if won.conn != nil {
		return won, silent, nil
	}
	if ctx.Err() != nil {
		return way{}, false, context.Cause(ctx)
	}
	return way{}, false, whyNot(fmt.Errorf("by UDP: %w; by TCP: %w", udp, tcp)) // an answer tells more than silence
}

// byUDP connects to the first address of the broker that answers.
func (d Dialer) byUDP(ctx context.Context) way {
	remotes, err := resolve(ctx, d.Address.Host)
	if err != nil {
		return way{err: err}
	}
	open := d.socket
	if open == nil {
		open = func() (net.PacketConn, error) { return openSocket("") }
	}
	socket, err := open()
	if err != nil {
		return way{err: err}
	}
	return overPackets(ctx, socket, remotes, d.Address)
}

// byTCP connects through a WebSocket.
func (d Dialer) byTCP(ctx context.Context) way {
	conn, release, err := webDialer{d.Address.Pin, d.Proxy, d.roots}.dialWeb(ctx, d.Address)
	return way{conn, release, true, err}
}

// begin starts a conversation on a new connection.
func begin(w way) (*Control, error) {
	stream, err := w.conn.OpenStream()
	if err == nil {
		_, err = stream.Write(wire.AppendStreamKind(nil, wire.StreamControl))
	}
	if err != nil {
		w.drop()
		return nil, fmt.Errorf("%w: opening the stream: %w", ErrUnreachable, err)
	}
	c := newControl(w.conn, stream, fromBroker, w.release)
	c.tcp = w.tcp
	return c, nil
}

func fromBroker(k wire.Kind) bool { return wire.MayCome(k, wire.ControlPlane, wire.RoleBroker) }

// resolve looks host:port up.
func resolve(ctx context.Context, hostPort string) ([]net.Addr, error) {
	host, service, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "udp", service)
	if err != nil {
		return nil, err
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	var remotes []net.Addr
	for _, ip := range ips[:min(len(ips), dialAddresses)] {
		remotes = append(remotes, net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip.Unmap(), uint16(port))))
	}
	return remotes, nil
}

// overPackets connects to whichever of remotes answers first, through socket,
// which it closes in the end. Any carrier of packets will do as the socket.
func overPackets(ctx context.Context, socket net.PacketConn, remotes []net.Addr, a Address) way {
	transport := &quic.Transport{Conn: socket}
	w := way{release: func() {
		_ = transport.Close() // both close what is closing anyway
		_ = socket.Close()
	}}
	if w.conn, w.err = stagger(ctx, transport, remotes, a); w.err != nil {
		w.release()
	}
	return w
}

// stagger tries remotes one after the other, without waiting for the one before
// to fail, and keeps the first connection.
func stagger(ctx context.Context, transport *quic.Transport, remotes []net.Addr, a Address) (*quic.Conn, error) {
	host, _, _ := net.SplitHostPort(a.Host) // resolve has checked it
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var runners sync.WaitGroup
	var mu sync.Mutex // guards the following
	var won *quic.Conn
	var failed error
	for i, remote := range remotes {
		runners.Go(func() {
			select {
			case <-time.After(time.Duration(i) * dialStagger):
			case <-ctx.Done():
				return
			}
			conn, err := transport.Dial(ctx, remote, brokerTLS(host, a.Pin), controlConfig(0))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil && won == nil:
				failed = worse(failed, err)
			case err == nil && won != nil:
				_ = conn.CloseWithError(codeDone, "not needed")
			case err == nil:
				won = conn
				stop()
			}
		})
	}
	runners.Wait()
	if won != nil {
		return won, nil
	}
	if failed == nil {
		failed = context.Cause(ctx)
	}
	return nil, failed
}

// worse keeps the failure that tells more: an answer rather than silence.
func worse(a, b error) error {
	if a == nil || errors.Is(whyNot(a), ErrUnreachable) {
		return b
	}
	return a
}

// networkTowards names the network that packets to host leave by: the interface
// and its prefix. It sends nothing. Empty is an unknown one.
func networkTowards(host string) string {
	mine := outwards(host)
	all, err := net.Interfaces()
	if err != nil {
		return ""
	}
	for _, i := range all {
		addrs, err := i.Addrs()
		if err != nil {
			continue // it has just gone
		}
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err == nil && p.Addr().Unmap().WithZone("") == mine {
				return i.Name + " " + p.Masked().String()
			}
		}
	}
	return ""
}

// outwards is the address of ours that packets to host leave from. A name isn't
// looked up: all that isn't here goes the same way, by either version of IP
// (addresses of RFC 5737 and RFC 3849, never used).
func outwards(host string) netip.Addr {
	try := []string{"192.0.2.1", "2001:db8::1"}
	if _, err := netip.ParseAddr(host); err == nil {
		try = []string{host}
	}
	for _, to := range try {
		probe, err := net.Dial("udp", net.JoinHostPort(to, "1"))
		if err != nil {
			continue // no way there
		}
		mine := addrPort(probe.LocalAddr()).Addr().WithZone("")
		_ = probe.Close() // nothing was written
		return mine
	}
	return netip.Addr{}
}

// controlConfig is both ends' configuration on the control plane; streams is
// how many the other side may open.
func controlConfig(streams int64) *quic.Config {
	if streams == 0 {
		streams = -1 // none, says quic-go
	}
	return &quic.Config{
		InitialPacketSize:              packetSize,
		HandshakeIdleTimeout:           handshakeIdle,
		MaxIdleTimeout:                 controlIdle,
		InitialStreamReceiveWindow:     controlWindow,
		MaxStreamReceiveWindow:         controlWindow,
		InitialConnectionReceiveWindow: controlWindow,
		MaxConnectionReceiveWindow:     controlWindow,
		MaxIncomingStreams:             streams,
		MaxIncomingUniStreams:          -1,
		EnableDatagrams:                true, // see Control.keepAlive
	}
}
