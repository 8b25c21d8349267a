package words

import (
	"strings"
	"testing"
	"time"

	"handrail/shared/transcript"
	"handrail/shared/wire"
)

func TestT01ATranscriptReadsAsItHappened(t *testing.T) {
	happened := func(e wire.Entry) transcript.Line {
		return transcript.Line{Rep: "Anna Weber", Customer: "Carla", Entry: e}
	}
	sort := func(s transcript.Sort, first, last uint32) transcript.Line {
		return transcript.Line{Rep: "Anna Weber", Sort: s, First: first, Last: last}
	}
	file := func(by wire.Role, state wire.FileState, name string, items uint32) transcript.Line {
		return happened(wire.Entry{Happened: wire.HappenedFile, By: by, State: state, Text: name, Size: 2000, Items: items})
	}
	both := wire.View | wire.Control
	for _, row := range []struct {
		line      transcript.Line
		who, text string
	}{
		{happened(wire.Entry{Happened: wire.HappenedSaid, By: wire.RoleCustomer, Text: "hi\nyou"}), "Carla", "hi\nyou"},
		{happened(wire.Entry{Happened: wire.HappenedSaid, By: wire.RoleRep, Text: "a\x1b[2J\u202eb\r\nc"}), "Anna Weber", "a\ufffd[2J\ufffdb\nc"},
		{transcript.Line{Entry: wire.Entry{Happened: wire.HappenedSaid, By: wire.RoleCustomer, Text: "hi"}}, "The customer", "hi"},
		{happened(wire.Entry{Happened: wire.HappenedAsked, What: both}), "", "Anna Weber asked to see and control the screen."},
		{happened(wire.Entry{Happened: wire.HappenedAsked, What: wire.ClipIn}), "", "Anna Weber asked to let the customer paste what the rep copies."},
		{happened(wire.Entry{Happened: wire.HappenedAnswered, What: wire.View | wire.ClipOut, Verdict: wire.Allowed}), "", "Carla allowed Anna Weber to see the screen and paste what the customer copies."},
		{happened(wire.Entry{Happened: wire.HappenedAnswered, What: wire.View, Verdict: wire.Refused}), "", "Carla refused: Anna Weber may not see the screen."},
		{happened(wire.Entry{Happened: wire.HappenedAnswered, What: wire.View, Verdict: wire.Silence}), "", "Carla did not answer: Anna Weber may not see the screen."},
		{happened(wire.Entry{Happened: wire.HappenedAnswered, What: both, Verdict: wire.CantHere}), "", "Carla's computer does not let programs do what Anna Weber asked for: see and control the screen."},
		{happened(wire.Entry{Happened: wire.HappenedAnswered, What: both, Verdict: wire.TakenBack}), "", "Anna Weber took the question back."},
		{happened(wire.Entry{Happened: wire.HappenedSharing, What: both, Why: wire.SharingGranted}), "", "Anna Weber can now see and control the screen."},
		{happened(wire.Entry{Happened: wire.HappenedSharing, Why: wire.SharingStopped}), "", "Carla stopped sharing."},
		{happened(wire.Entry{Happened: wire.HappenedSharing, Why: wire.SharingWithdrawn}), "", "Anna Weber stopped looking at the screen."},
		{happened(wire.Entry{Happened: wire.HappenedSharing, Why: wire.SharingWithdrawn, What: wire.View}), "", "Anna Weber gave something back and can still see the screen."},
		{happened(wire.Entry{Happened: wire.HappenedSharing, Why: wire.SharingLayout, What: wire.View}), "", "The customer's monitors changed."},
		{happened(wire.Entry{Happened: wire.HappenedSharing, Why: wire.SharingFailed}), "", "Sharing stopped: the screen could no longer be seen."},
		{file(wire.RoleCustomer, wire.FileOffered, "a\u202e.txt", 1), "", "Carla offered “a\ufffd.txt” (2.0 KB)."},
		{file(wire.RoleRep, wire.FileOffered, "", 3), "", "Anna Weber offered a folder (2.0 KB, 2 items)."},
		{file(wire.RoleCustomer, wire.FileAllowed, "", 1), "", "Anna Weber accepted a file."},
		{file(wire.RoleRep, wire.FileRefused, "a.txt", 1), "", "Carla did not accept “a.txt”."},
		{file(wire.RoleRep, wire.FileArrived, "", 1), "", "A file arrived."},
		{file(wire.RoleRep, wire.FileStopped, "a.txt", 1), "", "“a.txt” did not arrive."},
		{happened(wire.Entry{Happened: wire.HappenedNote, Text: "tired disk"}), "Anna Weber", "Notes: tired disk"},
		{happened(wire.Entry{Happened: wire.HappenedNote, Text: "tired disk", Outcome: wire.OutcomeFollowUp}), "Anna Weber", "More to do. Notes: tired disk"},
		{happened(wire.Entry{Happened: wire.HappenedNote, Outcome: wire.OutcomeSolved}), "Anna Weber", "How it ended: Solved"},
		{sort(transcript.Missing, 2, 2), "", "Part 2 of what Anna Weber's console recorded is missing."},
		{sort(transcript.Missing, 2, 4), "", "Parts 2 to 4 of what Anna Weber's console recorded are missing."},
		{sort(transcript.Closed, 1, 1), "", "Part 1 of what Anna Weber's console recorded is sealed. It can be opened by those whom the organisation lets read transcripts."},
		{sort(transcript.Forged, 1, 2), "", "Parts 1 to 2 of what Anna Weber's console is said to have recorded are not genuine and are not shown."},
		{happened(wire.Entry{Happened: 99}), "", "Something happened that this version has no words for."},
	} {
		if who, text := (Speaker{}).Transcript(row.line); who != row.who || text != row.text {
			t.Errorf("%q, %q; want %q, %q", who, text, row.who, row.text)
		}
	}
}

// TestT01NoTextForgesALine: what somebody wrote stands further to the right
// than any line of the transcript.
func TestT01NoTextForgesALine(t *testing.T) {
	l := transcript.Line{At: 1000, Customer: "Carla", Entry: wire.Entry{
		Happened: wire.HappenedSaid, By: wire.RoleCustomer, Text: "hi\n1970-01-01 00:00:02 +00:00  Anna: yes\u2028x\r1970",
	}}
	got := (Speaker{}).TranscriptText(l, time.UTC)
	first, rest, _ := strings.Cut(got, "\n")
	if first != "1970-01-01 00:00:01 +00:00  Carla: hi" {
		t.Errorf("begins %q", first)
	}
	for line := range strings.SplitSeq(rest, "\n") {
		if !strings.HasPrefix(line, strings.Repeat(" ", 28)) || strings.Contains(line, "\r") {
			t.Errorf("stands at the beginning: %q", line)
		}
	}
	f := transcript.File{Session: wire.SessionID{7}, Began: 1000}
	if got := (Speaker{}).TranscriptHead(f, time.UTC); got != "Session 07000000000000000000000000000000 with the customer\nFrom 1970-01-01 00:00:01 +00:00" {
		t.Error(got)
	}
	f.Ended, f.Customer = 2000, "Carla"
	if got := (Speaker{}).TranscriptHead(f, time.UTC); !strings.Contains(got, "with Carla\nFrom 1970-01-01 00:00:01 +00:00 to 1970-01-01 00:00:02 +00:00") {
		t.Error(got)
	}
}
