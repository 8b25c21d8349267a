package console

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"handrail/shared/secret"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

func (m *Model) session(id wire.SessionID) *Session {
	for i := range m.s.Sessions {
		if m.s.Sessions[i].ID == id {
			return &m.s.Sessions[i]
		}
	}
	return nil
}

// ordered lists the sessions for the rep: who waits longest first, then the
// running ones as they came, then the ended ones.
func (m *Model) ordered() []Session {
	list := slices.Clone(m.s.Sessions)
	slices.SortStableFunc(list, func(a, b Session) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), a.Since.Compare(b.Since))
	})
	return list
}

// rank is where a session stands in the list: one that is about to begin counts
// as running.
func (x *Session) rank() session.Stage {
	if x.Taken && x.State.Stage == session.Waiting {
		return session.Talking
	}
	return x.State.Stage
}

// endOf is when a session ended.
func endOf(x Session) time.Time {
	if n := len(x.State.Lines); n > 0 {
		return x.State.Lines[n-1].At
	}
	return x.Since
}

// sessionDid takes what sessions report.
func (m *Model) sessionDid(now time.Time, e Event) {
	switch e := e.(type) {
	case SessionArrived:
		m.arrived(now, e)
	case SessionChanged:
		if x := m.session(e.ID); x != nil {
			m.changed(now, x, e.State)
		}
	case SessionPath:
		if x := m.session(e.ID); x != nil {
			x.Path = e.Path
		}
	case SessionGone:
		if x := m.session(e.ID); x != nil && x.State.Stage != session.Over {
			over := x.State
			over.Stage, over.Why, over.Linked, over.Granted = session.Over, wire.EndLost, false, 0
			over.Lines = append(slices.Clone(over.Lines), session.Line{At: now, Kind: session.LineEnded, Why: over.Why})
			m.changed(now, x, over)
		}
	}
}

// arrived puts a proven session into the list, waiting. A key that was taken
// back while it was being entered lets nobody in.
func (m *Model) arrived(now time.Time, e SessionArrived) {
	if x := m.session(e.ID); x != nil {
		if x.Meeting {
			x.Meeting, x.Denied = false, e.Denied
			m.begin(x.ID)
		}
		return
	}
	if k := m.key(e.Number); k == nil || k.Stage != KeyEntering {
		m.do(Do{ID: e.ID, Event: session.Leave{}})
		return
	}
	m.key(e.Number).end(now, KeyUsed)
	x := Session{
		ID: e.ID, Number: e.Number, Since: now, Denied: e.Denied,
		Name: m.cfg.Words.Say(words.RepNameless, secret.Group(e.Number)),
	}
	if e.Recording != wire.ConsentNotAsked {
		x.Visitor = &Waiter{Visitor: wire.Visitor{Session: e.ID, Recording: e.Recording}, Since: now}
	}
	m.s.Sessions = append(m.s.Sessions, x)
	m.do(Chime{})
	m.do(Notify{
		Title: m.cfg.Words.Say(words.RepWaitingTitle),
		Text:  m.cfg.Words.Say(words.RepWaitingText, secret.Group(e.Number)),
	})
}

// changed takes a session's new State in and counts what nobody looked at.
func (m *Model) changed(now time.Time, x *Session, s session.State) {
	before := x.State
	x.State = s
	x.course.Note(now, s)
	x.Left = x.course.Left(s)
	if s.Peer != "" {
		x.Name = s.Peer
	}
	switch s.Stage {
	case session.Talking:
		if !x.Taken {
			x.Taken = true
			m.tabs = append(m.tabs, x.ID)
		}
	case session.Over:
		if s.Why == wire.EndDeclined && !x.Taken {
			m.remove(x.ID)
			return
		}
		m.sayNote(x)
	}
	x.Full = x.Full && s.Granted != 0
	m.count(x, before, s)
	m.keepSelection()
}

// count marks new lines as unread unless somebody looks at them, and makes
// itself heard when none of our windows has the keyboard.
func (m *Model) count(x *Session, before, s session.State) {
	seen := before.Dropped + len(before.Lines)
	chats, files, others := 0, 0, 0
	for i := max(0, seen-s.Dropped); i < len(s.Lines); i++ {
		switch l := s.Lines[i]; {
		case l.Kind == session.LineChat && !l.Mine:
			chats++
		case l.Kind == session.LineTransfer && offered(l, s):
			files++
		case l.Kind == session.LineAnswered, l.Kind == session.LineSharing, l.Kind == session.LineEnded:
			others++
		}
	}
	if chats+files+others == 0 {
		return
	}
	if !m.looking(x) {
		x.Unread += chats + files + others
	}
	if !m.focus.Nowhere || chats+files == 0 {
		return
	}
	text := words.RepNewMessage
	if chats == 0 {
		text = words.RepFileOffered
	}
	m.do(Chime{})
	m.do(Notify{ // what was written stays in the window: others may see the desktop
		Title: x.Name, Text: m.cfg.Words.Say(text),
	})
}

// looking says whether the rep sees this session's lines now.
func (m *Model) looking(x *Session) bool {
	switch {
	case m.focus.Nowhere:
		return false
	case x.Detached:
		return m.focus.ID == x.ID
	}
	return m.focus.ID == wire.SessionID{} && m.s.Selected == x.ID
}

// look clears the unread marks of what the rep sees now.
func (m *Model) look() {
	for i := range m.s.Sessions {
		if x := &m.s.Sessions[i]; m.looking(x) {
			x.Unread = 0
		}
	}
}

// sessionAsked takes what the rep does in a session.
func (m *Model) sessionAsked(now time.Time, e Event) {
	switch e := e.(type) {
	case Accept:
		m.accept(now, e.ID)
	case Decline:
		if x := m.session(e.ID); x != nil && x.Waits() {
			m.do(Do{ID: e.ID, Event: session.Leave{}})
		}
	case Draft:
		if x := m.session(e.ID); x != nil {
			x.Draft = e.Text
		}
	case Say:
		m.say(now, e)
	case AskFor:
		m.askFor(now, e)
	case Clip:
		m.shareClip(now, e)
	case GiveBack:
		if m.talking(e.ID) != nil {
			m.do(Do{ID: e.ID, Event: session.Withdraw{What: e.What}})
		}
	case Nudge:
		if x := m.talking(e.ID); x != nil && !now.Before(x.State.NudgeFrom) {
			m.do(Do{ID: e.ID, Event: session.Nudge{}})
		}
	case PickMonitor:
		if x := m.talking(e.ID); x != nil && x.State.Granted != 0 {
			m.do(Do{ID: e.ID, Event: session.PickMonitor{Monitor: e.Monitor}})
		}
	case Tune:
		m.tune(e)
	case End:
		m.end(now, e.ID)
	}
}

// askFor puts a question to the customer, unless it could only be refused.
func (m *Model) askFor(now time.Time, e AskFor) {
	x := m.talking(e.ID)
	switch {
	case x == nil || x.State.Request != nil || now.Before(x.State.AskFrom):
	case x.State.Denied.What&e.What != 0:
		m.note(now, words.DeniedByOrganisation)
	case !x.State.Verified && e.What&^wire.View != 0:
		m.note(now, words.HeldBack)
	default:
		m.do(Do{ID: e.ID, Event: session.Ask{What: e.What}})
	}
}

// talking finds a session the rep can act in.
func (m *Model) talking(id wire.SessionID) *Session {
	if x := m.session(id); x != nil && x.State.Stage == session.Talking {
		return x
	}
	return nil
}

// accept takes a waiting session; the zero ID whoever has waited longest, those
// who came by a key before those in the queues.
func (m *Model) accept(now time.Time, id wire.SessionID) {
	none := wire.SessionID{}
	if id == none {
		if x := m.session(m.s.Selected); x != nil && x.Waits() {
			id = x.ID
		} else if i := slices.IndexFunc(m.ordered(), func(x Session) bool { return x.Waits() }); i >= 0 {
			id = m.ordered()[i].ID
		} else if len(m.q.list) > 0 {
			m.takeNext(now)
			return
		}
	}
	x := m.session(id)
	if x == nil || !x.Waits() {
		return
	}
	m.begin(id)
	m.s.Selected = id
	m.look()
}

// tune has a session's pictures look otherwise, and those of the sessions to
// come: who chose 8 bit for a slow line works behind that line tomorrow, too.
func (m *Model) tune(e Tune) {
	if !e.Profile.Known() || m.talking(e.ID) == nil {
		return
	}
	m.do(Do{ID: e.ID, Event: session.Tune{Profile: e.Profile}})
	was := m.s.Settings
	m.s.Settings.Profile = e.Profile
	m.remember(was)
}

// say sends what was written, in as many lines of chat as it needs.
func (m *Model) say(now time.Time, e Say) {
	x := m.talking(e.ID)
	text := strings.TrimRightFunc(e.Text, unicode.IsSpace)
	if x == nil || strings.TrimSpace(text) == "" {
		return
	}
	if x.State.Full {
		x.Draft = e.Text
		m.note(now, words.RepFull)
		return
	}
	x.Draft = ""
	for text != "" {
		var part string
		part, text = split(text, wire.MaxText)
		m.do(Do{ID: e.ID, Event: session.Say{Text: part}})
	}
}

// split cuts text so that the first part has at most limit bytes: after a line
// or a word where there is one in its second half, never inside a character.
func split(text string, limit int) (part, rest string) {
	if len(text) <= limit {
		return text, ""
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	for _, end := range []string{"\n", " "} {
		if i := strings.LastIndex(text[:cut], end); i > cut/2 {
			return text[:i], text[i+1:]
		}
	}
	return text[:cut], text[cut:]
}

// end asks before it ends a running session, and puts an ended one away.
func (m *Model) end(now time.Time, id wire.SessionID) {
	x := m.session(id)
	switch {
	case x == nil:
	case x.State.Stage == session.Over:
		m.shut(now, x)
	case x.State.Stage == session.Talking:
		m.s.Question = Question{Ask: EndSession, ID: id}
	case x.Meeting:
		x.leaving = true
		m.do(Do{ID: id, Event: session.Leave{}})
	}
}

// remove takes a session off the list. Its neighbour among the tabs comes
// forward.
func (m *Model) remove(id wire.SessionID) {
	if x := m.session(id); x != nil && x.over() && (x.Survey == nil || x.Survey.Stage != SurveySending) {
		m.do(Unasked{ID: id})
	}
	place := slices.Index(m.tabs, id)
	m.tabs = slices.DeleteFunc(slices.Clone(m.tabs), func(t wire.SessionID) bool { return t == id })
	m.s.Sessions = slices.DeleteFunc(m.s.Sessions, func(x Session) bool { return x.ID == id })
	if m.s.Selected != id {
		return
	}
	m.s.Selected = wire.SessionID{}
	if place >= 0 && len(m.tabs) > 0 {
		m.s.Selected = m.tabs[min(place, len(m.tabs)-1)]
	}
	m.look()
}

// keepSelection lets go of a session that is gone.
func (m *Model) keepSelection() {
	if m.session(m.s.Selected) == nil {
		m.s.Selected = wire.SessionID{}
	}
}

// windowDid takes what the rep does with tabs and windows.
func (m *Model) windowDid(e Event) {
	switch e := e.(type) {
	case Select:
		if m.session(e.ID) != nil || e.ID == (wire.SessionID{}) {
			m.s.Selected = e.ID
		}
	case SelectTab:
		place := e.Place
		if place < 0 {
			place = len(m.tabs) - 1
		}
		if place >= 0 && place < len(m.tabs) {
			m.s.Selected = m.tabs[place]
		}
	case NextTab:
		if n := len(m.tabs); n > 0 {
			place := slices.Index(m.tabs, m.s.Selected)
			if place < 0 && e.By < 0 {
				place = 0
			}
			m.s.Selected = m.tabs[((place+e.By)%n+n)%n]
		}
	case Detach:
		if x := m.session(e.ID); x != nil && x.Taken {
			x.Detached = e.On
		}
	case FullScreen:
		if x := m.session(e.ID); x != nil {
			x.Full = e.On && x.State.Granted != 0
		}
	case Focus:
		m.focus = e
		if !e.Nowhere {
			m.window = e.ID
		}
	}
	m.look()
	m.watch(m.s.Now)
}
