//go:build linux

package natlab

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// lostSoon has reps count as lost after three seconds, and customers wait for
// as long as it takes then.
const lostSoon = `
portals:
  main:
    id: main
    name: Example Ltd
    lost: {after: 3, fallback: general}
queues: {persistent: [general]}
`

// TestW07ARepWhomOnlyTheBrokerHasLost takes the way to the broker away from a
// rep in a session. The two go on for as long as they have each other, and when
// the rep is back the broker still has the session: it helps the two to find
// another way.
func TestW07ARepWhomOnlyTheBrokerHasLost(t *testing.T) {
	t.Parallel()
	l := build(t, restricted, restricted)
	s := &scene{lab: l, broker: startBroker(l)}
	file := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(file, []byte(lostSoon), 0o600); err != nil {
		t.Fatal(err)
	}
	s.broker.tell("apply", "--yes", file)
	s.rep, s.customer = begin(s.broker)
	s.rep.hear(toldPicture)
	s.customer.hear(toldTalking)
	for _, e := range []*end{s.rep, s.customer} {
		e.tell(order{Do: doTalk})
	}
	gone := s.broker.logged("connection ended")
	s.homes[0].withoutBroker()
	s.rep.wait("its connection with the broker lost", func() bool { return s.broker.logged("connection ended") > gone })
	time.Sleep(5 * time.Second) // in which the customer would be sent to the queue
	s.goesOn(20)
	came := s.broker.logged("msg=connection ")
	s.homes[0].withBroker()
	s.rep.wait("a connection with the broker", func() bool { return s.broker.logged("msg=connection ") > came })
	s.block()
	s.rep.wait("a way over the relay", func() bool { return s.rep.way() == relayed })
	s.goesOn(20)
	s.nothingLost()
}

// logged is how many lines of the log have something in them.
func (b *broker) logged(what string) int {
	b.l.t.Helper()
	log, err := os.ReadFile(b.log.Name())
	if err != nil {
		b.l.t.Fatal(err)
	}
	return bytes.Count(log, []byte(what))
}

// withoutBroker lets nothing through between a home and the broker.
func (h *home) withoutBroker() {
	h.l.nft(h.nat(), fmt.Sprintf(`table ip alone { chain through { type filter hook forward priority filter;
		ip daddr %[1]s drop; ip saddr %[1]s drop; }; }`, brokerIP))
}

func (h *home) withBroker() { h.l.nft(h.nat(), "delete table ip alone") }
