package screen

import (
	"fmt"
	"image"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"handrail/shared/frame"
)

// object is a COM object: its first word leads to the table of its methods.
type object struct {
	methods *[64]uintptr // as many as it has; 64 are more than we count to
}

// Places in the tables of methods, as dxgi.h, dxgi1_2.h and d3d11.h list them.
const (
	queryInterface = 0
	release        = 2

	factoryEnumAdapters1 = 12
	factoryIsCurrent     = 13

	adapterEnumOutputs = 7

	outputGetDesc         = 7
	outputDuplicateOutput = 22

	duplicationGetDesc         = 7
	duplicationAcquire         = 8
	duplicationDirtyRects      = 9
	duplicationMoveRects       = 10
	duplicationPointerShape    = 11
	duplicationReleaseFrame    = 14
	deviceCreateTexture2D      = 5
	contextMap                 = 14
	contextUnmap               = 15
	contextCopySubresourcePart = 46
	textureGetDesc             = 10
)

// Interfaces, as the same headers number them.
var (
	iidFactory1  = windows.GUID{Data1: 0x770aae78, Data2: 0xf26f, Data3: 0x4dba, Data4: [8]byte{0xa8, 0x29, 0x25, 0x3c, 0x83, 0xd1, 0xb3, 0x87}}
	iidOutput1   = windows.GUID{Data1: 0x00cddea8, Data2: 0x939b, Data3: 0x4b83, Data4: [8]byte{0xa3, 0x40, 0xa6, 0x85, 0x22, 0x66, 0x66, 0xcc}}
	iidTexture2D = windows.GUID{Data1: 0x6f15aaf2, Data2: 0xd208, Data3: 0x4e89, Data4: [8]byte{0x9a, 0xb4, 0x48, 0x95, 0x35, 0xd3, 0x4f, 0x9c}}
)

// failure is an HRESULT that means no success.
type failure uint32

// HRESULTs that are branched on (winerror.h).
const (
	notFound    failure = 0x887a0002 // no further adapter or output
	waitTimeout failure = 0x887a0027
)

func (f failure) Error() string { return fmt.Sprintf("HRESULT %08x", uint32(f)) }

// call calls a method. The arguments may be addresses of Go's: they stay where
// they are until it returns.
//
//go:uintptrescapes
func (o *object) call(method int, args ...uintptr) error {
	r, _, _ := syscall.SyscallN(o.methods[method], append([]uintptr{uintptr(unsafe.Pointer(o))}, args...)...)
	return result(r)
}

func result(r uintptr) error {
	if f := failure(r); int32(f) < 0 {
		return f
	}
	return nil
}

// as asks an object for another of its interfaces.
func (o *object) as(iid *windows.GUID) (*object, error) {
	var other *object
	err := o.call(queryInterface, uintptr(unsafe.Pointer(iid)), uintptr(unsafe.Pointer(&other)))
	return other, err
}

// let releases an object, if there is one, and forgets it.
func let(o **object) {
	if *o != nil {
		_ = (*o).call(release) // answers how many others hold it
		*o = nil
	}
}

// Structures of the same headers.
type (
	rect32 struct{ left, top, right, bottom int32 }

	outputDesc struct { // DXGI_OUTPUT_DESC
		name     [32]uint16
		bounds   rect32
		attached int32
		turn     turn
		monitor  windows.Handle
	}

	duplicationDesc struct { // DXGI_OUTDUPL_DESC
		w, h        uint32
		hz, perHz   uint32
		format      uint32
		scan, scale uint32
		turn        turn
		inMemory    int32
	}

	frameInfo struct { // DXGI_OUTDUPL_FRAME_INFO
		presented    int64 // 0: the picture is as it was
		pointerMoved int64
		frames       uint32
		coalesced    int32
		masked       int32
		pointerX     int32
		pointerY     int32
		pointerSeen  int32
		metadata     uint32 // bytes
		shape        uint32 // bytes
	}

	shapeInfo struct { // DXGI_OUTDUPL_POINTER_SHAPE_INFO
		kind, w, h, pitch uint32
		hotX, hotY        int32
	}

	textureDesc struct { // D3D11_TEXTURE2D_DESC
		w, h, mips, array, format  uint32
		samples, quality           uint32
		usage, bind, access, other uint32
	}

	mapped struct { // D3D11_MAPPED_SUBRESOURCE
		pix        *byte
		row, depth uint32
	}

	box struct { // D3D11_BOX
		left, top, front, right, bottom, back uint32
	}
)

const (
	formatBGRA = 87 // DXGI_FORMAT_B8G8R8A8_UNORM

	usageStaging = 3 // D3D11_USAGE_STAGING
	accessRead   = 0x20000
	mapRead      = 1

	driverUnknown = 0 // D3D_DRIVER_TYPE_UNKNOWN: that of the adapter
	sdkVersion    = 7
)

func (r rect32) rect() frame.Rect {
	return image.Rect(int(r.left), int(r.top), int(r.right), int(r.bottom))
}

var (
	dxgi          = windows.NewLazySystemDLL("dxgi.dll")
	d3d11         = windows.NewLazySystemDLL("d3d11.dll")
	createFactory = dxgi.NewProc("CreateDXGIFactory1")
	createDevice  = d3d11.NewProc("D3D11CreateDevice")
)

// newFactory is the way to all adapters.
func newFactory() (*object, error) {
	if err := createFactory.Find(); err != nil {
		return nil, fmt.Errorf("screen: no DXGI: %w", err)
	}
	var f *object
	r, _, _ := createFactory.Call(uintptr(unsafe.Pointer(&iidFactory1)), uintptr(unsafe.Pointer(&f)))
	return f, result(r)
}

// newDevice prepares an adapter for copying pictures.
func newDevice(adapter *object) (device, context *object, err error) {
	if err := createDevice.Find(); err != nil {
		return nil, nil, fmt.Errorf("screen: no Direct3D 11: %w", err)
	}
	r, _, _ := createDevice.Call(uintptr(unsafe.Pointer(adapter)), driverUnknown, 0, 0, 0, 0, sdkVersion,
		uintptr(unsafe.Pointer(&device)), 0, uintptr(unsafe.Pointer(&context)))
	return device, context, result(r)
}

// isCurrent says whether a factory's list of adapters is still right.
func (o *object) isCurrent() bool {
	r, _, _ := syscall.SyscallN(o.methods[factoryIsCurrent], uintptr(unsafe.Pointer(o)))
	return r != 0 // a BOOL
}
