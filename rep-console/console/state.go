package console

import (
	"slices"
	"time"

	"handrail/shared/secret"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// SignIn is how far the console has come with its broker.
//
//	homeless ──site──▶ connecting ──link──▶ in ◀──── link lost ────▶ away
//	                       │ not known      │ ▲
//	                       ▼                │ │ by a code, or agreed in the browser
//	                    unknown ────────────┼─┴─▶ enrolling, logging in
//	                                        ▼               ▲
//	             signed out, away too long: logged out ─────┘
type SignIn int

const (
	Homeless   SignIn = iota // the program doesn't know its broker
	Connecting               // no answer yet, for the first time
	Unknown                  // the broker wants an enrolment code
	Enrolling                // the code is on its way
	In
	Away      // was signed in; the connection is lost and being tried again
	LoggedOut // the broker knows this console and wants the rep to log in
	LoggingIn // in the browser
)

// KeyStage is the life of a session key.
//
//	open ──typed in──▶ entering ──right──▶ used
//	  ▲                   │
//	  └──wrong, gave up───┴──third wrong──▶ burnt
//	open ──▶ expired, revoked
type KeyStage int

const (
	KeyOpen     KeyStage = iota
	KeyEntering          // somebody typed the number; the secret is being tried
	KeyUsed
	KeyBurnt // secret.Tries wrong secrets
	KeyExpired
	KeyRevoked
)

// Live says whether a customer can still come by the key.
func (k KeyStage) Live() bool { return k == KeyOpen || k == KeyEntering }

// Key is a session key of this rep.
type Key struct {
	Number  string
	Code    secret.Code // number and secret; the secret exists in this process alone
	Link    string      // address with the number, never the secret; "" without a site
	Expires time.Time
	Stage   KeyStage
	Tried   int       // wrong secrets so far, of secret.Tries
	Ended   time.Time // since when it is not Live
	Mine    bool      // the last one made: shown large
}

// Session is a session as the list and its tab show it.
type Session struct {
	ID       wire.SessionID
	Number   string // of the key it came by, which proved it
	Name     string // the customer's, or a stand-in when none was given
	Since    time.Time
	State    session.State
	Taken    bool     // the rep accepted it: it has a tab
	Meeting  bool     // taken from a queue; the two programs are about to meet
	Visitor  *Waiter  // who came by a queue, as it was when taken; by a key what was asked first, or nil
	Denied   []string // what the organisation doesn't let the rep do, by the names of wire.Start
	Unread   int      // lines that came while nobody looked
	Draft    string
	Survey   *Survey // what the rep is asked about it; see Asked
	Notes    Notes
	Trouble  Trouble // why less is kept than the organisation wants
	Path     Path
	Left     map[uint32]time.Duration // by transfer, how long it will still take, where that is known
	course   session.Forecast
	leaving  bool      // the rep doesn't want it any more, and the two have not met
	closing  time.Time // when the rep is asked whether its tab may be closed without its note; zero: it need not
	Detached bool      // in a window of its own
	Full     bool      // its window fills the screen
}

// Waits says whether the session waits for the rep's Accept.
func (x *Session) Waits() bool { return x.State.Stage == session.Waiting && !x.Taken }

func (x *Session) over() bool { return x.State.Stage == session.Over }

// MayMove says whether the organisation lets the rep hand this session on.
func (x *Session) MayMove() bool { return !slices.Contains(x.Denied, "transfer") }

// Path is how the bytes of a session travel.
type Path struct {
	Known  bool
	Direct bool          // otherwise through the broker's relay
	RTT    time.Duration // there and back
}

// Ask is what a question is about.
type Ask int

const (
	NoQuestion  Ask = iota
	RevokeKey       // take key Number back?
	EndSession      // end session ID?
	QuitConsole     // quit, which ends Count sessions?
	WordsDiffer     // end session ID, because the two read different words?
	CloseUnkept     // close the tab of session ID, whose note is not kept?
	QuitUnkept      // quit, although Count notes are not kept?
)

// Question is put to the rep before something that can't be undone.
type Question struct {
	Ask    Ask
	Number string
	ID     wire.SessionID
	Count  int
}

// Settings are remembered from one start to the next.
type Settings struct {
	Life  time.Duration `json:"life"`  // of the next key
	Font  int           `json:"font"`  // steps the chat's letters are larger (or smaller) than usual
	Split float64       `json:"split"` // the viewer's share of a session's width, 0…1
	Thin  bool          `json:"thin"`  // the bar on the left is narrow
	// Profile is what the pictures of the next session look like.
	Profile wire.Profile `json:"profile"`
	Order   Order        `json:"order,omitzero"` // of those who wait in queues
	Mute    bool         `json:"mute,omitempty"` // nothing is heard of those who come to a queue
	// By which portal, and in which language, somebody was invited last.
	Portal   string `json:"portal,omitempty"`
	Language string `json:"language,omitempty"`
}

// State is everything the console's windows show. Whoever holds one may keep
// it: the Model never changes what it has handed out.
type State struct {
	Now          time.Time // of the last Step: countdowns count from here
	SignIn       SignIn
	Rep          string // public name of the rep
	Organisation string
	Problem      words.Problem // why there is no connection, or why the code was refused
	RetryAt      time.Time     // when it is tried again by itself; zero: only when asked to
	Making       bool          // a key has been asked for and is not here yet
	KeyProblem   words.Problem // why the last one could not be made
	Keys         []Key         // newest first
	Sessions     []Session     // waiting first, then running, then ended
	Tabs         []wire.SessionID
	Selected     wire.SessionID // zero: the start page
	Question     Question
	Note         string // a short remark, as "Copied"; "" for none
	Settings     Settings

	Pairing     Pairing     // while LoggingIn
	Certificate Certificate // zero: none
	IdleAt      time.Time   // when the rep is logged out for being away, if that is soon; else zero

	Queues       []Queue   // all of them together first; none where the rep has no queues
	Queue        string    // the chosen one's ID; "" is all
	Waiters      []*Waiter // in the chosen queue, in order
	Picked       wire.SessionID
	Nexting      bool          // the next one has been asked for
	QueueProblem words.Problem // why nobody could be taken
	Move         Move

	Tell   Tell
	Boards []Board // where the rep may push notices, by name

	Keeping    Keeping
	Portals    []wire.Portal // by name
	Transcript *Transcript   // that is read; nil: none
}

// Session finds a session.
func (s *State) Session(id wire.SessionID) (Session, bool) {
	for _, x := range s.Sessions {
		if x.ID == id {
			return x, true
		}
	}
	return Session{}, false
}

// Waiting counts the sessions that wait for the rep.
func (s *State) Waiting() int {
	n := 0
	for _, x := range s.Sessions {
		if x.Waits() {
			n++
		}
	}
	return n
}

// News counts those who wait in a queue and whom nobody here has looked at.
func (s *State) News() int {
	if len(s.Queues) == 0 {
		return 0
	}
	return s.Queues[0].News
}

// Waiter finds the picked one.
func (s *State) Waiter() *Waiter {
	for _, w := range s.Waiters {
		if w.Session == s.Picked {
			return w
		}
	}
	return nil
}
