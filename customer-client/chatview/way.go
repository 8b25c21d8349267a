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
	steps  []*step
	cancel *look.Button
}

// step is one line of the way: behind us, under way, or still to come.
type step struct {
	name words.Sentence
	text *look.Text
	icon *widget.Icon
	busy *widget.Activity
	row  *fyne.Container
}

func newWay(v *View) *way {
	w := &way{v: v}
	w.cancel = look.NewButton(v.speaker.Say(words.ButtonCancel), nil, widget.MediumImportance, func() { v.act.Step(chat.Cancel{}) })
	lines := look.Rows(12)
	for _, name := range []words.Sentence{words.StepReaching, words.StepMeeting, words.StepLinking, words.StepProving, words.StepAccepting} {
		s := &step{name: name, text: look.Paragraph(""), icon: widget.NewIcon(nil), busy: widget.NewActivity()}
		s.row = look.Leading(look.Sized(container.NewStack(s.icon, s.busy), fyne.NewSquareSize(22)), look.Flush(s.text))
		w.steps = append(w.steps, s)
		lines.Add(s.row)
	}
	w.rows = look.Rows(18,
		look.Leading(look.NewPicture(look.AppIcon(), 44), look.Flush(look.Heading(v.speaker.Say(words.ConnectingTitle)))),
		look.NewPanel(lines), w.cancel)
	w.page = container.NewVScroll(padded(look.Wide(w.rows, formWidth)))
	return w
}

func (w *way) show(s chat.State) {
	for i, st := range w.steps {
		text := w.v.speaker.Say(st.name)
		if st.name == words.StepAccepting && s.Session.Peer != "" {
			text = w.v.speaker.About(words.StepAcceptingBy, s.Session)
		}
		st.text.SetText(text)
		switch p := chat.Progress(i); {
		case p < s.Progress:
			st.set(look.IconIn(assets.Check, theme.ColorNameSuccess), theme.ColorNameForeground, false)
		case p == s.Progress:
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
