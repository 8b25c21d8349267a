package shift

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const (
	b2 = "b2.test:4443"
	b3 = "b3.test:4443"
)

// exchange plays lines to a switchboard.
type exchange struct {
	*switchboard
	t   *testing.T
	now time.Time
}

// newExchange has lines home and to these, and the rep signed in on all.
func newExchange(t *testing.T, others ...string) *exchange {
	t.Helper()
	x := &exchange{newSwitchboard(), t, time.Unix(1e9, 0)}
	x.set(x.now, others)
	for _, at := range append([]string{home}, others...) {
		x.up(at)
	}
	return x
}

func (x *exchange) tell(at string, e console.Event) []console.Event { return x.hear(x.now, at, e) }

func (x *exchange) up(at string, keys ...console.KeyMade) console.SignedIn {
	x.t.Helper()
	for _, e := range x.tell(at, console.SignedIn{Rep: 1, Keys: keys}) {
		x.tell(at, console.Queues{Queues: []wire.Queue{{ID: "team:1", Name: "Printers"}, {ID: at + "'s"}}})
		return e.(console.SignedIn)
	}
	x.t.Fatalf("not signed in at %q", at)
	return console.SignedIn{}
}

// waits has somebody wait at a line for so many seconds.
func (x *exchange) waits(at string, id byte, since int) []console.Event {
	return x.tell(at, console.Visitor{
		Visitor: wire.Visitor{Session: wire.SessionID{id}, Queue: "team:1", Here: true}, Since: x.now.Add(-time.Duration(since) * time.Second),
	})
}

// said gives what was said since the last time: line and kind of message.
func (x *exchange) said() []string {
	var all []string
	for _, p := range x.posts {
		all = append(all, fmt.Sprintf("%s %T", p.at, p.m))
	}
	x.posts = nil
	return all
}

func (x *exchange) wantSaid(want ...string) {
	x.t.Helper()
	if got := x.said(); !slices.Equal(got, want) {
		x.t.Errorf("said %q, want %q", got, want)
	}
}

func (x *exchange) lost(at string) []wire.SessionID {
	for _, e := range x.lose(x.now, at) {
		if e, ok := e.(console.VisitorsLost); ok {
			return e.IDs
		}
	}
	return nil
}

func TestZ05WhoWaitsAnywhereIsInOneList(t *testing.T) {
	x := newExchange(t, b2)
	if got := x.queues().Queues; len(got) != 3 || got[0].ID != "team:1" || got[1].ID != "'s" || got[2].ID != b2+"'s" {
		t.Errorf("queues %+v", got)
	}
	x.tell(home, console.Targets{Targets: []wire.Target{{Queue: "rep:2"}, {Queue: "rep:3"}}})
	e := x.tell(b2, console.Targets{Targets: []wire.Target{{Queue: "rep:4"}, {Queue: "rep:2", Here: true}}})
	want := []wire.Target{{Queue: "rep:2", Here: true}, {Queue: "rep:3"}, {Queue: "rep:4"}}
	if got := e[0].(console.Targets).Targets; !slices.Equal(got, want) {
		t.Errorf("targets %+v", got)
	}
	if len(x.waits(home, 1, 10)) != 1 || len(x.waits(b2, 2, 20)) != 1 {
		t.Error("somebody is not shown")
	}
	if gone := x.tell(b2, console.VisitorGone{ID: wire.SessionID{1}}); gone != nil {
		t.Errorf("b2 sends away who waits at home: %v", gone)
	}
	x.waits(b2, 1, 10) // b2 has taken over
	if x.tell(home, console.VisitorGone{ID: wire.SessionID{1}}) != nil || x.waitsAt(wire.SessionID{1}) != b2 {
		t.Error("a visitor is not of the line that told of it last")
	}
	if lost := x.lost(b2); len(lost) != 2 {
		t.Errorf("lost %v", lost)
	}
	if got := x.waits(b2, 3, 1); got != nil {
		t.Errorf("a line without a rep tells %v", got)
	}
}

func TestZ05NextIsWhoWaitsLongestAnywhere(t *testing.T) {
	x := newExchange(t, b2, b3)
	x.waits(home, 1, 10)
	x.waits(b2, 2, 30)
	x.waits(b3, 3, 20)
	next := console.Fetch{Request: [16]byte{7}}
	if !x.fetch(x.now, next) {
		t.Fatal("nobody is asked")
	}
	for _, want := range []string{b2, b3} {
		x.wantSaid(want + " *wire.Take")
		if e := x.tell(want, console.TakeFailed{Request: next.Request, Problem: words.NobodyWaits}); e != nil {
			t.Errorf("the rep hears %v", e)
		}
	}
	x.wantSaid(" *wire.Take")
	x.fetch(x.now, next) // as after signing in again somewhere
	x.wantSaid()
	e := x.tell(home, console.TakeFailed{Request: next.Request, Problem: words.NobodyWaits})
	if len(e) != 1 || len(x.takes) != 0 {
		t.Errorf("the rep hears %v", e)
	}

	own := console.Fetch{Request: [16]byte{8}, Session: wire.SessionID{3}}
	x.fetch(x.now, own)
	x.wantSaid(b3 + " *wire.Take")
	x.waits(b2, 3, 20) // b2 has taken over meanwhile
	x.tell(b3, console.TakeFailed{Request: own.Request, Problem: words.Taken})
	x.wantSaid(b2 + " *wire.Take")
	x.waits(b3, 3, 20)
	x.tell(b3, console.Given{ID: own.Session})
	if len(x.takes) != 0 || x.waitsAt(own.Session) != home {
		t.Error("who was given still waits")
	}
}

func TestZ05WhoWasAskedForOfALostBrokerIsAskedForWhereItGoes(t *testing.T) {
	x := newExchange(t, b2)
	x.waits(b2, 2, 30)
	own, next := console.Fetch{Request: [16]byte{7}, Session: wire.SessionID{2}}, console.Fetch{Request: [16]byte{8}}
	x.fetch(x.now, own)
	x.fetch(x.now, next)
	x.wantSaid(b2+" *wire.Take", b2+" *wire.Take")
	x.lost(b2)
	x.wantSaid(" *wire.Take") // the next one is asked for at once
	for range 3 {
		x.now = x.now.Add(lookRest)
		if e := x.look(x.now); e != nil {
			t.Errorf("the rep hears %v", e)
		}
		x.wantSaid(" *wire.Take")
		if e := x.tell(home, console.TakeFailed{Request: own.Request, Problem: words.Taken}); e != nil {
			t.Errorf("the rep hears %v too soon", e)
		}
	}
	x.now = x.now.Add(lookTime)
	if e := x.look(x.now); len(e) != 1 || e[0].(console.TakeFailed).Request != own.Request {
		t.Errorf("in the end the rep hears %v", e)
	}
}

func TestZ05AKeyIsWhereItWasToldOfLast(t *testing.T) {
	key := func(number string) console.KeyMade { return console.KeyMade{Number: number} }
	numbers := func(e console.SignedIn) []string {
		var all []string
		for _, k := range e.Keys {
			all = append(all, k.Number)
		}
		slices.Sort(all)
		return all
	}
	x := newExchange(t, b2)
	x.tell(home, key("111111"))
	x.tell(b2, key("222222"))
	if e := x.up(home, key("111111")); !slices.Equal(numbers(e), []string{"111111", "222222"}) || !e.More {
		t.Errorf("after signing in there is %v", numbers(e))
	}
	if x.tell(home, console.KeyGone{Number: "222222"}) != nil {
		t.Error("home ends a key of b2's")
	}
	x.lost(b2)
	x.tell(home, key("222222")) // taken over
	if x.keyAt("222222") != home {
		t.Error("the key has not moved")
	}
	// Home begins anew, and has nothing yet: the keys end only if nobody claims them.
	x.lost(home)
	x.up(b2)
	if e := x.up(home); !slices.Equal(numbers(e), []string{"111111", "222222"}) {
		t.Errorf("then there is %v", numbers(e))
	}
	x.tell(b2, console.KeyEntered{Number: "222222"})
	if e := x.look(x.now.Add(lookTime - 1)); e != nil {
		t.Errorf("too soon: %v", e)
	}
	x.lost(b2)
	x.up(b2) // where 222222 is in use, and open to nobody
	if e := x.look(x.now.Add(lookTime)); len(e) != 1 || e[0].(console.KeyGone).Number != "111111" {
		t.Errorf("in the end: %v", e)
	}
}

func TestZ05KeysOfABrokerThatIsNoMoreEndUnlessAnotherHasThem(t *testing.T) {
	x := newExchange(t, b2)
	for _, number := range []string{"111111", "222222"} {
		x.tell(b2, console.KeyMade{Number: number})
	}
	x.set(x.now, nil)
	x.tell(home, console.KeyMade{Number: "222222"})
	if e := x.look(x.now.Add(lookTime)); len(e) != 1 || e[0] != console.Event(console.KeyGone{Number: "111111", Why: wire.KeyExpired}) || x.looking() {
		t.Errorf("told %v", e)
	}
}

func TestZ05ANewKeyIsAskedForOnOneLine(t *testing.T) {
	x := newExchange(t, b2)
	f := console.MakeKey{Request: [16]byte{9}, Life: time.Minute}
	x.make(f)
	x.make(f)
	x.wantSaid(" *wire.NewKey")
	x.lost(home)
	x.wantSaid(b2 + " *wire.NewKey")
	if x.tell(home, console.KeyFailed{Request: f.Request}) != nil {
		t.Error("who is not asked any more refuses")
	}
	x.tell(b2, console.KeyMade{Request: f.Request, Number: "123456"})
	if x.making != nil || x.keyAt("123456") != b2 {
		t.Error("the key is not there")
	}
	x.lost(b2)
	if x.make(f) {
		t.Error("nobody is asked for a key, and it is not said")
	}
}

// TestZ05TheBrokerAtHomeSaysWhetherTheRepIsLoggedIn, and the others serve while
// it is away.
func TestZ05TheBrokerAtHomeSaysWhetherTheRepIsLoggedIn(t *testing.T) {
	x := newExchange(t, b2)
	away := console.Unlinked{Problem: words.BrokerAway, RetryAt: x.now.Add(time.Second)}
	x.lose(x.now, home)
	if e := x.tell(home, away); e != nil {
		t.Errorf("with b2 there the rep hears %v", e)
	}
	x.lose(x.now, b2)
	if e := x.tell(b2, console.Unlinked{Problem: words.Unexpected}); len(e) != 1 || e[0] != console.Event(away) {
		t.Errorf("with nobody there the rep hears %v", e)
	}
	x.up(b2)
	x.up(home)
	for _, e := range []console.Event{console.NeedLogin{}, console.NeedEnrolment{}, away} {
		if e := x.tell(b2, e); e != nil {
			t.Errorf("b2 has a say: %v", e)
		}
		x.up(b2)
	}
	x.waits(b2, 1, 10)
	if e := x.tell(home, console.NeedLogin{}); len(e) != 1 {
		t.Errorf("home says %v", e)
	}
	if x.tell(b2, console.SignedIn{}) != nil || x.waits(b2, 2, 10) != nil || len(x.visitors) != 0 {
		t.Error("who is logged out sees something")
	}
	x.up(home)
	if !x.afresh || x.in(b2) {
		t.Error("the others are not signed in anew")
	}
}

// What brokers say must not grow without end, or mix up what others have.
func TestZ05HostileBrokersAreBounded(t *testing.T) {
	x := newExchange(t, b2)
	for n := range 2 * maxWaiting {
		id := wire.SessionID{byte(n), byte(n >> 8), byte(n >> 16), 1}
		x.tell(b2, console.Visitor{Visitor: wire.Visitor{Session: id, Queue: "team:1"}})
		x.tell(b2, console.Visitor{Visitor: wire.Visitor{Session: wire.SessionID{9, byte(n), byte(n >> 8)}, Queue: "nobody's"}})
		x.tell(b2, console.KeyMade{Number: fmt.Sprintf("%06d", n)})
		x.tell(b2, console.TakeFailed{Request: [16]byte{byte(n)}})
		x.tell("b4.test:1", console.SignedIn{})
	}
	if len(x.visitors) != maxWaiting || len(x.keys) != maxKeys || len(x.takes) != 0 {
		t.Errorf("%d visitors, %d keys", len(x.visitors), len(x.keys))
	}
	x.set(x.now, nil)
	if got := slices.Sorted(maps.Keys(x.told)); !slices.Equal(got, []string{home}) || len(x.visitors) != 0 {
		t.Errorf("lines %q and %d visitors are left", got, len(x.visitors))
	}
}
