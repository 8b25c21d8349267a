//go:build linux

package natlab

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// The lab's addresses are those of RFC 2544 and RFC 3849, which nobody has.
//
//	home ─lan─ nat ─wan─┐
//	                    net ─── broker
//	home ─lan─ nat ─wan─┘
const (
	brokerIP  = "198.18.9.2"
	brokerIP6 = "2001:db8:9::2"
	proxyPort = "3128"
)

// lab is one small internet; it goes with its test.
type lab struct {
	t     *testing.T
	name  string
	homes [2]*home
}

// home is where one of the two ends is.
type home struct {
	l    *lab
	n    int // 0 is the rep's, 1 the customer's
	kind kind
	host int // last part of the end's address
}

// labs counts the labs of this process.
var labs atomic.Int32

// labPrefix begins the names of all namespaces; the process id follows.
const labPrefix = "handrail-"

// begun makes IPv6 addresses usable at once, and not after seconds of looking
// for somebody who has the same.
const begun = "cd /proc/sys/net/ipv6/conf; echo 0 >all/accept_dad; echo 0 >default/accept_dad"

// build makes a lab with a rep's and a customer's home.
func build(t *testing.T, rep, customer kind) *lab {
	t.Helper()
	l := &lab{t: t, name: fmt.Sprintf("%s%d-%d-", labPrefix, os.Getpid(), labs.Add(1))}
	rooms := []string{"net", "broker", "nat0", "home0", "nat1", "home1"}
	t.Cleanup(func() {
		for _, r := range rooms {
			_ = exec.Command("ip", "netns", "del", l.name+r).Run() // what isn't there need not go
		}
	})
	var script strings.Builder
	for _, r := range rooms {
		l.run("", "", "ip", "netns", "add", l.name+r)
		l.run(r, "", "sh", "-c", begun)
		l.ip(r, up("lo")) // without it Go believes that there is no IPv6
	}
	wire := func(a, nameA, b, nameB string) {
		fmt.Fprintf(&script, "link add %s netns %s%s type veth peer name %s netns %s%s\n", nameA, l.name, a, nameB, l.name, b)
	}
	wire("net", "broker", "broker", "net")
	for i := range l.homes {
		wire("net", "home"+strconv.Itoa(i), "nat"+strconv.Itoa(i), "wan")
		wire("nat"+strconv.Itoa(i), "lan", "home"+strconv.Itoa(i), "eth")
	}
	l.run("", script.String(), "ip", "-batch", "-")
	l.router("net")
	l.ip("net", up("broker"), address("broker", "198.18.9.1/24", "2001:db8:9::1/64"))
	l.ip("broker", up("net"), address("net", brokerIP+"/24", brokerIP6+"/64"),
		"route add default via 198.18.9.1", "-6 route add default via 2001:db8:9::1")
	for i, k := range []kind{rep, customer} {
		l.homes[i] = &home{l: l, n: i, kind: k, host: 2}
		l.homes[i].settle()
	}
	return l
}

// settle gives a home its addresses and its router its rules.
func (h *home) settle() {
	l, k, nat, end := h.l, h.kind, h.nat(), h.end()
	wan := "home" + strconv.Itoa(h.n)
	l.router(nat)
	l.ip("net", up(wan), address(wan, h.fill("198.18.#.1/24"), h.fill("2001:db8:#::1/64")),
		h.fill("-6 route add 2001:db8:1#::/64 via 2001:db8:#::2"))
	l.ip(nat, up("wan"), up("lan"), address("wan", h.fill("198.18.#.2/24"), h.fill("2001:db8:#::2/64")),
		h.fill("route add default via 198.18.#.1"), h.fill("-6 route add default via 2001:db8:#::1"))
	l.ip(end, up("eth"))
	if k.mtu != 0 {
		l.ip("net", fmt.Sprintf("link set %s mtu %d", wan, k.mtu))
		l.ip(nat, fmt.Sprintf("link set wan mtu %d", k.mtu))
		l.nft("net", "table inet silent { chain out { type filter hook output priority filter;\n"+
			"icmp type destination-unreachable drop; icmpv6 type packet-too-big drop; }; }")
	}
	if k.public {
		l.ip("net", h.fill("route add 198.18.1#.0/24 via 198.18.#.2"))
	}
	l.ip(nat, address("lan", h.lan(1)+"/24", h.fill("2001:db8:1#::1/64")))
	h.move(2)
	if k.rules != "" {
		l.nft(nat, h.fill(k.rules))
	}
}

// move gives the end of a home another address, as a new network would: the
// old one goes first.
func (h *home) move(host int) {
	l, end := h.l, h.end()
	if host != h.host {
		l.ip(end, "addr flush dev eth scope global")
	}
	h.host = host
	if !h.kind.no4 {
		l.ip(end, fmt.Sprintf("addr add %s/24 dev eth", h.lan(host)))
		if h.kind.proxy == "" {
			l.ip(end, "route add default via "+h.lan(1))
		}
	}
	if h.kind.six {
		l.ip(end, h.fill(fmt.Sprintf("addr add 2001:db8:1#::%d/64 dev eth nodad", host)), h.fill("-6 route add default via 2001:db8:1#::1"))
	}
}

func (h *home) end() string { return "home" + strconv.Itoa(h.n) }
func (h *home) nat() string { return "nat" + strconv.Itoa(h.n) }

// lan is an address in the home's own network.
func (h *home) lan(host int) string {
	if h.kind.public {
		return h.fill(fmt.Sprintf("198.18.1#.%d", host))
	}
	return h.fill(fmt.Sprintf("192.168.#.%d", host))
}

// fill puts the home's number into a text.
func (h *home) fill(text string) string {
	return strings.ReplaceAll(text, "#", strconv.Itoa(h.n+1))
}

// outside is where the rest of the world sees the home.
func (h *home) outside() string {
	if h.kind.public {
		return h.lan(h.host)
	}
	return h.fill("198.18.#.2")
}

func up(link string) string { return "link set " + link + " up" }

func address(link, four, six string) string {
	return "addr add " + four + " dev " + link + "\naddr add " + six + " dev " + link + " nodad"
}

// router lets a namespace pass packets on.
func (l *lab) router(room string) {
	l.t.Helper()
	l.run(room, "", "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")
}

// ip runs commands of ip(8) in a namespace.
func (l *lab) ip(room string, lines ...string) {
	l.t.Helper()
	var four, six []string
	for _, line := range lines {
		for one := range strings.SplitSeq(line, "\n") {
			if rest, ok := strings.CutPrefix(one, "-6 "); ok {
				six = append(six, rest)
			} else {
				four = append(four, one)
			}
		}
	}
	l.run("", strings.Join(four, "\n")+"\n", "ip", "-n", l.name+room, "-batch", "-")
	if len(six) > 0 {
		l.run("", strings.Join(six, "\n")+"\n", "ip", "-6", "-n", l.name+room, "-batch", "-")
	}
}

// nft gives a namespace rules.
func (l *lab) nft(room, rules string) {
	l.t.Helper()
	l.run(room, rules, "nft", "-f", "-")
}

// command is a command to run in a namespace, or in ours if room is "".
func (l *lab) command(room string, args ...string) *exec.Cmd {
	if room != "" {
		args = append([]string{"ip", "netns", "exec", l.name + room}, args...)
	}
	return exec.Command(args[0], args[1:]...)
}

func (l *lab) run(room, stdin string, args ...string) {
	l.t.Helper()
	cmd := l.command(room, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		l.t.Fatalf("%s: %v: %v\n%s\n%s", room, args, err, out.String(), stdin)
	}
}

// sweep removes what labs of processes that were killed have left.
func sweep() {
	out, err := exec.Command("ip", "netns", "list").Output()
	if err != nil {
		return // there will be no lab either, and building one says why
	}
	for line := range strings.Lines(string(out)) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest, ours := strings.CutPrefix(name, labPrefix)
		pid, _, _ := strings.Cut(rest, "-")
		if _, err := os.Stat("/proc/" + pid); ours && os.IsNotExist(err) {
			_ = exec.Command("ip", "netns", "del", name).Run() // it may be gone by now
		}
	}
}
