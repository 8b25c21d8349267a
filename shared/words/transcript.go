package words

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"handrail/shared/session"
	"handrail/shared/transcript"
	"handrail/shared/wire"
)

// What a transcript says of a session, to people who were not there. Reports,
// the console and broker open-transcript say it in the same words.
const (
	readAsked      Sentence = "%s asked to %s."
	readAllowed    Sentence = "%s allowed %s to %s."
	readRefused    Sentence = "%s refused: %s may not %s."
	readSilent     Sentence = "%s did not answer: %s may not %s."
	readCannotHere Sentence = "%s's computer does not let programs do what %s asked for: %s."
	readTakenBack  Sentence = "%s took the question back."
	readShared     Sentence = "%s can now %s."
	readStopped    Sentence = "%s stopped sharing."
	readGaveBack   Sentence = "%s stopped looking at the screen."
	readGaveSome   Sentence = "%s gave something back and can still %s."
	readLayout     Sentence = "The customer's monitors changed."
	readFailed     Sentence = "Sharing stopped: the screen could no longer be seen."

	readClipIn   Sentence = "let the customer paste what the rep copies"
	readFile     Sentence = "a file"
	readFolder   Sentence = "a folder"
	readNamed    Sentence = "“%s”"
	readSized    Sentence = "%s (%s)"
	readOffered  Sentence = "%s offered %s."
	readTaken    Sentence = "%s accepted %s."
	readNotTaken Sentence = "%s did not accept %s."
	readArrived  Sentence = "%s arrived."
	readHalted   Sentence = "%s did not arrive."

	readNotes   Sentence = "Notes: %s"
	readOutcome Sentence = "%s. Notes: %s"
	readResult  Sentence = "How it ended: %s"

	readMissing    Sentence = "Parts %d to %d of what %s's console recorded are missing."
	readMissingOne Sentence = "Part %d of what %s's console recorded is missing."
	readClosed     Sentence = "Parts %d to %d of what %s's console recorded are sealed. They can be opened by those whom the organisation lets read transcripts."
	readClosedOne  Sentence = "Part %d of what %s's console recorded is sealed. It can be opened by those whom the organisation lets read transcripts."
	readForged     Sentence = "Parts %d to %d of what %s's console is said to have recorded are not genuine and are not shown."
	readForgedOne  Sentence = "Part %d of what %s's console is said to have recorded is not genuine and is not shown."
	readUnknown    Sentence = "Something happened that this version has no words for."
)

// Transcript says a line of a transcript: who said it, empty where nobody did,
// and what. A text of several lines stays one; whoever shows it keeps it from
// looking like more than one line of the transcript.
func (s Speaker) Transcript(l transcript.Line) (who, text string) {
	rep, customer := s.named(l.Rep, SomebodyRep), s.named(l.Customer, SomebodyCustomer)
	if l.Sort != transcript.Happened {
		return "", s.notRead(l, rep)
	}
	e := l.Entry
	by, other := rep, customer
	if e.By == wire.RoleCustomer {
		by, other = customer, rep
	}
	switch e.Happened {
	case wire.HappenedSaid:
		return begun(by), ShownText(e.Text)
	case wire.HappenedNote:
		return begun(rep), s.notes(e)
	case wire.HappenedAsked:
		text = s.Say(readAsked, rep, s.may(e.What))
	case wire.HappenedAnswered:
		text = s.answered(e, rep, customer)
	case wire.HappenedSharing:
		text = s.shared(e, rep, customer)
	case wire.HappenedFile:
		text = s.crossed(e, by, other)
	default:
		text = s.Say(readUnknown)
	}
	return "", begun(text)
}

// named is a name as sentences show it, or what somebody without one is called.
func (s Speaker) named(name string, nobody Sentence) string {
	if name == "" {
		return s.Say(nobody)
	}
	return ShownName(name, longestName)
}

// begun is a text as it stands at the beginning of a sentence.
func begun(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// may is what a rep may do, to stand after "to", for people who were not there.
func (s Speaker) may(p wire.Permission) string {
	screen := p &^ session.Clipboard
	clip := ""
	switch p & session.Clipboard {
	case session.Clipboard:
		clip = s.Say(namedClipBoth)
	case wire.ClipOut:
		clip = s.Say(namedClipOut)
	case wire.ClipIn:
		clip = s.Say(readClipIn)
	}
	switch {
	case clip == "":
		return s.Permission(screen, wire.RoleRep)
	case screen == 0:
		return clip
	}
	return s.Say(namedAnd, s.Permission(screen, wire.RoleRep), clip)
}

func (s Speaker) answered(e wire.Entry, rep, customer string) string {
	switch e.Verdict {
	case wire.Allowed:
		return s.Say(readAllowed, customer, rep, s.may(e.What))
	case wire.Silence:
		return s.Say(readSilent, customer, rep, s.may(e.What))
	case wire.CantHere:
		return s.Say(readCannotHere, customer, rep, s.may(e.What))
	case wire.Replaced, wire.TakenBack:
		return s.Say(readTakenBack, rep)
	}
	return s.Say(readRefused, customer, rep, s.may(e.What))
}

func (s Speaker) shared(e wire.Entry, rep, customer string) string {
	switch {
	case e.Why == wire.SharingFailed && e.What == 0:
		return s.Say(readFailed)
	case e.Why == wire.SharingLayout:
		return s.Say(readLayout)
	case e.Why == wire.SharingWithdrawn && e.What == 0:
		return s.Say(readGaveBack, rep)
	case e.Why == wire.SharingWithdrawn:
		return s.Say(readGaveSome, rep, s.may(e.What))
	case e.What == 0:
		return s.Say(readStopped, customer)
	}
	return s.Say(readShared, rep, s.may(e.What))
}

// crossed says what became of a file: what it is called is known only where
// that is kept.
func (s Speaker) crossed(e wire.Entry, by, other string) string {
	folder := e.Items > 1
	what := s.Say(readFile)
	switch {
	case e.Text != "":
		what = s.Say(readNamed, ShownName(e.Text, longestFile))
	case folder:
		what = s.Say(readFolder)
	}
	switch e.State {
	case wire.FileAllowed:
		return s.Say(readTaken, other, what)
	case wire.FileRefused:
		return s.Say(readNotTaken, other, what)
	case wire.FileArrived:
		return s.Say(readArrived, what)
	case wire.FileStopped:
		return s.Say(readHalted, what)
	}
	size := s.FileSize(session.Transfer{Size: e.Size, Items: e.Items, Folder: folder})
	return s.Say(readOffered, by, s.Say(readSized, what, size))
}

func (s Speaker) notes(e wire.Entry) string {
	outcome := s.Outcome(e.Outcome)
	switch {
	case outcome == "":
		return s.Say(readNotes, ShownText(e.Text))
	case e.Text == "":
		return s.Say(readResult, outcome)
	}
	return s.Say(readOutcome, outcome, ShownText(e.Text))
}

// notRead says why parts are not shown.
func (s Speaker) notRead(l transcript.Line, rep string) string {
	one, several := readMissingOne, readMissing
	switch l.Sort {
	case transcript.Closed:
		one, several = readClosedOne, readClosed
	case transcript.Forged:
		one, several = readForgedOne, readForged
	}
	if l.First == l.Last {
		return s.Say(one, l.First, rep)
	}
	return s.Say(several, l.First, l.Last, rep)
}

// ShownText is somebody's text of several lines as it may be shown anywhere, on
// a terminal, too: what would move the cursor, or turn the direction of what
// stands around it, becomes a visible sign.
func ShownText(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r) && r != '\u200e' && r != '\u200f' && r != '\u061c':
			return '\ufffd'
		}
		return r
	}, text)
}

// What broker open-transcript says.
const (
	TranscriptNeedsKey  Sentence = "Say where the organisation's key is: --key FILE"
	TranscriptNeedsFile Sentence = "Say which transcript is to be opened, as the page of a session's report gives it: open-transcript --key FILE TRANSCRIPT"
	TranscriptNotRead   Sentence = "%s is no transcript, or not all of it. Take the file as the page of the session's report gives it."
	TranscriptNoFile    Sentence = "%s cannot be read. Look whether it is there and may be read."
	TranscriptOthers    Sentence = "What is sealed in this transcript was not sealed for this organisation's key. Take the key that the organisation had at the time of the session."
	TranscriptForged    Sentence = "Some of this transcript was not recorded by a console that this organisation's key has certified. It is not shown. Keep the file, and ask who had it."

	transcriptTitle  Sentence = "Session %s with %s"
	transcriptFrom   Sentence = "From %s"
	transcriptFromTo Sentence = "From %s to %s"
	transcriptSaid   Sentence = "%s  %s: %s"
	transcriptHappen Sentence = "%s  %s"
)

// TranscriptHead is the beginning of a transcript as text.
func (s Speaker) TranscriptHead(f transcript.File, zone *time.Location) string {
	head := s.Say(transcriptTitle, f.Session.String(), s.named(f.Customer, SomebodyCustomer)) + "\n"
	began := s.Moment(f.Began, zone)
	if f.Ended == 0 {
		return head + s.Say(transcriptFrom, began)
	}
	return head + s.Say(transcriptFromTo, began, s.Moment(f.Ended, zone))
}

// TranscriptText is a line of a transcript as text. Where somebody wrote several
// lines, the others are set in: none of them can be taken for a line of the
// transcript.
func (s Speaker) TranscriptText(l transcript.Line, zone *time.Location) string {
	who, text := s.Transcript(l)
	at := s.Moment(l.At, zone)
	text = strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", len(at)+2))
	if who == "" {
		return s.Say(transcriptHappen, at, text)
	}
	return s.Say(transcriptSaid, at, who, text)
}

// Moment is a time to the second with its zone, for files that are read
// elsewhere.
func (s Speaker) Moment(ms int64, zone *time.Location) string {
	return time.UnixMilli(ms).In(zone).Format("2006-01-02 15:04:05 -07:00")
}
