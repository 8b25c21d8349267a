package main

import (
	"context"
	"net"

	"handrail/broker/admin"
	"handrail/broker/health"
	"handrail/broker/relay"
	"handrail/shared/link"
)

// watched answers those who watch over the broker, where it was asked for.
type watched struct{ listener net.Listener } // nil: not asked for

func newWatched(ctx context.Context, addr string) (*watched, error) {
	if addr == "" {
		return &watched{}, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, listenTrouble(err, addr)
	}
	return &watched{l}, nil
}

// run answers until ctx ends.
func (w *watched) run(ctx context.Context, h *house) error {
	if w.listener == nil {
		<-ctx.Done()
		return nil
	}
	return health.Serve(ctx, w.listener, h.kept.Ready, h.metrics(), h.log)
}

// metrics are the broker's numbers.
func (h *house) metrics() []health.Metric {
	told := func(name, help string, value func(relay.Counts) float64) health.Metric {
		return health.Metric{Name: name, Help: help, Counter: name[len(name)-6:] == "_total", Value: func() float64 { return value(h.relay.Counts()) }}
	}
	list := []health.Metric{
		told("handrail_connections_open", "Programs connected now.", func(c relay.Counts) float64 { return float64(c.Open) }),
		told("handrail_connections_total", "Programs that connected.", func(c relay.Counts) float64 { return float64(c.Connections) }),
		told("handrail_sessions_total", "Sessions started.", func(c relay.Counts) float64 { return float64(c.Sessions) }),
		told("handrail_refusals_total", "Messages answered with a problem.", func(c relay.Counts) float64 { return float64(c.Refused) }),
		told("handrail_offenders_total", "Connections ended for breaking the rules.", func(c relay.Counts) float64 { return float64(c.Dropped) }),
		told("handrail_signals_lost_total", "Signals for programs that read too slowly.", func(c relay.Counts) float64 { return float64(c.Lost) }),
		{Name: "handrail_connections_refused_total", Help: "Connections turned away.", Counter: true, Value: func() float64 { return float64(h.doors.control.Refused()) }},
		{Name: "handrail_events_told_total", Help: "Events that web hooks and syslog have taken.", Counter: true, Value: func() float64 { return float64(h.ledger.Counts().Told) }},
		{Name: "handrail_events_failed_total", Help: "Tries to tell one that failed.", Counter: true, Value: func() float64 { return float64(h.ledger.Counts().Failed) }},
		{Name: "handrail_certificate_expires_timestamp_seconds", Help: "When the first of the certificates ends that browsers get, 0 while one is missing.", Value: h.certificateEnds},
	}
	list = append(list, signInMetrics(h.office.frame.Counts)...)
	if h.doors.turn != nil {
		list = append(list, relayMetrics(h.doors.turn.Counts)...)
	}
	return list
}

func signInMetrics(counts func() admin.Counts) []health.Metric {
	told := func(name, help string, value func(admin.Counts) uint64) health.Metric {
		return health.Metric{Name: name, Help: help, Counter: true, Value: func() float64 { return float64(value(counts())) }}
	}
	return []health.Metric{
		told("handrail_sign_ins_total", "Sign-ins at the pages, the second factor included.", func(c admin.Counts) uint64 { return c.SignedIn }),
		told("handrail_sign_ins_refused_total", "Passwords, codes and passkeys that were wrong, and people whom the provider knows and we don't.", func(c admin.Counts) uint64 { return c.Refused }),
		told("handrail_sign_ins_delayed_total", "Sign-ins that were not looked at, so soon after wrong ones.", func(c admin.Counts) uint64 { return c.Delayed }),
	}
}

func (h *house) certificateEnds() float64 {
	ends := h.trusted.ends(h.set.host, h.newest.get())
	if ends.IsZero() {
		return 0
	}
	return float64(ends.Unix())
}

func relayMetrics(counts func() link.TURNCounts) []health.Metric {
	told := func(name, help string, counter bool, value func(link.TURNCounts) float64) health.Metric {
		return health.Metric{Name: name, Help: help, Counter: counter, Value: func() float64 { return value(counts()) }}
	}
	return []health.Metric{
		told("handrail_relay_addresses_open", "Addresses that the relay has given out.", false, func(c link.TURNCounts) float64 { return float64(c.Open) }),
		told("handrail_relay_sessions_open", "Sessions with an address of the relay.", false, func(c link.TURNCounts) float64 { return float64(c.Sessions) }),
		told("handrail_relay_packets_total", "Packets relayed.", true, func(c link.TURNCounts) float64 { return float64(c.Relayed) }),
		told("handrail_relay_bytes_total", "Bytes relayed.", true, func(c link.TURNCounts) float64 { return float64(c.RelayedBytes) }),
		told("handrail_relay_slow_total", "Packets dropped because a side reads too slowly.", true, func(c link.TURNCounts) float64 { return float64(c.Slow) }),
		told("handrail_relay_elsewhere_total", "Packets for addresses that are no session's.", true, func(c link.TURNCounts) float64 { return float64(c.Elsewhere) }),
	}
}
