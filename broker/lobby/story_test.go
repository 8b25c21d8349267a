package lobby

import (
	"crypto/sha256"
	"fmt"
	"math/rand"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/story"
	"handrail/shared/wire"
)

// TestStories plays testdata/stories: each is one sentence of PRODUCT.md, told
// so that somebody who manages support can review it. Lines that begin with a
// colon say what the organisation has decided; lines with a time of day and an
// act are what people do. The indented lines below are what came of it; where
// that happens later, its time stands alone.
func TestStories(t *testing.T) { story.Run(t, play) }

// stage is a lobby with people around it.
type stage struct {
	t      *testing.T
	l      *Lobby
	rules  Rules
	kept   keptRecords
	now    time.Time
	wake   time.Time // zero: nobody waits to be woken
	set    settings.Settings
	people people.Organisation
	begun  bool
	show   map[string]bool // kinds of outcomes that are told besides
	next   Conn
	guests map[string]*guest
	staff  map[string]Conn
	conns  map[Conn]string
	taken  byte
	key    string // number of the last that was made
	out    strings.Builder
	at     time.Time // of the line that outcomes stand below
}

// guest is a customer of a story.
type guest struct {
	name   string
	page   [32]byte
	code   string
	id     wire.SessionID
	ticket []byte
	repsOf map[string][]byte // tickets of the reps who have the customer, or had it
	conn   Conn
	asked  uint32
}

var storyDay = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func newStage(t *testing.T) *stage {
	portal := settings.NewPortal(settings.Main, "Example Ltd")
	portal.Waiting = settings.Waiting{Position: true, HoldEvery: -1}
	portal.Starts.Issues = true
	portal.Texts = map[string]map[settings.TextName]string{"en": {settings.Greeting: "Welcome to {portal}."}}
	st := &stage{
		t: t, now: storyDay.Add(9 * time.Hour), rules: Rules{Random: rand.New(rand.NewSource(1)), Site: "https://help.example.org"},
		set:    settings.Settings{Portals: map[string]settings.Portal{settings.Main: portal}},
		people: people.Organisation{Reps: map[uint64]people.Rep{}, Teams: map[uint64]people.Team{}},
		show:   map[string]bool{}, guests: map[string]*guest{}, staff: map[string]Conn{}, conns: map[Conn]string{},
		kept: newKeptRecords(),
	}
	for i, name := range []string{"Anna", "Bert", "Clara"} {
		id := uint64(i + 1)
		st.people.Reps[id] = people.Rep{ID: id, PublicName: name, Listed: true, Order: 10 + i}
	}
	return st
}

var timed = regexp.MustCompile(`^(\d\d:\d\d:\d\d)( +(.*))?$`)

func play(t *testing.T, text string) string {
	st := newStage(t)
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch m := timed.FindStringSubmatch(line); {
		case strings.HasPrefix(line, "#") || line == "":
			fmt.Fprintln(&st.out, line)
		case strings.HasPrefix(line, ":"):
			fmt.Fprintln(&st.out, line)
			st.decide(strings.Fields(line[1:]))
		case m != nil && m[3] != "":
			clock, err := time.Parse(time.TimeOnly, m[1])
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			st.begin()
			st.until(storyDay.Add(clock.Sub(clock.Truncate(24 * time.Hour))))
			st.at = st.now
			fmt.Fprintln(&st.out, line)
			st.act(m[3])
			st.woken()
		}
	}
	return st.out.String()
}

// begin lets the organisation's decisions hold before anybody does anything.
func (st *stage) begin() {
	if st.begun {
		return
	}
	st.begun = true
	st.l = New(st.rules)
	st.step(Settled{Settings: st.set, Organisation: st.people})
}

// until lets time pass, second by second.
func (st *stage) until(t time.Time) {
	for st.now.Before(t) {
		next := st.now.Add(time.Second).Truncate(time.Second)
		if !st.wake.IsZero() && st.wake.Before(next) {
			next = st.wake
		}
		if next.After(t) {
			next = t
		}
		st.now = next
		st.wake = time.Time{}
		st.step(Tick{})
	}
}

// woken lets the lobby do what it wanted to do at once.
func (st *stage) woken() {
	for !st.wake.IsZero() && !st.wake.After(st.now) {
		st.wake = time.Time{}
		st.step(Tick{})
	}
}

func (st *stage) step(e Event) {
	for _, f := range st.l.Step(st.now, e) {
		st.kept.keep(f)
		switch f := f.(type) {
		case Wake:
			st.wake = f.At
		case Send:
			st.hear(f.To, f.Message)
		case Placed:
			st.placed(f)
		case Listed:
			var names []string
			for _, r := range f.Reps {
				names = append(names, r.Name)
			}
			st.tell("the portal lists %s", list(names, "nobody"))
		case Stands:
			st.stands(f)
		case SaveFact:
			st.record(f.Fact)
		case SaveLog:
			st.part(f.Part)
		}
	}
}

// tell writes an outcome, below its time.
func (st *stage) tell(format string, args ...any) {
	if !st.at.Equal(st.now) {
		st.at = st.now
		clock := st.now.Format(time.TimeOnly)
		if st.now.Nanosecond() != 0 {
			clock = st.now.Format("15:04:05.000")
		}
		fmt.Fprintln(&st.out, clock)
	}
	fmt.Fprintf(&st.out, "     "+format+"\n", args...)
}

func list(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}

func (st *stage) open(name string, role wire.Role, from string) Conn {
	st.next++
	st.conns[st.next] = name
	st.step(Opened{Conn: st.next, From: from, Role: role, System: "linux"})
	return st.next
}

func (st *stage) guest(name string) *guest {
	g := st.guests[name]
	if g == nil {
		g = &guest{name: name, page: sha256.Sum256([]byte(name)), repsOf: map[string][]byte{}}
		st.guests[name] = g
	}
	return g
}

// who is the customer of a session.
func (st *stage) who(id wire.SessionID) *guest {
	for _, g := range st.guests {
		if g.id == id {
			return g
		}
	}
	return &guest{name: "somebody"}
}

// queueOf reads "Anna", "team Network" or "anybody".
func (st *stage) queueOf(words []string) string {
	what := strings.Join(words, " ")
	if name, is := strings.CutPrefix(what, "team "); is {
		for id, t := range st.people.Teams {
			if t.Name == name {
				return settings.TeamQueue(id)
			}
		}
		return settings.TeamQueue(99)
	}
	if what == "anybody" {
		return settings.General
	}
	return settings.RepQueue(st.repOf(what))
}

func (st *stage) repOf(name string) uint64 {
	for id, r := range st.people.Reps {
		if r.PublicName == name {
			return id
		}
	}
	return 99
}

// named is queueOf's way back.
func (st *stage) named(queue string) string {
	team, rep, _ := settings.ParseQueue(queue)
	switch {
	case team != 0:
		return "team " + st.people.Teams[team].Name
	case rep != 0:
		return st.people.Reps[rep].PublicName
	}
	return "anybody"
}

// keptRecords is what a broker would read after a restart.
type keptRecords struct {
	keys     map[request]Key
	sessions map[wire.SessionID]Session
	visits   map[wire.SessionID]Visit
	waits    []Wait
}

func newKeptRecords() keptRecords {
	return keptRecords{keys: map[request]Key{}, sessions: map[wire.SessionID]Session{}, visits: map[wire.SessionID]Visit{}}
}

func (k *keptRecords) keep(f Effect) {
	switch f := f.(type) {
	case SaveKey:
		k.keys[request{f.Key.Rep, f.Key.Request}] = f.Key
	case SaveSession:
		k.sessions[f.Session.ID] = f.Session
	case SaveVisit:
		k.visits[f.Visit.ID] = f.Visit
	case SaveWait:
		k.waits = append(k.waits, f.Wait)
	}
}

func (k *keptRecords) batch() Batch {
	var b Batch
	for _, x := range k.keys {
		b.Keys = append(b.Keys, x)
	}
	for _, x := range k.sessions {
		b.Sessions = append(b.Sessions, x)
	}
	for _, x := range k.visits {
		b.Visits = append(b.Visits, x)
	}
	b.Waits = slices.Clone(k.waits)
	return b
}
