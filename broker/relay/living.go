package relay

import (
	"maps"
	"net/netip"
	"slices"
	"sync"

	"handrail/broker/lobby"
	"handrail/shared/wire"
)

// place is what an address's wrong tries are charged to. One household or
// office has a whole /64 of IPv6, so its single addresses mean nothing.
func place(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// Living knows which sessions go on, for those who relay what is said in them.
// Its zero value knows of none. Relay keeps it; anybody may ask.
type Living struct {
	mu       sync.RWMutex // guards the following
	sessions map[wire.SessionID]struct{}
}

// Has says whether a session goes on.
func (l *Living) Has(id wire.SessionID) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, ok := l.sessions[id]
	return ok
}

// note takes a session as the lobby wants it kept; over is true for the last
// time.
func (l *Living) note(s lobby.Session) (over bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.Ended.IsZero() {
		if l.sessions == nil {
			l.sessions = map[wire.SessionID]struct{}{}
		}
		l.sessions[s.ID] = struct{}{}
		return false
	}
	delete(l.sessions, s.ID)
	return true
}

// forget empties it, and gives what was in it.
func (l *Living) forget() []wire.SessionID {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := slices.Collect(maps.Keys(l.sessions))
	clear(l.sessions)
	return all
}
