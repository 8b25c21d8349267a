package look

import (
	"fmt"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Survey shows the questions after a session (E02).
type Survey struct {
	Object *fyne.Container

	speaker    words.Speaker
	do         SurveyDo
	intro      *Text
	introRow   *fyne.Container
	list       *fyne.Container
	wrong      *Text
	wrongRow   *fyne.Container
	send, skip *Button
	buttons    *fyne.Container
	questions  []*question
	missed     int // Missed of the survey that was drawn last
}

// SurveyDo is what a Survey asks for.
type SurveyDo struct {
	Fill       func(session.Filling)
	Send, Skip func()
	OnShortcut func(fyne.Shortcut) bool // as in Compose
	Reveal     func(fyne.CanvasObject)  // scrolls so that something of the survey is in view
}

// NewSurvey makes a survey under a title; it is hidden until something is
// asked.
func NewSurvey(title string, speaker words.Speaker, do SurveyDo) *Survey {
	v := &Survey{speaker: speaker, do: do, intro: Paragraph(""), list: Rows(12)}
	head := NewText(title, "", theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	v.introRow = Flush(v.intro)
	v.wrong = NewText("", theme.ColorNameError, "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	v.wrongRow = Flush(v.wrong)
	v.send = NewButton(speaker.Say(words.SurveySend), nil, widget.HighImportance, do.Send)
	v.skip = NewButton(speaker.Say(words.SurveySkip), nil, widget.MediumImportance, do.Skip)
	v.send.OnFocus, v.skip.OnFocus = func() { do.Reveal(v.buttons) }, func() { do.Reveal(v.buttons) }
	v.buttons = Pair(v.skip, v.send)
	v.Object = Rows(12, Flush(head), v.introRow, v.list, v.wrongRow, v.buttons)
	v.Object.Hide()
	return v
}

// Set draws the questions with what is answered so far. While they are sent
// nothing can be changed.
func (v *Survey) Set(s session.Survey, intro string, sending bool) {
	visible(v.Object, true)
	if len(v.questions) != len(s.Questions) {
		v.build(s)
	}
	v.intro.SetTheirs(intro)
	visible(v.introRow, intro != "")
	for i, q := range v.questions {
		q.show(s.Questions[i], !sending)
	}
	switch {
	case sending:
		v.wrong.SetColor(ColorMuted)
		v.wrong.SetText(v.speaker.Say(words.SurveySending))
	case s.Missing():
		v.wrong.SetColor(theme.ColorNameError)
		v.wrong.SetText(v.speaker.Say(words.SurveyMissing))
	}
	visible(v.wrongRow, sending || s.Missing())
	v.send.SetEnabled(!sending)
	v.skip.SetEnabled(!sending)
	if s.Missed > v.missed {
		v.toMissing(s)
	}
	v.missed = s.Missed
}

// toMissing puts the focus on the first question that was missed, which brings
// it into view. What has just been said there takes room first.
func (v *Survey) toMissing(s session.Survey) {
	missed := slices.IndexFunc(s.Questions, func(q session.SurveyQuestion) bool { return q.Missing })
	c := fyne.CurrentApp().Driver().CanvasForObject(v.Object)
	if missed < 0 || c == nil {
		return
	}
	v.Object.Refresh()
	c.Unfocus() // where the focus is there already, it is still to be brought into view
	c.Focus(v.questions[missed].first())
}

// Hide forgets the questions.
func (v *Survey) Hide() {
	visible(v.Object, false)
	v.questions, v.list.Objects, v.missed = nil, nil, 0
}

// Visible says whether something is asked.
func (v *Survey) Visible() bool { return v.Object.Visible() }

func (v *Survey) build(s session.Survey) {
	v.questions, v.list.Objects = nil, nil
	for _, q := range s.Questions {
		w := v.newQuestion(q)
		v.questions = append(v.questions, w)
		v.list.Add(w.panel)
	}
}

// First is what gets the focus.
func (v *Survey) First() fyne.Focusable {
	if len(v.questions) > 0 {
		return v.questions[0].first()
	}
	return v.skip
}

// Places are those of what can be seen of it: ratings and options by the
// question's place and their own, both from 1.
func (v *Survey) Places() map[string]fyne.CanvasObject {
	if !v.Visible() {
		return nil
	}
	objects := map[string]fyne.CanvasObject{"survey-send": v.send, "survey-skip": v.skip}
	for i, q := range v.questions {
		for n, b := range q.rating {
			objects[fmt.Sprintf("survey-rating-%d-%d", i+1, n+1)] = b
		}
		for n, o := range q.options {
			objects[fmt.Sprintf("survey-option-%d-%d", i+1, n+1)] = o
		}
		if q.text != nil {
			objects[fmt.Sprintf("survey-text-%d", i+1)] = q.text
		}
	}
	return objects
}

// visible shows or hides something, if it isn't so already.
func visible(o fyne.CanvasObject, yes bool) {
	switch {
	case yes && !o.Visible():
		o.Show()
	case !yes && o.Visible():
		o.Hide()
	}
}

// question is one question, answered by the widgets of its form.
type question struct {
	v       *Survey
	panel   *Panel
	need    *Text
	needRow *fyne.Container
	rating  []*Button
	options []*option
	text    *note
}

func (v *Survey) newQuestion(q session.SurveyQuestion) *question {
	w := &question{v: v, need: Caption("")}
	defer func() { w.focused(func() { v.do.Reveal(w.panel) }) }()
	w.needRow = Flush(w.need)
	title := NewText("", "", "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	title.SetTheirs(q.Text)
	rows := Rows(8, Rows(2, Flush(title), w.needRow))
	switch q.Form {
	case wire.FormRating:
		rows.Add(w.rate(q.ID))
	case wire.FormOne, wire.FormSome:
		for i, text := range q.Options {
			o := newOption(text, q.Form == wire.FormSome, func(on bool) {
				v.do.Fill(session.Choose{ID: q.ID, Option: uint8(i), On: on})
			})
			w.options = append(w.options, o)
			rows.Add(o)
		}
	default:
		hint := v.speaker.Say(words.SurveyWriteHere)
		if q.Required {
			hint = ""
		}
		w.text = newNote(hint, v.do.OnShortcut)
		w.text.SetText(q.Written)
		w.text.OnChanged = func(text string) { v.do.Fill(session.Write{ID: q.ID, Text: text}) }
		rows.Add(w.text)
	}
	w.panel = NewPanel(rows)
	return w
}

// focused has f called when something of the question gets the focus.
func (w *question) focused(f func()) {
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
func (w *question) rate(id uint32) fyne.CanvasObject {
	sp := w.v.speaker
	grid := container.NewGridWithColumns(5)
	for n := range 5 {
		b := NewButton(strconv.Itoa(n+1), nil, widget.MediumImportance, func() { w.v.do.Fill(session.Rate{ID: id, Rating: uint8(n + 1)}) })
		b.Label = sp.Say(words.SurveyStars, n+1)
		w.rating = append(w.rating, b)
		grid.Add(b)
	}
	ends := container.NewGridWithColumns(2, Flush(Caption(sp.Say(words.SurveyWorst))),
		Flush(NewText(sp.Say(words.SurveyBest), ColorMuted, theme.SizeNameCaptionText, fyne.TextStyle{}, fyne.TextAlignTrailing)))
	return Rows(4, grid, ends)
}

func (w *question) show(q session.SurveyQuestion, on bool) {
	sp := w.v.speaker
	switch {
	case q.Missing:
		w.need.SetText(sp.Say(words.SurveyNeeds))
		w.need.SetColor(theme.ColorNameError)
	case q.Required:
		w.need.SetText(sp.Say(words.SurveyRequired))
		w.need.SetColor(ColorMuted)
	}
	visible(w.needRow, q.Required)
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
	return ColorEdge
}

func (w *question) first() fyne.Focusable {
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
	text    string
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
	o := &option{text: text, icon: widget.NewIcon(nil), ring: canvas.NewRectangle(nil), several: several, choose: choose}
	o.ring.Hide()
	t := Paragraph("")
	t.SetTheirs(text)
	inner := Leading(Sized(o.icon, fyne.NewSquareSize(20)), Flush(t))
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
	o.ring.StrokeColor = o.Theme().Color(ColorRing, fyne.CurrentApp().Settings().ThemeVariant())
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

// AccessibilityLabel is for Fyne.
func (o *option) AccessibilityLabel() string { return o.text }

// AccessibilityRole is for Fyne.
func (o *option) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// Cursor is a hand.
func (o *option) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer is for Fyne.
func (o *option) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(o.content) }

// note is a field for several lines that lets Tab go on to the next.
type note struct {
	Field
	onFocus func()
}

func newNote(hint string, shortcut func(fyne.Shortcut) bool) *note {
	n := &note{}
	n.OnShortcut, n.MultiLine, n.Wrapping, n.PlaceHolder = shortcut, true, fyne.TextWrapWord, hint
	n.SetMinRowsVisible(3)
	n.ExtendBaseWidget(n)
	return n
}

// FocusGained is for Fyne.
func (n *note) FocusGained() {
	n.Field.FocusGained()
	n.onFocus()
}

// AcceptsTab lets Tab go to the next field.
func (*note) AcceptsTab() bool { return false }

// Reveal scrolls a page so that something in it, that got the focus, is in view.
func Reveal(page *container.Scroll, o fyne.CanvasObject) {
	const edge = 12
	driver := fyne.CurrentApp().Driver()
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(page.Content).Y
	bottom, room := top+o.Size().Height, page.Size().Height
	y := page.Offset.Y
	switch {
	case top < y || o.Size().Height > room:
		y = top
	case bottom > y+room:
		y = bottom - room + edge
	}
	page.ScrollToOffset(fyne.NewPos(0, y))
}
