package consoleview

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/secret"
	"handrail/shared/words"
)

// keyCard is one session key: a row in the list, or the whole card with
// everything that can be done with it.
type keyCard struct {
	v      *View
	number string
	object *look.Panel
	k      console.Key

	small  *fyne.Container
	code   *widget.Label
	left   *widget.Label
	unfold *press
	away   *tool

	large   *fyne.Container // nil until it is shown for the first time
	digits  *digits
	clock   *widget.Label
	tried   *look.Text
	copyKey *tool
	inviteB *tool
	fold    *tool
	buttons []*tool // those that need a link
	drawer  *fyne.Container
	drawers map[drawer]fyne.CanvasObject
	open    drawer
	revoke  *tool
	yes, no *look.Button // in the drawer that asks
	invite  *inviter     // once its drawer was pulled
}

// digits is a key in large figures: number and secret, told apart by colour.
type digits struct {
	painted
	number, dot, secret *canvas.Text
}

func newDigits() *digits {
	text := func(t string) *canvas.Text {
		c := canvas.NewText(t, nil)
		c.TextSize, c.TextStyle.Bold = 27, true
		return c
	}
	d := &digits{number: text(""), dot: text("·"), secret: text("")}
	d.init(d, container.NewCenter(container.NewHBox(d.number, d.dot, d.secret)),
		func(colour func(fyne.ThemeColorName) color.Color) {
			d.number.Color = colour(theme.ColorNameForeground)
			d.dot.Color = colour(look.ColorMuted)
			d.secret.Color = colour(theme.ColorNamePrimary)
		})
	return d
}

func (d *digits) set(c secret.Code) {
	number, half := secret.Group(c.Number), secret.Group(c.Secret)
	if d.number.Text != number || d.secret.Text != half {
		d.number.Text, d.secret.Text = number, half
		d.Refresh()
	}
}

// drawer is what a card shows below its buttons.
type drawer int

const (
	drawerShut drawer = iota
	drawerInvite
	drawerRead
	drawerQR
	drawerRevoke
)

func newKeyCard(v *View, number string) *keyCard {
	c := &keyCard{v: v, number: number, drawers: map[drawer]fyne.CanvasObject{}}
	c.code = line("", theme.SizeNameText, widget.MediumImportance, true)
	c.left = line("", theme.SizeNameCaptionText, widget.MediumImportance, false)
	c.unfold = newPress(v.foot, look.Rows(1, tight(c.code), tight(c.left)), v.say(words.RepUnfold), func() { v.rail.unfold(number) })
	c.unfold.pad = fyne.NewSize(4, 2)
	c.away = newTool(v.foot, "", look.Icon(assets.Cross), widget.LowImportance, v.say(words.RepPutAway), func() {
		v.act.Do(console.PutAway{Number: number})
	})
	c.small = container.NewBorder(nil, nil, nil, container.NewCenter(c.away), c.unfold)
	c.object = look.NewPanel(container.NewStack(c.small))
	c.object.Pad = fyne.NewSize(8, 5)
	return c
}

// makeLarge builds the whole card.
func (c *keyCard) makeLarge() {
	v, do := c.v, c.v.act.Do
	c.digits = newDigits()
	c.clock = line("", theme.SizeNameText, widget.MediumImportance, false)
	c.clock.Alignment = fyne.TextAlignCenter
	c.tried = look.NewText("", theme.ColorNameError, theme.SizeNameCaptionText, fyne.TextStyle{Bold: true}, fyne.TextAlignCenter)
	button := func(text, hint words.Sentence, importance widget.Importance, tapped func()) *tool {
		return newTool(v.foot, v.say(text), nil, importance, v.say(hint), tapped)
	}
	toggle := func(d drawer) func() { return func() { c.pull(d) } }
	link := button(words.RepCopyLink, words.RepCopyLinkHint, widget.MediumImportance, func() { do(console.CopyLink{Number: c.number}) })
	qr := button(words.RepQR, words.RepQRHint, widget.MediumImportance, toggle(drawerQR))
	c.buttons = []*tool{link, qr}
	c.revoke = button(words.RepRevoke, words.RepRevokeHint, widget.MediumImportance, func() { do(console.Revoke{Number: c.number}) })
	c.copyKey = button(words.RepCopyKey, words.RepCopyKeyHint, widget.MediumImportance, func() { do(console.CopyKey{Number: c.number}) })
	c.inviteB = button(words.RepInvitation, words.RepInvitationHint, widget.MediumImportance, toggle(drawerInvite))
	grid := container.NewGridWithColumns(3,
		c.copyKey,
		link,
		c.inviteB,
		button(words.RepReadOut, words.RepReadOutHint, widget.MediumImportance, toggle(drawerRead)),
		qr, c.revoke)
	c.fold = newTool(v.foot, "", look.Icon(assets.Fold), widget.LowImportance, v.say(words.RepFold), func() { v.rail.unfold("") })
	c.drawer = container.NewStack()
	c.drawer.Hide()
	c.large = look.Rows(6, container.NewBorder(nil, nil, nil, c.fold, c.digits), tight(c.clock), c.tried, grid, c.drawer)
}

// pull opens a drawer, or shuts it when it is open.
func (c *keyCard) pull(d drawer) {
	if c.open == d {
		d = drawerShut
	}
	c.open = d
	if d != drawerShut && c.drawers[d] == nil {
		c.drawers[d] = c.makeDrawer(d)
	}
	if d == drawerShut {
		c.drawer.Hide()
	} else {
		swap(c.drawer, []fyne.CanvasObject{c.drawers[d]})
		c.drawer.Show()
	}
	c.v.relay()
}

func (c *keyCard) makeDrawer(d drawer) fyne.CanvasObject {
	v, do := c.v, c.v.act.Do
	switch d {
	case drawerInvite:
		c.invite = newInviter(v, c.number)
		c.invite.show(v.s)
		return c.invite.object
	case drawerRead:
		row := func(head words.Sentence, digits string) fyne.CanvasObject {
			return look.Rows(-8, look.Caption(v.say(head)),
				look.NewText(v.speak.ReadOut(secret.Group(digits)), "", "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading))
		}
		return look.Rows(-4, row(words.RepReadNumber, c.k.Code.Number), row(words.RepReadSecret, c.k.Code.Secret))
	case drawerQR:
		q := newQR()
		if m := qrPicture(c.k.Link); m != nil {
			q.Image = m
		}
		return look.Rows(2, container.NewCenter(q), look.Caption(v.say(words.RepQRExplained)))
	}
	c.yes = look.NewButton(v.say(words.RepRevokeYes), nil, widget.DangerImportance, func() { do(console.Yes{}) })
	c.yes.Deliberate = true
	c.no = look.NewButton(v.say(words.RepRevokeNo), nil, widget.MediumImportance, func() { do(console.No{}) })
	return look.Rows(2, look.Paragraph(v.say(words.RepRevokeAsk)), container.NewGridWithColumns(2, c.yes, c.no))
}

// show draws a key: whole if it has the place of honour or is unfolded.
func (c *keyCard) show(k console.Key, s console.State, honoured, unfolded bool) {
	if c.k.Link != k.Link {
		delete(c.drawers, drawerQR)
	}
	c.k = k
	large := honoured || unfolded
	if large && c.large == nil {
		c.makeLarge()
	}
	if large {
		show(c.fold, !honoured)
		c.showLarge(s)
		c.object.Pad = fyne.NewSize(12, 10)
		c.content(c.large)
		return
	}
	c.open = drawerShut
	c.object.Pad = fyne.NewSize(8, 5)
	c.showSmall(s)
	c.content(c.small)
}

func (c *keyCard) content(o fyne.CanvasObject) {
	if c.object.Content.(*fyne.Container).Objects[0] != o {
		c.object.Content = container.NewStack(o)
		c.object.Refresh()
		canvas.Refresh(c.object)
	}
}

func (c *keyCard) showSmall(s console.State) {
	live := c.k.Stage.Live()
	text := c.k.Code.String()
	if !live {
		text = secret.Group(c.k.Number) // a dead secret is nobody's business
	}
	setLine(c.code, text)
	setLine(c.left, c.status(s))
	importance := widget.MediumImportance
	if c.k.Stage == console.KeyBurnt || live && c.k.Tried > 0 {
		importance = widget.DangerImportance
	}
	if c.left.Importance != importance {
		c.left.Importance = importance
		c.left.Refresh()
	}
	show(c.away, !live)
}

// status says how the key is, in a few words.
func (c *keyCard) status(s console.State) string {
	say := c.v.say
	switch c.k.Stage {
	case console.KeyEntering:
		return say(words.RepKeyEntering)
	case console.KeyUsed:
		return say(words.RepKeyUsed)
	case console.KeyBurnt:
		return say(words.RepKeyBurnt, secret.MaxTries)
	case console.KeyExpired:
		return say(words.RepKeyExpired)
	case console.KeyRevoked:
		return say(words.RepKeyRevoked)
	}
	text := say(words.RepKeyFor, c.v.speak.Countdown(c.k.Expires.Sub(s.Now)))
	if c.k.Tried > 0 {
		text += " · " + say(words.RepKeyTried, c.k.Tried, secret.MaxTries)
	}
	return text
}

func (c *keyCard) showLarge(s console.State) {
	c.digits.set(c.k.Code)
	text := c.v.say(words.RepKeyFor, c.v.speak.Countdown(c.k.Expires.Sub(s.Now)))
	importance := widget.MediumImportance
	if c.k.Stage == console.KeyEntering {
		text, importance = c.v.say(words.RepKeyEntering), widget.SuccessImportance
	}
	if c.clock.Importance != importance {
		c.clock.Importance = importance
		c.clock.Refresh()
	}
	setLine(c.clock, text)
	show(c.tried, c.k.Tried > 0)
	if c.k.Tried > 0 {
		c.tried.SetText(c.v.say(words.RepKeyTried, c.k.Tried, secret.MaxTries))
	}
	for _, b := range c.buttons {
		b.setEnabled(c.k.Link != "")
	}
	if c.invite != nil && c.invite.show(s) {
		c.v.relay()
	}
	asked := s.Question.Ask == console.RevokeKey && s.Question.Number == c.number
	if asked != (c.open == drawerRevoke) {
		c.pull(drawerRevoke)
	}
}
