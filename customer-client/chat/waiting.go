package chat

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Visit is what a customer who came by the portal meets before a rep does
// (rows W01 to W07).
type Visit struct {
	Portal   string        // its name
	Since    time.Time     // when the customer was let in
	Cut      bool          // the broker can't be reached now
	Question *Question     // to be answered before anything else
	Position int           // 1 is next; 0 is not told
	Estimate time.Duration // 0 is not told
	Queue    string        // its name, may be empty
	Back     wire.EndWhy   // a rep was there before: EndLost or EndMoved; else 0
	Told     []Told        // oldest first
	Leaving  *Told         // a notice: the question whether to leave because of it is open
}

// Question is what the broker asks a customer before a rep does.
type Question struct {
	ID          uint32
	What        wire.Asked
	Title, Text string
	Left        time.Duration // until silence is taken as no; 0: it was
	Armed       bool          // the buttons work
}

// Told is a text of the organisation's.
type Told struct {
	ID          int // grows, from one visit to the next too
	At          time.Time
	What        wire.Telling
	Title, Text string
	URL, Host   string // a page to open, and the host a person reads; empty: none
	Leave       bool   // it offers to leave because of it
}

// Limits of what a broker can make this window keep. Beyond them the oldest
// goes, hold messages first.
const (
	maxTold      = 60
	maxToldBytes = 64 << 10
	// lastAsk is the longest that a question is believed to stay open (W01).
	lastAsk = 30 * time.Minute
)

// What the customer does while waiting.
type (
	// Decision answers a Question.
	Decision struct {
		ID  uint32
		Yes bool
	}
	// LeaveFor asks to leave because of the notice with this ID; LeaveConfirmed
	// and LeaveDismissed answer the question that follows.
	LeaveFor       struct{ ID int }
	LeaveConfirmed struct{}
	LeaveDismissed struct{}
)

// What the broker tells a customer who waits.
type (
	Admitted struct{ Portal string } // there is a place; also after each return to the broker
	// Asks is a question. Until is on this machine's clock.
	Asks struct {
		ID          uint32
		What        wire.Asked
		Title, Text string
		Until       time.Time
	}
	Stands struct { // how the customer stands in the queue
		Position int
		Estimate time.Duration
		Queue    string
	}
	Tells struct {
		What             wire.Telling
		Title, Text, URL string
		Leave            bool
	}
	BrokerCut struct{}                  // the broker can't be reached; Admitted says that it can again
	Taken     struct{ Rep string }      // by a rep, to whom a connection is looked for now
	Returned  struct{ Why wire.EndWhy } // without that rep: the customer waits again
	Finished  struct{ Why wire.EndWhy } // the visit is over without a session
)

func (Decision) event()       {}
func (LeaveFor) event()       {}
func (LeaveConfirmed) event() {}
func (LeaveDismissed) event() {}
func (Admitted) event()       {}
func (Asks) event()           {}
func (Stands) event()         {}
func (Tells) event()          {}
func (BrokerCut) event()      {}
func (Taken) event()          {}
func (Returned) event()       {}
func (Finished) event()       {}

type (
	// Decide answers the broker's question.
	Decide struct {
		ID  uint32
		Yes bool
	}
	// Depart ends the visit and tells the broker why. Nothing of it is reported.
	Depart struct{ Why wire.EndWhy }
	// Browse opens a page in the browser. Its address is safe to open.
	Browse struct{ URL string }
	// Attend calls the customer, who looks elsewhere, to the window.
	Attend struct{}
)

func (Decide) effect() {}
func (Depart) effect() {}
func (Browse) effect() {}
func (Attend) effect() {}

// waiting is what the model keeps of a visit.
type waiting struct {
	v       Visit
	asks    []asked // at most one of each kind, the agreement first
	bytes   int     // of all Told
	before  int     // ID of the last Told before the last rep came
	leave   int     // ID of the notice to leave for; 0: none
	browsed bool    // a page was opened
}

// asked is an open question.
type asked struct {
	Asks
	armed time.Time // from when on an answer counts
}

// answeredAsk is a question and its answer.
type answeredAsk struct {
	id   uint32
	text string
	yes  bool
}

// visit is what State shows of it.
func (m *Model) visit() *Visit {
	if m.w == nil {
		return nil
	}
	v := m.w.v
	v.Told = slices.Clip(v.Told) // it only grows, or is made anew
	if len(m.w.asks) > 0 {
		q := m.w.asks[0]
		v.Question = &Question{
			ID: q.ID, What: q.What, Title: q.Title, Text: q.Text, Left: max(q.Until.Sub(m.now), 0),
			Armed: !m.now.Before(q.armed) && m.now.Before(q.Until),
		}
	}
	if i := m.w.find(m.w.leave); i >= 0 {
		told := v.Told[i]
		v.Leaving = &told
	}
	return &v
}

// find is where the Told with an ID is, or -1.
func (w *waiting) find(id int) int {
	return slices.IndexFunc(w.v.Told, func(t Told) bool { return t.ID == id })
}

// waits takes what happens to a customer who came by the portal.
func (m *Model) waits(e Event) {
	switch e := e.(type) {
	case Admitted:
		m.admitted(e)
		return
	case Finished:
		m.finished(e.Why)
		return
	case Returned:
		m.returned(e.Why)
		return
	}
	if e, ok := e.(Stands); ok { // may come just before Returned, too
		m.stands = e
	}
	if e, ok := e.(Tells); ok && m.w == nil && (e.What == wire.TellLost || e.What == wire.TellMoved) {
		m.parted = &e // may come before Returned, and does where the two were connected
	}
	if m.w == nil || m.s.Screen == KeyForm {
		return
	}
	if e, ok := e.(Tells); ok { // may come just before Returned
		m.tells(e)
		return
	}
	if m.s.Screen != Waiting {
		return
	}
	switch e := e.(type) {
	case Asks:
		m.asks(e)
	case Stands:
		m.w.stand(e)
	case BrokerCut:
		m.w.v.Cut = true
	case Taken:
		m.taken(e)
	case Decision:
		m.decide(e)
	case LeaveFor, LeaveConfirmed, LeaveDismissed:
		m.leaveFor(e)
	}
}

// stand takes over how the customer stands in the queue.
func (w *waiting) stand(e Stands) {
	w.v.Position, w.v.Estimate, w.v.Queue = e.Position, e.Estimate, e.Queue
}

// admitted begins the wait, or goes on with it. Who has a key waits only as long
// as something is asked.
func (m *Model) admitted(e Admitted) {
	switch {
	case m.s.Screen == Connecting && m.w == nil:
		m.w = &waiting{v: Visit{Portal: e.Portal, Since: m.now}}
		m.enter(Waiting)
	case m.s.Screen == Waiting:
		m.w.v.Cut = false
	}
}

// asks puts a question to the customer. One that was answered is answered the
// same way again: the broker has lost what it heard, or the first try with a key
// came to nothing.
func (m *Model) asks(e Asks) {
	m.w.v.Cut = false
	e.Title, e.Text = tidy(e.Title), tidy(e.Text)
	if a, ok := m.said[e.What]; ok && a.id == e.ID && a.text == e.Title+"\n"+e.Text {
		m.do(Decide{ID: a.id, Yes: a.yes})
		return
	}
	if last := m.now.Add(lastAsk); e.Until.After(last) {
		e.Until = last
	}
	q := asked{Asks: e, armed: m.now.Add(ArmTime)}
	i := slices.IndexFunc(m.w.asks, func(o asked) bool { return o.What == e.What })
	switch {
	case i < 0:
		m.w.asks = append(slices.Clone(m.w.asks), q)
		slices.SortStableFunc(m.w.asks, func(a, b asked) int { return int(a.What) - int(b.What) })
	default:
		if o := m.w.asks[i]; o.ID == e.ID && o.Title == e.Title && o.Text == e.Text {
			q.armed = o.armed
		}
		m.w.asks = slices.Clone(m.w.asks)
		m.w.asks[i] = q
	}
}

// decide takes the answer to the question that is shown. Without the agreement
// the visit is over.
func (m *Model) decide(e Decision) {
	if len(m.w.asks) == 0 {
		return
	}
	q := m.w.asks[0]
	if q.ID != e.ID || m.now.Before(q.armed) || !m.now.Before(q.Until) {
		return
	}
	m.w.asks = m.w.asks[1:]
	m.rearm()
	m.said[q.What] = answeredAsk{q.ID, q.Title + "\n" + q.Text, e.Yes}
	m.do(Decide(e))
	if q.What == wire.AskedAgreement && !e.Yes {
		m.do(Depart{wire.EndNotAgreed})
		m.finished(wire.EndNotAgreed)
	}
}

// rearm keeps the press that answered one question from answering the next.
func (m *Model) rearm() {
	if len(m.w.asks) > 0 {
		m.w.asks = slices.Clone(m.w.asks)
		m.w.asks[0].armed = m.now.Add(ArmTime)
	}
}

// silence closes the questions that nobody answered in time: about the
// recording that is a no; the agreement is left open, and the broker ends it.
func (m *Model) silence() {
	if m.w == nil {
		return
	}
	before := len(m.w.asks)
	m.w.asks = slices.DeleteFunc(slices.Clone(m.w.asks), func(q asked) bool {
		return q.What != wire.AskedAgreement && !m.now.Before(q.Until)
	})
	if len(m.w.asks) != before {
		m.rearm()
	}
}

// tells adds a text to the list. The same text again, as after a return to the
// broker, is there once; a hold message that is repeated is the newest again.
func (m *Model) tells(e Tells) {
	t := Told{At: m.now, What: e.What, Title: tidy(e.Title), Text: tidy(e.Text), Leave: e.Leave && e.What == wire.TellNotice}
	if t.Host = host(e.URL); t.Host != "" {
		t.URL = e.URL
	}
	w := m.w
	same := slices.IndexFunc(w.v.Told, func(o Told) bool {
		return o.What == t.What && o.Title == t.Title && o.Text == t.Text && o.URL == t.URL && (o.ID > w.before || !t.again())
	})
	if same >= 0 && t.What != wire.TellHold {
		return
	}
	if same >= 0 {
		w.drop(same)
	}
	m.told++
	t.ID = m.told
	w.v.Told = append(w.v.Told, t)
	w.bytes += t.size()
	for len(w.v.Told) > maxTold || w.bytes > maxToldBytes && len(w.v.Told) > 1 {
		w.drop(max(slices.IndexFunc(w.v.Told[:len(w.v.Told)-1], func(o Told) bool { return o.What == wire.TellHold }), 0))
	}
	if !m.looking && t.What != wire.TellHold && t.What != wire.TellGreeting {
		m.s.Unread++
	}
	if t.What == wire.TellNobody && t.URL != "" && !w.browsed {
		w.browsed = true
		m.do(Browse{t.URL})
	}
}

// again says that it happens with each rep anew: told of another one, it is
// another text.
func (t Told) again() bool { return t.What == wire.TellLost || t.What == wire.TellMoved }

func (t Told) size() int { return len(t.Title) + len(t.Text) + len(t.URL) }

// drop forgets a text. States that were handed out keep theirs.
func (w *waiting) drop(i int) {
	w.bytes -= w.v.Told[i].size()
	w.v.Told = slices.Delete(slices.Clone(w.v.Told), i, i+1)
}

// leaveFor asks before leaving because of a notice (W06).
func (m *Model) leaveFor(e Event) {
	switch e := e.(type) {
	case LeaveFor:
		if i := m.w.find(e.ID); i >= 0 && m.w.v.Told[i].Leave && !m.s.Closing {
			m.w.leave = e.ID
		}
	case LeaveDismissed:
		m.w.leave = 0
	case LeaveConfirmed:
		if m.w.find(m.w.leave) >= 0 {
			m.do(Depart{wire.EndForNotice})
			m.finished(wire.EndForNotice)
		}
	}
}

// taken leads on to a rep: the wait is over, and the two connect.
func (m *Model) taken(e Taken) {
	m.w.asks, m.w.leave, m.w.before, m.stands = nil, 0, m.told, Stands{}
	m.s.Session, m.s.Progress, m.s.Survey = session.State{Role: wire.RoleCustomer, Peer: e.Rep}, Linking, nil
	if !m.looking {
		m.s.Unread++
		m.do(Attend{})
	}
	m.onlyAsked()
	m.enter(Connecting)
}

// onlyAsked forgets the wait of who came by a key, and was only asked something:
// there was no queue.
func (m *Model) onlyAsked() {
	if m.w != nil && !m.place && m.w.v.Back == 0 {
		m.w = nil
	}
}

// returned leads back into the queue (W07), with everything that was told.
func (m *Model) returned(why wire.EndWhy) {
	if m.s.Screen != Connecting && m.s.Screen != InSession || !m.leaving.IsZero() {
		return
	}
	if m.w == nil { // a session that began with a key
		m.w = &waiting{v: Visit{Portal: m.s.Site, Since: m.now}}
		if m.parted != nil {
			m.tells(*m.parted)
		}
	}
	m.w.stand(m.stands)
	m.w.v.Cut, m.w.v.Back = false, why
	m.unheard()
	m.s.Session = session.State{Role: wire.RoleCustomer}
	m.enter(Waiting)
}

// unheard gives back what the rep who is gone did not get any more: it was to be
// sent later, and there is no later. Whoever comes next gets it if the customer
// sends it again.
func (m *Model) unheard() {
	var lines []string
	for _, l := range m.s.Session.Lines {
		if l.Kind == session.LineChat && l.Mine && l.Seq > m.s.Session.Acked {
			lines = append(lines, l.Text)
		}
	}
	if len(lines) > 0 {
		m.giveBack(strings.Join(lines, "\n"), words.Unheard)
	}
}

// finished ends a visit in which no session is left.
func (m *Model) finished(why wire.EndWhy) {
	if m.s.Screen != Waiting && m.s.Screen != Connecting {
		return
	}
	m.s.Session = session.State{Role: wire.RoleCustomer, Stage: session.Over, Peer: m.s.Session.Peer, Why: why}
	clear(m.said)
	m.onlyAsked()
	m.over()
}

// wakeWaiting says when something of the wait changes by itself.
func (m *Model) wakeWaiting(sooner func(time.Time)) {
	if m.w == nil || m.s.Screen != Waiting || len(m.w.asks) == 0 {
		return
	}
	q := m.w.asks[0]
	if m.now.Before(q.armed) {
		sooner(q.armed)
	}
	if left := q.Until.Sub(m.now); left > 0 {
		part := left % time.Second
		if part == 0 {
			part = time.Second
		}
		sooner(m.now.Add(part))
	}
	for _, q := range m.w.asks[1:] {
		if q.Until.After(m.now) {
			sooner(q.Until)
		}
	}
}

// tidy takes out of a text what is no letter and could make it look like another:
// control characters but for new lines, and what turns the direction of others.
func tidy(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r', r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, text)
}

// host is the host of an address that may be opened in a browser, empty if it
// may not: https, and a host in plain ASCII without a user's name in front, so
// that what a person reads is what is opened.
func host(address string) string {
	const scheme = "https://"
	if len(address) <= len(scheme) || address[:len(scheme)] != scheme {
		return ""
	}
	rest := address[len(scheme):]
	for i := range len(rest) {
		if rest[i] <= ' ' || rest[i] >= 0x7f {
			return ""
		}
	}
	for i := range len(rest) {
		switch c := rest[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == ':':
		case (c == '/' || c == '?' || c == '#') && i > 0:
			return rest[:i]
		default:
			return ""
		}
	}
	return rest
}

// problemOfPlace is what is said where a portal's code does not work.
func problemOfPlace(p words.Problem) words.Problem {
	if p == words.BadKey {
		return words.BadPlace
	}
	return p
}
