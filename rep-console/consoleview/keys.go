package consoleview

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// The keys that are told in hints.
const (
	keysNewKey = "Ctrl+N"
	keysAccept = "Ctrl+Enter"
	keysFold   = "Ctrl+B"
	keysAsk    = "Ctrl+R"
	keysNudge  = "Ctrl+G"
	keysDetach = "Ctrl+D"
	keysFull   = "Alt+Enter"
	keysSwitch = "Ctrl+K"
	keysNotes  = "Ctrl+M"
	keysClose  = "Ctrl+W"
	keysLarger = "Ctrl++"
	keysSmall  = "Ctrl+-"
)

// withKeys is a hint that ends with the keys that do the same.
func (v *View) withKeys(x words.Sentence, keys string) string {
	return v.say(words.RepWithKey, v.say(x), keys)
}

// shortcut is a combination of keys and what it does.
type shortcut struct {
	on *desktop.CustomShortcut
	do func()
}

// addShortcuts makes the shortcuts work in a window. of gives the session they
// are about.
func (v *View) addShortcuts(c fyne.Canvas, of func() wire.SessionID) {
	for _, s := range v.shortcuts(of) {
		c.AddShortcut(s.on, func(fyne.Shortcut) { s.do() })
	}
}

func (v *View) shortcuts(of func() wire.SessionID) []shortcut {
	const ctrl, alt, shift = fyne.KeyModifierShortcutDefault, fyne.KeyModifierAlt, fyne.KeyModifierShift
	var all []shortcut
	add := func(mods fyne.KeyModifier, key fyne.KeyName, do func()) {
		all = append(all, shortcut{&desktop.CustomShortcut{KeyName: key, Modifier: mods}, do})
	}
	event := func(e console.Event) func() { return func() { v.act.Do(e) } }
	with := func(f func(console.Session) console.Event) func() {
		return func() {
			if x, ok := v.s.Session(of()); ok {
				v.act.Do(f(x))
			}
		}
	}
	add(ctrl, fyne.KeyN, event(console.NewKey{}))
	add(ctrl, fyne.KeyB, v.rail.toggle)
	add(ctrl, fyne.KeyQ, event(console.Quit{}))
	for _, enter := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyEnter} {
		add(ctrl, enter, event(console.Accept{}))
		add(alt, enter, with(func(x console.Session) console.Event { return console.FullScreen{ID: x.ID, On: !x.Full} }))
	}
	for i := range 9 {
		add(ctrl, fyne.KeyName(fmt.Sprint(i+1)), event(console.SelectTab{Place: i}))
	}
	add(ctrl, fyne.KeyTab, event(console.NextTab{By: 1}))
	add(ctrl|shift, fyne.KeyTab, event(console.NextTab{By: -1}))
	add(ctrl, fyne.KeyPageDown, event(console.NextTab{By: 1}))
	add(ctrl, fyne.KeyPageUp, event(console.NextTab{By: -1}))
	add(ctrl, fyne.KeyW, with(func(x console.Session) console.Event { return console.End{ID: x.ID} }))
	add(ctrl, fyne.KeyD, with(func(x console.Session) console.Event { return console.Detach{ID: x.ID, On: !x.Detached} }))
	add(ctrl, fyne.KeyG, with(func(x console.Session) console.Event { return console.Nudge{ID: x.ID} }))
	add(ctrl, fyne.KeyR, with(func(x console.Session) console.Event {
		return console.AskFor{ID: x.ID, What: wire.View | wire.Control}
	}))
	add(ctrl, fyne.KeyK, func() { v.switchKeyboard(of()) })
	add(ctrl, fyne.KeyM, func() {
		if p := v.paneOf(of()); p != nil {
			p.note()
		}
	})
	add(ctrl, fyne.KeyEqual, event(console.Font{By: 1}))
	add(ctrl, fyne.KeyPlus, event(console.Font{By: 1}))
	add(ctrl|shift, fyne.KeyEqual, event(console.Font{By: 1}))
	add(ctrl, fyne.KeyMinus, event(console.Font{By: -1}))
	add(ctrl, fyne.Key0, event(console.Font{}))
	return all
}

// taker does what a combination of keys stands for, if it is one of these.
func taker(all []shortcut) func(fyne.Shortcut) bool {
	does := map[string]func(){}
	for _, s := range all {
		does[s.on.ShortcutName()] = s.do
	}
	return func(s fyne.Shortcut) bool {
		do := does[s.ShortcutName()]
		if do != nil {
			do()
		}
		return do != nil
	}
}

// paneOf is where a session is shown, nil if it is not.
func (v *View) paneOf(id wire.SessionID) *pane {
	if a := v.asides[id]; a != nil {
		return a.pane
	}
	return v.panes[id]
}

// switchKeyboard takes the keyboard from the chat to the customer's screen, and
// back from wherever it is.
func (v *View) switchKeyboard(id wire.SessionID) {
	p := v.paneOf(id)
	if p == nil {
		return
	}
	if screen, ok := p.viewer.(interface{ Enter() }); ok && p.entry.focused && p.viewer.Visible() {
		screen.Enter()
		return
	}
	p.toEntry()
}

// entry is the chat's entry. While it has the focus Fyne gives shortcuts to it
// alone, so it hands on those that are not its own.
type entry struct {
	look.Compose
	others  func(fyne.Shortcut) bool
	came    func() // it got the focus
	focused bool
}

func newEntry(hint string, others []shortcut, came func()) *entry {
	e := &entry{others: taker(others), came: came}
	e.MultiLine, e.Wrapping, e.PlaceHolder = true, fyne.TextWrapWord, hint
	e.SetMinRowsVisible(2)
	e.ExtendBaseWidget(e)
	return e
}

// TypedShortcut is for Fyne.
func (e *entry) TypedShortcut(s fyne.Shortcut) {
	if !e.others(s) {
		e.Compose.TypedShortcut(s)
	}
}

// FocusGained is for Fyne.
func (e *entry) FocusGained() {
	e.focused = true
	e.came()
	e.Compose.FocusGained()
}

// FocusLost is for Fyne.
func (e *entry) FocusLost() {
	e.focused = false
	e.Compose.FocusLost()
}

// over says whether nothing more can be said in a session.
func over(x console.Session) bool { return x.State.Stage == session.Over }
