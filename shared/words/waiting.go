package words

import (
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// Waiting for a rep, in the customer's window.
const (
	WaitSince     Sentence = "Since %s"
	WaitIn        Sentence = "In the queue of %s, since %s"
	waitPlain     Sentence = "You are in the queue."
	waitNext      Sentence = "You are next."
	waitNumber    Sentence = "You are number %d."
	waitMinute    Sentence = "Less than a minute."
	waitMinuteOne Sentence = "About a minute."
	waitMinutes   Sentence = "About %d minutes."
	waitHours     Sentence = "About %d h %d min."
	waitStay      Sentence = "Somebody will be with you as soon as possible. You can use your computer meanwhile; this window comes to the front then."
	waitLost      Sentence = "The connection to your rep was lost. You are waiting for another one, with your place kept."
	waitMoved     Sentence = "Your rep has handed you on. You are waiting for a colleague."
	WaitCutTitle  Sentence = "Connecting again …"
	WaitCutText   Sentence = "The support server cannot be reached right now. Your place is kept for a while; leave this window open."

	titleWaiting Sentence = "Waiting for %s"
	titleWaits   Sentence = "Waiting for support"

	ButtonStopWaiting Sentence = "Stop waiting"
	StopWaitTitle     Sentence = "Stop waiting?"
	StopWaitText      Sentence = "You lose your place in the queue, and this window closes."
	ButtonGoOnWaiting Sentence = "Go on waiting"
)

// What the organisation tells who waits.
const (
	ToldImportant  Sentence = "Important message"
	ToldNobody     Sentence = "Nobody is available"
	ToldLost       Sentence = "The connection was lost"
	ToldMoved      Sentence = "You are handed on"
	NoticeLeave    Sentence = "Leave"
	NoticeTitle    Sentence = "Leave because of this message?"
	NoticeText     Sentence = "You lose your place in the queue. Nobody will ask you anything afterwards."
	NoticeStay     Sentence = "Go on waiting"
	ButtonOpenPage Sentence = "Open %s"
)

// What is asked before a rep comes.
const (
	AgreementTitle    Sentence = "Do you accept this?"
	ButtonAccept      Sentence = "Accept"
	ButtonNotAccept   Sentence = "Do not accept"
	RecordingTitle    Sentence = "May the session be recorded?"
	ButtonRecord      Sentence = "Yes, record it"
	ButtonNotRecord   Sentence = "No"
	timeLeft          Sentence = "Time left: %s."
	agreementSilence  Sentence = "Without an answer the session ends."
	recordingSilence  Sentence = "Without an answer nothing is recorded."
	agreementTooLate  Sentence = "The time is up, so the session ends."
	RecordingEither   Sentence = "You get help either way."
	minutesAndSeconds Sentence = "%d:%02d"
)

// From the queue to the rep.
const (
	TakenTitle   Sentence = "Somebody is here for you"
	TakenTitleBy Sentence = "%s is here for you"
	StepPlace    Sentence = "Taking your place in the queue"
	StepChecking Sentence = "Checking who is at the other end"
)

// CutWaits is CutText for who came by the queue and may be led back there.
const CutWaits Sentence = "What you write is kept and sent later, and files go on by themselves. After a while without a connection you wait for another rep, or the session ends."

// Unheard says why text is back in the field after a rep is gone.
const Unheard Sentence = "Your last rep did not get this any more. Send it to the next one, if you like."

// Who the rep is, and what the organisation allows.
const (
	CompareTitle  Sentence = "Read these words to %s"
	CompareText   Sentence = "Read them out, for example on the telephone. If both of you have the same three words, nobody stands between you. Until then your rep can see your screen if you allow it, and nothing more."
	CompareCut    Sentence = "The connection is interrupted. Once it is back, you can say here that the words are the same."
	ButtonSame    Sentence = "They are the same"
	ButtonDiffer  Sentence = "They are different"
	CertifiedBy   Sentence = "Proved by %s"
	CertifiedRep  Sentence = "Proved by the organisation"
	HarmUnproved  Sentence = "You have not compared the three words yet: it is not certain who asks."
	FormPlaceHint Sentence = "Or type the nine digits that your support page shows."
)

// What the organisation keeps from a rep, in the list and where files are sent.
const (
	denied        Sentence = "%s asked to %s. The organisation does not let them, so you were not asked."
	deniedFile    Sentence = "%s wanted to send a file. The organisation does not let them, so you were not asked."
	deniedRep     Sentence = "Your organisation does not let you %s."
	deniedRepFile Sentence = "Your organisation does not let you send files."
	FilesDenied   Sentence = "The organisation does not let reps take files here, so nothing is sent."
	FilesUnproved Sentence = "Compare the three words with your rep first, then send files."
)

// After the session.
const (
	ButtonAnother Sentence = "Enter another code"
)

// Queue says how a customer stands in the queue (W03): the place, and how long
// it will take, as far as they are told.
func (s Speaker) Queue(position int, estimate time.Duration) (place, wait string) {
	switch {
	case position == 1:
		place = s.Say(waitNext)
	case position > 1:
		place = s.Say(waitNumber, position)
	default:
		place = s.Say(waitPlain)
	}
	minutes := int((estimate + 30*time.Second) / time.Minute)
	switch {
	case estimate <= 0:
	case minutes == 0:
		wait = s.Say(waitMinute)
	case minutes == 1:
		wait = s.Say(waitMinuteOne)
	case minutes < 60:
		wait = s.Say(waitMinutes, minutes)
	default:
		wait = s.Say(waitHours, minutes/60, minutes%60)
	}
	return place, wait
}

// WaitWhy says why a customer waits, after a rep was there before (W07).
func (s Speaker) WaitWhy(back wire.EndWhy) string {
	switch back {
	case 0:
		return s.Say(waitStay)
	case wire.EndMoved:
		return s.Say(waitMoved)
	}
	return s.Say(waitLost)
}

// Waits names the place in the queue: whose, and since when.
func (s Speaker) Waits(queue string, since time.Time) string {
	if queue == "" {
		return s.Say(WaitSince, s.Clock(since))
	}
	return s.Say(WaitIn, short(queue, longestName), s.Clock(since))
}

// WaitingTitle is the window's title in the queue.
func (s Speaker) WaitingTitle(portal string, unread int) string {
	title := s.Say(titleWaits)
	if portal != "" {
		title = s.Say(titleWaiting, short(portal, longestName))
	}
	if unread > 0 {
		return s.Say(titleUnread, unread, title)
	}
	return title
}

// Silence says how long a question will be open, and what silence means.
func (s Speaker) Silence(what wire.Asked, left time.Duration) (clock, meaning string) {
	if left <= 0 {
		return s.Say(agreementTooLate), ""
	}
	seconds := int((left + time.Second - 1) / time.Second)
	clock = s.Say(timeLeft, s.Say(minutesAndSeconds, seconds/60, seconds%60))
	if what == wire.AskedRecording {
		return clock, s.Say(recordingSilence)
	}
	return clock, s.Say(agreementSilence)
}

// Compare asks the customer to read the three words to the rep (Z03).
func (s Speaker) Compare(st session.State) string { return s.about(CompareTitle, st) }

// Proved says who has proved who the rep is (Z04).
func (s Speaker) Proved(organisation string) string {
	if organisation == "" {
		return s.Say(CertifiedRep)
	}
	return s.Say(CertifiedBy, short(organisation, longestName))
}

// Taken says that a rep is there.
func (s Speaker) Taken(st session.State) string {
	if st.Peer == "" {
		return s.Say(TakenTitle)
	}
	return s.About(TakenTitleBy, st)
}

// deniedLine says what the rep may not even ask for.
func (s Speaker) deniedLine(l session.Line, st session.State) string {
	rep := st.Role == wire.RoleRep
	switch {
	case rep && l.What == 0:
		return s.Say(deniedRepFile)
	case rep:
		return s.Say(deniedRep, s.Permission(l.What, st.Role))
	case l.What == 0:
		return s.About(deniedFile, st)
	}
	return s.About(denied, st, s.Permission(l.What, st.Role))
}

// ToldTitle is what stands above a text of the organisation's that has no title
// of its own; empty is nothing. Notices have it in any case (P07).
func (s Speaker) ToldTitle(what wire.Telling) string {
	switch what {
	case wire.TellNotice:
		return s.Say(ToldImportant)
	case wire.TellNobody:
		return s.Say(ToldNobody)
	case wire.TellLost:
		return s.Say(ToldLost)
	case wire.TellMoved:
		return s.Say(ToldMoved)
	}
	return ""
}
