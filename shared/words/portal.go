package words

// What the organisation's web pages say. %s in titles is the organisation.
const (
	PortalTitle     Sentence = "Help from %s"
	PortalNotices   Sentence = "Important message"
	PortalKeyTitle  Sentence = "You have a session key?"
	PortalIntro     Sentence = "Your support rep gives you a session key of two times six digits. Type the first six digits here."
	PortalField     Sentence = "First six digits"
	PortalContinue  Sentence = "Continue"
	PortalHowTitle  Sentence = "What happens then"
	PortalHowOpen   Sentence = "The Handrail program opens on this computer."
	PortalHowThere  Sentence = "You open the Handrail program on the computer that needs help."
	PortalHowSecret Sentence = "You type the other six digits there. They prove that you and your rep have found each other, and nobody else."
	PortalHowWait   Sentence = "You wait there for your rep, and see how long it takes."
	PortalHowAsk    Sentence = "Your rep sees your screen or controls your computer only after you have said yes. You can stop it at any moment."
	PortalWarnTitle Sentence = "Did somebody call you out of the blue?"
	PortalWarn      Sentence = "Then do not go on. Hang up, and call %s yourself, at a number that you know from elsewhere."
	PortalClosed    Sentence = "We are closed"
	PortalLater     Sentence = "later" // where nobody knows when
	PortalOnlyKey   Sentence = "If a support rep has given you a session key, you can use it all the same."
	PortalNoStart   Sentence = "Nobody can be reached through this page at the moment. Please get in touch with %s in another way."
	PortalPhone     Sentence = "Handrail helps with computers that run Windows, macOS or Linux. You can begin here, and go on at the computer that needs help."
)

// What the ways to begin say.
const (
	PortalRepsTitle   Sentence = "Choose your support rep"
	PortalRepsIntro   Sentence = "Choose whom you would like to wait for."
	PortalRepsNone    Sentence = "Nobody can be chosen at the moment."
	PortalIssueTitle  Sentence = "Tell us what it is about"
	PortalIssueIntro  Sentence = "Then the right support rep finds you, and knows what you need."
	PortalChoice      Sentence = "What is it about?"
	PortalPlease      Sentence = "Please choose"
	PortalTopics      Sentence = "Topics"
	PortalReps        Sentence = "A support rep"
	PortalName        Sentence = "Your name"
	PortalCompany     Sentence = "Company"
	PortalCompanyCode Sentence = "Company code"
	PortalDescription Sentence = "What happened?"
	PortalDescribe    Sentence = "Please write no passwords here."
	PortalOptional    Sentence = "(optional)"
	PortalSend        Sentence = "Ask for help"
)

// What is wrong with what was filled in.
const (
	PortalProblems   Sentence = "Please check what you filled in"
	PortalEmpty      Sentence = "Please fill this in."
	PortalChoose     Sentence = "Please choose one."
	PortalTooLong    Sentence = "Here is room for %d characters, and these are %d."
	PortalTooMuch    Sentence = "All together is more than fits. Please say it in fewer words."
	PortalUnreadable Sentence = "There is something here that can't be read. Please type it again."
	PortalRepGone    Sentence = "This support rep has just gone. Please choose again."
	PortalBusy       Sentence = "Very many people ask for help at the moment. Please try again in a minute. Nothing that you filled in is lost."
)

// What the portal says about a number that can't be read.
const (
	PortalNotSix   Sentence = "These are not six digits. Look at the first half of your session key again."
	PortalTooMany  Sentence = "These are more than six digits. Type only the first half of your session key here: the second half belongs in the Handrail program, never into a web page."
	PortalOops     Sentence = "Please check: %s"
	PortalNoNumber Sentence = "Type the first six digits of your session key."
)

// What the page of a session link says. %s is the number in two groups.
const (
	LinkTitle       Sentence = "Session %s"
	LinkHeading     Sentence = "Your session number"
	LinkIntro       Sentence = "Open Handrail to meet your support rep."
	LinkOpen        Sentence = "Open Handrail"
	LinkSecret      Sentence = "Your rep tells you six more digits. Type them into the Handrail window, never into a web page."
	LinkMissing     Sentence = "Nothing happens?"
	LinkMissingWhy  Sentence = "Then the Handrail program is not on this computer yet, or the browser did not let it open."
	LinkMissingAsk  Sentence = "Ask your rep to send you the program from %s."
	LinkMissingType Sentence = "Start Handrail and type %s, then the six digits that your rep tells you."
	LinkAnother     Sentence = "Type another number"
)

// What the page of a code says. %s is the code in three groups.
const (
	PlaceTitle   Sentence = "Code %s"
	PlaceHeading Sentence = "Your code"
	PlaceType    Sentence = "Start Handrail and type %s."
)

// What the page of a visit says. %s is the organisation unless it says otherwise.
const (
	VisitOpenTitle    Sentence = "Open Handrail to go on"
	VisitOpenIntro    Sentence = "Your support rep meets you in the Handrail program. Nobody sees your screen until you say yes there."
	VisitCode         Sentence = "If Handrail asks for your code, type these nine digits:"
	VisitMinutes      Sentence = "They are good for %d more minutes."
	VisitMinute       Sentence = "They are good for one more minute."
	VisitWatch        Sentence = "This page notices by itself when Handrail is open."
	VisitConnected    Sentence = "Connected"
	VisitAskedTitle   Sentence = "Handrail is open"
	VisitAsked        Sentence = "There is a question for you in the Handrail window. Please answer it there."
	VisitWaitTitle    Sentence = "You are waiting for a support rep"
	VisitNext         Sentence = "You are next."
	VisitPosition     Sentence = "You are number %d in the queue."
	VisitEstimate     Sentence = "It takes about %d minutes."
	VisitEstimateOne  Sentence = "It takes about one minute."
	VisitElsewhere    Sentence = "Everything else happens in the Handrail window. You can close this page."
	VisitAwayTitle    Sentence = "Handrail is not connected any more"
	VisitAway         Sentence = "It was closed, or the connection was lost. Your place is kept for a moment. If Handrail does not come back by itself, open it again or start again."
	VisitSessionTitle Sentence = "Your support rep is with you"
	VisitSession      Sentence = "Everything happens in the Handrail window now, and you can stop it there at any moment. You can close this page."
	VisitOverTitle    Sentence = "Your session is over"
	VisitThanks       Sentence = "Thank you for coming to %s."
	VisitNotAgreed    Sentence = "You did not agree to a session, so nothing has happened."
	VisitNeverTitle   Sentence = "No session has begun"
	VisitNever        Sentence = "Handrail was not opened in time, or the two computers did not reach each other. Nothing has happened; you can start again at once."
	VisitNobodyTitle  Sentence = "Nobody is here at the moment"
	VisitLost         Sentence = "The connection was lost. You can start again at once."
	VisitStopped      Sentence = "%s has ended everything that was going on here. You can start again at once."
	VisitNotVerified  Sentence = "It could not be made sure that you reached %s, so the session was ended. If that happens again, call them at a number that you know from elsewhere."
	VisitMore         Sentence = "Go on to %s" // the name of a host
	VisitAgain        Sentence = "Start again"
	VisitPastTitle    Sentence = "This page has had its time"
	VisitPast         Sentence = "The code on it was not used in time, or the session ended a while ago. Start again: it takes a minute."
	VisitUnknown      Sentence = "This page can't be brought up to date right now. It tries again by itself; you need not do anything."
	VisitPhases       Sentence = "How far you are"
	VisitPhaseWait    Sentence = "Wait"
	VisitPhaseHelp    Sentence = "Get help"
)

// How to get the program. %s is a file, or what the sentence itself says.
const (
	ProgramTitle     Sentence = "Handrail is not on this computer yet?"
	ProgramPageTitle Sentence = "Get Handrail"
	ProgramPage      Sentence = "Handrail is a small program. It shows nothing of your computer to anybody until you say yes in its window."
	ProgramGet       Sentence = "Download Handrail for %s" // a system
	ProgramOpen      Sentence = "Open the file %s from your downloads."
	ProgramUnpack    Sentence = "Unpack %s from your downloads, and start Handrail from the folder."
	ProgramAllow     Sentence = "Allow %s to run: in your file manager under Properties, or in a terminal with chmod +x. Then start it."
	ProgramBack      Sentence = "Come back to this page and press “Open Handrail”, or type the nine digits into the program."
	ProgramKey       Sentence = "Then type your session key, or the code that a page of ours shows you."
	ProgramNone      Sentence = "Handrail for %s is not on this site. Please ask %s for it."
)

// What a page says on a device on which Handrail does not run, and about another
// computer than the one that it is read on. %s is the page's own address.
const (
	ElsewhereTitle   Sentence = "Go on at the computer that needs help"
	ElsewherePhone   Sentence = "Handrail cannot help phones and tablets yet. It runs on computers with Windows, macOS or Linux."
	ElsewhereOther   Sentence = "Handrail does not run on this device. It runs on computers with Windows, macOS or Linux."
	ElsewhereHow     Sentence = "Open this page there: type its address, or let the computer's camera read the picture."
	ElsewherePicture Sentence = "A picture for cameras. It says %s"
	ElsewhereCode    Sentence = "If Handrail is on that computer already, type these nine digits into it:"
	AnotherTitle     Sentence = "Does another computer need help?"
	AnotherHow       Sentence = "Open this address there:"
)

// What pages say when they can't be shown, or nothing more.
const (
	PageMissingTitle  Sentence = "There is no such page"
	PageMissing       Sentence = "The address may be mistyped or cut off. A link to a session ends in six or nine digits."
	PageRefusedTitle  Sentence = "This does not work here"
	PageRefused       Sentence = "This page can only be read."
	PageElsewhere     Sentence = "Another web site sent you here with something already filled in. Start from the beginning, so that nobody else decides for you."
	PageCrowdedTitle  Sentence = "That was too much"
	PageCrowded       Sentence = "The page got more than it can take."
	PageUnclearTitle  Sentence = "That could not be read"
	PageUnclear       Sentence = "The page got something that it does not understand. Go back and try it once more."
	PageTooOftenTitle Sentence = "A little slower, please"
	PageTooOften      Sentence = "There were too many requests from your network. Wait a minute, then try again."
	PageBusyTitle     Sentence = "Just a moment"
	PageBrokenTitle   Sentence = "Something went wrong on our side"
	PageBroken        Sentence = "Try it once more. If that does not help, tell the people who run this site."
	PageBackToStart   Sentence = "Go to the start page"
)

// What stands around every page. %s is the organisation.
const (
	PageSkip          Sentence = "Skip to the content"
	PageHome          Sentence = "%s: start page"
	PageLanguage      Sentence = "Language"
	PageFooter        Sentence = "Sealed end to end: this server never sees what you and your rep say or show."
	PageFooterKept    Sentence = "Sealed end to end. %s also keeps here what you and your rep say, and can read it." // the organisation
	PageFooterProduct Sentence = "Handrail remote support"
)
