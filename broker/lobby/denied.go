package lobby

import (
	"slices"

	"handrail/broker/policy"
	"handrail/broker/settings"
)

// denied are the permissions that the organisation keeps from a rep in a
// portal's sessions (row A03).
func (l *Lobby) denied(portal string, rep uint64) []string {
	var denied []string
	var teams []settings.Named
	for _, t := range l.teamsOf(rep) {
		teams = append(teams, settings.Named{ID: t})
	}
	for _, o := range policy.Resolve(l.settings.Policies(portal, teams, settings.Named{ID: rep})) {
		if !o.Allowed {
			denied = append(denied, string(o.Permission))
		}
	}
	return denied
}

// may says whether the organisation lets a rep do something in a session.
func (l *Lobby) may(portal string, rep uint64, p policy.Permission) bool {
	return !slices.Contains(l.denied(portal, rep), string(p))
}
