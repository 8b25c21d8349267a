package chat

import (
	"time"

	"handrail/shared/session"
)

// Compare are the three words that customer and rep read to each other, where
// nothing else has proved who the rep is (row Z03).
type Compare struct {
	Words [3]string
	Armed bool // the buttons work
	// Cut says that the connection is gone: whether the words are the same waits
	// until it is back. That they are different can be said at any time.
	Cut bool
}

// Compared is what the customer says about the words.
type Compared struct{ Same bool }

func (Compared) event() {}

// compare is the open question about the words.
func (m *Model) compare() *Compare {
	if m.s.Screen != InSession || m.s.Session.Verified || m.s.Session.Words == [3]string{} {
		return nil
	}
	return &Compare{Words: m.s.Session.Words, Armed: !m.now.Before(m.wordsArmed), Cut: !m.s.Session.Linked}
}

// compares starts the time in which new words can't be answered, or words whose
// connection is back.
func (m *Model) compares(before, s session.State) {
	if s.Words != m.words || s.Linked && !before.Linked {
		m.words, m.wordsArmed = s.Words, m.now.Add(ArmTime)
	}
}

// compared tells the session. Words that are different end it.
func (m *Model) compared(e Compared) {
	if c := m.compare(); c != nil && c.Armed && !(c.Cut && e.Same) {
		m.do(Do{session.Compared{Same: e.Same}})
	}
}

// wakeCompare says when the buttons begin to work.
func (m *Model) wakeCompare(sooner func(time.Time)) {
	if m.compare() != nil && m.now.Before(m.wordsArmed) {
		sooner(m.wordsArmed)
	}
}
