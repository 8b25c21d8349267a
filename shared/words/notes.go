package words

import "handrail/shared/wire"

// A rep's notes about a session (row K07).
const (
	NotesButton  Sentence = "Notes"
	NotesHint    Sentence = "Notes about this session, and what became of it"
	NotesText    Sentence = "What did you find, and what did you do? Your colleagues and reports see this, the customer does not."
	NotesOutcome Sentence = "How did it go?"
	NotesKept    Sentence = "Kept"
	NotesUnkept  Sentence = "Not kept yet"
	NotesRefused Sentence = "The support server does not take this note any more. Copy it if you need it."
	NotesLate    Sentence = "Too late to change this note."

	CloseUnkeptAsk Sentence = "Your note is not kept yet: the support server has not confirmed it. If you close the tab you cannot change it any more."
	CloseUnkeptYes Sentence = "Close all the same"
	CloseUnkeptNo  Sentence = "Stay"
	QuitUnkeptAsk  Sentence = "%d of your notes are not kept yet: the support server has not confirmed them. Quitting may lose them."
	QuitUnkeptOne  Sentence = "One of your notes is not kept yet: the support server has not confirmed it. Quitting may lose it."

	outcomeSolved   Sentence = "Solved"
	outcomeUnsolved Sentence = "Not solved"
	outcomeFollowUp Sentence = "More to do"
)

// Why nothing of what is said is kept, although the organisation wants it
// sealed.
const (
	NotKeptNoKey     Sentence = "Your organisation wants what is said here to be kept sealed, but this console does not know its key, so nothing is kept. An administrator can give you a site file with the organisation's key."
	NotKeptWrongKey  Sentence = "Your organisation wants what is said here to be kept sealed, but the server's record key is not your organisation's, so nothing is kept. Tell an administrator: the file that broker certify makes has to be loaded again."
	NotKeptUncertain Sentence = "Your organisation wants what is said here to be kept sealed, but this console has no certificate that is good now, so nothing is kept. Ask an administrator for one."
)

// Outcome is what a rep says became of a session; "" where nothing was said.
func (s Speaker) Outcome(o wire.Outcome) string {
	switch o {
	case wire.OutcomeSolved:
		return s.Say(outcomeSolved)
	case wire.OutcomeUnsolved:
		return s.Say(outcomeUnsolved)
	case wire.OutcomeFollowUp:
		return s.Say(outcomeFollowUp)
	}
	return ""
}

// Reading a sealed transcript in the console (row T01).
const (
	TranscriptMenu     Sentence = "Open a sealed transcript…"
	TranscriptMenuHint Sentence = "Read what was said in a session, from a file that a report gave you"
	TranscriptChoose   Sentence = "Which transcript do you want to read?"
	TranscriptOpen     Sentence = "Open"
	TranscriptWindow   Sentence = "Transcript: %s"
	TranscriptTitle    Sentence = "Session with %s"
	TranscriptFind     Sentence = "Search in the transcript"
	TranscriptFound    Sentence = "%d of %d lines"
	TranscriptLines    Sentence = "%d lines"
	TranscriptLine     Sentence = "1 line"
	TranscriptMore     Sentence = "Show more (%d)"
	TranscriptNotFound Sentence = "No line has this in it."
	TranscriptNoLines  Sentence = "Nothing happened in this session that was kept."
	TranscriptCopy     Sentence = "Copy"
	TranscriptCopyHint Sentence = "Copy all the lines that are shown"
	TranscriptCopied   Sentence = "Copied"
	TranscriptSigned   Sentence = "Recorded and signed by the console of %s."
	TranscriptUnsigned Sentence = "This was not sealed: nobody has signed it, and it is as the support server tells it."
	TranscriptPartly   Sentence = "Recorded and signed by the console of %s. Parts of it were not sealed: those are as the support server tells them."
	TranscriptReading  Sentence = "Opening the transcript…"

	TranscriptUnreadable  Sentence = "This file cannot be read."
	TranscriptUnreadableX Sentence = "Look whether it is still there, and whether you may open it."
	TranscriptNone        Sentence = "This is not a transcript."
	TranscriptNoneX       Sentence = "Choose a file that ends in .handrail-transcript, as a report's page gives it to you, and that was loaded whole."
	TranscriptNoGrant     Sentence = "This console has not been let in to sealed transcripts."
	TranscriptNoGrantX    Sentence = "Whoever has the organisation's key can let it in: ask an administrator. Sign in before you open a transcript."
	TranscriptNoKey       Sentence = "This console does not know your organisation's key, so it cannot tell who has signed a transcript."
	TranscriptNoKeyX      Sentence = "An administrator can give you a site file with the organisation's key."
	TranscriptBroken      Sentence = "Some parts cannot be opened."
	TranscriptBrokenX     Sentence = "They are damaged, or were sealed for others, or not by a console of your organisation. The lines say where they were."
)

// Invitations of several portals (row P04).
const (
	InvitePortal   Sentence = "Portal"
	InviteLanguage Sentence = "Language of the mail"
)

// InviteExplained is for invitations in a portal's own words.
const InviteExplained Sentence = "The mail is in your organisation's own words. It never holds the secret: tell that by voice."
