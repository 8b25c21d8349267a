// Package health answers programs that watch over the broker (row A05): whether
// it lives, whether it can do its work, and its numbers, in the format of
// Prometheus. It has an address of its own, which belongs on a private network:
// the numbers say nothing of persons, but how busy an organisation is.
package health

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"handrail/broker/web"
)

// Metric is one number. Its name begins with "handrail_"; that of a counter,
// which only grows, ends in "_total".
type Metric struct {
	Name, Help string
	Labels     map[string]string
	Counter    bool
	Value      func() float64
}

const (
	requestWait = 5 * time.Second // for a request, and for its answer
	readyWait   = 2 * time.Second // a broker that needs longer to write is not ready
	maxHeader   = 8 << 10
	farewell    = time.Second
)

// Serve answers on l until ctx ends, and closes it. Ready says whether the
// broker can do its work; its error goes to the log and not to who asks.
func Serve(ctx context.Context, l net.Listener, ready func(context.Context) error, metrics []Metric, log *slog.Logger) error {
	pages, err := handler(ready, metrics, log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{
		Handler: pages, ReadTimeout: requestWait, WriteTimeout: requestWait, IdleTimeout: time.Minute,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	if err = web.Until(ctx, server, farewell, func() error { return server.Serve(l) }); err != nil {
		return fmt.Errorf("answering who watches: %w", err)
	}
	return nil
}

func handler(ready func(context.Context) error, metrics []Metric, log *slog.Logger) (http.Handler, error) {
	all := prometheus.NewRegistry()
	list := []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	}
	for _, m := range metrics {
		list = append(list, m.collector())
	}
	for _, c := range list {
		if err := all.Register(c); err != nil {
			return nil, fmt.Errorf("counting: %w", err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyWait)
		defer cancel()
		if err := ready(ctx); err != nil {
			if r.Context().Err() == nil {
				log.Warn("not ready", "error", err)
			}
			say(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		say(w, http.StatusOK, "ready")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(all, promhttp.HandlerOpts{MaxRequestsInFlight: 4, DisableCompression: true}))
	return mux, nil
}

func (m Metric) collector() prometheus.Collector {
	if m.Counter {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: m.Name, Help: m.Help, ConstLabels: m.Labels}, m.Value)
	}
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: m.Name, Help: m.Help, ConstLabels: m.Labels}, m.Value)
}

func say(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, word+"\n")
}
