package session

import (
	"time"

	"handrail/shared/wire"
)

// A session without a key (wire.ProofCompare, rows Z03 and Z04) begins with two
// programs that are connected and not sure of each other: somebody may stand
// between them. They are sure once the customer has said that both sides read
// the same three words, or when the rep has shown a certificate of the
// organisation's that the customer's program could check. Until then the rep
// may ask to see the screen, which the customer decides knowing this, and for
// nothing more: the customer's side says no to everything else, and nobody
// sends or takes files.
//
// The customer's word alone counts. The rep's side only mirrors it.

// Compared is what comparing the three words by voice came to. From the rep
// only the difference counts.
type Compared struct{ Same bool }

func (Compared) event() {}

// unsure is what may be asked for before the two are sure of each other.
const unsure = wire.View

// meet takes in what the first connection has shown.
func (s *Session) meet(e Linked) {
	if s.cfg.Proof != wire.ProofCompare || s.s.Words != [3]string{} {
		return
	}
	s.s.Words = e.Words
	if s.cfg.Role == wire.RoleCustomer && e.Certified != "" {
		s.s.Certified = e.Certified
		s.called(e.Certified)
		s.verify()
	}
}

// called takes the name that the other side gives itself. A rep whom the
// organisation has certified has the name in the certificate and no other.
func (s *Session) called(name string) {
	s.s.Peer = name
	if s.s.Certified != "" {
		s.s.Peer = s.s.Certified
	}
}

// verify has both sides know that they are sure of each other.
func (s *Session) verify() {
	if !s.s.Verified {
		s.s.Verified = true
		s.post(&wire.Verified{})
	}
}

// compared takes what the person here found.
func (s *Session) compared(now time.Time, same bool) {
	switch {
	case s.cfg.Proof != wire.ProofCompare || s.s.Words == [3]string{}:
	case !same:
		s.post(&wire.End{Why: wire.EndNotVerified})
		s.finish(now, wire.EndNotVerified)
	case s.cfg.Role == wire.RoleCustomer && !s.s.Verified:
		s.verify()
		s.note(Line{At: now, Kind: LineVerified})
	}
}

// verifiedHeard is the customer's word, at the rep's.
func (s *Session) verifiedHeard(now time.Time) {
	if s.cfg.Role != wire.RoleRep || s.s.Verified {
		return
	}
	s.s.Verified = true
	if s.s.Stage == Talking {
		s.note(Line{At: now, Kind: LineVerified})
		s.do(Notice{})
	}
}

// daring says whether something is asked for that waits until the two are sure
// of each other.
func (s *Session) daring(what wire.Permission) bool { return !s.s.Verified && what&^unsure != 0 }
