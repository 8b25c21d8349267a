package remoteview

import (
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"handrail/rep-console/remote"
	"handrail/shared/wire"
)

// turn puts together what Fyne tells in pieces. A press comes as key down,
// typed key and typed rune, in this order and in one go; a repeat as the last
// two; a dead key makes its rune together with the next key. So a key waits
// for its rune until the next event, or until flush.
type turn struct {
	do      func(remote.Event)
	usage   func(scan int) uint16
	waiting bool
	key     remote.Key
	scan    int             // of key
	held    map[uint16]bool // usages
}

func newTurn(do func(remote.Event), usage func(int) uint16) *turn {
	return &turn{do: do, usage: usage, held: map[uint16]bool{}}
}

// down takes a press.
func (t *turn) down(e *fyne.KeyEvent) {
	t.flush()
	u := t.usageOf(e)
	t.key, t.scan, t.waiting = remote.Key{Usage: u, Down: true, Mods: t.mods(), Base: letter(e)}, e.Physical.ScanCode, true
	t.held[u] = true
}

// typed takes a typed key: a repeat, if it does not belong to a press.
func (t *turn) typed(e *fyne.KeyEvent) {
	if t.waiting && t.scan == e.Physical.ScanCode {
		return
	}
	t.flush()
	u := t.usageOf(e)
	if !t.held[u] {
		return
	}
	t.key, t.scan, t.waiting = remote.Key{Usage: u, Down: true, Repeat: true, Mods: t.mods(), Base: letter(e)}, e.Physical.ScanCode, true
}

// rune takes what a key has made. Without a key it comes from an input method.
func (t *turn) rune(r rune) {
	switch {
	case !t.waiting:
		t.do(remote.TypeText{Text: string(r)})
	case len(t.key.Text)+utf8.RuneLen(r) <= wire.MaxKeyText:
		t.key.Text += string(r)
	}
}

// up takes a release.
func (t *turn) up(e *fyne.KeyEvent) {
	t.flush()
	u := t.usageOf(e)
	delete(t.held, u)
	t.do(remote.Key{Usage: u, Mods: t.mods(), Base: letter(e)})
}

// flush tells of the key that waits.
func (t *turn) flush() {
	if t.waiting {
		t.waiting = false
		t.do(t.key)
	}
}

// reset forgets what is held: the focus is gone.
func (t *turn) reset() {
	t.waiting = false
	clear(t.held)
}

func (t *turn) usageOf(e *fyne.KeyEvent) uint16 {
	if t.usage == nil {
		return 0
	}
	return t.usage(e.Physical.ScanCode)
}

// mods are the modifiers that are held, told by page 7 of the USB HID usage
// tables 1.12. The right Alt key is AltGr, as X and Windows have it on every
// layout that needs one.
func (t *turn) mods() wire.Mods {
	var m wire.Mods
	for u := range t.held {
		switch u {
		case 0xE0, 0xE4:
			m |= wire.ModCtrl
		case 0xE1, 0xE5:
			m |= wire.ModShift
		case 0xE2:
			m |= wire.ModAlt
		case 0xE6:
			m |= wire.ModAltGr
		case 0xE3, 0xE7:
			m |= wire.ModSuper
		}
	}
	return m
}

// letter is a key's own letter: Fyne names keys by it.
func letter(e *fyne.KeyEvent) rune {
	if r, n := utf8.DecodeRuneInString(string(e.Name)); n == len(e.Name) && n > 0 {
		return unicode.ToLower(r)
	}
	return 0
}

// buttons follows the mouse buttons. Fyne tells of a release only over the
// object, but with each move which buttons are down.
type buttons struct {
	down desktop.MouseButton // a set
}

// number is a button in the counting of package wire; 0 for those that Fyne
// cannot tell apart.
func number(b desktop.MouseButton) uint8 {
	switch b {
	case desktop.MouseButtonPrimary:
		return 1
	case desktop.MouseButtonTertiary:
		return 2
	case desktop.MouseButtonSecondary:
		return 3
	}
	return 0
}

// missed are the buttons that have come up without a word, given those that
// are down now.
func (b *buttons) missed(now desktop.MouseButton) []uint8 {
	var up []uint8
	for _, one := range []desktop.MouseButton{desktop.MouseButtonPrimary, desktop.MouseButtonTertiary, desktop.MouseButtonSecondary} {
		if b.down&one != 0 && now&one == 0 {
			up = append(up, number(one))
		}
	}
	b.down &= now
	return up
}
