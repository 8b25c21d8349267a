package link

import (
	"context"
	"fmt"
	"net"
	"net/netip"
)

// Over is Meet for tests: for two sides whose sockets reach each other already,
// such as those of a simulated network. It looks for no path, and the rest is
// the same. The socket is the Peer's, and closed when it fails.
func Over(ctx context.Context, socket net.PacketConn, other netip.AddrPort, m Meeting) (*Peer, error) {
	deadline, cancel := context.WithTimeoutCause(ctx, meetWait, fmt.Errorf("not met within %v", meetWait))
	defer cancel()
	p, err := greet(ctx, deadline, socket, net.UDPAddrFromAddrPort(other), m, over{socket})
	if err != nil {
		return nil, neverMet(ctx, err)
	}
	return p, nil
}

// over is the underlay of a connection right on a socket.
type over struct{ net.PacketConn }

func (over) path() Path { return Path{Direct: true} }
func (o over) close()   { _ = o.Close() } // whose it was
