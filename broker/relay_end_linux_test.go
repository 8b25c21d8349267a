package main

import (
	"testing"
	"time"

	"github.com/pion/stun/v4"

	"handrail/shared/wire"
)

// refused says whether a relay gives no address for these credentials.
func refused(t *testing.T, r wire.Relay) bool {
	t.Helper()
	allocate := stun.RawAttribute{Type: stun.AttrRequestedTransport, Value: []byte{17, 0, 0, 0}}
	x := bareUDP(t, bareURL(r.URL), r.User, r.Password)
	x.challenge(x.exchange(x.build(stun.MethodAllocate, allocate)))
	return x.exchange(x.build(stun.MethodAllocate, allocate)).Type.Class == stun.ClassErrorResponse
}

func TestSessionThatEndsAtTheBrokerEndsAtItsRelay(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	anna, _ := b.enrol(dir, "Anna Weber")
	maria := b.dial(wire.RoleCustomer)
	reps, customers := session(anna, maria)
	x, y := byUDP(t, reps.Relays[0]), byUDP(t, customers.Relays[0])
	x.bind(y.relay)
	y.bind(x.relay)
	y.take()
	ready := frames()
	send := func() {
		t.Helper()
		if err := x.send(ready, 1); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(patience); y.taken.Load() == 0; time.Sleep(time.Millisecond) {
		if send(); time.Now().After(end) {
			t.Fatalf("nothing is relayed\n%s", b.log)
		}
	}
	if refused(t, customers.Relays[0]) {
		t.Error("refused while the session lives")
	}

	anna.say(&wire.Leave{Session: reps.Session, Why: wire.EndByRep})
	hear[*wire.Ended](maria)
	hear[*wire.KeyGone](anna)
	for end := time.Now().Add(patience); !refused(t, customers.Relays[0]); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the credentials are still good")
		}
	}
	before := y.taken.Load()
	for range 100 {
		send()
	}
	// The relay takes packets in order: when it answers this, it has dropped them.
	other := b.dial(wire.RoleCustomer)
	again, _ := session(anna, other)
	byUDP(t, again.Relays[0])
	if n := y.taken.Load(); n > before+1 { // one may have been under way
		t.Errorf("%d packets relayed after the end", n-before)
	}
	if refused(t, again.Relays[0]) {
		t.Error("another session is refused")
	}
}
