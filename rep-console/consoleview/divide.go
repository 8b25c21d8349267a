package consoleview

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/shared/look"
)

// divide shares a width between two objects. Unlike Fyne's split its handle
// can be moved by the keyboard too, and it says when it has been moved, once.
type divide struct {
	widget.BaseWidget
	left, right fyne.CanvasObject
	share       float64 // the left one's, 0…1
	moved       func(share float64)
	handle      *handle
}

func newDivide(left, right fyne.CanvasObject, share float64, to hinter, hint string, moved func(float64)) *divide {
	d := &divide{left: left, right: right, share: share, moved: moved}
	d.handle = newHandle(d, to, hint)
	d.ExtendBaseWidget(d)
	return d
}

// set moves the handle, but not while a hand is on it.
func (d *divide) set(share float64) {
	if share != d.share && !d.handle.dragged {
		d.share = share
		d.Refresh()
	}
}

const handleWidth = 9

func (d *divide) CreateRenderer() fyne.WidgetRenderer { return &divideRenderer{d} }

type divideRenderer struct{ d *divide }

func (r *divideRenderer) MinSize() fyne.Size {
	a, b := r.d.left.MinSize(), r.d.right.MinSize()
	return fyne.NewSize(a.Width+handleWidth+b.Width, max(a.Height, b.Height))
}

func (r *divideRenderer) Layout(s fyne.Size) {
	room := s.Width - handleWidth
	left := room * float32(r.d.share)
	left = max(min(left, room-r.d.right.MinSize().Width), r.d.left.MinSize().Width)
	r.d.left.Move(fyne.Position{})
	r.d.left.Resize(fyne.NewSize(left, s.Height))
	r.d.handle.Move(fyne.NewPos(left, 0))
	r.d.handle.Resize(fyne.NewSize(handleWidth, s.Height))
	r.d.right.Move(fyne.NewPos(left+handleWidth, 0))
	r.d.right.Resize(fyne.NewSize(room-left, s.Height))
}

func (r *divideRenderer) Refresh() {
	r.Layout(r.d.Size())
	canvas.Refresh(r.d)
}

func (r *divideRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.d.left, r.d.handle, r.d.right}
}
func (r *divideRenderer) Destroy() {}

// handle is what is dragged.
type handle struct {
	widget.BaseWidget
	d       *divide
	to      hinter
	hintOf  string
	dragged bool
	hovered bool
	focused bool
}

func newHandle(d *divide, to hinter, hint string) *handle {
	h := &handle{d: d, to: to, hintOf: hint}
	h.ExtendBaseWidget(h)
	return h
}

// by moves the handle over a distance in units.
func (h *handle) by(dx float32) {
	room := h.d.Size().Width - handleWidth
	if room <= 0 {
		return
	}
	at := h.d.left.Size().Width + dx // where it really stands: the share may ask for more
	h.d.share = float64(min(max(at/room, 0.2), 0.85))
	h.d.Refresh()
}

func (h *handle) Dragged(e *fyne.DragEvent) {
	h.dragged = true
	h.by(e.Dragged.DX)
}

func (h *handle) DragEnd() {
	h.dragged = false
	h.d.moved(h.d.share)
}

func (h *handle) TypedRune(rune) {}
func (h *handle) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		h.by(-24)
	case fyne.KeyRight:
		h.by(24)
	default:
		return
	}
	h.d.moved(h.d.share)
}

func (h *handle) FocusGained() {
	h.focused = true
	h.to.hint(h.hintOf)
	h.Refresh()
}

func (h *handle) FocusLost() {
	h.focused = false
	h.to.hint("")
	h.Refresh()
}

func (h *handle) MouseIn(*desktop.MouseEvent) {
	h.hovered = true
	h.to.hint(h.hintOf)
	h.Refresh()
}
func (h *handle) MouseMoved(*desktop.MouseEvent) {}
func (h *handle) MouseOut() {
	h.hovered = false
	h.to.hint("")
	h.Refresh()
}
func (h *handle) Cursor() desktop.Cursor { return desktop.HResizeCursor }

func (h *handle) CreateRenderer() fyne.WidgetRenderer {
	r := &handleRenderer{h: h, line: canvas.NewRectangle(nil), grip: canvas.NewRectangle(nil)}
	r.grip.CornerRadius = 1.5
	r.paint()
	return r
}

type handleRenderer struct {
	h          *handle
	line, grip *canvas.Rectangle
}

func (r *handleRenderer) paint() {
	th, v := r.h.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	var c color.Color
	switch {
	case r.h.focused:
		c = th.Color(look.ColorRing, v)
	case r.h.hovered || r.h.dragged:
		c = th.Color(theme.ColorNamePrimary, v)
	default:
		c = th.Color(look.ColorEdge, v)
	}
	r.grip.FillColor = c
	r.line.FillColor = th.Color(look.ColorEdge, v)
}

func (r *handleRenderer) MinSize() fyne.Size { return fyne.NewSize(handleWidth, 40) }

func (r *handleRenderer) Layout(s fyne.Size) {
	r.line.Move(fyne.NewPos(s.Width/2-0.5, 0))
	r.line.Resize(fyne.NewSize(1, s.Height))
	r.grip.Move(fyne.NewPos(s.Width/2-1.5, s.Height/2-24))
	r.grip.Resize(fyne.NewSize(3, 48))
}

func (r *handleRenderer) Refresh() {
	r.paint()
	r.grip.Refresh()
	r.line.Refresh()
}
func (r *handleRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.line, r.grip} }
func (r *handleRenderer) Destroy()                     {}
