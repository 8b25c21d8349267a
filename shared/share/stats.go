package share

import (
	"time"

	"handrail/shared/wire"
)

// Stats are sums since the Share was made. The difference of two readings,
// divided by the difference of the counts beside it, is a mean.
type Stats struct {
	Captures uint64        // updates taken from the screen
	Capture  time.Duration // from the beginning of capture until the update came
	Slices   uint64
	Bytes    uint64        // of all slices
	Encode   time.Duration // of all slices
	Send     time.Duration // until the connection took them
	Frames   uint64

	Presented uint64        // frames the viewer showed
	Present   time.Duration // from encoding a frame until it was shown and we knew
	Waiting   int           // bytes on their way now, as far as the viewer has said
	Strain    int           // how far the link is behind: 0 not at all, to codec.MaxStrain
	Profile   wire.Profile  // what pictures look like now

	Inputs  uint64 // that reached Hands
	Refused uint64 // that came while control was not allowed, or made no sense
}

// Stats is how much was done so far, and how long it took.
func (s *Share) Stats() Stats {
	s.mu.Lock()
	st := s.stats
	st.Waiting, st.Strain, st.Profile = s.heldLocked(), s.strain.level, wire.Profile(s.profile)
	s.mu.Unlock()
	st.Inputs, st.Refused = s.reins.counts()
	return st
}
