package lobby

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"handrail/broker/prose"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// values are what a text's macros stand for. What is not known has no value.
func (l *Lobby) values(v *visit, more map[string]string) map[string]string {
	known := map[string]string{"portal": l.portal(v).Name, "name": v.Name, "queue": l.customerQueue(v.Queue)}
	if at := l.position(v); at > 0 {
		known["position"] = strconv.Itoa(at)
		if d := l.estimate(v.Queue, at); d > 0 {
			// "min" is the unit's symbol in every language.
			known["wait"] = strconv.Itoa(int(d/time.Minute)) + " min"
		}
	}
	maps.Copy(known, more)
	for name, value := range known {
		if value == "" {
			delete(known, name)
		}
	}
	return known
}

// text is a text of the portal's in the customer's language, as plain text. Where
// nothing is left of it, Handrail's own takes its place: a question must be
// asked, and who is handed on must hear of it.
func (l *Lobby) text(v *visit, name settings.TextName, more map[string]string) string {
	values := l.values(v, more)
	if text := filled(l.portal(v).Text(v.Locale, name), name, values); text != "" {
		return text
	}
	return filled(settings.DefaultText(v.Locale, name), name, values)
}

// filled is a text with its macros filled in. A line that speaks of what isn't
// known, such as a wait that nobody can estimate yet, is left out.
func filled(text string, name settings.TextName, values map[string]string) string {
	kind, _ := settings.KindOf(name)
	var lines []string
	for line := range strings.Lines(text) {
		known := true
		for _, macro := range kind.Macros {
			if _, has := values[macro]; !has && strings.Contains(line, "{"+macro+"}") {
				known = false
			}
		}
		if known {
			lines = append(lines, line)
		}
	}
	plain := prose.Parse(strings.Join(lines, "")).Plain(values)
	return clip(someLines(strings.TrimSpace(plain)), wire.MaxPlain)
}

// title is a text of one line.
func (l *Lobby) title(v *visit, name settings.TextName) string {
	return clip(oneLine(l.text(v, name, nil)), wire.MaxName)
}

// sayText says a text of the portal's to a customer who waits, if there is one.
func (l *Lobby) sayText(v *visit, what wire.Telling, name settings.TextName, more map[string]string) {
	if text := l.text(v, name, more); text != "" {
		l.say(v, &wire.Told{Session: v.ID, What: what, Text: text})
	}
}

// greet is what a customer hears who begins to wait (row W03), unless it has
// just heard that nobody is there, and the notices that count now (row P07).
func (l *Lobby) greet(now time.Time, v *visit) {
	if v.State != Waits {
		return
	}
	if !v.nobody {
		l.sayText(v, wire.TellGreeting, settings.Greeting, nil)
	}
	l.tellNotices(now, v, false)
}

// hold says the hold message when it is time for it (row W04), and notes when
// that is next.
func (l *Lobby) hold(now time.Time, v *visit) {
	every := l.portal(v).Waiting.Every()
	switch {
	case every == 0:
		v.hold = time.Time{}
	case v.hold.IsZero() || v.hold.After(now.Add(every)):
		v.hold = now.Add(every)
	case !now.Before(v.hold):
		v.hold = now.Add(every)
		l.sayText(v, wire.TellHold, settings.Hold, nil)
	}
}

// tellNotices says the notices that the customer has not been told, or all.
func (l *Lobby) tellNotices(now time.Time, v *visit, all bool) {
	for _, n := range l.portal(v).Active(now) {
		if all || !v.notices[n.ID] {
			l.tellNotice(v, n)
		}
	}
}

func (l *Lobby) tellNotice(v *visit, n settings.Notice) {
	if v.notices == nil {
		v.notices = map[uint64]bool{}
	}
	v.notices[n.ID] = true
	text := clip(someLines(prose.Parse(n.Text).Plain(l.values(v, nil))), wire.MaxPlain)
	if text == "" {
		text = n.Title
	}
	if text != "" {
		l.say(v, &wire.Told{
			Session: v.ID, What: wire.TellNotice, Title: clip(oneLine(n.Title), wire.MaxName), Text: text, Leave: n.Leave,
		})
	}
}

// push says a notice to everybody who waits in a portal (row P07).
func (l *Lobby) push(now time.Time, portal string, n settings.Notice) {
	if !n.Active(now) {
		return
	}
	all := l.sortedVisits(func(v *visit) bool { return v.State == Waits && l.portal(v).ID == portal })
	for _, v := range all {
		l.tellNotice(v, n)
	}
	l.noteReached(now, portal, n, len(all))
	detail := map[string]string{"notice": strconv.FormatUint(n.ID, 10), "portal": portal}
	l.do(SaveFact{Fact{At: now, What: FactPushed, Detail: detail}})
}
