package grab

import (
	"unicode"

	"handrail/shared/keys"
	"handrail/shared/wire"
)

// keyboard turns X11's key events into Handrail's.
type keyboard struct {
	keymap *keys.Keymap
	down   map[byte]bool // keys whose press was told
	dead   map[byte]bool // dead keys whose release is not to be told either
	marks  keys.Composer
}

func (b *keyboard) reset() {
	b.down, b.dead = map[byte]bool{}, map[byte]bool{}
	b.marks.Forget()
}

// edge makes an event of a key going down or up. State is X11's, from before
// the edge.
func (b *keyboard) edge(code byte, down bool, state uint16) (wire.Key, bool) {
	k := wire.Key{Usage: keys.FromX11(code), Down: down, Mods: b.mods(code, down, state)}
	if k.Usage == keys.None {
		return k, false
	}
	if !down {
		if b.dead[code] {
			delete(b.dead, code)
			return k, false
		}
		told := b.down[code]
		delete(b.down, code)
		return k, told
	}
	if b.dead[code] {
		return k, false
	}
	k.Repeat = b.down[code]
	k.Base = b.base(code, state)
	if b.keymap.Mask(code) == 0 {
		text, wait := b.text(code, state, k.Mods)
		if wait {
			b.dead[code] = true
			return k, false
		}
		k.Text = text
	}
	b.down[code] = true
	return k, true
}

// text is what a press makes, and whether a dead key waits for the next.
func (b *keyboard) text(code byte, state uint16, mods wire.Mods) (text string, wait bool) {
	if mods&(wire.ModCtrl|wire.ModAlt|wire.ModSuper) != 0 {
		return "", false
	}
	text, wait = b.marks.Press(b.keymap.Sym(code, state))
	if text == "" && !wait {
		b.marks.Forget()
	}
	return text, wait
}

// base is what the key makes without modifiers: in the present group, or, if
// that has no Latin letter, in the first that has.
func (b *keyboard) base(code byte, state uint16) rune {
	now := b.keymap.Text(code, keys.State(0, keys.GroupOf(state)))
	if now < unicode.MaxASCII && now != 0 {
		return now
	}
	for group := range 4 {
		if r := b.keymap.Text(code, keys.State(0, group)); r < unicode.MaxASCII && r != 0 {
			return r
		}
	}
	return now
}

// mods are the modifiers in effect with the key itself counted in.
func (b *keyboard) mods(code byte, down bool, state uint16) wire.Mods {
	if own := b.keymap.Mask(code); down {
		state |= own
	} else {
		state &^= own
	}
	var mods wire.Mods
	for _, m := range []struct {
		mod  wire.Mods
		syms []uint32
	}{
		{wire.ModShift, []uint32{keys.SymShiftLeft, keys.SymShiftRight}},
		{wire.ModCtrl, []uint32{keys.SymCtrlLeft, keys.SymCtrlRight}},
		{wire.ModAlt, []uint32{keys.SymAltLeft, keys.SymAltRight}},
		{wire.ModSuper, []uint32{keys.SymSuperLeft, keys.SymSuperRight}},
		{wire.ModAltGr, []uint32{keys.SymLevel3, keys.SymModeSwitch}},
	} {
		if code, ok := b.keymap.Code(m.syms...); ok && state&b.keymap.Mask(code)&0xff != 0 {
			mods |= m.mod
		}
	}
	return mods
}
