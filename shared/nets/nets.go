// Package nets notices that this machine's network is another one: an address
// came or went, packets leave by another way, or the machine slept and woke who
// knows where. Whoever has connections asks then whether they still work, which
// is sooner than their silence would tell.
//
//	for range nets.Watch(ctx) {
//		line.NewNetwork()
//	}
//
// The system says when to look (netlink on Linux, IP Helper on Windows); where
// it does not, somebody looks every two seconds. It needs no rights and sends
// nothing.
package nets

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

const (
	// settle is how long changes are gathered: an interface that comes up brings
	// several addresses and routes, one after the other.
	settle = 150 * time.Millisecond
	// lookEvery is how often the clocks are compared, and the network is looked
	// at where the system tells nothing.
	lookEvery = 2 * time.Second
	// slept is how far the time of day runs ahead of the monotonic clock, which
	// stands still meanwhile, until the machine must have slept.
	slept = 5 * time.Second
)

// Watch tells about every change until ctx ends, and closes the channel then.
// Who does not listen finds the last news only.
func Watch(ctx context.Context) <-chan struct{} {
	out := make(chan struct{}, 1)
	e := eye{look: look, wall: func() time.Time { return time.Now().Round(0) }}
	heard, err := listen(ctx)
	if err == nil {
		e.notices = heard
	}
	go func() {
		defer close(out)
		e.watch(ctx, func() { poke(out) })
	}()
	return out
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// eye is what Watch sees by.
type eye struct {
	notices <-chan struct{} // of the system; nil or closed: it tells nothing
	look    func() string   // what of the network matters
	wall    func() time.Time
}

func (e eye) watch(ctx context.Context, tell func()) {
	before, wall, mono := e.look(), e.wall(), time.Now()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	settled := time.NewTimer(0)
	settled.Stop()
	for {
		news, looks := false, false
		select {
		case _, ok := <-e.notices:
			if ok {
				settled.Reset(settle)
			} else {
				e.notices = nil
			}
		case <-settled.C:
			looks = true
		case <-tick.C:
			now, at := e.wall(), time.Now()
			news = now.Sub(wall)-at.Sub(mono) > slept
			wall, mono = now, at
			looks = e.notices == nil
		case <-ctx.Done():
			return
		}
		if looks || news {
			after := e.look()
			news = news || after != before
			before = after
		}
		if news {
			tell()
		}
	}
}

// farAway are addresses nobody has (RFC 5737, RFC 3849). The way to them is the
// way to everywhere.
var farAway = []string{"203.0.113.1:9", "[2001:db8::1]:9"}

// look is what of the network matters to connections: the addresses that others
// could know, and the one that packets leave from. Those of other programs'
// bridges without an address, or of the link alone, don't.
func look() string {
	var all []string
	interfaces, err := net.Interfaces()
	if err != nil {
		return "" // the next time
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // it went away just now
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().IsGlobalUnicast() {
				all = append(all, i.Name+" "+p.String())
			}
		}
	}
	slices.Sort(all)
	for _, to := range farAway {
		// Only asks for the way: a UDP socket that is connected sends nothing.
		if c, err := net.Dial("udp", to); err == nil {
			all = append(all, "from "+c.LocalAddr().(*net.UDPAddr).IP.String())
			_ = c.Close()
		}
	}
	return strings.Join(all, "\n")
}
