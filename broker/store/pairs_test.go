package store

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/record"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

var laptop = []byte("01234567890123456789012345678901")

// asks lets a console ask with a code of one byte.
func asks(t *testing.T, s *Store, key []byte, code byte) {
	t.Helper()
	p := people.Pair{Code: people.Hash{code}, PublicKey: key, Computer: "LAPTOP-7", From: "192.0.2.7", Expires: start.Add(people.PairLife)}
	if err := s.StartPair(t.Context(), p, start); err != nil {
		t.Fatal(err)
	}
}

func TestK01AConsoleIsLoggedInOnceItsRepAgrees(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, _, _, _, rep := staffed(t, p)
		ctx, until := t.Context(), start.Add(12*time.Hour)
		if _, err := s.PairOf(ctx, laptop, start); !errors.Is(err, people.ErrNoPair) {
			t.Errorf("before it asks: %v", err)
		}
		asks(t, s, laptop, 1)
		asks(t, s, laptop, 2) // again, after a lost connection
		if _, err := s.PairByCode(ctx, people.Hash{1}, start); !errors.Is(err, people.ErrNoPair) {
			t.Errorf("the code before: %v", err)
		}
		got, err := s.PairByCode(ctx, people.Hash{2}, start)
		if err != nil || got.State != people.PairWaiting || got.Computer != "LAPTOP-7" || got.From != "192.0.2.7" || !bytes.Equal(got.PublicKey, laptop) {
			t.Fatalf("%+v, %v", got, err)
		}
		if _, err := s.TakePair(ctx, laptop, start, until); !errors.Is(err, people.ErrNoPair) {
			t.Errorf("taken before anybody agreed: %v", err)
		}
		if err := s.AnswerPair(ctx, people.Hash{2}, rep, true, start); err != nil {
			t.Fatal(err)
		}
		if err := s.AnswerPair(ctx, people.Hash{2}, rep, false, start); !errors.Is(err, people.ErrNoPair) {
			t.Errorf("answered twice: %v", err)
		}
		if got, err := s.PairOf(ctx, laptop, start); err != nil || got.State != people.PairAllowed || got.Rep != rep || got.From != "" {
			t.Errorf("%+v, %v", got, err)
		}
		r, err := s.TakePair(ctx, laptop, start, until)
		if err != nil || r.ID != rep {
			t.Fatalf("%+v, %v", r, err)
		}
		if _, err := s.TakePair(ctx, laptop, start, until); !errors.Is(err, people.ErrNoPair) {
			t.Errorf("taken twice: %v", err)
		}
		if r, end, err := s.ConsoleLogin(ctx, laptop, until.Add(-1)); err != nil || r.ID != rep || !end.Equal(until) {
			t.Errorf("logged in %+v, %v, %v", r, end, err)
		}
		if _, _, err := s.ConsoleLogin(ctx, laptop, until); !errors.Is(err, people.ErrNoLogin) {
			t.Errorf("after its time: %v", err)
		}
		if _, _, err := s.ConsoleLogin(ctx, []byte("nobody's"), start); !errors.Is(err, lobby.ErrNoRep) {
			t.Errorf("unknown: %v", err)
		}
		if err := s.EndConsoleLogin(ctx, laptop); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.ConsoleLogin(ctx, laptop, start); !errors.Is(err, people.ErrNoLogin) {
			t.Errorf("signed out: %v", err)
		}
	})
}

func TestK01WhatAConsoleAsksEnds(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, _, admin, _, rep := staffed(t, p)
		ctx, until := t.Context(), start.Add(time.Hour)
		late := start.Add(people.PairLife)
		asks(t, s, laptop, 1)
		if got, err := s.PairOf(ctx, laptop, late); err != nil || got.State != people.PairOver {
			t.Errorf("too late: %+v, %v", got, err)
		}
		if err := s.AnswerPair(ctx, people.Hash{1}, rep, true, late); !errors.Is(err, people.ErrNoPair) {
			t.Errorf("answered too late: %v", err)
		}
		if err := s.AnswerPair(ctx, people.Hash{1}, rep, false, start); err != nil {
			t.Fatal(err)
		}
		if got, err := s.PairOf(ctx, laptop, start); err != nil || got.State != people.PairRefused {
			t.Errorf("refused: %+v, %v", got, err)
		}
		if _, err := s.TakePair(ctx, laptop, start, until); !errors.Is(err, people.ErrNoPair) {
			t.Errorf("taken after a no: %v", err)
		}
		asks(t, s, laptop, 2)
		if err := s.AnswerPair(ctx, people.Hash{2}, rep, true, start); err != nil {
			t.Fatal(err)
		}
		if _, err := s.TakePair(ctx, laptop, late, until); !errors.Is(err, people.ErrNoPair) {
			t.Errorf("taken too late: %v", err)
		}
		if _, err := s.TakePair(ctx, laptop, start, until); err != nil {
			t.Fatal(err)
		}
		asks(t, s, laptop, 3)
		if err := s.AnswerPair(ctx, people.Hash{3}, admin, true, start); !errors.Is(err, people.ErrOthersConsole) {
			t.Errorf("another rep's console: %v", err)
		}
		if err := s.AnswerPair(ctx, people.Hash{3}, admin, false, start); err != nil {
			t.Errorf("refusing it: %v", err)
		}
		asks(t, s, laptop, 4)
		if err := s.AnswerPair(ctx, people.Hash{4}, rep, true, start); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Change(ctx, admin, people.SetRep{Rep: people.Rep{ID: rep, PublicName: "rudi", Disabled: true}}, start); err != nil {
			t.Fatal(err)
		}
		if _, err := s.TakePair(ctx, laptop, start, until); !errors.Is(err, lobby.ErrNoRep) {
			t.Errorf("taken by who is disabled: %v", err)
		}
		if _, err := s.Change(ctx, admin, people.SetRep{Rep: people.Rep{ID: rep, PublicName: "rudi"}}, start); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.ConsoleLogin(ctx, laptop, start); !errors.Is(err, people.ErrNoLogin) {
			t.Errorf("logged in all the same after having been disabled: %v", err)
		}
	})
}

func TestK01NoMoreConsolesAskThanThereIsRoomFor(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		pair := func(i int, now time.Time) error {
			return s.StartPair(t.Context(), people.Pair{
				Code: people.Hash{byte(i), byte(i >> 8), 9}, PublicKey: fmt.Append(nil, i), Expires: now.Add(people.PairLife),
			}, now)
		}
		if err := s.change(t.Context(), "filling", func(tx *Tx) error {
			for i := range mostPairs {
				if _, err := tx.exec(`insert into pairs (`+pairColumns+`) values ($1, $1, '', '', 0, 0, $2)`, fmt.Append(nil, i), micros(start.Add(people.PairLife))); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := pair(mostPairs, start); !errors.Is(err, people.ErrManyPairs) {
			t.Errorf("one more: %v", err)
		}
		if err := pair(5, start); err != nil {
			t.Errorf("the same again: %v", err)
		}
		if err := pair(mostPairs, start.Add(people.PairLife)); err != nil {
			t.Errorf("when the others are over: %v", err)
		}
	})
}

// A laptop that came by a code is not in again when its rep is.
func TestA01WhoWasDisabledSignsInAnewOnEveryConsole(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, _, _, _ := staffed(t, p)
		ctx := t.Context()
		ends := map[string]func(lobby.Rep) error{
			"the page": func(r lobby.Rep) error {
				_, err := s.Change(ctx, owner, people.SetRep{Rep: people.Rep{ID: r.ID, PublicName: r.Name, Disabled: true}}, start)
				return err
			},
			"the command": func(r lobby.Rep) error { return s.RevokeRep(ctx, r.ID, start) },
		}
		for name, end := range ends {
			r, err := addRep(ctx, s, name)
			if err != nil {
				t.Fatal(err)
			}
			if err := end(r); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Change(ctx, owner, people.SetRep{Rep: people.Rep{ID: r.ID, PublicName: r.Name}}, start); err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.ConsoleLogin(ctx, r.PublicKey, start); !errors.Is(err, people.ErrNoLogin) {
				t.Errorf("disabled by %s and enabled: %v", name, err)
			}
			code := people.CodeHash("new " + name)
			if err := s.AddEnrolment(ctx, code, r.Name, start, start.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Enrol(ctx, code, r.PublicKey, start); err != nil {
				t.Error(err)
			}
			if back, until, err := s.ConsoleLogin(ctx, r.PublicKey, start); err != nil || back.ID != r.ID || !until.IsZero() {
				t.Errorf("with a new code %+v, %v, %v", back, until, err)
			}
		}
	})
}

// Whoever learnt the old password may have logged a console in with it.
func TestK01ANewPasswordEndsTheLoginsOfConsoles(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, _, admin, _, rep := staffed(t, p)
		ctx, until := t.Context(), start.Add(time.Hour)
		login := func(code byte, key []byte, of uint64) {
			asks(t, s, key, code)
			if err := s.AnswerPair(ctx, people.Hash{code}, of, true, start); err != nil {
				t.Fatal(err)
			}
			if _, err := s.TakePair(ctx, key, start, until); err != nil {
				t.Fatal(err)
			}
		}
		theirs := bytes.Repeat([]byte{9}, 32)
		login(1, laptop, rep)
		login(2, theirs, admin)
		if err := s.SetPassword(ctx, rep, "phc", Hash{}, start); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.ConsoleLogin(ctx, laptop, start); !errors.Is(err, people.ErrNoLogin) {
			t.Errorf("the console: %v", err)
		}
		if _, _, err := s.ConsoleLogin(ctx, theirs, start); err != nil {
			t.Errorf("another rep's: %v", err)
		}
		login(3, laptop, rep)
	})
}

func TestA06RevokingEverythingEndsLoginsOfConsoles(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, _, _, rep := staffed(t, p)
		old, err := addRep(t.Context(), s, "Enrolled")
		if err != nil {
			t.Fatal(err)
		}
		if _, until, err := s.ConsoleLogin(t.Context(), old.PublicKey, start.Add(1e9)); err != nil || !until.IsZero() {
			t.Fatalf("a console that enrolled: %v, %v", until, err)
		}
		asks(t, s, laptop, 1)
		if err := s.AnswerPair(t.Context(), people.Hash{1}, rep, true, start); err != nil {
			t.Fatal(err)
		}
		if err := s.RevokeEverything(t.Context(), owner, Hash{}, start); err != nil {
			t.Fatal(err)
		}
		if _, err := s.TakePair(t.Context(), laptop, start, start.Add(time.Hour)); !errors.Is(err, people.ErrNoPair) {
			t.Errorf("what was allowed before: %v", err)
		}
		if _, _, err := s.ConsoleLogin(t.Context(), old.PublicKey, start); !errors.Is(err, people.ErrNoLogin) {
			t.Errorf("a console that enrolled: %v", err)
		}
	})
}

func TestA04TheLogTellsOfATokenWhateverItsProgramDoes(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, _, _, rep := staffed(t, p)
		settle(t, s, settings.Settings{})
		keepAll(t, s, visit(1, start, rep)...)
		ctx := s.ByToken(t.Context(), 7)
		seq, _, err := s.AuditHead(ctx)
		if err != nil {
			t.Fatal(err)
		}
		_, changing := s.Change(ctx, owner, people.SetTeam{Team: people.Team{Name: "Night"}}, start)
		adding := s.AddEnrolment(ctx, Hash{7}, "Rudi", start, start.Add(time.Hour))
		_, enrolling := s.Enrol(ctx, Hash{7}, laptop, start)
		err = errors.Join(changing, adding, enrolling, s.RevokeRep(ctx, rep, start),
			s.Erase(ctx, owner, wire.SessionID{1}, record.Scope{All: true}, start))
		if err != nil {
			t.Fatal(err)
		}
		entries, err := s.Audit(ctx, people.AuditFilter{Limit: 5})
		if err != nil || len(entries) != 5 || entries[4].Seq != seq+1 {
			t.Fatalf("the log says %+v, %v", entries, err)
		}
		for _, e := range entries {
			if !strings.Contains(string(e.Detail), `"token":7`) {
				t.Errorf("%s tells only %s", e.Act, e.Detail)
			}
		}
	})
}

func TestA04EveryActOnPeopleIsInTheLogWithoutNames(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, admin, second, rep := staffed(t, p)
		ctx := t.Context()
		for _, c := range []people.Change{
			people.SetRep{Rep: people.Rep{ID: rep, PublicName: "Secret Name", Mail: "secret@example.org"}},
			people.SetTeam{Team: people.Team{Name: "Night", Members: map[uint64]people.Rank{rep: people.Lead}}},
			people.SetRole{Role: people.Role{ID: "auditor", Name: "Auditor", May: people.Of(people.ReadAudit)}},
			people.GiveRole{Rep: rep, Role: "auditor"},
			people.TakeRole{Rep: rep, Role: "auditor"},
			people.RemoveRole{ID: "auditor"},
			people.RemoveTeam{ID: 1},
			people.SetRep{Rep: people.Rep{ID: rep, PublicName: "Secret Name", Disabled: true}},
			people.SetRep{Rep: people.Rep{ID: rep, PublicName: "Secret Name"}},
		} {
			if _, err := s.Change(ctx, owner, c, start); err != nil {
				t.Fatalf("%+v: %v", c, err)
			}
		}
		if _, err := s.Change(ctx, rep, people.RemoveTeam{ID: 7}, start); !errors.Is(err, people.ErrNotAllowed) {
			t.Errorf("what a rep may not: %v", err)
		}
		steps := []error{
			s.SetPassword(ctx, second, "phc", Hash{}, start), s.SetTOTP(ctx, second, []byte{1}, start), s.StepTOTP(ctx, second, 5, start),
			s.StepTOTP(ctx, second, 6, start), s.SetRecoveryCodes(ctx, second, []Hash{{1}}, start), s.UseRecoveryCode(ctx, second, Hash{1}, start),
			s.AddPasskey(ctx, people.Passkey{ID: []byte{1}, Rep: second, Name: "Secret", Record: []byte{1}, Made: start}), s.DropPasskey(ctx, second, []byte{1}, start),
			s.DropPasskey(ctx, second, []byte{1}, start), s.DropTOTP(ctx, second, start),
			s.AddLogin(ctx, people.Login{Token: Hash{1}, Rep: second, Made: start, Seen: start, Expires: start.Add(1e9), Factor: true, How: "passkey"}),
			s.EndLoginOf(ctx, second, Hash{1}, start), s.EndLoginOf(ctx, second, Hash{1}, start), s.EndOtherLogins(ctx, second, Hash{}, start),
			s.RevokeToken(ctx, owner, 3, start), s.RevokeEverything(ctx, owner, Hash{}, start),
		}
		if _, err := s.StartReset(ctx, Hash{5}, admin, rep, false, start); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, s.CancelReset(ctx, Hash{5}, owner, start))
		for range 2 { // the second time changes nothing
			_, err := s.Enrol(ctx, Hash{6}, bytes.Repeat([]byte{6}, 32), start)
			if !errors.Is(err, lobby.ErrBadCode) {
				t.Errorf("without a code: %v", err)
			}
		}
		for range 2 {
			steps = append(steps, s.AddEnrolment(ctx, Hash{7}, "Secret Name", start, start.Add(1e9)))
		}
		for range 2 {
			_, err := s.Enrol(ctx, Hash{7}, bytes.Repeat([]byte{7}, 32), start)
			steps = append(steps, err, s.RevokeRep(ctx, rep, start))
		}
		if err := errors.Join(steps...); err != nil {
			t.Fatal(err)
		}
		var acts string
		entries, err := s.Audit(ctx, people.AuditFilter{Limit: people.MostAudit})
		for _, e := range entries {
			acts = e.Act + " " + acts
			if bytes.Contains(bytes.ToLower(fmt.Append(nil, e.Actor, e.Subject, string(e.Detail))), []byte("secret")) {
				t.Errorf("a name: %+v", e)
			}
		}
		const want = "first.make first.take rep.add role.give rep.add role.give rep.add " +
			"rep.change team.add role.add role.give role.take role.remove team.remove rep.disable rep.enable " +
			"password.change totp.set codes.new codes.use passkey.add passkey.drop totp.drop login.in login.end login.end " +
			"everything.revoke reset.start reset.cancel console.code console.enrol rep.disable "
		if err != nil || acts != want {
			t.Errorf("acts are\n%s, %v, want\n%s", acts, err, want)
		}
		if _, _, err := s.VerifyAudit(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestK01WhatABrowserBringsBackWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		if err := s.Spend(t.Context(), people.Hash{1}, start); err != nil {
			t.Fatal(err)
		}
		if err := s.Spend(t.Context(), people.Hash{1}, start); !errors.Is(err, people.ErrUsed) {
			t.Errorf("twice: %v", err)
		}
		if err := errors.Join(s.PruneLogins(t.Context(), start.Add(1e9)), s.Spend(t.Context(), people.Hash{1}, start)); err != nil {
			t.Errorf("when it was forgotten: %v", err)
		}
	})
}

func TestK01AnIdentityProviderDecidesAboutItsRolesAlone(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, _, _, rep := staffed(t, p)
		decided := []string{people.AdministratorRole, people.OwnerRole, "gone"}
		for _, step := range []struct {
			rep     uint64
			held    []string
			changed bool
			admin   bool
			want    error
		}{
			{rep, []string{people.AdministratorRole, "gone"}, true, true, nil},
			{rep, []string{people.AdministratorRole}, false, true, nil},
			{rep, nil, true, false, nil},
			{owner, nil, false, true, people.ErrLastOwner},
			{99, nil, false, false, people.ErrNobody},
		} {
			changed, err := s.SetMappedRoles(t.Context(), step.rep, decided, step.held, start)
			o, lost := s.Organisation(t.Context())
			if changed != step.changed || !errors.Is(err, step.want) || o.May(step.rep)[people.ManagePeople] != step.admin || lost != nil {
				t.Errorf("%+v: %v, %v, may %v", step, changed, err, o.May(step.rep).List())
			}
		}
		if _, err := s.Change(t.Context(), owner, people.GiveRole{Rep: rep, Role: people.AdministratorRole}, start); err != nil {
			t.Fatal(err)
		}
		if changed, err := s.SetMappedRoles(t.Context(), rep, []string{people.OwnerRole}, nil, start); changed || err != nil {
			t.Errorf("a role that it doesn't decide about: %v, %v", changed, err)
		}
	})
}
