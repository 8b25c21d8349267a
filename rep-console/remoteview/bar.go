package remoteview

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/remote"
	"handrail/shared/look"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// bar is the row of tools under the picture.
type bar struct {
	v      *View
	stripe *look.Panel
	zoom   *look.Button
	keys   *look.Button
	text   *look.Button
	system *look.Button
	leave  *look.Button
	said   *widget.Label
	route  *widget.Label
	s      remote.State
}

func newBar(v *View) *bar {
	b := &bar{v: v, said: widget.NewLabel(""), route: widget.NewLabel("")}
	say := func(x words.Sentence) string { return v.speak.Say(x) }
	b.zoom = look.NewButton(say(words.RemoteActual), look.Icon(assets.Actual), widget.LowImportance, b.flipZoom)
	b.keys = look.NewButton(say(words.RemoteKeys), look.Icon(assets.Keyboard), widget.LowImportance, b.menu)
	b.text = look.NewButton(say(words.RemoteType), look.Icon(assets.Note), widget.LowImportance, b.typeText)
	b.system = look.NewButton(say(words.RemoteSystemKeys), look.Icon(assets.Lock), widget.LowImportance, func() {
		v.act.Do(remote.SetCapture{On: !b.s.Capture})
	})
	b.leave = look.NewButton(say(words.RemoteLeaveFull), look.Icon(assets.Window), widget.MediumImportance, func() {
		v.act.FullScreen(false)
	})
	for _, l := range []*widget.Label{b.said, b.route} {
		l.SizeName, l.Importance = theme.SizeNameCaptionText, widget.LowImportance
	}
	b.said.Truncation = fyne.TextTruncateEllipsis
	left := container.NewHBox(b.zoom, b.keys, b.text, b.system)
	right := container.NewHBox(b.route, b.leave)
	b.stripe = look.NewStripe(container.New(layout.NewBorderLayout(nil, nil, left, right), left, right, b.said), theme.ColorNameBackground)
	b.stripe.Pad = fyne.NewSize(4, 2)
	b.show(remote.State{Bar: true})
	return b
}

// objects names what tests look for.
func (b *bar) objects() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{
		"zoom": b.zoom, "special-keys": b.keys, "type-text": b.text, "system-keys": b.system, "leave-full": b.leave, "viewer-says": b.said,
	}
}

// show draws a State.
func (b *bar) show(s remote.State) {
	b.s = s
	say := b.v.speak.Say
	if s.Zoom == remote.Fit {
		b.zoom.Set(say(words.RemoteActual), look.Icon(assets.Actual))
	} else {
		b.zoom.Set(say(words.RemoteFit), look.Icon(assets.Fit))
	}
	for _, t := range []*look.Button{b.keys, b.text, b.system} {
		t.SetEnabled(s.Controls)
	}
	importance := widget.LowImportance
	if s.Controls && s.Capture {
		importance = widget.HighImportance
	}
	if b.system.Importance != importance {
		b.system.Importance = importance
		b.system.Refresh()
	}
	seen(b.leave, s.Full)
	seen(b.route, s.Full)
	b.tell(s)
}

// tell says how things are.
func (b *bar) tell(s remote.State) {
	text, fill, importance := "", theme.ColorNameBackground, widget.LowImportance
	switch say := b.v.speak.Say; {
	case s.Away:
		text, fill, importance = say(words.RemoteCut), look.ColorProblem, widget.MediumImportance
	case s.Granted.Has(wire.View) && !s.Controls:
		text = say(words.RemoteViewOnly)
	case s.Captured:
		text = say(words.RemoteHeld)
	case s.Controls:
		text = say(words.RemoteLoose)
	}
	b.stripe.SetFill(fill)
	if b.said.Text != text || b.said.Importance != importance {
		b.said.Text, b.said.Importance = text, importance
		b.said.Refresh()
	}
	route := words.RemoteRelayed
	if s.Direct {
		route = words.RemoteDirect
	}
	how := b.v.speak.Say(route)
	if s.RTT > 0 {
		how = b.v.speak.Say(words.RemoteMilliseconds, how, (s.RTT+time.Millisecond/2)/time.Millisecond)
	}
	if b.route.Text != how {
		b.route.SetText(how)
	}
}

func seen(o fyne.CanvasObject, yes bool) {
	switch {
	case yes && !o.Visible():
		o.Show()
	case !yes && o.Visible():
		o.Hide()
	}
}

func (b *bar) flipZoom() {
	zoom := remote.Actual
	if b.s.Zoom == remote.Actual {
		zoom = remote.Fit
	}
	b.v.act.Do(remote.SetZoom{Zoom: zoom})
	b.focus()
}

// focus gives the keyboard back to the picture after a tool was used.
func (b *bar) focus() {
	if b.v.canvas != nil && b.s.Controls {
		b.v.canvas.Focus(b.v.screen)
	}
}

// menu opens the special keys above their button.
func (b *bar) menu() {
	if b.v.canvas == nil {
		return
	}
	var items []*fyne.MenuItem
	for _, s := range remote.Specials() {
		items = append(items, fyne.NewMenuItem(b.v.speak.Say(name(s)), func() {
			b.v.act.Do(s)
			b.focus()
		}))
	}
	m := widget.NewPopUpMenu(fyne.NewMenu("", items...), b.v.canvas)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b.keys)
	if above := at.Y - m.MinSize().Height; above >= 0 {
		at.Y = above
	} else {
		at.Y += b.keys.Size().Height
	}
	m.ShowAtPosition(at)
	b.v.look()
}

// name is a special key on the menu.
func name(s remote.Special) words.Sentence {
	switch s {
	case remote.CtrlAltDel:
		return words.RemoteCtrlAltDel
	case remote.Super:
		return words.RemoteSuper
	case remote.SuperL:
		return words.RemoteSuperL
	case remote.SuperR:
		return words.RemoteSuperR
	case remote.AltTab:
		return words.RemoteAltTab
	case remote.AltF4:
		return words.RemoteAltF4
	case remote.CtrlEsc:
		return words.RemoteCtrlEsc
	case remote.CtrlShiftEsc:
		return words.RemoteCtrlShiftEsc
	case remote.PrintScreen:
		return words.RemotePrintScreen
	case remote.AltPrintScreen:
		return words.RemoteAltPrintScreen
	case remote.Pause:
		return words.RemotePause
	}
	return words.RemoteEscape
}

// typing is the dialog for a text.
type typing struct {
	entry *widget.Entry
	now   *look.Button
}

// typeText asks for a text and types it at the customer's.
func (b *bar) typeText() {
	v := b.v
	if v.window == nil {
		return
	}
	t := &typing{entry: widget.NewMultiLineEntry()}
	t.entry.Wrapping = fyne.TextWrapWord
	t.entry.SetMinRowsVisible(6)
	hint := look.Caption(v.speak.Say(words.RemoteTypeHint))
	var d *dialog.CustomDialog
	t.now = look.NewButton(v.speak.Say(words.RemoteTypeNow), nil, widget.HighImportance, func() {
		text := t.entry.Text
		d.Hide()
		v.act.Do(remote.TypeText{Text: text})
	})
	cancel := look.NewButton(v.speak.Say(words.RemoteCancel), nil, widget.MediumImportance, func() { d.Hide() })
	content := look.Sized(container.NewBorder(hint, nil, nil, nil, t.entry), fyne.NewSize(440, 180))
	d = dialog.NewCustomWithoutButtons(v.speak.Say(words.RemoteTypeTitle), content, v.window)
	d.SetButtons([]fyne.CanvasObject{cancel, t.now})
	d.SetOnClosed(func() {
		v.typing = nil
		v.look()
		b.focus()
	})
	v.typing = t
	d.Show()
	v.canvas.Focus(t.entry)
	v.look()
}
