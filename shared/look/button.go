package look

import (
	"cmp"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Button is Fyne's button with a ring round it while it has the focus, pressed
// by Enter as well as by Space, which keeps the focus when the keyboard
// pressed it.
type Button struct {
	widget.Button

	// Deliberate buttons are not pressed by Enter: somebody who is typing
	// when they appear must not press them.
	Deliberate bool
	// OnEscape is called for Esc while the button has the focus; nil is for
	// buttons that are not part of a question.
	OnEscape func()
	// OnPage asks to leaf by so many pages in the text that the button belongs to,
	// upwards if negative; nil where there is none.
	OnPage func(pages float32)
	// OnFocus is called when the button gets the focus; nil is nobody.
	OnFocus func()
	// Label says what a button does that has no words on it, to who can't see.
	Label string

	ring *canvas.Rectangle
}

// NewButton makes a button; icon may be nil.
func NewButton(text string, icon fyne.Resource, importance widget.Importance, tapped func()) *Button {
	b := &Button{ring: canvas.NewRectangle(nil)}
	b.Text, b.Icon, b.Importance, b.OnTapped = text, icon, importance, tapped
	b.ring.Hide()
	b.ExtendBaseWidget(b)
	return b
}

// Set changes words and icon only when they differ, so that showing the same
// state again costs nothing.
func (b *Button) Set(text string, icon fyne.Resource) {
	if b.Text != text || b.Icon != icon {
		b.Text, b.Icon = text, icon
		b.Refresh()
	}
}

// SetEnabled is Enable or Disable.
func (b *Button) SetEnabled(on bool) {
	switch {
	case on && b.Disabled():
		b.Enable()
	case !on && !b.Disabled():
		b.Disable()
	}
}

// TypedKey presses the button, or leaves the question it is part of.
func (b *Button) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		if b.OnEscape != nil {
			b.OnEscape()
		}
		return
	case fyne.KeyPageUp, fyne.KeyPageDown, fyne.KeyUp, fyne.KeyDown:
		if b.OnPage != nil {
			b.OnPage(leaf(e.Name))
		}
		return
	case fyne.KeySpace:
	case fyne.KeyReturn, fyne.KeyEnter:
		if b.Deliberate {
			return
		}
	default:
		return
	}
	if !b.Disabled() && b.OnTapped != nil {
		b.OnTapped()
	}
}

// leaf is how many pages a key leafs by: a page but for a line or two, or a line
// or two.
func leaf(key fyne.KeyName) float32 {
	switch key {
	case fyne.KeyPageUp:
		return -0.9
	case fyne.KeyPageDown:
		return 0.9
	case fyne.KeyUp:
		return -0.1
	}
	return 0.1
}

// AccessibilityLabel is for Fyne.
func (b *Button) AccessibilityLabel() string { return cmp.Or(b.Label, b.Button.AccessibilityLabel()) }

// FocusGained is for Fyne.
func (b *Button) FocusGained() {
	b.ring.Show()
	b.Button.FocusGained()
	if b.OnFocus != nil {
		b.OnFocus()
	}
}

// FocusLost is for Fyne.
func (b *Button) FocusLost() {
	b.ring.Hide()
	b.Button.FocusLost()
}

// CreateRenderer is for Fyne.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	r := &ringed{WidgetRenderer: b.Button.CreateRenderer(), b: b}
	r.paint()
	return r
}

// ringed draws the ring on top of a button.
type ringed struct {
	fyne.WidgetRenderer
	b *Button
}

func (r *ringed) paint() {
	th, v := r.b.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.b.ring.StrokeColor = th.Color(ColorRing, v)
	r.b.ring.StrokeWidth = 2.5
	r.b.ring.CornerRadius = 10
}

func (r *ringed) Layout(s fyne.Size) {
	r.WidgetRenderer.Layout(s)
	r.b.ring.Move(fyne.NewPos(-3, -3))
	r.b.ring.Resize(s.AddWidthHeight(6, 6))
}

func (r *ringed) Refresh() {
	r.WidgetRenderer.Refresh()
	r.paint()
	r.b.ring.Refresh()
}

func (r *ringed) Objects() []fyne.CanvasObject {
	return append(append([]fyne.CanvasObject(nil), r.WidgetRenderer.Objects()...), r.b.ring)
}
