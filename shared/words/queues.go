package words

import (
	"fmt"
	"time"

	"handrail/shared/wire"
)

// What the console says about queues and those who wait in them.
const (
	QueueAll      Sentence = "All queues"
	QueueOwn      Sentence = "My queue"
	QueueForAll   Sentence = "General queue"
	QueueTeam     Sentence = "Team without a name"
	QueuesHead    Sentence = "Queues"
	QueueNameless Sentence = "Customer without a name"

	QueueOneTitle  Sentence = "%s is waiting"
	QueueOneText   Sentence = "In: %s"
	QueueManyTitle Sentence = "%d customers are waiting"
	QueueManyText  Sentence = "They came to your queues just now."
	QueueShow      Sentence = "Show"
	QueueTitle     Sentence = "(%d) %s" // of the window: how many wait, and its name

	QueueNext       Sentence = "Get next"
	QueueNextHint   Sentence = "Take the customer who has waited longest in this queue"
	QueueNextAny    Sentence = "Take the customer who has waited longest, whatever the queue"
	QueueNexting    Sentence = "Getting the next one…"
	QueueAccept     Sentence = "Accept"
	QueueAcceptHint Sentence = "Take this customer"
	QueueAsked      Sentence = "Taking…"
	QueueMove       Sentence = "Hand on…"
	QueueMoveHint   Sentence = "Put this customer into another queue"

	QueueMute   Sentence = "Make a sound and show a notification when somebody comes to a queue"
	QueueUnmute Sentence = "Stay quiet when somebody comes to a queue"

	QueueWait  Sentence = "Waiting"
	QueueName  Sentence = "Name"
	QueueIssue Sentence = "Issue"
	QueueSort  Sentence = "Sort by this, or the other way round"
	QueueList  Sentence = "Who waits: arrow keys choose, Enter accepts"
	QueueRow   Sentence = "%s, waiting for %s" // name and time, read out

	QueueTaken   Sentence = "Another rep was quicker."
	QueueTooLate Sentence = "This customer waits no more."
	QueueNobody  Sentence = "Nobody is waiting there now."
	QueueNotHere Sentence = "The customer's program has not started yet."

	QueueGoneBy    Sentence = "Taken by %s"
	QueueGoneTaken Sentence = "Taken by another rep"
	QueueGoneLeft  Sentence = "Has left"
	QueueGoneMoved Sentence = "Moved to another queue"

	QueueNoSessions Sentence = "No session is going on."
	QueueEmptyTitle Sentence = "Nobody is waiting"
	QueueEmptyText  Sentence = "Who comes by your portal appears here. You hear it, wherever you are working."
	QueueEmptyQuiet Sentence = "Who comes by your portal appears here. Sound and notifications are off."
	QueueEmptyHere  Sentence = "Nobody is waiting in this queue"
	QueueAwayTitle  Sentence = "Who waits can't be seen now"
	QueueAwayText   Sentence = "This console is not connected. Who comes by your portal appears here once it is again."
	QueueNoneTitle  Sentence = "Nobody is chosen"
	QueueNoneText   Sentence = "Choose somebody from the list to read what they need."
)

// What is known of a customer, as it is headed.
const (
	DetailCompany   Sentence = "Company"
	DetailCode      Sentence = "Company code"
	DetailIssue     Sentence = "Issue"
	DetailText      Sentence = "Description"
	DetailPortal    Sentence = "Portal"
	DetailSystem    Sentence = "System"
	DetailLanguage  Sentence = "Language"
	DetailSince     Sentence = "Waiting since"
	DetailQueue     Sentence = "Queue"
	DetailRecording Sentence = "Recording"
	DetailFrom      Sentence = "Comes from"
	DetailNote      Sentence = "Note from %s"
	DetailNoteOnly  Sentence = "Note"
	DetailNotHere   Sentence = "The customer's program is not started yet. You can accept as soon as it is."
	DetailNothing   Sentence = "The customer has not said more."
	DetailLess      Sentence = "There is more text than this console keeps for so many customers. You see it once you have accepted."
	DetailHint      Sentence = "Show what is known of the customer"

	RecordingDeclined Sentence = "Declined: this session is not recorded"
	RecordingGiven    Sentence = "Agreed"
)

// Handing a customer on.
const (
	MoveHint     Sentence = "Hand this customer on to another rep or team"
	MoveTitle    Sentence = "Hand %s on"
	MoveFindHint Sentence = "Search for a rep or team"
	MoveNoteHint Sentence = "Note for whoever takes over (the customer does not see it)"
	MoveTold     Sentence = "The customer is told: a colleague goes on, please wait a moment. Your session ends here."
	MoveToldWait Sentence = "The customer goes on waiting, there."
	MoveGo       Sentence = "Hand on"
	MoveGoing    Sentence = "Handing on…"
	MoveCancel   Sentence = "Cancel"
	MoveNone     Sentence = "Nobody else can take over now."
	MoveNotFound Sentence = "Nobody is called that."
	MoveAway     Sentence = "not signed in"
	MoveTeamAway Sentence = "nobody there"
	MoveRep      Sentence = "Rep"
	MoveTeam     Sentence = "Team"
	MoveDone     Sentence = "%s has been handed on."
)

// What the organisation's policy takes away, and what waits for the words.
const (
	DeniedByOrganisation Sentence = "Your organisation does not let you do this in this session."
	HeldBack             Sentence = "This waits until the customer has compared the three words."
)

// A session that is taken from a queue.
const (
	MeetTitle  Sentence = "Connecting to %s"
	RepMeeting Sentence = "Connecting…"
	MeetText   Sentence = "The two programs are looking for each other. This takes a moment."
)

// The three words (Z03).
const (
	WordsAsk        Sentence = "Ask the customer to read the three words aloud"
	WordsWhy        Sentence = "If they are the same, nobody stands between you, and the customer presses the button that says so. Until then control, clipboard and files wait."
	WordsDifferent  Sentence = "They differ"
	WordsDifferHint Sentence = "End the session: somebody may stand between the two of you"
	WordsDifferAsk  Sentence = "Different words mean that somebody may stand between you and the customer. End this session?"
	WordsUnverified Sentence = "Not verified"
	WordsVerified   Sentence = "Verified"
)

// Logging in with the browser (K01).
const (
	LoginTitle     Sentence = "Log in"
	LoginText      Sentence = "Your browser opens the page where you log in, with whatever your organisation asks for."
	LoginNewText   Sentence = "The support server does not know this console yet. Log in with your browser, and it does."
	LoginButton    Sentence = "Log in with the browser"
	LoginOther     Sentence = "Other way: an enrolment code"
	LoginOtherText Sentence = "An administrator makes it with the server's own command. It works once, for one day."
	LoginAsking    Sentence = "Asking the server for a page…"
	LoginCompare   Sentence = "Agree in the browser only if it shows this code:"
	LoginLeft      Sentence = "Valid for %s"
	LoginHost      Sentence = "The page is at %s."
	LoginOpen      Sentence = "Open again"
	LoginCopy      Sentence = "Copy link"
	LoginCopied    Sentence = "Link copied"
	LoginCancel    Sentence = "Cancel"
	LoginMenu      Sentence = "Your login on this console"
	LoginOut       Sentence = "Sign out"
	LoginOutHint   Sentence = "Sign out of this console. Sessions go on; your session keys are taken back."
	LoginState     Sentence = "Signed out"
	LoginGoneState Sentence = "This console was removed"
	LoginOutText   Sentence = "Your sessions go on. Log in with your browser to take customers and to make keys again."
	LoginGoing     Sentence = "Logging in…"

	IdleTitle    Sentence = "Are you still there?"
	IdleText     Sentence = "You are about to be signed out. Come back to the console to stay."
	IdleAsk      Sentence = "You have not used the console for a while and are signed out in %s. Sessions go on."
	IdleStay     Sentence = "Stay signed in"
	IdleOutTitle Sentence = "You have been signed out"
	IdleOutText  Sentence = "You were away. Sessions that you are in go on."

	ConsoleCertified Sentence = "%s has certified this console for %s, until %s."
	ConsoleKept      Sentence = "This console has a certificate of your organisation's. Customers' programs check it."
	ConsoleNot       Sentence = "This console has no certificate of your organisation's."
	ConsoleSome      Sentence = "Your organisation"
	ConsoleExpired   Sentence = "The certificate of this console has expired. Ask an administrator for a new one."
)

// WaitExact is how long a wait is told to the second.
const WaitExact = 10 * time.Minute

// Wait is how long somebody has waited: minutes and seconds at first, then
// minutes.
func (s Speaker) Wait(d time.Duration) string {
	d = max(d, 0)
	if d < WaitExact {
		return fmt.Sprintf("%d:%02d", int(d/time.Minute), int(d%time.Minute/time.Second))
	}
	return s.Long(d)
}

// Visitor is what a customer is called.
func (s Speaker) Visitor(name string) string {
	if name == "" {
		return s.Say(QueueNameless)
	}
	return name
}

// QueueNamed is what a queue is called: somebody's name, a team's, or what it
// is. A personal one without a name is the reader's own.
func (s Speaker) QueueNamed(what wire.QueueKind, name string) string {
	switch {
	case what == wire.QueueGeneral:
		return s.Say(QueueForAll)
	case name != "":
		return name
	case what == wire.QueueTeam:
		return s.Say(QueueTeam)
	}
	return s.Say(QueueOwn)
}

// Gone says why somebody waits no more.
func (s Speaker) Gone(why wire.Gone, by string) string {
	switch {
	case why == wire.GoneTaken && by != "":
		return s.Say(QueueGoneBy, by)
	case why == wire.GoneTaken:
		return s.Say(QueueGoneTaken)
	case why == wire.GoneMoved:
		return s.Say(QueueGoneMoved)
	}
	return s.Say(QueueGoneLeft)
}

// Day is a day, for dates that are far away.
func (s Speaker) Day(t time.Time) string { return t.Format("2006-01-02") }
