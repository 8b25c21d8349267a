package console

import (
	"strings"
	"time"

	"handrail/shared/transcript"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// TranscriptSuffix is how the files end that reports hand out.
const TranscriptSuffix = ".handrail-transcript"

// Transcript is a session's transcript that the rep reads (T01).
type Transcript struct {
	Name    string // of the file
	Reading bool   // it is being opened
	path    string
	Unread  Unread // why it, or some of it, can't be read
	transcript.File
	Signed []string // by whom what is in it is signed, as the organisation certified them
	Open   bool     // some of it was not sealed, so nobody has signed it
	Find   string
	Lines  []TranscriptLine // those that have Find in them
	All    int              // how many there are
}

// TranscriptLine is a line as it is read: who said it, if anybody did, and what.
type TranscriptLine struct {
	transcript.Line
	Who, Text string
}

// Mine says whether the rep wrote the line in the chat.
func (l TranscriptLine) Mine() bool {
	return l.Sort == transcript.Happened && l.Entry.Happened == wire.HappenedSaid && l.Entry.By == wire.RoleRep
}

// Unread is why a transcript can't be read.
type Unread int

const (
	ReadWell     Unread = iota
	Unreadable          // the file
	NoTranscript        // it is something else, or not whole
	NoGrant             // this console was not let in
	NoSigner            // this console doesn't know whose signatures count
	SomeBroken          // some parts, as their lines say
)

// What the rep does with transcripts.
type (
	OpenTranscript struct{ Path string }
	ShutTranscript struct{}
	FindLines      struct{ Text string }
	CopyTranscript struct{} // the lines that are shown
	Dropped        struct { // files fell on a window: to be sent, or to be read
		ID    wire.SessionID
		Paths []string
	}
)

// TranscriptRead answers the ReadTranscript with this path.
type TranscriptRead struct {
	Path   string
	Name   string
	Unread Unread
	File   transcript.File
	Lines  []transcript.Line
	Signed []string
}

// ReadTranscript has a file read and what is sealed in it opened with what this
// console was granted.
type ReadTranscript struct{ Path string }

func (OpenTranscript) event()  {}
func (ShutTranscript) event()  {}
func (FindLines) event()       {}
func (CopyTranscript) event()  {}
func (Dropped) event()         {}
func (TranscriptRead) event()  {}
func (ReadTranscript) effect() {}

// transcripts takes what concerns the transcript that is read: one at a time.
func (m *Model) transcripts(now time.Time, e Event) {
	switch e := e.(type) {
	case Dropped:
		if len(e.Paths) == 1 && strings.HasSuffix(strings.ToLower(e.Paths[0]), TranscriptSuffix) {
			m.openTranscript(e.Paths[0])
			return
		}
		m.offer(now, Files(e))
	case OpenTranscript:
		m.openTranscript(e.Path)
	case TranscriptRead:
		if t := m.s.Transcript; t != nil && t.Reading && t.path == e.Path { // not one that was shut
			m.transcriptRead(e)
		}
	case ShutTranscript:
		m.s.Transcript, m.told = nil, nil
	case FindLines:
		if t := m.s.Transcript; t != nil && t.Find != e.Text {
			found := *t
			found.Find, found.Lines = e.Text, matching(m.told, e.Text)
			m.s.Transcript = &found
		}
	case CopyTranscript:
		m.copyTranscript(now)
	}
}

func (m *Model) openTranscript(path string) {
	if path == "" || m.s.Transcript != nil && m.s.Transcript.Reading {
		return
	}
	m.s.Transcript, m.told = &Transcript{Reading: true, path: path}, nil
	m.do(ReadTranscript{Path: path})
}

// transcriptRead puts what was read into words, once.
func (m *Model) transcriptRead(e TranscriptRead) {
	m.told = nil
	for _, l := range e.Lines {
		who, text := m.cfg.Words.Transcript(l)
		m.told = append(m.told, TranscriptLine{l, who, text})
	}
	t := &Transcript{
		Name: e.Name, Unread: e.Unread, File: e.File, Signed: e.Signed, Lines: matching(m.told, ""), All: len(m.told),
	}
	for _, p := range e.File.Parts {
		t.Open = t.Open || len(p.Sealed) == 0
	}
	t.Parts = nil // what is in them stands in the lines
	m.s.Transcript = t
}

// matching are the lines that have a text in them, whatever the case.
func matching(all []TranscriptLine, text string) []TranscriptLine {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return all
	}
	var some []TranscriptLine
	for _, l := range all {
		if strings.Contains(strings.ToLower(l.Who+": "+l.Text), text) {
			some = append(some, l)
		}
	}
	return some
}

// copyTranscript copies the lines that are shown, with head and times.
func (m *Model) copyTranscript(now time.Time) {
	t := m.s.Transcript
	if t == nil || len(t.Lines) == 0 {
		return
	}
	var b strings.Builder
	b.WriteString(m.cfg.Words.TranscriptHead(t.File, now.Location()))
	b.WriteString("\n\n")
	for _, l := range t.Lines {
		b.WriteString(m.cfg.Words.TranscriptText(l.Line, now.Location()))
		b.WriteByte('\n')
	}
	m.do(Copy{Text: b.String()})
	m.note(now, words.TranscriptCopied)
}
