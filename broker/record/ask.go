package record

import (
	"errors"
	"slices"
	"time"

	"handrail/broker/lobby"
	"handrail/shared/wire"
)

// Errors of whoever keeps records.
var (
	// ErrNone: there is no such record, or not for whoever asks.
	ErrNone = errors.New("record: no such session")
	// ErrGoing: the session goes on, or ended so lately that something may still
	// come of it.
	ErrGoing = errors.New("record: the session is not over for long enough")
)

// Scope is whose sessions somebody may see: all, or those that came through one
// of some teams' queues or that one of some reps took part in. The zero Scope
// is none.
type Scope struct {
	All         bool
	Teams, Reps []uint64
}

// Filter is which sessions are asked for.
type Filter struct {
	Scope       Scope
	From, Until time.Time // when they came, Until not included; zero: open
	// FromDay and UntilDay are the same in days of the roll-up.
	FromDay, UntilDay int64  // 0: open
	Name, Company     string // a part of it
	Code              string // the company's, whole
	Portal, Issue     string
	Team, Rep         uint64 // a rep who took part in it
	Outcome           Outcome
	Rating            int
	Result            wire.Outcome
}

// Plain says whether the roll-up answers the filter.
func (f Filter) Plain() bool {
	return f.Name == "" && f.Company == "" && f.Code == "" && f.Issue == "" && f.Outcome == "" && f.Rating == 0 && f.Result == wire.OutcomeNone
}

// Cursor is a place in a list of records, the newest first.
type Cursor struct {
	Came    time.Time
	Session wire.SessionID
}

// At is where a record is.
func (r *Record) At() Cursor { return Cursor{r.Came, r.Session} }

// Page is a part of a list: so many records after a cursor, or before it.
type Page struct {
	Limit  int
	After  *Cursor // older than this
	Before *Cursor // newer than this; still the newest first
}

// Participant is a rep who took part in a session.
type Participant struct {
	Rep          uint64
	Joined, Left time.Time // first and last; Left is zero for one who is in it
}

// Given is the answer to a question of a survey.
type Given struct {
	Question uint32
	Rep      bool   // the rep was asked, not the customer
	Answer   string // a rating, indices of options separated by commas, or text
}

// Whole is everything that is kept of a session.
type Whole struct {
	Record
	People  []Participant
	Answers []Given
	Facts   []lobby.Fact
}

// Part is a part of what was said in a session, as a rep's console has told it.
// Entries are the lines of chat, where the broker may read them; Sealed has
// everything that happened, for those who can open it.
type Part struct {
	Rep     uint64
	Part    uint32 // counted from 1 for each rep
	Kept    time.Time
	Entries []wire.Entry
	Sealed  []byte
}

// Note is what a rep has noted of a session.
type Note struct {
	Rep    uint64
	At     time.Time
	Text   string
	Result wire.Outcome
}

// Notes gives the notes of each rep as they were written last.
func (w *Whole) Notes() []Note {
	var notes []Note
	for _, f := range w.Facts {
		if f.What != lobby.FactNote {
			continue
		}
		n := Note{Rep: f.Rep, At: f.At, Text: f.Detail["text"], Result: lobby.OutcomeNamed(f.Detail["outcome"])}
		if i := slices.IndexFunc(notes, func(o Note) bool { return o.Rep == f.Rep }); i >= 0 {
			notes = slices.Delete(notes, i, i+1)
		}
		notes = append(notes, n)
	}
	return slices.DeleteFunc(notes, func(n Note) bool { return n.Text == "" && n.Result == wire.OutcomeNone })
}

// By is what a summary is divided by.
type By int

// What summaries are divided by.
const (
	ByDay By = iota
	ByRep
	ByTeam
	ByPortal
)

// Total is a part of a summary: the count of a day, of a rep, of a team or of a
// portal.
type Total struct {
	Day       int64
	Rep, Team uint64
	Portal    string
	Count
}

// Asked is a question of a survey.
type Asked struct {
	Portal string
	Rep    bool // the rep is asked, not the customer
	ID     uint32
}

// Tally is how often an answer was given.
type Tally struct {
	Answer string
	Times  int64
}

// Text is an answer in somebody's own words.
type Text struct {
	Cursor
	Name, Answer string
}

// Recipient is a program elsewhere that hears of facts.
type Recipient struct {
	ID      string // "hook:" and a hook's, or Syslog
	Waiting int64  // facts in its line
	Tries   int    // of the first in line
	Due     time.Time
	Told    int64 // in all
	GivenUp int64
	Last    time.Time // it was told something
	Problem string    // of the last try; empty: none
}

// How recipients are named.
const (
	Syslog = "syslog"
	Hook   = "hook:"
)

// Line is a fact that a recipient is to be told of.
type Line struct {
	Number int64 // in the order in which they happened
	Mark   [16]byte
	Made   time.Time
	Portal string // of the session
	Fact   lobby.Fact
}

// Confidential names the detail of the fact that is for those who see reports:
// what a rep noted, what a file is called. It is empty where there is none.
func (l Line) Confidential() string {
	switch l.Fact.What {
	case lobby.FactNote:
		return "text"
	case lobby.FactFileOffered, lobby.FactFileAllowed, lobby.FactFileRefused, lobby.FactFileArrived, lobby.FactFileStopped:
		return "name"
	}
	return ""
}
