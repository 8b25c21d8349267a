// Package robot injects input with robotgo: on macOS, and on X11 as the last
// resort where package hands finds no XTEST of its own. It types only what
// robotgo types well; package hands is the better way wherever it works.
//
// While its gate is shut it injects nothing. It can't see whose window an
// event is for: who uses it keeps prompts open only behind a shut gate.
package robot

import (
	"errors"
	"runtime"
	"sync"

	"github.com/go-vgo/robotgo"

	"handrail/shared/keys"
	"handrail/shared/wire"
)

// ErrShut says that a prompt is open.
var ErrShut = errors.New("robot: refused, a prompt is open")

// ErrClosed is the error of every call after Close.
var ErrClosed = errors.New("robot: closed")

// Robot injects input from one locked thread, because robotgo is not made for
// several.
type Robot struct {
	calls chan func()
	done  chan struct{}
	once  sync.Once

	// the following belong to the thread
	shut    bool
	buttons map[uint8]bool
	down    map[uint16]string
}

// Open starts the thread.
func Open() (*Robot, error) {
	r := &Robot{calls: make(chan func()), done: make(chan struct{}), buttons: map[uint8]bool{}, down: map[uint16]string{}}
	go r.run()
	return r, nil
}

// run is the thread.
func (r *Robot) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	robotgo.MouseSleep, robotgo.KeySleep = 0, 0
	for {
		select {
		case f := <-r.calls:
			f()
		case <-r.done:
			return
		}
	}
}

// on runs f on the thread, if the gate is open.
func (r *Robot) on(f func() error) error {
	result := make(chan error, 1)
	call := func() {
		if r.shut {
			result <- ErrShut
			return
		}
		result <- f()
	}
	select {
	case r.calls <- call:
		return <-result
	case <-r.done:
		return ErrClosed
	}
}

// ShutGate refuses all input until it is opened again; what is down is let go.
func (r *Robot) ShutGate(shut bool) {
	done := make(chan struct{})
	select {
	case r.calls <- func() {
		if shut {
			r.release()
		}
		r.shut = shut
		close(done)
	}:
		<-done
	case <-r.done:
	}
}

// MoveTo puts the pointer to a place on the desktop, in pixels.
func (r *Robot) MoveTo(x, y int) error {
	return r.on(func() error { robotgo.Move(x, y); return nil })
}

// names are what robotgo calls the buttons; it knows no others.
var names = map[uint8]string{1: "left", 2: "center", 3: "right"}

// Button presses or lets go of a mouse button at a place.
func (r *Robot) Button(n uint8, down bool, x, y int) error {
	name, ok := names[n]
	if !ok {
		return nil
	}
	return r.on(func() error {
		robotgo.Move(x, y)
		r.buttons[n] = down
		return toggle(name, down)
	})
}

func toggle(name string, down bool) error {
	if down {
		return robotgo.Toggle(name, "down")
	}
	return robotgo.Toggle(name, "up")
}

// Wheel turns the wheel by 1/120 of a notch.
func (r *Robot) Wheel(dx, dy int32, x, y int) error {
	return r.on(func() error {
		robotgo.Move(x, y)
		robotgo.Scroll(int(dx/120), int(-dy/120))
		return nil
	})
}

// Key presses a key by its name; text that no name stands for is typed.
func (r *Robot) Key(k wire.Key) error {
	return r.on(func() error {
		if !k.Down {
			name, held := r.down[k.Usage]
			delete(r.down, k.Usage)
			if held {
				return robotgo.KeyUp(name)
			}
			return nil
		}
		command := k.Mods&(wire.ModCtrl|wire.ModAlt|wire.ModSuper) != 0
		if k.Text != "" && !command && k.Usage != keys.Enter && k.Usage != keys.Tab {
			robotgo.Type(k.Text)
			return nil
		}
		name := named(k)
		if name == "" {
			return nil
		}
		r.down[k.Usage] = name
		return robotgo.KeyDown(name)
	})
}

// Type types text as it is.
func (r *Robot) Type(text string) error {
	return r.on(func() error { robotgo.Type(text); return nil })
}

// Locks can't be set by robotgo.
func (r *Robot) Locks(wire.Locks) error { return nil }

// ReleaseAll lets go of everything.
func (r *Robot) ReleaseAll() error {
	return r.on(func() error { r.release(); return nil })
}

func (r *Robot) release() {
	for n, down := range r.buttons {
		if down {
			_ = toggle(names[n], false)
		}
	}
	for _, name := range r.down {
		_ = robotgo.KeyUp(name)
	}
	clear(r.buttons)
	clear(r.down)
}

// Close lets go of everything and ends the thread.
func (r *Robot) Close() error {
	err := r.ReleaseAll()
	r.once.Do(func() { close(r.done) })
	return err
}
