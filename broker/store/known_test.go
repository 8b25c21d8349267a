package store

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/broker/people"
)

const issuer = "https://id.example.org"

// noticed is how often each act is in the audit log about a rep.
func noticed(t *testing.T, s *Store, rep uint64) map[string]int {
	t.Helper()
	entries, err := s.Audit(t.Context(), people.AuditFilter{Subject: people.Actor(rep), Limit: people.MostAudit})
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, e := range entries {
		n[e.Act]++
	}
	return n
}

// mailed gives a rep another mail address.
func mailed(t *testing.T, s *Store, by, rep uint64, mail string) {
	t.Helper()
	o, err := s.Organisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := o.Reps[rep]
	r.Mail = mail
	if _, err := s.Change(t.Context(), by, people.SetRep{Rep: r}, start); err != nil {
		t.Fatal(err)
	}
}

func TestK01AnAccountAtAProviderStaysWhoItWas(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, _, admin, second, rep := staffed(t, p)
		meet := func(subject, mail string) (uint64, error) {
			r, err := s.Meet(t.Context(), people.Word{Issuer: issuer, Subject: subject, Mail: mail}, start)
			return r.ID, err
		}
		for _, subject := range []string{"", strings.Repeat("s", 300), "s\x00", "ß"} {
			if _, err := meet(subject, "rudi@example.org"); !errors.Is(err, people.ErrBad) {
				t.Errorf("subject %.10q: %v", subject, err)
			}
		}
		if id, err := meet("sub-Rudi", "rudi@example.org"); id != rep || err != nil {
			t.Fatalf("the first time: %d, %v", id, err)
		}
		for _, subject := range []string{"sub-rudi", "SUB-RUDI", "sub-Rudi ", "evil"} {
			if _, err := meet(subject, "rudi@example.org"); !errors.Is(err, people.ErrOtherSubject) {
				t.Errorf("%q with the same address: %v", subject, err)
			}
		}
		mailed(t, s, admin, rep, "evil@example.org")
		if _, err := meet("evil", "evil@example.org"); !errors.Is(err, people.ErrOtherSubject) {
			t.Errorf("by the address that an administrator gave: %v", err)
		}
		for _, mail := range []string{"rudi@example.org", "anna@example.org", ""} {
			if id, err := meet("sub-Rudi", mail); id != rep || err != nil {
				t.Errorf("known, with address %q: %d, %v", mail, id, err)
			}
		}
		if got := noticed(t, s, rep); got["provider.meet"] != 1 || got["provider.refuse"] != 1 {
			t.Errorf("the log has %v", got)
		}
		if _, err := s.Meet(t.Context(), people.Word{Issuer: issuer, Subject: "evil", Mail: "evil@example.org"}, start.Add(2*time.Hour)); !errors.Is(err, people.ErrOtherSubject) {
			t.Errorf("two hours later: %v", err)
		}
		if got := noticed(t, s, rep); got["provider.refuse"] != 2 {
			t.Errorf("two hours later the log has %v", got)
		}

		other := people.Word{Issuer: "https://other.example.org", Subject: "1", Mail: "evil@example.org"}
		if _, err := s.Meet(t.Context(), other, start); !errors.Is(err, people.ErrGivenMail) {
			t.Errorf("at another provider, by that address: %v", err)
		}
		if id, err := meet("sub-Rudi", "Evil@Example.org"); id != rep || err != nil {
			t.Errorf("known, with the address of now: %d, %v", id, err)
		}
		if r, err := s.Meet(t.Context(), other, start); r.ID != rep || err != nil {
			t.Errorf("at another provider, once this one has confirmed the address: %+v, %v", r, err)
		}

		// Nobody invites who has come in by a provider: that is a reset, and two
		// administrators forget who it was.
		r, err := s.StartReset(t.Context(), Hash{7}, admin, rep, false, start)
		if err != nil || r.State != people.ResetStarted {
			t.Fatalf("a reset is %+v, %v", r, err)
		}
		if err := s.UseReset(t.Context(), Hash{7}, "phc", start); !errors.Is(err, people.ErrNeedsApproval) {
			t.Errorf("one administrator alone: %v", err)
		}
		if known, err := s.KnownAt(t.Context(), rep); err != nil || len(known) != 2 || known[0].Subject != "sub-Rudi" || !known[0].Since.Equal(start) {
			t.Errorf("known as %+v, %v", known, err)
		}
		if err := errors.Join(s.ApproveReset(t.Context(), Hash{7}, second, start), s.UseReset(t.Context(), Hash{7}, "phc", start)); err != nil {
			t.Fatal(err)
		}
		if known, err := s.KnownAt(t.Context(), rep); err != nil || len(known) != 0 || noticed(t, s, rep)["provider.forget"] != 1 {
			t.Errorf("after a reset by two known as %+v, %v", known, err)
		}
		if _, err := meet("evil", "evil@example.org"); !errors.Is(err, people.ErrOwnWay) {
			t.Errorf("after it, by the address: %v", err)
		}
		if err := s.JoinProvider(t.Context(), rep, people.Word{Issuer: issuer, Subject: "new"}, start); err != nil {
			t.Error(err)
		}
		if id, err := meet("new", ""); id != rep || err != nil {
			t.Errorf("the account that the rep named: %d, %v", id, err)
		}
	})
}

func TestK01WhoGaveAMailAddressDecidesWhetherItVouches(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s, owner, admin, _, rep := staffed(t, p)
		word := func(mail string) people.Word { return people.Word{Issuer: issuer, Subject: "of " + mail, Mail: mail} }
		if _, err := s.Meet(t.Context(), word("anna@example.org"), start); !errors.Is(err, people.ErrGivenMail) {
			t.Errorf("an administrator who has never come in, made by an owner: %v", err)
		}
		if _, err := s.Meet(t.Context(), word("olga@example.org"), start); !errors.Is(err, people.ErrOwnWay) {
			t.Errorf("an owner with a password: %v", err)
		}
		// Rudi came in through the provider of before, when nobody kept who he was.
		if err := s.AddLogin(t.Context(), people.Login{Token: Hash{4}, Rep: rep, Made: start, Expires: start.Add(time.Hour), Factor: true, How: "oidc"}); err != nil {
			t.Fatal(err)
		}
		mailed(t, s, admin, rep, "evil@example.org")
		if _, err := s.Meet(t.Context(), word("evil@example.org"), start); !errors.Is(err, people.ErrGivenMail) {
			t.Errorf("an address that an administrator gave: %v", err)
		}
		if r, err := s.StartReset(t.Context(), Hash{5}, admin, rep, false, start); err != nil || r.State == people.ResetOpen {
			t.Errorf("an invitation for somebody who has been in: %+v, %v", r, err)
		}
		o, err := s.Organisation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		staff := o.Staff()
		staff.Reps["carl@example.org"] = people.StaffRep{Name: "Carl", Roles: []string{people.AdministratorRole}}
		if err := s.SetStaff(t.Context(), people.Asker{}, o.Stamp(), staff, start); err != nil {
			t.Fatal(err)
		}
		if r, err := s.Meet(t.Context(), word("carl@example.org"), start); err != nil || r.PublicName != "Carl" {
			t.Errorf("whom the command has added: %+v, %v", r, err)
		}
		if err := s.JoinProvider(t.Context(), owner, word("carl@example.org"), start); !errors.Is(err, people.ErrOthersSubject) {
			t.Errorf("another's account: %v", err)
		}
		mine := people.Word{Issuer: issuer, Subject: "olga"}
		for range 2 {
			if err := s.JoinProvider(t.Context(), owner, mine, start); err != nil {
				t.Error(err)
			}
		}
		if err := s.JoinProvider(t.Context(), owner, people.Word{Issuer: issuer, Subject: "Olga"}, start); !errors.Is(err, people.ErrOtherSubject) {
			t.Errorf("a second one: %v", err)
		}
		if err := s.JoinProvider(t.Context(), owner, people.Word{Issuer: "https://other.example.org", Subject: "Olga"}, start); err != nil {
			t.Errorf("one at another provider: %v", err)
		}
		if err := s.JoinProvider(t.Context(), owner, people.Word{Issuer: issuer}, start); !errors.Is(err, people.ErrBad) {
			t.Errorf("no subject: %v", err)
		}
		if n := noticed(t, s, owner)["provider.join"]; n != 2 {
			t.Errorf("%d joined in the log", n)
		}
	})
}

// TestK01NothingThatOneAdministratorDoesMakesAProviderVouchForThem lets one do
// what comes to mind, with accounts at the provider, puppets and links of their
// own, to reps who have been in: by the provider before it was kept who they are
// there, since then, or with a password.
func TestK01NothingThatOneAdministratorDoesMakesAProviderVouchForThem(t *testing.T) {
	s, owner, admin, _, _ := staffed(t, Place{Dir: t.TempDir()})
	theirs := map[string]uint64{} // by mail address, at the beginning
	for _, name := range []string{"before", "since", "password"} {
		mail := name + "@example.org"
		id, err := s.Change(t.Context(), owner, people.SetRep{Rep: people.Rep{PublicName: name, Mail: mail}}, start)
		if err != nil {
			t.Fatal(err)
		}
		theirs[mail] = id
	}
	if err := errors.Join(
		s.AddLogin(t.Context(), people.Login{Token: Hash{1}, Rep: theirs["before@example.org"], Made: start, Expires: start.Add(time.Hour), Factor: true, How: "oidc"}),
		s.SetPassword(t.Context(), theirs["password@example.org"], "phc", Hash{}, start),
	); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Meet(t.Context(), people.Word{Issuer: issuer, Subject: "since", Mail: "since@example.org"}, start); err != nil {
		t.Fatal(err)
	}
	victims := slices.Sorted(maps.Values(theirs))
	const evil = "evil%d@example.org"
	random := rand.New(rand.NewPCG(1, 2))
	puppets := []uint64{admin}
	met, refused := 0, 0
	for i := range 400 {
		by, victim := puppets[random.IntN(len(puppets))], victims[random.IntN(len(victims))]
		mail := fmt.Sprintf(evil, random.IntN(8))
		o, err := s.Organisation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		switch random.IntN(6) {
		case 0: // an address of mine for somebody, or for a puppet
			r := o.Reps[victim]
			if r.Mail = mail; random.IntN(3) == 0 {
				r = o.Reps[by]
				r.Mail = "" // somebody else can have it
			}
			_, err = s.Change(t.Context(), by, people.SetRep{Rep: r}, start)
		case 1: // a puppet
			var id uint64
			if random.IntN(2) == 0 {
				mail = ""
			}
			if id, err = s.Change(t.Context(), by, people.SetRep{Rep: people.Rep{PublicName: "Puppet", Mail: mail}}, start); err == nil {
				puppets = append(puppets, id)
			}
		case 2:
			_, err = s.Change(t.Context(), by, people.GiveRole{Rep: puppets[random.IntN(len(puppets))], Role: people.AdministratorRole}, start)
		case 3: // a link, and a yes of a puppet
			link := Hash{2, byte(i), byte(i >> 8)}
			if _, err = s.StartReset(t.Context(), link, by, victim, random.IntN(2) == 0, start); err == nil {
				_ = s.ApproveReset(t.Context(), link, puppets[random.IntN(len(puppets))], start) // or not
				if err := s.UseReset(t.Context(), link, "evil", start); err == nil {
					t.Fatalf("step %d: rep %d has a password of one administrator's", i, victim)
				}
			}
		case 4: // disabled and back
			for _, off := range []bool{true, false} {
				r := o.Reps[victim]
				r.Disabled = off
				_, err = s.Change(t.Context(), by, people.SetRep{Rep: r}, start)
			}
		case 5: // my accounts at the provider
			r, why := s.Meet(t.Context(), people.Word{Issuer: issuer, Subject: fmt.Sprintf("evil%d", random.IntN(i+1)), Mail: mail}, start)
			switch {
			case slices.Contains(victims, r.ID):
				t.Fatalf("step %d: signed in as rep %d", i, r.ID)
			case why == nil:
				met++
			case errors.Is(why, people.ErrGivenMail), errors.Is(why, people.ErrOwnWay), errors.Is(why, people.ErrOtherSubject):
				refused++
			}
		}
		if err != nil && !errors.Is(err, people.ErrTaken) && !errors.Is(err, people.ErrAboveYou) && !errors.Is(err, people.ErrNotAllowed) &&
			!errors.Is(err, people.ErrNobody) && !errors.Is(err, people.ErrSamePerson) && !errors.Is(err, people.ErrLastOwner) {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	if met == 0 || refused == 0 {
		t.Errorf("%d came in, %d were refused: nothing was tried", met, refused)
	}
}
