package people

import (
	"crypto/rand"
	"strings"
	"testing"
)

func TestACodeSurvivesBeingCopiedByHand(t *testing.T) {
	code, err := NewCode(rand.Reader, 20, 5)
	if err != nil {
		t.Fatal(err)
	}
	if len(code) != 23 {
		t.Errorf("code %q, want four groups of five", code)
	}
	want := CodeHash("0123A-1BCDE-FGHJK-MNPQR")
	for _, typed := range []string{
		"0123a1bcdefghjkmnpqr", " o123A-lBCDE-FGHJK-MNPQR\n", "O123A IBCDE FGHJK MNPQR", "0123a\u00a01bcde fghjk\tmnpqr",
	} {
		if CodeHash(typed) != want {
			t.Errorf("%q is taken for another code", typed)
		}
	}
	if CodeHash("0123A-1BCDE-FGHJK-MNPQS") == want {
		t.Error("another code is taken for this one")
	}
	if _, err := NewCode(strings.NewReader("short"), 20, 5); err == nil {
		t.Error("a code without randomness")
	}
}
