package wire

import (
	"errors"
	"fmt"
)

// Messages of what is kept of a session (control plane). The console tells the
// broker what happened in it; what was said and what files are called goes to
// the broker only sealed, for people whom the organisation's key has let in,
// unless the organisation wants its broker to read it.

const (
	KindLog     Kind = 40
	KindLogged  Kind = 41
	KindKeeping Kind = 42
	KindPortal  Kind = 43
)

// Limits of these messages.
const (
	MaxEntries     = 128      // of one part of a log
	MaxSealed      = 32 << 10 // bytes of one part, sealed
	MaxParts       = 10_000   // of one session, from one rep
	MaxGrant       = 1 << 10  // bytes of one grant
	MaxGrants      = 8        // of one console
	MaxInvitations = 32       // languages of one portal's invitation
)

// Keep says what becomes of what is said in a session.
type Keep uint8

const (
	KeepNothing  Keep = 0 // it is forgotten
	KeepSealed   Keep = 1 // people whom the organisation has let in can read it, the broker can't
	KeepReadable Keep = 2 // the broker can read it, and so can who may see its reports
)

// Log is a part of a session's record, from the console that has it: counted
// from 1, and said again until the broker has said Logged. Entries have no text
// and no chat lines, except under KeepReadable and in notes; Sealed has all of
// it (package vault), under KeepSealed.
type Log struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	Part    uint32    `cbor:"2,keyasint" json:"part"`
	Entries []Entry   `cbor:"3,keyasint,omitempty" json:"entries,omitempty"`
	Sealed  []byte    `cbor:"4,keyasint,omitempty" json:"sealed,omitempty"`
}

// Happened says what an Entry is about.
type Happened uint8

const (
	HappenedSaid     Happened = 1 // a line of chat: By, Text
	HappenedAsked    Happened = 2 // the rep asked for permissions: What
	HappenedAnswered Happened = 3 // the customer answered that: What, Verdict
	HappenedSharing  Happened = 4 // what is shared changed: What is shared now, Why
	HappenedFile     Happened = 5 // of a file or a folder: By who offers it, ID, Size, Items, State; Text is its name
	HappenedNote     Happened = 6 // the rep's notes, in place of those before: Text, Outcome
)

// FileState is how far a file has come.
type FileState uint8

const (
	FileOffered FileState = 1
	FileAllowed FileState = 2
	FileRefused FileState = 3 // by somebody, or by time
	FileArrived FileState = 4
	FileStopped FileState = 5 // on its way, or for want of room
)

// Outcome is what a rep says became of a session.
type Outcome uint8

const (
	OutcomeNone     Outcome = 0 // nothing was said
	OutcomeSolved   Outcome = 1
	OutcomeUnsolved Outcome = 2
	OutcomeFollowUp Outcome = 3 // there is more to do
)

// Entry is one thing that happened in a session. Which fields it has follows
// from What happened.
type Entry struct {
	At       int64      `cbor:"1,keyasint" json:"at"` // broker's clock, Unix milliseconds
	Happened Happened   `cbor:"2,keyasint" json:"happened"`
	By       Role       `cbor:"3,keyasint,omitempty" json:"by,omitempty"`
	Text     string     `cbor:"4,keyasint,omitempty" json:"text,omitempty"`
	What     Permission `cbor:"5,keyasint,omitempty" json:"what,omitempty"`
	Verdict  Verdict    `cbor:"6,keyasint,omitempty" json:"verdict,omitempty"`
	Why      SharingWhy `cbor:"7,keyasint,omitempty" json:"why,omitempty"`
	ID       uint32     `cbor:"8,keyasint,omitempty" json:"id,omitempty"` // of that side's offer
	Size     uint64     `cbor:"9,keyasint,omitempty" json:"size,omitempty"`
	Items    uint32     `cbor:"10,keyasint,omitempty" json:"items,omitempty"`
	State    FileState  `cbor:"11,keyasint,omitempty" json:"state,omitempty"`
	Outcome  Outcome    `cbor:"12,keyasint,omitempty" json:"outcome,omitempty"`
}

// Logged answers Log: every part up to this one is kept. The broker says it
// again to a rep who comes back to a session.
type Logged struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	Part    uint32    `cbor:"2,keyasint" json:"part"`
}

// Keeping tells a rep, after SignedIn and whenever it changes, what becomes of
// what is said in sessions. Key is the record key that it is sealed for, signed
// by the organisation (package vault); Grants are what this console needs to
// open what was sealed, sealed for it.
type Keeping struct {
	Keep   Keep     `cbor:"1,keyasint,omitempty" json:"keep,omitempty"`
	Key    []byte   `cbor:"2,keyasint,omitempty" json:"key,omitempty"`
	Grants [][]byte `cbor:"3,keyasint,omitempty" json:"grants,omitempty"`
}

// Portal tells a rep, after SignedIn and whenever it changes, of a public site
// where customers use session keys, and how it invites them. Without a Name it
// is no more.
type Portal struct {
	ID          string       `cbor:"1,keyasint" json:"id"`
	Name        string       `cbor:"2,keyasint,omitempty" json:"name,omitempty"`
	Page        string       `cbor:"3,keyasint,omitempty" json:"page,omitempty"` // https, its first page
	Invitations []Invitation `cbor:"4,keyasint,omitempty" json:"invitations,omitempty"`
}

// Invitation is a portal's mail for customers, in one language. {rep}, {key},
// {link}, {name} and {minutes} are the console's to fill in.
type Invitation struct {
	Language string `cbor:"1,keyasint" json:"language"` // BCP 47
	Subject  string `cbor:"2,keyasint" json:"subject"`
	Text     string `cbor:"3,keyasint" json:"text"`
}

// Kind tells the message's number.
func (*Log) Kind() Kind     { return KindLog }
func (*Logged) Kind() Kind  { return KindLogged }
func (*Keeping) Kind() Kind { return KindKeeping }
func (*Portal) Kind() Kind  { return KindPortal }

// recordRow is the table's part for these messages.
func recordRow(k Kind) row {
	switch k {
	case KindLog:
		return row{"Log", of[Log], rep, 0, false}
	case KindLogged:
		return row{"Logged", of[Logged], broker, 0, false}
	case KindKeeping:
		return row{"Keeping", of[Keeping], broker, 0, false}
	case KindPortal:
		return row{"Portal", of[Portal], broker, 0, false}
	}
	return row{}
}

func (m *Log) check() error {
	return errors.Join(within("part", int(m.Part), 1, MaxParts), filled("entry", len(m.Entries)+len(m.Sealed)),
		atMost("entries", len(m.Entries), MaxEntries), each(m.Entries, (*Entry).check), atMost("sealed", len(m.Sealed), MaxSealed))
}

func (e *Entry) check() error {
	return errors.Join(moment("at", e.At), within("happened", int(e.Happened), int(HappenedSaid), int(HappenedNote)),
		atMost("by", int(e.By), int(RoleRep)), text("text", e.Text, MaxText), permission(e.What), atMost("verdict", int(e.Verdict), int(TakenBack)),
		atMost("why", int(e.Why), int(SharingFailed)), size(e.Size, MaxSize), atMost("items", int(e.Items), MaxItems),
		atMost("state", int(e.State), int(FileStopped)), atMost("outcome", int(e.Outcome), int(OutcomeFollowUp)))
}

func (m *Logged) check() error { return within("part", int(m.Part), 1, MaxParts) }

func (m *Keeping) check() error {
	return errors.Join(atMost("keep", int(m.Keep), int(KeepReadable)), atMost("key", len(m.Key), MaxGrant),
		atMost("grants", len(m.Grants), MaxGrants), each(m.Grants, func(b *[]byte) error {
			return errors.Join(filled("grant", len(*b)), atMost("grant", len(*b), MaxGrant))
		}))
}

func (m *Portal) check() error {
	seen := map[string]bool{}
	return errors.Join(filled("id", len(m.ID)), line("id", m.ID, MaxQueue), name("name", m.Name), address(m.Page),
		atMost("invitations", len(m.Invitations), MaxInvitations), each(m.Invitations, func(i *Invitation) error {
			if seen[i.Language] {
				return fmt.Errorf("invitation in %q twice", i.Language)
			}
			seen[i.Language] = true
			return errors.Join(filled("language", len(i.Language)), line("language", i.Language, MaxCap),
				line("subject", i.Subject, MaxLine), plain("text", i.Text))
		}))
}
