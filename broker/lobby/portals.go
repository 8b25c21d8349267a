package lobby

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"handrail/broker/settings"
	"handrail/shared/wire"
)

// mostInvitations is how many bytes of invitations one message to a rep has,
// well within what it may have in all.
const mostInvitations = 48 << 10

// tellPortals tells reps which portals take session keys (row P04), where that
// has changed.
func (l *Lobby) tellPortals() {
	before := l.portals
	l.portals = nil
	for _, id := range slices.Sorted(maps.Keys(l.settings.Portals)) {
		if p := l.settings.Portals[id]; p.Starts.Key && p.Name != "" {
			l.portals = append(l.portals, invites(p, l.rules.Site))
		}
	}
	is := func(id string) func(*wire.Portal) bool { return func(p *wire.Portal) bool { return p.ID == id } }
	for _, c := range l.here {
		for _, p := range l.portals {
			if i := slices.IndexFunc(before, is(p.ID)); i < 0 || !reflect.DeepEqual(before[i], p) {
				l.send(c.Conn, p)
			}
		}
		for _, p := range before {
			if !slices.ContainsFunc(l.portals, is(p.ID)) {
				l.send(c.Conn, &wire.Portal{ID: p.ID})
			}
		}
	}
}

// invites is a portal as its reps need it. Where the invitations are too long
// for one message, it has those of its first languages.
func invites(p settings.Portal, site string) *wire.Portal {
	w := &wire.Portal{ID: p.ID, Name: clip(oneLine(p.Name), wire.MaxName), Page: pageOf(p, site)}
	own := map[string]string{"portal": p.Name}
	left := mostInvitations
	for _, language := range p.Offered()[:min(len(p.Offered()), wire.MaxInvitations)] {
		i := wire.Invitation{
			Language: language,
			Subject:  clip(oneLine(p.Plain(language, settings.InviteSubject, own)), wire.MaxLine),
			Text:     clip(someLines(p.Plain(language, settings.InviteText, own)), wire.MaxPlain),
		}
		if left -= len(i.Language) + len(i.Subject) + len(i.Text); left < 0 {
			break
		}
		w.Invitations = append(w.Invitations, i)
	}
	return w
}

// pageOf is where a portal's first page is: at its own name and the site's port,
// or, where it has none, at the site's name.
func pageOf(p settings.Portal, site string) string {
	if len(p.Hosts) == 0 {
		return site
	}
	host := p.Hosts[0]
	if strings.Contains(host, ":") { // IPv6
		host = "[" + host + "]"
	}
	if u, err := url.Parse(site); err == nil && u.Port() != "" && u.Port() != "443" {
		host += ":" + u.Port()
	}
	return "https://" + host
}
