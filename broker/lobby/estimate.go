package lobby

import (
	"slices"
	"time"
)

// Wait is how long one customer waited in a queue until a rep took it, for
// each place that there was before the turn came. Estimates are made of such
// waits, and they are kept.
type Wait struct {
	Queue string
	Slot  int       // among the remembered ones of the queue; it takes the place of the one before
	At    time.Time // when it was over
	Each  time.Duration
}

const (
	// rememberedWaits of a queue make its estimate: an hour's work or two, so
	// that it follows the day.
	rememberedWaits = 32

	// tellingWaits are enough for a number that is worth telling.
	tellingWaits = 5

	// WaitMemory is how old a wait may be and still tell something.
	WaitMemory = 30 * 24 * time.Hour
)

// history is the last waits of one queue.
type history struct {
	waits  []Wait // oldest first
	middle time.Duration
}

// rememberWait takes a wait into the estimate of its queue.
func (l *Lobby) rememberWait(w Wait) {
	h := l.history[w.Queue]
	if h == nil {
		h = &history{}
		l.history[w.Queue] = h
	}
	if len(h.waits) == rememberedWaits {
		h.waits = slices.Delete(h.waits, 0, 1)
	}
	h.waits = append(h.waits, w)
	each := make([]time.Duration, len(h.waits))
	for i, w := range h.waits {
		each[i] = w.Each
	}
	// The one in the middle: a customer forgotten over lunch moves an average,
	// but not this.
	slices.Sort(each)
	h.middle = each[len(each)/2]
}

// learn remembers how long a customer has waited who is taken now.
func (l *Lobby) learn(now time.Time, v *visit) {
	if v.Place == 0 {
		return
	}
	w := Wait{Queue: v.Queue, At: now, Each: now.Sub(v.Queued) / time.Duration(v.Place)}
	if h := l.history[v.Queue]; h != nil {
		w.Slot = (h.waits[len(h.waits)-1].Slot + 1) % rememberedWaits
	}
	l.rememberWait(w)
	l.do(SaveWait{w})
}

// estimate is how long whoever stands at a position has to wait about, in
// steps that people think in; 0 where too little is known.
func (l *Lobby) estimate(queue string, position int) time.Duration {
	h := l.history[queue]
	if h == nil || len(h.waits) < tellingWaits || l.now.Sub(h.waits[len(h.waits)-1].At) > WaitMemory {
		return 0
	}
	d := h.middle * time.Duration(position)
	step := time.Minute
	switch {
	case d <= time.Minute:
		return time.Minute
	case d > time.Hour:
		step = 15 * time.Minute
	case d > 10*time.Minute:
		step = 5 * time.Minute
	}
	return (d + step - 1) / step * step // rather too long than too short
}
