package relay

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"handrail/broker/lobby"
	"handrail/shared/wire"
)

// What becomes of what is said in sessions (row T01) is told to every console
// that is signed in: what an administrator has set, the record key that it is
// sealed for, and the console's own grant. Like certificates, key and grants
// were made by the organisation's key, which is not here.

// Sealing is what Store knows of that.
type Sealing interface {
	// RecordKey is nil where there is none.
	RecordKey(context.Context) ([]byte, error)
	// Grants are those of all consoles, by their public keys.
	Grants(context.Context) (map[string][]byte, error)
}

// keepingAgain is how long it is until they are read once more, where that
// failed. A grant that was taken back is to be gone at once.
const keepingAgain = 2 * time.Second

// keepers are the consoles that are told. The zero value has none.
type keepers struct {
	mu     sync.Mutex // guards the following
	keep   wire.Keep
	key    []byte
	grants map[string][]byte // by console
	all    map[lobby.Conn]*keeper
}

// keeper is a console with a rep.
type keeper struct {
	console  string
	conn     Conn
	signedIn bool // it knows it
	told     wire.Keeping
}

// enter takes a console in, which hears of it once it knows that it is signed
// in.
func (k *keepers) enter(number lobby.Conn, c Conn, console []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil {
		k.all = map[lobby.Conn]*keeper{}
	}
	k.all[number] = &keeper{console: string(console), conn: c}
}

func (k *keepers) leave(number lobby.Conn) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.all, number)
}

// said hears what a client was told.
func (k *keepers) said(number lobby.Conn, m wire.Message) {
	if _, signedIn := m.(*wire.SignedIn); !signedIn {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if one := k.all[number]; one != nil {
		one.signedIn = true
		k.tellLocked(one)
	}
}

// settle takes in what an administrator has set.
func (k *keepers) settle(keep wire.Keep) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keep = keep
	k.tellAllLocked()
}

// provide takes in the record key and all grants.
func (k *keepers) provide(key []byte, grants map[string][]byte) {
	if len(key) > wire.MaxGrant {
		key = nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.key, k.grants = key, grants
	k.tellAllLocked()
}

func (k *keepers) tellAllLocked() {
	for _, one := range k.all {
		if one.signedIn {
			k.tellLocked(one)
		}
	}
}

// tellLocked tells a console what it does not know yet. Where nothing is kept
// and nothing can be opened, that is nothing at all.
func (k *keepers) tellLocked(one *keeper) {
	now := wire.Keeping{Keep: k.keep, Key: k.key}
	if g := k.grants[one.console]; len(g) > 0 && len(g) <= wire.MaxGrant {
		now.Grants = [][]byte{g}
	}
	if now.Keep == one.told.Keep && bytes.Equal(now.Key, one.told.Key) && slices.EqualFunc(now.Grants, one.told.Grants, bytes.Equal) {
		return
	}
	one.told = now
	_ = one.conn.Send(&now) // who can't be told is gone
}

// provideKeys tells of other keys and grants until ctx ends.
func (r *Relay) provideKeys(ctx context.Context) {
	again := time.NewTicker(keepingAgain)
	defer again.Stop()
	known := true
	for {
		select {
		case <-r.stirred:
			known = r.lookAtKeys(ctx)
		case <-again.C:
			known = known || r.lookAtKeys(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// lookAtKeys looks once; false: they could not be read.
func (r *Relay) lookAtKeys(ctx context.Context) bool {
	key, err := r.store.RecordKey(ctx)
	var grants map[string][]byte
	if err == nil {
		grants, err = r.store.Grants(ctx)
	}
	if err != nil {
		if ctx.Err() == nil {
			r.config.Log.Warn("the record key was not read", "error", err)
		}
		return false
	}
	r.keepers.provide(key, grants)
	return true
}
