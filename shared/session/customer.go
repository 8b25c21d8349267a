package session

import (
	"time"

	"handrail/shared/wire"
)

// customerDid takes what the customer and the customer's machine did.
func (s *Session) customerDid(now time.Time, e Event) {
	switch e := e.(type) {
	case Reply:
		if r := s.s.Request; r != nil && r.ID == e.ID {
			if e.Allow {
				s.answer(now, wire.Allowed)
			} else {
				s.refuse(now, wire.Refused)
			}
		}
	case MoreTime:
		s.moreTime(e.ID)
	case StopSharing:
		if s.s.Request != nil {
			s.refuse(now, wire.Refused)
		}
		s.stopSharing(now, wire.SharingStopped)
	case Screens:
		s.screens(e.Monitors)
	case NoScreen:
		s.stopSharing(now, wire.SharingFailed)
	}
}

// customerHeard takes what the rep said.
func (s *Session) customerHeard(now time.Time, m wire.Message) {
	switch m := m.(type) {
	case *wire.Accepted:
		if s.s.Stage == Waiting {
			s.called(m.Name)
			s.s.Organisation = m.Organisation
			s.begin(now, m.Keep)
			s.do(Notice{})
		}
	case *wire.Nudge:
		if s.s.Stage == Talking && !s.s.Denied.Nudge && now.Sub(s.nudged) >= NudgeRest-nudgeSlack {
			s.nudged = now
			s.note(Line{At: now, Kind: LineNudge})
			s.do(Nudged{})
		}
	case *wire.Ask:
		s.asked(now, m)
	case *wire.Withdraw:
		s.withdrawn(now, m.What)
	case *wire.PickMonitor:
		s.pick(m.Monitor)
	case *wire.Quality:
		s.tuned(m.Profile)
	}
}

// asked opens the prompt for a request, or answers one that needs none. A
// prompt that is open gives way, and the gate stays shut from one to the next.
// Only a prompt for a file stays: its answer is about something else.
func (s *Session) asked(now time.Time, m *wire.Ask) {
	what, replaced := s.lacking(m.What), s.s.Request != nil && s.s.Request.Offer == 0
	if replaced {
		s.verdict(now, wire.Replaced)
	}
	s.giveWay(wire.Replaced)
	v := wire.Allowed
	switch {
	case s.s.Stage != Talking || now.Sub(s.refused) < AskRest-nudgeSlack || s.daring(what):
		v = wire.Refused
	case s.denied(what):
		v = wire.Refused
		s.deny(now, what)
	case !s.can(what):
		v = wire.CantHere
	case s.s.Granted.Has(what):
	case s.s.Request != nil:
		s.waiting = m
		return
	default:
		s.asking = m.ID
		s.prompt(now, Request{What: what})
		s.note(Line{At: now, Kind: LineAsked, What: what})
		return
	}
	s.post(&wire.Answer{ID: m.ID, Verdict: v})
	if replaced {
		s.promptGone(now)
	}
}

// prompt shows a request to the customer. The gate is shut before anything is
// on screen that injected input could press. Prompts are numbered here: an
// answer to one is never taken for another's, whatever the rep's side says.
func (s *Session) prompt(now time.Time, r Request) {
	s.do(Gate{Shut: true})
	s.prompts++
	r.ID, r.Deadline, r.Longest = s.prompts, now.Add(PromptTime), now.Add(LongestPrompt)
	s.s.Request = &r
	s.do(Notice{})
}

// promptGone shows what waits for its turn, or opens the gate.
func (s *Session) promptGone(now time.Time) {
	if !s.nextPrompt(now) {
		s.do(Gate{Shut: false})
	}
}

// nextPrompt shows what waits for its turn, permissions before files.
func (s *Session) nextPrompt(now time.Time) bool {
	if s.s.Request != nil || s.cfg.Role != wire.RoleCustomer {
		return false
	}
	if m := s.waiting; m != nil {
		s.waiting = nil
		s.asked(now, m)
		if s.s.Request != nil {
			return true
		}
	}
	for _, t := range s.s.Transfers {
		if !t.Mine && t.Stage == TransferOffered {
			s.prompt(now, Request{Offer: t.ID})
			return true
		}
	}
	return false
}

// giveWay answers the request that waits for its turn.
func (s *Session) giveWay(v wire.Verdict) {
	if m := s.waiting; m != nil {
		s.waiting = nil
		s.post(&wire.Answer{ID: m.ID, Verdict: v})
	}
}

// refuse is a no to the open prompt. It counts for all that wait behind it,
// too: nobody has to say no thirty times, or is worn down into a yes.
func (s *Session) refuse(now time.Time, v wire.Verdict) {
	s.refused = now
	s.giveWay(v)
	for _, t := range s.s.Transfers {
		if t.ID != s.s.Request.Offer {
			s.decide(t.ID, v)
		}
	}
	s.answer(now, v)
}

// whole adds what a permission needs: nobody controls what can't be seen, and
// the clipboard is shared beside the screen.
func whole(p wire.Permission) wire.Permission {
	if p&(wire.Control|Clipboard) != 0 {
		p |= wire.View
	}
	return p
}

// lacking is what a request for p is about: whole, but without the screen where
// that is shared already as it shall be, so that nobody is asked for it again.
func (s *Session) lacking(p wire.Permission) wire.Permission {
	p = whole(p)
	if p&Clipboard != 0 && s.s.Granted.Has(p&^Clipboard) {
		p &= Clipboard
	}
	return p
}

// can says whether this machine can give what is asked for.
func (s *Session) can(what wire.Permission) bool {
	return (s.cfg.CanControl || !what.Has(wire.Control)) && (s.cfg.CanClip || what&Clipboard == 0)
}

// verdict takes the open prompt away and tells both sides how it ended. The
// gate stays shut.
func (s *Session) verdict(now time.Time, v wire.Verdict) {
	r := s.s.Request
	s.s.Request = nil
	s.note(Line{At: now, Kind: LineAnswered, What: r.What, Verdict: v})
	s.post(&wire.Answer{ID: s.asking, Verdict: v})
}

// answer closes the open prompt with a verdict. Only here can a permission
// come into being.
func (s *Session) answer(now time.Time, v wire.Verdict) {
	if offer := s.s.Request.Offer; offer != 0 {
		s.s.Request = nil
		s.take(offer, v)
		s.promptGone(now)
		return
	}
	what := s.s.Request.What
	s.verdict(now, v)
	if s.waits() { // the gate stays shut until that has been answered, too
		defer s.promptGone(now)
	} else {
		s.do(Gate{Shut: false})
	}
	switch v {
	case wire.Allowed:
		fresh := what &^ s.s.Granted
		if s.s.Granted == 0 {
			s.s.SharedAt = now
		}
		s.s.Granted |= what
		s.note(Line{At: now, Kind: LineSharing, What: s.s.Granted, Fresh: fresh, Sharing: wire.SharingGranted})
		s.report(wire.SharingGranted)
		if s.s.Linked {
			s.do(Share{What: s.s.Granted, Monitor: s.s.Monitor})
		}
	case wire.Refused, wire.Silence:
		s.refused = now
	}
}

// moreTime gives the person longer to think.
func (s *Session) moreTime(id uint32) {
	if r := s.s.Request; r != nil && r.ID == id {
		more := *r
		more.Deadline = r.Deadline.Add(MorePrompt)
		if more.Deadline.After(r.Longest) {
			more.Deadline = r.Longest
		}
		s.s.Request = &more
	}
}

// stopSharing takes back every permission, given or asked for (C06).
func (s *Session) stopSharing(now time.Time, why wire.SharingWhy) {
	s.giveWay(wire.Refused)
	if r := s.s.Request; r != nil && r.Offer == 0 {
		s.answer(now, wire.Refused)
	}
	if s.s.Granted == 0 {
		return
	}
	s.revoke()
	s.note(Line{At: now, Kind: LineSharing, Sharing: why})
	s.report(why)
}

// withdrawn is the rep giving something back.
func (s *Session) withdrawn(now time.Time, what wire.Permission) {
	if what.Has(wire.View) {
		what |= wire.Control | Clipboard
	}
	if s.waiting != nil && whole(s.waiting.What)&what != 0 {
		s.giveWay(wire.TakenBack)
	}
	if r := s.s.Request; r != nil && r.What&what != 0 {
		s.answer(now, wire.TakenBack)
	}
	if s.s.Granted&what == 0 {
		return
	}
	s.note(Line{At: now, Kind: LineWithdrawn, What: s.s.Granted & what})
	s.s.Granted &^= what
	if s.s.Granted == 0 {
		s.s.SharedAt = time.Time{}
	}
	s.do(Share{What: s.s.Granted, Monitor: s.s.Monitor})
	s.report(wire.SharingWithdrawn)
}

// screens takes the layout of the monitors in. A monitor that was picked and
// is gone gives way to all.
func (s *Session) screens(m []wire.Monitor) {
	s.s.Monitors = append([]wire.Monitor(nil), m...)
	if !s.hasMonitor(s.s.Monitor) {
		s.s.Monitor = 0
		if s.s.Granted != 0 {
			s.do(Share{What: s.s.Granted})
		}
	}
	if s.s.Granted != 0 {
		s.report(wire.SharingLayout)
	}
}

func (s *Session) pick(id uint8) {
	if s.s.Granted == 0 || !s.hasMonitor(id) || id == s.s.Monitor {
		return
	}
	s.s.Monitor = id
	s.do(Share{What: s.s.Granted, Monitor: id})
	s.report(wire.SharingLayout)
}

// tuned takes the rep's choice of what pictures look like. It is no permission:
// it gives nothing more to be seen. One that this version does not know is
// said to be so, and nothing changes.
func (s *Session) tuned(p wire.Profile) {
	switch {
	case s.s.Stage != Talking || p == s.s.Profile:
	case !p.Known():
		s.do(Send{s.mail.plain(&wire.Unsupported{About: wire.KindQuality})})
	default:
		s.s.Profile = p
		s.do(Look{Profile: p})
	}
}

func (s *Session) hasMonitor(id uint8) bool {
	if id == 0 {
		return true
	}
	for _, m := range s.s.Monitors {
		if m.ID == id {
			return true
		}
	}
	return false
}

// report tells the rep the whole truth about what is shared.
func (s *Session) report(why wire.SharingWhy) {
	m := &wire.Sharing{What: s.s.Granted, Why: why}
	if s.s.Granted != 0 {
		m.Monitors, m.Monitor = s.s.Monitors, s.s.Monitor
	}
	s.post(m)
}
