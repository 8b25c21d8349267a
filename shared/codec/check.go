package codec

import (
	"encoding/binary"
	"math/bits"

	"handrail/shared/frame"
)

// sum is a hash of one row of tiles, by which the decoder can tell that it
// shows what the encoder thinks it does. Four lanes, because one would wait
// for its own multiplications.
func sum(pic frame.Image, row int) uint32 {
	h := [4]uint32{1, 2, 3, 4}
	for y := row * side; y < min(row*side+side, pic.H); y++ {
		line := pic.Row(y, 0, pic.W)
		for ; len(line) >= 16; line = line[16:] {
			for i := range h {
				h[i] = bits.RotateLeft32((h[i]^binary.LittleEndian.Uint32(line[4*i:])&colours)*mulU, 13)
			}
		}
		for ; len(line) >= 4; line = line[4:] {
			h[0] = bits.RotateLeft32((h[0]^binary.LittleEndian.Uint32(line)&colours)*mulU, 13)
		}
	}
	s := uint32(0)
	for _, v := range h {
		s = bits.RotateLeft32((s^v)*mulU, 13)
	}
	return s
}
