package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
)

// Link is a line that can be pressed with the pointer, Enter or Space. Unlike a
// button it wraps, so that a long host is never cut.
type Link struct {
	widget.BaseWidget
	text *Text
	icon *widget.Icon
	ring *canvas.Rectangle
	edge float32 // times the usual size of an icon
	tap  func()
}

// NewLink makes a link with words of its own.
func NewLink(text string, icon assets.Icon, tap func()) *Link { return newLink(text, icon, 1, tap) }

func newLink(text string, icon assets.Icon, scale float32, tap func()) *Link {
	l := &Link{
		text: NewText(text, theme.ColorNameHyperlink, Times(theme.SizeNameText, scale), fyne.TextStyle{}, fyne.TextAlignLeading),
		icon: widget.NewIcon(IconIn(icon, theme.ColorNameHyperlink)),
		ring: canvas.NewRectangle(nil), edge: scale, tap: tap,
	}
	l.ring.Hide()
	l.ExtendBaseWidget(l)
	return l
}

// Tapped is for Fyne.
func (l *Link) Tapped(*fyne.PointEvent) { l.tap() }

// TypedKey presses the link.
func (l *Link) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		l.tap()
	}
}

// TypedRune is for Fyne.
func (l *Link) TypedRune(rune) {}

// FocusGained is for Fyne.
func (l *Link) FocusGained() { l.ring.Show() }

// FocusLost is for Fyne.
func (l *Link) FocusLost() { l.ring.Hide() }

// Cursor is a hand.
func (l *Link) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer is for Fyne.
func (l *Link) CreateRenderer() fyne.WidgetRenderer { return &linkRenderer{l} }

type linkRenderer struct{ l *Link }

// gap is the room that icon and text of a link keep.
const gap = 4

func (r *linkRenderer) edge() float32 {
	return r.l.Theme().Size(theme.SizeNameInlineIcon) * r.l.edge
}

func (r *linkRenderer) MinSize() fyne.Size {
	m := r.l.text.MinSize()
	return fyne.NewSize(m.Width+r.edge()+gap-2*inset, max(m.Height-2*inset, r.edge()))
}

func (r *linkRenderer) Layout(s fyne.Size) {
	edge := r.edge()
	r.l.icon.Resize(fyne.NewSquareSize(edge))
	snug(r.l.text, edge+gap, 0, s.Width-edge-gap)
	r.l.ring.Move(fyne.NewPos(-2, -2))
	r.l.ring.Resize(s.AddWidthHeight(4, 4))
	r.paint()
}

func (r *linkRenderer) paint() {
	r.l.ring.StrokeColor = r.l.Theme().Color(ColorRing, fyne.CurrentApp().Settings().ThemeVariant())
	r.l.ring.StrokeWidth, r.l.ring.CornerRadius = 2, 4
}

func (r *linkRenderer) Refresh() {
	r.paint()
	r.l.text.Refresh()
	r.l.icon.Refresh()
	r.Layout(r.l.Size())
}

func (r *linkRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.l.icon, r.l.text, r.l.ring}
}
func (r *linkRenderer) Destroy() {}
