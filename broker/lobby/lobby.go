// Package lobby decides how a customer and a rep find each other: session
// keys, who may join what, the messages forwarded between the two while they
// meet, and when a session is over. It is a plain function from events to
// effects, like the session itself: no goroutines, no clock, no connection.
//
// Call Restore with what was kept, then Step with every event in order. The
// caller keeps all records of the returned effects (SaveKey, SaveSession)
// before it does any Send: then nothing that a client was told is ever lost.
//
// The lobby never learns the secret half of a key and never sees what the two
// say to each other; a Session here is only the fact that two are meeting.
package lobby

import (
	"io"
	"time"

	"handrail/shared/wire"
)

// What a site decides, and the bounds it decides within (row P03).
const (
	KeyLife    = 10 * time.Minute // default life of a key
	MinKeyLife = time.Minute
	MaxKeyLife = 24 * time.Hour

	// SessionRest is how long a session without anybody connected can be come
	// back to. It covers a restart of the broker or of a computer.
	SessionRest = 10 * time.Minute
)

// Limits that keep one client from using up what belongs to all.
const (
	// MaxKeys is 1 % of all numbers, so that a guessed number hits nothing 99
	// times in 100 even on the fullest broker, and picking a free number is
	// quick.
	MaxKeys = 10_000

	// MaxRepKeys is far more than one rep hands out at a time and lets
	// SignedIn with all of them stay one small message. maxRepMemory counts
	// the ended ones of the last hour (keyMemory) too: five a minute.
	MaxRepKeys   = 32
	maxRepMemory = 300

	// MaxSessions is what one broker's relay could not carry anyway
	// (about 300 relayed sessions a core).
	MaxSessions = 5_000

	// keyMemory is how long an ended key is remembered: a NewKey said again
	// gets the same answer, and a number read out late by mistake does not
	// reach another rep at once.
	keyMemory = time.Hour

	// joinPatience is how long a second Join waits for the rep's console to
	// say what becomes of the key (see Lobby.join). The console answers at
	// once, so this only has to cover a slow network.
	joinPatience = 5 * time.Second
)

// Conn numbers a control connection. The caller never uses a number twice;
// 0 is nobody.
type Conn uint64

// Rules is what the lobby is told from outside.
type Rules struct {
	KeyLife time.Duration // of a key whose rep names none; 0 is KeyLife
	Random  io.Reader     // unpredictable bytes: numbers, session ids, tickets

	// Relays makes relay servers with credentials for one session, valid from
	// now. It must be a pure function too.
	Relays func(now time.Time, id wire.SessionID) []wire.Relay
}

// Event is one thing that happened. The list of Step is complete.
type Event interface{ event() }

// Opened is a connection that said a good Hello. From is the address that its
// wrong tries are charged to: IPv4 whole, IPv6 by its /64.
type Opened struct {
	Conn   Conn
	From   string
	Role   wire.Role
	System string
}

// SignedIn is a rep who proved to be Rep on Conn.
type SignedIn struct {
	Conn Conn
	Rep  Rep
}

// Said is a message of a client.
type Said struct {
	Conn    Conn
	Message wire.Message
}

// Closed is a connection that ended, by either side's doing.
type Closed struct{ Conn Conn }

// Struck is a rep whom the administrator has taken off the list.
type Struck struct{ Rep uint64 }

// Tick lets time pass. Once a second is enough.
type Tick struct{}

func (Opened) event()   {}
func (SignedIn) event() {}
func (Said) event()     {}
func (Closed) event()   {}
func (Struck) event()   {}
func (Tick) event()     {}

// Effect is one thing the caller must do, in the order given.
type Effect interface{ effect() }

// Send says Message on To. To may have closed meanwhile; then nothing is lost.
type Send struct {
	To      Conn
	Message wire.Message
}

// Close ends a connection after everything sent before.
type Close struct {
	Conn   Conn
	Reason string // for the log
}

// SaveKey keeps a key, replacing what was kept of it.
type SaveKey struct{ Key Key }

// SaveSession keeps a session, replacing what was kept of it.
type SaveSession struct{ Session Session }

func (Send) effect()        {}
func (Close) effect()       {}
func (SaveKey) effect()     {}
func (SaveSession) effect() {}

// client is one open connection.
type client struct {
	Opened
	rep   uint64 // 0 until signed in
	name  string
	in    map[wire.SessionID]*meeting // where this connection is a side
	waits *slot                       // the key whose waiter this is
}

// Lobby is all keys, connections and sessions of one broker. Make it with New.
type Lobby struct {
	rules    Rules
	budget   budget
	clients  map[Conn]*client
	reps     map[uint64]Conn // where a rep is signed in
	numbers  map[string]*slot
	requests map[request]*slot
	meetings map[wire.SessionID]*meeting
	out      []Effect // of the Step under way
}

// New makes an empty lobby.
func New(rules Rules) *Lobby {
	if rules.KeyLife == 0 {
		rules.KeyLife = KeyLife
	}
	return &Lobby{
		rules:    rules,
		budget:   newBudget(),
		clients:  map[Conn]*client{},
		reps:     map[uint64]Conn{},
		numbers:  map[string]*slot{},
		requests: map[request]*slot{},
		meetings: map[wire.SessionID]*meeting{},
	}
}

// Restore takes back what was kept, before the first Step. All sessions rest
// from now on, because nobody is connected yet.
func (l *Lobby) Restore(now time.Time, keys []Key, sessions []Session) {
	for _, k := range keys {
		if !k.forgotten(now) { // its number may be another key's by now
			l.remember(&slot{Key: k})
		}
	}
	for _, s := range sessions {
		if s.Ended.IsZero() {
			l.meetings[s.ID] = &meeting{Session: s, quiet: now}
		}
	}
}

// Step takes one event and returns what to do about it.
func (l *Lobby) Step(now time.Time, e Event) []Effect {
	l.out = nil
	switch e := e.(type) {
	case Opened:
		l.clients[e.Conn] = &client{Opened: e, in: map[wire.SessionID]*meeting{}}
	case SignedIn:
		l.signIn(e)
	case Said:
		if c := l.clients[e.Conn]; c != nil {
			l.said(now, c, e.Message)
		}
	case Closed:
		l.closed(now, e.Conn)
	case Struck:
		l.struck(now, e.Rep)
	case Tick:
		l.tick(now)
	}
	return l.out
}

func (l *Lobby) said(now time.Time, c *client, m wire.Message) {
	stranger := c.Role == wire.RoleRep && c.rep == 0
	if stranger || !wire.MayCome(m.Kind(), wire.ControlPlane, c.Role) {
		l.refuse(c.Conn, wire.CodeOutOfPlace, m.Kind(), [16]byte{})
		return
	}
	switch m := m.(type) {
	case *wire.NewKey:
		l.newKey(now, c, m)
	case *wire.RevokeKey:
		l.revokeKey(now, c, m)
	case *wire.Join:
		l.join(now, c, m)
	case *wire.Signal:
		l.signal(c, m)
	case *wire.Leave:
		l.leave(now, c, m)
	case *wire.Rejoin:
		l.rejoin(now, c, m)
	default:
		l.refuse(c.Conn, wire.CodeOutOfPlace, m.Kind(), [16]byte{})
	}
}

// signIn makes Conn the rep's one connection. A console that was signed in
// before is told and let go: two consoles of one rep would each show half.
func (l *Lobby) signIn(e SignedIn) {
	c := l.clients[e.Conn]
	if c == nil {
		return
	}
	if old := l.reps[e.Rep.ID]; old != 0 && old != e.Conn {
		l.refuse(old, wire.CodeSignedInElse, 0, [16]byte{})
		l.do(Close{Conn: old, Reason: "signed in from another console"})
		l.clients[old].rep = 0 // its own Closed must not sign the new one out
	}
	c.rep, c.name = e.Rep.ID, e.Rep.Name
	l.reps[c.rep] = c.Conn
	l.send(c.Conn, &wire.SignedIn{Rep: c.rep, Name: c.name, Keys: l.openKeys(c.rep)})
}

// closed forgets a connection. Its sessions go on without it: they are end to
// end, and only Leave ends one.
func (l *Lobby) closed(now time.Time, conn Conn) {
	c := l.clients[conn]
	if c == nil {
		return
	}
	delete(l.clients, conn)
	if c.rep != 0 && l.reps[c.rep] == conn {
		delete(l.reps, c.rep)
	}
	for _, m := range c.in {
		m.detach(now, c)
	}
	if c.waits != nil {
		c.waits.waiter = nil
	}
}

// struck ends everything of a rep: keys, sessions, connection.
func (l *Lobby) struck(now time.Time, rep uint64) {
	for _, s := range l.keysOf(rep) {
		l.endKey(now, s, wire.KeyRevoked)
	}
	for _, m := range l.meetingsOf(rep) {
		l.finish(now, m, wire.EndByBroker)
	}
	if conn := l.reps[rep]; conn != 0 {
		l.refuse(conn, wire.CodeNotEnrolled, 0, [16]byte{})
		l.do(Close{Conn: conn, Reason: "rep revoked"})
		l.clients[conn].rep = 0
		delete(l.reps, rep)
	}
}

func (l *Lobby) tick(now time.Time) {
	l.expireKeys(now)
	l.endRested(now)
	l.budget.forget(now)
}

func (l *Lobby) do(e Effect) { l.out = append(l.out, e) }

func (l *Lobby) send(to Conn, m wire.Message) {
	if to != 0 {
		l.do(Send{To: to, Message: m})
	}
}

func (l *Lobby) refuse(to Conn, code wire.Code, about wire.Kind, key [16]byte) {
	l.send(to, &wire.Problem{Code: code, About: about, Key: key})
}
