// Package sound plays a short sound to get somebody's attention. Where nothing
// can be heard it says so with ErrNoAudio, and the caller goes on in silence.
//
//	err := sound.Chime(ctx, wav) // returns when it has been heard
package sound

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrNoAudio says that this computer has no way to be heard, or none that is
// open to this program.
var ErrNoAudio = errors.New("sound: no audio here")

// ErrNotWAV says that a sound is not a RIFF WAVE file of 16-bit PCM.
var ErrNotWAV = errors.New("sound: not a WAV of 16-bit PCM")

// maxWAV bounds a chime in bytes: ten seconds of the best quality allowed.
const maxWAV = 10 * 2 * 2 * 48000

// clip is a sound in memory.
type clip struct {
	rate     int // samples a second of each channel
	channels int // 1 or 2
	pcm      []byte
}

// parse reads the "fmt " and "data" chunks of a RIFF WAVE file (Multimedia
// Programming Interface and Data Specifications 1.0, 1991).
func parse(wav []byte) (clip, error) {
	if len(wav) > maxWAV+4096 || len(wav) < 12 || string(wav[:4]) != "RIFF" || string(wav[8:12]) != "WAVE" {
		return clip{}, ErrNotWAV
	}
	var c clip
	for rest := wav[12:]; len(rest) >= 8; {
		name, n := string(rest[:4]), binary.LittleEndian.Uint32(rest[4:])
		rest = rest[8:]
		if uint64(n) > uint64(len(rest)) {
			return clip{}, fmt.Errorf("%w: a chunk is cut short", ErrNotWAV)
		}
		body := rest[:n]
		rest = rest[min(int(n)+int(n&1), len(rest)):] // chunks begin at even offsets
		switch name {
		case "fmt ":
			if n < 16 || binary.LittleEndian.Uint16(body) != 1 || binary.LittleEndian.Uint16(body[14:]) != 16 {
				return clip{}, ErrNotWAV
			}
			c.channels = int(binary.LittleEndian.Uint16(body[2:]))
			c.rate = int(binary.LittleEndian.Uint32(body[4:]))
		case "data":
			c.pcm = body
		}
	}
	if c.channels < 1 || c.channels > 2 || c.rate < 8000 || c.rate > 48000 || len(c.pcm) == 0 || len(c.pcm) > maxWAV {
		return clip{}, ErrNotWAV
	}
	c.pcm = c.pcm[:len(c.pcm)/(2*c.channels)*(2*c.channels)]
	return c, nil
}
