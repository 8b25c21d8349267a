//go:build !linux

package grab

// Grab does not exist on this system: Open always fails, and the toolkit's own
// events take its place.
type Grab struct{}

// Open returns ErrNotHere.
func Open(uint32, func(Event)) (*Grab, error) { return nil, ErrNotHere }

// Hold does nothing.
func (*Grab) Hold(bool) {}

// Place does nothing.
func (*Grab) Place(_, _, _, _ int) {}

// WayOut does nothing.
func (*Grab) WayOut(uint16) {}

// Close does nothing.
func (*Grab) Close() {}
