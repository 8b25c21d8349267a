package console

import (
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// files takes what concerns files (C03).
func (m *Model) files(now time.Time, e Event) {
	switch e := e.(type) {
	case Files:
		m.offer(now, e)
	case Take:
		if t, ok := m.transfer(e.ID, e.Transfer); ok && !t.Mine && t.Stage == session.TransferOffered {
			m.do(Do{ID: e.ID, Event: session.Take{ID: t.ID, Allow: e.Allow}})
		}
	case Halt:
		if t, ok := m.transfer(e.ID, e.Transfer); ok && t.Open() {
			m.do(Do{ID: e.ID, Event: session.Cancel{ID: t.ID}})
		}
	case NotOffered:
		m.s.Note, m.noteEnd = m.cfg.Words.NotOffered(e.Name, e.Why), now.Add(NoteTime)
	}
}

// offer has files offered to a session.
func (m *Model) offer(now time.Time, e Files) {
	if len(e.Paths) == 0 {
		return
	}
	x := m.talking(e.ID)
	switch {
	case x == nil:
		m.note(now, words.RepDropHere)
	case x.State.Full:
		m.note(now, words.FilesFull)
	case x.State.Denied.Send:
		m.note(now, words.DeniedByOrganisation)
	case !x.State.Verified:
		m.note(now, words.HeldBack)
	case now.Before(x.State.AskFrom):
		m.note(now, words.RepFilesRest, m.cfg.Words.Seconds(x.State.AskFrom.Sub(now)))
	default:
		m.do(Offer(e))
	}
}

// transfer finds a transfer of a session the rep can act in.
func (m *Model) transfer(id wire.SessionID, transfer uint32) (session.Transfer, bool) {
	x := m.talking(id)
	if x == nil {
		return session.Transfer{}, false
	}
	return words.Transfer(transfer, x.State)
}

// offered says whether a line is about something the customer offers.
func offered(l session.Line, s session.State) bool {
	t, ok := words.Transfer(l.Transfer, s)
	return ok && !t.Mine
}
