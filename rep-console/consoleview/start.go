package consoleview

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/secret"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const oneMinute = time.Minute

// startPage is what stands on the right while no tab is in front: who waits,
// or how to begin.
type startPage struct {
	v      *View
	object *fyne.Container
	idle   fyne.CanvasObject
	newKey *tool

	waiting fyne.CanvasObject
	who     wire.SessionID
	avatar  *look.Avatar
	title   *look.Text
	since   *look.Text
	proved  *look.Text
	accept  *tool
	decline *tool

	queued fyne.CanvasObject // the queues, and above them who came by a key
	caller *caller

	apart     fyne.CanvasObject
	apartName *look.Text
	apartID   wire.SessionID
}

func newStartPage(v *View) *startPage {
	p := &startPage{v: v}
	p.idle = p.makeIdle()
	p.waiting = p.makeWaiting()
	p.apart = p.makeApart()
	p.caller = newCaller(v)
	p.queued = container.NewBorder(p.caller.object, nil, nil, nil, v.queues.object)
	p.object = container.NewStack(p.idle)
	return p
}

func (p *startPage) makeIdle() fyne.CanvasObject {
	v := p.v
	step := func(n int, icon assets.Icon, what, more words.Sentence) fyne.CanvasObject {
		text := look.Rows(-10, look.NewText(fmt.Sprintf("%d. %s", n, v.say(what)), "", theme.SizeNameSubHeadingText,
			fyne.TextStyle{Bold: true}, fyne.TextAlignLeading),
			look.NewText(v.say(more), look.ColorMuted, "", fyne.TextStyle{}, fyne.TextAlignLeading))
		return container.NewBorder(nil, nil,
			container.New(inset{left: 8, right: 8, top: 10}, container.NewVBox(look.NewPicture(look.IconIn(icon, theme.ColorNamePrimary), 32))), nil, text)
	}
	p.newKey = newTool(v.foot, v.say(words.RepNewKey), look.IconIn(assets.Plus, theme.ColorNameForegroundOnPrimary),
		widget.HighImportance, v.withKeys(words.RepNewKey, keysNewKey), func() { v.act.Do(console.NewKey{}) })
	card := look.NewPanel(look.Rows(6, look.Heading(v.say(words.RepIdleTitle)),
		step(1, assets.Key, words.RepIdleOne, words.RepIdleOneMore),
		step(2, assets.Chat, words.RepIdleTwo, words.RepIdleTwoMore),
		step(3, assets.Check, words.RepIdleThree, words.RepIdleThreeMore),
		container.New(inset{left: 8, top: 8}, container.NewHBox(p.newKey))))
	card.Pad = fyne.NewSize(24, 18)
	return container.New(middle{}, look.Wide(card, 560))
}

func (p *startPage) makeWaiting() fyne.CanvasObject {
	v := p.v
	p.avatar = look.NewAvatar("", 72)
	centre := func(in fyne.ThemeColorName, size fyne.ThemeSizeName, bold bool) *look.Text {
		return look.NewText("", in, size, fyne.TextStyle{Bold: bold}, fyne.TextAlignCenter)
	}
	p.title = centre("", theme.SizeNameHeadingText, true)
	p.since = centre(look.ColorMuted, "", false)
	p.proved = centre("", "", false)
	p.accept, p.decline = v.decide(wire.SessionID{})
	p.accept.OnTapped = func() { v.act.Do(console.Accept{ID: p.who}) }
	p.decline.OnTapped = func() { v.act.Do(console.Decline{ID: p.who}) }
	buttons := container.NewGridWithColumns(2, p.accept, p.decline)
	card := look.NewPanel(look.Rows(2, container.NewCenter(p.avatar), p.title, p.since, p.proved,
		container.New(inset{top: 10}, look.Wide(buttons, 300))))
	card.Pad = fyne.NewSize(24, 24)
	return container.New(middle{}, look.Wide(card, 520))
}

func (p *startPage) makeApart() fyne.CanvasObject {
	v := p.v
	p.apartName = look.NewText("", "", theme.SizeNameHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignCenter)
	text := look.NewText(v.say(words.RepDetachedTitle), look.ColorMuted, "", fyne.TextStyle{}, fyne.TextAlignCenter)
	back := newTool(v.foot, v.say(words.RepAttach), look.Icon(assets.Window), widget.MediumImportance, "", func() {
		v.act.Do(console.Detach{ID: p.apartID})
	})
	card := look.NewPanel(look.Rows(4, p.apartName, text, container.NewCenter(back)))
	card.Pad = fyne.NewSize(24, 24)
	return container.New(middle{}, look.Wide(card, 480))
}

func (p *startPage) show(s console.State) {
	can := s.SignIn == console.In && !s.Making
	p.newKey.setEnabled(can)
	chosen, ok := s.Session(s.Selected)
	if ok && chosen.Detached {
		p.apartID = chosen.ID
		p.apartName.SetText(chosen.Name)
		swap(p.object, []fyne.CanvasObject{p.apart})
		return
	}
	queues := len(s.Queues) > 0
	if !ok || !chosen.Waits() {
		ok = !queues && len(s.Sessions) > 0 && s.Sessions[0].Waits()
		if ok {
			chosen = s.Sessions[0]
		}
	}
	switch {
	case ok:
	case queues:
		p.caller.show(s)
		p.v.queues.show(s)
		swap(p.object, []fyne.CanvasObject{p.queued})
		return
	default:
		swap(p.object, []fyne.CanvasObject{p.idle})
		return
	}
	p.who = chosen.ID
	p.avatar.SetName(chosen.Name)
	p.title.SetText(p.v.say(words.RepWaitingPage, chosen.Name))
	text := p.v.waits(chosen, s)
	if system := p.v.speak.System(chosen.State.PeerSystem); system != "" {
		text += " · " + system
	}
	p.since.SetText(text)
	p.proved.SetText(p.v.say(words.RepProved, secret.Group(chosen.Number)))
	swap(p.object, []fyne.CanvasObject{p.waiting})
}

// caller is who came by a key and waits, above the queues.
type caller struct {
	v       *View
	object  *fyne.Container
	who     wire.SessionID
	avatar  *look.Avatar
	title   *widget.Label
	since   *widget.Label
	accept  *tool
	decline *tool
}

func newCaller(v *View) *caller {
	c := &caller{
		v: v, avatar: look.NewAvatar("", 36), title: line("", theme.SizeNameText, widget.MediumImportance, true),
		since: line("", theme.SizeNameCaptionText, widget.MediumImportance, false),
	}
	c.accept, c.decline = v.decide(wire.SessionID{})
	c.accept.OnTapped = func() { v.act.Do(console.Accept{ID: c.who}) }
	c.decline.OnTapped = func() { v.act.Do(console.Decline{ID: c.who}) }
	who := container.New(inset{left: 6}, look.Rows(1, tight(c.title), tight(c.since)))
	panel := look.NewPanel(container.NewBorder(nil, nil, container.NewCenter(c.avatar), container.NewCenter(container.NewHBox(c.accept, c.decline)), who))
	panel.Edge, panel.Fill, panel.Pad = theme.ColorNamePrimary, look.ColorCalm, fyne.NewSize(12, 8)
	c.object = container.New(inset{top: 8, right: 8, left: 8}, panel)
	c.object.Hide()
	return c
}

// show draws who has waited longest, if anybody does.
func (c *caller) show(s console.State) {
	waits := len(s.Sessions) > 0 && s.Sessions[0].Waits()
	if waits {
		x := s.Sessions[0]
		c.who = x.ID
		c.avatar.SetName(x.Name)
		setLine(c.title, c.v.say(words.RepWaitingPage, x.Name))
		setLine(c.since, joined([]string{c.v.waits(x, s), c.v.say(words.RepVerified, secret.Group(x.Number))}))
	}
	show(c.object, waits)
}
