package place

import (
	"net/netip"
	"testing"
)

func TestOneAddressGetsSoManyConnections(t *testing.T) {
	const perAddress = 32
	c := NewCrowd(perAddress, 1000)
	one := netip.MustParseAddr("198.51.100.7")
	var leaves []func()
	for range perAddress {
		leave, ok := c.Enter(one)
		if !ok {
			t.Fatal("turned away too early")
		}
		leaves = append(leaves, leave)
	}
	if _, ok := c.Enter(one); ok {
		t.Error("one connection too many")
	}
	if _, ok := c.Enter(netip.MustParseAddr("198.51.100.8")); !ok {
		t.Error("another address turned away")
	}
	leaves[0]()
	leaves[0]() // harmless
	leave, ok := c.Enter(one)
	if !ok {
		t.Error("a freed connection is not given again")
	}
	if _, ok := c.Enter(one); ok {
		t.Error("one connection was freed twice")
	}
	leaves[0] = leave
	for _, leave := range leaves {
		leave()
	}
	if len(c.from) != 1 || c.Open() != 1 {
		t.Errorf("%d addresses, %d connections remembered; want 1", len(c.from), c.Open())
	}
}

func TestAllTogetherGetSoManyConnections(t *testing.T) {
	c := NewCrowd(2, 3)
	a := netip.MustParseAddr("198.51.100.1")
	for i := range 4 {
		if _, ok := c.Enter(a); ok != (i < 3) {
			t.Errorf("connection %d: %v", i+1, ok)
		}
		a = a.Next()
	}
}

func TestPlaceOfAVisitor(t *testing.T) {
	for _, c := range []struct{ addr, want string }{
		{"198.51.100.7", "198.51.100.7/32"},
		{"::ffff:198.51.100.7", "198.51.100.7/32"},
		{"2001:db8:1:2:3::4", "2001:db8:1:2::/64"},
		{"fe80::1%eth0", "fe80::/64"},
	} {
		if got := Of(netip.MustParseAddr(c.addr)).String(); got != c.want {
			t.Errorf("%s is in %s, want %s", c.addr, got, c.want)
		}
	}
}
