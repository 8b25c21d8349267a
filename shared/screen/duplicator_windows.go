package screen

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"
	"unsafe"

	"handrail/shared/frame"
)

// duplicator captures through the desktop duplication of DXGI, from Windows 8
// on: the system hands over each picture, and says what changed in it.
//
// Not to be had in a session without graphics card, such as a remote one, nor
// by an ordinary program while the secure desktop is shown. A duplication is
// lost with each change of mode or desktop; then everything is opened anew.
type duplicator struct {
	factory *object
	outputs []*output
	wake    chan struct{} // one place
	group   sync.WaitGroup
	timer   *time.Timer
	checked time.Time // the last look at the layout

	area   frame.Rect
	pic    frame.Image
	damage []frame.Rect
	full   bool

	shape, shown *frame.Cursor // the last told of and the last delivered
	at           image.Point
	known        bool // where the pointer is
}

func openDuplicator() (*duplicator, error) {
	d := &duplicator{wake: make(chan struct{}, 1), timer: time.NewTimer(0), shape: &frame.Cursor{}}
	err := d.open()
	if err == nil && len(d.outputs) == 0 {
		err = ErrNoScreen
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// open duplicates all outputs of all adapters.
func (d *duplicator) open() (err error) {
	if d.factory, err = newFactory(); err != nil {
		return err
	}
	for i := uintptr(0); ; i++ {
		var adapter *object
		if err := d.factory.call(factoryEnumAdapters1, i, uintptr(unsafe.Pointer(&adapter))); err != nil {
			return unless(err, notFound)
		}
		err := d.openAdapter(adapter)
		let(&adapter)
		if err != nil {
			return err
		}
	}
}

// unless is err, or none if it is the one that ends a list.
func unless(err error, end failure) error {
	if errors.Is(err, end) {
		return nil
	}
	return err
}

func (d *duplicator) openAdapter(adapter *object) error {
	for i := uintptr(0); len(d.outputs) < MaxMonitors; i++ {
		var from *object
		if err := adapter.call(adapterEnumOutputs, i, uintptr(unsafe.Pointer(&from))); err != nil {
			return unless(err, notFound)
		}
		err := d.openOutput(adapter, from)
		let(&from)
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *duplicator) openOutput(adapter, from *object) error {
	var desc outputDesc
	if err := from.call(outputGetDesc, uintptr(unsafe.Pointer(&desc))); err != nil {
		return fmt.Errorf("screen: asking for an output: %w", err)
	}
	if desc.attached == 0 || desc.bounds.rect().Empty() {
		return nil
	}
	o, err := duplicate(adapter, from, &desc, len(d.outputs)+1)
	if err != nil {
		return err
	}
	d.outputs = append(d.outputs, o)
	o.next <- struct{}{}
	d.group.Go(func() { o.wait(d.wake) })
	return nil
}

// layout says what was opened. The owner opens anew when it changes.
func (d *duplicator) layout() ([]frame.Monitor, error) {
	d.full, d.shown, d.known, d.checked = true, nil, false, time.Now()
	var monitors []frame.Monitor
	for _, o := range d.outputs {
		monitors = append(monitors, o.monitor)
	}
	return monitors, nil
}

func (d *duplicator) next(ctx context.Context, poke <-chan struct{}, area frame.Rect, u *Update) error {
	if area != d.area {
		d.area, d.full = area, true
		d.pic = frame.New(area.Dx(), area.Dy())
	}
	for {
		u.At = time.Now()
		if err := d.look(u); err != nil {
			return err
		}
		if len(u.Damage) > 0 || u.Cursor != nil || u.PointerMoved {
			u.Image = d.pic
			return nil
		}
		if err := d.rest(ctx, poke); err != nil {
			return err
		}
	}
}

// look collects what there is.
func (d *duplicator) look(u *Update) error {
	d.damage = d.damage[:0]
	for _, o := range d.outputs {
		select {
		case a := <-o.got:
			err := d.take(o, &a)
			o.letGo(&a)
			if err != nil {
				return err
			}
		default:
		}
	}
	if d.full {
		if err := d.showAll(); err != nil {
			return err
		}
	}
	u.Damage = gather(d.damage, readSlack, readMost)
	return d.lookAtPointer(u)
}

// take takes over what an output tells. Whatever goes wrong with it, it must
// be opened anew.
func (d *duplicator) take(o *output, a *arrival) error {
	if a.err != nil {
		if a.err == waitTimeout {
			return nil
		}
		return errLayout
	}
	if c, err := o.shape(a); err != nil {
		return errLayout
	} else if c != nil {
		d.shape = c
	}
	if err := o.take(a); err != nil {
		return errLayout
	}
	if d.full || !o.monitor.Bounds.In(d.area) {
		return nil
	}
	if err := o.show(d.pic, d.area, o.damage); err != nil {
		return errLayout
	}
	for _, r := range o.damage {
		d.damage = append(d.damage, o.turn.rect(r, o.w, o.h).Add(o.monitor.Bounds.Min).Sub(d.area.Min))
	}
	return nil
}

// showAll makes the picture from what the outputs hold, once each that is
// shown has something.
func (d *duplicator) showAll() error {
	for _, o := range d.outputs {
		if o.monitor.Bounds.In(d.area) && o.staging == nil {
			return nil
		}
	}
	for _, o := range d.outputs {
		if !o.monitor.Bounds.In(d.area) {
			continue
		}
		if err := o.show(d.pic, d.area, []frame.Rect{image.Rect(0, 0, o.w, o.h)}); err != nil {
			return errLayout
		}
	}
	d.full, d.damage = false, append(d.damage[:0], d.pic.Bounds())
	return nil
}

// lookAtPointer asks the system where the pointer is: what an output tells is
// the corner of the shape, and only on that output.
func (d *duplicator) lookAtPointer(u *Update) error {
	info, ok := cursorNow()
	if !ok {
		u.Pointer = d.at
		return nil
	}
	at := image.Pt(int(info.x), int(info.y))
	u.Pointer, u.PointerMoved = at, at != d.at || !d.known
	d.at, d.known = at, true
	shape := d.shape
	if info.flags&cursorShowing == 0 {
		shape = &frame.Cursor{}
	}
	if d.shown == nil || shape.ID != d.shown.ID {
		u.Cursor, d.shown = shape, shape
	}
	return nil
}

// rest waits for news, or the next look at the layout.
func (d *duplicator) rest(ctx context.Context, poke <-chan struct{}) error {
	d.timer.Reset(time.Until(d.checked.Add(layoutEvery)))
	select {
	case <-d.wake:
	case <-d.timer.C:
		d.checked = time.Now()
		if !d.factory.isCurrent() {
			return errLayout
		}
	case <-poke:
		return errPoked
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

func (d *duplicator) close() {
	d.timer.Stop()
	for _, o := range d.outputs {
		o.over.Store(true)
		close(o.next)
	}
	// A wait may have handed over a picture nobody took; got has room for it.
	d.group.Wait()
	for _, o := range d.outputs {
		select {
		case a := <-o.got:
			let(&a.resource)
		default:
		}
		o.free()
	}
	let(&d.factory)
}
