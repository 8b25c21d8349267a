package people

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestK01WaitsGrowAndEnd(t *testing.T) {
	p := PerName()
	var s Tries
	at := now
	var waits []time.Duration
	for range 20 {
		var wait time.Duration
		if s, wait = p.Try(s, at); wait != 0 {
			t.Fatalf("refused at %v for %v", at, wait)
		}
		again, left := p.Try(s, at)
		if s.Wrong > p.Free && (left == 0 || again != s) {
			t.Fatalf("a second try at once after %d: %v", s.Wrong, left)
		}
		waits = append(waits, max(s.Until.Sub(at), 0))
		if s.Until.After(at) {
			at = s.Until
		}
	}
	for i, want := range map[int]time.Duration{3: 0, 4: time.Second, 5: 2 * time.Second, 13: 512 * time.Second, 14: 15 * time.Minute, 19: 15 * time.Minute} {
		if waits[i] != want {
			t.Errorf("wait after wrong try %d is %v, want %v", i+1, waits[i], want)
		}
	}
	if _, wait := p.Try(s, at.Add(-time.Hour)); wait != 0 {
		t.Errorf("a clock set back locks for %v", wait)
	}
	if s, _ = p.Try(s, at.Add(25*time.Hour)); s.Wrong != 1 {
		t.Errorf("a day later %d are remembered", s.Wrong)
	}
}

func TestK01NobodyGuessesManyMoreThanAHundredTimesADay(t *testing.T) {
	p := PerName()
	var s Tries
	for day, most := range []int{109, 96} {
		tried := 0
		begin := now.AddDate(0, 0, day)
		for at := begin; at.Before(begin.AddDate(0, 0, 1)); at = at.Add(time.Second) {
			for range 3 { // several at once
				after, wait := p.Try(s, at)
				if s = after; wait == 0 {
					tried++
				}
			}
		}
		if tried > most || tried < 50 {
			t.Errorf("%d tries on day %d", tried, day+1)
		}
	}
}

func TestK01ARightPasswordForgivesTheNameNotTheAddress(t *testing.T) {
	s := Tries{Wrong: 30, Last: now, Until: now.Add(time.Minute)}
	if got := s.Right(true); got != (Tries{}) {
		t.Errorf("the name keeps %+v", got)
	}
	if got := s.Right(false); got.Wrong != 29 || !got.Until.IsZero() {
		t.Errorf("the address keeps %+v", got)
	}
}

func TestK01ARefusalTellsNothing(t *testing.T) {
	for i := range 16 {
		f := Facts{Known: i&1 != 0, Password: i&2 != 0, FactorNeeded: i&4 != 0, FactorCorrect: i&8 != 0}
		want := Refused
		if f.Known && f.Password && (!f.FactorNeeded || f.FactorCorrect) {
			want = Welcome
		}
		if got := Judge(f); got != want {
			t.Errorf("%+v: %v", f, got)
		}
		f.Wait = time.Second
		if got := Judge(f); got != Later {
			t.Errorf("%+v: %v", f, got)
		}
	}
}

func TestK01WarnsThirtySecondsBeforeTheIdleLogOut(t *testing.T) {
	idle := IdleAfter(0, 10)
	for _, row := range []struct {
		away time.Duration
		want Presence
		next time.Duration
	}{
		{0, Here, 9*time.Minute + 30*time.Second},
		{9*time.Minute + 29*time.Second, Here, time.Second},
		{9*time.Minute + 30*time.Second, Leaving, 30 * time.Second},
		{9*time.Minute + 59*time.Second, Leaving, time.Second},
		{10 * time.Minute, Gone, 0},
		{10 * time.Hour, Gone, 0},
	} {
		if got, next := Look(idle, now, now, now.Add(row.away)); got != row.want || next != row.next {
			t.Errorf("away %v: %v, next in %v", row.away, got, next)
		}
	}
	busy := now.Add(LongestLogin)
	if got, _ := Look(idle, now, busy, busy); got != Gone {
		t.Errorf("a login of %v is %v", LongestLogin, got)
	}
	if IdleAfter(5, 10) != 5*time.Minute || IdleAfter(0, 0) != DefaultIdleMinutes*time.Minute {
		t.Error("whose minutes count?")
	}
}

func TestK01PasswordRules(t *testing.T) {
	r := Rep{PublicName: "Rudi", PrivateName: "Rudolf Maierhofer", Mail: "rudi.maier@grueneszweiglein.example"}
	for password, want := range map[string]error{
		"short":                        ErrShort,
		"elevenchars":                  ErrShort,
		strings.Repeat("ä", 12):        ErrCommon,
		strings.Repeat("xy7 q", 60):    ErrLong,
		"rudolfmaierhofer":             ErrName,
		"Maierhofer-2026!":             ErrName,
		"M@ierh0fer 1234567":           ErrName,
		"grueneszweiglein1":            ErrName,
		"Zweigstelle2026!":             ErrName,
		"handrail-handrail":            ErrName,
		"password1234":                 ErrCommon,
		"P@ssw0rd!2026":                ErrCommon,
		"Sommer2026Sommer":             ErrCommon,
		"123456789012":                 ErrCommon,
		"qwertzuiopasdf":               ErrCommon,
		"abcdefghijklmnop":             ErrCommon,
		"aaaaaaaaaaaaaaaa":             ErrCommon,
		"xk7txk7txk7txk7t":             ErrCommon,
		"correct horse battery staple": ErrCommon,
		"iloveyou iloveyou":            ErrCommon,
		"nine purple kettles":          nil,
		"ein roter Sommerhut":          nil,
		"ünïcödé wörks für mich":       nil,
		"8dKx!lqPz02m":                 nil,
		"密码很长很长的一句话没有人知道": nil,
	} {
		if err := CheckPassword(password, r, "Zweigstelle"); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%q: %v, want %v", password, err, want)
		}
	}
}

func FuzzCheckPassword(f *testing.F) {
	f.Add("P@ssw0rd!2026", "Rudi Maier")
	f.Fuzz(func(t *testing.T, password, name string) {
		err := CheckPassword(password, Rep{PublicName: name}, "")
		if n := len([]rune(password)); err == nil && (n < MinPassword || n > MaxPassword) {
			t.Errorf("%d characters are fine", n)
		}
	})
}

func TestK01AResetNeedsTheFactorOrASecondAdministrator(t *testing.T) {
	o := office()
	with, err := o.StartReset(admin, rep, Account{HasFactor: true}, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := with.Use(o, now); !errors.Is(err, ErrNeedsFactor) {
		t.Errorf("the link alone: %v", err)
	}
	if _, err := with.Approve(o, second, now); !errors.Is(err, ErrNeedsFactor) {
		t.Errorf("approved around the factor: %v", err)
	}
	open, err := with.Factor(now)
	if err != nil {
		t.Fatal(err)
	}
	used, drop, err := open.Use(o, now)
	if err != nil || drop {
		t.Fatalf("with the factor: drops it %v, %v", drop, err)
	}
	if _, _, err := used.Use(o, now); !errors.Is(err, ErrResetOver) {
		t.Errorf("used twice: %v", err)
	}

	without, err := o.StartReset(admin, rep, Account{HasFactor: true, Lost: true}, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := without.Factor(now); !errors.Is(err, ErrNeedsApproval) {
		t.Errorf("a lost factor: %v", err)
	}
	if open, err = without.Approve(o, second, now); err != nil {
		t.Fatal(err)
	}
	if _, drop, err := open.Use(o, now); err != nil || !drop {
		t.Errorf("approved: drops the old factors %v, %v", drop, err)
	}
	for name, r := range map[string]Reset{"too late": open.At(now.Add(ResetLife)), "cancelled": open.Cancel(now)} {
		if _, _, err := r.Use(o, now); !errors.Is(err, ErrResetOver) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for by, want := range map[uint64]error{rep: ErrNotAllowed, lead: ErrNotAllowed, 99: ErrNotAllowed} {
		if _, err := o.StartReset(by, second, Account{HasFactor: true}, now); !errors.Is(err, want) {
			t.Errorf("started by %d: %v", by, err)
		}
	}
	if _, err := o.StartReset(admin, owner, Account{}, now); !errors.Is(err, ErrAboveYou) {
		t.Errorf("an owner's, by an administrator: %v", err)
	}
}

// TestK01NoSingleAdministratorGetsAtAnAccount lets one administrator (or the
// owner), with all accounts that they make or that were theirs, do whatever
// the rules allow within a week: resets of another one's account never open.
func TestK01NoSingleAdministratorGetsAtAnAccount(t *testing.T) {
	for _, culprit := range []uint64{owner, admin} {
		started, puppets := 0, 0
		for seed := range uint64(50) {
			r := rand.New(rand.NewPCG(seed, culprit))
			o := office()
			own := []uint64{culprit, 6, 7, 8}
			for _, puppet := range own[1:] {
				for _, c := range []Change{SetRep{Rep: Rep{ID: puppet, PublicName: "Puppet"}}, GiveRole{puppet, AdministratorRole}} {
					after, err := o.Apply(culprit, c, now)
					if err != nil {
						t.Fatal(err)
					}
					o = after
				}
			}
			var resets []Reset
			at := now
			for range 80 {
				at = at.Add(time.Duration(r.IntN(int(2 * time.Hour))))
				by := own[r.IntN(len(own))]
				switch c := anyChange(r, o).(type) {
				case SetTeam: // opens nothing: make resets in its place
					if x, err := o.StartReset(by, rep, Account{HasFactor: r.IntN(2) == 0, Lost: r.IntN(2) == 0}, at); err == nil {
						resets = append(resets, x)
						started++
					}
				case GiveRole, TakeRole, SetRep, SetRole:
					if role, is := c.(GiveRole); is && role.Rep < 6 {
						continue // a real person is no puppet
					}
					if after, err := o.Apply(by, c, at); err == nil {
						o = after
					}
				}
				for _, x := range resets {
					if by != culprit && o.May(by)[ApproveResets] {
						puppets++
					}
					approved, err := x.Approve(o, by, at)
					if _, _, err2 := approved.Use(o, at); err == nil || err2 == nil {
						t.Fatalf("seed %d: %d opened %+v, %v, %v", seed, by, x, err, err2)
					}
				}
			}
		}
		if started < 20 || puppets < 50 {
			t.Errorf("culprit %d: %d resets, %d tries of puppets: proves little", culprit, started, puppets)
		}
	}
}

func TestK01APuppetOfAPuppetIsTheSamePerson(t *testing.T) {
	o := taken(t, office(),
		step{owner, SetRep{Rep: Rep{ID: 6, PublicName: "Six"}}},
		step{owner, GiveRole{6, AdministratorRole}},
		step{6, SetRep{Rep: Rep{ID: 7, PublicName: "Seven"}}},
		step{6, GiveRole{7, AdministratorRole}},
		step{owner, SetRep{Rep: Rep{ID: 8, PublicName: "Eight"}}},
		step{owner, GiveRole{8, AdministratorRole}},
	)
	for _, pair := range [][2]uint64{{owner, 7}, {7, owner}, {6, 7}, {7, 6}, {7, 8}, {8, 6}} {
		r, err := o.StartReset(pair[0], rep, Account{}, now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Approve(o, pair[1], now); !errors.Is(err, ErrSamePerson) {
			t.Errorf("%d approves what %d started: %v", pair[1], pair[0], err)
		}
	}
	r, err := o.StartReset(7, rep, Account{}, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Approve(o, admin, now); err != nil {
		t.Errorf("an administrator of long ago: %v", err)
	}
}

// TestK01ATraceThatIsGoneMakesNobodyASecondAdministrator has one administrator
// make two accounts, one by the other, and take away what links them to the
// maker.
func TestK01ATraceThatIsGoneMakesNobodyASecondAdministrator(t *testing.T) {
	const first, other = 6, 7
	made := []step{
		{admin, SetRep{Rep: Rep{ID: first, PublicName: "Six"}}},
		{admin, GiveRole{first, AdministratorRole}},
		{first, SetRep{Rep: Rep{ID: other, PublicName: "Seven"}}},
		{first, GiveRole{other, AdministratorRole}},
	}
	for name, row := range map[string]struct {
		hide     []step
		starts   uint64
		after    []step
		approves uint64
	}{
		"the link is taken away":       {[]step{{admin, TakeRole{first, AdministratorRole}}}, admin, nil, other},
		"and given anew, in a circle":  {[]step{{other, TakeRole{first, AdministratorRole}}, {other, GiveRole{first, AdministratorRole}}}, admin, nil, other},
		"the maker approves":           {[]step{{admin, TakeRole{first, AdministratorRole}}}, other, nil, admin},
		"who has started loses it all": {nil, other, []step{{admin, TakeRole{first, AdministratorRole}}, {admin, TakeRole{other, AdministratorRole}}}, admin},
		"the two approve each other's": {[]step{{admin, TakeRole{first, AdministratorRole}}, {other, GiveRole{first, AdministratorRole}}}, first, nil, other},
		"nothing is hidden":            {nil, admin, nil, other},
	} {
		o := taken(t, taken(t, office(), made...), row.hide...)
		r, err := o.StartReset(row.starts, rep, Account{}, now)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		o = taken(t, o, row.after...)
		if _, err := r.Approve(o, row.approves, now.Add(time.Hour)); !errors.Is(err, ErrSamePerson) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestK01ARoleThatMayMoreIsGivenAnew(t *testing.T) {
	o := office()
	o.Roles["helper"] = Role{ID: "helper", Name: "Helper", May: Of(ReadAudit)}
	o.Holdings = append(o.Holdings, Holding{Rep: lead, Role: "helper", By: admin, Given: now.Add(-100 * 24 * time.Hour)})
	o = taken(t, o, step{admin, SetRole{Role: Role{ID: "helper", Name: "Helper", May: Of(ReadAudit, ManagePeople, ApproveResets)}}})
	r, err := o.StartReset(admin, rep, Account{}, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Approve(o, lead, now.Add(time.Hour)); !errors.Is(err, ErrSamePerson) {
		t.Errorf("who may approve since an hour, by whoever started it: %v", err)
	}
	if r, err = o.StartReset(second, rep, Account{}, now); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Approve(o, lead, now.Add(time.Hour)); err != nil {
		t.Errorf("what another one started: %v", err)
	}
}

func TestA01NobodyMakesARoleSmallerThatIsHeldByWhoMayDoMore(t *testing.T) {
	o := office()
	o.Roles["chief"] = Role{ID: "chief", Name: "Chief", May: Of(RevokeEverything, ReadAudit)}
	o.Holdings = append(o.Holdings, Holding{Rep: lead, Role: "chief", By: owner, Given: now.Add(-100 * 24 * time.Hour)})
	smaller := SetRole{Role: Role{ID: "chief", Name: "Chief", May: Of(RevokeEverything)}}
	if _, err := o.Apply(admin, smaller, now); !errors.Is(err, ErrAboveYou) {
		t.Errorf("an administrator, who can't revoke everything: %v", err)
	}
	if _, err := o.Apply(owner, smaller, now); err != nil {
		t.Errorf("an owner: %v", err)
	}
	if _, err := o.Apply(admin, SetRole{Role: Role{ID: "chief", Name: "Head", May: Of(RevokeEverything, ReadAudit)}}, now); err != nil {
		t.Errorf("another name: %v", err)
	}
	if _, err := o.Apply(admin, SetRole{Role: Role{ID: "auditor", Name: "Auditor", May: Of(ReadAudit)}}, now); err != nil {
		t.Errorf("a role that nobody holds who may do more: %v", err)
	}
}

// step is a change that somebody makes.
type step struct {
	by uint64
	do Change
}

// taken is an organisation some steps on.
func taken(t *testing.T, o Organisation, steps ...step) Organisation {
	t.Helper()
	for _, s := range steps {
		var err error
		if o, err = o.Apply(s.by, s.do, now); err != nil {
			t.Fatalf("%d: %#v: %v", s.by, s.do, err)
		}
	}
	return o
}

func TestK01AnInvitationOpensOnlyWhatHoldsNothing(t *testing.T) {
	o := office()
	r, err := o.StartReset(admin, rep, Account{Unused: true}, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Use(o, now); err != nil {
		t.Errorf("a new rep: %v", err)
	}
	raised, err := o.Apply(owner, GiveRole{rep, AdministratorRole}, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Use(raised, now); !errors.Is(err, ErrNeedsApproval) {
		t.Errorf("who has become an administrator meanwhile: %v", err)
	}
	if r, err = raised.StartReset(admin, rep, Account{Unused: true}, now); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Use(raised, now); !errors.Is(err, ErrNeedsApproval) {
		t.Errorf("an administrator who has never come in: %v", err)
	}
}
