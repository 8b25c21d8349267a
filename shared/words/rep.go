package words

import (
	"fmt"
	"time"
)

// What the rep console's model says.
const (
	RepNameless         Sentence = "Customer %s" // the number of the session key
	RepWaitingTitle     Sentence = "A customer is waiting"
	RepWaitingText      Sentence = "Session key %s was entered. Accept the session in the console."
	RepNewMessage       Sentence = "New message"
	RepKeyBurntTitle    Sentence = "Session key %s has been withdrawn"
	RepKeyBurntText     Sentence = "The secret was entered wrongly three times. Make a new key."
	RepKeyCopied        Sentence = "Session key copied"
	RepLinkCopied       Sentence = "Link copied. Tell the secret by voice."
	RepInvitationCopied Sentence = "Invitation copied. Tell the secret by voice."
	RepFull             Sentence = "Too much waits for the connection. Your text is kept: send it when the connection is back."
)

// The invitation: link, number, end of life and who invites.
const (
	RepInviteSubject     Sentence = "Your remote support session"
	RepInviteSubjectFrom Sentence = "Your remote support session with %s"
	RepInvite            Sentence = "Hello,\n\nto start your support session:\n\n1. Open this page: %s\n2. If you are asked for it, the number of your session is %s.\n3. I will tell you the second half, the secret, by phone. Please do not write it down in a mail.\n\nThis works until %s.\n\nKind regards\n%s\n"
	RepInviteNoLink      Sentence = "Hello,\n\nto start your support session, open the support program and enter the number %s.\nI will tell you the second half, the secret, by phone.\n\nThis works until %s.\n\nKind regards\n%s\n"
)

// The console's window: signing in.
const (
	RepWindow         Sentence = "Handrail console"
	RepConnecting     Sentence = "Connecting to your support server"
	RepConnectingTo   Sentence = "Connecting to %s"
	RepConnectingHint Sentence = "This takes a moment."
	RepTryNow         Sentence = "Try now"
	RepTryingIn       Sentence = "Trying again in %s."
	RepGoOn           Sentence = "Running sessions go on without it."
	RepSignedIn       Sentence = "Signed in"
	RepOffline        Sentence = "Not connected"
	RepEnrolTitle     Sentence = "Sign this console in"
	RepEnrolText      Sentence = "The support server does not know this console yet. An administrator makes an enrolment code with the server's own command. It works once, for one day."
	RepEnrolHint      Sentence = "Enrolment code"
	RepEnrol          Sentence = "Sign in"
	RepEnrolling      Sentence = "Signing in…"
)

// The console's window: session keys.
const (
	RepNewKey          Sentence = "New session key"
	RepMakingKey       Sentence = "Making a key…"
	RepLifeHint        Sentence = "How long a new key can be used to start a session"
	RepKeys            Sentence = "Session keys"
	RepKeyFor          Sentence = "Valid for %s"
	RepKeyEntering     Sentence = "Somebody is entering it now"
	RepKeyTried        Sentence = "Wrong secret: %d of %d tries used"
	RepKeyUsed         Sentence = "Used"
	RepKeyBurnt        Sentence = "Withdrawn after %d wrong secrets"
	RepKeyExpired      Sentence = "Expired"
	RepKeyRevoked      Sentence = "Taken back"
	RepCopyKey         Sentence = "Copy key"
	RepCopyKeyHint     Sentence = "Copy number and secret, for a channel you trust"
	RepCopyLink        Sentence = "Copy link"
	RepCopyLinkHint    Sentence = "Copy the link with the number. The secret is told by voice."
	RepInvitation      Sentence = "Invite"
	RepInvitationHint  Sentence = "Send the invitation by mail, or copy its text"
	RepMailIt          Sentence = "Open in mail"
	RepCopyText        Sentence = "Copy text"
	RepInviteExplained Sentence = "The invitation holds the link and the number, never the secret: tell that by voice."
	RepReadOut         Sentence = "Read out"
	RepReadOutHint     Sentence = "Show the key as words for the phone"
	RepReadNumber      Sentence = "Number"
	RepReadSecret      Sentence = "Secret"
	RepQR              Sentence = "QR code"
	RepQRHint          Sentence = "Show the link as a QR code"
	RepQRExplained     Sentence = "Opens the page with the number filled in. Tell the secret by voice."
	RepRevoke          Sentence = "Revoke"
	RepRevokeHint      Sentence = "Take this key back, so that nobody can use it"
	RepRevokeAsk       Sentence = "Take this key back? Whoever has it can no longer start a session with it."
	RepRevokeYes       Sentence = "Take it back"
	RepRevokeNo        Sentence = "Keep it"
	RepPutAway         Sentence = "Take off the list"
	RepUnfold          Sentence = "Show this key"
	RepFold            Sentence = "Make this key small again"
)

// The console's window: sessions.
const (
	RepWaitingHead   Sentence = "Waiting"
	RepSessionsHead  Sentence = "Sessions"
	RepNoSessions    Sentence = "Nobody is waiting. Customers appear here once they have entered a key."
	RepWaits         Sentence = "Waiting for %s"
	RepWaitsNow      Sentence = "Just arrived"
	RepAccept        Sentence = "Accept"
	RepAcceptHint    Sentence = "Begin the session"
	RepDecline       Sentence = "Decline"
	RepDeclineHint   Sentence = "Send the customer away"
	RepActive        Sentence = "In session for %s"
	RepActiveNow     Sentence = "In session"
	RepSees          Sentence = "You see the screen"
	RepControls      Sentence = "You control the screen"
	RepCut           Sentence = "Connection interrupted"
	RepLeft          Sentence = "Left before being accepted"
	RepEnded         Sentence = "Ended"
	RepStart         Sentence = "Start page"
	RepWaitingPage   Sentence = "%s is waiting for you"
	RepProved        Sentence = "Both sides have proven session key %s to each other. Nobody stands in between."
	RepIdleTitle     Sentence = "Ready to help"
	RepIdleOne       Sentence = "Make a session key"
	RepIdleOneMore   Sentence = "It works once and only for a short time."
	RepIdleTwo       Sentence = "Give it to your customer"
	RepIdleTwoMore   Sentence = "Read both halves out, or send the link and tell the secret by voice."
	RepIdleThree     Sentence = "Accept when they appear"
	RepIdleThreeMore Sentence = "You chat first. Then you ask to see the screen, and the customer decides."
	RepFoldRail      Sentence = "Make this bar narrow"
	RepUnfoldRail    Sentence = "Make this bar wide"
)

// The console's window: one session.
const (
	RepVerified       Sentence = "Verified by key %s"
	RepDirect         Sentence = "Direct · %d ms"
	RepRelayed        Sentence = "Relayed · %d ms"
	RepDirectNow      Sentence = "Direct"
	RepRelayedNow     Sentence = "Relayed"
	RepAgain          Sentence = "Connecting again … %s"
	RepDirectHint     Sentence = "The two computers reach each other without a server in between."
	RepRelayedHint    Sentence = "A network does not let the two computers reach each other, so your server passes on what they say to each other. It is sealed, and a direct way is used as soon as there is one."
	RepRoundHint      Sentence = "%s An answer takes %d ms."
	RepAgainHint      Sentence = "The connection was lost at %s. Both programs try again by themselves. After two minutes the session ends."
	RepBarSees        Sentence = "Viewing"
	RepBarControls    Sentence = "In control"
	RepBarAsking      Sentence = "Waiting for an answer"
	RepCutFor         Sentence = "Connection interrupted: what you write is kept, and files go on, when it is back"
	RepAskControl     Sentence = "View and control"
	RepAskControlHint Sentence = "Ask the customer to let you see and control the screen"
	RepAskView        Sentence = "View only"
	RepAskViewHint    Sentence = "Ask the customer to let you see the screen"
	RepTakeControl    Sentence = "Ask for control"
	RepAsking         Sentence = "Waiting for %s's answer"
	RepAskingText     Sentence = "%s sees your question and decides. No answer counts as no."
	RepTakeBack       Sentence = "Take the question back"
	RepAskAgainIn     Sentence = "You can ask again in %s."
	RepNothingShared  Sentence = "Nothing is shared yet"
	RepNothingText    Sentence = "Ask %s to see the screen. The customer decides, and can stop at any time."
	RepGiveBack       Sentence = "Give control back"
	RepGiveBackHint   Sentence = "Go on viewing only"
	RepStopViewing    Sentence = "Stop viewing"
	RepStopHint       Sentence = "Give every permission back"
	RepMonitorsHint   Sentence = "Which of the customer's monitors you see"
	RepAllMonitors    Sentence = "All monitors"
	RepMonitor        Sentence = "Monitor %d"
	RepNudge          Sentence = "Nudge"
	RepNudgeHint      Sentence = "Bring the customer's window to the front, with a sound"
	RepNudgeIn        Sentence = "Nudge (%s)"
	RepDetach         Sentence = "Move this session into a window of its own"
	RepAttach         Sentence = "Put this session back into the console"
	RepFullScreen     Sentence = "Fill the whole screen with the customer's screen"
	RepEnd            Sentence = "End"
	RepEndHint        Sentence = "End this session"
	RepEndAsk         Sentence = "End the session with %s? You can no longer see or reach the computer then."
	RepEndYes         Sentence = "End session"
	RepEndNo          Sentence = "Go on"
	RepClose          Sentence = "Close"
	RepCloseHint      Sentence = "Close this tab"
	RepOverTitle      Sentence = "The session has ended"
	RepNeverBegan     Sentence = "The session did not begin"
	RepOverText       Sentence = "You can still read what was written."
	RepDetachedTitle  Sentence = "This session has a window of its own"
	RepQuitAsk        Sentence = "%d sessions have not ended. Quitting ends them, and takes your open keys back."
	RepQuitAskOne     Sentence = "One session has not ended. Quitting ends it, and takes your open keys back."
	RepQuitYes        Sentence = "End and quit"
	RepQuitNo         Sentence = "Stay"
	RepChat           Sentence = "Chat"
	RepSplitHint      Sentence = "Drag, or use the arrow keys, to share the width between screen and chat"
)

// RepWithKey is a hint and the keys that do the same.
const RepWithKey Sentence = "%s  (%s)"

// Countdown is what is left of a time: minutes and seconds below ten minutes,
// whole minutes above, rounded up.
func (s Speaker) Countdown(left time.Duration) string {
	if left <= 0 {
		return "0:00"
	}
	if left <= 10*time.Minute {
		left = (left + time.Second - 1).Truncate(time.Second)
		return fmt.Sprintf("%d:%02d", int(left/time.Minute), int(left%time.Minute/time.Second))
	}
	return s.Long((left + time.Minute - 1).Truncate(time.Minute))
}

// Seconds is a short time in seconds, rounded up.
func (s Speaker) Seconds(left time.Duration) string {
	return s.Say(InSeconds, max(0, int((left+time.Second-1)/time.Second)))
}

// System names an operating system as people know it.
func (s Speaker) System(system string) string {
	switch system {
	case "linux":
		return "Linux"
	case "windows":
		return "Windows"
	case "darwin":
		return "macOS"
	}
	return ""
}

// Life is how long a key can live, as it is chosen from a list.
func (s Speaker) Life(d time.Duration) string {
	if d >= time.Hour && d%time.Hour == 0 {
		return s.Say("%d h", int(d/time.Hour))
	}
	return s.Say(InMinutes, int(d/time.Minute))
}
