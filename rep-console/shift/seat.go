package shift

import (
	"sync"
	"time"
)

// askAgain is how long a broker may take to say whether it has a session: it
// waits for who takes over from a lost one.
const askAgain = 10 * time.Second

// seat says on which line the broker is that has a session, and whom to ask
// while that broker is lost. The session itself goes on meanwhile.
type seat struct {
	mu   sync.Mutex // guards the following
	at   string
	lost time.Time            // since when it is looked for; zero: it isn't
	next map[string]time.Time // when who was asked can be asked again
}

func newSeat(at string) *seat { return &seat{at: at} }

func (s *seat) place() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// lose hears that a line is lost, and looks for the session if it was there.
func (s *seat) lose(now time.Time, at string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.next, at)
	if s.at == at && s.lost.IsZero() {
		s.lost, s.next = now, map[string]time.Time{}
	}
}

func (s *seat) isLost() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.lost.IsZero()
}

// ask says whether the broker of a line is to be asked for the session now, and
// notes that it is.
func (s *seat) ask(now time.Time, at string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost.IsZero() || now.Before(s.next[at]) {
		return false
	}
	s.next[at] = now.Add(askAgain)
	return true
}

// answered hears that a broker who was asked knows no more than where to ask.
func (s *seat) answered(now time.Time, at string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lost.IsZero() {
		s.next[at] = now.Add(lookRest)
	}
}

// found hears that the broker of a line has the session. It counts if that one
// had it before, or was asked; moved is true if the session was looked for.
func (s *seat) found(at string) (counts, moved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost.IsZero() {
		return s.at == at, false
	}
	if _, asked := s.next[at]; !asked && s.at != at {
		return false, false
	}
	s.at, s.lost, s.next = at, time.Time{}, nil
	return true, true
}

// unknown hears that the broker of a line has no such session, and says whether
// no other has it, either. With several it is looked for a while first.
func (s *seat) unknown(now time.Time, at string, several bool) (gone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.lost.IsZero() && (!several || s.at != at):
		return s.at == at
	case s.lost.IsZero():
		s.lost, s.next = now, map[string]time.Time{}
	}
	s.next[at] = now.Add(lookRest)
	if now.Sub(s.lost) < lookTime {
		return false
	}
	s.at, s.lost, s.next = at, time.Time{}, nil
	return true
}
