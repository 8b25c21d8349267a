package words

// Problem is something that went wrong in a way a person must hear about. It
// travels inside the programs as a number and becomes a sentence, and what to
// do now, at the window.
type Problem int

const (
	NoProblem     Problem = iota
	BadKey                // wrong, used, revoked and expired keys look the same
	TooManyTries          // the address or the broker had too many wrong numbers
	BrokerAway            // can't be reached
	BrokerWrong           // answers, but is not the one we know
	VersionTooOld         // no common version of the protocol
	RepAway               // the key's rep is not connected
	BrokerBusy            // a limit of the broker
	NeverMet              // the two machines found no way to each other
	NotEnrolled           // the broker doesn't know this console
	BadEnrolment          // wrong, used or expired enrolment code
	SignedInElse          // the rep signed in from another console
	NoDisplay             // the screen can't be captured here
	NoInput               // input can't be injected here
	NoSite                // the program doesn't know its broker
	KeyBurnt              // three wrong secrets
	Taken                 // another rep was quicker
	NobodyWaits           // there is nobody to take
	LoginNeeded           // the console is known, the rep has to log in again
	IdleTooLong           // logged out for having been away
	PairRefused           // the login in the browser was refused, or came too late
	NotAllowed            // the organisation doesn't let this rep
	NoTarget              // nobody is there to take over
	NotVerified           // nobody knows who is at the other end
	BadPlace              // a portal's code that is wrong, used or too old
	ManyNotices           // as many notices count in a portal as may
	NoPortal              // there is no such portal any more
	BadNotice             // a notice's text can't be kept as it is
	Unexpected            // something of ours failed
)

// advised is a problem's sentence and what a person can do about it.
type advised struct{ what, advice Sentence }

// problems is the table a translator reads; the test sees that none is missing.
func problems(p Problem) advised {
	switch p {
	case BadKey:
		return advised{"This session key does not work.", "Check both halves with your support rep. A key works once and only for a short time: ask for a new one if in doubt."}
	case TooManyTries:
		return advised{"There were too many wrong tries.", "Wait a minute, then ask your support rep for a new key."}
	case BrokerAway:
		return advised{"The support server cannot be reached.", "Check the internet connection of this computer, then try again."}
	case BrokerWrong:
		return advised{"The server that answers is not the one this program belongs to.", "Do not go on. Tell the people who run your support."}
	case VersionTooOld:
		return advised{"This program is too old or too new for the support server.", "Download it again from your support page."}
	case RepAway:
		return advised{"The support rep who made this key is not connected right now.", "Wait a moment and try again, or ask for a new key."}
	case BrokerBusy:
		return advised{"The support server is very busy.", "Try again in a minute."}
	case NeverMet:
		return advised{"The two computers could not be connected with each other.", "Try again. If it happens again, the network of one of them may block the connection: tell your support rep."}
	case NotEnrolled:
		return advised{"The server does not know this console.", "Ask an administrator for an enrolment code and enter it here."}
	case BadEnrolment:
		return advised{"This enrolment code does not work.", "A code works once, for one day. Ask an administrator for a new one."}
	case SignedInElse:
		return advised{"You have signed in from another console.", "This one is signed out. Connect again to use this one."}
	case Taken:
		return advised{"Another rep was quicker.", "Take the next one."}
	case NobodyWaits:
		return advised{"Nobody is waiting there now.", "You hear of it when somebody comes."}
	case LoginNeeded:
		return advised{"You have to log in again.", "Press the button: your browser opens the page where you log in."}
	case IdleTooLong:
		return advised{"You were away, so you were logged out.", "Log in again to go on. Sessions that you were in go on until then."}
	case PairRefused:
		return advised{"The login in the browser was refused, or took too long.", "Try again, and compare the code before you agree."}
	case NotAllowed:
		return advised{"Your organisation does not let you do this.", "If you need it, ask an administrator."}
	case NoTarget:
		return advised{"Nobody is there who could take over.", "Choose another queue, or stay with the customer."}
	case NotVerified:
		return advised{"It is not certain who is at the other end, so the session has ended.", "Ask for help again on your support page. If it happens again, tell the people who run your support."}
	case BadPlace:
		return advised{"This code does not work.", "A code from the support page works once and only for a short time. Go back to that page: it gives you a new one."}
	case ManyNotices:
		return advised{"Ten notices count there already.", "End one of them first, or ask an administrator to."}
	case NoPortal:
		return advised{"This portal is there no more.", "Choose another one."}
	case BadNotice:
		return advised{"The text cannot be told like this.", "Leave out words in curly brackets, and signs that cannot be seen."}
	case NoDisplay:
		return advised{"The screen cannot be shown from here.", "The desktop of this computer does not let programs see its screen."}
	case NoInput:
		return advised{"Control is not possible on this computer.", "Its desktop does not let programs move the pointer or press keys. Viewing works."}
	case NoSite:
		return advised{"This program does not know its support server.", "Download it again from your support page, or ask the people who run your support."}
	case KeyBurnt:
		return advised{"The session key was entered wrongly three times and has been withdrawn.", "Make a new key."}
	}
	return advised{"Something went wrong in Handrail.", "Try again. If it happens again, tell the people who run your support."}
}

// Problem says what went wrong and what to do now.
func (s Speaker) Problem(p Problem) (what, advice string) {
	a := problems(p)
	return s.Say(a.what), s.Say(a.advice)
}
