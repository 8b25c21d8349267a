package look

import (
	"sync/atomic"

	"fyne.io/fyne/v2"
)

// Calm keeps the windows of an app still while nothing happens in them. The
// toolkit lets the mark in a text field fade in and out, and paints the whole
// window anew for each step of it: without a graphics card that takes a
// quarter of a processor, and a window that is shared would change all the
// time. The function it returns lets things move, or has them rest again.
//
// Call it right after the app was made. What moves already goes on.
func Calm(a fyne.App) (stir func(bool)) {
	c := calmed{a, &still{Settings: a.Settings()}}
	fyne.SetCurrentApp(c)
	return c.still.moves.Store
}

// calmed is an app as the toolkit's own widgets see it.
type calmed struct {
	fyne.App
	still *still
}

// Settings is for Fyne.
func (c calmed) Settings() fyne.Settings { return c.still }

// still are the settings of an app, but for what moves.
type still struct {
	fyne.Settings
	moves atomic.Bool
}

// ShowAnimations is for Fyne.
func (s *still) ShowAnimations() bool { return s.moves.Load() && s.Settings.ShowAnimations() }
