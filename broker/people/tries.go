package people

import "time"

// Tries is what is remembered of wrong tries at one thing: a name typed at the
// sign-in, whether or not anybody has it, or the address they came from.
type Tries struct {
	Wrong int
	Last  time.Time
	Until time.Time // no try is looked at before
}

// Patience says how wrong tries slow the next ones down. The waits grow, but
// end: whoever could lock an account for good could keep its owner out.
type Patience struct {
	Free  int           // wrong tries without a wait
	First time.Duration // the wait after the next one, doubled with each
	Most  time.Duration // the longest wait
	After time.Duration // without a try until all is forgotten
}

// PerName leaves somebody who guesses at one account fewer than 110 tries on the
// first day and 96 on each that follows (NIST SP 800-63B allows 100 in all until
// the rep has signed in again).
func PerName() Patience {
	return Patience{Free: 4, First: time.Second, Most: 15 * time.Minute, After: 24 * time.Hour}
}

// PerAddress is for one that tries many names. A whole office may share it.
func PerAddress() Patience {
	return Patience{Free: 20, First: time.Second, Most: 15 * time.Minute, After: 24 * time.Hour}
}

// Try asks for one try. If wait is 0 it is granted, and counts as wrong until
// Right says otherwise: so tries made all at once are not more than those made
// one by one. Else nobody looks at the password, and nothing changes.
func (p Patience) Try(t Tries, now time.Time) (after Tries, wait time.Duration) {
	if wait := t.Until.Sub(now); wait > 0 && wait <= p.Most { // longer: the clock was set back
		return t, wait
	}
	if now.Sub(t.Last) > p.After {
		t = Tries{}
	}
	t.Wrong, t.Last, t.Until = t.Wrong+1, now, time.Time{}
	if beyond := t.Wrong - p.Free; beyond > 0 {
		t.Until = now.Add(min(p.First<<min(beyond-1, 30), p.Most))
	}
	return t, 0
}

// Right takes back the last try, which was right. A name starts anew (all); an
// address keeps its other tries, or one's own account would pay for guesses at
// others'.
func (t Tries) Right(all bool) Tries {
	if all || t.Wrong <= 1 {
		return Tries{}
	}
	t.Wrong--
	t.Until = time.Time{}
	return t
}

// Answer is what a sign-in says. Whether the name is unknown, the account
// disabled, the password wrong or the code wrong is the same answer, so that
// nobody learns who has an account; the caller also takes the same time
// (locks.Passwords compares with a hash of nothing where there is none).
type Answer int

const (
	Refused Answer = iota
	Later          // too many tries, whoever it is
	Welcome
)

// Facts are what a sign-in has found out. All of them are gathered before
// anything is said.
type Facts struct {
	Wait          time.Duration // of the name or the address, the longer one
	Known         bool          // there is such a rep, and it is not disabled
	Password      bool          // is right, or a passkey was
	FactorNeeded  bool
	FactorCorrect bool
}

// Judge gives the answer.
func Judge(f Facts) Answer {
	switch {
	case f.Wait > 0:
		return Later
	case f.Known && f.Password && (f.FactorCorrect || !f.FactorNeeded):
		return Welcome
	}
	return Refused
}

// Idle log-out.
const (
	// IdleWarning is how long before the log-out the page warns.
	IdleWarning = 30 * time.Second
	// DefaultIdleMinutes is for organisations that said nothing.
	DefaultIdleMinutes = 30
	// LongestLogin ends a login however busy it is (NIST SP 800-63B, AAL2: 24
	// hours at most).
	LongestLogin = 12 * time.Hour
)

// Presence is how long somebody has been away.
type Presence int

const (
	Here Presence = iota
	Leaving
	Gone
)

// IdleAfter gives the time until a rep is logged out, by the rep's own setting
// or else the organisation's.
func IdleAfter(own, organisation int) time.Duration {
	for _, minutes := range []int{own, organisation} {
		if minutes > 0 {
			return time.Duration(min(minutes, MaxIdleMinutes)) * time.Minute
		}
	}
	return DefaultIdleMinutes * time.Minute
}

// Look says where somebody is who was seen last at seen, and how long it is
// until the next step: the warning, or the log-out.
func Look(idle time.Duration, made, seen, now time.Time) (Presence, time.Duration) {
	end := seen.Add(idle)
	if last := made.Add(LongestLogin); last.Before(end) {
		end = last
	}
	switch left := end.Sub(now); {
	case left <= 0:
		return Gone, 0
	case left <= IdleWarning:
		return Leaving, left
	default:
		return Here, left - IdleWarning
	}
}
