package sound

import (
	"context"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// playSound is loaded at its first use; the handle is never changed.
var playSound = windows.NewLazySystemDLL("winmm.dll").NewProc("PlaySoundW")

// Numbers of mmsystem.h.
const (
	sndAsync     = 0x1
	sndNoDefault = 0x2
	sndMemory    = 0x4
)

// Chime plays a WAV from memory and returns when it has been played or ctx
// ends. Errors: ErrNoAudio, ErrNotWAV.
func Chime(ctx context.Context, wav []byte) error {
	c, err := parse(wav)
	if err != nil {
		return err
	}
	if ok, _, err := playSound.Call(uintptr(unsafe.Pointer(&wav[0])), 0, sndAsync|sndNoDefault|sndMemory); ok == 0 {
		return fmt.Errorf("%w: %w", ErrNoAudio, err)
	}
	// The system reads the memory until the end: it must not go before.
	done := time.NewTimer(time.Duration(len(c.pcm)/(2*c.channels)) * time.Second / time.Duration(c.rate))
	defer done.Stop()
	select {
	case <-done.C:
	case <-ctx.Done():
		err = fmt.Errorf("playing a sound: %w", context.Cause(ctx))
	}
	_, _, _ = playSound.Call(0, 0, 0) // stops it; nothing to be done if it can't
	runtime.KeepAlive(wav)
	return err
}
