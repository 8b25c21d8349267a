package consoleview

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"

	"handrail/rep-console/console"
	"handrail/shared/look"
)

func (row *rosterRow) colours(colour func(fyne.ThemeColorName) color.Color) {
	row.back.FillColor = color.Transparent
	switch {
	case row.chosen:
		row.back.FillColor = colour(look.ColorMine)
	case row.hovered:
		row.back.FillColor = colour(theme.ColorNameHover)
	}
	row.wait.Color, row.wait.TextSize = colour(look.ColorMuted), row.Theme().Size(theme.SizeNameCaptionText)
}

// twice is how long after the first press the second one counts as one of two:
// longer than Fyne's, which a busy machine would miss.
const twice = 500 * time.Millisecond

// MouseDown is for Fyne. The second press in the same place accepts; Fyne's own
// double tap would keep every first one waiting.
func (row *rosterRow) MouseDown(e *desktop.MouseEvent) {
	if e.Button != desktop.MouseButtonPrimary || row.w == nil {
		return
	}
	now, id := time.Now(), row.w.Session
	if row.lastOn == id && now.Sub(row.last) < twice {
		row.last = time.Time{}
		row.r.v.act.Do(console.TakeWaiter{ID: id})
		return
	}
	row.last, row.lastOn = now, id
	row.r.v.act.Do(console.Pick{ID: id})
	if c := fyne.CurrentApp().Driver().CanvasForObject(row.r); c != nil {
		c.Focus(row.r)
	}
}

// MouseUp is for Fyne.
func (*rosterRow) MouseUp(*desktop.MouseEvent) {}

// MouseIn is for Fyne.
func (row *rosterRow) MouseIn(*desktop.MouseEvent) {
	row.hovered = true
	row.Refresh()
	row.r.pointed(true)
}

// MouseMoved is for Fyne.
func (row *rosterRow) MouseMoved(*desktop.MouseEvent) { row.r.pointed(true) }

// MouseOut is for Fyne.
func (row *rosterRow) MouseOut() {
	row.hovered = false
	row.Refresh()
	row.r.pointed(false)
}

// Cursor is for Fyne.
func (*rosterRow) Cursor() desktop.Cursor { return desktop.PointerCursor }
