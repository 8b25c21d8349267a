package share

import (
	"time"

	"handrail/shared/codec"
)

// Tuning of the strain. A rep notices a picture that is 150 ms late, and from
// half a second on works around it.
var late = [codec.MaxStrain]time.Duration{150 * time.Millisecond, 300 * time.Millisecond, 600 * time.Millisecond}

// relief is how long nothing may have been late before photographs become
// finer again, by one step: they grow by a third with each, so a link that was
// just large enough is not overrun at once.
const relief = time.Second

// strain is how far the link is behind, from 0 to codec.MaxStrain, and since
// when it has not been worse.
type strain struct {
	level int
	since time.Time
}

// judge takes in that a frame came by so much later than frames of this link
// come at best, or that it is so late and not there yet, with so many bytes
// under way.
//
// It goes up at once and down slowly. To go up, more must be under way than a
// slice: if less is late, it is the viewer's machine or somebody else's bytes,
// and coarser photographs would make nothing better.
func (s strain) judge(now time.Time, by time.Duration, bytes int) strain {
	s = s.relax(now)
	up := 0
	for up < len(late) && by >= late[up] {
		up++
	}
	switch {
	case up > s.level && bytes > sliceAim:
		return strain{up, now}
	case s.level > 0 && by >= late[s.level-1]/2:
		s.since = now
	}
	return s
}

// relax lets time do its work.
func (s strain) relax(now time.Time) strain {
	for s.level > 0 && !now.Before(s.eases()) {
		s = strain{s.level - 1, s.eases()}
	}
	return s
}

// eases is when the level goes down by itself; only if it is above 0.
func (s strain) eases() time.Time { return s.since.Add(relief) }
