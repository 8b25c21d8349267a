package people

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// firm is an organisation with an owner (1), an administrator (2), a rep (3) in
// two teams, one below the other, and a rep without a mail address (4). More teams
// were removed.
func firm() Organisation {
	o := Organisation{Reps: map[uint64]Rep{}, Teams: map[uint64]Team{}, Roles: map[string]Role{}, LastTeam: 5}
	for i, name := range []string{"olga", "anna", "rudi"} {
		o.Reps[uint64(i+1)] = Rep{ID: uint64(i + 1), PublicName: name, Mail: name + "@example.org"}
	}
	o.Reps[4] = Rep{ID: 4, PublicName: "Key"}
	o.Roles["night"] = Role{ID: "night", Name: "Night", May: Of(EditTeams)}
	o.Teams[1] = Team{ID: 1, Name: "Support", Members: map[uint64]Rank{3: Lead, 4: Member}}
	o.Teams[2] = Team{ID: 2, Name: "Printers", Above: 1, Members: map[uint64]Rank{3: Member}}
	o.Holdings = []Holding{{Rep: 1, Role: OwnerRole}, {Rep: 2, Role: AdministratorRole}, {Rep: 3, Role: "night"}}
	return o
}

// edit changes one entry of a map.
func edit[K comparable, V any](m map[K]V, k K, f func(*V)) {
	v := m[k]
	f(&v)
	m[k] = v
}

func roles(s Staff, mail string, roles ...string) {
	edit(s.Reps, mail, func(r *StaffRep) { r.Roles = roles })
}

func TestA01WhatAFileSaysOfPeopleComesTrue(t *testing.T) {
	o := firm()
	for name, by := range map[string]Asker{"an owner": {Rep: 1}, "the command": {}} {
		s := o.Staff()
		s.Roles = map[string]StaffRole{"day": {"Day", []Permission{EditPortals}}}
		s.Teams = map[uint64]StaffTeam{
			2: {"Support", 0, map[string]string{"rudi@example.org": "lead", "New@Example.org": "member"}},
			9: {"Printers", 2, nil},
		}
		roles(s, "rudi@example.org", "day")
		roles(s, "anna@example.org")
		edit(s.Reps, "anna@example.org", func(r *StaffRep) { r.Disabled = true })
		s.Reps["new@example.org"] = StaffRep{Name: "New", Listed: true, Order: 4}
		after, changes, err := o.Arrange(by, s, now)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := s
		want.Teams = map[uint64]StaffTeam{
			2: {"Support", 0, map[string]string{"rudi@example.org": "lead", "new@example.org": "member"}}, 9: {"Printers", 2, map[string]string{}},
		}
		got := after.Staff()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s:\n%v, want\n%v", name, got, want)
		}
		if len(after.Reps) != 5 || !after.Reps[2].Disabled || after.Reps[5].Mail != "new@example.org" {
			t.Errorf("%s: reps %v", name, after.Reps)
		}
		if _, again, err := after.Arrange(by, got, now); err != nil || len(again) > 0 {
			t.Errorf("%s: once more it changes %v, %v", name, again, err)
		}
		if len(changes) == 0 || !reflect.DeepEqual(o, firm()) {
			t.Errorf("%s: what was there is not as before", name)
		}
	}
}

func TestA01WhatAFileDoesNotNameStays(t *testing.T) {
	o := firm()
	for name, s := range map[string]Staff{
		"nothing": {}, "no rep": {Reps: map[string]StaffRep{}}, "what there is": o.Staff(),
		"a role beside": Staff{Roles: map[string]StaffRole{}, Teams: map[uint64]StaffTeam{}}.With(o.Staff()),
	} {
		if after, changes, err := o.Arrange(Asker{Rep: 1}, s, now); err != nil || len(changes) > 0 || after.Stamp() != o.Stamp() {
			t.Errorf("%s: %v, %v", name, changes, err)
		}
	}
	s := o.Staff()
	edit(s.Teams, 1, func(x *StaffTeam) { x.Members = nil })
	if after, _, err := o.Arrange(Asker{Rep: 1}, s, now); err != nil || !reflect.DeepEqual(after.Teams[1].Members, map[uint64]Rank{4: Member}) {
		t.Errorf("who has no mail address: %v, %v", after.Teams[1].Members, err)
	}
}

func TestA01TeamsChangePlaces(t *testing.T) {
	o := firm()
	s := o.Staff()
	edit(s.Teams, 1, func(x *StaffTeam) { x.Above = 2 })
	edit(s.Teams, 2, func(x *StaffTeam) { x.Above = 0 })
	if after, _, err := o.Arrange(Asker{Rep: 1}, s, now); err != nil || after.Teams[1].Above != 2 || after.Teams[2].Above != 0 {
		t.Errorf("%v, %v", after.Teams, err)
	}
}

func TestA01OwnersAreReplacedInOneFile(t *testing.T) {
	o := firm()
	s := o.Staff()
	roles(s, "anna@example.org", OwnerRole)
	roles(s, "olga@example.org", AdministratorRole)
	after, _, err := o.Arrange(Asker{}, s, now)
	if err != nil || !reflect.DeepEqual(after.Owners(), []uint64{2}) {
		t.Errorf("%v, %v", after.Owners(), err)
	}
}

func TestA01AFileGivesNobodyMoreThanAPageWould(t *testing.T) {
	for name, c := range map[string]struct {
		by    Asker
		do    func(Staff)
		where string
		want  error
	}{
		"oneself an owner":        {Asker{Rep: 2}, func(s Staff) { roles(s, "anna@example.org", AdministratorRole, OwnerRole) }, "reps.anna@example.org.roles", ErrOwnRights},
		"another one an owner":    {Asker{Rep: 2}, func(s Staff) { roles(s, "rudi@example.org", "night", OwnerRole) }, "reps.rudi@example.org.roles", ErrAboveYou},
		"a new one an owner":      {Asker{Rep: 2}, func(s Staff) { s.Reps["x@y.z"] = StaffRep{Name: "X", Roles: []string{OwnerRole}} }, "reps.x@y.z.roles", ErrAboveYou},
		"an owner disabled":       {Asker{Rep: 2}, func(s Staff) { edit(s.Reps, "olga@example.org", func(r *StaffRep) { r.Disabled = true }) }, "reps.olga@example.org.disabled", ErrAboveYou},
		"an owner renamed":        {Asker{Rep: 2}, func(s Staff) { edit(s.Reps, "olga@example.org", func(r *StaffRep) { r.Name = "X" }) }, "reps.olga@example.org", ErrAboveYou},
		"one's own role grows":    {Asker{Rep: 3}, func(s Staff) { edit(s.Roles, "night", func(r *StaffRole) { r.May = All() }) }, "roles.night", ErrNotAllowed},
		"a role beyond one's own": {Asker{Rep: 2}, func(s Staff) { edit(s.Roles, "night", func(r *StaffRole) { r.May = All() }) }, "roles.night", ErrAboveYou},
		"a rep makes a rep":       {Asker{Rep: 3}, func(s Staff) { s.Reps["x@y.z"] = StaffRep{Name: "X"} }, "reps.x@y.z", ErrNotAllowed},
		"oneself a lead":          {Asker{Rep: 2}, func(s Staff) { edit(s.Teams, 1, func(x *StaffTeam) { x.Members["anna@example.org"] = "lead" }) }, "teams.1", ErrOwnRights},
		"more than a token":       {Asker{Rep: 1, May: Of(ManagePeople)}, func(s Staff) { edit(s.Teams, 1, func(x *StaffTeam) { x.Name = "X" }) }, "teams.1", ErrNotAllowed},
		"a token's own powers":    {Asker{Rep: 1, May: Of(EditRoles)}, func(s Staff) { roles(s, "rudi@example.org", "night", AdministratorRole) }, "reps.rudi@example.org.roles", ErrAboveYou},
		"nobody there":            {Asker{Rep: 77}, func(s Staff) { edit(s.Teams, 1, func(x *StaffTeam) { x.Name = "X" }) }, "teams.1", ErrNotAllowed},
		"the last owner":          {Asker{Rep: 1}, func(s Staff) { roles(s, "olga@example.org") }, "reps.olga@example.org.roles", ErrLastOwner},
		"the last one by command": {Asker{}, func(s Staff) { roles(s, "olga@example.org") }, "reps", ErrLastOwner},
		"a role that is held":     {Asker{Rep: 1}, func(s Staff) { delete(s.Roles, "night"); delete(s.Reps, "rudi@example.org") }, "roles.night", ErrHeld},
		"a role of everybody's":   {Asker{}, func(s Staff) { s.Roles["rep"] = StaffRole{"Rep", All()} }, "roles.rep", ErrBuiltIn},
		"a role that is gone":     {Asker{Rep: 1}, func(s Staff) { delete(s.Roles, "night") }, "reps.rudi@example.org.roles.0", ErrNoRole},
		"no such role":            {Asker{Rep: 1}, func(s Staff) { roles(s, "anna@example.org", "king") }, "reps.anna@example.org.roles.0", ErrNoRole},
		"no such permission":      {Asker{}, func(s Staff) { s.Roles["x"] = StaffRole{"X", []Permission{"fly"}} }, "roles.x.may.0", ErrNoPermission},
		"unknown mail":            {Asker{}, func(s Staff) { edit(s.Teams, 1, func(x *StaffTeam) { x.Members["who@example.org"] = "lead" }) }, "teams.1.members.who@example.org", ErrNoMail},
		"no rank":                 {Asker{}, func(s Staff) { edit(s.Teams, 1, func(x *StaffTeam) { x.Members["rudi@example.org"] = "king" }) }, "teams.1.members.rudi@example.org", ErrNoRank},
		"no mail":                 {Asker{}, func(s Staff) { s.Reps["who"] = StaffRep{Name: "X"} }, "reps.who", ErrBadMail},
		"one mail twice":          {Asker{}, func(s Staff) { s.Reps["Anna@example.org"] = StaffRep{Name: "X"} }, "reps.anna@example.org", ErrTwice},
		"no name":                 {Asker{}, func(s Staff) { s.Reps["x@y.z"] = StaffRep{} }, "reps.x@y.z", ErrBad},
		"a place beyond":          {Asker{}, func(s Staff) { s.Reps["x@y.z"] = StaffRep{Name: "X", Order: -1} }, "reps.x@y.z", ErrBad},
		"no team above":           {Asker{}, func(s Staff) { edit(s.Teams, 1, func(x *StaffTeam) { x.Above = 7 }) }, "teams.1.above", ErrNoTeam},
		"teams in a circle":       {Asker{}, func(s Staff) { edit(s.Teams, 1, func(x *StaffTeam) { x.Above = 2 }) }, "teams.1.above", ErrCycle},
		"a removed team's number": {Asker{}, func(s Staff) { s.Teams[4] = StaffTeam{Name: "Night"} }, "teams.4", OldTeam(5)},
		"a number beyond":         {Asker{}, func(s Staff) { s.Teams[MaxTeam+1] = StaffTeam{Name: "Night"} }, "teams.1000000000", ErrBad},
		"two teams of a name":     {Asker{}, func(s Staff) { s.Teams[6] = StaffTeam{Name: "Support"} }, "teams.6", ErrTaken},
		"huge": {Asker{}, func(s Staff) {
			for i := range MostChanges + 1 {
				s.Reps[fmt.Sprintf("x%d@y.z", i)] = StaffRep{Name: "X"}
			}
		}, "", ErrMany},
	} {
		o := firm()
		s := o.Staff()
		c.do(s)
		after, changes, err := o.Arrange(c.by, s, now)
		var unfit Unfits
		if !errors.Is(err, c.want) || !errors.As(err, &unfit) || unfit[0].Where != c.where {
			t.Errorf("%s: %v, want %v at %s", name, err, c.want, c.where)
		}
		if len(changes) > 0 || after.Stamp() != firm().Stamp() || o.Stamp() != firm().Stamp() {
			t.Errorf("%s: something was changed", name)
		}
	}
}

func TestA01WhatEverybodyMayIsTheSameInOneGo(t *testing.T) {
	o := firm()
	edit(o.Reps, 2, func(r *Rep) { r.Disabled = true })
	o.Roles[OwnerRole] = Role{ID: OwnerRole, May: Of()} // no organisation's own role counts for a built-in one
	o.Holdings = append(o.Holdings, Holding{Rep: 4, Role: "gone"}, Holding{Rep: 77, Role: OwnerRole})
	got := o.everyone()
	if len(got) != len(o.Reps) {
		t.Errorf("%d reps", len(got))
	}
	for id := range o.Reps {
		if want := bitsOf(o.full(id)); got[id] != want || want == 0 {
			t.Errorf("rep %d: %b, want %b", id, got[id], want)
		}
	}
}

func TestA01ATokenChangesWhoMayNoMoreThanItself(t *testing.T) {
	o := firm()
	by := Asker{Rep: 1, May: Of(ManagePeople)}
	s := Staff{Reps: map[string]StaffRep{"new@example.org": {Name: "New"}}}
	after, _, err := o.Arrange(by, s, now)
	if err != nil || len(after.Reps) != 5 {
		t.Errorf("a new rep: %v", err)
	}
	s = Staff{Reps: map[string]StaffRep{"anna@example.org": {Name: "Anna M.", Roles: []string{AdministratorRole}}}}
	if _, _, err := o.Arrange(by, s, now); !errors.Is(err, ErrAboveYou) {
		t.Errorf("an administrator: %v", err)
	}
}

func TestA01OnlyTheFirstOfManyFaultsAreTold(t *testing.T) {
	s := Staff{Reps: map[string]StaffRep{}}
	for i := range 10 * mostUnfit {
		s.Reps[fmt.Sprint("x", i)] = StaffRep{}
	}
	_, _, err := firm().Arrange(Asker{}, s, now)
	if n := strings.Count(err.Error(), ";") + 1; n != mostUnfit {
		t.Errorf("%d are told", n)
	}
}

func TestA01WhoExportsSeesNoMorePeopleThanOnThePages(t *testing.T) {
	for _, c := range []struct {
		may                Set
		roles, teams, reps bool
	}{
		{Of(ExportSettings), false, false, false},
		{Of(EditTeams), false, true, false},
		{Of(EditRoles), true, false, true},
		{Of(ManagePeople), false, false, true},
		{Of(All()...), true, true, true},
	} {
		s := firm().Staff().For(c.may)
		if s.Roles != nil != c.roles || s.Teams != nil != c.teams || s.Reps != nil != c.reps || s.Says() != (c.roles || c.teams || c.reps) {
			t.Errorf("%v: %v", c.may.List(), s)
		}
	}
}
