package screen

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"handrail/shared/frame"
)

// The clock of systems that don't say when something changed. Between two
// looks it rests for at least as long as a look takes.
const (
	lookFast    = 33 * time.Millisecond  // while things change
	lookSlow    = 100 * time.Millisecond // when nothing has for lookCalm
	lookCalm    = time.Second
	layoutEvery = time.Second
	cell        = 32 // pixels of the squares in which changes are reported
)

// camera takes pictures of a desktop. All calls come from one goroutine at a
// time.
type camera interface {
	// displays are the monitors in their order, the primary one marked. A
	// change of any is a change of layout.
	displays() []frame.Monitor
	// take is the picture of an area, valid until the next. errBlind means
	// that there is none for now.
	take(area frame.Rect) (frame.Image, error)
	// pointer is where the pointer is, and its shape if that is another than
	// the one delivered last; not ok where that can't be known.
	pointer() (at image.Point, shape *frame.Cursor, ok bool)
	// forget makes pointer deliver the shape again.
	forget()
	close()
}

// errBlind is the error of a camera that can't see for a while: another
// program, or the system, has the screen.
var errBlind = errors.New("screen: nothing can be seen for now")

// clocked looks at regular times and compares.
type clocked struct {
	camera  camera
	screens []frame.Monitor
	area    frame.Rect
	pic     frame.Image
	changed []bool // of a row of cells
	damage  []frame.Rect
	full    bool
	looked  time.Time     // the last picture
	took    time.Duration // what it cost
	news    time.Time     // the last change
	checked time.Time     // the last look at the layout
	at      image.Point
	known   bool // where the pointer is
	timer   *time.Timer
}

// newClocked takes over the camera.
func newClocked(c camera) *clocked { return &clocked{camera: c, timer: time.NewTimer(0)} }

func (c *clocked) layout() ([]frame.Monitor, error) {
	c.screens, c.checked, c.full, c.known = c.camera.displays(), time.Now(), true, false
	c.camera.forget()
	if len(c.screens) == 0 {
		return nil, ErrNoScreen
	}
	return c.screens, nil
}

func (c *clocked) next(ctx context.Context, poke <-chan struct{}, area frame.Rect, u *Update) error {
	if area != c.area {
		c.area, c.full = area, true
		c.pic = frame.New(area.Dx(), area.Dy())
	}
	for {
		if !c.full {
			if err := c.rest(ctx, poke); err != nil {
				return err
			}
		}
		if time.Since(c.checked) >= layoutEvery {
			c.checked = time.Now()
			if !slices.Equal(c.camera.displays(), c.screens) {
				return errLayout
			}
		}
		if err := c.look(u); errors.Is(err, errBlind) {
			if c.full { // as it would go on at once
				if err := c.rest(ctx, poke); err != nil {
					return err
				}
			}
			continue
		} else if err != nil {
			return err
		}
		if len(u.Damage) > 0 || u.Cursor != nil || u.PointerMoved {
			u.Image, c.news = c.pic, c.looked
			return nil
		}
	}
}

// look takes a picture.
func (c *clocked) look(u *Update) error {
	u.At, c.looked = time.Now(), time.Now()
	defer func() { c.took = time.Since(c.looked) }()
	shot, err := c.camera.take(c.area)
	switch {
	case errors.Is(err, errBlind):
		return err
	case err != nil:
		return fmt.Errorf("%w: taking a picture: %w", ErrLost, err)
	case shot.W < c.area.Dx() || shot.H < c.area.Dy():
		return errLayout
	}
	c.compare(shot)
	if c.full {
		c.full, c.damage = false, append(c.damage[:0], c.pic.Bounds())
	}
	u.Damage = c.damage
	at, shape, ok := c.camera.pointer()
	if !ok {
		return nil
	}
	u.PointerMoved = at != c.at || !c.known
	u.Pointer, u.Cursor = at, shape
	c.at, c.known = at, true
	return nil
}

// rest waits until the next look is due.
func (c *clocked) rest(ctx context.Context, poke <-chan struct{}) error {
	every := lookFast
	if time.Since(c.news) >= lookCalm {
		every = lookSlow
	}
	c.timer.Reset(time.Until(c.looked.Add(max(every, 2*c.took))))
	select {
	case <-c.timer.C:
		return nil
	case <-poke:
		return errPoked
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// compare brings pic up to date and notes where it changed.
func (c *clocked) compare(shot frame.Image) {
	w, h := c.pic.W, c.pic.H
	if n := (w + cell - 1) / cell; len(c.changed) != n {
		c.changed = make([]bool, n)
	}
	c.damage = c.damage[:0]
	for top := 0; top < h; top += cell {
		clear(c.changed)
		bottom := min(top+cell, h)
		for y := top; y < bottom; y++ {
			now, old := shot.Row(y, 0, w), c.pic.Row(y, 0, w)
			if frame.SameRow(now, old) {
				continue
			}
			for i := range c.changed {
				from, to := 4*i*cell, min(4*(i+1)*cell, 4*w)
				c.changed[i] = c.changed[i] || !frame.SameRow(now[from:to], old[from:to])
			}
			copy(old, now)
		}
		for i, yes := range c.changed {
			if yes {
				c.damage = append(c.damage, image.Rect(i*cell, top, min((i+1)*cell, w), bottom))
			}
		}
	}
	c.damage = gather(c.damage, 0, readMost)
}

func (c *clocked) close() {
	c.timer.Stop()
	c.camera.close()
}
