package session

import (
	"time"

	"handrail/shared/wire"
)

// Limits of the list of lines, so that a chatty other side cannot fill the
// memory: what is beyond falls off the front and is counted.
const (
	maxLines = 5000
	maxBytes = 4 << 20
)

// LineKind says what a line of the list reports.
type LineKind int

const (
	LineChat      LineKind = iota // Text, by Mine or the other
	LineAccepted                  // the rep took the session
	LineNudge                     // the rep nudged
	LineAsked                     // the rep asked for What
	LineAnswered                  // the customer's Verdict on What
	LineSharing                   // sharing changed to What, for SharingWhy
	LineWithdrawn                 // the rep gave What back
	LineEnded                     // Why
	LineTransfer                  // a file was offered: Transfer in State.Transfers tells what became of it
	LineVerified                  // the customer compared the three words, and they are the same
	LineDenied                    // the rep asked for What, or wanted to send a file if that is 0; the organisation denies it
	LineKept                      // what is said is kept: Keep
)

// Line is one entry of the list that is chat and log in one (C01). Lines are
// never changed once they are there.
type Line struct {
	At      time.Time
	Kind    LineKind
	Mine    bool   // a LineChat written here
	Text    string // as typed; never markup
	Seq     uint64 // of a line written here: it has arrived when State.Acked reaches it
	What    wire.Permission
	Fresh   wire.Permission // what of What is new, in a LineSharing
	Verdict wire.Verdict
	Sharing wire.SharingWhy
	Why     wire.EndWhy
	Keep    wire.Keep

	Transfer uint32 // its ID
}

// note adds a line.
func (s *Session) note(l Line) {
	s.s.Lines = append(s.s.Lines, l) // earlier States keep their shorter view of the same lines
	bytes := 0
	for i := len(s.s.Lines) - 1; i >= 0; i-- {
		bytes += len(s.s.Lines[i].Text)
		if len(s.s.Lines)-i > maxLines || bytes > maxBytes {
			s.s.Dropped += i + 1
			s.s.Lines = append([]Line(nil), s.s.Lines[i+1:]...)
			return
		}
	}
}
