// Package guard stands on the shared screen: a frame round every monitor that
// is seen and a small bar that names the rep and what is allowed, with Stop on
// it (C11). The frame lets every click through. Neither can be hidden by the
// rep: injected input does not reach the bar (Windows tells package hands
// which windows are meant), and what covers it is covered again.
//
//	g, err := guard.Open("", plain, bold, stopped)
//	g.Show(guard.Showing{…})
//	g.Hide()
//	g.Close()
package guard

import (
	"errors"

	"handrail/shared/frame"
)

// ErrNotHere says that this system's screen can't be marked by this package.
var ErrNotHere = errors.New("guard: not on this system")

// Showing is what stands on the screen.
type Showing struct {
	Monitors []frame.Monitor // the shared ones
	Title    string          // who sees the screen
	Detail   string          // what is allowed, and since when
	Stop     string          // on the button
	Control  bool            // the rep may move the pointer and type: in a warmer colour
}
