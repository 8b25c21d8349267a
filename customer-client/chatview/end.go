package chatview

import (
	"cmp"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/customer-client/chat"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/wire"
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
	kept         *kept
	notes        *fyne.Container // of the organisation's
	noted        said            // what is in notes
	survey       *look.Survey
	buttons      *fyne.Container
	close, again *look.Button
}

// said is what the organisation says at the end.
type said struct {
	nobody            chat.Told // as long as nobody was there
	thanks, url, host string
	late              bool // answers came too late
}

func newEnd(v *View) *end {
	say := v.speaker.Say
	e := &end{v: v, title: look.Heading(""), why: look.Paragraph(""), lasted: look.Caption("")}
	e.safe = look.NewText(say(words.EndedSafe), "", theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	card := look.NewPanel(look.Leading(look.NewPicture(look.IconIn(assets.Shield, theme.ColorNameSuccess), 36), look.Flush(e.safe)))
	card.Fill, card.Edge, card.Pad = look.ColorCalm, theme.ColorNameSuccess, fyne.NewSize(14, 14)
	e.close = look.NewButton(say(words.ButtonClose), nil, widget.HighImportance, func() { v.act.Step(chat.CloseAsked{}) })
	e.again = look.NewButton(say(words.ButtonAgain), nil, widget.MediumImportance, func() { v.act.Step(chat.Again{}) })
	e.lastedRow, e.kept = look.Flush(e.lasted), newKept()
	e.notes, e.survey, e.buttons = look.Rows(10), e.newSurvey(), look.Rows(8, e.close, e.again)
	e.notes.Hide()
	e.rows = look.Rows(16,
		look.Leading(look.NewPicture(look.AppIcon(), 44), look.Flush(e.title)),
		card,
		look.Rows(6, look.Flush(e.why), e.lastedRow, e.kept.row),
		e.notes, e.survey.Object, e.buttons)
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
	e.kept.show(e.v, s.Session)
	again := words.ButtonAgain
	if s.Visit != nil {
		again = words.ButtonAnother
	}
	e.again.Set(sp.Say(again), nil)
	e.note(s)
	asked := e.survey.Visible()
	if asksSurvey(s) {
		e.survey.Set(s.Survey.Survey, s.Survey.Intro, s.Survey.Stage == chat.SurveySending)
	} else {
		e.survey.Hide()
	}
	setVisible(e.buttons, !asksSurvey(s))
	e.rows.Refresh()
	e.page.Refresh()
	if asked != asksSurvey(s) {
		e.v.focusFirst()
		if !asked {
			e.page.ScrollToTop() // first of all: nobody sees the screen any more
		}
	}
}

// newSurvey makes the questions' part of the page (E02).
func (e *end) newSurvey() *look.Survey {
	v := e.v
	return look.NewSurvey(v.speaker.Say(words.SurveyTitle), v.speaker, look.SurveyDo{
		Fill:       func(f session.Filling) { v.act.Step(chat.Fill{Filling: f}) },
		Send:       func() { v.act.Step(chat.SendSurvey{}) },
		Skip:       func() { v.act.Step(chat.SkipSurvey{}) },
		OnShortcut: v.shortcut,
		Reveal:     func(o fyne.CanvasObject) { look.Reveal(e.page, o) },
	})
}

// asksSurvey says whether the questions are shown.
func asksSurvey(s chat.State) bool {
	return s.Survey != nil && (s.Survey.Stage == chat.SurveyOpen || s.Survey.Stage == chat.SurveySending)
}

// note says what the organisation has to say: that nobody is there, thanks, and
// a page to open.
func (e *end) note(s chat.State) {
	var now said
	if s.Visit != nil && s.Session.Began.IsZero() {
		for _, t := range s.Visit.Told {
			if t.What == wire.TellNobody {
				now.nobody = t
			}
		}
	}
	if v := s.Survey; v != nil && v.Stage >= chat.SurveyThanked {
		now.url, now.host, now.late = v.URL, v.Host, v.Stage == chat.SurveyLate
		if v.Stage == chat.SurveyThanked {
			now.thanks = cmp.Or(v.Thanks, e.v.speaker.Say(words.SurveyThanks))
		}
	}
	if now == e.noted {
		return
	}
	e.noted, e.notes.Objects = now, nil
	if now.nobody.ID != 0 {
		e.notes.Add(newToldCard(e.v, now.nobody, s.Visit.Portal).panel)
	}
	line := ""
	switch {
	case now.late:
		line = e.v.speaker.Say(words.SurveyLate)
	case now.thanks != "":
		line = now.thanks
	}
	if line != "" {
		t := look.Paragraph("")
		t.SetTheirs(line)
		t.SetBold(true)
		e.notes.Add(look.Flush(t))
	}
	if now.host != "" {
		e.notes.Add(look.NewLink(e.v.speaker.Say(words.ButtonOpenPage, now.host), assets.Link, func() { e.v.act.Open(now.url) }))
	}
	setVisible(e.notes, len(e.notes.Objects) > 0)
}

// first is what gets the focus on this page.
func (e *end) first() fyne.Focusable {
	if e.survey.Visible() {
		return e.survey.First()
	}
	return e.close
}
