package consoleview

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// roster is the list of those who wait. However many they are, there are only
// as many rows as can be seen. The list as a whole has the focus: arrow keys
// choose, Enter accepts, and so does a second press in the same place.
type roster struct {
	widget.BaseWidget
	v      *View
	scroll *container.Scroll
	body   *fyne.Container
	rows   []*rosterRow
	ring   *canvas.Rectangle

	waiters []*console.Waiter
	picked  wire.SessionID
	s       console.State
	moved   time.Time // when the pointer last said that it is here
}

// rosterRowHeight is the height of a row: two lines of text.
const rosterRowHeight = 50

func newRoster(v *View) *roster {
	r := &roster{v: v, ring: canvas.NewRectangle(nil)}
	r.body = container.New(rosterLayout{r})
	r.scroll = container.NewVScroll(r.body)
	r.scroll.OnScrolled = func(fyne.Position) { r.place() }
	r.ring.Hide()
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer is for Fyne.
func (r *roster) CreateRenderer() fyne.WidgetRenderer {
	return newRinged(widget.NewSimpleRenderer(r.scroll), r, r.ring)
}

// rosterLayout gives the list the height of all rows.
type rosterLayout struct{ r *roster }

func (l rosterLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(120, float32(len(l.r.waiters))*rosterRowHeight)
}

func (l rosterLayout) Layout([]fyne.CanvasObject, fyne.Size) { l.r.place() }

// show draws those who wait now.
func (r *roster) show(s console.State) {
	grown := len(s.Waiters) != len(r.waiters)
	before := r.picked
	r.s, r.waiters, r.picked = s, s.Waiters, s.Picked
	if grown {
		r.scroll.Refresh()
	}
	if before != r.picked {
		r.reveal()
	}
	r.place()
}

// reveal scrolls to the picked one.
func (r *roster) reveal() {
	for i, w := range r.waiters {
		if w.Session != r.picked {
			continue
		}
		top, high := float32(i)*rosterRowHeight, r.scroll.Size().Height
		switch {
		case top < r.scroll.Offset.Y:
			r.scroll.Offset.Y = top
		case top+rosterRowHeight > r.scroll.Offset.Y+high:
			r.scroll.Offset.Y = max(top+rosterRowHeight-high, 0)
		default:
			return
		}
		r.scroll.Refresh()
	}
}

// place puts rows where they can be seen.
func (r *roster) place() {
	first := max(int(r.scroll.Offset.Y/rosterRowHeight), 0)
	need := min(int(r.scroll.Size().Height/rosterRowHeight)+2, len(r.waiters)-first)
	for len(r.rows) < need {
		row := newRosterRow(r)
		r.rows = append(r.rows, row)
		r.body.Objects = append(r.body.Objects, row)
	}
	for i, row := range r.rows {
		if i >= need {
			show(row, false)
			continue
		}
		row.show(r.waiters[first+i], r.s)
		row.Move(fyne.NewPos(0, float32(first+i)*rosterRowHeight))
		row.Resize(fyne.NewSize(r.body.Size().Width, rosterRowHeight))
		show(row, true)
	}
}

// pointed says that the pointer is in the list, or has left a row of it.
func (r *roster) pointed(in bool) {
	if in && time.Since(r.moved) < time.Second {
		return
	}
	r.moved = time.Time{}
	if in {
		r.moved = time.Now()
	}
	r.v.act.Do(console.Steady{On: in})
}

// TypedKey is for Fyne.
func (r *roster) TypedKey(e *fyne.KeyEvent) {
	page := max(int(r.scroll.Size().Height/rosterRowHeight)-1, 1)
	by := map[fyne.KeyName]int{
		fyne.KeyUp: -1, fyne.KeyDown: 1, fyne.KeyPageUp: -page, fyne.KeyPageDown: page,
		fyne.KeyHome: -len(r.waiters), fyne.KeyEnd: len(r.waiters),
	}[e.Name]
	switch {
	case by != 0:
		r.v.act.Do(console.PickBy{By: by})
	case pressed(e):
		r.v.act.Do(console.TakeWaiter{})
	}
}

// TypedRune is for Fyne.
func (r *roster) TypedRune(rune) {}

// FocusGained is for Fyne.
func (r *roster) FocusGained() {
	r.v.foot.hint(r.v.say(words.QueueList))
	r.ring.Show()
	if (r.picked == wire.SessionID{}) && len(r.waiters) > 0 {
		r.v.act.Do(console.PickBy{})
	}
}

// FocusLost is for Fyne.
func (r *roster) FocusLost() {
	r.v.foot.hint("")
	r.ring.Hide()
}

// AccessibilityLabel says who is picked.
func (r *roster) AccessibilityLabel() string {
	if w := r.s.Waiter(); w != nil {
		return r.v.say(words.QueueRow, r.v.speak.Visitor(w.Name), r.v.speak.Wait(r.s.Now.Sub(w.Since)))
	}
	return r.v.say(words.QueueList)
}

// rosterRow is one who waits.
type rosterRow struct {
	painted
	r       *roster
	w       *console.Waiter
	back    *canvas.Rectangle
	mark    *dot
	name    *widget.Label
	more    *widget.Label
	wait    *canvas.Text
	hovered bool
	chosen  bool
	dim     bool

	last   time.Time // of the press before, and on whom
	lastOn wire.SessionID
}

func newRosterRow(r *roster) *rosterRow {
	row := &rosterRow{
		r: r, back: canvas.NewRectangle(nil), mark: newDot(), wait: canvas.NewText("", nil),
		name: line("", theme.SizeNameText, widget.MediumImportance, true),
		more: line("", theme.SizeNameCaptionText, widget.MediumImportance, false),
	}
	row.back.CornerRadius = 8
	row.wait.Alignment = fyne.TextAlignTrailing
	text := look.Rows(1, tight(row.name), tight(row.more))
	marked := look.Sized(container.NewCenter(row.mark), fyne.NewSize(14, 14))
	content := container.NewBorder(nil, nil, container.NewCenter(marked), container.NewVBox(row.wait), text)
	row.init(row, container.NewStack(row.back, container.New(inset{top: 5, right: 10, bottom: 4, left: 4}, content)), row.colours)
	return row
}

func (row *rosterRow) show(w *console.Waiter, s console.State) {
	say, gone := row.r.v.say, w.Stage == console.WaiterGone
	row.w = w
	setLine(row.name, row.r.v.speak.Visitor(w.Name))
	setLine(row.more, row.says(s))
	wait := row.r.v.speak.Wait(s.Now.Sub(w.Since))
	if gone {
		wait = ""
	} else if w.Stage == console.WaiterAsked {
		wait = say(words.QueueAsked)
	}
	if row.wait.Text != wait {
		row.wait.Text = wait
		row.wait.Refresh()
	}
	show(row.mark, w.New)
	row.mark.set(theme.ColorNamePrimary)
	chosen, dim := w.Session == s.Picked, gone || !w.Here
	if row.chosen != chosen || row.dim != dim {
		row.chosen, row.dim = chosen, dim
		importance := widget.MediumImportance
		if dim {
			importance = widget.LowImportance
		}
		for _, l := range []*widget.Label{row.name, row.more} {
			l.Importance = importance
			l.Refresh()
		}
		row.Refresh()
	}
}

// says is the second line: what it is about, or why it is over.
func (row *rosterRow) says(s console.State) string {
	v, w := row.r.v, row.w
	switch {
	case w.Stage == console.WaiterGone:
		return v.speak.Gone(w.Gone, w.By)
	case !w.Here:
		return v.say(words.QueueNotHere)
	}
	parts := []string{w.Issue, w.Company}
	if s.Queue == "" {
		parts = append(parts, queueName(s, w.Queue))
	}
	if w.From != "" {
		parts = append([]string{v.say(words.DetailFrom) + " " + w.From}, parts...)
	}
	return joined(parts)
}

// joined puts what there is beside each other.
func joined(parts []string) string {
	var there []string
	for _, p := range parts {
		if p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, " · ")
}

// queueName is what a queue is called.
func queueName(s console.State, id string) string {
	for _, q := range s.Queues {
		if q.ID == id {
			return q.Name
		}
	}
	return ""
}
