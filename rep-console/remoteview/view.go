// Package remoteview shows a customer's screen in the rep's window and passes
// on what the rep does there. It draws the State of package remote and decides
// nothing.
//
//	view := remoteview.New(remoteview.Actions{Do: watched.Do, …}, speaker)
//	window.SetContent(view.Object())
//	go view.Run(ctx)
//	view.Show(state)          // after each step of the model
//	view.Draw(image, damage)  // whenever the picture changes
//
// The picture is shown by Fyne where there is a graphics card, by a native
// painter where there is none, and again by Fyne where there is neither and
// while something of the window lies over it. The object may move from window
// to window: the painter follows.
//
// New, Object and Places are called on Fyne's goroutine, everything else may
// be called on any.
package remoteview

import (
	"context"
	"image"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"handrail/rep-console/remote"
	"handrail/shared/frame"
	"handrail/shared/look"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Painter shows the picture without Fyne; package paint has one.
type Painter interface {
	// ID is the native window that shows the picture.
	ID() uint32
	// Set says where and what to show.
	Set(remote.Scene)
	// Draw takes over the damaged parts of the picture; an empty picture
	// forgets the one before.
	Draw(m frame.Image, damage []frame.Rect)
	// Cursor is the shape of the customer's pointer.
	Cursor(frame.Cursor)
	// Snapshot is a copy of the picture.
	Snapshot() frame.Image
	// Pointer is where the rep's pointer is now, counted from the corner of
	// the Place; ok is false if nobody knows.
	Pointer() (at image.Point, ok bool)
	// Painted is how long the pictures took from Draw until they were on the
	// screen, in all, and how many there were.
	Painted() (time.Duration, int)
	Close()
}

// Keyboard reads the rep's keys and pointer before the desktop does. What it
// reads goes to the model without the view.
type Keyboard interface {
	Hold(on bool)
	Close()
}

// Actions is what the view asks for.
type Actions struct {
	// Do tells the model what the rep did. It may not block.
	Do func(remote.Event)
	// FullScreen has the window fill the screen, or end that.
	FullScreen func(on bool)
	// Tune chooses what the pictures look like.
	Tune func(wire.Profile)
	// Clip chooses the ways in which the clipboard is shared: ClipOut, ClipIn,
	// both or neither.
	Clip func(wire.Permission)
	// Painter opens a painter inside a native window, given by its number
	// (X11) or the low half of its handle (Windows). With nil or an error Fyne
	// paints. A bare painter only gives the pointer its shape and the keyboard
	// its window: the graphics card paints.
	Painter func(window uint32, bare bool) (Painter, error)
	// Card is the way to the graphics card; nil for none.
	Card Card
	// Keyboard reads from the painter's window. With nil or an error Fyne
	// reads.
	Keyboard func(window uint32) (Keyboard, error)
	// Usage is the USB HID usage of a key's scan code in the counting of this
	// system; 0 is not known.
	Usage func(scan int) uint16
}

const (
	glance = 40 * time.Millisecond  // how often the view looks where it is while a picture is shown or awaited
	rest   = 250 * time.Millisecond // and while none is
	beat   = 16 * time.Millisecond  // between ticks for the model: a screen's frame
)

// View is one customer's screen.
type View struct {
	act    Actions
	speak  words.Speaker
	frame  *holder
	screen *screen
	bar    *bar
	meter  *meter
	plain  *plain
	queued atomic.Bool   // show will be called on Fyne's goroutine
	looks  atomic.Bool   // look will be
	stir   chan struct{} // one place: Run is to think again how often it is needed
	handle func(fyne.Window) uint32

	// The following belong to Fyne's goroutine.
	canvas fyne.Canvas // in which the view is, or was
	window fyne.Window
	tried  bool // a painter was asked for in this window
	size   image.Point
	full   bool
	over   bool // a pop-up of the window is open
	seen   bool // in the canvas
	typing *typing

	mu       sync.Mutex // guards the following
	painter  Painter
	keyboard Keyboard
	state    remote.State
	at       image.Point // where the screen is in its window, device pixels
	covered  bool        // the painter may not show
	cursor   frame.Cursor
	closed   bool
	before   spent // by painters that are closed
}

// spent is what paintings took.
type spent struct {
	time  time.Duration
	times int
}

func (s spent) and(t time.Duration, times int) spent { return spent{s.time + t, s.times + times} }

// New makes a view that shows nothing yet.
func New(act Actions, speaker words.Speaker) *View {
	v := &View{act: act, speak: speaker, covered: true, handle: look.Handle, plain: &plain{card: act.Card}, stir: make(chan struct{}, 1)}
	v.make()
	return v
}

// make makes what a window shows.
func (v *View) make() {
	v.plain.newRaster()
	v.screen = newScreen(v)
	v.bar = newBar(v)
	v.meter = newMeter(v)
	v.frame = newHolder(v)
}

// Object is what a window shows. Hide it whenever nothing of it can be seen.
func (v *View) Object() fyne.CanvasObject { return v.frame }

// Anew gives a new Object, for another window: Fyne never forgets in which
// window an object was first. The old one shows nothing any more.
func (v *View) Anew() fyne.CanvasObject {
	v.screen.setFocus(false)
	v.detach()
	v.canvas, v.window, v.tried, v.seen = nil, nil, false, false
	v.make()
	v.show()
	v.plain.refresh()
	return v.frame
}

// Places tells where things are, for tests that use the program through the
// screen. "viewer" is the picture itself.
func (v *View) Places() map[string]look.Place {
	objects := v.bar.objects()
	if v.meter.stripe.Visible() {
		objects["speed-says"] = v.meter.verdict
	}
	if v.bar.open != nil {
		objects["tool-menu"] = v.bar.open
	}
	if v.typing != nil {
		objects["type-entry"], objects["type-now"] = v.typing.entry, v.typing.now
	}
	places := look.Places(objects)
	if p, ok := look.Seen(v.frame); ok {
		v.mu.Lock()
		out := v.state.Out.Intersect(image.Rectangle{Max: v.state.View}).Add(v.at)
		v.mu.Unlock()
		p.X, p.Y, p.W, p.H = out.Min.X, out.Min.Y, out.Dx(), out.Dy()
		if !out.Empty() {
			places["viewer"] = p
		}
	}
	return places
}

// Run follows the window the view is in and beats time for the model, until
// ctx ends. It is idle as long as it can.
func (v *View) Run(ctx context.Context) {
	looking := time.NewTicker(rest)
	defer looking.Stop()
	ticking := time.NewTicker(time.Hour)
	defer ticking.Stop()
	var looks, ticks time.Duration
	for {
		if l, t := v.pace(); l != looks || t != ticks {
			looks, ticks = l, t
			looking.Reset(l)
			ticking.Stop()
			if t > 0 {
				ticking.Reset(t)
			}
			v.lookSoon()
		}
		select {
		case <-ctx.Done():
			return
		case <-v.stir:
		case <-looking.C:
			v.lookSoon()
		case <-ticking.C:
			v.act.Do(remote.Tick{})
		}
	}
}

// pace is how often look is to be called, and how often a Tick is wanted; 0 is
// not at all.
func (v *View) pace() (looks, ticks time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	looks = rest
	if v.state.Granted.Has(wire.View) {
		looks = glance
	}
	switch {
	case v.state.Ticking:
		ticks = beat
	case v.state.Meter && v.state.Speed.Pictures > 0:
		ticks = time.Second
	}
	return looks, ticks
}

// lookSoon has look called on Fyne's goroutine.
func (v *View) lookSoon() {
	if v.looks.CompareAndSwap(false, true) {
		fyne.Do(func() {
			v.looks.Store(false)
			v.look()
		})
	}
}

// Show draws a State.
func (v *View) Show(s remote.State) {
	v.mu.Lock()
	gone := !v.state.Out.Empty() && s.Picture == (image.Point{})
	v.state = s
	if gone {
		v.forgetLocked()
	}
	v.aimLocked()
	v.mu.Unlock()
	select {
	case v.stir <- struct{}{}:
	default: // it will
	}
	if v.queued.CompareAndSwap(false, true) {
		fyne.Do(v.show)
	}
}

// forgetLocked leaves no picture of a screen that is not shared any more.
func (v *View) forgetLocked() {
	v.plain.draw(frame.Image{}, nil)
	if v.painter != nil {
		v.painter.Draw(frame.Image{}, nil)
	}
}

// aimLocked tells both painters what to show.
func (v *View) aimLocked() {
	if v.painter != nil {
		v.painter.Set(v.state.Scene(v.at, v.covered))
	}
	v.plain.set(v.state.Scene(image.Point{}, !v.plainLocked()))
}

// plainLocked says whether Fyne is to show the picture.
func (v *View) plainLocked() bool { return v.painter == nil || v.covered || v.plain.fast.Load() }

// Draw shows the damaged parts of the customer's picture. It returns when they
// are copied.
func (v *View) Draw(m frame.Image, damage []frame.Rect) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return
	}
	if v.painter != nil {
		v.painter.Draw(m, damage)
	}
	if v.plainLocked() {
		v.plain.draw(m, damage)
	}
}

// Painted is how long the pictures took from Draw until they were on the
// screen, in all, and how many there were.
func (v *View) Painted() (time.Duration, int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	all := v.before.and(v.plain.spent())
	if v.painter != nil {
		all = all.and(v.painter.Painted())
	}
	return all.time, all.times
}

// Cursor shows the shape of the customer's pointer.
func (v *View) Cursor(c frame.Cursor) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cursor = c
	if v.painter != nil {
		v.painter.Cursor(c)
	}
	v.plain.cursor(c)
}

// Hold takes the keyboard or gives it back.
func (v *View) Hold(on bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.keyboard != nil {
		v.keyboard.Hold(on)
	}
}

// Close ends painter and keyboard. The view is not used afterwards.
func (v *View) Close() {
	v.mu.Lock()
	v.closed = true
	v.mu.Unlock()
	v.detach()
}

// detach takes painter and keyboard away. Their ends may wait for events on
// their way to the model, so no lock is held.
func (v *View) detach() {
	v.mu.Lock()
	p, k := v.painter, v.keyboard
	if p != nil {
		v.before = v.before.and(p.Painted())
	}
	if p != nil && !v.closed && !v.plain.fast.Load() {
		v.plain.draw(p.Snapshot(), nil)
	}
	v.painter, v.keyboard = nil, nil
	v.aimLocked()
	v.mu.Unlock()
	end(p, k)
}

// look sees where the view is now, and whether something lies over it. There
// is nothing in Fyne that would tell.
func (v *View) look() {
	c := fyne.CurrentApp().Driver().CanvasForObject(v.screen)
	seen := c != nil && v.frame.Visible()
	if c != v.canvas && seen {
		v.detach()
		v.canvas, v.window, v.tried = c, windowOf(c), false
	}
	if seen {
		if !v.seen {
			v.meter.shortcut(c) // several views share a window, one is seen
		}
		v.place(c)
		v.attach()
	}
	v.seen = seen
	over := seen && c.Overlays().Top() != nil
	if over != v.over {
		v.over = over
		v.screen.setFocus(!over && seen && c.Focused() == fyne.Focusable(v.screen))
	}
	v.cover(!seen || over)
}

// cover hides the native painter, or shows it again. Meanwhile Fyne paints, so
// that the picture goes on beneath a pop-up.
func (v *View) cover(covered bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if covered == v.covered {
		return
	}
	v.covered = covered
	if covered && v.painter != nil && !v.plain.fast.Load() {
		v.plain.draw(v.painter.Snapshot(), nil)
	}
	v.aimLocked()
}

// place measures the view in device pixels.
func (v *View) place(c fyne.Canvas) {
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(v.screen)
	at := pixels(pos, c.Scale())
	size := pixels(pos.Add(v.screen.Size()), c.Scale()).Sub(at)
	v.mu.Lock()
	if at != v.at {
		v.at = at
		v.aimLocked()
	}
	v.mu.Unlock()
	if size != v.size {
		v.size = size
		v.act.Do(remote.Resize{Size: size})
	}
	if v.window == nil {
		return
	}
	if full := v.window.FullScreen(); full != v.full {
		v.full = full
		v.act.Do(remote.SetFull{On: full})
	}
}

// attach opens painter and keyboard, once for each window.
func (v *View) attach() {
	if v.tried || v.act.Painter == nil {
		return
	}
	handle := v.handle(v.window)
	if handle == 0 {
		return // not on screen yet
	}
	if v.act.Card != nil && !v.plain.asked.Load() {
		return // nothing is painted yet: nobody knows who can
	}
	v.tried = true
	p, err := v.act.Painter(handle, v.plain.fast.Load())
	if err != nil {
		return // Fyne paints
	}
	var k Keyboard
	if v.act.Keyboard != nil {
		if k, err = v.act.Keyboard(p.ID()); err != nil {
			k = nil // Fyne reads
		}
	}
	v.mu.Lock()
	closed := v.closed
	if !closed {
		p.Cursor(v.cursor)
		p.Draw(v.plain.snapshot(), nil)
		v.painter, v.keyboard = p, k
		v.aimLocked()
		if k != nil && v.state.Captured {
			k.Hold(true)
		}
	}
	v.mu.Unlock()
	if closed {
		end(p, k)
	}
}

// end closes a painter and its keyboard, either of which may be nil.
func end(p Painter, k Keyboard) {
	if k != nil {
		k.Close()
	}
	if p != nil {
		p.Close()
	}
}

// show draws the newest State on Fyne's goroutine.
func (v *View) show() {
	v.queued.Store(false)
	v.mu.Lock()
	s := v.state
	v.mu.Unlock()
	v.bar.show(s)
	v.meter.show(s)
	v.screen.show(s)
	v.frame.arrange(s)
}

// pixels is a place in device pixels, rounded as Fyne rounds it.
func pixels(p fyne.Position, scale float32) image.Point {
	return image.Pt(int(math.Round(float64(p.X*scale))), int(math.Round(float64(p.Y*scale))))
}

// windowOf finds the window of a canvas.
func windowOf(c fyne.Canvas) fyne.Window {
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		if w.Canvas() == c {
			return w
		}
	}
	return nil
}
