package frame

import (
	"image"
	"time"
)

// Update is what changed on a screen since the last one, as package screen
// delivers it and package share takes it.
type Update struct {
	Image   Image   // the whole shown area; valid until the next Update is asked for
	Damage  []Rect  // what may have changed, in pixels of Image; none if only the rest changed
	Area    Rect    // the shown area, in the coordinates of the whole desktop
	Monitor uint8   // the monitor that is shown; 0 is all of them
	Cursor  *Cursor // the new pointer shape, or nil

	Pointer      image.Point // where the pointer is, in the coordinates of the whole desktop
	PointerMoved bool        // Pointer differs from the last Update's

	Layout []Monitor // the first time and when monitors changed, else nil
	At     time.Time // when capture began: all input before shows in Image
}
