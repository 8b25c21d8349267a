package console

import (
	"strings"
	"time"
	"unicode/utf8"

	"handrail/shared/wire"
)

// Times of notes.
const (
	NotePause = time.Second      // a note goes out when nothing was written for so long
	NoteMost  = 8 * time.Second  // and after so long at the latest
	NoteLife  = 30 * time.Minute // after the end the broker takes no more (PROTOCOL.md, 4b)
	closeWait = time.Second      // a tab that is closed waits so long for a note that is on its way
)

// NoteStage is how far a rep's notes have come.
//
//	empty ──written──▶ writing ──pause, end──▶ said ──Logged──▶ kept
//	                     ▲  └────────────────────┴──refused──▶ refused
//	                     └──written again──┘
type NoteStage int

const (
	NoteEmpty NoteStage = iota
	NoteWriting
	NoteSaid // to the broker, as soon as it can be reached
	NoteKept
	NoteRefused // the broker will not keep it
)

// Notes are what a rep writes about a session, and what became of it (K07).
type Notes struct {
	Text    string
	Outcome wire.Outcome
	Stage   NoteStage
	serial  uint64    // by which it was said last
	due     time.Time // while NoteWriting: when it goes out
	latest  time.Time // the latest time for that
}

// Unkept says whether something is written that the broker has not kept.
func (n Notes) Unkept() bool { return n.Stage != NoteEmpty && n.Stage != NoteKept }

// MayNote says whether notes can be written about a session now.
func (x *Session) MayNote(now time.Time) bool {
	if !x.Taken || x.State.Began.IsZero() {
		return false
	}
	return !x.over() || now.Before(endOf(*x).Add(NoteLife))
}

// What the rep does with notes.
type (
	Jot struct { // all that is written now
		ID   wire.SessionID
		Text string
	}
	Conclude struct {
		ID      wire.SessionID
		Outcome wire.Outcome
	}
)

// What becomes of them.
type (
	// NoteLogged: the broker has kept the notes up to this serial.
	NoteLogged struct {
		ID     wire.SessionID
		Serial uint64
	}
	// LogRefused: the broker will keep nothing more about a session.
	LogRefused struct{ ID wire.SessionID }
)

// KeepNote has a note said to the broker until it is kept, whatever becomes of
// the tab. It takes the place of the one before.
type KeepNote struct {
	ID      wire.SessionID
	Serial  uint64
	Text    string
	Outcome wire.Outcome
}

func (Jot) event()        {}
func (Conclude) event()   {}
func (NoteLogged) event() {}
func (LogRefused) event() {}
func (KeepNote) effect()  {}

// notes takes what concerns the rep's notes.
func (m *Model) notes(now time.Time, e Event) {
	switch e := e.(type) {
	case Jot:
		if x := m.session(e.ID); x != nil && x.MayNote(now) {
			if text := fitting(e.Text); text != x.Notes.Text {
				x.Notes.Text = text
				m.noted(now, x)
			}
		}
	case Conclude:
		x := m.session(e.ID)
		if x == nil || !x.MayNote(now) || e.Outcome > wire.OutcomeFollowUp {
			return
		}
		if e.Outcome == x.Notes.Outcome {
			e.Outcome = wire.OutcomeNone // pressed again, it is taken back
		}
		x.Notes.Outcome = e.Outcome
		m.noted(now, x)
		m.sayNote(x)
	case NoteLogged:
		if x := m.session(e.ID); x != nil && x.Notes.Stage == NoteSaid && x.Notes.serial <= e.Serial {
			x.Notes.Stage = NoteKept
			m.noteDone(x)
		}
	case LogRefused:
		if x := m.session(e.ID); x != nil && x.Notes.Unkept() {
			x.Notes.Stage = NoteRefused
		}
	}
}

// fitting is text as a message takes it.
func fitting(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	if len(text) <= wire.MaxText {
		return text
	}
	cut := wire.MaxText
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}

// noted has what is written go out after a pause.
func (m *Model) noted(now time.Time, x *Session) {
	n := &x.Notes
	x.closing = time.Time{}
	if n.Stage != NoteWriting {
		n.latest = now.Add(NoteMost)
	}
	n.Stage, n.due = NoteWriting, now.Add(NotePause)
	if n.latest.Before(n.due) {
		n.due = n.latest
	}
	if n.Text == "" && n.Outcome == wire.OutcomeNone && n.serial == 0 {
		n.Stage = NoteEmpty // nothing was ever said
	}
}

// sayNote has what is written go out now.
func (m *Model) sayNote(x *Session) {
	if n := &x.Notes; n.Stage == NoteWriting {
		m.jots++
		n.Stage, n.serial = NoteSaid, m.jots
		m.do(KeepNote{ID: x.ID, Serial: n.serial, Text: n.Text, Outcome: n.Outcome})
	}
}

// passNotes says what was not touched for a while, and asks about tabs that are
// to be closed when their note doesn't get through.
func (m *Model) passNotes(now time.Time) {
	for i := range m.s.Sessions {
		x := &m.s.Sessions[i]
		if x.Notes.Stage == NoteWriting && !now.Before(x.Notes.due) {
			m.sayNote(x)
		}
		if !x.closing.IsZero() && !now.Before(x.closing) {
			x.closing = time.Time{}
			m.s.Question = Question{Ask: CloseUnkept, ID: x.ID}
		}
	}
}

// wakeNotes says when time has something to do next.
func (m *Model) wakeNotes(until func(time.Time)) {
	for _, x := range m.s.Sessions {
		if x.Notes.Stage == NoteWriting {
			until(x.Notes.due)
		}
		if !x.closing.IsZero() {
			until(x.closing)
		}
		if x.over() && x.MayNote(m.s.Now) {
			until(endOf(x).Add(NoteLife)) // then nothing can be written any more
		}
	}
}

// shut puts the tab of an ended session away. While its note is not kept that
// waits for a moment, and then asks.
func (m *Model) shut(now time.Time, x *Session) {
	m.sayNote(x)
	switch {
	case x.Notes.Stage == NoteSaid:
		x.closing = now.Add(closeWait)
	case x.Notes.Unkept():
		m.s.Question = Question{Ask: CloseUnkept, ID: x.ID}
	default:
		m.remove(x.ID)
	}
}

// noteDone goes on with what has waited for a note.
func (m *Model) noteDone(x *Session) {
	q := m.s.Question
	switch {
	case q.Ask == CloseUnkept && q.ID == x.ID, !x.closing.IsZero():
		m.remove(x.ID)
	case q.Ask == QuitUnkept && m.unkept() == 0:
		m.leaveAll()
	}
}

// unkept counts the notes that the broker has not kept.
func (m *Model) unkept() (n int) {
	for _, x := range m.s.Sessions {
		if x.Notes.Unkept() {
			n++
		}
	}
	return n
}

// sayNotes has everything that is written go out now.
func (m *Model) sayNotes() {
	for i := range m.s.Sessions {
		m.sayNote(&m.s.Sessions[i])
	}
}

// Trouble is why nothing of what is said is kept, although the organisation
// wants it sealed.
type Trouble int

const (
	NoTrouble      Trouble = iota
	NoOrganisation         // the site file doesn't say for whom it would be sealed
	WrongKey               // the broker's record key is not the organisation's
	NotCertified           // nobody would believe what this console seals
)

// Keeping is what the organisation wants of what is said in sessions, and why
// it can't be had.
type Keeping struct {
	Keep    wire.Keep
	Trouble Trouble
}

func (Keeping) event() {}

// NotSealed: something of a session could not be sealed, and is not kept.
type NotSealed struct{ ID wire.SessionID }

func (NotSealed) event() {}

// keeping takes what concerns what is kept.
func (m *Model) keeping(e Event) {
	switch e := e.(type) {
	case Keeping:
		m.s.Keeping = e
	case NotSealed:
		if x := m.session(e.ID); x != nil && x.State.Keep == wire.KeepSealed {
			x.Trouble = NotCertified
		}
	}
}

// keeps is what this console keeps of a session that begins now: less than the
// organisation wants where it can't be sealed.
func (m *Model) keeps(now time.Time) (wire.Keep, Trouble) {
	k, c := m.s.Keeping, m.s.Certificate
	if k.Keep != wire.KeepSealed {
		return k.Keep, NoTrouble
	}
	if k.Trouble == NoTrouble && (!c.Kept || !c.Checked || now.Before(c.From) || !now.Before(c.To)) {
		k.Trouble = NotCertified
	}
	if k.Trouble != NoTrouble {
		return wire.KeepNothing, k.Trouble
	}
	return wire.KeepSealed, NoTrouble
}
