package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/turn/v5"

	"handrail/shared/wire"
)

// TURNConfig says how a broker relays for those who can't reach each other.
type TURNConfig struct {
	Addr   string     // host:port, UDP; leave the host empty
	Public netip.Addr // what relay addresses are made of; nothing needs to be open there
	Secret []byte     // shared with TURNCredentials
	// Lives says whether a session goes on; one that doesn't gets nothing,
	// however good its credentials are. nil is yes to all. It is asked with a
	// lock held that Forget takes, too.
	Lives func(wire.SessionID) bool

	PerSession  int   // relay addresses one session may have; 0 is 16
	Total       int   // relay addresses altogether; 0 is 20480
	SessionRate int64 // bytes a second one session may have relayed; 0 is 128 million
	TotalRate   int64 // bytes a second altogether; 0 is a thousand million
	PerAddress  int   // WebSockets one IPv4 address or IPv6 /64 may have; 0 is DefaultPerAddress
}

const (
	turnRealm = "handrail"

	// defaultPerSession: two sides, each by UDP and by WebSocket, and four
	// epochs that follow each other faster than old addresses expire. The
	// longest silent one makes room for a new one, so this shuts nobody out.
	defaultPerSession = 16

	// defaultRelays is four for each of the 5,000 sessions a broker has at
	// most, and some. One takes several kilobytes, most of them of pion.
	defaultRelays = 20480

	// defaultSessionRate is what a gigabit network card carries one way at the
	// most, counting what a session sends and nothing twice: a 4K screen that
	// changes all over, all the time, as fast as its own card can send it,
	// stays below. It keeps one session from taking a faster line for itself.
	defaultSessionRate = 128_000_000

	// defaultTotalRate is several cores' work, so what it guards is the rest of
	// a machine that does other things as well. Whoever pays for the line by
	// what it carries sets a lower one.
	defaultTotalRate = 1_000_000_000
)

// TURN is a relay (RFC 8656) and tells clients their outside address (RFC
// 8489). It can't read what it relays.
//
// It is a closed circle: the relay addresses of one session exchange packets
// with each other and with nobody else. So it never sends anything but answers
// to those who haven't proved that the broker brought them here, and can be
// made to send to no third party, least of all to the broker's own network.
// Nobody is shut out by that, because each side of a session can have a relay
// address wherever it reaches the broker, by UDP or by WebSocket. A packet
// passes from one address to the other inside this process: one packet in, one
// packet out, as if only one side used the relay. Relay addresses are therefore
// names without a socket, and no port has to be open for them.
//
// pion/turn makes the addresses; every packet between them passes by it,
// through forward.
type TURN struct {
	config TURNConfig
	socket softSocket
	web    *webStreams
	guard  *sourceGuard
	rate   bucket // altogether
	began  time.Time
	tally  turnTally

	mu      sync.RWMutex // guards the following
	circles map[wire.SessionID]*circle
	clients map[turnClient]*seat
	streams map[netip.AddrPort]*turnStream
	seats   int
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
	for _, limit := range []struct {
		is    *int
		usual int
	}{{&c.PerSession, defaultPerSession}, {&c.Total, defaultRelays}, {&c.PerAddress, DefaultPerAddress}} {
		if *limit.is == 0 {
			*limit.is = limit.usual
		}
	}
	if c.SessionRate == 0 {
		c.SessionRate = defaultSessionRate
	}
	if c.TotalRate == 0 {
		c.TotalRate = defaultTotalRate
	}
	socket, err := openSocket(c.Addr)
	if err != nil {
		return nil, err
	}
	// What arrives while the one reader is busy waits here; failing means the
	// system's own size, which works for less.
	_ = socket.SetReadBuffer(turnBuffer)
	_ = socket.SetWriteBuffer(turnBuffer)
	t := newTURN(c)
	t.socket, t.web = socket, newWebStreams(socket.LocalAddr(), c.PerAddress)
	return t, nil
}

// turnBuffer is 50 ms of a gigabit line.
const turnBuffer = 6 << 20

func newTURN(c TURNConfig) *TURN {
	return &TURN{
		config: c, began: time.Now(), guard: newSourceGuard(), rate: bucket{rate: c.TotalRate},
		circles: make(map[wire.SessionID]*circle), clients: make(map[turnClient]*seat),
		streams: make(map[netip.AddrPort]*turnStream),
	}
}

// Run serves the relay until ctx ends, and closes its sockets.
func (t *TURN) Run(ctx context.Context) error {
	defer t.closeStreams()
	batches, err := newTURNBatches(t.socket.UDPConn, func() { t.tally.Lost.Add(1) })
	if err != nil {
		_ = t.socket.Close() // the first error tells more
		return fmt.Errorf("using the relay's socket: %w", err)
	}
	streams := t.web.configs(t)
	for i := range streams {
		streams[i].Listener = turnListener{streams[i].Listener, t}
	}
	server, err := turn.NewServer(turn.ServerConfig{
		Realm:         turnRealm,
		AuthHandler:   t.authenticate,
		QuotaHandler:  t.quota,
		LoggerFactory: silent,
		EventHandler:  t.events(),
		// Who doesn't say which kind of address wants gets the kind there is,
		// although its own may be the other.
		StrictAddressFamily: t.config.Public.Is4(),
		PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn:            turnSocket{t.socket, t, batches},
			RelayAddressGenerator: relayMaker{t},
			PermissionHandler:     t.permit,
		}},
		ListenerConfigs: streams,
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

// now is the time since the start; what depends on time takes it from here.
func (t *TURN) now() time.Duration { return time.Since(t.began) }

// Forget closes the relay addresses of a session that has ended. Its
// credentials are worth nothing as soon as Lives says no, which it must before
// this is called.
func (t *TURN) Forget(session wire.SessionID) {
	t.mu.RLock()
	var over []*seat
	if c := t.circles[session]; c != nil {
		over = c.all()
	}
	t.mu.RUnlock()
	for _, s := range over {
		_ = s.Close() // always nil
	}
}

func (t *TURN) events() turn.EventHandler {
	return turn.EventHandler{
		OnAuth: func(_, _ net.Addr, _, _, _, _ string, good bool) {
			if !good {
				t.tally.BadCredentials.Add(1)
			}
		},
		OnAllocationCreated: func(src, _ net.Addr, _, session, _ string, at net.Addr, _ int) {
			t.occupy(session, addrPort(at).Port(), src)
		},
		OnPermissionCreated: func(src, _ net.Addr, _, _, _ string, at net.Addr, peer net.IP) {
			t.with(src, at, func(s *seat) { s.allow(peer, true) })
		},
		OnPermissionDeleted: func(src, _ net.Addr, _, _, _ string, at net.Addr, peer net.IP) {
			t.with(src, at, func(s *seat) { s.allow(peer, false) })
		},
		OnChannelCreated: func(src, _ net.Addr, _, _, _ string, at, peer net.Addr, number uint16) {
			t.with(src, at, func(s *seat) { s.bind(number, addrPort(peer)) })
		},
		OnChannelDeleted: func(src, _ net.Addr, _, _, _ string, at, _ net.Addr, number uint16) {
			t.with(src, at, func(s *seat) { s.unbind(number) })
		},
	}
}
