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

// prompt is the card of a request (C09). Allow and Refuse look alike, because
// the choice is the customer's; Refuse gets the focus, because it is the safe
// one.
type prompt struct {
	v                      *View
	card                   *look.Panel
	title, meaning, silent *look.Text
	harm                   *look.Text
	harmRow                *fyne.Container
	ring                   *look.Countdown
	rows                   *fyne.Container // all of this but the buttons
	allow, refuse, more    *look.Button
	id, offer              uint32
	armed                  bool
}

func newPrompt(v *View) *prompt {
	say := v.speaker.Say
	p := &prompt{
		v: v, ring: look.NewCountdown(40), meaning: look.Paragraph(""), silent: look.Caption(""),
		title: look.NewText("", "", theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading),
	}
	p.allow, p.refuse = v.answers(words.ButtonAllow, words.ButtonRefuse, func(allow bool) { v.act.Step(chat.Reply{ID: p.id, Allow: allow}) })
	p.more = look.NewButton(say(words.ButtonMoreTime), look.Icon(assets.Clock), widget.LowImportance, func() { v.act.Step(chat.MoreTime{ID: p.id}) })
	p.harm = look.NewText("", "", "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	p.harmRow = look.Leading(look.NewPicture(look.IconIn(assets.Warning, theme.ColorNameWarning), 22), look.Flush(p.harm))
	p.harmRow.Hide()
	p.rows = look.Rows(10, look.Flush(p.title), look.Flush(p.meaning), p.harmRow,
		look.Beside(look.Leading(p.ring, look.Flush(p.silent)), p.more, 11))
	text := look.Scrolling(p.rows)
	p.card = question(look.Column(10, text, nil, text, look.Pair(p.refuse, p.allow)))
	return p
}

// answers are the buttons of a question. They look alike, because the choice
// is the customer's, and take no press that was meant for something else.
func (v *View) answers(yes, no words.Sentence, reply func(allow bool)) (allow, refuse *look.Button) {
	say := v.speaker.Say
	allow = look.NewButton(say(yes), look.IconIn(assets.Check, theme.ColorNameSuccess), widget.MediumImportance, func() { reply(true) })
	refuse = look.NewButton(say(no), look.IconIn(assets.Cross, theme.ColorNameError), widget.MediumImportance, func() { reply(false) })
	allow.Deliberate, refuse.Deliberate = true, true
	return allow, refuse
}

// question is the card that a question stands on, hidden at first.
func question(content fyne.CanvasObject) *look.Panel {
	inner := look.NewPanel(content)
	inner.Edge = theme.ColorNamePrimary
	card := look.NewStripe(inner, theme.ColorNameBackground)
	card.Pad = fyne.NewSize(edge, edge)
	card.Hide()
	return card
}

func (p *prompt) show(s chat.State) {
	setVisible(p.card, s.Prompt != nil)
	if s.Prompt == nil {
		if p.id != 0 {
			p.id, p.offer, p.armed = 0, 0, false
			p.v.focus(p.v.talk.compose)
		}
		return
	}
	var offer uint32
	if s.Prompt.Offer != nil {
		offer = s.Prompt.Offer.ID
	}
	fresh := p.id != s.Prompt.ID || p.offer != offer
	if fresh {
		p.id, p.offer, p.armed = s.Prompt.ID, offer, false
	}
	p.ask(s)
	if fresh {
		p.rows.Refresh() // Fyne lays nothing out anew that needs as much room as before
	}
	p.ring.Set(s.Prompt.Left, s.Prompt.Whole)
	p.allow.SetEnabled(s.Prompt.Armed)
	p.refuse.SetEnabled(s.Prompt.Armed)
	setVisible(p.more, s.Prompt.CanMore)
	if s.Prompt.Armed && !p.armed && p.v.talk.compose.Text == "" {
		p.v.focus(p.refuse) // who is writing goes on writing
	}
	p.armed = s.Prompt.Armed
}

// ask says what is asked: for a permission, or to save a file.
func (p *prompt) ask(s chat.State) {
	sp, offer := p.v.speaker, s.Prompt.Offer
	title, meaning, silent := sp.Prompt(s.Session, s.Prompt.What)
	yes, no := words.ButtonAllow, words.ButtonRefuse
	harm := words.Sentence("")
	if s.Compare != nil {
		harm = words.HarmUnproved
	}
	if offer != nil {
		title, meaning, silent = sp.FilePrompt(s.Session, *offer)
		yes, no = words.ButtonSave, words.ButtonNo
		switch {
		case s.Prompt.Program:
			harm = words.HarmProgram
		case offer.Folder:
			harm = words.HarmFolder
		}
	}
	p.title.SetText(title)
	p.meaning.SetText(meaning)
	p.silent.SetText(silent)
	p.harm.SetText(sp.Say(harm))
	setVisible(p.harmRow, harm != "")
	p.allow.Set(sp.Say(yes), p.allow.Icon)
	p.refuse.Set(sp.Say(no), p.refuse.Icon)
}

// closing asks whether to end the session or the wait (C08), or to leave because
// of a notice (W06).
type closing struct {
	v           *View
	pop         *widget.PopUp
	about       closes       // what pop asks
	stay, leave *look.Button // of pop
}

// closes is what is asked before something ends.
type closes int

const (
	closesNothing closes = iota
	closesSession
	closesWait
	closesForNotice
)

func (c *closing) show(s chat.State) {
	about := closesNothing
	switch {
	case s.Closing && s.Screen == chat.Waiting:
		about = closesWait
	case s.Closing:
		about = closesSession
	case s.Screen == chat.Waiting && s.Visit != nil && s.Visit.Leaving != nil:
		about = closesForNotice
	}
	if about == c.about || c.v.window == nil {
		return
	}
	if c.pop != nil {
		c.pop.Hide()
		c.pop = nil
		c.v.focusFirst()
	}
	c.about = about
	say := c.v.speaker.Say
	yes, no := chat.Event(chat.CloseConfirmed{}), chat.Event(chat.CloseDismissed{})
	switch about {
	case closesSession:
		c.ask(say(words.CloseTitle), c.v.speaker.About(words.CloseText, s.Session), words.CloseConfirm, words.CloseDismiss, yes, no)
	case closesWait:
		c.ask(say(words.StopWaitTitle), say(words.StopWaitText), words.ButtonStopWaiting, words.ButtonGoOnWaiting, yes, no)
	case closesForNotice:
		c.ask(say(words.NoticeTitle), say(words.NoticeText), words.NoticeLeave, words.NoticeStay, chat.LeaveConfirmed{}, chat.LeaveDismissed{})
	}
}

func (c *closing) ask(title, text string, leave, stay words.Sentence, yes, no chat.Event) {
	say, act := c.v.speaker.Say, c.v.act.Step
	c.stay = look.NewButton(say(stay), nil, widget.MediumImportance, func() { act(no) })
	c.leave = look.NewButton(say(leave), look.Icon(assets.Leave), widget.DangerImportance, func() { act(yes) })
	c.stay.OnEscape, c.leave.OnEscape = c.stay.OnTapped, c.stay.OnTapped
	rows := look.Rows(12,
		look.Flush(look.NewText(title, "", theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)),
		look.Flush(look.Paragraph(text)),
		look.Pair(c.stay, c.leave))
	canvas := c.v.window.Canvas()
	width := min(360, canvas.Size().Width-4*edge)
	rows.Resize(fyne.NewSize(width, 0))
	box := container.NewGridWrap(fyne.NewSize(width, rows.MinSize().Height), rows)
	panel := look.NewPanel(box)
	panel.Edge, panel.Pad = "", fyne.NewSquareSize(edge)
	c.pop = widget.NewModalPopUp(panel, canvas)
	c.pop.Show()
	canvas.Focus(c.stay)
}
