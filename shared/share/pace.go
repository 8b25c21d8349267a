package share

import (
	"math"
	"time"

	"handrail/shared/wire"
)

// tellPace tells the viewer how the last second went, if that is due.
func (s *Share) tellPace(now time.Time) {
	if s.paceDue.IsZero() || now.Before(s.paceDue) {
		return
	}
	s.paceDue = time.Time{}
	s.mu.Lock()
	st, level := s.stats, s.strain.level
	s.mu.Unlock()
	was := s.told
	s.told = st
	if s.to.Pace == nil || st.Slices == was.Slices {
		return
	}
	frames := st.Frames - was.Frames
	s.to.Pace(wire.Pace{
		Capture: mean(st.Capture-was.Capture, st.Captures-was.Captures),
		Encode:  mean(st.Encode-was.Encode, max(frames, 1)),
		Send:    mean(st.Send-was.Send, max(frames, 1)),
		Shown:   mean(st.Present-was.Present, st.Presented-was.Presented),
		Frames:  small(frames), Bytes: small(st.Bytes - was.Bytes), Strain: uint8(level),
	})
}

// mean is a mean time in microseconds, 0 if there is none.
func mean(sum time.Duration, count uint64) uint32 {
	if count == 0 {
		return 0
	}
	return small(uint64(max(sum, 0)/time.Microsecond) / count)
}

// small is n as it is told, which is enough for an hour and for 4 GB.
func small(n uint64) uint32 { return uint32(min(n, math.MaxUint32)) }
