package web

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/words"
)

// stream answers one request for a stream in this goroutine.
func stream(ctx context.Context, feed func(context.Context, *Events)) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "https://help.test/live", nil)
	Stream(w, r.WithContext(ctx), feed)
	return w
}

func TestStreamTellsEventsAndEnds(t *testing.T) {
	w := stream(t.Context(), func(_ context.Context, e *Events) {
		_ = e.Send("part", []byte("<p>one\n</p>\r\n"))
		_ = e.Done()
	})
	if got, want := w.Body.String(), "retry: 3000\n\nevent: part\ndata: <p>one\ndata: </p>\n\nevent: done\ndata: \n\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if kind := w.Header().Get("Content-Type"); kind != "text/event-stream; charset=utf-8" {
		t.Error(kind)
	}
}

func TestSilentStreamBeatsAndEndsWithItsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*beat+beat/2)
		defer cancel()
		w := stream(ctx, func(_ context.Context, e *Events) {
			if e.Wait(nil) {
				t.Error("something came from nowhere")
			}
			if e.Send("part", nil) == nil {
				t.Error("somebody still listens")
			}
		})
		if n := strings.Count(w.Body.String(), ":\n\n"); n != 5 {
			t.Errorf("%d beats, want 5", n)
		}
	})
}

func TestStreamEndsWhenTheBrokerStops(t *testing.T) {
	stopping, stop := context.WithCancel(t.Context())
	stream(context.WithValue(t.Context(), stoppingKey{}, stopping), func(_ context.Context, e *Events) {
		stop()
		if e.Wait(nil) {
			t.Error("it goes on")
		}
	})
}

func TestOneAddressHasOnlySoManyStreams(t *testing.T) {
	var open func(n int)
	open = func(n int) {
		w := stream(t.Context(), func(context.Context, *Events) {
			if n > streamsPerPlace {
				t.Error("one too many")
				return
			}
			open(n + 1)
		})
		if n == streamsPerPlace+1 && (w.Code != 429 || !strings.Contains(w.Body.String(), string(words.PageTooOften))) {
			t.Errorf("the last one got %d", w.Code)
		}
	}
	open(1)
	if streams.Open() != 0 {
		t.Error("some are still counted")
	}
}

// TestStreamOutlivesTheTimeOfPages: the server's limits end a page that takes
// too long, and must not end a stream, even if it is silent for longer than a
// browser may take to accept something.
func TestStreamOutlivesTheTimeOfPages(t *testing.T) {
	const limit = time.Second
	for _, two := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l := newPipes()
			s := httptest.Server{EnableHTTP2: two, Listener: l, Config: &http.Server{
				ReadTimeout: limit, WriteTimeout: limit,
				Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					Stream(w, r, func(_ context.Context, e *Events) {
						for range 4 {
							<-time.After(limit + sendWait)
							if e.Send("part", []byte("x")) != nil {
								return
							}
						}
					})
				}),
			}}
			s.StartTLS()
			s.Client().Transport.(*http.Transport).DialContext = l.dial
			r, err := s.Client().Get(s.URL)
			if err != nil {
				t.Fatal(err)
			}
			events := 0
			lines := bufio.NewScanner(r.Body)
			for lines.Scan() {
				if lines.Text() == "event: part" {
					events++
				}
			}
			_, _ = io.Copy(io.Discard, r.Body)
			r.Body.Close()
			s.Close()
			if events != 4 || (r.ProtoMajor == 2) != two {
				t.Errorf("HTTP/%d: %d events, want 4", r.ProtoMajor, events)
			}
		})
	}
}

// pipes is a listener on connections in memory, whose time is the bubble's.
type pipes struct {
	dialled chan net.Conn
	closed  chan struct{}
	close   func()
}

func newPipes() pipes {
	closed := make(chan struct{})
	return pipes{make(chan net.Conn), closed, sync.OnceFunc(func() { close(closed) })}
}

func (l pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	l.dialled <- there
	return here, nil
}

func (l pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.dialled:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l pipes) Close() error   { l.close(); return nil }
func (l pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443} }
