package look

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Compose is the field a message is written in: Enter sends, Shift+Enter
// breaks the line, Page Up and Down leaf through the list above it.
type Compose struct {
	Entry

	// OnSend takes the text, without blank ends. If it says no, the text stays.
	OnSend func(text string) bool
	// OnPage asks to leaf by so many pages, upwards if negative.
	OnPage func(pages float32)
	// OnShortcut is asked first about key combinations; it says whether it
	// took one. Fyne gives them to the field that has the focus alone.
	OnShortcut func(fyne.Shortcut) bool

	shift bool
}

// NewCompose makes an empty field that shows hint while it is empty.
func NewCompose(hint string) *Compose {
	c := &Compose{}
	c.MultiLine, c.Wrapping, c.PlaceHolder = true, fyne.TextWrapWord, hint
	c.SetMinRowsVisible(2)
	c.ExtendBaseWidget(c)
	return c
}

// Send sends what is written, as Enter does.
func (c *Compose) Send() {
	text := strings.TrimSpace(c.Text)
	if text == "" || c.OnSend == nil {
		return
	}
	c.SetText("") // first, because OnSend may put something back
	if !c.OnSend(text) {
		c.PutBack(text)
	}
}

// PutBack puts text that could not be sent in front of what was written since.
func (c *Compose) PutBack(text string) {
	if c.Text != "" {
		text += "\n" + c.Text
	}
	c.SetText(text)
}

// TypedKey is for Fyne.
func (c *Compose) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		if !c.shift {
			c.Send()
			return
		}
	case fyne.KeyPageUp, fyne.KeyPageDown:
		if c.OnPage != nil {
			pages := float32(0.9)
			if e.Name == fyne.KeyPageUp {
				pages = -pages
			}
			c.OnPage(pages)
			return
		}
	}
	c.Entry.TypedKey(e)
}

// TypedShortcut is for Fyne.
func (c *Compose) TypedShortcut(s fyne.Shortcut) {
	if c.OnShortcut == nil || !c.OnShortcut(s) {
		c.Entry.TypedShortcut(s)
	}
}

// AcceptsTab lets Tab go to the next field instead of into the text.
func (c *Compose) AcceptsTab() bool { return false }

// KeyDown is for Fyne.
func (c *Compose) KeyDown(e *fyne.KeyEvent) {
	c.shift = c.shift || shifts(e)
	c.Entry.KeyDown(e)
}

// KeyUp is for Fyne.
func (c *Compose) KeyUp(e *fyne.KeyEvent) {
	if shifts(e) {
		c.shift = false
	}
	c.Entry.KeyUp(e)
}

// FocusLost is for Fyne.
func (c *Compose) FocusLost() {
	c.shift = false
	c.Entry.FocusLost()
}

func shifts(e *fyne.KeyEvent) bool {
	return e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight
}

// Field is a line of input that lets the window have its key combinations.
type Field struct {
	Entry

	OnShortcut func(fyne.Shortcut) bool // as in Compose
}

// NewField makes an empty field that shows hint while it is empty.
func NewField(hint string) *Field {
	f := &Field{}
	f.PlaceHolder = hint
	f.ExtendBaseWidget(f)
	return f
}

// TypedShortcut is for Fyne.
func (f *Field) TypedShortcut(s fyne.Shortcut) {
	if f.OnShortcut == nil || !f.OnShortcut(s) {
		f.Entry.TypedShortcut(s)
	}
}
