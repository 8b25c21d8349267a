// Package place tells where connections come from, and keeps one place from
// taking what belongs to all.
package place

import (
	"net/netip"
	"sync"
)

// Of is what counts as one place: an IPv4 address, or a whole /64 with IPv6,
// because every household gets one.
func Of(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // fails only for the zero address, which is a place, too
	return p
}

// Crowd counts connections by where they come from, and in all. Its methods
// may be called from any goroutine.
type Crowd struct {
	perPlace, most int

	mu    sync.Mutex // guards the following
	from  map[netip.Prefix]int
	total int
}

// NewCrowd makes an empty crowd of so many of one place, and so many in all.
func NewCrowd(perPlace, most int) *Crowd {
	return &Crowd{perPlace: perPlace, most: most, from: make(map[netip.Prefix]int)}
}

// Enter counts one connection more until leave is called, unless there are too
// many. To leave once more is harmless.
func (c *Crowd) Enter(a netip.Addr) (leave func(), ok bool) {
	place := Of(a)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.total >= c.most || c.from[place] >= c.perPlace {
		return nil, false
	}
	c.total++
	c.from[place]++
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.total--
		if c.from[place]--; c.from[place] == 0 {
			delete(c.from, place)
		}
	}), true
}

// Open is how many there are.
func (c *Crowd) Open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total
}
