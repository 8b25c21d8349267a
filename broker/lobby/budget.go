package lobby

import "time"

// What wrong numbers cost. A hit on a live number is not a break-in: the
// secret, one in a million, must be right as well and burns after three wrong
// ones. The budget keeps strangers from pestering reps and from looking for
// live numbers.
const (
	// addressTries in one go are more than a person needs and enough for a few
	// customers behind one office address who all mistype.
	addressTries = 10
	addressEvery = 30 * time.Second // one more try

	// allTries bounds everybody together, so that many addresses gain nothing:
	// at one try a second and 50 live keys a stranger hits one after five and a
	// half hours on average, and then still has 3 in 1,000,000 for the secret.
	allTries = 200
	allEvery = time.Second
)

// Bucket is a token bucket: Size tries in one go, then one more each Every.
// A Bucket with only these two set is full.
type Bucket struct {
	Size  int
	Every time.Duration
	spent float64
	at    time.Time
}

func (b *Bucket) settle(now time.Time) {
	if passed := now.Sub(b.at); passed > 0 {
		b.spent = max(0, b.spent-float64(passed)/float64(b.Every))
		b.at = now
	}
}

// Wait says how long until a token is there; 0 is now.
func (b *Bucket) Wait(now time.Time) time.Duration {
	b.settle(now)
	over := b.spent + 1 - float64(b.Size)
	return time.Duration(max(0, over) * float64(b.Every))
}

// Take spends a token, whether or not one is there.
func (b *Bucket) Take(now time.Time) {
	b.settle(now)
	b.spent++
}

// spend takes n tokens, or the part of one.
func (b *Bucket) spend(now time.Time, n float64) {
	b.settle(now)
	b.spent += n
}

// full says whether nothing is spent, so the bucket need not be kept.
func (b *Bucket) full(now time.Time) bool {
	b.settle(now)
	return b.spent == 0
}

// budget counts wrong numbers. Entries are made only by charges, and those are
// bounded by the bucket for all, so a flood of addresses can't fill memory: at
// most allTries plus what refills in the five minutes an entry lives.
type budget struct {
	all  Bucket
	each map[string]*Bucket
}

func newBudget() budget {
	return budget{
		all:  Bucket{Size: allTries, Every: allEvery},
		each: map[string]*Bucket{},
	}
}

// allows says whether from may try a number now.
func (b *budget) allows(now time.Time, from string) bool {
	if b.all.Wait(now) > 0 {
		return false
	}
	one := b.each[from]
	return one == nil || one.Wait(now) == 0
}

// charge takes one try from from and from all.
func (b *budget) charge(now time.Time, from string) {
	one := b.each[from]
	if one == nil {
		one = &Bucket{Size: addressTries, Every: addressEvery}
		b.each[from] = one
	}
	one.Take(now)
	b.all.Take(now)
}

// refund gives back a try that was charged before it was known to be wrong.
func (b *budget) refund(from string) {
	if one := b.each[from]; one != nil {
		one.spent = max(0, one.spent-1)
	}
	b.all.spent = max(0, b.all.spent-1)
}

func (b *budget) forget(now time.Time) {
	for from, one := range b.each {
		if one.full(now) {
			delete(b.each, from)
		}
	}
}
