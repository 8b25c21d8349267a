//go:build linux

package natlab

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(labRole) {
	case asRep:
		err = playRep()
	case asCustomer:
		err = playCustomer()
	case asProxy:
		err = proxy(os.Getenv(labProxy))
	default:
		var code int
		if code, err = testMain(m); err == nil {
			os.Exit(code)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// begin brings a rep and a customer together.
func begin(b *broker) (rep, customer *end) {
	l := b.l
	l.t.Helper()
	for _, h := range l.homes {
		if h.kind.proxy != "" {
			startProxy(h)
		}
	}
	rep = startEnd(b, l.homes[0], order{Do: doBegin, Code: b.tell("enrol", "--name", "Anna Weber")})
	key := rep.hear(toldKey).Text
	customer = startEnd(b, l.homes[1], order{Do: doBegin, Code: key})
	return rep, customer
}

// TestEveryPairOfNetworksConnects has the two ends meet from networks of all
// kinds, over the shortest way there is.
func TestEveryPairOfNetworksConnects(t *testing.T) {
	for i, c := range []struct {
		rep, customer kind
		way           string
	}{
		{public, public, direct},
		{public, symmetric, direct},
		{fullConeHome, fullConeHome, direct},
		{fullConeHome, symmetric, direct},
		{restricted, fullConeHome, direct},
		{restricted, restricted, direct},
		{restricted, symmetric, relayed},
		{symmetric, restricted, relayed},
		{symmetric, symmetric, relayed},
		{small, small, direct},
		{smallS, smallS, relayed},
		{onlySix, onlySix, direct},
		{both, both, direct},
		{noUDP, public, relayed},
		{noUDP, restricted, relayed},
		{symmetric, noUDP, relayed},
		{only443, symmetric, relayed},
		{restricted, only443, relayed},
		{only443, only443, relayed},
		{proxied, restricted, relayed},
		{only443, proxied, relayed},
	} {
		t.Run(c.rep.name+" to "+c.customer.name, func(t *testing.T) {
			t.Parallel()
			l := build(t, c.rep, c.customer)
			rep, customer := begin(startBroker(l))
			met := rep.hear(toldMet)
			whole := customer.hear(toldTalking).Took
			rep.hear(toldPicture)
			if met.Way != c.way {
				t.Errorf("connected %s, not %s", met.Way, c.way)
			}
			if met.Epoch != 1 {
				t.Errorf("connected in the %d. try", met.Epoch)
			}
			way := met.Way
			if c.rep.noUDP || c.customer.noUDP {
				way += ", by WebSocket"
			}
			pairs.add(i, row{c.rep.name, c.customer.name, way, ms(met.Took), ms(whole)})
		})
	}
}
