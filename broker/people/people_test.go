package people

import (
	"errors"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

const (
	owner = iota + 1
	admin
	second
	lead
	rep
)

// office is an organisation with an owner, two administrators, a lead and a
// rep, all of them there for a long time.
func office() Organisation {
	old := now.Add(-365 * 24 * time.Hour)
	return Organisation{
		Reps: map[uint64]Rep{
			owner:  {ID: owner, PublicName: "Olga", Mail: "olga@example.org"},
			admin:  {ID: admin, PublicName: "Anna", Mail: "anna@example.org"},
			second: {ID: second, PublicName: "Berta", Mail: "berta@example.org"},
			lead:   {ID: lead, PublicName: "Lena", Mail: "lena@example.org"},
			rep:    {ID: rep, PublicName: "Rudi", PrivateName: "Rudolf Maier", Mail: "rudi@example.org"},
		},
		Teams: map[uint64]Team{
			1: {ID: 1, Name: "Support", Members: map[uint64]Rank{lead: Lead, rep: Member}},
			2: {ID: 2, Name: "Everybody", Members: map[uint64]Rank{owner: Manager}},
		},
		Roles: map[string]Role{"auditor": {ID: "auditor", Name: "Auditor", May: Of(ReadAudit, AllReports)}},
		Holdings: []Holding{
			{Rep: owner, Role: OwnerRole, Given: old},
			{Rep: admin, Role: AdministratorRole, By: owner, Given: old},
			{Rep: second, Role: AdministratorRole, By: owner, Given: old},
		},
	}
}

func TestA01EffectivePermissionsAreTheUnion(t *testing.T) {
	o := office()
	for id, want := range map[uint64]Set{
		owner: Of(All()...), lead: Of(PushNotices, TeamReports, OwnSessions), rep: Of(OwnSessions), 99: {},
	} {
		if got := o.May(id); !maps.Equal(got, want) {
			t.Errorf("rep %d may %v, want %v", id, got.List(), want.List())
		}
	}
	if got := o.May(admin); got[RevokeEverything] || got[APITokens] || !got[ManagePeople] {
		t.Errorf("an administrator may %v", got.List())
	}
	gone := o.Reps[admin]
	gone.Disabled = true
	o.Reps[admin] = gone
	if got := o.May(admin); len(got) != 0 {
		t.Errorf("who is disabled may %v", got.List())
	}
}

func TestA01OversightFollowsRanksAndTeamsAbove(t *testing.T) {
	o := office()
	support := o.Teams[1]
	support.Above = 2
	o.Teams[1] = support
	for _, row := range []struct {
		a, b uint64
		want bool
	}{{lead, rep, true}, {rep, lead, false}, {owner, rep, true}, {owner, lead, true}, {admin, rep, false}, {lead, lead, false}} {
		if got := o.Oversees(row.a, row.b); got != row.want {
			t.Errorf("%d oversees %d: %v", row.a, row.b, got)
		}
	}
}

func TestA01ChangesThatAreRefused(t *testing.T) {
	disabled := func(id uint64) SetRep {
		r := office().Reps[id]
		r.Disabled = true
		return SetRep{Rep: r}
	}
	team := func(id, above uint64, members map[uint64]Rank) SetTeam {
		return SetTeam{Team: Team{ID: id, Name: "Team " + string(rune('A'+id)), Above: above, Members: members}}
	}
	for name, row := range map[string]struct {
		by   uint64
		do   Change
		want error
	}{
		"a rep disables somebody":                  {rep, disabled(lead), ErrNotAllowed},
		"the last owner is disabled":               {owner, disabled(owner), ErrLastOwner},
		"the last owner gives up":                  {owner, TakeRole{owner, OwnerRole}, ErrLastOwner},
		"an administrator takes the owner's role":  {admin, TakeRole{owner, OwnerRole}, ErrAboveYou},
		"an administrator changes the owner":       {admin, SetRep{Rep: Rep{ID: owner, PublicName: "O", Mail: "evil@example.org"}}, ErrAboveYou},
		"an administrator becomes owner":           {admin, GiveRole{admin, OwnerRole}, ErrOwnRights},
		"an administrator makes a friend owner":    {admin, GiveRole{rep, OwnerRole}, ErrAboveYou},
		"an administrator gives what they lack":    {admin, SetRole{Role: Role{ID: "new", Name: "New", May: Of(APITokens)}}, nil}, // nobody has it yet
		"an administrator joins a team as lead":    {admin, SetTeam{Team: Team{ID: 1, Name: "Support", Members: map[uint64]Rank{lead: Lead, rep: Member, admin: Lead}}}, ErrOwnRights},
		"a team above itself":                      {admin, team(1, 1, nil), ErrCycle},
		"a team without a name":                    {admin, SetTeam{Team: Team{ID: 3}}, ErrBad},
		"a team under nothing":                     {admin, team(3, 9, nil), ErrNobody},
		"a member who is nobody":                   {admin, team(3, 0, map[uint64]Rank{77: Member}), ErrNobody},
		"a rank there isn't":                       {admin, team(3, 0, map[uint64]Rank{rep: 3}), ErrBad},
		"another one's mail address":               {admin, SetRep{Rep: Rep{ID: 9, PublicName: "X", Mail: "rudi@example.org"}}, ErrTaken},
		"a mail address in capitals":               {admin, SetRep{Rep: Rep{ID: 9, PublicName: "X", Mail: "X@example.org"}}, ErrBad},
		"the owner's role is changed":              {owner, SetRole{Role: Role{ID: OwnerRole, Name: "Owner"}}, ErrBuiltIn},
		"a role of nothing known":                  {owner, SetRole{Role: Role{ID: "x", Name: "X", May: Of("see.everything")}}, ErrBad},
		"a role that nobody has made":              {owner, GiveRole{rep, "nothing"}, ErrNobody},
		"an owner is disabled by an administrator": {admin, disabled(owner), ErrAboveYou},
		"a good change":                            {admin, SetRep{Rep: Rep{ID: rep, PublicName: "Rudi", Mail: "rudi@example.org", IdleMinutes: 5}}, nil},
	} {
		before := office()
		_, err := before.Apply(row.by, row.do, now)
		if !errors.Is(err, row.want) || (err == nil) != (row.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, row.want)
		}
		if len(before.Holdings) != 3 || before.Reps[rep].IdleMinutes != 0 {
			t.Errorf("%s changed the organisation itself", name)
		}
	}
}

func TestA01NamesAreWhatPeopleCanRead(t *testing.T) {
	for name, want := range map[string]bool{
		"Anna Weber": true, "Élodie\u00a0Le\u202fGall": true, "علی\u200cرضا": true, "क्\u200dष": true, "😀": true,
		"": false, " Anna": false, "Anna\u00a0": false, "\u200d": false, "An\nna": false, "An\x00na": false, "\xff": false,
		"Anna\u202e": false, "\u2066Anna": false, strings.Repeat("ä", MaxName): true, strings.Repeat("ä", MaxName+1): false,
	} {
		if Named(name) != want {
			t.Errorf("%q is a name: %v", name, !want)
		}
	}
}

func TestA01ANumberOfATeamIsNeverGivenAgain(t *testing.T) {
	o, err := office().Apply(admin, SetTeam{Team: Team{ID: 7, Name: "Seventh"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	if o, err = o.Apply(admin, RemoveTeam{7}, now); err != nil || o.LastTeam != 7 {
		t.Fatalf("after it went the last one is %d, %v", o.LastTeam, err)
	}
	if _, err := o.Apply(admin, SetTeam{Team: Team{ID: 7, Name: "Again"}}, now); !errors.Is(err, ErrNobody) {
		t.Errorf("its number again: %v", err)
	}
	s := o.Staff()
	s.Teams[8], s.Teams[9] = StaffTeam{Name: "Eighth", Above: 9}, StaffTeam{Name: "Ninth"} // 9 is made first
	if after, _, err := o.Arrange(Asker{}, s, now); err != nil || after.LastTeam != 9 {
		t.Errorf("a file: %d, %v", after.LastTeam, err)
	}
}

func TestA01TeamsCannotComeInACircle(t *testing.T) {
	o, err := office().Apply(admin, SetTeam{Team: Team{ID: 3, Name: "Third", Above: 1}}, now)
	if err != nil {
		t.Fatal(err)
	}
	support := o.Teams[1]
	support.Above = 3
	if _, err := o.Apply(admin, SetTeam{Team: support}, now); !errors.Is(err, ErrCycle) {
		t.Errorf("1 above 3 above 1: %v", err)
	}
	if o, err = o.Apply(admin, RemoveTeam{1}, now); err != nil || o.Teams[3].Above != 0 {
		t.Errorf("after its upper team went, the third is %+v, %v", o.Teams[3], err)
	}
}

// anyChange draws a change, sensible or not.
func anyChange(r *rand.Rand, o Organisation) Change {
	who := uint64(1 + r.IntN(8))
	roles := []string{OwnerRole, AdministratorRole, LeadRole, "auditor", "own"}
	switch r.IntN(8) {
	case 0:
		known := o.Reps[who]
		known.ID, known.PublicName = who, "Rep"
		known.Disabled = r.IntN(2) == 0
		return SetRep{Rep: known}
	case 1, 2:
		return GiveRole{who, roles[r.IntN(len(roles))]}
	case 3:
		return TakeRole{who, roles[r.IntN(len(roles))]}
	case 4:
		may := Set{}
		for range r.IntN(6) {
			may[all[r.IntN(len(all))]] = true
		}
		return SetRole{Role: Role{ID: roles[3+r.IntN(2)], Name: "Own", May: may}}
	case 5:
		return RemoveRole{roles[r.IntN(len(roles))]}
	case 6:
		return RemoveTeam{uint64(1 + r.IntN(3))}
	default:
		id := uint64(1 + r.IntN(3))
		return SetTeam{Team: Team{
			ID: id, Name: string(rune('A' + id)), Above: uint64(r.IntN(4)),
			Members: map[uint64]Rank{uint64(1 + r.IntN(8)): Rank(r.IntN(3))},
		}}
	}
}

func TestA01NoPlotOfSeveralGivesThemMoreThanTheyHad(t *testing.T) {
	made := 0
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 1))
		o := office()
		had := Set{}
		plotters := []uint64{admin, second, lead, rep, 6, 7, 8} // all but the owner, and accounts they make
		for _, id := range plotters {
			maps.Copy(had, o.May(id))
		}
		for range 60 {
			after, err := o.Apply(plotters[r.IntN(len(plotters))], anyChange(r, o), now)
			if err != nil {
				continue
			}
			made++
			o = after
			if len(o.Owners()) != 1 || o.Owners()[0] != owner {
				t.Fatalf("seed %d: owners are %v", seed, o.Owners())
			}
			for _, id := range plotters {
				if more := o.May(id).Without(had); len(more) > 0 {
					t.Fatalf("seed %d: rep %d has come to %v", seed, id, more.List())
				}
			}
		}
	}
	if made < 500 {
		t.Errorf("only %d changes were made", made)
	}
}

func TestA01ListsAreInTheOrderOfWhatColleaguesSay(t *testing.T) {
	o := office()
	o.Reps[6] = Rep{ID: 6, PublicName: "anna"}
	o.Reps[7] = Rep{ID: 7, PublicName: "Zoe", PrivateName: "aaron"}
	o.Teams[3] = Team{ID: 3, Name: "night"}
	var reps, teams []string
	for _, r := range o.RepsByName() {
		reps = append(reps, r.Called())
	}
	for _, t := range o.TeamsByName() {
		teams = append(teams, t.Name)
	}
	if got := strings.Join(reps, " "); got != "aaron Anna anna Berta Lena Olga Rudolf Maier" {
		t.Errorf("reps: %s", got)
	}
	if got := strings.Join(teams, " "); got != "Everybody night Support" {
		t.Errorf("teams: %s", got)
	}
}
