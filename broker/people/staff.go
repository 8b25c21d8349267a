package people

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Staff is who works here as a file says it, or another program: people by
// their mail address, teams by the number that settings know them by. It holds
// nothing of how somebody signs in. Each of the three parts that is there is
// meant; one that is nil says nothing.
type Staff struct {
	Roles map[string]StaffRole `json:"roles,omitzero"` // the organisation's own, by ID
	Teams map[uint64]StaffTeam `json:"teams,omitzero"`
	Reps  map[string]StaffRep  `json:"reps,omitzero"` // by mail address
}

// StaffRole is a role.
type StaffRole struct {
	Name string       `json:"name"`
	May  []Permission `json:"may,omitempty"`
}

// StaffTeam is a team, with the ranks of its members by mail address.
type StaffTeam struct {
	Name    string            `json:"name"`
	Above   uint64            `json:"above,omitempty"`
	Members map[string]string `json:"members,omitempty"`
}

// StaffRep is a rep.
type StaffRep struct {
	Name        string   `json:"name"`
	PrivateName string   `json:"privateName,omitempty"`
	Language    string   `json:"language,omitempty"`
	Listed      bool     `json:"listed,omitempty"`
	Order       int      `json:"order,omitempty"`
	IdleMinutes int      `json:"idleMinutes,omitempty"`
	Disabled    bool     `json:"disabled,omitempty"`
	Roles       []string `json:"roles,omitempty"`
}

// What can be wrong with staff by itself.
var (
	// ErrChanged: people are not as they were when this was asked for.
	ErrChanged = errors.New("people: changed by somebody else meanwhile")
	// ErrBadMail: this is no mail address.
	ErrBadMail = errors.New("people: no mail address")
	// ErrNoMail: nobody has this mail address.
	ErrNoMail = errors.New("people: nobody has this mail address")
	// ErrTwice: two spellings of one mail address.
	ErrTwice = errors.New("people: the same mail address twice")
	// ErrNoRank: there is no such rank in a team.
	ErrNoRank = errors.New("people: no such rank")
	// ErrNoPermission: there is no such permission.
	ErrNoPermission = errors.New("people: no such permission")
	// ErrNoRole: there is no such role.
	ErrNoRole = errors.New("people: no such role")
	// ErrNoTeam: there is no team with this number.
	ErrNoTeam = errors.New("people: no such team")
	// ErrMany: more than MostChanges.
	ErrMany = errors.New("people: too many changes at once")
)

// OldTeam is what is wrong with a new team whose number may have been another
// one's, and the highest of those.
type OldTeam uint64

func (o OldTeam) Error() string { return fmt.Sprintf("people: teams had numbers up to %d", uint64(o)) }

// MostChanges is how many changes are made at once: each is looked at by
// itself, and nobody else can write meanwhile.
const MostChanges = 1000

// Unfit is one thing in staff that can't be done, and where it stands, such as
// "reps.ann@example.org.roles.0".
type Unfit struct {
	Where string
	Err   error
}

// Unfits is the error of Arrange.
type Unfits []Unfit

func (u Unfits) Error() string {
	var all []string
	for _, one := range u {
		all = append(all, one.Where+": "+one.Err.Error())
	}
	return strings.Join(all, "; ")
}

// Unwrap gives the reasons.
func (u Unfits) Unwrap() []error {
	var all []error
	for _, one := range u {
		all = append(all, one.Err)
	}
	return all
}

// rankNames are the names of ranks in files, by rank.
var rankNames = [...]string{Member: "member", Lead: "lead", Manager: "manager"}

// RankName is the name of a rank in files; empty for none.
func RankName(r Rank) string {
	if r < Member || r > Manager {
		return ""
	}
	return rankNames[r]
}

// Staff is the organisation as a file says it. Who has no mail address can't be
// in it.
func (o Organisation) Staff() Staff {
	s := Staff{Roles: map[string]StaffRole{}, Teams: map[uint64]StaffTeam{}, Reps: map[string]StaffRep{}}
	for id, r := range o.Roles {
		s.Roles[id] = StaffRole{r.Name, r.May.List()}
	}
	for id, t := range o.Teams {
		team := StaffTeam{t.Name, t.Above, map[string]string{}}
		for rep, rank := range t.Members {
			if mail := o.Reps[rep].Mail; mail != "" {
				team.Members[mail] = RankName(rank)
			}
		}
		s.Teams[id] = team
	}
	held := o.RolesHeld()
	for id, r := range o.Reps {
		if r.Mail != "" {
			slices.Sort(held[id])
			s.Reps[r.Mail] = StaffRep{r.PublicName, r.PrivateName, r.Language, r.Listed, r.Order, r.IdleMinutes, r.Disabled, held[id]}
		}
	}
	return s
}

// For leaves the parts of it that somebody may read who holds may, as on the
// pages.
func (s Staff) For(may Set) Staff {
	if !may[EditRoles] {
		s.Roles = nil
	}
	if !may[EditTeams] {
		s.Teams = nil
	}
	if !may[ManagePeople] && !may[EditRoles] && !may[ApproveResets] {
		s.Reps = nil
	}
	return s
}

// Says says whether there is anything in it.
func (s Staff) Says() bool { return s.Roles != nil || s.Teams != nil || s.Reps != nil }

// With is s with those roles and teams of now that s does not name, in the
// parts that it has: a change of some, not the whole.
func (s Staff) With(now Staff) Staff {
	s.Roles, s.Teams = beside(s.Roles, now.Roles), beside(s.Teams, now.Teams)
	return s
}

func beside[K comparable, V any](some, now map[K]V) map[K]V {
	if some == nil {
		return nil
	}
	all := maps.Clone(now)
	maps.Copy(all, some)
	return all
}

// Stamp tells two states of an organisation apart.
func (o Organisation) Stamp() Hash {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // it has nothing that JSON can't say
	}
	return sha256.Sum256(text)
}

// Asker is who wants people to be arranged: a rep, with no more than May where
// that is not nil; or 0, the local command, which may do everything.
type Asker struct {
	Rep uint64
	May Set
}

// Arrange makes the organisation what staff says, by the changes that it gives
// as well, each by Apply's rules. Roles and teams that are not there are
// removed; reps who are not stay as they are, and so does who has no mail
// address. Its errors are Unfits.
func (o Organisation) Arrange(by Asker, s Staff, now time.Time) (Organisation, []Change, error) {
	a := arranger{by: by, now: now, o: o, staff: s, ids: map[string]uint64{}}
	for id, r := range o.Reps {
		if r.Mail != "" {
			a.ids[r.Mail] = id
		}
	}
	if a.check(); len(a.unfit) == 0 {
		a.setRoles()
		a.setReps()
		a.setTeams()
		a.setHoldings()
		a.disable()
		a.removeRoles()
	}
	if by.Rep == 0 && len(a.unfit) == 0 {
		// A broker that nobody owns yet can be filled, but an owner stays.
		if err := a.o.check(); err != nil && (!errors.Is(err, ErrLastOwner) || len(o.Owners()) > 0) {
			a.wrong("reps", err)
		}
	}
	if len(a.unfit) > 0 {
		return o, nil, a.unfit
	}
	return a.o, a.changes, nil
}

// arranger is what Arrange works with.
type arranger struct {
	by      Asker
	now     time.Time
	o       Organisation // as it is after the changes so far
	staff   Staff
	ids     map[string]uint64 // by mail address
	changes []Change
	unfit   Unfits
}

// mostUnfit is how many things are told at once: nobody reads more.
const mostUnfit = 100

func (a *arranger) wrong(where string, err error) {
	if len(a.unfit) < mostUnfit {
		a.unfit = append(a.unfit, Unfit{where, err})
	}
}

// do makes a change, unless one before it was refused.
func (a *arranger) do(where string, c Change) {
	if len(a.unfit) > 0 {
		return
	}
	if len(a.changes) == MostChanges {
		a.wrong("", ErrMany)
		return
	}
	var err error
	if a.by.Rep == 0 {
		if len(a.changes) == 0 {
			a.o = a.o.Clone()
		}
		err = c.do(&a.o, 0, a.now)
	} else {
		mine := a.o.May(a.by.Rep)
		if a.by.May != nil {
			// What everybody and every lead has is no right over others.
			every, _ := builtIn(LeadRole)
			maps.DeleteFunc(mine, func(p Permission, _ bool) bool { return !a.by.May[p] && !every.May[p] })
		}
		a.o, err = a.o.apply(a.by.Rep, mine, c, a.now)
	}
	if err != nil {
		a.wrong(where, err)
		return
	}
	a.changes = append(a.changes, c)
}

// check names all that is wrong with staff whoever asks.
func (a *arranger) check() {
	for _, id := range slices.Sorted(maps.Keys(a.staff.Roles)) {
		for i, p := range a.staff.Roles[id].May {
			if !slices.Contains(all, p) {
				a.wrong(fmt.Sprintf("roles.%s.may.%d", id, i), ErrNoPermission)
			}
		}
	}
	seen := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(a.staff.Reps)) {
		mail, ok := Mail(key)
		switch {
		case !ok:
			a.wrong("reps."+key, ErrBadMail)
		case seen[mail]:
			a.wrong("reps."+key, ErrTwice)
		}
		seen[mail] = true
		for i, role := range a.staff.Reps[key].Roles {
			if !a.hasRole(role) {
				a.wrong(fmt.Sprintf("reps.%s.roles.%d", key, i), ErrNoRole)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(a.staff.Teams)) {
		at := fmt.Sprintf("teams.%d", id)
		if _, known := a.o.Teams[id]; a.o.oldTeam(id) {
			a.wrong(at, OldTeam(a.o.LastTeam))
		} else if !known && id > MaxTeam {
			a.wrong(at, ErrBad)
		}
		a.checkTeam(at, a.staff.Teams[id], seen)
	}
}

func (a *arranger) hasRole(id string) bool {
	_, builtin := builtIn(id)
	_, kept := a.o.Roles[id]
	_, said := a.staff.Roles[id]
	return builtin || said || kept && a.staff.Roles == nil
}

func (a *arranger) checkTeam(at string, t StaffTeam, said map[string]bool) {
	if _, ok := a.staff.Teams[t.Above]; !ok && t.Above != 0 {
		a.wrong(at+".above", ErrNoTeam)
	}
	seen := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(t.Members)) {
		mail, ok := Mail(key)
		where := at + ".members." + key
		switch {
		case !ok:
			a.wrong(where, ErrBadMail)
		case seen[mail]:
			a.wrong(where, ErrTwice)
		case a.ids[mail] == 0 && !said[mail]:
			a.wrong(where, ErrNoMail)
		case !slices.Contains(rankNames[:], t.Members[key]):
			a.wrong(where, ErrNoRank)
		}
		seen[mail] = true
	}
}

func (a *arranger) setRoles() {
	for _, id := range slices.Sorted(maps.Keys(a.staff.Roles)) {
		r := Role{ID: id, Name: a.staff.Roles[id].Name, May: Of(a.staff.Roles[id].May...)}
		if old, known := a.o.Roles[id]; !known || !old.Same(r) {
			a.do("roles."+id, SetRole{Role: r})
		}
	}
}

// setReps adds and changes reps, and enables them. It leaves the other way to
// disable: whoever is to go may have something to hand over.
func (a *arranger) setReps() {
	next := uint64(1)
	for id := range a.o.Reps {
		next = max(next, id+1)
	}
	for _, key := range slices.Sorted(maps.Keys(a.staff.Reps)) {
		said := a.staff.Reps[key]
		mail, _ := Mail(key) // check has seen that it is one
		id, known := a.ids[mail]
		if !known {
			id, next = next, next+1
			a.ids[mail] = id
		}
		old := a.o.Reps[id]
		r := old
		r.ID, r.Mail, r.PublicName, r.PrivateName, r.Language = id, mail, said.Name, said.PrivateName, said.Language
		r.Listed, r.Order, r.IdleMinutes = said.Listed, said.Order, said.IdleMinutes
		if !known {
			r.Disabled = said.Disabled
		}
		if r != old {
			a.do("reps."+key, SetRep{Rep: r})
		}
		if r.Disabled && !said.Disabled {
			r.Disabled = false
			a.do("reps."+key+".disabled", SetRep{Rep: r})
		}
	}
}

func (a *arranger) disable() {
	for _, key := range slices.Sorted(maps.Keys(a.staff.Reps)) {
		mail, _ := Mail(key)
		if r := a.o.Reps[a.ids[mail]]; a.staff.Reps[key].Disabled && !r.Disabled {
			r.Disabled = true
			a.do("reps."+key+".disabled", SetRep{Rep: r})
		}
	}
}

// setTeams removes the teams that are not there, so that their names are free,
// and then makes the others from the top down, so that none is ever above
// itself on the way.
func (a *arranger) setTeams() {
	if a.staff.Teams == nil {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(a.o.Teams)) {
		if _, still := a.staff.Teams[id]; !still {
			a.do("teams", RemoveTeam{id})
		}
	}
	left := slices.Sorted(maps.Keys(a.staff.Teams))
	done := map[uint64]bool{0: true}
	for len(left) > 0 {
		rest := slices.DeleteFunc(slices.Clone(left), func(id uint64) bool {
			if !done[a.staff.Teams[id].Above] {
				return false
			}
			a.setTeam(id)
			done[id] = true
			return true
		})
		if len(rest) == len(left) {
			a.wrong(fmt.Sprintf("teams.%d.above", left[0]), ErrCycle)
			return
		}
		left = rest
	}
}

func (a *arranger) setTeam(id uint64) {
	said := a.staff.Teams[id]
	t := Team{ID: id, Name: said.Name, Above: said.Above, Members: map[uint64]Rank{}}
	for key, name := range said.Members {
		mail, _ := Mail(key)
		t.Members[a.ids[mail]] = Rank(slices.Index(rankNames[:], name))
	}
	old, known := a.o.Teams[id]
	for rep, rank := range old.Members {
		if a.o.Reps[rep].Mail == "" { // a file can't name them
			t.Members[rep] = rank
		}
	}
	if !known || !old.Same(t) {
		a.do(fmt.Sprintf("teams.%d", id), SetTeam{Team: t})
	}
}

// setHoldings gives roles before it takes any: there is always an owner.
func (a *arranger) setHoldings() {
	held := a.o.RolesHeld()
	each := func(do func(where string, rep uint64, roles []string)) {
		for _, key := range slices.Sorted(maps.Keys(a.staff.Reps)) {
			mail, _ := Mail(key)
			do("reps."+key+".roles", a.ids[mail], a.staff.Reps[key].Roles)
		}
	}
	each(func(where string, rep uint64, roles []string) {
		for _, role := range roles {
			if !slices.Contains(held[rep], role) {
				a.do(where, GiveRole{rep, role})
				held[rep] = append(held[rep], role)
			}
		}
	})
	each(func(where string, rep uint64, roles []string) {
		for _, role := range held[rep] {
			if !slices.Contains(roles, role) {
				a.do(where, TakeRole{rep, role})
			}
		}
	})
}

func (a *arranger) removeRoles() {
	if a.staff.Roles == nil {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(a.o.Roles)) {
		if _, still := a.staff.Roles[id]; !still {
			a.do("roles."+id, RemoveRole{id})
		}
	}
}
