package settings

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/shared/words"
)

// Default are the settings of an organisation that has changed nothing:
// customers begin with a session key, and with nothing else; reps may ask them
// for everything.
func Default(organisation string) Settings {
	return Settings{
		Portals:       map[string]Portal{Main: NewPortal(Main, organisation)},
		DefaultPolicy: everythingAllowed(),
	}
}

// NewPortal is a portal as it begins.
func NewPortal(id, name string) Portal {
	return Portal{ID: id, Name: name, Starts: Starts{Key: true}, Waiting: Waiting{Position: true, Estimate: true}}
}

// PortalFor finds the portal that answers for a host name, which may have a
// port.
func (s Settings) PortalFor(host string) Portal {
	host = strings.TrimSuffix(strings.ToLower(hostname(host)), ".")
	for _, p := range s.Portals {
		if slices.Contains(p.Hosts, host) {
			return p
		}
	}
	return s.Portals[Main]
}

// hostname is a host without its port.
func hostname(host string) string { return (&url.URL{Host: host}).Hostname() }

// Active are the notices that count at a moment.
func (p Portal) Active(now time.Time) []Notice {
	var active []Notice
	for _, n := range p.Notices {
		if n.Active(now) {
			active = append(active, n)
		}
	}
	return active
}

// Fit is Check, with what depends on the time: how many notices count now.
func (s Settings) Fit(now time.Time) error {
	var c check
	for _, id := range sortedKeys(s.Portals) {
		if len(s.Portals[id].Active(now)) > MaxActive {
			c.wrong(join("portals", id, "notices"), words.SetManyActive, MaxActive)
		}
	}
	var more Wrongs
	if errors.As(s.Check(), &more) {
		c.found = append(c.found, more...)
	}
	if len(c.found) > 0 {
		return c.found
	}
	return nil
}

// Active says whether a notice counts at a moment.
func (n Notice) Active(now time.Time) bool { return n.Until.IsZero() || now.Before(n.Until) }

// Issue finds an issue by its ID.
func (p Portal) Issue(id string) (Issue, bool) {
	i := slices.IndexFunc(p.Issues, func(i Issue) bool { return i.ID == id })
	if i < 0 {
		return Issue{}, false
	}
	return p.Issues[i], true
}

// Life is how long a customer may think about the agreement.
func (a Agreement) Life() time.Duration {
	if a.Minutes == 0 {
		return 5 * time.Minute
	}
	return time.Duration(a.Minutes) * time.Minute
}

// Every is the time between two hold messages; 0 is never.
func (w Waiting) Every() time.Duration {
	switch {
	case w.HoldEvery < 0:
		return 0
	case w.HoldEvery == 0:
		return time.Minute
	}
	return time.Duration(w.HoldEvery) * time.Second
}

// Patience is how long nobody may be signed in before a customer hears so.
func (n Nobody) Patience() time.Duration { return time.Duration(n.Minutes) * time.Minute }

// Patience is how long a rep may be away before it counts as lost.
func (l Lost) Patience() time.Duration {
	if l.After == 0 {
		return time.Minute
	}
	return time.Duration(l.After) * time.Second
}

// Life is how long a login of a console lasts.
func (p People) Life() time.Duration {
	if p.ConsoleHours == 0 {
		return 12 * time.Hour
	}
	return time.Duration(p.ConsoleHours) * time.Hour
}

// IsPersistent says whether a queue never ends a session.
func (q Queues) IsPersistent(queue string) bool { return slices.Contains(q.Persistent, queue) }

// General is the queue of everybody.
const General = "general"

// TeamQueue is the queue of a team.
func TeamQueue(team uint64) string { return "team:" + strconv.FormatUint(team, 10) }

// RepQueue is the queue of one rep.
func RepQueue(rep uint64) string { return "rep:" + strconv.FormatUint(rep, 10) }

// ParseQueue tells whose queue it is: a team's, a rep's, or with two zeros the
// general one.
func ParseQueue(queue string) (team, rep uint64, ok bool) {
	if queue == General {
		return 0, 0, true
	}
	what, number, _ := strings.Cut(queue, ":")
	n, err := strconv.ParseUint(number, 10, 63)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != number {
		return 0, 0, false
	}
	switch what {
	case "team":
		return n, 0, true
	case "rep":
		return 0, n, true
	}
	return 0, 0, false
}
