package session

import (
	"time"

	"handrail/shared/wire"
)

// repDid takes what the rep did.
func (s *Session) repDid(now time.Time, e Event) {
	if a, ok := e.(Accept); ok && s.s.Stage == Waiting {
		s.post(&wire.Accepted{Name: s.cfg.Me, Organisation: s.cfg.Organisation, Keep: a.Keep})
		s.begin(now, a.Keep)
		return
	}
	if s.s.Stage != Talking || s.mail.full() {
		return
	}
	switch e := e.(type) {
	case Nudge:
		if !now.Before(s.s.NudgeFrom) && !s.s.Denied.Nudge {
			s.s.NudgeFrom = now.Add(NudgeRest)
			s.post(&wire.Nudge{})
			s.note(Line{At: now, Kind: LineNudge})
		}
	case Ask:
		s.ask(now, e.What)
	case Withdraw: // an open question stays until the customer's side has let go of it
		s.post(&wire.Withdraw{What: e.What})
	case PickMonitor:
		s.post(&wire.PickMonitor{Monitor: e.Monitor})
	case Tune:
		if e.Profile != s.s.Profile {
			s.s.Profile = e.Profile
			s.post(&wire.Quality{Profile: e.Profile})
		}
	}
}

// ask puts a question to the customer. What is granted already is not asked
// for again.
func (s *Session) ask(now time.Time, what wire.Permission) {
	what = s.lacking(what)
	if s.s.Granted.Has(what) || now.Before(s.s.AskFrom) || s.daring(what) || s.denied(what) {
		return
	}
	s.asks++
	s.s.Request = &Request{ID: s.asks, What: what}
	s.post(&wire.Ask{ID: s.asks, What: what})
	s.note(Line{At: now, Kind: LineAsked, What: what})
}

// untuned hears that the customer's side does not know the chosen profile, or
// none at all. What every version does is what it shall do then, and what the
// rep is told.
func (s *Session) untuned(about wire.Kind) {
	if about == wire.KindQuality && s.cfg.Role == wire.RoleRep && s.s.Profile != wire.ProfileAutomatic {
		s.s.Profile = wire.ProfileAutomatic
		s.post(&wire.Quality{})
	}
}

// repHeard takes what the customer's side said.
func (s *Session) repHeard(now time.Time, m wire.Message) {
	if s.s.Stage != Talking {
		return
	}
	switch m := m.(type) {
	case *wire.Answer:
		r := s.s.Request
		if r == nil || r.ID != m.ID {
			return
		}
		s.s.Request = nil
		s.note(Line{At: now, Kind: LineAnswered, What: r.What, Verdict: m.Verdict})
		if m.Verdict == wire.Refused || m.Verdict == wire.Silence {
			s.s.AskFrom = now.Add(AskRest)
		}
		s.do(Notice{})
	case *wire.Sharing:
		s.sharing(now, m)
	}
}

// sharing mirrors what the customer's side says is shared.
func (s *Session) sharing(now time.Time, m *wire.Sharing) {
	before := s.s.Granted
	s.s.Granted, s.s.Monitors, s.s.Monitor = m.What, m.Monitors, m.Monitor
	switch {
	case m.What == 0:
		s.s.SharedAt = time.Time{}
	case before == 0:
		s.s.SharedAt = now
	}
	switch m.Why {
	case wire.SharingLayout:
	case wire.SharingWithdrawn:
		s.note(Line{At: now, Kind: LineWithdrawn, What: before &^ m.What})
	default:
		s.note(Line{At: now, Kind: LineSharing, What: m.What, Fresh: m.What &^ before, Sharing: m.Why})
		s.do(Notice{})
	}
}
