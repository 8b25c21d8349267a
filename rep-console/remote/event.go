package remote

import (
	"image"
	"time"

	"handrail/shared/wire"
)

// Event is something that happened, at the customer's, on the line or under
// the rep's hands.
type Event interface{ event() }

// Session is what the session says is shared now.
type Session struct {
	Granted  wire.Permission
	Asked    wire.Permission // asked for, no answer yet
	Monitors []wire.Monitor
	Monitor  uint8
	Profile  wire.Profile // what the rep chose pictures to look like
}

// Link is how the connection is.
type Link struct {
	Away   bool // interrupted
	Direct bool // without a relay
	RTT    time.Duration
}

// Picture says how large the customer's picture is, before it is first shown
// and whenever it changes.
type Picture struct{ Size image.Point }

// Pointer says that the customer moved the pointer.
type Pointer wire.Pointer

// Resize gives the view's size in device pixels.
type Resize struct{ Size image.Point }

// Focus says whether the view has the keyboard.
type Focus struct{ On bool }

// Hover says where the rep's pointer is; outside the view too, while a button
// is held.
type Hover struct{ At image.Point }

// Leave says that the rep's pointer left the view.
type Leave struct{}

// Press is a mouse button: 1 left, 2 middle, 3 right, 4 back, 5 forward.
type Press struct {
	Button uint8
	Down   bool
	At     image.Point
}

// Turn is the wheel in notches, right and down positive.
type Turn struct {
	DX, DY float64
	At     image.Point
}

// Key is a key going down or up; see wire.Key for the fields.
type Key struct {
	Usage  uint16
	Down   bool
	Repeat bool
	Mods   wire.Mods
	Base   rune
	Text   string
}

// Locks says which lock keys are on at the rep's.
type Locks struct{ Caps, Num, Scroll bool }

// Lost says that the keyboard is no longer held: the rep took it back by hand,
// or the system gave it to somebody else.
type Lost struct{}

// TypeText types a text as it is, whatever the keyboards.
type TypeText struct{ Text string }

// SetZoom chooses how large the picture is shown.
type SetZoom struct{ Zoom Zoom }

// SetFull says whether the window fills the screen.
type SetFull struct{ On bool }

// SetCapture says whether system keys, such as Alt+Tab, are to go to the
// customer too.
type SetCapture struct{ On bool }

// SetMeter says whether the rep wants to see the Speed.
type SetMeter struct{ On bool }

// Pace is how the way of the pictures went in the last second.
type Pace Speed

// PanBy moves the view over the picture, in pixels right and down.
type PanBy struct{ By image.Point }

// Tick says that time has passed. It is wanted while State.Ticking, and once a
// second with State.Meter.
type Tick struct{}

func (Session) event()    {}
func (Link) event()       {}
func (Picture) event()    {}
func (Pointer) event()    {}
func (Resize) event()     {}
func (Focus) event()      {}
func (Hover) event()      {}
func (Leave) event()      {}
func (Press) event()      {}
func (Turn) event()       {}
func (Key) event()        {}
func (Locks) event()      {}
func (Lost) event()       {}
func (Special) event()    {}
func (TypeText) event()   {}
func (SetZoom) event()    {}
func (SetFull) event()    {}
func (SetCapture) event() {}
func (SetMeter) event()   {}
func (Pace) event()       {}
func (PanBy) event()      {}
func (Tick) event()       {}

// Effect is something to be done.
type Effect interface{ effect() }

// Send sends input to the customer: Move as a datagram, the rest in order.
type Send struct{ Input wire.Input }

// Hold takes the keyboard from the rep's window manager or gives it back.
type Hold struct{ On bool }

func (Send) effect() {}
func (Hold) effect() {}
