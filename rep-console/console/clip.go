package console

import (
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Clip chooses how the clipboard of a session is to be shared: ClipOut, ClipIn,
// both or neither. What is more than now the customer is asked for.
type Clip struct {
	ID   wire.SessionID
	What wire.Permission
}

func (Clip) event() {}

// shareClip gives back what is no longer wanted and asks for what is missing.
func (m *Model) shareClip(now time.Time, e Clip) {
	x := m.talking(e.ID)
	if x == nil {
		return
	}
	held := x.State.Granted & session.Clipboard
	asked := wire.Permission(0)
	if r := x.State.Request; r != nil {
		asked = r.What & session.Clipboard
	}
	if back := (held | asked) &^ e.What; back != 0 {
		m.do(Do{ID: e.ID, Event: session.Withdraw{What: back}})
	}
	switch {
	case held.Has(e.What), x.State.Request != nil:
	case x.State.Denied.What&e.What != 0:
		m.note(now, words.DeniedByOrganisation)
	case !x.State.Verified:
		m.note(now, words.HeldBack)
	case now.Before(x.State.AskFrom):
		m.note(now, words.RepAskAgainIn, m.cfg.Words.Seconds(x.State.AskFrom.Sub(now)))
	default:
		m.do(Do{ID: e.ID, Event: session.Ask{What: e.What}})
	}
}

// Front is the session that the rep works in: of the window that has, or had,
// the keyboard. The zero ID is none.
func (m *Model) Front() wire.SessionID {
	if x := m.session(m.window); x != nil && x.Detached {
		return x.ID
	}
	if x := m.session(m.s.Selected); x != nil && !x.Detached {
		return x.ID
	}
	return wire.SessionID{}
}
