package consoleview

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/transcript"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// noted gives a session notes.
func noted(text string, outcome wire.Outcome, stage console.NoteStage) func(*console.Session) {
	return func(x *console.Session) {
		x.Notes = console.Notes{Text: text, Outcome: outcome, Stage: stage}
	}
}

func ended(x *console.Session) {
	x.State.Why = wire.EndByCustomer
	x.State.Lines = append(x.State.Lines, session.Line{At: noon(), Kind: session.LineEnded, Why: wire.EndByCustomer})
}

func troubled(t console.Trouble) func(*console.Session) {
	return func(x *console.Session) { x.Trouble = t }
}

const longNote = "The driver was two years old, so the queue stopped after each page.\nRenewed it and printed a test page.\nMaria calls again if it stops."

func noteScenes() []scene {
	closing := func(s *console.State) { s.Question = console.Question{Ask: console.CloseUnkept, ID: id(1)} }
	return []scene{
		{"notes-empty", with(at(), visit(1, "Maria Huber", session.Talking, talk()))},
		{"notes-writing", with(at(), visit(1, "Maria Huber", session.Talking, talk(), granted(wire.View|wire.Control), noted(longNote, wire.OutcomeNone, console.NoteWriting)))},
		{"notes-kept", with(at(), visit(1, "Maria Huber", session.Over, talk(), ended, noted(longNote, wire.OutcomeSolved, console.NoteKept)))},
		{"notes-refused", with(at(), visit(1, "Maria Huber", session.Over, talk(), ended, noted(longNote, wire.OutcomeFollowUp, console.NoteRefused)), closing)},
		{"notes-late", with(at(), visit(1, "Maria Huber", session.Over, talk(), func(x *console.Session) {
			x.State.Lines = append(x.State.Lines, session.Line{At: noon().Add(-console.NoteLife), Kind: session.LineEnded, Why: wire.EndByRep})
		}))},
		{"not-kept-no-key", with(at(), visit(1, "Maria Huber", session.Talking, talk(), troubled(console.NoOrganisation)))},
		{"not-kept-wrong-key", with(at(), visit(1, "Maria Huber", session.Over, talk(), ended, troubled(console.WrongKey)))},
		{"not-kept-uncertified", with(at(), visit(1, "Maria Huber", session.Talking, talk(), troubled(console.NotCertified)))},
		{"notes-quit", with(at(), visit(1, "Maria Huber", session.Over, talk(), ended, noted("x", 0, console.NoteSaid)), func(s *console.State) {
			s.Question = console.Question{Ask: console.QuitUnkept, Count: 1}
		})},
	}
}

// noting shows a scene with the notes pulled out.
func noting(t *testing.T, s console.State, size fyne.Size) *bench {
	t.Helper()
	b := newBench(t)
	b.w.Resize(size)
	b.v.Show(s)
	if p := b.v.inFront(); p != nil && !p.notes.object.Visible() {
		p.note()
	}
	b.did = nil
	b.w.Canvas().Unfocus()
	return b
}

func TestK07T01TheWindowOfEachState(t *testing.T) {
	for _, s := range noteScenes() {
		t.Run(s.name, func(t *testing.T) {
			b := noting(t, s.state, fyne.NewSize(1280, 800))
			test.AssertRendersToMarkup(t, s.name+".xml", b.w.Canvas())
		})
	}
	t.Run("narrow", func(t *testing.T) {
		b := noting(t, noteScenes()[1].state, fyne.NewSize(900, 600))
		test.AssertRendersToMarkup(t, "notes-writing-900.xml", b.w.Canvas())
	})
}

func TestK07NotesAreWrittenAndConcluded(t *testing.T) {
	b := showing(t, noteScenes()[0].state)
	p := b.v.inFront()
	if p.notes.object.Visible() {
		t.Fatal("notes are out before anybody wants them")
	}
	test.Tap(p.jot)
	if any(b.w.Canvas().Focused()) != any(p.notes.text) {
		t.Errorf("the focus is on %T", b.w.Canvas().Focused())
	}
	b.events()
	b.write("Ok")
	b.want("written", console.Jot{ID: id(1), Text: "O"}, console.Jot{ID: id(1), Text: "Ok"})
	for i, o := range outcomes() {
		test.Tap(p.notes.outcomes[i])
		b.want("outcome", console.Conclude{ID: id(1), Outcome: o})
	}
	p.notes.text.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyM, Modifier: fyne.KeyModifierShortcutDefault})
	if p.notes.object.Visible() {
		t.Error("the keys don't put the notes away")
	}
	places := b.v.Places()
	if _, seen := places["note-text"]; seen {
		t.Error("what is put away has a place")
	}
}

func TestK07WhatIsWrittenStays(t *testing.T) {
	s := noteScenes()[1].state
	b := showing(t, s)
	b.v.inFront().note()
	b.v.inFront().notes.text.SetText("typed on")
	b.v.Show(s) // an older state must not take back what was typed since
	if got := b.v.inFront().notes.text.Text; got != "typed on" {
		t.Errorf("it reads %q", got)
	}
	s.Sessions = slices.Clone(s.Sessions)
	s.Sessions[0].Detached, s.Sessions[0].Notes.Text = true, "typed on"
	b.v.Show(s)
	if got := b.v.inFront().notes.text.Text; got != "typed on" {
		t.Errorf("in a window of its own it reads %q", got)
	}
}

func TestK07TheNotesComeOutWhenTheSessionEnds(t *testing.T) {
	b := showing(t, noteScenes()[0].state)
	b.w.Canvas().Focus(b.v.inFront().entry)
	b.v.Show(noteScenes()[2].state)
	p := b.v.inFront()
	if !p.notes.object.Visible() || any(b.w.Canvas().Focused()) != any(p.notes.text) {
		t.Errorf("the focus is on %T", b.w.Canvas().Focused())
	}
	if state := b.v.Places()["note-state"]; state.Text != "Kept" {
		t.Errorf("state %+v", state)
	}
	test.Tap(p.jot)
	b.v.Show(noteScenes()[2].state)
	if p.notes.object.Visible() {
		t.Error("notes that were put away come back")
	}
}

func TestK07ClosingWithoutTheNoteAsks(t *testing.T) {
	b := showing(t, noteScenes()[3].state)
	b.press(words.CloseUnkeptNo)
	b.press(words.CloseUnkeptYes)
	b.want("answers", console.No{}, console.Yes{})
}

func aPortal(portal, name string, languages ...string) wire.Portal {
	p := wire.Portal{ID: portal, Name: name, Page: "https://" + portal + ".example"}
	for _, l := range languages {
		p.Invitations = append(p.Invitations, wire.Invitation{Language: l, Subject: "s", Text: "t"})
	}
	return p
}

func TestP04TheInvitationIsChosen(t *testing.T) {
	s := with(at(), key("482913", "507264", 9*time.Minute))
	b := showing(t, s)
	b.press(words.RepInvitation)
	if b.reads(string(words.InvitePortal)) || b.reads(string(words.InviteLanguage)) {
		t.Error("there is a choice without portals")
	}
	s.Portals = []wire.Portal{aPortal("main", "Alpine Support", "en", "de", "fr"), aPortal("shop", "Alpine Shop", "en")}
	b.v.Show(s)
	if !b.reads(string(words.InvitePortal)) || !b.reads(string(words.InviteLanguage)) || !b.reads("Alpine Support") || !b.reads("English") {
		t.Error("there is no choice")
	}
	b.want("nothing by itself")
	i := b.v.rail.cards["482913"].invite
	i.portal.list.SetSelectedIndex(1)
	i.language.list.SetSelectedIndex(2)
	b.want("chosen", console.ChoosePortal{ID: "shop"}, console.ChooseLanguage{Language: "fr"})
	b.w.Canvas().Unfocus()
	test.AssertRendersToMarkup(t, "invite-portals.xml", b.w.Canvas())
	s.Settings.Portal = "shop"
	b.v.Show(s)
	if b.reads(string(words.InviteLanguage)) || !b.reads("Alpine Shop") {
		t.Error("a choice of one language")
	}
}

// told is a transcript that was read.
func told(change ...func(*console.Transcript)) console.State {
	began := noon().Add(-time.Hour)
	t := &console.Transcript{
		Name: "session-4f1c.handrail-transcript", Signed: []string{"Robin Weber"},
		File: transcript.File{Customer: "Maria Huber", Began: began.UnixMilli(), Ended: began.Add(19 * time.Minute).UnixMilli()},
	}
	add := func(after time.Duration, sort transcript.Sort, by wire.Role, who, text string) {
		t.Lines = append(t.Lines, console.TranscriptLine{
			Line: transcript.Line{
				At: began.Add(after).UnixMilli(), Sort: sort, Rep: "Robin Weber",
				Entry: wire.Entry{Happened: wire.HappenedSaid, By: by},
			}, Who: who, Text: text,
		})
	}
	add(5*time.Second, transcript.Happened, wire.RoleCustomer, "Maria Huber", "Hello? My printer says it is offline.")
	add(9*time.Second, transcript.Happened, wire.RoleRep, "Robin Weber", "Hello Maria, I am Robin. I will help you with that.")
	add(12*time.Second, transcript.Happened, wire.RoleRep, "Robin Weber", "May I have a look at your screen?")
	add(40*time.Second, transcript.Happened, 0, "", "Robin Weber asked to see and control the screen.")
	add(44*time.Second, transcript.Happened, 0, "", "Maria Huber allowed Robin Weber to see and control the screen.")
	add(60*time.Second, transcript.Missing, 0, "", "Part 3 of what Robin Weber's console recorded is missing.")
	add(70*time.Second, transcript.Happened, wire.RoleCustomer, "Maria Huber", strings.Repeat("It worked yesterday, and the day before as well. ", 6))
	add(18*time.Minute, transcript.Happened, wire.RoleRep, "Robin Weber", "Solved. Notes: "+longNote)
	t.All = len(t.Lines)
	for _, f := range change {
		f(t)
	}
	return with(at(), func(s *console.State) { s.Transcript = t })
}

func transcriptScenes() []scene {
	return []scene{
		{"transcript", told()},
		{"transcript-found", told(func(t *console.Transcript) { t.Find, t.Lines = "screen", t.Lines[2:5] })},
		{"transcript-no-grant", told(func(t *console.Transcript) {
			t.Unread, t.Signed, t.Lines, t.All = console.NoGrant, nil, t.Lines[5:6], 1
		})},
		{"transcript-none", told(func(t *console.Transcript) {
			*t = console.Transcript{Name: "plan.pdf", Unread: console.NoTranscript}
		})},
		{"transcript-open", told(func(t *console.Transcript) { t.Open = true })},
	}
}

func TestT01TheTranscriptsWindow(t *testing.T) {
	for _, s := range transcriptScenes() {
		t.Run(s.name, func(t *testing.T) {
			b := showing(t, s.state)
			w := b.v.reader.window
			w.Canvas().Unfocus()
			test.AssertRendersToMarkup(t, s.name+".xml", w.Canvas())
			before := test.RenderToMarkup(w.Canvas())
			b.v.Show(s.state)
			if test.RenderToMarkup(w.Canvas()) != before || len(b.events()) > 0 {
				t.Error("it is drawn anew when it is shown again")
			}
			w.Resize(fyne.NewSize(360, 420))
			if m := w.Content().MinSize(); m.Width > 360 || m.Height > 420 {
				t.Errorf("it needs %v", m)
			}
		})
	}
}

// What says that something is wrong has its room, and so has the text, however
// large the letters are.
func TestT01TheTranscriptsWindowIsLaidOutAnew(t *testing.T) {
	b := showing(t, told(func(t *console.Transcript) { *t = console.Transcript{Reading: true} }))
	fyne.CurrentApp().Settings().SetTheme(look.Theme{Scale: 1.6})
	w := b.v.reader.window
	w.Resize(fyne.NewSize(420, 640))
	b.v.Show(told(func(t *console.Transcript) { t.Unread = console.SomeBroken }))
	r := b.v.reader
	y := float32(0)
	for _, o := range append([]fyne.CanvasObject{r.title, r.shield, r.bar}, r.list.Objects...) {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
		if at.Y < y-12 { // flush text sticks out a little
			t.Errorf("%T begins at %v, what is above it ends at %v", o, at.Y, y)
		}
		y = at.Y + o.Size().Height
	}
	w.Canvas().Unfocus()
	test.AssertRendersToMarkup(t, "transcript-large.xml", w.Canvas())
}

func TestT01ATranscriptIsSearchedCopiedAndShut(t *testing.T) {
	b := showing(t, told())
	r := b.v.reader
	if places := b.v.Places(); places["transcript-line-1"].Text != "Hello? My printer says it is offline." {
		t.Errorf("the first line is %+v", places["transcript-line-1"])
	}
	r.window.Canvas().Focus(r.find)
	test.Type(r.find, "ab")
	test.Tap(r.copies)
	b.want("done", console.FindLines{Text: "a"}, console.FindLines{Text: "ab"}, console.CopyTranscript{})
	r.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	r.find.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	b.want("Esc", console.ShutTranscript{}, console.ShutTranscript{})
	b.v.Show(at())
	if b.v.reader != nil {
		t.Error("the window stays")
	}
}

// TestT01AnotherTranscriptIsNotSearchedYet: one that is opened while another is
// shown begins with all its lines, and so does the field.
func TestT01AnotherTranscriptIsNotSearchedYet(t *testing.T) {
	b := showing(t, told())
	r := b.v.reader
	r.find.SetText("printer")
	b.v.Show(told(func(t *console.Transcript) { *t = console.Transcript{Reading: true} }))
	b.v.Show(told(func(t *console.Transcript) { t.Name = "another" }))
	if r.find.Text != "" {
		t.Errorf("the field still reads %q", r.find.Text)
	}
}

func TestT01ALongTranscriptComesInPages(t *testing.T) {
	b := showing(t, told(func(t *console.Transcript) {
		line := t.Lines[0]
		t.Lines = nil
		for i := range 2*pageOf + 10 {
			line.Text = fmt.Sprint("line ", i)
			t.Lines = append(t.Lines, line)
		}
		t.All = len(t.Lines)
	}))
	r := b.v.reader
	for _, want := range []int{pageOf, 2 * pageOf, 2*pageOf + 10} {
		if r.drawn != want || len(r.rows) != want {
			t.Errorf("%d lines are drawn, want %d", r.drawn, want)
		}
		test.Tap(r.more)
	}
}

func TestT01TheAccountMenuOpensTranscripts(t *testing.T) {
	b := showing(t, at())
	test.Tap(b.v.rail.menu)
	if !b.reads(string(words.TranscriptMenu)) {
		t.Error("nothing opens a transcript")
	}
}
