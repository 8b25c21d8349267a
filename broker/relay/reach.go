package relay

import (
	"net/netip"
	"sync"
	"time"

	"handrail/broker/lobby"
)

// place is what an address's wrong tries are charged to. One household or
// office has a whole /64 of IPv6, so its single addresses mean nothing.
func place(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// reach knows where clients are, for the TURN relay: it may send to them and
// to nobody else.
type reach struct {
	mu    sync.Mutex // guards the following
	known map[netip.Addr]*known
}

// maxKnown addresses bound the memory of those who came and went; when there
// are more, an address is forgotten with its last connection.
const maxKnown = 100_000

// known is an address that clients are or were at.
type known struct {
	open  int
	until time.Time // when open is 0
}

// MayReach says whether a client is connected from a, or was a moment ago: a
// session outlives a broken control connection, and so must its relay.
func (r *Relay) MayReach(a netip.Addr) bool {
	r.reach.mu.Lock()
	defer r.reach.mu.Unlock()
	return r.reach.known[a.Unmap().WithZone("")] != nil
}

// add notes a client at a, until gone is called.
func (r *reach) add(a netip.Addr) (gone func(time.Time)) {
	a = a.Unmap().WithZone("")
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.known[a]
	if k == nil {
		k = &known{}
		r.known[a] = k
	}
	k.open++
	return func(now time.Time) {
		r.mu.Lock()
		defer r.mu.Unlock()
		k.open--
		k.until = now.Add(lobby.SessionRest)
		if k.open == 0 && len(r.known) > maxKnown {
			delete(r.known, a)
		}
	}
}

func (r *reach) forget(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for a, k := range r.known {
		if k.open == 0 && !now.Before(k.until) {
			delete(r.known, a)
		}
	}
}
