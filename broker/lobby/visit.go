package lobby

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"slices"
	"time"

	"handrail/broker/settings"
	"handrail/shared/wire"
)

const (
	// CodeLife is how long a portal's code can be used: enough to download and
	// start a program on a slow line.
	CodeLife = 15 * time.Minute

	// waitRest is how long the place of a customer is kept whose connection is
	// lost: a change of network, or a restart of the broker.
	waitRest = 2 * time.Minute

	// surveyLife is how long answers are welcome after the end.
	surveyLife = 30 * time.Minute

	// Afterlife is how long after its end a lobby may keep anything of a visit.
	Afterlife = surveyLife + time.Minute

	// MaxVisits bounds what all customers who are expected, wait and are in
	// sessions take in memory; a visit is a few kilobytes.
	MaxVisits = 2 * MaxSessions

	// maxExpected is how many places one address can have that nobody has
	// entered yet. Many may come from behind one office's address at once.
	maxExpected = 50
)

// How a customer began, as records tell it.
const (
	startKey   = "key"
	startRep   = "rep"
	startIssue = "issue"
)

// Visit is one customer from the beginning to the survey, as it is kept. It
// has the ID of the session it becomes, and goes through
//
//	          Enter           accepted           Take
//	Expected ──────▶ Asked ─────────────▶ Waits ──────▶ InSession
//	   │               │ no, or silence     │  ◀──────────  │ handed on, rep lost
//	   └───────────────┴─────────▶ Over ◀───┴───────────────┘
//
// Who comes by a session key begins as Asked, and goes on to InSession at once.
type Visit struct {
	ID wire.SessionID `json:"-"`
	Arrival
	State   State
	Start   string // startKey, startRep or startIssue
	Number  string `json:",omitempty"` // of the key, where Start is startKey
	Came    time.Time
	Code    string    `json:",omitempty"`
	Expires time.Time `json:",omitzero"` // of Code

	// Ticket is SHA-256 of what brings the customer back. Spoken is whether it
	// came from the program that has it; from then on Code is worth nothing.
	Ticket [sha256.Size]byte `json:"-"`
	Spoken bool              `json:",omitempty"`

	Agreed    bool         `json:",omitempty"`
	Asked     wire.Asked   `json:",omitempty"` // the question that is open
	Until     time.Time    `json:",omitzero"`  // its end
	Recording wire.Consent `json:",omitempty"`

	// The Arrival's Queue is where the customer waits, or waited last.
	First  string    `json:",omitempty"` // where first
	Since  time.Time `json:",omitzero"`  // waits for a rep
	Turn   time.Time `json:",omitzero"`  // orders those who wait: Since, but for a customer whose rep was lost
	Order  uint64    `json:",omitempty"` // of those with the same Turn
	Queued time.Time `json:",omitzero"`  // in this queue
	Place  int       `json:",omitempty"` // position at that moment
	Former string    `json:",omitempty"` // the rep who had the customer before
	Note   string    `json:",omitempty"` // what that rep wrote
	Last   uint64    `json:",omitempty"` // the rep who has the customer, or had it last
	Met    bool      `json:",omitempty"` // the customer's program knows of its Start

	Over  time.Time   `json:",omitzero"`
	Why   wire.EndWhy `json:",omitempty"` // when Over
	Noted bool        `json:",omitempty"` // answers to the survey are kept

	// Of the rep who had the customer at the end, and is asked as well.
	RepTicket []byte `json:",omitempty"` // SHA-256
	RepNoted  bool   `json:",omitempty"`

	Logs []RepLog `json:",omitempty"` // what the reps who have it, or had it, have told of it
}

// visit is a Visit in use by the lobby.
type visit struct {
	Visit
	c      *client // nil while the customer is not connected
	ticket []byte  // while c is there
	away   time.Time
	m      *meeting // nil: no rep
	rep    Conn     // of the rep at the end, as far as known

	told     wire.Waiting    // last
	hold     time.Time       // of the next hold message; zero: none
	nobody   bool            // told that nobody is there
	notices  map[uint64]bool // told
	seen     *wire.Visitor   // as reps see it
	version  uint64          // of that, counted from 1
	standing Standing        // last
}

// busy says whether a customer has something to do here already.
func (c *client) busy() bool {
	return len(c.in) > 0 || c.waits != nil || c.visit != nil && c.visit.goesOn()
}

// goesOn says whether the visit is not over, and the customer has not left it.
func (v *visit) goesOn() bool {
	return v.Over.IsZero() && (v.m == nil || v.m.CustomerLeft == 0)
}

// come has c be the customer of v, in place of who was it before.
func (v *visit) come(c *client, ticket []byte) {
	if old := v.c; old != nil && old != c {
		old.visit = nil
	}
	if c.visit != nil && c.visit != v {
		c.visit.c = nil
	}
	v.c, c.visit, v.ticket = c, v, ticket
	v.away = time.Time{}
}

// lose notes that the customer's connection is gone.
func (v *visit) lose(now time.Time) {
	v.c.visit, v.c, v.ticket = nil, nil, nil
	v.away = now
}

// isAway says whether a customer who waits has been gone for so long that the
// program may not come back by itself.
func (v *visit) isAway(now time.Time) bool {
	return (v.State == Asked || v.State == Waits) && v.c == nil && now.Sub(v.away) >= awayGrace
}

func (v *visit) opens(ticket []byte) bool    { return isTicket(ticket, v.Ticket[:]) }
func (v *visit) opensRep(ticket []byte) bool { return isTicket(ticket, v.RepTicket) }

// isTicket says whether a ticket is the one of which sum is the SHA-256.
func isTicket(ticket, sum []byte) bool {
	got := sha256.Sum256(ticket)
	return subtle.ConstantTimeCompare(got[:], sum) == 1
}

func (l *Lobby) rememberVisit(v *visit) {
	l.visits[v.ID] = v
	if v.Code != "" {
		l.codes[v.Code] = v
	}
	if v.Page != [sha256.Size]byte{} {
		l.pages[v.Page] = v
	}
}

func (l *Lobby) forgetVisit(v *visit) {
	delete(l.visits, v.ID)
	l.forgetCode(v)
	if l.pages[v.Page] == v {
		delete(l.pages, v.Page)
		l.do(Stands{Page: v.Page})
	}
	for r, id := range l.takes {
		if id == v.ID {
			delete(l.takes, r)
		}
	}
	for _, c := range l.clients {
		delete(c.proved, v.ID)
	}
	if v.c != nil {
		v.c.visit = nil
	}
}

func (l *Lobby) forgetCode(v *visit) {
	if v.Code != "" {
		delete(l.codes, v.Code)
		v.Code = ""
	}
}

// saveVisit keeps v and shows its page how it stands.
func (l *Lobby) saveVisit(v *visit) {
	l.do(SaveVisit{v.Visit})
	l.stand(v)
}

// portal is the settings that hold for v.
func (l *Lobby) portal(v *visit) settings.Portal {
	if p, ok := l.settings.Portals[v.Portal]; ok {
		return p
	}
	return l.settings.Portals[settings.Main]
}

// say says m to the customer, if connected.
func (l *Lobby) say(v *visit, m wire.Message) {
	if v.c != nil {
		l.send(v.c.Conn, m)
	}
}

// end takes v out of whatever it was in, for good, and tells the customer
// unless it was the customer's own doing.
func (l *Lobby) end(now time.Time, v *visit, why wire.EndWhy, own bool) {
	if !v.Over.IsZero() {
		return
	}
	if v.State == Waits {
		l.unqueue(v)
		if v.First != "" && (why == wire.EndByCustomer || why == wire.EndLost || why == wire.EndForNotice) {
			l.fact(now, v, FactAbandoned, 0, v.Queue, "waited", waited(now, v.Since))
		}
	}
	if v.State == Asked && v.Number != "" {
		// A number that was right but led nowhere costs a try, as in finish.
		l.budget.charge(now, v.From)
	}
	if v.State != InSession || !met(why) || why == wire.EndByBroker {
		v.RepTicket = nil // nobody to ask
	}
	if v.m != nil { // its rep has not said so yet
		l.fact(now, v, FactLeft, v.m.Rep, "", "why", whyNames[why])
	}
	l.forgetCode(v)
	v.State, v.Over, v.Why, v.Asked = Over, now, why, 0
	l.saveVisit(v)
	l.fact(now, v, FactEnded, 0, "", "why", whyNames[why])
	if !own {
		l.say(v, &wire.Ended{Session: v.ID, Why: why})
	}
	l.survey(v)
	l.surveyRep(v)
}

// sortedVisits gives visits in a fixed order; see sorted.
func (l *Lobby) sortedVisits(want func(*visit) bool) []*visit {
	var found []*visit
	for _, v := range l.visits {
		if want(v) {
			found = append(found, v)
		}
	}
	slices.SortFunc(found, func(a, b *visit) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return found
}

// sweepVisits lets time pass for customers who are not in a queue.
func (l *Lobby) sweepVisits(now time.Time) {
	due := l.sortedVisits(func(v *visit) bool {
		switch v.State {
		case Expected:
			return !now.Before(v.Expires)
		case Asked:
			return !now.Before(v.Until) || v.c == nil && now.Sub(v.away) >= waitRest
		case Waits:
			return v.c == nil && now.Sub(v.away) >= waitRest || v.Code != "" && !now.Before(v.Expires)
		case Over:
			return now.Sub(v.Over) >= surveyLife
		}
		return false
	})
	for _, v := range due {
		switch v.State {
		case Expected:
			l.end(now, v, wire.EndNeverMet, false)
		case Over:
			l.forgetVisit(v)
		case Asked:
			if now.Before(v.Until) {
				l.end(now, v, wire.EndLost, false)
			} else {
				l.decided(now, v, false, "silence")
			}
		default:
			if v.c == nil && now.Sub(v.away) >= waitRest {
				l.end(now, v, wire.EndLost, false)
			} else {
				l.forgetCode(v)
			}
		}
	}
	for _, v := range l.sortedVisits(func(v *visit) bool { return v.isAway(now) }) {
		l.stand(v)
	}
}

// draw fills b with unpredictable bytes.
func (l *Lobby) draw(b []byte) error {
	_, err := io.ReadFull(l.rules.Random, b)
	return err
}
