package chatview

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/customer-client/chat"
	"handrail/shared/look"
	"handrail/shared/words"
)

// end is the page after the session: that nobody can see or reach the computer
// any more (E01), and why it ended.
type end struct {
	v            *View
	page         *container.Scroll
	rows         *fyne.Container
	title, safe  *look.Text
	why, lasted  *look.Text
	lastedRow    *fyne.Container
	close, again *look.Button
}

func newEnd(v *View) *end {
	say := v.speaker.Say
	e := &end{v: v, title: look.Heading(""), why: look.Paragraph(""), lasted: look.Caption("")}
	e.safe = look.NewText(say(words.EndedSafe), "", theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	card := look.NewPanel(look.Leading(look.NewPicture(look.IconIn(assets.Shield, theme.ColorNameSuccess), 36), look.Flush(e.safe)))
	card.Fill, card.Edge, card.Pad = look.ColorCalm, theme.ColorNameSuccess, fyne.NewSize(14, 14)
	e.close = look.NewButton(say(words.ButtonClose), nil, widget.HighImportance, func() { v.act.Step(chat.CloseAsked{}) })
	e.again = look.NewButton(say(words.ButtonAgain), nil, widget.MediumImportance, func() { v.act.Step(chat.Again{}) })
	e.lastedRow = look.Flush(e.lasted)
	e.rows = look.Rows(16,
		look.Leading(look.NewPicture(look.AppIcon(), 44), look.Flush(e.title)),
		card,
		look.Rows(6, look.Flush(e.why), e.lastedRow),
		look.Rows(8, e.close, e.again))
	e.page = container.NewVScroll(padded(look.Wide(e.rows, formWidth)))
	return e
}

func (e *end) show(s chat.State) {
	sp := e.v.speaker
	title, safe := words.EndedTitle, words.EndedSafe
	if s.Session.Began.IsZero() {
		title, safe = words.EndedBefore, words.EndedNever
	}
	e.title.SetText(sp.Say(title))
	e.safe.SetText(sp.Say(safe))
	e.why.SetText(sp.Ending(s.Session.Why, s.Session))
	if lines := s.Session.Lines; !s.Session.Began.IsZero() && len(lines) > 0 {
		lasted := lines[len(lines)-1].At.Sub(s.Session.Began)
		e.lasted.SetText(sp.About(words.EndedLasted, s.Session, sp.Long(lasted)))
		e.lastedRow.Show()
	} else {
		e.lastedRow.Hide()
	}
	e.rows.Refresh()
	e.page.Refresh()
}
