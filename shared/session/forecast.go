package session

import "time"

// Open says that a transfer has not come to an end: it can be cancelled.
func (t Transfer) Open() bool { return t.Stage == TransferOffered || t.Stage == TransferGoing }

// Forecast tells how long transfers will still take, from how they went over
// the last seconds. A window keeps one beside the State it shows. The zero
// Forecast knows nothing yet.
type Forecast struct {
	runs map[uint32]run
}

// run is how one transfer goes.
type run struct {
	at, from time.Time // of the last bytes, and since when they have come
	done     uint64
	rate     float64 // bytes a second, smoothed
}

// Time constants of the forecast, chosen so that it neither jumps nor lags.
const (
	forecastMemory = 5.0             // seconds: what is older counts for less than a third
	forecastAfter  = 2 * time.Second // nothing is foretold from less
)

// Note takes the newest State in.
func (f *Forecast) Note(now time.Time, s State) {
	next := map[uint32]run{}
	for _, t := range s.Transfers {
		if t.Stage != TransferGoing || !s.Linked {
			continue // it begins anew when it goes again
		}
		r, known := f.runs[t.ID]
		switch gone := now.Sub(r.at).Seconds(); {
		case !known || t.Done < r.done:
			r = run{at: now, from: now, done: t.Done}
		case t.Done > r.done && gone > 0:
			rate := float64(t.Done-r.done) / gone
			weight := gone / (gone + forecastMemory)
			if r.rate == 0 {
				weight = 1
			}
			r.rate += (rate - r.rate) * weight
			r.at, r.done = now, t.Done
		}
		next[t.ID] = r
	}
	f.runs = next
}

// Left is how long each transfer that goes will still take. One of which that
// can't be told is not in it.
func (f *Forecast) Left(s State) map[uint32]time.Duration {
	var left map[uint32]time.Duration
	for _, t := range s.Transfers {
		r, known := f.runs[t.ID]
		if !known || r.rate <= 0 || r.at.Sub(r.from) < forecastAfter || t.Size < t.Done {
			continue
		}
		seconds := float64(t.Size-t.Done) / r.rate
		if seconds > (48 * time.Hour).Seconds() {
			continue
		}
		if left == nil {
			left = map[uint32]time.Duration{}
		}
		left[t.ID] = time.Duration(seconds * float64(time.Second))
	}
	return left
}
