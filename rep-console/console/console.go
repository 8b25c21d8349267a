// Package console is the model of the rep console: signing in, session keys,
// the list of sessions and their tabs. It is a plain function from events to
// effects. Its owner feeds it what the rep, the broker and the sessions did,
// carries out the effects in order, shows State and wakes it at Wake.
//
// The secret halves of session keys are made here and live here: they leave
// only by Meet, to be proven, and by Copy, when the rep wants a key whole.
package console

import (
	"io"
	"slices"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// How long things stay to be seen.
const (
	NoteTime  = 3 * time.Second  // a remark
	UsedTime  = 15 * time.Second // a key that did its work, or was taken back
	EndedTime = 10 * time.Minute // a key that burnt or ran out: the rep should hear of it
	LeftTime  = 2 * time.Minute  // a session that ended before it was taken
)

// Limits of the settings.
const (
	minFont, maxFont   = -2, 8
	minSplit, maxSplit = 0.2, 0.85
)

// Config is what a console knows when it starts.
type Config struct {
	Words    words.Speaker
	Rand     io.Reader // for secrets: crypto/rand.Reader, or fixed bytes in tests
	Settings Settings  // as Remember gave them last, or the zero Settings
}

// Lives are the lives a key can be made with.
func Lives() []time.Duration {
	return []time.Duration{5 * time.Minute, 10 * time.Minute, time.Hour, 8 * time.Hour}
}

// Model is the console. Only its owner may call it.
type Model struct {
	cfg     Config
	s       State
	page    string // https address that links start with
	making  *MakeKey
	tabs    []wire.SessionID
	focus   Focus
	window  wire.SessionID // the detached session that has, or had, the keyboard; zero is the main window
	noteEnd time.Time
	mine    string // the rep's own queue
	q       queues
	targets []wire.Target
	move    time.Time // when the broker was asked to hand somebody on
	here    presence
	before  SignIn           // what it was before LoggingIn
	jots    uint64           // notes that were said, over all sessions
	told    []TranscriptLine // all lines of the transcript that is read
	tell    telling
	out     []Effect // effects of the running Step
}

// New makes a console that doesn't know its broker yet: Site is the first
// event of one that does.
func New(now time.Time, cfg Config) *Model {
	set := cfg.Settings
	if !slices.Contains(Lives(), set.Life) {
		set.Life = 10 * time.Minute // P03
	}
	if set.Split == 0 {
		set.Split = 0.68
	}
	set.Split = min(max(set.Split, minSplit), maxSplit)
	set.Font = min(max(set.Font, minFont), maxFont)
	if !set.Profile.Known() {
		set.Profile = wire.ProfileAutomatic
	}
	return &Model{cfg: cfg, s: State{Now: now, Problem: words.NoSite, Settings: set}}
}

// State is the console as it stands.
func (m *Model) State() State {
	s := m.s
	s.Keys = slices.Clone(m.s.Keys)
	s.Sessions = m.ordered()
	s.Tabs = slices.Clone(m.tabs)
	s.Making = m.making != nil
	if len(m.q.list) > 0 {
		s.Waiters = m.rows()
		s.Queues, s.Picked = m.q.counts, m.s.Picked // arranged by rows
		s.Nexting = m.nexting()
	}
	if (s.Move.ID != wire.SessionID{}) {
		s.Move.Targets = m.targetsOf(s.Move)
	}
	return s
}

// Step takes one event in and gives the effects it has. An event that makes
// no sense now has none.
func (m *Model) Step(now time.Time, e Event) []Effect {
	m.out, m.s.Now = nil, now
	m.pass(now)
	switch e := e.(type) {
	case Site, Linked, Unlinked, NeedEnrolment, SignedIn, EnterCode, TryAgain:
		m.signIn(now, e)
	case KeyMade, KeyFailed, KeyGone, KeyEntered, KeyTried, KeyFree:
		m.keyDid(now, e)
	case NewKey, ChooseLife, CopyKey, CopyLink, CopyInvitation, MailInvitation, Revoke, PutAway:
		m.keyAsked(now, e)
	case SessionArrived, SessionChanged, SessionPath, SessionGone:
		m.sessionDid(now, e)
	case Files, Take, Halt, NotOffered:
		m.files(now, e)
	case Accept, Decline, Draft, Say, AskFor, Clip, GiveBack, Nudge, PickMonitor, Tune, End:
		m.sessionAsked(now, e)
	case Queues, Visitor, VisitorGone, VisitorsLost, Given, TakeFailed, NotMet, Targets, HandedOn, HandOnFailed:
		m.queueDid(now, e)
	case ChooseQueue, SortBy, Pick, PickBy, TakeWaiter, TakeNext, ShowWaiter, Steady, Mute:
		m.queueAsked(now, e)
	case MoveOn, MoveFind, MoveTo, MoveNote, MoveGo, MoveShut:
		m.moveAsked(now, e)
	case Surveyed, SurveyNoted, SurveyRefused, Fill, SendSurvey, SkipSurvey:
		m.survey(now, e)
	case NeedLogin, Paired, PairFailed, Certified:
		m.loginDid(now, e)
	case LogIn, StopLogIn, OpenLogIn, CopyLogIn, SignOut:
		m.loginAsked(now, e)
	case Jot, Conclude, NoteLogged, LogRefused:
		m.notes(now, e)
	case Keeping, NotSealed:
		m.keeping(e)
	case PortalIs, ChoosePortal, ChooseLanguage:
		m.portalDid(e)
	case Noticeboards, NoticeKept, NoticeRefused, TellOn, TellShut, TellAt, TellTitle, TellText, TellTerm, TellLeave, TellGo, TellEnd:
		m.notices(now, e)
	case OpenTranscript, ShutTranscript, FindLines, CopyTranscript, Dropped, TranscriptRead:
		m.transcripts(now, e)
	case Used:
		m.use(now)
	case Differ:
		m.differ(e.ID)
	case Select, SelectTab, NextTab, Detach, FullScreen, Focus:
		m.windowDid(e)
	case Font, Split, Thin:
		m.set(e)
	case Yes:
		m.yes(now)
	case No:
		m.s.Question = Question{}
	case Quit:
		m.quit()
	}
	m.dropStaleQuestion()
	m.dropStaleMove()
	return m.out
}

func (m *Model) do(e Effect) { m.out = append(m.out, e) }

// note shows a short remark.
func (m *Model) note(now time.Time, x words.Sentence, args ...any) {
	m.s.Note, m.noteEnd = m.cfg.Words.Say(x, args...), now.Add(NoteTime)
}

// Wake is when the next Tick is due; zero means never.
func (m *Model) Wake() time.Time {
	var at time.Time
	now := m.s.Now
	until := func(t time.Time) {
		if !t.After(now) {
			t = now
		}
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	count := func(t time.Time) { // a countdown that is on screen
		if t.After(now) {
			until(now.Add(nextStep(t.Sub(now))))
		}
	}
	if m.s.Note != "" {
		until(m.noteEnd)
	}
	if m.s.SignIn != In && !m.s.RetryAt.IsZero() {
		count(m.s.RetryAt)
	}
	for _, k := range m.s.Keys {
		switch {
		case k.Stage == KeyOpen:
			count(k.Expires)
			until(k.Expires)
		case !k.Stage.Live():
			until(k.Ended.Add(keyStays(k.Stage)))
		}
	}
	for _, x := range m.s.Sessions {
		switch x.State.Stage {
		case session.Waiting:
			if x.Waits() {
				until(nextMinute(now, x.Since))
			}
		case session.Talking:
			count(x.State.NudgeFrom)
			count(x.State.AskFrom)
			if !x.State.Linked { // the window counts the seconds
				until(now.Add(time.Second - now.Sub(x.State.CutSince)%time.Second))
			}
			until(nextMinute(now, x.State.Began))
			if x.State.Granted != 0 {
				until(nextMinute(now, x.State.SharedAt))
			}
		case session.Over:
			if !x.Taken {
				until(endOf(x).Add(LeftTime))
			}
		}
		if x.Survey != nil && x.Survey.Stage <= SurveySending {
			until(x.Survey.until)
		}
	}
	m.wakeQueues(until)
	m.wakeNotes(until)
	m.wakeNotices(until)
	m.wakeLogin(until, count)
	return at
}

// nextStep is how long what is left of a countdown looks the same: it shows
// seconds below ten minutes and minutes above, rounded up.
func nextStep(left time.Duration) time.Duration {
	unit := time.Second
	if left > 10*time.Minute {
		unit = time.Minute
	}
	if part := left % unit; part > 0 {
		return part
	}
	return unit
}

// nextMinute is when the number of whole minutes since t changes.
func nextMinute(now, t time.Time) time.Time {
	return now.Add(time.Minute - now.Sub(t)%time.Minute)
}

// pass lets time do its work: remarks fade, keys run out, old cards leave.
func (m *Model) pass(now time.Time) {
	if !now.Before(m.noteEnd) {
		m.s.Note = ""
	}
	for i := range m.s.Keys {
		if k := &m.s.Keys[i]; k.Stage == KeyOpen && !now.Before(k.Expires) {
			k.end(now, KeyExpired)
		}
	}
	m.s.Keys = slices.DeleteFunc(m.s.Keys, func(k Key) bool {
		return !k.Stage.Live() && !now.Before(k.Ended.Add(keyStays(k.Stage)))
	})
	m.s.Sessions = slices.DeleteFunc(m.s.Sessions, func(x Session) bool {
		return x.State.Stage == session.Over && !x.Taken && !now.Before(endOf(x).Add(LeftTime))
	})
	m.keepSelection()
	m.passSurveys(now)
	m.passNotes(now)
	m.passNotices(now)
	m.passQueues(now)
	m.passLogin(now)
}

// signIn takes what happens between the console and its broker.
func (m *Model) signIn(now time.Time, e Event) {
	s := &m.s
	switch e := e.(type) {
	case Site:
		if e.Organisation != "" {
			s.Organisation = e.Organisation
		}
		if e.Page != "" {
			m.setPage(e.Page)
		}
		if s.SignIn == Homeless {
			s.SignIn, s.Problem = Connecting, words.NoProblem
		}
	case Linked:
		if s.SignIn == Connecting || s.SignIn == Away {
			s.Problem, s.RetryAt = words.NoProblem, time.Time{}
		}
	case Unlinked:
		switch s.SignIn {
		case Connecting, LoggedOut, LoggingIn:
		default:
			s.SignIn = Away
		}
		s.Problem, s.RetryAt = e.Problem, e.RetryAt
	case NeedEnrolment:
		s.SignIn, s.Problem, s.RetryAt, s.Pairing = Unknown, e.Problem, time.Time{}, Pairing{}
		m.forgetQueues()
	case SignedIn:
		m.signedIn(now, e)
	case EnterCode:
		if s.SignIn == Unknown && e.Code != "" {
			s.SignIn, s.Problem = Enrolling, words.NoProblem
			m.do(Enrol(e))
		}
	case TryAgain:
		if s.SignIn == Connecting || s.SignIn == Away {
			s.Problem, s.RetryAt = words.NoProblem, time.Time{}
			m.do(Connect{})
		}
	}
}

// set takes a changed setting in and has it remembered.
func (m *Model) set(e Event) {
	was := m.s.Settings
	switch e := e.(type) {
	case Font:
		m.s.Settings.Font = min(max(was.Font+e.By, minFont), maxFont)
		if e.By == 0 {
			m.s.Settings.Font = 0
		}
	case Split:
		m.s.Settings.Split = min(max(e.Share, minSplit), maxSplit)
	case Thin:
		m.s.Settings.Thin = e.On
	}
	m.remember(was)
}

func (m *Model) remember(was Settings) {
	if m.s.Settings != was {
		m.do(Remember{Settings: m.s.Settings})
	}
}

// yes does what the open question is about.
func (m *Model) yes(now time.Time) {
	q := m.s.Question
	m.s.Question = Question{}
	switch q.Ask {
	case RevokeKey:
		m.revoke(now, q.Number)
	case EndSession:
		m.do(Do{ID: q.ID, Event: session.Leave{}})
	case WordsDiffer:
		m.do(Do{ID: q.ID, Event: session.Compared{}})
	case CloseUnkept:
		m.remove(q.ID)
	case QuitConsole, QuitUnkept:
		m.leaveAll()
	}
}

// quit ends the program, after a question when somebody is being helped, or
// what was noted might be lost.
func (m *Model) quit() {
	m.sayNotes()
	busy := 0
	for _, x := range m.s.Sessions {
		if x.State.Stage != session.Over {
			busy++
		}
	}
	if busy > 0 {
		m.s.Question = Question{Ask: QuitConsole, Count: busy}
		return
	}
	if n := m.unkept(); n > 0 {
		m.s.Question = Question{Ask: QuitUnkept, Count: n}
		return
	}
	m.leaveAll()
}

// leaveAll ends every session and takes every key back: nobody could prove one
// once this process, which alone knows the secrets, is gone.
func (m *Model) leaveAll() {
	m.sayNotes()
	for _, x := range m.s.Sessions {
		if x.State.Stage != session.Over {
			m.do(Do{ID: x.ID, Event: session.Leave{}})
		}
	}
	for _, k := range m.s.Keys {
		if k.Stage.Live() {
			m.do(TakeKeyBack{Number: k.Number, Why: wire.KeyRevoked})
		}
	}
	m.do(Exit{})
}

// dropStaleQuestion closes a question whose matter has gone.
func (m *Model) dropStaleQuestion() {
	stale := false
	switch q := m.s.Question; q.Ask {
	case RevokeKey:
		k := m.key(q.Number)
		stale = k == nil || !k.Stage.Live()
	case EndSession:
		x := m.session(q.ID)
		stale = x == nil || x.State.Stage == session.Over
	case WordsDiffer:
		x := m.talking(q.ID)
		stale = x == nil || x.State.Verified
	case CloseUnkept:
		x := m.session(q.ID)
		stale = x == nil || x.Notes.Stage == NoteWriting
	case QuitUnkept:
		stale = m.unkept() == 0
	}
	if stale {
		m.s.Question = Question{}
	}
}
