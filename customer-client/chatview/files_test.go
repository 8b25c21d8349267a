package chatview

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"handrail/customer-client/chat"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// sending is a session with these transfers at the end of its list.
func sending(all ...session.Transfer) session.State {
	st := talking()
	at := start().Add(4 * time.Minute)
	for _, x := range all {
		at = at.Add(time.Minute)
		x.At = at
		if x.Items == 0 {
			x.Items = 1
		}
		st.Transfers = append(st.Transfers, x)
		st.Lines = append(st.Lines, session.Line{At: at, Kind: session.LineTransfer, Mine: x.Mine, Transfer: x.ID})
	}
	return st
}

func offered(name string, size uint64) session.Transfer {
	return session.Transfer{ID: 1, Name: name, Size: size}
}

// asked is a session in which the rep wants to send something.
func (d *desk) asked(x session.Transfer) session.State {
	st := sending(x)
	st.Request = &session.Request{ID: 9, Offer: x.ID, Deadline: d.now.Add(session.PromptTime), Longest: d.now.Add(session.LongestPrompt)}
	return st
}

func mine(stage session.TransferStage) session.Transfer {
	return session.Transfer{ID: 2, Mine: true, Name: "report.pdf", Size: 2_400_000, Stage: stage}
}

// halted is a transfer that ended before its end.
func halted(mine bool, why wire.HaltWhy) session.Transfer {
	return session.Transfer{ID: 1, Mine: mine, Name: "disk.img", Size: 8_100_000_000, Done: 5e9, Stage: session.TransferHalted, Why: why}
}

func TestC03EveryStateOfAFileLooksAsItShould(t *testing.T) {
	going, cut := mine(session.TransferGoing), mine(session.TransferGoing)
	going.Done, cut.Done = 1_300_000, 1_300_000
	away := sending(cut)
	away.Linked = false
	saved := offered("Photos of the summer", 48_000_000)
	saved.Folder, saved.Items, saved.Stage, saved.Place = true, 32, session.TransferArrived, "/home/jo/Downloads/Photos of the summer"
	refused := mine(session.TransferRefused)
	refused.Verdict = wire.Refused
	long := going
	long.Name = "minutes of the meeting of the committee for the preparation of the annual general meeting, with corrections (final) 2.docx"
	control := sending(going)
	control.Granted, control.SharedAt = wire.View|wire.Control, start()
	folder := offered("Tools", 900_000)
	folder.Folder, folder.Items = true, 7
	shown := func(st session.State) func(*desk) {
		return func(d *desk) { d.connect(); d.step(chat.Session{State: st}) }
	}
	for name, do := range map[string]func(*desk){
		"file-offered":   shown(sending(mine(session.TransferOffered))),
		"file-going":     shown(sending(going)),
		"file-cut":       shown(away),
		"file-arrived":   shown(sending(mine(session.TransferArrived))),
		"file-saved":     shown(sending(saved)),
		"file-refused":   shown(sending(refused)),
		"file-cancelled": shown(sending(halted(false, wire.HaltCancelled))),
		"file-full":      shown(sending(halted(false, wire.HaltFull))),
		"file-changed":   shown(sending(halted(true, wire.HaltChanged))),
		"file-long":      shown(sending(long)),
		"file-asked":     func(d *desk) { d.connect(); d.step(chat.Session{State: d.asked(offered("report.pdf", 2_400_000))}) },
		"file-program":   func(d *desk) { d.connect(); d.step(chat.Session{State: d.asked(offered("setup.exe", 2_400_000))}) },
		"file-folder":    func(d *desk) { d.connect(); d.step(chat.Session{State: d.asked(folder)}) },
		"file-dropped": func(d *desk) {
			d.connect()
			d.step(chat.Session{State: control})
			d.step(chat.Dropped{Paths: []string{"/home/jo/report.pdf", "/home/jo/photo.jpg"}})
		},
		"file-unsent": func(d *desk) {
			d.connect()
			d.step(chat.Session{State: talking()})
			d.step(chat.NotOffered{Name: "secret.txt", Why: wire.HaltUnreadable})
		},
		"file-narrow": func(d *desk) {
			d.w.Resize(fyne.NewSize(320, 900))
			d.connect()
			d.step(chat.Session{State: sending(long)})
			for range 5 {
				d.step(chat.Font{Step: 1})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			do(d)
			test.AssertRendersToMarkup(t, name+".xml", d.w.Canvas())
		})
	}
}

// press presses what has these words on it, wherever it is.
func (d *desk) press(words string) {
	d.t.Helper()
	for _, o := range test.LaidOutObjects(d.v.root) {
		if b, ok := o.(*look.Button); ok && b.Text == words && b.Visible() {
			test.Tap(b)
			return
		}
	}
	d.t.Fatalf("nothing says %q", words)
}

func TestC03WhatTheRepSendsIsSavedOnlyAfterAPromptOfItsOwn(t *testing.T) {
	d := open(t)
	d.connect()
	d.step(chat.Session{State: d.asked(offered("setup.exe", 2_400_000))})
	p := d.v.talk.prompt
	for text, want := range map[string]string{
		p.title.String(): "Ana Petrović", p.meaning.String(): "“setup.exe”, 2.4 MB", p.harm.String(): "Only accept what you expect",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
	if len(d.v.talk.list.FilePlaces()) != 0 {
		t.Error("the card in the list can be pressed, too")
	}
	d.press("Save")
	if len(d.effects) != 1 {
		t.Fatal("saved by a click that came too early")
	}
	d.passes(chat.ArmTime)
	if d.w.Canvas().Focused() != p.refuse {
		t.Errorf("%T has the focus", d.w.Canvas().Focused())
	}
	d.press("Save")
	if !d.did(chat.Do{Event: session.Reply{ID: 9, Allow: true}}) {
		t.Error("not saved")
	}
}

// paths are the files that were offered.
func (d *desk) paths() string {
	var all []string
	for _, e := range d.effects {
		if o, ok := e.(chat.Offer); ok {
			all = append(all, o.Paths...)
		}
	}
	return strings.Join(all, " ")
}

// fall drops files on the window.
func (d *desk) fall(paths ...string) {
	var all []fyne.URI
	for _, p := range paths {
		all = append(all, storage.NewFileURI(p))
	}
	web, err := storage.ParseURI("https://example.org/x")
	if err != nil {
		d.t.Fatal(err)
	}
	d.v.dropped(fyne.Position{}, append(all, web))
}

func TestC03FilesThatFallOnTheWindowAreSent(t *testing.T) {
	d := open(t)
	d.fall("/tmp/before") // there is nobody to send it to
	d.connect()
	d.step(chat.Session{State: talking()})
	d.fall("/tmp/a b.txt", "/tmp/folder")
	if got := d.paths(); got != "/tmp/a b.txt /tmp/folder" {
		t.Errorf("offered %q", got)
	}
}

// The rep's pointer could carry a file from the customer's desktop into the
// customer's window.
func TestC03WhileTheRepMovesThePointerOnlyAPressSends(t *testing.T) {
	d := open(t)
	d.connect()
	d.step(chat.Session{State: sharing()})
	d.fall("/tmp/a.txt")
	d.fall("/tmp/b.txt")
	if got := d.paths(); got != "" {
		t.Fatalf("offered %q at once", got)
	}
	if got := d.v.talk.drop.title.String(); !strings.Contains(got, "a.txt") || !strings.Contains(got, "1 more") {
		t.Errorf("asks %q", got)
	}
	test.Tap(d.v.talk.drop.send)
	if got := d.paths(); got != "" {
		t.Fatalf("offered %q by a click that came too early", got)
	}
	d.passes(chat.ArmTime)
	if d.w.Canvas().Focused() != d.v.talk.drop.keep {
		t.Errorf("%T has the focus", d.w.Canvas().Focused())
	}
	d.w.Canvas().Focus(d.v.talk.drop.send)
	d.key(fyne.KeyReturn)
	if got := d.paths(); got != "" {
		t.Fatalf("Enter offered %q", got)
	}
	d.key(fyne.KeySpace)
	if got := d.paths(); got != "/tmp/a.txt /tmp/b.txt" || d.v.talk.drop.card.Visible() {
		t.Errorf("offered %q", got)
	}
	d.effects = nil
	d.fall("/tmp/c.txt")
	d.passes(chat.ArmTime)
	d.key(fyne.KeyEscape)
	if got := d.paths(); got != "" || d.v.talk.drop.card.Visible() {
		t.Errorf("offered %q although it was not wanted", got)
	}
}

func TestC03AFileIsChosenInAWindowOfItsOwn(t *testing.T) {
	d := open(t)
	d.connect()
	d.step(chat.Session{State: talking()})
	windows := func() int { return len(fyne.CurrentApp().Driver().AllWindows()) }
	before := windows()
	test.Tap(d.v.talk.clip)
	if d.w.Canvas().Overlays().Top() == nil {
		t.Fatal("no choice between a file and a folder")
	}
	d.key(fyne.KeyDown)
	d.key(fyne.KeyReturn)
	if windows() != before+1 {
		t.Fatalf("%d windows", windows())
	}
	d.v.talk.chooser.Ask(true)
	if windows() != before+1 {
		t.Error("a second one")
	}
	d.v.talk.chooser.Shut()
	if d.w.Canvas().Focused() != d.v.talk.compose {
		t.Errorf("%T has the focus afterwards", d.w.Canvas().Focused())
	}
	d.v.talk.chooser.Ask(false)
	d.step(chat.Session{State: over(wire.EndByRep)})
	if windows() != before {
		t.Error("it stays after the session")
	}
}

func TestC03ProgressKeepsTheFocusAndTheEndGivesItBack(t *testing.T) {
	d := open(t)
	d.connect()
	x := mine(session.TransferGoing)
	d.step(chat.Session{State: sending(x)})
	cancel := d.v.talk.list.FilePlaces()["cancel-file"].(*look.Button)
	d.w.Canvas().Focus(cancel)
	for done := range 10 {
		x.Done = uint64(done) * 200_000
		d.now = d.now.Add(time.Second)
		d.step(chat.Session{State: sending(x)})
		if d.w.Canvas().Focused() != fyne.Focusable(cancel) {
			t.Fatal("the button has lost the focus")
		}
	}
	if !d.reads("left") {
		t.Error("nothing says how long it will take")
	}
	d.key(fyne.KeySpace)
	if !d.did(chat.Do{Event: session.Cancel{ID: 2}}) {
		t.Error("not cancelled")
	}
	x.Stage, x.Why, x.ByMe = session.TransferHalted, wire.HaltCancelled, true
	d.step(chat.Session{State: sending(x)})
	if d.w.Canvas().Focused() != d.v.talk.compose {
		t.Errorf("%T has the focus", d.w.Canvas().Focused())
	}
}

// reads says whether words stand somewhere in the window.
func (d *desk) reads(words string) bool {
	for _, o := range test.LaidOutObjects(d.v.root) {
		if x, ok := o.(*look.Text); ok && x.Visible() && strings.Contains(x.String(), words) {
			return true
		}
	}
	return false
}

func TestC03TheFolderOfWhatCameOpensOutside(t *testing.T) {
	d := open(t)
	d.connect()
	x := session.Transfer{ID: 1, Name: "a.txt", Size: 3, Stage: session.TransferArrived, Place: "/home/jo/Downloads/a (2).txt"}
	d.step(chat.Session{State: sending(x)})
	d.press("Open folder")
	if len(d.folders) != 1 || d.folders[0] != x.Place {
		t.Errorf("opened %q", d.folders)
	}
	if got := look.FolderOf(x.Place).String(); got != "file:///home/jo/Downloads" {
		t.Errorf("the address is %q", got)
	}
}

func TestC03ManyFilesFitIntoTheList(t *testing.T) {
	d := open(t)
	d.w.Resize(smallest())
	d.connect()
	var all []session.Transfer
	for i := range 30 {
		all = append(all, session.Transfer{ID: uint32(2*i + 2), Mine: true, Name: fmt.Sprintf("تقرير %d.pdf", i), Size: 5e6, Done: uint64(i) * 1e5, Stage: session.TransferGoing})
	}
	d.step(chat.Session{State: sending(all...)})
	for range 30 {
		for _, o := range d.v.talk.list.FilePlaces() {
			at, s := fyne.CurrentApp().Driver().AbsolutePositionForObject(o), o.Size()
			if at.X < 0 || at.X+s.Width > smallest().Width {
				t.Fatalf("a button of %v at %v", s, at)
			}
		}
		d.v.talk.list.Page(-0.9)
	}
	if got := strings.Count(d.v.lineText(), "Beginning") + strings.Count(d.v.lineText(), " of 5.0 MB"); got != 30 {
		t.Errorf("%d of 30 are in the list", got)
	}
}
