package relay

import (
	"context"
	"crypto/sha256"
	"errors"
	"reflect"
	"slices"
	"sync"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/settings"
)

// ErrStopped is the answer to whoever asks for something when Run has ended.
var ErrStopped = errors.New("relay: stopped")

// pages is what the pages of a portal ask for, whenever they like. Its zero
// value knows nothing.
type pages struct {
	mu        sync.Mutex // guards the following
	standings map[[sha256.Size]byte]lobby.Standing
	watchers  map[[sha256.Size]byte][]chan struct{}
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
	for _, w := range p.watchers[e.Page] {
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

// Standing says how the visitor of a page stands. Page is a hash of the secret
// that the visitor's page is known by.
func (r *Relay) Standing(page [sha256.Size]byte) (lobby.Standing, bool) {
	r.pages.mu.Lock()
	defer r.pages.mu.Unlock()
	s, ok := r.pages.standings[page]
	return s, ok
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

// Settle has what an administrator decided hold at once. Without it the relay
// finds out by itself, within a second.
func (r *Relay) Settle(ctx context.Context, s settings.Settings, o people.Organisation) error {
	return r.tell(ctx, happening{event: lobby.Settled{Settings: s, Organisation: o}})
}

// Push says a notice to everybody who waits in a portal, or in any if portal is
// empty.
func (r *Relay) Push(ctx context.Context, portal string, n settings.Notice) error {
	return r.tell(ctx, happening{event: lobby.Pushed{Portal: portal, Notice: n}})
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

// decided is what administrators have decided.
type decided struct {
	known        bool
	version      uint64
	settings     settings.Settings
	organisation people.Organisation
	revoked      time.Time // everything from before
}

// news is what has been decided since the last look.
func (r *Relay) news(ctx context.Context) []happening {
	was, now := r.decided, r.decided
	version, err := r.store.SettingsVersion(ctx)
	if err == nil && (version != was.version || !was.known) {
		now.settings, now.version, err = r.store.Settings(ctx)
	}
	if err == nil {
		now.organisation, err = r.store.Organisation(ctx)
	}
	if err == nil {
		now.revoked, err = r.store.EverythingRevoked(ctx)
	}
	if err != nil {
		if ctx.Err() == nil {
			r.config.Log.Warn("settings not read", "error", err)
		}
		return nil
	}
	now.known = true
	r.decided = now
	var news []happening
	if !was.known || was.version != now.version || !reflect.DeepEqual(was.organisation, now.organisation) {
		news = append(news, happening{event: lobby.Settled{Settings: now.settings, Organisation: now.organisation}})
	}
	if !now.revoked.Equal(was.revoked) {
		news = append(news, happening{event: lobby.EverythingRevoked{Before: now.revoked}})
	}
	return news
}
