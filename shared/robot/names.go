package robot

import (
	"strings"

	"handrail/shared/wire"
)

// special are robotgo's names of keys, by HID usage (page 7).
var special = map[uint16]string{
	0x28: "enter", 0x29: "esc", 0x2a: "backspace", 0x2b: "tab", 0x2c: "space",
	0x3a: "f1", 0x3b: "f2", 0x3c: "f3", 0x3d: "f4", 0x3e: "f5", 0x3f: "f6",
	0x40: "f7", 0x41: "f8", 0x42: "f9", 0x43: "f10", 0x44: "f11", 0x45: "f12",
	0x46: "printscreen", 0x49: "insert", 0x4a: "home", 0x4b: "pageup", 0x4c: "delete",
	0x4d: "end", 0x4e: "pagedown", 0x4f: "right", 0x50: "left", 0x51: "down", 0x52: "up",
	0xe0: "lctrl", 0xe1: "lshift", 0xe2: "lalt", 0xe3: "lcmd",
	0xe4: "rctrl", 0xe5: "rshift", 0xe6: "ralt", 0xe7: "rcmd",
}

// named is robotgo's name of a key, or "": a shortcut goes by its letter.
func named(k wire.Key) string {
	if name := special[k.Usage]; name != "" {
		return name
	}
	if k.Base > ' ' && k.Base < 0x7f {
		return strings.ToLower(string(k.Base))
	}
	return ""
}
