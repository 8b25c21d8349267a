// Package grab reads the rep's keyboard and pointer straight from the window
// system while the viewer has the focus, so that Alt+Tab and Super reach the
// customer's computer too, no release gets lost, and nothing waits for the
// toolkit's next tick.
//
//	g, err := grab.Open(window, show)
//	g.Hold(true)  // when the viewer gets the focus: show(Held{}) follows
//	g.Hold(false) // when it may go; the focus leaving does the same
//	g.Close()
//
// On X11 the keyboard is grabbed (core protocol), and the pointer is read by an
// invisible input-only child window that covers the viewer, which gets even
// releases far outside. While it is there the toolkit sees neither. Tapping the
// right Ctrl key twice always gives the keyboard back.
//
// Where Open says ErrNotHere the toolkit's own events have to do. So they have
// for input methods: those are bypassed while the keyboard is held.
package grab

import (
	"errors"

	"handrail/shared/keys"
	"handrail/shared/wire"
)

// ErrNotHere means that this system has no native way to read input.
var ErrNotHere = errors.New("grab: not on this system")

// Event is something that happened. Places are pixels of the window (or of
// what Place made of it), and may lie outside while a button is down.
type Event interface{ event() }

// Held says that keyboard and pointer are read from now on.
type Held struct{}

// Lost says that they no longer are: everything that was down counts as let
// go. ByHand tells that the way out was used, and not the focus lost.
type Lost struct{ ByHand bool }

// Key is a key, ready but for its Seq. Dead keys come only as part of the text
// they make.
type Key struct{ wire.Key }

// Locks are the lock keys, at first and whenever they change, ready but for
// their Seq.
type Locks struct{ wire.Locks }

// Button is a mouse button, numbered as in wire.Button.
type Button struct {
	Button uint8
	Down   bool
	X, Y   int
}

// Wheel is a turn in 1/120 of a notch; positive is right and down.
type Wheel struct {
	DX, DY int32
	X, Y   int
}

// Motion is where the pointer is.
type Motion struct{ X, Y int }

func (Held) event()   {}
func (Lost) event()   {}
func (Key) event()    {}
func (Locks) event()  {}
func (Button) event() {}
func (Wheel) event()  {}
func (Motion) event() {}

// tapTime is how long the two taps of the way out may take, in milliseconds,
// from the first press to the last release: a double click and a bit.
const tapTime = 700

// wayOut recognises two taps of one key with nothing in between.
type wayOut struct {
	usage uint16
	edges int    // how many edges of the four have come
	since uint32 // when the first came
}

// edge takes every press and release, with its time in milliseconds, and says
// whether it completed the way out.
func (w *wayOut) edge(usage uint16, down bool, at uint32) bool {
	wanted := usage == w.usage && usage != keys.None && down == (w.edges%2 == 0)
	if wanted && w.edges > 0 && at-w.since > tapTime {
		w.edges, wanted = 0, down
	}
	if !wanted {
		w.edges = 0
		// A press can still be the first of the two.
		if usage != w.usage || !down {
			return false
		}
	}
	if w.edges == 0 {
		w.since = at
	}
	w.edges++
	if w.edges < 4 {
		return false
	}
	w.edges = 0
	return true
}

// button is X11's or Windows' number as wire.Button counts, or 0.
func button(x byte) uint8 {
	switch x {
	case 1, 2, 3:
		return x
	case 8, 9: // back and forward: 4 to 7 are the wheels
		return x - 4
	}
	return 0
}

// turn is the wheel's turn of one of X11's buttons 4 to 7.
func turn(x byte) (dx, dy int32) {
	const notch = 120
	switch x {
	case 4:
		return 0, -notch
	case 5:
		return 0, notch
	case 6:
		return -notch, 0
	case 7:
		return notch, 0
	}
	return 0, 0
}
