package sim

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/wire"
)

// TestAPipeEndsAsAConnectionDoes: what was said arrives, then the reason does,
// and only of the first who closed it.
func TestAPipeEndsAsAConnectionDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rep, customer := NewPipe()
		said := wire.Packet{Body: &wire.Ack{}}
		if err := rep.Send(said); err != nil {
			t.Fatal(err)
		}
		rep.Close(wire.EndByRep)
		customer.Close(wire.EndByCustomer)
		if _, err := customer.Receive(t.Context()); err != nil {
			t.Errorf("what was said before the end: %v", err)
		}
		if _, err := customer.Receive(t.Context()); !errors.Is(err, ErrCut) {
			t.Errorf("after that: %v", err)
		}
		if err := customer.Send(said); !errors.Is(err, ErrCut) {
			t.Errorf("Send after the end: %v", err)
		}
		if a, b := customer.Closed(), rep.Closed(); a != wire.EndByRep || b != 0 {
			t.Errorf("the customer's end was closed with %d, the rep's with %d", a, b)
		}
		began := time.Now()
		<-rep.Done()
		<-customer.Done()
		if took := time.Since(began); took != Goodbye {
			t.Errorf("the goodbye took %v", took)
		}
	})
}

func TestAPipeTakesNothingThatCannotBeSent(t *testing.T) {
	rep, _ := NewPipe()
	if err := rep.Send(wire.Packet{Seq: 1, Body: &wire.Ack{}}); err == nil || errors.Is(err, ErrCut) {
		t.Errorf("an acknowledgement that is counted: %v", err)
	}
}
