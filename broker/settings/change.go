package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"handrail/broker/people"
)

// ErrChanged says that somebody else changed the settings meanwhile.
var ErrChanged = errors.New("settings: changed by somebody else meanwhile")

// Version is one change in the history.
type Version struct {
	Number uint64 // from 1; 0 is Default
	At     time.Time
	By     uint64 // a rep; 0: the local command
}

// Names of what a change needs, as package people has them.
const (
	needPortals  = "portals.edit"
	needPolicies = "policies.edit"
	needImport   = "settings.import"
)

// Needs gives the names of the permissions that a change from one state to the
// other takes: policies are a matter of their own, and what decides who gets in
// and where data goes is for those who may import everything. Who may import
// needs nothing else.
func Needs(from, to Settings) []string {
	var needs []string
	portals, policies := false, !same(from.TeamPolicies, to.TeamPolicies) || !same(from.RepPolicies, to.RepPolicies) ||
		!same(from.DefaultPolicy, to.DefaultPolicy)
	ids := maps.Clone(from.Portals)
	if ids == nil {
		ids = map[string]Portal{}
	}
	maps.Copy(ids, to.Portals)
	for id := range ids {
		a, b := from.Portals[id], to.Portals[id]
		policies = policies || !same(a.Policy, b.Policy)
		a.Policy, b.Policy = nil, nil
		portals = portals || !same(a, b)
	}
	if portals || !same(from.Queues, to.Queues) {
		needs = append(needs, needPortals)
	}
	if policies {
		needs = append(needs, needPolicies)
	}
	if !same(from.People, to.People) || !same(from.Hooks, to.Hooks) || !same(from.Syslog, to.Syslog) ||
		!same(from.Records, to.Records) {
		needs = append(needs, needImport)
	}
	return needs
}

// Allowed says whether somebody who holds the permissions that holds tells of
// may make such a change.
func Allowed(from, to Settings, holds func(string) bool) bool {
	return holds(needImport) || !slices.ContainsFunc(Needs(from, to), func(n string) bool { return !holds(n) })
}

// GivenRoles are the roles that a change lets an identity provider give and
// that it could not give before. Another provider than before can say that
// somebody is an owner, whom it knows by nothing but a mail address: so it can
// give what owners have. Nobody can let others have more than is their own.
func GivenRoles(from, to Settings) []string {
	if to.People.OIDC == nil {
		return nil
	}
	var before OIDC
	if from.People.OIDC != nil {
		before = *from.People.OIDC
	}
	another := before.Issuer != to.People.OIDC.Issuer || before.ClientID != to.People.OIDC.ClientID
	var given []string
	if another {
		given = append(given, people.OwnerRole)
	}
	for group, role := range to.People.OIDC.Roles {
		if another || before.Roles[group] != role {
			given = append(given, role)
		}
	}
	slices.Sort(given)
	return slices.Compact(given)
}

// same compares by what is kept.
func same(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && (bytes.Equal(x, y) || nothing(x) && nothing(y))
}

// nothing says whether a value is not there, however it isn't.
func nothing(text []byte) bool {
	return slices.Contains([]string{"null", "{}", "[]"}, string(text))
}

// Same says whether two states are the same.
func Same(a, b Settings) bool { return same(a, b) }

// Clone copies all of it.
func (s Settings) Clone() Settings {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // it has nothing that JSON can't say
	}
	var c Settings
	if err := json.Unmarshal(text, &c); err != nil {
		panic(err) // it was written so
	}
	return c
}
