package words

import (
	"strings"
	"testing"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// TestZ04NotVerifiedIsSaidToEachSide: whoever got as far as three words knows
// what was wrong with them; a rep whom the customer's program turned away before
// that needs a certificate, and the customer is told that nobody got through.
func TestZ04NotVerifiedIsSaidToEachSide(t *testing.T) {
	three := [3]string{"window", "otter", "gutter"}
	for name, row := range map[string]struct {
		st   session.State
		says string
	}{
		"customer, words":        {session.State{Role: wire.RoleCustomer, Proof: wire.ProofCompare, Words: three}, "The session ended"},
		"rep, words":             {session.State{Role: wire.RoleRep, Proof: wire.ProofCompare, Words: three}, "The session ended"},
		"rep, key":               {session.State{Role: wire.RoleRep, Proof: wire.ProofKey}, "The session ended"},
		"customer, no words yet": {session.State{Role: wire.RoleCustomer}, "did not begin"},
		"rep, no words yet":      {session.State{Role: wire.RoleRep, Proof: wire.ProofCompare}, "certificate of this console"},
	} {
		if got := (Speaker{}).Ending(wire.EndNotVerified, row.st); !strings.Contains(got, row.says) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
