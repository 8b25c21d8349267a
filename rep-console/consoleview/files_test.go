package consoleview

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// files adds transfers to a session, and their lines.
func files(all ...session.Transfer) func(*console.Session) {
	return func(x *console.Session) {
		for _, f := range all {
			f.At, f.Items = noon().Add(-5*time.Minute), max(f.Items, 1)
			x.State.Transfers = append(x.State.Transfers, f)
			x.State.Lines = append(x.State.Lines, session.Line{At: f.At, Kind: session.LineTransfer, Mine: f.Mine, Transfer: f.ID})
			if f.Stage == session.TransferGoing {
				x.Left = map[uint32]time.Duration{f.ID: 11 * time.Second}
			}
		}
	}
}

func theirs(stage session.TransferStage) session.Transfer {
	return session.Transfer{ID: 2, Name: "printer log.txt", Size: 48_200, Stage: stage}
}

func ours(stage session.TransferStage) session.Transfer {
	return session.Transfer{ID: 1, Mine: true, Name: "driver 4.2 (signed).zip", Size: 92_500_000, Done: 31_000_000, Stage: stage}
}

// fileScenes are the states of files and of the way a rep meets.
func fileScenes() []scene {
	arrived := theirs(session.TransferArrived)
	arrived.Place = "/home/robin/Downloads/printer log.txt"
	full := ours(session.TransferHalted)
	full.Why = wire.HaltFull
	return []scene{
		{"file-offered", with(at(), visit(1, "Maria Huber", session.Talking, talk(), files(theirs(session.TransferOffered))))},
		{"file-going", with(at(), visit(1, "Maria Huber", session.Talking, talk(), files(arrived, ours(session.TransferGoing)), granted(wire.View)))},
		{"file-full", with(at(), visit(1, "Maria Huber", session.Talking, talk(), files(full)))},
		{"relayed", with(at(), visit(1, "Maria Huber", session.Talking, talk(), func(x *console.Session) {
			x.Path = console.Path{Known: true, RTT: 48 * time.Millisecond}
		}))},
		{"file-cut", with(at(), visit(1, "Maria Huber", session.Talking, talk(), files(ours(session.TransferGoing)), func(x *console.Session) {
			x.State.Linked, x.State.CutSince = false, noon().Add(-12*time.Second)
		}))},
	}
}

func TestC03EveryStateOfAFileLooksAsItShould(t *testing.T) {
	for _, s := range fileScenes() {
		t.Run(s.name, func(t *testing.T) {
			b := showing(t, s.state)
			b.w.Canvas().Unfocus()
			test.AssertRendersToMarkup(t, s.name+".xml", b.w.Canvas())
		})
	}
}

func TestC03TheRepTakesRefusesAndCancels(t *testing.T) {
	b := showing(t, with(at(), visit(1, "Maria Huber", session.Talking, files(theirs(session.TransferOffered)))))
	b.press(words.ButtonTake)
	b.want("take", console.Take{ID: id(1), Transfer: 2, Allow: true})
	b.press(words.ButtonNotTake)
	b.want("refuse", console.Take{ID: id(1), Transfer: 2})
	going := theirs(session.TransferGoing)
	going.Done = 20_000
	b.v.Show(with(at(), visit(1, "Maria Huber", session.Talking, files(going))))
	if b.reads("Take it to save") || !b.reads("20.0 KB of 48.2 KB · 15 s left") {
		t.Error("the card does not follow the transfer")
	}
	b.press(words.ButtonCancel)
	b.want("cancel", console.Halt{ID: id(1), Transfer: 2})
	b.v.Show(with(at(), visit(1, "Maria Huber", session.Talking, files(ours(session.TransferOffered)))))
	b.press(words.ButtonUndo)
	b.want("take back", console.Halt{ID: id(1), Transfer: 1})
	arrived := theirs(session.TransferArrived)
	arrived.Place = "/home/robin/Downloads/x"
	b.v.Show(with(at(), visit(1, "Maria Huber", session.Talking, files(arrived))))
	b.press(words.ButtonOpen)
	if !slices.Equal(b.folders, []string{arrived.Place}) {
		t.Errorf("opened %q", b.folders)
	}
	over := with(at(), visit(1, "Maria Huber", session.Over, files(theirs(session.TransferOffered))))
	b.v.Show(over)
	if len(b.v.panes[id(1)].chat.FilePlaces()) != 0 {
		t.Error("something can be done with a file after the session")
	}
}

func TestC03DroppedFilesGoToTheSessionInFront(t *testing.T) {
	s := with(at(), visit(1, "Maria Huber", session.Talking, granted(wire.View)), visit(2, "Noor Haddad", session.Talking))
	b := showing(t, s)
	fall := func() { b.v.dropped(fyne.Position{}, []fyne.URI{storage.NewFileURI("/tmp/a b.txt")}) }
	fall()
	b.want("first tab", console.Dropped{ID: id(1), Paths: []string{"/tmp/a b.txt"}})
	s.Selected = id(2)
	b.v.Show(s)
	fall()
	b.want("second tab", console.Dropped{ID: id(2), Paths: []string{"/tmp/a b.txt"}})
	s.Selected = wire.SessionID{}
	b.v.Show(s)
	fall()
	b.want("start page", console.Dropped{Paths: []string{"/tmp/a b.txt"}})
	s.Selected = id(1)
	s.Sessions = slices.Clone(s.Sessions)
	s.Sessions[0].Full = true
	b.v.Show(s)
	fall()
	b.want("the picture over the whole screen", console.Dropped{ID: id(1), Paths: []string{"/tmp/a b.txt"}})
}

func TestC03AFileIsChosenInAWindowOfItsOwn(t *testing.T) {
	s := with(at(), visit(1, "Maria Huber", session.Talking))
	b := showing(t, s)
	windows := func() int { return len(fyne.CurrentApp().Driver().AllWindows()) }
	before := windows()
	b.pressHint(words.RepDropFilesHint)
	menu := b.w.Canvas().Overlays().Top()
	if menu == nil {
		t.Fatal("no choice between a file and a folder")
	}
	b.w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if b.w.Canvas().Overlays().Top() != nil {
		t.Error("Esc does not put the choice away")
	}
	p := b.v.panes[id(1)]
	p.chooser.Ask(false)
	if windows() != before+1 {
		t.Fatalf("%d windows", windows())
	}
	s.Sessions = slices.Clone(s.Sessions)
	s.Sessions[0].State.Stage = session.Over
	b.v.Show(s)
	if windows() != before {
		t.Error("it stays after the session")
	}
}

func TestZ06TheWayIsShownAndExplained(t *testing.T) {
	state := func(change func(*console.Session)) console.State {
		return with(at(), visit(1, "Maria Huber", session.Talking, change))
	}
	b := newBench(t)
	for _, c := range []struct {
		text, hint string
		change     func(*console.Session)
	}{
		{"Direct · 23 ms", "without a server in between", func(x *console.Session) {
			x.Path = console.Path{Known: true, Direct: true, RTT: 22600 * time.Microsecond}
		}},
		{"Relayed · 48 ms", "your server passes on", func(x *console.Session) { x.Path = console.Path{Known: true, RTT: 48 * time.Millisecond} }},
		{"Direct · 1 ms", "takes 1 ms", func(x *console.Session) {
			x.Path = console.Path{Known: true, Direct: true, RTT: 200 * time.Microsecond}
		}},
		{"Direct", "without a server", func(x *console.Session) { x.Path = console.Path{Known: true, Direct: true} }},
		{"", "", func(x *console.Session) { x.Path = console.Path{} }},
		{"Connecting again … 1 min", "lost at 11:58", func(x *console.Session) {
			x.State.Linked, x.State.CutSince = false, noon().Add(-100*time.Second)
		}},
	} {
		b.v.Show(state(c.change))
		way := b.v.panes[id(1)].way
		if way.text.Text != c.text || !strings.Contains(way.hintOf, c.hint) || way.Visible() != (c.text != "") {
			t.Errorf("shows %q, %q; want %q, %q", way.text.Text, way.hintOf, c.text, c.hint)
		}
		if c.text == "" {
			continue
		}
		b.w.Canvas().Focus(way)
		if !strings.Contains(b.v.foot.label.Text, c.hint) {
			t.Errorf("the line at the bottom says %q", b.v.foot.label.Text)
		}
		test.Tap(way)
		if b.w.Canvas().Overlays().Top() == nil {
			t.Error("a press explains nothing")
		} else {
			b.w.Canvas().Overlays().Top().Hide()
		}
	}
}

func TestC03ProgressDrawsTheCardAndNothingElse(t *testing.T) {
	state := func(done uint64) console.State {
		x := ours(session.TransferGoing)
		x.Done = done
		return with(at(), visit(1, "Maria Huber", session.Talking, talk(), files(x)))
	}
	b := showing(t, state(0))
	cancel := b.v.panes[id(1)].chat.FilePlaces()["cancel-file"].(*look.Button)
	b.w.Canvas().Focus(cancel)
	b.v.Show(state(60_000_000))
	if b.w.Canvas().Focused() != fyne.Focusable(cancel) {
		t.Error("the button has lost the focus")
	}
	if !b.reads("60.0 MB of 92.5 MB") {
		t.Error("the card does not follow the transfer")
	}
}
