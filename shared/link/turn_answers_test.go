package link

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/pion/stun/v4"

	"handrail/shared/wire"
)

// request is a message of STUN without anything that identifies the sender.
func request(kind uint16, attributes []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(len(attributes)))
	b = append(b, 0x21, 0x12, 0xa4, 0x42)
	return append(append(b, "transaction."...), attributes...)
}

const (
	requestedTransport = "\x00\x19\x00\x04\x11\x00\x00\x00" // UDP
	requestedFamily    = "\x00\x17\x00\x04\x01\x00\x00\x00" // IPv4
	fingerprint        = "\x80\x28\x00\x04\x00\x00\x00\x00" // which the relay doesn't look at
)

// answer is what the relay says to b; nil is nothing, as the next one proves.
func answer(t *testing.T, c net.Conn, b []byte) []byte {
	t.Helper()
	last := request(0x001, nil)
	copy(last[8:], "the last one")
	for _, b := range [][]byte{b, last} {
		if _, err := c.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	var said []byte
	for {
		in := make([]byte, 2000)
		n, err := c.Read(in)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Equal(in[8:20], last[8:20]) {
			return said
		}
		said = append(said, in[:n]...)
	}
}

// What somebody who forges a victim's address can make the relay send there,
// in bytes of UDP payload out for each byte in. The two that exceed 1 can't be
// shorter: an address is longer than the bare question for it, and a challenge
// than the shortest request without credentials. On the wire, with the 28 bytes
// of IP's and UDP's headers, the worst are 1.3 and 1.7; see TestOneSourceIsAnsweredSoMuch for how often.
func TestAnswersToStrangersAreShort(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, nil)
	c, err := net.Dial("udp", relay.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	signed := func(user, password string) []byte {
		m, err := stun.Build(stun.TransactionID, stun.NewType(stun.MethodAllocate, stun.ClassRequest),
			stun.RawAttribute{Type: stun.AttrRequestedTransport, Value: []byte{17, 0, 0, 0}},
			stun.NewUsername(user), stun.NewRealm(turnRealm), stun.NewNonce("an old one"), stun.NewShortTermIntegrity(password))
		if err != nil {
			t.Fatal(err)
		}
		return m.Raw
	}
	user, password := TURNCredentials(turnSecret, wire.SessionID{1}, time.Now().Add(time.Hour))
	unknown := make([]byte, 0, 400)
	for n := range 100 {
		unknown = append(unknown, 0x7f, byte(n), 0, 0)
	}
	for name, q := range map[string]struct {
		send    []byte
		atMost  float64
		silence bool
	}{
		"binding":                  {request(0x001, nil), 1.6, false},
		"allocate":                 {request(0x003, []byte(requestedTransport)), 2.5, false},
		"allocate, as our clients": {request(0x003, []byte(requestedTransport+requestedFamily+fingerprint)), 1.6, false},
		"allocate, stale nonce":    {signed(user, password), 0.6, false},
		"allocate what?":           {request(0x003, nil), 0, true},
		"unknown attributes":       {request(0x003, append([]byte(requestedTransport), unknown...)), 1, false},
		"refresh":                  {request(0x004, nil), 0, true},
		"permission":               {request(0x008, nil), 0, true},
		"channel":                  {request(0x009, nil), 0, true},
		"send indication":          {request(0x016, nil), 0, true},
		"connect":                  {request(0x00a, nil), 0, true},
		"connection bind":          {request(0x00b, nil), 0, true},
		"answers":                  {request(0x101, nil), 0, true},
		"channel data":             {[]byte{0x40, 0, 0, 4, 1, 2, 3, 4}, 0, true},
		"noise":                    {make([]byte, 1200), 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			said := answer(t, c, q.send)
			ratio := float64(len(said)) / float64(len(q.send))
			t.Logf("%d bytes in, %d out: %.2f", len(q.send), len(said), ratio)
			if (len(said) == 0) != q.silence || ratio > q.atMost {
				t.Errorf("answered with %.2f times as much, want at most %.2f", ratio, q.atMost)
			}
		})
	}
}

func TestOneSourceIsAnsweredSoMuch(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, nil)
	mine, theirs := seatOf(t, relay, 1), seatOf(t, relay, 1)
	flood, err := net.Dial("udp", relay.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = flood.Close() }()
	began := time.Now()
	eventually(t, "the flood is not answered any more", func() bool {
		for range 100 {
			if _, err := flood.Write(request(0x001, nil)); err != nil {
				t.Fatal(err)
			}
		}
		return relay.Counts().Flood > 10
	})
	say(t, mine, theirs, "who has an address goes on")
	if err := flood.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	answers := 0
	for b := make([]byte, 2000); ; answers++ {
		if _, err := flood.Read(b); errors.Is(err, os.ErrDeadlineExceeded) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if most := sourceBurst + int(time.Since(began)/sourceEvery) + 1; answers > most {
		t.Errorf("%d answers, want at most %d", answers, most)
	}
}

func TestSourceGuard(t *testing.T) {
	g := newSourceGuard()
	one, neighbour := netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("198.51.100.2")
	passed := func(now time.Duration, from netip.Addr) int {
		n := 0
		for g.admit(now, from) {
			n++
		}
		return n
	}
	if n := passed(0, one); n != sourceBurst {
		t.Errorf("%d at once", n)
	}
	if n := passed(time.Second, one); n != int(time.Second/sourceEvery) {
		t.Errorf("%d a second later", n)
	}
	if n := passed(time.Second, neighbour); n != sourceBurst {
		t.Errorf("%d of another address", n)
	}
	six := netip.MustParseAddr("2001:db8:1:2::1")
	if n := passed(time.Second, six) + passed(time.Second, six.Next()); n != sourceBurst {
		t.Errorf("%d of one /64", n)
	}

	// A flood of forged addresses takes no more memory than there is room for.
	forged := netip.MustParseAddr("10.0.0.0")
	for range maxSources + 1000 {
		forged = forged.Next()
		g.admit(time.Second, forged)
	}
	if len(g.full) != maxSources {
		t.Errorf("%d sources known", len(g.full))
	}
	if n := passed(time.Second, netip.MustParseAddr("203.0.113.1")); n >= sourceBurst {
		t.Errorf("%d of a source there is no room for", n)
	}
	if !g.admit(time.Hour, netip.MustParseAddr("203.0.113.1")) || len(g.full) > 3 {
		t.Errorf("%d sources still known an hour later", len(g.full))
	}
}

func TestBucket(t *testing.T) {
	const rate = 1_000_000
	for name, c := range map[string]struct {
		size int
		want int // packets in one second after a pause
	}{
		"large packets":                      {1000, 1000},
		"small ones count as larger":         {1, rate / leastCost},
		"empty ones, too":                    {0, rate / leastCost},
		"as large as what is always counted": {leastCost, rate / leastCost},
	} {
		t.Run(name, func(t *testing.T) {
			b := bucket{rate: rate}
			passed := func(now time.Duration) int {
				n := 0
				for b.take(now, c.size) {
					n++
				}
				return n
			}
			if n := passed(time.Hour); n != c.want {
				t.Errorf("%d at once, want %d", n, c.want)
			}
			if n := passed(time.Hour + time.Second/2); n != c.want/2 {
				t.Errorf("%d half a second later, want %d", n, c.want/2)
			}
			if n := passed(2 * time.Hour); n != c.want {
				t.Errorf("%d after a pause, want %d", n, c.want)
			}
		})
	}
}

func FuzzTURNUser(f *testing.F) {
	user, _ := TURNCredentials(turnSecret, wire.SessionID{1, 2, 0xfe}, time.Unix(1_800_000_000, 0))
	for _, s := range []string{user, "", ":", "1:", "anybody", "-1:" + user[11:], "+1" + user, user + "0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, user string) {
		until, session, ok := parseTURNUser(user)
		if !ok {
			return
		}
		if again, _ := TURNCredentials(turnSecret, session, until); again != user {
			t.Errorf("%q is spelt %q", user, again)
		}
	})
}

// FuzzTURNPacket: nothing a stranger sends is relayed or makes the relay write,
// and only requests of the kinds that clients make get through to pion.
func FuzzTURNPacket(f *testing.F) {
	for _, b := range [][]byte{
		request(0x001, nil), request(0x003, []byte(requestedTransport)), request(0x016, nil),
		{0x40, 0, 0, 1, 7},
		{0x40, 0, 0xff, 0xff},
		{0x7f},
		nil, make([]byte, 1600),
		request(0x003, []byte("\x00\x08\x00\x14aaaaaaaaaaaaaaaaaaaa")), request(0x003, []byte("\x00\x08\xff\xff")),
	} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		relay := newTURN(TURNConfig{Public: netip.MustParseAddr("192.0.2.1"), SessionRate: 1, TotalRate: 1})
		stranger := turnClient{addr: netip.MustParseAddrPort("198.51.100.1:5000")}
		if isChannelData(b) {
			relay.forward(stranger, b, relay)
			if c := relay.Counts(); c.Relayed != 0 || c.Malformed+c.NoAddress != 1 {
				t.Errorf("counted %+v", c)
			}
			return
		}
		r := readRequest(b)
		if r == bindingRequest {
			return // is answered
		}
		if got, want := relay.admit(stranger, b), r == signedRequest || r == unsignedRequest; got != want {
			t.Errorf("admitted: %v, want %v", got, want)
		}
		m := &stun.Message{Raw: b}
		if m.Decode() != nil {
			return
		}
		switch r {
		case signedRequest, unsignedRequest:
			if m.Type.Method != stun.MethodAllocate || m.Contains(stun.AttrMessageIntegrity) != (r == signedRequest) {
				t.Errorf("kind %d of %v", r, m)
			}
		case seatedRequest:
			if m.Type.Method == stun.MethodAllocate {
				t.Errorf("kind %d of %v", r, m)
			}
		}
	})
}
