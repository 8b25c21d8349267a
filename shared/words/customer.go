package words

import (
	"handrail/shared/session"
	"handrail/shared/wire"
)

// The form for the session key.
const (
	FormTitle     Sentence = "Get help from your support"
	FormTitleSite Sentence = "Get help from %s"
	FormIntro     Sentence = "Your support rep gives you a session key of twelve digits. It starts this one session and nothing else."
	FormFilled    Sentence = "The first half of your session key is filled in. Ask your support rep for the second half."
	FieldKey      Sentence = "Session key"
	FieldName     Sentence = "Your name"
	NameExample   Sentence = "Optional"
	ButtonConnect Sentence = "Connect"
	FormPromise   Sentence = "Nobody sees your screen before you allow it here, and you can stop at any time."

	KeyShort     Sentence = "This is too short: a session key has twelve digits, a code from the support page nine."
	KeyLong      Sentence = "This is too long: a session key has twelve digits, a code from the support page nine."
	KeyNotDigits Sentence = "A session key has digits only."
)

// The way to the rep.
const (
	ConnectingTitle Sentence = "Connecting you"
	StepReaching    Sentence = "Reaching the support server"
	StepMeeting     Sentence = "Waiting for the other computer"
	StepLinking     Sentence = "Connecting the two computers"
	StepProving     Sentence = "Checking the session key"
	StepAccepting   Sentence = "Waiting for your support rep to take the session"
	StepAcceptingBy Sentence = "Waiting for %s to take the session"
	ButtonCancel    Sentence = "Cancel"
)

// The session.
const (
	StopSharing      Sentence = "STOP SHARING"
	bannerNothing    Sentence = "Nothing is shared"
	bannerNothingSub Sentence = "%s cannot see your screen."
	bannerView       Sentence = "%s sees your screen"
	bannerControl    Sentence = "%s sees and controls your screen"
	bannerCut        Sentence = "Sharing is interrupted"
	bannerCutSub     Sentence = "%s sees nothing until the connection is back."
	sinceAll         Sentence = "Whole screen, since %s"
	sinceAllMonitors Sentence = "All %d monitors, since %s"
	sinceOne         Sentence = "Monitor %d only, since %s"

	promptView       Sentence = "%s asks to see your screen"
	promptControl    Sentence = "%s asks to see and control your screen"
	promptMore       Sentence = "%s asks to control your pointer and keyboard as well"
	promptViewWhy    Sentence = "They will see everything on it, but cannot touch anything."
	promptControlWhy Sentence = "They will see everything on it, and can move the pointer and type. You can go on using both."
	promptMoreWhy    Sentence = "They can then move the pointer and type. You can go on using both."
	promptSilence    Sentence = "Without an answer it is refused. You can stop at any time."
	ButtonAllow      Sentence = "Allow"
	ButtonRefuse     Sentence = "Refuse"
	ButtonMoreTime   Sentence = "More time"

	CutTitle     Sentence = "The connection is interrupted. Trying again …"
	CutText      Sentence = "What you write is kept and sent later, and files go on by themselves. After two minutes without a connection the session ends."
	TooLong      Sentence = "This message is too long. Send it in parts."
	TooMuchWaits Sentence = "Too much waits for the connection. Your text is kept: send it when the connection is back."

	ButtonLeave  Sentence = "End session"
	CloseTitle   Sentence = "Close and end the session?"
	CloseText    Sentence = "%s can then no longer see or reach this computer."
	CloseConfirm Sentence = "End session"
	CloseDismiss Sentence = "Go on"
)

// The end.
const (
	EndedTitle    Sentence = "The session has ended"
	EndedBefore   Sentence = "The session did not begin"
	EndedSafe     Sentence = "Nobody can see or reach this computer any more."
	EndedNever    Sentence = "Nobody can see or reach this computer."
	EndedLasted   Sentence = "With %s, %s."
	ButtonClose   Sentence = "Close"
	ButtonAgain   Sentence = "New session key"
	burntCustomer Sentence = "Ask your support rep for a new key."
)

// Titles of the window.
const (
	titleForm    Sentence = "Support"
	titleSite    Sentence = "Support by %s"
	titleSession Sentence = "Support session with %s"
	titleSharing Sentence = "Sharing with %s"
	titleUnread  Sentence = "(%d) %s"
)

// CustomerProblem is Problem with the advice that suits a customer.
func (s Speaker) CustomerProblem(p Problem) (what, advice string) {
	what, advice = s.Problem(p)
	if p == KeyBurnt {
		advice = s.Say(burntCustomer)
	}
	return what, advice
}

// Banner says what is shared with whom (C06): what, and since when.
func (s Speaker) Banner(st session.State) (what, more string) {
	switch {
	case st.Granted == 0:
		return s.Say(bannerNothing), s.About(bannerNothingSub, st)
	case !st.Linked:
		return s.Say(bannerCut), s.About(bannerCutSub, st)
	case st.Granted.Has(wire.Control):
		what = s.About(bannerControl, st)
	default:
		what = s.About(bannerView, st)
	}
	since := s.Clock(st.SharedAt)
	switch {
	case st.Monitor != 0:
		more = s.Say(sinceOne, st.Monitor, since)
	case len(st.Monitors) > 1:
		more = s.Say(sinceAllMonitors, len(st.Monitors), since)
	default:
		more = s.Say(sinceAll, since)
	}
	if clips := st.Granted & session.Clipboard; clips != 0 {
		more = s.Say(ways(clips, moreClipBoth, moreClipOut, moreClipIn), more)
	}
	return what, more
}

// Prompt says who asks for what, and what it means (C09).
func (s Speaker) Prompt(st session.State, what wire.Permission) (title, meaning, silence string) {
	switch screen := what &^ session.Clipboard; {
	case screen.Has(wire.Control) && st.Granted.Has(wire.View):
		title, meaning = s.About(promptMore, st), s.Say(promptMoreWhy)
	case screen.Has(wire.Control):
		title, meaning = s.About(promptControl, st), s.Say(promptControlWhy)
	case screen != 0:
		title, meaning = s.About(promptView, st), s.Say(promptViewWhy)
	}
	if what&session.Clipboard != 0 {
		title, meaning = s.clipPrompt(st, what, title, meaning)
	}
	return title, meaning, s.Say(promptSilence)
}

// WindowTitle is the title of the customer's window. In a session st is its
// state; before, it is the zero State.
func (s Speaker) WindowTitle(site string, st session.State, unread int) string {
	var title string
	switch {
	case st.Stage == session.Talking && st.Granted != 0:
		title = s.About(titleSharing, st)
	case st.Stage == session.Talking:
		title = s.About(titleSession, st)
	case site != "":
		title = s.Say(titleSite, site)
	default:
		title = s.Say(titleForm)
	}
	if unread > 0 {
		return s.Say(titleUnread, unread, title)
	}
	return title
}
