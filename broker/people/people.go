// Package people knows who works in an organisation and what they may do in
// its administration (rows A01, A06 and K01): reps, teams, roles, and which
// change to them one of them may make. It also decides how often a password
// may be tried, when somebody has been away too long, and how a lost password
// comes back without any one administrator getting at the account.
//
// What a rep may do in a session is another matter: package policy. No
// permission here lets its holder see a customer's screen or reach a computer.
package people

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Permission names something in the administration. The names are kept and
// exported: never change one.
type Permission string

const (
	ManagePeople     Permission = "people.manage"     // add, change and disable reps; start a reset
	ApproveResets    Permission = "people.approve"    // agree to a reset that another one started
	EditTeams        Permission = "teams.edit"        // teams and their members
	EditRoles        Permission = "roles.edit"        // what roles may do, and who holds them
	EditPortals      Permission = "portals.edit"      // portals, texts, issues, surveys, notices, hours
	PushNotices      Permission = "notices.push"      // tell everybody who waits something, from the console
	EditPolicies     Permission = "policies.edit"     // what reps may do in sessions
	AllReports       Permission = "reports.all"       // sessions of everybody
	TeamReports      Permission = "reports.team"      // sessions of the teams one leads
	OwnSessions      Permission = "sessions.own"      // one's own sessions and their reports
	ReadAudit        Permission = "audit.read"        // who changed what
	ExportSettings   Permission = "settings.export"   // all settings as a file
	ImportSettings   Permission = "settings.import"   // and back
	RevokeEverything Permission = "revoke.everything" // end all logins, keys and sessions
	APITokens        Permission = "api.tokens"        // tokens for other programs
)

var all = []Permission{
	ManagePeople, ApproveResets, EditTeams, EditRoles, EditPortals, PushNotices, EditPolicies, AllReports, TeamReports,
	OwnSessions, ReadAudit, ExportSettings, ImportSettings, RevokeEverything, APITokens,
}

// All gives the permissions in the order they are shown.
func All() []Permission { return slices.Clone(all) }

// Set is a set of permissions.
type Set map[Permission]bool

// Of makes a set.
func Of(list ...Permission) Set {
	s := Set{}
	for _, p := range list {
		s[p] = true
	}
	return s
}

// List gives the set in the order in which permissions are shown.
func (s Set) List() []Permission {
	return slices.DeleteFunc(All(), func(p Permission) bool { return !s[p] })
}

// Within says whether other holds all of s.
func (s Set) Within(other Set) bool {
	for p, in := range s {
		if in && !other[p] {
			return false
		}
	}
	return true
}

// Without is what s holds and other doesn't.
func (s Set) Without(other Set) Set {
	rest := Set{}
	for p, in := range s {
		if in && !other[p] {
			rest[p] = true
		}
	}
	return rest
}

// Names of the roles that every organisation has.
const (
	OwnerRole         = "owner"         // everything; there is always one
	AdministratorRole = "administrator" // the daily work
	LeadRole          = "lead"          // of everybody who leads or manages a team
	RepRole           = "rep"           // of everybody
)

// Role is a named set of permissions. ID is kept in holders and files.
type Role struct {
	ID, Name string
	May      Set
}

// Same says whether a role is as another one.
func (r Role) Same(o Role) bool {
	return r.ID == o.ID && r.Name == o.Name && slices.Equal(r.May.List(), o.May.List())
}

// builtIn gives the roles that can't be changed.
func builtIn(id string) (Role, bool) {
	switch id {
	case OwnerRole:
		return Role{ID: id, Name: "Owner", May: Of(all...)}, true
	case AdministratorRole:
		return Role{ID: id, Name: "Administrator", May: Of(ManagePeople, ApproveResets, EditTeams, EditRoles, EditPortals,
			PushNotices, EditPolicies, AllReports, TeamReports, OwnSessions, ReadAudit)}, true
	case LeadRole:
		return Role{ID: id, Name: "Lead", May: Of(PushNotices, TeamReports, OwnSessions)}, true
	case RepRole:
		return Role{ID: id, Name: "Rep", May: Of(OwnSessions)}, true
	}
	return Role{}, false
}

// BuiltIn gives the roles that every organisation has.
func BuiltIn() []Role {
	var roles []Role
	for _, id := range []string{OwnerRole, AdministratorRole, LeadRole, RepRole} {
		r, _ := builtIn(id)
		roles = append(roles, r)
	}
	return roles
}

// Rep is somebody who works here.
type Rep struct {
	ID          uint64
	PublicName  string // what customers see
	PrivateName string // what colleagues see; empty means the public name
	Mail        string // by which one signs in, in Mail's spelling; empty: cannot sign in to the pages
	Language    string // BCP 47, empty for the organisation's
	Listed      bool   // on portals, by name
	Order       int    // there, smallest first; 0: after all who have one
	Disabled    bool
	MustChange  bool // the password, at the next sign-in
	IdleMinutes int  // until logged out; 0 for the organisation's
}

// Rank is what a member is in a team. A higher one oversees the lower ones.
type Rank int

const (
	Member Rank = iota
	Lead
	Manager
)

// Team is a group of reps. The managers of the team Above oversee it as well.
type Team struct {
	ID      uint64
	Name    string
	Above   uint64 // 0: none
	Members map[uint64]Rank
}

// Same says whether a team is as another one, with the same people.
func (t Team) Same(o Team) bool {
	return t.ID == o.ID && t.Name == o.Name && t.Above == o.Above && maps.Equal(t.Members, o.Members)
}

// Holding says that a rep holds a role, and who gave it when (0: the local
// command).
type Holding struct {
	Rep   uint64
	Role  string
	By    uint64
	Given time.Time
}

// Organisation is everybody, at one moment.
type Organisation struct {
	Reps     map[uint64]Rep
	Teams    map[uint64]Team
	Roles    map[string]Role // of its own, besides the built-in ones
	Holdings []Holding

	// LastTeam is the highest number that a team ever had. What is kept of one
	// that was removed must not become another one's.
	LastTeam uint64
}

// Clone copies all of it.
func (o Organisation) Clone() Organisation {
	c := Organisation{
		Reps: maps.Clone(o.Reps), Teams: make(map[uint64]Team, len(o.Teams)),
		Roles: make(map[string]Role, len(o.Roles)), Holdings: slices.Clone(o.Holdings), LastTeam: o.LastTeam,
	}
	for id, t := range o.Teams {
		t.Members = maps.Clone(t.Members)
		c.Teams[id] = t
	}
	for id, r := range o.Roles {
		r.May = maps.Clone(r.May)
		c.Roles[id] = r
	}
	return c
}

// Role finds a role, of its own or built in.
func (o Organisation) Role(id string) (Role, bool) {
	if r, ok := builtIn(id); ok {
		return r, true
	}
	r, ok := o.Roles[id]
	return r, ok
}

// May gives a rep's effective permissions: everybody's, those of leads for
// whoever leads a team, and those of the roles held. Who is disabled has none.
func (o Organisation) May(rep uint64) Set {
	r, ok := o.Reps[rep]
	if !ok || r.Disabled {
		return Set{}
	}
	everybody, _ := builtIn(RepRole)
	may := everybody.May
	for _, t := range o.Teams {
		if t.Members[rep] >= Lead {
			lead, _ := builtIn(LeadRole)
			maps.Copy(may, lead.May)
		}
	}
	for _, h := range o.Holdings {
		if h.Rep == rep {
			role, _ := o.Role(h.Role)
			maps.Copy(may, role.May)
		}
	}
	maps.DeleteFunc(may, func(_ Permission, in bool) bool { return !in })
	return may
}

// Called is what colleagues call a rep.
func (r Rep) Called() string { return cmp.Or(r.PrivateName, r.PublicName) }

// RolesHeld are the roles that reps hold, by rep, in the order in which they
// were given.
func (o Organisation) RolesHeld() map[uint64][]string {
	held := map[uint64][]string{}
	for _, h := range o.Holdings {
		held[h.Rep] = append(held[h.Rep], h.Role)
	}
	return held
}

// RepsByName gives all reps in the order of what colleagues call them, whatever
// their capitals.
func (o Organisation) RepsByName() []Rep {
	return slices.SortedFunc(maps.Values(o.Reps), func(a, b Rep) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Called()), strings.ToLower(b.Called())), cmp.Compare(a.ID, b.ID))
	})
}

// TeamsByName gives all teams in the order of their names, likewise.
func (o Organisation) TeamsByName() []Team {
	return slices.SortedFunc(maps.Values(o.Teams), func(a, b Team) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
}

// Owners gives the reps who hold everything and are not disabled.
func (o Organisation) Owners() []uint64 {
	var owners []uint64
	for _, h := range o.Holdings {
		if r, ok := o.Reps[h.Rep]; ok && h.Role == OwnerRole && !r.Disabled {
			owners = append(owners, h.Rep)
		}
	}
	slices.Sort(owners)
	return slices.Compact(owners)
}

// Oversees says whether a outranks b in a team of both, or manages a team
// above one of b's.
func (o Organisation) Oversees(a, b uint64) bool {
	if a == b || o.Reps[a].Disabled {
		return false
	}
	for _, t := range o.Teams {
		rank, in := t.Members[b]
		if !in {
			continue
		}
		if over, is := t.Members[a]; is && over > rank {
			return true
		}
		for range o.Teams { // no further than there are teams, whatever was kept
			above, ok := o.Teams[t.Above]
			if !ok {
				break
			}
			if above.Members[a] == Manager {
				return true
			}
			t = above
		}
	}
	return false
}

// ErrBad marks a rep, team or role that can't be kept as it is.
var ErrBad = errors.New("people: not fit to keep")

// Limits of what is kept, in characters but for minutes, places and numbers.
const (
	MaxName        = 80
	MaxMail        = 254 // RFC 5321, section 4.5.3.1.3, without the angle brackets
	MaxIdleMinutes = 24 * 60
	MaxOrder       = 999999
	MaxTeam        = 999999999 // a file can't use up the numbers
)

// Mail gives the one spelling under which an address is kept and looked for,
// or false when it is none.
func Mail(typed string) (string, bool) {
	m := strings.ToLower(strings.TrimSpace(typed))
	at := strings.LastIndexByte(m, '@')
	bad := func(r rune) bool {
		return !unicode.IsPrint(r) || unicode.IsSpace(r) || strings.ContainsRune("<>,;\"\\", r)
	}
	if at < 1 || at == len(m)-1 || len(m) > MaxMail || !utf8.ValidString(m) || strings.IndexFunc(m, bad) >= 0 {
		return "", false
	}
	return m, true
}

func (r Rep) check() error {
	mail, ok := Mail(r.Mail)
	switch {
	case !Named(r.PublicName) || r.PrivateName != "" && !Named(r.PrivateName):
		return fmt.Errorf("%w: a name", ErrBad)
	case r.Mail != "" && (!ok || mail != r.Mail):
		return fmt.Errorf("%w: a mail address", ErrBad)
	case r.IdleMinutes < 0 || r.IdleMinutes > MaxIdleMinutes:
		return fmt.Errorf("%w: %d idle minutes", ErrBad, r.IdleMinutes)
	case r.Order < 0 || r.Order > MaxOrder:
		return fmt.Errorf("%w: place %d", ErrBad, r.Order)
	case len(r.Language) > 35 || strings.Trim(r.Language, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "":
		return fmt.Errorf("%w: a language", ErrBad)
	}
	return nil
}

// Named says whether a text can be the name of a rep, a team or a role.
func Named(s string) bool {
	return strings.TrimSpace(s) == s && strings.ContainsFunc(s, unicode.IsPrint) && utf8.RuneCountInString(s) <= MaxName && Showable(s)
}

// Showable says whether a text can be shown in one line as it is. Persian and
// Hindi need what joins and parts letters; what turns the direction of others
// is left out.
func Showable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d'
	})
}

func (r Role) check() error {
	if _, taken := builtIn(r.ID); taken {
		return ErrBuiltIn
	}
	if !Named(r.Name) || r.ID == "" || len(r.ID) > MaxName || strings.Trim(r.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("%w: a role's name", ErrBad)
	}
	for p := range r.May {
		if !slices.Contains(all, p) {
			return fmt.Errorf("%w: no permission %q", ErrBad, p)
		}
	}
	return nil
}
