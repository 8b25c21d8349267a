package link

import (
	"context"
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
	Host string // host:port, UDP
	Pin  string // see func Pin; empty: the public authorities vouch for the host's name
}

const (
	dialAddresses = 4                      // of a host name, no more are tried
	dialStagger   = 250 * time.Millisecond // RFC 8305, section 5: before the next address is tried as well
)

// Dial connects to the broker at a. Its errors are ErrUnreachable,
// ErrWrongBroker, ErrVersion, and ctx's.
func Dial(ctx context.Context, a Address) (*Control, error) {
	if err := CheckPin(a.Pin); err != nil {
		return nil, err
	}
	remotes, err := resolve(ctx, a.Host)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	socket, err := openSocket("")
	if err != nil {
		return nil, err
	}
	return dialOver(ctx, socket, remotes, a)
}

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

// dialOver connects to whichever of remotes answers first, through socket,
// which it closes in the end. Any carrier of packets will do as the socket.
func dialOver(ctx context.Context, socket net.PacketConn, remotes []net.Addr, a Address) (*Control, error) {
	transport := &quic.Transport{Conn: socket}
	release := func() {
		_ = transport.Close() // both close what is closing anyway
		_ = socket.Close()
	}
	conn, err := race(ctx, transport, remotes, a)
	if err != nil {
		release()
		return nil, err
	}
	stream, err := conn.OpenStream()
	if err == nil {
		_, err = stream.Write(wire.AppendStreamKind(nil, wire.StreamControl))
	}
	if err != nil {
		release()
		return nil, fmt.Errorf("%w: opening the stream: %w", ErrUnreachable, err)
	}
	return newControl(conn, stream, fromBroker, release), nil
}

func fromBroker(k wire.Kind) bool { return wire.MayCome(k, wire.ControlPlane, wire.RoleBroker) }

// race tries remotes one after the other, without waiting for the one before
// to fail, and keeps the first connection.
func race(ctx context.Context, transport *quic.Transport, remotes []net.Addr, a Address) (*quic.Conn, error) {
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
	return nil, whyNot(failed)
}

// worse keeps the failure that tells more: an answer rather than silence.
func worse(a, b error) error {
	if a == nil || errors.Is(whyNot(a), ErrUnreachable) {
		return b
	}
	return a
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
