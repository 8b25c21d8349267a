// Package chat is the model of the customer's window: the form for the session
// key, waiting for a rep, the way to one, the session itself, its end and the
// questions after it. It is a plain function from events to effects. Its owner feeds it what the customer, the
// broker and the session did, carries out the effects in order, shows State and
// sends Tick at Wake.
//
// It also holds what protects the customer at the window: a prompt can't be
// allowed in the moment it appears, and three wrong secrets burn a key here,
// whatever the other side says.
package chat

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"handrail/shared/secret"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// How long things last.
const (
	// ArmTime is how long a prompt's buttons wait after it appeared, and after
	// the window got the focus: a click or a key on its way to something else
	// must not answer it. About the time people need to see that something new
	// is there and not yet act on it.
	ArmTime = 700 * time.Millisecond
	// LeaveTime bounds the wait for a session to end after the customer closed
	// the window.
	LeaveTime = 3 * time.Second
)

// Screen is what the window shows. One function, enter, changes it.
//
//	                     ┌──────────────────returned──────────────┐
//	                     ▼                                        │
//	                  waiting ─────────────finished───────────────┼──────────┐
//	            admitted ▲ │ taken                                │          ▼
//	key form ──submit──▶ connecting ────────accepted────────▶ in session ▶ ended
//	    ▲◀──cancel, failed──┘  └──────────over───────────────────────────────▲ │
//	    └──────────────────────────────again───────────────────────────────────┘
//
// Waiting is for who comes with a code from the portal, and for who has a key
// while the organisation asks something first.
type Screen int

const (
	KeyForm Screen = iota
	Connecting
	Waiting
	InSession
	Ended
)

// Progress is how far a connection has come.
type Progress int

const (
	Reaching  Progress = iota // looking for the broker
	Meeting                   // the broker is there; the rep's computer has to come
	Linking                   // the two computers look for a way to each other
	Proving                   // connected; each proves that it knows the secret
	Accepting                 // proven; the rep has to take the session
)

// Form is what the model has to say about the form. What is typed stays in the
// window.
type Form struct {
	CodeHint words.Sentence // what is wrong with the key; "" is nothing
	// Filled counts how often Code was filled in from outside, such as by a
	// link; the window takes Code over whenever it has grown.
	Filled int
	Code   string
}

// Prompt is a request of the rep's that waits for the customer (C09).
type Prompt struct {
	ID      uint32
	What    wire.Permission
	Left    time.Duration // until silence is taken as no
	Whole   time.Duration // what Left began with
	Armed   bool          // the buttons work
	CanMore bool          // more time can be had
	// Offer is the file or folder the rep wants to send, where that is what is
	// asked; then What is 0. Program says that it could do harm.
	Offer   *session.Transfer
	Program bool
}

// Back is text the customer sent that could not be taken. It belongs back in
// the field; N grows with each.
type Back struct {
	N    int
	Text string
	Why  words.Sentence
}

// Settings are what is remembered on this computer.
type Settings struct {
	Font int `json:"font"` // steps from the usual size of text (C04)
}

// The range of Settings.Font. The largest is twice the usual size.
const minFont, maxFont = -1, 5

// Scale is the size of text, as a factor.
func (s Settings) Scale() float32 {
	steps := [...]float32{0.85, 1, 1.15, 1.35, 1.6, 1.8, 2}
	return steps[min(max(s.Font, minFont), maxFont)-minFont]
}

// State is everything the window shows. Whoever holds one may keep it.
type State struct {
	Site      string // the organisation whose program this is; may be empty
	Screen    Screen
	Form      Form
	Progress  Progress
	Place     bool          // the way is with a code from the portal
	Visit     *Visit        // of who came by the portal, from the first wait to the end
	Problem   words.Problem // on the form: why the last try failed
	Session   session.State // the newest, in session and after
	Prompt    *Prompt
	Compare   *Compare // the words that wait to be compared
	Survey    *Survey  // at the end
	Back      Back
	Unread    int                      // lines of the rep's since the customer last looked
	Closing   bool                     // the question whether to close is open (C08)
	Left      map[uint32]time.Duration // by transfer, how long it will still take, where that is known
	Drop      *Drop                    // files that were dropped on the window and wait for a yes
	Unsent    Unsent                   // the last that could not be offered
	Settings  Settings
	CanLarger bool // text can still grow
	CanSmall  bool // and shrink
}

// Event is something that happened.
type Event interface{ event() }

// What the customer did.
type (
	// SetNumber takes the digits that came with a link or the program: a
	// number is filled in, a code from the portal sent.
	SetNumber struct{ Number string }
	// Edited says that the form was changed: what was wrong with it is forgotten.
	Edited struct{}
	// Submit sends the form: a session key or a code from the portal as typed,
	// and the customer's name.
	Submit struct{ Code, Name string }
	// Cancel gives the connection up.
	Cancel struct{}
	// Say sends a line of chat.
	Say struct{ Text string }
	// Reply answers the prompt.
	Reply struct {
		ID    uint32
		Allow bool
	}
	// MoreTime asks for longer to think.
	MoreTime struct{ ID uint32 }
	// StopSharing takes every permission back.
	StopSharing struct{}
	// Font makes text larger (+1), smaller (-1) or as usual (0).
	Font struct{ Step int }
	// Looking says whether the window has the focus.
	Looking struct{ Yes bool }
	// Files are a choice of files and folders to send, by their paths.
	Files struct{ Paths []string }
	// Dropped are files and folders that fell on the window.
	Dropped struct{ Paths []string }
	// DropReply answers Drop.
	DropReply struct{ Allow bool }
	// Halt cancels a transfer, or takes an offer back.
	Halt struct{ ID uint32 }
	// CloseAsked is the window's close button, CloseConfirmed and
	// CloseDismissed the answer to the question that follows in a session.
	CloseAsked     struct{}
	CloseConfirmed struct{}
	CloseDismissed struct{}
	// Again goes from the end back to the form.
	Again struct{}
)

// What the machine and the connection did.
type (
	Reached struct{} // the broker answered
	Joined  struct{} // it knows the key
	Met     struct{} // the other computer is there; the two look for a way to each other
	Linked  struct{} // there is a connection to it
	// Failed ends the try to connect. WrongSecret says that the other side
	// did not know the same secret. NoSite may come before any try: then there
	// will be none.
	Failed struct {
		Problem     words.Problem
		WrongSecret bool
	}
	// Session is the newest state of the session, from its beginning on.
	Session struct{ State session.State }
	// NotOffered says that a chosen file could not even be offered.
	NotOffered struct {
		Name string
		Why  wire.HaltWhy
	}
	// Tick says that the time given by Wake has come.
	Tick struct{}
)

func (SetNumber) event()      {}
func (Edited) event()         {}
func (Submit) event()         {}
func (Cancel) event()         {}
func (Say) event()            {}
func (Reply) event()          {}
func (MoreTime) event()       {}
func (StopSharing) event()    {}
func (Font) event()           {}
func (Looking) event()        {}
func (Files) event()          {}
func (Dropped) event()        {}
func (DropReply) event()      {}
func (Halt) event()           {}
func (NotOffered) event()     {}
func (CloseAsked) event()     {}
func (CloseConfirmed) event() {}
func (CloseDismissed) event() {}
func (Again) event()          {}
func (Reached) event()        {}
func (Joined) event()         {}
func (Met) event()            {}
func (Linked) event()         {}
func (Failed) event()         {}
func (Session) event()        {}
func (Tick) event()           {}

// Effect is something the owner must do, in the order given.
type Effect interface{ effect() }

type (
	// Connect starts a try with a key. It is answered by Reached, Joined, Met,
	// Linked and Session, or by Failed. With a Place, the portal's nine digits,
	// Admitted follows Reached, and Taken what is told of the wait; so they do
	// with a key where something is asked first.
	Connect struct {
		Code  secret.Code
		Place string
		Name  string
	}
	// GiveUp ends the try. The owner reports nothing more of it.
	GiveUp struct{}
	// Do hands an event to the session.
	Do struct{ Event session.Event }
	// Offer has the files and folders at these paths offered to the rep.
	// What can't be offered is answered by NotOffered.
	Offer struct{ Paths []string }
	// Save keeps the settings.
	Save struct{ Settings Settings }
	// Quit ends the program.
	Quit struct{}
)

func (Connect) effect() {}
func (GiveUp) effect()  {}
func (Do) effect()      {}
func (Offer) effect()   {}
func (Save) effect()    {}
func (Quit) effect()    {}

// Config is what the window knows when it opens.
type Config struct {
	Site     string // the organisation, for the title and the form
	Settings Settings
}

// Model is the window. Only its owner may call it.
type Model struct {
	s       State
	now     time.Time
	number  string // of the running try
	place   bool   // that try is with a code from the portal
	noSite  bool   // there is no broker to connect to
	tries   map[string]*secret.Tries
	looking bool
	leaving time.Time // when the customer closed the window in a session
	left    bool      // and was held up by questions
	// of the open prompt
	armed, asked time.Time
	id, about    uint32
	forecast     session.Forecast
	words        [3]string // that wait to be compared
	wordsArmed   time.Time
	w            *waiting                   // of who waits
	said         map[wire.Asked]answeredAsk // what was answered since the last session
	told         int                        // ID of the last Told, over all visits
	stands       Stands                     // in the queue, as told since the last rep came
	parted       *Tells                     // why the rep of a key is gone, told before the first wait
	dropped      []string                   // paths that wait for a yes
	dropArmed    time.Time                  // from when on it counts
	out          []Effect                   // effects of the running Step
}

// New makes a window that shows the form.
func New(now time.Time, cfg Config) *Model {
	m := &Model{now: now, looking: true, tries: map[string]*secret.Tries{}, said: map[wire.Asked]answeredAsk{}}
	m.s.Site, m.s.Settings = cfg.Site, cfg.Settings
	m.s.Settings.Font = min(max(cfg.Settings.Font, minFont), maxFont)
	return m
}

// State is the window as of the last Step.
func (m *Model) State() State {
	s := m.s
	s.CanLarger, s.CanSmall = s.Settings.Font < maxFont, s.Settings.Font > minFont
	if r := s.Session.Request; s.Screen == InSession && r != nil {
		s.Prompt = &Prompt{
			ID: r.ID, What: r.What,
			Left: max(r.Deadline.Sub(m.now), 0), Whole: r.Deadline.Sub(m.asked),
			Armed: !m.now.Before(m.armed), CanMore: r.Deadline.Before(r.Longest),
		}
		m.offered(s.Prompt, r)
	}
	s.Place, s.Visit, s.Compare = m.place, m.visit(), m.compare()
	if s.Screen != Ended {
		s.Survey = nil
	}
	s.Left = m.forecast.Left(s.Session)
	s.Drop = m.drop()
	return s
}

// Wake is when the next Tick is due; zero means never.
func (m *Model) Wake() time.Time {
	var at time.Time
	sooner := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	if r := m.s.Session.Request; m.s.Screen == InSession && r != nil {
		if m.now.Before(m.armed) {
			sooner(m.armed)
		}
		if left := r.Deadline.Sub(m.now); left > 0 {
			part := left % time.Second // the ring shows full seconds
			if part == 0 {
				part = time.Second
			}
			sooner(m.now.Add(part))
		}
	}
	if m.dropped != nil && m.now.Before(m.dropArmed) {
		sooner(m.dropArmed)
	}
	if !m.leaving.IsZero() {
		sooner(m.leaving.Add(m.leaveTime()))
	}
	m.wakeWaiting(sooner)
	m.wakeCompare(sooner)
	return at
}

// Step takes one event in and gives the effects it has. An event that makes no
// sense now has none.
func (m *Model) Step(now time.Time, e Event) []Effect {
	m.now, m.out = now, nil
	switch e := e.(type) {
	case Font:
		m.font(e.Step)
	case Looking:
		m.look(e.Yes)
	case CloseAsked, CloseConfirmed, CloseDismissed, Tick:
		m.close(e)
	case Session:
		m.session(e.State)
	case SetNumber, Edited, Submit, Again:
		m.form(e)
	case Cancel, Reached, Joined, Met, Linked, Failed:
		m.connecting(e)
	case Admitted, Asks, Stands, Tells, BrokerCut, Taken, Returned, Finished, Decision, LeaveFor, LeaveConfirmed, LeaveDismissed:
		m.waits(e)
	case Fill, SendSurvey, SkipSurvey, Surveyed, Noted, SurveyOver:
		m.survey(e)
	case Files, Dropped, DropReply, Halt, NotOffered:
		m.files(e)
	default:
		m.inSession(e)
	}
	return m.out
}

func (m *Model) do(e Effect) { m.out = append(m.out, e) }

// enter changes the screen.
func (m *Model) enter(s Screen) {
	m.s.Screen, m.s.Closing = s, false
	if s == KeyForm {
		m.w, m.s.Survey, m.stands, m.parted = nil, nil, Stands{}, nil
	}
	if s != InSession {
		m.id, m.words, m.dropped, m.s.Unsent = 0, [3]string{}, nil, Unsent{}
	}
}

// form takes what was done on the form, and leads back to it from the end.
func (m *Model) form(e Event) {
	switch e := e.(type) {
	case SetNumber:
		if m.s.Screen != KeyForm {
			return
		}
		if place, err := secret.ParsePlace(e.Number); err == nil {
			m.s.Form = Form{Filled: m.s.Form.Filled + 1, Code: secret.Group(place)}
			m.submit(Submit{Code: place})
			return
		}
		number, err := secret.ParseNumber(e.Number)
		if err != nil {
			return
		}
		m.s.Form = Form{Filled: m.s.Form.Filled + 1, Code: secret.Group(number) + Dot}
	case Edited:
		m.clearForm()
	case Submit:
		if m.s.Screen == KeyForm {
			m.submit(e)
		}
	case Again:
		if m.s.Screen == Ended {
			m.do(GiveUp{})
			m.enter(KeyForm)
			m.s.Session, m.s.Unread = session.State{}, 0
			m.s.Back = Back{N: m.s.Back.N}         // what was not said to one rep is for no other
			m.leaving, m.left = time.Time{}, false // who goes on has not closed the window
			m.s.Form = Form{Filled: m.s.Form.Filled + 1}
			m.clearForm()
		}
	}
}

// clearForm forgets what was wrong, but for what typing can't mend.
func (m *Model) clearForm() {
	m.s.Form.CodeHint, m.s.Problem = "", words.NoProblem
	if m.noSite {
		m.s.Problem = words.NoSite
	}
}

func (m *Model) submit(e Submit) {
	m.clearForm()
	if m.noSite {
		return
	}
	name := clip(strings.TrimSpace(e.Name), wire.MaxName)
	m.s.Progress, m.s.Session = Reaching, session.State{}
	if place, err := secret.ParsePlace(e.Code); err == nil {
		m.number, m.place = "", true
		m.enter(Connecting)
		m.do(Connect{Place: place, Name: name})
		return
	}
	code, err := secret.ParseCode(e.Code)
	if err != nil {
		m.s.Form.CodeHint = hint(err)
		return
	}
	if t := m.tries[code.Number]; t != nil && t.Burnt() {
		m.s.Problem = words.KeyBurnt
		return
	}
	m.number, m.place = code.Number, false
	m.enter(Connecting)
	m.do(Connect{Code: code, Name: name})
}

// hint says what is wrong with a typed key.
func hint(err error) words.Sentence {
	switch {
	case errors.Is(err, secret.ErrNotDigits):
		return words.KeyNotDigits
	case errors.Is(err, secret.ErrLong):
		return words.KeyLong
	}
	return words.KeyShort
}

// clip cuts text to so many bytes, between characters.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// connecting takes what happens on the way.
func (m *Model) connecting(e Event) {
	if f, ok := e.(Failed); ok && f.Problem == words.NoSite {
		m.noSite, m.s.Problem = true, words.NoSite
	}
	if _, ok := e.(Failed); m.s.Screen != Connecting && !(ok && m.s.Screen == Waiting) {
		return
	}
	switch e := e.(type) {
	case Cancel:
		m.enter(KeyForm)
		m.do(GiveUp{})
	case Reached, Joined:
		m.progress(Meeting)
	case Met:
		m.progress(Linking)
	case Linked:
		m.progress(Proving)
	case Failed:
		m.failed(e)
	}
}

// progress only goes forward: what comes late is old news.
func (m *Model) progress(p Progress) { m.s.Progress = max(m.s.Progress, p) }

func (m *Model) failed(e Failed) {
	m.enter(KeyForm)
	m.s.Problem = e.Problem
	if m.place {
		m.s.Problem = problemOfPlace(e.Problem)
	}
	if m.s.Problem == words.NoProblem {
		m.s.Problem = words.BadKey
	}
	if !e.WrongSecret {
		return
	}
	t := m.tries[m.number]
	if t == nil {
		t = new(secret.Tries)
		m.tries[m.number] = t
	}
	t.Spend()
	if t.Burnt() {
		m.s.Problem = words.KeyBurnt
	}
}
