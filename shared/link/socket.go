package link

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// softSocket is a UDP socket that forgives a network that is away for a
// while. quic-go ends a connection at the first failed write, although the
// same socket works again as soon as there is a route: such a write counts as
// a lost packet instead. The socket must be bound to the unspecified address,
// otherwise it dies with the address it was bound to.
type softSocket struct{ *net.UDPConn }

// openSocket opens a soft socket on addr ("" for any port).
func openSocket(addr string) (softSocket, error) {
	var local *net.UDPAddr
	if addr != "" {
		var err error
		if local, err = net.ResolveUDPAddr("udp", addr); err != nil {
			return softSocket{}, fmt.Errorf("address to listen on: %w", err)
		}
	}
	c, err := net.ListenUDP("udp", local)
	if err != nil {
		return softSocket{}, fmt.Errorf("opening a UDP socket: %w", err)
	}
	return softSocket{c}, nil
}

// WriteTo is net.PacketConn's.
func (s softSocket) WriteTo(b []byte, to net.Addr) (int, error) {
	n, err := s.UDPConn.WriteTo(b, to)
	if networkAway(err) {
		return len(b), nil
	}
	return n, err
}

// WriteMsgUDP is what quic-go writes by.
func (s softSocket) WriteMsgUDP(b, oob []byte, to *net.UDPAddr) (int, int, error) {
	n, oobn, err := s.UDPConn.WriteMsgUDP(b, oob, to)
	if networkAway(err) {
		return len(b), len(oob), nil
	}
	return n, oobn, err
}

// networkAway says whether err only means that there is no way out just now.
func networkAway(err error) bool {
	var number syscall.Errno
	if err == nil || !errors.As(err, &number) {
		return false
	}
	for _, away := range awayErrors {
		if number == away {
			return true
		}
	}
	return false
}

// addrPort is a's address and port, zero when it has none.
func addrPort(a net.Addr) netip.AddrPort {
	u, ok := a.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := u.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
