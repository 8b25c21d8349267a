package window

import (
	"context"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// user32 is loaded at its first use.
//
//nolint:gochecknoglobals // handles of a system library, never changed
var (
	user32              = windows.NewLazySystemDLL("user32.dll")
	setForegroundWindow = user32.NewProc("SetForegroundWindow")
	flashWindowEx       = user32.NewProc("FlashWindowEx")
	showWindow          = user32.NewProc("ShowWindow")
	isIconic            = user32.NewProc("IsIconic")
	setWindowPos        = user32.NewProc("SetWindowPos")
	getWindowRect       = user32.NewProc("GetWindowRect")
)

// Numbers of winuser.h.
const (
	swShow, swRestore = 5, 9

	swpNoSize, swpNoMove     = 0x1, 0x2
	swpNoZOrder, swpActivate = 0x4, 0x10 // the second is SWP_NOACTIVATE

	hwndTopmost, hwndNoTopmost = ^uintptr(0), ^uintptr(1) // -1, -2

	flashAll, flashUntilFront = 0x3, 0xC
)

// flashInfo is FLASHWINFO.
type flashInfo struct {
	size    uint32
	hwnd    uintptr
	flags   uint32
	count   uint32
	timeout uint32
}

// Raise brings a window to the front. Windows may refuse it the focus while
// the user works elsewhere; so it also comes above the others for a moment and
// flashes until it is looked at.
func Raise(id uint32) error {
	hwnd := uintptr(id)
	how := uintptr(swShow)
	if r, _, _ := isIconic.Call(hwnd); r != 0 {
		how = swRestore
	}
	_, _, _ = showWindow.Call(hwnd, how) // answers whether it was visible
	for _, level := range []uintptr{hwndTopmost, hwndNoTopmost} {
		if r, _, err := setWindowPos.Call(hwnd, level, 0, 0, 0, 0, swpNoMove|swpNoSize); r == 0 {
			return fmt.Errorf("bringing the window to the front: %w", err)
		}
	}
	if r, _, _ := setForegroundWindow.Call(hwnd); r == 0 {
		f := flashInfo{hwnd: hwnd, flags: flashAll | flashUntilFront}
		f.size = uint32(unsafe.Sizeof(f))
		_, _, _ = flashWindowEx.Call(uintptr(unsafe.Pointer(&f))) // answers whether it was active
	}
	return nil
}

// Shake moves a window right and left for half a second. It ends exactly where
// it began, also when ctx ends before.
func Shake(ctx context.Context, id uint32) error {
	hwnd := uintptr(id)
	tick := time.NewTicker(beat)
	defer tick.Stop()
	where := func() (int, int, error) {
		var r struct{ left, top, right, bottom int32 }
		if ok, _, err := getWindowRect.Call(hwnd, uintptr(unsafe.Pointer(&r))); ok == 0 {
			return 0, 0, fmt.Errorf("reading the window's place: %w", err)
		}
		return int(r.left), int(r.top), nil
	}
	move := func(x, y int) error {
		if ok, _, err := setWindowPos.Call(hwnd, 0, uintptr(x), uintptr(y), 0, 0, swpNoSize|swpNoZOrder|swpActivate); ok == 0 {
			return fmt.Errorf("moving the window: %w", err)
		}
		return nil
	}
	return shake(ctx, tick.C, where, move)
}
