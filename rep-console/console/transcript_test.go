package console

import (
	"strings"
	"testing"
	"time"

	"handrail/shared/transcript"
	"handrail/shared/wire"
)

const session1 = "/home/robin/session-1" + TranscriptSuffix

// read is a transcript that was read.
func read(d *desk) TranscriptRead {
	at := d.now.Add(-time.Hour).UnixMilli()
	line := func(n int, e wire.Entry) transcript.Line {
		e.At = at + int64(n)*1000
		return transcript.Line{At: e.At, Rep: "Robin Rep", Customer: "Maria", Entry: e}
	}
	return TranscriptRead{
		Path: session1, Name: "session-1" + TranscriptSuffix, Signed: []string{"Robin Rep"},
		File: transcript.File{Customer: "Maria", Began: at, Parts: []transcript.Part{{Sealed: []byte("x")}}},
		Lines: []transcript.Line{
			line(1, wire.Entry{Happened: wire.HappenedSaid, By: wire.RoleCustomer, Text: "The PRINTER is offline"}),
			line(2, wire.Entry{Happened: wire.HappenedSaid, By: wire.RoleRep, Text: "Which one?"}),
			line(3, wire.Entry{Happened: wire.HappenedAsked, What: wire.View}),
			{At: at + 4000, Sort: transcript.Missing, First: 2, Last: 3, Rep: "Robin Rep"},
		},
	}
}

func TestT01ATranscriptIsReadSearchedAndCopied(t *testing.T) {
	d := signedIn(t)
	d.step(OpenTranscript{session1}, OpenTranscript{"/other"})
	equal(d, "read", did[ReadTranscript](d), []ReadTranscript{{session1}})
	equal(d, "meanwhile", d.m.State().Transcript.Reading, true)
	d.step(read(d))
	s := d.m.State().Transcript
	if s.Reading || s.Open || s.All != 4 || len(s.Lines) != 4 || s.Lines[0].Who != "Maria" || s.Lines[0].Mine() || !s.Lines[1].Mine() || s.Lines[2].Who != "" {
		t.Fatalf("%+v", s)
	}
	d.step(FindLines{" printer "})
	if found := d.m.State().Transcript; len(found.Lines) != 1 || found.All != 4 || len(s.Lines) != 4 {
		t.Errorf("found %+v", found.Lines)
	}
	d.step(FindLines{"robin rep: which"})
	equal(d, "by who said it", len(d.m.State().Transcript.Lines), 1)
	d.step(CopyTranscript{})
	text := did[Copy](d)[0].Text
	if !strings.Contains(text, "Which one?") || strings.Contains(text, "PRINTER") || !strings.Contains(text, "Maria") {
		t.Errorf("copied %q", text)
	}
	d.effects()
	d.step(FindLines{"nothing has this"}, CopyTranscript{})
	equal(d, "copied", len(did[Copy](d)), 0)
	d.step(ShutTranscript{})
	equal(d, "shut", d.m.State().Transcript == nil, true)
	d.step(read(d), FindLines{"x"}, CopyTranscript{})
	equal(d, "what comes after that", d.m.State().Transcript == nil, true)
}

// TestT01ATranscriptThatWasShutIsNotTakenForTheNext: reading a large file goes
// on after nobody wants it any more.
func TestT01ATranscriptThatWasShutIsNotTakenForTheNext(t *testing.T) {
	d := signedIn(t)
	d.step(OpenTranscript{session1}, ShutTranscript{}, OpenTranscript{"/other"})
	d.step(read(d))
	equal(d, "still reading", d.m.State().Transcript.Reading, true)
	d.step(TranscriptRead{Path: "/other", Name: "other"})
	equal(d, "read", d.m.State().Transcript.Name, "other")
}

func TestT01ATranscriptThatIsDroppedIsReadAndNotSent(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.effects()
	for _, row := range []struct {
		paths []string
		reads bool
	}{
		{[]string{"/a/session.handrail-transcript"}, true},
		{[]string{"/a/Session.Handrail-Transcript"}, true},
		{[]string{"/a/plan.pdf"}, false},
		{[]string{"/a/one.handrail-transcript", "/a/two.handrail-transcript"}, false},
	} {
		d.step(Dropped{id, row.paths})
		equal(d, row.paths[0]+" is read", len(did[ReadTranscript](d)) == 1, row.reads)
		equal(d, row.paths[0]+" is sent", len(did[Offer](d)) == 1, !row.reads)
		d.effects()
		d.step(ShutTranscript{})
	}
}

func TestT01WhatIsNotSignedIsToldApart(t *testing.T) {
	d := signedIn(t)
	r := read(d)
	r.File.Parts = append(r.File.Parts, transcript.Part{Entries: []wire.Entry{{}}})
	r.Unread = SomeBroken
	d.step(OpenTranscript{session1}, r)
	if s := d.m.State().Transcript; !s.Open || s.Unread != SomeBroken || len(s.Signed) != 1 {
		t.Errorf("%+v", s)
	}
}
