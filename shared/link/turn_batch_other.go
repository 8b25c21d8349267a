//go:build !linux

package link

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// turnBatches reads and writes packets one at a time here.
type turnBatches struct {
	socket *net.UDPConn
	lost   func()
	room   [1600]byte // what pion reads at most
}

func newTURNBatches(socket *net.UDPConn, lost func()) (*turnBatches, error) {
	return &turnBatches{socket: socket, lost: lost}, nil
}

// read gives the next packet, which stays where it is until read is called
// again.
func (s *turnBatches) read() ([]byte, netip.AddrPort, error) {
	for {
		n, from, err := s.socket.ReadFromUDPAddrPort(s.room[:])
		var number syscall.Errno
		if errors.As(err, &number) {
			continue // Windows tells of packets sent before that nobody took
		}
		return s.room[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), err
	}
}

// carry sends b.
func (s *turnBatches) carry(b []byte, to netip.AddrPort) {
	if _, err := s.socket.WriteToUDPAddrPort(b, to); err != nil {
		s.lost()
	}
}
