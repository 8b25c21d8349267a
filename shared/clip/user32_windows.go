package clip

import (
	"fmt"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The functions and constants are those of Microsoft's winuser.h and winbase.h.
var (
	user32                = windows.NewLazySystemDLL("user32.dll")
	procAddListener       = user32.NewProc("AddClipboardFormatListener")
	procRemoveListener    = user32.NewProc("RemoveClipboardFormatListener")
	procOpenClipboard     = user32.NewProc("OpenClipboard")
	procCloseClipboard    = user32.NewProc("CloseClipboard")
	procEmptyClipboard    = user32.NewProc("EmptyClipboard")
	procGetClipboardData  = user32.NewProc("GetClipboardData")
	procSetClipboardData  = user32.NewProc("SetClipboardData")
	procGetClipboardOwner = user32.NewProc("GetClipboardOwner")
	procIsFormatAvailable = user32.NewProc("IsClipboardFormatAvailable")
	procRegisterFormat    = user32.NewProc("RegisterClipboardFormatW")
	procRegisterClass     = user32.NewProc("RegisterClassExW")
	procCreateWindow      = user32.NewProc("CreateWindowExW")
	procDestroyWindow     = user32.NewProc("DestroyWindow")
	procDefWindowProc     = user32.NewProc("DefWindowProcW")
	procGetMessage        = user32.NewProc("GetMessageW")
	procDispatchMessage   = user32.NewProc("DispatchMessageW")
	procPostMessage       = user32.NewProc("PostMessageW")
	procPostQuitMessage   = user32.NewProc("PostQuitMessage")

	kernel32         = windows.NewLazySystemDLL("kernel32.dll")
	procGlobalAlloc  = kernel32.NewProc("GlobalAlloc")
	procGlobalFree   = kernel32.NewProc("GlobalFree")
	procGlobalLock   = kernel32.NewProc("GlobalLock")
	procGlobalUnlock = kernel32.NewProc("GlobalUnlock")
	procGlobalSize   = kernel32.NewProc("GlobalSize")
	procMoveMemory   = kernel32.NewProc("RtlMoveMemory")
)

const (
	formatDIB  = 8  // CF_DIB
	formatText = 13 // CF_UNICODETEXT

	messageEnd       = 0x0002 // WM_DESTROY
	messageRender    = 0x0305 // WM_RENDERFORMAT
	messageRenderAll = 0x0306 // WM_RENDERALLFORMATS
	messageDestroyed = 0x0307 // WM_DESTROYCLIPBOARD
	messageUpdate    = 0x031D // WM_CLIPBOARDUPDATE
	messageCall      = 0x8000 // WM_APP: there is something in calls

	globalMoveable = 0x0002      // GMEM_MOVEABLE
	messageOnly    = ^uintptr(2) // HWND_MESSAGE, -3
)

// windowClass is WNDCLASSEXW.
type windowClass struct {
	size, style             uint32
	proc                    uintptr
	classExtra, windowExtra int32
	instance, icon, cursor  uintptr
	background, menu        uintptr
	name                    *uint16
	smallIcon               uintptr
}

// message is MSG.
type message struct {
	window         uintptr
	message        uint32
	wParam, lParam uintptr
	time           uint32
	x, y           int32
	private        uint32
}

// class registers the windows' class, once for the process.
var class = sync.OnceValues(func() (*uint16, error) {
	name := windows.StringToUTF16Ptr("HandrailClipboard")
	c := windowClass{proc: windows.NewCallback(handle), name: name}
	c.size = uint32(unsafe.Sizeof(c))
	if ok, _, err := procRegisterClass.Call(uintptr(unsafe.Pointer(&c))); ok == 0 {
		return nil, fmt.Errorf("clip: naming a kind of window: %w", err)
	}
	return name, nil
})

// handle is called by the system with every message.
func handle(window, number, w, l uintptr) uintptr {
	boards.Lock()
	b := boards.of[window]
	boards.Unlock()
	switch {
	case number == messageEnd:
		procPostQuitMessage.Call(0)
		return 0
	case b != nil && b.handle(number, w):
		return 0
	}
	r, _, _ := procDefWindowProc.Call(window, number, w, l)
	return r
}

// newWindow makes a window that is never shown, of the calling thread.
func newWindow() (uintptr, error) {
	name, err := class()
	if err != nil {
		return 0, err
	}
	w, _, err := procCreateWindow.Call(0, uintptr(unsafe.Pointer(name)), 0, 0, 0, 0, 0, 0, messageOnly, 0, 0, 0)
	if w == 0 {
		return 0, fmt.Errorf("clip: making a window: %w", err)
	}
	return w, nil
}

// pump hands messages to the thread's windows until the last is destroyed.
func pump() {
	var m message
	for {
		if more, _, _ := procGetMessage.Call(uintptr(unsafe.Pointer(&m)), 0, 0, 0); int32(more) <= 0 {
			return
		}
		procDispatchMessage.Call(uintptr(unsafe.Pointer(&m)))
	}
}

func post(window, number uintptr) { procPostMessage.Call(window, number, 0, 0) }
func destroy(window uintptr)      { procDestroyWindow.Call(window) }
func closeClipboard()             { procCloseClipboard.Call() }
func empty()                      { procEmptyClipboard.Call() }

func clipboardOwner() uintptr {
	w, _, _ := procGetClipboardOwner.Call()
	return w
}

// listen has the window hear of every change of the clipboard, or not any more.
func listen(window uintptr, on bool) {
	if on {
		procAddListener.Call(window)
	} else {
		procRemoveListener.Call(window)
	}
}
