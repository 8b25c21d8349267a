package words

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// Sentences that both windows say.
const (
	SomebodyRep      Sentence = "your support rep"
	SomebodyCustomer Sentence = "the customer"

	Sending     Sentence = "Not delivered yet"
	NewMessages Sentence = "%d new"
	NewestLine  Sentence = "Newest"
	DroppedFew  Sentence = "The oldest %d lines are no longer shown."
	SendMessage Sentence = "Send"
	WriteHere   Sentence = "Write a message"
	OpenSite    Sentence = "Open %s"

	TextLarger   Sentence = "Larger text"
	TextSmaller  Sentence = "Smaller text"
	TextUsual    Sentence = "Usual text size"
	InSeconds    Sentence = "%d s"
	InMinutes    Sentence = "%d min"
	HoursMinutes Sentence = "%d h %d min"
)

// How a thing a rep may do is named inside other sentences.
const (
	namedView Sentence = "see the screen"
	namedBoth Sentence = "see and control the screen"
	yoursView Sentence = "see your screen"
	yoursBoth Sentence = "see and control your screen"
)

// What the list says when the customer reads it.
const (
	tookSession    Sentence = "%s is here to help you."
	nudgedYou      Sentence = "%s asks for your attention."
	askedYou       Sentence = "%s asks to %s."
	youAllowed     Sentence = "You allowed %s to %s."
	youRefused     Sentence = "You refused. %s cannot %s."
	youSilent      Sentence = "You did not answer, so %s cannot %s."
	youCannotHere  Sentence = "%s asked to %s. This computer does not let programs do that."
	askReplaced    Sentence = "%s asked for something else instead."
	askTakenBack   Sentence = "%s took the question back."
	sharingView    Sentence = "%s now sees your screen."
	sharingControl Sentence = "%s now sees your screen and can control it."
	youStopped     Sentence = "You stopped sharing. %s can no longer see or control anything."
	sharingBroke   Sentence = "Sharing has stopped: the screen can no longer be seen from here."
	repGaveControl Sentence = "%s gave control back and only sees your screen now."
	repGaveAll     Sentence = "%s stopped looking at your screen."
)

// What the list says when the rep reads it.
const (
	youTookSession  Sentence = "You accepted the session with %s."
	youNudged       Sentence = "You asked for %s's attention."
	youAsked        Sentence = "You asked to %s."
	theyAllowed     Sentence = "%s allowed you to %s."
	theyRefused     Sentence = "%s refused. You cannot %s."
	theySilent      Sentence = "%s did not answer. You cannot %s."
	theyCannotHere  Sentence = "%s's computer does not let programs do that: %s."
	youAskedAnew    Sentence = "You took the question back."
	youSeeScreen    Sentence = "You see %s's screen."
	youControl      Sentence = "You see and control %s's screen."
	theyStopped     Sentence = "%s stopped sharing. You no longer see or control anything."
	theirScreenGone Sentence = "%s's screen can no longer be captured. Sharing has stopped."
	youGaveControl  Sentence = "You gave control back. You still see the screen."
	youGaveAll      Sentence = "You stopped looking at the screen."
)

// How a session ended, by who reads it.
const (
	endedYou         Sentence = "You ended the session."
	endedPeer        Sentence = "%s ended the session."
	endedDeclined    Sentence = "%s cannot take this session now."
	endedYouDeclined Sentence = "You declined the session."
	endedLost        Sentence = "The connection was lost for too long, so the session has ended."
	endedUnknown     Sentence = "The session has ended."
	endedWrongSecret Sentence = "The two halves of the session key did not belong together, so no session began."
	endedNeverMet    Sentence = "The two computers could not be connected with each other, so no session began."
	endedByBroker    Sentence = "The support server ended the session."

	endedNotVerified   Sentence = "The session ended: it was not certain who is at the other end."
	endedNotProved     Sentence = "It was not certain who wanted to help you, so the session did not begin."
	endedYouNotProved  Sentence = "The customer's program was not certain who you are. Ask an administrator about the certificate of this console."
	endedMoved         Sentence = "%s handed you on to a colleague."
	endedYouMoved      Sentence = "You handed %s on."
	endedNotAgreed     Sentence = "You did not accept the agreement, so the session ended."
	endedTheyNotAgreed Sentence = "%s did not accept the agreement."
	endedForNotice     Sentence = "You left because of the notice."
	endedTheyForNotice Sentence = "%s left because of the notice."
	endedNobody        Sentence = "Nobody could help you now."
	endedNobodyTook    Sentence = "Nobody could help the customer."
)

// Line says a line of the session's list to whoever st belongs to. A line of
// chat is its own text.
func (s Speaker) Line(l session.Line, st session.State) string {
	if l.Kind == session.LineChat {
		return l.Text
	}
	if l.Kind == session.LineEnded {
		return s.Ending(l.Why, st)
	}
	if l.Kind == session.LineVerified {
		return s.verifiedLine(st)
	}
	if l.Kind == session.LineDenied {
		return s.deniedLine(l, st)
	}
	if l.Kind == session.LineKept {
		return s.Kept(l.Keep, st)
	}
	if l.Kind == session.LineTransfer {
		return s.fileLine(l, st)
	}
	if st.Role == wire.RoleCustomer {
		return s.customerLine(l, st)
	}
	return s.repLine(l, st)
}

// longestName is how many letters of a name sentences and titles show. A name
// comes from the other side; it must not push what protects the customer out
// of the window.
const longestName = 40

// Peer names the other person, to stand alone.
func (s Speaker) Peer(st session.State) string { return s.About("%s", st) }

// About says a sentence whose first blank is the other person. Somebody
// without a name gets a capital letter only where the sentence begins.
func (s Speaker) About(x Sentence, st session.State, more ...any) string {
	if st.Peer != "" {
		return s.Say(x, append([]any{short(st.Peer, longestName)}, more...)...)
	}
	who := SomebodyCustomer
	if st.Role == wire.RoleCustomer {
		who = SomebodyRep
	}
	text := s.Say(x, append([]any{s.Say(who)}, more...)...)
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// short cuts text to so many letters.
func short(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most-1]) + "…"
}

// Permission names what a rep may do, to stand after "to", for the reader.
// Nobody controls what can't be seen, so control is always both.
func (s Speaker) Permission(p wire.Permission, reader wire.Role) string {
	clips, screen := p&session.Clipboard, p&^session.Clipboard
	switch {
	case clips != 0 && screen == 0:
		return s.clipNamed(clips, reader)
	case clips != 0:
		return s.Say(namedAnd, s.Permission(screen, reader), s.clipNamed(clips, reader))
	case reader == wire.RoleCustomer && p.Has(wire.Control):
		return s.Say(yoursBoth)
	case reader == wire.RoleCustomer:
		return s.Say(yoursView)
	case p.Has(wire.Control):
		return s.Say(namedBoth)
	}
	return s.Say(namedView)
}

func (s Speaker) customerLine(l session.Line, st session.State) string {
	if text := s.clipLine(l, st); text != "" {
		return text
	}
	switch l.Kind {
	case session.LineAccepted:
		return s.About(tookSession, st)
	case session.LineNudge:
		return s.About(nudgedYou, st)
	case session.LineAsked:
		return s.About(askedYou, st, s.Permission(l.What, wire.RoleCustomer))
	case session.LineAnswered:
		switch l.Verdict {
		case wire.Allowed:
			return s.About(youAllowed, st, s.Permission(l.What, wire.RoleCustomer))
		case wire.Silence:
			return s.About(youSilent, st, s.Permission(l.What, wire.RoleCustomer))
		case wire.CantHere:
			return s.About(youCannotHere, st, s.Permission(l.What, wire.RoleCustomer))
		case wire.Replaced:
			return s.About(askReplaced, st)
		case wire.TakenBack:
			return s.About(askTakenBack, st)
		}
		return s.About(youRefused, st, s.Permission(l.What, wire.RoleCustomer))
	case session.LineWithdrawn:
		if l.What.Has(wire.View) {
			return s.About(repGaveAll, st)
		}
		return s.About(repGaveControl, st)
	}
	switch {
	case l.Sharing == wire.SharingFailed:
		return s.Say(sharingBroke)
	case l.What.Has(wire.Control):
		return s.About(sharingControl, st)
	case l.What != 0:
		return s.About(sharingView, st)
	}
	return s.About(youStopped, st)
}

func (s Speaker) repLine(l session.Line, st session.State) string {
	if text := s.clipLine(l, st); text != "" {
		return text
	}
	switch l.Kind {
	case session.LineAccepted:
		return s.About(youTookSession, st)
	case session.LineNudge:
		return s.About(youNudged, st)
	case session.LineAsked:
		return s.Say(youAsked, s.Permission(l.What, wire.RoleRep))
	case session.LineAnswered:
		switch l.Verdict {
		case wire.Allowed:
			return s.About(theyAllowed, st, s.Permission(l.What, wire.RoleRep))
		case wire.Silence:
			return s.About(theySilent, st, s.Permission(l.What, wire.RoleRep))
		case wire.CantHere:
			return s.About(theyCannotHere, st, s.Permission(l.What, wire.RoleRep))
		case wire.Replaced, wire.TakenBack:
			return s.Say(youAskedAnew)
		}
		return s.About(theyRefused, st, s.Permission(l.What, wire.RoleRep))
	case session.LineWithdrawn:
		if l.What.Has(wire.View) {
			return s.Say(youGaveAll)
		}
		return s.Say(youGaveControl)
	}
	switch {
	case l.Sharing == wire.SharingFailed:
		return s.About(theirScreenGone, st)
	case l.What.Has(wire.Control):
		return s.About(youControl, st)
	case l.What != 0:
		return s.About(youSeeScreen, st)
	}
	return s.About(theyStopped, st)
}

// Ending says why a session ended.
func (s Speaker) Ending(why wire.EndWhy, st session.State) string {
	mine, theirs := wire.EndByRep, wire.EndByCustomer
	if st.Role == wire.RoleCustomer {
		mine, theirs = theirs, mine
	}
	switch why {
	case mine:
		return s.Say(endedYou)
	case theirs:
		return s.About(endedPeer, st)
	case wire.EndDeclined:
		if st.Role == wire.RoleRep {
			return s.Say(endedYouDeclined)
		}
		return s.About(endedDeclined, st)
	case wire.EndLost:
		return s.Say(endedLost)
	case wire.EndWrongSecret:
		return s.Say(endedWrongSecret)
	case wire.EndNeverMet:
		return s.Say(endedNeverMet)
	case wire.EndByBroker:
		return s.Say(endedByBroker)
	case wire.EndNotVerified:
		return s.Say(notVerified(st))
	}
	return s.waitEnding(why, st)
}

// notVerified says what became of a session in which the two were not sure of
// each other: they read different words, or never got so far.
func notVerified(st session.State) Sentence {
	switch {
	case st.Words != [3]string{}:
	case st.Role == wire.RoleCustomer:
		return endedNotProved
	case st.Proof == wire.ProofCompare:
		return endedYouNotProved
	}
	return endedNotVerified
}

// waitEnding is Ending for what can happen to a customer who waits.
func (s Speaker) waitEnding(why wire.EndWhy, st session.State) string {
	rep := st.Role == wire.RoleRep
	switch {
	case why == wire.EndMoved && rep:
		return s.About(endedYouMoved, st)
	case why == wire.EndMoved:
		return s.About(endedMoved, st)
	case why == wire.EndNotAgreed && rep:
		return s.About(endedTheyNotAgreed, st)
	case why == wire.EndNotAgreed:
		return s.Say(endedNotAgreed)
	case why == wire.EndForNotice && rep:
		return s.About(endedTheyForNotice, st)
	case why == wire.EndForNotice:
		return s.Say(endedForNotice)
	case why == wire.EndNobody && rep:
		return s.Say(endedNobodyTook)
	case why == wire.EndNobody:
		return s.Say(endedNobody)
	}
	return s.Say(endedUnknown)
}

// Clock is a time of day, in the zone the time carries.
func (s Speaker) Clock(t time.Time) string { return fmt.Sprintf("%02d:%02d", t.Hour(), t.Minute()) }

// Long is a length of time in the two units that matter, rounded down.
func (s Speaker) Long(d time.Duration) string {
	switch {
	case d < time.Minute:
		return s.Say(InSeconds, max(0, int(d/time.Second)))
	case d < time.Hour:
		return s.Say(InMinutes, int(d/time.Minute))
	}
	return s.Say(HoursMinutes, int(d/time.Hour), int(d%time.Hour/time.Minute))
}
