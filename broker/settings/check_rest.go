package settings

import (
	"bytes"
	"cmp"
	"encoding/pem"
	"fmt"
	"image"
	_ "image/jpeg" // logos
	_ "image/png"  // likewise
	"maps"
	"slices"
	"strconv"
	"strings"

	"handrail/shared/words"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func (c *check) look(at string, l Look) {
	if l.Colour != "" {
		digits, ok := strings.CutPrefix(l.Colour, "#")
		if !ok || len(digits) != 6 || strings.Trim(digits, "0123456789abcdef") != "" {
			c.wrong(join(at, "colour"), words.SetBadColour)
		}
	}
	if len(l.Logo) == 0 {
		return
	}
	if len(l.Logo) > MaxLogo {
		c.wrong(join(at, "logo"), words.SetBigLogo, MaxLogo>>10, MaxLogoSide)
		return
	}
	switch kind, w, h := Picture(l.Logo); {
	case kind == "":
		c.wrong(join(at, "logo"), words.SetBadLogo)
	case w > MaxLogoSide || h > MaxLogoSide:
		c.wrong(join(at, "logo"), words.SetBigLogo, MaxLogo>>10, MaxLogoSide)
	}
}

// Picture tells what a logo is ("image/png" or "image/jpeg", else empty), and
// its size in pixels, from its head alone.
func Picture(logo []byte) (kind string, width, height int) {
	head, format, err := image.DecodeConfig(bytes.NewReader(logo))
	if err != nil || head.Width < 1 || head.Height < 1 {
		return "", 0, 0
	}
	return "image/" + format, head.Width, head.Height
}

// organisation checks what holds for all portals.
func (c *check) organisation(s Settings) {
	for i, q := range s.Queues.Persistent {
		if _, _, ok := ParseQueue(q); !ok {
			c.wrong(join("queues.persistent", i), words.SetBadQueue)
		}
	}
	if len(s.Queues.Persistent) > 1000 {
		c.wrong("queues.persistent", words.SetTooMany, 1000)
	}
	c.optional("people.idleMinutes", s.People.IdleMinutes, 1, 24*60)
	c.optional("people.consoleHours", s.People.ConsoleHours, 1, 24*30)
	if len(s.People.LoginNetworks) > MaxNetworks {
		c.wrong("people.loginNetworks", words.SetTooMany, MaxNetworks)
	}
	for i, n := range s.People.LoginNetworks {
		if !isNetwork(n) {
			c.wrong(join("people.loginNetworks", i), words.SetBadNetwork, n)
		}
	}
	if o := s.People.OIDC; o != nil {
		c.line("people.oidc.name", o.Name, true, MaxName)
		c.url("people.oidc.issuer", o.Issuer, true)
		c.line("people.oidc.clientId", o.ClientID, true, 500)
		for _, group := range sortedKeys(o.Roles) {
			c.line(join("people.oidc.roles", group), group, true, 500)
			if !plainID(o.Roles[group]) {
				c.wrong(join("people.oidc.roles", group), words.SetBadRole, o.Roles[group])
			}
		}
	}
	c.hooks(s.Hooks)
	if s.Syslog != nil {
		c.syslog(*s.Syslog)
	}
	c.records(s.Records)
}

func (c *check) hooks(hooks []Hook) {
	if len(hooks) > MaxHooks {
		c.wrong("hooks", words.SetTooMany, MaxHooks)
		return
	}
	seen := map[string]bool{}
	for i, h := range hooks {
		c.ownID(join("hooks", i, "id"), h.ID, seen)
		c.url(join("hooks", i, "url"), h.URL, true)
		for n, e := range h.Events {
			if e == "" || len(e) > maxID || strings.Trim(e, "abcdefghijklmnopqrstuvwxyz.-") != "" || n > 100 {
				c.wrong(join("hooks", i, "events", n), words.SetBadEvent, e)
			}
		}
	}
}

func (c *check) syslog(s Syslog) {
	host, port := s.Address, ""
	if at := strings.LastIndexByte(s.Address, ':'); at >= 0 {
		host, port = s.Address[:at], s.Address[at+1:]
	}
	n, err := strconv.ParseUint(port, 10, 16)
	inside, bracketed := strings.CutPrefix(host, "[")
	inside = strings.TrimSuffix(inside, "]")
	if err != nil || n == 0 || !IsHost(strings.ToLower(inside)) || bracketed != strings.Contains(inside, ":") {
		c.wrong("syslog.address", words.SetBadSyslog)
	}
	if s.CA == "" {
		return
	}
	block, _ := pem.Decode([]byte(s.CA))
	if block == nil || block.Type != "CERTIFICATE" || len(s.CA) > maxCA {
		c.wrong("syslog.ca", words.SetBadCA)
	}
}

// isNetwork says whether n is an address with the length of its prefix, such
// as 192.0.2.0/24.
func isNetwork(n string) bool {
	host, bits, ok := strings.Cut(n, "/")
	length, err := strconv.Atoi(bits)
	if !ok || err != nil || length < 0 || strconv.Itoa(length) != bits {
		return false
	}
	if strings.Contains(host, ":") {
		return length <= 128 && isIPv6(host)
	}
	return length <= 32 && isIPv4(host)
}

func isIPv4(s string) bool {
	parts := strings.Split(s, ".")
	return len(parts) == 4 && !slices.ContainsFunc(parts, func(p string) bool {
		n, err := strconv.Atoi(p)
		return err != nil || n < 0 || n > 255 || strconv.Itoa(n) != p
	})
}

// isIPv6 reads RFC 4291, section 2.2, without IPv4 at the end.
func isIPv6(s string) bool {
	before, after, short := strings.Cut(s, "::")
	groups := func(s string) int {
		if s == "" {
			return 0
		}
		parts := strings.Split(s, ":")
		for _, p := range parts {
			if _, err := strconv.ParseUint(p, 16, 16); err != nil || len(p) > 4 {
				return 9
			}
		}
		return len(parts)
	}
	n := groups(before) + groups(after)
	return short && n < 8 || !short && n == 8
}

// Known tells which teams, reps and roles there are.
type Known struct {
	Team, Rep func(uint64) bool
	Role      func(string) bool
}

// Refers says which teams, reps and roles settings speak of that are not there,
// other than those that now speaks of as well: somebody may have been removed
// since. Its error is Wrongs.
func (s Settings) Refers(now Settings, known Known) error { return s.RefersAfter(now, known, known) }

// RefersAfter is Refers where people change, too, from those who were known
// with now to those who are known with s.
func (s Settings) RefersAfter(now Settings, were, known Known) error {
	old := map[string]bool{}
	for _, w := range now.refers(were) {
		old[fmt.Sprint(w.Sentence, w.Args)] = true
	}
	missing := slices.DeleteFunc(s.refers(known), func(w Wrong) bool { return old[fmt.Sprint(w.Sentence, w.Args)] })
	if len(missing) > 0 {
		return missing
	}
	return nil
}

func (s Settings) refers(known Known) Wrongs {
	var c check
	team := func(where string, id uint64) {
		if id != 0 && !known.Team(id) {
			c.wrong(where, words.SetUnknownTeam, id)
		}
	}
	rep := func(where string, id uint64) {
		if id != 0 && !known.Rep(id) {
			c.wrong(where, words.SetUnknownRep, id)
		}
	}
	for _, id := range sortedKeys(s.Portals) {
		p := s.Portals[id]
		for i, issue := range p.Issues {
			team(join("portals", id, "issues", i, "team"), issue.Team)
		}
		if t, _, ok := ParseQueue(p.Lost.Fallback); ok {
			team(join("portals", id, "lost", "fallback"), t)
		}
	}
	for _, id := range sortedKeys(s.TeamPolicies) {
		team(join("teamPolicies", id), id)
	}
	for _, id := range sortedKeys(s.RepPolicies) {
		rep(join("repPolicies", id), id)
	}
	for i, q := range s.Queues.Persistent {
		t, r, _ := ParseQueue(q)
		team(join("queues.persistent", i), t)
		rep(join("queues.persistent", i), r)
	}
	if o := s.People.OIDC; o != nil {
		for _, group := range sortedKeys(o.Roles) {
			if !known.Role(o.Roles[group]) {
				c.wrong(join("people.oidc.roles", group), words.SetBadRole, o.Roles[group])
			}
		}
	}
	return c.found
}
