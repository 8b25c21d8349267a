package shift

import (
	"testing"
	"time"
)

func TestZ05ASessionIsLookedForUntilSomebodyHasIt(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := newSeat(b2)
	if s.ask(now, home) {
		t.Error("it is not lost")
	}
	s.lose(now, home)
	if s.isLost() {
		t.Error("lost with another line")
	}
	s.lose(now, b2)
	if ok, _ := s.found(b3); ok {
		t.Error("who was not asked has it")
	}
	if !s.ask(now, home) || s.ask(now, home) {
		t.Error("home is not asked once")
	}
	if s.unknown(now, home, true) || s.ask(now, home) || !s.ask(now.Add(lookRest), home) {
		t.Error("home, which knows nothing yet, is not asked again")
	}
	if counts, moved := s.found(home); !counts || !moved || s.place() != home || s.isLost() {
		t.Error("it is not found")
	}
}

func TestZ05ASessionThatNobodyHasIsGone(t *testing.T) {
	now := time.Unix(1e9, 0)
	for name, row := range map[string]struct {
		several bool
		at      string
		after   time.Duration
		gone    bool
	}{
		"one broker":          {false, home, 0, true},
		"several":             {true, home, 0, false},
		"several, late":       {true, home, lookTime, true},
		"of another's":        {true, b2, 0, false},
		"of another's, later": {true, b2, lookTime, false},
	} {
		s := newSeat(home)
		if row.after > 0 {
			s.unknown(now, row.at, row.several)
		}
		if got := s.unknown(now.Add(row.after), row.at, row.several); got != row.gone {
			t.Errorf("%s: gone %v", name, got)
		}
	}
}
