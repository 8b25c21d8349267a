package link

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"handrail/shared/place"
)

const (
	// rateBurst is how much of its rate may go at once, after a pause.
	rateBurst = time.Second

	// leastCost is what a packet counts at least, in bytes: a small one is
	// nearly as much work as a large one. So a limit of bytes is one of
	// packets, too.
	leastCost = 500
)

// bucket is a limit of bytes a second: a token bucket, kept as the time at
// which it would be full again.
type bucket struct {
	rate int64 // bytes a second
	full atomic.Int64
}

// take says whether a packet of n bytes may pass now, and counts it if so.
func (b *bucket) take(now time.Duration, n int) bool {
	return takeUntil(&b.full, now, time.Duration(max(n, leastCost))*time.Second/time.Duration(b.rate), rateBurst)
}

func takeUntil(full *atomic.Int64, now, cost, burst time.Duration) bool {
	for {
		old := full.Load()
		next := max(time.Duration(old), now) + cost
		if next > now+burst {
			return false
		}
		if full.CompareAndSwap(old, int64(next)) {
			return true
		}
	}
}

// What the relay answers to those who have not proved anything yet. One
// household or office is one source. A thousand programs behind one router may
// all connect at once, each with three or four requests, and some of those
// repeated; a victim whose address somebody forges gets less than 10 KB/s.
const (
	sourceBurst = 4000
	sourceEvery = 10 * time.Millisecond

	// maxSources bounds the memory. When so many are busy, the rest share one
	// allowance.
	maxSources = 1 << 16
)

// sourceGuard limits answers to each source.
type sourceGuard struct {
	rest atomic.Int64 // of those for whom there is no room

	mu    sync.Mutex // guards the following
	full  map[netip.Prefix]*atomic.Int64
	swept time.Duration
}

func newSourceGuard() *sourceGuard {
	return &sourceGuard{full: make(map[netip.Prefix]*atomic.Int64)}
}

// admit says whether a request of this source may be answered, and counts it.
func (g *sourceGuard) admit(now time.Duration, from netip.Addr) bool {
	return takeUntil(g.of(now, place.Of(from)), now, sourceEvery, sourceBurst*sourceEvery)
}

func (g *sourceGuard) of(now time.Duration, place netip.Prefix) *atomic.Int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if one := g.full[place]; one != nil {
		return one
	}
	if len(g.full) >= maxSources && now-g.swept > time.Second {
		g.swept = now
		for p, one := range g.full {
			if time.Duration(one.Load()) <= now {
				delete(g.full, p)
			}
		}
	}
	if len(g.full) >= maxSources {
		return &g.rest
	}
	one := &atomic.Int64{}
	g.full[place] = one
	return one
}
