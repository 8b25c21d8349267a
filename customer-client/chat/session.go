package chat

import (
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// session takes the newest state of the session in.
func (m *Model) session(s session.State) {
	if m.s.Screen != Connecting && m.s.Screen != InSession {
		return // of a try that was given up, or of a session that is over
	}
	if m.s.Screen == InSession && !m.looking {
		m.count(s)
	}
	before := m.s.Session
	m.s.Session = s
	m.compares(before, s)
	m.forecast.Note(m.now, s)
	switch s.Stage {
	case session.Waiting:
		m.progress(Accepting)
	case session.Talking:
		if m.s.Screen != InSession {
			clear(m.said) // the next rep is another matter
			m.enter(InSession)
		}
		m.prompt(s.Request)
	case session.Over:
		m.over()
	}
}

// over leads to the end. Who has closed the window is gone after a moment in
// which questions may follow.
func (m *Model) over() {
	m.enter(Ended)
	switch {
	case m.s.Session.Why == wire.EndForNotice:
		m.s.Survey = nil
	case m.s.Survey != nil:
		m.surveyShown()
	}
}

// quit ends the program, once.
func (m *Model) quit() {
	m.leaving = time.Time{}
	m.do(Quit{})
}

// count adds what the rep said since the last state to what is unread.
func (m *Model) count(s session.State) {
	before := m.s.Session.Dropped + len(m.s.Session.Lines)
	for i := max(before-s.Dropped, 0); i < len(s.Lines); i++ {
		if l := s.Lines[i]; l.Kind == session.LineChat && !l.Mine || l.Kind == session.LineNudge || l.Kind == session.LineAsked || theirs(l, s) {
			m.s.Unread++
		}
	}
}

// prompt starts the time in which a new prompt can't be answered.
func (m *Model) prompt(r *session.Request) {
	switch {
	case r == nil:
		m.id = 0
	case r.ID != m.id || r.Offer != m.about:
		m.id, m.about, m.asked, m.armed = r.ID, r.Offer, m.now, m.now.Add(ArmTime)
	}
}

// inSession takes what the customer does in a session.
func (m *Model) inSession(e Event) {
	if m.s.Screen != InSession {
		if e, ok := e.(Say); ok {
			m.giveBack(e.Text, "")
		}
		return
	}
	switch e := e.(type) {
	case Say:
		switch {
		case len(e.Text) > wire.MaxText:
			m.giveBack(e.Text, words.TooLong)
		case m.s.Session.Full:
			m.giveBack(e.Text, words.TooMuchWaits)
		case e.Text != "":
			m.s.Back.Why, m.s.Unsent = "", Unsent{}
			m.do(Do{session.Say{Text: e.Text}})
		}
	case Reply:
		r := m.s.Session.Request
		if r != nil && r.ID == e.ID && !m.now.Before(m.armed) {
			m.do(Do{session.Reply{ID: e.ID, Allow: e.Allow}})
		}
	case MoreTime:
		if r := m.s.Session.Request; r != nil && r.ID == e.ID {
			m.do(Do{session.MoreTime{ID: e.ID}})
		}
	case Compared:
		m.compared(e)
	case StopSharing:
		m.do(Do{session.StopSharing{}})
	}
}

// giveBack returns text that was not sent.
func (m *Model) giveBack(text string, why words.Sentence) {
	m.s.Back = Back{N: m.s.Back.N + 1, Text: text, Why: why}
}

func (m *Model) font(step int) {
	font := 0
	if step != 0 {
		font = min(max(m.s.Settings.Font+step, minFont), maxFont)
	}
	if font != m.s.Settings.Font {
		m.s.Settings.Font = font
		m.do(Save{m.s.Settings})
	}
}

// look notes whether the customer looks. The click that brings the window to
// the front must not answer a prompt in it.
func (m *Model) look(yes bool) {
	if yes && !m.looking && m.id != 0 {
		m.armed = m.now.Add(ArmTime)
	}
	if yes && !m.looking {
		m.dropArmed, m.wordsArmed = m.now.Add(ArmTime), m.now.Add(ArmTime)
		if m.w != nil {
			m.rearm()
		}
	}
	m.looking = yes
	if yes {
		m.s.Unread = 0
	}
}

// close takes what leads to the end of the program.
func (m *Model) close(e Event) {
	switch e.(type) {
	case CloseAsked:
		switch m.s.Screen {
		case InSession, Waiting:
			m.s.Closing = m.leaving.IsZero()
			if m.w != nil {
				m.w.leave = 0
			}
		case Connecting:
			m.do(GiveUp{})
			m.do(Quit{})
		default:
			m.closeEnd()
		}
	case CloseDismissed:
		m.s.Closing = false
	case CloseConfirmed:
		switch {
		case !m.s.Closing:
		case m.s.Screen == Waiting:
			m.s.Closing = false
			m.do(Depart{wire.EndByCustomer})
			m.do(Quit{})
		default:
			m.s.Closing, m.leaving = false, m.now
			m.do(Do{session.Leave{}})
		}
	case Tick:
		m.silence()
		if !m.leaving.IsZero() && !m.now.Before(m.leaving.Add(m.leaveTime())) {
			m.quit()
		}
	}
}

// closeEnd closes the window at the end. Answers that are on their way get a
// moment.
func (m *Model) closeEnd() {
	if s := m.s.Survey; s != nil && s.Stage == SurveySending && m.leaving.IsZero() {
		m.leaving = m.now
		return
	}
	m.quit()
}

// leaveTime is how long the program stays after the window was closed: for the
// session to end and for answers to arrive, or for questions that may follow.
func (m *Model) leaveTime() time.Duration {
	if m.s.Screen == Ended && m.s.Survey == nil {
		return surveyWait
	}
	return LeaveTime
}
