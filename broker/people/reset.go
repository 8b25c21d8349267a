package people

import (
	"errors"
	"time"
)

// Reset is how a rep's lost password comes back. An administrator starts it and
// gives the rep a link that works once; what the link alone does is nothing:
//
//	         ┌─ the rep's second factor ──────────┐
//	started ─┤                                    ├─▶ open ──new password──▶ used
//	         └─ a second administrator's approval ┘
//	started, open ──cancelled, too late, or the rep signed in──▶ over
//
// A rep who has a second factor and still can use it needs nobody else. Where
// there is none, or it is lost, two administrators must agree, and the old
// factors go with the old password. The one who holds the link alone can't have
// the factor; the one who approves never sees the link.
//
// An account that nobody has ever used holds nothing: there the link alone is
// the invitation, as long as the account may do no more than a lead. Roles are
// given to people who have come in.
type Reset struct {
	Rep        uint64
	By         uint64 // who started it
	Made       time.Time
	Until      time.Time
	NeedFactor bool // the rep's second factor opens it; else an approval does
	ApprovedBy uint64
	State      ResetState
}

// ResetState is where a reset is.
type ResetState int

const (
	ResetStarted ResetState = iota
	ResetOpen
	ResetUsed
	ResetOver
)

const (
	// ResetLife is how long a link can be used.
	ResetLife = 24 * time.Hour
	// Seasoned is how long ago an administrator must have got the right to
	// approve from somebody to approve what that one started, or the other way
	// round: else whoever makes accounts could make the second administrator.
	Seasoned = 7 * 24 * time.Hour
)

// Why a reset doesn't go on.
var (
	ErrResetOver     = errors.New("people: the reset is over")
	ErrNeedsFactor   = errors.New("people: the reset needs the second factor")
	ErrNeedsApproval = errors.New("people: the reset needs another administrator")
	ErrSamePerson    = errors.New("people: another administrator must agree")
)

// Account is what a rep has to sign in with.
type Account struct {
	Unused    bool // nobody has ever signed in with it, nor has it a password, factor or console
	HasFactor bool // a second one
	Lost      bool // which can't be used any more, as by says
}

// StartReset lets administrator by start a reset, or invite a new rep.
func (o Organisation) StartReset(by, rep uint64, a Account, now time.Time) (Reset, error) {
	if r, ok := o.Reps[rep]; !ok || r.Disabled {
		return Reset{}, ErrNobody
	}
	mine := o.May(by)
	switch {
	case !mine[ManagePeople]:
		return Reset{}, ErrNotAllowed
	case by == rep:
		return Reset{}, ErrSamePerson // who is signed in changes the password as everybody does
	case !o.May(rep).Within(mine):
		return Reset{}, ErrAboveYou
	}
	r := Reset{Rep: rep, By: by, Made: now, Until: now.Add(ResetLife), NeedFactor: a.HasFactor && !a.Lost}
	if a.Unused && !a.HasFactor && o.simple(rep) {
		r.State = ResetOpen
	}
	return r, nil
}

// simple says whether a rep may do no more than a lead.
func (o Organisation) simple(rep uint64) bool {
	lead, _ := builtIn(LeadRole)
	return o.full(rep).Within(lead.May)
}

// Approve is the second administrator's.
func (r Reset) Approve(o Organisation, by uint64, now time.Time) (Reset, error) {
	r = r.At(now)
	switch {
	case r.State == ResetUsed || r.State == ResetOver:
		return r, ErrResetOver
	case r.NeedFactor:
		return r, ErrNeedsFactor // an approval is no way around it
	case !o.May(by)[ApproveResets]:
		return r, ErrNotAllowed
	case !o.May(r.Rep).Within(o.May(by)):
		return r, ErrAboveYou
	case by == r.By || by == r.Rep || o.kin(by, r.By, now),
		!o.traced(ApproveResets, now)[by], !o.traced(ManagePeople, now)[r.By]:
		return r, ErrSamePerson
	}
	r.ApprovedBy, r.State = by, ResetOpen
	return r, nil
}

// kin says whether two reps may be one person: within the last days one got a
// role from the other, or both from a third, and so on. The local command (0)
// is nobody.
func (o Organisation) kin(a, b uint64, now time.Time) bool {
	same := map[uint64]bool{a: true}
	for grown := true; grown; {
		grown = false
		for _, h := range o.Holdings {
			if now.Sub(h.Given) < Seasoned && h.By != 0 && same[h.By] != same[h.Rep] {
				same[h.By], same[h.Rep], grown = true, true, true
			}
		}
	}
	return same[b]
}

// traced are the reps of whom it can still be told where a right came from:
// by a role that they have held for long, or have from the local command, or
// got from somebody of whom the same can be told. Else whoever makes accounts
// could take roles away again that link two of them, and kin would see nothing.
func (o Organisation) traced(right Permission, now time.Time) map[uint64]bool {
	givers := map[uint64]bool{}
	from := func(h Holding) bool { return h.By == 0 || now.Sub(h.Given) >= Seasoned || givers[h.By] }
	for grown := true; grown; {
		grown = false
		for _, h := range o.Holdings {
			if role, _ := o.Role(h.Role); role.May[EditRoles] && !givers[h.Rep] && from(h) {
				givers[h.Rep], grown = true, true
			}
		}
	}
	have := map[uint64]bool{}
	for _, h := range o.Holdings {
		if role, _ := o.Role(h.Role); role.May[right] && from(h) {
			have[h.Rep] = true
		}
	}
	return have
}

// Factor is the rep's second factor, proved to whoever has checked the link.
func (r Reset) Factor(now time.Time) (Reset, error) {
	r = r.At(now)
	switch {
	case r.State == ResetUsed || r.State == ResetOver:
		return r, ErrResetOver
	case !r.NeedFactor:
		return r, ErrNeedsApproval // a factor made in the meantime proves nothing
	}
	r.State = ResetOpen
	return r, nil
}

// Use is the new password, by the link. dropFactors says that the rep's second
// factors must be made anew with it.
func (r Reset) Use(o Organisation, now time.Time) (after Reset, dropFactors bool, err error) {
	r = r.At(now)
	switch {
	case r.State == ResetUsed || r.State == ResetOver:
		return r, false, ErrResetOver
	case r.State == ResetStarted && r.NeedFactor:
		return r, false, ErrNeedsFactor
	case r.State == ResetStarted, r.ApprovedBy == 0 && !r.NeedFactor && !o.simple(r.Rep): // a role came meanwhile
		return r, false, ErrNeedsApproval
	case o.Reps[r.Rep].ID != r.Rep || o.Reps[r.Rep].Disabled:
		r.State = ResetOver
		return r, false, ErrResetOver
	}
	r.State = ResetUsed
	return r, !r.NeedFactor, nil
}

// Cancel ends a reset: an administrator does, or the rep signs in with what was
// thought lost.
func (r Reset) Cancel(now time.Time) Reset {
	if r = r.At(now); r.State != ResetUsed {
		r.State = ResetOver
	}
	return r
}

// At is the reset as it is now.
func (r Reset) At(now time.Time) Reset {
	if r.State != ResetUsed && !now.Before(r.Until) {
		r.State = ResetOver
	}
	return r
}
