package console

import (
	"io"
	"slices"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// AnswerTime is how long the broker may take to say what became of a request.
const AnswerTime = 15 * time.Second

// maxTakes is how many customers can be asked for at once.
const maxTakes = 16

// asking is a customer the broker has been asked for. It is kept over a lost
// connection: said again with the same number, it is harmless.
type asking struct {
	Fetch
	at time.Time
}

// asked says whether this very customer has been asked for.
func (m *Model) asked(id wire.SessionID) bool {
	return slices.ContainsFunc(m.q.takes, func(t asking) bool { return t.Session == id })
}

// takeWaiter asks the broker for a customer; the zero ID is the picked one.
func (m *Model) takeWaiter(now time.Time, id wire.SessionID) {
	if (id == wire.SessionID{}) {
		id = m.s.Picked
	}
	w := m.q.all[id]
	switch {
	case w == nil || w.Stage == WaiterGone:
		m.note(now, words.QueueTooLate)
	case w.Stage == WaiterAsked:
	case !w.Here:
		m.note(now, words.QueueNotHere)
	case m.fetch(now, Fetch{Session: id}):
		m.become(w, WaiterAsked)
	}
}

// takeNext asks for who has waited longest in the chosen queue, or anywhere.
// It is asked for one at a time.
func (m *Model) takeNext(now time.Time) {
	if !m.nexting() {
		m.fetch(now, Fetch{Queue: m.s.Queue})
	}
}

func (m *Model) nexting() bool { return m.asked(wire.SessionID{}) }

func (m *Model) fetch(now time.Time, f Fetch) bool {
	if m.s.SignIn != In {
		m.s.QueueProblem = words.BrokerAway
		return false
	}
	if len(m.q.takes) >= maxTakes {
		return false
	}
	if _, err := io.ReadFull(m.cfg.Rand, f.Request[:]); err != nil {
		m.s.QueueProblem = words.Unexpected
		return false
	}
	m.s.QueueProblem = words.NoProblem
	m.q.takes = append(m.q.takes, asking{f, now})
	m.do(f)
	return true
}

// fetchAgain says again what may have been lost with the connection.
func (m *Model) fetchAgain(now time.Time) {
	for i := range m.q.takes {
		m.q.takes[i].at = now
		m.do(m.q.takes[i].Fetch)
	}
}

// untake forgets a request, and gives the waiter it was about back.
func (m *Model) untake(is func(asking) bool) bool {
	i := slices.IndexFunc(m.q.takes, is)
	if i < 0 {
		return false
	}
	if w := m.q.all[m.q.takes[i].Session]; w != nil && w.Stage == WaiterAsked {
		m.become(w, WaiterThere)
	}
	m.q.takes = slices.Delete(m.q.takes, i, i+1)
	return true
}

// takeFailed says in one line, not in a dialog, that somebody was quicker.
func (m *Model) takeFailed(now time.Time, e TakeFailed) {
	var id wire.SessionID
	if !m.untake(func(t asking) bool {
		id = t.Session
		return t.Request == e.Request
	}) {
		return
	}
	switch e.Problem {
	case words.Taken:
		m.note(now, words.QueueTaken)
		m.visitorGone(now, id, wire.GoneTaken, "")
	case words.NobodyWaits:
		m.note(now, words.QueueNobody)
	default:
		m.s.QueueProblem = e.Problem
	}
}

// passTakes gives up on what the broker doesn't answer.
func (m *Model) passTakes(now time.Time) {
	late := func(t asking) bool { return !now.Before(t.at.Add(AnswerTime)) }
	for m.untake(late) {
		m.s.QueueProblem = words.BrokerBusy
	}
}

// given opens the tab of a customer whom the broker has given to this rep. Who
// was not asked for is not taken: a rep decides.
func (m *Model) given(now time.Time, e Given) {
	own := func(t asking) bool { return t.Session == e.ID }
	next := func(t asking) bool { return t.Session == wire.SessionID{} }
	before := m.session(e.ID)
	if before != nil && !before.over() || !m.untake(own) && !m.untake(next) {
		m.do(TurnAway{ID: e.ID})
		return
	}
	var noted Notes
	if before != nil { // was handed on, and is back: what was noted stays
		noted = before.Notes
		m.remove(e.ID)
	}
	x := Session{
		ID: e.ID, Name: m.cfg.Words.Visitor(e.Peer), Since: now, Taken: true, Meeting: true, Notes: noted,
		State: session.State{
			Role: wire.RoleRep, Proof: wire.ProofCompare, Peer: e.Peer, PeerSystem: e.System, CutSince: now,
		},
	}
	if w := m.q.all[e.ID]; w != nil {
		x.Visitor = w
		m.forget(e.ID)
	}
	m.s.Sessions = append(m.s.Sessions, x)
	m.tabs = append(slices.Clone(m.tabs), e.ID)
	m.s.Selected = e.ID
	if m.s.Move.ID == e.ID {
		m.s.Move = Move{}
	}
	m.do(Meet{ID: e.ID, Compare: true})
	m.look()
}

// notMet ends a session in which the two programs never met.
func (m *Model) notMet(now time.Time, e NotMet) {
	x := m.session(e.ID)
	if x == nil || !x.Meeting {
		return
	}
	if x.leaving {
		m.remove(e.ID)
		return
	}
	over := x.State
	over.Stage, over.Why = session.Over, e.Why
	over.Lines = []session.Line{{At: now, Kind: session.LineEnded, Why: e.Why}}
	x.Meeting = false
	m.changed(now, x, over)
}

// begin has a session accepted, in the way its rep likes pictures.
func (m *Model) begin(id wire.SessionID) {
	keep, trouble := m.keeps(m.s.Now)
	m.session(id).Trouble = trouble
	m.do(Do{ID: id, Event: session.Accept{Keep: keep}})
	if p := m.s.Settings.Profile; p != wire.ProfileAutomatic {
		m.do(Do{ID: id, Event: session.Tune{Profile: p}})
	}
}

// differ ends a session after a question: the two read different words.
func (m *Model) differ(id wire.SessionID) {
	if x := m.talking(id); x != nil && !x.State.Verified {
		m.s.Question = Question{Ask: WordsDiffer, ID: id}
	}
}
