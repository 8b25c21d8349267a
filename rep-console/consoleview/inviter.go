package consoleview

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/words"
)

// inviter is the drawer of a key by which somebody is invited: by which portal,
// in which language, by mail or as text.
type inviter struct {
	v        *View
	object   *fyne.Container
	about    *look.Text
	portal   *choice
	language *choice
	mail     *tool
	text     *tool
}

func newInviter(v *View, number string) *inviter {
	do := v.act.Do
	i := &inviter{v: v, about: look.Caption("")}
	i.portal = newChoice(v.say(words.InvitePortal), func(id string) { do(console.ChoosePortal{ID: id}) })
	i.language = newChoice(v.say(words.InviteLanguage), func(tag string) { do(console.ChooseLanguage{Language: tag}) })
	i.mail = newTool(v.foot, v.say(words.RepMailIt), look.Icon(assets.Mail), widget.MediumImportance,
		v.say(words.RepInvitationHint), func() { do(console.MailInvitation{Number: number}) })
	i.text = newTool(v.foot, v.say(words.RepCopyText), look.Icon(assets.Copy), widget.MediumImportance,
		v.say(words.RepInvitationHint), func() { do(console.CopyInvitation{Number: number}) })
	i.object = look.Rows(6, look.Flush(i.about), i.portal.object, i.language.object, container.NewGridWithColumns(2, i.mail, i.text))
	return i
}

// show draws what there is to choose from; it says whether it has grown or
// shrunk.
func (i *inviter) show(s console.State) (changed bool) {
	about := words.RepInviteExplained
	invitation, own := s.Invitation()
	if own {
		about = words.InviteExplained
	}
	i.about.SetText(i.v.say(about))
	var portals, languages []option
	for _, p := range s.Portals {
		portals = append(portals, option{p.ID, p.Name})
	}
	for _, l := range s.Inviting().Invitations {
		languages = append(languages, option{l.Language, words.LanguageName(l.Language)})
	}
	first := i.portal.set(portals, s.Inviting().ID)
	second := i.language.set(languages, invitation.Language)
	return first || second
}

// option is something that can be chosen.
type option struct{ id, name string }

// choice is a list to choose from, with its heading; hidden where there is
// nothing to choose.
type choice struct {
	object *fyne.Container
	frame  *look.Panel
	list   *widget.Select
	all    []option
}

func newChoice(head string, chosen func(id string)) *choice {
	c := &choice{list: widget.NewSelect(nil, nil)}
	c.list.OnChanged = func(string) {
		if i := c.list.SelectedIndex(); i >= 0 && i < len(c.all) {
			chosen(c.all[i].id)
		}
	}
	c.frame = look.NewPanel(c.list)
	c.frame.Pad, c.frame.Radius = fyne.Size{}, 8
	c.object = look.Rows(2, look.Flush(look.Caption(head)), c.frame)
	c.object.Hide()
	return c
}

// set changes what differs; it says whether the choice has come or gone.
func (c *choice) set(all []option, chosen string) (changed bool) {
	if !slices.Equal(c.all, all) {
		c.all = all
		var names []string
		for _, o := range all {
			names = append(names, o.name)
		}
		c.list.Options = names
		c.list.Refresh()
	}
	if at := slices.IndexFunc(all, func(o option) bool { return o.id == chosen }); at >= 0 && c.list.SelectedIndex() != at {
		was := c.list.OnChanged
		c.list.OnChanged = nil // this is not the rep's choice
		c.list.SetSelectedIndex(at)
		c.list.OnChanged = was
	}
	before := c.object.Visible()
	show(c.object, len(all) > 1)
	return c.object.Visible() != before
}
