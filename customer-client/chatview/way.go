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

// way is the page between the form and the session.
type way struct {
	v      *View
	page   *container.Scroll
	rows   *fyne.Container
	title  *look.Text
	steps  []*step
	cancel *look.Button
}

// step is one line of the way: behind us, under way, or still to come.
type step struct {
	name words.Sentence
	at   chat.Progress
	on   wayTo
	text *look.Text
	icon *widget.Icon
	busy *widget.Activity
	row  *fyne.Container
}

func newWay(v *View) *way {
	w := &way{v: v, title: look.Heading("")}
	w.cancel = look.NewButton(v.speaker.Say(words.ButtonCancel), nil, widget.MediumImportance, func() { v.act.Step(chat.Cancel{}) })
	lines := look.Rows(12)
	for _, st := range []step{
		{name: words.StepReaching, at: chat.Reaching, on: byKey | byPlace},
		{name: words.StepPlace, at: chat.Meeting, on: byPlace},
		{name: words.StepMeeting, at: chat.Meeting, on: byKey},
		{name: words.StepLinking, at: chat.Linking, on: byKey | toRep},
		{name: words.StepProving, at: chat.Proving, on: byKey},
		{name: words.StepChecking, at: chat.Proving, on: toRep},
		{name: words.StepAccepting, at: chat.Accepting, on: byKey | toRep},
	} {
		s := &step{name: st.name, at: st.at, on: st.on, text: look.Paragraph(""), icon: widget.NewIcon(nil), busy: widget.NewActivity()}
		s.row = look.Leading(look.Sized(container.NewStack(s.icon, s.busy), fyne.NewSquareSize(22)), look.Flush(s.text))
		w.steps = append(w.steps, s)
		lines.Add(s.row)
	}
	w.rows = look.Rows(18,
		look.Leading(look.NewPicture(look.AppIcon(), 44), look.Flush(w.title)),
		look.NewPanel(lines), w.cancel)
	w.page = container.NewVScroll(padded(look.Wide(w.rows, formWidth)))
	return w
}

// wayTo says on which ways there is a step.
type wayTo uint8

const (
	byKey   wayTo = 1 << iota // from a session key to the rep
	byPlace                   // from a code to the queue
	toRep                     // from the queue to the rep
)

func (w *way) show(s chat.State) {
	on, title := byKey, w.v.speaker.Say(words.ConnectingTitle)
	switch {
	case s.Visit != nil:
		on, title = toRep, w.v.speaker.Taken(s.Session)
	case s.Place:
		on = byPlace
	}
	w.title.SetText(title)
	for _, st := range w.steps {
		setVisible(st.row, st.on&on != 0)
		text := w.v.speaker.Say(st.name)
		if st.name == words.StepAccepting && s.Session.Peer != "" {
			text = w.v.speaker.About(words.StepAcceptingBy, s.Session)
		}
		st.text.SetText(text)
		switch {
		case st.on&on == 0:
			st.busy.Stop()
		case st.at < s.Progress:
			st.set(look.IconIn(assets.Check, theme.ColorNameSuccess), theme.ColorNameForeground, false)
		case st.at == s.Progress:
			st.set(nil, theme.ColorNameForeground, true)
		default:
			st.set(look.IconIn(assets.Minus, look.ColorEdge), look.ColorMuted, false)
		}
	}
	w.rows.Refresh()
}

// rest stops what moves.
func (w *way) rest() {
	for _, s := range w.steps {
		s.busy.Stop()
	}
}

func (s *step) set(icon fyne.Resource, in fyne.ThemeColorName, busy bool) {
	s.icon.SetResource(icon)
	s.text.SetColor(in)
	s.text.SetBold(busy)
	if busy {
		s.icon.Hide()
		s.busy.Show()
		s.busy.Start()
		return
	}
	s.icon.Show()
	s.busy.Stop()
	s.busy.Hide()
}
