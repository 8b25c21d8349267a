package screen

import (
	"errors"
	"fmt"
	"image"
	"unsafe"

	"golang.org/x/sys/windows"

	"handrail/shared/frame"
)

// Functions, structures and constants of wingdi.h and winuser.h.
var (
	gdi32              = windows.NewLazySystemDLL("gdi32.dll")
	createCompatibleDC = gdi32.NewProc("CreateCompatibleDC")
	deleteDC           = gdi32.NewProc("DeleteDC")
	createDIBSection   = gdi32.NewProc("CreateDIBSection")
	selectObject       = gdi32.NewProc("SelectObject")
	deleteObject       = gdi32.NewProc("DeleteObject")
	bitBlt             = gdi32.NewProc("BitBlt")
	gdiFlush           = gdi32.NewProc("GdiFlush")
	getObject          = gdi32.NewProc("GetObjectW")
	getDIBits          = gdi32.NewProc("GetDIBits")

	user32              = windows.NewLazySystemDLL("user32.dll")
	getDC               = user32.NewProc("GetDC")
	releaseDC           = user32.NewProc("ReleaseDC")
	enumDisplayMonitors = user32.NewProc("EnumDisplayMonitors")
	getMonitorInfo      = user32.NewProc("GetMonitorInfoW")
	getCursorInfo       = user32.NewProc("GetCursorInfo")
	getIconInfo         = user32.NewProc("GetIconInfo")
)

const (
	copySource    = 0x00cc0020 // SRCCOPY
	captureBlt    = 0x40000000 // windows with a layer of their own too
	cursorShowing = 1
	primaryOne    = 1 // MONITORINFOF_PRIMARY
)

type (
	bitmapInfo struct { // BITMAPINFOHEADER, without colours after it
		size          uint32
		w, h          int32 // h below 0: from top to bottom
		planes, depth uint16
		compression   uint32
		bytes         uint32
		xPerM, yPerM  int32
		used, needed  uint32
	}

	bitmap struct { // BITMAP
		kind, w, h, pitch int32
		planes, depth     uint16
		pix               uintptr
	}

	monitorInfo struct { // MONITORINFOEXW
		size         uint32
		bounds, work rect32
		flags        uint32
		name         [32]uint16
	}

	cursorInfo struct { // CURSORINFO
		size, flags uint32
		cursor      uintptr
		x, y        int32
	}

	iconInfo struct { // ICONINFO
		icon          int32
		hotX, hotY    uint32
		mask, colours uintptr
	}
)

// bgrx describes rows of w pixels of four bytes, from top to bottom.
func bgrx(w, h int) bitmapInfo {
	return bitmapInfo{size: uint32(unsafe.Sizeof(bitmapInfo{})), w: int32(w), h: int32(-h), planes: 1, depth: 32}
}

var errGDI = errors.New("screen: GDI refused")

// gdi takes pictures with BitBlt, into a bitmap that is kept: the way that
// works in every session of Windows, with and without graphics card.
type gdi struct {
	memory uintptr // device context of the bitmap
	bitmap uintptr
	pic    frame.Image
	cursor uintptr // the shape last delivered; 0 is none
	told   bool
}

// listMonitors is called by Windows for each monitor. Callbacks are never given
// back, so there is one for all.
var listMonitors = windows.NewCallback(func(monitor, _, _ uintptr, list *[]frame.Monitor) uintptr {
	info := monitorInfo{size: uint32(unsafe.Sizeof(monitorInfo{}))}
	ok, _, _ := getMonitorInfo.Call(monitor, uintptr(unsafe.Pointer(&info)))
	if r := info.bounds.rect(); ok != 0 && !r.Empty() && len(*list) < MaxMonitors {
		*list = append(*list, frame.Monitor{
			ID: uint8(len(*list) + 1), Name: windows.UTF16ToString(info.name[:]),
			Bounds: r, Primary: info.flags&primaryOne != 0,
		})
	}
	return 1 // go on
})

func (g *gdi) displays() []frame.Monitor {
	var list []frame.Monitor
	_, _, _ = enumDisplayMonitors.Call(0, 0, listMonitors, uintptr(unsafe.Pointer(&list)))
	return list
}

func (g *gdi) take(area frame.Rect) (frame.Image, error) {
	screen, _, _ := getDC.Call(0)
	if screen == 0 {
		return frame.Image{}, errBlind // as while the secure desktop is shown
	}
	defer func() { _, _, _ = releaseDC.Call(0, screen) }()
	if g.bitmap == 0 || g.pic.W != area.Dx() || g.pic.H != area.Dy() {
		if err := g.prepare(screen, area.Dx(), area.Dy()); err != nil {
			return frame.Image{}, err
		}
	}
	ok, _, _ := bitBlt.Call(g.memory, 0, 0, uintptr(g.pic.W), uintptr(g.pic.H), screen,
		uintptr(area.Min.X), uintptr(area.Min.Y), copySource|captureBlt)
	if ok == 0 {
		return frame.Image{}, errBlind
	}
	_, _, _ = gdiFlush.Call() // before the memory is read; answers for other calls
	return g.pic, nil
}

// prepare makes a bitmap whose memory we can read.
func (g *gdi) prepare(screen uintptr, w, h int) error {
	g.close()
	g.memory, _, _ = createCompatibleDC.Call(screen)
	if g.memory == 0 {
		return fmt.Errorf("%w: a device context", errGDI)
	}
	var pix *byte
	info := bgrx(w, h)
	g.bitmap, _, _ = createDIBSection.Call(screen, uintptr(unsafe.Pointer(&info)), 0, uintptr(unsafe.Pointer(&pix)), 0, 0)
	if g.bitmap == 0 || pix == nil {
		return fmt.Errorf("%w: a bitmap of %d×%d", errGDI, w, h)
	}
	_, _, _ = selectObject.Call(g.memory, g.bitmap) // answers the one before, which belongs to nobody
	g.pic = frame.Image{Pix: unsafe.Slice(pix, 4*w*h), Stride: 4 * w, W: w, H: h}
	return nil
}

func (g *gdi) pointer() (at image.Point, shape *frame.Cursor, ok bool) {
	info, ok := cursorNow()
	if !ok {
		return at, nil, false
	}
	at = image.Pt(int(info.x), int(info.y))
	if info.flags&cursorShowing == 0 {
		info.cursor = 0
	}
	if g.told && info.cursor == g.cursor {
		return at, nil, true
	}
	shape = iconOf(info.cursor)
	g.told, g.cursor = true, info.cursor
	return at, shape, true
}

func (g *gdi) forget() { g.told = false }

func (g *gdi) close() {
	if g.memory != 0 {
		_, _, _ = deleteDC.Call(g.memory)
	}
	if g.bitmap != 0 {
		_, _, _ = deleteObject.Call(g.bitmap)
	}
	g.memory, g.bitmap, g.pic = 0, 0, frame.Image{}
}

// cursorNow is where the pointer is and which shape it has; not ok while this
// process may not know.
func cursorNow() (info cursorInfo, ok bool) {
	info.size = uint32(unsafe.Sizeof(info))
	r, _, _ := getCursorInfo.Call(uintptr(unsafe.Pointer(&info)))
	return info, r != 0
}

// iconOf reads a pointer's shape; one with nothing to see if it has none.
func iconOf(cursor uintptr) *frame.Cursor {
	var info iconInfo
	if cursor == 0 {
		return &frame.Cursor{}
	}
	if ok, _, _ := getIconInfo.Call(cursor, uintptr(unsafe.Pointer(&info))); ok == 0 {
		return &frame.Cursor{}
	}
	mask, w, h := bits(info.mask)
	colours, cw, ch := bits(info.colours)
	if len(colours) == 0 {
		h /= 2 // two masks
	} else {
		w, h = min(w, cw), min(h, ch)
	}
	return iconCursor(w, h, image.Pt(int(info.hotX), int(info.hotY)), mask, colours)
}

// bits reads a bitmap as BGRX, and deletes it.
func bits(handle uintptr) (pix []byte, w, h int) {
	if handle == 0 {
		return nil, 0, 0
	}
	defer func() { _, _, _ = deleteObject.Call(handle) }()
	var b bitmap
	if n, _, _ := getObject.Call(handle, unsafe.Sizeof(b), uintptr(unsafe.Pointer(&b))); n == 0 {
		return nil, 0, 0
	}
	w, h = int(b.w), int(b.h)
	if w <= 0 || h <= 0 || w > maxShape || h > 2*maxShape {
		return nil, 0, 0
	}
	screen, _, _ := getDC.Call(0)
	if screen == 0 {
		return nil, 0, 0
	}
	defer func() { _, _, _ = releaseDC.Call(0, screen) }()
	pix = make([]byte, 4*w*h)
	info := bgrx(w, h)
	n, _, _ := getDIBits.Call(screen, handle, 0, uintptr(h), uintptr(unsafe.Pointer(&pix[0])), uintptr(unsafe.Pointer(&info)), 0)
	if int(n) != h {
		return nil, 0, 0
	}
	return pix, w, h
}
