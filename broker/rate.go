package main

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"handrail/shared/link"
)

const (
	// What --relay-rate and --relay-total may be, in bytes a second: below, no
	// screen can be worked with; above is more than any network card carries.
	minRate = 100_000
	maxRate = 1_000_000_000_000

	// relayCounting is how often the relay's numbers go to the log, when it
	// had to drop something.
	relayCounting = time.Minute
)

// parseRate reads bytes a second: a whole number, with K, M or G for thousand,
// million and thousand million, as networks are counted.
func parseRate(text string) (bytes int64, ok bool) {
	digits, unit := text, int64(1)
	for letter, size := range map[string]int64{"K": 1e3, "M": 1e6, "G": 1e9} {
		if before, found := strings.CutSuffix(text, letter); found {
			digits, unit = before, size
		}
	}
	n, err := strconv.ParseUint(digits, 10, 40)
	if err != nil || digits[0] == '+' || int64(n) > maxRate/unit {
		return 0, false
	}
	bytes = int64(n) * unit
	return bytes, bytes >= minRate
}

// countRelay puts the relay's numbers into the log: what it dropped, at most
// once a minute, and everything at the end.
func countRelay(ctx context.Context, counts func() link.TURNCounts, log *slog.Logger) {
	tick := time.NewTicker(relayCounting)
	defer tick.Stop()
	var told uint64
	for {
		select {
		case <-tick.C:
			if c := counts(); c.Dropped() != told {
				told = c.Dropped()
				log.Warn("relay dropped", countsOf(c)...)
			}
		case <-ctx.Done():
			log.Info("relay", countsOf(counts())...)
			return
		}
	}
}

// countsOf are the numbers that aren't 0, for the log.
func countsOf(c link.TURNCounts) []any {
	list := []any{"relayed", c.Relayed, "bytes", c.RelayedBytes, "addresses", c.Open, "sessions", c.Sessions}
	for _, n := range []struct {
		name  string
		count uint64
	}{
		{"malformed", c.Malformed},
		{"noAddress", c.NoAddress},
		{"noChannel", c.NoChannel},
		{"noPermission", c.NoPermission},
		{"elsewhere", c.Elsewhere},
		{"sessionRate", c.SessionRate},
		{"totalRate", c.TotalRate},
		{"slow", c.Slow},
		{"lost", c.Lost},
		{"unsigned", c.Unsigned},
		{"badCredentials", c.BadCredentials},
		{"expired", c.Expired},
		{"ended", c.Ended},
		{"full", c.Full},
		{"tooManyPeers", c.TooManyPeers},
		{"flood", c.Flood},
		{"replaced", c.Replaced},
	} {
		if n.count > 0 {
			list = append(list, n.name, n.count)
		}
	}
	return list
}
