//go:build linux

package natlab

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// Bounds of gaps. The issue wants two seconds where a connection has to be
// replaced; the rest is for a machine that has other things to do.
const (
	replaced = 2500 * time.Millisecond
	blocked  = 6 * time.Second // the way to the broker has to be found out anew, too
	none     = 700 * time.Millisecond
	outage   = 10 * time.Second
)

// scene is a session in which something happens to the network.
type scene struct {
	*lab
	broker        *broker
	rep, customer *end
}

// TestWhatASessionLoses breaks the network in the middle of a session, in all
// the ways networks break, while both talk and a picture moves.
func TestWhatASessionLoses(t *testing.T) {
	for i, c := range []struct {
		what          string
		rep, customer kind
		before        func(*scene) // the two meet
		happens       func(*scene)
		least         time.Duration // how long it lasts by itself
		most          time.Duration // that it may take on top
		from, to      string        // ways
	}{
		{"the customer's address changes", restricted, restricted, nil, func(s *scene) { s.homes[1].move(3) }, 0, replaced, direct, direct},
		{"the rep's address changes", restricted, restricted, nil, func(s *scene) { s.homes[0].move(3) }, 0, replaced, direct, direct},
		{"the customer's address changes", symmetric, symmetric, nil, func(s *scene) { s.homes[1].move(3) }, 0, replaced, relayed, relayed},
		{"the direct way is blocked", restricted, restricted, nil, (*scene).block, 0, replaced, direct, relayed},
		{"the customer's router has another address", restricted, restricted, nil, func(s *scene) { s.homes[1].renumber() }, 0, replaced, direct, direct},
		{"the customer's router forgets its ports", restricted, restricted, nil, func(s *scene) { s.homes[1].rebind() }, 0, replaced, direct, relayed},
		{"UDP is blocked at the customer's", restricted, restricted, nil, func(s *scene) { s.homes[1].blockUDP() }, 0, blocked, direct, relayed},
		{"the broker restarts", symmetric, symmetric, nil, (*scene).restart, 0, replaced, relayed, relayed},
		{"the broker restarts", restricted, restricted, nil, (*scene).restart, 0, none, direct, direct},
		{"10 s without a cable", restricted, restricted, nil, func(s *scene) { s.homes[1].unplug(outage) }, outage, replaced, direct, direct},
		{"10 s without a cable", symmetric, symmetric, nil, func(s *scene) { s.homes[1].unplug(outage) }, outage, replaced, relayed, relayed},
		{"10 s in which nothing comes through", restricted, restricted, nil, func(s *scene) { s.homes[1].silence(outage) }, outage, replaced, direct, direct},
		{"the customer's computer sleeps for 10 s", restricted, restricted, nil, func(s *scene) { s.customer.sleep(outage) }, outage, replaced, direct, direct},
		{"a direct way opens", restricted, restricted, (*scene).block, (*scene).unblock, 0, none, relayed, direct},
	} {
		t.Run(c.what+", "+c.rep.name+" to "+c.customer.name, func(t *testing.T) {
			t.Parallel()
			l := build(t, c.rep, c.customer)
			s := &scene{lab: l, broker: startBroker(l)}
			if c.before != nil {
				c.before(s)
			}
			s.rep, s.customer = begin(s.broker)
			if way := s.rep.hear(toldMet).Way; way != c.from {
				t.Fatalf("connected %s, not %s", way, c.from)
			}
			s.rep.hear(toldPicture)
			s.customer.hear(toldTalking)
			ends := []*end{s.rep, s.customer}
			for _, e := range ends {
				e.tell(order{Do: doTalk})
			}
			s.goesOn(10)
			for _, e := range ends {
				e.ask(doWatch)
			}
			s.rep.ask(doHold)
			s.customer.wait("a key that is down", func() bool { return s.customer.ask(doKeys).Held == 1 })
			c.happens(s)
			s.goesOn(20)
			if c.to != c.from {
				s.rep.wait("a way that is "+c.to, func() bool { return s.rep.way() == c.to })
				s.goesOn(20)
			}
			up, down := s.rep.ask(doGaps), s.customer.ask(doGaps)
			way := s.rep.way()
			gaps.add(i, row{c.what, c.rep.name + " to " + c.customer.name, c.from, way, ms(up.Gap), ms(down.Gap), ms(up.Picture)})
			for what, gap := range map[string]time.Duration{"heard by the rep": up.Gap, "heard by the customer": down.Gap, "picture": up.Picture} {
				if gap > c.least+c.most {
					t.Errorf("%s: %v of nothing", what, gap)
				}
			}
			if way != c.to {
				t.Errorf("the way is %s, not %s", way, c.to)
			}
			s.nothingStuck()
			s.nothingLost()
		})
	}
}

// goesOn waits until each side has heard so many lines that the other has said
// from now on, and the rep sees the picture move.
func (s *scene) goesOn(lines int) {
	s.t.Helper()
	said := [2]int{s.rep.ask(doLines).Said, s.customer.ask(doLines).Said}
	s.rep.wait("lines of the customer's", func() bool { return last(s.rep.ask(doLines).Heard) >= said[1]+lines })
	s.customer.wait("lines of the rep's", func() bool { return last(s.customer.ask(doLines).Heard) >= said[0]+lines })
	s.rep.wait("the picture", func() bool { return s.rep.ask(doGaps).Still < none })
}

// nothingStuck sees that the rep's keys still reach the customer's computer, and
// that none stays down there.
func (s *scene) nothingStuck() {
	s.t.Helper()
	before := s.customer.ask(doKeys).Typed
	s.rep.ask(doLift)
	s.customer.wait("the rep's letter, and all keys up", func() bool {
		r := s.customer.ask(doKeys)
		return r.Typed > before && r.Held == 0
	})
}

// nothingLost sees that each side has heard what the other said, all of it,
// once and in order, and that nothing was asked again.
func (s *scene) nothingLost() {
	s.t.Helper()
	s.rep.ask(doHush)
	s.customer.ask(doHush)
	for _, way := range [][2]*end{{s.rep, s.customer}, {s.customer, s.rep}} {
		from, to := way[0], way[1]
		said := from.ask(doLines).Said
		to.wait("the last line", func() bool { return last(to.ask(doLines).Heard) >= said })
		heard := to.ask(doLines).Heard
		if len(heard) != said {
			s.t.Errorf("%s said %d lines, %s heard %d", from.home.end(), said, to.home.end(), len(heard))
		}
		for i, n := range heard {
			if n != i+1 {
				s.t.Errorf("%s heard line %d as the %d.", to.home.end(), n, i+1)
				break
			}
		}
	}
	if n := s.customer.ask(doLines).Asked; n != 1 {
		s.t.Errorf("the customer was asked %d times", n)
	}
}

func last(heard []int) int {
	if len(heard) == 0 {
		return 0
	}
	return heard[len(heard)-1]
}

// wait polls until ok.
func (e *end) wait(what string, ok func() bool) {
	e.l.t.Helper()
	for late := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(late) {
			e.l.t.Fatalf("%s never got %s", e.home.end(), what)
		}
	}
}

// way is how the newest connection travels.
func (e *end) way() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	way := ""
	for _, r := range e.told {
		if r.What == toldMet {
			way = r.Way
		}
	}
	return way
}

// sleep stops the end's process for a while, as closing a laptop does.
func (e *end) sleep(d time.Duration) {
	_ = e.cmd.Process.Signal(syscall.SIGSTOP) // if it is gone, whoever waits for it says so
	time.Sleep(d)
	_ = e.cmd.Process.Signal(syscall.SIGCONT)
}

// restart kills the broker and starts it again.
func (s *scene) restart() {
	s.broker.kill()
	s.broker.start()
}

// block lets nothing through between the two homes.
func (s *scene) block() {
	s.nft("net", fmt.Sprintf(`table ip wall { chain through { type filter hook forward priority filter;
		ip saddr %[1]s ip daddr %[2]s drop; ip saddr %[2]s ip daddr %[1]s drop; }; }`, s.homes[0].outside(), s.homes[1].outside()))
}

func (s *scene) unblock() { s.nft("net", "delete table ip wall") }

// rebind has a router forget all it knows, and give every connection a port of
// its own from now on. A device that goes down takes what was masqueraded behind
// it along.
func (h *home) rebind() {
	h.l.nft(h.nat(), "flush chain inet nat out; add rule inet nat out meta nfproto ipv4 oifname \"wan\" masquerade fully-random")
	h.l.ip(h.nat(), "link set wan down", up("wan"), h.fill("route add default via 198.18.#.1"))
}

// renumber gives a router another address outside.
func (h *home) renumber() {
	h.l.ip(h.nat(), "link set wan down", h.fill("addr del 198.18.#.2/24 dev wan"), h.fill("addr add 198.18.#.3/24 dev wan"), up("wan"),
		h.fill("route add default via 198.18.#.1"))
}

// blockUDP lets no UDP through a home's router any more.
func (h *home) blockUDP() {
	h.l.nft(h.nat(), "table inet wall { chain through { type filter hook forward priority filter; meta l4proto udp drop; }; }")
}

// unplug takes the end's cable out for a while.
func (h *home) unplug(d time.Duration) {
	h.l.ip(h.nat(), "link set lan down")
	time.Sleep(d)
	h.l.ip(h.nat(), up("lan"))
}

// silence has a home's router drop everything for a while.
func (h *home) silence(d time.Duration) {
	h.l.nft(h.nat(), "table inet silence { chain through { type filter hook forward priority filter; drop; }; }")
	time.Sleep(d)
	h.l.nft(h.nat(), "delete table inet silence")
}
