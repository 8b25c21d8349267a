package console

import (
	"slices"
	"strings"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Move is the handing on of a customer, who waits or is in a session, to
// somebody else (K04). The zero Move is none.
type Move struct {
	ID      wire.SessionID
	Name    string // of the customer
	Find    string // what the rep looks for
	Targets []Target
	To      string // chosen queue; "" is none yet
	Note    string
	Busy    bool // the broker has been asked
	Problem words.Problem
}

// Target is where a customer can be handed on to.
type Target struct {
	Queue string
	What  wire.QueueKind
	Name  string // for people
	Here  bool   // signed in; of a team, somebody is
}

// moveAsked takes what the rep does to hand somebody on.
func (m *Model) moveAsked(now time.Time, e Event) {
	v := &m.s.Move
	switch e := e.(type) {
	case MoveOn:
		m.moveOn(now, e.ID)
		return
	case MoveFind:
		v.Find = e.Text
	case MoveTo:
		if !v.Busy {
			v.To = e.Queue
		}
	case MoveNote:
		v.Note = e.Text
	case MoveShut:
		*v = Move{}
	case MoveGo:
		m.moveGo(now)
	}
}

// moveOn begins to hand somebody on.
func (m *Model) moveOn(now time.Time, id wire.SessionID) {
	if (id == wire.SessionID{}) {
		id = m.s.Picked
	}
	name := ""
	switch x, w := m.talking(id), m.q.all[id]; {
	case x != nil && !x.MayMove():
		m.note(now, words.DeniedByOrganisation)
		return
	case x != nil:
		name = x.Name
	case w != nil && w.Stage == WaiterThere:
		name = m.NameOf(w)
	default:
		return
	}
	m.s.Tell.Open = false
	if m.s.Move.ID != id {
		m.s.Move = Move{ID: id, Name: name}
	}
}

// targetsOf lists where the customer of an open Move could go: those who are
// here first, reps before teams. Where the customer is already is left out.
func (m *Model) targetsOf(v Move) []Target {
	var list []Target
	find := strings.ToLower(strings.TrimSpace(v.Find))
	for _, t := range m.targets {
		if w := m.q.all[v.ID]; w != nil && w.Queue == t.Queue || w == nil && t.Queue == m.mine {
			continue
		}
		name := m.cfg.Words.QueueNamed(t.What, t.Name)
		if strings.Contains(strings.ToLower(name), find) {
			list = append(list, Target{Queue: t.Queue, What: t.What, Name: name, Here: t.Here})
		}
	}
	slices.SortStableFunc(list, func(a, b Target) int {
		switch {
		case a.Here != b.Here && a.Here:
			return -1
		case a.Here != b.Here:
			return 1
		case a.What != b.What:
			return int(a.What) - int(b.What)
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list
}

// moveGo asks the broker.
func (m *Model) moveGo(now time.Time) {
	v := &m.s.Move
	known := slices.ContainsFunc(m.targets, func(t wire.Target) bool { return t.Queue == v.To })
	if (v.ID == wire.SessionID{}) || v.Busy || !known {
		return
	}
	if m.s.SignIn != In {
		v.Problem = words.BrokerAway
		return
	}
	note := cut(strings.TrimSpace(v.Note), wire.MaxPlain)
	v.Busy, v.Problem, m.move = true, words.NoProblem, now
	m.do(HandOn{ID: v.ID, Queue: v.To, Note: note})
}

// cut shortens text to so many bytes, not inside a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	first, _ := split(text, most)
	return first
}

// handedOn hears that the customer is elsewhere now. A session ends with that
// only if this rep wanted it.
func (m *Model) handedOn(now time.Time, id wire.SessionID) {
	v := m.s.Move
	if v.ID != id || !v.Busy {
		return
	}
	if x := m.session(id); x != nil && x.State.Stage == session.Talking {
		m.do(Do{ID: id, Event: session.Leave{Moved: true}})
	}
	m.note(now, words.MoveDone, v.Name)
	m.s.Move = Move{}
}

func (m *Model) handOnFailed(e HandOnFailed) {
	if v := &m.s.Move; v.ID == e.ID && v.Busy {
		v.Busy, v.Problem = false, e.Problem
	}
}

// passMove gives up on an answer that doesn't come, and closes what has lost
// its customer.
func (m *Model) passMove(now time.Time) {
	v := &m.s.Move
	if v.Busy && !now.Before(m.move.Add(AnswerTime)) {
		v.Busy, v.Problem = false, words.BrokerBusy
	}
}

// dropStaleMove closes a Move whose customer has gone.
func (m *Model) dropStaleMove() {
	id := m.s.Move.ID
	w := m.q.all[id]
	if m.talking(id) == nil && (w == nil || w.Stage == WaiterGone) {
		m.s.Move = Move{}
	}
}
