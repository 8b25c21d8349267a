package wire

// The rep's input: edges (keys, buttons, wheel) on a stream of their own, in
// order; pointer moves as datagrams. Hand-written, because they are the
// hottest messages there are: see PROTOCOL.md, "Input".

// Input is one event from the rep's hands.
type Input interface{ input() }

// Edge is the number of an edge, 0 of a move.
func Edge(in Input) uint64 {
	switch e := in.(type) {
	case Key:
		return e.Seq
	case Typed:
		return e.Seq
	case Button:
		return e.Seq
	case Wheel:
		return e.Seq
	case Locks:
		return e.Seq
	case Release:
		return e.Seq
	}
	return 0
}

// Limits of the input format.
const (
	MaxInput     = 4 << 10 // bytes of one event
	MaxTypedText = 2 << 10 // bytes of Typed.Text
	MaxKeyText   = 32      // bytes of Key.Text
)

// Mods are the modifiers the rep holds.
type Mods uint8

const (
	ModShift Mods = 1 << iota
	ModCtrl
	ModAlt
	ModSuper
	ModAltGr
)

// Key is a key going down or up. Usage is the USB HID usage of page 7 (where
// the key is); Text what it makes on the rep's layout (empty for keys without
// text); Base the letter it makes without modifiers, for shortcuts.
type Key struct {
	Seq    uint64 // counts edges, from 1
	Usage  uint16
	Down   bool
	Repeat bool
	Mods   Mods
	Base   rune
	Text   string
}

// Typed is text to be typed as it is, whatever the keys.
type Typed struct {
	Seq  uint64
	Text string
}

// Button is a mouse button going down or up at a place. Button counts from 1:
// left, middle, right, back, forward.
type Button struct {
	Seq     uint64
	Button  uint8
	Down    bool
	Monitor uint8  // 0: X and Y span the whole desktop
	X, Y    uint16 // 1/65536 of the monitor's width and height
}

// Wheel turns by DX, DY in 1/120 of a notch; positive is right and down.
type Wheel struct {
	Seq     uint64
	DX, DY  int32
	Monitor uint8
	X, Y    uint16
}

// Locks says which lock keys are on at the rep's.
type Locks struct {
	Seq               uint64
	Caps, Num, Scroll bool
}

// Release lets go of everything that is down.
type Release struct{ Seq uint64 }

// Move puts the pointer somewhere. After is the Seq of the last edge before
// it: a move that comes late must not pass an edge.
type Move struct {
	After   uint64
	Monitor uint8
	X, Y    uint16
}

func (Key) input()     {}
func (Typed) input()   {}
func (Button) input()  {}
func (Wheel) input()   {}
func (Locks) input()   {}
func (Release) input() {}
func (Move) input()    {}
