package hotline

import (
	"testing"
	"time"

	"handrail/shared/wire"
)

// TestZ06DeadLineIsFoundAfterAChangeOfTheNetwork, and one that lives is left
// alone.
func TestZ06DeadLineIsFoundAfterAChangeOfTheNetwork(t *testing.T) {
	first, second := newConn(), newConn()
	atDesk(t, nil, func(d *desk) {
		d.line.Doubt()
		d.pass(time.Minute)
		if n := len(d.dialled()); n != 1 || first.isClosed() {
			t.Fatalf("%d dials for a line that works", n)
		}
		first.dies()
		d.pass(time.Minute)
		if n := len(d.dialled()); n != 1 {
			t.Fatalf("%d dials although nobody has noticed", n)
		}
		d.line.Doubt()
		d.pass(answerTime + firstWait*3/2)
		if got := d.dialled(); len(got) != 2 || !first.isClosed() {
			t.Errorf("dialled at %v", got)
		}
		if err := d.line.Send(&wire.NewKey{}); err != nil || len(second.words()) != 2 {
			t.Errorf("Send: %v", err)
		}
	}, first, second)
}

// TestZ06BrokerThatComesUpWhileItIsDialled is not kept waiting by packets that
// are sent again ever more rarely.
func TestZ06BrokerThatComesUpWhileItIsDialled(t *testing.T) {
	good := newConn()
	atDesk(t, nil, func(d *desk) {
		d.pass(dialAgain + 100*time.Millisecond)
		if err := d.line.Send(&wire.NewKey{}); err != nil {
			t.Errorf("Send: %v", err)
		}
		if got := d.dialled(); len(got) != 2 {
			t.Errorf("dialled at %v", got)
		}
	}, nil, good)
}

func TestDialsBesideEachOtherAreFew(t *testing.T) {
	atDesk(t, nil, func(d *desk) {
		d.pass(DialTime - time.Millisecond)
		if n := len(d.dialled()); n != mostDials {
			t.Errorf("%d dials for one connection", n)
		}
	}, nil)
}

// TestZ06WhoeverNeedsTheBrokerMakesTheLineHurry: what can't be sent now will be
// said again soon, and by then there should be somebody to hear it.
func TestZ06WhoeverNeedsTheBrokerMakesTheLineHurry(t *testing.T) {
	good := newConn()
	script := []any{errDial, errDial, errDial, errDial, errDial, errDial, errDial, errDial, good}
	atDesk(t, nil, func(d *desk) {
		end := time.Now().Add(5 * time.Second)
		for d.line.SendSoon(&wire.Signal{Epoch: 2}) != nil {
			if time.Now().After(end) {
				t.Fatalf("dialled at %v", d.dialled())
			}
			d.pass(500 * time.Millisecond)
		}
	}, script...)
}
