package chatview

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/customer-client/chat"
	"handrail/shared/look"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// survey are the questions after a session (E02), part of the page of the end.
type survey struct {
	v          *View
	rows       *fyne.Container
	title      *look.Text
	intro      *look.Text
	introRow   *fyne.Container
	list       *fyne.Container
	wrong      *look.Text
	wrongRow   *fyne.Container
	send, skip *look.Button
	buttons    *fyne.Container
	questions  []*surveyQuestion
	reveal     func(fyne.CanvasObject) // scrolls so that something is in view
}

// newSurvey makes the questions' part of the page; reveal scrolls so that
// something of it is in view.
func newSurvey(v *View, reveal func(fyne.CanvasObject)) *survey {
	say := v.speaker.Say
	s := &survey{v: v, reveal: reveal, intro: look.Paragraph(""), list: look.Rows(12)}
	s.title = look.NewText(say(words.SurveyTitle), "", theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	s.introRow = look.Flush(s.intro)
	s.wrong = look.NewText("", theme.ColorNameError, "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	s.wrongRow = look.Flush(s.wrong)
	s.send = look.NewButton(say(words.SurveySend), nil, widget.HighImportance, func() { v.act.Step(chat.SendSurvey{}) })
	s.skip = look.NewButton(say(words.SurveySkip), nil, widget.MediumImportance, func() { v.act.Step(chat.SkipSurvey{}) })
	s.send.OnFocus, s.skip.OnFocus = func() { reveal(s.buttons) }, func() { reveal(s.buttons) }
	s.buttons = look.Pair(s.skip, s.send)
	s.rows = look.Rows(12, look.Flush(s.title), s.introRow, s.list, s.wrongRow, s.buttons)
	s.rows.Hide()
	return s
}

// asksSurvey says whether the questions are shown.
func asksSurvey(s chat.State) bool {
	return s.Survey != nil && (s.Survey.Stage == chat.SurveyOpen || s.Survey.Stage == chat.SurveySending)
}

func (v *survey) show(s chat.State) {
	on := asksSurvey(s)
	setVisible(v.rows, on)
	if !on {
		v.questions, v.list.Objects = nil, nil
		return
	}
	if len(v.questions) != len(s.Survey.Questions) {
		v.build(s.Survey)
	}
	v.intro.SetTheirs(s.Survey.Intro)
	setVisible(v.introRow, s.Survey.Intro != "")
	sending := s.Survey.Stage == chat.SurveySending
	for i, q := range v.questions {
		q.show(s.Survey.Questions[i], !sending)
	}
	switch {
	case sending:
		v.wrong.SetColor(look.ColorMuted)
		v.wrong.SetText(v.v.speaker.Say(words.SurveySending))
	case s.Survey.Missing:
		v.wrong.SetColor(theme.ColorNameError)
		v.wrong.SetText(v.v.speaker.Say(words.SurveyMissing))
	}
	setVisible(v.wrongRow, sending || s.Survey.Missing)
	v.send.SetEnabled(!sending)
	v.skip.SetEnabled(!sending)
}

func (v *survey) build(s *chat.Survey) {
	v.questions, v.list.Objects = nil, nil
	for _, q := range s.Questions {
		w := newSurveyQuestion(v.v, q, v.reveal)
		v.questions = append(v.questions, w)
		v.list.Add(w.panel)
	}
}

// first is what gets the focus.
func (v *survey) first() fyne.Focusable {
	if len(v.questions) > 0 {
		return v.questions[0].first()
	}
	return v.skip
}

// surveyQuestion is one question, answered by the widgets of its form.
type surveyQuestion struct {
	v       *View
	panel   *look.Panel
	need    *look.Text
	needRow *fyne.Container
	rating  []*look.Button
	options []*option
	text    *note
}

func newSurveyQuestion(v *View, q chat.SurveyQuestion, reveal func(fyne.CanvasObject)) *surveyQuestion {
	w := &surveyQuestion{v: v, need: look.Caption("")}
	defer func() { w.focused(func() { reveal(w.panel) }) }()
	w.needRow = look.Flush(w.need)
	title := label("")
	title.SetTheirs(q.Text)
	rows := look.Rows(8, look.Rows(2, look.Flush(title), w.needRow))
	step := v.act.Step
	switch q.Form {
	case wire.FormRating:
		rows.Add(w.rate(q.ID))
	case wire.FormOne, wire.FormSome:
		for i, text := range q.Options {
			o := newOption(text, q.Form == wire.FormSome, func(on bool) {
				step(chat.Choose{ID: q.ID, Option: uint8(i), On: on})
			})
			w.options = append(w.options, o)
			rows.Add(o)
		}
	default:
		w.text = newNote(v, v.speaker.Say(words.SurveyWriteHere))
		w.text.OnChanged = func(text string) { step(chat.Write{ID: q.ID, Text: text}) }
		rows.Add(w.text)
	}
	w.panel = look.NewPanel(rows)
	return w
}

// focused has f called when something of the question gets the focus.
func (w *surveyQuestion) focused(f func()) {
	for _, b := range w.rating {
		b.OnFocus = f
	}
	for _, o := range w.options {
		o.onFocus = f
	}
	if w.text != nil {
		w.text.onFocus = f
	}
}

// rate are five buttons.
func (w *surveyQuestion) rate(id uint32) fyne.CanvasObject {
	sp := w.v.speaker
	grid := container.NewGridWithColumns(5)
	for n := range 5 {
		b := look.NewButton(strconv.Itoa(n+1), nil, widget.MediumImportance, func() { w.v.act.Step(chat.Rate{ID: id, Rating: uint8(n + 1)}) })
		b.Label = sp.Say(words.SurveyStars, n+1)
		w.rating = append(w.rating, b)
		grid.Add(b)
	}
	ends := container.NewGridWithColumns(2, look.Flush(look.Caption(sp.Say(words.SurveyWorst))),
		look.Flush(look.NewText(sp.Say(words.SurveyBest), look.ColorMuted, theme.SizeNameCaptionText, fyne.TextStyle{}, fyne.TextAlignTrailing)))
	return look.Rows(4, grid, ends)
}

func (w *surveyQuestion) show(q chat.SurveyQuestion, on bool) {
	sp := w.v.speaker
	switch {
	case q.Missing:
		w.need.SetText(sp.Say(words.SurveyNeeds))
		w.need.SetColor(theme.ColorNameError)
	case q.Required:
		w.need.SetText(sp.Say(words.SurveyRequired))
		w.need.SetColor(look.ColorMuted)
	}
	setVisible(w.needRow, q.Required)
	if edge := edgeOf(q.Missing); w.panel.Edge != edge {
		w.panel.Edge = edge
		w.panel.Refresh()
	}
	for i, b := range w.rating {
		want := widget.MediumImportance
		if int(q.Rating) == i+1 {
			want = widget.HighImportance
		}
		if b.Importance != want {
			b.Importance = want
			b.Refresh()
		}
		b.SetEnabled(on)
	}
	for i, o := range w.options {
		o.set(slices.Contains(q.Chosen, uint8(i)), on)
	}
	if w.text != nil && w.text.Disabled() == on {
		if on {
			w.text.Enable()
		} else {
			w.text.Disable()
		}
	}
}

func edgeOf(missing bool) fyne.ThemeColorName {
	if missing {
		return theme.ColorNameError
	}
	return look.ColorEdge
}

func (w *surveyQuestion) first() fyne.Focusable {
	switch {
	case len(w.rating) > 0:
		return w.rating[0]
	case len(w.options) > 0:
		return w.options[0]
	}
	return w.text
}

// option is one of several answers. Unlike the toolkit's it wraps.
type option struct {
	widget.BaseWidget
	icon    *widget.Icon
	ring    *canvas.Rectangle
	content fyne.CanvasObject
	several bool
	chosen  bool
	off     bool
	choose  func(on bool)
	onFocus func()
}

func newOption(text string, several bool, choose func(on bool)) *option {
	o := &option{icon: widget.NewIcon(nil), ring: canvas.NewRectangle(nil), several: several, choose: choose}
	o.ring.Hide()
	t := look.Paragraph("")
	t.SetTheirs(text)
	inner := look.Leading(look.Sized(o.icon, fyne.NewSquareSize(20)), look.Flush(t))
	o.content = container.NewStack(o.ring, container.New(inside{}, inner))
	o.paint()
	o.ExtendBaseWidget(o)
	return o
}

// inside leaves room for the ring of the focus.
type inside struct{}

const ringRoom = 4

func (inside) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().AddWidthHeight(2*ringRoom, 2*ringRoom)
}

func (inside) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Move(fyne.NewPos(ringRoom, ringRoom))
	o[0].Resize(s.SubtractWidthHeight(2*ringRoom, 2*ringRoom))
}

func (o *option) set(chosen, on bool) {
	if o.chosen != chosen || o.off == on {
		o.chosen, o.off = chosen, !on
		o.paint()
		o.Refresh()
	}
}

func (o *option) paint() {
	icon := map[[2]bool]fyne.Resource{
		{false, false}: theme.RadioButtonIcon(), {false, true}: theme.RadioButtonCheckedIcon(),
		{true, false}: theme.CheckButtonIcon(), {true, true}: theme.CheckButtonCheckedIcon(),
	}[[2]bool{o.several, o.chosen}]
	in := theme.ColorNameForeground
	if o.chosen {
		in = theme.ColorNamePrimary
	}
	o.icon.SetResource(theme.NewColoredResource(icon, in))
	o.ring.StrokeColor = o.Theme().Color(look.ColorRing, fyne.CurrentApp().Settings().ThemeVariant())
	o.ring.StrokeWidth, o.ring.CornerRadius = 2, 6
}

// Tapped is for Fyne.
func (o *option) Tapped(*fyne.PointEvent) {
	if !o.off {
		o.choose(!o.chosen || !o.several)
	}
}

// TypedKey chooses it.
func (o *option) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		o.Tapped(nil)
	}
}

// TypedRune is for Fyne.
func (o *option) TypedRune(rune) {}

// FocusGained is for Fyne.
func (o *option) FocusGained() {
	o.ring.Show()
	o.onFocus()
}

// FocusLost is for Fyne.
func (o *option) FocusLost() { o.ring.Hide() }

// Cursor is a hand.
func (o *option) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer is for Fyne.
func (o *option) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(o.content) }

// note is a field for several lines that lets Tab go on to the next.
type note struct {
	look.Entry
	shortcut func(fyne.Shortcut) bool
	onFocus  func()
}

func newNote(v *View, hint string) *note {
	n := &note{shortcut: v.shortcut}
	n.MultiLine, n.Wrapping, n.PlaceHolder = true, fyne.TextWrapWord, hint
	n.SetMinRowsVisible(3)
	n.ExtendBaseWidget(n)
	return n
}

// FocusGained is for Fyne.
func (n *note) FocusGained() {
	n.Entry.FocusGained()
	n.onFocus()
}

// AcceptsTab lets Tab go to the next field.
func (*note) AcceptsTab() bool { return false }

// TypedShortcut is for Fyne.
func (n *note) TypedShortcut(s fyne.Shortcut) {
	if !n.shortcut(s) {
		n.Entry.TypedShortcut(s)
	}
}
