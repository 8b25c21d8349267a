package policy

import (
	"errors"
	"math/rand/v2"
	"testing"
)

func outcome(t *testing.T, p Permission, sets ...Set) Outcome {
	t.Helper()
	for _, o := range Resolve(sets) {
		if o.Permission == p {
			return o
		}
	}
	t.Fatalf("no outcome for %s", p)
	return Outcome{}
}

func TestA03TheNearestLevelThatSaysSomethingDecides(t *testing.T) {
	base := Set{Default, "all", Policy{View: Allow, Control: Allow, SendFiles: Deny}}
	rep := Set{Rep, "Anna", Policy{SendFiles: Allow}}
	team := Set{Team, "Network", Policy{SendFiles: Deny}}
	other := Set{Team, "Desk", Policy{SendFiles: Allow}}
	portal := Set{Portal, "help.example", Policy{SendFiles: Allow, View: Deny}}
	for _, c := range []struct {
		name    string
		p       Permission
		sets    []Set
		allowed bool
		by      string
		lacks   Permission
	}{
		{"nobody says anything", Record, []Set{base, rep}, false, "", ""},
		{"the default alone", SendFiles, []Set{base}, false, "all", ""},
		{"the rep's before the default", SendFiles, []Set{base, rep}, true, "Anna", ""},
		{"the team's before the rep's", SendFiles, []Set{rep, team, base}, false, "Network", ""},
		{"one team's no beats another's yes", SendFiles, []Set{other, team, base}, false, "Network", ""},
		{"in either order", SendFiles, []Set{team, other, base}, false, "Network", ""},
		{"the portal's before the teams'", SendFiles, []Set{base, team, portal}, true, "help.example", ""},
		{"control without seeing", Control, []Set{base, portal}, false, "all", View},
		{"a permission denied is not said to lack", CopyIn, []Set{portal}, false, "", ""},
	} {
		o := outcome(t, c.p, c.sets...)
		by := ""
		if o.By != nil {
			by = o.By.Name
		}
		if o.Allowed != c.allowed || by != c.by || o.Lacks != c.lacks {
			t.Errorf("%s: %+v by %q", c.name, o, by)
		}
	}
}

func TestA03AMorePolicyNeverTakesALimitOfItsLevelAway(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 3))
	verdicts := []Verdict{Unset, Allow, Deny}
	random := func(l Level) Set {
		p := Policy{}
		for _, name := range All() {
			p[name] = verdicts[rng.IntN(3)]
		}
		return Set{Level: l, Policy: p}
	}
	for range 2000 {
		var sets []Set
		for range rng.IntN(5) {
			sets = append(sets, random(levels[rng.IntN(len(levels))]))
		}
		level := levels[rng.IntN(len(levels))]
		sets = append(sets, random(level))
		before := Resolve(sets)
		for i, o := range Resolve(append(sets, random(level))) {
			b := before[i]
			if o.Allowed && !b.Allowed && b.Lacks == "" && b.By != nil && b.By.Level == level {
				t.Fatalf("%s was denied by %+v and is allowed by one more of %s", o.Permission, b.By, level)
			}
			if o.Allowed && o.By.Policy[o.Permission] != Allow {
				t.Fatalf("%s is allowed by somebody who does not allow it", o.Permission)
			}
		}
	}
}

func TestA03ImpossiblePoliciesAreRefused(t *testing.T) {
	for _, p := range []Policy{{"fly": Allow}, {View: "maybe"}} {
		if err := p.Check(); !errors.Is(err, ErrBad) {
			t.Errorf("%v: %v", p, err)
		}
	}
	if err := (Policy{View: Deny, Control: Unset}).Check(); err != nil {
		t.Error(err)
	}
}
