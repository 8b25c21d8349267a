package chat

import (
	"testing"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

func offering(x session.Transfer) session.State {
	s := talking()
	s.Transfers = []session.Transfer{x}
	s.Lines = append(s.Lines, session.Line{Kind: session.LineTransfer, Transfer: x.ID, Mine: x.Mine})
	return s
}

func TestC03ChosenFilesAreOfferedInASessionAlone(t *testing.T) {
	paths := []string{"/tmp/a"}
	w := open(t)
	w.does(Files{paths})
	w.does(Dropped{paths})
	w = inSession(t)
	w.does(Files{paths}, Offer{paths})
	w.does(Dropped{paths}, Offer{paths})
	w.does(Files{})
	full := talking()
	full.Full = true
	w.does(Session{full})
	w.does(Files{paths})
	if got := w.m.State().Back; got.Why != words.FilesFull || got.N != 0 {
		t.Errorf("too much waits: %+v", got)
	}
	w.does(NotOffered{Name: "a", Why: wire.HaltUnreadable})
	if got := w.m.State().Unsent; got.Name != "a" {
		t.Errorf("could not be read: %+v", got)
	}
	w.does(Session{talking()})
	w.does(Say{"never mind"}, Do{session.Say{Text: "never mind"}})
	if s := w.m.State(); s.Unsent.Name != "" || s.Back.Why != "" {
		t.Error("the remark stays")
	}
}

func TestC03WhatFallsOnTheWindowUnderControlNeedsAPress(t *testing.T) {
	w := inSession(t)
	s := talking()
	s.Granted = wire.View | wire.Control
	w.does(Session{s})
	w.does(Dropped{[]string{"/home/jo/a.txt"}})
	w.does(Dropped{[]string{`C:\b.txt`}})
	d := w.m.State().Drop
	if d == nil || len(d.Names) != 2 || d.Names[0] != "a.txt" || d.Names[1] != "b.txt" || d.Armed {
		t.Fatalf("asks %+v", d)
	}
	w.does(DropReply{Allow: true})
	if wake := w.m.Wake(); !wake.Equal(w.now.Add(ArmTime)) {
		t.Errorf("wakes at %v", wake)
	}
	w.after(ArmTime)
	w.does(Looking{})
	w.does(Looking{Yes: true}) // the click that brings the window to the front
	w.does(DropReply{Allow: true})
	w.after(ArmTime)
	w.does(DropReply{Allow: true}, Offer{[]string{"/home/jo/a.txt", `C:\b.txt`}})
	w.does(DropReply{Allow: true})
	w.does(Dropped{[]string{"/c"}})
	w.after(ArmTime)
	w.does(DropReply{})
	w.does(DropReply{Allow: true})
	w.does(Dropped{[]string{"/d"}})
	over := s
	over.Stage = session.Over
	w.does(Session{over})
	if w.m.State().Drop != nil {
		t.Error("the question stays after the session")
	}
}

func TestC03ThePromptForAFileSaysWhatItIs(t *testing.T) {
	w := inSession(t)
	s := offering(session.Transfer{ID: 3, Name: "setup.exe", Size: 5})
	s.Request = &session.Request{ID: 1, Offer: 3, Deadline: w.now.Add(session.PromptTime), Longest: w.now.Add(session.LongestPrompt)}
	w.does(Session{s})
	p := w.m.State().Prompt
	if p == nil || p.Offer == nil || p.Offer.Name != "setup.exe" || !p.Program || p.Armed {
		t.Fatalf("%+v", p)
	}
	w.does(Reply{ID: 1, Allow: true})
	w.after(ArmTime)
	w.does(Reply{ID: 1, Allow: true}, Do{session.Reply{ID: 1, Allow: true}})
	// Another offer under the same number is another prompt.
	s = offering(session.Transfer{ID: 5, Name: "Photos", Folder: true, Items: 3})
	s.Request = &session.Request{ID: 1, Offer: 5, Deadline: w.now.Add(session.PromptTime), Longest: w.now.Add(session.LongestPrompt)}
	w.does(Session{s})
	w.does(Reply{ID: 1, Allow: true})
	if p := w.m.State().Prompt; p.Program || !p.Offer.Folder {
		t.Errorf("%+v", p)
	}
}

func TestC03ProgramsAreToldFromDocuments(t *testing.T) {
	for name, want := range map[string]bool{
		"setup.exe": true, "SETUP.EXE": true, "setup.exe. ": true, "report.pdf.exe": true, "run.sh": true, "x.docm": true,
		"install": true, "my.AppImage": true, "letter.lnk": true,
		"report.pdf": false, "photo.jpeg": false, "exe.txt": false, "notes.exe.txt": false, "archive.tar.gz": false,
	} {
		if program(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func TestC03OnlyWhatIsOpenIsCancelled(t *testing.T) {
	for stage, want := range map[session.TransferStage]bool{
		session.TransferOffered: true, session.TransferGoing: true,
		session.TransferArrived: false, session.TransferRefused: false, session.TransferHalted: false,
	} {
		w := inSession(t)
		w.does(Session{offering(session.Transfer{ID: 2, Mine: true, Stage: stage})})
		if want {
			w.does(Halt{2}, Do{session.Cancel{ID: 2}})
		} else {
			w.does(Halt{2})
		}
		w.does(Halt{8})
	}
}

func TestC03WhatIsLeftIsForetold(t *testing.T) {
	w := inSession(t)
	x := session.Transfer{ID: 2, Mine: true, Size: 100, Stage: session.TransferGoing}
	for range 6 {
		w.after(time.Second).does(Session{offering(x)})
		x.Done += 10
	}
	if got := w.m.State().Left[2]; got < 4*time.Second || got > 6*time.Second {
		t.Errorf("%v left of 50 at 10 a second", got)
	}
}

func TestC03WhatTheRepSendsIsUnreadUntilTheCustomerLooks(t *testing.T) {
	w := inSession(t)
	w.does(Looking{})
	w.does(Session{offering(session.Transfer{ID: 1})})
	if n := w.m.State().Unread; n != 1 {
		t.Errorf("%d unread", n)
	}
	w = inSession(t)
	w.does(Looking{})
	w.does(Session{offering(session.Transfer{ID: 2, Mine: true})})
	if n := w.m.State().Unread; n != 0 {
		t.Errorf("%d of the customer's own unread", n)
	}
}
