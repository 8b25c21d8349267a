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
	l.tellNews(l.here, news(before, l.portals,
		func(p *wire.Portal) string { return p.ID }, func(id string) *wire.Portal { return &wire.Portal{ID: id} }))
}

// news is what who knows before has to hear to know now: what is new or other,
// and, as gone says it, what is no more.
func news[M wire.Message](before, now []M, id func(M) string, gone func(id string) M) (all []wire.Message) {
	knew := map[string]M{}
	for _, m := range before {
		knew[id(m)] = m
	}
	for _, m := range now {
		if old, is := knew[id(m)]; !is || !reflect.DeepEqual(old, m) {
			all = append(all, m)
		}
		delete(knew, id(m))
	}
	for _, m := range before {
		if _, is := knew[id(m)]; is {
			all = append(all, gone(id(m)))
		}
	}
	return all
}

func (l *Lobby) tellNews(who []*client, news []wire.Message) {
	for _, c := range who {
		for _, m := range news {
			l.send(c.Conn, m)
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
