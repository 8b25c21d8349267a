package health

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
)

// watched starts a server and gives its address and how to end it.
func watched(t *testing.T, ready func(context.Context) error, metrics []Metric) (address string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, ready, metrics, slog.New(slog.DiscardHandler)) }()
	stop = func() error {
		cancel()
		return <-done
	}
	t.Cleanup(cancel)
	return "http://" + l.Addr().String(), stop
}

func ask(t *testing.T, method, address string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(b)
}

func TestA05WhoWatchesIsAnswered(t *testing.T) {
	broken := errors.New("the password of the database is secret")
	var trouble error
	address, stop := watched(t, func(context.Context) error { return trouble }, []Metric{
		{Name: "handrail_sessions_total", Help: "Sessions started.", Counter: true, Value: func() float64 { return 7 }},
		{Name: "handrail_waiting", Help: "Customers.", Labels: map[string]string{"queue": "general"}, Value: func() float64 { return 3 }},
	})
	for _, c := range []struct {
		method, path string
		trouble      error
		status       int
		says         string
	}{
		{"GET", "/healthz", nil, 200, "alive\n"},
		{"GET", "/healthz", broken, 200, "alive\n"},
		{"GET", "/readyz", nil, 200, "ready\n"},
		{"GET", "/readyz", broken, 503, "not ready\n"},
		{"GET", "/metrics", nil, 200, "handrail_sessions_total 7\n"},
		{"GET", "/metrics", nil, 200, `handrail_waiting{queue="general"} 3` + "\n"},
		{"GET", "/metrics", nil, 200, "go_goroutines"},
		{"POST", "/readyz", nil, 405, ""},
		{"GET", "/debug/pprof/", nil, 404, ""},
		{"GET", "/", nil, 404, ""},
	} {
		trouble = c.trouble
		status, text := ask(t, c.method, address+c.path)
		if status != c.status || !strings.Contains(text, c.says) || strings.Contains(text, "password") {
			t.Errorf("%s %s: %d %q", c.method, c.path, status, text)
		}
	}
	if err := stop(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestANumberHasOneMeaning(t *testing.T) {
	one := Metric{Name: "handrail_x", Help: "x", Value: func() float64 { return 1 }}
	_, stop := watched(t, nil, []Metric{one, one})
	if err := stop(); err == nil {
		t.Error("the same number twice is no error")
	}
}
