package link

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/turn/v5"

	"handrail/shared/place"
)

// streamsTotal is two for each side of 2,000 sessions: one, and another while
// an epoch takes over. Most sessions need none. A stream takes about 60 KB.
const streamsTotal = 8192

// webStreams is a net.Listener for TURN: its connections come by WebSocket.
type webStreams struct {
	local   net.Addr
	places  *place.Crowd
	refused atomic.Uint64

	ready   chan net.Conn
	closing chan struct{}
	stop    func() // closes closing

	mu     sync.Mutex // guards the following
	open   map[*streamWeb]struct{}
	closed bool
}

func newWebStreams(local net.Addr, perPlace int) *webStreams {
	w := &webStreams{
		local: local, places: place.NewCrowd(perPlace, streamsTotal),
		ready: make(chan net.Conn), closing: make(chan struct{}), open: make(map[*streamWeb]struct{}),
	}
	w.stop = sync.OnceFunc(func() { close(w.closing) })
	return w
}

// WebSocket takes clients who reach the relay by TCP 443 alone; mount it at
// PathTURN. It works while Run does.
func (t *TURN) WebSocket() http.Handler { return t.web }

// ServeHTTP takes a client and returns when TURN has it.
func (w *webStreams) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	ws, from, leave, ok := admit(rw, r, PathTURN, webTURN, w.places, &w.refused)
	if !ok {
		return
	}
	var s *streamWeb
	s = newStreamWeb(ws, w.local, net.TCPAddrFromAddrPort(from), func() {
		leave()
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.open, s)
	})
	if !w.enter(s) {
		_ = s.Close() // too late
		return
	}
	late := time.NewTimer(webShake)
	defer late.Stop()
	select {
	case w.ready <- s:
	case <-w.closing: // which closes s
	case <-late.C:
		_ = s.Close() // nobody serves
	}
}

func (w *webStreams) enter(s *streamWeb) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.open[s] = struct{}{}
	return true
}

// Accept is net.Listener's.
func (w *webStreams) Accept() (net.Conn, error) {
	select {
	case c := <-w.ready:
		return c, nil
	case <-w.closing:
		return nil, net.ErrClosed
	}
}

// Close is net.Listener's. It closes what was accepted, too: TURN doesn't.
func (w *webStreams) Close() error {
	w.stop()
	w.mu.Lock()
	w.closed = true
	var open []*streamWeb
	for s := range w.open {
		open = append(open, s)
	}
	w.mu.Unlock()
	for _, s := range open {
		_ = s.Close() // closing what may be closing
	}
	return nil
}

// Addr is net.Listener's.
func (w *webStreams) Addr() net.Addr { return w.local }

// configs is what TURN serves beside its socket.
func (w *webStreams) configs(t *TURN) []turn.ListenerConfig {
	return []turn.ListenerConfig{{
		Listener: w, RelayAddressGenerator: relayMaker{t}, PermissionHandler: t.permit,
	}}
}
