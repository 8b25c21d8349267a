package link

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/turn/v5"

	"handrail/shared/wire"
)

var turnSecret = []byte("a secret of the relay's own")

func everywhere(netip.AddrPort) bool { return true }

func startTURN(t *testing.T, change func(*TURNConfig)) *TURN {
	t.Helper()
	c := TURNConfig{
		Addr: "127.0.0.1:0", Public: netip.MustParseAddr("127.0.0.1"), Secret: turnSecret, MayReach: everywhere,
	}
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
	c, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: relay.Addr().String(), TURNServerAddr: relay.Addr().String(), Conn: socket,
		Username: user, Password: password, Realm: turnRealm, LoggerFactory: silent,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		_ = socket.Close()
	})
	if err := c.Listen(); err != nil {
		t.Fatal(err)
	}
	return c.Allocate()
}

func TestRelayWantsGoodCredentials(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, nil)
	user, password := TURNCredentials(turnSecret, wire.SessionID{1}, time.Now().Add(time.Hour))
	old, oldPassword := TURNCredentials(turnSecret, wire.SessionID{1}, time.Now().Add(-time.Minute))
	other, otherPassword := TURNCredentials([]byte("somebody else's secret"), wire.SessionID{1}, time.Now().Add(time.Hour))
	for name, c := range map[string]struct {
		user, password string
		ok             bool
	}{
		"good":               {user, password, true},
		"expired":            {old, oldPassword, false},
		"made up":            {other, otherPassword, false},
		"without a time":     {"anybody", "anything", false},
		"another's password": {user, oldPassword, false},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := allocate(t, relay, c.user, c.password)
			if (err == nil) != c.ok {
				t.Fatalf("got %v", err)
			}
			if err == nil {
				_ = conn.Close()
			}
		})
	}
}

func TestSessionHasOnlyItsShareOfTheRelay(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, func(c *TURNConfig) { c.PerSession = 2 })
	user, password := TURNCredentials(turnSecret, wire.SessionID{1}, time.Now().Add(time.Hour))
	var held []net.PacketConn
	for range 2 {
		conn, err := allocate(t, relay, user, password)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
	}
	if _, err := allocate(t, relay, user, password); err == nil {
		t.Error("a third address")
	}
	another, anotherPassword := TURNCredentials(turnSecret, wire.SessionID{2}, time.Now().Add(time.Hour))
	conn, err := allocate(t, relay, another, anotherPassword)
	if err != nil {
		t.Errorf("another session: %v", err)
	}
	for _, h := range append(held, conn) {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
	eventually(t, "all addresses given back", func() bool { return relay.Counts().Open == 0 })
	if conn, err = allocate(t, relay, user, password); err != nil {
		t.Fatalf("after they were given back: %v", err)
	}
	_ = conn.Close()
}

func TestRelayIsNoDoorIntoTheNetwork(t *testing.T) {
	public := netip.MustParseAddr("198.51.100.7")
	client := netip.MustParseAddr("203.0.113.9")
	relay := &TURN{
		config: TURNConfig{Public: public, MayReach: func(a netip.AddrPort) bool { return a.Addr() != netip.MustParseAddr("10.0.0.1") }},
		ports:  map[uint16]int{50000: 1},
	}
	for at, want := range map[netip.AddrPort]bool{
		netip.AddrPortFrom(client, 1):                  true,
		netip.AddrPortFrom(public, 50000):              true,
		netip.AddrPortFrom(public, 443):                false,
		netip.MustParseAddrPort("10.0.0.1:80"):         false, // MayReach says so
		netip.MustParseAddrPort("127.0.0.1:80"):        false, // whatever MayReach says
		netip.MustParseAddrPort("169.254.169.254:80"):  false,
		netip.MustParseAddrPort("0.0.0.0:80"):          false,
		netip.MustParseAddrPort("224.0.0.1:80"):        false,
		netip.MustParseAddrPort("255.255.255.255:80"):  false,
		netip.MustParseAddrPort("[::1]:80"):            false,
		netip.MustParseAddrPort("[2001:db8::1]:50000"): true,
	} {
		if got := relay.mayReach(at); got != want {
			t.Errorf("%v: %v", at, got)
		}
	}
	if !relay.permit(nil, public.AsSlice()) || relay.permit(nil, net.IPv4(10, 0, 0, 1)) || relay.permit(nil, nil) {
		t.Error("permissions don't follow")
	}
}

func TestRelayDropsWhatMayNotPass(t *testing.T) {
	nothingLeft(t)
	outside, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = outside.Close() }()
	forbidden := addrPort(outside.LocalAddr()).Port()
	relay := startTURN(t, func(c *TURNConfig) {
		c.MayReach = func(a netip.AddrPort) bool { return a.Port() != forbidden }
	})
	user, password := TURNCredentials(turnSecret, wire.SessionID{1}, time.Now().Add(time.Hour))
	conn, err := allocate(t, relay, user, password)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.WriteTo([]byte("out"), outside.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the packet out is dropped", func() bool { return relay.Counts().Dropped == 1 })
	if _, err := outside.WriteTo([]byte("in"), conn.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the packet in is dropped", func() bool { return relay.Counts().Dropped == 2 })
	if n := relay.Counts().Relayed; n != 0 {
		t.Errorf("%d relayed", n)
	}
}
