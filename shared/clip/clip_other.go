//go:build !linux && !windows

package clip

import (
	"context"

	"handrail/shared/wire"
)

// Board does not exist on this system: Open always fails.
type Board struct{}

// Open returns ErrNotHere.
func Open(string) (*Board, error) { return nil, ErrNotHere }

// Watch does nothing.
func (*Board) Watch(Told) {}

// Read returns ErrNotHere.
func (*Board) Read(context.Context, wire.ClipFormat) ([]byte, error) { return nil, ErrNotHere }

// Offer returns ErrNotHere.
func (*Board) Offer([]wire.ClipForm, Get) (func(), error) { return nil, ErrNotHere }

// Close has nothing to close.
func (*Board) Close() {}
