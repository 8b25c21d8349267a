package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
)

// Handle is a window's native number: the window's id on X11, the lower half
// of its handle on Windows, where the upper is not used, and not 0 elsewhere.
// It is 0 while the window is not on screen.
func Handle(w fyne.Window) uint32 {
	native, ok := w.(driver.NativeWindow)
	if !ok {
		return 0
	}
	var handle uint32
	native.RunNative(func(context any) {
		switch c := context.(type) {
		case driver.X11WindowContext:
			handle = uint32(c.WindowHandle)
		case driver.WindowsWindowContext:
			handle = uint32(c.HWND)
		default:
			handle = 1
		}
	})
	return handle
}
