package console

import (
	"time"

	"handrail/shared/wire"
	"handrail/shared/words"
)

// Times of being logged in.
const (
	ActiveEvery = time.Minute      // the broker hears so often at most that somebody is there
	IdleWarning = 30 * time.Second // K01: before somebody who is away is logged out
)

// Pairing is a login in the browser that goes on.
type Pairing struct {
	Code    string // shown here and in the browser; "" while the broker is being asked
	URL     string
	Expires time.Time // by this machine's clock
}

// Certificate is what the organisation says about this console (Z04).
type Certificate struct {
	Name    string // the rep's, as certified
	From    time.Time
	To      time.Time
	Checked bool // by the organisation's own key; otherwise it is only kept
	Kept    bool // there is one
}

// presence is whether somebody is at the console.
type presence struct {
	idle time.Duration // 0: nobody is logged out for being away
	used time.Time     // when somebody last was
	told time.Time     // when the broker last heard of it
}

// loginDid takes what happens to the rep's login.
func (m *Model) loginDid(now time.Time, e Event) {
	s := &m.s
	switch e := e.(type) {
	case NeedLogin:
		m.loggedOut(now, e.Problem)
	case Paired:
		if s.SignIn != LoggingIn {
			return
		}
		first := s.Pairing.Code == ""
		s.Pairing, s.Problem = Pairing(e), words.NoProblem
		if first {
			m.do(OpenPage{URL: e.URL})
		}
	case PairFailed:
		if s.SignIn == LoggingIn {
			s.SignIn, s.Problem, s.Pairing = m.before, e.Problem, Pairing{}
		}
	case Certified:
		s.Certificate = Certificate{Name: e.Name, From: e.From, To: e.To, Checked: e.Checked, Kept: true}
	}
}

// loggedOut is the end of the rep's login. Sessions go on.
func (m *Model) loggedOut(now time.Time, why words.Problem) {
	first := m.s.SignIn == In || m.s.SignIn == Away
	m.s.SignIn, m.s.Problem, m.s.RetryAt, m.s.Pairing = LoggedOut, why, time.Time{}, Pairing{}
	m.here, m.s.IdleAt = presence{}, time.Time{}
	m.forgetQueues()
	if first && why == words.IdleTooLong && m.focus.Nowhere {
		m.do(Notify{Title: m.cfg.Words.Say(words.IdleOutTitle), Text: m.cfg.Words.Say(words.IdleOutText)})
	}
}

// forgetQueues: who is not logged in sees no customers.
func (m *Model) forgetQueues() {
	m.q = queues{dirty: true}
	m.targets, m.s.Move, m.s.Picked, m.s.Queue = nil, Move{}, wire.SessionID{}, ""
	m.forgetNotices()
}

// loginAsked takes what the rep does to log in and out.
func (m *Model) loginAsked(now time.Time, e Event) {
	s := &m.s
	switch e.(type) {
	case LogIn:
		if s.SignIn == Unknown || s.SignIn == LoggedOut {
			m.before, s.SignIn, s.Problem, s.Pairing = s.SignIn, LoggingIn, words.NoProblem, Pairing{}
			m.do(Pair{})
		}
	case StopLogIn:
		if s.SignIn == LoggingIn {
			m.endPairing(words.NoProblem)
		}
	case OpenLogIn:
		if s.SignIn == LoggingIn && s.Pairing.URL != "" {
			m.do(OpenPage{URL: s.Pairing.URL})
		}
	case CopyLogIn:
		if s.SignIn == LoggingIn && s.Pairing.URL != "" {
			m.do(Copy{Text: s.Pairing.URL})
			m.note(now, words.LoginCopied)
		}
	case SignOut:
		m.signOut(now)
	}
}

func (m *Model) endPairing(why words.Problem) {
	m.s.SignIn, m.s.Problem, m.s.Pairing = m.before, why, Pairing{}
	m.do(EndPair{})
}

// signOut ends the rep's login here. Nobody can start a session by a key whose
// rep has gone, so the keys go, too; sessions go on.
func (m *Model) signOut(now time.Time) {
	if m.s.SignIn != In {
		return
	}
	for i := range m.s.Keys {
		m.revoke(now, m.s.Keys[i].Number)
	}
	m.sayNotes() // before: afterwards there may be no connection
	m.do(SayGoodbye{})
	m.loggedOut(now, words.NoProblem)
}

// loggedIn begins to watch whether somebody is there. A connection that was
// lost and is back is no sign of it.
func (m *Model) loggedIn(now time.Time, again bool, idle time.Duration) {
	if !again || m.here.told.IsZero() {
		m.here.told = now
	}
	m.here.idle = idle
	m.sayActive(now)
}

// idleFrom is when the rep is logged out, zero if never.
func (m *Model) idleFrom() time.Time {
	if m.s.SignIn != In || m.here.idle <= 0 {
		return time.Time{}
	}
	return m.here.told.Add(m.here.idle)
}

// use notes that somebody is there.
func (m *Model) use(now time.Time) {
	m.here.used = now
	m.sayActive(now)
	m.warn(now)
}

// sayActive tells the broker, not too often, that somebody has been there.
func (m *Model) sayActive(now time.Time) {
	out := m.idleFrom()
	if out.IsZero() || !m.here.used.After(m.here.told) {
		return
	}
	if now.Sub(m.here.told) >= ActiveEvery || !now.Before(out.Add(-IdleWarning)) {
		m.here.told = now
		m.do(Active{})
	}
}

// passLogin lets time do its work on logins.
func (m *Model) passLogin(now time.Time) {
	p := m.s.Pairing
	if m.s.SignIn == LoggingIn && !p.Expires.IsZero() && !now.Before(p.Expires) {
		m.endPairing(words.PairRefused)
	}
	m.sayActive(now)
	m.warn(now)
}

// warn says when the rep is logged out, once that is near.
func (m *Model) warn(now time.Time) {
	was := m.s.IdleAt
	m.s.IdleAt = time.Time{}
	if out := m.idleFrom(); !out.IsZero() && !now.Before(out.Add(-IdleWarning)) {
		m.s.IdleAt = out
		if was.IsZero() && m.focus.Nowhere {
			m.do(Notify{Title: m.cfg.Words.Say(words.IdleTitle), Text: m.cfg.Words.Say(words.IdleText)})
		}
	}
}

// wakeLogin says when time has something to do next.
func (m *Model) wakeLogin(until, count func(time.Time)) {
	if m.s.SignIn == LoggingIn && !m.s.Pairing.Expires.IsZero() {
		count(m.s.Pairing.Expires)
		until(m.s.Pairing.Expires)
	}
	out := m.idleFrom()
	if out.IsZero() {
		return
	}
	if m.here.used.After(m.here.told) {
		until(m.here.told.Add(ActiveEvery))
	}
	if warn := out.Add(-IdleWarning); m.s.Now.Before(warn) {
		until(warn)
	} else {
		count(out)
	}
}
