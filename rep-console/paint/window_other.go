//go:build !linux

package paint

import (
	"image"
	"time"

	"handrail/rep-console/remote"
	"handrail/shared/frame"
)

// Window does not exist here: the view paints by itself.
type Window struct{}

// Open gives ErrNotHere.
func Open(uint32) (*Window, error) { return nil, ErrNotHere }

// Bare gives ErrNotHere.
func Bare(uint32) (*Window, error) { return nil, ErrNotHere }

func (*Window) ID() uint32                     { return 0 }
func (*Window) Set(remote.Scene)               {}
func (*Window) Draw(frame.Image, []frame.Rect) {}
func (*Window) Cursor(frame.Cursor)            {}
func (*Window) Snapshot() frame.Image          { return frame.Image{} }
func (*Window) Pointer() (image.Point, bool)   { return image.Point{}, false }
func (*Window) Painted() (time.Duration, int)  { return 0, 0 }
func (*Window) Close()                         {}
