package keys

import "unicode"

// Keysyms with a meaning for programs, from keysymdef.h.
const (
	SymNone       uint32 = 0
	SymMultiKey   uint32 = 0xff20
	SymModeSwitch uint32 = 0xff7e
	SymLevel3     uint32 = 0xfe03 // ISO_Level3_Shift, what AltGr usually is
	SymLevel5     uint32 = 0xfe11
	SymNumLock    uint32 = 0xff7f
	SymShiftLeft  uint32 = 0xffe1
	SymShiftRight uint32 = 0xffe2
	SymCtrlLeft   uint32 = 0xffe3
	SymCtrlRight  uint32 = 0xffe4
	SymMetaLeft   uint32 = 0xffe7
	SymMetaRight  uint32 = 0xffe8
	SymAltLeft    uint32 = 0xffe9
	SymAltRight   uint32 = 0xffea
	SymSuperLeft  uint32 = 0xffeb
	SymSuperRight uint32 = 0xffec
)

// symUnicode added to a code point above Latin-1 is its keysym (X protocol,
// appendix A).
const symUnicode = 0x01000000

// Rune is the character a keysym stands for; 0 for function keys, dead keys
// and unknown ones.
func Rune(sym uint32) rune {
	switch {
	case sym >= 0x20 && sym <= 0x7e, sym >= 0xa0 && sym <= 0xff:
		return rune(sym)
	case sym >= symUnicode+0x100 && sym <= symUnicode+unicode.MaxRune:
		return rune(sym - symUnicode)
	case sym >= 0xffb0 && sym <= 0xffb9: // keypad digits
		return rune(sym-0xffb0) + '0'
	case sym >= 0xffaa && sym <= 0xffaf: // keypad * + , - . /
		return rune(sym-0xffaa) + '*'
	case sym == 0xffbd:
		return '='
	case sym == 0xff80:
		return ' '
	}
	for _, p := range legacyPages {
		if sym < p.first || sym >= p.first+uint32(len(p.chars)) {
			continue
		}
		i := p.first
		for _, r := range p.chars {
			if i == sym && r != ' ' {
				return r
			}
			i++
		}
	}
	return 0
}

// Sym is a keysym for a character that every program of today understands:
// the Latin-1 or the Unicode one. Control characters have none.
func Sym(r rune) uint32 {
	switch {
	case r >= 0x20 && r <= 0x7e, r >= 0xa0 && r <= 0xff:
		return uint32(r)
	case r >= 0x100 && r <= unicode.MaxRune && (r < 0xd800 || r > 0xdfff):
		return symUnicode + uint32(r)
	}
	return SymNone
}

// isPadSym says whether sym belongs to the keypad.
func isPadSym(sym uint32) bool { return sym >= 0xff80 && sym <= 0xffbd }

// upper is what X clients make of a keysym when Caps Lock is on and the key
// itself doesn't care.
func upper(sym uint32) uint32 {
	r := Rune(sym)
	if r == 0 || isPadSym(sym) {
		return sym
	}
	if u := unicode.ToUpper(r); u != r {
		return Sym(u)
	}
	return sym
}
