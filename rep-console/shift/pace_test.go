package shift

import (
	"testing"

	"handrail/rep-console/console"
	"handrail/shared/wire"
)

func TestS13WhatTheCustomersSideTellsReachesItsScreen(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		one, other := o.serve(1), o.serve(2)
		want := wire.Pace{Encode: 4000, Frames: 12, Strain: 2}
		one.mu.Lock()
		line := one.line
		one.mu.Unlock()
		if err := line.Send(wire.Packet{Body: &want}); err != nil {
			t.Fatal(err)
		}
		o.pass(0)
		var got []wire.Pace
		o.mu.Lock()
		for _, s := range o.screens {
			s.mu.Lock()
			got = append(got, s.pace)
			s.mu.Unlock()
		}
		o.mu.Unlock()
		if len(got) != 2 || got[0] != want || got[1] != (wire.Pace{}) {
			t.Errorf("the screens of %v and %v were told %+v", one.id, other.id, got)
		}
	})
}

func TestS05TheRepsChoiceReachesTheCustomer(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.serve(1)
		o.do(console.Tune{ID: c.id, Profile: wire.Profile8})
		if got := c.sees().Profile; got != wire.Profile8 {
			t.Errorf("the customer's side has profile %d", got)
		}
		if got := o.session(c).State.Profile; got != wire.Profile8 {
			t.Errorf("the rep is shown profile %d", got)
		}
	})
}
