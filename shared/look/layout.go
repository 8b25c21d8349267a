package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
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

// Sized gives an object a size of its own.
func Sized(o fyne.CanvasObject, s fyne.Size) fyne.CanvasObject {
	return container.New(fixed{s}, o)
}

type fixed struct{ size fyne.Size }

func (f fixed) MinSize([]fyne.CanvasObject) fyne.Size { return f.size }

func (f fixed) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos((s.Width-f.size.Width)/2, (s.Height-f.size.Height)/2))
		o.Resize(f.size)
	}
}

// Wide stretches over the width there is but never beyond most units, and
// stays in the middle: forms don't grow across a big window.
func Wide(o fyne.CanvasObject, most float32) fyne.CanvasObject {
	return container.New(wide{most}, o)
}

type wide struct{ most float32 }

func (w wide) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		m = m.Max(o.MinSize())
	}
	return m
}

func (w wide) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	width := min(s.Width, w.most)
	for _, o := range objects {
		o.Move(fyne.NewPos((s.Width-width)/2, 0))
		o.Resize(fyne.NewSize(width, s.Height))
	}
}

// Rows puts objects under each other with gap units between them. Unlike
// Fyne's box it gives wrapping text its width before it asks for its height.
func Rows(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&rows{gap: gap}, objects...)
}

type rows struct{ gap, width float32 }

func (r *rows) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		if r.width > 0 && o.Size().Width != r.width {
			o.Resize(fyne.NewSize(r.width, o.Size().Height))
		}
		s := o.MinSize()
		if m.Height > 0 {
			m.Height += r.gap
		}
		m.Height += s.Height
		m.Width = max(m.Width, s.Width)
	}
	return m
}

func (r *rows) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	r.width = s.Width
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		if o.Size().Width != s.Width {
			o.Resize(fyne.NewSize(s.Width, o.Size().Height))
		}
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(s.Width, h))
		y += h + r.gap
	}
}

// Text is a paragraph in a colour and size of the theme. It wraps.
type Text struct {
	widget.RichText
}

// NewText makes a paragraph. Names left empty are those of ordinary text.
func NewText(text string, in fyne.ThemeColorName, size fyne.ThemeSizeName, style fyne.TextStyle, align fyne.TextAlign) *Text {
	if in == "" {
		in = theme.ColorNameForeground
	}
	if size == "" {
		size = theme.SizeNameText
	}
	t := &Text{}
	t.Wrapping, t.Scroll = fyne.TextWrapWord, fyne.ScrollNone
	t.Segments = []widget.RichTextSegment{&widget.TextSegment{Text: text, Style: widget.RichTextStyle{
		ColorName: in, SizeName: size, TextStyle: style, Alignment: align,
	}}}
	t.ExtendBaseWidget(t)
	return t
}

// Heading is the first line of a page.
func Heading(text string) *Text {
	return NewText(text, "", theme.SizeNameHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
}

// Paragraph is ordinary text.
func Paragraph(text string) *Text {
	return NewText(text, "", "", fyne.TextStyle{}, fyne.TextAlignLeading)
}

// Caption is small text of second rank.
func Caption(text string) *Text {
	return NewText(text, ColorMuted, theme.SizeNameCaptionText, fyne.TextStyle{}, fyne.TextAlignLeading)
}

func (t *Text) segment() *widget.TextSegment { return t.Segments[0].(*widget.TextSegment) }

// SetText changes the words.
func (t *Text) SetText(text string) {
	if t.segment().Text != text {
		t.segment().Text = text
		t.Refresh()
	}
}

// SetColor changes the colour.
func (t *Text) SetColor(in fyne.ThemeColorName) {
	if t.segment().Style.ColorName != in {
		t.segment().Style.ColorName = in
		t.Refresh()
	}
}

// String is the text as shown.
func (t *Text) String() string { return t.segment().Text }

// snug places wrapping text so that its letters, not the room Fyne leaves round
// them, begin at x and y and are as wide as given. It returns their height.
func snug(text fyne.CanvasObject, x, y, width float32) float32 {
	text.Move(fyne.NewPos(x-inset, y-inset))
	text.Resize(fyne.NewSize(width+2*inset, text.Size().Height))
	h := text.MinSize().Height
	text.Resize(fyne.NewSize(width+2*inset, h))
	return h - 2*inset
}
