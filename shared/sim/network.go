// Package sim is a small world for tests: what surrounds the programs, made of
// rules instead of cables. Everything in it keeps time by package time, so in
// a testing/synctest bubble minutes of it pass in milliseconds and every run
// is the same.
package sim

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/quic-go/quic-go/testutils/simnet"
)

// Link says how packets get to one place of a Network.
type Link struct {
	Rate   int           // bits per second; 0 is no limit
	Delay  time.Duration // one way
	Jitter time.Duration // more than Delay, up to this; packets keep their order
	Loss   float64       // of 1; 1 is a cut cable
	Queue  int           // bytes waiting for Rate before packets are dropped; 0 is 256 KiB
	MTU    int           // bytes of the longest packet, UDP and IP headers not counted; 0 is 1472
}

const (
	defaultQueue = 256 << 10
	defaultMTU   = 1472
	headers      = 28 // bytes of IPv4 and UDP, which take up Rate, too
)

// Network carries packets between its places. Its sockets work as long as
// somebody reads them.
type Network struct {
	mu     sync.Mutex // guards the following
	dice   *rand.Rand
	places map[netip.AddrPort]*place
	lost   int
}

// place is one socket's end of the network.
type place struct {
	n      *Network
	link   Link
	to     simnet.PacketReceiver
	queue  []arrival // in order of due
	free   time.Time // when the link has sent everything that is queued
	moving bool      // deliver is scheduled or runs
}

type arrival struct {
	packet simnet.Packet
	due    time.Time
}

// NewNetwork makes an empty network; seed decides which packets get lost.
func NewNetwork(seed uint64) *Network {
	return &Network{dice: rand.New(rand.NewPCG(seed, seed)), places: make(map[netip.AddrPort]*place)}
}

// Join makes a socket at addr that packets reach by link.
func (n *Network) Join(addr netip.AddrPort, link Link) net.PacketConn {
	conn := simnet.NewBlockingSimConn(net.UDPAddrFromAddrPort(addr), router{n})
	n.Change(addr, link)
	return conn
}

// Change makes another link of the one to addr, for packets sent from now on.
func (n *Network) Change(addr netip.AddrPort, link Link) {
	if link.Queue == 0 {
		link.Queue = defaultQueue
	}
	if link.MTU == 0 {
		link.MTU = defaultMTU
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.places[addr].link = link
}

// Lost counts the packets that never arrived, for whatever reason.
func (n *Network) Lost() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.lost
}

// router is how simnet's sockets see the network.
type router struct{ n *Network }

// AddNode is simnet.Router's.
func (r router) AddNode(addr net.Addr, to simnet.PacketReceiver) {
	r.n.mu.Lock()
	defer r.n.mu.Unlock()
	r.n.places[keyOf(addr)] = &place{n: r.n, to: to}
}

// SendPacket is simnet.Router's. A packet to nowhere is lost, as in life.
func (r router) SendPacket(p simnet.Packet) error {
	n := r.n
	n.mu.Lock()
	defer n.mu.Unlock()
	at, ok := n.places[keyOf(p.To)]
	if !ok || len(p.Data) > at.link.MTU || n.dice.Float64() < at.link.Loss {
		n.lost++
		return nil
	}
	now := time.Now()
	if at.free.Before(now) {
		at.free = now
	}
	if rate := float64(at.link.Rate); rate > 0 {
		if at.free.Sub(now).Seconds()*rate/8 > float64(at.link.Queue) {
			n.lost++
			return nil
		}
		at.free = at.free.Add(time.Duration(float64(len(p.Data)+headers) * 8 / rate * float64(time.Second)))
	}
	due := at.free.Add(at.link.Delay)
	if at.link.Jitter > 0 {
		due = due.Add(time.Duration(n.dice.Int64N(int64(at.link.Jitter))))
	}
	if last := len(at.queue) - 1; last >= 0 && due.Before(at.queue[last].due) {
		due = at.queue[last].due // what comes later doesn't overtake
	}
	at.queue = append(at.queue, arrival{p, due})
	if !at.moving {
		at.moving = true
		time.AfterFunc(due.Sub(now), at.deliver)
	}
	return nil
}

// deliver hands over what is due, in order, and comes back for the rest.
func (p *place) deliver() {
	for {
		p.n.mu.Lock()
		if len(p.queue) == 0 {
			p.moving = false
			p.n.mu.Unlock()
			return
		}
		next := p.queue[0]
		if wait := time.Until(next.due); wait > 0 {
			time.AfterFunc(wait, p.deliver)
			p.n.mu.Unlock()
			return
		}
		p.queue = p.queue[1:]
		p.n.mu.Unlock()
		p.to.RecvPacket(next.packet)
	}
}

func keyOf(a net.Addr) netip.AddrPort {
	u, ok := a.(*net.UDPAddr)
	if !ok {
		panic(fmt.Sprintf("sim: address of type %T", a)) // only our own tests send here
	}
	ap := u.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
