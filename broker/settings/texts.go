package settings

// TextName names a text that a portal may have in its own words (W08). The
// names are kept and exported: never change one.
//
// Macros: {portal} everywhere; {name} of the customer and {queue} once they are
// known; {position} and {wait} in greeting and hold; {rep} in lost, moved and
// invitations; {opens} in closed; {key}, {link} and {minutes} in invitations.
type TextName string

// The texts.
const (
	Welcome        TextName = "welcome"         // heading of the portal
	Intro          TextName = "intro"           // below it
	AgreementTitle TextName = "agreement-title" // W01
	AgreementText  TextName = "agreement"
	RecordingText  TextName = "recording" // W02
	Greeting       TextName = "greeting"  // W03
	Hold           TextName = "hold"      // W04
	NobodyHere     TextName = "nobody"    // W05
	Closed         TextName = "closed"    // P08
	RepLost        TextName = "lost"      // W07
	RepMoved       TextName = "moved"
	SurveyIntro    TextName = "survey-intro" // E02
	SurveyThanks   TextName = "survey-thanks"
	InviteSubject  TextName = "invite-subject" // P04
	InviteText     TextName = "invite"
)
