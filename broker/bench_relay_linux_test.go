package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"handrail/broker/certs"
	"handrail/shared/link"
	"handrail/shared/wire"
)

var (
	benchSeconds = flag.Int("seconds", 5, "how long each row of a benchmark takes")
	benchRounds  = flag.Int("rounds", 2, "how often all rows are measured, in turns")
)

// One row sends through so many sessions at once, one direction each.
const benchSessions = 4

// clockTick is the unit of /proc/PID/stat: sysconf(_SC_CLK_TCK) is 100 on
// every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// cpuOf is the CPU time that a process has used.
func cpuOf(t testing.TB, pid int) time.Duration {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	// The name, in brackets, may hold anything (man 5 proc_pid_stat).
	after := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	ticks := 0
	for _, field := range after[11:13] { // utime and stime
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick
}

func loadOf(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}

// lane is one direction of one session through a relay.
type lane struct {
	from  *turner
	taken *atomic.Int64
	sent  int64
}

// relayRow is one way through one relay.
type relayRow struct {
	name  string
	pid   int
	lanes []*lane
	rates []int // packets a second, all lanes together; 0 is as many as arrive

	cpu     []time.Duration // by rate, all rounds
	took    []time.Duration
	sent    []int64
	arrived []int64
}

func (r *relayRow) total() (n int64) {
	for _, l := range r.lanes {
		n += l.taken.Load()
	}
	return n
}

// measure sends at one rate for a while.
func (r *relayRow) measure(t testing.TB, which int) {
	t.Helper()
	rate, ready := r.rates[which], frames()
	arrived, cpu, began := r.total(), cpuOf(t, r.pid), time.Now()
	for _, l := range r.lanes {
		l.sent = l.taken.Load()
	}
	var sent int64
	end := time.Duration(*benchSeconds) * time.Second
	moved := began // when something arrived last, at full speed
	for last := int64(-1); time.Since(began) < end; {
		did := false
		for _, l := range r.lanes {
			n := burst
			if rate > 0 {
				n = min(n, int(int64(time.Since(began).Seconds()*float64(rate))-sent))
			} else if l.sent-l.taken.Load() > 16*burst { // as many as there is room for
				n = 0
			}
			if n <= 0 {
				continue
			}
			if err := l.from.send(ready, n); err != nil {
				t.Fatal(err)
			}
			l.sent += int64(n)
			sent += int64(n)
			did = true
		}
		if now := r.total(); now != last {
			last, moved = now, time.Now()
		} else if rate == 0 && time.Since(moved) > 20*time.Millisecond { // what is under way is lost
			for _, l := range r.lanes {
				l.sent = l.taken.Load()
			}
		}
		if !did {
			time.Sleep(200 * time.Microsecond)
		}
	}
	time.Sleep(100 * time.Millisecond) // for what is under way
	r.took[which] += time.Since(began)
	r.sent[which] += sent
	r.arrived[which] += r.total() - arrived
	r.cpu[which] += cpuOf(t, r.pid) - cpu
}

// ways are how a client reaches a relay.
type way func(t testing.TB, relay wire.Relay) *turner

func byUDP(t testing.TB, r wire.Relay) *turner { return turnUDP(t, bareURL(r.URL), r.User, r.Password) }
func byTLS(t testing.TB, r wire.Relay) *turner { return turnTLS(t, bareURL(r.URL), r.User, r.Password) }
func byWeb(t testing.TB, r wire.Relay) *turner { return turnWeb(t, r.URL, r.User, r.Password) }

// lanesBetween are sessions whose two sides both have a relay address.
func lanesBetween(t testing.TB, from, to way, relays func(n int) (from, to wire.Relay)) []*lane {
	t.Helper()
	var lanes []*lane
	for n := range benchSessions {
		a, b := relays(n)
		x, y := from(t, a), to(t, b)
		x.bind(y.relay)
		y.bind(x.relay)
		y.take()
		lanes = append(lanes, &lane{from: x, taken: &y.taken})
	}
	return lanes
}

// lanesOut are sessions of which one side has a relay address and the other is
// reached without.
func lanesOut(t testing.TB, relay wire.Relay) []*lane {
	t.Helper()
	var lanes []*lane
	for range benchSessions {
		sink, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		_ = sink.SetReadBuffer(4 << 20) // as much as there is
		x := byUDP(t, relay)
		x.bind(sink.LocalAddr().(*net.UDPAddr).AddrPort())
		l := &lane{from: x, taken: &atomic.Int64{}}
		x.over.Go(func() {
			for b := make([]byte, 2000); ; {
				if _, err := sink.Read(b); err != nil {
					return
				}
				l.taken.Add(1)
			}
		})
		t.Cleanup(func() { sink.Close() })
		lanes = append(lanes, l)
	}
	return lanes
}

// BenchmarkRelay measures the CPU time of the relay's process alone for each
// packet that arrives: the broker's own and coturn's, sent by the same
// generator, in turns.
func BenchmarkRelay(b *testing.B) {
	rows := append(ourRows(b), coturnRows(b)...)
	for _, r := range rows {
		n := len(r.rates)
		r.cpu, r.took = make([]time.Duration, n), make([]time.Duration, n)
		r.sent, r.arrived = make([]int64, n), make([]int64, n)
	}
	load := loadOf(b)
	for range *benchRounds {
		for which := range rows[0].rates {
			for _, r := range rows {
				r.measure(b, which)
			}
		}
	}
	fmt.Printf("\n%s, %d cores, load before %s and after %s, %d sessions, %d-byte packets, %d rounds of %d s\n\n%s\n",
		time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), load, loadOf(b), benchSessions, turnPayload,
		*benchRounds, *benchSeconds, relayTable(rows))
}

func ourRows(b *testing.B) []*relayRow {
	dir := b.TempDir()
	run := start(b, dir, "127.0.0.1:0")
	anna, _ := run.enrol(dir, "Anna Weber")
	between := func(from, to way, fromWhich, toWhich int) []*lane {
		return lanesBetween(b, from, to, func(int) (wire.Relay, wire.Relay) {
			reps, customers := session(anna, run.dial(wire.RoleCustomer))
			return reps.Relays[fromWhich], customers.Relays[toWhich]
		})
	}
	pid := run.cmd.Process.Pid
	return []*relayRow{
		{name: "Handrail, UDP to UDP", pid: pid, lanes: between(byUDP, byUDP, 0, 0), rates: []int{10_000, 40_000, 0}},
		{name: "Handrail, WebSocket to UDP", pid: pid, lanes: between(byWeb, byUDP, 1, 0), rates: []int{10_000, 40_000, 0}},
		{name: "Handrail, UDP to WebSocket", pid: pid, lanes: between(byUDP, byWeb, 0, 1), rates: []int{10_000, 40_000, 0}},
		{name: "Handrail, WebSocket to WebSocket", pid: pid, lanes: between(byWeb, byWeb, 1, 1), rates: []int{10_000, 40_000, 0}},
	}
}

func coturnRows(b *testing.B) []*relayRow {
	dir := b.TempDir()
	if _, err := certs.Own(dir, "localhost", time.Now()); err != nil {
		b.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	sealed := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(sealed)
	addr, pid := coturn(b, "shared with coturn", "tls-listening-port="+port,
		"cert="+filepath.Join(dir, "broker.crt"), "pkey="+filepath.Join(dir, "broker.key"))
	relay := func(at string, n int) wire.Relay {
		user, password := link.TURNCredentials([]byte("shared with coturn"), wire.SessionID{byte(n)}, time.Now().Add(time.Hour))
		return wire.Relay{URL: "turn:" + at + "?transport=udp", User: user, Password: password}
	}
	between := func(from, to way, fromAt, toAt string) []*lane {
		return lanesBetween(b, from, to, func(n int) (wire.Relay, wire.Relay) { return relay(fromAt, n), relay(toAt, n) })
	}
	return []*relayRow{
		{name: "coturn, UDP to UDP", pid: pid, lanes: between(byUDP, byUDP, addr, addr), rates: []int{10_000, 40_000, 0}},
		{name: "coturn, UDP, one side not relayed", pid: pid, lanes: lanesOut(b, relay(addr, 0)), rates: []int{10_000, 40_000, 0}},
		{name: "coturn, TLS to UDP", pid: pid, lanes: between(byTLS, byUDP, sealed, addr), rates: []int{10_000, 40_000, 0}},
		{name: "coturn, UDP to TLS", pid: pid, lanes: between(byUDP, byTLS, addr, sealed), rates: []int{10_000, 40_000, 0}},
		{name: "coturn, TLS to TLS", pid: pid, lanes: between(byTLS, byTLS, sealed, sealed), rates: []int{10_000, 40_000, 0}},
	}
}

// compared are the rows that ours stand beside: coturn doing the same, and
// coturn where only one side of the session needs it, which is less work for it
// and none that our relay does (see link.TURN).
var compared = map[string][2]string{
	"Handrail, UDP to UDP":             {"coturn, UDP to UDP", "coturn, UDP, one side not relayed"},
	"Handrail, WebSocket to UDP":       {"coturn, TLS to UDP"},
	"Handrail, UDP to WebSocket":       {"coturn, UDP to TLS"},
	"Handrail, WebSocket to WebSocket": {"coturn, TLS to TLS"},
}

// relayTable is the table of the documentation.
func relayTable(rows []*relayRow) string {
	perPacket := func(r *relayRow, which int) float64 {
		return float64(r.cpu[which].Microseconds()) / float64(max(r.arrived[which], 1))
	}
	byName := map[string]*relayRow{}
	for _, r := range rows {
		byName[r.name] = r
	}
	var out strings.Builder
	out.WriteString("| relay | packets/s asked | arrived/s | lost | µs CPU/packet | packets/s a core | Mbit/s a core | CPU beside coturn | beside coturn with one side |\n|---|---|---|---|---|---|---|---|---|\n")
	for which := range rows[0].rates {
		for _, r := range rows {
			asked := "all it can"
			if rate := r.rates[which]; rate > 0 {
				asked = strconv.Itoa(rate)
			}
			us := perPacket(r, which)
			var beside [2]string
			for i, name := range compared[r.name] {
				if other := byName[name]; other != nil {
					beside[i] = fmt.Sprintf("%.2f×", us/perPacket(other, which))
				}
			}
			fmt.Fprintf(&out, "| %s | %s | %.0f | %.2f %% | %.2f | %.0f | %.0f | %s | %s |\n", r.name, asked,
				float64(r.arrived[which])/r.took[which].Seconds(),
				100*float64(r.sent[which]-r.arrived[which])/float64(max(r.sent[which], 1)),
				us, 1e6/us, turnPayload*8/us, beside[0], beside[1])
		}
	}
	return out.String()
}
