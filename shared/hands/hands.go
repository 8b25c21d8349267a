// Package hands moves the pointer and presses keys on this computer for
// somebody else: XTEST on X11, SendInput on Windows.
//
// It is also where consent is enforced. What it injects never reaches a
// window of Handrail itself (see Protect), and while a prompt is open it
// injects nothing at all (see ShutGate).
//
// Text arrives whatever the two keyboards are. A key that makes a character is
// pressed as the key that makes it here; a character that no key makes borrows
// an unused key for a moment (X11) or travels by itself (Windows). Shortcuts
// go by their letter, everything else by the place of the key. Caps Lock and
// Num Lock follow Locks and not their keys.
//
//	h, err := hands.Open("")
//	h.Protect(window)
//	err = h.Key(wire.Key{Usage: 0x04, Down: true, Text: "a"})
//	h.Close() // lets go of everything, and the keyboard map is as before
//
// All methods may be called from any goroutine; each event is whole before the
// next begins.
package hands

import (
	"errors"
	"strings"
	"unicode"

	"handrail/shared/keys"
	"handrail/shared/wire"
)

// What a caller can branch on. Refused input is dropped for good: its release
// is dropped too, and nothing stays pressed.
var (
	ErrNotHere   = errors.New("hands: input can't be injected on this system")
	ErrOwnWindow = errors.New("hands: refused, a window of Handrail would get it")
	ErrShut      = errors.New("hands: refused, a prompt is open")
	ErrBusy      = errors.New("hands: refused, a mouse button of this computer is down")
	ErrNoKey     = errors.New("hands: no key can make this text")
	ErrClosed    = errors.New("hands: closed")
)

// notch is what a wheel turns per click, in wire.Wheel's unit.
const notch = 120

// maxNotches bounds the clicks of one wheel event; more is no hand's doing.
const maxNotches = 50

// path is how a key is passed on.
type path uint8

const (
	byPlace path = iota
	byText
	byLetter
	notAtAll
)

// commands are the modifiers that turn text into commands.
const commands = wire.ModCtrl | wire.ModAlt | wire.ModSuper

// choose decides how k is pressed. AltGr makes text; on Windows it shows as
// Ctrl and Alt besides.
func choose(k wire.Key) path {
	text := printable(k.Text)
	altGr := k.Mods&wire.ModAltGr != 0
	switch {
	case k.Usage == keys.CapsLock, k.Usage == keys.NumLock:
		return notAtAll // the state of locks comes by Locks
	case k.Usage == keys.RightAlt && altGr:
		return notAtAll // it only chose the text, which comes by itself
	case keys.IsModifier(k.Usage):
		return byPlace
	case k.Mods&commands != 0 && !(altGr && text):
		if k.Base > ' ' && k.Base < unicode.MaxASCII {
			return byLetter
		}
		return byPlace
	case text:
		return byText
	}
	return byPlace
}

// printable says whether s is text to be typed, and not what Enter, Tab or
// Ctrl with a letter make.
func printable(s string) bool {
	return s != "" && strings.IndexFunc(s, unicode.IsControl) < 0
}

// keyOf is the key for a character that is typed but isn't printed, or
// keys.None.
func keyOf(r rune) uint16 {
	switch r {
	case '\n', '\r':
		return keys.Enter
	case '\t':
		return keys.Tab
	case '\b', '\x7f':
		return keys.Backspace
	case '\x1b':
		return keys.Escape
	}
	return keys.None
}

// lines makes every end of a line one character.
func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// wheel adds up turns and gives out whole notches.
type wheel struct{ dx, dy int64 }

func (w *wheel) turn(dx, dy int32) (right, down int) {
	w.dx += int64(dx)
	w.dy += int64(dy)
	right = int(max(min(w.dx/notch, maxNotches), -maxNotches))
	down = int(max(min(w.dy/notch, maxNotches), -maxNotches))
	w.dx %= notch
	w.dy %= notch
	return right, down
}
