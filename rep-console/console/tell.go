package console

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"handrail/shared/wire"
	"handrail/shared/words"
)

// Board is a portal where this rep may push notices: how many wait there, and
// which pushed notices count.
type Board struct {
	Portal  string
	Name    string // without one the rep has no say there any more
	Waiting int
	Notices []Notice
}

// Notice is one that was pushed, by anybody, and counts.
type Notice struct {
	ID          uint64
	Title, Text string
	Until       time.Time // by this machine's clock; zero: until it is ended
	Told        int       // who waited when it came; 0 where that is not known
	Ending      bool      // the broker has been asked to end it
}

// Tell is the notice that the rep writes to everybody who waits (P07). It stays
// as it is while the sheet is shut.
type Tell struct {
	Open        bool
	Portal      string // chosen
	Title, Text string
	Term        time.Duration // how long it is to count; 0 is until midnight
	Leave       bool          // offers to leave because of it
	Busy        bool          // the broker has been asked
	Problem     words.Problem
	Done        bool // the one before has been pushed
	Told        int  // how many were told it; less than 0: that is not known yet
}

// Terms are how long a notice can count.
func Terms() []time.Duration {
	return []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 0, 24 * time.Hour}
}

// TitleFits and TextFits say whether they have the length a notice can have.
func (t *Tell) TitleFits() bool { return fits(t.Title, wire.MaxNoticeTitle) }
func (t *Tell) TextFits() bool  { return fits(t.Text, wire.MaxNoticeText) }

func fits(text string, most int) bool {
	text = strings.TrimSpace(text)
	return text != "" && utf8.RuneCountInString(text) <= most
}

// What happens with notices.
type (
	// Noticeboards are all portals where this rep may push notices.
	Noticeboards struct{ Boards []Board }
	// NoticeKept answers PushNotice and EndNotice.
	NoticeKept struct{ Request [16]byte }
	// NoticeRefused answers them, too.
	NoticeRefused struct {
		Request [16]byte
		Problem words.Problem
	}
)

// What the rep does with notices.
type (
	TellOn    struct{} // opens the sheet, or shuts it
	TellShut  struct{}
	TellAt    struct{ Portal string }
	TellTitle struct{ Text string }
	TellText  struct{ Text string }
	TellTerm  struct{ Term time.Duration }
	TellLeave struct{ On bool }
	TellGo    struct{}
	TellEnd   struct{ ID uint64 } // of a notice in the chosen portal
)

func (Noticeboards) event()  {}
func (NoticeKept) event()    {}
func (NoticeRefused) event() {}
func (TellOn) event()        {}
func (TellShut) event()      {}
func (TellAt) event()        {}
func (TellTitle) event()     {}
func (TellText) event()      {}
func (TellTerm) event()      {}
func (TellLeave) event()     {}
func (TellGo) event()        {}
func (TellEnd) event()       {}

type (
	// PushNotice asks a broker to tell everybody who waits in a portal. To say
	// it again is harmless.
	PushNotice struct {
		Request             [16]byte
		Portal, Title, Text string
		Life                time.Duration
		Leave               bool
	}
	// EndNotice asks a broker to end a notice.
	EndNotice struct {
		Request [16]byte
		Portal  string
		ID      uint64
	}
)

func (PushNotice) effect() {}
func (EndNotice) effect()  {}

// telling is what the model knows of notices beside the State.
type telling struct {
	boards []Board
	push   PushNotice // asked for last
	term   time.Duration
	at     time.Time // when
	told   uint64    // the notice that was pushed last; 0: none
	ends   []ending
}

// ending is a notice that the broker has been asked to end.
type ending struct {
	EndNotice
	at time.Time
}

// notices takes what happens with notices.
func (m *Model) notices(now time.Time, e Event) {
	v := &m.s.Tell
	switch e := e.(type) {
	case Noticeboards:
		m.boardsAre(e.Boards)
	case NoticeKept:
		m.noticeKept(now, e.Request)
	case NoticeRefused:
		m.noticeRefused(e)
	case TellOn:
		m.tellOn()
	case TellShut:
		v.Open = false
	case TellAt:
		if m.board(e.Portal) != nil && !v.Busy && v.Portal != e.Portal {
			v.Portal = e.Portal
			m.retell()
		}
	case TellTitle:
		if v.Title != e.Text && !v.Busy {
			v.Title = e.Text
			m.retell()
		}
	case TellText:
		if v.Text != e.Text && !v.Busy {
			v.Text = e.Text
			m.retell()
		}
	case TellTerm:
		if slices.Contains(Terms(), e.Term) && !v.Busy {
			v.Term = e.Term
		}
	case TellLeave:
		if !v.Busy {
			v.Leave = e.On
		}
	case TellGo:
		m.tellGo(now)
	case TellEnd:
		m.tellEnd(now, e.ID)
	}
	m.showBoards()
}

// tellOn opens the sheet, at the portal where most wait, or shuts it.
func (m *Model) tellOn() {
	v := &m.s.Tell
	if v.Open || len(m.tell.boards) == 0 {
		v.Open = false
		return
	}
	v.Open = true
	if v.Title == "" && v.Text == "" && !v.Busy {
		v.Portal, v.Term, v.Leave = m.busiest(), Terms()[1], false
		m.retell()
	}
}

// retell begins another notice: what is said of the one before is of no use.
func (m *Model) retell() {
	m.s.Tell.Done, m.s.Tell.Problem, m.tell.told = false, words.NoProblem, 0
}

func (m *Model) busiest() string {
	best := m.tell.boards[0]
	for _, b := range m.tell.boards {
		if b.Waiting > best.Waiting {
			best = b
		}
	}
	return best.Portal
}

func (m *Model) board(portal string) *Board {
	if i := slices.IndexFunc(m.tell.boards, func(b Board) bool { return b.Portal == portal }); i >= 0 {
		return &m.tell.boards[i]
	}
	return nil
}

// boardsAre takes in how it stands in all portals. Without any the rep has no
// say any more.
func (m *Model) boardsAre(all []Board) {
	m.tell.boards = slices.Clone(all)
	slices.SortFunc(m.tell.boards, func(a, b Board) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.Portal, b.Portal))
	})
	v := &m.s.Tell
	switch {
	case len(all) == 0:
		m.forgetNotices()
	case m.board(v.Portal) == nil && !v.Busy:
		v.Portal = m.busiest()
	}
	m.tell.ends = slices.DeleteFunc(m.tell.ends, func(e ending) bool {
		b := m.board(e.Portal)
		return b == nil || !slices.ContainsFunc(b.Notices, func(n Notice) bool { return n.ID == e.ID })
	})
}

// forgetNotices: who may not push any is not shown how to.
func (m *Model) forgetNotices() { m.s.Tell, m.s.Boards, m.tell = Tell{}, nil, telling{} }

// showBoards puts into the State what is known of boards.
func (m *Model) showBoards() {
	m.s.Boards = slices.Clone(m.tell.boards)
	for i := range m.s.Boards {
		b := &m.s.Boards[i]
		b.Notices = slices.Clone(b.Notices)
		for j := range b.Notices {
			n := &b.Notices[j]
			n.Ending = slices.ContainsFunc(m.tell.ends, func(e ending) bool { return e.Portal == b.Portal && e.ID == n.ID })
			if n.ID == m.tell.told && b.Portal == m.tell.push.Portal {
				m.s.Tell.Told = n.Told
			}
		}
	}
}

// tellGo asks the broker. What was asked before and not answered is asked with
// the same number, so that nobody reads it twice.
func (m *Model) tellGo(now time.Time) {
	v := &m.s.Tell
	if !v.Open || v.Busy || !v.TitleFits() || !v.TextFits() || m.board(v.Portal) == nil {
		return
	}
	if m.s.SignIn != In {
		v.Problem = words.BrokerAway
		return
	}
	p := PushNotice{
		Request: m.tell.push.Request, Portal: v.Portal, Title: strings.Join(strings.Fields(v.Title), " "), Text: strings.TrimSpace(v.Text),
		Life: lasting(v.Term, now), Leave: v.Leave,
	}
	unanswered := m.tell.push
	unanswered.Life = p.Life
	if p.Request == [16]byte{} || unanswered != p || m.tell.term != v.Term {
		if _, err := io.ReadFull(m.cfg.Rand, p.Request[:]); err != nil {
			v.Problem = words.Unexpected
			return
		}
	}
	m.retell()
	v.Busy, m.tell.push, m.tell.term, m.tell.at = true, p, v.Term, now
	m.do(p)
}

// lasting is how long a notice counts that begins now.
func lasting(term time.Duration, now time.Time) time.Duration {
	if term > 0 {
		return term
	}
	midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	return max(midnight.Sub(now).Round(time.Second), wire.MinNoticeLife*time.Second)
}

func (m *Model) tellEnd(now time.Time, id uint64) {
	b := m.board(m.s.Tell.Portal)
	asked := func(e ending) bool { return e.Portal == b.Portal && e.ID == id }
	switch {
	case b == nil, slices.ContainsFunc(m.tell.ends, asked), !slices.ContainsFunc(b.Notices, func(n Notice) bool { return n.ID == id }):
		return
	case m.s.SignIn != In:
		m.s.Tell.Problem = words.BrokerAway
		return
	}
	e := EndNotice{Portal: b.Portal, ID: id}
	if _, err := io.ReadFull(m.cfg.Rand, e.Request[:]); err != nil {
		m.s.Tell.Problem = words.Unexpected
		return
	}
	m.retell()
	m.tell.ends = append(m.tell.ends, ending{e, now})
	m.do(e)
}

// noticeKept hears that a notice is there for everybody. Of one that was ended
// the boards tell.
func (m *Model) noticeKept(now time.Time, request [16]byte) {
	v := &m.s.Tell
	if !v.Busy || m.tell.push.Request != request {
		return
	}
	v.Busy, v.Title, v.Text, v.Leave = false, "", "", false
	v.Done, v.Told, m.tell.told = true, -1, (&wire.PushNotice{Request: request}).NoticeID()
	m.tell.push.Request = [16]byte{} // the same words another time are another notice
	if !v.Open {
		m.note(now, words.TellSent)
	}
}

// noticeRefused hears why not. What was written stays.
func (m *Model) noticeRefused(e NoticeRefused) {
	v := &m.s.Tell
	n := len(m.tell.ends)
	m.tell.ends = slices.DeleteFunc(m.tell.ends, func(x ending) bool { return x.Request == e.Request })
	pushed := v.Busy && m.tell.push.Request == e.Request
	if pushed {
		v.Busy = false
	}
	if pushed || len(m.tell.ends) < n {
		v.Problem = e.Problem
	}
}

// tellAgain says again what may have been lost with the connection.
func (m *Model) tellAgain(now time.Time) {
	if m.s.Tell.Busy {
		m.tell.at = now
		m.do(m.tell.push)
	}
	for i := range m.tell.ends {
		m.tell.ends[i].at = now
		m.do(m.tell.ends[i].EndNotice)
	}
}

// passNotices gives up on what the broker doesn't answer.
func (m *Model) passNotices(now time.Time) {
	v := &m.s.Tell
	late := func(at time.Time) bool { return !now.Before(at.Add(AnswerTime)) }
	if v.Busy && late(m.tell.at) {
		v.Busy, v.Problem = false, words.BrokerBusy
	}
	n := len(m.tell.ends)
	if m.tell.ends = slices.DeleteFunc(m.tell.ends, func(e ending) bool { return late(e.at) }); len(m.tell.ends) < n {
		v.Problem = words.BrokerBusy
		m.showBoards()
	}
}

// wakeNotices says when that is.
func (m *Model) wakeNotices(until func(time.Time)) {
	if m.s.Tell.Busy {
		until(m.tell.at.Add(AnswerTime))
	}
	for _, e := range m.tell.ends {
		until(e.at.Add(AnswerTime))
	}
}
