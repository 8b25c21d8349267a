package hands

import (
	"errors"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/wire"
	"handrail/shared/xdisplay"
)

// prompt is a program with windows of its own, of which it counts the input.
type prompt struct {
	t    *testing.T
	c    *xgb.Conn
	root xproto.Window
}

func newPrompt(t *testing.T, d *xdisplay.Display) *prompt {
	t.Helper()
	c, err := xgb.NewConnDisplay(d.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &prompt{t, c, xproto.Setup(c).DefaultScreen(c).Root}
}

const inputMask = xproto.EventMaskButtonPress | xproto.EventMaskButtonRelease |
	xproto.EventMaskKeyPress | xproto.EventMaskKeyRelease

// window makes a window that listens, inside parent. Unmanaged ones are left
// alone by window managers.
func (p *prompt) window(parent xproto.Window, x, y int16, w, h uint16, unmanaged uint32) xproto.Window {
	p.t.Helper()
	id, err := xproto.NewWindowId(p.c)
	if err != nil {
		p.t.Fatal(err)
	}
	screen := xproto.Setup(p.c).DefaultScreen(p.c)
	err = xproto.CreateWindowChecked(p.c, screen.RootDepth, id, parent, x, y, w, h, 0, xproto.WindowClassInputOutput,
		screen.RootVisual, xproto.CwOverrideRedirect|xproto.CwEventMask, []uint32{unmanaged, inputMask}).Check()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := xproto.MapWindowChecked(p.c, id).Check(); err != nil {
		p.t.Fatal(err)
	}
	xdisplay.WaitFor(p.t, "the window", func() bool {
		a, err := xproto.GetWindowAttributes(p.c, id).Reply()
		return err == nil && a.MapState == xproto.MapStateViewable
	})
	return id
}

// got counts the presses and releases that have come. The server has handled
// all that was injected before, because XTEST works at once.
func (p *prompt) got() (n int) {
	p.c.Sync()
	for {
		event, xerr := p.c.PollForEvent()
		switch event.(type) {
		case xproto.ButtonPressEvent, xproto.ButtonReleaseEvent, xproto.KeyPressEvent, xproto.KeyReleaseEvent:
			n++
		}
		if event == nil && xerr == nil {
			return n
		}
	}
}

func (p *prompt) focus(w xproto.Window) {
	p.t.Helper()
	if err := xproto.SetInputFocusChecked(p.c, xproto.InputFocusPointerRoot, w, 0).Check(); err != nil {
		p.t.Fatal(err)
	}
}

// click clicks and gives the error of the press; a release never fails.
func click(t *testing.T, h *Hands, x, y int) error {
	t.Helper()
	err := h.Button(1, true, x, y)
	if err := h.Button(1, false, x, y); err != nil {
		t.Errorf("releasing: %v", err)
	}
	return err
}

func letter(down bool) wire.Key { return wire.Key{Usage: 0x04, Base: 'a', Text: "a", Down: down} }

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// allAt tries everything at a place, and the keys.
func allAt(t *testing.T, h *Hands, want error, x, y int) {
	t.Helper()
	wantErr(t, "click", click(t, h, x, y), want)
	wantErr(t, "wheel", h.Wheel(0, 120, x, y), want)
	wantErr(t, "typing", h.Type("yes\n"), want)
	wantErr(t, "key", h.Key(letter(true)), want)
	if err := h.Key(letter(false)); err != nil {
		t.Errorf("releasing the key: %v", err)
	}
}

func TestC09InjectedInputNeverReachesAProtectedWindow(t *testing.T) {
	d := xdisplay.Start(t, "800x600")
	own, other := newPrompt(t, d), newPrompt(t, d)
	h := mustOpen(t, d)
	w := own.window(own.root, 100, 100, 200, 100, 1)
	inner := own.window(w, 10, 10, 50, 50, 1)
	far := other.window(other.root, 500, 300, 100, 100, 1)
	own.focus(inner)
	h.Protect(uint32(w))
	allAt(t, h, ErrOwnWindow, 120, 120)
	allAt(t, h, ErrOwnWindow, 290, 190)
	if n := own.got(); n != 0 {
		t.Errorf("the protected window got %d events", n)
	}
	if h.Refused() != 8 {
		t.Errorf("%d refusals were counted, want 8", h.Refused())
	}
	other.focus(far)
	allAt(t, h, nil, 550, 350)
	if n := other.got(); n == 0 {
		t.Error("the other window got nothing")
	}
	if n := own.got(); n != 0 {
		t.Errorf("the protected window got %d events of another's", n)
	}
}

func TestC09ARefusedPressLeavesNothingDown(t *testing.T) {
	d := xdisplay.Start(t, "800x600")
	own := newPrompt(t, d)
	h := mustOpen(t, d)
	w := own.window(own.root, 100, 100, 200, 100, 1)
	h.Protect(uint32(w))
	own.focus(w)
	for _, k := range []wire.Key{
		{Usage: 0xe0, Down: true, Mods: wire.ModCtrl},
		{Usage: 0xe1, Down: true, Mods: wire.ModShift},
		letter(true),
		{Usage: 0x28, Down: true},
	} {
		wantErr(t, "key", h.Key(k), ErrOwnWindow)
	}
	wantErr(t, "button", h.Button(1, true, 150, 150), ErrOwnWindow)
	if down := keysDown(t, own.c); len(down) > 0 {
		t.Errorf("keys are down: %x", down)
	}
	if p, err := xproto.QueryPointer(own.c, own.root).Reply(); err != nil || p.Mask != 0 {
		t.Errorf("modifiers or buttons are down: %+v, %v", p, err)
	}
}

func TestC09TheFocusUnderThePointerCountsToo(t *testing.T) {
	d := xdisplay.Start(t, "800x600")
	own := newPrompt(t, d)
	h := mustOpen(t, d)
	w := own.window(own.root, 100, 100, 200, 100, 1)
	h.Protect(uint32(w))
	for what, focus := range map[string]xproto.Window{"root": own.root, "pointer root": xproto.InputFocusPointerRoot} {
		own.focus(focus)
		if err := h.MoveTo(150, 150); err != nil {
			t.Fatal(err)
		}
		wantErr(t, what, h.Key(letter(true)), ErrOwnWindow)
		if err := h.MoveTo(700, 500); err != nil {
			t.Fatal(err)
		}
		wantErr(t, what, h.Type("x"), nil)
	}
	if n := own.got(); n != 0 {
		t.Errorf("the protected window got %d events", n)
	}
}

func TestC09TheFrameOfAProtectedWindowIsProtected(t *testing.T) {
	d := xdisplay.Start(t, "800x600")
	d.Openbox()
	own := newPrompt(t, d)
	h := mustOpen(t, d)
	w := own.window(own.root, 100, 100, 300, 200, 0)
	h.Protect(uint32(w))
	tree, err := xproto.QueryTree(own.c, w).Reply()
	if err != nil {
		t.Fatal(err)
	}
	if tree.Parent == own.root {
		t.Fatal("the window manager made no frame")
	}
	at, err := xproto.TranslateCoordinates(own.c, w, own.root, 0, 0).Reply()
	if err != nil {
		t.Fatal(err)
	}
	x, y := int(at.DstX), int(at.DstY)
	for what, p := range map[string][2]int{
		"inside":           {x + 50, y + 50},
		"title bar":        {x + 50, y - 8},
		"close button":     {x + 290, y - 8},
		"beside the frame": {x + 150, y + 203},
	} {
		wantErr(t, what, click(t, h, p[0], p[1]), ErrOwnWindow)
	}
	xdisplay.WaitFor(t, "the focus, which the window manager gives it", func() bool {
		f, err := xproto.GetInputFocus(own.c).Reply()
		return err == nil && f.Focus == w
	})
	wantErr(t, "key", h.Key(letter(true)), ErrOwnWindow)
	if n := own.got(); n != 0 {
		t.Errorf("the protected window got %d events", n)
	}
	wantErr(t, "click on the desktop", click(t, h, 790, 590), nil)
}

func TestC09TheFocusOnAFrameCountsToo(t *testing.T) {
	d := xdisplay.Start(t, "800x600")
	own, manager := newPrompt(t, d), newPrompt(t, d)
	h := mustOpen(t, d)
	frame := manager.window(manager.root, 100, 100, 300, 200, 1)
	inner := manager.window(frame, 5, 20, 290, 175, 1)
	w := own.window(own.root, 0, 0, 290, 175, 1)
	if err := xproto.ReparentWindowChecked(manager.c, w, inner, 0, 0).Check(); err != nil {
		t.Fatal(err)
	}
	h.Protect(uint32(w))
	for what, focus := range map[string]xproto.Window{"frame": frame, "inner frame": inner, "window": w} {
		own.focus(focus)
		wantErr(t, what, h.Key(letter(true)), ErrOwnWindow)
	}
	wantErr(t, "click on the frame", click(t, h, 102, 102), ErrOwnWindow)
}

func TestC09AWindowThatAppearsUnderThePointerGetsNothing(t *testing.T) {
	d := xdisplay.Start(t, "800x600")
	own, other := newPrompt(t, d), newPrompt(t, d)
	h := mustOpen(t, d)
	first := own.window(own.root, 0, 0, 1, 1, 1)
	h.Protect(uint32(first))
	other.focus(other.window(other.root, 0, 100, 300, 300, 1))

	stop := make(chan struct{})
	clicking := make(chan struct{})
	through := 0
	go func() {
		defer close(clicking)
		for {
			select {
			case <-stop:
				return
			default:
			}
			for _, err := range []error{h.Button(1, true, 150, 150), h.Button(1, false, 150, 150), h.Type("x")} {
				switch {
				case err == nil:
					through++
				case !errors.Is(err, ErrOwnWindow):
					t.Error(err)
					return
				}
			}
			other.got() // or more would wait than xgb keeps
		}
	}()
	for range 200 {
		w := own.window(own.root, 100, 100, 100, 100, 1)
		own.focus(w)
		if err := xproto.DestroyWindowChecked(own.c, w).Check(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	<-clicking
	if n := own.got(); n != 0 {
		t.Errorf("windows that came and went under the pointer got %d events", n)
	}
	if through == 0 || h.Refused() == 0 {
		t.Errorf("%d events went through and %d were refused, which proves nothing", through, h.Refused())
	}
}

func TestC09AnOpenPromptStopsEverything(t *testing.T) {
	d := xdisplay.Start(t, "800x600")
	other := newPrompt(t, d)
	h := mustOpen(t, d)
	other.focus(other.window(other.root, 100, 100, 300, 300, 1))
	if err := h.Button(1, true, 150, 150); err != nil {
		t.Fatal(err)
	}
	if err := h.Key(letter(true)); err != nil {
		t.Fatal(err)
	}
	h.ShutGate(true)
	if down := keysDown(t, other.c); len(down) > 0 {
		t.Errorf("keys are still down: %x", down)
	}
	if p, err := xproto.QueryPointer(other.c, other.root).Reply(); err != nil || p.Mask != 0 {
		t.Errorf("a button is still down: %+v, %v", p, err)
	}
	other.got()
	wantErr(t, "move", h.MoveTo(10, 10), ErrShut)
	wantErr(t, "button", h.Button(1, true, 150, 150), ErrShut)
	wantErr(t, "release", h.Button(1, false, 150, 150), ErrShut)
	wantErr(t, "wheel", h.Wheel(0, 120, 150, 150), ErrShut)
	wantErr(t, "key", h.Key(letter(true)), ErrShut)
	wantErr(t, "typing", h.Type("x"), ErrShut)
	wantErr(t, "locks", h.Locks(wire.Locks{Caps: true}), ErrShut)
	if n := other.got(); n != 0 {
		t.Errorf("%d events got through", n)
	}
	h.ShutGate(false)
	wantErr(t, "typing again", h.Type("x"), nil)
	if n := other.got(); n == 0 {
		t.Error("nothing gets through although the prompt has gone")
	}
}

func TestC09ShuttingTheGateStopsTypingInTheMiddle(t *testing.T) {
	d := xdisplay.Start(t, "800x600")
	other := newPrompt(t, d)
	h := mustOpen(t, d)
	other.focus(other.window(other.root, 100, 100, 300, 300, 1))
	var text []rune
	for i := range 2000 {
		text = append(text, 0x4e00+rune(i))
	}
	done := make(chan error, 1)
	go func() { done <- h.Type(string(text)) }()
	xdisplay.WaitFor(t, "the first characters", func() bool { return other.got() > 0 })
	h.ShutGate(true)
	other.got()
	select {
	case err := <-done:
		wantErr(t, "typing", err, ErrShut)
	case <-time.After(30 * time.Second):
		t.Fatal("typing goes on behind a shut gate")
	}
	if n := other.got(); n != 0 {
		t.Errorf("%d events came after the gate was shut", n)
	}
}

func TestAPressBegunElsewhereEndsAnywhere(t *testing.T) {
	d := xdisplay.Start(t, "800x600")
	own, other := newPrompt(t, d), newPrompt(t, d)
	h := mustOpen(t, d)
	h.Protect(uint32(own.window(own.root, 100, 100, 200, 100, 1)))
	other.window(other.root, 500, 300, 100, 100, 1)
	wantErr(t, "press", h.Button(1, true, 550, 350), nil)
	wantErr(t, "drag", h.MoveTo(150, 150), nil)
	wantErr(t, "release", h.Button(1, false, 150, 150), nil)
	if n := other.got(); n != 2 {
		t.Errorf("the window where the drag began got %d events, want the press and the release", n)
	}
	if n := own.got(); n != 0 {
		t.Errorf("the protected window got %d events", n)
	}
}

func TestC09TheRepCantJoinThePressOfTheCustomer(t *testing.T) {
	d := xdisplay.Start(t, "800x600")
	own := newPrompt(t, d)
	h := mustOpen(t, d)
	h.Protect(uint32(own.window(own.root, 100, 100, 200, 100, 1)))
	d.Run("xdotool", "mousemove", "150", "150", "mousedown", "1")
	own.got()
	// The customer's press makes all buttons go to our window until its end.
	wantErr(t, "press", h.Button(3, true, 700, 500), ErrBusy)
	if n := own.got(); n != 0 {
		t.Errorf("the protected window got %d events", n)
	}
	d.Run("xdotool", "mouseup", "1")
	wantErr(t, "press after it", click(t, h, 700, 500), nil)
}
