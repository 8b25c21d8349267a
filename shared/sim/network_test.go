package sim

import (
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

var (
	here  = netip.MustParseAddrPort("10.0.0.1:1")
	there = netip.MustParseAddrPort("10.0.0.2:2")
)

// ride sends count packets of size bytes and gives when each arrived.
func ride(t *testing.T, link Link, count, size int) (n *Network, arrivals []time.Duration) {
	t.Helper()
	n = NewNetwork(1)
	from, to := n.Join(here, Link{}), n.Join(there, link)
	start := time.Now()
	for i := range count {
		if _, err := from.WriteTo(append([]byte{byte(i)}, make([]byte, size-1)...), net.UDPAddrFromAddrPort(there)); err != nil {
			t.Fatal(err)
		}
	}
	last := -1
	b := make([]byte, 2000)
	for range count - n.Lost() {
		k, _, err := to.ReadFrom(b)
		if err != nil || k != size || int(b[0]) <= last {
			t.Fatalf("packet %d of %d bytes after %d: %v", b[0], k, last, err)
		}
		last = int(b[0])
		arrivals = append(arrivals, time.Since(start))
	}
	return n, arrivals
}

func TestDelayAndRateAreAdded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// 972+28 bytes are 8 ms at 1 Mbit/s.
		_, at := ride(t, Link{Rate: 1_000_000, Delay: 20 * time.Millisecond}, 3, 972)
		for i, got := range at {
			if want := 20*time.Millisecond + time.Duration(i+1)*8*time.Millisecond; got != want {
				t.Errorf("packet %d after %v, want %v", i, got, want)
			}
		}
	})
}

func TestJitterDelaysAndKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, at := ride(t, Link{Delay: 20 * time.Millisecond, Jitter: 30 * time.Millisecond}, 50, 1000)
		if first, last := at[0], at[49]; first < 20*time.Millisecond || last > 50*time.Millisecond || last < 40*time.Millisecond {
			t.Errorf("the first came after %v, the last after %v", first, last)
		}
	})
}

func TestPacketsGetLost(t *testing.T) {
	for name, c := range map[string]struct {
		link      Link
		low, high int // of 100 packets of 1000 bytes
	}{
		"by chance":     {Link{Loss: 0.3}, 10, 50},
		"full queue":    {Link{Rate: 1_000_000, Queue: 10_000}, 85, 90},
		"cut cable":     {Link{Loss: 1}, 100, 100},
		"too long":      {Link{MTU: 999}, 100, 100},
		"nothing wrong": {Link{MTU: 1000, Delay: time.Second}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if n, _ := ride(t, c.link, 100, 1000); n.Lost() < c.low || n.Lost() > c.high {
					t.Errorf("lost %d, want %d to %d", n.Lost(), c.low, c.high)
				}
			})
		})
	}
}
