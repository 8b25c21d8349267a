package main

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/link"
)

func TestRateIsBytesASecond(t *testing.T) {
	for text, want := range map[string]int64{
		"100000": 100_000, "100K": 100_000, "50M": 50_000_000, "2G": 2_000_000_000, "1000G": maxRate,
		"": 0, "0": 0, "K": 0, "99999": 0, "99K": 0, "1001G": 0, "-5M": 0, "+5M": 0, "5 M": 0, "5m": 0, "5MB": 0, "1.5M": 0,
		"5KM": 0, "0x10M": 0, "1_000K": 0, "99999999999999999999": 0, "1099511627775G": 0,
	} {
		if got, ok := parseRate(text); ok != (want > 0) || ok && got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, ok, want)
		}
	}
}

func FuzzRate(f *testing.F) {
	for _, text := range []string{"50M", "100K", "2G", "100000", "0", "9G9"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := parseRate(text)
		if !ok {
			return
		}
		if n < minRate || n > maxRate {
			t.Errorf("%q is %d", text, n)
		}
		if again, ok := parseRate(strconv.FormatInt(n, 10)); !ok || again != n {
			t.Errorf("%q is %d, but that is %d", text, n, again)
		}
	})
}

func TestLogTellsWhatTheRelayDroppedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var now atomic.Pointer[link.TURNCounts]
		now.Store(&link.TURNCounts{Open: 2, Sessions: 1, Relayed: 7, Elsewhere: 3})
		out := &output{}
		done := make(chan struct{})
		go func() {
			defer close(done)
			countRelay(ctx, func() link.TURNCounts { return *now.Load() }, logger(out, false))
		}()
		lines := func(want int, when string) {
			t.Helper()
			if n := strings.Count(out.String(), "\n"); n != want {
				t.Errorf("%s: %d lines, want %d\n%s", when, n, want, out)
			}
		}
		time.Sleep(10*relayCounting + time.Second/2)
		lines(0, "nothing dropped but what every session does")
		now.Store(&link.TURNCounts{Open: 2, Sessions: 1, Relayed: 9, Elsewhere: 3, Slow: 4, Expired: 1})
		time.Sleep(10 * relayCounting)
		lines(1, "dropped once")
		for range 5 * 60 {
			c := *now.Load()
			c.Slow++
			now.Store(&c)
			time.Sleep(time.Second)
		}
		lines(6, "dropped for five minutes")
		stop()
		<-done
		lines(7, "at the end")
		for _, want := range []string{
			`level=WARN msg="relay dropped" relayed=9 bytes=0 addresses=2 sessions=1 elsewhere=3 slow=4 expired=1`,
			"level=INFO msg=relay relayed=9 bytes=0 addresses=2 sessions=1 elsewhere=3 slow=304 expired=1",
		} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("not there: %s\n%s", want, out)
			}
		}
	})
}
