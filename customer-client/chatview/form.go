package chatview

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/customer-client/chat"
	"handrail/shared/look"
	"handrail/shared/words"
)

// formWidth is as wide as a form gets, in Fyne's units.
const formWidth = 460

// codeScale is how much larger than other text a session key is typed.
const codeScale = 1.4

// form is the page for the session key.
type form struct {
	v       *View
	page    *container.Scroll
	rows    *fyne.Container
	title   *look.Text
	intro   *look.Text
	problem *look.Problem
	code    *look.Field
	large   *container.ThemeOverride // round code
	hint    *look.Text
	hintRow *fyne.Container
	name    *look.Field
	connect *look.Button
	filled  int
	wrong   bool // something about the code is shown as wrong
	own     bool // the view is changing the code itself
}

func newForm(v *View) *form {
	say := v.speaker.Say
	f := &form{
		v: v, title: look.Heading(say(words.FormTitle)), intro: look.Paragraph(say(words.FormIntro)),
		problem: look.NewProblem(), code: look.NewField("000 000 · 000 000"), name: look.NewField(say(words.NameExample)),
		hint: look.NewText("", theme.ColorNameError, theme.SizeNameCaptionText, fyne.TextStyle{}, fyne.TextAlignLeading),
	}
	f.intro.SetColor(look.ColorMuted)
	f.code.OnChanged = f.typed
	f.code.OnSubmitted = func(string) { f.submit() }
	f.code.OnShortcut, f.name.OnShortcut = v.shortcut, v.shortcut
	f.name.OnChanged = func(string) { v.act.Step(chat.Edited{}) }
	f.name.OnSubmitted = func(string) { f.submit() }
	f.large = container.NewThemeOverride(f.code, look.Theme{Scale: codeScale})
	f.hintRow = look.Flush(f.hint)
	f.hintRow.Hide()
	f.connect = look.NewButton(say(words.ButtonConnect), nil, widget.HighImportance, f.submit)
	f.rows = look.Rows(10,
		look.Leading(look.NewPicture(look.AppIcon(), 44), look.Flush(f.title)),
		look.Flush(f.intro),
		f.problem,
		look.Rows(4, look.Flush(label(say(words.FieldKey))), f.large, look.Flush(look.Caption(say(words.FormPlaceHint))), f.hintRow),
		look.Rows(4, look.Flush(label(say(words.FieldName))), f.name),
		f.connect,
		look.Leading(look.NewPicture(look.IconIn(assets.Shield, theme.ColorNameSuccess), 18), look.Flush(look.Caption(say(words.FormPromise)))),
	)
	f.page = container.NewVScroll(padded(look.Wide(f.rows, formWidth)))
	return f
}

// label names a field.
func label(text string) *look.Text {
	return look.NewText(text, "", "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
}

func (f *form) setScale(scale float32) {
	f.large.Theme = look.Theme{Scale: scale * codeScale}
	f.large.Refresh()
}

// typed groups the key while it is typed or pasted.
func (f *form) typed(text string) {
	if f.own {
		return
	}
	cursor := f.code.CursorColumn
	if grouped, at := chat.Grouped(text, cursor); grouped != text {
		f.setCode(grouped, at)
	}
	f.v.act.Step(chat.Edited{})
}

func (f *form) setCode(text string, cursor int) {
	f.own = true
	defer func() { f.own = false }()
	f.code.SetText(text)
	f.code.CursorColumn = cursor
	f.code.Refresh()
}

func (f *form) submit() {
	f.v.act.Step(chat.Submit{Code: f.code.Text, Name: f.name.Text})
}

func (f *form) show(s chat.State) {
	say := f.v.speaker.Say
	if s.Site != "" {
		f.title.SetText(say(words.FormTitleSite, s.Site))
	}
	if s.Form.Filled != f.filled {
		f.filled = s.Form.Filled
		f.setCode(s.Form.Code, len([]rune(s.Form.Code)))
	}
	intro := words.FormIntro
	if strings.HasSuffix(s.Form.Code, chat.Dot) { // a portal's code has no second half
		intro = words.FormFilled
	}
	f.intro.SetText(say(intro))
	if s.Problem == words.NoProblem {
		f.problem.Set("", "", "", nil)
	} else {
		what, advice := f.v.speaker.CustomerProblem(s.Problem)
		f.problem.Set(what, advice, "", nil)
	}
	if s.Form.CodeHint == "" {
		f.hintRow.Hide()
	} else {
		f.hint.SetText(say(s.Form.CodeHint))
		f.hintRow.Show()
	}
	wrong := s.Form.CodeHint != "" || s.Problem != words.NoProblem
	if wrong && !f.wrong {
		f.v.focus(f.code) // once: who goes elsewhere may stay there
	}
	f.wrong = wrong
	f.rows.Refresh()
	f.page.Refresh()
}
