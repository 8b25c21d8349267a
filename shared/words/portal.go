package words

// What the organisation's web pages say. %s in titles is the organisation.
const (
	PortalTitle     Sentence = "Help from %s"
	PortalWelcome   Sentence = "Get help from %s"
	PortalIntro     Sentence = "Your support rep gives you a session key of two times six digits. Type the first six digits here."
	PortalField     Sentence = "First six digits"
	PortalContinue  Sentence = "Continue"
	PortalHowTitle  Sentence = "What happens then"
	PortalHowOpen   Sentence = "The Handrail program opens on this computer."
	PortalHowSecret Sentence = "You type the other six digits there. They prove that you and your rep have found each other, and nobody else."
	PortalHowAsk    Sentence = "Your rep sees your screen or controls your computer only after you have said yes. You can stop it at any moment."
	PortalWarnTitle Sentence = "Did somebody call you out of the blue?"
	PortalWarn      Sentence = "Then do not go on. Hang up, and call %s yourself, at a number that you know from elsewhere."
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
	LinkMissingType Sentence = "Start it and type %s, then the six digits that your rep tells you."
	LinkAnother     Sentence = "Type another number"
)

// What pages say when they can't be shown, or nothing more.
const (
	PageMissingTitle  Sentence = "There is no such page"
	PageMissing       Sentence = "The address may be mistyped or cut off. A session link ends in six digits."
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
	PageFooterProduct Sentence = "Handrail remote support"
)
