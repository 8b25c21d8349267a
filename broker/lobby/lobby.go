// Package lobby decides how a customer and a rep find each other: session
// keys, the queues of a portal and who takes whom, what a customer is asked and
// told while waiting, the messages forwarded between the two while they meet,
// when a session is over, and what is asked afterwards. It is a plain function
// from events to effects, like the session itself: no goroutines, no clock, no
// connection.
//
// Call Restore with what was kept, then Step with every event in order. The
// caller keeps all records of the returned effects (a Batch) before it does any
// of the others: then nothing that a client was told is ever lost.
//
// The lobby never learns the secret half of a key and never sees what the two
// say to each other; a Session here is only the fact that two are meeting.
package lobby

import (
	"crypto/sha256"
	"io"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
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

	// sweepEvery is how often what depends on time alone is looked at.
	sweepEvery = 500 * time.Millisecond
)

// Conn numbers a control connection. The caller never uses a number twice;
// 0 is nobody.
type Conn uint64

// Rules is what the lobby is told from outside.
type Rules struct {
	KeyLife time.Duration // of a key whose rep names none; 0 is KeyLife
	Random  io.Reader     // unpredictable bytes: numbers, session ids, tickets
	Site    string        // https address of the portal that has no name of its own
	Share   Share         // the numbers and codes to give out, where there can be several brokers

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

// SignedIn is a rep who proved to be Rep on Conn. Idle is told to the console:
// after so long without Active SignedOut follows.
//
// Certificate is told to the console as well, if there is one.
type SignedIn struct {
	Conn        Conn
	Rep         Rep
	Idle        time.Duration
	Certificate []byte
}

// SignedOut ends a rep's login on Conn: Code says why, 0 that the rep wanted
// it. The connection and the rep's sessions go on.
type SignedOut struct {
	Conn Conn
	Code wire.Code
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

// EverythingRevoked ends all keys and sessions from before a moment (row A06).
// Who only waits goes on waiting: no rep has got anything of theirs. But codes
// that let a program in do so no more.
type EverythingRevoked struct{ Before time.Time }

// Come is a customer whom a portal lets in. Placed with the same Ask answers.
type Come struct {
	Ask     uint64
	Arrival Arrival
}

// Settled are new settings and people.
type Settled struct {
	Settings     settings.Settings
	Organisation people.Organisation
}

// Adopted is what another broker had that is no more. From now on it is ours.
type Adopted struct{ Batch Batch }

// Found answers Find: where it is, if it is somewhere else.
type Found struct {
	Find
	Address string // of the broker that has it; empty: no other has
	Busy    bool   // nobody was asked: the client may try again, which costs nothing
}

// Neighbours are the brokers that serve, this one too, whenever that changes.
type Neighbours struct{ Addresses []string }

// Tick lets time pass. Once a second, and when Wake says, is enough.
type Tick struct{}

func (Opened) event()            {}
func (SignedIn) event()          {}
func (SignedOut) event()         {}
func (Said) event()              {}
func (Closed) event()            {}
func (Struck) event()            {}
func (EverythingRevoked) event() {}
func (Come) event()              {}
func (Settled) event()           {}
func (Adopted) event()           {}
func (Found) event()             {}
func (Neighbours) event()        {}
func (Tick) event()              {}

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

// Wake asks for a Tick at a time; it takes the place of a later one that was
// asked for.
type Wake struct{ At time.Time }

// Placed answers Come. Err is ErrBusy, ErrNoQueue, or a failure.
type Placed struct {
	Ask   uint64
	Place Place
	Err   error
}

// Stands is how the visitor of a page stands from now on; a Standing without a
// State is forgotten.
type Stands struct {
	Page     [sha256.Size]byte
	Standing Standing
}

// Listed are the reps who can be asked for by name from now on, in order, and
// the portals that list them.
type Listed struct {
	Portals []string
	Reps    []Present
}

// Find asks which broker has what a client wants that this one does not have.
// Found answers, with the same.
type Find struct {
	Conn    Conn
	Message wire.Message // the client's
	What    Sought
}

// SaveKey keeps a key, replacing what was kept of it.
type SaveKey struct{ Key Key }

// SaveSession keeps a session, replacing what was kept of it.
type SaveSession struct{ Session Session }

// SaveVisit keeps a visit, replacing what was kept of it.
type SaveVisit struct{ Visit Visit }

// SaveWait keeps a wait.
type SaveWait struct{ Wait Wait }

// SaveFact keeps a fact.
type SaveFact struct{ Fact Fact }

// SaveLog keeps a part of what was said in a session.
type SaveLog struct{ Part LogPart }

func (Send) effect()        {}
func (Close) effect()       {}
func (Wake) effect()        {}
func (Placed) effect()      {}
func (Stands) effect()      {}
func (Listed) effect()      {}
func (Find) effect()        {}
func (SaveKey) effect()     {}
func (SaveSession) effect() {}
func (SaveVisit) effect()   {}
func (SaveWait) effect()    {}
func (SaveFact) effect()    {}
func (SaveLog) effect()     {}

// Batch is what effects want kept, all of it or nothing.
type Batch struct {
	Keys     []Key
	Sessions []Session
	Visits   []Visit
	Waits    []Wait
	Facts    []Fact
	Logs     []LogPart
}

// Add puts e into the batch, if it is to be kept.
func (b *Batch) Add(e Effect) {
	switch e := e.(type) {
	case SaveKey:
		b.Keys = append(b.Keys, e.Key)
	case SaveSession:
		b.Sessions = append(b.Sessions, e.Session)
	case SaveVisit:
		b.Visits = append(b.Visits, e.Visit)
	case SaveWait:
		b.Waits = append(b.Waits, e.Wait)
	case SaveFact:
		b.Facts = append(b.Facts, e.Fact)
	case SaveLog:
		b.Logs = append(b.Logs, e.Part)
	}
}

// Empty says whether there is nothing to keep.
func (b *Batch) Empty() bool {
	return len(b.Keys)+len(b.Sessions)+len(b.Visits)+len(b.Waits)+len(b.Facts)+len(b.Logs) == 0
}

// client is one open connection.
type client struct {
	Opened
	in    map[wire.SessionID]*meeting // where this connection is a side
	waits *slot                       // a customer's: the key whose waiter this is
	visit *visit                      // a customer's

	// Of a rep:
	rep     uint64 // 0 until signed in
	name    string
	queues  []wire.Queue  // last told
	targets []wire.Target // likewise
	sees    map[string]bool
	shown   map[wire.SessionID]uint64 // versions of visits
	owes    map[wire.SessionID]bool   // whether a visit is in owed
	owed    []wire.SessionID
	pushes  bool                      // may push notices, and knows it
	proved  map[wire.SessionID]uint64 // the reps for whom it speaks about these
}

// Lobby is all keys, connections, queues and sessions of one broker. Make it
// with New.
type Lobby struct {
	rules    Rules
	settings settings.Settings
	people   people.Organisation
	settled  bool      // the two are the organisation's
	revoked  time.Time // everything from before
	budget   budget
	logged   map[uint64]*Bucket // by reps, for what they have kept of sessions
	clients  map[Conn]*client
	reps     map[uint64]Conn      // where a rep is signed in
	here     []*client            // those, in order
	went     map[uint64]time.Time // when reps left; zero: for good
	numbers  map[string]*slot
	requests map[request]*slot
	meetings map[wire.SessionID]*meeting
	takes    map[request]wire.SessionID
	visits   map[wire.SessionID]*visit
	codes    map[string]*visit
	pages    map[[sha256.Size]byte]*visit
	lines    map[string][]*visit // the queues, in order
	eyes     map[string]eyes     // on queues
	history  map[string]*history // of queues
	order    uint64              // of the last one who came into a queue
	listed   Listed
	portals  []*wire.Portal      // that take keys, as reps were told
	brokers  []string            // that serve
	boards   []*wire.Noticeboard // as those who may push notices were told; nil where nobody is
	boarded  time.Time           // when it was last looked whether they are others
	reached  map[pushed]uint32   // how many waited when a notice was pushed

	dirty   map[string]bool // queues of which something is to be told
	staff   bool            // who is here, or could take over, has changed
	pending bool            // nobody's page has been told how it stands
	due     time.Time       // when it is told; zero: nothing is to be
	flushed time.Time       // when it was last
	swept   time.Time       // when time was last looked at
	born    time.Time       // when this lobby was restored

	now time.Time // of the Step under way
	out []Effect  // likewise
}

// New makes an empty lobby. Until the first Settled it is an organisation that
// has changed nothing and knows nobody.
func New(rules Rules) *Lobby {
	if rules.KeyLife == 0 {
		rules.KeyLife = KeyLife
	}
	return &Lobby{
		rules:    rules,
		settings: settings.Default(""),
		budget:   newBudget(),
		logged:   map[uint64]*Bucket{},
		clients:  map[Conn]*client{},
		reps:     map[uint64]Conn{},
		went:     map[uint64]time.Time{},
		numbers:  map[string]*slot{},
		requests: map[request]*slot{},
		meetings: map[wire.SessionID]*meeting{},
		takes:    map[request]wire.SessionID{},
		visits:   map[wire.SessionID]*visit{},
		codes:    map[string]*visit{},
		pages:    map[[sha256.Size]byte]*visit{},
		lines:    map[string][]*visit{},
		eyes:     map[string]eyes{},
		history:  map[string]*history{},
		dirty:    map[string]bool{},
		reached:  map[pushed]uint32{},
	}
}

// Step takes one event and returns what to do about it.
func (l *Lobby) Step(now time.Time, e Event) []Effect {
	l.out, l.now = nil, now
	switch e := e.(type) {
	case Opened:
		l.clients[e.Conn] = &client{Opened: e, in: map[wire.SessionID]*meeting{}}
	case SignedIn:
		l.signIn(now, e)
	case SignedOut:
		l.signOut(now, e)
	case Said:
		if c := l.clients[e.Conn]; c != nil {
			l.said(now, c, e.Message)
		}
	case Closed:
		l.closed(now, e.Conn)
	case Struck:
		l.struck(now, e.Rep)
	case EverythingRevoked:
		l.revoke(now, e.Before)
	case Come:
		l.come(now, e)
	case Settled:
		l.settle(now, e)
	case Adopted:
		l.adopt(now, e.Batch)
	case Found:
		l.found(now, e)
	case Neighbours:
		l.neighbours(e)
	case Tick:
		l.tick(now)
	}
	return l.out
}

func (l *Lobby) said(now time.Time, c *client, m wire.Message) {
	stranger := c.Role == wire.RoleRep && c.rep == 0 && !ForStrangers(m)
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
		l.join(now, c, m, false)
	case *wire.Enter:
		l.enter(now, c, m, false)
	case *wire.Decision:
		l.decision(now, c, m)
	case *wire.Take:
		l.take(now, c, m)
	case *wire.HandOn:
		l.handOn(now, c, m)
	case *wire.Signal:
		l.signal(c, m)
	case *wire.Leave:
		l.leave(now, c, m)
	case *wire.Rejoin:
		l.rejoin(now, c, m, false)
	case *wire.Linked:
		c.linked(now, m)
	case *wire.Answers:
		l.answers(now, c, m)
	case *wire.Log:
		l.log(now, c, m)
	default:
		l.refuse(c.Conn, wire.CodeOutOfPlace, m.Kind(), [16]byte{})
	}
}

// ForStrangers says whether a rep's console may say m without being signed in:
// a session goes on, is asked about, and its record is told, though its rep was
// logged out, and its ticket proves the rep.
func ForStrangers(m wire.Message) bool {
	switch m.(type) {
	case *wire.Rejoin, *wire.Signal, *wire.Leave, *wire.Answers, *wire.Log:
		return true
	}
	return false
}

// closed forgets a connection. Its sessions go on without it: they are end to
// end, and only Leave ends one.
func (l *Lobby) closed(now time.Time, conn Conn) {
	c := l.clients[conn]
	if c == nil {
		return
	}
	if c.rep != 0 {
		l.leaves(now, c, false)
	}
	delete(l.clients, conn)
	for _, m := range c.in {
		m.detach(now, c)
	}
	if c.waits != nil {
		c.waits.waiter = nil
	}
	if v := c.visit; v != nil {
		v.lose(now)
		if v.State == Waits {
			l.changed(v)
		}
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
	l.distrust(func(_ *visit, whose uint64) bool { return whose == rep })
	if conn := l.reps[rep]; conn != 0 {
		l.refuse(conn, wire.CodeNotEnrolled, 0, [16]byte{})
		l.do(Close{Conn: conn, Reason: "rep revoked"})
		l.leaves(now, l.clients[conn], true)
	}
}

func (l *Lobby) revoke(now, before time.Time) {
	l.revoked = before
	for _, s := range l.sorted(func(s *slot) bool { return s.State != KeyEnded && s.Made.Before(before) }) {
		l.endKey(now, s, wire.KeyRevoked)
	}
	for _, m := range l.sortedMeetings(func(m *meeting) bool { return m.Started.Before(before) }) {
		l.finish(now, m, wire.EndByBroker)
	}
	for _, v := range l.sortedVisits(func(v *visit) bool { return v.Code != "" && v.Came.Before(before) }) {
		if v.State == Expected {
			l.end(now, v, wire.EndByBroker, false)
			continue
		}
		l.forgetCode(v)
		l.saveVisit(v)
	}
	l.distrust(func(v *visit, _ uint64) bool { return v.Came.Before(before) })
}

func (l *Lobby) tick(now time.Time) {
	if since := now.Sub(l.swept); since >= sweepEvery || since < 0 {
		l.swept = now
		l.expireKeys(now)
		l.endRested(now)
		l.endLeft(now)
		l.sweepLost(now)
		l.sweepVisits(now)
		l.sweepQueues(now)
		l.budget.forget(now)
		l.sweepLogged(now)
	}
	l.sweepBoards(now)
	l.flush(now)
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
