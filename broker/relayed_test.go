package main

import (
	"context"
	"sync"
	"testing"

	"handrail/shared/link"
	"handrail/shared/wire"
)

// meet connects one side of a session through nothing but relays.
func (x *client) meet(role wire.Role, s *wire.Start, pin string) (*link.Peer, error) {
	return x.meetAs(role, s, pin, link.Meeting{Secret: "507264", RelayOnly: true})
}

// meetAs connects one side of a session, and has it prove what m says.
func (x *client) meetAs(role wire.Role, s *wire.Start, pin string, m link.Meeting) (*link.Peer, error) {
	ctx, cancel := context.WithTimeout(x.t.Context(), patience)
	defer cancel()
	signals := make(chan *wire.Signal, 64)
	var pump sync.WaitGroup
	defer pump.Wait()
	defer cancel()
	pump.Go(func() {
		for {
			m, err := x.c.Receive(ctx)
			if err != nil {
				return
			}
			if g, ok := m.(*wire.Signal); ok {
				signals <- g
			}
		}
	})
	m.Role, m.Session, m.Epoch, m.Relays = role, s.Session, 1, s.Relays
	m.Signal, m.Signals = func(g wire.Signal) error { return x.c.Send(&g) }, signals
	m.Pin, m.Loopback = pin, true
	return link.Meet(ctx, m)
}

func TestZ01RelayCarriesASessionWhereNothingElseDoes(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	anna, _ := b.enrol(dir, "Anna Weber")
	maria := b.dial(wire.RoleCustomer)
	reps, customers := session(anna, maria)
	talk(t, b.log,
		func() (*link.Peer, error) { return anna.meet(wire.RoleRep, reps, b.pin) },
		func() (*link.Peer, error) { return maria.meet(wire.RoleCustomer, customers, b.pin) })
}
