package screen

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"slices"
	"strconv"
	"time"

	"github.com/kbinani/screenshot"

	"handrail/shared/frame"
)

// The clock of systems that don't say when something changed.
const (
	lookEvery   = 100 * time.Millisecond
	layoutEvery = time.Second
	cell        = 32 // pixels of the squares in which changes are reported
)

// camera takes pictures of a desktop.
type camera interface {
	displays() []frame.Rect
	take(frame.Rect) (*image.RGBA, error)
}

// clocked looks at regular times and compares.
type clocked struct {
	camera  camera
	screens []frame.Rect
	area    frame.Rect
	pic     frame.Image
	row     []byte
	full    bool
	looked  time.Time // the last picture
	checked time.Time // the last look at the layout
}

func openClocked() (backend, error) {
	if len(kbinani{}.displays()) == 0 {
		return nil, ErrNoScreen
	}
	return &clocked{camera: kbinani{}}, nil
}

func (c *clocked) layout() ([]frame.Monitor, error) {
	c.screens, c.checked, c.full = c.camera.displays(), time.Now(), true
	if len(c.screens) == 0 {
		return nil, ErrNoScreen
	}
	var monitors []frame.Monitor
	for i, r := range c.screens {
		monitors = append(monitors, frame.Monitor{
			ID: uint8(i + 1), Name: strconv.Itoa(i + 1), Bounds: r, Primary: i == 0,
		})
	}
	return monitors, nil
}

func (c *clocked) next(ctx context.Context, area frame.Rect, u *Update) error {
	if area != c.area {
		c.area, c.full = area, true
		c.pic = frame.New(area.Dx(), area.Dy())
	}
	for {
		if !c.full {
			if err := c.rest(ctx); err != nil {
				return err
			}
		}
		if time.Since(c.checked) >= layoutEvery {
			c.checked = time.Now()
			if !slices.Equal(c.camera.displays(), c.screens) {
				return errLayout
			}
		}
		u.At, c.looked = time.Now(), time.Now()
		shot, err := c.camera.take(area)
		if err != nil {
			return fmt.Errorf("%w: taking a picture: %w", ErrLost, err)
		}
		if shot.Rect.Dx() < area.Dx() || shot.Rect.Dy() < area.Dy() {
			return errLayout
		}
		u.Damage = c.compare(shot)
		if c.full {
			c.full, u.Damage = false, []frame.Rect{c.pic.Bounds()}
		}
		if len(u.Damage) > 0 {
			u.Image = c.pic
			return nil
		}
	}
}

// rest waits until the next look is due.
func (c *clocked) rest(ctx context.Context) error {
	due := time.NewTimer(time.Until(c.looked.Add(lookEvery)))
	defer due.Stop()
	select {
	case <-due.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// compare brings pic up to date and says where it changed.
func (c *clocked) compare(shot *image.RGBA) (damage []frame.Rect) {
	w, h := c.pic.W, c.pic.H
	if len(c.row) != 4*w {
		c.row = make([]byte, 4*w)
	}
	changed := make([]bool, (w+cell-1)/cell)
	for top := 0; top < h; top += cell {
		clear(changed)
		bottom := min(top+cell, h)
		for y := top; y < bottom; y++ {
			swap(c.row, shot.Pix[y*shot.Stride:][:4*w])
			old := c.pic.Row(y, 0, w)
			for i := range changed {
				from, to := 4*i*cell, min(4*(i+1)*cell, 4*w)
				changed[i] = changed[i] || !frame.SameRow(c.row[from:to], old[from:to])
			}
			copy(old, c.row)
		}
		for i, yes := range changed {
			if yes {
				r := image.Rect(i*cell, top, min((i+1)*cell, w), bottom)
				damage = frame.Join(damage, r, 64)
			}
		}
	}
	return damage
}

// swap turns RGBA into BGRX.
func swap(to, from []byte) {
	for i := 0; i+4 <= len(from); i += 4 {
		p := binary.LittleEndian.Uint32(from[i:])
		binary.LittleEndian.PutUint32(to[i:], p&0x00ff00|p>>16&0xff|p&0xff<<16)
	}
}

func (c *clocked) close() {}

// kbinani captures through github.com/kbinani/screenshot: GDI on Windows,
// CoreGraphics or ScreenCaptureKit on macOS, a fresh connection a picture on
// X11.
type kbinani struct{}

func (kbinani) displays() []frame.Rect {
	var rs []frame.Rect
	for i := range min(screenshot.NumActiveDisplays(), MaxMonitors) {
		if r := screenshot.GetDisplayBounds(i); !r.Empty() {
			rs = append(rs, r)
		}
	}
	return rs
}

func (kbinani) take(r frame.Rect) (*image.RGBA, error) {
	return screenshot.Capture(r.Min.X, r.Min.Y, r.Dx(), r.Dy())
}
