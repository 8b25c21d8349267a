package admin

import "sync/atomic"

// Counts tell who watches over the broker how signing in goes, by password,
// passkey, provider and first code, since it began. They name nobody.
type Counts struct {
	SignedIn uint64 // wholly, the second factor included
	Refused  uint64 // something was wrong, or nobody's
	Delayed  uint64 // not looked at, so soon after wrong tries
}

// counts are Counts while they grow.
type counts struct{ signedIn, refused, delayed atomic.Uint64 }

// Counts gives the counts as they are now.
func (f *Frame) Counts() Counts {
	return Counts{SignedIn: f.counts.signedIn.Load(), Refused: f.counts.refused.Load(), Delayed: f.counts.delayed.Load()}
}
