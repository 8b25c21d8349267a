package consoleview

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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

// teller is where a rep writes a notice to everybody who waits (P07), and ends
// those that count.
type teller struct {
	v      *View
	object fyne.CanvasObject
	scroll *container.Scroll

	portal  *choice
	waits   *look.Text
	title   *look.Field
	text    *noteEntry
	lengths *look.Text // what there is to know of how long they are
	term    *choice
	leave   *tick
	problem *look.Problem
	done    *look.Panel
	told    *look.Text
	goes    *tool
	shut    *tool

	counts *fyne.Container
	list   *fyne.Container
	rows   map[uint64]*noticeRow

	open    bool // as drawn
	cleared bool // likewise: a notice has just been pushed
}

// noticeRow is a notice that counts.
type noticeRow struct {
	object fyne.CanvasObject
	title  *widget.Label
	text   *look.Text
	until  *look.Text
	end    *tool
}

func newTeller(v *View) *teller {
	t := &teller{v: v, rows: map[uint64]*noticeRow{}, list: look.Rows(8)}
	do, say := v.act.Do, v.say
	others := taker(v.shortcuts(func() wire.SessionID { return wire.SessionID{} }))
	t.portal = newChoice(say(words.TellPortal), func(id string) { do(console.TellAt{Portal: id}) })
	t.waits = look.NewText("", "", "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	t.title = look.NewField(say(words.TellHead))
	t.title.OnShortcut = others
	t.title.OnChanged = func(text string) { do(console.TellTitle{Text: text}) }
	t.title.OnSubmitted = func(string) { t.focus(t.text) }
	t.text = newNoteEntry(say(words.TellText), others)
	t.text.SetMinRowsVisible(5)
	t.text.OnChanged = func(text string) { do(console.TellText{Text: text}) }
	t.lengths = look.Caption("")
	t.term = newChoice(say(words.TellTermOf), func(id string) {
		if d, err := time.ParseDuration(id); err == nil {
			do(console.TellTerm{Term: d})
		}
	})
	t.portal.frame.Edge, t.term.frame.Edge = theme.ColorNameInputBorder, theme.ColorNameInputBorder // as the fields between them have
	t.leave = newTick(v.foot, say(words.TellLeave), func(on bool) { do(console.TellLeave{On: on}) })
	t.problem = look.NewProblem()
	t.told = look.NewText("", "", "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	t.done = look.NewPanel(look.Leading(look.NewPicture(look.IconIn(assets.Check, theme.ColorNameSuccess), 20), look.Flush(t.told)))
	t.done.Fill, t.done.Pad = look.ColorCalm, fyne.NewSize(10, 6)
	t.goes = newTool(v.foot, say(words.TellGo), nil, widget.HighImportance, "", func() { do(console.TellGo{}) })
	t.shut = newTool(v.foot, say(words.TellShut), nil, widget.MediumImportance, "", func() { do(console.TellShut{}) })
	head := look.NewText(say(words.TellTitle), "", theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	t.counts = look.Rows(8, look.Flush(look.NewText(say(words.TellCounts), "", "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)), t.list)
	form := look.Rows(8, look.Flush(head), t.portal.object, look.Flush(t.waits), t.title, t.text, look.Flush(t.lengths), t.term.object, t.leave.press,
		look.Flush(look.Caption(say(words.TellAbout))), t.problem, t.done, look.Pair(t.goes, t.shut))
	t.scroll = container.NewVScroll(container.New(inset{right: 12}, look.Rows(16, form, t.counts)))
	t.object = t.scroll
	return t
}

// enter puts the keyboard where the rep begins. beside is on screen already:
// Fyne doesn't know yet where what has just come is.
func (t *teller) enter(beside fyne.CanvasObject) {
	t.scroll.ScrollToTop()
	if c := fyne.CurrentApp().Driver().CanvasForObject(beside); c != nil {
		c.Focus(t.title)
	}
}

func (t *teller) focus(o fyne.Focusable) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(t.title); c != nil {
		c.Focus(o)
	}
}

// show draws what is written, what became of the one before, and what counts.
// It says whether there is anything to show.
func (t *teller) show(s console.State) bool {
	v := s.Tell
	if !v.Open || len(s.Boards) == 0 {
		t.open = false
		return false
	}
	var portals []option
	var board console.Board
	for _, b := range s.Boards {
		portals = append(portals, option{b.Portal, b.Name})
		if b.Portal == v.Portal {
			board = b
		}
	}
	t.portal.set(portals, v.Portal)
	t.waits.SetText(t.v.speak.WaitThere(board.Waiting))
	if !t.open || v.Done && !t.cleared { // else what the rep has typed is newer
		put(&t.title.Entry.Entry, v.Title)
		put(&t.text.Entry.Entry, v.Text)
	}
	t.open, t.cleared = true, v.Done
	enable(t.title, !v.Busy)
	enable(t.text, !v.Busy)
	t.showLengths(v)
	t.showTerms(v)
	t.leave.set(v.Leave)
	what, advice := "", ""
	if v.Problem != words.NoProblem {
		what, advice = t.v.speak.Problem(v.Problem)
	}
	t.problem.Set(what, advice, "", nil)
	t.told.SetText(t.v.speak.Told(v.Told))
	show(t.done, v.Done)
	label := t.v.say(words.TellGo)
	if v.Busy {
		label = t.v.say(words.TellGoing)
	}
	t.goes.set(label, nil, widget.HighImportance)
	t.goes.setEnabled(s.SignIn == console.In && v.TitleFits() && v.TextFits() && !v.Busy)
	t.showNotices(board, s)
	return true
}

// put writes into an entry what is not the rep's doing.
func put(e *widget.Entry, text string) {
	was := e.OnChanged
	e.OnChanged = nil
	e.SetText(text)
	e.OnChanged = was
}

// showLengths counts the text, and the title once that is too long.
func (t *teller) showLengths(v console.Tell) {
	length := func(text string, most int) (string, bool) {
		n := utf8.RuneCountInString(strings.TrimSpace(text))
		return t.v.speak.Length(n, most), n > most
	}
	text, over := length(v.Text, wire.MaxNoticeText)
	if title, long := length(v.Title, wire.MaxNoticeTitle); long {
		text, over = t.v.say(words.TellHeadLong, title), true
	}
	t.lengths.SetText(text)
	colour := look.ColorMuted
	if over {
		colour = theme.ColorNameError
	}
	t.lengths.SetColor(colour)
}

func (t *teller) showTerms(v console.Tell) {
	var terms []option
	for _, d := range console.Terms() {
		terms = append(terms, option{d.String(), t.v.speak.Term(d)})
	}
	t.term.set(terms, v.Term.String())
}

func (t *teller) showNotices(board console.Board, s console.State) {
	var rows []fyne.CanvasObject
	for _, n := range board.Notices {
		r := t.rows[n.ID]
		if r == nil {
			r = t.newRow(n.ID)
			t.rows[n.ID] = r
		}
		setLine(r.title, n.Title)
		r.text.SetTheirs(beginning(n.Text))
		r.until.SetText(t.v.speak.Counts(n.Until, s.Now, n.Told))
		label := t.v.say(words.TellEnd)
		if n.Ending {
			label = t.v.say(words.TellEnding)
		}
		r.end.set(label, nil, widget.MediumImportance)
		r.end.setEnabled(s.SignIn == console.In && !n.Ending)
		rows = append(rows, r.object)
	}
	for id := range t.rows {
		if !slices.ContainsFunc(board.Notices, func(n console.Notice) bool { return n.ID == id }) {
			delete(t.rows, id)
		}
	}
	swap(t.list, rows)
	show(t.counts, len(rows) > 0)
}

// beginning is as much of a text as tells which one it is.
func beginning(text string) string {
	const enough = 160
	all := []rune(strings.Join(strings.Fields(text), " "))
	if len(all) <= enough {
		return string(all)
	}
	return string(all[:enough]) + "…"
}

func (t *teller) newRow(id uint64) *noticeRow {
	r := &noticeRow{title: line("", theme.SizeNameText, widget.MediumImportance, true), text: look.NewText("", "", "", fyne.TextStyle{}, fyne.TextAlignLeading), until: look.Caption("")}
	r.end = newTool(t.v.foot, "", nil, widget.MediumImportance, t.v.say(words.TellEndHint), func() { t.v.act.Do(console.TellEnd{ID: id}) })
	panel := look.NewPanel(look.Rows(4, tight(r.title), look.Flush(r.text), look.Flush(r.until), container.NewHBox(r.end)))
	panel.Pad = fyne.NewSize(10, 8)
	r.object = panel
	return r
}

// places are what a person or a test looks for.
func (t *teller) places(s console.State, all map[string]fyne.CanvasObject) {
	all["tell-title"], all["tell-text"], all["tell-leave"], all["tell-go"], all["tell-shut"] = t.title, t.text, t.leave.press, t.goes, t.shut
	all["tell-waits"] = t.waits
	if s.Tell.Done {
		all["tell-told"] = t.told
	}
	for _, b := range s.Boards {
		for i, n := range b.Notices {
			if r := t.rows[n.ID]; b.Portal == s.Tell.Portal && r != nil {
				all[fmt.Sprintf("tell-end-%d", i+1)] = r.end
			}
		}
	}
}

// tick is a yes or no. Unlike the toolkit's its words wrap.
type tick struct {
	*press
	icon *widget.Icon
	on   bool
}

func newTick(to hinter, text string, change func(on bool)) *tick {
	t := &tick{icon: widget.NewIcon(theme.CheckButtonIcon())}
	inner := look.Leading(look.Sized(t.icon, fyne.NewSquareSize(20)), look.Flush(look.Paragraph(text)))
	t.press = newPress(to, inner, text, func() { change(!t.on) })
	t.pad = fyne.NewSize(2, 4)
	return t
}

func (t *tick) set(on bool) {
	if t.on == on {
		return
	}
	t.on = on
	icon := theme.CheckButtonIcon()
	if on {
		icon = theme.NewPrimaryThemedResource(theme.CheckButtonCheckedIcon())
	}
	t.icon.SetResource(icon)
}
