package session

import (
	"time"

	"handrail/shared/wire"
)

// Denials are what an organisation keeps from a rep (row A03), whatever the
// customer would say. Both sides hold to them: the rep's side does not ask, and
// the customer's refuses without asking. They only ever take something away,
// so a name that this version does not know changes nothing that it could give.
type Denials struct {
	What  wire.Permission // may not be asked for
	Send  bool            // no files to the customer
	Take  bool            // no files from the customer
	Nudge bool
}

// denials reads the names of package policy, as Start has them.
func denials(names []string) Denials {
	var d Denials
	for _, name := range names {
		switch name {
		case "view":
			d.What |= wire.AllPermissions // the others are worth nothing without it
		case "control":
			d.What |= wire.Control
		case "copy-out":
			d.What |= wire.ClipOut
		case "copy-in":
			d.What |= wire.ClipIn
		case "send-files":
			d.Send = true
		case "take-files":
			d.Take = true
		case "nudge":
			d.Nudge = true
		}
	}
	return d
}

// denied says whether a request is for something that the organisation denies.
func (s *Session) denied(what wire.Permission) bool { return s.s.Denied.What&what != 0 }

// deny notes that something was refused without asking. What follows soon is
// refused without a word, as after the customer's own no.
func (s *Session) deny(now time.Time, what wire.Permission) {
	if s.cfg.Role == wire.RoleCustomer {
		s.refused = now
	}
	s.note(Line{At: now, Kind: LineDenied, What: what})
}

// noFiles says whether files may not be sent by this side, or by the other.
func (s *Session) noFiles(mine bool) bool {
	if mine == (s.cfg.Role == wire.RoleRep) {
		return s.s.Denied.Send
	}
	return s.s.Denied.Take
}
