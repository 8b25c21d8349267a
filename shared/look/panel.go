package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Panel is a rounded surface under something. Its colours follow the theme.
type Panel struct {
	widget.BaseWidget

	Content fyne.CanvasObject
	Fill    fyne.ThemeColorName
	Edge    fyne.ThemeColorName // "" draws no line round it
	Radius  float32
	Pad     fyne.Size // room between the edge and the content, on each side
}

// NewPanel makes a card: surface, edge, round corners.
func NewPanel(content fyne.CanvasObject) *Panel {
	p := &Panel{Content: content, Fill: ColorSurface, Edge: ColorEdge, Radius: 12, Pad: fyne.NewSquareSize(12)}
	p.ExtendBaseWidget(p)
	return p
}

// NewStripe makes a surface from edge to edge of a window, such as a banner.
func NewStripe(content fyne.CanvasObject, fill fyne.ThemeColorName) *Panel {
	p := &Panel{Content: content, Fill: fill, Pad: fyne.NewSize(12, 8)}
	p.ExtendBaseWidget(p)
	return p
}

// SetFill changes the colour.
func (p *Panel) SetFill(fill fyne.ThemeColorName) {
	if p.Fill != fill {
		p.Fill = fill
		p.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{p: p, back: canvas.NewRectangle(nil)}
	r.paint()
	return r
}

type panelRenderer struct {
	p    *Panel
	back *canvas.Rectangle
}

func (r *panelRenderer) paint() {
	th, v := r.p.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.back.FillColor = th.Color(r.p.Fill, v)
	r.back.CornerRadius = r.p.Radius
	r.back.StrokeWidth, r.back.StrokeColor = 0, nil
	if r.p.Edge != "" {
		r.back.StrokeWidth, r.back.StrokeColor = 1, th.Color(r.p.Edge, v)
	}
}

func (r *panelRenderer) MinSize() fyne.Size {
	return r.p.Content.MinSize().Add(r.p.Pad).Add(r.p.Pad)
}

func (r *panelRenderer) Layout(s fyne.Size) {
	r.back.Resize(s)
	r.p.Content.Move(fyne.NewPos(r.p.Pad.Width, r.p.Pad.Height))
	r.p.Content.Resize(s.Subtract(r.p.Pad).Subtract(r.p.Pad))
}

func (r *panelRenderer) Refresh() {
	r.paint()
	r.Layout(r.p.Size())
	r.back.Refresh()
	r.p.Content.Refresh()
}

func (r *panelRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.p.Content}
}
func (r *panelRenderer) Destroy() {}
