package settings

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"handrail/broker/prose"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Limits of what can be set. Those of characters are the product's (rows P05
// and P07), the others keep a page and a message of the protocol readable.
const (
	MaxPortals   = 64
	MaxHosts     = 32                 // of one portal
	MaxLanguages = 32                 // likewise
	MaxName      = 80                 // characters of a name
	MaxActive    = wire.MaxNotices    // notices at one time
	MaxNotices   = 100                // kept, with those that are over
	MaxNotice    = wire.MaxNoticeText // characters
	MaxIssues    = 100
	MaxLabel     = 200 // characters of a field's or issue's name, or an option
	MaxQuestion  = 500 // characters
	MaxURL       = 2048
	MaxLogo      = 256 << 10 // bytes
	MaxLogoSide  = 2048      // pixels
	MaxHooks     = 20
	MaxNetworks  = 64
	MaxText      = 9 << 10  // bytes: macros make it longer, to wire.MaxPlain
	maxSurvey    = 40 << 10 // bytes in one language, of wire.MaxMessage
	maxID        = 40
	maxCA        = 64 << 10
)

// Limits of what a customer fills in (P05).
const (
	MaxNamed  = 100  // characters of name, company and company code
	MaxCustom = 1024 // of the description and of each field of an organisation's own
	MaxFilled = wire.MaxPlain
)

// Wrong is one thing that is wrong with settings, where it is, and what a
// person should know about it. Where is a path such as
// "portals.main.notices.2.title"; lists count from 0.
type Wrong struct {
	Where    string
	Line     int // of the file it was read from; 0: none
	Sentence words.Sentence
	Args     []any
}

// Wrongs are all that is wrong; it is the error of Check.
type Wrongs []Wrong

// ErrBad is what every Wrongs is.
var ErrBad = errors.New("settings: not fit to keep")

func (w Wrongs) Error() string {
	var all []string
	for _, one := range w {
		all = append(all, one.Where+": "+words.Speaker{}.Say(one.Sentence, one.Args...))
	}
	return ErrBad.Error() + ": " + strings.Join(all, "; ")
}

// Is makes every Wrongs an ErrBad.
func (w Wrongs) Is(target error) bool { return target == ErrBad }

// check gathers what is wrong.
type check struct{ found Wrongs }

func (c *check) wrong(where string, s words.Sentence, args ...any) {
	c.found = append(c.found, Wrong{Where: where, Sentence: s, Args: args})
}

// Check says what is wrong: nil, or Wrongs.
func (s Settings) Check() error {
	var c check
	c.portals(s.Portals)
	for _, id := range sortedKeys(s.TeamPolicies) {
		c.policy(join("teamPolicies", id), s.TeamPolicies[id].Check())
	}
	for _, id := range sortedKeys(s.RepPolicies) {
		c.policy(join("repPolicies", id), s.RepPolicies[id].Check())
	}
	c.policy("defaultPolicy", s.DefaultPolicy.Check())
	c.organisation(s)
	if len(c.found) > 0 {
		return c.found
	}
	return nil
}

// Check says what is wrong with a portal by itself: nil, or Wrongs whose paths
// begin in it.
func (p Portal) Check() error {
	var c check
	c.portal("", p)
	if len(c.found) > 0 {
		return c.found
	}
	return nil
}

func (c *check) portals(all map[string]Portal) {
	if _, ok := all[Main]; !ok {
		c.wrong("portals", words.SetNoMain, Main)
	}
	if len(all) > MaxPortals {
		c.wrong("portals", words.SetTooMany, MaxPortals)
		return
	}
	hosts := map[string]string{}
	for _, id := range sortedKeys(all) {
		p := all[id]
		at := join("portals", id)
		if p.ID != id {
			c.wrong(join(at, "id"), words.SetOtherID, id, p.ID)
		}
		c.portal(at, p)
		for i, h := range p.Hosts {
			if other, taken := hosts[h]; taken && other != p.ID {
				c.wrong(join(at, "hosts", i), words.SetHostTaken, h, all[other].Name)
			}
			hosts[h] = p.ID
		}
	}
}

func (c *check) portal(at string, p Portal) {
	if !plainID(p.ID) {
		c.wrong(join(at, "id"), words.SetBadID, maxID)
	}
	c.line(join(at, "name"), p.Name, true, MaxName)
	c.list(join(at, "hosts"), p.Hosts, MaxHosts, IsHost, words.SetBadHost)
	c.list(join(at, "languages"), p.Languages, MaxLanguages, isLanguage, words.SetBadLanguage)
	c.look(join(at, "look"), p.Look)
	if p.Starts.Issues && len(p.Issues) == 0 {
		c.wrong(join(at, "starts", "issues"), words.SetNoIssues)
	}
	c.hours(join(at, "hours"), p)
	c.notices(join(at, "notices"), p.Notices)
	c.issues(join(at, "issues"), p.Issues)
	c.form(join(at, "form"), p)
	c.optional(join(at, "agreement", "minutes"), p.Agreement.Minutes, 1, 30)
	if p.Waiting.HoldEvery != -1 {
		c.optional(join(at, "waiting", "holdEvery"), p.Waiting.HoldEvery, 10, 3600)
	}
	c.url(join(at, "nobody", "url"), p.Nobody.URL, false)
	c.number(join(at, "nobody", "minutes"), p.Nobody.Minutes, 0, 24*60)
	c.optional(join(at, "lost", "after"), p.Lost.After, 1, 3600)
	if p.Lost.Fallback != "" {
		if _, rep, ok := ParseQueue(p.Lost.Fallback); !ok || rep != 0 {
			c.wrong(join(at, "lost", "fallback"), words.SetBadQueue)
		}
	}
	c.survey(join(at, "survey"), p, p.Survey)
	c.survey(join(at, "repSurvey"), p, p.RepSurvey)
	c.url(join(at, "exitUrl"), p.ExitURL, false)
	c.policy(join(at, "policy"), p.Policy.Check())
	c.texts(join(at, "texts"), p.Texts)
}

// list checks that no more than most stand in a list, each of them as it should
// be and none twice.
func (c *check) list(at string, all []string, most int, good func(string) bool, bad words.Sentence) {
	if len(all) > most {
		c.wrong(at, words.SetTooMany, most)
		return
	}
	for i, one := range all {
		switch {
		case !good(one):
			c.wrong(join(at, i), bad, one)
		case slices.Index(all, one) < i:
			c.wrong(join(at, i), words.SetTwice, one)
		}
	}
}

// IsHost says whether h is the name of a host as it is kept: RFC 1123 labels in
// small letters, without a port, or an IP address.
func IsHost(h string) bool {
	if len(h) > 253 || h == "" {
		return false
	}
	if strings.Contains(h, ":") { // IPv6, which a URL spells in brackets
		return strings.Trim(h, "0123456789abcdef:.") == "" && strings.Count(h, ":") >= 2
	}
	for label := range strings.SplitSeq(h, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

// isLanguage says whether l is spelled like a BCP 47 tag: "de", "pt-BR".
func isLanguage(l string) bool {
	if len(l) > 35 {
		return false
	}
	for i, part := range strings.Split(l, "-") {
		letters := strings.IndexFunc(part, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') }) < 0
		if part == "" || len(part) > 8 || i == 0 && (!letters || len(part) < 2 || len(part) > 3 || part != strings.ToLower(part)) ||
			strings.IndexFunc(part, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) }) >= 0 {
			return false
		}
	}
	return true
}

func (c *check) hours(at string, p Portal) {
	if !p.Hours.Limited && p.Hours.Zone == "" {
		return
	}
	if err := p.Hours.Check(); err != nil {
		c.wrong(at, words.SetBadHours)
	}
	for i, h := range p.Hours.Holidays {
		c.line(join(at, "holidays", i, "name"), h.Name, false, MaxName)
	}
}

func (c *check) notices(at string, notices []Notice) {
	if len(notices) > MaxNotices {
		c.wrong(at, words.SetTooMany, MaxNotices)
		return
	}
	seen := map[uint64]bool{}
	for i, n := range notices {
		if n.ID == 0 || seen[n.ID] {
			c.wrong(join(at, i, "id"), words.SetTwice, strconv.FormatUint(n.ID, 10))
		}
		seen[n.ID] = true
		c.line(join(at, i, "title"), n.Title, true, MaxName)
		c.prose(join(at, i, "text"), n.Text, MaxNotice, []string{"portal"})
		if strings.TrimSpace(n.Text) == "" {
			c.wrong(join(at, i, "text"), words.SetEmpty)
		}
	}
}

func (c *check) issues(at string, issues []Issue) {
	if len(issues) > MaxIssues {
		c.wrong(at, words.SetTooMany, MaxIssues)
		return
	}
	seen := map[string]bool{}
	for i, issue := range issues {
		c.ownID(join(at, i, "id"), issue.ID, seen)
		c.names(join(at, i, "names"), issue.Names, MaxLabel)
		if issue.Team == 0 {
			c.wrong(join(at, i, "team"), words.SetNoTeam)
		}
	}
}

func (c *check) form(at string, p Portal) {
	if len(p.Form.Fields) > wire.MaxFields {
		c.wrong(join(at, "fields"), words.SetTooMany, wire.MaxFields)
		return
	}
	seen, called := map[string]bool{}, map[string]bool{}
	for i, field := range p.Form.Fields {
		c.ownID(join(at, "fields", i, "id"), field.ID, seen)
		c.names(join(at, "fields", i, "names"), field.Names, MaxLabel)
		name := p.Called(field.Names)
		if name != "" && called[name] { // what is kept of one would take the place of the other
			c.wrong(join(at, "fields", i, "names"), words.SetTwice, name)
		}
		called[name] = true
	}
}

func (c *check) survey(at string, p Portal, questions []Question) {
	if len(questions) > wire.MaxQuestions {
		c.wrong(at, words.SetTooMany, wire.MaxQuestions)
		return
	}
	seen := map[uint32]bool{}
	long := map[string]int{}
	for i, q := range questions {
		q1 := join(at, i)
		if q.ID == 0 || seen[q.ID] {
			c.wrong(join(q1, "id"), words.SetTwice, strconv.FormatUint(uint64(q.ID), 10))
		}
		seen[q.ID] = true
		if q.Form < wire.FormRating || q.Form > wire.FormText {
			c.wrong(join(q1, "form"), words.SetBadForm)
		}
		c.names(join(q1, "texts"), q.Texts, MaxQuestion)
		choice := q.Form == wire.FormOne || q.Form == wire.FormSome
		switch {
		case choice && (len(q.Options) < 2 || len(q.Options) > wire.MaxOptions):
			c.wrong(join(q1, "options"), words.SetOptions, wire.MaxOptions)
		case !choice && len(q.Options) > 0:
			c.wrong(join(q1, "options"), words.SetNoOptions)
		}
		c.options(join(q1, "options"), q.Options)
		for _, l := range p.Offered() {
			long[l] += len(p.Localized(q.Texts, l))
			for _, o := range q.Options {
				long[l] += len(p.Localized(o, l))
			}
		}
	}
	for _, l := range sortedKeys(long) {
		if long[l] > maxSurvey {
			c.wrong(at, words.SetLongSurvey)
			return
		}
	}
}

// options checks a question's options: a language that one of them has is
// needed by all, or customers would choose between languages.
func (c *check) options(at string, all []map[string]string) {
	for n, o := range all {
		c.names(join(at, n), o, MaxLabel)
		for _, l := range sortedKeys(o) {
			if slices.ContainsFunc(all, func(other map[string]string) bool { return other[l] == "" }) {
				c.wrong(at, words.SetOptionLanguage, words.LanguageName(l))
				return
			}
		}
	}
}

func (c *check) texts(at string, texts map[string]map[TextName]string) {
	if len(texts) > MaxLanguages {
		c.wrong(at, words.SetTooMany, MaxLanguages)
		return
	}
	for _, l := range sortedKeys(texts) {
		if !isLanguage(l) {
			c.wrong(join(at, l), words.SetBadLanguage, l)
		}
		for _, name := range sortedKeys(texts[l]) {
			k, ok := KindOf(name)
			where, text := join(at, l, name), texts[l][name]
			switch {
			case !ok:
				c.wrong(where, words.SetNoSuchText, string(name))
			case k.Line && len(text) > maxTitle:
				c.wrong(where, words.SetLongBytes, maxTitle, len(text))
			case k.Line && !isLine(text):
				c.wrong(where, words.SetNotLine)
			case len(text) > MaxText:
				c.wrong(where, words.SetLongBytes, MaxText, len(text))
			default:
				c.prose(where, text, MaxText, k.Macros)
			}
		}
	}
}

// prose checks a text that may have formatting and macros.
func (c *check) prose(at, text string, most int, macros []string) {
	if n := utf8.RuneCountInString(text); n > most {
		c.wrong(at, words.SetLong, most, n)
		return
	}
	if !utf8.ValidString(text) || strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) >= 0 {
		c.wrong(at, words.SetNotText)
		return
	}
	for _, m := range prose.Parse(text).Macros() {
		if !slices.Contains(macros, m) {
			c.wrong(at, words.SetNoMacro, "{"+m+"}", "{"+strings.Join(macros, "}, {")+"}")
		}
	}
}

// line checks one line of text.
func (c *check) line(at, text string, needed bool, most int) {
	switch n := utf8.RuneCountInString(text); {
	case needed && strings.TrimSpace(text) == "":
		c.wrong(at, words.SetEmpty)
	case n > most:
		c.wrong(at, words.SetLong, most, n)
	case !isLine(text) || strings.TrimSpace(text) != text:
		c.wrong(at, words.SetNotLine)
	}
}

// isLine says whether s is text in one line. Beside what can be seen it may hold
// spaces at which no line ends, as French has them before "!", and the joiners
// and marks without which Persian, Hindi and others can't be spelled; but nothing
// that turns the direction of what stands around it.
func isLine(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsGraphic(r) && !strings.ContainsRune("\u200c\u200d\u200e\u200f\u061c", r)
	}) < 0
}

// names checks a line in several languages, of which there must be one.
func (c *check) names(at string, names map[string]string, most int) {
	if len(names) == 0 {
		c.wrong(at, words.SetEmpty)
	}
	if len(names) > MaxLanguages {
		c.wrong(at, words.SetTooMany, MaxLanguages)
		return
	}
	for _, l := range sortedKeys(names) {
		if !isLanguage(l) {
			c.wrong(join(at, l), words.SetBadLanguage, l)
		}
		c.line(join(at, l), names[l], true, most)
	}
}

func (c *check) ownID(at, id string, seen map[string]bool) {
	switch {
	case !plainID(id):
		c.wrong(at, words.SetBadID, maxID)
	case seen[id]:
		c.wrong(at, words.SetTwice, id)
	}
	seen[id] = true
}

func plainID(id string) bool {
	return id != "" && len(id) <= maxID && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" &&
		id[0] != '-' && id[len(id)-1] != '-'
}

// optional is number for what may be 0, its default.
func (c *check) optional(at string, n, low, high int) {
	if n != 0 {
		c.number(at, n, low, high)
	}
}

func (c *check) number(at string, n, low, high int) {
	if n < low || n > high {
		c.wrong(at, words.SetBadNumber, low, high)
	}
}

func (c *check) url(at, address string, needed bool) {
	if address == "" && !needed {
		return
	}
	u, err := url.Parse(address)
	odd := func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError || r == ' ' || r == '\\' }
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(address) > MaxURL || strings.ContainsFunc(address, odd) {
		c.wrong(at, words.SetBadURL)
	}
}

func (c *check) policy(at string, err error) {
	if err != nil {
		c.wrong(at, words.SetBadPolicy)
	}
}

// join makes a path of its parts.
func join(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		s := fmt.Sprint(p)
		if b.Len() > 0 && s != "" {
			b.WriteByte('.')
		}
		b.WriteString(s)
	}
	return b.String()
}
