package look

import (
	"fmt"
	"image/color"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
)

// Problem is a card that says what went wrong, what to do now, and has a
// button that does it.
type Problem struct {
	Panel
	what, advice *Text
	button       *Button
	row          *fyne.Container
}

// NewProblem makes an empty card, hidden until Show.
func NewProblem() *Problem {
	p := &Problem{
		what:   NewText("", "", "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading),
		advice: Paragraph(""),
		button: NewButton("", nil, widget.MediumImportance, nil),
	}
	p.row = container.NewHBox(p.button)
	p.Content = Leading(NewPicture(IconIn(assets.Warning, theme.ColorNameError), 22),
		Rows(6, Flush(p.what), Flush(p.advice), p.row))
	p.Fill, p.Edge, p.Radius, p.Pad = ColorProblem, theme.ColorNameError, 12, fyne.NewSize(12, 12)
	p.ExtendBaseWidget(p)
	p.Hide()
	return p
}

// Set shows the card, or hides it if what is empty. Without a label there is
// no button.
func (p *Problem) Set(what, advice, label string, act func()) {
	if what == "" {
		p.Hide()
		return
	}
	p.what.SetText(what)
	p.advice.SetText(advice)
	p.button.OnTapped = act
	p.button.Set(label, nil)
	if label == "" {
		p.row.Hide()
	} else {
		p.row.Show()
	}
	p.Show()
}

// Avatar is a disc with a person's initials, for who has no picture.
type Avatar struct {
	widget.BaseWidget
	name string
	disc *canvas.Circle
	text *canvas.Text
	size float32
}

// NewAvatar makes a disc of size units across.
func NewAvatar(name string, size float32) *Avatar {
	a := &Avatar{disc: canvas.NewCircle(nil), text: canvas.NewText("", color.White), size: size}
	a.text.TextStyle.Bold = true
	a.text.Alignment = fyne.TextAlignCenter
	a.text.TextSize = size * 0.4
	a.SetName(name)
	a.ExtendBaseWidget(a)
	return a
}

// SetName changes who it is.
func (a *Avatar) SetName(name string) {
	if a.name == name && a.text.Text != "" {
		return
	}
	a.name = name
	a.text.Text = Initials(name)
	a.disc.FillColor = discColor(name)
	a.disc.Refresh()
	a.text.Refresh()
}

// CreateRenderer is for Fyne.
func (a *Avatar) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(fixed{size: fyne.NewSquareSize(a.size)}, a.disc, a.text))
}

// discColor picks one of eight colours by name, each dark enough for white
// letters in both themes.
func discColor(name string) color.Color {
	sum := uint32(2166136261) // FNV-1a, for no more than an even spread
	for _, b := range []byte(name) {
		sum = (sum ^ uint32(b)) * 16777619
	}
	all := [...]uint32{0x0f5b8c, 0x1d6b3c, 0x7a3e9d, 0x9c3d1e, 0x0b6a6a, 0x8a2a5b, 0x4c5a1e, 0x4a4fa3}
	c := all[sum%uint32(len(all))]
	return color.NRGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 255}
}

// Initials are the first letters of the first and the last word of a name.
func Initials(name string) string {
	var letters []rune
	for word := range strings.FieldsSeq(name) {
		for _, r := range word {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				letters = append(letters, unicode.ToUpper(r))
				break
			}
		}
	}
	switch len(letters) {
	case 0:
		return "?"
	case 1:
		return string(letters)
	}
	return string([]rune{letters[0], letters[len(letters)-1]})
}

// Countdown is a ring that empties, with the seconds in it.
type Countdown struct {
	themed
	track, left *canvas.Arc
	text        *canvas.Text
	size        float32
}

// NewCountdown makes a ring of size units across.
func NewCountdown(size float32) *Countdown {
	c := &Countdown{
		track: &canvas.Arc{StartAngle: 0, EndAngle: 360, CutoutRatio: 0.8},
		left:  &canvas.Arc{StartAngle: 0, EndAngle: 360, CutoutRatio: 0.8},
		text:  canvas.NewText("", nil),
		size:  size,
	}
	c.text.TextStyle.Bold = true
	c.text.Alignment = fyne.TextAlignCenter
	c.content, c.paint = container.New(fixed{size: fyne.NewSquareSize(size), grows: true}, c.track, c.left, c.text), c.colour
	c.ExtendBaseWidget(c)
	return c
}

func (c *Countdown) colour(th fyne.Theme, v fyne.ThemeVariant) {
	c.track.FillColor = th.Color(ColorEdge, v)
	c.left.FillColor = th.Color(theme.ColorNamePrimary, v)
	c.text.Color = th.Color(theme.ColorNameForeground, v)
	c.text.TextSize = c.size * 0.34 * th.Size(theme.SizeNameText) / usualText
}

// Set shows how much of whole is left, in full seconds, rounded up.
func (c *Countdown) Set(left, whole time.Duration) {
	left = min(max(left, 0), whole)
	seconds := int((left + time.Second - 1) / time.Second)
	text := fmt.Sprint(seconds)
	if c.text.Text == text || whole <= 0 {
		return
	}
	c.text.Text = text
	c.left.EndAngle = 360 * float32(min(time.Duration(seconds)*time.Second, whole)) / float32(whole)
	c.Refresh()
}

// themed is a widget around canvas objects that take their colours from the
// theme whenever that changes.
type themed struct {
	widget.BaseWidget
	content fyne.CanvasObject
	paint   func(fyne.Theme, fyne.ThemeVariant)
}

func (t *themed) CreateRenderer() fyne.WidgetRenderer {
	t.paint(t.Theme(), fyne.CurrentApp().Settings().ThemeVariant())
	return &themedRenderer{WidgetRenderer: widget.NewSimpleRenderer(t.content), t: t}
}

type themedRenderer struct {
	fyne.WidgetRenderer
	t *themed
}

func (r *themedRenderer) Refresh() {
	r.t.paint(r.t.Theme(), fyne.CurrentApp().Settings().ThemeVariant())
	r.WidgetRenderer.Refresh()
	r.t.content.Refresh()
}
