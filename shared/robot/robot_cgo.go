//go:build cgo && (linux || darwin)

package robot

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/go-vgo/robotgo"

	"handrail/shared/wire"
)

// Robot injects input into the desktop of the process. Everything runs in one
// goroutine on one locked thread, which robotgo needs.
type Robot struct {
	work chan func()
	stop chan struct{} // closed by Close
	done sync.WaitGroup
	once sync.Once
	shut atomic.Bool

	// the following are owned by run
	held    map[uint16]string // robotgo's names of the keys that are down
	buttons map[uint8]bool
	dx, dy  int64 // turns that make no notch yet
}

// Open starts the thread. robotgo finds the display by itself.
func Open() (*Robot, error) {
	r := &Robot{
		work: make(chan func()), stop: make(chan struct{}),
		held: map[uint16]string{}, buttons: map[uint8]bool{},
	}
	r.done.Go(r.run)
	return r, nil
}

func (r *Robot) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	robotgo.KeySleep, robotgo.MouseSleep = 0, 0 // it would sleep 10 ms after each event
	for {
		select {
		case f := <-r.work:
			f()
		case <-r.stop:
			robotgo.CloseMainDisplay() // or Xlib ends the process when the display goes
			return
		}
	}
}

// do has f done, unless a prompt is open.
func (r *Robot) do(f func() error) error {
	return r.always(func() error {
		if r.shut.Load() {
			return ErrShut
		}
		return f()
	})
}

func (r *Robot) always(f func() error) error {
	result := make(chan error, 1)
	select {
	case r.work <- func() { result <- f() }:
		return <-result
	case <-r.stop:
		return ErrClosed
	}
}

// Protect does nothing: robotgo can't tell whose window is where.
func (r *Robot) Protect(uint32) {}

// ShutGate stops all input while a prompt is open. When it returns, everything
// is released and no event is under way.
func (r *Robot) ShutGate(shut bool) {
	r.shut.Store(shut)
	if shut {
		// ErrClosed is its only error, and nothing is held then.
		_ = r.ReleaseAll()
	}
}

// MoveTo puts the pointer somewhere, in pixels of the desktop.
func (r *Robot) MoveTo(x, y int) error {
	return r.do(func() error { robotgo.Move(x, y); return nil })
}

// Button presses or releases a mouse button: 1 to 3 are left, middle, right.
func (r *Robot) Button(n uint8, down bool, x, y int) error {
	name := button(n)
	if name == "" {
		return fmt.Errorf("%w: button %d", ErrCant, n)
	}
	return r.do(func() error {
		if !down && !r.buttons[n] {
			return nil
		}
		robotgo.Move(x, y)
		return r.toggle(n, down)
	})
}

func (r *Robot) toggle(n uint8, down bool) error {
	way := "down"
	if !down {
		way = "up"
		delete(r.buttons, n)
	}
	if err := robotgo.Toggle(button(n), way); err != nil {
		return fmt.Errorf("robot: mouse button: %w", err)
	}
	if down {
		r.buttons[n] = true
	}
	return nil
}

// Wheel turns the wheels, in 1/120 of a notch; positive is right and down.
func (r *Robot) Wheel(dx, dy int32, x, y int) error {
	return r.do(func() error {
		robotgo.Move(x, y)
		right, down := notches(&r.dx, dx), notches(&r.dy, dy)
		if runtime.GOOS == "darwin" {
			right, down = right*pixels, down*pixels
		}
		if right != 0 || down != 0 {
			robotgo.Scroll(-right, -down, 0) // its positive is left and up
		}
		return nil
	})
}

// pixels is what a notch scrolls on macOS, where robotgo counts pixels.
const pixels = 10

// Key presses or releases a key of the rep's. Text is typed at its press.
func (r *Robot) Key(k wire.Key) error {
	return r.do(func() error {
		if !k.Down {
			return r.lift(k.Usage)
		}
		name := nameOf(k)
		if name == "" {
			if printable(k.Text) {
				return write(k.Text)
			}
			return fmt.Errorf("%w: key %#x", ErrCant, k.Usage)
		}
		if err := r.lift(k.Usage); err != nil {
			return err
		}
		if err := robotgo.KeyToggle(name, "down"); err != nil {
			return fmt.Errorf("robot: key down: %w", err)
		}
		r.held[k.Usage] = name
		return nil
	})
}

func (r *Robot) lift(usage uint16) error {
	name := r.held[usage]
	if name == "" {
		return nil
	}
	delete(r.held, usage)
	if err := robotgo.KeyToggle(name, "up"); err != nil {
		return fmt.Errorf("robot: key up: %w", err)
	}
	return nil
}

// Type types text. Line ends and tabs are keys.
func (r *Robot) Type(text string) error {
	return r.do(func() error { return write(text) })
}

func write(text string) error {
	for _, c := range text {
		name := ""
		switch c {
		case '\n':
			name = "enter"
		case '\t':
			name = "tab"
		default:
			robotgo.Type(string(c), 0, 0, 0)
			continue
		}
		if err := robotgo.KeyTap(name); err != nil {
			return fmt.Errorf("robot: key: %w", err)
		}
	}
	return nil
}

// Locks does nothing: robotgo can't tell which locks are on.
func (r *Robot) Locks(wire.Locks) error { return nil }

// Refused is 0: the gate's refusals are errors, and there are no others.
func (r *Robot) Refused() uint64 { return 0 }

// Leftovers is 0.
func (r *Robot) Leftovers() int { return 0 }

// ReleaseAll lets go of every key and button that Robot holds.
func (r *Robot) ReleaseAll() error {
	return r.always(func() error {
		var errs []error
		for usage := range r.held {
			errs = append(errs, r.lift(usage))
		}
		for n := range r.buttons {
			errs = append(errs, r.toggle(n, false))
		}
		return errors.Join(errs...)
	})
}

// Close lets go of everything and ends the thread.
func (r *Robot) Close() error {
	var err error
	r.once.Do(func() {
		err = r.ReleaseAll()
		close(r.stop)
		r.done.Wait()
	})
	return err
}
