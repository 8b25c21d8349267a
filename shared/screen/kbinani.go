//go:build !windows

package screen

import (
	"encoding/binary"
	"image"
	"strconv"

	"github.com/kbinani/screenshot"

	"handrail/shared/frame"
)

// kbinani captures through github.com/kbinani/screenshot: CoreGraphics or
// ScreenCaptureKit on macOS, a fresh connection a picture on X11. It knows no
// pointer.
type kbinani struct{}

func openKbinani() (backend, error) {
	if len(kbinani{}.displays()) == 0 {
		return nil, ErrNoScreen
	}
	return newClocked(kbinani{}), nil
}

func (kbinani) displays() []frame.Monitor {
	var monitors []frame.Monitor
	for i := range min(screenshot.NumActiveDisplays(), MaxMonitors) {
		if r := screenshot.GetDisplayBounds(i); !r.Empty() {
			n := len(monitors) + 1
			monitors = append(monitors, frame.Monitor{ID: uint8(n), Name: strconv.Itoa(i + 1), Bounds: r, Primary: n == 1})
		}
	}
	return monitors
}

func (kbinani) take(r frame.Rect) (frame.Image, error) {
	shot, err := screenshot.Capture(r.Min.X, r.Min.Y, r.Dx(), r.Dy())
	if err != nil {
		return frame.Image{}, err
	}
	swap(shot.Pix)
	return frame.Image{Pix: shot.Pix, Stride: shot.Stride, W: shot.Rect.Dx(), H: shot.Rect.Dy()}, nil
}

func (kbinani) pointer() (at image.Point, shape *frame.Cursor, ok bool) { return at, nil, false }

func (kbinani) forget() {}
func (kbinani) close()  {}

// swap turns RGBA into BGRX.
func swap(b []byte) {
	for ; len(b) >= 4; b = b[4:] {
		p := binary.LittleEndian.Uint32(b)
		binary.LittleEndian.PutUint32(b, p&0x00ff00|p>>16&0xff|p&0xff<<16)
	}
}
