package relay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// records is a Store in memory.
type records struct {
	mu       sync.Mutex // guards the following
	keys     map[string]lobby.Key
	sessions map[wire.SessionID]lobby.Session
	reps     map[string]lobby.Rep
	codes    map[[32]byte]string
	revoked  []uint64
	visits   map[wire.SessionID]lobby.Visit
	facts    []lobby.Fact
	logs     []lobby.LogPart
	settings settings.Settings
	version  uint64
	people   people.Organisation
	ended    time.Time // everything from before
	failing  bool
	silent   bool // as a database behind a network that is gone
	desk     desk
	expiry   expiry

	hinted uint64
	asked  int // for anything but Hinted
	hints  chan struct{}
	node   lobby.NodeID // who has joined last
	share  lobby.Share
	others []lobby.Node
	left   lobby.Batch // of those who are lost
	doubt  bool        // the next Adopt happens, and nobody is told
	places map[lobby.Sought]lobby.Whereabouts
}

// hush is what a store says that says nothing any more: the error of ctx, when
// it ends. From one that speaks it is nil at once.
func (r *records) hush(ctx context.Context) error {
	r.mu.Lock()
	silent := r.silent
	r.mu.Unlock()
	if silent {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (r *records) Join(ctx context.Context, n lobby.Node, _ bool) (lobby.Batch, lobby.Share, error) {
	if err := r.hush(ctx); err != nil {
		return lobby.Batch{}, lobby.Share{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.node = n.ID
	return lobby.Batch{
		Keys: slices.Collect(maps.Values(r.keys)), Sessions: slices.Collect(maps.Values(r.sessions)),
		Visits: slices.Collect(maps.Values(r.visits)),
	}, r.share, nil
}

func (r *records) Keep(ctx context.Context, id lobby.NodeID, b lobby.Batch) error {
	if err := r.hush(ctx); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.node != id {
		return lobby.ErrFenced
	}
	if r.failing {
		return errors.New("disk full")
	}
	for _, k := range b.Keys {
		r.keys[fmt.Sprint(k.Rep, k.Request)] = k
	}
	for _, s := range b.Sessions {
		r.sessions[s.ID] = s
	}
	for _, v := range b.Visits {
		r.visits[v.ID] = v
	}
	r.facts = append(r.facts, b.Facts...)
	r.logs = append(r.logs, b.Logs...)
	return nil
}

func (r *records) Settings(ctx context.Context) (settings.Settings, uint64, error) {
	if err := r.hush(ctx); err != nil {
		return settings.Settings{}, 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	return r.settings, r.version, nil
}

func (r *records) SettingsVersion(ctx context.Context) (uint64, error) {
	if err := r.hush(ctx); err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	return r.version, nil
}

func (r *records) EverythingRevoked(ctx context.Context) (time.Time, error) {
	if err := r.hush(ctx); err != nil {
		return time.Time{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	return r.ended, nil
}

func (r *records) Organisation(ctx context.Context) (people.Organisation, error) {
	if err := r.hush(ctx); err != nil {
		return people.Organisation{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	o := r.people.Clone()
	for _, rep := range r.reps {
		o.Reps[rep.ID] = people.Rep{ID: rep.ID, PublicName: rep.Name, Listed: true, Mail: r.desk.mails[rep.Name]}
	}
	return o, nil
}

func (r *records) Prune(ctx context.Context, _ time.Time) error { return r.hush(ctx) }

func (r *records) Enrol(_ context.Context, code [32]byte, publicKey []byte, _ time.Time) (lobby.Rep, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name, ok := r.codes[code]
	if !ok {
		return lobby.Rep{}, lobby.ErrBadCode
	}
	delete(r.codes, code)
	rep := lobby.Rep{ID: uint64(len(r.reps) + 1), Name: name, PublicKey: publicKey}
	r.reps[string(publicKey)] = rep
	r.hinted++
	return rep, nil
}

func (r *records) RepByKey(_ context.Context, publicKey []byte) (lobby.Rep, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rep, ok := r.reps[string(publicKey)]
	if !ok {
		return lobby.Rep{}, lobby.ErrNoRep
	}
	return rep, nil
}

func (r *records) Revoked(ctx context.Context) ([]uint64, error) {
	if err := r.hush(ctx); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	return slices.Clone(r.revoked), nil
}

// change lets a test set what the records say.
func (r *records) change(do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hinted++
	do()
}
