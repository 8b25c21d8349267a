package console

import (
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Event is something that happened.
type Event interface{ event() }

// What happened at the broker and in the sessions. All times are by this
// machine's clock.
type (
	// Site says whom this console belongs to. Page is the https address
	// session links start with. It comes from the site file and again, with
	// the broker's word on both, after each Welcome; empty fields change
	// nothing.
	Site struct{ Organisation, Page string }
	// Linked: the broker answered; signing in goes on by itself.
	Linked struct{}
	// Unlinked: the broker can't be reached, or sent us away, because of
	// Problem. It is tried again at RetryAt; zero means not by itself.
	Unlinked struct {
		Problem words.Problem
		RetryAt time.Time
	}
	// NeedEnrolment: the broker doesn't know this console. Problem is
	// BadEnrolment when it has just refused a code.
	NeedEnrolment struct{ Problem words.Problem }
	// SignedIn lists the rep's keys the broker holds for good: all brokers, where
	// there are several.
	SignedIn struct {
		Rep  uint64 // the rep's number
		Name string
		Keys []KeyMade
		Idle time.Duration // after which who is away is logged out; 0 is never
		More bool          // was signed in at another broker before: who waits there still does
	}
	// KeyMade answers MakeKey.
	KeyMade struct {
		Request [16]byte
		Number  string
		Expires time.Time
	}
	// KeyFailed answers MakeKey too.
	KeyFailed struct {
		Request [16]byte
		Problem words.Problem
	}
	// KeyGone: the key ended at the broker.
	KeyGone struct {
		Number string
		Why    wire.KeyEnd
	}
	// KeyEntered: somebody typed the number, the broker sent Start for session
	// ID. Answered by Meet or TurnAway: a key is tried once at a time, so that
	// many tries at once can't get past the count.
	KeyEntered struct {
		ID     wire.SessionID
		Number string
	}
	// KeyTried: that try told the other end something about the secret and
	// the other end did not prove that it knows it.
	KeyTried struct{ Number string }
	// KeyFree: that try ended before it came to the secret.
	KeyFree struct{ Number string }
	// SessionArrived: both ends have proven the key to each other, or, out of a
	// queue, have met. Denied is what the organisation doesn't let the rep do.
	SessionArrived struct {
		ID     wire.SessionID
		Number string
		Denied []string
		// Recording is what the customer of a key said to being recorded.
		Recording wire.Consent
	}
	// SessionChanged carries the session's newest State.
	SessionChanged struct {
		ID    wire.SessionID
		State session.State
	}
	// SessionPath says how the session's bytes travel now.
	SessionPath struct {
		ID   wire.SessionID
		Path Path
	}
	// NotOffered: a chosen file could not even be offered.
	NotOffered struct {
		ID   wire.SessionID
		Name string
		Why  wire.HaltWhy
	}
	// SessionGone: nothing more will come from the session.
	SessionGone struct{ ID wire.SessionID }
	// Tick: the time given by Wake has come.
	Tick struct{}
)

// What the rep did.
type (
	EnterCode      struct{ Code string } // of the enrolment
	TryAgain       struct{}              // connect now
	NewKey         struct{ Life time.Duration }
	ChooseLife     struct{ Life time.Duration }
	CopyKey        struct{ Number string }
	CopyLink       struct{ Number string }
	CopyInvitation struct{ Number string }
	MailInvitation struct{ Number string }
	Revoke         struct{ Number string } // asks first
	PutAway        struct{ Number string } // take an ended key off the list
	Yes            struct{}                // to the open Question
	No             struct{}
	Select         struct{ ID wire.SessionID } // zero: the start page
	SelectTab      struct{ Place int }         // from 0; -1 is the last
	NextTab        struct{ By int }            // ±1, around the corner too
	Accept         struct{ ID wire.SessionID } // zero: who has waited longest
	Decline        struct{ ID wire.SessionID }
	Draft          struct { // what stands in the chat entry
		ID   wire.SessionID
		Text string
	}
	Say struct {
		ID   wire.SessionID
		Text string
	}
	AskFor struct {
		ID   wire.SessionID
		What wire.Permission
	}
	GiveBack struct { // permissions, or the unanswered request for them
		ID   wire.SessionID
		What wire.Permission
	}
	Files struct { // send what is at these paths; to nobody when no session is in front
		ID    wire.SessionID
		Paths []string
	}
	Take struct { // answer the customer's offer
		ID       wire.SessionID
		Transfer uint32
		Allow    bool
	}
	Halt struct { // cancel a transfer, or take an offer back
		ID       wire.SessionID
		Transfer uint32
	}
	Nudge       struct{ ID wire.SessionID }
	PickMonitor struct {
		ID      wire.SessionID
		Monitor uint8
	}
	Tune struct { // what pictures look like, in this session and the next ones
		ID      wire.SessionID
		Profile wire.Profile
	}
	End    struct{ ID wire.SessionID } // asks first; an ended one is closed
	Detach struct {                    // move to a window of its own, or back
		ID wire.SessionID
		On bool
	}
	FullScreen struct {
		ID wire.SessionID
		On bool
	}
	Font  struct{ By int } // steps; 0 is back to usual
	Split struct{ Share float64 }
	Thin  struct{ On bool } // the bar on the left
	// Focus says which window has the keyboard: a detached session's, or the
	// main one (zero ID). Nowhere means none of ours.
	Focus struct {
		ID      wire.SessionID
		Nowhere bool
	}
	Quit struct{} // asks first when sessions are running
)

func (Site) event()           {}
func (Linked) event()         {}
func (Unlinked) event()       {}
func (NeedEnrolment) event()  {}
func (SignedIn) event()       {}
func (KeyMade) event()        {}
func (KeyFailed) event()      {}
func (KeyGone) event()        {}
func (KeyEntered) event()     {}
func (KeyTried) event()       {}
func (KeyFree) event()        {}
func (SessionArrived) event() {}
func (SessionChanged) event() {}
func (SessionPath) event()    {}
func (NotOffered) event()     {}
func (SessionGone) event()    {}
func (Tick) event()           {}
func (EnterCode) event()      {}
func (TryAgain) event()       {}
func (NewKey) event()         {}
func (ChooseLife) event()     {}
func (CopyKey) event()        {}
func (CopyLink) event()       {}
func (CopyInvitation) event() {}
func (MailInvitation) event() {}
func (Revoke) event()         {}
func (PutAway) event()        {}
func (Yes) event()            {}
func (No) event()             {}
func (Select) event()         {}
func (SelectTab) event()      {}
func (NextTab) event()        {}
func (Accept) event()         {}
func (Decline) event()        {}
func (Draft) event()          {}
func (Say) event()            {}
func (AskFor) event()         {}
func (GiveBack) event()       {}
func (Files) event()          {}
func (Take) event()           {}
func (Halt) event()           {}
func (Nudge) event()          {}
func (PickMonitor) event()    {}
func (Tune) event()           {}
func (End) event()            {}
func (Detach) event()         {}
func (FullScreen) event()     {}
func (Font) event()           {}
func (Split) event()          {}
func (Thin) event()           {}
func (Focus) event()          {}
func (Quit) event()           {}

// What the broker says about the rep's login.
type (
	// NeedLogin: the broker knows this console, and the rep has to log in.
	NeedLogin struct{ Problem words.Problem }
	// Paired answers Pair: the rep is to open URL and agree to Code there.
	Paired struct {
		Code, URL string
		Expires   time.Time
	}
	// PairFailed answers Pair, too, or ends what it began.
	PairFailed struct{ Problem words.Problem }
	// Certified: the organisation has certified this console.
	Certified struct {
		Name     string
		From, To time.Time
		Checked  bool
	}
)

// What the broker says about queues.
type (
	// Queues lists the queues that the rep sees.
	Queues struct{ Queues []wire.Queue }
	// Visitor: a customer waits, or something of it is different.
	Visitor struct {
		wire.Visitor
		Since time.Time
	}
	// VisitorsLost: the broker that has these customers can't be reached.
	VisitorsLost struct{ IDs []wire.SessionID }
	// VisitorGone: a customer waits no more.
	VisitorGone struct {
		ID  wire.SessionID
		Why wire.Gone
		By  string
	}
	// Given answers Fetch: the customer is this rep's. Answered by Meet or
	// TurnAway.
	Given struct {
		ID           wire.SessionID
		Peer, System string
	}
	// TakeFailed answers Fetch, too.
	TakeFailed struct {
		Request [16]byte
		Problem words.Problem
	}
	// NotMet: the two programs of a session from a queue did not meet.
	NotMet struct {
		ID  wire.SessionID
		Why wire.EndWhy
	}
	// Targets lists where customers can be handed on to.
	Targets struct{ Targets []wire.Target }
	// HandedOn answers HandOn for a session.
	HandedOn struct{ ID wire.SessionID }
	// HandOnFailed answers HandOn.
	HandOnFailed struct {
		ID      wire.SessionID
		Problem words.Problem
	}
)

// What the rep does about the login.
type (
	LogIn     struct{} // in the browser
	StopLogIn struct{}
	OpenLogIn struct{} // once more
	CopyLogIn struct{} // the page's address
	SignOut   struct{}
	Used      struct{} // the rep did anything at all
)

// What the rep does with queues.
type (
	ChooseQueue struct{ ID string } // "" is all
	SortBy      struct{ By Sorting }
	Pick        struct{ ID wire.SessionID }
	PickBy      struct{ By int }            // up or down the list; 0 is the first, if none is picked
	TakeWaiter  struct{ ID wire.SessionID } // zero: the picked one
	TakeNext    struct{}                    // of the chosen queue
	ShowWaiter  struct{ ID wire.SessionID } // zero: the queues
	Steady      struct{ On bool }           // the pointer is, or was a moment ago, in the list
	Mute        struct{ On bool }
	Differ      struct{ ID wire.SessionID } // the two read different words; asks first
)

// What the rep does to hand somebody on.
type (
	MoveOn   struct{ ID wire.SessionID } // zero: the picked one
	MoveFind struct{ Text string }
	MoveTo   struct{ Queue string }
	MoveNote struct{ Text string }
	MoveGo   struct{}
	MoveShut struct{}
)

func (NeedLogin) event()    {}
func (Paired) event()       {}
func (PairFailed) event()   {}
func (Certified) event()    {}
func (Queues) event()       {}
func (Visitor) event()      {}
func (VisitorGone) event()  {}
func (VisitorsLost) event() {}
func (Given) event()        {}
func (TakeFailed) event()   {}
func (NotMet) event()       {}
func (Targets) event()      {}
func (HandedOn) event()     {}
func (HandOnFailed) event() {}
func (LogIn) event()        {}
func (StopLogIn) event()    {}
func (OpenLogIn) event()    {}
func (CopyLogIn) event()    {}
func (SignOut) event()      {}
func (Used) event()         {}
func (ChooseQueue) event()  {}
func (SortBy) event()       {}
func (Pick) event()         {}
func (PickBy) event()       {}
func (TakeWaiter) event()   {}
func (TakeNext) event()     {}
func (ShowWaiter) event()   {}
func (Steady) event()       {}
func (Mute) event()         {}
func (Differ) event()       {}
func (MoveOn) event()       {}
func (MoveFind) event()     {}
func (MoveTo) event()       {}
func (MoveNote) event()     {}
func (MoveGo) event()       {}
func (MoveShut) event()     {}
