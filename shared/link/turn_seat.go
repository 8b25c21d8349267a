package link

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/turn/v5"

	"handrail/shared/wire"
)

const (
	// relayPorts are the ports relay addresses have (RFC 8656, section 7.2).
	// They have to differ within a session only.
	firstRelayPort, lastRelayPort = 49152, 65535

	// turnPeers is how many addresses one relay address may name for itself:
	// the other side's candidates (32 in a signal) and those it sees by itself.
	turnPeers = 128
)

// turnClient is who a packet comes from.
type turnClient struct {
	addr   netip.AddrPort
	stream bool
}

func turnClientOf(a net.Addr) turnClient {
	if tcp, ok := a.(*net.TCPAddr); ok {
		at := tcp.AddrPort()
		return turnClient{netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), true}
	}
	return turnClient{addrPort(a), false}
}

// circle is the relay addresses of one session.
type circle struct {
	id    wire.SessionID
	rate  bucket
	seats map[uint16]*seat // by port; guarded by TURN.mu
}

func (c *circle) all() []*seat { return slices.Collect(maps.Values(c.seats)) }

// longestSilent is the seat whose client is the most likely to be gone.
func (c *circle) longestSilent() *seat {
	return slices.MinFunc(c.all(), func(a, b *seat) int { return cmp.Compare(a.used.Load(), b.used.Load()) })
}

// seat is one relay address: where a client sits in its session. For pion it
// is the address's socket, through which nothing comes.
type seat struct {
	t      *TURN
	circle *circle
	port   uint16
	used   atomic.Int64 // TURN.now of the last sign of life
	over   chan struct{}
	close  func()

	// The following are set by occupy, before anybody finds the seat.
	client turnClient
	stream *turnStream // nil for UDP

	channels atomic.Pointer[[]channel] // replaced, never changed
	allowed  atomic.Bool               // the client takes packets from relay addresses

	mu    sync.Mutex // guards the following, and changes to channels
	peers map[netip.Addr]struct{}
}

// channel is a number that stands for a peer (RFC 8656, section 12).
type channel struct {
	number uint16
	port   uint16 // of the relay address it stands for; 0 is none of ours
}

// relayMaker makes seats.
type relayMaker struct{ t *TURN }

var (
	errNoTCP = errors.New("link: the relay relays UDP")
	errEnded = errors.New("link: the session has ended")
)

// Validate is turn.RelayAddressGenerator's.
func (relayMaker) Validate() error { return nil }

// AllocatePacketConn is turn.RelayAddressGenerator's. Clients don't choose
// ports.
func (m relayMaker) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	public := m.t.config.Public
	session, ok := parseTURNSession(c.UserID)
	if !ok || public.Is4() != (c.Network == "udp4") || c.RequestedPort != 0 {
		return nil, nil, fmt.Errorf("link: the relay has no %s address on port %d", c.Network, c.RequestedPort)
	}
	s, old, err := m.t.sit(session)
	if err != nil {
		return nil, nil, err
	}
	if old != nil {
		m.t.tally.Replaced.Add(1)
		_ = old.Close() // always nil
	}
	return s, s.LocalAddr(), nil
}

// AllocateListener is turn.RelayAddressGenerator's.
func (relayMaker) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errNoTCP
}

// AllocateConn is turn.RelayAddressGenerator's.
func (relayMaker) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errNoTCP }

// sit makes a seat in a session. When the session has all it may have, old is
// the seat that must go: clients who changed their network can't give theirs
// back, and must not be shut out by what they left behind.
func (t *TURN) sit(session wire.SessionID) (s, old *seat, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.lives(session) { // may have ended since the request was signed
		return nil, nil, errEnded
	}
	c := t.circles[session]
	if c == nil {
		c = &circle{id: session, seats: make(map[uint16]*seat), rate: bucket{rate: t.config.SessionRate}}
		t.circles[session] = c
	}
	if len(c.seats) >= t.config.PerSession {
		old = c.longestSilent()
	}
	port := uint16(0)
	for port == 0 || c.seats[port] != nil {
		port = uint16(firstRelayPort + rand.IntN(lastRelayPort-firstRelayPort+1))
	}
	s = &seat{t: t, circle: c, port: port, over: make(chan struct{}), peers: make(map[netip.Addr]struct{})}
	s.used.Store(int64(t.now()))
	s.channels.Store(new([]channel))
	s.close = sync.OnceFunc(func() {
		close(s.over)
		t.leave(s)
	})
	c.seats[port] = s
	t.seats++
	return s, old, nil
}

// occupy says who sits where.
func (t *TURN) occupy(session string, port uint16, client net.Addr) {
	id, _ := parseTURNSession(session) // sit has
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.circles[id]
	if c == nil || c.seats[port] == nil {
		return // closed meanwhile
	}
	s := c.seats[port]
	s.client = turnClientOf(client)
	if s.client.stream {
		s.stream = t.streams[s.client.addr]
	}
	t.clients[s.client] = s
}

// leave takes a seat away.
func (t *TURN) leave(s *seat) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := s.circle
	delete(c.seats, s.port)
	t.seats--
	if len(c.seats) == 0 && t.circles[c.id] == c {
		delete(t.circles, c.id)
	}
	if t.clients[s.client] == s {
		delete(t.clients, s.client)
		if s.stream != nil {
			s.stream.hurry()
		}
	}
}

// with does something with the seat of a client, if it has one, and if at is
// its relay address: what pion tells may be about the one before.
func (t *TURN) with(client, at net.Addr, do func(*seat)) {
	t.mu.RLock()
	s := t.clients[turnClientOf(client)]
	t.mu.RUnlock()
	if s != nil && (at == nil || addrPort(at).Port() == s.port) {
		do(s)
	}
}

// permit is asked when a client wants to exchange packets with an address. It
// may name what it likes, within reason: where packets go is decided with each
// of them. Refusing here would cost clients time, because ICE asks for all the
// candidates of the other side, one after the other.
func (t *TURN) permit(client net.Addr, peer net.IP) bool {
	a, ok := netip.AddrFromSlice(peer)
	if !ok {
		return false
	}
	a = a.Unmap()
	ok = false
	t.with(client, nil, func(s *seat) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, ok = s.peers[a]; !ok && len(s.peers) < turnPeers && len(*s.channels.Load()) < turnPeers {
			s.peers[a] = struct{}{}
			ok = true
		}
	})
	if !ok {
		t.tally.TooManyPeers.Add(1)
	}
	return ok
}

// allow notes that the client has opened its seat for an address, or that this
// has run out.
func (s *seat) allow(peer net.IP, open bool) {
	if a, ok := netip.AddrFromSlice(peer); ok && a.Unmap() == s.t.config.Public {
		s.allowed.Store(open)
	}
}

// bind notes a channel. A client that binds more than there can be peers is
// none of ours.
func (s *seat) bind(number uint16, peer netip.AddrPort) {
	c := channel{number: number}
	if peer.Addr() == s.t.config.Public {
		c.port = peer.Port()
	}
	s.mu.Lock()
	list := append(slices.Clone(*s.channels.Load()), c)
	s.channels.Store(&list)
	s.mu.Unlock()
	if len(list) > turnPeers {
		s.close()
	}
}

func (s *seat) unbind(number uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(*s.channels.Load()), func(c channel) bool { return c.number == number })
	s.channels.Store(&list)
}

// ReadFrom is net.PacketConn's: it waits for the end.
func (s *seat) ReadFrom([]byte) (int, net.Addr, error) {
	<-s.over
	return 0, nil, net.ErrClosed
}

// WriteTo is net.PacketConn's: the client sends to somebody who has no channel.
func (s *seat) WriteTo(b []byte, to net.Addr) (int, error) {
	frame := make([]byte, channelHeader, channelHeader+len(b))
	peer := addrPort(to)
	port := peer.Port()
	if peer.Addr() != s.t.config.Public {
		port = 0
	}
	s.t.pass(s, port, channelFrame(frame, b), s.t)
	return len(b), nil
}

// Close is net.PacketConn's. pion gives the address up when it notices.
func (s *seat) Close() error {
	s.close()
	return nil
}

// LocalAddr is net.PacketConn's.
func (s *seat) LocalAddr() net.Addr {
	return net.UDPAddrFromAddrPort(netip.AddrPortFrom(s.t.config.Public, s.port))
}

// SetDeadline is net.PacketConn's; nobody sets any.
func (*seat) SetDeadline(time.Time) error { return nil }

// SetReadDeadline is like SetDeadline.
func (*seat) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is like SetDeadline.
func (*seat) SetWriteDeadline(time.Time) error { return nil }
