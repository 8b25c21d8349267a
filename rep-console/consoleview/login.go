package consoleview

import (
	"image/color"
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/words"
)

// pairing is a login in the browser that goes on: the code to compare, and what
// can be done about the page.
type pairing struct {
	v      *View
	object *fyne.Container
	asking *fyne.Container
	open   *fyne.Container
	code   *bigCode
	left   *look.Text
	host   *look.Text
	again  *tool
	copies *tool
	cancel *tool
}

// bigCode is a code in large letters.
type bigCode struct {
	painted
	text *canvas.Text
}

func newBigCode(size float32, in fyne.ThemeColorName) *bigCode {
	c := &bigCode{text: canvas.NewText("", nil)}
	c.text.TextSize, c.text.TextStyle = size, fyne.TextStyle{Bold: true}
	c.init(c, container.NewCenter(c.text), func(colour func(fyne.ThemeColorName) color.Color) { c.text.Color = colour(in) })
	return c
}

func (c *bigCode) set(text string) {
	if c.text.Text != text {
		c.text.Text = text
		c.Refresh()
	}
}

// newPairing makes it; in the bar on the left it is narrow.
func newPairing(v *View, narrow bool) *pairing {
	do, size, columns := v.act.Do, float32(34), 3
	if narrow {
		size, columns = 26, 1
	}
	p := &pairing{v: v, asking: look.Flush(look.Paragraph(v.say(words.LoginAsking))), code: newBigCode(size, theme.ColorNamePrimary)}
	p.left, p.host = look.Caption(""), look.Caption("")
	p.again = newTool(v.foot, v.say(words.LoginOpen), look.Icon(assets.Link), widget.MediumImportance, "", func() { do(console.OpenLogIn{}) })
	p.copies = newTool(v.foot, v.say(words.LoginCopy), look.Icon(assets.Copy), widget.MediumImportance, "", func() { do(console.CopyLogIn{}) })
	p.cancel = newTool(v.foot, v.say(words.LoginCancel), nil, widget.MediumImportance, "", func() { do(console.StopLogIn{}) })
	p.open = look.Rows(8, look.Flush(look.Paragraph(v.say(words.LoginCompare))), p.code, look.Flush(p.left), look.Flush(p.host))
	p.object = look.Rows(12, p.asking, p.open, container.NewGridWithColumns(columns, p.again, p.copies, p.cancel))
	return p
}

// show draws it, if there is one.
func (p *pairing) show(s console.State) {
	on := s.SignIn == console.LoggingIn
	show(p.object, on)
	if !on {
		return
	}
	there := s.Pairing.Code != ""
	show(p.asking, !there)
	show(p.open, there)
	p.again.setEnabled(there)
	p.copies.setEnabled(there)
	if !there {
		return
	}
	p.code.set(s.Pairing.Code)
	p.left.SetText(p.v.say(words.LoginLeft, p.v.speak.Countdown(s.Pairing.Expires.Sub(s.Now))))
	host := ""
	if u, err := url.Parse(s.Pairing.URL); err == nil {
		host = u.Host
	}
	p.host.SetText(p.v.say(words.LoginHost, host))
}

// account is what is known of the rep's login, and the way out of it.
type account struct {
	v      *View
	object *look.Panel
	text   *look.Text
	read   *tool // a sealed transcript
	files  *look.Chooser
	out    *tool
}

func newAccount(v *View) *account {
	a := &account{v: v, text: look.Caption("")}
	a.out = newTool(v.foot, v.say(words.LoginOut), look.Icon(assets.Leave), widget.MediumImportance, v.say(words.LoginOutHint),
		func() { v.act.Do(console.SignOut{}) })
	a.files = look.NewChooser(v.speak, func(paths []string) { v.act.Do(console.OpenTranscript{Path: paths[0]}) })
	a.files.Title, a.files.Confirm, a.files.Ends = words.TranscriptChoose, words.TranscriptOpen, console.TranscriptSuffix
	a.read = newTool(v.foot, v.say(words.TranscriptMenu), look.Icon(assets.File), widget.MediumImportance, v.say(words.TranscriptMenuHint),
		func() { a.files.Ask(false) })
	icon := look.NewPicture(look.IconIn(assets.Shield, look.ColorMuted), 18)
	a.object = look.NewPanel(look.Rows(8, look.Leading(icon, look.Flush(a.text)), a.read, a.out))
	a.object.Hide()
	return a
}

func (a *account) show(s console.State) {
	a.text.SetText(a.v.certificate(s))
	a.out.setEnabled(s.SignIn == console.In)
}

// certificate says who has certified this console, for whom and until when.
func (v *View) certificate(s console.State) string {
	c := s.Certificate
	switch {
	case !c.Kept:
		return v.say(words.ConsoleNot)
	case !c.Checked:
		return v.say(words.ConsoleKept)
	case !s.Now.Before(c.To):
		return v.say(words.ConsoleExpired)
	}
	by := s.Organisation
	if by == "" {
		by = v.say(words.ConsoleSome)
	}
	return v.say(words.ConsoleCertified, by, c.Name, v.speak.Day(c.To))
}

// idle is the warning before somebody who is away is logged out.
type idle struct {
	look.Panel
	v    *View
	text *look.Text
	stay *look.Button
}

func newIdle(v *View) *idle {
	i := &idle{v: v, text: look.Paragraph("")}
	i.text.SetColor(look.ColorOnSharing)
	i.stay = look.NewButton(v.say(words.IdleStay), nil, widget.HighImportance, func() { v.act.Do(console.Used{}) })
	icon := container.NewCenter(look.NewPicture(look.IconIn(assets.Clock, look.ColorOnSharing), 24))
	i.Content = container.NewBorder(nil, nil, icon, container.NewCenter(i.stay), i.text)
	i.Fill, i.Pad = look.ColorSharing, fyne.NewSize(12, 8)
	i.ExtendBaseWidget(i)
	i.Hide()
	return i
}

func (i *idle) set(s console.State) {
	on := !s.IdleAt.IsZero()
	if on {
		i.text.SetText(i.v.say(words.IdleAsk, i.v.speak.Seconds(s.IdleAt.Sub(s.Now))))
	}
	show(i, on)
}
