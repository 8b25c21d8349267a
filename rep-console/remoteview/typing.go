package remoteview

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/rep-console/remote"
	"handrail/shared/look"
	"handrail/shared/words"
)

// typing is the dialog for a text.
type typing struct {
	entry *field
	now   *look.Button
}

// field is an entry of several lines that Escape leaves, and Ctrl+Enter too,
// saying yes.
type field struct {
	look.Entry
	yes, no func()
}

func (f *field) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		f.no()
		return
	}
	f.Entry.TypedKey(e)
}

func (f *field) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*desktop.CustomShortcut); ok && c.Modifier == fyne.KeyModifierControl &&
		(c.KeyName == fyne.KeyReturn || c.KeyName == fyne.KeyEnter) {
		f.yes()
		return
	}
	f.Entry.TypedShortcut(s)
}

// typeText asks for a text and types it at the customer's.
func (b *bar) typeText() {
	v := b.v
	if v.canvas == nil || v.typing != nil {
		return
	}
	var pop *widget.PopUp
	before := v.canvas.OnTypedKey()
	leave := func() {
		v.canvas.SetOnTypedKey(before)
		v.typing = nil
		pop.Hide()
		b.focus()
	}
	f := &field{no: leave}
	f.yes = func() {
		leave()
		v.act.Do(remote.TypeText{Text: f.Text})
	}
	f.MultiLine, f.Wrapping = true, fyne.TextWrapWord
	f.ExtendBaseWidget(f)
	v.canvas.SetOnTypedKey(func(e *fyne.KeyEvent) { // while nothing has the focus
		if e.Name == fyne.KeyEscape {
			leave()
		}
	})
	say := v.speak.Say
	v.typing = &typing{entry: f, now: look.NewButton(say(words.RemoteTypeNow), nil, widget.HighImportance, f.yes)}
	cancel := look.NewButton(say(words.RemoteCancel), nil, widget.MediumImportance, leave)
	pop = widget.NewModalPopUp(container.New(layout.NewCustomPaddedLayout(16, 14, 18, 18), look.Rows(10,
		look.Flush(look.NewText(say(words.RemoteTypeTitle), "", theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)),
		look.Flush(look.Caption(say(words.RemoteTypeHint))),
		look.Sized(f, fyne.NewSize(440, 140)),
		container.NewHBox(layout.NewSpacer(), cancel, v.typing.now),
	)), v.canvas)
	pop.Show()
	v.canvas.Focus(f)
	v.look()
}
