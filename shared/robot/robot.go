// Package robot moves the pointer and presses keys through robotgo: on macOS,
// and where package hands finds no way of its own. It has the same methods as
// hands.Hands, and less to offer: text may come out wrong on layouts unlike the
// American one, lock keys can't be set, there are no side buttons, and X11's
// errors end the process. What it can't do it says.
//
// It doesn't know whose windows are where. Its gate is ShutGate alone: while a
// prompt is open, nothing is injected.
package robot

import (
	"errors"
	"strings"
	"unicode"

	"handrail/shared/keys"
	"handrail/shared/wire"
)

// What a caller can branch on.
var (
	ErrNotHere = errors.New("robot: input can't be injected on this system")
	ErrShut    = errors.New("robot: refused, a prompt is open")
	ErrCant    = errors.New("robot: robotgo can't do this")
	ErrClosed  = errors.New("robot: closed")
)

// notch is what a wheel turns per click, in wire.Wheel's unit; maxNotches
// bounds the clicks of one event.
const (
	notch      = 120
	maxNotches = 50
)

// names are robotgo's names of keys that make no text, by usage. Its names of
// keypad keys are left out: they press other keys.
var names = map[uint16]string{
	keys.Enter: "enter", keys.Escape: "escape", keys.Backspace: "backspace", keys.Tab: "tab", keys.Space: "space",
	keys.Print: "printscreen", keys.Insert: "insert", keys.Home: "home", keys.PageUp: "pageup",
	keys.Delete: "delete", keys.End: "end", keys.PageDown: "pagedown",
	keys.Right: "right", keys.Left: "left", keys.Down: "down", keys.Up: "up",
	keys.PadEnter: "enter", keys.Menu: "menu",
	keys.LeftCtrl: "lctrl", keys.LeftShift: "lshift", keys.LeftAlt: "lalt", keys.LeftSuper: "lcmd",
	keys.RightCtrl: "rctrl", keys.RightShift: "rshift", keys.RightAlt: "ralt", keys.RightSuper: "rcmd",
	0x3a: "f1", 0x3b: "f2", 0x3c: "f3", 0x3d: "f4", 0x3e: "f5", 0x3f: "f6",
	0x40: "f7", 0x41: "f8", 0x42: "f9", 0x43: "f10", 0x44: "f11", 0x45: "f12",
}

// nameOf is what robotgo calls the key to press for k; "" for text and for
// keys it doesn't know.
func nameOf(k wire.Key) string {
	command := k.Mods&(wire.ModCtrl|wire.ModAlt|wire.ModSuper) != 0 && k.Mods&wire.ModAltGr == 0
	switch {
	case k.Usage == keys.RightAlt && k.Mods&wire.ModAltGr != 0:
		return "" // it only chose the text, which comes by itself
	case command && k.Base > ' ' && k.Base < unicode.MaxASCII:
		return strings.ToLower(string(k.Base))
	case printable(k.Text) && !command && k.Usage != keys.Space:
		return ""
	}
	return names[k.Usage]
}

// printable says whether s is text to be typed.
func printable(s string) bool {
	return s != "" && strings.IndexFunc(s, unicode.IsControl) < 0
}

// button is robotgo's name of a mouse button as wire.Button counts.
func button(n uint8) string {
	switch n {
	case 1:
		return "left"
	case 2:
		return "center"
	case 3:
		return "right"
	}
	return ""
}

// notches takes whole notches off what a wheel has turned.
func notches(sum *int64, turned int32) int {
	*sum += int64(turned)
	n := *sum / notch
	*sum %= notch
	return int(max(min(n, maxNotches), -maxNotches))
}
