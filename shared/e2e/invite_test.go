//go:build linux

package e2e

import (
	"net/url"
	"strings"
	"testing"
)

const twoPortals = `
portals:
  main:
    id: main
    name: Example Ltd
    languages: [en, de]
    starts: {key: true}
  shop:
    id: shop
    name: Example Shop
    starts: {key: true}
    hosts: [shop.example]
    languages: [en]
    texts:
      en:
        invite-subject: "{rep} is here for you"
        invite: "Open {link} within {minutes} minutes. Your number is {key}."
`

// TestP04ARepInvitesByAPortal: the mail for a customer is in the words, and
// leads to the page, of the portal that the rep chooses, and the choice is
// remembered. The secret is in none of it.
func TestP04ARepInvitesByAPortal(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	b.apply(twoPortals)
	rep := sit(t, "rep", "1400x900")
	rep.pretendBrowser()
	rep.enrols(b, "Robin Weber")
	key := rep.makeKey()
	number, secret, _ := strings.Cut(key, " · ")
	rep.click("invite")
	rep.reads("invite-portal", "Example Ltd")
	rep.reads("invite-language", "English")
	rep.photo("invite")
	rep.copiesInvitation("Hello,", secret)

	rep.click("invite-language")
	rep.keys("Up", "Return")
	rep.reads("invite-language", "Deutsch")
	rep.copiesInvitation("Guten Tag,", secret)

	rep.click("invite-portal")
	rep.keys("Up", "Return")
	rep.reads("invite-portal", "Example Shop")
	rep.gone("invite-language")
	text := rep.copiesInvitation("Open https://shop.example", secret)
	if !strings.Contains(text, "/"+strings.ReplaceAll(number, " ", "")+" within 10 minutes. Your number is "+number+".") {
		t.Errorf("the invitation says %q", text)
	}
	rep.click("copy-link")
	rep.wait("the portal's link", func() bool { return strings.HasPrefix(rep.clipboard(), "https://shop.example") })
	rep.click("invite-mail")
	rep.wait("the mail", func() bool { return strings.Contains(rep.opened(), "mailto:") })
	mail, err := url.Parse(strings.TrimSpace(rep.opened()))
	if err != nil || mail.Query().Get("subject") != "Robin Weber is here for you" || mail.Query().Get("body") != text {
		t.Errorf("the mail is %q, %v", rep.opened(), err)
	}
	rep.photo("invite-shop")
}

// copiesInvitation copies the invitation and reads it.
func (p *person) copiesInvitation(begins, secret string) (text string) {
	p.t.Helper()
	p.wait("an invitation that begins "+begins, func() bool {
		p.click("invite-copy")
		text = p.clipboard()
		return strings.HasPrefix(text, begins)
	})
	if strings.Contains(text, secret) || strings.Contains(text, strings.ReplaceAll(secret, " ", "")) {
		p.t.Errorf("the secret %s is in %q", secret, text)
	}
	return text
}
