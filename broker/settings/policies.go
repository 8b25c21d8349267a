package settings

import "handrail/broker/policy"

// Named is a team or a rep, as people call it.
type Named struct {
	ID   uint64
	Name string
}

// Policies are those that count in sessions of a portal for a rep who is in
// some teams (row A03), for policy.Resolve.
func (s Settings) Policies(portal string, teams []Named, rep Named) []policy.Set {
	p := s.Portals[portal]
	sets := []policy.Set{{Level: policy.Portal, Name: p.Name, Policy: p.Policy}}
	for _, t := range teams {
		sets = append(sets, policy.Set{Level: policy.Team, Name: t.Name, Policy: s.TeamPolicies[t.ID]})
	}
	return append(sets,
		policy.Set{Level: policy.Rep, Name: rep.Name, Policy: s.RepPolicies[rep.ID]},
		policy.Set{Level: policy.Default, Policy: s.Standing()})
}

// Standing is the policy for everybody. An organisation that has written none
// lets its reps ask for everything: the customer still answers. So one that says
// nothing about any permission can't be kept; NothingAllowed is what it means.
func (s Settings) Standing() policy.Policy {
	if len(s.DefaultPolicy) > 0 {
		return s.DefaultPolicy
	}
	return everythingAllowed()
}

func everythingAllowed() policy.Policy { return every(policy.Allow) }

// NothingAllowed is a policy for everybody in which reps may ask for nothing.
func NothingAllowed() policy.Policy { return every(policy.Deny) }

func every(v policy.Verdict) policy.Policy {
	all := policy.Policy{}
	for _, p := range policy.All() {
		all[p] = v
	}
	return all
}
