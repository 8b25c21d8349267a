package look

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Entry is Fyne's entry without its wait for a double tap. For some 300 ms
// after a tap on a thing that can be double-tapped Fyne waits for the second,
// and when that time ends it forgets which button is being pressed just then:
// who clicks into a field and soon after on a button would press in vain. Here
// the second press itself selects the word.
type Entry struct {
	widget.Entry
	OneTap

	pressed time.Time // when and where the last press was
	at      fyne.Position
	twice   bool // the press that goes on is the second of two
}

// OneTap, embedded beside a fyne.DoubleTappable, makes of the two none: Go
// promotes no method that two embedded things have.
type OneTap struct{}

// DoubleTapped is never called.
func (OneTap) DoubleTapped(*fyne.PointEvent) {}

// near is how far apart two presses may be and count as one place.
const near = 4

// MouseDown is for Fyne.
func (e *Entry) MouseDown(m *desktop.MouseEvent) {
	e.Entry.MouseDown(m)
	now := time.Now()
	d := m.Position.Subtract(e.at)
	e.twice = m.Button == desktop.MouseButtonPrimary &&
		now.Sub(e.pressed) < fyne.CurrentApp().Driver().DoubleTapDelay() && max(d.X, -d.X, d.Y, -d.Y) <= near
	e.pressed, e.at = now, m.Position
}

// MouseUp is for Fyne.
func (e *Entry) MouseUp(m *desktop.MouseEvent) {
	e.Entry.MouseUp(m)
	if e.twice {
		e.twice = false
		e.Entry.DoubleTapped(&fyne.PointEvent{Position: m.Position, AbsolutePosition: m.AbsolutePosition})
	}
}
