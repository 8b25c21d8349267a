package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"handrail/shared/place"
	"handrail/shared/words"
)

const (
	// beat is how often a silent stream says something: less than the minute
	// after which routers and proxies forget a connection.
	beat = 20 * time.Second
	// sendWait is how long a browser may take to accept some bytes.
	sendWait = 10 * time.Second

	// streamsPerPlace are the pages that an office behind one address may have
	// open, half of perAddress; streamsInAll leaves a fourth of all connections
	// to those who come. Whoever gets none asks again every few seconds.
	streamsPerPlace = 64
	streamsInAll    = 3072
)

// streams counts the streams there are.
var streams = place.NewCrowd(streamsPerPlace, streamsInAll)

// ErrGone is given to a stream's function when nobody listens any more.
var ErrGone = errors.New("web: nobody listens")

// Events sends events to a page (server-sent events, as in the HTML standard).
type Events struct {
	ctx   context.Context
	w     http.ResponseWriter
	flush *http.ResponseController
}

// Stream opens a stream of events and hands it to feed, which ends it by
// returning. It must return when ctx is done: the browser went, or the broker
// stops. The page's script comes back by itself unless the last event was Done.
func Stream(w http.ResponseWriter, r *http.Request, feed func(ctx context.Context, e *Events)) {
	if !Reads(w, r) {
		return
	}
	leave, ok := streams.Enter(From(r))
	if !ok {
		w.Header().Set("Retry-After", "60")
		Fail(w, r, http.StatusTooManyRequests, words.PageTooOften)
		return
	}
	defer leave()
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	if stopping, ok := ctx.Value(stoppingKey{}).(context.Context); ok {
		defer context.AfterFunc(stopping, stop)()
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no") // some proxies would hold events back
	if r.Method == http.MethodHead {
		return
	}
	e := &Events{ctx: ctx, w: w, flush: http.NewResponseController(w)}
	// The server's own time limits are those of pages.
	_ = e.flush.SetReadDeadline(time.Time{})
	if e.write("retry: 3000\n\n") != nil {
		return
	}
	// The end of the answer has its time, too.
	defer func() { _ = e.flush.SetWriteDeadline(time.Now().Add(sendWait)) }()
	feed(ctx, e)
}

// Wait waits until something comes from changes, keeping the connection alive
// meanwhile. False is the end.
func (e *Events) Wait(changes <-chan struct{}) bool {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-e.ctx.Done():
			return false
		case _, ok := <-changes:
			return ok
		case <-tick.C:
			if e.write(":\n\n") != nil {
				return false
			}
		}
	}
}

// Send sends data as an event.
func (e *Events) Send(event string, data []byte) error {
	var b bytes.Buffer
	b.WriteString("event: " + event + "\n")
	for line := range bytes.Lines(data) {
		b.WriteString("data: ")
		b.Write(bytes.TrimRight(line, "\r\n"))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	return e.write(b.String())
}

// Done tells the page not to come back for more.
func (e *Events) Done() error { return e.write("event: done\ndata: \n\n") }

func (e *Events) write(s string) error {
	if e.ctx.Err() != nil {
		return ErrGone
	}
	_ = e.flush.SetWriteDeadline(time.Now().Add(sendWait)) // a recorder in a test has none
	if _, err := e.w.Write([]byte(s)); err != nil {
		return ErrGone
	}
	if err := e.flush.Flush(); err != nil {
		return ErrGone
	}
	// HTTP/2 ends a stream when its time is up, even one that has nothing to write.
	_ = e.flush.SetWriteDeadline(time.Time{})
	return nil
}
