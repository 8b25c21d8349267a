// Package chatview draws the customer's window as chat.Model describes it. It
// decides nothing: Show draws a state, and what is pressed and typed goes out
// as events.
//
//	v := chatview.New(actions, speaker)
//	v.Attach(window)
//	fyne.Do(func() { v.Show(model.State()) })
//
// Everything here is called on Fyne's goroutine.
package chatview

import (
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"handrail/customer-client/chat"
	"handrail/shared/look"
	"handrail/shared/words"
)

// edge is the room between the window's edge and what is in it.
const edge = 12

// smallest is the smallest window in which everything can be reached, if need
// be by scrolling.
func smallest() fyne.Size { return fyne.NewSize(320, 440) }

// View is the window's content.
type View struct {
	act     chat.Actions
	speaker words.Speaker
	window  fyne.Window // nil until Attach
	shown   chat.State

	form    *form
	way     *way
	wait    *waiting
	talk    *talk
	end     *end
	closing *closing
	pages   *fyne.Container
	root    *fyne.Container // pages, in a window of any size
	scale   float32
}

// New makes the content of a window. It shows an empty form until Show.
func New(act chat.Actions, speaker words.Speaker) *View {
	v := &View{act: act, speaker: speaker, scale: 1}
	v.form = newForm(v)
	v.way = newWay(v)
	v.wait = newWaiting(v)
	v.talk = newTalk(v)
	v.end = newEnd(v)
	v.closing = &closing{v: v}
	v.pages = container.NewStack(v.form.page, v.way.page, v.wait.page, v.talk.page, v.end.page)
	v.root = look.Atleast(smallest(), v.pages)
	v.screen(chat.KeyForm)
	return v
}

// Attach puts the view into its window, with title, key combinations and the
// question before closing.
func (v *View) Attach(w fyne.Window) {
	v.window = w
	w.SetPadded(false)
	w.SetContent(v.root)
	w.SetTitle(v.title(v.shown))
	w.SetCloseIntercept(func() { v.act.Step(chat.CloseAsked{}) })
	w.SetOnDropped(v.dropped)
	for _, s := range fontKeys() {
		w.Canvas().AddShortcut(s, func(s fyne.Shortcut) { v.shortcut(s) })
	}
	v.focusFirst()
}

// dropped takes files that fell on the window, wherever in it.
func (v *View) dropped(_ fyne.Position, what []fyne.URI) {
	v.act.Step(chat.Dropped{Paths: look.Paths(what)})
}

// fontKeys are the combinations that change the size of text. Where plus needs
// Shift, Control with the unshifted key works too.
func fontKeys() []fyne.Shortcut {
	var all []fyne.Shortcut
	for _, key := range []fyne.KeyName{fyne.KeyPlus, fyne.KeyEqual, fyne.KeyMinus, fyne.Key0} {
		all = append(all, &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierControl})
	}
	for _, key := range []fyne.KeyName{fyne.KeyPlus, fyne.KeyEqual} {
		all = append(all, &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierControl | fyne.KeyModifierShift})
	}
	return all
}

// shortcut takes a key combination, wherever the focus is.
func (v *View) shortcut(s fyne.Shortcut) bool {
	c, ok := s.(*desktop.CustomShortcut)
	if !ok || c.Modifier&^fyne.KeyModifierShift != fyne.KeyModifierControl {
		return false
	}
	switch c.KeyName {
	case fyne.KeyPlus, fyne.KeyEqual:
		v.act.Step(chat.Font{Step: 1})
	case fyne.KeyMinus:
		v.act.Step(chat.Font{Step: -1})
	case fyne.Key0:
		v.act.Step(chat.Font{})
	default:
		return false
	}
	return true
}

// Show draws a state.
func (v *View) Show(s chat.State) {
	before := v.shown
	v.shown = s
	v.setScale(s.Settings.Scale())
	switch s.Screen {
	case chat.KeyForm:
		v.form.show(s)
	case chat.Connecting:
		v.way.show(s)
	case chat.Waiting:
		v.wait.show(s)
	case chat.InSession:
		v.talk.show(s)
	case chat.Ended:
		v.end.show(s)
	}
	if s.Screen != before.Screen {
		if before.Screen == chat.Connecting {
			v.way.rest() // what moves goes on moving where nobody sees it
		}
		if before.Screen == chat.InSession {
			v.talk.chooser.Shut()
		}
		if s.Screen == chat.KeyForm {
			v.talk.compose.SetText("") // it was for the rep who is gone
		}
		v.screen(s.Screen)
		v.focusFirst()
	}
	v.closing.show(s)
	if v.window != nil {
		if title := v.title(s); v.window.Title() != title {
			v.window.SetTitle(title)
		}
	}
}

func (v *View) title(s chat.State) string {
	if s.Screen == chat.Waiting && s.Visit != nil {
		return v.speaker.WaitingTitle(s.Visit.Portal, s.Unread)
	}
	return v.speaker.WindowTitle(s.Site, s.Session, s.Unread)
}

// setScale changes the size of all text, not only the chat's: who needs it
// larger there needs it larger on every button.
func (v *View) setScale(scale float32) {
	if v.scale == scale {
		return
	}
	v.scale = scale
	fyne.CurrentApp().Settings().SetTheme(look.Theme{Scale: scale})
	v.form.setScale(scale)
	v.root.Refresh()
}

// screen shows one page alone.
func (v *View) screen(s chat.Screen) {
	for i, page := range v.pages.Objects {
		if i == int(s) {
			page.Show()
		} else {
			page.Hide()
		}
	}
}

// focusFirst puts the focus where the person goes on.
func (v *View) focusFirst() {
	switch v.shown.Screen {
	case chat.KeyForm:
		v.focus(v.form.code)
	case chat.Connecting:
		v.focus(v.way.cancel)
	case chat.Waiting:
		v.focus(v.wait.first())
	case chat.InSession:
		v.focus(v.talk.first())
	case chat.Ended:
		v.focus(v.end.first())
	}
}

func (v *View) focus(o fyne.Focusable) {
	if v.window != nil {
		v.window.Canvas().Focus(o)
	}
}

func (v *View) open(u *url.URL) { v.act.Open(u.String()) }

// relayout lays a container out again after words in it have changed.
func relayout(c *fyne.Container) { c.Layout.Layout(c.Objects, c.Size()) }

// padded leaves the room of the window's edge round a page.
func padded(o fyne.CanvasObject) fyne.CanvasObject {
	p := &look.Panel{Content: o, Fill: "background", Pad: fyne.NewSquareSize(edge)}
	p.ExtendBaseWidget(p)
	return p
}
