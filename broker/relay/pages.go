package relay

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"sync"

	"handrail/broker/lobby"
)

// ErrStopped is the answer to whoever asks for something when Run has ended.
var ErrStopped = errors.New("relay: stopped")

// pages is what the pages of a portal ask for, whenever they like. Its zero
// value knows nothing.
type pages struct {
	mu        sync.Mutex // guards the following
	standings map[[sha256.Size]byte]lobby.Standing
	watchers  map[[sha256.Size]byte][]chan struct{}
	elsewhere map[[sha256.Size]byte]lobby.Standing // of those that are watched and not ours, as last read
	listed    lobby.Listed
	floor     lobby.Floor
}

func (p *pages) stands(e lobby.Stands) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.standings == nil {
		p.standings = map[[sha256.Size]byte]lobby.Standing{}
	}
	if e.Standing.State == 0 {
		delete(p.standings, e.Page)
	} else {
		p.standings[e.Page] = e.Standing
	}
	wakeAll(p.watchers[e.Page])
}

// forget has no page known any more.
func (p *pages) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.standings)
	p.listed = lobby.Listed{}
	for _, all := range p.watchers {
		wakeAll(all)
	}
}

// wakeAll tells those who watch a page to look.
func wakeAll(watchers []chan struct{}) {
	for _, w := range watchers {
		select {
		case w <- struct{}{}:
		default: // it has not looked since the last time
		}
	}
}

func (p *pages) list(e lobby.Listed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listed = e
}

func (p *pages) goesOn(f lobby.Floor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.floor = f
}

// Come asks for a place for a customer whom a portal lets in. Errors:
// lobby.ErrBusy, lobby.ErrNoQueue, ErrStopped, and ctx's.
func (r *Relay) Come(ctx context.Context, a lobby.Arrival) (lobby.Place, error) {
	placed := make(chan lobby.Placed, 1)
	if err := r.tell(ctx, happening{event: lobby.Come{Arrival: a}, placed: placed}); err != nil {
		return lobby.Place{}, err
	}
	select {
	case p := <-placed:
		return p.Place, p.Err
	case <-ctx.Done():
		return lobby.Place{}, context.Cause(ctx)
	case <-r.over:
		return lobby.Place{}, ErrStopped
	}
}

// reread looks at the watched pages that another broker has, and signals what
// has changed. Of those that can't be read it keeps what was known; the error is
// that of one of them.
func (p *pages) reread(read func(page [sha256.Size]byte) (lobby.Standing, bool, error)) (failed error) {
	now := map[[sha256.Size]byte]lobby.Standing{}
	for _, page := range p.notOurs() {
		s, _, err := read(page)
		if err == nil {
			now[page] = s
			continue
		}
		failed = err
		if was, known := p.knownElsewhere(page); known {
			now[page] = was
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for page, s := range now {
		if was, known := p.elsewhere[page]; !known || was != s {
			wakeAll(p.watchers[page])
		}
	}
	p.elsewhere = now
	return failed
}

// knownElsewhere is how a page stood when it was read last.
func (p *pages) knownElsewhere(page [sha256.Size]byte) (s lobby.Standing, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, known = p.elsewhere[page]
	return s, known
}

func (p *pages) notOurs() (watched [][sha256.Size]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for page := range p.watchers {
		if _, ours := p.standings[page]; !ours {
			watched = append(watched, page)
		}
	}
	return watched
}

// Standing says how the visitor of a page stands. Page is a hash of the secret
// that the visitor's page is known by. Of a visit that another broker has it
// says what is kept; where that can't be read, what was known last. Its error
// means that there may be a visit or not.
func (r *Relay) Standing(page [sha256.Size]byte) (lobby.Standing, bool, error) {
	r.pages.mu.Lock()
	s, ok := r.pages.standings[page]
	r.pages.mu.Unlock()
	if ok || !r.several.Load() {
		return s, ok, nil
	}
	s, ok, err := r.elsewhere(context.Background(), page)
	if err != nil {
		if was, known := r.pages.knownElsewhere(page); known {
			return was, was.State != 0, nil
		}
	}
	return s, ok, err
}

// Watch signals whenever a page's Standing has changed, until stop is called.
func (r *Relay) Watch(page [sha256.Size]byte) (changes <-chan struct{}, stop func()) {
	p := &r.pages
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watchers == nil {
		p.watchers = map[[sha256.Size]byte][]chan struct{}{}
	}
	w := make(chan struct{}, 1)
	p.watchers[page] = append(p.watchers[page], w)
	return w, sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		rest := slices.DeleteFunc(p.watchers[page], func(o chan struct{}) bool { return o == w })
		if len(rest) == 0 {
			delete(p.watchers, page)
			return
		}
		p.watchers[page] = rest
	})
}

// Present lists the reps who can be asked for by name in a portal, in order.
func (r *Relay) Present(portal string) []lobby.Present {
	r.pages.mu.Lock()
	defer r.pages.mu.Unlock()
	if !slices.Contains(r.pages.listed.Portals, portal) {
		return nil
	}
	return slices.Clone(r.pages.listed.Reps)
}

// Floor says what went on at the last tick, at most a second ago.
func (r *Relay) Floor() lobby.Floor {
	r.pages.mu.Lock()
	defer r.pages.mu.Unlock()
	return r.pages.floor // nobody changes what is in it
}

// tell hands something that happened to the owner of the lobby.
func (r *Relay) tell(ctx context.Context, h happening) error {
	select {
	case r.happened <- h:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-r.over:
		return ErrStopped
	}
}
