package window

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/x11"
)

// Numbers of the Extended Window Manager Hints 1.5.
const (
	stateRemove = 0
	stateAdd    = 1
	sourcePager = 2 // a pager: the user asked for it
)

// display is a window on a connection to its display.
type display struct {
	x    *xgb.Conn
	id   xproto.Window
	root xproto.Window
}

// open connects for one call. Calls are as rare as nudges.
func open(id uint32) (*display, error) {
	x, err := x11.Dial("")
	if err != nil {
		return nil, err
	}
	return &display{x: x, id: xproto.Window(id), root: xproto.Setup(x).DefaultScreen(x).Root}, nil
}

// Raise brings a window to the front with the keyboard's focus, from another
// desktop or the task bar too.
//
// Window managers refuse the focus to a program that asks for itself and grant
// it to a pager, behind which they see a person. So there is: the rep.
func Raise(id uint32) error {
	d, err := open(id)
	if err != nil {
		return err
	}
	defer d.x.Close()
	if err := xproto.MapWindowChecked(d.x, d.id).Check(); err != nil {
		return fmt.Errorf("showing the window: %w", err)
	}
	return d.activate()
}

// Shake moves a window right and left for half a second, above windows that
// insist on staying in front. It ends exactly where it began, also when ctx
// ends before.
func Shake(ctx context.Context, id uint32) error {
	d, err := open(id)
	if err != nil {
		return err
	}
	defer d.x.Close()
	move, err := d.mover()
	if err != nil {
		return err
	}
	above, err := d.atom("_NET_WM_STATE_ABOVE")
	if err != nil {
		return err
	}
	stays, err := d.lists(d.id, "_NET_WM_STATE", above)
	if err != nil {
		return err
	}
	if !stays {
		if err := d.tell("_NET_WM_STATE", stateAdd, above, 0, sourcePager); err != nil {
			return err
		}
	}
	tick := time.NewTicker(beat)
	defer tick.Stop()
	err = shake(ctx, tick.C, d.where, move)
	if !stays {
		// Leaving the upper layer may put it behind its neighbours.
		err = errors.Join(err, d.tell("_NET_WM_STATE", stateRemove, above, 0, sourcePager), d.activate())
	}
	return err
}

// activate asks for the front and the focus.
func (d *display) activate() error {
	return d.tell("_NET_ACTIVE_WINDOW", sourcePager, xproto.TimeCurrentTime, 0)
}

// lists says whether a property of a window, a list of atoms, has one in it.
func (d *display) lists(window xproto.Window, property string, wanted uint32) (bool, error) {
	name, err := d.atom(property)
	if err != nil {
		return false, err
	}
	const longest = 4096 // words; window managers list about a hundred
	r, err := xproto.GetProperty(d.x, false, window, xproto.Atom(name), xproto.AtomAtom, 0, longest).Reply()
	if err != nil {
		return false, fmt.Errorf("reading %s: %w", property, err)
	}
	for b := r.Value; r.Format == 32 && len(b) >= 4; b = b[4:] {
		if xgb.Get32(b) == wanted {
			return true, nil
		}
	}
	return false, nil
}

// atom is the number of a name, as messages carry it.
func (d *display) atom(name string) (uint32, error) {
	a, err := x11.Atom(d.x, name)
	return uint32(a), err
}

// tell sends the window manager a message about the window.
func (d *display) tell(message string, data ...uint32) error {
	kind, err := d.atom(message)
	if err != nil {
		return err
	}
	words := make([]uint32, 5)
	copy(words, data)
	e := xproto.ClientMessageEvent{
		Format: 32, Window: d.id, Type: xproto.Atom(kind),
		Data: xproto.ClientMessageDataUnionData32New(words),
	}
	err = xproto.SendEventChecked(d.x, false, d.root,
		xproto.EventMaskSubstructureRedirect|xproto.EventMaskSubstructureNotify, string(e.Bytes())).Check()
	if err != nil {
		return fmt.Errorf("telling the window manager %s: %w", message, err)
	}
	return nil
}

// where is the place of the window itself, without the window manager's frame,
// on the screen.
func (d *display) where() (x, y int, err error) {
	t, err := xproto.TranslateCoordinates(d.x, d.id, d.root, 0, 0).Reply()
	if err != nil {
		return 0, 0, fmt.Errorf("reading the window's place: %w", err)
	}
	return int(t.DstX), int(t.DstY), nil
}

// mover says how the window is put somewhere: by the window manager where one
// rules, directly otherwise. Asking it with static gravity makes the position
// that of the window itself, whatever frame it has and whatever gravity the
// toolkit has set.
func (d *display) mover() (move func(x, y int) error, err error) {
	const message = "_NET_MOVERESIZE_WINDOW"
	kind, err := d.atom(message)
	if err != nil {
		return nil, err
	}
	manages, err := d.lists(d.root, "_NET_SUPPORTED", kind)
	if err != nil {
		return nil, err
	}
	if manages {
		return func(x, y int) error {
			const hasX, hasY = 1 << 8, 1 << 9
			return d.tell(message, xproto.GravityStatic|hasX|hasY|sourcePager<<12, uint32(int32(x)), uint32(int32(y)))
		}, nil
	}
	return func(x, y int) error {
		err := xproto.ConfigureWindowChecked(d.x, d.id, xproto.ConfigWindowX|xproto.ConfigWindowY,
			[]uint32{uint32(int32(x)), uint32(int32(y))}).Check()
		if err != nil {
			return fmt.Errorf("moving the window: %w", err)
		}
		return nil
	}, nil
}
