package settings

import (
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"

	"handrail/broker/people"
	"handrail/shared/words"
)

func staff() people.Staff {
	return people.Staff{
		Roles: map[string]people.StaffRole{"night": {Name: "Night", May: []people.Permission{people.EditTeams, people.TeamReports}}},
		Teams: map[uint64]people.StaffTeam{
			3: {Name: "Support", Members: map[string]string{"ann@example.org": "lead", "rudi@example.org": "member"}},
			4: {Name: "Printers", Above: 3},
		},
		Reps: map[string]people.StaffRep{
			"ann@example.org": {
				Name: "Ann", PrivateName: "Annabel", Language: "de", Listed: true, Order: 2, IdleMinutes: 9, Disabled: true,
				Roles: []string{"night", "owner"},
			},
			"rudi@example.org": {Name: "Rudi: \"the\" #1"},
		},
	}
}

func TestA01PeopleComeBackFromAFileExactly(t *testing.T) {
	s := everything(t)
	for name, c := range map[string]struct {
		staff people.Staff
		has   string
	}{
		"all": {staff(), "\nstaff:\n  roles:\n    night:\n"}, "nobody": {people.Staff{Roles: map[string]people.StaffRole{}}, "staff:\n  roles: {}\n"},
		"not said": {people.Staff{}, ""},
	} {
		file, err := Export(s, c.staff)
		if err != nil || !strings.Contains(string(file), c.has) || strings.Contains(string(file), "\nstaff") != c.staff.Says() {
			t.Fatalf("%s: %v\n%s", name, err, file)
		}
		set, got, err := ImportWith(file, s)
		if err != nil || !Same(set, s) || !reflect.DeepEqual(got, c.staff) {
			t.Errorf("%s: %v\n%+v, want\n%+v", name, err, got, c.staff)
		}
	}
}

func TestA01WrongPeopleAreRefusedWithTheirLine(t *testing.T) {
	const portals = "portals:\n  main:\n    name: x\nstaff:\n"
	for name, c := range map[string]struct {
		text, where string
		line        int
		say         words.Sentence
	}{
		"a secret":                        {"  reps:\n    a@b.c:\n      password: x\n", "staff.reps.a@b.c.password", 7, words.FileUnknown},
		"one role twice":                  {"  roles:\n    a:\n      name: A\n    a:\n      name: B\n", "staff.roles.a", 8, words.SetTwice},
		"a team without number":           {"  teams:\n    first:\n      name: A\n", "staff.teams.first", 6, words.FileNotNumber},
		"a team of number 0":              {"  teams:\n    0:\n      name: A\n", "staff.teams.0", 6, words.FileNotNumber},
		"a list of reps":                  {"  reps: [a, b]\n", "staff.reps", 5, words.FileNotGroup},
		"another part":                    {"  secrets: {}\n", "staff.secrets", 5, words.FileUnknown},
		"an alias":                        {"  reps: &a {}\n", "staff.reps", 5, words.FileAlias},
		"the section twice":               {"  reps: {}\nstaff:\n  roles: {}\n", "staff", 6, words.SetTwice},
		"the section behind such a value": {"  reps: {}\nportals: staff\nstaff:\n  reps: {}\n", "staff", 7, words.SetTwice},
		"a place too far":                 {"  reps:\n    a@b.c: {name: A, order: 99999999999999999999}\n", "staff.reps.a@b.c.order", 6, words.FileNotNumber},
	} {
		_, _, err := ImportWith([]byte(portals+c.text), everything(t))
		var wrong Wrongs
		if !errors.As(err, &wrong) || wrong[0].Where != c.where || wrong[0].Line != c.line || wrong[0].Sentence != c.say {
			t.Errorf("%s: %+v", name, wrong)
		}
	}
	if _, err := Import([]byte(portals+"  reps: {}\n"), everything(t)); !errors.Is(err, ErrBad) {
		t.Errorf("settings alone take people: %v", err)
	}
	if _, err := ReadStaff([]byte(`{"reps": {"a@b.c": {"nam": "x"}}}`)); !errors.Is(err, ErrBad) {
		t.Errorf("an unknown name: %v", err)
	}
}

func TestA01ChangesOfPeopleAreToldInWords(t *testing.T) {
	var told []string
	for _, c := range CompareStaff(people.Staff{}, staff()) {
		if c.What == c.Path {
			t.Errorf("%s has no name", c.Path)
		}
		told = append(told, c.Section+": "+c.What+": "+c.Old+" → "+c.New)
	}
	text := strings.Join(told, "\n")
	for _, want := range []string{
		"Role night: Permissions:  → teams.edit, reports.team", "Team 3: ann@example.org:  → lead", "Team 4: Team above:  → 3",
		"Rep ann@example.org: Roles:  → night, owner", "Rep rudi@example.org: Disabled:  → No",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	next := staff()
	next.Reps = maps.Clone(next.Reps)
	delete(next.Reps, "rudi@example.org")
	if c := CompareStaff(staff(), next); len(c) != 3 || c[0].Section != "Rep rudi@example.org" || c[0].New != "" {
		t.Errorf("gone: %+v", c)
	}
}

func TestA01EveryRefusalOfPeopleIsASentence(t *testing.T) {
	for _, err := range []error{
		people.ErrNotAllowed, people.ErrNobody, people.ErrTaken, people.ErrLastOwner, people.ErrOwnRights, people.ErrAboveYou, people.ErrCycle,
		people.ErrBuiltIn, people.ErrHeld, people.ErrBad, people.ErrBadMail, people.ErrNoMail, people.ErrTwice, people.ErrNoRank,
		people.ErrNoPermission, people.ErrNoRole, people.ErrNoTeam, people.ErrMany, people.OldTeam(7),
	} {
		var wrong Wrongs
		if !errors.As(StaffWrongs(people.Unfits{{Where: "reps", Err: err}}, "staff"), &wrong) || wrong[0].Where != "staff.reps" ||
			strings.Contains(wrong.Error(), "%!") {
			t.Errorf("%v: %v", err, wrong)
		}
	}
}
