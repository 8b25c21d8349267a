package room

import (
	"context"
	"errors"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// How a connection that is lost, or that could be better, is replaced.
const (
	// SilentAfter of silence, three heartbeats, another connection is looked
	// for. A machine that was only busy costs an epoch and nothing else, because
	// the one there is goes on meanwhile.
	SilentAfter = 1500 * time.Millisecond
	// LostAfter of silence a connection counts as lost: six heartbeats, so that
	// a busy machine is not taken for a dead one.
	LostAfter = 3 * time.Second
	// lookRate and lookLeast are the longest and the shortest time from one look
	// at a connection to the next.
	lookRate  = 500 * time.Millisecond
	lookLeast = 50 * time.Millisecond
	// retryRest is the least time from one epoch's begin to the next one's:
	// each costs both machines sockets and the broker work, and the other side
	// may ask for as many as it likes. Once the two have met, the first ones of
	// a few may come sooner, on the average of so many seconds.
	retryRest = time.Second
	burst     = 3
	firstTry  = 3 // epochs that may fail before anybody has ever met
	// callWait is how long a customer who never met the rep waits for the
	// rep's side to call again: longer than one epoch may take it.
	callWait = 15 * time.Second
	// firstBetter is how long a relayed connection is left alone before a direct
	// way is tried. Each further try waits twice as long, up to lastBetter.
	firstBetter = 5 * time.Second
	lastBetter  = 5 * time.Minute
	// orphanWait is how long the end of a connection is taken for that of one
	// whose successor the other side has already: its word comes at the same time.
	orphanWait = 500 * time.Millisecond
	// handOver is how long the customer's side keeps a connection that was
	// replaced, for what was still on its way.
	handOver = time.Second
)

// epochs is what a Room knows of its attempts to make connections.
type epochs struct {
	try     Try                // the newest begun
	wanted  Try                // the newest called for, here or there
	theirs  bool               // the other side called for it
	begun   [burst]time.Time   // when the last ones began, newest last
	callOff context.CancelFunc // of the Meet that goes on; nil while none does
	failed  int
	last    error         // of the last that failed
	orphan  time.Time     // since when the peer has ended, while its successor may be coming; else zero
	wait    time.Duration // before a direct way is tried again

	rest   *time.Timer // before wanted is begun
	look   *time.Timer // before the peer is looked at
	better *time.Timer // before a direct way is tried
}

// begin makes the timers.
func (e *epochs) begin() {
	e.rest, e.look, e.better = time.NewTimer(0), time.NewTimer(lookRate), time.NewTimer(0)
	e.rest.Stop()
	e.better.Stop()
}

// attempt begins the epoch that is wanted.
func (r *Room) attempt(ctx context.Context) {
	ctx, r.callOff = context.WithCancel(ctx)
	r.rest.Stop()
	t := r.wanted
	r.try = t
	copy(r.begun[:], r.begun[1:])
	r.begun[burst-1] = time.Now()
	r.group.Go(func() {
		p, err := r.cfg.Meet(ctx, t)
		r.results <- result{p, err} // has room: one Meet at a time
	})
}

// outcome takes what became of an epoch. An error ends the room: the two never
// met.
func (r *Room) outcome(ctx context.Context, res result) error {
	r.callOff()
	r.callOff = nil
	if fatal := (ErrFatal{}); !r.met && errors.As(res.err, &fatal) {
		return res.err
	}
	newer := r.wanted.Epoch > r.try.Epoch
	switch {
	case res.peer != nil:
		if !newer || !r.theirs {
			r.wanted = r.try // this is it
		}
		r.take(ctx, res.peer)
		if r.wanted != r.try {
			r.soon() // the other side may have this one, too, but wants another
		}
	case newer:
		r.soon()
	case r.try.Direct && r.peer != nil && r.orphan.IsZero(): // nothing was gained, nothing lost
	default:
		r.last = res.err
		r.failed++
		if !r.met && r.failed >= firstTry {
			return res.err
		}
		if !r.orphan.IsZero() {
			r.lost()
		}
		r.again()
	}
	return nil
}

// take begins to use a new connection. It always takes the place of the one
// there is, because the other side does the same.
func (r *Room) take(ctx context.Context, p Peer) {
	old := r.peer
	if old != nil {
		r.stop()
	}
	r.met, r.failed, r.breach, r.orphan = true, 0, false, time.Time{}
	r.rest.Stop()
	r.peer = p
	r.read(ctx, p)
	r.cfg.Host.Connected(p)
	words, certified := p.Compared()
	r.step(session.Linked{Slice: r.cfg.Host.Seen(), Words: words, Certified: certified})
	if old != nil {
		r.group.Go(func() { r.retire(ctx, old) })
	}
	r.wait = firstBetter
	r.better.Reset(r.wait)
}

// retire sees a connection off that was replaced. The rep's side closes it; at
// the customer's it stays until it is closed, since the rep's last keys may be
// on their way. Packets that still come are sent again on the new one.
func (r *Room) retire(ctx context.Context, p Peer) {
	defer p.Close(0)
	if r.cfg.Session.Role == wire.RoleRep {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, handOver)
	defer cancel()
	for {
		if _, err := p.Receive(ctx); err != nil && !errors.Is(err, wire.ErrUnknownKind) {
			return
		}
	}
}

// called hears that the other side has begun an epoch.
func (r *Room) called(t Try) {
	if t.Epoch <= r.wanted.Epoch {
		return
	}
	r.wanted, r.theirs = t, true
	r.start()
}

// renew begins a further epoch from this side.
func (r *Room) renew(direct bool) {
	switch {
	case r.wanted.Epoch == r.try.Epoch:
		r.wanted, r.theirs = Try{r.try.Epoch + 1, direct}, false
	case !r.theirs: // it has not begun yet
		r.wanted.Direct = r.wanted.Direct && direct
	}
	r.start()
}

// start begins the wanted epoch as soon as may be.
func (r *Room) start() {
	if r.callOff != nil {
		r.callOff() // its outcome leads on to the wanted one
		return
	}
	r.soon()
}

// soon begins the wanted epoch as soon as the last ones are old enough.
func (r *Room) soon() {
	at := r.begun[burst-1].Add(retryRest)
	if r.met {
		at = r.begun[0].Add(burst * retryRest)
	}
	r.rest.Reset(time.Until(at))
}

// again begins another epoch when there is no connection. As long as the two
// have not met, only the rep's side begins; the customer's follows when it is
// called, so that both count alike.
func (r *Room) again() {
	switch {
	case r.peer != nil || r.callOff != nil || r.wanted.Epoch > r.try.Epoch:
	case r.met || r.cfg.Session.Role == wire.RoleRep:
		r.renew(false)
	default:
		r.rest.Reset(callWait)
	}
}

// seek begins an epoch by any way there is, if none goes on.
func (r *Room) seek() {
	if r.callOff != nil && !r.try.Direct || r.wanted.Epoch > r.try.Epoch && !r.wanted.Direct {
		return
	}
	r.renew(false)
}

// watch notices a connection that has fallen silent: soon, to look for another,
// and later, to give it up.
func (r *Room) watch() {
	next := lookRate
	if r.peer != nil {
		switch silent := r.silent(); {
		case silent > LostAfter, !r.orphan.IsZero() && time.Since(r.orphan) >= orphanWait:
			r.lost()
			r.again()
		case silent >= SilentAfter:
			r.seek()
		default:
			next = max(lookLeast, min(lookRate, SilentAfter-silent))
		}
		if !r.orphan.IsZero() {
			next = lookLeast
		}
	}
	r.look.Reset(next)
}

func (r *Room) silent() time.Duration { return r.peer.Silent(r.cfg.Now()) }

// improve tries a direct way while the connection is relayed.
func (r *Room) improve() {
	if r.peer == nil {
		return // the next one begins to count anew
	}
	direct, _ := r.peer.Travels()
	if !direct && r.cfg.Session.Role == wire.RoleRep && r.callOff == nil && r.wanted == r.try {
		r.renew(true)
	}
	r.wait = min(2*r.wait, lastBetter)
	r.better.Reset(r.wait)
}

// hurried hears that the broker is back. An epoch that goes on may have been
// begun with relays that are gone.
func (r *Room) hurried() {
	if r.met && (r.peer == nil || !r.orphan.IsZero() || r.silent() >= SilentAfter) {
		r.renew(false)
	}
}

// elsewhere hears that this machine's network is another, or that it slept.
func (r *Room) elsewhere() {
	r.watch() // it may have been away for so long that the session is over
	if r.met {
		r.renew(false)
	}
}

// gone is the end of a connection: on purpose, which ends the session, or not.
func (r *Room) gone() {
	if why := r.peer.Closed(); why != 0 {
		r.lost()
		r.step(session.Closed{Why: why})
		return
	}
	if r.orphan.IsZero() && (r.callOff != nil || r.wanted != r.try) {
		// Maybe the other side has its successor already. If not, the outcome
		// says so, or watch does.
		r.orphan = time.Now()
		r.look.Reset(orphanWait)
		if r.cfg.Session.Role == wire.RoleRep {
			r.seek()
		}
		return
	}
	r.lost()
	r.again()
}

// lost puts the connection away and has the session know.
func (r *Room) lost() {
	if r.peer == nil {
		return
	}
	since := r.now().Add(-r.silent())
	r.drop(0)
	r.step(session.Unlinked{Since: since})
}
