package link

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/shared/sim"
	"handrail/shared/wire"
)

// meet has a rep and a customer meet on this machine, their signals going
// through the test as they would through a broker.
func meet(t *testing.T, change func(rep, customer *Meeting)) (rep, customer *Peer, repErr, customerErr error) {
	t.Helper()
	toRep, toCustomer := make(chan *wire.Signal, 64), make(chan *wire.Signal, 64)
	m := Meeting{Session: wire.SessionID{1}, Epoch: 1, Secret: "507264", Loopback: true}
	r, c := m, m
	r.Role, r.Signals, r.Signal = wire.RoleRep, toRep, carry(t, toCustomer)
	c.Role, c.Signals, c.Signal = wire.RoleCustomer, toCustomer, carry(t, toRep)
	if change != nil {
		change(&r, &c)
	}
	var both sync.WaitGroup
	both.Go(func() { rep, repErr = Meet(wait(t), r) })
	both.Go(func() { customer, customerErr = Meet(wait(t), c) })
	both.Wait()
	t.Cleanup(func() {
		for _, p := range []*Peer{rep, customer} {
			if p != nil {
				p.Close(wire.EndByRep)
				<-p.Done()
			}
		}
	})
	return rep, customer, repErr, customerErr
}

// carry takes a signal over the wire.
func carry(t *testing.T, to chan<- *wire.Signal) func(wire.Signal) error {
	return func(s wire.Signal) error {
		b, err := wire.Append(nil, wire.Packet{Body: &s})
		if err != nil {
			t.Errorf("signal %+v: %v", s, err)
			return err
		}
		p, err := wire.Parse(b)
		if err != nil {
			t.Errorf("signal %+v: %v", s, err)
			return err
		}
		to <- p.Body.(*wire.Signal)
		return nil
	}
}

// chat makes sure that the two can talk.
func chat(t *testing.T, rep, customer *Peer) {
	t.Helper()
	for _, way := range [][2]*Peer{{rep, customer}, {customer, rep}} {
		if err := way[0].Send(wire.Packet{Seq: 1, Body: &wire.Chat{Text: "hello"}}); err != nil {
			t.Fatal(err)
		}
		p, err := way[1].Receive(wait(t))
		if c, ok := p.Body.(*wire.Chat); err != nil || !ok || c.Text != "hello" {
			t.Fatalf("got %v, %v", p, err)
		}
	}
	one, err := rep.Exporter("EXPORTER-test")
	two, err2 := customer.Exporter("EXPORTER-test")
	if err != nil || err2 != nil || string(one) != string(two) {
		t.Errorf("exporters %x, %v and %x, %v", one, err, two, err2)
	}
}

func TestTwoMeetDirectly(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, nil)
	rep, customer, err, err2 := meet(t, func(r, c *Meeting) {
		r.Relays = []wire.Relay{relayOf(relay, time.Now().Add(time.Hour))}
		c.Relays = r.Relays
	})
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	chat(t, rep, customer)
	for _, p := range []*Peer{rep, customer} {
		if path := p.Path(); !path.Direct || !path.Local.IsValid() || !path.Remote.IsValid() {
			t.Errorf("path %+v", path)
		}
	}
	customer.Close(wire.EndByCustomer)
	<-rep.Done()
	var closed *PeerClosed
	if !errors.As(rep.Err(), &closed) || closed.Why != wire.EndByCustomer {
		t.Errorf("rep: %v", rep.Err())
	}
}

func TestTwoMeetThroughTheRelayAlone(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, nil)
	rep, customer, err, err2 := meet(t, func(r, c *Meeting) {
		r.Relays = []wire.Relay{relayOf(relay, time.Now().Add(time.Hour))}
		c.Relays = r.Relays
		r.RelayOnly, c.RelayOnly = true, true
	})
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	chat(t, rep, customer)
	for _, p := range []*Peer{rep, customer} {
		if path := p.Path(); path.Direct {
			t.Errorf("path %+v", path)
		}
	}
	go func() { _ = customer.SendSlice(wait(t), wire.Slice{Seq: 1, Frame: 1, Data: make([]byte, 200<<10)}) }()
	if _, err := rep.ReceiveSlice(wait(t)); err != nil {
		t.Fatal(err)
	}
	if n := relay.Counts(); n.Relayed == 0 || n.RelayedBytes < 200<<10 || n.Open < 1 {
		t.Errorf("relay counts %+v", n)
	}
	rep.Close(wire.EndByRep)
	<-rep.Done()
	<-customer.Done()
	eventually(t, "the relay's addresses are given back", func() bool { return relay.Counts().Open == 0 })
}

// TestOneMayLookLongBeforeTheOther: the rep hears the customer at once, the
// customer the rep only after seconds, as when one of the two has not come back
// to a restarted broker yet.
func TestOneMayLookLongBeforeTheOther(t *testing.T) {
	nothingLeft(t)
	relay := startTURN(t, nil)
	rep, customer, err, err2 := meet(t, func(r, c *Meeting) {
		r.Relays = []wire.Relay{relayOf(relay, time.Now().Add(time.Hour))}
		c.Relays = r.Relays
		r.RelayOnly, c.RelayOnly = true, true
		began, tell := time.Now(), r.Signal
		r.Signal = func(s wire.Signal) error {
			if time.Since(began) < 2*time.Second {
				return nil // nobody was there to hear it
			}
			return tell(s)
		}
	})
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	chat(t, rep, customer)
}

func TestMeetingWithAWrongSecretFailsOnBothSides(t *testing.T) {
	nothingLeft(t)
	rep, customer, err, err2 := meet(t, func(_, c *Meeting) { c.Secret = "507265" })
	if rep != nil || customer != nil || !errors.Is(err, ErrWrongSecret) || !errors.Is(err2, ErrWrongSecret) {
		t.Errorf("rep %v, customer %v", err, err2)
	}
}

func TestMeetAgainInTheNextEpoch(t *testing.T) {
	nothingLeft(t)
	rep, customer, err, err2 := meet(t, nil)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	rep2, customer2, err, err2 := meet(t, func(r, c *Meeting) {
		r.Epoch, c.Epoch = 2, 2
		r.Secret, c.Secret = "", ""
		r.Resume, c.Resume = rep.ResumeKey(), customer.ResumeKey()
	})
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	chat(t, rep, customer)
	chat(t, rep2, customer2)
}

func TestMeetTellsWhyItFailed(t *testing.T) {
	nothingLeft(t)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	broken := errors.New("broker gone")
	for name, c := range map[string]struct {
		ctx    context.Context
		change func(*Meeting)
		want   error
	}{
		"called off": {cancelled, func(*Meeting) {}, context.Canceled},
		"no broker":  {wait(t), func(m *Meeting) { m.Signal = func(wire.Signal) error { return broken } }, broken},
	} {
		t.Run(name, func(t *testing.T) {
			m := Meeting{Role: wire.RoleRep, Epoch: 1, Secret: "507264", Loopback: true, Signal: func(wire.Signal) error { return nil }}
			c.change(&m)
			if p, err := Meet(c.ctx, m); p != nil || !errors.Is(err, c.want) || c.ctx.Err() == nil && !errors.Is(err, ErrNeverMet) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNobodyToMeetIsSaidInTime(t *testing.T) {
	for _, role := range []wire.Role{wire.RoleRep, wire.RoleCustomer} {
		bubble(t, func(t *testing.T) {
			socket := sim.NewNetwork(1).Join(repAt, sim.Link{})
			start := time.Now()
			deadline, cancel := context.WithTimeout(t.Context(), meetWait)
			defer cancel()
			_, err := greet(t.Context(), deadline, socket, net.UDPAddrFromAddrPort(customerAt), Meeting{Role: role}, plainly{socket})
			if took := time.Since(start); !errors.Is(neverMet(t.Context(), err), ErrNeverMet) || took > meetWait {
				t.Errorf("%v after %v", err, took)
			}
		})
	}
}

func TestSignalsOfOtherEpochsAndTooManyAddressesAreIgnored(t *testing.T) {
	r, err := newRendezvous(Meeting{Role: wire.RoleRep, Session: wire.SessionID{1}, Epoch: 2, Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.agent.close()
	one := "1 1 udp 2130706431 127.0.0.1 "
	for name, s := range map[string]*wire.Signal{
		"other session": {Session: wire.SessionID{2}, Epoch: 2, User: "user", Password: "password", Candidates: []string{one + "1 typ host"}},
		"other epoch":   {Session: wire.SessionID{1}, Epoch: 1, User: "user", Password: "password", Candidates: []string{one + "1 typ host"}},
		"nothing":       nil,
	} {
		if began, err := r.hear(s); began || err != nil || len(r.early) != 0 {
			t.Errorf("%s: %v, %v, %d addresses", name, began, err, len(r.early))
		}
	}
	for i := range 3 {
		s := &wire.Signal{Session: wire.SessionID{1}, Epoch: 2}
		for j := range wire.MaxCandidates / 2 {
			s.Candidates = append(s.Candidates, one+strconv.Itoa(1000+100*i+j)+" typ host")
		}
		if _, err := r.hear(s); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.early) != wire.MaxCandidates {
		t.Errorf("%d addresses taken", len(r.early))
	}
}

func TestOnlySensibleAddressesAreTried(t *testing.T) {
	for text, want := range map[string][2]bool{ // without and with loopback
		"1 1 udp 2130706431 192.168.1.5 5000 typ host":                           {true, true},
		"1 1 udp 2130706431 2001:db8::1 5000 typ host":                           {true, true},
		"1 1 udp 1694498815 203.0.113.9 5000 typ srflx raddr 0.0.0.0 rport 5000": {true, true},
		"1 1 udp 16777215 203.0.113.9 5000 typ relay raddr 0.0.0.0 rport 5000":   {true, true},
		"1 1 udp 2130706431 127.0.0.1 5000 typ host":                             {false, true},
		"1 1 udp 2130706431 ::ffff:127.0.0.1 5000 typ host":                      {false, true},
		"1 1 udp 2130706431 ::1 5000 typ host":                                   {false, true},
		"1 1 tcp 2130706431 192.168.1.5 5000 typ host tcptype passive":           {false, false},
		"1 1 udp 2130706431 192.168.1.5 0 typ host":                              {false, false},
		"1 1 udp 2130706431 0.0.0.0 5000 typ host":                               {false, false},
		"1 1 udp 2130706431 224.0.0.1 5000 typ host":                             {false, false},
		"1 1 udp 2130706431 255.255.255.255 5000 typ host":                       {false, false},
		"1 1 udp 2130706431 169.254.169.254 80 typ host":                         {false, false},
		"1 1 udp 2130706431 a-b.local 5000 typ host":                             {false, false},
		"1 1 udp 2130706431 broker.example.com 5000 typ host":                    {false, false},
		"1 1 udp 1862270975 192.168.1.5 5000 typ prflx raddr 0.0.0.0 rport 1":    {false, false},
		"nonsense": {false, false},
		"":         {false, false},
		strings.Repeat("1", wire.MaxCandidate) + " 1 udp 2130706431 192.168.1.5 5000 typ host": {false, false},
	} {
		for i, loopback := range []bool{false, true} {
			if _, err := parseCandidate(text, loopback); (err == nil) != want[i] {
				t.Errorf("%q, loopback %v: %v", text, loopback, err)
			}
		}
	}
}

// FuzzCandidate checks that whatever is accepted is an address another machine
// can have, and is the same when it is written and read again.
func FuzzCandidate(f *testing.F) {
	f.Add("1 1 udp 2130706431 192.168.1.5 5000 typ host", false)
	f.Add("candidate:1 1 udp 1694498815 203.0.113.9 5000 typ srflx raddr 0.0.0.0 rport 5000 generation 0", false)
	f.Add("1 1 udp 2130706431 fe80::1%eth0 5000 typ host", true)
	f.Add("1 1 tcp 1 ::1 9 typ host tcptype active", true)
	f.Fuzz(func(t *testing.T, text string, loopback bool) {
		c, err := parseCandidate(text, loopback)
		if err != nil {
			return
		}
		at := placeOfCandidate(c)
		bad := at.Addr().IsUnspecified() || at.Addr().IsMulticast() || (at.Addr().IsLoopback() && !loopback) ||
			at.Addr() == netip.MustParseAddr("169.254.169.254")
		if !at.IsValid() || at.Port() == 0 || bad || !c.NetworkType().IsUDP() {
			t.Fatalf("accepted %q: %v", text, at)
		}
		again, err := parseCandidate(c.Marshal(), loopback)
		if err != nil || placeOfCandidate(again) != at || again.Type() != c.Type() {
			t.Fatalf("%q became %q: %v", text, c.Marshal(), err)
		}
	})
}
