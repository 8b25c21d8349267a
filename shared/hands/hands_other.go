//go:build !linux && !windows

package hands

import "handrail/shared/wire"

// Hands does not exist on this system: Open always fails, and package robot
// takes its place.
type Hands struct{}

// Open returns ErrNotHere.
func Open(string) (*Hands, error) { return nil, ErrNotHere }

// Protect does nothing.
func (*Hands) Protect(uint32) {}

// ShutGate does nothing: there is nothing to stop.
func (*Hands) ShutGate(bool) {}

// Leftovers is 0.
func (*Hands) Leftovers() int { return 0 }

// Refused is 0.
func (*Hands) Refused() uint64 { return 0 }

// MoveTo returns ErrNotHere.
func (*Hands) MoveTo(int, int) error { return ErrNotHere }

// Button returns ErrNotHere.
func (*Hands) Button(uint8, bool, int, int) error { return ErrNotHere }

// Wheel returns ErrNotHere.
func (*Hands) Wheel(int32, int32, int, int) error { return ErrNotHere }

// Key returns ErrNotHere.
func (*Hands) Key(wire.Key) error { return ErrNotHere }

// Type returns ErrNotHere.
func (*Hands) Type(string) error { return ErrNotHere }

// Locks returns ErrNotHere.
func (*Hands) Locks(wire.Locks) error { return ErrNotHere }

// ReleaseAll has nothing to release.
func (*Hands) ReleaseAll() error { return nil }

// Close has nothing to close.
func (*Hands) Close() error { return nil }
