package console

import (
	"slices"
	"strings"
	"time"

	"handrail/shared/wire"
	"handrail/shared/words"
)

// How long things of queues last.
const (
	GoneStays  = 4 * time.Second        // who waits no more is still to be read
	SteadyTime = time.Minute            // the list keeps still so long after the pointer's last move in it
	SteadyMore = time.Second            // and so long after the pointer has left
	SeenTime   = 4 * time.Second        // a newcomer is marked so long while the rep looks
	bellWait   = 400 * time.Millisecond // several that come together ring once
	bellRest   = 6 * time.Second        // between two sounds, however many come
	staleTime  = 5 * time.Second        // without a word on anybody, after signing in: the broker has said who still waits
)

// Bounds of what a broker can make a console remember.
const (
	maxWaiters = 10_000
	maxGhosts  = 100      // that wait no more and are still shown
	maxTold    = 16 << 20 // bytes that those who wait have written, together
)

// Queue is a queue that this rep sees.
type Queue struct {
	ID    string // "" is all of them
	What  wire.QueueKind
	Name  string // for people
	Waits int
	Here  int // of them, that can be taken: their program has started
	News  int // that nobody here has looked at
}

// WaiterStage is how far somebody in a queue has come.
//
//	there ──Accept──▶ asked ──▶ a session
//	  └──taken, left, moved──▶ gone
type WaiterStage int

const (
	WaiterThere WaiterStage = iota
	WaiterAsked             // the broker has been asked for it
	WaiterGone              // still shown, in its place
)

// Waiter is a customer who waits in a queue, or did a moment ago. It is never
// changed: who is different becomes another Waiter.
type Waiter struct {
	wire.Visitor
	Since time.Time // by this machine's clock
	Stage WaiterStage
	New   bool // nobody here has looked yet
	Less  bool // there was more text than this console keeps

	Gone        wire.Gone // why it waits no more, and by whom
	By          string
	left        time.Time
	name, issue string // for sorting
	size        int
}

// queues is what the model knows of them.
type queues struct {
	list   []wire.Queue
	all    map[wire.SessionID]*Waiter
	told   int                     // bytes of all
	gone   []wire.SessionID        // those in all that are WaiterGone, in order
	stale  map[wire.SessionID]bool // not said again since the console signed in
	expire time.Time               // of stale

	rows   []*Waiter // as shown: in this order, of the chosen queue
	counts []Queue
	dirty  bool      // rows and counts are not what all says
	steady time.Time // until when rows keep their places
	seen   time.Time // when those in rows count as looked at; zero: nobody looks

	rung   []wire.SessionID // came since the last bell
	bellAt time.Time        // when it rings; zero: there is no reason
	last   time.Time        // when it rang

	takes []asking
}

// queueDid takes what the broker says about queues.
func (m *Model) queueDid(now time.Time, e Event) {
	switch e := e.(type) {
	case Queues:
		m.queuesAre(e.Queues)
	case Visitor:
		m.visitor(now, e)
	case VisitorGone:
		m.visitorGone(now, e.ID, e.Why, e.By)
	case VisitorsLost:
		for _, id := range e.IDs {
			if w := m.q.all[id]; w != nil && w.Stage != WaiterGone {
				m.forget(id)
			}
		}
	case Given:
		m.given(now, e)
	case TakeFailed:
		m.takeFailed(now, e)
	case NotMet:
		m.notMet(now, e)
	case Targets:
		m.targets = e.Targets
	case HandedOn:
		m.handedOn(now, e.ID)
	case HandOnFailed:
		m.handOnFailed(e)
	}
}

// queueAsked takes what the rep does with queues.
func (m *Model) queueAsked(now time.Time, e Event) {
	switch e := e.(type) {
	case ChooseQueue:
		m.chooseQueue(now, e.ID)
	case SortBy:
		m.sortBy(e.By)
	case Pick:
		if m.q.all[e.ID] != nil {
			m.s.Picked, m.s.Tell.Open = e.ID, false
		}
	case PickBy:
		m.s.Tell.Open = false
		m.pickBy(e.By)
	case TakeWaiter:
		m.takeWaiter(now, e.ID)
	case TakeNext:
		m.takeNext(now)
	case ShowWaiter:
		m.s.Selected = wire.SessionID{}
		if w := m.q.all[e.ID]; w != nil {
			if m.s.Queue != "" && m.s.Queue != w.Queue {
				m.chooseQueue(now, "")
			}
			m.s.Picked, m.s.Tell.Open = e.ID, false
		}
		m.look()
	case Steady:
		m.steady(now, e.On)
	case Mute:
		was := m.s.Settings
		m.s.Settings.Mute = e.On
		m.remember(was)
	}
}

// steady has the list keep still while the pointer is in it, though not for
// ever.
func (m *Model) steady(now time.Time, on bool) {
	switch {
	case on:
		m.arrange() // as it is now it stays
		m.q.steady = now.Add(SteadyTime)
	case !m.q.steady.IsZero():
		m.q.steady = now.Add(SteadyMore) // it may only be between two rows
	}
}

// queuesAre takes in which queues this rep sees.
func (m *Model) queuesAre(list []wire.Queue) {
	m.q.list, m.q.dirty = nil, true
	known := map[string]bool{}
	for _, q := range list {
		if !known[q.ID] && len(m.q.list) < wire.MaxQueues {
			known[q.ID] = true
			m.q.list = append(m.q.list, q)
		}
	}
	for id, w := range m.q.all {
		if !known[w.Queue] {
			m.forget(id)
		}
	}
	if !known[m.s.Queue] {
		m.s.Queue = ""
	}
}

// recount begins anew after signing in: who is not said to wait in a moment
// does so no more, unless there are more brokers. What was asked for may have
// been lost.
func (m *Model) recount(now time.Time, more bool) {
	if !more {
		m.q.stale = map[wire.SessionID]bool{}
		for id := range m.q.all {
			m.q.stale[id] = true
		}
		m.q.expire = now.Add(staleTime)
	}
	m.fetchAgain(now)
	m.tellAgain(now)
}

// visitor takes in who waits. A queue that this rep was not told of is none.
func (m *Model) visitor(now time.Time, e Visitor) {
	if !slices.ContainsFunc(m.q.list, func(q wire.Queue) bool { return q.ID == e.Queue }) {
		return
	}
	if x := m.session(e.Session); x != nil && !x.over() {
		return
	}
	if len(m.q.stale) > 0 {
		delete(m.q.stale, e.Session)
		m.q.expire = now.Add(staleTime)
	}
	old := m.q.all[e.Session]
	if old != nil && old.Stage == WaiterGone {
		m.forget(e.Session)
		old = nil
	}
	if old == nil && len(m.q.all) >= maxWaiters {
		return
	}
	w := &Waiter{Visitor: e.Visitor, Since: e.Since}
	w.weigh()
	if old != nil {
		w.Stage, w.New = old.Stage, old.New
		m.q.told -= old.size
	} else if m.asked(e.Session) { // told by another broker now
		w.Stage = WaiterAsked
	}
	if m.q.told+w.size > maxTold {
		w.lessen()
	}
	m.q.told += w.size
	m.put(w)
	if w.Here && (old == nil || !old.Here) && m.session(e.Session) == nil { // who was here before is no news
		w.New = true
		m.ring(now, e.Session)
		m.watch(now)
	}
	if old != nil && old.Queue != w.Queue {
		m.handedOn(now, e.Session)
	}
}

// weigh counts a waiter's bytes and folds what it is sorted by.
func (w *Waiter) weigh() {
	v := &w.Visitor
	n := 0
	for _, s := range []string{
		v.Queue, v.Name, v.Company, v.CompanyCode, v.Issue, v.Description, v.Portal, v.System, v.Locale, v.From, v.Note,
	} {
		n += len(s)
	}
	for _, f := range v.Fields {
		n += len(f.Name) + len(f.Value)
	}
	w.size = n
	w.name, w.issue = folded(v.Name), folded(v.Issue)
}

// lessen leaves what a row of the list shows.
func (w *Waiter) lessen() {
	const enough = 96
	w.Description, w.Note, w.Fields, w.Less = "", "", nil, true
	for _, s := range []*string{&w.Company, &w.CompanyCode, &w.Issue} {
		*s = cut(*s, enough)
	}
	w.weigh()
}

// folded is what a text is sorted by.
func folded(text string) string {
	const enough = 64
	return strings.ToLower(text[:min(len(text), enough)])
}

func (m *Model) put(w *Waiter) {
	if m.q.all == nil {
		m.q.all = map[wire.SessionID]*Waiter{}
	}
	m.q.all[w.Session] = w
	m.q.dirty = true
}

// become gives a waiter another stage.
func (m *Model) become(w *Waiter, stage WaiterStage) *Waiter {
	next := *w
	next.Stage = stage
	m.put(&next)
	return &next
}

// forget takes somebody off the list at once.
func (m *Model) forget(id wire.SessionID) {
	w := m.q.all[id]
	if w == nil {
		return
	}
	m.q.told -= w.size
	delete(m.q.all, id)
	delete(m.q.stale, id)
	if w.Stage == WaiterGone {
		m.q.gone = slices.DeleteFunc(m.q.gone, func(g wire.SessionID) bool { return g == id })
	}
	m.q.dirty = true
}

// visitorGone leaves somebody who waits no more in place for a moment, to be
// read, so that nothing moves under the pointer.
func (m *Model) visitorGone(now time.Time, id wire.SessionID, why wire.Gone, by string) {
	w := m.q.all[id]
	if w == nil || w.Stage == WaiterGone {
		return
	}
	if why == wire.GoneMoved {
		m.handedOn(now, id)
	}
	if m.asked(id) { // Start, or Problem, says what became of it
		m.forget(id)
		return
	}
	w = m.become(w, WaiterGone)
	w.Gone, w.By, w.left, w.New = why, by, now, false
	if m.q.gone = append(m.q.gone, id); len(m.q.gone) > maxGhosts {
		m.forget(m.q.gone[0])
	}
}

// passQueues lets time do its work on the queues.
func (m *Model) passQueues(now time.Time) {
	q := &m.q
	if !q.steady.IsZero() && !now.Before(q.steady) {
		q.steady, q.dirty = time.Time{}, true
	}
	for q.steady.IsZero() && len(q.gone) > 0 && !now.Before(q.all[q.gone[0]].left.Add(GoneStays)) {
		m.forget(q.gone[0])
	}
	if !q.expire.IsZero() && !now.Before(q.expire) {
		for id := range q.stale {
			m.forget(id)
		}
		q.stale, q.expire = nil, time.Time{}
	}
	if !q.seen.IsZero() && !now.Before(q.seen) {
		q.seen = time.Time{}
		for _, w := range m.rows() {
			if w.New {
				m.become(w, w.Stage).New = false
			}
		}
	}
	if !q.bellAt.IsZero() && !now.Before(q.bellAt) {
		m.bell(now)
	}
	m.passTakes(now)
	m.passMove(now)
}

// wakeQueues says when time has something to do next.
func (m *Model) wakeQueues(until func(time.Time)) {
	q, now := &m.q, m.s.Now
	for _, t := range []time.Time{q.steady, q.expire, q.seen, q.bellAt} {
		if !t.IsZero() {
			until(t)
		}
	}
	if q.steady.IsZero() && len(q.gone) > 0 {
		until(q.all[q.gone[0]].left.Add(GoneStays))
	}
	for _, t := range q.takes {
		until(t.at.Add(AnswerTime))
	}
	if m.s.Move.Busy {
		until(m.move.Add(AnswerTime))
	}
	if !m.facing() {
		return
	}
	for _, w := range m.rows() { // how long they have waited is on screen
		if w.Stage == WaiterGone {
			continue
		}
		d := now.Sub(w.Since)
		if d < words.WaitExact {
			until(now.Add(time.Second - d%time.Second))
			return // nothing comes sooner
		}
		until(nextMinute(now, w.Since))
	}
}

// facing says whether the queues are what the main window shows.
func (m *Model) facing() bool { return len(m.q.list) > 0 && m.s.Selected == wire.SessionID{} }

// watch has newcomers count as seen after a while, if the rep looks.
func (m *Model) watch(now time.Time) {
	if m.facing() && !m.focus.Nowhere && m.focus.ID == (wire.SessionID{}) {
		m.q.seen = now.Add(SeenTime)
		return
	}
	m.q.seen = time.Time{}
}

// ring notes that somebody came, for the next bell.
func (m *Model) ring(now time.Time, id wire.SessionID) {
	if len(m.q.rung) < maxGhosts {
		m.q.rung = append(m.q.rung, id)
	}
	if m.q.bellAt.IsZero() {
		m.q.bellAt = now.Add(bellWait)
		if next := m.q.last.Add(bellRest); next.After(m.q.bellAt) {
			m.q.bellAt = next
		}
	}
}

// bell makes it heard that somebody came: once for all who came together, and
// not for those who are gone again.
func (m *Model) bell(now time.Time) {
	var came []*Waiter
	for _, id := range m.q.rung {
		if w := m.q.all[id]; w != nil && w.Stage == WaiterThere && w.Here {
			came = append(came, w)
		}
	}
	m.q.rung, m.q.bellAt = nil, time.Time{}
	if len(came) == 0 || m.s.Settings.Mute {
		return
	}
	m.q.last = now
	m.do(Chime{})
	say := m.cfg.Words.Say
	if len(came) > 1 {
		m.do(Notify{
			Title: say(words.QueueManyTitle, len(came)), Text: say(words.QueueManyText), Show: say(words.QueueShow),
		})
		return
	}
	w := came[0]
	m.do(Notify{ // what was written stays in the window: others may see the desktop
		Title: say(words.QueueOneTitle, m.NameOf(w)), Text: say(words.QueueOneText, m.queueName(w.Queue)),
		Visitor: w.Session, Accept: say(words.RepAccept), Show: say(words.QueueShow),
	})
}

// NameOf is what a waiter is called.
func (m *Model) NameOf(w *Waiter) string { return m.cfg.Words.Visitor(w.Name) }

// called is what a queue is called.
func (m *Model) called(q wire.Queue) string {
	if q.ID == m.mine {
		q.Name = ""
	}
	return m.cfg.Words.QueueNamed(q.What, q.Name)
}

// queueName is what the queue with an ID is called.
func (m *Model) queueName(id string) string {
	for _, q := range m.q.list {
		if q.ID == id {
			return m.called(q)
		}
	}
	return ""
}

func (m *Model) chooseQueue(now time.Time, id string) {
	if id != "" && m.queueName(id) == "" {
		return
	}
	m.s.Queue, m.q.dirty, m.q.steady = id, true, time.Time{}
	m.s.Picked = wire.SessionID{}
	m.watch(now)
}
