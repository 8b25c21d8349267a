package main

import (
	"context"
	"errors"
	"sync"
	"testing"

	"handrail/shared/link"
	"handrail/shared/wire"
)

// meet connects one side of a session through nothing but the broker's relay.
func (x *client) meet(role wire.Role, s *wire.Start) (*link.Peer, error) {
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
	return link.Meet(ctx, link.Meeting{
		Role: role, Session: s.Session, Epoch: 1, Relays: s.Relays, Secret: "507264",
		Signal:  func(g wire.Signal) error { return x.c.Send(&g) },
		Signals: signals, Loopback: true, RelayOnly: true,
	})
}

func TestZ01RelayCarriesASessionWhereNothingElseDoes(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	anna, _ := b.enrol(dir, "Anna Weber")
	anna.say(&wire.NewKey{Request: [16]byte{1}})
	maria := b.dial(wire.RoleCustomer)
	maria.say(&wire.Join{Number: hear[*wire.KeyMade](anna).Number})
	reps, customers := hear[*wire.Start](anna), hear[*wire.Start](maria)

	var both sync.WaitGroup
	var peers [2]*link.Peer
	var failed [2]error
	both.Go(func() { peers[0], failed[0] = anna.meet(wire.RoleRep, reps) })
	both.Go(func() { peers[1], failed[1] = maria.meet(wire.RoleCustomer, customers) })
	both.Wait()
	if err := errors.Join(failed[:]...); err != nil {
		t.Fatalf("not met: %v\n%s", err, b.log)
	}
	if err := peers[0].Send(wire.Packet{Seq: 1, Body: &wire.Chat{Text: "hello", At: 1}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p, err := peers[1].Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := p.Body.(*wire.Chat); !ok || c.Text != "hello" {
		t.Errorf("heard %#v", p.Body)
	}
	for _, peer := range peers {
		peer.Close(wire.EndByRep)
	}
	for _, peer := range peers {
		<-peer.Done()
	}
}
