package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestP08TheBrokerBringsItsTimeZones: small systems and containers know none,
// and there a portal with hours would be closed for good.
func TestP08TheBrokerBringsItsTimeZones(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(strings.Fields(string(out)), "time/tzdata") {
		t.Error("time/tzdata is not in the program")
	}
}
