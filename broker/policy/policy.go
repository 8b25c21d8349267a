// Package policy resolves what a rep may do in a session (row A03). Rules of
// several levels say allow, deny or nothing about each permission; the nearest
// level that says something decides, and the answer says which one that was.
package policy

import (
	"errors"
	"fmt"
	"slices"
)

// Permission names something a rep may ask for in a session. The names are
// kept and exported: never change one.
type Permission string

const (
	View          Permission = "view"           // see the screen
	Control       Permission = "control"        // keyboard and pointer
	CopyOut       Permission = "copy-out"       // paste what the customer copied
	CopyIn        Permission = "copy-in"        // have the customer paste what the rep copied
	SendFiles     Permission = "send-files"     // to the customer
	TakeFiles     Permission = "take-files"     // from the customer
	Nudge         Permission = "nudge"          // shake the customer's window
	Transfer      Permission = "transfer"       // give the session to another rep or team
	Share         Permission = "share"          // with a colleague
	InviteOutside Permission = "invite-outside" // a rep from elsewhere
	Record        Permission = "record"
)

// All are the permissions, in the order they are shown.
var all = []Permission{View, Control, CopyOut, CopyIn, SendFiles, TakeFiles, Nudge, Transfer, Share, InviteOutside, Record}

// All gives the permissions in the order they are shown.
func All() []Permission { return slices.Clone(all) }

// needs says what a permission is worth nothing without.
var needs = map[Permission]Permission{Control: View, CopyOut: View, CopyIn: View}

// Verdict is what one level says about one permission. The zero Verdict says
// nothing.
type Verdict string

const (
	Unset Verdict = ""
	Allow Verdict = "allow"
	Deny  Verdict = "deny"
)

// Level is where a policy is set, the nearest first.
type Level string

const (
	Computer Level = "computer"
	Portal   Level = "portal"
	Team     Level = "team"
	Rep      Level = "rep"
	Default  Level = "default"
)

// levels are in the order in which they decide.
var levels = []Level{Computer, Portal, Team, Rep, Default}

// Policy is what one level says. Permissions it doesn't name are Unset.
type Policy map[Permission]Verdict

// ErrBad marks a policy that can't be kept.
var ErrBad = errors.New("policy: not a policy")

// Check says what is wrong with a policy.
func (p Policy) Check() error {
	for name, v := range p {
		if !slices.Contains(all, name) {
			return fmt.Errorf("%w: no permission %q", ErrBad, name)
		}
		if v != Unset && v != Allow && v != Deny {
			return fmt.Errorf("%w: %s is %q", ErrBad, name, v)
		}
	}
	return nil
}

// Set is one policy that counts in a case. Name says whose it is, such as the
// portal's or the team's.
type Set struct {
	Level  Level
	Name   string
	Policy Policy
}

// Outcome is what holds for one permission, and why.
type Outcome struct {
	Permission Permission
	Allowed    bool
	By         *Set       // who decided; nil: nobody said anything, which is no
	Lacks      Permission // was allowed, but is worth nothing without this
}

// Resolve gives the outcome of every permission, in All's order. Of several
// policies on one level, as of two teams, one Deny is enough: to be in one
// more team never takes a limit away.
func Resolve(sets []Set) []Outcome {
	outcomes := make([]Outcome, len(all))
	for i, p := range all {
		outcomes[i] = resolve(p, sets)
	}
	for i, o := range outcomes {
		need, ok := needs[o.Permission]
		if ok && o.Allowed && !outcomes[slices.Index(all, need)].Allowed {
			outcomes[i].Allowed, outcomes[i].Lacks = false, need
		}
	}
	return outcomes
}

func resolve(p Permission, sets []Set) Outcome {
	for _, level := range levels {
		o := Outcome{Permission: p}
		for i, s := range sets {
			v := s.Policy[p]
			if s.Level != level || v == Unset {
				continue
			}
			if o.By == nil || v == Deny && o.Allowed {
				o.By, o.Allowed = &sets[i], v == Allow
			}
		}
		if o.By != nil {
			return o
		}
	}
	return Outcome{Permission: p}
}
