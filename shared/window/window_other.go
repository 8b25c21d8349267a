//go:build !linux && !windows

package window

import "context"

// Raise gives ErrNotHere.
func Raise(uint32) error { return ErrNotHere }

// Shake gives ErrNotHere.
func Shake(context.Context, uint32) error { return ErrNotHere }
