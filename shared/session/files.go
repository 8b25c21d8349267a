package session

import (
	"slices"
	"time"

	"handrail/shared/files"
	"handrail/shared/wire"
)

// Limits of transfers.
const (
	MaxOpen      = 32  // transfers of one direction that wait or are on their way
	maxTransfers = 500 // that are remembered; finished ones fall off
)

// fileDid takes what the person or the machine did with files.
func (s *Session) fileDid(now time.Time, e Event) {
	switch e := e.(type) {
	case Offer:
		s.offer(now, e)
	case Take:
		if s.cfg.Role == wire.RoleRep { // the customer's yes is a Reply to a prompt, behind the shut gate
			v := wire.Refused
			if e.Allow {
				v = wire.Allowed
			}
			s.take(e.ID, v)
		}
	case Cancel:
		s.cancel(now, e.ID)
	case Progress:
		s.transfer(e.ID, TransferGoing, func(t *Transfer) { t.Done = min(max(t.Done, e.Done), t.Size) })
	case Delivered:
		if s.transfer(e.ID, TransferGoing, func(t *Transfer) {
			t.Stage, t.Done, t.Place = TransferArrived, t.Size, e.Place
		}) {
			s.post(&wire.Arrived{ID: e.ID})
			s.do(Notice{})
		}
	case Broke:
		if s.transfer(e.ID, TransferGoing, func(t *Transfer) {
			t.Stage, t.Why, t.ByMe = TransferHalted, e.Why, true
		}) {
			s.post(&wire.Halt{ID: e.ID, Why: e.Why})
			s.do(Notice{})
		}
	}
}

// offer offers something on this machine's disk. That it was chosen here is
// this side's consent to its being read.
func (s *Session) offer(now time.Time, e Offer) {
	if s.s.Stage != Talking {
		return
	}
	name := wire.Name(e.Name)
	if name == "" {
		name = files.Clean(e.Name)
	}
	if s.cfg.Role == wire.RoleRep && now.Before(s.s.AskFrom) || !s.s.Verified || s.noFiles(true) {
		s.do(NotOffered{Name: name, Why: wire.HaltCancelled}) // it would be refused: see resting
		return
	}
	if s.open(true) >= MaxOpen || s.mail.full() || e.Items < 1 || e.Items > wire.MaxItems || e.Size > wire.MaxSize {
		s.do(NotOffered{Name: name, Why: wire.HaltFull})
		return
	}
	if s.offered == 0 && s.cfg.Role == wire.RoleRep {
		s.offered = 1 // the rep's are odd
	} else {
		s.offered += 2
	}
	t := Transfer{
		ID: s.offered, Mine: true, Name: name, Size: e.Size, Items: e.Items, Folder: e.Folder,
		At: now, Place: e.Place,
	}
	s.post(&wire.Offer{ID: t.ID, Name: t.Name, Size: t.Size, Items: t.Items, Folder: t.Folder})
	s.addTransfer(t)
	s.note(Line{At: now, Kind: LineTransfer, Mine: true, Transfer: t.ID})
}

// fileHeard takes what the other side said about files.
func (s *Session) fileHeard(now time.Time, m wire.Message) {
	switch m := m.(type) {
	case *wire.Offer:
		s.offerHeard(now, m)
	case *wire.Reply:
		s.replyHeard(now, m)
	case *wire.Halt:
		s.haltHeard(now, m)
	case *wire.Arrived:
		s.arrivedHeard(m)
	}
}

// offerHeard has a person asked: at the customer's by a prompt, at the rep's
// without any hurry.
func (s *Session) offerHeard(now time.Time, m *wire.Offer) {
	if m.ID <= s.heardOffer || m.ID%2 == s.offerParity() {
		s.do(Drop{Reason: "an offer out of turn"})
		return
	}
	s.heardOffer = m.ID
	if s.s.Stage != Talking {
		s.post(&wire.Reply{ID: m.ID, Verdict: wire.Refused})
		return
	}
	if s.noFiles(false) {
		s.post(&wire.Reply{ID: m.ID, Verdict: wire.Refused})
		if !s.resting(now) {
			s.deny(now, 0)
		}
		return
	}
	s.addTransfer(Transfer{ID: m.ID, Name: files.Clean(m.Name), Size: m.Size, Items: m.Items, Folder: m.Folder, At: now})
	s.note(Line{At: now, Kind: LineTransfer, Transfer: m.ID})
	if s.open(false) > MaxOpen || s.resting(now) || !s.s.Verified {
		s.decide(m.ID, wire.Refused)
		return
	}
	s.do(Notice{})
	s.nextPrompt(now)
}

// offerParity is what this side's own IDs leave when divided by two.
func (s *Session) offerParity() uint32 {
	if s.cfg.Role == wire.RoleRep {
		return 1
	}
	return 0
}

// replyHeard is the other person's answer to an offer of ours.
func (s *Session) replyHeard(now time.Time, m *wire.Reply) {
	if t := s.find(m.ID); t == nil || !t.Mine || t.Stage != TransferOffered {
		return
	}
	s.settle(m.ID, m.Verdict)
	switch m.Verdict {
	case wire.Allowed:
		s.do(Begin{*s.find(m.ID)})
	case wire.Refused, wire.Silence:
		if s.cfg.Role == wire.RoleRep {
			s.s.AskFrom = now.Add(AskRest)
		}
	}
	s.do(Notice{})
}

// haltHeard is the other side ending a transfer, or taking its offer back.
func (s *Session) haltHeard(now time.Time, m *wire.Halt) {
	switch t := s.find(m.ID); {
	case t == nil:
	case t.Stage == TransferOffered:
		s.settle(m.ID, wire.TakenBack)
		s.offerGone(now, m.ID)
		s.do(Notice{})
	case t.Stage == TransferGoing:
		s.transfer(m.ID, TransferGoing, func(t *Transfer) { t.Stage, t.Why = TransferHalted, m.Why })
		s.do(Quit{ID: m.ID, Keep: m.Why == wire.HaltUnreadable})
		s.do(Notice{})
	}
}

// arrivedHeard is the receiver's word that it has everything. One that crosses
// our own Cancel counts: it is what happened.
func (s *Session) arrivedHeard(m *wire.Arrived) {
	t := s.find(m.ID)
	if t == nil || !t.Mine || t.Verdict != wire.Allowed {
		return
	}
	arrived := func(t *Transfer) { t.Stage, t.Done, t.Why, t.ByMe = TransferArrived, t.Size, 0, false }
	if s.transfer(m.ID, TransferGoing, arrived) {
		s.do(Quit{ID: m.ID})
		s.do(Notice{})
	} else {
		s.transfer(m.ID, TransferHalted, arrived)
	}
}

// take is the person's answer to an offer of the other side. Only here does a
// transfer begin that writes to this machine's disk.
func (s *Session) take(id uint32, v wire.Verdict) {
	s.decide(id, v)
	if t := s.find(id); t != nil && !t.Mine && t.Stage == TransferGoing && v == wire.Allowed {
		s.do(Begin{*t})
	}
}

// decide notes the verdict on an offer of the other side and tells it.
func (s *Session) decide(id uint32, v wire.Verdict) {
	if t := s.find(id); t == nil || t.Mine {
		return
	}
	if s.settle(id, v) {
		s.post(&wire.Reply{ID: id, Verdict: v})
	}
}

// settle notes the verdict on an offer, false if it has one.
func (s *Session) settle(id uint32, v wire.Verdict) bool {
	return s.transfer(id, TransferOffered, func(t *Transfer) {
		t.Verdict, t.Stage = v, TransferRefused
		if v == wire.Allowed {
			t.Stage = TransferGoing
		}
	})
}

// cancel is the person here not wanting a transfer (any more).
func (s *Session) cancel(now time.Time, id uint32) {
	t := s.find(id)
	switch {
	case t == nil:
	case t.Stage == TransferOffered && t.Mine:
		s.settle(id, wire.TakenBack)
		s.post(&wire.Halt{ID: id, Why: wire.HaltCancelled})
	case t.Stage == TransferOffered:
		s.decide(id, wire.Refused)
		s.offerGone(now, id)
	case t.Stage == TransferGoing:
		s.transfer(id, TransferGoing, func(t *Transfer) {
			t.Stage, t.Why, t.ByMe = TransferHalted, wire.HaltCancelled, true
		})
		s.post(&wire.Halt{ID: id, Why: wire.HaltCancelled})
		s.do(Quit{ID: id})
	}
}

// offerGone closes the prompt for an offer that needs no answer any more.
func (s *Session) offerGone(now time.Time, id uint32) {
	if r := s.s.Request; r != nil && r.Offer == id {
		s.s.Request = nil
		s.promptGone(now)
	}
}

// quitAll ends the moving of bytes with the session. Another one may go on
// with what has arrived.
func (s *Session) quitAll() {
	for _, t := range s.s.Transfers {
		if t.Stage == TransferGoing {
			s.do(Quit{ID: t.ID, Keep: true})
		}
	}
}

// waits says whether another prompt is to follow.
func (s *Session) waits() bool {
	return s.waiting != nil || slices.ContainsFunc(s.s.Transfers, func(t Transfer) bool {
		return !t.Mine && t.Stage == TransferOffered
	})
}

// resting says whether a refusal is so fresh that nothing may be asked.
func (s *Session) resting(now time.Time) bool {
	return s.cfg.Role == wire.RoleCustomer && now.Sub(s.refused) < AskRest-nudgeSlack
}

// open counts the transfers of one direction that have not ended.
func (s *Session) open(mine bool) (n int) {
	for _, t := range s.s.Transfers {
		if t.Mine == mine && t.Open() {
			n++
		}
	}
	return n
}

// find gives a transfer to be looked at, nil if there is none.
func (s *Session) find(id uint32) *Transfer {
	i := slices.IndexFunc(s.s.Transfers, func(t Transfer) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return &s.s.Transfers[i]
}

// transfer changes a transfer that is in a certain stage, false if there is
// none. States that were handed out keep theirs.
func (s *Session) transfer(id uint32, in TransferStage, change func(*Transfer)) bool {
	i := slices.IndexFunc(s.s.Transfers, func(t Transfer) bool { return t.ID == id && t.Stage == in })
	if i < 0 {
		return false
	}
	s.s.Transfers = slices.Clone(s.s.Transfers)
	change(&s.s.Transfers[i])
	return true
}

// addTransfer adds one, and forgets the oldest that has ended if there are too
// many.
func (s *Session) addTransfer(t Transfer) {
	list := append(slices.Clone(s.s.Transfers), t)
	if len(list) > maxTransfers {
		if i := slices.IndexFunc(list, func(t Transfer) bool { return !t.Open() }); i >= 0 {
			list = slices.Delete(list, i, i+1)
		}
	}
	s.s.Transfers = list
}
