package prefs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clock is a time that tests set.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestNetworksAreRememberedOverARestart(t *testing.T) {
	s, dir := open(t)
	c := &clock{time.Unix(1_800_000_000, 0)}
	const office, home = "eth0 198.51.100.0/24", "wlan0 192.168.1.0/24"
	n := s.Networks(c.now)
	n.Learn(office, true)
	n.Learn(home, false)
	if again := s.Networks(c.now); !again.Blocked(office) || again.Blocked(home) {
		t.Error("not remembered")
	}
	alone(t, dir)
	c.at = c.at.Add(networkLife)
	if s.Networks(c.now).Blocked(office) {
		t.Error("remembered for ever")
	}
	n.Learn(office, true)
	n.Learn(office, false)
	if n.Blocked(office) || s.Networks(c.now).Blocked(office) {
		t.Error("what was learnt last doesn't count")
	}
}

func TestNetworksOnDiskTellNoPlaces(t *testing.T) {
	s, dir := open(t)
	other, otherDir := open(t)
	now := time.Now
	s.Networks(now).Learn("eth0 198.51.100.0/24", true)
	other.Networks(now).Learn("eth0 198.51.100.0/24", true)
	one, err := os.ReadFile(filepath.Join(dir, "networks.json"))
	two, err2 := os.ReadFile(filepath.Join(otherDir, "networks.json"))
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	if strings.Contains(string(one), "198.51") || strings.Contains(string(one), "eth0") {
		t.Errorf("%s", one)
	}
	if hash := s.Networks(now).kept.Blocked[0].Hash; strings.Contains(string(two), hash) {
		t.Error("two machines have the same hash of a network")
	}
}

func TestNetworksAreBounded(t *testing.T) {
	s, _ := open(t)
	n := s.Networks(time.Now)
	name := func(i int) string { return fmt.Sprintf("eth0 10.0.%d.0/24", i) }
	for i := range 3 * maxNetworks {
		n.Learn(name(i), true)
	}
	if got := len(s.Networks(time.Now).kept.Blocked); got != maxNetworks {
		t.Errorf("%d networks kept, want %d", got, maxNetworks)
	}
	if n.Blocked(name(0)) || !n.Blocked(name(3*maxNetworks-1)) {
		t.Error("the oldest is to be forgotten, not the newest")
	}
}

func TestNetworksWithoutAFolderLastAsLongAsTheProgram(t *testing.T) {
	n := Store{}.Networks(time.Now)
	n.Learn("eth0 10.0.0.0/24", true)
	if !n.Blocked("eth0 10.0.0.0/24") {
		t.Error("forgotten at once")
	}
}
