// Package window does with our own windows what only the window manager can:
// brings them to the front and shakes them. A nudge does both.
//
//	window.Raise(id)       // id is what Fyne's RunNative tells
//	window.Shake(ctx, id)  // returns when it stands where it stood
package window

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrNotHere says that this system does not let a program do that.
var ErrNotHere = errors.New("window: not on this system")

const (
	steps = 12                    // of a shake: even, so that it swings back
	reach = 12                    // pixels to each side
	beat  = 40 * time.Millisecond // between steps: half a second in all, seen even when some merge
)

// shake moves a window right and left on each tick and ends where it began,
// also when ctx ends early. The last position is set until it is read back: a
// slow window manager merges steps.
func shake(ctx context.Context, tick <-chan time.Time, where func() (x, y int, err error), move func(x, y int) error) error {
	x, y, err := where()
	if err != nil {
		return fmt.Errorf("finding the window: %w", err)
	}
	for i := 0; i < steps && ctx.Err() == nil; i++ {
		if err := move(x+swing(i), y); err != nil {
			return fmt.Errorf("shaking the window: %w", err)
		}
		select {
		case <-ctx.Done():
		case <-tick:
		}
	}
	return errors.Join(context.Cause(ctx), settle(tick, x, y, where, move))
}

// swing is how far the window stands from its place in step i.
func swing(i int) int {
	if i%2 == 0 {
		return reach
	}
	return -reach
}

// settle puts the window back and looks whether it stands there.
func settle(tick <-chan time.Time, x, y int, where func() (x, y int, err error), move func(x, y int) error) error {
	const patience = 10 // ticks
	for range patience {
		if err := move(x, y); err != nil {
			return fmt.Errorf("putting the window back: %w", err)
		}
		<-tick
		nx, ny, err := where()
		if err != nil {
			return fmt.Errorf("finding the window: %w", err)
		}
		if nx == x && ny == y {
			return nil
		}
	}
	return errors.New("window: it does not go back to its place")
}
