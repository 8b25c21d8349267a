//go:build !cgo || !(linux || darwin)

package robot

import "handrail/shared/wire"

// Robot does not exist here: robotgo needs C, and Windows has package hands.
type Robot struct{}

// Open returns ErrNotHere.
func Open() (*Robot, error) { return nil, ErrNotHere }

// Protect does nothing.
func (*Robot) Protect(uint32) {}

// ShutGate does nothing: there is nothing to stop.
func (*Robot) ShutGate(bool) {}

// Leftovers is 0.
func (*Robot) Leftovers() int { return 0 }

// Refused is 0.
func (*Robot) Refused() uint64 { return 0 }

// MoveTo returns ErrNotHere.
func (*Robot) MoveTo(int, int) error { return ErrNotHere }

// Button returns ErrNotHere.
func (*Robot) Button(uint8, bool, int, int) error { return ErrNotHere }

// Wheel returns ErrNotHere.
func (*Robot) Wheel(int32, int32, int, int) error { return ErrNotHere }

// Key returns ErrNotHere.
func (*Robot) Key(wire.Key) error { return ErrNotHere }

// Type returns ErrNotHere.
func (*Robot) Type(string) error { return ErrNotHere }

// Locks returns ErrNotHere.
func (*Robot) Locks(wire.Locks) error { return ErrNotHere }

// ReleaseAll has nothing to release.
func (*Robot) ReleaseAll() error { return nil }

// Close has nothing to close.
func (*Robot) Close() error { return nil }
