//go:build linux

package e2e

import (
	"bytes"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestGarbageOnEveryPortHarmsNoSession throws random bytes, greetings of other
// protocols and damaged ones of ours at every port the three programs have
// open, while a session runs.
func TestGarbageOnEveryPortHarmsNoSession(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	h.grant("view")
	ports := map[string][]netip.AddrPort{}
	pids := map[string]int{"broker": h.broker.cmd.Process.Pid, "customer": h.customer.pid(), "rep": h.rep.pid()}
	for who, pid := range pids {
		udp, tcp := openPorts(t, pid, "udp"), openPorts(t, pid, "tcp")
		t.Logf("%s listens on udp %v and tcp %v", who, udp, tcp)
		if len(udp) == 0 {
			t.Errorf("%s has no port", who)
		}
		if who != "broker" && len(tcp) != 0 {
			t.Errorf("%s lets anybody connect to %v", who, tcp)
		}
		ports["udp"], ports["tcp"] = append(ports["udp"], udp...), append(ports["tcp"], tcp...)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, to := range ports["udp"] {
		for range 40 {
			for _, g := range garbage(t, r) {
				send(t, "udp", to, g)
			}
		}
	}
	for _, to := range ports["tcp"] {
		for _, g := range garbage(t, r) {
			send(t, "tcp", to, g)
		}
	}

	h.chat("after the garbage")
	h.rep.wait("the customer's screen, live", h.same)
	h.rep.makeKey()
	for who, pid := range pids {
		if _, err := os.Stat(fmt.Sprintf("/proc/%d/exe", pid)); err != nil {
			t.Errorf("%s is gone: %v", who, err)
		}
	}
}

// garbage is a batch of what should not come.
func garbage(t *testing.T, r *rand.Rand) [][]byte {
	t.Helper()
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	quic := random(1200) // a long header of QUIC version 1 whose rest makes no sense
	copy(quic, []byte{0xc3, 0, 0, 0, 1, 8})
	short := random(64) // a short header with a connection nobody has
	short[0] = 0x40 | short[0]&0x3f
	stun := random(28) // a binding request with an attribute that is too long
	copy(stun, []byte{0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42})
	copy(stun[20:], []byte{0, 6, 0xff, 0xff})
	return [][]byte{
		random(1), random(1 + r.IntN(1400)), random(1452), bytes.Repeat([]byte{0}, 600),
		quic, short, stun, tlsHello(t),
		[]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		[]byte("POST /login HTTP/1.0\r\nContent-Length: 99999999999\r\n\r\n"),
	}
}

// tlsHello is how a browser greets.
func tlsHello(t *testing.T) []byte {
	t.Helper()
	near, far := net.Pipe()
	defer near.Close()
	go func() {
		defer far.Close()
		_ = tls.Client(far, &tls.Config{ServerName: "example.com"}).Handshake() // nobody answers
	}()
	b := make([]byte, 1400)
	n, err := near.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}

// send throws one piece of garbage. That a port refuses it is as good as
// anything.
func send(t *testing.T, network string, to netip.AddrPort, b []byte) {
	t.Helper()
	c, err := net.DialTimeout(network, to.String(), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Write(b)
	c.Close()
}

// openPorts are the ports on which a process takes packets from anybody, or
// connections.
func openPorts(t *testing.T, pid int, network string) (all []netip.AddrPort) {
	t.Helper()
	sockets := map[string]bool{}
	fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, fd := range fds {
		if name, _ := os.Readlink(fd); strings.HasPrefix(name, "socket:[") { // one that closed meanwhile has none
			sockets[strings.TrimSuffix(strings.TrimPrefix(name, "socket:["), "]")] = true
		}
	}
	seen := map[netip.AddrPort]bool{}
	for _, version := range []string{"", "6"} {
		list, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s%s", pid, network, version))
		if err != nil {
			continue // a machine without IPv6
		}
		for line := range strings.Lines(string(list)) {
			// sl local remote state tx:rx tr:when retransmits uid timeout inode …
			f := strings.Fields(line)
			if len(f) < 10 || !sockets[f[9]] || network == "tcp" && f[3] != "0A" {
				continue
			}
			at, ok := parseLocal(f[1])
			if !ok {
				t.Fatalf("not an address: %q", line)
			}
			if at.Port() != 0 && !seen[at] {
				seen[at] = true
				all = append(all, at)
			}
		}
	}
	return all
}

// parseLocal reads an address as the kernel lists it: groups of four bytes, the
// last of each first. A socket for all addresses is found on this one.
func parseLocal(s string) (netip.AddrPort, bool) {
	host, port, _ := strings.Cut(s, ":")
	raw, err := hex.DecodeString(host)
	number, bad := strconv.ParseUint(port, 16, 16)
	if err != nil || bad != nil {
		return netip.AddrPort{}, false
	}
	for i := 0; i+4 <= len(raw); i += 4 {
		slices.Reverse(raw[i : i+4])
	}
	at, ok := netip.AddrFromSlice(raw)
	at = at.Unmap()
	switch {
	case at.IsUnspecified():
		at = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case at.IsLinkLocalUnicast():
		at = at.WithZone(zone(at))
	}
	return netip.AddrPortFrom(at, uint16(number)), ok
}

// zone is the interface that has an address.
func zone(a netip.Addr) string {
	all, _ := net.Interfaces() // without them the address can't be dialled, which is told then
	for _, i := range all {
		addrs, _ := i.Addrs()
		for _, have := range addrs {
			if p, err := netip.ParsePrefix(have.String()); err == nil && p.Addr() == a {
				return i.Name
			}
		}
	}
	return ""
}
