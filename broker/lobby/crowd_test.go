package lobby

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"maps"
	"math/rand"
	"slices"
	"testing"
	"time"

	"handrail/broker/people"
	"handrail/broker/policy"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// FuzzCrowd lets customers, reps and an administrator do what they like in any
// order, with broken connections and restarts between, and holds after each
// step what must always hold: see crowd.check.
func FuzzCrowd(f *testing.F) {
	random := rand.New(rand.NewSource(7))
	for n := range 12 {
		program := make([]byte, 60+40*n)
		random.Read(program)
		f.Add(program)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 1200 {
			program = program[:1200]
		}
		first := newCrowd(t, program)
		first.run()
		again := newCrowd(t, program)
		again.run()
		if string(first.trace.Sum(nil)) != string(again.trace.Sum(nil)) {
			t.Error("the same events made other effects")
		}
	})
}

// TestACrowdOfCustomersAndReps is the same with more of it.
func TestACrowdOfCustomersAndReps(t *testing.T) {
	for seed := range int64(150) {
		program := make([]byte, 900)
		rand.New(rand.NewSource(seed)).Read(program)
		newCrowd(t, program).run()
	}
}

const (
	crowdGuests = 6
	crowdReps   = 4
)

// crowd is people who read what to do next from a program.
type crowd struct {
	t       *testing.T
	program []byte
	l       *Lobby
	rules   Rules
	now     time.Time
	due     time.Time
	kept    keptRecords
	set     settings.Settings
	people  people.Organisation
	next    Conn
	trace   hash.Hash

	guests [crowdGuests]crowdGuest
	reps   [crowdReps]crowdRep
	pages  int
	taken  byte
	told   map[crowdLog]*crowdTold
}

// crowdLog is what a rep tells of a session, and crowdTold how far it has come.
type crowdLog struct {
	id  wire.SessionID
	rep uint64
}

type crowdTold struct {
	kept, logged uint32 // parts, and those that the rep was told of
	at           time.Time
	facts        map[string]bool
}

type crowdGuest struct {
	conn     Conn
	code     string
	id       wire.SessionID
	ticket   []byte
	question uint32
	position uint32
	waiting  bool // as far as it knows
}

type crowdRep struct {
	conn Conn
	sees map[wire.SessionID]bool
	in   map[wire.SessionID][]byte // sessions, and the rep's tickets
	had  map[wire.SessionID][]byte // likewise, of those that are over for the rep too
}

func newCrowd(t *testing.T, program []byte) *crowd {
	c := &crowd{
		t: t, program: program, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), kept: newKeptRecords(), trace: sha256.New(), told: map[crowdLog]*crowdTold{},
		rules: Rules{Random: rand.New(rand.NewSource(3))},
	}
	c.people = people.Organisation{
		Reps: map[uint64]people.Rep{}, Teams: map[uint64]people.Team{
			1: {ID: 1, Name: "Network", Members: map[uint64]people.Rank{1: people.Member, 2: people.Lead}},
			2: {ID: 2, Name: "Printers", Members: map[uint64]people.Rank{2: people.Member, 3: people.Manager}},
		},
	}
	for id := range uint64(crowdReps) {
		c.people.Reps[id+1] = people.Rep{ID: id + 1, PublicName: fmt.Sprint("Rep ", id+1), Listed: true}
		c.reps[id].sees, c.reps[id].in, c.reps[id].had = map[wire.SessionID]bool{}, map[wire.SessionID][]byte{}, map[wire.SessionID][]byte{}
	}
	for i := range c.guests {
		c.guests[i].code = "000000000"
	}
	c.l = New(c.rules)
	c.decide(c.read())
	return c
}

func (c *crowd) read() byte {
	if len(c.program) == 0 {
		return 0
	}
	b := c.program[0]
	c.program = c.program[1:]
	return b
}

// decide lets the administrator change everything, by the bits of b.
func (c *crowd) decide(b byte) {
	on := func(bit int) bool { return b>>bit&1 == 1 }
	p := settings.NewPortal(settings.Main, "Example Ltd")
	p.Starts.Reps = true
	p.Agreement.On, p.Recording = on(0), on(1)
	p.Waiting.HoldEvery = 10
	p.Nobody.Stay = on(2)
	p.Nobody.Minutes = int(b >> 6)
	p.Lost = settings.Lost{NoLastQueue: on(3), NoFirstQueue: on(4), After: 5}
	if on(5) {
		p.Lost.Fallback = settings.TeamQueue(2)
	}
	p.Survey = []settings.Question{{ID: 1, Form: wire.FormRating, Texts: map[string]string{"en": "How?"}}}
	c.set = settings.Settings{Portals: map[string]settings.Portal{settings.Main: p}}
	c.set.Records.Keep = wire.Keep(b % 3)
	if on(7) {
		c.set.Queues.Persistent = []string{settings.TeamQueue(1)}
		p.Notices = []settings.Notice{{ID: uint64(b), Title: "News", Text: "of today", Pushed: true, Leave: true}}
		c.set.Portals[settings.Main] = p
	}
	if on(6) {
		c.set.TeamPolicies = map[uint64]policy.Policy{2: {policy.Transfer: policy.Deny}}
	}
	c.step(Settled{Settings: c.set, Organisation: c.people})
}

func (c *crowd) run() {
	for len(c.program) > 0 {
		c.act(c.read())
		c.wake()
		c.check()
		if c.t.Failed() {
			return
		}
	}
	c.settles()
	c.emptyHouse()
}

// act is one thing that somebody does.
func (c *crowd) act(b byte) {
	whom := int(c.read())
	who, whom := whom%crowdGuests, whom/crowdGuests
	g, r := &c.guests[who], &c.reps[whom%crowdReps]
	queue := []string{"general", "team:1", "team:2", "rep:1", "rep:2", "rep:3", "team:9", "rep:99"}[whom/crowdReps%8]
	guestSays := func(m wire.Message) { c.step(Said{Conn: g.conn, Message: m}) }
	repSays := func(m wire.Message) { c.step(Said{Conn: r.conn, Message: m}) }
	switch b & 31 {
	case 0, 1, 2, 3:
		c.pages++
		if c.pages > 200 {
			return
		}
		c.step(Come{Ask: uint64(who), Arrival: Arrival{
			Portal: settings.Main, Queue: queue, Name: "Maria", Page: sha256.Sum256([]byte{byte(c.pages)}), From: fmt.Sprint(c.pages),
		}})
		c.enter(g)
	case 4:
		c.enter(g)
	case 5, 6:
		guestSays(&wire.Decision{Session: g.id, ID: g.question, Yes: b&64 == 0})
	case 7:
		guestSays(&wire.Leave{Session: g.id, Why: wire.EndWhy(b>>5%12) + 1})
	case 8:
		c.step(Closed{Conn: g.conn})
	case 9, 10:
		g.conn = c.open(wire.RoleCustomer)
		c.step(Said{Conn: g.conn, Message: &wire.Rejoin{Session: g.id, Ticket: g.ticket}})
	case 11:
		guestSays(&wire.Signal{Session: g.id, Epoch: 1})
	case 12:
		guestSays(&wire.Answers{Session: g.id, Answers: []wire.SurveyAnswer{{ID: 1, Rating: b >> 5 % 6}}})
	case 13, 14, 15:
		c.signIn(r)
	case 16:
		c.step(SignedOut{Conn: r.conn, Code: wire.Code(b >> 7 * 16)})
	case 17:
		c.step(Closed{Conn: r.conn})
	case 18, 19, 20:
		c.taken++
		repSays(&wire.Take{Request: [16]byte{c.taken}})
	case 21:
		repSays(&wire.Take{Request: [16]byte{c.taken}, Queue: queue}) // maybe said again
	case 22:
		c.taken++
		repSays(&wire.Take{Request: [16]byte{c.taken}, Session: g.id})
	case 23, 24:
		repSays(&wire.HandOn{Session: r.one(g.id), Queue: queue, Note: "note"})
	case 25:
		repSays(&wire.Leave{Session: r.one(g.id), Why: wire.EndByRep})
	case 26:
		id := r.another(g.id, b)
		if b>>7 == 1 { // without being signed in
			c.step(Closed{Conn: r.conn})
			r.conn, r.sees = c.open(wire.RoleRep), map[wire.SessionID]bool{}
		}
		repSays(&wire.Rejoin{Session: id, Ticket: r.had[id]})
	case 30:
		c.log(r, r.another(g.id, b), b)
	case 27:
		c.decide(c.read())
	case 28:
		c.restart()
	case 29:
		if whom%2 == 0 {
			c.step(EverythingRevoked{Before: c.now})
			return
		}
		c.step(Struck{Rep: uint64(b>>5%crowdReps) + 1})
	default:
		c.pass(time.Duration(b>>5) * 7 * time.Second)
	}
}

// one is a session of the rep's, or else the one that is offered.
func (r *crowdRep) one(other wire.SessionID) wire.SessionID {
	least := other
	for id := range r.in {
		if _, mine := r.in[least]; !mine || slices.Compare(id[:], least[:]) < 0 {
			least = id
		}
	}
	return least
}

// another is any session that the rep has or had, or else the one that is
// offered.
func (r *crowdRep) another(other wire.SessionID, b byte) wire.SessionID {
	all := slices.SortedFunc(maps.Keys(r.had), func(a, b wire.SessionID) int { return slices.Compare(a[:], b[:]) })
	if len(all) == 0 {
		return other
	}
	return all[int(b>>5)%len(all)]
}

// log tells the next part of a session, or the last one again, or leaves one
// out; the clock of the rep's console is wrong now and then.
func (c *crowd) log(r *crowdRep, id wire.SessionID, b byte) {
	more := c.read()
	rep := uint64(slices.IndexFunc(c.reps[:], func(o crowdRep) bool { return o.conn == r.conn })) + 1
	part := uint32(1)
	if t := c.told[crowdLog{id, rep}]; t != nil {
		part = t.kept + 1
	}
	if b>>5 == 0 {
		part = max(1, part+uint32(more%3)-1)
	}
	m := &wire.Log{Session: id, Part: part}
	for n := range more % 4 {
		m.Entries = append(m.Entries, wire.Entry{
			At: c.now.Add(time.Duration(int(more)-128) * time.Minute * time.Duration(n)).UnixMilli(), Happened: wire.Happened(more>>2%6) + 1,
			By: wire.RoleRep, Text: "words", What: wire.View, Verdict: wire.Allowed, Why: wire.SharingGranted, ID: uint32(n), State: wire.FileState(more>>4%5) + 1,
		})
	}
	if more>>7 == 1 || len(m.Entries) == 0 {
		m.Sealed = []byte("words")
	}
	c.step(Said{Conn: r.conn, Message: m})
}

func (c *crowd) open(role wire.Role) Conn {
	c.next++
	c.step(Opened{Conn: c.next, From: fmt.Sprint(c.next), Role: role, System: "linux"})
	return c.next
}

func (c *crowd) enter(g *crowdGuest) {
	g.conn = c.open(wire.RoleCustomer)
	c.step(Said{Conn: g.conn, Message: &wire.Enter{Code: g.code}})
}

func (c *crowd) signIn(r *crowdRep) {
	r.conn = c.open(wire.RoleRep)
	r.sees = map[wire.SessionID]bool{}
	id := uint64(slices.IndexFunc(c.reps[:], func(o crowdRep) bool { return o.conn == r.conn })) + 1
	c.step(SignedIn{Conn: r.conn, Rep: Rep{ID: id, Name: fmt.Sprint("Rep ", id)}})
}

// restart is the broker killed and started again with what it kept. The order
// of those who wait must be the same.
func (c *crowd) restart() {
	lines := c.lines()
	c.l = New(c.rules)
	c.l.Restore(c.now, c.kept.batch())
	if after := c.lines(); !maps.EqualFunc(lines, after, slices.Equal) {
		c.t.Errorf("after a restart the queues are %v, before it %v", after, lines)
	}
	c.due = time.Time{}
	for i := range c.guests {
		c.guests[i].conn = 0
	}
	for i := range c.reps {
		c.reps[i].conn, c.reps[i].sees = 0, map[wire.SessionID]bool{}
	}
	c.step(Settled{Settings: c.set, Organisation: c.people})
}

func (c *crowd) lines() map[string][]wire.SessionID {
	all := map[string][]wire.SessionID{}
	for name, line := range c.l.lines {
		for _, v := range line {
			all[name] = append(all[name], v.ID)
		}
	}
	return all
}

func (c *crowd) pass(d time.Duration) {
	for end := c.now.Add(d); c.now.Before(end); {
		c.now = c.now.Add(max(time.Second, d/100))
		c.due = time.Time{}
		c.step(Tick{})
	}
}

// wake does what the lobby wanted to do at once.
func (c *crowd) wake() {
	if !c.due.IsZero() && !c.due.After(c.now) {
		c.due = time.Time{}
		c.step(Tick{})
	}
}

func (c *crowd) step(e Event) {
	effects := c.l.Step(c.now, e)
	for _, f := range effects { // all of it before anything is said
		c.kept.keep(f)
		c.note(f)
		c.logged(f)
	}
	for _, f := range effects {
		switch f := f.(type) {
		case Wake:
			c.due = f.At
		case Placed:
			if f.Err == nil {
				c.guests[f.Ask].code = f.Place.Code
			}
		case Send:
			c.hear(f.To, f.Message)
		}
	}
}

// note writes an effect down, to compare it with those of another run.
func (c *crowd) note(f Effect) {
	m, said := f.(Send)
	if !said {
		fmt.Fprintf(c.trace, "%T %+v\n", f, f)
		return
	}
	b, err := wire.Append(nil, wire.Packet{Body: m.Message})
	if err != nil {
		c.t.Errorf("%+v can't be sent: %v", m.Message, err)
	}
	fmt.Fprintf(c.trace, "%d %x\n", m.To, b)
}
