package remoteview

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/rep-console/remote"
	"handrail/shared/frame"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// screen is the area of the picture. The native painter lies over it and lets
// every event through.
type screen struct {
	widget.BaseWidget
	v       *View
	back    *canvas.Rectangle
	message *canvas.Text
	turn    *turn
	buttons buttons
	last    image.Point // where the pointer was
	focused bool

	follow bool
	shape  *shape // the customer's pointer, for Fyne
	shown  frame.Cursor
}

func newScreen(v *View) *screen {
	s := &screen{v: v, back: canvas.NewRectangle(backdrop()), message: canvas.NewText("", nil)}
	s.message.Alignment = fyne.TextAlignCenter
	s.turn = newTurn(v.act.Do, v.act.Usage)
	s.ExtendBaseWidget(s)
	return s
}

// show draws a State: what is said in place of a picture, and the pointer.
func (s *screen) show(state remote.State) {
	text := words.Sentence("")
	switch {
	case state.Stopped:
		text = words.RemoteStopped
	case state.Granted.Has(wire.View) && state.Out.Empty():
		text = words.RemoteWaiting
	}
	said := ""
	if text != "" {
		said = s.v.speak.Say(text)
	}
	if s.message.Text != said {
		s.message.Text = said
		s.message.Refresh()
	}
	s.follow = state.Controls
}

// Cursor is for Fyne: the customer's pointer while the rep controls. A hidden
// one becomes a cross, so that the rep does not lose the place.
func (s *screen) Cursor() desktop.Cursor {
	s.v.mu.Lock()
	c := s.v.cursor
	s.v.mu.Unlock()
	if !s.follow {
		return desktop.DefaultCursor
	}
	if c.ID != s.shown.ID || s.shape == nil {
		s.shown = c
		s.shape = nil
		if m := picture(c); m != nil {
			s.shape = &shape{image: m, hotX: c.HotX, hotY: c.HotY}
		}
	}
	if s.shape == nil {
		return desktop.CrosshairCursor
	}
	return s.shape
}

// where is the place of a pointer event in the view, in device pixels.
func (s *screen) where(absolute fyne.Position) image.Point {
	scale := float32(1)
	if s.v.canvas != nil {
		scale = s.v.canvas.Scale()
	}
	s.v.mu.Lock()
	defer s.v.mu.Unlock()
	return pixels(absolute, scale).Sub(s.v.at)
}

// pointed is the place of a click. Fyne tells of clicks at once and of moves
// once for each of its ticks: after a quick move it has the click where the
// pointer was before.
func (s *screen) pointed(absolute fyne.Position) image.Point {
	s.v.mu.Lock()
	p := s.v.painter
	s.v.mu.Unlock()
	if p != nil {
		if at, ok := p.Pointer(); ok {
			return at
		}
	}
	return s.where(absolute)
}

// moved takes the pointer's place, and what has happened to the buttons.
func (s *screen) moved(e *desktop.MouseEvent) {
	s.last = s.where(e.AbsolutePosition)
	s.lift(e.Button)
	s.v.act.Do(remote.Hover{At: s.last})
}

// lift tells of buttons that came up where Fyne does not tell.
func (s *screen) lift(now desktop.MouseButton) {
	for _, n := range s.buttons.missed(now) {
		s.v.act.Do(remote.Press{Button: n, At: s.last})
	}
}

// MouseIn is for Fyne. The first move into the widget comes as this alone.
func (s *screen) MouseIn(e *desktop.MouseEvent) { s.moved(e) }

// MouseMoved is for Fyne.
func (s *screen) MouseMoved(e *desktop.MouseEvent) { s.moved(e) }

// MouseOut is for Fyne.
func (s *screen) MouseOut() { s.v.act.Do(remote.Leave{}) }

// MouseDown is for Fyne.
func (s *screen) MouseDown(e *desktop.MouseEvent) {
	if c := s.v.canvas; c != nil && !s.v.over {
		c.Focus(s)
		s.v.act.Do(remote.Focus{On: true}) // Fyne tells only of a change
	}
	s.press(e, true)
}

// MouseUp is for Fyne.
func (s *screen) MouseUp(e *desktop.MouseEvent) { s.press(e, false) }

func (s *screen) press(e *desktop.MouseEvent, down bool) {
	s.turn.flush()
	s.last = s.pointed(e.AbsolutePosition)
	if down {
		s.buttons.down |= e.Button
	} else {
		s.buttons.down &^= e.Button
	}
	if n := number(e.Button); n != 0 {
		s.v.act.Do(remote.Press{Button: n, Down: down, At: s.last})
	}
}

// Dragged is for Fyne: moves while a button is held, outside too.
func (s *screen) Dragged(e *fyne.DragEvent) {
	s.last = s.where(e.AbsolutePosition)
	s.v.act.Do(remote.Hover{At: s.last})
}

// DragEnd is for Fyne, and may be all that is heard of a release.
func (s *screen) DragEnd() { s.lift(0) }

// notch is what Fyne makes of one notch of a wheel.
const notch = 25

// Scrolled is for Fyne, which counts up and left positive.
func (s *screen) Scrolled(e *fyne.ScrollEvent) {
	s.v.act.Do(remote.Turn{DX: -float64(e.Scrolled.DX) / notch, DY: -float64(e.Scrolled.DY) / notch, At: s.where(e.AbsolutePosition)})
}

// FocusGained is for Fyne.
func (s *screen) FocusGained() { s.setFocus(!s.v.over) }

// FocusLost is for Fyne.
func (s *screen) FocusLost() { s.setFocus(false) }

func (s *screen) setFocus(on bool) {
	if on == s.focused {
		return
	}
	s.focused = on
	s.turn.reset()
	s.buttons.down = 0
	s.v.act.Do(remote.Focus{On: on})
}

// AcceptsTab is for Fyne: the Tab key belongs to the customer.
func (s *screen) AcceptsTab() bool { return true }

// KeyDown is for Fyne. The rune that the key makes follows before anything
// that is queued here.
func (s *screen) KeyDown(e *fyne.KeyEvent) {
	s.turn.down(e)
	s.later()
}

// KeyUp is for Fyne.
func (s *screen) KeyUp(e *fyne.KeyEvent) { s.turn.up(e) }

// TypedKey is for Fyne.
func (s *screen) TypedKey(e *fyne.KeyEvent) {
	s.turn.typed(e)
	s.later()
}

// TypedRune is for Fyne.
func (s *screen) TypedRune(r rune) { s.turn.rune(r) }

// TypedShortcut is for Fyne. The keys of shortcuts have come as keys already;
// those that don't go to the customer are the window's.
func (s *screen) TypedShortcut(x fyne.Shortcut) {
	s.v.mu.Lock()
	ours := s.v.state.Loose || !s.v.state.Controls
	s.v.mu.Unlock()
	if c, ok := s.v.canvas.(fyne.Shortcutable); ok && ours {
		c.TypedShortcut(x)
	}
}

// later sends a key that no rune follows, such as an arrow, when Fyne has told
// everything about it.
func (s *screen) later() {
	if s.turn.waiting {
		fyne.Do(s.turn.flush)
	}
}

// MinSize is for Fyne.
func (s *screen) MinSize() fyne.Size { return fyne.NewSquareSize(1) }

// CreateRenderer is for Fyne.
func (s *screen) CreateRenderer() fyne.WidgetRenderer {
	r := &screenRenderer{s: s, objects: []fyne.CanvasObject{s.back, s.message, s.v.plain.raster, s.v.plain.hook}}
	r.Refresh()
	return r
}

type screenRenderer struct {
	s       *screen
	objects []fyne.CanvasObject
}

func (r *screenRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(1) }

func (r *screenRenderer) Layout(size fyne.Size) {
	for _, o := range r.objects {
		o.Move(fyne.Position{})
		o.Resize(size)
	}
	r.s.v.plain.hook.Resize(fyne.NewSquareSize(1))
}

func (r *screenRenderer) Refresh() {
	r.s.message.Color = theme.DefaultTheme().Color(theme.ColorNameForeground, theme.VariantDark) // on the backdrop, which is always dark
	r.s.message.TextSize = r.s.Theme().Size(theme.SizeNameSubHeadingText)
	r.s.message.Refresh()
}

func (r *screenRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *screenRenderer) Destroy()                     {}
