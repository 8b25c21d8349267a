package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
)

// acts are what the audit log tells since an entry, the oldest first.
func acts(t *testing.T, s *Store, since uint64) (all []string) {
	t.Helper()
	entries, err := s.Audit(t.Context(), people.AuditFilter{Limit: people.MostAudit})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range slices.Backward(entries) {
		if e.Seq > since {
			all = append(all, e.Actor+" "+e.Act+" "+e.Subject)
		}
	}
	return all
}

func TestA01AFileOfPeopleAndSettingsIsKeptAsOne(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, admin, _, _ := staffed(t, p)
		read := func() (people.Organisation, settings.Settings, uint64) {
			o, err := s.Organisation(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			set, version, err := s.Settings(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return o, set, version
		}
		o, set, version := read()
		staff := o.Staff()
		staff.Roles["night"] = people.StaffRole{Name: "Night", May: []people.Permission{people.TeamReports}}
		staff.Teams[7] = people.StaffTeam{Name: "Night", Members: map[string]string{"rudi@example.org": "lead", "new@example.org": "member"}}
		staff.Reps["new@example.org"] = people.StaffRep{Name: "New", Listed: true, Roles: []string{"night"}}
		next := set.Clone()
		main := next.Portals[settings.Main]
		main.Name = "Green Branch"
		main.Issues = []settings.Issue{{ID: "dark", Names: map[string]string{"en": "It is dark"}, Team: 7}}
		next.Portals[settings.Main] = main
		seq, _, err := s.AuditHead(t.Context())
		if err != nil {
			t.Fatal(err)
		}

		// What one of the two may not be, neither is.
		for name, c := range map[string]struct {
			by, version uint64
			seen        people.Hash
			want        error
		}{
			"stale settings":       {owner, version + 1, o.Stamp(), settings.ErrChanged},
			"stale people":         {owner, version, people.Hash{1}, people.ErrChanged},
			"a rep beyond rights":  {admin + 2, version, o.Stamp(), people.ErrNotAllowed},
			"nobody who was there": {99, version, o.Stamp(), people.ErrNotAllowed},
		} {
			if err := s.SetFile(t.Context(), c.by, c.version, next, c.seen, staff, start); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
			if now, _, v := read(); now.Stamp() != o.Stamp() || v != version || len(acts(t, s, seq)) > 0 {
				t.Fatalf("%s: something was changed", name)
			}
		}
		evil := people.Staff{Reps: map[string]people.StaffRep{
			"anna@example.org": {Name: "anna", Roles: []string{people.AdministratorRole, people.OwnerRole}},
		}}
		if err := s.SetStaff(t.Context(), people.Asker{Rep: admin}, o.Stamp(), evil, start); !errors.Is(err, people.ErrOwnRights) {
			t.Errorf("an administrator makes herself an owner: %v", err)
		}

		if err := s.SetFile(t.Context(), owner, version, next, o.Stamp(), staff, start); err != nil {
			t.Fatal(err)
		}
		after, kept, _ := read()
		if team := after.Teams[7]; team.Name != "Night" || len(team.Members) != 2 || kept.Portals[settings.Main].Issues[0].Team != 7 {
			t.Errorf("kept: %+v", after.Teams)
		}
		by := people.Actor(owner)
		want := []string{
			by + " role.add role:night", by + " rep.add rep:5", by + " team.add team:7", by + " role.give rep:5",
		}
		if got := acts(t, s, seq); len(got) != 5 || !slices.Equal(got[:4], want) {
			t.Errorf("the audit log tells %q, want %q and the settings", got, want)
		}
		if id, err := s.Change(t.Context(), owner, people.SetTeam{Team: people.Team{Name: "Day"}}, start); err != nil || id != 8 {
			t.Errorf("the next team is %d, %v", id, err)
		}
	})
}

func TestA01TeamsChangeNamesInOneFile(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, _, _, _, _ := staffed(t, p)
		names := []string{"A", "B", "C", "D"}
		for range 20 { // the order in which they are kept is another each time
			names = append(names[3:], names[:3]...) // each gets the one of the team before
			o, err := s.Organisation(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			staff := people.Staff{Teams: map[uint64]people.StaffTeam{}}
			for team, name := range names[:3] {
				staff.Teams[uint64(team+1)] = people.StaffTeam{Name: name}
			}
			if err := s.SetStaff(t.Context(), people.Asker{}, o.Stamp(), staff, start); err != nil {
				t.Fatal(err)
			}
			if o, err = s.Organisation(t.Context()); err != nil || o.Teams[3].Name != staff.Teams[3].Name {
				t.Errorf("teams are %v, %v", o.Teams, err)
			}
		}
	})
}

func TestA01TheCommandMakesNoOwnerWithoutAnEntry(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, _, admin, _, _ := staffed(t, p)
		o, err := s.Organisation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		seq, _, err := s.AuditHead(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		staff := people.Staff{Reps: map[string]people.StaffRep{
			"anna@example.org":  {Name: "anna", Roles: []string{people.AdministratorRole, people.OwnerRole}},
			"berta@example.org": {Name: "berta", Roles: []string{people.AdministratorRole}, Disabled: true},
		}}
		if err := s.SetStaff(t.Context(), people.Asker{}, o.Stamp(), staff, start.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		want := []string{"command role.give " + people.Actor(admin), "command rep.disable " + people.Actor(admin+1)}
		if got := acts(t, s, seq); !slices.Equal(got, want) {
			t.Errorf("the audit log tells %q, want %q", got, want)
		}
	})
}
