package consoleview

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// notes is where a rep writes what became of a session: it can be pulled out
// below the session's head.
type notes struct {
	v        *View
	object   *look.Panel
	text     *noteEntry
	outcomes []*tool
	sign     *widget.Icon
	stage    console.NoteStage // as drawn
	state    *widget.Label
	wanted   bool // pulled out by the rep, or by the end of the session
}

// outcomes are what can be said of a session, in the order of the buttons.
func outcomes() []wire.Outcome {
	return []wire.Outcome{wire.OutcomeSolved, wire.OutcomeUnsolved, wire.OutcomeFollowUp}
}

func newNotes(v *View, to hinter, x console.Session) *notes {
	n := &notes{v: v, stage: -1}
	n.text = newNoteEntry(v.say(words.NotesText), taker(v.shortcuts(func() wire.SessionID { return x.ID })))
	n.text.SetText(x.Notes.Text)
	n.text.OnChanged = func(text string) { v.act.Do(console.Jot{ID: x.ID, Text: text}) }
	row := container.NewHBox()
	for _, o := range outcomes() {
		b := newTool(to, v.speak.Outcome(o), nil, widget.MediumImportance, v.say(words.NotesOutcome), func() {
			v.act.Do(console.Conclude{ID: x.ID, Outcome: o})
		})
		n.outcomes = append(n.outcomes, b)
		row.Add(b)
	}
	n.sign = widget.NewIcon(nil)
	n.state = line("", theme.SizeNameCaptionText, widget.MediumImportance, false)
	state := container.NewBorder(nil, nil, container.NewCenter(look.Sized(n.sign, fyne.NewSquareSize(15))), nil,
		container.New(inset{left: 4}, container.New(centred{}, tight(n.state))))
	n.object = look.NewStripe(look.Rows(6, n.text, container.NewBorder(nil, nil, row, nil, container.New(inset{left: 8}, state))), look.ColorSurface)
	n.object.Hide()
	return n
}

// pull shows the notes or puts them away; it says whether they are shown.
func (n *notes) pull(on bool) bool {
	n.wanted = on
	show(n.object, on)
	return on
}

// show draws what is written and whether it is kept.
func (n *notes) show(x console.Session, s console.State) {
	may := x.MayNote(s.Now)
	show(n.object, n.wanted && !x.State.Began.IsZero())
	for i, o := range outcomes() {
		importance, icon := widget.MediumImportance, fyne.Resource(nil)
		if x.Notes.Outcome == o {
			importance, icon = widget.HighImportance, look.IconIn(assets.Check, theme.ColorNameForegroundOnPrimary)
		}
		if n.outcomes[i].Importance != importance {
			n.outcomes[i].set(n.outcomes[i].Text, icon, importance)
		}
		n.outcomes[i].setEnabled(may)
	}
	enable(n.text, may)
	n.showState(x.Notes.Stage, may)
}

// showState says in words and colour whether the note is kept.
func (n *notes) showState(stage console.NoteStage, may bool) {
	text, icon, colour, importance := "", assets.Clock, look.ColorMuted, widget.MediumImportance
	switch {
	case stage == console.NoteKept:
		text, icon, colour, importance = n.v.say(words.NotesKept), assets.Check, theme.ColorNameSuccess, widget.SuccessImportance
	case stage == console.NoteRefused:
		text, icon, colour, importance = n.v.say(words.NotesRefused), assets.Warning, theme.ColorNameError, widget.DangerImportance
	case stage != console.NoteEmpty:
		text = n.v.say(words.NotesUnkept)
	case !may:
		text = n.v.say(words.NotesLate)
	}
	setLine(n.state, text)
	show(n.sign, text != "")
	if n.stage != stage {
		n.stage = stage
		n.state.Importance = importance
		n.state.Refresh()
		n.sign.SetResource(look.IconIn(icon, colour))
	}
}

// noteEntry is where notes are written; Tab goes to the next thing.
type noteEntry struct {
	look.Field
	focused bool
}

func newNoteEntry(hint string, others func(fyne.Shortcut) bool) *noteEntry {
	e := &noteEntry{}
	e.OnShortcut, e.MultiLine, e.Wrapping, e.PlaceHolder = others, true, fyne.TextWrapWord, hint
	e.SetMinRowsVisible(3)
	e.ExtendBaseWidget(e)
	return e
}

// AcceptsTab is for Fyne.
func (*noteEntry) AcceptsTab() bool { return false }

// FocusGained is for Fyne.
func (e *noteEntry) FocusGained() {
	e.focused = true
	e.Field.FocusGained()
}

// FocusLost is for Fyne.
func (e *noteEntry) FocusLost() {
	e.focused = false
	e.Field.FocusLost()
}

// trouble says why less is kept than the organisation wants; "" if nothing is
// wrong.
func (v *View) trouble(t console.Trouble) string {
	switch t {
	case console.NoOrganisation:
		return v.say(words.NotKeptNoKey)
	case console.WrongKey:
		return v.say(words.NotKeptWrongKey)
	case console.NotCertified:
		return v.say(words.NotKeptUncertain)
	}
	return ""
}
