package link

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/shared/wire"
)

// TestHostileSignalsCostOnlyTheirOwnMeeting has somebody at the broker, who
// has not proven anything yet, send signals that make no sense. The one they
// are for does not meet anybody; two others meet at the same time, in the same
// program, and nothing is left.
func TestHostileSignalsCostOnlyTheirOwnMeeting(t *testing.T) {
	nothingLeft(t)
	good := wire.Signal{User: "abcd", Password: "abcdefghijklmnopqrstuvwx"}
	from := func(i int) string { return fmt.Sprintf("%d 1 udp 2130706431 127.0.0.1 %d typ host", i, 1+i%65535) }
	for name, says := range map[string]func(say func(wire.Signal)){
		"credentials of one letter": func(say func(wire.Signal)) { say(wire.Signal{User: "a", Password: "b", Done: true}) },
		"credentials as long as may be": func(say func(wire.Signal)) {
			long := strings.Repeat("x", wire.MaxName)
			say(wire.Signal{User: long, Password: long, Candidates: []string{from(1)}})
		},
		"credentials of other letters": func(say func(wire.Signal)) {
			say(wire.Signal{User: ":/\u00e9 \u202e", Password: ":::: %00 \u4e16", Candidates: []string{from(1)}, Done: true})
		},
		"other credentials each time": func(say func(wire.Signal)) {
			for i := range 500 {
				say(wire.Signal{User: fmt.Sprint("user", i), Password: good.Password + fmt.Sprint(i)})
			}
		},
		"thousands of addresses": func(say func(wire.Signal)) {
			say(good)
			for i := range 200 {
				s := wire.Signal{Done: true}
				for j := range wire.MaxCandidates {
					s.Candidates = append(s.Candidates, from(1+i*wire.MaxCandidates+j))
				}
				say(s)
			}
		},
		"addresses that are none": func(say func(wire.Signal)) {
			say(good)
			say(wire.Signal{Candidates: []string{
				"", "nonsense", strings.Repeat("9", wire.MaxCandidate), "1 1 udp 1 broker.example.com 443 typ host",
				"1 1 udp 1 169.254.169.254 80 typ host", "1 1 udp 1 224.0.0.1 9 typ host", "1 1 udp 1 255.255.255.255 9 typ host",
				"1 1 tcp 1 127.0.0.1 22 typ host tcptype active", "1 1 udp 1 0.0.0.0 1 typ host", "1 1 udp 99999999999999999999 127.0.0.1 1 typ host",
				"1 1 udp 1 127.0.0.1 99999 typ host", "1 1 udp 1 ::ffff:0.0.0.0 1 typ host", "1 1 udp 1 127.0.0.1 1 typ nonsense",
			}})
		},
		"epochs and sessions of others": func(say func(wire.Signal)) {
			for i := range uint32(500) {
				say(wire.Signal{Session: wire.SessionID{9}, Epoch: i, User: "abcd", Password: good.Password})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(wait(t))
			defer cancel()
			signals := make(chan *wire.Signal)
			var all sync.WaitGroup
			all.Go(func() {
				p, err := Meet(ctx, Meeting{
					Role: wire.RoleRep, Session: wire.SessionID{1}, Epoch: 1, Secret: "507264", Loopback: true,
					Signal: func(wire.Signal) error { return nil }, Signals: signals,
				})
				if p != nil || !errors.Is(err, ErrNeverMet) && !errors.Is(err, context.Canceled) {
					t.Errorf("met %v, %v", p, err)
				}
			})
			says(func(s wire.Signal) {
				if s.Epoch == 0 {
					s.Session, s.Epoch = wire.SessionID{1}, 1
				}
				select {
				case signals <- &s:
				case <-time.After(patience):
					t.Error("signals are not taken any more")
				}
			})
			rep, customer, err, err2 := meet(t, nil)
			if err != nil || err2 != nil {
				t.Errorf("the others: %v, %v", err, err2)
			} else {
				chat(t, rep, customer)
			}
			cancel()
			all.Wait()
		})
	}
}
