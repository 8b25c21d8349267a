package consoleview

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// mover is where a rep hands a customer on: to whom, with which note.
type mover struct {
	v      *View
	to     hinter
	object *look.Panel

	title   *look.Text
	find    *look.Field
	note    *look.Entry
	list    *fyne.Container
	none    *look.Text
	nobody  *fyne.Container // round it
	told    *look.Text
	problem *look.Problem
	goes    *tool
	shut    *tool
	rows    map[string]*targetRow
	id      wire.SessionID // whom it is about, as drawn
}

// targetRow is somebody who could take over.
type targetRow struct {
	press *press
	name  *widget.Label
	kind  *widget.Label
	dot   *dot
}

func newMover(v *View, to hinter) *mover {
	m := &mover{v: v, to: to, rows: map[string]*targetRow{}, list: look.Rows(2)}
	do := v.act.Do
	m.title = look.NewText("", "", theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	m.find = look.NewField(v.say(words.MoveFindHint))
	m.find.OnChanged = func(text string) { do(console.MoveFind{Text: text}) }
	m.find.OnSubmitted = func(string) { m.first() }
	m.note = &look.Entry{}
	m.note.MultiLine, m.note.Wrapping, m.note.PlaceHolder = true, fyne.TextWrapWord, v.say(words.MoveNoteHint)
	m.note.SetMinRowsVisible(2)
	m.note.OnChanged = func(text string) { do(console.MoveNote{Text: text}) }
	m.note.ExtendBaseWidget(m.note)
	m.none = look.Caption("")
	m.nobody = look.Flush(m.none)
	m.told = look.Caption("")
	m.problem = look.NewProblem()
	m.goes = newTool(to, v.say(words.MoveGo), nil, widget.HighImportance, "", func() { do(console.MoveGo{}) })
	m.shut = newTool(to, v.say(words.MoveCancel), nil, widget.MediumImportance, "", func() { do(console.MoveShut{}) })
	targets := container.New(tall{min: 84, most: 190}, container.NewVScroll(container.New(inset{right: 8}, m.list)))
	m.object = look.NewPanel(look.Rows(8, look.Flush(m.title), m.find, m.nobody, targets, m.note, look.Flush(m.told), m.problem,
		container.NewGridWithColumns(2, m.goes, m.shut)))
	return m
}

// enter puts the keyboard into the search. beside is something that is on
// screen already: Fyne doesn't know yet where what has just come is.
func (m *mover) enter(beside fyne.CanvasObject) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(beside); c != nil {
		c.Focus(m.find)
	}
}

// first chooses the first that was found.
func (m *mover) first() {
	if t := m.v.s.Move.Targets; len(t) > 0 {
		m.v.act.Do(console.MoveTo{Queue: t[0].Queue})
	}
}

// show draws the mover, if it is about this customer; it says whether it is.
func (m *mover) show(id wire.SessionID, s console.State) bool {
	on := s.Move.ID == id && id != wire.SessionID{}
	if !on {
		m.id = wire.SessionID{}
		return false
	}
	if m.id != id {
		m.id = id
		m.find.SetText(s.Move.Find)
		m.note.SetText(s.Move.Note)
	}
	say, move := m.v.say, s.Move
	m.title.SetText(say(words.MoveTitle, move.Name))
	told := words.MoveToldWait
	if x, ok := s.Session(id); ok && x.State.Stage == session.Talking {
		told = words.MoveTold
	}
	m.told.SetText(say(told))
	none := words.MoveNone
	if move.Find != "" {
		none = words.MoveNotFound
	}
	m.none.SetText(say(none))
	show(m.nobody, len(move.Targets) == 0)
	m.showTargets(move)
	what, advice := "", ""
	if move.Problem != words.NoProblem {
		what, advice = m.v.speak.Problem(move.Problem)
	}
	m.problem.Set(what, advice, "", nil)
	text := say(words.MoveGo)
	if move.Busy {
		text = say(words.MoveGoing)
	}
	m.goes.set(text, nil, widget.HighImportance)
	m.goes.setEnabled(move.To != "" && !move.Busy)
	return true
}

func (m *mover) showTargets(move console.Move) {
	var rows []fyne.CanvasObject
	known := map[string]bool{}
	for _, t := range move.Targets {
		known[t.Queue] = true
		r := m.rows[t.Queue]
		if r == nil {
			r = m.newRow(t.Queue)
			m.rows[t.Queue] = r
		}
		setLine(r.name, t.Name)
		setLine(r.kind, m.kind(t))
		r.press.hintOf = joined([]string{t.Name, m.kind(t)})
		r.press.choose(move.To == t.Queue)
		colour := theme.ColorNameSuccess
		if !t.Here {
			colour = look.ColorMuted
		}
		r.dot.set(colour)
		rows = append(rows, r.press)
	}
	for queue := range m.rows {
		if !known[queue] {
			delete(m.rows, queue)
		}
	}
	swap(m.list, rows)
}

func (m *mover) newRow(queue string) *targetRow {
	r := &targetRow{
		name: line("", theme.SizeNameText, widget.MediumImportance, false), dot: newDot(),
		kind: widget.NewLabel(""),
	}
	r.kind.SizeName = theme.SizeNameCaptionText
	r.press = newPress(m.to, container.NewBorder(nil, nil, container.NewCenter(r.dot), container.New(centred{}, tight(r.kind)),
		container.New(inset{left: 6}, tight(r.name))), "",
		func() { m.v.act.Do(console.MoveTo{Queue: queue}) })
	return r
}

// kind says what a target is, and whether anybody is there.
func (m *mover) kind(t console.Target) string {
	say := m.v.say
	switch {
	case t.What == wire.QueuePersonal && t.Here:
		return say(words.MoveRep)
	case t.What == wire.QueuePersonal:
		return joined([]string{say(words.MoveRep), say(words.MoveAway)})
	case t.What == wire.QueueTeam && t.Here:
		return say(words.MoveTeam)
	case t.What == wire.QueueTeam:
		return joined([]string{say(words.MoveTeam), say(words.MoveTeamAway)})
	case !t.Here:
		return say(words.MoveTeamAway)
	}
	return ""
}

// tall gives an object as much height as there is, within bounds.
type tall struct{ min, most float32 }

func (t tall) MinSize(o []fyne.CanvasObject) fyne.Size {
	inside := o[0].(*container.Scroll).Content.MinSize()
	return fyne.NewSize(o[0].MinSize().Width, min(max(inside.Height, t.min), t.most))
}

func (tall) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Move(fyne.Position{})
	o[0].Resize(s)
}
