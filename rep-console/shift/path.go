package shift

import (
	"context"
	"time"

	"handrail/rep-console/console"
)

// pathEvery is how often somebody looks how a session's bytes travel.
const pathEvery = time.Second

// follow tells the console and the screen how the bytes of a connection travel,
// now and whenever that is noticeably different, until unfollow.
func (h *host) follow(p Peer) {
	h.unfollow()
	told := pathOf(p)
	h.tellPath(told)
	ctx, cancel := context.WithCancel(context.Background())
	h.lose = cancel
	h.paths.Go(func() {
		t := time.NewTicker(pathEvery)
		defer t.Stop()
		for {
			select {
			case <-t.C:
			case <-ctx.Done():
				return
			}
			if now := pathOf(p); differs(now, told) {
				told = now
				h.tellPath(told)
			}
		}
	})
}

// unfollow returns when nothing more is told.
func (h *host) unfollow() {
	if h.lose != nil {
		h.lose()
	}
	h.paths.Wait()
}

func (h *host) tellPath(p console.Path) {
	h.screen.Path(p.Direct, p.RTT)
	h.s.must(console.SessionPath{ID: h.id, Path: p})
}

func pathOf(p Peer) console.Path {
	direct, rtt := p.Travels()
	return console.Path{Known: true, Direct: direct, RTT: rtt}
}

// differs says whether a person would care: a fifth, and no less than 5 ms.
func differs(a, b console.Path) bool {
	return a.Direct != b.Direct || (a.RTT-b.RTT).Abs() > max(5*time.Millisecond, b.RTT/5)
}
