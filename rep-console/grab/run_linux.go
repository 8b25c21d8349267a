package grab

import (
	"context"
	"fmt"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/keys"
	"handrail/shared/wire"
	"handrail/shared/x11"
)

// run owns the grab until ctx ends.
func (g *Grab) run(ctx context.Context, in <-chan xgb.Event) {
	ticks := time.NewTicker(retry)
	defer ticks.Stop()
	var next xgb.Event // taken off in while merging motions
	for {
		if next != nil {
			event := next
			next = g.handle(event, in)
			continue
		}
		var tick <-chan time.Time
		if !g.since.IsZero() {
			tick = ticks.C
		}
		select {
		case <-ctx.Done():
			return
		case <-g.called:
			g.obey()
		case <-tick:
			g.try()
		case event, ok := <-in:
			if !ok { // the display is gone
				g.lose(false)
				return
			}
			next = g.handle(event, in)
		}
	}
}

func (g *Grab) obey() {
	g.mu.Lock()
	orders := g.orders
	g.orders = nil
	g.mu.Unlock()
	for _, f := range orders {
		f()
	}
}

// try takes the keyboard, if the focus is here and nobody else has it.
func (g *Grab) try() {
	ok, err := g.focused()
	if err == nil && !ok || time.Since(g.since) > patience {
		g.since = time.Time{}
		g.tell(Lost{})
		return
	}
	if err != nil || !g.watch() {
		return
	}
	r, err := xproto.GrabKeyboard(g.c, false, g.window, xproto.TimeCurrentTime,
		xproto.GrabModeAsync, xproto.GrabModeAsync).Reply()
	if err != nil || r.Status != xproto.GrabStatusSuccess {
		return
	}
	g.since, g.held = time.Time{}, true
	g.keyboard.reset()
	g.fit()
	xproto.ConfigureWindow(g.c, g.cover, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
	xproto.MapWindow(g.c, g.cover)
	g.tell(Held{})
	g.tellLocks()
}

// fit makes the cover as big as the window.
func (g *Grab) fit() {
	if g.placed {
		return
	}
	if size, err := xproto.GetGeometry(g.c, xproto.Drawable(g.window)).Reply(); err == nil {
		xproto.ConfigureWindow(g.c, g.cover, xproto.ConfigWindowWidth|xproto.ConfigWindowHeight,
			[]uint32{uint32(size.Width), uint32(size.Height)})
	}
}

// letGo gives keyboard and pointer back.
func (g *Grab) letGo() {
	g.since = time.Time{}
	if !g.held {
		return
	}
	g.held = false
	xproto.UnmapWindow(g.c, g.cover)
	xproto.UngrabKeyboard(g.c, xproto.TimeCurrentTime)
	g.keyboard.reset()
}

func (g *Grab) lose(byHand bool) {
	if !g.held {
		return
	}
	g.letGo()
	g.tell(Lost{ByHand: byHand})
}

// family is the window and those around it, up to the root.
func (g *Grab) family() ([]xproto.Window, error) {
	var all []xproto.Window
	for w := g.window; w != g.root && w != xproto.WindowNone; {
		all = append(all, w)
		tree, err := xproto.QueryTree(g.c, w).Reply()
		if err != nil {
			return nil, fmt.Errorf("grab: looking around the window: %w", err)
		}
		w = tree.Parent
	}
	return all, nil
}

// watch has the server tell when the focus leaves or the window goes. Focus
// events come to the window that had the focus and to those around it.
func (g *Grab) watch() bool {
	family, err := g.family()
	if err != nil {
		return false
	}
	for _, w := range family {
		xproto.ChangeWindowAttributes(g.c, w, xproto.CwEventMask,
			[]uint32{xproto.EventMaskFocusChange | xproto.EventMaskStructureNotify})
	}
	return true
}

// focused says whether the focus is on the window, around it or, in the same
// frame, beside it.
func (g *Grab) focused() (bool, error) {
	r, err := xproto.GetInputFocus(g.c).Reply()
	if err != nil {
		return false, fmt.Errorf("grab: asking for the focus: %w", err)
	}
	family, err := g.family()
	if err != nil || len(family) == 0 {
		return false, err
	}
	if r.Focus == xproto.InputFocusPointerRoot || r.Focus == g.root {
		return true, nil // no window manager: the focus is where the pointer is
	}
	frame := family[len(family)-1]
	for w := r.Focus; w != g.root && w != xproto.WindowNone; {
		if w == frame {
			return true, nil
		}
		tree, err := xproto.QueryTree(g.c, w).Reply()
		if err != nil {
			return false, fmt.Errorf("grab: looking around the focus: %w", err)
		}
		w = tree.Parent
	}
	return false, nil
}

// handle takes one event. Motions that wait behind one another count as the
// last; an event met behind them is given back.
func (g *Grab) handle(event xgb.Event, in <-chan xgb.Event) xgb.Event {
	switch e := event.(type) {
	case xproto.KeyPressEvent:
		g.key(byte(e.Detail), true, e.State, uint32(e.Time))
	case xproto.KeyReleaseEvent:
		g.key(byte(e.Detail), false, e.State, uint32(e.Time))
	case xproto.ButtonPressEvent:
		if b := button(byte(e.Detail)); b != 0 {
			g.tell(Button{b, true, int(e.EventX), int(e.EventY)})
		} else if dx, dy := turn(byte(e.Detail)); dx != 0 || dy != 0 {
			g.tell(Wheel{dx, dy, int(e.EventX), int(e.EventY)})
		}
	case xproto.ButtonReleaseEvent:
		if b := button(byte(e.Detail)); b != 0 {
			g.tell(Button{b, false, int(e.EventX), int(e.EventY)})
		}
	case xproto.MotionNotifyEvent:
		for {
			select {
			case event = <-in:
			default:
				event = nil
			}
			later, ok := event.(xproto.MotionNotifyEvent)
			if !ok {
				break
			}
			e = later
		}
		g.tell(Motion{int(e.EventX), int(e.EventY)})
		return event
	case xproto.FocusOutEvent, xproto.FocusInEvent:
		if ok, err := g.focused(); g.held && (err != nil || !ok) {
			g.lose(false)
		}
	case xproto.UnmapNotifyEvent:
		if e.Window != g.cover {
			g.lose(false)
		}
	case xproto.DestroyNotifyEvent:
		g.lose(false)
	case xproto.ConfigureNotifyEvent:
		if e.Window == g.window && g.held {
			g.fit()
		}
	}
	return nil
}

func (g *Grab) key(code byte, down bool, state uint16, at uint32) {
	if !g.held {
		return
	}
	if g.stale.Swap(false) {
		if err := g.readMap(); err != nil {
			g.stale.Store(true) // keep the old one, and try again with the next key
		}
	}
	k, tell := g.keyboard.edge(code, down, state)
	if tell {
		g.tell(Key{k})
	}
	if g.keyboard.keymap.Key(code).Act == keys.ActLock {
		g.tellLocks()
	}
	if !k.Repeat && g.out.edge(k.Usage, down, at) {
		g.lose(true)
	}
}

// tellLocks tells which locks are on.
func (g *Grab) tellLocks() {
	reply, err := x11.Ask(g.c, keys.XkbGetState(g.xkb)).Reply()
	if err != nil {
		return
	}
	s, err := keys.ParseState(reply)
	if err != nil {
		return
	}
	on := func(usage uint16) bool {
		return s.Locked&g.keyboard.keymap.Mask(keys.ToX11(usage)) != 0
	}
	g.tell(Locks{wire.Locks{Caps: on(keys.CapsLock), Num: on(keys.NumLock), Scroll: on(keys.ScrollLock)}})
}

// readMap reads the keyboard map.
func (g *Grab) readMap() error {
	reply, err := x11.Ask(g.c, keys.XkbGetMap(g.xkb)).Reply()
	if err != nil {
		return fmt.Errorf("grab: reading the keyboard map: %w", err)
	}
	layout, err := keys.ParseMap(reply)
	if err != nil {
		return err
	}
	g.keyboard.keymap = keys.NewKeymap(layout)
	return nil
}
