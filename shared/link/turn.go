package link

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" // the TURN REST interface says so; HMAC-SHA-1 is still sound
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/turn/v5"

	"handrail/shared/wire"
)

// TURNConfig says how a broker relays for those who can't reach each other.
type TURNConfig struct {
	Addr   string     // host:port, UDP; leave the host empty
	Public netip.Addr // where the relay is reached from outside
	Secret []byte     // shared with TURNCredentials
	// MayReach says whether the relay may exchange packets with an address,
	// port 0 meaning any of its ports. Say yes to the addresses of connected
	// clients only; nil is no to all. The relay's own addresses may always be
	// reached, and this machine's other ports never.
	MayReach   func(netip.AddrPort) bool
	PerSession int // relay addresses one session may have; 0 is 16
	Total      int // relay addresses altogether; 0 is 4096
}

const (
	defaultPerSession = 16 // two sides, two address families, overlapping epochs
	defaultRelays     = 4096
	turnRealm         = "handrail"
)

// TURN is a relay (RFC 8656) and tells clients their outside address (RFC
// 8489). It can't read what it relays.
type TURN struct {
	config TURNConfig
	socket softSocket
	web    *webStreams

	mu       sync.Mutex // guards the following
	ports    map[uint16]int
	sessions map[string]int
	total    int

	relayed, relayedBytes, dropped, refused atomic.Uint64
}

// TURNCounts are a relay's numbers.
type TURNCounts struct {
	Relayed, RelayedBytes uint64 // packets and bytes sent to or taken from those it may reach
	Dropped               uint64 // packets to or from those it may not
	Refused               uint64 // requests without good credentials, or beyond the limits
	Open                  int    // relay addresses at the moment
}

// NewTURN opens the relay's socket; Run serves it.
func NewTURN(c TURNConfig) (*TURN, error) {
	if !c.Public.IsValid() || c.Public.IsUnspecified() {
		return nil, errors.New("link: a relay needs its public address")
	}
	if len(c.Secret) < 16 {
		return nil, errors.New("link: a relay's secret has 16 bytes or more")
	}
	c.Public = c.Public.Unmap()
	if c.PerSession == 0 {
		c.PerSession = defaultPerSession
	}
	if c.Total == 0 {
		c.Total = defaultRelays
	}
	socket, err := openSocket(c.Addr)
	if err != nil {
		return nil, err
	}
	return &TURN{
		config: c, socket: socket, web: newWebStreams(socket.LocalAddr()),
		ports: make(map[uint16]int), sessions: make(map[string]int),
	}, nil
}

// Run serves the relay until ctx ends, and closes its sockets.
func (t *TURN) Run(ctx context.Context) error {
	server, err := turn.NewServer(turn.ServerConfig{
		Realm:         turnRealm,
		AuthHandler:   t.authenticate,
		QuotaHandler:  t.quota,
		LoggerFactory: silent,
		EventHandler:  t.events(),
		PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn:            t.socket,
			RelayAddressGenerator: relayMaker{t},
			PermissionHandler:     t.permit,
		}},
		ListenerConfigs: t.web.configs(t),
	})
	if err != nil {
		_ = t.socket.Close() // the first error tells more
		return fmt.Errorf("starting the relay: %w", err)
	}
	<-ctx.Done()
	if err := server.Close(); err != nil {
		return fmt.Errorf("closing the relay: %w", err)
	}
	return nil
}

// Addr is the address of the socket.
func (t *TURN) Addr() netip.AddrPort { return addrPort(t.socket.LocalAddr()) }

// Counts are the numbers since the start.
func (t *TURN) Counts() TURNCounts {
	t.mu.Lock()
	defer t.mu.Unlock()
	return TURNCounts{
		Relayed: t.relayed.Load(), RelayedBytes: t.relayedBytes.Load(),
		Dropped: t.dropped.Load(), Refused: t.refused.Load(), Open: t.total,
	}
}

// TURNCredentials makes what a client of a session authenticates with at this
// relay, or at any that has the secret and keeps to the TURN REST interface
// (draft-uberti-behave-turn-rest-00, section 2.2), such as coturn.
func TURNCredentials(secret []byte, session wire.SessionID, until time.Time) (user, password string) {
	user = strconv.FormatInt(until.Unix(), 10) + ":" + hex.EncodeToString(session[:])
	return user, turnPassword(secret, user)
}

func turnPassword(secret []byte, user string) string {
	m := hmac.New(sha1.New, secret)
	m.Write([]byte(user))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// authenticate gives the key that the request must be signed with.
func (t *TURN) authenticate(r *turn.RequestAttributes) (userID string, key []byte, ok bool) {
	until, session, ok := strings.Cut(r.Username, ":")
	end, err := strconv.ParseInt(until, 10, 64)
	if !ok || err != nil || len(session) != hex.EncodedLen(len(wire.SessionID{})) || time.Now().Unix() > end {
		t.refused.Add(1)
		return "", nil, false
	}
	return session, turn.GenerateAuthKey(r.Username, r.Realm, turnPassword(t.config.Secret, r.Username)), true
}

// quota says whether a session may have one more relay address.
func (t *TURN) quota(session, _ string, _ net.Addr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.total >= t.config.Total || t.sessions[session] >= t.config.PerSession {
		t.refused.Add(1)
		return false
	}
	return true
}

func (t *TURN) events() turn.EventHandler {
	return turn.EventHandler{
		OnAllocationCreated: func(_, _ net.Addr, _, session, _ string, _ net.Addr, _ int) { t.count(session, 1) },
		OnAllocationDeleted: func(_, _ net.Addr, _, session, _ string) { t.count(session, -1) },
	}
}

func (t *TURN) count(session string, by int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total += by
	if t.sessions[session] += by; t.sessions[session] <= 0 {
		delete(t.sessions, session)
	}
}

// permit is asked when a client wants to exchange packets with an address.
func (t *TURN) permit(_ net.Addr, ip net.IP) bool {
	a, ok := netip.AddrFromSlice(ip)
	if a = a.Unmap(); ok && a == t.config.Public {
		return true // mayReach looks at the port
	}
	return ok && t.mayReach(netip.AddrPortFrom(a, 0))
}

// mayReach is asked for every packet, in either direction.
func (t *TURN) mayReach(a netip.AddrPort) bool {
	t.mu.Lock()
	relay := t.ports[a.Port()] > 0
	t.mu.Unlock()
	// A relay on the loopback address is one for tests and demonstrations: then
	// the clients are on this machine, too.
	demo := t.config.Public.IsLoopback()
	if a.Addr() == t.config.Public && (relay || !demo) {
		return relay
	}
	return mayTry(a.Addr(), demo) && t.config.MayReach != nil && t.config.MayReach(a)
}

// relayMaker makes the sockets behind relay addresses.
type relayMaker struct{ t *TURN }

var errNoTCP = errors.New("link: the relay relays UDP")

// Validate is turn.RelayAddressGenerator's.
func (relayMaker) Validate() error { return nil }

// AllocatePacketConn is turn.RelayAddressGenerator's. Clients don't choose
// ports.
func (m relayMaker) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	public := m.t.config.Public
	if public.Is4() != (c.Network == "udp4") || c.RequestedPort != 0 {
		return nil, nil, fmt.Errorf("link: the relay has no %s address on port %d", c.Network, c.RequestedPort)
	}
	socket, err := net.ListenPacket(c.Network, ":0")
	if err != nil {
		return nil, nil, fmt.Errorf("opening a relay address: %w", err)
	}
	port := addrPort(socket.LocalAddr()).Port()
	m.t.usePort(port, 1)
	return &relaySocket{PacketConn: socket, t: m.t, port: port},
		net.UDPAddrFromAddrPort(netip.AddrPortFrom(public, port)), nil
}

// AllocateListener is turn.RelayAddressGenerator's.
func (relayMaker) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errNoTCP
}

// AllocateConn is turn.RelayAddressGenerator's.
func (relayMaker) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errNoTCP }

func (t *TURN) usePort(port uint16, by int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ports[port] += by; t.ports[port] <= 0 {
		delete(t.ports, port)
	}
}

// relaySocket is the socket of one relay address. It sees to it that the relay
// is no open door into the broker's network.
type relaySocket struct {
	net.PacketConn
	t      *TURN
	port   uint16
	closed sync.Once
}

// ReadFrom is net.PacketConn's.
func (s *relaySocket) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := s.PacketConn.ReadFrom(b)
		if err != nil {
			return n, from, err
		}
		if s.passes(from, n) {
			return n, from, nil
		}
	}
}

// WriteTo is net.PacketConn's.
func (s *relaySocket) WriteTo(b []byte, to net.Addr) (int, error) {
	if !s.passes(to, len(b)) {
		return len(b), nil
	}
	n, err := s.PacketConn.WriteTo(b, to)
	if networkAway(err) {
		return len(b), nil
	}
	return n, err
}

func (s *relaySocket) passes(other net.Addr, n int) bool {
	if !s.t.mayReach(addrPort(other)) {
		s.t.dropped.Add(1)
		return false
	}
	s.t.relayed.Add(1)
	s.t.relayedBytes.Add(uint64(n))
	return true
}

// Close is net.PacketConn's.
func (s *relaySocket) Close() error {
	s.closed.Do(func() { s.t.usePort(s.port, -1) })
	return s.PacketConn.Close()
}
