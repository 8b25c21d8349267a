package relay

import (
	"context"
	"reflect"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/settings"
)

// What administrators decide, who may still come in and what the organisation
// has signed is read when a hint says that it may have changed. However many
// consoles are on line, a broker where nothing happens asks for one number a
// second.

// lookAnyway is how long nothing is read at most: a broker of an earlier version
// in the same store does not count its hints.
const lookAnyway = 5 * time.Minute

// decided is what administrators have decided.
type decided struct {
	known        bool
	version      uint64
	settings     settings.Settings
	organisation people.Organisation
	revoked      time.Time // everything from before
}

// look gives what has changed since the last one. Where no hint was heard it
// first asks whether there was one.
func (r *Relay) look(ctx context.Context, heard bool) []happening {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	hinted, err := r.store.Hinted(ctx) // before all that it is about
	if err != nil {
		if !stopped(ctx) {
			r.config.Log.Warn("no look at what has changed", "error", err)
		}
		return nil
	}
	now := time.Now()
	if !heard && hinted == r.hinted && now.Sub(r.looked) < lookAnyway {
		return nil
	}
	news, all := r.news(ctx)
	struck, allStruck := r.strike(ctx, nil)
	r.hinted, r.looked = hinted, now
	if !all || !allStruck {
		r.looked = time.Time{} // once more
	}
	r.turn.Add(1)
	select {
	case r.stirred <- struct{}{}:
	default: // it has not looked since the last time
	}
	return append(news, struck...)
}

// news is what has been decided since the last look; false: it could not be
// read.
func (r *Relay) news(ctx context.Context) ([]happening, bool) {
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
		if !stopped(ctx) {
			r.config.Log.Warn("settings not read", "error", err)
		}
		return nil, false
	}
	now.known = true
	r.decided = now
	var news []happening
	if !was.known || was.version != now.version || !reflect.DeepEqual(was.organisation, now.organisation) {
		news = append(news, happening{event: lobby.Settled{Settings: now.settings, Organisation: now.organisation}})
	}
	if !now.revoked.Equal(was.revoked) {
		before := now.revoked
		if here := time.Now(); was.known && here.After(before) {
			before = here // the clock of the broker where it was done may be behind
		}
		news = append(news, happening{event: lobby.EverythingRevoked{Before: before}})
	}
	return news, true
}

// strike finds the reps who were revoked since the last look, and those among
// all who signed in although revoked; false: it could not be read.
func (r *Relay) strike(ctx context.Context, all []happening) ([]happening, bool) {
	signedIn := map[uint64]bool{}
	for _, h := range all {
		if e, ok := h.event.(lobby.SignedIn); ok {
			signedIn[e.Rep.ID] = true
		}
	}
	if all != nil && len(signedIn) == 0 {
		return nil, true
	}
	ids, err := r.store.Revoked(ctx)
	if err != nil {
		if !stopped(ctx) {
			r.config.Log.Warn("revoked reps not read", "error", err)
		}
		return nil, false
	}
	var struck []happening
	revoked := make(map[uint64]bool, len(ids))
	for _, id := range ids {
		revoked[id] = true
		if !r.revoked[id] || signedIn[id] {
			struck = append(struck, happening{event: lobby.Struck{Rep: id}})
		}
	}
	r.revoked = revoked
	return struck, true
}
