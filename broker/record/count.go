package record

import (
	"time"

	"handrail/shared/wire"
)

// Place is where a record counts in the daily roll-up.
type Place struct {
	Day       int64
	Portal    string
	Team, Rep uint64
}

// Count is what records add up to. All of it are sums, so that counts can be
// added and taken away.
type Count struct {
	Came     int64 // sessions
	Taken    int64 // by a rep
	Unhelped int64 // over without one
	Waited   int64 // seconds, of those taken
	Ended    int64 // of those taken
	Lasted   int64 // seconds, of those ended
	Rated    int64
	Rating   int64
	Solved   int64 // by what reps say, as are the following
	Unsolved int64
	FollowUp int64
}

// Counts is what a record adds to which place. A record that does not exist
// yet adds nothing.
func (r *Record) Counts() (Place, Count) {
	p := Place{Day: r.Day, Portal: r.Portal, Team: r.Team, Rep: r.Rep}
	if r.Came.IsZero() {
		return p, Count{}
	}
	c := Count{Came: 1}
	if !r.Taken.IsZero() {
		c.Taken, c.Waited = 1, int64(r.Waited/time.Second)
	}
	switch {
	case r.Ended.IsZero():
	case r.Taken.IsZero():
		c.Unhelped = 1
	default:
		c.Ended, c.Lasted = 1, int64(r.Lasted/time.Second)
	}
	if r.Rating > 0 {
		c.Rated, c.Rating = 1, int64(r.Rating)
	}
	switch r.Result {
	case wire.OutcomeSolved:
		c.Solved = 1
	case wire.OutcomeUnsolved:
		c.Unsolved = 1
	case wire.OutcomeFollowUp:
		c.FollowUp = 1
	}
	return p, c
}

// Plus adds another count, times n.
func (c Count) Plus(o Count, n int64) Count {
	return Count{
		Came: c.Came + n*o.Came, Taken: c.Taken + n*o.Taken, Unhelped: c.Unhelped + n*o.Unhelped, Waited: c.Waited + n*o.Waited,
		Ended: c.Ended + n*o.Ended, Lasted: c.Lasted + n*o.Lasted, Rated: c.Rated + n*o.Rated, Rating: c.Rating + n*o.Rating,
		Solved: c.Solved + n*o.Solved, Unsolved: c.Unsolved + n*o.Unsolved, FollowUp: c.FollowUp + n*o.FollowUp,
	}
}

// AverageWait is of the sessions that were taken.
func (c Count) AverageWait() time.Duration { return average(c.Waited, c.Taken) }

// AverageLength is of the sessions that were taken and are over.
func (c Count) AverageLength() time.Duration { return average(c.Lasted, c.Ended) }

func average(sum, n int64) time.Duration {
	if n <= 0 {
		return 0
	}
	return time.Duration(sum) * time.Second / time.Duration(n)
}

// AverageRating is 0 when nobody rated.
func (c Count) AverageRating() float64 {
	if c.Rated <= 0 {
		return 0
	}
	return float64(c.Rating) / float64(c.Rated)
}
