package console

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/shared/secret"
	"handrail/shared/wire"
)

// maxPortals is how many public sites a console knows. A broker that tells of
// more is not to fill its memory.
const maxPortals = 128

// PortalIs tells of a public site where customers use session keys, and how it
// invites them (P04). Without a Name it is no more.
type PortalIs struct{ wire.Portal }

// What the rep does to invite somebody.
type (
	ChoosePortal   struct{ ID string }
	ChooseLanguage struct{ Language string } // of the mail
)

func (PortalIs) event()       {}
func (ChoosePortal) event()   {}
func (ChooseLanguage) event() {}

// portalDid takes what concerns portals and their invitations.
func (m *Model) portalDid(e Event) {
	was := m.s.Settings
	switch e := e.(type) {
	case PortalIs:
		m.portalIs(e.Portal)
	case ChoosePortal:
		if slices.ContainsFunc(m.s.Portals, func(p wire.Portal) bool { return p.ID == e.ID }) {
			m.s.Settings.Portal = e.ID
		}
	case ChooseLanguage:
		if p := m.s.Inviting(); slices.ContainsFunc(p.Invitations, func(i wire.Invitation) bool { return i.Language == e.Language }) {
			m.s.Settings.Language = e.Language
		}
	}
	m.relink()
	m.remember(was)
}

// portalIs takes a portal in, in the place of what was known of it. States that
// were handed out keep their list.
func (m *Model) portalIs(p wire.Portal) {
	list := slices.DeleteFunc(slices.Clone(m.s.Portals), func(o wire.Portal) bool { return o.ID == p.ID })
	if p.Name != "" && len(list) < maxPortals {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b wire.Portal) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	m.s.Portals = list
}

// Inviting is the portal by which customers are invited: the chosen one, else
// the first. The zero Portal is none.
func (s *State) Inviting() wire.Portal {
	for _, p := range s.Portals {
		if p.ID == s.Settings.Portal {
			return p
		}
	}
	if len(s.Portals) > 0 {
		return s.Portals[0]
	}
	return wire.Portal{}
}

// Invitation is the mail in the chosen language, else in the portal's first.
func (s *State) Invitation() (wire.Invitation, bool) {
	all := s.Inviting().Invitations
	for _, i := range all {
		if i.Language == s.Settings.Language {
			return i, true
		}
	}
	if len(all) > 0 {
		return all[0], true
	}
	return wire.Invitation{}, false
}

// filled is a portal's text with what is said of this key. {key} is the half
// that finds the session: the secret is told by voice, here as in a link. Who
// the customer is nobody knows yet.
func (m *Model) filled(text string, k *Key) string {
	minutes := max(1, int((k.Expires.Sub(m.s.Now)+time.Minute-1)/time.Minute))
	return strings.NewReplacer(
		"{rep}", m.s.Rep, "{key}", secret.Group(k.Number), "{link}", k.Link, "{minutes}", strconv.Itoa(minutes),
		" {name}", "", "{name}", "",
	).Replace(text)
}
