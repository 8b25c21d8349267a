package console

import (
	"fmt"
	"strings"

	"handrail/shared/secret"
	"handrail/shared/words"
)

// setPage takes the address that links start with where no portal has its own.
func (m *Model) setPage(page string) {
	m.page = strings.TrimRight(page, "/")
	m.relink()
}

// relink gives every key its link.
func (m *Model) relink() {
	for i := range m.s.Keys {
		m.s.Keys[i].Link = m.link(m.s.Keys[i].Number)
	}
}

// link finds the session, as the number does. The secret is told by voice: in
// a link it would pass the broker's web site (P04).
func (m *Model) link(number string) string {
	page := m.page
	if p := strings.TrimRight(m.s.Inviting().Page, "/"); p != "" {
		page = p
	}
	if page == "" {
		return ""
	}
	return page + "/" + number
}

// invitation is what the rep sends to a customer: how to begin, and never the
// secret. A portal has its own.
func (m *Model) invitation(k *Key) string {
	if i, ok := m.s.Invitation(); ok {
		return m.filled(i.Text, k)
	}
	say := m.cfg.Words.Say
	number, until := secret.Group(k.Number), k.Expires.Format("15:04")
	from := strings.Join(nonEmpty(m.s.Rep, m.s.Organisation), ", ")
	if k.Link == "" {
		return say(words.RepInviteNoLink, number, until, from)
	}
	return say(words.RepInvite, k.Link, number, until, from)
}

func nonEmpty(list ...string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// mailto is the invitation as an address for the mail program (RFC 6068).
func (m *Model) mailto(k *Key) string {
	subject := m.cfg.Words.Say(words.RepInviteSubject)
	if m.s.Organisation != "" {
		subject = m.cfg.Words.Say(words.RepInviteSubjectFrom, m.s.Organisation)
	}
	if i, ok := m.s.Invitation(); ok {
		subject = m.filled(i.Subject, k)
	}
	body := strings.ReplaceAll(m.invitation(k), "\n", "\r\n")
	return "mailto:?subject=" + escape(subject) + "&body=" + escape(body)
}

// escape writes everything but RFC 3986's unreserved characters as %XX. RFC
// 6068 wants spaces so too: a plus would arrive as a plus.
func escape(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9',
			c == '-', c == '.', c == '_', c == '~':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
