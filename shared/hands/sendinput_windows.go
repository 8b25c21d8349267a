package hands

import (
	"fmt"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"

	"handrail/shared/keys"
)

// The functions and constants of user32 are those of Microsoft's winuser.h.
var (
	user32                       = windows.NewLazySystemDLL("user32.dll")
	procSendInput                = user32.NewProc("SendInput")
	procGetSystemMetrics         = user32.NewProc("GetSystemMetrics")
	procWindowFromPoint          = user32.NewProc("WindowFromPoint")
	procGetForegroundWindow      = user32.NewProc("GetForegroundWindow")
	procGetWindowThreadProcessID = user32.NewProc("GetWindowThreadProcessId")
	procGetGUIThreadInfo         = user32.NewProc("GetGUIThreadInfo")
	procGetAsyncKeyState         = user32.NewProc("GetAsyncKeyState")
	procGetKeyState              = user32.NewProc("GetKeyState")
	procGetKeyboardLayout        = user32.NewProc("GetKeyboardLayout")
	procVkKeyScanEx              = user32.NewProc("VkKeyScanExW")
	procMapVirtualKeyEx          = user32.NewProc("MapVirtualKeyExW")
)

const (
	inputMouse    = 0
	inputKeyboard = 1

	mouseMove       = 0x0001
	mouseLeftDown   = 0x0002
	mouseLeftUp     = 0x0004
	mouseRightDown  = 0x0008
	mouseRightUp    = 0x0010
	mouseMiddleDown = 0x0020
	mouseMiddleUp   = 0x0040
	mouseXDown      = 0x0080
	mouseXUp        = 0x0100
	mouseWheel      = 0x0800
	mouseHWheel     = 0x1000
	mouseVirtual    = 0x4000
	mouseAbsolute   = 0x8000

	keyExtended = 0x0001
	keyUp       = 0x0002
	keyUnicode  = 0x0004
	keyScan     = 0x0008

	metricX, metricY, metricW, metricH = 76, 77, 78, 79 // of the virtual desktop

	vkLButton, vkRButton, vkMButton = 0x01, 0x02, 0x04
	vkPause                         = 0x13
	vkCapital                       = 0x14
	vkNumLock                       = 0x90
	vkScroll                        = 0x91

	mapToScanEx = 4 // MAPVK_VK_TO_VSC_EX
)

// input is INPUT: 40 bytes on 64-bit systems and 28 on 32-bit ones, the size
// of its largest member, which the mouse's is.
type input struct {
	kind  uint32
	mouse mouseInput
}

type mouseInput struct {
	dx, dy            int32
	data, flags, time uint32
	extra             uintptr
}

type keyInput struct {
	vk, scan    uint16
	flags, time uint32
	extra       uintptr
}

func mouseEvent(flags, data uint32) input {
	return input{kind: inputMouse, mouse: mouseInput{flags: flags, data: data}}
}

func keyEvent(k keyInput) input {
	in := input{kind: inputKeyboard}
	*(*keyInput)(unsafe.Pointer(&in.mouse)) = k
	return in
}

// scanEvent presses or releases a key by its place.
func scanEvent(scan uint16, down bool) input {
	k := keyInput{scan: scan & 0xff, flags: keyScan}
	switch scan >> 8 {
	case 0xe0:
		k.flags |= keyExtended
	case 0xe1: // Pause, the one key with this prefix, goes by its meaning
		k = keyInput{vk: vkPause, scan: 0x45}
	}
	if !down {
		k.flags |= keyUp
	}
	return keyEvent(k)
}

// textEvents types a character by itself: each UTF-16 unit goes down and up.
func textEvents(r rune) []input {
	var events []input
	for _, unit := range utf16.Encode([]rune{r}) {
		events = append(events,
			keyEvent(keyInput{scan: unit, flags: keyUnicode}),
			keyEvent(keyInput{scan: unit, flags: keyUnicode | keyUp}))
	}
	return events
}

func moveEvent(x, y int) input {
	in := mouseEvent(mouseMove|mouseAbsolute|mouseVirtual, 0)
	in.mouse.dx = absolute(x, metric(metricX), metric(metricW))
	in.mouse.dy = absolute(y, metric(metricY), metric(metricH))
	return in
}

// send injects events as one: nothing of the customer's comes in between.
func send(events ...input) error {
	if len(events) == 0 {
		return nil
	}
	n, _, err := procSendInput.Call(uintptr(len(events)), uintptr(unsafe.Pointer(&events[0])), unsafe.Sizeof(events[0]))
	if int(n) != len(events) {
		// A window of higher rights or the secure desktop is in front.
		return fmt.Errorf("hands: injecting: %w", err)
	}
	return nil
}

func metric(n int) int {
	v, _, _ := procGetSystemMetrics.Call(uintptr(n))
	return int(int32(v))
}

// isDown says whether a key or button is down, whoever presses it.
func isDown(vk int) bool {
	v, _, _ := procGetAsyncKeyState.Call(uintptr(vk))
	return v&0x8000 != 0
}

// isOn says whether a lock key is on.
func isOn(vk int) bool {
	v, _, _ := procGetKeyState.Call(uintptr(vk))
	return v&1 != 0
}

func foreground() uintptr {
	w, _, _ := procGetForegroundWindow.Call()
	return w
}

// owner is the thread and the process of a window.
func owner(w uintptr) (thread uintptr, process uint32) {
	thread, _, _ = procGetWindowThreadProcessID.Call(w, uintptr(unsafe.Pointer(&process)))
	return thread, process
}

func windowAt(x, y int) uintptr {
	// A POINT is passed by value: in one register where it fits.
	if unsafe.Sizeof(uintptr(0)) == 8 {
		w, _, _ := procWindowFromPoint.Call(uintptr(uint64(uint32(int32(x))) | uint64(uint32(int32(y)))<<32))
		return w
	}
	w, _, _ := procWindowFromPoint.Call(uintptr(uint32(int32(x))), uintptr(uint32(int32(y))))
	return w
}

// guiThread is GUITHREADINFO.
type guiThread struct {
	size, flags                                    uint32
	active, focus, capture, menu, moveSize, caretW uintptr
	caret                                          [4]int32
}

// front is what the thread in front has: where keys go, and where the pointer
// is caught.
func front() guiThread {
	var g guiThread
	g.size = uint32(unsafe.Sizeof(g))
	if ok, _, _ := procGetGUIThreadInfo.Call(0, uintptr(unsafe.Pointer(&g))); ok == 0 {
		return guiThread{}
	}
	return g
}

// scanOf is the key that makes a character with the layout of the program in
// front, and the Shift (1), Ctrl (2) and Alt (4) it takes.
func scanOf(r rune) (scan uint16, shift byte, ok bool) {
	if r > 0xffff {
		return 0, 0, false
	}
	thread, _ := owner(foreground())
	layout, _, _ := procGetKeyboardLayout.Call(thread)
	vk, _, _ := procVkKeyScanEx.Call(uintptr(r), layout)
	if int16(vk) == -1 {
		return 0, 0, false
	}
	code, _, _ := procMapVirtualKeyEx.Call(vk&0xff, mapToScanEx, layout)
	return uint16(code), byte(vk >> 8), code != keys.None
}

// absolute is a coordinate as SendInput counts: 65536 parts of a side. It is
// rounded up, because Windows rounds down on the way back.
func absolute(v, origin, size int) int32 {
	if size <= 0 {
		return 0
	}
	v = max(min(v-origin, size-1), 0)
	return int32((v*65536 + size - 1) / size)
}
