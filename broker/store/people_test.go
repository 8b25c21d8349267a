package store

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
)

// staffed is a store with an owner, two administrators and a rep, whose roles
// were given long before start.
func staffed(t *testing.T, p Place) (s *Store, owner, admin, second, rep uint64) {
	t.Helper()
	s = opened(t, p)
	old := start.Add(-100 * 24 * time.Hour)
	if err := s.AddFirst(t.Context(), Hash{1}, old, old.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	owner, err := s.TakeFirst(t.Context(), Hash{1}, people.Rep{PublicName: "Olga", Mail: "olga@example.org"}, "phc", old)
	if err != nil {
		t.Fatal(err)
	}
	ids := []*uint64{&admin, &second, &rep}
	for i, name := range []string{"anna", "berta", "rudi"} {
		if *ids[i], err = s.Change(t.Context(), owner, people.SetRep{Rep: people.Rep{PublicName: name, Mail: name + "@example.org"}}, old); err != nil {
			t.Fatal(err)
		}
		if name != "rudi" {
			if _, err := s.Change(t.Context(), owner, people.GiveRole{Rep: *ids[i], Role: people.AdministratorRole}, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s, owner, admin, second, rep
}

func TestA01AnOrganisationComesBackAsItWasChanged(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, admin, _, rep := staffed(t, p)
		rudi := people.Rep{
			ID: rep, PublicName: "Rudi", PrivateName: "Rudolf Maier", Mail: "rudi@example.org", Language: "de-AT",
			Listed: true, Order: 3, MustChange: true, IdleMinutes: 15,
		}
		want, err := s.Organisation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			by uint64
			do people.Change
		}{
			{admin, people.SetRep{Rep: rudi}},
			{owner, people.SetTeam{Team: people.Team{ID: 1, Name: "Support", Members: map[uint64]people.Rank{rep: people.Lead, admin: people.Member}}}},
			{owner, people.SetTeam{Team: people.Team{ID: 2, Name: "Night", Above: 1, Members: map[uint64]people.Rank{}}}},
			{owner, people.SetRole{Role: people.Role{ID: "auditor", Name: "Auditor", May: people.Of(people.ReadAudit)}}},
			{owner, people.GiveRole{Rep: rep, Role: "auditor"}},
			{owner, people.TakeRole{Rep: rep, Role: "auditor"}},
			{owner, people.RemoveTeam{ID: 1}},
			{owner, people.GiveRole{Rep: rep, Role: "auditor"}},
		} {
			if _, err := s.Change(t.Context(), c.by, c.do, start); err != nil {
				t.Fatalf("%+v: %v", c.do, err)
			}
			if want, err = want.Apply(c.by, c.do, start); err != nil {
				t.Fatal(err)
			}
			got, err := opened(t, p).Organisation(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			same := len(got.Holdings) == len(want.Holdings)
			for _, h := range want.Holdings {
				same = same && contains(got.Holdings, h)
			}
			if !same || !maps.Equal(got.Reps, want.Reps) || !reflect.DeepEqual(got.Teams, want.Teams) || !reflect.DeepEqual(got.Roles, want.Roles) {
				t.Fatalf("after %+v:\n%+v, want\n%+v", c.do, got, want)
			}
		}
		if _, err := s.Change(t.Context(), rep, people.SetRep{Rep: people.Rep{PublicName: "X"}}, start); !errors.Is(err, people.ErrNotAllowed) {
			t.Errorf("a rep adds a rep: %v", err)
		}
		if _, err := s.Change(t.Context(), owner, people.SetRep{Rep: people.Rep{PublicName: "X", Mail: "rudi@example.org"}}, start); !errors.Is(err, people.ErrTaken) {
			t.Errorf("an address twice: %v", err)
		}
		if r, err := addRep(t.Context(), s, "Enrolled"); err != nil || r.ID != rep+1 {
			t.Errorf("the next one is %+v, %v", r, err)
		}
	})
}

// What is kept of a team that was removed must not become the next one's.
func TestA01ATeamNeverGetsTheNumberOfOneThatWasRemoved(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, _, _, _ := staffed(t, p)
		add := func(s *Store, name string) uint64 {
			id, err := s.Change(t.Context(), owner, people.SetTeam{Team: people.Team{Name: name}}, start)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		remove := func(s *Store, id uint64) {
			if _, err := s.Change(t.Context(), owner, people.RemoveTeam{ID: id}, start); err != nil {
				t.Fatal(err)
			}
		}
		add(s, "Support")
		remove(s, add(s, "Night"))
		if id := add(s, "Day"); id != 3 {
			t.Errorf("after the second team was removed the next is number %d", id)
		}
		remove(s, 3)

		restored := Place{Dir: t.TempDir()}
		if err := Load(t.Context(), restored, strings.NewReader(dumped(t, s)), "", nil); err != nil {
			t.Fatal(err)
		}
		if id := add(opened(t, restored), "Day"); id != 4 {
			t.Errorf("after a restore the next is number %d", id)
		}

		o, err := s.Organisation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		staff := o.Staff()
		staff.Teams[2] = people.StaffTeam{Name: "Night"}
		if err := s.SetStaff(t.Context(), people.Asker{}, o.Stamp(), staff, start); !errors.Is(err, people.OldTeam(3)) {
			t.Errorf("a file gives a number again: %v", err)
		}

		// A broker of the version before kept no number.
		if err := s.engine.write(t.Context(), func(tx *Tx) error {
			_, err := tx.exec(`delete from settings where name = $1`, lastTeamName)
			if err == nil {
				_, err = tx.exec(`delete from migrations where number = 16`)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if id := add(opened(t, p), "Day"); id != 4 {
			t.Errorf("after an upgrade the next is number %d", id)
		}
	})
}

func contains(all []people.Holding, h people.Holding) bool {
	for _, x := range all {
		if x.Rep == h.Rep && x.Role == h.Role && x.By == h.By && x.Given.Equal(h.Given) {
			return true
		}
	}
	return false
}

// addConsole has a console ask to be logged in, and its rep say yes.
func addConsole(ctx context.Context, s *Store, rep uint64, publicKey []byte, computer string) error {
	code, until := people.CodeHash(computer), start.Add(time.Hour)
	if err := s.StartPair(ctx, people.Pair{PublicKey: publicKey, Code: code, Computer: computer, Expires: until}, start); err != nil {
		return err
	}
	if err := s.AnswerPair(ctx, code, rep, true, start); err != nil {
		return err
	}
	_, err := s.TakePair(ctx, publicKey, start, until)
	return err
}

func TestZ04ARepWorksFromSeveralConsoles(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		r, err := addRep(t.Context(), s, "Anna")
		if err != nil {
			t.Fatal(err)
		}
		other, err := addRep(t.Context(), s, "Berta")
		if err != nil {
			t.Fatal(err)
		}
		laptop := []byte("01234567890123456789012345678901")
		for range 2 {
			if err := addConsole(t.Context(), s, r.ID, laptop, "Laptop"); err != nil {
				t.Fatal(err)
			}
		}
		if err := addConsole(t.Context(), s, other.ID, laptop, "Mine"); !errors.Is(err, people.ErrOthersConsole) {
			t.Errorf("another one's console: %v", err)
		}
		if err := s.SeeConsole(t.Context(), laptop, start.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		all, err := s.Consoles(t.Context(), r.ID)
		if err != nil || len(all) != 2 || all[1].Name != "Laptop" || !all[1].Seen.Equal(start.Add(time.Hour)) {
			t.Fatalf("consoles %+v, %v", all, err)
		}
		if err := s.RevokeConsole(t.Context(), r.ID, r.ID, all[1].ID, start); err != nil {
			t.Fatal(err)
		}
		if _, err := s.RepByKey(t.Context(), laptop); !errors.Is(err, lobby.ErrNoRep) {
			t.Errorf("a revoked console: %v", err)
		}
		if found, err := s.RepByKey(t.Context(), r.PublicKey); err != nil || found.ID != r.ID {
			t.Errorf("the other console: %+v, %v", found, err)
		}
		if reps, err := s.Reps(t.Context()); err != nil || len(reps) != 2 {
			t.Errorf("reps %+v, %v", reps, err)
		}
	})
}

func TestA05ADumpOfTheFirstSchemaIsBroughtUpToThisOne(t *testing.T) {
	const first = `{"handrail":"dump","schema":1}
{"table":"settings","columns":["name","value"],"bytes":[1]}
["a","YQ=="]
{"table":"reps","columns":["id","name","public_key","created","revoked"],"bytes":[2]}
[3,"Anna","AAEC",5,0]
[4,"Berta","AAED",6,7]
{"table":"enrolments","columns":["code_hash","name","expires","used","rep"],"bytes":[0]}
["AAAA","Anna",9,5,3]
["AAAB","Carla",9,0,null]
{"table":"keys","columns":["rep","request","number","made","expires","state","session","ended","why"],"bytes":[1,6]}
[3,"AA==","000001",1,2,0,"",0,0]
{"table":"sessions","columns":["id","rep","request","started","customer_ticket","rep_ticket","customer_left","ended","why"],"bytes":[0,2,4,5]}
["AQ==",3,"AA==",1,"","",0,0,0]
{"end":8}
`
	each(t, func(t *testing.T, p Place) {
		if err := Load(t.Context(), p, strings.NewReader(first), "", nil); err != nil {
			t.Fatal(err)
		}
		s := opened(t, p)
		if r, err := s.RepByKey(t.Context(), []byte{0, 1, 2}); err != nil || r.ID != 3 || r.Name != "Anna" {
			t.Errorf("Anna is %+v, %v", r, err)
		}
		if _, err := s.RepByKey(t.Context(), []byte{0, 1, 3}); !errors.Is(err, lobby.ErrNoRep) {
			t.Errorf("Berta was revoked: %v", err)
		}
		kept, _, err := s.Join(t.Context(), lobby.Node{ID: lobby.NodeID{1}}, true)
		if err != nil || len(kept.Keys) != 1 || len(kept.Sessions) != 1 {
			t.Errorf("%d keys, %d sessions, %v", len(kept.Keys), len(kept.Sessions), err)
		}
		if r, err := addRep(t.Context(), s, "Dora"); err != nil || r.ID != 5 {
			t.Errorf("the next one is %+v, %v", r, err)
		}
	})
}

func TestA06RevokeEverythingLeavesOneLoginAndNoToken(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, admin, _, _ := staffed(t, p)
		mine, theirs := Hash{1}, Hash{2}
		for token, rep := range map[Hash]uint64{mine: owner, theirs: admin} {
			if err := s.AddLogin(t.Context(), people.Login{Token: token, Rep: rep, Made: start, Seen: start, Expires: start.Add(time.Hour), Factor: true}); err != nil {
				t.Fatal(err)
			}
		}
		token := people.Token{Hash: Hash{3}, Rep: owner, Name: "Monitoring", May: people.Of(people.AllReports), Made: start}
		if err := s.AddToken(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if err := s.AddToken(t.Context(), people.Token{Hash: Hash{4}, Rep: admin, Made: start}); !errors.Is(err, people.ErrNotAllowed) {
			t.Errorf("an administrator makes a token: %v", err)
		}
		if got, err := s.Token(t.Context(), token.Hash, start); err != nil || !maps.Equal(got.May, token.May) {
			t.Fatalf("token %+v, %v", got, err)
		}
		if err := s.AddFirst(t.Context(), Hash{5}, start, start.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := s.RevokeEverything(t.Context(), admin, theirs, start); !errors.Is(err, people.ErrNotAllowed) {
			t.Errorf("by an administrator: %v", err)
		}
		if at, err := s.EverythingRevoked(t.Context()); err != nil || !at.IsZero() {
			t.Errorf("revoked at %v, %v", at, err)
		}
		if err := s.RevokeEverything(t.Context(), owner, mine, start); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Login(t.Context(), mine, start); err != nil {
			t.Errorf("the one who did it: %v", err)
		}
		if _, err := s.Login(t.Context(), theirs, start); !errors.Is(err, people.ErrNoLogin) {
			t.Errorf("another login: %v", err)
		}
		if _, err := s.Token(t.Context(), token.Hash, start); !errors.Is(err, people.ErrNoLogin) {
			t.Errorf("a token: %v", err)
		}
		if err := s.First(t.Context(), Hash{5}, start); !errors.Is(err, people.ErrUsed) {
			t.Errorf("a first secret: %v", err)
		}
		if at, err := s.EverythingRevoked(t.Context()); err != nil || !at.Equal(start) {
			t.Errorf("revoked at %v, %v", at, err)
		}
	})
}

func TestK01CodesWorkOnceHoweverManyTryThem(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, _, _, _ := staffed(t, p)
		if err := s.SetTOTP(t.Context(), owner, []byte("sealed"), start); err != nil {
			t.Fatal(err)
		}
		if c, err := s.Credentials(t.Context(), owner); err != nil || c.HasFactor() || string(c.TOTP) != "sealed" {
			t.Errorf("before a first code: %+v, %v", c, err)
		}
		if err := s.SetRecoveryCodes(t.Context(), owner, []Hash{{1}, {2}}, start); err != nil {
			t.Fatal(err)
		}
		for name, use := range map[string]func() error{
			"TOTP":     func() error { return s.StepTOTP(t.Context(), owner, 100, start) },
			"recovery": func() error { return s.UseRecoveryCode(t.Context(), owner, Hash{1}, start) },
			"first": func() error {
				_, err := s.TakeFirst(t.Context(), Hash{1}, people.Rep{PublicName: "Eve"}, "phc", start)
				return err
			},
		} {
			var wg sync.WaitGroup
			results := make([]error, 8)
			for i := range results {
				wg.Go(func() { results[i] = use() })
			}
			wg.Wait()
			good := 0
			for _, err := range results {
				if err == nil {
					good++
				} else if !errors.Is(err, people.ErrUsed) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if want := map[string]int{"TOTP": 1, "recovery": 1}[name]; good != want {
				t.Errorf("%s: %d of 8 were good", name, good)
			}
		}
		if err := s.StepTOTP(t.Context(), owner, 99, start); !errors.Is(err, people.ErrUsed) {
			t.Errorf("an earlier step: %v", err)
		}
		if c, err := s.Credentials(t.Context(), owner); err != nil || !c.HasFactor() || c.LastStep != 100 || c.CodesLeft != 1 {
			t.Errorf("afterwards: %+v, %v", c, err)
		}
	})
}

func TestK01TriesAtOnceAreCountedOneByOne(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		patience := people.PerName()
		var wg sync.WaitGroup
		waits := make([]time.Duration, 12)
		for i := range waits {
			wg.Go(func() {
				var err error
				if waits[i], err = s.Try(t.Context(), Hash{1}, patience, start); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		granted := 0
		for _, w := range waits {
			if w == 0 {
				granted++
			}
		}
		if granted != patience.Free+1 {
			t.Errorf("%d tries were granted at once", granted)
		}
		if err := s.Right(t.Context(), Hash{1}, true); err != nil {
			t.Fatal(err)
		}
		if w, err := s.Try(t.Context(), Hash{1}, patience, start); err != nil || w != 0 {
			t.Errorf("after the right password: %v, %v", w, err)
		}
	})
}

func TestK01ALoginEndsWithItsRepAndChangesItsTokenWithTheFactor(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, _, _, rep := staffed(t, p)
		l := people.Login{Token: Hash{1}, Rep: rep, Made: start, Seen: start, Expires: start.Add(time.Hour), Address: []byte{9}}
		if err := s.AddLogin(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		if err := s.FactorDone(t.Context(), Hash{1}, Hash{2}, start, start.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Login(t.Context(), Hash{1}, start); !errors.Is(err, people.ErrNoLogin) {
			t.Errorf("the token from before the factor: %v", err)
		}
		l.Token, l.Factor = Hash{2}, true
		l.Seen, l.Expires = start.Add(time.Minute), start.Add(2*time.Hour)
		if err := s.SeeLogin(t.Context(), l.Token, l.Seen, l.Expires); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Login(t.Context(), Hash{2}, start.Add(90*time.Minute)); err != nil || !reflect.DeepEqual(got, l) {
			t.Errorf("login %+v, %v, want %+v", got, err, l)
		}
		if _, err := s.Login(t.Context(), Hash{2}, start.Add(2*time.Hour)); !errors.Is(err, people.ErrNoLogin) {
			t.Errorf("too late: %v", err)
		}
		if err := s.RevokeRep(t.Context(), rep, start); err != nil { // by the command
			t.Fatal(err)
		}
		back := people.Rep{ID: rep, PublicName: "rudi", Mail: "rudi@example.org"}
		if _, err := s.Change(t.Context(), owner, people.SetRep{Rep: back}, start); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Login(t.Context(), Hash{2}, start); !errors.Is(err, people.ErrNoLogin) {
			t.Errorf("shut out by the command, and back: %v", err)
		}
		l.Token = Hash{3}
		if err := s.AddLogin(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		for _, disabled := range []bool{true, false} {
			rudi := people.Rep{ID: rep, PublicName: "rudi", Mail: "rudi@example.org", Disabled: disabled}
			if _, err := s.Change(t.Context(), owner, people.SetRep{Rep: rudi}, start); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Login(t.Context(), Hash{3}, start); !errors.Is(err, people.ErrNoLogin) {
				t.Errorf("disabled %v: %v", disabled, err)
			}
		}
	})
}

func TestK01APasswordComesBackByTwoAdministrators(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, _, admin, second, rep := staffed(t, p)
		if _, err := s.StartReset(t.Context(), Hash{7}, admin, rep, false, start); err != nil {
			t.Fatal(err)
		}
		if err := s.UseReset(t.Context(), Hash{7}, "first", start); err != nil {
			t.Errorf("the invitation: %v", err)
		}
		key := people.Passkey{ID: []byte{1}, Rep: rep, Name: "Phone", Record: []byte("{}"), Made: start}
		if err := s.AddPasskey(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if err := s.AddPasskey(t.Context(), key); !errors.Is(err, people.ErrUsed) {
			t.Errorf("one passkey twice: %v", err)
		}
		if err := s.AddLogin(t.Context(), people.Login{Token: Hash{9}, Rep: rep, Made: start, Expires: start.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		if r, err := s.StartReset(t.Context(), Hash{1}, admin, rep, false, start); err != nil || !r.NeedFactor {
			t.Fatalf("with a passkey: %+v, %v", r, err)
		}
		if err := s.UseReset(t.Context(), Hash{1}, "evil", start); !errors.Is(err, people.ErrNeedsFactor) {
			t.Errorf("the link alone: %v", err)
		}
		if err := s.ApproveReset(t.Context(), Hash{1}, second, start); !errors.Is(err, people.ErrNeedsFactor) {
			t.Errorf("around the passkey: %v", err)
		}
		if _, err := s.StartReset(t.Context(), Hash{2}, admin, rep, true, start); err != nil {
			t.Fatal(err)
		}
		if err := s.OpenReset(t.Context(), Hash{1}, start); !errors.Is(err, people.ErrResetOver) {
			t.Errorf("the earlier link: %v", err)
		}
		if err := s.ApproveReset(t.Context(), Hash{2}, admin, start); !errors.Is(err, people.ErrSamePerson) {
			t.Errorf("approved by who started: %v", err)
		}
		waiting, err := s.Resets(t.Context(), start)
		if err != nil || len(waiting) != 1 || waiting[0].Link != (Hash{2}) || waiting[0].Rep != rep || waiting[0].By != admin {
			t.Errorf("waiting %v, %v", waiting, err)
		}
		if err := s.ApproveReset(t.Context(), Hash{2}, second, start); err != nil {
			t.Fatal(err)
		}
		if err := s.UseReset(t.Context(), Hash{2}, "new", start); err != nil {
			t.Fatal(err)
		}
		if err := s.UseReset(t.Context(), Hash{2}, "newer", start); !errors.Is(err, people.ErrResetOver) {
			t.Errorf("used twice: %v", err)
		}
		if c, err := s.Credentials(t.Context(), rep); err != nil || c.Password != "new" || c.HasFactor() {
			t.Errorf("credentials %+v, %v", c, err)
		}
		if all, err := s.Logins(t.Context(), rep); err != nil || len(all) != 0 {
			t.Errorf("logins from before: %v, %v", all, err)
		}

		if _, err := s.StartReset(t.Context(), Hash{3}, admin, rep, false, start); err != nil {
			t.Fatal(err)
		}
		if err := s.AddLogin(t.Context(), people.Login{Token: Hash{8}, Rep: rep, Made: start, Expires: start.Add(time.Hour), Factor: true}); err != nil {
			t.Fatal(err)
		}
		if err := s.ApproveReset(t.Context(), Hash{3}, second, start); !errors.Is(err, people.ErrResetOver) {
			t.Errorf("after the rep signed in: %v", err)
		}
	})
}
