package relay

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"handrail/broker/lobby"
)

// Nodes is what a store knows of the brokers that share it. All of them are
// lobby.ErrFenced for a node that others have taken over from.
type Nodes interface {
	// Join makes a node one of them, and gives it what is nobody's. With replace
	// it takes the place of one with the same address, which else is
	// lobby.ErrSameAddress.
	Join(ctx context.Context, n lobby.Node, replace bool) (lobby.Batch, lobby.Share, error)
	Renew(context.Context, lobby.NodeID) error
	// Part lets the others take over at once.
	Part(context.Context, lobby.NodeID) error
	Nodes(context.Context) ([]lobby.Node, error)
	// Adopt takes over from those who are lost. Whoever gets lobby.ErrDoubt has to
	// join anew to know what it has.
	Adopt(context.Context, lobby.NodeID) (lobby.Batch, error)
	Find(context.Context, lobby.Sought) (lobby.Whereabouts, error)
	// VisitOf is the visit of a page, whoever has it.
	VisitOf(ctx context.Context, page [sha256.Size]byte) (lobby.Visit, bool, error)
}

const (
	// renewing is how often a node says that it is there. A node is lost after
	// four times that.
	renewing    = time.Second
	renewWait   = 3 * time.Second // until it must have been heard
	partingWait = 2 * time.Second

	// finding is how many clients wait to be told where to go, until others are
	// told to try again.
	finding  = 1024
	findWait = 2 * time.Second // others wait for their turn meanwhile

	// What a lost node had is somebody's soon. Clients who ask for it meanwhile
	// wait.
	lostWait  = 8 * time.Second
	lostPause = 250 * time.Millisecond

	// Pages of visits that another node has are read so often, in so long.
	rereading  = 2 * time.Second
	rereadWait = time.Second
)

// join begins a life among the brokers, with what is nobody's: what this one
// had before, if it is alone.
func (r *Relay) join(ctx context.Context, replace bool) error {
	rand.Read(r.node[:]) // never fails
	joining, cancel := context.WithTimeout(ctx, keepTime)
	defer cancel()
	kept, share, err := r.store.Join(joining, lobby.Node{ID: r.node, Address: r.config.Address}, replace)
	if ctx.Err() != nil {
		return nil
	}
	if errors.Is(err, lobby.ErrSameAddress) || errors.Is(err, lobby.ErrTooMany) {
		return fmt.Errorf("joining the brokers: %w", err)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCantKeep, err)
	}
	r.lobby = lobby.New(lobby.Rules{KeyLife: r.config.KeyLife, Site: r.config.Site, Random: rand.Reader, Relays: r.config.Relays, Share: share})
	r.several.Store(share.Of > 0)
	r.conns = map[lobby.Conn]Conn{}
	r.revoked = map[uint64]bool{}
	r.asks = map[uint64]chan<- lobby.Placed{}
	r.decided, r.looked = decided{}, time.Time{}
	r.wake = time.NewTimer(0)
	r.lobby.Restore(time.Now(), kept)
	for _, s := range kept.Sessions {
		r.config.Living.note(s)
	}
	if err := r.decide(ctx, r.look(ctx, true)); err != nil {
		return err
	}
	return r.decide(ctx, []happening{{event: lobby.Tick{}}})
}

// part lets the others take over at once what this one had. Where that fails
// they do it a little later.
func (r *Relay) part(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), partingWait)
	defer cancel()
	if err := r.store.Part(ctx, r.node); err != nil {
		r.config.Log.Warn("the other brokers do not know that we stop", "error", err)
	}
}

// forget ends a life that the others have ended: nobody who waits for an answer
// gets one that does not hold.
func (r *Relay) forget() {
	for {
		select {
		case h := <-r.happened:
			if h.placed != nil {
				h.placed <- lobby.Placed{Err: ErrStopped}
			}
		case <-r.finds:
		default:
			for _, placed := range r.asks {
				placed <- lobby.Placed{Err: ErrStopped}
			}
			r.pages.forget()
			for _, id := range r.config.Living.forget() {
				r.config.Ended(id)
			}
			return
		}
	}
}

// renew says again and again that this node is there, until ctx ends. Its error
// is lobby.ErrFenced. A store that can't be reached is no reason to stop: who
// can't write is told nothing, and nobody else can have taken over unless the
// store says so.
func (r *Relay) renew(ctx context.Context, node lobby.NodeID) error {
	tick := time.NewTicker(renewing)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		try, cancel := context.WithTimeout(ctx, renewWait)
		err := r.store.Renew(try, node)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, lobby.ErrFenced):
			return err
		case err != nil:
			r.config.Log.Warn("the other brokers do not hear of us", "error", err)
		}
	}
}

// sought is a client who waits to be told where to go.
type sought struct {
	lobby.Find
	until time.Time
}

// lookAround takes over from nodes that are lost, and finds what clients look
// for. It does one after the other: a client who looks for something that has
// just been taken over is answered after the lobby has it. Its error is
// lobby.ErrDoubt: nobody knows what was taken over.
func (r *Relay) lookAround(ctx context.Context, node lobby.NodeID) error {
	tick := time.NewTicker(renewing)
	defer tick.Stop()
	again := time.NewTicker(lostPause)
	defer again.Stop()
	reread := time.NewTicker(rereading)
	defer reread.Stop()
	var waiting []sought // for somebody to take over
	for {
		select {
		case <-tick.C:
			if err := r.neighbours(ctx, node); err != nil {
				return err
			}
		case <-reread.C:
			if r.several.Load() {
				err := r.pages.reread(func(page [sha256.Size]byte) (lobby.Standing, bool, error) { return r.elsewhere(ctx, page) })
				if err != nil && ctx.Err() == nil {
					r.config.Log.Warn("visits of other brokers are not known", "error", err)
				}
			}
		case f := <-r.finds:
			switch s := (sought{f, time.Now().Add(lostWait)}); {
			case r.answer(ctx, node, s):
			case len(waiting) < finding:
				waiting = append(waiting, s)
			default:
				_ = r.tell(ctx, happening{event: lobby.Found{Find: f, Busy: true}}) // else all ends
			}
		case <-again.C:
			waiting = slices.DeleteFunc(waiting, func(s sought) bool { return r.answer(ctx, node, s) })
		case <-ctx.Done():
			return nil
		}
	}
}

// neighbours tells the lobby who serves, and takes over from the lost. Its error
// is lookAround's.
func (r *Relay) neighbours(ctx context.Context, node lobby.NodeID) error {
	looking, cancel := context.WithTimeout(ctx, lookTime)
	all, err := r.store.Nodes(looking)
	cancel()
	addresses := []string{r.config.Address} // first: see wire.Brokers
	lost := false
	for _, n := range all {
		switch {
		case n.ID == node:
		case n.Lost:
			lost = true
		default:
			addresses = append(addresses, n.Address)
		}
	}
	var taken lobby.Batch
	if err == nil && lost {
		adopting, cancel := context.WithTimeout(ctx, keepTime)
		taken, err = r.store.Adopt(adopting, node)
		cancel()
	}
	switch {
	case errors.Is(err, lobby.ErrDoubt):
		return err
	case err != nil:
		if ctx.Err() == nil && !errors.Is(err, lobby.ErrFenced) { // renew says that
			r.config.Log.Warn("the other brokers are not known", "error", err)
		}
		return nil
	}
	if !taken.Empty() {
		r.config.Log.Info("took over from a lost broker", "keys", len(taken.Keys), "sessions", len(taken.Sessions), "visits", len(taken.Visits))
		_ = r.tell(ctx, happening{event: lobby.Adopted{Batch: taken}}) // else it ends, and another takes over
	}
	_ = r.tell(ctx, happening{event: lobby.Neighbours{Addresses: addresses}}) // likewise
	return nil
}

// elsewhere is how the visitor of a page stands whose visit another node has.
func (r *Relay) elsewhere(ctx context.Context, page [sha256.Size]byte) (lobby.Standing, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, rereadWait)
	defer cancel()
	v, ok, err := r.store.VisitOf(ctx, page)
	if err != nil || !ok {
		return lobby.Standing{}, false, err
	}
	s, ok := v.Standing(time.Now())
	return s, ok, nil
}

// find hands on what the lobby wants to know. When too many wait the client is
// told to try again.
func (r *Relay) find(f lobby.Find) {
	select {
	case r.finds <- f:
	default:
		for _, e := range r.lobby.Step(time.Now(), lobby.Found{Find: f, Busy: true}) {
			r.do(e) // an answer, of which nothing is kept
		}
	}
}

// answer tells the lobby what became of a Find, and says false where that is
// not known yet.
func (r *Relay) answer(ctx context.Context, node lobby.NodeID, s sought) bool {
	late := !time.Now().Before(s.until)
	looking, cancel := context.WithTimeout(ctx, findWait)
	at, err := r.store.Find(looking, s.What)
	cancel()
	switch {
	case ctx.Err() != nil:
		return true
	case err != nil:
		r.config.Log.Warn("nothing found", "error", err)
		if !late {
			return false
		}
	case at.Known && at.Home != node && at.Address == "" && !late:
		return false
	}
	found := lobby.Found{Find: s.Find}
	if err == nil && at.Known && at.Home != node {
		found.Address = at.Address
	}
	_ = r.tell(ctx, happening{event: found}) // else all ends
	return true
}
