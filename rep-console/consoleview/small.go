package consoleview

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/shared/look"
)

// hinter is who shows the hint of what the pointer or the focus is on. An
// empty text takes the hint away.
type hinter interface{ hint(text string) }

// tool is a button with a hint, which says in full what an icon means and
// which keys do the same.
type tool struct {
	widget.Button
	Hint string

	to    hinter
	ring  *canvas.Rectangle
	after func() // what follows a click, not a key
}

func newTool(to hinter, text string, icon fyne.Resource, importance widget.Importance, hint string, tapped func()) *tool {
	t := &tool{Hint: hint, to: to, ring: canvas.NewRectangle(nil)}
	t.Text, t.Icon, t.Importance, t.OnTapped = text, icon, importance, tapped
	t.ring.Hide()
	t.ExtendBaseWidget(t)
	return t
}

// set changes what differs.
func (t *tool) set(text string, icon fyne.Resource, importance widget.Importance) {
	if t.Text != text || t.Icon != icon || t.Importance != importance {
		t.Text, t.Icon, t.Importance = text, icon, importance
		t.Refresh()
	}
}

func (t *tool) setEnabled(on bool) { enable(t, on) }

// enable lets something be used, or doesn't.
func enable(e fyne.Disableable, on bool) {
	switch {
	case on && e.Disabled():
		e.Enable()
	case !on && !e.Disabled():
		e.Disable()
	}
}

// AccessibilityLabel says what the button does, icon or not.
func (t *tool) AccessibilityLabel() string {
	if t.Text == "" {
		return t.Hint
	}
	return t.Text
}

// Tapped is for Fyne. The hint has served: often the button goes away now, and
// Fyne notices that the pointer has left it only when it moves.
func (t *tool) Tapped(e *fyne.PointEvent) {
	t.Button.Tapped(e)
	t.to.hint("")
	if t.after != nil {
		t.after()
	}
}

func (t *tool) MouseIn(e *desktop.MouseEvent) {
	t.to.hint(t.Hint)
	t.Button.MouseIn(e)
}

func (t *tool) MouseOut() {
	t.to.hint("")
	t.Button.MouseOut()
}

func (t *tool) FocusGained() {
	t.to.hint(t.Hint)
	t.ring.Show()
	t.Button.FocusGained()
}

func (t *tool) FocusLost() {
	t.to.hint("")
	t.ring.Hide()
	t.Button.FocusLost()
}

// TypedKey presses the button with Enter too, and without taking the focus
// away from it.
func (t *tool) TypedKey(e *fyne.KeyEvent) {
	if pressed(e) && !t.Disabled() && t.OnTapped != nil {
		t.OnTapped()
	}
}

func pressed(e *fyne.KeyEvent) bool {
	return e.Name == fyne.KeySpace || e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter
}

func (t *tool) CreateRenderer() fyne.WidgetRenderer {
	return newRinged(t.Button.CreateRenderer(), t, t.ring)
}

// ringed draws the ring of the focus on top of a widget.
type ringed struct {
	fyne.WidgetRenderer
	of   interface{ Theme() fyne.Theme }
	ring *canvas.Rectangle
}

func newRinged(r fyne.WidgetRenderer, of interface{ Theme() fyne.Theme }, ring *canvas.Rectangle) *ringed {
	g := &ringed{WidgetRenderer: r, of: of, ring: ring}
	g.paint()
	return g
}

func (g *ringed) paint() {
	g.ring.StrokeColor = g.of.Theme().Color(look.ColorRing, fyne.CurrentApp().Settings().ThemeVariant())
	g.ring.StrokeWidth, g.ring.CornerRadius = 2.5, 9
}

func (g *ringed) Layout(s fyne.Size) {
	g.WidgetRenderer.Layout(s)
	g.ring.Move(fyne.NewPos(-1, -1))
	g.ring.Resize(s.AddWidthHeight(2, 2))
}

func (g *ringed) Refresh() {
	g.WidgetRenderer.Refresh()
	g.paint()
	g.ring.Refresh()
}

func (g *ringed) Objects() []fyne.CanvasObject {
	return append(append([]fyne.CanvasObject(nil), g.WidgetRenderer.Objects()...), g.ring)
}

// press is a surface with something on it that can be pressed as a whole: a
// row of the list, a tab.
type press struct {
	widget.BaseWidget
	content fyne.CanvasObject
	pad     fyne.Size
	hintOf  string
	tap     func()
	to      hinter

	chosen         bool // painted as the one in front
	hovered        bool
	surface, plain fyne.ThemeColorName // fill when chosen, and when not; "" is none
	back, ring     *canvas.Rectangle
}

func newPress(to hinter, content fyne.CanvasObject, hint string, tap func()) *press {
	p := &press{}
	p.init(to, content, hint, tap)
	p.ExtendBaseWidget(p)
	return p
}

// init makes it part of a widget.
func (p *press) init(to hinter, content fyne.CanvasObject, hint string, tap func()) {
	p.content, p.hintOf, p.tap, p.to, p.pad = content, hint, tap, to, fyne.NewSize(8, 5)
	p.surface, p.back, p.ring = look.ColorMine, canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	p.ring.Hide()
}

func (p *press) choose(on bool) {
	if p.chosen != on {
		p.chosen = on
		p.Refresh()
	}
}

func (p *press) AccessibilityLabel() string             { return p.hintOf }
func (p *press) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

func (p *press) Tapped(*fyne.PointEvent) { p.tap() }

func (p *press) MouseIn(*desktop.MouseEvent) {
	p.hovered = true
	p.to.hint(p.hintOf)
	p.Refresh()
}
func (p *press) MouseMoved(*desktop.MouseEvent) {}
func (p *press) MouseOut() {
	p.hovered = false
	p.to.hint("")
	p.Refresh()
}
func (p *press) Cursor() desktop.Cursor { return desktop.PointerCursor }

func (p *press) FocusGained() {
	p.to.hint(p.hintOf)
	p.ring.Show()
}

func (p *press) FocusLost() {
	p.to.hint("")
	p.ring.Hide()
}
func (p *press) TypedRune(rune) {}
func (p *press) TypedKey(e *fyne.KeyEvent) {
	if pressed(e) {
		p.tap()
	}
}

func (p *press) CreateRenderer() fyne.WidgetRenderer {
	return newRinged(&pressRenderer{p}, p, p.ring)
}

type pressRenderer struct{ p *press }

func (r *pressRenderer) MinSize() fyne.Size {
	return r.p.content.MinSize().Add(r.p.pad).Add(r.p.pad)
}

func (r *pressRenderer) Layout(s fyne.Size) {
	r.p.back.Resize(s)
	r.p.content.Move(fyne.NewPos(r.p.pad.Width, r.p.pad.Height))
	r.p.content.Resize(s.Subtract(r.p.pad).Subtract(r.p.pad))
	r.paint()
}

func (r *pressRenderer) paint() {
	th, v := r.p.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	fill := color.Color(color.Transparent)
	switch {
	case r.p.chosen && r.p.surface != "":
		fill = th.Color(r.p.surface, v)
	case r.p.hovered:
		fill = th.Color(theme.ColorNameHover, v)
	case r.p.plain != "":
		fill = th.Color(r.p.plain, v)
	}
	r.p.back.FillColor, r.p.back.CornerRadius = fill, 8
}

func (r *pressRenderer) Refresh() {
	r.paint()
	r.p.back.Refresh()
	r.p.content.Refresh()
}

func (r *pressRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.p.back, r.p.content}
}
func (r *pressRenderer) Destroy() {}

// painted is a widget around canvas objects that take their colours from the
// theme whenever that changes.
type painted struct {
	widget.BaseWidget
	content fyne.CanvasObject
	paint   func(colour func(fyne.ThemeColorName) color.Color)
}

// init makes it part of a widget.
func (p *painted) init(of fyne.Widget, content fyne.CanvasObject, paint func(colour func(fyne.ThemeColorName) color.Color)) {
	p.content, p.paint = content, paint
	p.ExtendBaseWidget(of)
}

func (p *painted) repaint() {
	th, v := p.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	p.paint(func(n fyne.ThemeColorName) color.Color { return th.Color(n, v) })
}

func (p *painted) CreateRenderer() fyne.WidgetRenderer {
	p.repaint()
	return &paintedRenderer{WidgetRenderer: widget.NewSimpleRenderer(p.content), p: p}
}

type paintedRenderer struct {
	fyne.WidgetRenderer
	p *painted
}

func (r *paintedRenderer) Refresh() {
	r.p.repaint()
	r.WidgetRenderer.Refresh()
	r.p.content.Refresh()
}

// sizes of badges: beside a name, and on a face.
func besideName() fyne.Size { return fyne.NewSize(26, 18) }
func onFace() fyne.Size     { return fyne.NewSize(22, 15) }

// badge is the number of unread lines.
type badge struct {
	painted
	back *canvas.Rectangle
	text *canvas.Text
}

func newBadge(size fyne.Size) *badge {
	b := &badge{back: canvas.NewRectangle(nil), text: canvas.NewText("", nil)}
	b.back.CornerRadius = size.Height / 2
	b.text.TextSize, b.text.TextStyle.Bold, b.text.Alignment = size.Height*0.67, true, fyne.TextAlignCenter
	pill := look.Sized(container.NewStack(b.back, b.text), size)
	b.init(b, container.NewCenter(pill), func(colour func(fyne.ThemeColorName) color.Color) {
		b.back.FillColor = colour(theme.ColorNameError)
		b.text.Color = colour(theme.ColorNameForegroundOnError)
	})
	b.Hide()
	return b
}

func (b *badge) set(n int) {
	text := fmt.Sprint(n)
	if n > 99 {
		text = "99+"
	}
	if b.text.Text != text {
		b.text.Text = text
		b.Refresh()
	}
	if n == 0 {
		b.Hide()
	} else {
		b.Show()
	}
}

// dot is a small disc that says how something is by its colour; words beside
// it say the same.
type dot struct {
	painted
	in fyne.ThemeColorName
}

func newDot() *dot {
	disc := canvas.NewCircle(nil)
	d := &dot{in: look.ColorMuted}
	d.init(d, look.Sized(disc, fyne.NewSquareSize(9)), func(colour func(fyne.ThemeColorName) color.Color) {
		disc.FillColor = colour(d.in)
	})
	return d
}

func (d *dot) set(in fyne.ThemeColorName) {
	if d.in != in {
		d.in = in
		d.Refresh()
	}
}

// line is one line of text that ends in dots where the room ends.
func line(text string, size fyne.ThemeSizeName, importance widget.Importance, bold bool) *widget.Label {
	l := widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: bold})
	l.Truncation, l.SizeName, l.Importance = fyne.TextTruncateEllipsis, size, importance
	return l
}

// setLine changes the text if it differs.
func setLine(l *widget.Label, text string) {
	if l.Text != text {
		l.SetText(text)
	}
}

// tight takes the room round labels away.
func tight(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewThemeOverride(o, tightTheme{})
}

type tightTheme struct{ look.Theme }

func (t tightTheme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameInnerPadding:
		return 0
	case theme.SizeNamePadding, theme.SizeNameLineSpacing:
		return 2
	}
	return t.Theme.Size(name)
}

// show is Show or Hide.
func show(o fyne.CanvasObject, on bool) {
	switch {
	case on && !o.Visible():
		o.Show()
	case !on && o.Visible():
		o.Hide()
	}
}

// swap gives a container other objects if they differ.
func swap(c *fyne.Container, objects []fyne.CanvasObject) {
	same := len(c.Objects) == len(objects)
	for i := 0; same && i < len(objects); i++ {
		same = c.Objects[i] == objects[i]
	}
	if !same {
		c.Objects = objects
		c.Refresh()
	}
}
