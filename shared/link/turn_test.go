package link

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/turn/v5"

	"handrail/shared/wire"
)

var turnSecret = []byte("a secret of the relay's own")

func startTURN(t *testing.T, change func(*TURNConfig)) *TURN {
	t.Helper()
	c := TURNConfig{Addr: "127.0.0.1:0", Public: netip.MustParseAddr("127.0.0.1"), Secret: turnSecret}
	if change != nil {
		change(&c)
	}
	relay, err := NewTURN(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- relay.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return relay
}

func relayOf(t *TURN, until time.Time) wire.Relay {
	user, password := TURNCredentials(turnSecret, wire.SessionID{1}, until)
	return wire.Relay{URL: "turn:" + t.Addr().String() + "?transport=udp", User: user, Password: password}
}

// allocate asks a relay for an address.
func allocate(t *testing.T, relay *TURN, user, password string) (net.PacketConn, error) {
	t.Helper()
	socket, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return allocateOver(t, socket, relay.Addr().String(), user, password)
}

func allocateOver(t *testing.T, carrier net.PacketConn, server, user, password string) (net.PacketConn, error) {
	t.Helper()
	c, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: server, TURNServerAddr: server, Conn: carrier,
		Username: user, Password: password, Realm: turnRealm, LoggerFactory: silent,
		RequestedAddressFamily: turn.RequestedAddressFamilyIPv4,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		_ = carrier.Close()
	})
	if err := c.Listen(); err != nil {
		t.Fatal(err)
	}
	conn, err := c.Allocate()
	if err == nil {
		t.Cleanup(func() { _ = conn.Close() }) // may be closed
	}
	return conn, err
}

// seatOf allocates in the name of a session.
func seatOf(t *testing.T, relay *TURN, session byte) net.PacketConn {
	t.Helper()
	user, password := TURNCredentials(turnSecret, wire.SessionID{session}, time.Now().Add(time.Hour))
	conn, err := allocate(t, relay, user, password)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// seatOff is seatOf with none of these ports: what is sent to one of them would
// be meant for that seat, whoever else has it outside of its session.
func seatOff(t *testing.T, relay *TURN, session byte, ports ...uint16) net.PacketConn {
	t.Helper()
	for {
		open := relay.Counts().Open
		c := seatOf(t, relay, session)
		if !slices.Contains(ports, addrPort(c.LocalAddr()).Port()) {
			return c
		}
		_ = c.Close() // it is gone when it is no longer counted
		eventually(t, "the seat is given back", func() bool { return relay.Counts().Open == open })
	}
}

// say sends a packet from one relay address to another until it arrives. The
// first ones open the other's door.
func say(t *testing.T, from, to net.PacketConn, text string) {
	t.Helper()
	arrived := make(chan struct{})
	go func() {
		defer close(arrived)
		b := make([]byte, 1500)
		for {
			n, at, err := to.ReadFrom(b)
			if err != nil {
				return
			}
			if string(b[:n]) == text && at.String() == from.LocalAddr().String() {
				return
			}
		}
	}()
	eventually(t, text+" arrives", func() bool {
		for _, way := range []struct{ from, to net.PacketConn }{{to, from}, {from, to}} {
			if _, err := way.from.WriteTo([]byte(text), way.to.LocalAddr()); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case <-arrived:
			return true
		case <-time.After(5 * time.Millisecond):
			return false
		}
	})
}

func TestRelayWantsGoodCredentials(t *testing.T) {
	nothingLeft(t)
	over := wire.SessionID{9}
	relay := startTURN(t, func(c *TURNConfig) { c.Lives = func(id wire.SessionID) bool { return id != over } })
	hour := time.Now().Add(time.Hour)
	user, password := TURNCredentials(turnSecret, wire.SessionID{1}, hour)
	expired, expiredPassword := TURNCredentials(turnSecret, wire.SessionID{1}, time.Now().Add(-time.Minute))
	other, otherPassword := TURNCredentials([]byte("somebody else's secret"), wire.SessionID{1}, hour)
	ended, endedPassword := TURNCredentials(turnSecret, over, hour)
	for _, c := range []struct {
		name           string
		user, password string
		counted        func(TURNCounts) uint64 // nil: good
	}{
		{"good", user, password, nil},
		{"expired", expired, expiredPassword, func(c TURNCounts) uint64 { return c.Expired }},
		{"ended", ended, endedPassword, func(c TURNCounts) uint64 { return c.Ended }},
		{"made up", other, otherPassword, func(c TURNCounts) uint64 { return c.BadCredentials }},
		{"without a time", "anybody", "anything", func(c TURNCounts) uint64 { return c.BadCredentials }},
		{"another's password", user, expiredPassword, func(c TURNCounts) uint64 { return c.BadCredentials }},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := relay.Counts()
			conn, err := allocate(t, relay, c.user, c.password)
			if (err == nil) != (c.counted == nil) {
				t.Fatalf("got %v", err)
			}
			if err == nil {
				_ = conn.Close()
			} else if c.counted(relay.Counts()) != c.counted(before)+1 {
				t.Errorf("counted %+v, before %+v", relay.Counts(), before)
			}
			if relay.Counts().Unsigned != before.Unsigned+1 {
				t.Error("the challenge is not counted")
			}
		})
	}
}

func TestAddressesOfASessionReachEachOtherAndNobodyElse(t *testing.T) {
	nothingLeft(t)
	outside, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = outside.Close() }()
	relay := startTURN(t, nil)
	elsewhere := []uint16{addrPort(outside.LocalAddr()).Port(), relay.Addr().Port()}
	mine, theirs := seatOff(t, relay, 1, elsewhere...), seatOff(t, relay, 1, elsewhere...)
	strange := seatOff(t, relay, 2, addrPort(mine.LocalAddr()).Port(), addrPort(theirs.LocalAddr()).Port())
	say(t, mine, theirs, "by indication or channel")
	// pion's client binds channels by itself after the first packets.
	eventually(t, "both have a channel", func() bool {
		relay.mu.RLock()
		defer relay.mu.RUnlock()
		bound := 0
		for _, s := range relay.circles[wire.SessionID{1}].seats {
			bound += len(*s.channels.Load())
		}
		return bound == 2
	})
	say(t, theirs, mine, "by channel")
	if _, err := mine.WriteTo([]byte("out"), outside.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all that was said is counted", func() bool { return relay.Counts().Elsewhere == 1 }) // this came after it
	before := relay.Counts()
	if before.Relayed < 2 || before.RelayedBytes < 2*uint64(len("by channel")) || before.Open != 3 || before.Sessions != 2 {
		t.Errorf("counts %+v", before)
	}
	for name, to := range map[string]net.Addr{
		"another session":        strange.LocalAddr(),
		"another session's port": &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: strange.LocalAddr().(*net.UDPAddr).Port},
		"this machine":           outside.LocalAddr(),
		"the relay itself":       relay.socket.LocalAddr(),
		"the network behind it":  &net.UDPAddr{IP: net.IPv4(192, 168, 1, 1), Port: 53},
		"a cloud's own secrets":  &net.UDPAddr{IP: net.IPv4(169, 254, 169, 254), Port: 80},
		"everybody":              &net.UDPAddr{IP: net.IPv4bcast, Port: 9},
	} {
		t.Run(name, func(t *testing.T) {
			before := relay.Counts()
			if _, err := mine.WriteTo([]byte("out"), to); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the packet is dropped", func() bool { return relay.Counts().Elsewhere == before.Elsewhere+1 })
		})
	}
	if after := relay.Counts(); after.Relayed != before.Relayed {
		t.Errorf("%d relayed, %d before", after.Relayed, before.Relayed)
	}
	if err := outside.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if n, _, err := outside.ReadFrom(make([]byte, 10)); err == nil {
		t.Errorf("%d bytes came out", n)
	}
}

func TestClosedDoorStaysClosed(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, nil)
	mine, theirs := seatOf(t, relay, 1), seatOf(t, relay, 1)
	if _, err := mine.WriteTo([]byte("hello?"), theirs.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "dropped", func() bool { return relay.Counts().NoPermission > 0 })
	say(t, mine, theirs, "they have opened it")
}

func TestEndOfASessionEndsItsRelay(t *testing.T) {
	nothingLeft(t)
	var over atomic.Bool
	relay := startTURN(t, func(c *TURNConfig) {
		c.Lives = func(id wire.SessionID) bool { return id != wire.SessionID{1} || !over.Load() }
	})
	mine, theirs := seatOf(t, relay, 1), seatOf(t, relay, 1)
	other, another := seatOf(t, relay, 2), seatOf(t, relay, 2)
	say(t, mine, theirs, "while it lives")
	over.Store(true)
	relay.Forget(wire.SessionID{1})
	if c := relay.Counts(); c.Open != 2 || c.Sessions != 1 {
		t.Errorf("open: %+v", c)
	}
	before := relay.Counts()
	if _, err := mine.WriteTo([]byte("after the end"), theirs.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "nothing is relayed any more", func() bool { return relay.Counts().NoAddress > before.NoAddress })
	user, password := TURNCredentials(turnSecret, wire.SessionID{1}, time.Now().Add(time.Hour))
	if _, err := allocate(t, relay, user, password); err == nil {
		t.Error("a new address after the end")
	}
	relay.Forget(wire.SessionID{1}) // again, and nothing happens
	say(t, other, another, "the other session goes on")
}

func TestSessionKeepsItsNewestAddresses(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, func(c *TURNConfig) { c.PerSession = 3 })
	abandoned := seatOf(t, relay, 1)
	mine, theirs := seatOf(t, relay, 1), seatOf(t, relay, 1)
	say(t, mine, theirs, "three may be had")
	another := seatOf(t, relay, 2) // has a share of its own
	again := seatOf(t, relay, 1)
	if c := relay.Counts(); c.Replaced != 1 || c.Open != 4 {
		t.Errorf("%+v", c)
	}
	relay.mu.RLock()
	gone := relay.circles[wire.SessionID{1}].seats[uint16(abandoned.LocalAddr().(*net.UDPAddr).Port)]
	relay.mu.RUnlock()
	if gone != nil {
		t.Error("the abandoned address is still there")
	}
	say(t, mine, theirs, "those in use stay")
	say(t, again, theirs, "and so does the newest")
	for _, conn := range []net.PacketConn{abandoned, mine, theirs, again, another} {
		_ = conn.Close() // the relay may know it no more
	}
	eventually(t, "all addresses given back", func() bool { return relay.Counts().Open == 0 && relay.Counts().Sessions == 0 })
}

func TestRelayIsFullForAllButThoseWhoHaveAnAddress(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, func(c *TURNConfig) { c.Total = 2 })
	mine, theirs := seatOf(t, relay, 1), seatOf(t, relay, 1)
	user, password := TURNCredentials(turnSecret, wire.SessionID{2}, time.Now().Add(time.Hour))
	if _, err := allocate(t, relay, user, password); err == nil {
		t.Error("a third address")
	}
	if n := relay.Counts().Full; n != 1 {
		t.Errorf("counted %d", n)
	}
	say(t, mine, theirs, "these go on")
	if err := mine.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "one is given back", func() bool { return relay.Counts().Open == 1 })
	seatOf(t, relay, 2)
}

func TestRatesDropWhatIsBeyond(t *testing.T) {
	nothingLeft(t)
	for name, c := range map[string]struct {
		change  func(*TURNConfig)
		dropped func(TURNCounts) uint64
	}{
		"session": {func(c *TURNConfig) { c.SessionRate = 100_000 }, func(c TURNCounts) uint64 { return c.SessionRate }},
		"total":   {func(c *TURNConfig) { c.TotalRate = 100_000 }, func(c TURNCounts) uint64 { return c.TotalRate }},
	} {
		t.Run(name, func(t *testing.T) {
			relay := startTURN(t, c.change)
			mine, theirs := seatOf(t, relay, 1), seatOf(t, relay, 1)
			say(t, mine, theirs, "a little passes")
			sent := uint64(1)
			eventually(t, "some are dropped", func() bool {
				for range 50 { // half a second's worth at once, which any socket takes in
					if _, err := mine.WriteTo(bytes.Repeat([]byte{1}, 1000), theirs.LocalAddr()); err != nil {
						t.Fatal(err)
					}
					sent++
				}
				eventually(t, "all are counted", func() bool {
					n := relay.Counts()
					return n.Relayed+n.Dropped() >= sent
				})
				return c.dropped(relay.Counts()) > 0
			})
		})
	}
}

func TestStrangersAndBadPacketsAreCountedAndDropped(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, nil)
	mine := seatOf(t, relay, 1)
	stranger, err := net.Dial("udp", relay.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Close() }()
	for name, c := range map[string]struct {
		send    []byte
		counted func(TURNCounts) uint64
	}{
		"channel data of nobody": {[]byte{0x40, 0, 0, 1, 7}, func(c TURNCounts) uint64 { return c.NoAddress }},
		"channel data cut short": {[]byte{0x40, 0, 0, 9, 7}, func(c TURNCounts) uint64 { return c.Malformed }},
		"a header cut short":     {[]byte{0x40, 0, 0}, func(c TURNCounts) uint64 { return c.Malformed }},
		"noise":                  {[]byte("hello"), func(c TURNCounts) uint64 { return c.Malformed }},
		"QUIC":                   {append([]byte{0xc3, 0, 0, 0, 1}, make([]byte, 1195)...), func(c TURNCounts) uint64 { return c.Malformed }},
		"TCP's Connect":          {request(0x00a, nil), func(c TURNCounts) uint64 { return c.Malformed }},
		"an answer":              {request(0x101, nil), func(c TURNCounts) uint64 { return c.Malformed }},
		"longer than it says":    {append(request(0x001, nil), 0), func(c TURNCounts) uint64 { return c.Malformed }},
	} {
		t.Run(name, func(t *testing.T) {
			before := c.counted(relay.Counts())
			if _, err := stranger.Write(c.send); err != nil {
				t.Fatal(err)
			}
			eventually(t, "counted", func() bool { return c.counted(relay.Counts()) == before+1 })
		})
	}
	relay.mu.RLock()
	var client turnClient
	for client = range relay.clients {
	}
	relay.mu.RUnlock()
	relay.forward(client, []byte{0x7f, 0xff, 0, 1, 7}, relay)
	if n := relay.Counts().NoChannel; n != 1 {
		t.Errorf("a channel that isn't bound counted %d times", n)
	}
	_ = mine.Close() // nothing depends on it
}

func TestOneAddressNamesNoMorePeersThanASessionHas(t *testing.T) {
	relay := newTURN(TURNConfig{Public: netip.MustParseAddr("192.0.2.1"), PerSession: 4, SessionRate: 1, TotalRate: 1})
	s, _, err := relay.sit(wire.SessionID{1})
	if err != nil {
		t.Fatal(err)
	}
	client := net.UDPAddrFromAddrPort(netip.MustParseAddrPort("198.51.100.1:5000"))
	relay.occupy("01000000000000000000000000000000", s.port, client)
	for n := range turnPeers {
		if !relay.permit(client, net.IPv4(10, 0, byte(n>>8), byte(n))) {
			t.Fatalf("peer %d refused", n)
		}
	}
	if relay.permit(client, net.IPv4(10, 1, 0, 0)) || relay.Counts().TooManyPeers != 1 {
		t.Error("one too many")
	}
	if !relay.permit(client, net.IPv4(10, 0, 0, 0)) {
		t.Error("a known one can't be renewed")
	}
	if relay.permit(net.UDPAddrFromAddrPort(netip.MustParseAddrPort("198.51.100.2:5000")), net.IPv4(10, 0, 0, 0)) {
		t.Error("without an address")
	}
	for n := range turnPeers + 1 {
		s.bind(uint16(0x4000+n), netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), uint16(n+1)))
	}
	if relay.Counts().Open != 0 {
		t.Error("who binds more channels than there can be peers keeps the address")
	}
}

func TestRelayThatCannotBeIsRefused(t *testing.T) {
	good := TURNConfig{Addr: "127.0.0.1:0", Public: netip.MustParseAddr("192.0.2.1"), Secret: turnSecret}
	for name, change := range map[string]func(*TURNConfig){
		"no public address":  func(c *TURNConfig) { c.Public = netip.Addr{} },
		"any public address": func(c *TURNConfig) { c.Public = netip.IPv4Unspecified() },
		"short secret":       func(c *TURNConfig) { c.Secret = make([]byte, 15) },
		"bad address":        func(c *TURNConfig) { c.Addr = "nowhere" },
	} {
		c := good
		change(&c)
		if _, err := NewTURN(c); err == nil {
			t.Errorf("%s: made", name)
		}
	}
}
