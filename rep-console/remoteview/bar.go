package remoteview

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
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
	tune   *look.Button
	keys   *look.Button
	text   *look.Button
	system *look.Button
	speed  *look.Button
	leave  *look.Button
	said   *widget.Label
	route  *widget.Label
	icon   assets.Icon // of zoom
	terse  bool        // no room for the words on the buttons
	s      remote.State
}

func newBar(v *View) *bar {
	b := &bar{v: v, said: widget.NewLabel(""), route: widget.NewLabel("")}
	say := func(x words.Sentence) string { return v.speak.Say(x) }
	b.zoom = look.NewButton(say(words.RemoteActual), look.Icon(assets.Actual), widget.LowImportance, b.flipZoom)
	b.tune = look.NewButton(say(words.RemoteQuality), look.Icon(assets.Eye), widget.LowImportance, b.profiles)
	b.keys = look.NewButton(say(words.RemoteKeys), look.Icon(assets.Keyboard), widget.LowImportance, b.menu)
	b.text = look.NewButton(say(words.RemoteType), look.Icon(assets.Note), widget.LowImportance, b.typeText)
	b.system = look.NewButton(say(words.RemoteSystemKeys), look.Icon(assets.Lock), widget.LowImportance, func() {
		v.act.Do(remote.SetCapture{On: !b.s.Capture})
	})
	b.speed = look.NewButton(say(words.RemoteSpeed), look.Icon(assets.Clock), widget.LowImportance, func() {
		v.meter.flip()
		b.focus()
	})
	b.leave = look.NewButton(say(words.RemoteLeaveFull), look.Icon(assets.Window), widget.MediumImportance, func() {
		v.act.FullScreen(false)
	})
	for _, l := range []*widget.Label{b.said, b.route} {
		l.SizeName, l.Importance = theme.SizeNameCaptionText, widget.LowImportance
	}
	b.said.Truncation = fyne.TextTruncateEllipsis
	row := container.New(&row{b: b}, b.zoom, b.tune, b.keys, b.text, b.system, b.speed, b.said, b.route, b.leave)
	b.stripe = look.NewStripe(row, theme.ColorNameBackground)
	b.stripe.Pad = fyne.NewSize(4, 2)
	b.show(remote.State{Bar: true})
	return b
}

// objects names what tests look for.
func (b *bar) objects() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{
		"zoom": b.zoom, "quality": b.tune, "special-keys": b.keys, "type-text": b.text, "system-keys": b.system, "speed": b.speed, "leave-full": b.leave, "viewer-says": b.said,
	}
}

// show draws a State.
func (b *bar) show(s remote.State) {
	b.s = s
	icon := assets.Actual
	if s.Zoom != remote.Fit {
		icon = assets.Fit
	}
	if b.icon != icon {
		b.icon = icon
		b.zoom.SetIcon(look.Icon(icon))
	}
	b.label()
	b.tune.SetEnabled(s.Granted.Has(wire.View))
	for _, t := range []*look.Button{b.keys, b.text, b.system} {
		t.SetEnabled(s.Controls)
	}
	lit(b.system, s.Controls && s.Capture)
	lit(b.speed, s.Meter)
	seen(b.leave, s.Full)
	seen(b.route, s.Full)
	b.tell(s)
}

// lit shows whether what a tool switches is on.
func lit(t *look.Button, on bool) {
	importance := widget.LowImportance
	if on {
		importance = widget.HighImportance
	}
	if t.Importance != importance {
		t.Importance = importance
		t.Refresh()
	}
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
	case s.Controls && s.Focused && !s.Capture:
		text = say(words.RemotePlain)
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

// label writes on the buttons what they do, where there is room for it.
func (b *bar) label() {
	for i, t := range b.tools() {
		text := ""
		if !b.terse {
			text = b.texts()[i]
		}
		t.Set(text, t.Icon)
	}
}

func (b *bar) tools() []*look.Button {
	return []*look.Button{b.zoom, b.tune, b.keys, b.text, b.system, b.speed}
}

func (b *bar) texts() []string {
	zoom := words.RemoteActual
	if b.s.Zoom != remote.Fit {
		zoom = words.RemoteFit
	}
	say := b.v.speak.Say
	return []string{say(zoom), say(words.RemoteQuality), say(words.RemoteKeys), say(words.RemoteType), say(words.RemoteSystemKeys), say(words.RemoteSpeed)}
}

// row sets the tools side by side, then what is said, then route and way out.
// Where room is short the tools keep their pictures alone.
type row struct{ b *bar }

const (
	toolWidth = 34 // of a tool without words
	toolGap   = 4
	sayWidth  = 160 // what is said wants at least this much
)

func (r *row) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(float32(len(r.b.tools()))*(toolWidth+toolGap), r.b.leave.MinSize().Height)
}

func (r *row) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	b := r.b
	right := s.Width
	for _, o := range []fyne.CanvasObject{b.leave, b.route} {
		if o.Visible() {
			size := o.MinSize()
			right -= size.Width + toolGap
			o.Move(fyne.NewPos(right+toolGap, (s.Height-size.Height)/2))
			o.Resize(size)
		}
	}
	whole := float32(0)
	for i, text := range b.texts() {
		whole += r.width(b.tools()[i], text) + toolGap
	}
	if terse := whole+sayWidth > right; terse != b.terse {
		b.terse = terse
		b.label()
	}
	x := float32(0)
	for _, t := range b.tools() {
		w := r.width(t, t.Text)
		t.Move(fyne.NewPos(x, 0))
		t.Resize(fyne.NewSize(w, s.Height))
		x += w + toolGap
	}
	high := b.said.MinSize().Height
	b.said.Move(fyne.NewPos(x, (s.Height-high)/2))
	b.said.Resize(fyne.NewSize(max(right-x, 0), high))
}

// width is what a tool needs for a text beside its picture.
func (r *row) width(t *look.Button, text string) float32 {
	if text == "" {
		return toolWidth
	}
	return toolWidth + 2*toolGap + fyne.MeasureText(text, t.Theme().Size(theme.SizeNameText), fyne.TextStyle{Bold: true}).Width
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
		b.v.look() // whatever lay over the picture is gone
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
		items = append(items, fyne.NewMenuItem(b.v.speak.Say(name(s)), func() { b.v.act.Do(s) }))
	}
	b.open(b.keys, items)
}

// profiles opens the choice of what pictures look like.
func (b *bar) profiles() {
	if b.v.canvas != nil {
		b.open(b.tune, b.choices())
	}
}

func (b *bar) choices() []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for p := wire.ProfileAutomatic; p.Known(); p++ {
		item := fyne.NewMenuItem(b.v.speak.Say(profile(p)), func() { b.v.act.Tune(p) })
		item.Checked = p == b.s.Profile
		items = append(items, item)
	}
	return items
}

// profile is a profile on the menu.
func profile(p wire.Profile) words.Sentence {
	switch p {
	case wire.Profile32:
		return words.Remote32Bit
	case wire.Profile16:
		return words.Remote16Bit
	case wire.Profile8:
		return words.Remote8Bit
	}
	return words.RemoteAutomatic
}

// open opens a menu above a tool, or below where there is no room.
func (b *bar) open(tool *look.Button, items []*fyne.MenuItem) {
	m := widget.NewPopUpMenu(fyne.NewMenu("", items...), b.v.canvas)
	m.OnDismiss = func() {
		m.Hide()
		b.focus()
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(tool)
	if above := at.Y - m.MinSize().Height; above >= 0 {
		at.Y = above
	} else {
		at.Y += tool.Size().Height
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
