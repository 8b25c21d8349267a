//go:build !linux && !windows

package sound

import "context"

// Chime gives ErrNoAudio.
func Chime(context.Context, []byte) error { return ErrNoAudio }
