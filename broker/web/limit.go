package web

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"handrail/shared/place"
)

// Buckets count what places ask for: each has a bucket of tokens that fills
// again with time. There is one more bucket for all together, so that many
// places gain little and the table can't grow without end. Its methods may be
// called from any goroutine.
type Buckets struct {
	each, all rate

	mu    sync.Mutex // guards the following
	from  map[netip.Prefix]*bucket
	total bucket
	swept time.Time
}

// rate is so much in one go, and one more each time.
type rate struct {
	size  int
	every time.Duration
}

// bucket is what is spent.
type bucket struct {
	spent float64
	at    time.Time
}

// NewBuckets lets one place do something size times in one go and then once in
// every, and all together wide times as often.
func NewBuckets(size int, every time.Duration, wide int) *Buckets {
	return &Buckets{
		each: rate{size, every}, all: rate{size * wide, every / time.Duration(wide)},
		from: make(map[netip.Prefix]*bucket),
	}
}

// settle lets b fill until now.
func (b *bucket) settle(r rate, now time.Time) {
	if passed := now.Sub(b.at); passed > 0 {
		b.spent = max(0, b.spent-float64(passed)/float64(r.every))
		b.at = now
	}
}

// Take says whether somebody may do it at now, and counts it if so.
func (b *Buckets) Take(a netip.Addr, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweepLocked(now)
	from := place.Of(a)
	one := b.from[from]
	if one == nil {
		one = &bucket{at: now}
	}
	one.settle(b.each, now)
	b.total.settle(b.all, now)
	if one.spent+1 > float64(b.each.size) || b.total.spent+1 > float64(b.all.size) {
		return false
	}
	one.spent++
	b.total.spent++
	b.from[from] = one
	return true
}

// sweepLocked forgets places whose buckets are full again.
func (b *Buckets) sweepLocked(now time.Time) {
	if now.Sub(b.swept) < b.each.every {
		return
	}
	b.swept = now
	for from, one := range b.from {
		if one.settle(b.each, now); one.spent == 0 {
			delete(b.from, from)
		}
	}
}

// Admits says whether one may sign in from an address; no networks are all.
// Broken ones let nobody in.
func Admits(networks []string, from netip.Addr) bool {
	for _, text := range networks {
		if p, err := netip.ParsePrefix(text); err == nil && p.Contains(from) {
			return true
		}
	}
	return len(networks) == 0
}

// From is the address that a request comes from, the zero one if it tells none.
func From(r *http.Request) netip.Addr {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return a.Addr().Unmap()
}
