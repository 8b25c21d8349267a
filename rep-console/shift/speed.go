package shift

import (
	"time"

	"handrail/rep-console/remote"
	"handrail/shared/watch"
	"handrail/shared/wire"
)

// done is what this side has done for the pictures up to some moment.
type done struct {
	watch.Stats
	painted time.Duration // by the viewer's painter, in paints
	paints  int
}

// speed puts the two sides' figures together: what the customer's side says of
// its last second, and what was done here since before.
func (d done) speed(p wire.Pace, before done, rtt time.Duration) remote.Speed {
	us := func(n uint32) time.Duration { return time.Duration(n) * time.Microsecond }
	s := remote.Speed{
		Capture: us(p.Capture), Encode: us(p.Encode), Queue: us(p.Send), Network: rtt,
		Decode:   mean(d.Decode-before.Decode, int(d.Frames-before.Frames)),
		Present:  mean(d.Paint-before.Paint, int(d.Painted-before.Painted)) + mean(d.painted-before.painted, d.paints-before.paints),
		Strained: p.Strain > 0,
		Pictures: int(p.Frames), Bits: 8 * int(p.Bytes),
	}
	if p.Shown > 0 {
		// What no station accounts for has been waiting on the way.
		s.Queue = max(s.Queue, us(p.Shown)-s.Encode-s.Network-s.Decode-s.Present)
	}
	return s
}

// mean is the mean of n times that sum up to all.
func mean(all time.Duration, n int) time.Duration {
	if n <= 0 {
		return 0
	}
	return all / time.Duration(n)
}
