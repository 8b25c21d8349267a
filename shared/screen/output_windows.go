package screen

import (
	"fmt"
	"image"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/windows"

	"handrail/shared/frame"
)

// acquireMost is how long, in milliseconds, a call waits for the next picture,
// and so how long closing may take.
const acquireMost = 100

// output is one duplicated monitor. Its surface is copied into a staging
// texture, which the processor can read, and which always holds all of it.
type output struct {
	monitor frame.Monitor
	turn    turn
	w, h    int // of the surface

	device, context, dup, staging *object

	// Pictures are waited for by wait, one at a time: it hands over what came
	// by got, and goes on when the owner has sent by next.
	next chan struct{}
	got  chan arrival
	over atomic.Bool

	copied bool // staging holds a whole picture
	damage []frame.Rect
	buf    []byte
}

// arrival is what AcquireNextFrame brought. Until it is let go, the system
// gathers what follows.
type arrival struct {
	info     frameInfo
	resource *object
	err      error
}

// duplicate starts the duplication of an output of an adapter.
func duplicate(adapter, from *object, desc *outputDesc, id int) (*output, error) {
	o := &output{
		monitor: frame.Monitor{
			ID: uint8(id), Name: windows.UTF16ToString(desc.name[:]), Bounds: desc.bounds.rect(),
			Primary: desc.bounds.left == 0 && desc.bounds.top == 0, // that is what makes it primary
		},
		next: make(chan struct{}, 1),
		got:  make(chan arrival, 1),
	}
	if err := o.prepare(adapter, from); err != nil {
		o.free()
		return nil, err
	}
	return o, nil
}

func (o *output) prepare(adapter, from *object) (err error) {
	if o.device, o.context, err = newDevice(adapter); err != nil {
		return fmt.Errorf("screen: creating a device: %w", err)
	}
	from1, err := from.as(&iidOutput1)
	if err != nil {
		return fmt.Errorf("screen: asking an output for duplication: %w", err)
	}
	defer let(&from1)
	if err = from1.call(outputDuplicateOutput, uintptr(unsafe.Pointer(o.device)), uintptr(unsafe.Pointer(&o.dup))); err != nil {
		return fmt.Errorf("screen: duplicating an output: %w", err)
	}
	var desc duplicationDesc
	_ = o.dup.call(duplicationGetDesc, uintptr(unsafe.Pointer(&desc))) // returns nothing
	// Width and height are those of the mode, as the monitor is turned.
	o.w, o.h, o.turn = int(desc.w), int(desc.h), desc.turn
	if o.turn == right || o.turn == left {
		o.w, o.h = o.monitor.Bounds.Dy(), o.monitor.Bounds.Dx()
	}
	if desc.format != formatBGRA {
		return fmt.Errorf("%w: DXGI format %d", ErrPixels, desc.format)
	}
	return nil
}

// wait hands over one picture after the other, until over is set.
func (o *output) wait(wake chan<- struct{}) {
	for range o.next {
		var a arrival
		for {
			a.err = o.dup.call(duplicationAcquire, acquireMost, uintptr(unsafe.Pointer(&a.info)), uintptr(unsafe.Pointer(&a.resource)))
			if a.err != waitTimeout || o.over.Load() {
				break
			}
		}
		o.got <- a
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// take copies what changed of a picture into staging, and notes it in damage,
// in pixels of the surface.
func (o *output) take(a *arrival) error {
	o.damage = o.damage[:0]
	if a.info.presented == 0 && o.copied {
		return nil
	}
	texture, err := a.resource.as(&iidTexture2D)
	if err != nil {
		return fmt.Errorf("screen: asking for the texture: %w", err)
	}
	defer let(&texture)
	if o.staging == nil {
		if err := o.stage(texture); err != nil {
			return err
		}
	}
	whole := image.Rect(0, 0, o.w, o.h)
	if o.copied && a.info.metadata > 0 {
		if err := o.readDamage(int(a.info.metadata), whole); err != nil {
			return err
		}
	}
	if !o.copied || a.info.metadata == 0 {
		o.damage = append(o.damage, whole)
	}
	o.damage = gather(o.damage, readSlack, readMost)
	for _, r := range o.damage {
		part := box{uint32(r.Min.X), uint32(r.Min.Y), 0, uint32(r.Max.X), uint32(r.Max.Y), 1}
		_ = o.context.call(contextCopySubresourcePart, // returns nothing
			uintptr(unsafe.Pointer(o.staging)), 0, uintptr(r.Min.X), uintptr(r.Min.Y), 0,
			uintptr(unsafe.Pointer(texture)), 0, uintptr(unsafe.Pointer(&part)))
	}
	// The first picture can come before anything was drawn into it: then the
	// next is copied whole too.
	o.copied = o.copied || a.info.presented != 0
	return nil
}

// stage makes the staging texture, as large as the surface really is.
func (o *output) stage(texture *object) error {
	var desc textureDesc
	_ = texture.call(textureGetDesc, uintptr(unsafe.Pointer(&desc))) // returns nothing
	if desc.format != formatBGRA {
		return fmt.Errorf("%w: DXGI format %d", ErrPixels, desc.format)
	}
	if size := o.turn.rect(image.Rect(0, 0, int(desc.w), int(desc.h)), int(desc.w), int(desc.h)).Size(); size != o.monitor.Bounds.Size() {
		return errLayout
	}
	o.w, o.h = int(desc.w), int(desc.h)
	desc = textureDesc{w: desc.w, h: desc.h, mips: 1, array: 1, format: formatBGRA, samples: 1, usage: usageStaging, access: accessRead}
	if err := o.device.call(deviceCreateTexture2D, uintptr(unsafe.Pointer(&desc)), 0, uintptr(unsafe.Pointer(&o.staging))); err != nil {
		return fmt.Errorf("screen: creating a texture: %w", err)
	}
	return nil
}

// readDamage reads dirty and move rectangles of at most n bytes together.
func (o *output) readDamage(n int, whole frame.Rect) error {
	if n > len(o.buf) {
		o.buf = make([]byte, n)
	}
	for _, kind := range []struct {
		method int
		read   func([]frame.Rect, []byte, frame.Rect) []frame.Rect
	}{{duplicationMoveRects, moveRects}, {duplicationDirtyRects, dirtyRects}} {
		var got uint32
		err := o.dup.call(kind.method, uintptr(len(o.buf)), uintptr(unsafe.Pointer(&o.buf[0])), uintptr(unsafe.Pointer(&got)))
		if err != nil {
			return fmt.Errorf("screen: asking for damage: %w", err)
		}
		o.damage = kind.read(o.damage, o.buf[:min(int(got), len(o.buf))], whole)
	}
	return nil
}

// show copies the parts rs of the surface into the monitor's place in pic.
func (o *output) show(pic frame.Image, area frame.Rect, rs []frame.Rect) error {
	if o.staging == nil || len(rs) == 0 {
		return nil
	}
	var m mapped
	if err := o.context.call(contextMap, uintptr(unsafe.Pointer(o.staging)), 0, mapRead, 0, uintptr(unsafe.Pointer(&m))); err != nil {
		return fmt.Errorf("screen: reading a texture: %w", err)
	}
	defer func() { _ = o.context.call(contextUnmap, uintptr(unsafe.Pointer(o.staging)), 0) }()
	surface := frame.Image{Pix: unsafe.Slice(m.pix, int(m.row)*(o.h-1)+4*o.w), Stride: int(m.row), W: o.w, H: o.h}
	to := pic.Sub(o.monitor.Bounds.Sub(area.Min))
	for _, r := range rs {
		o.turn.copy(to, surface, r)
	}
	return nil
}

// shape reads the pointer's shape, if the picture brought a new one.
func (o *output) shape(a *arrival) (*frame.Cursor, error) {
	n := int(a.info.shape)
	if n == 0 {
		return nil, nil
	}
	pix := make([]byte, n)
	var got uint32
	var info shapeInfo
	err := o.dup.call(duplicationPointerShape, uintptr(n), uintptr(unsafe.Pointer(&pix[0])), uintptr(unsafe.Pointer(&got)), uintptr(unsafe.Pointer(&info)))
	if err != nil {
		return nil, fmt.Errorf("screen: asking for the pointer's shape: %w", err)
	}
	return shape{
		kind: int(info.kind), w: int(info.w), h: int(info.h), pitch: int(info.pitch),
		hot: image.Pt(int(info.hotX), int(info.hotY)), pix: pix[:min(int(got), n)],
	}.cursor(), nil
}

// letGo returns a picture and has the next one waited for.
func (o *output) letGo(a *arrival) {
	if a.err == nil {
		let(&a.resource)
		_ = o.dup.call(duplicationReleaseFrame) // a lost one is told by the next call
	}
	o.next <- struct{}{}
}

// free gives everything back. wait has ended.
func (o *output) free() {
	let(&o.staging)
	let(&o.dup)
	let(&o.context)
	let(&o.device)
}
