package prefs

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"time"
)

const (
	networksFile = "networks"
	maxNetworks  = 32                  // a person who travels doesn't need more
	networkLife  = 30 * 24 * time.Hour // then it may have another router
	networkSalt  = 16                  // bytes
)

// Networks remembers in which networks UDP got nowhere the last time. On disk
// is a hash of each, with a salt of this machine's own: where somebody has been
// can't be read from it, nor compared with other machines. What can't be kept
// is forgotten: the next connection takes a moment longer, no more.
type Networks struct {
	store Store
	now   func() time.Time

	mu   sync.Mutex // guards the following
	kept keptNetworks
}

type keptNetworks struct {
	Salt    []byte           `json:"salt"`
	Blocked []blockedNetwork `json:"blocked"` // the newest last
}

type blockedNetwork struct {
	Hash  string    `json:"hash"`
	Until time.Time `json:"until"`
}

// Networks reads what is remembered.
func (s Store) Networks(now func() time.Time) *Networks {
	n := &Networks{store: s, now: now}
	s.Load(networksFile, &n.kept)
	if len(n.kept.Salt) != networkSalt {
		n.kept = keptNetworks{Salt: make([]byte, networkSalt)}
		rand.Read(n.kept.Salt) // never fails
	}
	n.kept.Blocked = n.kept.Blocked[max(0, len(n.kept.Blocked)-maxNetworks):]
	return n
}

// Blocked says what Learn was told last about a network, in the last 30 days.
func (n *Networks) Blocked(network string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	hash, now := n.hash(network), n.now()
	return slices.ContainsFunc(n.kept.Blocked, func(b blockedNetwork) bool { return b.Hash == hash && now.Before(b.Until) })
}

// Learn keeps whether UDP gets nowhere in a network.
func (n *Networks) Learn(network string, blocked bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	hash, now := n.hash(network), n.now()
	before := len(n.kept.Blocked)
	n.kept.Blocked = slices.DeleteFunc(n.kept.Blocked, func(b blockedNetwork) bool {
		return b.Hash == hash || !now.Before(b.Until)
	})
	if !blocked && len(n.kept.Blocked) == before {
		return // as it was
	}
	if blocked {
		n.kept.Blocked = append(n.kept.Blocked, blockedNetwork{Hash: hash, Until: now.Add(networkLife)})
		n.kept.Blocked = n.kept.Blocked[max(0, len(n.kept.Blocked)-maxNetworks):]
	}
	_ = n.store.Save(networksFile, n.kept) // see Networks
}

func (n *Networks) hash(network string) string {
	h := hmac.New(sha256.New, n.kept.Salt)
	h.Write([]byte(network))
	return hex.EncodeToString(h.Sum(nil))
}
