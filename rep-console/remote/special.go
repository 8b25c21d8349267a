package remote

import "handrail/shared/wire"

// Special is a key combination that the rep's own system would take for
// itself, and that is therefore sent from a menu.
type Special uint8

// The special keys, in the order of the menu.
const (
	CtrlAltDel Special = iota + 1
	Super
	SuperL
	SuperR
	AltTab
	AltF4
	CtrlEsc
	CtrlShiftEsc
	PrintScreen
	AltPrintScreen
	Pause
	Escape
)

// Specials lists all of them for a menu.
func Specials() []Special {
	return []Special{CtrlAltDel, Super, SuperL, SuperR, AltTab, AltF4, CtrlEsc, CtrlShiftEsc, PrintScreen, AltPrintScreen, Pause, Escape}
}

// The keys of the combinations as usages of page 7 of the USB HID usage
// tables 1.12.
const (
	keyL, keyR       = 0x0F, 0x15
	keyEsc, keyTab   = 0x29, 0x2B
	keyF4            = 0x3D
	keyPrint         = 0x46
	keyPause         = 0x48
	keyDelete        = 0x4C
	keyCtrl          = 0xE0
	keyShift, keyAlt = 0xE1, 0xE2
	keySuper         = 0xE3
)

// usages are the keys of a combination in the order in which they go down.
func (s Special) usages() []uint16 {
	switch s {
	case CtrlAltDel:
		return []uint16{keyCtrl, keyAlt, keyDelete}
	case Super:
		return []uint16{keySuper}
	case SuperL:
		return []uint16{keySuper, keyL}
	case SuperR:
		return []uint16{keySuper, keyR}
	case AltTab:
		return []uint16{keyAlt, keyTab}
	case AltF4:
		return []uint16{keyAlt, keyF4}
	case CtrlEsc:
		return []uint16{keyCtrl, keyEsc}
	case CtrlShiftEsc:
		return []uint16{keyCtrl, keyShift, keyEsc}
	case PrintScreen:
		return []uint16{keyPrint}
	case AltPrintScreen:
		return []uint16{keyAlt, keyPrint}
	case Pause:
		return []uint16{keyPause}
	case Escape:
		return []uint16{keyEsc}
	}
	return nil
}

// special presses the keys of a combination and lets go in reverse. What the
// rep holds at that moment is let go first, or it would join in.
func (m *Model) special(s Special) {
	keys := s.usages()
	if !m.s.Controls || len(keys) == 0 {
		return
	}
	m.release()
	var mods wire.Mods
	for _, k := range keys {
		m.send(wire.Key{Seq: m.next(), Usage: k, Down: true, Mods: mods, Base: base(k)})
		mods |= modifier(k)
	}
	for i := len(keys) - 1; i >= 0; i-- {
		mods &^= modifier(keys[i])
		m.send(wire.Key{Seq: m.next(), Usage: keys[i], Mods: mods, Base: base(keys[i])})
	}
}

// base is the letter of a key, by which the customer's side finds it on
// another layout.
func base(usage uint16) rune {
	switch usage {
	case keyL:
		return 'l'
	case keyR:
		return 'r'
	}
	return 0
}

// modifier is what a key modifies.
func modifier(usage uint16) wire.Mods {
	switch usage {
	case keyCtrl:
		return wire.ModCtrl
	case keyShift:
		return wire.ModShift
	case keyAlt:
		return wire.ModAlt
	case keySuper:
		return wire.ModSuper
	}
	return 0
}
