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
	clip   *look.Button
	system *look.Button
	speed  *look.Button
	more   *look.Button // what there is no room for
	leave  *look.Button
	said   *widget.Label
	route  *widget.Label
	all    []*tool
	open   *widget.PopUpMenu // or nil
	s      remote.State

	zooms  [2]fyne.Resource // pictures of zoom: to actual size, and to the window
	saidAt fyne.Position    // where said may be, and how much room there is
	saidIn fyne.Size
}

// tool is one of the tools that stand side by side.
type tool struct {
	*look.Button
	says func() words.Sentence
	on   func() bool // what it switches is on; nil where it switches nothing
	rank int         // from 1: those with the least get words first, and leave last when room is short

	spoken, gone bool // has words; is on the menu of the rest
}

func newBar(v *View) *bar {
	b := &bar{v: v, said: widget.NewLabel(""), route: widget.NewLabel("")}
	b.zooms = [2]fyne.Resource{look.Icon(assets.Actual), look.Icon(assets.Fit)}
	button := func(icon assets.Icon, do func()) *look.Button {
		return look.NewButton("", look.Icon(icon), widget.LowImportance, do)
	}
	b.zoom = button(assets.Actual, b.flipZoom)
	b.tune = button(assets.Eye, b.profiles)
	b.keys = button(assets.Keyboard, b.menu)
	b.text = button(assets.Note, b.typeText)
	b.clip = button(assets.Clipboard, b.clips)
	b.system = button(assets.Lock, func() { v.act.Do(remote.SetCapture{On: !b.s.Capture}) })
	b.speed = button(assets.Clock, func() {
		v.meter.flip()
		b.focus()
	})
	b.more = button(assets.Menu, b.rest)
	b.leave = look.NewButton(v.speak.Say(words.RemoteLeaveFull), look.Icon(assets.Window), widget.MediumImportance, func() {
		v.act.FullScreen(false)
	})
	is := func(x words.Sentence) func() words.Sentence { return func() words.Sentence { return x } }
	b.all = []*tool{
		{Button: b.zoom, says: b.zoomSays, rank: 3},
		{Button: b.tune, says: is(words.RemoteQuality), rank: 4},
		{Button: b.keys, says: is(words.RemoteKeys), rank: 2},
		{Button: b.text, says: is(words.RemoteType), rank: 5},
		{Button: b.clip, says: is(words.RemoteClipboard), on: func() bool { return b.s.Granted&clipboard != 0 }, rank: 1},
		{Button: b.system, says: is(words.RemoteSystemKeys), on: func() bool { return b.s.Controls && b.s.Capture }, rank: 6},
		{Button: b.speed, says: is(words.RemoteSpeed), on: func() bool { return b.s.Meter }, rank: 7},
	}
	for _, l := range []*widget.Label{b.said, b.route} {
		l.SizeName, l.Importance = theme.SizeNameCaptionText, widget.LowImportance
	}
	objects := []fyne.CanvasObject{b.more, b.said, b.route, b.leave}
	for _, t := range b.all {
		objects = append(objects, t.Button)
	}
	b.stripe = look.NewStripe(container.New(&row{b: b}, objects...), theme.ColorNameBackground)
	b.stripe.Pad = fyne.NewSize(4, 2)
	b.show(remote.State{Bar: true})
	return b
}

// objects names what tests look for.
func (b *bar) objects() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{
		"zoom": b.zoom, "quality": b.tune, "special-keys": b.keys, "type-text": b.text, "clipboard": b.clip, "more-tools": b.more, "system-keys": b.system, "speed": b.speed, "leave-full": b.leave, "viewer-says": b.said,
	}
}

// show draws a State.
func (b *bar) show(s remote.State) {
	b.s = s
	b.label()
	b.tune.SetEnabled(s.Granted.Has(wire.View))
	b.clip.SetEnabled(s.Granted.Has(wire.View))
	for _, t := range []*look.Button{b.keys, b.text, b.system} {
		t.SetEnabled(s.Controls)
	}
	for _, t := range b.all {
		if t.on != nil {
			lit(t.Button, t.on())
		}
	}
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
	case s.Asked&clipboard != 0:
		text, importance = say(words.RemoteClipAsked), widget.MediumImportance
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
		b.say()
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

func (b *bar) zoomSays() words.Sentence {
	if b.s.Zoom != remote.Fit {
		return words.RemoteFit
	}
	return words.RemoteActual
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
	b.unfold(b.keys, items)
}

// profiles opens the choice of what pictures look like.
func (b *bar) profiles() {
	if b.v.canvas != nil {
		b.unfold(b.tune, b.choices())
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

// clips opens the choice of the ways in which the clipboard is shared.
func (b *bar) clips() {
	if b.v.canvas != nil {
		b.unfold(b.clip, b.ways())
	}
}

// clipboard is what there is to be allowed about the clipboard.
const clipboard = wire.ClipOut | wire.ClipIn

// ways are the ways in which the clipboard can be shared, each with what the
// customer has to allow for it.
func (b *bar) ways() []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for _, w := range []struct {
		says words.Sentence
		what wire.Permission
	}{
		{words.RemoteClipOff, 0},
		{words.RemoteClipBoth, clipboard},
		{words.RemoteClipIn, wire.ClipIn},
		{words.RemoteClipOut, wire.ClipOut},
	} {
		item := fyne.NewMenuItem(b.v.speak.Say(w.says), func() { b.v.act.Clip(w.what) })
		item.Checked = b.s.Granted&clipboard == w.what
		items = append(items, item)
	}
	return items
}

// rest opens a menu of the tools that there is no room for.
func (b *bar) rest() {
	if b.v.canvas == nil {
		return
	}
	var items []*fyne.MenuItem
	for _, t := range b.all {
		if !t.gone {
			continue
		}
		item := fyne.NewMenuItem(b.v.speak.Say(t.says()), t.OnTapped)
		item.Disabled, item.Checked = t.Disabled(), t.on != nil && t.on()
		items = append(items, item)
	}
	b.unfold(b.more, items)
}

// unfold opens a menu above a tool, or below where there is no room.
func (b *bar) unfold(tool *look.Button, items []*fyne.MenuItem) {
	if !tool.Visible() {
		tool = b.more // whose menu led here
	}
	m := widget.NewPopUpMenu(fyne.NewMenu("", items...), b.v.canvas)
	b.open = m
	m.OnDismiss = func() {
		m.Hide()
		b.open = nil
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
