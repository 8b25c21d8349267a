package console

import (
	"time"

	"handrail/shared/secret"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// Effect is something the owner must do, in the order given.
type Effect interface{ effect() }

type (
	// Connect dials the broker now instead of at the next planned time.
	Connect struct{}
	// Enrol sends the enrolment code.
	Enrol struct{ Code string }
	// MakeKey asks the broker for a number; it may be sent again as it is.
	MakeKey struct {
		Request [16]byte
		Life    time.Duration
	}
	// TakeKeyBack revokes a number at the broker.
	TakeKeyBack struct {
		Number string
		Why    wire.KeyEnd
	}
	// Meet goes on with what KeyEntered or Given reported: prove Code to the
	// other end, or, with Compare, meet without a key.
	Meet struct {
		ID      wire.SessionID
		Code    secret.Code
		Compare bool
	}
	// TurnAway ends what KeyEntered or Given reported: it can't be tried now.
	TurnAway struct{ ID wire.SessionID }
	// Do hands an event to a session.
	Do struct {
		ID    wire.SessionID
		Event session.Event
	}
	// Offer has the files and folders at these paths offered to a session's
	// customer. What can't be offered is answered by NotOffered.
	Offer struct {
		ID    wire.SessionID
		Paths []string
	}
	// Copy puts text on the clipboard.
	Copy struct{ Text string }
	// OpenMail opens the mail program with a mailto address.
	OpenMail struct{ URL string }
	// Notify shows a notification of the desktop. Where Accept and Show are set
	// they stand on buttons, which mean TakeWaiter and ShowWaiter of Visitor.
	Notify struct {
		Title, Text  string
		Visitor      wire.SessionID
		Accept, Show string
	}
	// Pair asks the broker for a login in the browser, until EndPair.
	Pair struct{}
	// EndPair gives that up.
	EndPair struct{}
	// OpenPage opens an https address in the browser.
	OpenPage struct{ URL string }
	// Active tells the broker that somebody is at the console.
	Active struct{}
	// SayGoodbye ends the rep's login at the broker.
	SayGoodbye struct{}
	// Fetch asks the broker for a customer: this one, or with the zero Session
	// the next of a queue, or of any.
	Fetch struct {
		Request [16]byte
		Session wire.SessionID
		Queue   string
	}
	// HandOn asks the broker to put a customer into another queue.
	HandOn struct {
		ID          wire.SessionID
		Queue, Note string
	}
	// Chime plays the sound for something new.
	Chime struct{}
	// Remember keeps the settings for the next start.
	Remember struct{ Settings Settings }
	// Exit is the last effect: the program ends.
	Exit struct{}
)

// Proof is how the two ends make sure of each other. That is this console's to
// know, which has asked for the customer or made the key, and not the broker's.
func (m Meet) Proof() wire.Proof {
	if m.Compare {
		return wire.ProofCompare
	}
	return wire.ProofKey
}

func (Connect) effect()     {}
func (Enrol) effect()       {}
func (MakeKey) effect()     {}
func (TakeKeyBack) effect() {}
func (Meet) effect()        {}
func (TurnAway) effect()    {}
func (Do) effect()          {}
func (Offer) effect()       {}
func (Copy) effect()        {}
func (OpenMail) effect()    {}
func (Notify) effect()      {}
func (Chime) effect()       {}
func (Pair) effect()        {}
func (EndPair) effect()     {}
func (OpenPage) effect()    {}
func (Active) effect()      {}
func (SayGoodbye) effect()  {}
func (Fetch) effect()       {}
func (HandOn) effect()      {}
func (Remember) effect()    {}
func (Exit) effect()        {}
