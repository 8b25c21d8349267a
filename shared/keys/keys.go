// Package keys knows keyboards: where each key is in the countings of USB, X11
// and Windows, what X11's keysyms mean, and which keys make which text on a
// keyboard map. It is tables and arithmetic; talking to a display is left to
// others.
//
//	m := keys.NewKeymap(layout)
//	s, ok := m.Find('@', state, keys.None) // which key, which modifiers
//	m.Text(s.Code, s.State)                // '@'
package keys

// Usages of page 07 of the USB HID usage tables that have a meaning of their
// own somewhere in Handrail.
const (
	Enter      uint16 = 0x28
	Escape     uint16 = 0x29
	Backspace  uint16 = 0x2a
	Tab        uint16 = 0x2b
	Space      uint16 = 0x2c
	CapsLock   uint16 = 0x39
	Print      uint16 = 0x46
	ScrollLock uint16 = 0x47
	Pause      uint16 = 0x48
	Insert     uint16 = 0x49
	Home       uint16 = 0x4a
	PageUp     uint16 = 0x4b
	Delete     uint16 = 0x4c
	End        uint16 = 0x4d
	PageDown   uint16 = 0x4e
	Right      uint16 = 0x4f
	Left       uint16 = 0x50
	Down       uint16 = 0x51
	Up         uint16 = 0x52
	NumLock    uint16 = 0x53
	PadEnter   uint16 = 0x58
	Menu       uint16 = 0x65
	LeftCtrl   uint16 = 0xe0
	LeftShift  uint16 = 0xe1
	LeftAlt    uint16 = 0xe2
	LeftSuper  uint16 = 0xe3
	RightCtrl  uint16 = 0xe4
	RightShift uint16 = 0xe5
	RightAlt   uint16 = 0xe6
	RightSuper uint16 = 0xe7
)

// None is no key: neither a usage nor a keycode of X11 is ever 0.
const None = 0

// evdevOffset is what X11 adds to Linux's key numbers, whose first is 0, since
// its own begin at 8.
const evdevOffset = 8

// IsModifier says whether usage is a Ctrl, Shift, Alt or Super key.
func IsModifier(usage uint16) bool { return usage >= LeftCtrl && usage <= RightSuper }

// ToX11 is the keycode of an X server with evdev numbering, or None.
func ToX11(usage uint16) uint8 {
	for _, p := range places {
		if p.usage == usage && p.evdev+evdevOffset <= 0xff {
			return uint8(p.evdev + evdevOffset)
		}
	}
	return None
}

// FromX11 is the usage of a keycode, or None.
func FromX11(code uint8) uint16 {
	for _, p := range places {
		if p.evdev+evdevOffset == uint16(code) {
			return p.usage
		}
	}
	return None
}

// ToScan is the set 1 scan code, with its prefix E0 or E1 in the high byte, or
// None.
func ToScan(usage uint16) uint16 {
	for _, p := range places {
		if p.usage == usage {
			return p.scan
		}
	}
	return None
}

// FromScan is the usage of what ToScan gives, or None.
func FromScan(scan uint16) uint16 {
	if scan == None {
		return None
	}
	for _, p := range places {
		if p.scan == scan {
			return p.usage
		}
	}
	return None
}

// FromWindows is the usage of a scan code as Windows messages report it: bit 8
// is the extended flag, and Num Lock and Pause look exchanged, because Windows
// marks Num Lock extended and drops the E1 of Pause.
func FromWindows(code uint16) uint16 {
	switch code {
	case 0x045:
		return Pause
	case 0x145:
		return NumLock
	case 0x136: // right Shift, which some drivers mark extended
		return RightShift
	case 0x054: // Print Screen with Alt held
		return Print
	}
	if code&0x100 != 0 {
		return FromScan(0xe000 | code&0xff)
	}
	return FromScan(code & 0xff)
}
