package people

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Why a change is refused.
var (
	// ErrNotAllowed: who asks lacks the permission for it.
	ErrNotAllowed = errors.New("people: not allowed")
	// ErrNobody: there is no such rep, team or role.
	ErrNobody = errors.New("people: no such rep, team or role")
	// ErrTaken: another one has this name, address or number.
	ErrTaken = errors.New("people: taken already")
	// ErrLastOwner: somebody must be able to do everything.
	ErrLastOwner = errors.New("people: the last owner")
	// ErrOwnRights: nobody raises their own rights.
	ErrOwnRights = errors.New("people: one's own rights")
	// ErrAboveYou: nobody gives what they don't have, nor changes somebody who
	// may do more than they.
	ErrAboveYou = errors.New("people: more than one may oneself")
	// ErrCycle: a team can't be above itself.
	ErrCycle = errors.New("people: teams above each other in a circle")
	// ErrBuiltIn: this role stays as it is.
	ErrBuiltIn = errors.New("people: a role that every organisation has")
	// ErrHeld: a role that somebody holds stays.
	ErrHeld = errors.New("people: somebody holds this role")
)

// Change is one change to an organisation: one of the types below.
type Change interface {
	// needs gives the permission for it.
	needs() Permission
	// about gives the rep whom it changes, 0 for none.
	about() uint64
	// do makes the change without asking who may.
	do(o *Organisation, by uint64, now time.Time) error
}

type (
	// SetRep adds a rep, or changes the one with that ID. Who is disabled by it
	// keeps everything, but may do nothing.
	// Was is what it is made from, here and below: where something else is kept
	// by then it is ErrChanged. Nil takes the place of whatever there is.
	SetRep struct {
		Rep Rep
		Was *Rep
	}
	// SetTeam adds a team, or changes the one with that ID.
	SetTeam struct {
		Team Team
		Was  *Team
	}
	// RemoveTeam takes a team away. The teams below it come under the one above.
	RemoveTeam struct{ ID uint64 }
	// SetRole adds a role, or changes the one with that ID.
	SetRole struct {
		Role Role
		Was  *Role
	}
	// RemoveRole takes a role away that nobody holds.
	RemoveRole struct{ ID string }
	// GiveRole makes a rep hold a role. Once more is harmless.
	GiveRole struct {
		Rep  uint64
		Role string
	}
	// TakeRole is the opposite.
	TakeRole struct {
		Rep  uint64
		Role string
	}
)

// Apply gives the organisation after a change that rep by asks for, or why not.
// The organisation itself stays as it is.
//
// Whatever the change, afterwards nobody may do what neither they nor by could
// do before; so no number of changes by any number of people gives them
// anything that none of them had. Nor does somebody who may do more than by lose
// any of it by a role that is made smaller.
func (o Organisation) Apply(by uint64, c Change, now time.Time) (Organisation, error) {
	after, err := o.apply(by, o.May(by), c, now)
	if c, is := c.(SetTeam); is && err == nil && o.oldTeam(c.Team.ID) {
		return o, ErrNobody
	}
	return after, err
}

// apply is Apply for somebody who uses no more of their rights than mine.
func (o Organisation) apply(by uint64, mine Set, c Change, now time.Time) (Organisation, error) {
	if !mine[c.needs()] {
		return o, ErrNotAllowed
	}
	if about := c.about(); about != by && !o.full(about).Within(mine) {
		return o, ErrAboveYou
	}
	after := o.Clone()
	if err := c.do(&after, by, now); err != nil {
		return o, err
	}
	if err := after.check(); err != nil {
		return o, err
	}
	if !after.full(by).Within(o.full(by)) || !mine[RevokeEverything] && touchesTeams(c) && o.climbs(after, by) {
		return o, ErrOwnRights
	}
	before, most := o.everyone(), bitsOf(mine)
	for id, may := range after.everyone() {
		gained, lost, above := may&^before[id], before[id]&^may, before[id]&^most != 0
		if gained&^most != 0 || lost != 0 && above && c.needs() == EditRoles && id != by {
			return o, ErrAboveYou
		}
	}
	return after, nil
}

// touchesTeams says whether a change can give somebody a rank.
func touchesTeams(c Change) bool { return c.needs() == EditTeams }

// bits is a set of permissions, each at its place in all.
type bits uint32

func bitsOf(s Set) (b bits) {
	for i, p := range all {
		if s[p] {
			b |= 1 << i
		}
	}
	return b
}

// everyone is full of every rep, in one go: an organisation of thousands is
// looked at for each of a thousand changes.
func (o Organisation) everyone() map[uint64]bits {
	roles := map[string]bits{}
	for _, r := range BuiltIn() {
		roles[r.ID] = bitsOf(r.May)
	}
	for id, r := range o.Roles {
		if _, fixed := roles[id]; !fixed {
			roles[id] = bitsOf(r.May)
		}
	}
	may := make(map[uint64]bits, len(o.Reps))
	for id := range o.Reps {
		may[id] = roles[RepRole]
	}
	give := func(rep uint64, b bits) {
		if had, known := may[rep]; known {
			may[rep] = had | b
		}
	}
	for _, t := range o.Teams {
		for rep, rank := range t.Members {
			if rank >= Lead {
				give(rep, roles[LeadRole])
			}
		}
	}
	for _, h := range o.Holdings {
		give(h.Rep, roles[h.Role])
	}
	return may
}

// full is what a rep may do, or could again once enabled.
func (o Organisation) full(rep uint64) Set {
	r, ok := o.Reps[rep]
	if !ok || !r.Disabled {
		return o.May(rep)
	}
	r.Disabled = false
	enabled := Organisation{Reps: map[uint64]Rep{rep: r}, Teams: o.Teams, Roles: o.Roles, Holdings: o.Holdings}
	return enabled.May(rep)
}

// climbs says whether a rep has a higher rank in a team afterwards, or comes
// to manage a team from above. Owners may: who founds an organisation leads
// its first team.
func (o Organisation) climbs(after Organisation, rep uint64) bool {
	for id, t := range after.Teams {
		if t.Members[rep] > o.Teams[id].Members[rep] {
			return true
		}
	}
	for id := range after.Reps {
		if after.Oversees(rep, id) && !o.Oversees(rep, id) {
			_, known := o.Reps[id]
			// A lead who also adds members oversees those: that is the task.
			if known && !sameTeam(o, after, rep, id) {
				return true
			}
		}
	}
	return false
}

// sameTeam says whether b has come into a team in which a had a rank before.
func sameTeam(before, after Organisation, a, b uint64) bool {
	for id, t := range after.Teams {
		rank, in := t.Members[b]
		if over := before.Teams[id].Members[a]; in && over > rank {
			return true
		}
	}
	return false
}

// check holds an organisation to what is always true.
func (o Organisation) check() error {
	if len(o.Owners()) == 0 {
		return ErrLastOwner
	}
	for id, t := range o.Teams {
		above := t.Above
		for range o.Teams {
			if above == 0 {
				break
			}
			if above == id {
				return ErrCycle
			}
			above = o.Teams[above].Above
		}
		if above != 0 {
			return ErrCycle
		}
	}
	return nil
}

func (SetRep) needs() Permission     { return ManagePeople }
func (SetTeam) needs() Permission    { return EditTeams }
func (RemoveTeam) needs() Permission { return EditTeams }
func (SetRole) needs() Permission    { return EditRoles }
func (RemoveRole) needs() Permission { return EditRoles }
func (GiveRole) needs() Permission   { return EditRoles }
func (TakeRole) needs() Permission   { return EditRoles }

func (c SetRep) about() uint64   { return c.Rep.ID }
func (SetTeam) about() uint64    { return 0 }
func (RemoveTeam) about() uint64 { return 0 }
func (SetRole) about() uint64    { return 0 }
func (RemoveRole) about() uint64 { return 0 }
func (c GiveRole) about() uint64 { return c.Rep }
func (c TakeRole) about() uint64 { return c.Rep }

func (c SetRep) do(o *Organisation, _ uint64, _ time.Time) error {
	if c.Rep.ID == 0 {
		return ErrNobody
	}
	if c.Was != nil && *c.Was != o.Reps[c.Rep.ID] {
		return ErrChanged
	}
	for id, r := range o.Reps {
		if id != c.Rep.ID && c.Rep.Mail != "" && r.Mail == c.Rep.Mail {
			return fmt.Errorf("%w: the mail address", ErrTaken)
		}
	}
	o.Reps[c.Rep.ID] = c.Rep
	return c.Rep.check()
}

func (c SetTeam) do(o *Organisation, _ uint64, _ time.Time) error {
	t := c.Team
	if c.Was != nil && !c.Was.Same(o.Teams[t.ID]) {
		return ErrChanged
	}
	if _, ok := o.Teams[t.Above]; t.ID == 0 || t.Above != 0 && t.Above != t.ID && !ok {
		return ErrNobody
	}
	if !Named(t.Name) {
		return fmt.Errorf("%w: a team's name", ErrBad)
	}
	for id, other := range o.Teams {
		if id != t.ID && other.Name == t.Name {
			return fmt.Errorf("%w: the team's name", ErrTaken)
		}
	}
	for rep, rank := range t.Members {
		if _, ok := o.Reps[rep]; !ok {
			return ErrNobody
		}
		if rank < Member || rank > Manager {
			return fmt.Errorf("%w: rank %d", ErrBad, rank)
		}
	}
	o.Teams[t.ID] = t
	o.LastTeam = max(o.LastTeam, t.ID)
	return nil
}

// oldTeam says whether a number that no team has is one that no team gets.
func (o Organisation) oldTeam(id uint64) bool {
	_, is := o.Teams[id]
	return !is && id <= o.LastTeam
}

func (c RemoveTeam) do(o *Organisation, _ uint64, _ time.Time) error {
	gone, ok := o.Teams[c.ID]
	if !ok {
		return ErrNobody
	}
	delete(o.Teams, c.ID)
	for id, t := range o.Teams {
		if t.Above == c.ID {
			t.Above = gone.Above
			o.Teams[id] = t
		}
	}
	return nil
}

func (c SetRole) do(o *Organisation, by uint64, now time.Time) error {
	kept := o.Roles[c.Role.ID]
	if _, fixed := builtIn(c.Role.ID); !fixed && c.Was != nil && !c.Was.Same(kept) {
		return ErrChanged
	}
	more := c.Role.May.Without(kept.May)
	o.Roles[c.Role.ID] = c.Role
	if more[ManagePeople] || more[ApproveResets] || more[EditRoles] {
		// Who holds it gets that from by, now: a reset asks who that was.
		for i, h := range o.Holdings {
			if h.Role == c.Role.ID {
				o.Holdings[i].By, o.Holdings[i].Given = by, now
			}
		}
	}
	return c.Role.check()
}

func (c RemoveRole) do(o *Organisation, _ uint64, _ time.Time) error {
	if _, fixed := builtIn(c.ID); fixed {
		return ErrBuiltIn
	}
	if _, ok := o.Roles[c.ID]; !ok {
		return ErrNobody
	}
	if slices.ContainsFunc(o.Holdings, func(h Holding) bool { return h.Role == c.ID }) {
		return ErrHeld
	}
	delete(o.Roles, c.ID)
	return nil
}

func (c GiveRole) do(o *Organisation, by uint64, now time.Time) error {
	_, known := o.Reps[c.Rep]
	if _, ok := o.Role(c.Role); !ok || !known {
		return ErrNobody
	}
	if !slices.ContainsFunc(o.Holdings, func(h Holding) bool { return h.Rep == c.Rep && h.Role == c.Role }) {
		o.Holdings = append(o.Holdings, Holding{Rep: c.Rep, Role: c.Role, By: by, Given: now})
	}
	return nil
}

func (c TakeRole) do(o *Organisation, _ uint64, _ time.Time) error {
	if _, ok := o.Reps[c.Rep]; !ok {
		return ErrNobody
	}
	o.Holdings = slices.DeleteFunc(o.Holdings, func(h Holding) bool { return h.Rep == c.Rep && h.Role == c.Role })
	return nil
}

// Found adds an owner with a secret of the local command: whoever may run that
// may do everything anyhow.
func (o Organisation) Found(r Rep, now time.Time) (Organisation, error) {
	after := o.Clone()
	if _, known := after.Reps[r.ID]; known {
		return o, ErrTaken
	}
	if err := (SetRep{Rep: r}).do(&after, 0, now); err != nil {
		return o, err
	}
	err := GiveRole{r.ID, OwnerRole}.do(&after, 0, now)
	return after, err
}

// Mapped is the organisation after an identity provider has said which of the
// roles that it decides about a rep holds. Whoever set it up has decided that
// it may. Roles that the organisation hasn't are not given.
func (o Organisation) Mapped(rep uint64, decided, held []string, now time.Time) (Organisation, error) {
	if _, known := o.Reps[rep]; !known {
		return o, ErrNobody
	}
	after := o.Clone()
	for _, role := range decided {
		var err error
		if !slices.Contains(held, role) {
			err = TakeRole{rep, role}.do(&after, 0, now)
		} else if _, ok := after.Role(role); ok {
			err = GiveRole{rep, role}.do(&after, 0, now)
		}
		if err != nil {
			return o, err
		}
	}
	if len(after.Owners()) == 0 && len(o.Owners()) > 0 {
		return o, ErrLastOwner
	}
	return after, nil
}
