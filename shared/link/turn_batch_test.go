package link

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand"
	"net"
	"net/netip"
	"testing"
	"time"
)

// batches are those of a new socket, and one of them for each address that is
// sent to.
func batches(t *testing.T, network, addr string, receivers int) (*turnBatches, []*net.UDPConn) {
	t.Helper()
	listen := func(addr string) *net.UDPConn {
		a, err := net.ResolveUDPAddr("udp", addr)
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.ListenUDP(network, a)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	s, err := newTURNBatches(listen(addr), func() { t.Error("a packet is lost") })
	if err != nil {
		t.Fatal(err)
	}
	var to []*net.UDPConn
	for range receivers {
		to = append(to, listen("127.0.0.1:0"))
	}
	return s, to
}

func TestBatchesCarryEverythingInOrder(t *testing.T) {
	for name, c := range map[string]struct {
		network, addr string
		size          func(n int) int
	}{
		"all of one size":          {"udp4", "127.0.0.1:0", func(int) int { return 1204 }},
		"a slice of the picture":   {"udp4", "127.0.0.1:0", func(n int) int { return 1204 - n%7/6*1000 }},
		"growing":                  {"udp4", "127.0.0.1:0", func(n int) int { return 10 + n }},
		"as they come":             {"udp4", "127.0.0.1:0", func(int) int { return 9 + rand.Intn(1400) }},
		"small ones":               {"udp4", "127.0.0.1:0", func(int) int { return 9 }},
		"from both versions of IP": {"udp", ":0", func(int) int { return 1204 }},
	} {
		t.Run(name, func(t *testing.T) {
			const each = 50
			s, to := batches(t, c.network, c.addr, 3)
			wake := s.localAddr()
			sent := make([][][]byte, len(to))
			for n := range each * len(to) {
				which := rand.Intn(len(to))
				b := make([]byte, c.size(n))
				binary.BigEndian.PutUint64(b, uint64(n))
				b[len(b)-1] = byte(n)
				sent[which] = append(sent[which], b)
				s.carry(b, addrPort(to[which].LocalAddr()))
			}
			// What is carried goes out before the next packet is waited for.
			if _, err := to[0].WriteToUDPAddrPort([]byte("wake"), wake); err != nil {
				t.Fatal(err)
			}
			if b, from, err := s.read(); err != nil || string(b) != "wake" || from != addrPort(to[0].LocalAddr()) {
				t.Fatalf("read %q of %v, %v", b, from, err)
			}
			for which, want := range sent {
				for i, want := range want {
					got := make([]byte, 2000)
					if err := to[which].SetReadDeadline(time.Now().Add(patience)); err != nil {
						t.Fatal(err)
					}
					n, err := to[which].Read(got)
					if err != nil || !bytes.Equal(got[:n], want) {
						t.Fatalf("packet %d: %d bytes, %v; want %d", i, n, err, len(want))
					}
				}
			}
		})
	}
}

func TestBatchesBringEverythingInOrder(t *testing.T) {
	s, from := batches(t, "udp4", "127.0.0.1:0", 2)
	const each = 100
	for n := range each {
		for _, c := range from {
			if _, err := c.WriteToUDPAddrPort(fmt.Appendf(nil, "%d", n), s.localAddr()); err != nil {
				t.Fatal(err)
			}
		}
	}
	next := map[netip.AddrPort]int{}
	for range each * len(from) {
		b, at, err := s.read()
		if err != nil {
			t.Fatal(err)
		}
		if string(b) != fmt.Sprint(next[at]) {
			t.Fatalf("%q of %v, want %d", b, at, next[at])
		}
		next[at]++
	}
	for _, c := range from {
		if next[addrPort(c.LocalAddr())] != each {
			t.Errorf("heard %v", next)
		}
	}
}

func TestBatchesEndWithTheirSocket(t *testing.T) {
	s, _ := batches(t, "udp4", "127.0.0.1:0", 0)
	time.AfterFunc(time.Millisecond, func() { _ = s.socket.Close() })
	if _, _, err := s.read(); err == nil {
		t.Error("read from a closed socket")
	}
}

func (s *turnBatches) localAddr() netip.AddrPort {
	a := addrPort(s.socket.LocalAddr())
	if a.Addr().IsUnspecified() {
		return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), a.Port())
	}
	return a
}
