package console

import (
	"strings"
	"testing"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

func (d *desk) noted(id wire.SessionID) Notes { return d.session(id).Notes }

func TestK07NotesGoOutAfterAPause(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.effects()
	d.step(Jot{id, "D"}, Jot{id, "Driver"})
	d.pass(NotePause / 2)
	d.step(Jot{id, "Driver renewed"})
	equal(d, "while the rep types", len(did[KeepNote](d)), 0)
	d.pass(NotePause)
	notes := did[KeepNote](d)
	if len(notes) != 1 || notes[0].Text != "Driver renewed" || notes[0].ID != id {
		t.Fatalf("after a pause: %+v", notes)
	}
	equal(d, "not kept yet", d.noted(id).Unkept(), true)
	d.step(NoteLogged{id, notes[0].Serial})
	equal(d, "kept", d.noted(id).Stage, NoteKept)
	d.effects()
	d.step(Conclude{id, wire.OutcomeSolved})
	notes = did[KeepNote](d)
	if len(notes) != 1 || notes[0].Outcome != wire.OutcomeSolved || notes[0].Text != "Driver renewed" {
		t.Fatalf("an outcome waits: %+v", notes)
	}
	d.step(Jot{id, "Driver renewed, again"}, NoteLogged{id, notes[0].Serial})
	equal(d, "an older one is kept, and this is not", d.noted(id).Stage, NoteWriting)
	d.step(Conclude{id, wire.OutcomeSolved})
	equal(d, "pressed again, it is taken back", d.noted(id).Outcome, wire.OutcomeNone)
}

// TestK07WhatIsWrittenIsSaidBeforeSigningOut: afterwards there may be no
// connection to say it on.
func TestK07WhatIsWrittenIsSaidBeforeSigningOut(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(Jot{id, "Driver renewed"})
	said := false
	for _, f := range d.m.Step(d.now, SignOut{}) {
		switch f := f.(type) {
		case KeepNote:
			said = f.Text == "Driver renewed"
		case SayGoodbye:
			if !said {
				t.Error("the rep signs out, and the note is not said")
			}
			return
		}
	}
	t.Error("the rep does not sign out")
}

func TestK07WhoNeverPausesIsHeardNowAndThen(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	var text strings.Builder
	for range int(3 * NoteMost / (NotePause / 2)) {
		text.WriteString("x")
		d.step(Jot{id, text.String()})
		d.pass(NotePause / 2)
	}
	if n := len(did[KeepNote](d)); n < 2 || n > 4 {
		t.Errorf("said %d times", n)
	}
}

func TestK07NotesAreWrittenInTheEndedTabToo(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(Jot{id, "half a sent"})
	d.effects()
	d.customer(id, session.Leave{})
	equal(d, "said at the end", len(did[KeepNote](d)), 1)
	d.effects()
	d.step(Jot{id, "half a sentence and the rest"})
	d.pass(NotePause)
	equal(d, "said afterwards", len(did[KeepNote](d)), 1)
	d.pass(NoteLife)
	x := d.session(id)
	equal(d, "too late", x.MayNote(d.now), false)
	d.step(Jot{id, "more"}, Conclude{id, wire.OutcomeSolved})
	equal(d, "unchanged", d.noted(id).Text, "half a sentence and the rest")
}

func TestK07NobodyNotesWhatNeverBegan(t *testing.T) {
	d := signedIn(t)
	id := d.arrive(1, "Maria")
	d.step(Jot{id, "x"}, Conclude{id, wire.OutcomeSolved}, Conclude{id, 9})
	equal(d, "notes", d.noted(id), Notes{})
	id = d.talk(2, "Noor")
	d.effects()
	d.step(Conclude{id, 9}, Jot{id, "x"}, Jot{id, ""})
	d.pass(time.Minute)
	equal(d, "said of a note that came to nothing", len(did[KeepNote](d)), 0)
	equal(d, "and nothing is unkept", d.noted(id).Unkept(), false)
}

func TestK07LongAndStrangeNotesFit(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(Jot{id, "a\x00b\xff" + strings.Repeat("ä", wire.MaxText)})
	d.pass(NotePause)
	n := did[KeepNote](d)[0]
	m := &wire.Log{Session: id, Part: 1, Entries: []wire.Entry{{At: 1, Happened: wire.HappenedNote, Text: n.Text}}}
	if _, err := wire.Append(nil, wire.Packet{Body: m}); err != nil || !strings.HasPrefix(n.Text, "abä") {
		t.Errorf("%.9q: %v", n.Text, err)
	}
}

func TestK07ATabIsNotClosedOverANoteThatIsNotKept(t *testing.T) {
	over := func(t *testing.T) (*desk, wire.SessionID) {
		d := signedIn(t)
		id := d.talk(1, "Maria")
		d.customer(id, session.Leave{})
		d.step(Jot{id, "note"})
		d.effects()
		return d, id
	}
	t.Run("kept in a moment", func(t *testing.T) {
		d, id := over(t)
		d.step(End{id})
		notes := did[KeepNote](d)
		equal(d, "said at once", len(notes), 1)
		equal(d, "no question yet", d.m.State().Question.Ask, NoQuestion)
		d.step(NoteLogged{id, notes[0].Serial})
		equal(d, "sessions", len(d.m.State().Sessions), 0)
	})
	t.Run("asks", func(t *testing.T) {
		d, id := over(t)
		d.step(End{id})
		d.pass(2 * time.Second)
		equal(d, "question", d.m.State().Question, Question{Ask: CloseUnkept, ID: id})
		d.step(No{})
		equal(d, "sessions", len(d.m.State().Sessions), 1)
		d.step(End{id})
		d.pass(2 * time.Second)
		d.step(Yes{})
		equal(d, "sessions", len(d.m.State().Sessions), 0)
	})
	t.Run("kept while it asks", func(t *testing.T) {
		d, id := over(t)
		d.step(End{id})
		d.pass(2 * time.Second)
		d.step(NoteLogged{id, did[KeepNote](d)[0].Serial})
		equal(d, "sessions", len(d.m.State().Sessions), 0)
		equal(d, "question", d.m.State().Question.Ask, NoQuestion)
	})
	t.Run("written on", func(t *testing.T) {
		d, id := over(t)
		d.step(End{id}, Jot{id, "note, and more"})
		d.pass(NotePause + 2*time.Second)
		equal(d, "question", d.m.State().Question.Ask, NoQuestion)
		equal(d, "sessions", len(d.m.State().Sessions), 1)
	})
	t.Run("refused", func(t *testing.T) {
		d, id := over(t)
		d.pass(NotePause)
		d.step(LogRefused{id}, End{id})
		equal(d, "question", d.m.State().Question, Question{Ask: CloseUnkept, ID: id})
	})
}

func TestK07QuittingAsksAboutNotes(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.customer(id, session.Leave{})
	d.step(Jot{id, "note"})
	d.effects()
	d.step(Quit{})
	notes := did[KeepNote](d)
	equal(d, "question", d.m.State().Question, Question{Ask: QuitUnkept, Count: 1})
	d.step(NoteLogged{id, notes[0].Serial})
	equal(d, "once it is kept the program ends", len(did[Exit](d)), 1)

	d = signedIn(t)
	id = d.talk(1, "Maria")
	d.step(Jot{id, "note"}, Quit{}, Yes{})
	effects := d.effects()
	at := func(is func(Effect) bool) int {
		for i, f := range effects {
			if is(f) {
				return i
			}
		}
		return -1
	}
	note := at(func(f Effect) bool { _, ok := f.(KeepNote); return ok })
	exit := at(func(f Effect) bool { _, ok := f.(Exit); return ok })
	if note < 0 || exit < note {
		t.Errorf("the note is said at %d, the program ends at %d", note, exit)
	}
}

func TestK07WhoGetsACustomerBackGoesOnWithTheNote(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(Jot{id, "note"}, Conclude{id, wire.OutcomeFollowUp})
	d.customer(id, session.Leave{})
	d.step(Visitor{Visitor: wire.Visitor{Session: id, Queue: "general", Here: true}, Since: d.now})
	d.step(TakeNext{}, Given{ID: id, Peer: "Maria"})
	if n := d.noted(id); n.Text != "note" || n.Outcome != wire.OutcomeFollowUp {
		t.Errorf("%+v", n)
	}
}

// accepted is what of a session that begins now is kept.
func (d *desk) accepted(n byte) wire.Keep {
	d.Helper()
	id := d.talk(n, "Maria")
	return d.cust[id].State().Keep
}

func TestT01WhatIsKeptIsSettledWhenTheSessionBegins(t *testing.T) {
	now := newDesk(t).now
	good := Certified{Name: "Robin", From: now.Add(-time.Hour), To: now.Add(time.Hour), Checked: true}
	late := good
	late.To = now
	for _, row := range []struct {
		name        string
		keeping     Keeping
		certificate *Certified
		want        wire.Keep
		trouble     Trouble
	}{
		{"nothing", Keeping{}, &good, wire.KeepNothing, NoTrouble},
		{"readable", Keeping{Keep: wire.KeepReadable}, nil, wire.KeepReadable, NoTrouble},
		{"sealed", Keeping{Keep: wire.KeepSealed}, &good, wire.KeepSealed, NoTrouble},
		{"no certificate", Keeping{Keep: wire.KeepSealed}, nil, wire.KeepNothing, NotCertified},
		{"an old one", Keeping{Keep: wire.KeepSealed}, &late, wire.KeepNothing, NotCertified},
		{"no organisation", Keeping{Keep: wire.KeepSealed, Trouble: NoOrganisation}, &good, wire.KeepNothing, NoOrganisation},
		{"a wrong key", Keeping{Keep: wire.KeepSealed, Trouble: WrongKey}, &good, wire.KeepNothing, WrongKey},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := signedIn(t)
			d.step(row.keeping)
			if row.certificate != nil {
				d.step(*row.certificate)
			}
			equal(d, "the customer is told", d.accepted(1), row.want)
			equal(d, "the rep is told", d.m.State().Sessions[0].Trouble, row.trouble)
			d.step(Keeping{Keep: wire.KeepReadable})
			equal(d, "later", d.m.State().Sessions[0].State.Keep, row.want)
		})
	}
}

func TestT01WhatCouldNotBeSealedIsSaid(t *testing.T) {
	d := signedIn(t)
	d.step(Keeping{Keep: wire.KeepSealed}, Certified{From: d.now.Add(-1), To: d.now.Add(time.Hour), Checked: true})
	id := d.talk(1, "Maria")
	equal(d, "at first", d.session(id).Trouble, NoTrouble)
	d.step(NotSealed{id})
	equal(d, "then", d.session(id).Trouble, NotCertified)
}
