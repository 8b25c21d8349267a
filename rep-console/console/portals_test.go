package console

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"handrail/shared/wire"
)

func portal(id, name string, languages ...string) PortalIs {
	p := wire.Portal{ID: id, Name: name, Page: "https://" + id + ".example"}
	for _, l := range languages {
		p.Invitations = append(p.Invitations, wire.Invitation{
			Language: l, Subject: l + ": {rep}", Text: l + ": Hello {name}, {rep}: {link} {key} {minutes}",
		})
	}
	return PortalIs{p}
}

// key makes a session key.
func (d *desk) newKey() Key {
	d.Helper()
	d.step(NewKey{})
	return d.m.State().Keys[0]
}

func TestP04WithoutPortalsTheInvitationIsAsItWas(t *testing.T) {
	d := signedIn(t)
	k := d.newKey()
	equal(d, "link", k.Link, "https://help.example/s/482913")
	d.step(CopyInvitation{k.Number})
	if text := did[Copy](d)[0].Text; !strings.Contains(text, k.Link) || !strings.Contains(text, "482 913") {
		t.Error(text)
	}
}

func TestP04APortalInvitesInItsOwnWords(t *testing.T) {
	d := signedIn(t)
	d.step(portal("main", "Alpine", "en", "de"))
	k := d.newKey()
	equal(d, "link", k.Link, "https://main.example/482913")
	d.effects()
	d.step(MailInvitation{k.Number}, CopyInvitation{k.Number})
	mail, _ := url.Parse(did[OpenMail](d)[0].URL)
	q := mail.Query()
	equal(d, "subject", q.Get("subject"), "en: Robin Rep")
	equal(d, "text", q.Get("body"), "en: Hello, Robin Rep: https://main.example/482913 482 913 10")
	d.effects()
	d.step(ChooseLanguage{"de"}, CopyInvitation{k.Number})
	equal(d, "in the chosen language", strings.HasPrefix(did[Copy](d)[0].Text, "de: "), true)
	equal(d, "remembered", d.m.State().Settings.Language, "de")
	d.pass(9*time.Minute + 30*time.Second)
	d.effects()
	d.step(CopyInvitation{k.Number})
	equal(d, "what is left", strings.HasSuffix(did[Copy](d)[0].Text, " 1"), true)
}

func TestP04TheRepChoosesAmongPortals(t *testing.T) {
	d := signedIn(t)
	k := d.newKey()
	d.step(portal("shop", "Shop", "fr"), portal("main", "Alpine", "en", "de"))
	s := d.m.State()
	equal(d, "by name", []string{s.Portals[0].ID, s.Portals[1].ID}, []string{"main", "shop"})
	equal(d, "the first", s.Inviting().ID, "main")
	d.effects()
	d.step(ChoosePortal{"shop"}, ChooseLanguage{"de"})
	s = d.m.State()
	equal(d, "remembered", did[Remember](d)[0].Settings.Portal, "shop")
	equal(d, "its link", s.Keys[0].Link, "https://shop.example/"+k.Number)
	i, _ := s.Invitation()
	equal(d, "its language", i.Language, "fr")
	d.step(ChoosePortal{"elsewhere"})
	equal(d, "no such portal", d.m.State().Settings.Portal, "shop")
	d.step(PortalIs{wire.Portal{ID: "shop"}})
	s = d.m.State()
	equal(d, "one that is no more", s.Inviting().ID, "main")
	equal(d, "and the link", s.Keys[0].Link, "https://main.example/"+k.Number)
	d.step(portal("shop", "Shop", "fr"))
	s = d.m.State()
	equal(d, "back again", s.Inviting().ID, "shop")
	d.step(PortalIs{wire.Portal{ID: "shop"}}, PortalIs{wire.Portal{ID: "main"}})
	equal(d, "without any", d.m.State().Keys[0].Link, "https://help.example/s/"+k.Number)
}

// The secret is told by voice, whatever an organisation writes into its mail.
func TestP04NoInvitationHoldsTheSecret(t *testing.T) {
	d := signedIn(t)
	d.step(PortalIs{wire.Portal{ID: "main", Name: "Alpine", Invitations: []wire.Invitation{
		{Language: "en", Subject: "{key} {secret}", Text: "{key} {key} {secret} {rep}{key}{link}{name}{minutes}"},
	}}})
	k := d.newKey()
	d.step(CopyInvitation{k.Number}, MailInvitation{k.Number})
	said := did[Copy](d)[0].Text + did[OpenMail](d)[0].URL + k.Link
	for _, half := range []string{k.Code.Secret, k.Code.Secret[:3] + " " + k.Code.Secret[3:], k.Code.Secret[:3] + "%20" + k.Code.Secret[3:]} {
		if strings.Contains(said, half) {
			t.Errorf("the secret is in %q", said)
		}
	}
}

func TestP04PortalsAreBounded(t *testing.T) {
	d := signedIn(t)
	for i := range 3 * maxPortals {
		d.step(portal(string(rune('a'+i%26))+strings.Repeat("x", i), "P", "en"))
	}
	equal(d, "portals", len(d.m.State().Portals), maxPortals)
}
