package lobby

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"

	"handrail/shared/wire"
)

// KeyState says what a key can be used for.
//
//	      ┌──────────join──────────▶
//	KeyOpen                        KeyTaken
//	      ◀──never met, wrong secret──┘
//	  │ revoked, burnt, expired         │ everything else
//	  └───────────▶ KeyEnded ◀──────────┘
type KeyState int

// The states of a key.
const (
	KeyOpen  KeyState = 1 // waits for a customer
	KeyTaken KeyState = 2 // a customer is in its session
	KeyEnded KeyState = 3
)

// Key is the broker's half of a session key, as it is kept. Rep and Request
// together name it for good; Number names it only while it lives.
type Key struct {
	Rep     uint64
	Request [16]byte
	Number  string // six digits
	Made    time.Time
	Expires time.Time // after this nobody can start with it; a session goes on
	State   KeyState
	Session wire.SessionID // while KeyTaken
	Ended   time.Time      // when KeyEnded
	Why     wire.KeyEnd    // when KeyEnded
}

// request is the name a rep's console gave a key.
type request struct {
	rep uint64
	id  [16]byte
}

// slot is a key in use by the lobby.
type slot struct {
	Key
	waiter *waiter
}

// waiter is a customer who joined while the customer before had just left.
type waiter struct {
	c     *client
	join  *wire.Join
	until time.Time
}

// remember lets a slot be found. A key that has ended is found by its number
// only where no other has that by now.
func (l *Lobby) remember(s *slot) {
	if other := l.numbers[s.Number]; s.State != KeyEnded || other == nil || other.State == KeyEnded {
		l.numbers[s.Number] = s
	}
	l.requests[request{s.Rep, s.Request}] = s
}

// newKey makes a key, or says again what the same request made before.
func (l *Lobby) newKey(now time.Time, c *client, m *wire.NewKey) {
	if s := l.requests[request{c.rep, m.Request}]; s != nil {
		l.send(c.Conn, s.made())
		if s.State == KeyEnded {
			l.send(c.Conn, &wire.KeyGone{Number: s.Number, Why: s.Why})
		}
		return
	}
	if !l.mayMake(c.rep) {
		l.refuse(c.Conn, wire.CodeBusy, wire.KindNewKey, m.Request)
		return
	}
	number, err := l.freeNumber()
	if err != nil {
		l.refuse(c.Conn, wire.CodeInternal, wire.KindNewKey, m.Request)
		return
	}
	life := l.rules.KeyLife
	if m.Life != 0 {
		life = time.Duration(m.Life) * time.Second
	}
	life = min(max(life, MinKeyLife), MaxKeyLife)
	s := &slot{Key: Key{
		Rep: c.rep, Request: m.Request, Number: number,
		Made: now, Expires: now.Add(life), State: KeyOpen,
	}}
	l.remember(s)
	l.do(SaveKey{s.Key})
	l.send(c.Conn, s.made())
}

// mayMake says whether the rep and the broker have room for one more key.
func (l *Lobby) mayMake(rep uint64) bool {
	kept := l.sorted(func(s *slot) bool { return s.Rep == rep })
	return len(l.numbers) < MaxKeys && len(kept) < maxRepMemory && len(l.keysOf(rep)) < MaxRepKeys
}

func (k Key) made() *wire.KeyMade {
	return &wire.KeyMade{Request: k.Request, Number: k.Number, Expires: k.Expires.UnixMilli()}
}

// freeNumber draws six digits that no key has. At most 1 % are taken (MaxKeys),
// so it draws once or twice.
func (l *Lobby) freeNumber() (string, error) {
	return l.freeDigits(6, func(number string) bool { return l.numbers[number] == nil })
}

// freeDigits draws so many digits that are free and of our share, all of those
// as likely as each other.
func (l *Lobby) freeDigits(digits int, free func(string) bool) (string, error) {
	all := uint32(math.Pow10(digits))
	mask := uint32(1)<<bits.Len32(all) - 1
	var b [4]byte
	for {
		if err := l.draw(b[:]); err != nil {
			return "", err
		}
		n := binary.BigEndian.Uint32(b[:]) & mask
		if n >= all { // a remainder would make small ones likelier
			continue
		}
		if s := fmt.Sprintf("%0*d", digits, n); free(s) && l.rules.Share.Has(s) {
			return s, nil
		}
	}
}

// revokeKey takes a key back. A key that the rep does not have, because it
// was forgotten or was never the rep's, is answered as if it had gone now: the
// answer is true for this rep and tells nothing about others.
func (l *Lobby) revokeKey(now time.Time, c *client, m *wire.RevokeKey) {
	s := l.numbers[m.Number]
	if s == nil || s.Rep != c.rep {
		l.send(c.Conn, &wire.KeyGone{Number: m.Number, Why: m.Why})
		return
	}
	if s.State == KeyEnded {
		l.send(c.Conn, &wire.KeyGone{Number: s.Number, Why: s.Why})
		return
	}
	l.endKey(now, s, m.Why)
}

// endKey ends a key for good and tells its rep. A session that came from it
// goes on.
func (l *Lobby) endKey(now time.Time, s *slot, why wire.KeyEnd) {
	if s.State == KeyEnded {
		return
	}
	s.State, s.Session, s.Ended, s.Why = KeyEnded, wire.SessionID{}, now, why
	l.do(SaveKey{s.Key})
	l.send(l.reps[s.Rep], &wire.KeyGone{Number: s.Number, Why: why})
	l.dismiss(now, s)
}

// giveBack opens a taken key for another try.
func (l *Lobby) giveBack(now time.Time, s *slot) {
	if !now.Before(s.Expires) {
		l.endKey(now, s, wire.KeyExpired)
		return
	}
	s.State, s.Session = KeyOpen, wire.SessionID{}
	l.do(SaveKey{s.Key})
	if w := s.stopWaiting(); w != nil {
		l.join(now, w.c, w.join, true)
	}
}

// dismiss tells the customer who waits for a key that it can't be had.
func (l *Lobby) dismiss(now time.Time, s *slot) {
	if w := s.stopWaiting(); w != nil {
		l.wrongNumber(now, w.c)
	}
}

func (s *slot) wait(w *waiter) {
	s.waiter, w.c.waits = w, s
}

func (s *slot) stopWaiting() *waiter {
	w := s.waiter
	if w != nil {
		s.waiter, w.c.waits = nil, nil
	}
	return w
}

func (l *Lobby) expireKeys(now time.Time) {
	for _, s := range l.sorted(func(s *slot) bool { return s.State == KeyOpen && !now.Before(s.Expires) }) {
		l.endKey(now, s, wire.KeyExpired)
	}
	for _, s := range l.sorted(func(s *slot) bool { return s.waiter != nil && !now.Before(s.waiter.until) }) {
		l.dismiss(now, s)
	}
	for r, s := range l.requests {
		if s.forgotten(now) {
			delete(l.requests, r)
			if l.numbers[s.Number] == s {
				delete(l.numbers, s.Number)
			}
		}
	}
}

func (k Key) forgotten(now time.Time) bool {
	return k.State == KeyEnded && now.Sub(k.Ended) >= keyMemory
}

// keysOf is a rep's keys that have not ended, oldest first.
func (l *Lobby) keysOf(rep uint64) []*slot {
	return l.sorted(func(s *slot) bool { return s.Rep == rep && s.State != KeyEnded })
}

// openKeys is what SignedIn tells: the keys a customer can still type.
func (l *Lobby) openKeys(rep uint64) []wire.KeyMade {
	var made []wire.KeyMade
	for _, s := range l.keysOf(rep) {
		if s.State == KeyOpen {
			made = append(made, *s.made())
		}
	}
	return made
}

// sorted gives slots in a fixed order: the same events must always make the
// same effects, and a map has none.
func (l *Lobby) sorted(want func(*slot) bool) []*slot {
	var found []*slot
	for _, s := range l.numbers {
		if want(s) {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b *slot) int {
		if c := a.Made.Compare(b.Made); c != 0 {
			return c
		}
		return slices.Compare(a.Request[:], b.Request[:])
	})
	return found
}
